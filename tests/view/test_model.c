/* Models as JSON, rows as JSON and CSV. */
#include "tests/support/unit.h"
#include "tests/view/table.h"
#include "view/model.h"

static struct arena *arena;
static struct model *model;
static struct buf out;

static int set_up(void **state) {
    (void)state;
    arena = arena_new((size_t)16 * 1024 * 1024);
    model = model_new(arena, NULL);
    buf_init(&out, (size_t)1024 * 1024);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    buf_free(&out);
    arena_free(arena);
    return 0;
}

static void expect_json(const char *expected) {
    buf_clear(&out);
    model_to_json(model, &out);
    assert_string_equal(buf_text(&out), expected);
}

static const struct column cols[] = {
    {"id", COLUMN_UUID},  {"name", COLUMN_TEXT},  {"value", COLUMN_NUMERIC},
    {"n", COLUMN_INT},    {"open", COLUMN_BOOL},  {"created_at", COLUMN_TIMESTAMP},
    {"due", COLUMN_DATE}, {"extra", COLUMN_JSON}, {"_cursor", COLUMN_TEXT},
};
static const char *const cells[] = {
    "0b0e7d0c-0000-4000-8000-000000000001",
    "Amira \"A\" Nasser\n",
    "1250000.00",
    "7",
    "t",
    "2026-11-20 09:41:07.123+00",
    "2026-11-20",
    "{\"a\": 1.10}",
    "secret",
    "0b0e7d0c-0000-4000-8000-000000000002",
    NULL,
    "NaN",
    NULL,
    "f",
    "infinity",
    NULL,
    NULL,
    NULL,
};
TABLE(leads, cols, cells, .one = false);
TABLE(lead, cols, cells, .one = true);
static const struct rows no_lead = {.one = true, .ncols = 1, .cols = cols};

#define FIRST                                                                                      \
    "{\"id\":\"0b0e7d0c-0000-4000-8000-000000000001\",\"name\":\"Amira \\\"A\\\" Nasser\\n\","     \
    "\"value\":1250000.00,\"n\":7,\"open\":true,\"created_at\":\"2026-11-20T09:41:07.123Z\","      \
    "\"due\":\"2026-11-20\",\"extra\":{\"a\": 1.10}}"
#define SECOND                                                                                     \
    "{\"id\":\"0b0e7d0c-0000-4000-8000-000000000002\",\"name\":null,\"value\":null,\"n\":null,"    \
    "\"open\":false,\"created_at\":\"infinity\",\"due\":null,\"extra\":null}"

static void test_rows(void **state) {
    (void)state;
    model_set_rows(model, "leads", &leads);
    model_set_rows(model, "lead", &lead);
    model_set_rows(model, "none", &no_lead);
    expect_json("{\"leads\":[" FIRST "," SECOND "],\"lead\":" FIRST ",\"none\":null}");
}

static void test_scalars(void **state) {
    (void)state;
    model_set_text(model, "text", "tab\t, bell\a, \\ and é");
    model_set_text(model, "null", NULL);
    model_set_int(model, "int", -42);
    model_set_bool(model, "bool", true);
    model_set_typed(model, "numeric", "12500.00", COLUMN_NUMERIC);
    model_set_typed(model, "not_numeric", "Infinity", COLUMN_NUMERIC);
    model_set_typed(model, "at", "2026-11-20 09:41:07+05:30", COLUMN_TIMESTAMP);
    model_set_typed(model, "flag", "f", COLUMN_BOOL);
    expect_json("{\"text\":\"tab\\t, bell\\u0007, \\\\ and é\",\"null\":null,\"int\":-42,"
                "\"bool\":true,\"numeric\":12500.00,\"not_numeric\":null,"
                "\"at\":\"2026-11-20T09:41:07+05:30\",\"flag\":false}");
}

static const char *never(void *context, struct arena *scratch, const char *text) {
    (void)context, (void)scratch, (void)text;
    return NULL;
}

static void test_what_only_templates_see(void **state) {
    (void)state;
    model_set_text(model, "_csrf", "token");
    model_set_svg(model, "trend_svg", "<svg/>");
    model_set_lambda(model, "lambda", never, NULL);
    model_set_text(model, "last", "shown");
    expect_json("{\"last\":\"shown\"}");
}

static void test_outer_model_is_left_out(void **state) {
    (void)state;
    model_set_text(model, "user", "Dana");
    model = model_new(arena, model);
    model_set_text(model, "page", "x");
    expect_json("{\"page\":\"x\"}");
}

static void test_a_later_value_replaces(void **state) {
    (void)state;
    model_set_text(model, "a", "1");
    model_set_text(model, "b", "2");
    model_set_int(model, "a", 3);
    expect_json("{\"a\":3,\"b\":\"2\"}");
}

static void test_objects_and_lists(void **state) {
    (void)state;
    struct model *object = model_set_object(model, "object");
    struct model_list *list = model_set_list(model, "list");
    model_set_list(model, "empty");
    model_set_int(object, "n", 1);
    for (int i = 0; i < 20; i++)
        model_set_int(model_list_add(list), "i", i);
    expect_json(
        "{\"object\":{\"n\":1},\"list\":[{\"i\":0},{\"i\":1},{\"i\":2},{\"i\":3},{\"i\":4},"
        "{\"i\":5},{\"i\":6},{\"i\":7},{\"i\":8},{\"i\":9},{\"i\":10},{\"i\":11},{\"i\":12},"
        "{\"i\":13},{\"i\":14},{\"i\":15},{\"i\":16},{\"i\":17},{\"i\":18},{\"i\":19}],"
        "\"empty\":[]}");
}

