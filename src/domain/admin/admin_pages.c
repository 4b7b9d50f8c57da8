#include "core/i18n.h"
#include "core/text.h"
#include "domain/admin/admin.h"
#include "domain/choices/choices.h"

static const struct choice currency_choices[] = {{"AED", "AED"}, {"AUD", "AUD"}, {"CAD", "CAD"},
                                                 {"EUR", "EUR"}, {"GBP", "GBP"}, {"INR", "INR"},
                                                 {"SGD", "SGD"}, {"USD", "USD"}, {NULL, NULL}};
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

enum err settings_post(struct ctx *ctx) {
    const char *current = ctx_column(ctx, Q_programme_settings, "version");
    if (!text_equal(ctx_get(ctx, "version"), current)) {
        form_set(ctx->form, "version", current); /* saving once more goes through */
        return ctx_fail(ctx, ERR_INVALID, changed_meanwhile);
    }
    enum err err = ctx_run(ctx, Q_programme_update);
    if (!err && ctx_rows(ctx, Q_programme_update)->nrows == 0)
        err = ctx_fail(ctx, ERR_INVALID, changed_meanwhile);
    return err ? err : ctx_redirect(ctx, "/admin/settings", N_("Saved."));
}
