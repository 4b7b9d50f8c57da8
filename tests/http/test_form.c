#include "http_test.h"

#include "core/text.h"
#include "http/form.h"
#include "http/form_data.h"
#include "view/mustache.h"

static const struct choice stages[] = {{"new", "New one"}, {"in_progress", NULL}, {NULL, NULL}};

static const struct field fields[] = {
    {.name = "name",
     .kind = FIELD_TEXT,
     .label = "Client's name",
     .required = true,
     .max = 20,
     .hint = "As on the passport.",
     .autocomplete = "name"},
    {.name = "email", .kind = FIELD_EMAIL, .label = "Email"},
    {.name = "url", .kind = FIELD_URL, .label = "URL", .required = true},
    {.name = "yours", .kind = FIELD_TEXT, .label = "Your team", .required = true},
    {.name = "budget", .kind = FIELD_MONEY, .label = "Budget"},
    {.name = "secret", .kind = FIELD_PASSWORD, .label = "Password", .min = 10},
    {.name = "stage", .kind = FIELD_CHOICE, .label = "Stage", .choices = stages, .multiple = true},
    {.name = "partner",
     .kind = FIELD_UUID,
     .label = "Partner",
     .options = "partners",
     .required = true},
    {.name = "age", .kind = FIELD_INT, .label = "Age", .min = 18, .max = 120},
    {.name = "notes", .kind = FIELD_AREA, .label = "Notes"},
    {.name = "consent", .kind = FIELD_CHECK, .label = "The client agrees", .required = true},
    {.name = "news", .kind = FIELD_CHECK, .label = "News", .missing = "unused"},
    {.name = "why",
     .kind = FIELD_TEXT,
     .label = "Reason",
     .required = true,
     .missing = "Say why, in a word or two."},
    {.name = NULL},
};

static const struct form_conflict conflicts[] = {
    {"users_email_key", "email", "This email is taken. Use another."},
    {"leads_whole", NULL, "Send it once more."},
    {NULL, NULL, NULL},
};

static const struct form_spec spec = {fields, conflicts};

#define PARTNER "0b5c8e2e-1a5d-4c1b-9b8d-2b1f5a3c7d90"
#define GOOD                                                                                       \
    "name=+Mira+Quill&email=mira@Harbour.EXAMPLE&url=https://a.example&yours=Blue&budget=1,250"    \
    "&secret=tessera-demo&stage=new&stage=in_progress&partner=" PARTNER "&age=44&notes=a%0D%0Ab"   \
    "&consent=true&why=because"

static bool take(struct form *form, struct arena *arena, const char *body) {
    struct params *sent = params_new(arena);
    const char *reason = NULL;
    assert_int_equal(urlencoded_parse(body, strlen(body), sent, &reason), OK);
    return form_take(form, sent);
}

static void takes_what_is_right(void **state) {
    struct form *form = form_new(*state, &spec);
    assert_true(take(form, *state, GOOD));
    assert_true(form_valid(form));
    assert_string_equal(form_value(form, "name"), "Mira Quill");
    assert_string_equal(form_value(form, "email"), "mira@harbour.example");
    assert_string_equal(form_value(form, "budget"), "1250");
    assert_string_equal(form_value(form, "secret"), "tessera-demo");
    assert_string_equal(form_value(form, "stage"), "new,in_progress");
    assert_string_equal(form_value(form, "notes"), "a\nb");
    assert_string_equal(form_value(form, "consent"), "true");
    assert_string_equal(form_value(form, "news"), "false");
    assert_null(form_value(form, "nosuch"));
}

