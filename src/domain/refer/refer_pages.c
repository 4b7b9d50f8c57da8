#include "core/clock.h"
#include "core/crypto.h"
#include "core/i18n.h"
#include "core/text.h"
#include "domain/duplicates/duplicates.h"
#include "domain/leads/lead_rules.h"
#include "domain/links/links.h"
#include "domain/refer/refer.h"
#include "domain/refer/refer_rules.h"

enum {
    COOKIE_DAYS_MAX = 730, /* before the programme's own window is known */
    LEADS_PER_HOUR = 30,   /* from one address, behind which a whole fair may sit */
    UTM_MAX = 100          /* characters */
};
static const char *const utm_kept[] = {"utm_source", "utm_medium", "utm_campaign", "utm_term",
                                       "utm_content"};
static const char *const details[] = {"client_location", "property_type", "locations",  "bedrooms",
                                      "move_in_on",      "budget_min",    "budget_max", "financing",
                                      "loan_stage",      "referred_by"};
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static bool is_post(const struct ctx *ctx) {
    return ctx->request->method == METHOD_POST;
}

static const struct params *sent(const struct ctx *ctx) {
    return is_post(ctx) ? ctx->request->form : ctx->request->query;
}

/* ── By which links somebody came ── */

enum err refer_prepare(struct ctx *ctx) {
    struct attribution remembered = attribution_of(ctx, COOKIE_DAYS_MAX);
    const char *typed = params_get(sent(ctx), "code");
    char *code = arena_alloc(ctx->arena, CODE_SIZE);
    ctx_set(ctx, "refer_code", typed && code_read(typed, code) ? code : NULL);
    if (remembered.last.at > 0) {
        ctx_set(ctx, "first_link", arena_strdup(ctx->arena, remembered.first.link));
        ctx_set(ctx, "last_link", arena_strdup(ctx->arena, remembered.last.link));
    }
    return OK;
}

static size_t find_link(const struct rows *links, const char *column, const char *value) {
    size_t row = 0;
    while (row < links->nrows && !text_equal(rows_get(links, row, column), value))
        row++;
    return row;
}

static struct attribution_source source_at(const struct rows *links, size_t row) {
    return (struct attribution_source){.link = rows_get(links, row, "link_id"),
                                       .active = rows_true(links, row, "active")};
}

struct origin {
    struct attribution touches; /* what is kept with the lead */
    const char *credited;       /* link, or NULL */
};

/* The code in the form's address is a click like others, even where no cookie was kept. */
static struct origin origin_of(struct ctx *ctx) {
    const struct rows *links = ctx_rows(ctx, Q_refer_links);
    long days = rows_long(ctx_rows(ctx, Q_refer_type), 0, "protection_days");
    struct origin origin = {.touches = attribution_of(ctx, days)};
    const struct attribution_source code = source_at(links, find_link(links, "role", "code"));
    const struct attribution_source first =
        source_at(links, find_link(links, "link_id", origin.touches.first.link));
    const struct attribution_source last =
        source_at(links, find_link(links, "link_id", origin.touches.last.link));
    bool prefer_first = text_equal(ctx_column(ctx, Q_refer_type, "attribution"), "first");
    origin.credited = attribution_judge(&code, &first, &last, prefer_first);
    if (code.link)
        attribution_touch(&origin.touches, code.link, clock_now(), days);
    return origin;
}

/* ── The page ── */

static void show_groups(struct ctx *ctx, struct model *refer) {
    unsigned groups = refer_groups(ctx_get(ctx, "type"),
                                   rows_true(ctx_rows(ctx, Q_refer_type), 0, "consent_budget"));
    bool open = false;
    for (size_t i = 0; i < COUNT_OF(details); i++)
        open = open || !text_blank(params_get(ctx->request->form, details[i]));
    model_set_bool(refer, "asks_budget", groups & REFER_BUDGET);
    model_set_bool(refer, "asks_property", groups & REFER_PROPERTY);
    model_set_bool(refer, "asks_loan", groups & REFER_LOAN);
    model_set_bool(refer, "details_open", open);
}

static void show_partner(struct ctx *ctx, struct model *refer) {
    const struct rows *links = ctx_rows(ctx, Q_refer_links);
    const char *credited = origin_of(ctx).credited;
    size_t row = credited ? find_link(links, "link_id", credited) : links->nrows;
    const char *currency = rows_get(links, row, "currency");
    model_set_text(refer, "partner_name", rows_get(links, row, "partner_name"));
    if (currency) /* the unit beside an amount */
        model_set_text(ctx->page, "currency", currency);
}

/* One that is not ours, or too old, is replaced; another one goes on counting. */
static void keep_opened(struct ctx *ctx) {
    char nonce[NONCE_SIZE], *fresh = arena_alloc(ctx->arena, OPENED_SIZE);
    uint8_t random[OPENED_RANDOM];
    const char *type = ctx_get(ctx, "type"), *old = form_value(ctx->form, "opened");
    const uint8_t *secret = ctx->site->secret;
    enum opened_verdict verdict =
        opened_judge(old, type, clock_now(), secret, sizeof ctx->site->secret, nonce);
    if (verdict == OPENED_FINE || verdict == OPENED_QUICK)
        return;
    crypto_random(random, sizeof random);
    opened_write(type, clock_now(), random, secret, sizeof ctx->site->secret, fresh);
    form_set(ctx->form, "opened", fresh);
}