static void test_json_is_copied_as_it_stands(void **state) {
    (void)state;
    assert_true(model_set_json(model, "a", "{\"n\": 1.500, \"l\": [ ]}"));
    assert_true(model_set_json(model, "b", "[1, 12345678901234567890123]"));
    assert_true(model_set_json(model, "c", "\"text\""));
    assert_true(model_set_json(model, "d", "null"));
    assert_false(model_set_json(model, "e", "{\"n\":"));
    assert_false(model_set_json(model, "f", "{} x"));
    model_set_typed(model, "g", "[true]", COLUMN_JSON);
    model_set_typed(model, "h", "[", COLUMN_JSON);
    expect_json("{\"a\":{\"n\": 1.500, \"l\": [ ]},\"b\":[1, 12345678901234567890123],"
                "\"c\":\"text\",\"d\":null,\"g\":[true],\"h\":null}");
}

static void test_whole_documents(void **state) {
    (void)state;
    static const char *const documents[] = {
        "{\"a\":{\"b\":[1,-2.5,true,null,\"x\"]},\"c\":1e+30}",
        "[1,2,{\"a\":[]}]",
        "\"text\"",
        "85",
    };
    char error[256];
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        const char *text = documents[i];
        model = model_from_json(arena, NULL, text, strlen(text), error, sizeof error);
        assert_non_null(model);
        expect_json(text);
    }
    assert_null(model_from_json(arena, NULL, "{\"a\":\n1,}", 9, error, sizeof error));
    assert_contains(error, "2:3: this is not JSON: ");
    assert_null(model_from_json(arena, NULL, "", 0, error, sizeof error));
}

static void test_numbers_of_documents_are_exact(void **state) {
    (void)state;
    static const char text[] = "[0.1,1.21,100.0,1e-7,9007199254740993,0.30000000000000004]";
    char error[256];
    model = model_from_json(arena, NULL, text, sizeof text - 1, error, sizeof error);
    assert_non_null(model);
    expect_json("[0.1,1.21,100,1e-07,9007199254740993,0.30000000000000004]");
}

/* ---- CSV ---- */

static const struct column csv_cols[] = {{"name", COLUMN_TEXT}, {"client \"x\"", COLUMN_TEXT},
                                         {"_id", COLUMN_UUID},  {"value", COLUMN_NUMERIC},
                                         {"open", COLUMN_BOOL}, {"at", COLUMN_TIMESTAMP}};
static const char *const csv_cells[] = {
    "plain",      "a,b",          "hidden", "-12.50", "t", "2026-11-20 09:41:07+00",
    "say \"hi\"", "two\r\nlines", "hidden", NULL,     "f", NULL,
};
TABLE(csv_rows, csv_cols, csv_cells, .one = false);

static void test_csv(void **state) {
    (void)state;
    rows_to_csv_header(&csv_rows, &out);
    assert_string_equal(buf_text(&out), "name,\"client \"\"x\"\"\",value,open,at\r\n");
    buf_clear(&out);
    rows_to_csv(&csv_rows, &out);
    assert_string_equal(buf_text(&out), "plain,\"a,b\",-12.50,true,2026-11-20T09:41:07Z\r\n"
                                        "\"say \"\"hi\"\"\",\"two\r\nlines\",,false,\r\n");
}

static void test_csv_has_no_formulas(void **state) {
    (void)state;
    static const struct column one_col[] = {{"x", COLUMN_TEXT}};
    static const char *const one_column[] = {
        "=1+1", "+971 50 123",       "-2+3", "-2.5", "-",  "@SUM(A1)", "\ttab",
        "\rcr", "=HYPERLINK(\"x\")", "a=b",  "-7",   "+7",
    };
    TABLE(formulas, one_col, one_column, .one = false);
    rows_to_csv(&formulas, &out);
    assert_string_equal(buf_text(&out), "'=1+1\r\n'+971 50 123\r\n'-2+3\r\n-2.5\r\n'-\r\n"
                                        "'@SUM(A1)\r\n'\ttab\r\n\"'\rcr\"\r\n"
                                        "\"'=HYPERLINK(\"\"x\"\")\"\r\na=b\r\n-7\r\n'+7\r\n");
}

static void test_bounded_output(void **state) {
    (void)state;
    struct buf small;
    buf_init(&small, 100);
    model_set_rows(model, "leads", &leads);
    model_to_json(model, &small);
    assert_true(buf_overflowed(&small));
    buf_clear(&small);
    rows_to_csv(&leads, &small);
    assert_true(buf_overflowed(&small));
    buf_free(&small);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_rows),
        TEST(test_scalars),
        TEST(test_what_only_templates_see),
        TEST(test_outer_model_is_left_out),
        TEST(test_a_later_value_replaces),
        TEST(test_objects_and_lists),
        TEST(test_json_is_copied_as_it_stands),
        TEST(test_whole_documents),
        TEST(test_numbers_of_documents_are_exact),
        TEST(test_csv),
        TEST(test_csv_has_no_formulas),
        TEST(test_bounded_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
