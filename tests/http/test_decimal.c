#include "http_test.h"

#include "core/text.h"
#include "http/decimal.h"

struct expected {
    const char *in;
    enum decimal_verdict verdict;
    const char *out;
};

static void check(struct arena *arena, const struct expected *cases, size_t count,
                  enum decimal_verdict (*read)(struct arena *arena, const char *text,
                                               const char **out)) {
    for (size_t i = 0; i < count; i++) {
        const char *out = NULL;
        enum decimal_verdict verdict = read(arena, cases[i].in, &out);
        if (verdict != cases[i].verdict ||
            (verdict == DECIMAL_OK && !text_equal(out, cases[i].out)))
            fail_msg("\"%s\" gave %d \"%s\"", cases[i].in, (int)verdict, out != NULL ? out : "");
    }
}

static void reads_amounts(void **state) {
    static const struct expected cases[] = {
        {"0", DECIMAL_OK, "0"},
        {"1250000", DECIMAL_OK, "1250000"},
        {"007", DECIMAL_OK, "7"},
        {"000", DECIMAL_OK, "0"},
        {"1250.5", DECIMAL_OK, "1250.50"},
        {"1250,5", DECIMAL_OK, "1250.50"},
        {"1250.50", DECIMAL_OK, "1250.50"},
        {"0.05", DECIMAL_OK, "0.05"},
        {".5", DECIMAL_OK, "0.50"},
        {",5", DECIMAL_OK, "0.50"},
        {"00.10", DECIMAL_OK, "0.10"},
        {"0000000000000000000001", DECIMAL_OK, "1"},
        /* groups */
        {"1,250", DECIMAL_OK, "1250"},
        {"12,500", DECIMAL_OK, "12500"},
        {"125,000", DECIMAL_OK, "125000"},
        {"1,250,000", DECIMAL_OK, "1250000"},
        {"1,250,000.50", DECIMAL_OK, "1250000.50"},
        {"1,250.5", DECIMAL_OK, "1250.50"},
        {"1.250,5", DECIMAL_OK, "1250.50"},
        {"1.250.000", DECIMAL_OK, "1250000"},
        {"1.250.000,50", DECIMAL_OK, "1250000.50"},
        {"1 250 000", DECIMAL_OK, "1250000"},
        {"1 250 000,50", DECIMAL_OK, "1250000.50"},
        {"1 250 000.5", DECIMAL_OK, "1250000.50"},
        {"1\u00A0250\u202F000", DECIMAL_OK, "1250000"},
        {"1'250'000.50", DECIMAL_OK, "1250000.50"},
        {"1\u2019250", DECIMAL_OK, "1250"},
        {"50,00,000", DECIMAL_OK, "5000000"},
        {"1,00,000", DECIMAL_OK, "100000"},
        {"12,34,56,789.10", DECIMAL_OK, "123456789.10"},
        {"50 00 000", DECIMAL_OK, "5000000"},
        {"99,999,999,999,999.99", DECIMAL_OK, "99999999999999.99"},
    };
    check(*state, cases, COUNT(cases), decimal_amount);
}

static void refuses_amounts(void **state) {
    static const struct expected cases[] = {
        /* two ways to read it */
        {"1.250", DECIMAL_AMBIGUOUS, NULL},
        {"12.500", DECIMAL_AMBIGUOUS, NULL},
        {"125.000", DECIMAL_AMBIGUOUS, NULL},
        /* too fine */
        {"1250.505", DECIMAL_TOO_FINE, NULL},
        {"0.125", DECIMAL_TOO_FINE, NULL},
        {"0,125", DECIMAL_TOO_FINE, NULL},
        {"1250,500", DECIMAL_TOO_FINE, NULL},
        {"1.2345", DECIMAL_TOO_FINE, NULL},
        {"1,250.505", DECIMAL_TOO_FINE, NULL},
        {"1 250,505", DECIMAL_TOO_FINE, NULL},
        {"1.23456789012345678901234567890", DECIMAL_TOO_FINE, NULL},
        /* too large */
        {"100000000000000", DECIMAL_TOO_LARGE, NULL},
        {"100,000,000,000,000", DECIMAL_TOO_LARGE, NULL},
        /* not amounts */
        {"", DECIMAL_UNREADABLE, NULL},
        {".", DECIMAL_UNREADABLE, NULL},
        {",", DECIMAL_UNREADABLE, NULL},
        {" ", DECIMAL_UNREADABLE, NULL},
        {"1.", DECIMAL_UNREADABLE, NULL},
        {"1,", DECIMAL_UNREADABLE, NULL},
        {"-5", DECIMAL_UNREADABLE, NULL},
        {"+5", DECIMAL_UNREADABLE, NULL},
        {"5e3", DECIMAL_UNREADABLE, NULL},
        {"0x10", DECIMAL_UNREADABLE, NULL},
        {"NaN", DECIMAL_UNREADABLE, NULL},
        {"AED 100", DECIMAL_UNREADABLE, NULL},
        {"$100", DECIMAL_UNREADABLE, NULL},
        {"1..5", DECIMAL_UNREADABLE, NULL},
        {"1,,000", DECIMAL_UNREADABLE, NULL},
        {"1,25,0", DECIMAL_UNREADABLE, NULL},
        {"1,2500,000", DECIMAL_UNREADABLE, NULL},
        {"1250,000,000", DECIMAL_UNREADABLE, NULL},
        {"123,45,678", DECIMAL_UNREADABLE, NULL},
        {"1.00.000", DECIMAL_UNREADABLE, NULL},
        {"0,250,000", DECIMAL_UNREADABLE, NULL},
        {",250,000", DECIMAL_UNREADABLE, NULL},
        {"1,250.000.50", DECIMAL_UNREADABLE, NULL},
        {"1.250,000,50", DECIMAL_UNREADABLE, NULL},
        {"1,250.5,0", DECIMAL_UNREADABLE, NULL},
        {"1 250,000.50", DECIMAL_UNREADABLE, NULL},
        {"1 250'000", DECIMAL_UNREADABLE, NULL},
        {"1,250,0 00", DECIMAL_UNREADABLE, NULL},
        {"1  250", DECIMAL_UNREADABLE, NULL},
        {"12 34", DECIMAL_UNREADABLE, NULL},
        {"1250.5 0", DECIMAL_UNREADABLE, NULL},
        {"\u0661\u0662", DECIMAL_UNREADABLE, NULL},
    };
    check(*state, cases, COUNT(cases), decimal_amount);
}

