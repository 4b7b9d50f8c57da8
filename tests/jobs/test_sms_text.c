/* How long a text is as an SMS, and texts made short enough. */
#include "core/text.h"
#include "jobs/sms_text.h"
#include "tests/support/unit.h"
#include <stdlib.h>

static struct arena *arena;

static const char *repeat(const char *piece, size_t times) {
    char *text = arena_alloc(arena, strlen(piece) * times + 1);
    for (size_t i = 0; i < times; i++)
        memcpy(text + i * strlen(piece), piece, strlen(piece));
    return text;
}

static void alphabets(void **state) {
    (void)state;
    assert_true(sms_is_plain("Hello @ £ Ä ß €[]{}~^\\|\n 0-9 ¿ à"));
    assert_false(sms_is_plain("`"));
    assert_false(sms_is_plain("ç")); /* the capital one is in it */
    assert_true(sms_is_plain("Ç"));
    assert_false(sms_is_plain("سلام"));
    assert_false(sms_is_plain("“quoted”"));
}

static void parts(void **state) {
    (void)state;
    assert_int_equal(sms_parts(""), 0);
    assert_int_equal(sms_parts(repeat("a", 160)), 1);
    assert_int_equal(sms_parts(repeat("a", 161)), 2);
    assert_int_equal(sms_parts(repeat("a", 306)), 2);
    assert_int_equal(sms_parts(repeat("a", 307)), 3);
    assert_int_equal(sms_parts(repeat("€", 80)), 1);
    assert_int_equal(sms_parts(repeat("€", 81)), 2);
    /* 153 is odd: a character of two is not cut in two, so each part holds 76 */
    assert_int_equal(sms_parts(repeat("€", 152)), 2);
    assert_int_equal(sms_parts(repeat("€", 153)), 3);
    assert_int_equal(sms_parts(repeat("ش", 70)), 1);
    assert_int_equal(sms_parts(repeat("ش", 71)), 2);
    assert_int_equal(sms_parts(repeat("ش", 134)), 2);
    assert_int_equal(sms_parts(repeat("ش", 135)), 3);
    assert_int_equal(sms_parts(repeat("😀", 35)), 1);
    assert_int_equal(sms_parts(repeat("😀", 36)), 2);
    assert_int_equal(sms_parts(repeat("😀", 66)), 2); /* 33 pairs in each 67 */
    assert_int_equal(sms_parts(repeat("😀", 67)), 3);
}

static void short_texts_stay(void **state) {
    (void)state;
    assert_string_equal(sms_text(arena, "A lead came in", "https://p.example/leads/1", 1), "A lead came in https://p.example/leads/1");
    assert_string_equal(sms_text(arena, "“It’s here” – now…", NULL, 1), "\"It's here\" - now...");
    assert_string_equal(sms_text(arena, "", "https://p.example/", 1), "https://p.example/");
}

static void long_texts_are_cut_and_keep_their_link(void **state) {
    (void)state;
    static const char link[] = "https://partners.example/leads/0f0e0d0c-0000-4000-8000-000000000001";
    static const char *const words[] = {"client ", "Straße ", "عميل ", "😀 ", "€uro ", "x"};
    for (size_t w = 0; w < sizeof words / sizeof *words; w++)
        for (size_t n = 1; n <= 3; n++) {
            const char *text = sms_text(arena, repeat(words[w], 200), link, n);
            /* a link that alone takes more than there is room for stands by itself */
            bool alone = strcmp(text, link) == 0;
            assert_true(alone || sms_parts(text) <= n);
            assert_true(text_utf8_valid(text, strlen(text)));
            assert_true(text_ends(text, link));
            if (!alone && strstr(text, repeat(words[w], 200)) == NULL)
                assert_contains(text, "... https");
        }
    assert_string_equal(sms_text(arena, "One two three four five", NULL, 1), "One two three four five");
}

static int setup(void **state) {
    (void)state;
    arena = arena_new(64 << 20);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alphabets),
        cmocka_unit_test(parts),
        cmocka_unit_test(short_texts_stay),
        cmocka_unit_test(long_texts_are_cut_and_keep_their_link),
    };
    return cmocka_run_group_tests_name("jobs: SMS", tests, setup, teardown);
}
