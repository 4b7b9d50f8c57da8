#include "core/i18n.h"
#include "domain/choices/choices.h"
#include "domain/leads/leads.h"

/* clang-format off */
static const struct choice stage_choices[] = {{"new", NULL},  {"intake", NULL},  {"qualified", NULL}, {"active", NULL}, {"won", NULL},
                                              {"lost", NULL}, {"dormant", NULL}, {"declined", NULL},  {NULL, NULL}};
static const struct choice reached_choices[] = {{"new", NULL},    {"intake", NULL}, {"qualified", NULL},
                                                {"active", NULL}, {"won", NULL},    {NULL, NULL}};
static const struct choice loan_choices[] = {{"not_started", NULL}, {"in_principle", NULL}, {"applied", NULL},
                                             {"approved", NULL},    {NULL, NULL}};
static const struct choice temperature_choices[] = {{"cold", NULL}, {"warm", NULL}, {"hot", NULL}, {NULL, NULL}};

static const struct field filter_fields[] = {
    {.name = "q", .kind = FIELD_TEXT, .label = N_("Search"), .max = 100},
    {.name = "stage", .kind = FIELD_CHOICE, .label = N_("Stage"), .choices = stage_choices},
    {.name = "source", .kind = FIELD_CHOICE, .label = N_("Source"), .choices = lead_source_choices},
    {.name = "from", .kind = FIELD_DATE, .label = N_("Created from")},
    {.name = "to", .kind = FIELD_DATE, .label = N_("Created until")},
    {.name = "closed_from", .kind = FIELD_DATE, .label = N_("Closed from")},
    {.name = "closed_to", .kind = FIELD_DATE, .label = N_("Closed until")},
    {.name = "value_min", .kind = FIELD_MONEY, .label = N_("Value from")},
    {.name = "value_max", .kind = FIELD_MONEY, .label = N_("Value up to")},
    {.name = "currency", .kind = FIELD_CHOICE, .label = N_("Currency"), .options = "lead_currencies"},
    {.name = "open", .kind = FIELD_TEXT, .label = N_("Open only"), .max = 1},
    {.name = "reached", .kind = FIELD_CHOICE, .label = N_("Came as far as"), .choices = reached_choices},
    {.name = "partner", .kind = FIELD_UUID, .label = N_("Partner")},
    {.name = "import", .kind = FIELD_UUID, .label = N_("Import")},
    {.name = "link", .kind = FIELD_UUID, .label = N_("Link")},
    {0},
};
const struct form_spec lead_filters = {.fields = filter_fields};
static const char *const carried[] = {"view", "select", NULL}; /* how the list is shown, not what is in it */
const struct list_spec lead_list_spec = {.query = Q_lead_list, .page_size = 50, .filename = "leads", .carried = carried};

/* Somebody else's address: the browser must not offer the person's own. */
#define WHO_FIELDS                                                                                                 \
    {.name = "client_name", .kind = FIELD_TEXT, .label = N_("Client's name"), .required = true, .max = 120,        \
     .autocomplete = "off", .missing = N_("Enter the client's name.")},                                            \
        {.name = "client_email", .kind = FIELD_EMAIL, .label = N_("Email"), .autocomplete = "off"},                \
        {.name = "client_phone", .kind = FIELD_PHONE, .label = N_("Phone"), .autocomplete = "off",                 \
         .hint = N_("With the country code, e.g. +971.")}
#define WISH_FIELD(must, words)                                                                                    \
    {.name = "description", .kind = FIELD_AREA, .label = N_("What they want"), .required = must, .max = 4000,      \
     .rows = 3, .hint = words, .missing = N_("Say in a few words what the client is looking for.")}
#define VALUE_FIELD(words)                                                                                         \
    {.name = "estimated_value", .kind = FIELD_MONEY, .label = N_("Estimated value"), .autocomplete = "off", .hint = words}
#define CONSENT_FIELD                                                                                              \
    {.name = "consent", .kind = FIELD_CHECK, .label = N_("The client agreed to be referred"), .required = true,    \
     .missing = N_("Ask the client first, then tick this box: we only take leads who agreed.")}
#define PARTNER_FIELD                                                                                              \
    {.name = "partner_id", .kind = FIELD_CHOICE, .label = N_("Partner"), .options = "lead_partners",               \
     .hint = N_("Who brought the client.")}
