#include "core/i18n.h"
#include "domain/choices/choices.h"
#include "domain/imports/imports.h"

/* clang-format off */
static const struct choice charset_choices[] = {
    {"UTF-8", N_("UTF-8")}, {"UTF-16LE", N_("UTF-16 (Unicode text)")}, {"windows-1252", N_("Windows, Western Europe")},
    {"windows-1250", N_("Windows, Central Europe")}, {"windows-1251", N_("Windows, Cyrillic")}, {"windows-1254", N_("Windows, Turkish")},
    {"windows-1256", N_("Windows, Arabic")}, {"macintosh", N_("Macintosh")}, {"gb18030", N_("Chinese, GB 18030")}, {"Big5", N_("Chinese, Big5")},
    {NULL, NULL}};

static const struct field upload_fields[] = {
    {.name = "partner_id", .kind = FIELD_CHOICE, .label = N_("Partner"), .options = "lead_partners", .hint = N_("Who brought the clients.")},
    {.name = "file", .kind = FIELD_FILE, .label = N_("File"), .accept = ".csv,.xlsx,.tsv,.tab,.txt,text/csv,text/tab-separated-values,text/plain",
     .hint = N_("An Excel workbook (.xlsx, its first sheet) or CSV, up to 200,000 rows. The first row may name the columns, in whatever words.")},
    {.name = "charset", .kind = FIELD_CHOICE, .label = N_("Letters"), .choices = charset_choices,
     .hint = N_("Only if names come out wrong: how the file is written.")},
    {0},
};
static const struct form_conflict upload_conflicts[] = {
    {"lead_imports_file_key", "file", N_("This very file is here already.")},
    {0},
};
const struct form_spec import_upload_form = {.fields = upload_fields, .conflicts = upload_conflicts};

/* What is the same for every row that says nothing of its own. */
static const struct field columns_fields[] = {
    {.name = "has_header", .kind = FIELD_CHECK, .label = N_("The first row names the columns")},
    {.name = "source", .kind = FIELD_CHOICE, .label = N_("Source"), .choices = lead_source_choices, .hint = N_("Left empty: Import.")},
    {.name = "currency", .kind = FIELD_CHOICE, .label = N_("Currency"), .options = "lead_currency_choices", .hint = N_("Left empty: the partner's own.")},
    {.name = "property_type", .kind = FIELD_CHOICE, .label = N_("Property type"), .choices = lead_property_choices},
    {.name = "financing", .kind = FIELD_CHOICE, .label = N_("Financing"), .choices = lead_financing_choices},
    {.name = "description", .kind = FIELD_TEXT, .label = N_("What they want"), .max = 200, .hint = N_("E.g. where the list comes from: Spring open house.")},
    {0},
};
const struct form_spec import_columns_form = {.fields = columns_fields};

static const struct field commit_fields[] = {
    {.name = "leave_out", .kind = FIELD_CHECK, .label = N_("Import the good rows and leave the others out")},
    {.name = "with_duplicates", .kind = FIELD_CHECK, .label = N_("Import duplicates as well")},
    {.name = "consent", .kind = FIELD_CHECK, .required = true,
     .label = N_("Every client in this file agreed that their details are passed on to this programme"),
     .missing = N_("Ask the clients first, then tick this box: we only take leads who agreed.")},
    {.name = "seen", .kind = FIELD_HIDDEN, .label = N_("Version"), .max = 60},
    {0},
};
const struct form_spec import_commit_form = {.fields = commit_fields};

static const struct choice status_choices[] = {{"problem", NULL}, {"duplicate", NULL}, {"good", NULL}, {NULL, NULL}};
static const struct field row_fields[] = {
    {.name = "status", .kind = FIELD_CHOICE, .label = N_("Rows"), .choices = status_choices},
    {0},
};
const struct form_spec import_row_filters = {.fields = row_fields};
const struct list_spec import_list_spec = {.query = Q_import_list, .page_size = 25, .filename = "imports"};
/* clang-format on */