static void gives_parameters(void **state) {
    struct form *form = form_new(*state, &spec);
    struct params *out = params_new(*state);
    params_add(out, "name", "from the path");
    assert_true(take(form, *state, GOOD "&email="));
    form_params(form, out);
    assert_string_equal(params_get(out, "name"), "Mira Quill");
    assert_string_equal(params_get(out, "news"), "false");
    assert_null(params_find(out, "secret"));
    assert_int_equal(out->count, COUNT(fields) - 2);

    assert_false(take(form, *state, "email=nonsense"));
    form_params(form, out);
    assert_non_null(params_find(out, "email"));
    assert_null(params_get(out, "email"));
}

static void takes_the_first(void **state) {
    struct form *form = form_new(*state, &spec);
    (void)take(form, *state, "name=one&name=two&news=false&news=true&stage=&stage=new");
    assert_string_equal(form_value(form, "name"), "one");
    assert_string_equal(form_value(form, "news"), "true");
    assert_string_equal(form_value(form, "stage"), "new");
}

static const struct column partner_columns[] = {{"value", COLUMN_UUID}, {"label", COLUMN_TEXT}};

static const char *partner_cell(const void *source, size_t row, size_t col) {
    (void)source;
    static const char *const cells[][2] = {{PARTNER, "Harbour Realty"},
                                           {"22222222-2222-4222-8222-222222222222", NULL},
                                           {NULL, "no value"}};
    return cells[row][col];
}

static const struct rows partners = {
    .name = "partners", .nrows = 3, .ncols = 2, .cols = partner_columns, .cell = partner_cell};

static const struct rows *find_rows(void *context, const char *name) {
    *(int *)context += 1;
    return text_equal(name, "partners") ? &partners : NULL;
}

/* What a template shows of the form. */
static const char *render(struct arena *arena, const struct form *form, const char *template) {
    struct model *page = model_new(arena, NULL);
    struct template_set *set = template_set_new();
    struct buf out;
    char error[200] = "";
    int asked = 0;
    /* Names of the page that a field must not fall through to. */
    model_set_text(page, "hint", "of the page");
    model_set_text(page, "error", "of the page");
    model_set_text(page, "autocomplete", "of the page");
    model_set_text(page, "value", "of the page");
    model_set_text(page, "max", "of the page");
    form_model(form, page, find_rows, &asked);
    assert_true(asked > 0);
    buf_init(&out, 65536);
    assert_int_equal(template_set_add(set, "t", template, strlen(template), error, sizeof error),
                     OK);
    assert_int_equal(template_render(set, "t", page, &(struct render_options){0}, &out), OK);
    const char *text = arena_strdup(arena, buf_text(&out));
    buf_free(&out);
    template_set_free(set);
    return text;
}

static void says_what_is_wrong(void **state) {
    static const struct {
        const char *body;
        const char *field;
        const char *error;
    } cases[] = {
        {"", "name", "Enter the client's name."},
        {"name=+", "name", "Enter the client's name."},
        {"name=123456789012345678901", "name",
         "“Client's name” takes at most 20 characters. This has 21."},
        {"", "email", ""},
        {"email=mira", "email",
         "“mira” is not an email address. Write it like name@company.example."},
        {"", "url", "Enter the URL."},
        {"", "yours", "Enter your team."},
        {"", "partner", "Choose the partner."},
        {"partner=x", "partner", "Choose one of the listed options."},
        {"", "consent", "Tick “The client agrees” to go on."},
        {"", "why", "Say why, in a word or two."},
        {"secret=short", "secret", "Use at least 10 characters. This has 5."},
        {"age=17", "age", "Write a whole number from 18 to 120."},
        {"stage=lost", "stage", "Choose one of the listed options."},
        {"budget=1.250", "budget",
         "“1.250” could mean two amounts. Write 1250 or 1,250 for thousands, 1.25 for decimals."},
        {"budget=%7Bvalue%7D", "budget",
         "“{value}” is not an amount. Write digits only, without a currency, like 1,250,000.50."},
        {"budget=12345678901234567890123456789012345678901234567890", "budget",
         "“1234567890123456789012345678901234567890…” is larger than an amount can be here."},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct form *form = form_new(*state, &spec);
        assert_false(take(form, *state, cases[i].body));
        assert_null(form_value(form, cases[i].field));
        const char *template = arena_printf(*state, "{{form.%s.error}}", cases[i].field);
        const char *text = render(*state, form, template);
        /* Templates escape the apostrophe. */
        const char *expected = cases[i].error;
        if (strchr(expected, '\'') != NULL)
            expected = arena_printf(*state, "%.*s&#39;%s", (int)strcspn(expected, "'"), expected,
                                    strchr(expected, '\'') + 1);
        assert_string_equal(text, expected);
    }
}

