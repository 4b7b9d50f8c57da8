#include "core/i18n.h"
#include "core/text.h"
#include "domain/partners/partner_rules.h"
#include "domain/partners/partners.h"
#include "view/messages.h"

/* ── Forms ── */

static const struct choice status_choices[] = {
    {"applied", NULL}, {"active", NULL}, {"suspended", NULL}, {"inactive", NULL}, {NULL, NULL}};

static const struct field filter_fields[] = {
    {.name = "q", .kind = FIELD_TEXT, .label = N_("Search"), .max = 100},
    {.name = "type", .kind = FIELD_CHOICE, .label = N_("Type"), .options = "partner_type_options"},
    {.name = "region", .kind = FIELD_CHOICE, .label = N_("Region"), .options = "region_options"},
    {.name = "tier", .kind = FIELD_CHOICE, .label = N_("Tier"), .options = "tier_options"},
    {.name = "status", .kind = FIELD_CHOICE, .label = N_("Status"), .choices = status_choices},
    {0},
};
const struct form_spec partner_filters = {.fields = filter_fields};
const struct list_spec partner_list_spec = {
    .query = Q_partner_list, .page_size = 50, .filename = "partners"};

#define CONTACT_FIELDS                                                                             \
    {.name = "contact_name",                                                                       \
     .kind = FIELD_TEXT,                                                                           \
     .label = N_("Contact person"),                                                                \
     .max = 120,                                                                                   \
     .autocomplete = "name"},                                                                      \
        {.name = "contact_email",                                                                  \
         .kind = FIELD_EMAIL,                                                                      \
         .label = N_("Email"),                                                                     \
         .autocomplete = "email"},                                                                 \
        {.name = "contact_phone",                                                                  \
         .kind = FIELD_PHONE,                                                                      \
         .label = N_("Phone"),                                                                     \
         .autocomplete = "tel"},                                                                   \
        {.name = "website",                                                                        \
         .kind = FIELD_URL,                                                                        \
         .label = N_("Website"),                                                                   \
         .max = 300,                                                                               \
         .autocomplete = "url"},                                                                   \
        {.name = "address",                                                                        \
         .kind = FIELD_AREA,                                                                       \
         .label = N_("Address"),                                                                   \
         .max = 500,                                                                               \
         .rows = 3,                                                                                \
         .autocomplete = "street-address"},                                                        \
        {.name = "callback_url",                                                                   \
         .kind = FIELD_URL,                                                                        \
         .label = N_("Callback URL"),                                                              \
         .max = 500,                                                                               \
         .hint = N_("Where a system hears of changes as they happen.")},         \
        {.name = "licence_number",                                                                 \
         .kind = FIELD_TEXT,                                                                       \
         .label = N_("Licence number"),                                                            \
         .max = 60,                                                                                \
         .hint = N_("RERA registration, for agents in India.")},                                   \
        {.name = "licence_expires_on", .kind = FIELD_DATE, .label = N_("Licence valid until")},    \
        {.name = "capacity",                                                                       \
         .kind = FIELD_INT,                                                                        \
         .label = N_("Capacity"),                                                                  \
         .required = true,                                                                         \
         .min = 0,                                                                                 \
         .max = 100000,                                                                            \
         .hint = N_("How many shared leads are taken at the same time."),                          \
         .missing = N_("Enter a number, 0 for none.")},                                            \
    {                                                                                              \
        .name = "version", .kind = FIELD_HIDDEN, .label = N_("Version"), .max = 12                 \
    }

static const struct field partner_fields[] = {
    {.name = "name",
     .kind = FIELD_TEXT,
     .label = N_("Company name"),
     .required = true,
     .min = 2,
     .max = 120,
     .autocomplete = "organization",
     .missing = N_("Enter the company's name.")},
    {.name = "type",
     .kind = FIELD_CHOICE,
     .label = N_("Type"),
     .required = true,
     .options = "partner_type_options",
     .missing = N_("Choose the type of partner.")},
    {.name = "region",
     .kind = FIELD_CHOICE,
     .label = N_("Region"),
     .required = true,
     .options = "region_options",
     .missing = N_("Choose the region.")},
    {.name = "tier",
     .kind = FIELD_CHOICE,
     .label = N_("Tier"),
     .required = true,
     .options = "tier_options"},
    {.name = "status",
     .kind = FIELD_CHOICE,
     .label = N_("Status"),
     .required = true,
     .choices = status_choices},
    {.name = "commission_percent",
     .kind = FIELD_PERCENT,
     .label = N_("Commission"),
     .required = true,
     .missing = N_("Enter the commission in per cent, 0 for none.")},
    CONTACT_FIELDS,
    {.name = "notes",
     .kind = FIELD_AREA,
     .label = N_("Notes"),
     .max = 4000,
     .rows = 4,
     .hint = N_("Only staff can see these.")},
    {0},
};
static const struct form_conflict partner_conflicts[] = {
    {"partners_name_key", "name", N_("There is a partner of this name already.")},
    {"partners_type_region_fkey", "region",
     N_("This type of partner is not offered in this region.")},
    {"partners_type_fkey", "type", N_("Choose one of the listed types.")},
    {"partners_region_fkey", "region", N_("Choose one of the listed regions.")},
    {"partners_tier_fkey", "tier", N_("Choose one of the listed tiers.")},
    {0},
};
const struct form_spec partner_form = {.fields = partner_fields, .conflicts = partner_conflicts};

