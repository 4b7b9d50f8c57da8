#include "core/i18n.h"
#include "domain/leads/leads.h"

/* clang-format off */
static const struct choice status_choices[] = {{"sent", NULL},     {"accepted", NULL}, {"in_progress", NULL}, {"closed", NULL},
                                               {"rejected", NULL}, {"revoked", NULL},  {"expired", NULL},     {NULL, NULL}};
static const struct field filter_fields[] = {
    {.name = "status", .kind = FIELD_CHOICE, .label = N_("Status"), .choices = status_choices},
    {.name = "open", .kind = FIELD_TEXT, .label = N_("Open only"), .max = 1}, /* what the dashboard's figure leads to */
    {0},
};
/* clang-format on */
const struct form_spec share_filters = {.fields = filter_fields};
const struct list_spec share_list_spec = {.query = Q_share_list, .page_size = 50, .filename = "shared-leads"};