/* Handlers' own sentences go through the same filling; what is not ours to fill stays. */
static void fills_in_sentences(void **state) {
    static const char template[] = "{{form.notes.error}}";
    struct form *form = form_new(*state, &spec);
    (void)take(form, *state, "notes=one%0D%0Atwo");
    form_error(form, "notes", "{label}: {value} {nosuch} {unclosed");
    assert_string_equal(render(*state, form, template), "Notes: one two {nosuch} {unclosed");
}

static void offers_a_minus_where_one_may_be_typed(void **state) {
    static const struct field numbers[] = {
        {.name = "up", .kind = FIELD_INT, .label = "Up", .min = 0, .max = 9},
        {.name = "down", .kind = FIELD_INT, .label = "Down", .min = -9, .max = 9},
        {.name = "list", .kind = FIELD_CHOICE, .label = "List", .options = "partners"},
        {.name = NULL},
    };
    static const struct form_spec number_spec = {numbers, NULL};
    struct form *form = form_new(*state, &number_spec);
    form_set(form, "nosuch", "passed over");
    assert_string_equal(render(*state, form,
                               "{{form.up.inputmode}} {{form.up.min}} {{form.up.max}}|"
                               "{{form.down.inputmode}} {{form.down.min}}"),
                        "numeric 0 9| -9");
}

static void shows_a_field(void **state) {
    static const char template[] =
        "{{#form.name}}{{name}}|{{label}}|{{value}}|{{hint}}|{{error}}|{{max}}|{{id}}|{{hint_id}}|"
        "{{error_id}}|{{described_by}}|{{autocomplete}}|{{type}}|{{#required}}r{{/required}}"
        "{{#is_text}}t{{/is_text}}{{#is_area}}a{{/is_area}}{{#is_input}}i{{/is_input}}"
        "{{#invalid}}!{{/invalid}}{{#checked}}c{{/checked}}{{/form.name}}";
    struct form *form = form_new(*state, &spec);
    assert_string_equal(render(*state, form, template),
                        "name|Client&#39;s name||As on the passport.||20|f-name|f-name-hint|"
                        "|f-name-hint|name|text|rti");
    (void)take(form, *state, "name=+x+y+++++++++++++++++++++++++++z");
    assert_string_equal(
        render(*state, form, template),
        "name|Client&#39;s name| x y                           z|As on the passport.|"
        "“Client&#39;s name” takes at most 20 characters. This has 31.|20|f-name|f-name-hint|"
        "f-name-error|f-name-error f-name-hint|name|text|rti!");
}

static void hides_the_page_from_a_field(void **state) {
    static const char template[] = "{{#form.budget}}[{{hint}}{{error}}{{autocomplete}}{{value}}"
                                   "{{max}}{{described_by}}{{rows}}{{min}}]{{/form.budget}}";
    struct form *form = form_new(*state, &spec);
    assert_string_equal(render(*state, form, template), "[]");
}

static void keeps_what_was_typed(void **state) {
    static const char template[] =
        "{{form.email.value}}|{{form.budget.value}}|{{form.secret.value}}|"
        "{{#form.news}}{{#checked}}on{{/checked}}{{/form.news}}|"
        "{{#form.stage}}{{#options}}{{#selected}}{{value}} "
        "{{/selected}}{{/options}}{{/form.stage}}";
    struct form *form = form_new(*state, &spec);
    (void)take(form, *state,
               "email=mira&budget=1,250.5&secret=tessera-demo&news=on&stage=in_progress&stage=x");
    assert_string_equal(render(*state, form, template), "mira|1,250.5||on|in_progress ");
}

