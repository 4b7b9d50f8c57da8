#include "core/i18n.h"
#include "domain/duplicates/duplicates.h"

/* clang-format off */
static const struct choice state_choices[] = {{"open", N_("Waiting")}, {"apart", N_("Two clients")}, {NULL, NULL}};
static const struct choice reason_choices[] = {
    {"email", N_("Same email")}, {"phone", N_("Same phone")}, {"name", N_("Similar name")}, {NULL, NULL}};
static const struct choice strength_choices[] = {{"90", N_("Nearly certain")}, {"80", N_("Strong")}, {"60", N_("Likely")}, {NULL, NULL}};
static const struct choice side_choices[] = {{"first", N_("The older one")}, {"second", N_("The newer one")}, {NULL, NULL}};
static const struct choice request_choices[] = {{"open", N_("Waiting")}, {"granted", NULL}, {"refused", NULL}, {NULL, NULL}};
static const struct choice days_choices[] = {
    {"30", N_("30 days")}, {"60", N_("60 days")}, {"90", N_("90 days")}, {"180", N_("180 days")}, {NULL, NULL}};
static const struct choice decision_choices[] = {{"granted", N_("Grant it")}, {"refused", N_("Refuse it")}, {NULL, NULL}};

static const struct field filter_fields[] = {
    {.name = "q", .kind = FIELD_TEXT, .label = N_("Search"), .max = 100},
    {.name = "state", .kind = FIELD_CHOICE, .label = N_("State"), .choices = state_choices},
    {.name = "reason", .kind = FIELD_CHOICE, .label = N_("Reason"), .choices = reason_choices},
    {.name = "strength", .kind = FIELD_CHOICE, .label = N_("At least"), .choices = strength_choices},
    {0},
};
const struct form_spec duplicate_filters = {.fields = filter_fields};
const struct list_spec duplicate_list_spec = {.query = Q_duplicate_list, .page_size = 50, .filename = "duplicates"};
const struct list_spec merge_list_spec = {.query = Q_merge_list, .page_size = 50, .filename = "merges"};

#define SIDE(column, text) {.name = column, .kind = FIELD_CHOICE, .label = text, .choices = side_choices}
static const struct field merge_form_fields[] = {
    {.name = "keep", .kind = FIELD_CHOICE, .label = N_("Which lead stays"), .required = true, .choices = side_choices, .missing = N_("Choose which of the two leads stays.")},
    SIDE("client_name", N_("Name")), SIDE("client_email", N_("Email")), SIDE("client_phone", N_("Phone")), SIDE("client_location", N_("Lives in")),
    SIDE("source", N_("Source")), SIDE("estimated_value", N_("Value and budget")), SIDE("financing", N_("Financing")),
    SIDE("payment_preference", N_("Payment preference")), SIDE("property_type", N_("Property type")), SIDE("locations", N_("Wanted locations")),
    SIDE("bedrooms", N_("Bedrooms")), SIDE("size_min", N_("Size from (sq ft)")), SIDE("amenities", N_("Amenities")), SIDE("move_in_on", N_("Wants to move in")),
    SIDE("description", N_("What they want")), SIDE("temperature", N_("Temperature")), SIDE("staff_notes", N_("Staff's notes")),
    {.name = "first_version", .kind = FIELD_INT, .label = N_("Version"), .min = 1, .max = 2000000000, .required = true},
    {.name = "second_version", .kind = FIELD_INT, .label = N_("Version"), .min = 1, .max = 2000000000, .required = true},
    {0},
};
const struct form_spec duplicate_merge_form = {.fields = merge_form_fields};

static const struct field extension_filter_fields[] = {
    {.name = "state", .kind = FIELD_CHOICE, .label = N_("State"), .choices = request_choices},
    {0},
};
const struct form_spec extension_filters = {.fields = extension_filter_fields};
const struct list_spec extension_list_spec = {.query = Q_extension_list, .page_size = 50, .filename = "extensions"};

static const struct field extension_fields[] = {
    {.name = "days", .kind = FIELD_CHOICE, .label = N_("How much longer"), .required = true, .choices = days_choices, .missing = N_("Choose how many days more you need.")},
    {.name = "reason", .kind = FIELD_AREA, .label = N_("Why"), .required = true, .max = 1000, .rows = 4,
     .hint = N_("What the client waits for, and what you do meanwhile."), .missing = N_("Say why: whoever decides knows only what you write here.")},
    {0},
};
const struct form_spec extension_form = {.fields = extension_fields};
static const struct field decide_fields[] = {
    {.name = "decision", .kind = FIELD_CHOICE, .label = N_("Decision"), .required = true, .choices = decision_choices, .missing = N_("Choose what is decided.")},
    {.name = "days", .kind = FIELD_INT, .label = N_("Days more"), .min = 1, .max = 365, .hint = N_("Counts when it is granted; as asked unless you change it.")},
    {.name = "answer", .kind = FIELD_AREA, .label = N_("To the partner"), .max = 1000, .rows = 3, .hint = N_("The partner reads this.")},
    {0},
};
const struct form_spec extension_decide_form = {.fields = decide_fields};

static const struct field overlap_fields[] = {
    {.name = "day", .kind = FIELD_DATE, .label = N_("Day of the key")},
    {.name = "hashes", .kind = FIELD_AREA, .label = N_("Hashes"), .required = true, .max = 8000, .rows = 5,
     .hint = N_("Up to a hundred, one a line."), .missing = N_("Paste at least one hash.")},
    {0},
};
const struct form_spec overlap_form = {.fields = overlap_fields};
const struct list_spec overlap_log_spec = {.query = Q_overlap_log, .page_size = 50, .filename = "checks"};
/* clang-format on */
