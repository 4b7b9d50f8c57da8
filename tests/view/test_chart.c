/* Charts: well-formed, without inline style, with the right shapes in the right places. */
#include "tests/support/unit.h"
#include "view/chart.h"
#include <ctype.h>
#include <math.h>

static struct buf out;

static int set_up(void **state) {
    (void)state;
    buf_init(&out, (size_t)4 * 1024 * 1024);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    buf_free(&out);
    return 0;
}

static size_t count(const char *part) {
    size_t found = 0;
    for (const char *at = strstr(buf_text(&out), part); at != NULL; at = strstr(at + 1, part))
        found++;
    return found;
}

/* Every element is closed in order; every attribute is quoted. */
static void check_markup(void) {
    const char *open[32];
    size_t depth = 0;
    for (const char *at = strchr(buf_text(&out), '<'); at != NULL; at = strchr(at, '<')) {
        const char *end = strchr(at, '>');
        assert_non_null(end);
        if (at[1] == '/') {
            assert_true(depth > 0);
            size_t length = (size_t)(end - at) - 2;
            assert_memory_equal(open[--depth], at + 2, length);
            assert_false(isalnum((unsigned char)open[depth][length]));
        } else if (end[-1] != '/') {
            assert_true(depth < 32);
            open[depth++] = at + 1;
        }
        at = end;
    }
    assert_int_equal(depth, 0);
    assert_int_equal(count("\"") % 2, 0);
}

static void check_chart(void) {
    check_markup();
    const char *text = buf_text(&out);
    assert_false(buf_overflowed(&out));
    assert_lacks(text, "style=");
    assert_lacks(text, "viewBox");
    assert_lacks(text, "nan");
    assert_lacks(text, "inf");
}

static const char *const months[] = {"Jan", "Feb", "Mar"};
static const double earned[] = {100, 0, 400};
static const double fees[] = {0, -100, 50};
static const struct chart_series series[] = {{"Earned <1>", earned}, {"Fees", fees}};
static const struct chart quarter = {.title = "Commission \"Q1\" <b>",
                                     .labels = months,
                                     .points = 3,
                                     .series = series,
                                     .nseries = 2,
                                     .height = 240};

static void test_columns(void **state) {
    (void)state;
    chart_columns(&quarter, &out);
    check_chart();
    const char *text = buf_text(&out);
    assert_int_equal(strncmp(text, "<svg role=\"img\" ", 16), 0);
    assert_contains(text, "<title>Commission &quot;Q1&quot; &lt;b&gt;</title>");
    assert_contains(text, "height=\"240\"");
    assert_int_equal(count("<rect "), 6);
    assert_contains(text, "<title>Jan · Earned &lt;1&gt; 100</title>");
    assert_contains(text, "<title>Feb · Fees -100</title>");
    assert_contains(text, "class=\"fill-chart-1\"");
    assert_contains(text, "class=\"fill-chart-2\"");
    /* From -200 to 400 by 200, between 8 and 216 px. */
    assert_int_equal(count("<line "), 4);
    assert_contains(text, ">400</text>");
    assert_contains(text, ">-200</text>");
    assert_contains(text, "y=\"8.0\" width=\"10.27%\" height=\"138.7\"");  /* 400 */
    assert_contains(text, "y=\"146.7\" width=\"10.27%\" height=\"34.7\""); /* -100 */
    assert_contains(text, "height=\"0.0\"");                               /* 0 */
}

static void test_notes(void **state) {
    (void)state;
    static const char *const notes[] = {"a", "b", "c", "d", "e", "f & g"};
    struct chart chart = quarter;
    chart.notes = notes;
    chart_columns(&chart, &out);
    check_chart();
    assert_contains(buf_text(&out), "<title>c</title>");
    assert_contains(buf_text(&out), "<title>f &amp; g</title>");
    buf_clear(&out);
    chart_area(&chart, &out);
    check_chart();
    assert_contains(buf_text(&out), "<title>c\nf &amp; g</title>");
}

static void test_area(void **state) {
    (void)state;
    chart_area(&quarter, &out);
    check_chart();
    const char *text = buf_text(&out);
    assert_int_equal(count("<clipPath "), 2);
    assert_int_equal(count("<circle "), 6);
    assert_int_equal(count("pointer-events"), 1);
    assert_contains(text, "class=\"stroke-chart-2\"");
    assert_contains(text, "x1=\"0.00%\"");
    assert_contains(text, "x2=\"100.00%\"");
    assert_contains(text, "text-anchor=\"start\">Jan<");
    assert_contains(text, "text-anchor=\"end\">Mar<");
}

static const char *clip_id(void) {
    const char *id = strstr(buf_text(&out), "area-");
    assert_non_null(id);
    return id;
}

static void test_ids_differ_between_charts_only(void **state) {
    (void)state;
    char first[20];
    chart_area(&quarter, &out);
    memcpy(first, clip_id(), 13);
    buf_clear(&out);
    chart_area(&quarter, &out);
    assert_memory_equal(clip_id(), first, 13);
    buf_clear(&out);
    static const double others[] = {100, 0, 401};
    const struct chart_series changed[] = {{"Earned", others}};
    struct chart chart = quarter;
    chart.series = changed;
    chart.nseries = 1;
    chart_area(&chart, &out);
    assert_memory_not_equal(clip_id(), first, 13);
}

