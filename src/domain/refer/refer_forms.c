#include "core/i18n.h"
#include "domain/refer/refer.h"

/* clang-format off */
static const struct choice financing_choices[] = {{"cash", NULL}, {"mortgage", NULL}, {"undecided", NULL}, {NULL, NULL}};
static const struct choice property_choices[] = {{"apartment", NULL}, {"villa", NULL},  {"townhouse", NULL}, {"plot", NULL},
                                                 {"office", NULL},    {"retail", NULL}, {"warehouse", NULL}, {NULL, NULL}};
static const struct choice loan_choices[] = {{"not_started", NULL}, {"in_principle", NULL}, {"applied", NULL},
                                             {"approved", NULL},    {NULL, NULL}};

#define UTM(field) {.name = field, .kind = FIELD_HIDDEN, .label = field, .max = 100}

/* The union of all types' fields; refer_rules.c says which a type has. Most people write for themselves, so their
 * browser may offer what it knows of them. */
static const struct field fields[] = {
    {.name = "client_name", .kind = FIELD_TEXT, .label = N_("Name"), .required = true, .max = 120, .autocomplete = "name",
     .missing = N_("Enter a name.")},
    {.name = "client_phone", .kind = FIELD_PHONE, .label = N_("Phone"), .autocomplete = "tel"},
    {.name = "client_email", .kind = FIELD_EMAIL, .label = N_("Email"), .autocomplete = "email"},
    {.name = "description", .kind = FIELD_AREA, .label = N_("What do you need?"), .required = true, .max = 4000, .rows = 3,
     .missing = N_("Say in a few words what it is about.")},
    {.name = "client_location", .kind = FIELD_TEXT, .label = N_("Where you live"), .max = 120, .autocomplete = "address-level2"},
    {.name = "property_type", .kind = FIELD_CHOICE, .label = N_("Property type"), .choices = property_choices},
    {.name = "locations", .kind = FIELD_TEXT, .label = N_("Wanted locations"), .max = 300, .autocomplete = "off"},
    {.name = "bedrooms", .kind = FIELD_INT, .label = N_("Bedrooms"), .min = 0, .max = 50, .autocomplete = "off"},
    {.name = "move_in_on", .kind = FIELD_DATE, .label = N_("Move-in date")},
    {.name = "budget_min", .kind = FIELD_MONEY, .label = N_("Budget from"), .autocomplete = "off"},
    {.name = "budget_max", .kind = FIELD_MONEY, .label = N_("Budget up to"), .autocomplete = "off"},
    {.name = "financing", .kind = FIELD_CHOICE, .label = N_("Financing"), .choices = financing_choices},
    {.name = "loan_stage", .kind = FIELD_CHOICE, .label = N_("How far is the loan?"), .choices = loan_choices},
    {.name = "referred_by", .kind = FIELD_TEXT, .label = N_("Sending this for somebody else?"), .max = 160, .autocomplete = "off",
     .hint = N_("Then your own name and company; above stands the person we should contact.")},
    {.name = "consent", .kind = FIELD_CHECK, .label = N_("Agreement"), .required = true,
     .missing = N_("We may keep and use this only if you agree: please tick the box.")},
    {.name = "consent_version", .kind = FIELD_HIDDEN, .label = N_("Version"), .max = 12},
    {.name = "code", .kind = FIELD_HIDDEN, .label = N_("Code"), .max = 100},
    {.name = "opened", .kind = FIELD_HIDDEN, .label = N_("Opened"), .max = 120},
    {.name = "extra", .kind = FIELD_TEXT, .label = N_("Leave this empty"), .max = 200, .autocomplete = "off"}, /* for machines */
    UTM("utm_source"), UTM("utm_medium"), UTM("utm_campaign"), UTM("utm_term"), UTM("utm_content"),
    {0},
};
/* clang-format on */
static const struct form_conflict conflicts[] = {
    {"leads_contact", "client_phone", N_("Enter a phone number or an email address.")},
    {0},
};
const struct form_spec refer_form = {.fields = fields, .conflicts = conflicts};
