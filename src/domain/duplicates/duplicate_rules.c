#include "domain/duplicates/duplicate_rules.h"

#include "core/i18n.h"
#include "core/text.h"
#include <string.h>

const struct merge_field merge_fields[] = {
    {"client_name", N_("Name"), "client_name", MERGE_TEXT, false},
    {"client_email", N_("Email"), "client_email", MERGE_TEXT, false},
    {"client_phone", N_("Phone"), "client_phone,phone_e164", MERGE_TEXT, false},
    {"client_location", N_("Lives in"), "client_location", MERGE_TEXT, false},
    {"source", N_("Source"), "source", MERGE_CODE, false},
    {"estimated_value", N_("Value and budget"), "currency,estimated_value,budget_min,budget_max", MERGE_MONEY, false},
    {"financing", N_("Financing"), "financing", MERGE_CODE, false},
    {"payment_preference", N_("Payment preference"), "payment_preference", MERGE_TEXT, false},
    {"property_type", N_("Property type"), "property_type", MERGE_CODE, false},
    {"locations", N_("Wanted locations"), "locations", MERGE_TEXT, false},
    {"bedrooms", N_("Bedrooms"), "bedrooms", MERGE_NUMBER, false},
    {"size_min", N_("Size from (sq ft)"), "size_min", MERGE_NUMBER, false},
    {"amenities", N_("Amenities"), "amenities", MERGE_TEXT, false},
    {"move_in_on", N_("Wants to move in"), "move_in_on", MERGE_DATE, false},
    {"description", N_("What they want"), "description", MERGE_TEXT, false},
    {"temperature", N_("Temperature"), "temperature", MERGE_CODE, true},
    {"staff_notes", N_("Staff's notes"), "staff_notes", MERGE_TEXT, true},
    {NULL, NULL, NULL, MERGE_TEXT, false},
};

bool merge_side_find(const char *side, enum merge_side *out) {
    bool second = text_equal(side, "second");
    *out = second ? MERGE_SECOND : MERGE_FIRST;
    return second || text_equal(side, "first");
}

/* Closed without a deal < open, the further the more < won. */
static int progress(const char *stage) {
    static const char *const way[] = {"new", "intake", "qualified", "active", "won"};
    for (int i = 0; i < (int)(sizeof way / sizeof *way); i++)
        if (text_equal(stage, way[i]))
            return i;
    return -1;
}

static bool says_something(const char *value) {
    return value && *value && !text_equal(value, "0");
}

enum merge_side merge_keep_default(const struct merge_lead *first, const struct merge_lead *second, bool two_partners) {
    const int better[] = {
        first->earns - second->earns,
        text_equal(first->stage, "won") - text_equal(second->stage, "won"),
        two_partners ? first->in_force - second->in_force : 0,
        progress(first->stage) - progress(second->stage),
        says_something(first->value) - says_something(second->value),
        first->in_force - second->in_force,
    };
    for (size_t i = 0; i < sizeof better / sizeof *better; i++)
        if (better[i] != 0)
            return better[i] > 0 ? MERGE_FIRST : MERGE_SECOND;
    return MERGE_FIRST;
}

enum merge_side merge_side_default(enum merge_side keep, const char *first, const char *second) {
    bool has_first = says_something(first), has_second = says_something(second);
    if (has_first != has_second)
        return has_first ? MERGE_FIRST : MERGE_SECOND;
    return keep;
}

const char *merge_columns(struct arena *arena, enum merge_side keep, merge_choice_fn *choice, const void *context) {
    const char *columns = "";
    for (const struct merge_field *f = merge_fields; f->name; f++) {
        enum merge_side side;
        if (merge_side_find(choice(context, f->name), &side) && side != keep)
            columns = arena_concat(arena, columns, *columns ? "," : "", f->columns, (char *)NULL);
    }
    return columns;
}

static bool in_list(const char *list, const char *word, size_t size) {
    for (const char *at = list; at && *at; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ",") == size && memcmp(at, word, size) == 0)
            return true;
    return false;
}

bool merge_took(const char *taken, const struct merge_field *field) {
    for (const char *at = field->columns; *at; at += strcspn(at, ","), at += *at == ',')
        if (in_list(taken, at, strcspn(at, ",")))
            return true;
    return false;
}

const char *extension_refusal(const char *registration, bool in_force, const char *stage, bool asked) {
    if (!text_equal(registration, "held"))
        return N_("This client is not registered for you, so there is nothing to extend.");
    if (!in_force)
        return N_("The protection is over. Send the client again, with their consent, to begin a new one.");
    if (text_equal(stage, "won") || text_equal(stage, "lost") || text_equal(stage, "declined"))
        return N_("This lead is closed, so its protection needs no extension.");
    if (asked)
        return N_("You have asked already; the answer comes here.");
    return NULL;
}

static bool apart(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == ';';
}

/* Lowered in place; false when it is no hash. */
static bool clean_hash(char *hash) {
    for (char *c = hash; *c; c++) {
        if (*c >= 'A' && *c <= 'F')
            *c = (char)(*c - 'A' + 'a');
        if (!((*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'f')))
            return false;
    }
    return true;
}

static bool seen(char *const *hashes, size_t count, const char *hash) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(hashes[i], hash) == 0)
            return true;
    return false;
}

enum overlap_verdict overlap_parse(struct arena *arena, const char *typed, const char **list) {
    char *hashes[OVERLAP_HASHES_MAX];
    size_t count = 0;
    *list = NULL;
    for (const char *at = typed ? typed : ""; *at;) {
        size_t size = 0;
        while (at[size] && !apart(at[size]))
            size++;
        if (size == 0) {
            at++;
            continue;
        }
        char *hash = arena_strndup(arena, at, size);
        at += size;
        if (size != OVERLAP_HASH_SIZE || !clean_hash(hash))
            return OVERLAP_NOT_A_HASH;
        if (seen(hashes, count, hash))
            continue;
        if (count == OVERLAP_HASHES_MAX)
            return OVERLAP_TOO_MANY;
        hashes[count++] = hash;
    }
    if (count == 0)
        return OVERLAP_NONE;
    char *out = arena_alloc(arena, count * (OVERLAP_HASH_SIZE + 1) + 2), *end = out;
    for (size_t i = 0; i < count; i++) {
        *end++ = i ? ',' : '{';
        memcpy(end, hashes[i], OVERLAP_HASH_SIZE);
        end += OVERLAP_HASH_SIZE;
    }
    memcpy(end, "}", 2);
    *list = out;
    return OVERLAP_OK;
}

const char *overlap_sentence(enum overlap_verdict verdict) {
    switch (verdict) {
    case OVERLAP_NONE:
        return N_("Paste at least one hash.");
    case OVERLAP_NOT_A_HASH:
        return N_("Something in the list is not a hash: each has 64 digits of 0-9 and a-f. Never paste addresses or numbers here.");
    case OVERLAP_TOO_MANY:
        return N_("At most a hundred hashes are answered at a time. Split the list.");
    case OVERLAP_OK:
        break;
    }
    return NULL;
}
