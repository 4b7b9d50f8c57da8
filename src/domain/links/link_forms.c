#include "core/i18n.h"
#include "domain/links/links.h"

enum { UTM_MAX = 100 /* characters */ };

/* clang-format off */
static const struct choice target_choices[] = {{"form", NULL}, {"programme", NULL}, {"landing", NULL}, {NULL, NULL}};
static const struct choice state_choices[] = {{"live", N_("In use")}, {"archived", N_("Archived")}, {NULL, NULL}};
static const struct choice kind_choices[] = {{"person", NULL}, {"robot", NULL}, {"prefetch", NULL}, {"check", NULL}, {NULL, NULL}};

static const struct field filter_fields[] = {
    {.name = "q", .kind = FIELD_TEXT, .label = N_("Search"), .max = 100},
    {.name = "target", .kind = FIELD_CHOICE, .label = N_("Leads to"), .choices = target_choices},
    {.name = "state", .kind = FIELD_CHOICE, .label = N_("State"), .choices = state_choices},
    {.name = "partner", .kind = FIELD_UUID, .label = N_("Partner")},
    {0},
};
const struct form_spec link_filters = {.fields = filter_fields};
const struct list_spec link_list_spec = {.query = Q_link_list, .page_size = 50, .filename = "links"};

static const struct field click_fields[] = {
    {.name = "kind", .kind = FIELD_CHOICE, .label = N_("Who"), .choices = kind_choices},
    {.name = "from", .kind = FIELD_DATE, .label = N_("From")},
    {.name = "to", .kind = FIELD_DATE, .label = N_("Until")},
    {.name = "link", .kind = FIELD_UUID, .label = N_("Link")},
    {0},
};
const struct form_spec click_filters = {.fields = click_fields};
const struct list_spec click_list_spec = {.query = Q_click_list, .page_size = 100, .filename = "clicks"};

static const struct field link_fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .label = N_("Name"), .required = true, .max = 120, .autocomplete = "off",
     .hint = N_("Where you will use it, e.g. “Spring flyer”. Only you and the programme see it."),
     .missing = N_("Give the link a name, so that you find it again.")},
    {.name = "target", .kind = FIELD_CHOICE, .label = N_("Leads to"), .required = true, .choices = target_choices,
     .missing = N_("Choose where the link leads.")},
    {.name = "form_type", .kind = FIELD_CHOICE, .label = N_("Which form"), .options = "partner_type_options",
     .hint = N_("When it leads to a referral form: each asks for what its kind of partner needs.")},
    {.name = "landing_url", .kind = FIELD_URL, .label = N_("Landing page"), .autocomplete = "off",
     .hint = N_("When it leads to a landing page: an address of one of the programme's own sites.")},
    {.name = "utm_campaign", .kind = FIELD_TEXT, .label = N_("Campaign"), .max = UTM_MAX, .autocomplete = "off",
     .hint = N_("What several links belong to. Left empty: made from the name.")},
    {.name = "alias", .kind = FIELD_TEXT, .label = N_("Address"), .max = CODE_MAX, .autocomplete = "off",
     .hint = N_("A word that is easy to say, e.g. “harbour-spring”. It cannot be changed later. Left empty: seven characters by chance.")},
    {.name = "utm_source", .kind = FIELD_TEXT, .label = N_("Source"), .max = UTM_MAX, .autocomplete = "off",
     .hint = N_("Where it is placed, e.g. newsletter. Left empty: partner.")},
    {.name = "utm_medium", .kind = FIELD_TEXT, .label = N_("Medium"), .max = UTM_MAX, .autocomplete = "off",
     .hint = N_("By what way, e.g. email or print. Left empty: referral.")},
    {.name = "utm_term", .kind = FIELD_TEXT, .label = N_("Term"), .max = UTM_MAX, .autocomplete = "off", .hint = N_("Paid keyword.")},
    {.name = "utm_content", .kind = FIELD_TEXT, .label = N_("Content"), .max = UTM_MAX, .autocomplete = "off", .hint = N_("Tells two versions apart.")},
    {.name = "utm_id", .kind = FIELD_TEXT, .label = N_("Campaign's number"), .max = UTM_MAX, .autocomplete = "off"},
    {.name = "utm_source_platform", .kind = FIELD_TEXT, .label = N_("Platform"), .max = UTM_MAX, .autocomplete = "off"},
    {.name = "utm_creative_format", .kind = FIELD_TEXT, .label = N_("Format"), .max = UTM_MAX, .autocomplete = "off"},
    {.name = "utm_marketing_tactic", .kind = FIELD_TEXT, .label = N_("Tactic"), .max = UTM_MAX, .autocomplete = "off"},
    {.name = "partner_id", .kind = FIELD_CHOICE, .label = N_("Partner"), .options = "link_partners", .hint = N_("Whose link it is.")},
    {.name = "version", .kind = FIELD_HIDDEN, .label = N_("Version"), .max = 12},
    {0},
};
static const struct form_conflict link_conflicts[] = {
    {"referral_links_form_type_fkey", "form_type", N_("Choose one of the listed forms.")},
    {0},
};
const struct form_spec link_form = {.fields = link_fields, .conflicts = link_conflicts};

static const struct field archive_fields[] = {{.name = "archive", .kind = FIELD_CHECK, .label = N_("Archive")}, {0}};
const struct form_spec link_archive_form = {.fields = archive_fields};

static const struct field range_fields[] = {
    {.name = "from", .kind = FIELD_DATE, .label = N_("From")},
    {.name = "to", .kind = FIELD_DATE, .label = N_("Until")},
    {0},
};
const struct form_spec link_range_form = {.fields = range_fields};
/* clang-format on */