static void test_one_point(void **state) {
    (void)state;
    struct chart chart = quarter;
    chart.points = 1;
    chart_area(&chart, &out);
    check_chart();
    assert_contains(buf_text(&out), "cx=\"50.00%\"");
    buf_clear(&out);
    chart_columns(&chart, &out);
    check_chart();
}

static void test_no_points(void **state) {
    (void)state;
    struct chart chart = quarter;
    chart.points = 0;
    void (*const draw[])(const struct chart *, struct buf *) = {chart_columns, chart_area,
                                                                chart_funnel};
    for (size_t i = 0; i < 3; i++) {
        buf_clear(&out);
        draw[i](&chart, &out);
        check_chart();
        assert_contains(buf_text(&out), "There is nothing to show yet.");
    }
}

static void test_strange_values(void **state) {
    (void)state;
    static const double all[][3] = {
        {0, 0, 0},      {NAN, INFINITY, -INFINITY}, {1e300, -1e300, 0},
        {1e-300, 0, 0}, {0.1, 0.2, 0.25},           {-5, -6, -7},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const struct chart_series one[] = {{"x", all[i]}};
        struct chart chart = quarter;
        chart.series = one;
        chart.nseries = 1;
        void (*const draw[])(const struct chart *, struct buf *) = {chart_columns, chart_area,
                                                                    chart_funnel};
        for (size_t j = 0; j < 3; j++) {
            buf_clear(&out);
            draw[j](&chart, &out);
            check_chart();
            assert_true(count("<line ") < 20);
        }
        buf_clear(&out);
        chart_spark(all[i], 3, &out);
        check_chart();
    }
}

static void test_whole_numbers_have_whole_gridlines(void **state) {
    (void)state;
    static const double few[] = {0, 1, 2};
    const struct chart_series one[] = {{"x", few}};
    struct chart chart = quarter;
    chart.series = one;
    chart.nseries = 1;
    chart_columns(&chart, &out);
    assert_lacks(buf_text(&out), ">0.5<");
    assert_int_equal(count("<line "), 3);
}

static void test_labels_thin_out(void **state) {
    (void)state;
    enum { DAYS = 90 };
    const char *labels[DAYS];
    double values[DAYS];
    for (size_t i = 0; i < DAYS; i++) {
        labels[i] = "20 Nov";
        values[i] = (double)i;
    }
    const struct chart_series one[] = {{"x", values}};
    const struct chart chart = {
        .title = "t", .labels = labels, .points = DAYS, .series = one, .nseries = 1, .height = 200};
    chart_area(&chart, &out);
    check_chart();
    size_t shown = count("text-anchor=\"middle\"") + count("text-anchor=\"start\"");
    size_t hidden = count("max-sm:hidden");
    assert_in_range(shown, 8, 12);
    assert_in_range(shown - hidden, 3, 6);
    assert_int_equal(count("<circle "), 0);
}

static void test_funnel(void **state) {
    (void)state;
    static const char *const stages[] = {"New", "Intake & more", "Won"};
    static const double values[] = {1240, 410, 0};
    const struct chart_series one[] = {{.values = values}};
    const struct chart chart = {.title = "Pipeline",
                                .labels = stages,
                                .points = 3,
                                .series = one,
                                .nseries = 1,
                                .locale = "en-IN"};
    chart_funnel(&chart, &out);
    check_chart();
    const char *text = buf_text(&out);
    assert_contains(text, ">1,240</text>");
    assert_contains(text, ">410 · 33%</text>");
    assert_contains(text, ">0 · 0%</text>");
    assert_contains(text, "Intake &amp; more</text>");
    assert_contains(text, "width=\"33.06%\"");
    assert_int_equal(count("class=\"fill-chart-1\""), 2);
    assert_int_equal(count("<rect "), 5);
}

static void test_numbers_are_the_readers(void **state) {
    (void)state;
    static const double large[] = {5000000, 0, 12500000};
    const struct chart_series one[] = {{"x", large}};
    struct chart chart = quarter;
    chart.series = one;
    chart.nseries = 1;
    chart.locale = "en-IN";
    chart_columns(&chart, &out);
    assert_contains(buf_text(&out), "x 50,00,000</title>");
    assert_contains(buf_text(&out), ">50L</text>");
}

static void test_spark(void **state) {
    (void)state;
    static const double values[] = {1, 3, 2};
    chart_spark(values, 3, &out);
    check_chart();
    assert_contains(buf_text(&out), "aria-hidden=\"true\"");
    assert_contains(buf_text(&out), "points=\"3.0,29.0 48.0,3.0 93.0,16.0\"");
    buf_clear(&out);
    chart_spark(values, 1, &out);
    assert_string_equal(buf_text(&out), "");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_columns),
        TEST(test_notes),
        TEST(test_area),
        TEST(test_ids_differ_between_charts_only),
        TEST(test_one_point),
        TEST(test_no_points),
        TEST(test_strange_values),
        TEST(test_whole_numbers_have_whole_gridlines),
        TEST(test_labels_thin_out),
        TEST(test_funnel),
        TEST(test_numbers_are_the_readers),
        TEST(test_spark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
