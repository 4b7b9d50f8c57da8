#include "core/i18n.h"
#include "core/text.h"
#include "domain/admin/admin.h"
#include "domain/choices/choices.h"
#include "domain/links/link_rules.h"
#include <libintl.h>

static const struct choice currency_choices[] = {{"AED", "AED"}, {"AUD", "AUD"}, {"CAD", "CAD"},
                                                 {"EUR", "EUR"}, {"GBP", "GBP"}, {"INR", "INR"},
                                                 {"SGD", "SGD"}, {"USD", "USD"}, {NULL, NULL}};
static const struct choice attribution_choices[] = {
    {"last", N_("The last one")}, {"first", N_("The first one")}, {NULL, NULL}};
static const struct field settings_fields[] = {
    {.name = "name",
     .kind = FIELD_TEXT,
     .label = N_("Programme's name"),
     .required = true,
     .max = 80,
     .missing = N_("Enter the programme's name.")},
    {.name = "tagline",
     .kind = FIELD_TEXT,
     .label = N_("Tagline"),
     .max = 200,
     .hint = N_("One sentence on the programme page.")},
    {.name = "currency",
     .kind = FIELD_CHOICE,
     .label = N_("Currency"),
     .required = true,
     .choices = currency_choices},
    {.name = "support_email",
     .kind = FIELD_EMAIL,
     .label = N_("Support address"),
     .hint = N_("Where partners turn with questions.")},
    {.name = "timezone",
     .kind = FIELD_CHOICE,
     .label = N_("Time zone"),
     .required = true,
     .choices = timezone_choices},
    {.name = "protection_days",
     .kind = FIELD_INT,
     .label = N_("Protection window in days"),
     .required = true,
     .min = 1,
     .max = 730,
     .hint = N_("How long a registered client belongs to the partner who came first."),
     .missing = N_("Enter a number of days.")},
    {.name = "landing_sites",
     .kind = FIELD_AREA,
     .label = N_("Landing sites"),
     .max = 4000,
     .rows = 3,
     .hint = N_("Where referral links may lead besides this portal: one address a line, with all pages below it. Links to "
                "a site that is taken off lead to the programme page.")},
    {.name = "attribution",
     .kind = FIELD_CHOICE,
     .label = N_("Click that counts"),
     .choices = attribution_choices,
     .hint = N_("Which link gets the lead when somebody followed several within the protection window.")},
    {.name = "consent_wording",
     .kind = FIELD_AREA,
     .label = N_("Agreement on public forms"),
     .min = 20,
     .max = 2000,
     .rows = 4,
     .hint = N_("What people tick before they send a referral form. A change is a new version; each lead keeps which one it "
                "was. Left empty: it stays as it is.")},
    {.name = "version", .kind = FIELD_HIDDEN, .label = N_("Version"), .max = 12},
    {0},
};
const struct form_spec settings_form = {.fields = settings_fields};

static const struct field audit_fields[] = {
    {.name = "q", .kind = FIELD_TEXT, .label = N_("Action"), .max = 100},
    {.name = "from", .kind = FIELD_DATE, .label = N_("From")},
    {.name = "to", .kind = FIELD_DATE, .label = N_("To")},
    {0},
};
const struct form_spec audit_filters = {.fields = audit_fields};
const struct list_spec audit_list_spec = {
    .query = Q_audit_list, .page_size = 100, .filename = "audit"};

static const char changed_meanwhile[] =
    N_("Somebody changed the settings in the meantime. What you typed is still here; look at it and "
       "save again.");

/* A line that is wrong is named, so that it is found among many. */
static enum err check_sites(struct ctx *ctx) {
    const char *why = NULL, *line = NULL;
    const char *sites = sites_clean(ctx->arena, form_value(ctx->form, "landing_sites"), &why, &line);
    ctx_set(ctx, "landing_sites", sites);
    if (sites)
        return OK;
    const char *sentence = arena_printf(ctx->arena, "%s: %s", line, gettext(why));
    return ctx_field_error(ctx, "landing_sites", sentence);
}

enum err settings_post(struct ctx *ctx) {
    const char *current = ctx_column(ctx, Q_programme_settings, "version");
    if (!text_equal(ctx_get(ctx, "version"), current)) {
        form_set(ctx->form, "version", current); /* saving once more goes through */
        return ctx_fail(ctx, ERR_INVALID, changed_meanwhile);
    }
    enum err err = check_sites(ctx);
    if (!err && form_value(ctx->form, "consent_wording"))
        err = ctx_run(ctx, Q_consent_wording_set);
    if (!err)
        err = ctx_run(ctx, Q_programme_update);
    if (!err && ctx_rows(ctx, Q_programme_update)->nrows == 0)
        err = ctx_fail(ctx, ERR_INVALID, changed_meanwhile);
    return err ? err : ctx_redirect(ctx, "/admin/settings", N_("Saved."));
}