#define CARD_FIELD {.name = "card_id", .kind = FIELD_UUID, .label = N_("Business card")} /* that it was read from */
#define DRAFT_FIELD   {.name = "draft", .kind = FIELD_UUID, .label = N_("Draft")}
#define VERSION_FIELD {.name = "version", .kind = FIELD_HIDDEN, .label = N_("Version"), .max = 12}
#define BACK_FIELD {.name = "back", .kind = FIELD_HIDDEN, .label = N_("Back to"), .max = 2000}
#define DETAIL_FIELDS                                                                                              \
    {.name = "client_location", .kind = FIELD_TEXT, .label = N_("Where they live"), .max = 120, .autocomplete = "off"},            \
        {.name = "source", .kind = FIELD_CHOICE, .label = N_("Source"), .required = true, .choices = lead_source_choices,               \
         .missing = N_("Choose how the client came to you.")},                                                     \
        {.name = "currency", .kind = FIELD_CHOICE, .label = N_("Currency"), .options = "lead_currency_choices",    \
         .hint = N_("Of all amounts. Left empty: the partner's own.")},                                       \
        VALUE_FIELD(N_("A guess is fine; you can change it later.")),                                              \
        {.name = "budget_min", .kind = FIELD_MONEY, .label = N_("Budget from")},                                   \
        {.name = "budget_max", .kind = FIELD_MONEY, .label = N_("Budget up to")},                                  \
        {.name = "financing", .kind = FIELD_CHOICE, .label = N_("Financing"), .choices = lead_financing_choices},       \
        {.name = "loan_stage", .kind = FIELD_CHOICE, .label = N_("Loan"), .choices = loan_choices,                 \
         .hint = N_("How far it is, where there is one.")},                                                        \
        {.name = "payment_preference", .kind = FIELD_TEXT, .label = N_("Payment preference"), .max = 200,          \
         .hint = N_("E.g. 20/80, post-handover plan, bank transfer.")},                                            \
        WISH_FIELD(false, N_("In your words: what, where, when.")),                                                \
        {.name = "property_type", .kind = FIELD_CHOICE, .label = N_("Property type"), .choices = lead_property_choices},                \
        {.name = "locations", .kind = FIELD_TEXT, .label = N_("Wanted locations"), .max = 300},                    \
        {.name = "bedrooms", .kind = FIELD_INT, .label = N_("Bedrooms"), .min = 0, .max = 50},                     \
        {.name = "size_min", .kind = FIELD_INT, .label = N_("Size from (sq ft)"), .min = 0, .max = 10000000},      \
        {.name = "amenities", .kind = FIELD_TEXT, .label = N_("Amenities"), .max = 300,                            \
         .hint = N_("E.g. pool, two parking spaces, pets allowed.")},                                              \
        {.name = "move_in_on", .kind = FIELD_DATE, .label = N_("Wants to move in")}

static const struct form_conflict lead_conflicts[] = {
    {"leads_currency_check", "currency", N_("Choose one of the listed currencies.")},
    {"leads_contact", "client_email", N_("Enter an email address or a phone number.")},
    {0},
};

/* On a phone all of it stands on one screen, so hints are few. */
static const struct field quick_fields[] = {WHO_FIELDS,    WISH_FIELD(true, NULL), VALUE_FIELD(NULL), CONSENT_FIELD,
                                            PARTNER_FIELD, DRAFT_FIELD,            CARD_FIELD,       {0}};
const struct form_spec lead_quick_form = {.fields = quick_fields, .conflicts = lead_conflicts};

static const struct field full_fields[] = {WHO_FIELDS, DETAIL_FIELDS, CONSENT_FIELD, PARTNER_FIELD, DRAFT_FIELD, {0}};
const struct form_spec lead_full_form = {.fields = full_fields, .conflicts = lead_conflicts};

static const struct field edit_fields[] = {WHO_FIELDS, DETAIL_FIELDS, VERSION_FIELD, {0}};
const struct form_spec lead_edit_form = {.fields = edit_fields, .conflicts = lead_conflicts};

static const struct field stage_fields[] = {
    {.name = "stage", .kind = FIELD_CHOICE, .label = N_("Move to"), .required = true, .choices = stage_choices,
     .missing = N_("Choose the stage.")},
    {.name = "reason_code", .kind = FIELD_CHOICE, .label = N_("Reason"), .options = "stage_reasons"},
    {.name = "reason", .kind = FIELD_AREA, .label = N_("Why"), .max = 500, .rows = 2,
     .hint = N_("In your words. A reason is needed when it does not go forward.")},
    {.name = "estimated_value", .kind = FIELD_MONEY, .label = N_("Value of the deal"), .hint = N_("Counts when the lead is won.")},
    VERSION_FIELD,
    BACK_FIELD,
    {0},
};
const struct form_spec lead_stage_form = {.fields = stage_fields};

static const struct field undo_fields[] = {VERSION_FIELD, BACK_FIELD, {0}};
const struct form_spec lead_undo_form = {.fields = undo_fields};

static const struct field staff_fields[] = {
    {.name = "temperature", .kind = FIELD_CHOICE, .label = N_("Temperature"), .choices = temperature_choices},
    {.name = "staff_notes", .kind = FIELD_AREA, .label = N_("Notes"), .max = 4000, .rows = 8},
    VERSION_FIELD,
    {0},
};
const struct form_spec lead_staff_form = {.fields = staff_fields};
/* clang-format on */

void lead_form_check(struct form *form, const struct params *sent) {
    if (!lead_reachable(params_get(sent, "client_email"), params_get(sent, "client_phone")))
        form_error(form, "client_email", N_("Enter an email address or a phone number."));
    if (!lead_budget_fits(form_value(form, "budget_min"), form_value(form, "budget_max")))
        form_error(form, "budget_max", N_("This is below where the budget begins. Swap the two, or correct one."));
}
