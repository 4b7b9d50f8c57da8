#include "domain/leads/lead_rules.h"

#include "core/i18n.h"
#include "core/text.h"
#include <string.h>

enum { DIGITS_OF_NUMBER = 3 /* with fewer behind it, a zero may be all that is meant */ };

static const char *const codes[LEAD_STAGES] = {
    [LEAD_NEW] = "new",         [LEAD_INTAKE] = "intake",     [LEAD_QUALIFIED] = "qualified",
    [LEAD_ACTIVE] = "active",   [LEAD_WON] = "won",           [LEAD_LOST] = "lost",
    [LEAD_DORMANT] = "dormant", [LEAD_DECLINED] = "declined",
};

const char *lead_stage_code(enum lead_stage stage) {
    return codes[stage];
}

bool lead_stage_find(const char *code, enum lead_stage *stage) {
    for (size_t i = 0; code && i < LEAD_STAGES; i++) {
        if (strcmp(codes[i], code) == 0) {
            *stage = (enum lead_stage)i;
            return true;
        }
    }
    return false;
}

bool lead_stage_is_open(enum lead_stage stage) {
    return stage <= LEAD_ACTIVE;
}

const char *lead_stages_from(enum lead_stage stage) {
    static const char *const further[LEAD_STAGES] = {
        [LEAD_NEW] = "{new,intake,qualified,active,won}", [LEAD_INTAKE] = "{intake,qualified,active,won}",
        [LEAD_QUALIFIED] = "{qualified,active,won}",      [LEAD_ACTIVE] = "{active,won}",
        [LEAD_WON] = "{won}",
    };
    return further[stage] ? further[stage] : "{}";
}

bool lead_stage_is_closed(enum lead_stage stage) {
    return stage == LEAD_WON || stage == LEAD_LOST || stage == LEAD_DECLINED;
}

void lead_moves_read(struct lead_moves *moves, const struct rows *rows) {
    *moves = (struct lead_moves){0};
    for (size_t i = 0; i < rows->nrows; i++) {
        enum lead_stage from, to;
        if (!lead_stage_find(rows_get(rows, i, "from_stage"), &from) ||
            !lead_stage_find(rows_get(rows, i, "to_stage"), &to))
            continue;
        moves->exists[from][to] = true;
        moves->staff_only[from][to] = rows_true(rows, i, "staff_only");
        moves->needs[from][to] = (rows_true(rows, i, "needs_reason") ? LEAD_NEEDS_REASON : 0U) |
                                 (rows_true(rows, i, "needs_value") ? LEAD_NEEDS_VALUE : 0U);
    }
}

bool lead_move_allowed(const struct lead_moves *moves, enum lead_stage from, enum lead_stage to,
                       enum lead_actor actor, unsigned *needs) {
    if (!moves->exists[from][to] || (moves->staff_only[from][to] && actor != LEAD_STAFF))
        return false;
    if (needs)
        *needs = moves->needs[from][to];
    return true;
}

enum lead_verdict lead_move_judge(const struct lead_moves *moves, enum lead_stage from,
                                  enum lead_stage to, enum lead_actor actor,
                                  const struct lead_reason *reason, const char *value) {
    if (from == to)
        return LEAD_MOVE_SAME;
    unsigned needs;
    if (!lead_move_allowed(moves, from, to, actor, &needs))
        return moves->exists[from][to] ? LEAD_MOVE_STAFF_ONLY : LEAD_MOVE_NEVER;
    if (reason->code && !text_equal(reason->stage, lead_stage_code(to)))
        return LEAD_MOVE_WRONG_REASON;
    if ((needs & LEAD_NEEDS_REASON) && !reason->code && text_blank(reason->text))
        return LEAD_MOVE_NO_REASON;
    if ((needs & LEAD_NEEDS_VALUE) && !lead_value_positive(value))
        return LEAD_MOVE_NO_VALUE;
    return LEAD_MOVE_OK;
}

const char *lead_verdict_field(enum lead_verdict verdict) {
    switch (verdict) {
    case LEAD_MOVE_WRONG_REASON:
        return "reason_code";
    case LEAD_MOVE_NO_REASON:
        return "reason";
    case LEAD_MOVE_NO_VALUE:
        return "estimated_value";
    default:
        return "stage";
    }
}