/* What an address carries is kept with the form, if it may be a value at all. */
static void keep_query(struct ctx *ctx) {
    form_set(ctx->form, "code", ctx_get(ctx, "refer_code"));
    for (size_t i = 0; i < COUNT_OF(utm_kept); i++) {
        const char *value = params_get(ctx->request->query, utm_kept[i]);
        if (value && text_utf8_length(value) <= UTM_MAX && !value[strcspn(value, "\t\r\n")])
            form_set(ctx->form, utm_kept[i], value);
    }
}

/* Whose country a number without its code is of, nobody knows here: it may be one. */
static bool dialable(const char *phone) {
    char e164[PHONE_E164_SIZE];
    return !phone || phone[0] != '+' || phone_to_e164(phone, NULL, e164);
}

/* What one field cannot know by itself. */
static void check_lead(struct ctx *ctx) {
    const struct params *form = ctx->request->form;
    if (!lead_reachable(params_get(form, "client_email"), params_get(form, "client_phone")))
        form_error(ctx->form, "client_phone", N_("Enter a phone number or an email address."));
    else if (!dialable(form_value(ctx->form, "client_phone")) && !form_value(ctx->form, "client_email"))
        form_error(ctx->form, "client_phone",
                   N_("No phone has this number: it has too many or too few digits. Correct it, "
                      "or enter an email as well."));
    if (!lead_budget_fits(form_value(ctx->form, "budget_min"), form_value(ctx->form, "budget_max")))
        form_error(ctx->form, "budget_max",
                   N_("This is below where the budget begins. Swap the two, or correct one."));
}

enum err refer_page(struct ctx *ctx) {
    bool again = ctx->response->status == err_status(ERR_INVALID);
    struct model *refer = model_set_object(ctx->page, "refer");
    if (again)
        check_lead(ctx);
    else
        keep_query(ctx);
    model_set_bool(refer, "extra_filled",
                   again && !text_blank(params_get(ctx->request->form, "extra")));
    show_groups(ctx, refer);
    show_partner(ctx, refer);
    keep_opened(ctx);
    form_set(ctx->form, "consent_version", ctx_column(ctx, Q_refer_type, "consent_version"));
    return OK;
}

/* ── Sent ── */

/* Against machines, and against what somebody did not see when they agreed. */
static void check_sender(struct ctx *ctx) {
    char *nonce = arena_alloc(ctx->arena, NONCE_SIZE);
    enum opened_verdict verdict =
        opened_judge(form_value(ctx->form, "opened"), ctx_get(ctx, "type"), clock_now(),
                     ctx->site->secret, sizeof ctx->site->secret, nonce);
    if (form_value(ctx->form, "extra"))
        form_error(ctx->form, "extra",
                   N_("This field is there to catch machines. Please empty it, then send the form "
                      "again."));
    else if (verdict != OPENED_FINE)
        form_error(ctx->form, NULL, opened_sentence(verdict));
    if (!text_equal(form_value(ctx->form, "consent_version"),
                    ctx_column(ctx, Q_refer_type, "consent_version"))) {
        form_set(ctx->form, "consent", NULL); /* what they ticked was something else */
        form_error(ctx->form, "consent",
                   N_("The wording has changed in the meantime. Please read it, then tick the box "
                      "again."));
    }
    ctx_set(ctx, "nonce", nonce);
}

static const char *timestamp(struct ctx *ctx, int64_t at) {
    time_t when = (time_t)at;
    struct tm tm;
    char text[32];
    if (at <= 0)
        return NULL;
    gmtime_r(&when, &tm);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S+00", &tm);
    return arena_strdup(ctx->arena, text);
}

/* What the type's form does not ask for is not taken, whoever sent it. */
static void drop_others(struct ctx *ctx) {
    unsigned groups = refer_groups(ctx_get(ctx, "type"),
                                   rows_true(ctx_rows(ctx, Q_refer_type), 0, "consent_budget"));
    for (size_t i = 0; i < COUNT_OF(details); i++)
        if (refer_group_of(details[i]) & ~groups)
            ctx_set(ctx, details[i], NULL);
}

static void set_origin(struct ctx *ctx) {
    struct origin origin = origin_of(ctx);
    const struct touch *first = &origin.touches.first, *last = &origin.touches.last;
    ctx_set(ctx, "credited_link", origin.credited);
    ctx_set(ctx, "first_link", first->at > 0 ? arena_strdup(ctx->arena, first->link) : NULL);
    ctx_set(ctx, "first_at", timestamp(ctx, first->at));
    ctx_set(ctx, "last_link", last->at > 0 ? arena_strdup(ctx->arena, last->link) : NULL);
    ctx_set(ctx, "last_at", timestamp(ctx, last->at));
}

enum err refer_post(struct ctx *ctx) {
    check_lead(ctx);
    check_sender(ctx);
    if (!form_valid(ctx->form))
        return ERR_INVALID;
    drop_others(ctx);
    set_origin(ctx);
    ctx_set(ctx, "address_hash", address_hash(ctx));
    ctx_set(ctx, "address_limit", arena_printf(ctx->arena, "%d", LEADS_PER_HOUR));
    enum err err = ctx_run(ctx, Q_refer_lead);
    if (err)
        return err;
    const char *outcome = ctx_column(ctx, Q_refer_lead, "outcome");
    if (text_equal(outcome, "taken") || text_equal(outcome, "again"))
        return ctx_redirect(ctx, "/refer/{type}/thanks", NULL);
    if (text_equal(outcome, "throttled") && ctx->request->answer == ANSWER_JSON)
        return ERR_THROTTLED;
    return ctx_field_error(
        ctx, NULL,
        text_equal(outcome, "throttled")
            ? N_("Very many forms came from your network within the hour. Please wait a little, "
                 "then send it again.")
            : N_("The wording has changed in the meantime. Please read it, then send it again."));
}
