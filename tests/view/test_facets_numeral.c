/* Numbers that are written without ICU are, letter by letter, what ICU would have written. */
#include "tests/support/unit.h"
#include "view/facets_internal.h"
#include <unicode/ustring.h>

static const char *const locales[] = {"en", "en-IN", "en-US", "de", "de-CH", "fr", "es", "pt-PT",
                                      "pl", "ru",    "tr",    "ja", "hi",    "ar", "fa", "th"};
static const char *const currencies[] = {"AED", "INR", "SGD", "EUR", "JPY", "KWD", "USD"};

enum {
    LOCALES = sizeof locales / sizeof *locales,
    CURRENCIES = sizeof currencies / sizeof *currencies
};

/* True where it was written without ICU. */
static bool compare(struct arena *arena, const struct formatter *formatter, const char *value) {
    const char *ours = numeral_write(formatter->numeral, arena, value);
    if (ours == NULL)
        return false;
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[192];
    unumf_formatDecimal(formatter->number, value, -1, formatter->result, &status);
    int32_t length = unumf_resultToString(formatter->result, wide, 192, &status);
    assert_true(U_SUCCESS(status));
    struct facet_result theirs = facet_from_utf16(arena, wide, length);
    if (strcmp(ours, theirs.text) != 0)
        fail_msg("%s %s, %s: “%s”, not “%s”", formatter->locale, formatter->detail, value, ours,
                 theirs.text);
    return true;
}

static const char *draw(struct arena *arena, uint64_t *seed) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    unsigned long whole = (unsigned long)(*seed >> 14) >> *seed % 50;
    unsigned long fraction = (unsigned long)(*seed >> 40) % 100000;
    int digits = (int)(*seed >> 60) % 6;
    if (digits == 0)
        return arena_printf(arena, "%lu", whole);
    return arena_printf(arena, "%lu.%.*s", whole, digits,
                        arena_printf(arena, "%05lu", fraction / (*seed % 3 ? 1000 : 1)));
}

static void test_any_number(void **state) {
    (void)state;
    struct arena *arena = arena_new((size_t)1024 * 1024);
    uint64_t seed = 1;
    for (size_t i = 0; i < LOCALES * (CURRENCIES + 1); i++) {
        size_t currency = i / LOCALES;
        const struct formatter *formatter =
            currency == CURRENCIES
                ? formatter_get(FORM_NUMBER, locales[i % LOCALES], "")
                : formatter_get(FORM_MONEY, locales[i % LOCALES], currencies[currency]);
        for (int n = 0; n < 300; n++)
            (void)compare(arena, formatter, draw(arena, &seed));
        arena_reset(arena);
    }
    arena_free(arena);
}

/* Or else nothing was compared above. */
static void test_plain_languages_need_no_icu(void **state) {
    (void)state;
    struct arena *arena = arena_new((size_t)64 * 1024);
    for (size_t i = 0; i < CURRENCIES; i++) {
        const struct formatter *formatter = formatter_get(FORM_MONEY, "en-IN", currencies[i]);
        assert_true(compare(arena, formatter, "0"));
        assert_true(compare(arena, formatter, "5000000"));
        assert_true(compare(arena, formatter, "123456789.00"));
    }
    assert_true(compare(arena, formatter_get(FORM_MONEY, "en", "AED"), "1250000.50"));
    assert_true(compare(arena, formatter_get(FORM_MONEY, "de", "EUR"), "1250000.5"));
    assert_true(compare(arena, formatter_get(FORM_NUMBER, "en", ""), "1234567.125000"));
    assert_true(compare(arena, formatter_get(FORM_NUMBER, "es", ""), "1234"));
    assert_true(compare(arena, formatter_get(FORM_NUMBER, "es", ""), "12345"));
    arena_free(arena);
}

static void test_what_is_not_plain_is_left_to_icu(void **state) {
    (void)state;
    struct arena *arena = arena_new((size_t)64 * 1024);
    const struct numeral *money = formatter_get(FORM_MONEY, "en", "AED")->numeral;
    static const char *const left[] = {"-1", "1.005", "1e3", "12345678901234567", "", "."};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        assert_null(numeral_write(money, arena, left[i]));
    assert_null(numeral_write(NULL, arena, "1"));
    assert_null(formatter_get(FORM_NUMBER, "fa", "")->numeral); /* digits of its own */
    assert_null(formatter_get(FORM_COMPACT, "en", "")->numeral);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_number),
        cmocka_unit_test(test_plain_languages_need_no_icu),
        cmocka_unit_test(test_what_is_not_plain_is_left_to_icu),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