const char *lead_verdict_sentence(enum lead_verdict verdict) {
    switch (verdict) {
    case LEAD_MOVE_SAME:
        return N_("The lead is in this stage already.");
    case LEAD_MOVE_NEVER:
        return N_("A lead cannot go there from its present stage. Choose another one.");
    case LEAD_MOVE_STAFF_ONLY:
        return N_("Only the programme's staff can do this. Ask them, or choose another stage.");
    case LEAD_MOVE_WRONG_REASON:
        return N_("This reason belongs to another stage. Choose one that fits.");
    case LEAD_MOVE_NO_REASON:
        return N_("Say why in a few words: whoever looks at this lead later will want to know.");
    case LEAD_MOVE_NO_VALUE:
        return N_("Enter the value of the deal: a lead is won with an amount above zero.");
    case LEAD_MOVE_OK:
        break;
    }
    return NULL;
}

bool lead_editable(enum lead_stage stage, enum lead_actor actor) {
    return actor == LEAD_STAFF || !lead_stage_is_closed(stage);
}

bool lead_reachable(const char *email, const char *phone) {
    return !text_blank(email) || !text_blank(phone);
}

/* Digits before the point, without leading zeros. */
static size_t whole_digits(const char **amount) {
    *amount += strspn(*amount, "0");
    return strspn(*amount, "0123456789");
}

static int compare_amounts(const char *a, const char *b) {
    size_t na = whole_digits(&a), nb = whole_digits(&b);
    if (na != nb)
        return na < nb ? -1 : 1;
    int whole = strncmp(a, b, na);
    if (whole != 0)
        return whole;
    const char *fa = a[na] == '.' ? a + na + 1 : "", *fb = b[nb] == '.' ? b + nb + 1 : "";
    while (*fa || *fb) {
        char da = *fa ? *fa++ : '0', db = *fb ? *fb++ : '0';
        if (da != db)
            return da < db ? -1 : 1;
    }
    return 0;
}

bool lead_budget_fits(const char *min, const char *max) {
    return !min || !max || compare_amounts(min, max) <= 0;
}

bool lead_value_positive(const char *value) {
    return value && value[0] != '-' && value[strcspn(value, "123456789")] != '\0';
}

/* At least three digits, and nothing that isn't written in phone numbers. */
static bool looks_like_phone(const char *text) {
    size_t digits = 0;
    for (const char *c = text; *c; c++) {
        if (*c >= '0' && *c <= '9')
            digits++;
        else if (!strchr("+ ()-./", *c))
            return false;
    }
    return digits >= 3;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

void lead_search_text(const char *typed, char *out) {
    char *end = out;
    if (!looks_like_phone(typed)) {
        memcpy(out, typed, strlen(typed) + 1);
        return;
    }
    for (; *typed; typed++)
        if (is_digit(*typed))
            *end++ = *typed;
    *end = '\0';
    /* "0" or "00" is how one dials, and no part of the number (ITU-T E.164 section 6) */
    size_t dialled = strspn(out, "0");
    if (dialled <= 2 && (size_t)(end - out) - dialled >= DIGITS_OF_NUMBER)
        memmove(out, out + dialled, (size_t)(end - out) - dialled + 1);
}

const char *lead_field_word(const char *column) {
    static const struct {
        const char *column, *word;
    } words[] = {
        {"client_name", N_("name")},
        {"client_email", N_("email")},
        {"client_phone", N_("phone")},
        {"client_location", N_("location")},
        {"source", N_("source")},
        {"currency", N_("currency")},
        {"estimated_value", N_("value")},
        {"budget_min", N_("budget")},
        {"budget_max", N_("budget")},
        {"financing", N_("financing")},
        {"payment_preference", N_("payment preference")},
        {"loan_stage", N_("loan")},
        {"property_type", N_("property type")},
        {"locations", N_("wanted locations")},
        {"bedrooms", N_("bedrooms")},
        {"size_min", N_("size")},
        {"amenities", N_("amenities")},
        {"move_in_on", N_("move-in date")},
        {"description", N_("wish")},
        {"partner_id", N_("partner")},
        {"consent_at", N_("consent")},
    };
    for (size_t i = 0; column && i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].column, column) == 0)
            return words[i].word;
    return NULL;
}

long lead_patience(enum lead_stage stage) {
    static const long days[LEAD_STAGES] = {
        [LEAD_NEW] = 2, [LEAD_INTAKE] = 4, [LEAD_QUALIFIED] = 7, [LEAD_ACTIVE] = 14};
    return days[stage];
}

const char *lead_next_step(enum lead_stage stage) {
    switch (stage) {
    case LEAD_NEW:
        return N_("Call or write, and let the client confirm.");
    case LEAD_INTAKE:
        return N_("Ask what they need and what they can spend.");
    case LEAD_QUALIFIED:
        return N_("Suggest a match or a viewing.");
    case LEAD_ACTIVE:
        return N_("Ask where the decision stands.");
    default:
        return NULL;
    }
}
