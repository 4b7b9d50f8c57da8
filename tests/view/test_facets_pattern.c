/* Dates that are written without ICU are, letter by letter, what ICU would have written. */
#include "tests/support/unit.h"
#include "view/facets_internal.h"

static const char *const locales[] = {"en", "en-IN", "en-US", "de", "fr", "es", "pt-BR", "pl",
                                      "ru", "tr",    "ja",    "zh", "hi", "ar", "fa",    "th"};
static const char *const zones[] = {"UTC",
                                    "Asia/Dubai",
                                    "Asia/Kolkata",
                                    "Europe/London",
                                    "America/New_York",
                                    "Australia/Lord_Howe",
                                    "Asia/Kathmandu",
                                    "Africa/Casablanca",
                                    "Pacific/Apia"};
static const enum form forms[] = {FORM_DATE, FORM_TIME, FORM_DATETIME, FORM_MONTH};

enum {
    LOCALES = sizeof locales / sizeof *locales,
    ZONES = sizeof zones / sizeof *zones,
    FORMS = sizeof forms / sizeof *forms
};

static void compare(struct arena *arena, const struct formatter *formatter, int64_t seconds) {
    const char *ours = pattern_write(formatter->pattern, arena, seconds);
    if (ours == NULL)
        return; /* ICU is asked */
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[96];
    int32_t length = udat_format(formatter->date, (UDate)seconds * 1000, wide, 96, NULL, &status);
    assert_true(U_SUCCESS(status));
    struct facet_result theirs = facet_from_utf16(arena, wide, length);
    if (strcmp(ours, theirs.text) != 0)
        fail_msg("%s %s, %lld: “%s”, not “%s”", formatter->locale, formatter->detail,
                 (long long)seconds, ours, theirs.text);
}

/* Moments all over the years that are ours, from a generator that always gives the same. */
static void test_any_moment(void **state) {
    (void)state;
    struct arena *arena = arena_new((size_t)1024 * 1024);
    uint64_t seed = 1;
    for (size_t i = 0; i < LOCALES * ZONES * FORMS; i++) {
        const struct formatter *formatter = formatter_get(
            forms[i % FORMS], locales[i / FORMS % LOCALES], zones[i / FORMS / LOCALES]);
        for (int n = 0; n < 200; n++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            compare(arena, formatter, (int64_t)((seed >> 33) * 2 % 4200000000u));
        }
        arena_reset(arena);
    }
    arena_free(arena);
}

/* Every quarter of an hour of 2011: no change of a zone's clock falls between. */
static void test_changes_of_the_clock(void **state) {
    (void)state;
    struct arena *arena = arena_new((size_t)64 * 1024);
    for (size_t i = 0; i < ZONES; i++) {
        const struct formatter *formatter = formatter_get(FORM_DATETIME, "en", zones[i]);
        for (int64_t n = 0; n < INT64_C(4) * 24 * 366; n++) {
            compare(arena, formatter,
                    1293840000 + n * 900 - n % 2); /* and a second before */
            arena_reset(arena);
        }
    }
    arena_free(arena);
}

/* Or else nothing was compared above. */
static void test_plain_languages_need_no_icu(void **state) {
    (void)state;
    for (size_t i = 0; i < FORMS; i++) {
        assert_non_null(formatter_get(forms[i], "en", "Asia/Dubai")->pattern);
        assert_non_null(formatter_get(forms[i], "en-IN", "Asia/Kolkata")->pattern);
        assert_non_null(formatter_get(forms[i], "de", "Europe/London")->pattern);
    }
    assert_null(
        formatter_get(FORM_DATE, "fa", "UTC")->pattern); /* digits and calendar of its own */
}

static void test_far_years_are_left_to_icu(void **state) {
    (void)state;
    struct arena *arena = arena_new((size_t)64 * 1024);
    struct pattern *pattern = formatter_get(FORM_DATE, "en", "UTC")->pattern;
    assert_null(pattern_write(pattern, arena, -1));
    assert_null(pattern_write(pattern, arena, INT64_C(5000000000)));
    assert_null(pattern_write(NULL, arena, 1700000000));
    assert_string_equal(pattern_write(pattern, arena, 1700000000), "14 Nov 2023");
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_moment),
        cmocka_unit_test(test_changes_of_the_clock),
        cmocka_unit_test(test_plain_languages_need_no_icu),
        cmocka_unit_test(test_far_years_are_left_to_icu),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