static void shows_options(void **state) {
    static const char template[] =
        "{{#form.stage}}{{#is_choice}}{{#options}}{{id}}:{{value}}:{{label}} {{/options}}"
        "{{/is_choice}}{{/form.stage}}"
        "{{#form.partner}}{{#is_choice}}{{#has_options}}{{#options}}{{value}}:{{label}}:"
        "{{#selected}}*{{/selected}} {{/options}}{{/has_options}}{{/is_choice}}{{/form.partner}}"
        "{{#form.name}}{{#has_options}}no{{/has_options}}{{#options}}no{{/options}}{{/form.name}}";
    struct form *form = form_new(*state, &spec);
    form_set(form, "partner", PARTNER);
    assert_string_equal(render(*state, form, template),
                        "f-stage-0:new:New one f-stage-1:in_progress:In progress " PARTNER
                        ":Harbour Realty:* 22222222-2222-4222-8222-222222222222:"
                        "22222222-2222-4222-8222-222222222222: ");
}

static void works_without_options(void **state) {
    struct form *form = form_new(*state, &spec);
    struct model *page = model_new(*state, NULL);
    struct buf out;
    buf_init(&out, 65536);
    form_model(form, page, NULL, NULL);
    model_to_json(page, &out);
    assert_non_null(strstr(buf_text(&out), "\"options\""));
    assert_false(buf_overflowed(&out));
    buf_free(&out);
}

static void sums_up_errors(void **state) {
    static const char template[] =
        "{{#form.has_errors}}{{form.error_count}} {{#form.errors}}{{field}}/{{id}}/{{text}};"
        "{{/form.errors}}{{/form.has_errors}}";
    struct form *form = form_new(*state, &spec);
    assert_string_equal(render(*state, form, template), "");
    assert_true(take(form, *state, GOOD));
    form_error(form, NULL, "Wrong email or password.");
    form_error(form, "nosuch", "Kept, though its field is not here.");
    form_error(form, "email", "First.");
    form_error(form, "email", "Second.");
    assert_false(form_valid(form));
    assert_null(form_value(form, "email"));
    assert_string_equal(render(*state, form, template),
                        "3 //Wrong email or password.;//Kept, though its field is not here.;"
                        "email/f-email/First.;");
    assert_true(take(form, *state, GOOD));
    assert_string_equal(render(*state, form, template), "");
}

/* What comes as text under a file field's name is nothing; what is wrong with a file names it. */
static void files_have_errors_and_no_value(void **state) {
    static const struct field file_fields[] = {
        {.name = "files", .kind = FIELD_FILE, .label = "Files", .multiple = true, .accept = ".pdf"},
        {.name = "partner", .kind = FIELD_UUID, .label = "Partner", .options = "partners"},
        {.name = NULL},
    };
    static const struct form_spec file_spec = {.fields = file_fields};
    struct form *form = form_new(*state, &file_spec);
    assert_true(take(form, *state, "files=abc"));
    assert_null(form_value(form, "files"));
    static const char template[] = "{{#form.files}}{{#is_file}}{{type}} {{accept}} {{multiple}}{{#is_input}}"
                                   " input{{/is_input}} [{{value}}] {{error}}{{/is_file}}{{/form.files}}";
    assert_string_equal(render(*state, form, template), "file .pdf true [] ");
    form_error_about(form, "files", "“{value}” is larger than {max} MB.", "<plan>.pdf", 10);
    form_error_about(form, "files", "Second: {value}", "other.pdf", 1);
    assert_false(form_valid(form));
    assert_string_equal(render(*state, form, template),
                        "file .pdf true [] “&lt;plan&gt;.pdf” is larger than 10 MB.");
}