static const struct field profile_fields[] = {
    CONTACT_FIELDS,
    {.name = "name_public",
     .kind = FIELD_CHECK,
     .label = N_("Name us on public forms"),
     .hint = N_("Whoever follows one of your links then reads “Referred by …” on the form.")},
    {0}};
const struct form_spec profile_form = {.fields = profile_fields};

static const struct field status_fields[] = {{.name = "status",
                                              .kind = FIELD_CHOICE,
                                              .label = N_("Status"),
                                              .required = true,
                                              .choices = status_choices},
                                             {0}};
const struct form_spec partner_status_form = {.fields = status_fields};

/* ── Partners ── */

enum err partner_new_prepare(struct ctx *ctx) {
    if (ctx->request->method == METHOD_POST)
        return OK;
    form_set(ctx->form, "tier", "bronze");
    form_set(ctx->form, "status", "active");
    form_set(ctx->form, "capacity", "10");
    return OK;
}

/* "2 leads, 1 share and 3 people": what hangs on the partner and would vanish with it; NULL: nothing. */
static const char *dependents_text(struct ctx *ctx) {
    static const struct {
        const char *kind, *one, *many;
    } words[] = {
        {"leads", N_("lead"), N_("leads")},
        {"shares", N_("share"), N_("shares")},
        {"entries", N_("ledger entry"), N_("ledger entries")},
        {"people", N_("person"), N_("people")},
        {"links", N_("referral link in use"), N_("referral links in use")},
        {"conversations", N_("conversation"), N_("conversations")},
        {"imports", N_("import"), N_("imports")},
        {"appointments", N_("appointment"), N_("appointments")},
        {"reminders", N_("reminder"), N_("reminders")},
        {"cards", N_("business card"), N_("business cards")},
    };
    const struct rows *rows = ctx_rows(ctx, Q_partner_dependents);
    const char *text = NULL;
    for (size_t row = 0; row < rows->nrows; row++)
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            if (!text_equal(rows_get(rows, row, "kind"), words[i].kind))
                continue;
            long count = rows_long(rows, row, "count");
            const char *part = arena_printf(ctx->arena, "%ld %s", count, messages_plural(words[i].one, words[i].many, count));
            if (!text)
                text = part;
            else if (row + 1 < rows->nrows)
                text = arena_printf(ctx->arena, _("%s, %s"), text, part);
            else
                text = arena_printf(ctx->arena, _("%s and %s"), text, part);
        }
    return text;
}

enum err partner_show(struct ctx *ctx) {
    model_set_text(ctx->page, "dependents", dependents_text(ctx));
    return OK;
}

static enum err check_terms(struct ctx *ctx) {
    const struct rows *type = ctx_rows(ctx, Q_partner_type_rules);
    if (type->nrows == 0)
        return ctx_field_error(ctx, "type", N_("Choose one of the listed types."));
    const char *least = rows_get(type, 0, "commission_min"),
               *most = rows_get(type, 0, "commission_max");
    const struct partner_type_rules rules = {.commission_min = percent_thousandths(least),
                                             .commission_max = percent_thousandths(most),
                                             .licence_required =
                                                 rows_true(type, 0, "licence_required")};
    const struct licence licence = {.number = ctx_get(ctx, "licence_number"),
                                    .expires_on = ctx_get(ctx, "licence_expires_on"),
                                    .over = rows_true(type, 0, "licence_over")};
    switch (partner_judge(&rules, percent_thousandths(ctx_get(ctx, "commission_percent")), &licence)) {
    case PARTNER_FINE:
        return OK;
    case PARTNER_COMMISSION_RANGE:
        return ctx_field_error(ctx, "commission_percent",
                               arena_printf(ctx->arena, _("A %s earns %ld to %ld %%."),
                                            rows_get(type, 0, "label"), rules.commission_min / 1000,
                                            rules.commission_max / 1000));
    case PARTNER_LICENCE_MISSING:
        return ctx_field_error(ctx, "licence_number",
                               N_("This type of partner works with a licence: enter its number."));
    case PARTNER_LICENCE_UNDATED:
        return ctx_field_error(ctx, "licence_expires_on", N_("Enter the last day on which the licence is valid."));
    case PARTNER_LICENCE_OVER:
        return ctx_field_error(ctx, "licence_expires_on",
                               N_("This licence has expired: enter the new one. Without one, set the partner to inactive."));
    }
    return ERR_INTERNAL;
}

