/* Forms of scalars: what a reader in some place and language sees. */
#include "core/clock.h"
#include "tests/support/unit.h"
#include "view/facets.h"
#include "view/labels.h"

enum { NOW = 1795167667 }; /* 2026-11-20 09:41:07 UTC */

static struct arena *arena;

static int set_up(void **state) {
    (void)state;
    arena = arena_new((size_t)16 * 1024 * 1024);
    clock_freeze(NOW);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    clock_freeze(0);
    arena_free(arena);
    return 0;
}

struct facet_case {
    const char *value;
    enum column_type type;
    const char *facet;
    const char *expected; /* NULL: none */
    const char *locale;
    const char *detail; /* time zone, or currency beside the value */
};

static void expect(const struct facet_case *c) {
    bool money = strcmp(c->facet, "money") == 0;
    struct render_options options = {.locale = c->locale, .timezone = money ? NULL : c->detail};
    struct facet_result result =
        facet_apply(arena, c->value, c->type, c->facet, money ? c->detail : NULL, &options);
    if (c->expected == NULL) {
        if (result.kind != FACET_NONE)
            fail_msg("%s.%s is something", c->value, c->facet);
        return;
    }
    if (result.kind != FACET_TEXT || strcmp(result.text, c->expected) != 0)
        fail_msg("%s.%s is “%s”, not “%s”", c->value, c->facet,
                 result.kind == FACET_TEXT ? result.text : "(no text)", c->expected);
}

#define EXPECT_ALL(cases)                                                                          \
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)                                    \
    expect(&cases[i])

static void test_money(void **state) {
    (void)state;
    static const struct facet_case cases[] = {
        {"1250000.00", COLUMN_NUMERIC, "money", "AED\u00a01,250,000", "en", "AED"},
        {"1250000.50", COLUMN_NUMERIC, "money", "AED\u00a01,250,000.50", "en", "AED"},
        {"5000000", COLUMN_NUMERIC, "money", "₹50,00,000", "en-IN", "INR"},
        {"5000000", COLUMN_NUMERIC, "money", "5.000.000\u00a0₹", "de", "INR"},
        {"-12.5", COLUMN_NUMERIC, "money", "-$12.50", NULL, "usd"},
        {"0.005", COLUMN_NUMERIC, "money", "$0.01", "en", "USD"},
        {"-0.005", COLUMN_NUMERIC, "money", "-$0.01", "en", "USD"},
        {"1234.5", COLUMN_NUMERIC, "money", "¥1,235", "en", "JPY"},
        {"7", COLUMN_INT, "money", "$7", "en", NULL},
        {"7.25", COLUMN_NUMERIC, "money", "7.25", "en", "dollars"},
        {"123456789012345678901234567890.12", COLUMN_NUMERIC, "money",
         "$123,456,789,012,345,678,901,234,567,890.12", "en", "USD"},
        {"5000000", COLUMN_TEXT, "money", "$5,000,000", "en", "USD"},
        {"NaN", COLUMN_NUMERIC, "money", NULL, "en", "USD"},
        {"five", COLUMN_TEXT, "money", NULL, "en", "USD"},
    };
    EXPECT_ALL(cases);
}

static void test_numbers(void **state) {
    (void)state;
    static const struct facet_case cases[] = {
        {"1234567", COLUMN_INT, "compact", "1.2M", "en", NULL},
        {"1234567", COLUMN_INT, "compact", "12L", "en-IN", NULL},
        {"999", COLUMN_INT, "compact", "999", "en", NULL},
        {"1234567.125", COLUMN_NUMERIC, "number", "1,234,567.125", "en", NULL},
        {"1234567", COLUMN_INT, "number", "12,34,567", "en-IN", NULL},
        {"0.375", COLUMN_NUMERIC, "percent", "37.5%", "en", NULL},
        {"0.8", COLUMN_NUMERIC, "percent", "80%", "en", NULL},
        {"0.12345", COLUMN_NUMERIC, "percent", "12.3%", "en", NULL},
        {"12", COLUMN_INT, "signed", "+12", "en", NULL},
        {"-12", COLUMN_INT, "signed", "-12", "en", NULL},
        {"0", COLUMN_INT, "signed", "0", "en", NULL},
        {"512", COLUMN_INT, "bytes", "512 bytes", "en", NULL},
        {"1", COLUMN_INT, "bytes", "1 byte", "en", NULL},
        {"999", COLUMN_INT, "bytes", "999 bytes", "en", NULL},
        {"999949", COLUMN_INT, "bytes", "999.9 kB", "en", NULL},
        {"999950", COLUMN_INT, "bytes", "1 MB", "en", NULL},
        {"999999999", COLUMN_INT, "bytes", "1 GB", "en", NULL},
        {"3205", COLUMN_INT, "bytes", "3.2 kB", "en", NULL},
        {"2300000", COLUMN_INT, "bytes", "2.3 MB", "en", NULL},
        {"2300000", COLUMN_INT, "bytes", "2,3 MB", "de", NULL},
        {"1000000000", COLUMN_INT, "bytes", "1 GB", "en", NULL},
        {"five", COLUMN_TEXT, "bytes", NULL, "en", NULL},
        {"1", COLUMN_INT, "plural", "", "en", NULL},
        {"1.0", COLUMN_NUMERIC, "plural", "", "en", NULL},
        {"0", COLUMN_INT, "plural", "s", "en", NULL},
        {"11", COLUMN_INT, "plural", "s", "en", NULL},
        {"1e999999999", COLUMN_NUMERIC, "number", "1e999999999", "en", NULL},
        {"1e3", COLUMN_NUMERIC, "number", "1,000", "en", NULL},
        {"12 ", COLUMN_TEXT, "number", NULL, "en", NULL},
        {"", COLUMN_TEXT, "plural", NULL, "en", NULL},
    };
    EXPECT_ALL(cases);
}