static void explains_conflicts(void **state) {
    struct form *form = form_new(*state, &spec);
    assert_true(take(form, *state, GOOD));
    assert_false(form_conflict(form, "other_key"));
    assert_false(form_conflict(form, NULL));
    assert_true(form_valid(form));
    assert_true(form_conflict(form, "users_email_key"));
    assert_false(form_valid(form));
    assert_string_equal(
        render(*state, form, "{{form.email.value}}: {{form.email.error}} {{form.name.value}}"),
        "mira@Harbour.EXAMPLE: This email is taken. Use another.  Mira Quill");
    assert_true(form_conflict(form, "leads_whole"));
    assert_string_equal(render(*state, form, "{{form.error_count}}"), "2");
}

static const struct column lead_columns[] = {{"name", COLUMN_TEXT},    {"budget", COLUMN_NUMERIC},
                                             {"consent", COLUMN_BOOL}, {"news", COLUMN_BOOL},
                                             {"email", COLUMN_TEXT},   {"other", COLUMN_TEXT}};

static const char *lead_cell(const void *source, size_t row, size_t col) {
    (void)source;
    (void)row;
    static const char *const cells[] = {"Mira", "1250.50", "t", "f", NULL, "x"};
    return cells[col];
}

static void fills_from_a_row(void **state) {
    struct rows row = {.name = "lead",
                       .one = true,
                       .nrows = 1,
                       .ncols = 6,
                       .cols = lead_columns,
                       .cell = lead_cell};
    struct form *form = form_new(*state, &spec);
    form_set(form, "email", "kept? no: the row says none");
    form_set(form, "yours", "kept");
    form_fill(form, &row);
    assert_string_equal(form_value(form, "name"), "Mira");
    assert_string_equal(form_value(form, "budget"), "1250.50");
    assert_string_equal(form_value(form, "consent"), "true");
    assert_string_equal(form_value(form, "news"), "false");
    assert_null(form_value(form, "email"));
    assert_string_equal(form_value(form, "yours"), "kept");
    assert_true(form_valid(form));

    row.nrows = 0;
    form_set(form, "name", "stays");
    form_fill(form, &row);
    form_fill(form, NULL);
    assert_string_equal(form_value(form, "name"), "stays");
    form_set(form, "name", "");
    assert_null(form_value(form, "name"));
}

static void filters_pass_over_what_is_wrong(void **state) {
    static const struct field filter[] = {
        {.name = "stage", .kind = FIELD_CHOICE, .label = "Stage", .choices = stages},
        {.name = "from", .kind = FIELD_DATE, .label = "From"},
        {.name = NULL},
    };
    static const struct form_spec filters = {filter, NULL};
    struct form *form = form_new(*state, &filters);
    assert_true(take(form, *state, "page=2&unknown=x"));
    assert_false(take(form, *state, "stage=nonsense&from=2026-11-20"));
    assert_null(form_value(form, "stage"));
    assert_string_equal(form_value(form, "from"), "2026-11-20");
    assert_false(form_conflict(form, "anything"));
}

static void build_with_taken_name(void) {
    static const struct field bad[] = {{.name = "errors", .kind = FIELD_TEXT, .label = "E"},
                                       {.name = NULL}};
    static const struct form_spec bad_spec = {bad, NULL};
    (void)form_new(arena_new(1024 * 1024), &bad_spec);
}