enum err partner_insert_post(struct ctx *ctx) {
    enum err err = check_terms(ctx);
    if (!err)
        err = ctx_run(ctx, Q_partner_insert);
    if (err)
        return err;
    const char *id = ctx_column(ctx, Q_partner_insert, "id");
    if (!id)
        return ctx_field_error(ctx, "region", N_("Choose one of the listed regions."));
    ctx_set(ctx, "id", id);
    return ctx_redirect(ctx, "/admin/partners/{id}",
                        N_("The partner is added. Invite its people next."));
}

static const char changed_meanwhile[] =
    N_("Somebody changed this in the meantime. What you typed is still here: compare it with the "
       "page as it is now, then save again.");

/* The version that the page is shown with again is the current one, so that saving once more goes
 * through. */
static enum err stale_version(struct ctx *ctx, enum query current) {
    form_set(ctx->form, "version", ctx_column(ctx, current, "version"));
    return ctx_fail(ctx, ERR_INVALID, changed_meanwhile);
}

enum err partner_update_post(struct ctx *ctx) {
    if (!text_equal(ctx_get(ctx, "version"), ctx_column(ctx, Q_partner_profile, "version")))
        return stale_version(ctx, Q_partner_profile);
    enum err err = check_terms(ctx);
    if (!err)
        err = ctx_run(ctx, Q_partner_update);
    if (!err && ctx_rows(ctx, Q_partner_update)->nrows == 0)
        err = ctx_fail(ctx, ERR_INVALID, changed_meanwhile);
    return err ? err : ctx_redirect(ctx, "/admin/partners/{id}", N_("Saved."));
}

enum err partner_status_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_partner_status_set);
    return err ? err : ctx_redirect(ctx, "/admin/partners/{id}", N_("The status is changed."));
}

enum err partner_delete_post(struct ctx *ctx) {
    const char *dependents = dependents_text(ctx);
    if (dependents)
        return ctx_fail(ctx, ERR_INVALID,
                        arena_printf(ctx->arena,
                                     _("This partner can't be deleted, because of what hangs on it: %s. Set it to inactive "
                                       "instead; nobody of it can then sign in."),
                                     dependents));
    enum err err = ctx_run(ctx, Q_partner_delete);
    if (err == ERR_CONFLICT) /* something came in between */
        return ctx_fail(ctx, ERR_INVALID,
                        N_("This partner can't be deleted: something hangs on it. Set it to "
                           "inactive instead."));
    return err ? err : ctx_redirect(ctx, "/admin/partners", N_("The partner is deleted."));
}

enum err profile_post(struct ctx *ctx) {
    if (!text_equal(ctx_get(ctx, "version"), ctx_column(ctx, Q_own_partner, "version")))
        return stale_version(ctx, Q_own_partner);
    if (rows_true(ctx_rows(ctx, Q_own_partner), 0, "licence_required") &&
        text_blank(ctx_get(ctx, "licence_number")))
        return ctx_field_error(ctx, "licence_number",
                               N_("Your type of partner works with a licence: enter its number."));
    if (rows_true(ctx_rows(ctx, Q_own_partner), 0, "licence_required") && !ctx_get(ctx, "licence_expires_on"))
        return ctx_field_error(ctx, "licence_expires_on", N_("Enter the last day on which the licence is valid."));
    enum err err = ctx_run(ctx, Q_own_partner_update);
    if (!err && ctx_rows(ctx, Q_own_partner_update)->nrows == 0)
        err = ctx_fail(ctx, ERR_INVALID, changed_meanwhile);
    return err ? err : ctx_redirect(ctx, "/profile", N_("Saved."));
}