static void test_signs(void **state) {
    (void)state;
    static const struct {
        const char *value;
        bool positive, negative;
    } cases[] = {{"12", true, false},     {"-0.01", false, true}, {"0", false, false},
                 {"-0.00", false, false}, {"0.00", false, false}, {"0.001", true, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *value = cases[i].value;
        assert_int_equal(facet_apply(arena, value, COLUMN_NUMERIC, "positive", NULL, NULL).truth,
                         cases[i].positive);
        assert_int_equal(facet_apply(arena, value, COLUMN_NUMERIC, "negative", NULL, NULL).truth,
                         cases[i].negative);
    }
}

static void test_times(void **state) {
    (void)state;
    static const char *const at = "2026-11-20 22:41:07.123456+00";
    const struct facet_case cases[] = {
        {at, COLUMN_TIMESTAMP, "date", "20 Nov 2026", NULL, NULL},
        {at, COLUMN_TIMESTAMP, "time", "22:41", NULL, NULL},
        {at, COLUMN_TIMESTAMP, "datetime", "20 Nov 2026, 22:41", "en", "UTC"},
        {at, COLUMN_TIMESTAMP, "datetime", "21 Nov 2026, 02:41", "en", "Asia/Dubai"},
        {at, COLUMN_TIMESTAMP, "datetime", "21 Nov 2026, 04:11", "en-IN", "Asia/Kolkata"},
        {at, COLUMN_TIMESTAMP, "date", "Nov 20, 2026", "en-US", "UTC"},
        {at, COLUMN_TIMESTAMP, "date", "20. Nov. 2026", "de", "UTC"},
        {at, COLUMN_TIMESTAMP, "month", "November 2026", "en", "UTC"},
        {at, COLUMN_TIMESTAMP, "weekday", "Friday", "en", "UTC"},
        {at, COLUMN_TIMESTAMP, "iso", "2026-11-20T22:41:07.123456Z", "en", "Asia/Dubai"},
        {"2026-11-20 22:41:07+05:30", COLUMN_TIMESTAMP, "iso", "2026-11-20T22:41:07+05:30", "en",
         NULL},
        {"2026-11-20 22:41:07-03", COLUMN_TIMESTAMP, "iso", "2026-11-20T22:41:07-03:00", "en",
         NULL},
        {"2026-11-20 22:41:07-03", COLUMN_TIMESTAMP, "datetime", "21 Nov 2026, 01:41", "en", NULL},
        {"2026-11-20T22:41Z", COLUMN_TEXT, "iso", "2026-11-20T22:41:00Z", "en", NULL},
        {"2026-11-20 22:41:07", COLUMN_TEXT, "time", "22:41", "en", NULL},
        {"2026-11-20", COLUMN_DATE, "date", "20 Nov 2026", "en", "America/Los_Angeles"},
        {"2026-11-20", COLUMN_DATE, "month", "November 2026", "en", NULL},
        {"2026-11-20", COLUMN_DATE, "weekday", "Friday", "en", NULL},
        {"2026-11-20", COLUMN_DATE, "iso", "2026-11-20", "en", NULL},
        {"2026-11-20", COLUMN_DATE, "time", NULL, "en", NULL},
        {"1969-07-20 20:17:40+00", COLUMN_TIMESTAMP, "datetime", "20 Jul 1969, 20:17", "en", NULL},
        {"2000-02-29 23:59:59+00", COLUMN_TIMESTAMP, "datetime", "29 Feb 2000, 23:59", "en", NULL},
        {"2100-03-01 00:00:00+00", COLUMN_TIMESTAMP, "datetime", "1 Mar 2100, 00:00", "en", NULL},
        {"infinity", COLUMN_TIMESTAMP, "date", NULL, "en", NULL},
        {"2026-13-20", COLUMN_TEXT, "date", NULL, "en", NULL},
        {"2026-11-20 25:00", COLUMN_TEXT, "date", NULL, "en", NULL},
        {"2026-11-20 22:41:07+0", COLUMN_TEXT, "date", NULL, "en", NULL},
        {"2026-11-20 22:41:07+00 BC", COLUMN_TEXT, "date", NULL, "en", NULL},
        {"2026-11-2", COLUMN_TEXT, "date", NULL, "en", NULL},
    };
    EXPECT_ALL(cases);
}

static const char *seconds_from_now(long seconds) {
    time_t at = NOW + seconds;
    struct tm tm;
    char text[64];
    gmtime_r(&at, &tm);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S+00", &tm);
    return arena_strdup(arena, text);
}

static void test_ago(void **state) {
    (void)state;
    enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };
    static const struct {
        long seconds;
        const char *expected;
    } cases[] = {
        {0, "just now"},
        {-59, "just now"},
        {59, "just now"},
        {-MINUTE, "1 minute ago"},
        {-2 * MINUTE, "2 minutes ago"},
        {HOUR - 1, "in 59 minutes"},
        {-HOUR, "1 hour ago"},
        {2 * HOUR, "in 2 hours"},
        {-DAY + 1, "23 hours ago"},
        {-DAY, "1 day ago"},
        {-3 * DAY, "3 days ago"},
        {-30 * DAY, "1 month ago"},
        {-364 * DAY, "11 months ago"},
        {-365 * DAY, "1 year ago"},
        {800 * DAY, "in 2 years"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct facet_case c = {.value = seconds_from_now(cases[i].seconds),
                                     .type = COLUMN_TIMESTAMP,
                                     .facet = "ago",
                                     .expected = cases[i].expected};
        expect(&c);
    }
}

static void test_ago_of_dates_is_in_the_readers_days(void **state) {
    (void)state;
    static const struct facet_case cases[] = {
        {"2026-11-20", COLUMN_DATE, "ago", "today", "en", NULL},
        {"2026-11-19", COLUMN_DATE, "ago", "yesterday", "en", NULL},
        {"2026-11-21", COLUMN_DATE, "ago", "tomorrow", "en", NULL},
        {"2026-11-23", COLUMN_DATE, "ago", "in 3 days", "en", NULL},
        {"2026-11-01", COLUMN_DATE, "ago", "19 days ago", "en", NULL},
        {"2026-11-20", COLUMN_DATE, "ago", "tomorrow", "en", "Pacific/Pago_Pago"},
        {"2026-11-21", COLUMN_DATE, "ago", "in 2 days", "en", "Pacific/Honolulu"},
    };
    EXPECT_ALL(cases);
    clock_freeze(NOW + 15 * 3600); /* past midnight in Dubai, not in London */
    static const struct facet_case later[] = {
        {"2026-11-21", COLUMN_DATE, "ago", "today", "en", "Asia/Dubai"},
        {"2026-11-21", COLUMN_DATE, "ago", "today", "en", "Europe/London"},
        {"2026-11-21", COLUMN_DATE, "ago", "tomorrow", "en", "America/New_York"},
    };
    EXPECT_ALL(later);
}

static void test_texts(void **state) {
    (void)state;
    static const struct facet_case cases[] = {
        {"Harbour Realty", COLUMN_TEXT, "initials", "HR", "en", NULL},
        {"dana de kovač", COLUMN_TEXT, "initials", "DD", "en", NULL},
        {"  élan  ", COLUMN_TEXT, "initials", "É", "en", NULL},
        {"(3M) & Co", COLUMN_TEXT, "initials", "3C", "en", NULL},
        {"…", COLUMN_TEXT, "initials", "", "en", NULL},
        {"\xff\xfe x", COLUMN_TEXT, "initials", "X", "en", NULL},
        {"straße", COLUMN_TEXT, "upper", "STRASSE", "en", NULL},
        {"istanbul", COLUMN_TEXT, "upper", "İSTANBUL", "tr", NULL},
        {"in_progress", COLUMN_TEXT, "label", "In progress", "en", NULL},
        {"rera_agent", COLUMN_TEXT, "label", "RERA Agent", "en", NULL},
        {"not_in_the_table", COLUMN_TEXT, "label", "Not in the table", "en", NULL},
        {"", COLUMN_TEXT, "label", "", "en", NULL},
        {"won", COLUMN_TEXT, "tone", "success", "en", NULL},
        {"unheard", COLUMN_TEXT, "tone", "secondary", "en", NULL},
        {NULL, COLUMN_TEXT, "label", NULL, "en", NULL},
        {"x", COLUMN_TEXT, "nonsense", NULL, "en", NULL},
        {"{}", COLUMN_JSON, "upper", NULL, "en", NULL},
    };
    EXPECT_ALL(cases);
}

static void test_is_code(void **state) {
    (void)state;
    struct facet_result yes = facet_apply(arena, "won", COLUMN_TEXT, "is_won", NULL, NULL);
    struct facet_result no = facet_apply(arena, "won", COLUMN_TEXT, "is_wo", NULL, NULL);
    assert_int_equal(yes.kind, FACET_BOOL);
    assert_true(yes.truth);
    assert_int_equal(no.kind, FACET_BOOL);
    assert_false(no.truth);
}

static void test_unknown_places_and_languages(void **state) {
    (void)state;
    static const struct facet_case cases[] = {
        {"2026-11-20 09:41:07+00", COLUMN_TIMESTAMP, "time", "09:41", "en", "Nowhere/Land"},
        {"1234.5", COLUMN_NUMERIC, "number", "1,234.5", "", NULL},
        {"1234.5", COLUMN_NUMERIC, "number", "1,234.5",
         "a-tag-that-is-longer-than-any-language-tag-should-be", NULL},
        {"1234.5", COLUMN_NUMERIC, "number", "1,234.5", "not a tag!", NULL},
    };
    EXPECT_ALL(cases);
}

/* More formatters than are kept: the oldest go, all still answer. */
static void test_many_currencies(void **state) {
    (void)state;
    for (int round = 0; round < 2; round++) {
        for (char a = 'A'; a <= 'Z'; a++) {
            for (char b = 'A'; b <= 'F'; b++) {
                const char code[] = {'X', a, b, '\0'};
                struct facet_result money =
                    facet_apply(arena, "5", COLUMN_INT, "money", code, NULL);
                assert_int_equal(money.kind, FACET_TEXT);
                assert_contains(money.text, "5");
            }
        }
    }
}

static void test_known_names(void **state) {
    (void)state;
    static const char *const known[] = {
        "ago",    "date",    "time",   "datetime", "iso",      "month",  "money",    "compact",
        "number", "percent", "signed", "positive", "negative", "plural", "initials", "upper",
        "lines",  "label",   "tone",   "is_won",   "any",      "count",
        "weekday", "bytes"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        assert_true(facet_known(known[i]));
    assert_false(facet_known("is_"));
    assert_false(facet_known("agos"));
    assert_false(facet_known(""));
}

/* Every code that the portal stores: see labels.c. */
static const char codes[] =
    "new intake qualified active won lost dormant declined "
    "owner sales viewer agent finance support admin "
    "applied suspended inactive invited disabled bronze silver gold "
    "channel developer broker rera_agent service_provider agency banker law AE IN SG "
    "earned override split clawback adjustment fee "
    "pending approved payable paid disputed reversed "
    "website email phone event referral social walk_in import api other "
    "sent accepted in_progress closed rejected revoked expired "
    "logo banner flyer proposal one_pager case_study objection_guide price_list "
    "video document quiz not_started completed passed failed "
    "cash mortgage undecided apartment villa townhouse plot office retail warehouse";

static bool is_tone(const char *tone) {
    static const char *const tones[] = {"success", "warning",   "destructive",
                                        "info",    "secondary", "outline"};
    for (size_t i = 0; i < sizeof tones / sizeof tones[0]; i++) {
        if (strcmp(tones[i], tone) == 0)
            return true;
    }
    return false;
}

static void test_labels_and_tones(void **state) {
    (void)state;
    for (const char *at = codes; *at != '\0'; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        const char *code = arena_strndup(arena, at, length);
        at += length;
        if (label_of(code) == NULL)
            fail_msg("%s has no label", code);
        if (!is_tone(tone_of(code)))
            fail_msg("%s has the tone %s", code, tone_of(code));
    }
    assert_null(label_of("nonsense"));
    assert_null(label_of(""));
    assert_string_equal(label_of("agent"), "Agent");
    assert_string_equal(tone_of("nonsense"), "secondary");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_money, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_signs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_times, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ago, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ago_of_dates_is_in_the_readers_days, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_texts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_is_code, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unknown_places_and_languages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_currencies, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_known_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_labels_and_tones, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