static void reads_percentages(void **state) {
    static const struct expected cases[] = {
        {"0", DECIMAL_OK, "0"},
        {"37.5", DECIMAL_OK, "37.5"},
        {"37,5", DECIMAL_OK, "37.5"},
        {"37.5%", DECIMAL_OK, "37.5"},
        {"37.5 %", DECIMAL_OK, "37.5"},
        {"0.125", DECIMAL_OK, "0.125"},
        {"0,125", DECIMAL_OK, "0.125"},
        {".5", DECIMAL_OK, "0.5"},
        {"007", DECIMAL_OK, "7"},
        {"100", DECIMAL_OK, "100"},
        {"100.000", DECIMAL_OK, "100.000"},
        {"0100", DECIMAL_OK, "100"},
        {"100.001", DECIMAL_TOO_LARGE, NULL},
        {"101", DECIMAL_TOO_LARGE, NULL},
        {"1000", DECIMAL_TOO_LARGE, NULL},
        {"99999999999999999999999", DECIMAL_TOO_LARGE, NULL},
        {"12.3456", DECIMAL_TOO_FINE, NULL},
        {"", DECIMAL_UNREADABLE, NULL},
        {"%", DECIMAL_UNREADABLE, NULL},
        {".", DECIMAL_UNREADABLE, NULL},
        {"5.", DECIMAL_UNREADABLE, NULL},
        {"-5", DECIMAL_UNREADABLE, NULL},
        {"5 5", DECIMAL_UNREADABLE, NULL},
        {"1.2.3", DECIMAL_UNREADABLE, NULL},
        {"ten", DECIMAL_UNREADABLE, NULL},
        {"5%%", DECIMAL_UNREADABLE, NULL},
    };
    check(*state, cases, COUNT(cases), decimal_percent);
}

/* Writes whole as people group it: by three, or as in India. */
static const char *grouped(struct arena *arena, uint64_t whole, const char *separator, int width) {
    const char *digits = arena_printf(arena, "%llu", (unsigned long long)whole);
    const char *out = "";
    int left = (int)strlen(digits);
    for (; *digits != '\0'; digits++, left--) {
        bool separate = *out != '\0' && left >= 3 && (left - 3) % width == 0;
        out = arena_printf(arena, "%s%s%c", out, separate ? separator : "", *digits);
    }
    return out;
}

/* Every way to write an amount gives that amount. */
static void written_comes_back(void **state) {
    static const struct {
        const char *separator, *point;
        int width;
    } styles[] = {{"", ".", 3},  {"", ",", 3},       {",", ".", 3},      {".", ",", 3},
                  {" ", ",", 3}, {"\u202F", ",", 3}, {"\u2019", ".", 3}, {",", ".", 2}};
    uint64_t seed = 0x4217;
    for (int i = 0; i < 20000; i++) {
        uint64_t whole = test_random(&seed) % 100000000000000;
        whole >>= test_random(&seed) % 50;
        unsigned cents = (unsigned)(test_random(&seed) % 100);
        size_t style = test_random(&seed) % COUNT(styles);
        const char *out = NULL;
        const char *text =
            arena_printf(*state, "%s%s%02u",
                         grouped(*state, whole, styles[style].separator, styles[style].width),
                         styles[style].point, cents);
        if (decimal_amount(*state, text, &out) != DECIMAL_OK)
            fail_msg("%s was refused", text);
        assert_string_equal(out,
                            arena_printf(*state, "%llu.%02u", (unsigned long long)whole, cents));
        arena_reset(*state);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_amounts, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(refuses_amounts, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(reads_percentages, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(written_comes_back, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