static void tells_problems_as_data(void **state) {
    struct form *form = form_new(*state, &spec);
    struct form_problem problems[3];
    (void)take(form, *state, "name=Ann&email=nowhere&age=3&url=https://a.example&yours=x&partner=" PARTNER "&consent=true&why=y");
    form_error(form, NULL, "The whole is odd.");
    assert_int_equal(form_problems(form, problems, 3), 3);
    assert_null(problems[0].field);
    assert_string_equal(problems[0].message, "The whole is odd.");
    assert_string_equal(problems[1].field, "email");
    assert_string_equal(problems[1].value, "nowhere");
    assert_string_equal(problems[2].field, "age");
    assert_int_equal(problems[2].min, 18);
    assert_string_equal(form_problem_text(*state, &spec, &problems[1]),
                        "\u201Cnowhere\u201D is not an email address. Write it like name@company.example.");
    assert_string_equal(form_problem_text(*state, &spec, &problems[2]), "Write a whole number from 18 to 120.");
    problems[1].field = "gone"; /* kept from a time when there was such a field */
    assert_contains(form_problem_text(*state, &spec, &problems[1]), "nowhere");
    assert_int_equal(form_problems(form, problems, 1), 3); /* how many there are, not how many fit */
    (void)take(form, *state, GOOD);
    assert_int_equal(form_problems(form, problems, 3), 0);
}

static void refuses_taken_names(void **state) {
    (void)state;
    assert_true(aborts(build_with_taken_name));
}

/* However much is sent, little of it is worked on or shown, and it is refused with the right words.
 */
static void bounds_what_is_sent(void **state) {
    size_t size = 2 * 1024 * 1024;
    char *huge = malloc(size + 1);
    assert_non_null(huge);
    huge[size] = '\0';
    for (size_t i = 0; i < size; i++)
        huge[i] = i == 0 ? 'x' : "\xc3\xa9"[(i - 1) % 2];
    huge[size - 1] = 'x';
    struct params *sent = params_new(*state);
    for (const struct field *field = fields; field->name != NULL; field++)
        params_add(sent, field->name, huge);
    struct form *form = form_new(*state, &spec);
    size_t before = arena_used(*state);
    assert_false(form_take(form, sent));
    assert_in_range(arena_used(*state) - before, 0, 4 * size);
    assert_non_null(strstr(render(*state, form, "{{form.name.error}}"), "at most 20 characters"));
    assert_in_range(strlen(render(*state, form, "{{form.name.value}}")), 21, 2048);
    const char *shown = render(*state, form, "{{form.name.value}}");
    assert_true(text_utf8_valid(shown, strlen(shown)));

    for (size_t i = 0; i < size; i++)
        huge[i] = i % 2 == 1 ? ',' : 'x';
    sent = params_new(*state);
    params_add(sent, "stage", huge);
    params_add(sent, "stage", huge);
    assert_false(form_take(form, sent));
    assert_null(form_value(form, "stage"));
    free(huge);
}

static void bounds_choices(void **state) {
    static const struct field several[] = {
        {.name = "s", .kind = FIELD_CHOICE, .label = "S", .options = "rows", .multiple = true},
        {.name = NULL}};
    static const struct form_spec several_spec = {several, NULL};
    struct form *form = form_new(*state, &several_spec);
    struct params *sent = params_new(*state);
    for (int i = 0; i < 256; i++)
        params_add(sent, "s", arena_printf(*state, "option-%d", i));
    assert_true(form_take(form, sent));
    params_add(sent, "s", "option-7");
    assert_true(form_take(form, sent));
    params_add(sent, "s", "one more");
    assert_false(form_take(form, sent));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(takes_what_is_right, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(gives_parameters, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(takes_the_first, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(says_what_is_wrong, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(fills_in_sentences, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(offers_a_minus_where_one_may_be_typed, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(shows_a_field, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(hides_the_page_from_a_field, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(keeps_what_was_typed, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(shows_options, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(works_without_options, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(sums_up_errors, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(files_have_errors_and_no_value, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(explains_conflicts, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(fills_from_a_row, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(filters_pass_over_what_is_wrong, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(bounds_what_is_sent, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(bounds_choices, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(tells_problems_as_data, arena_setup, arena_teardown),
        cmocka_unit_test(refuses_taken_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
