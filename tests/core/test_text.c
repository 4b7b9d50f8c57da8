#include "core/text.h"
#include "tests/support/unit.h"
#include <limits.h>

static const struct {
    const char *bytes;
    size_t size;
    bool valid;
} utf8_cases[] = {
    {"", 0, true},
    {"plain", 5, true},
    {"\0", 1, false},
    {"a\0b", 3, false},
    {"\x7F", 1, true},
    {"\x80", 1, false},
    {"\xBF", 1, false},
    /* two bytes: U+0080 to U+07FF */
    {"\xC0\x80", 2, false},
    {"\xC1\xBF", 2, false},
    {"\xC2\x80", 2, true},
    {"\xDF\xBF", 2, true},
    {"\xC2", 1, false},
    {"\xC2\x7F", 2, false},
    {"\xC2\xC0", 2, false},
    /* three bytes: U+0800 to U+FFFF without surrogates */
    {"\xE0\x80\x80", 3, false},
    {"\xE0\x9F\xBF", 3, false},
    {"\xE0\xA0\x80", 3, true},
    {"\xED\x9F\xBF", 3, true},
    {"\xED\xA0\x80", 3, false},
    {"\xED\xBF\xBF", 3, false},
    {"\xEE\x80\x80", 3, true},
    {"\xEF\xBF\xBF", 3, true},
    {"\xE2\x82", 2, false},
    {"\xE2\x82\x41", 3, false},
    {"\xE2\x82\xAC", 3, true},
    /* four bytes: U+10000 to U+10FFFF */
    {"\xF0\x80\x80\x80", 4, false},
    {"\xF0\x8F\xBF\xBF", 4, false},
    {"\xF0\x90\x80\x80", 4, true},
    {"\xF4\x8F\xBF\xBF", 4, true},
    {"\xF4\x90\x80\x80", 4, false},
    {"\xF5\x80\x80\x80", 4, false},
    {"\xF8\x88\x80\x80\x80", 5, false},
    {"\xFE", 1, false},
    {"\xFF", 1, false},
    {"\xF0\x9F\x8F", 3, false},
    {"ok \xF0\x9F\x8F\xA0 ok", 10, true},
    {"ok \xF0\x9F\x8F ok", 9, false},
};

static void test_utf8_table(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof utf8_cases / sizeof *utf8_cases; i++) {
        if (text_utf8_valid(utf8_cases[i].bytes, utf8_cases[i].size) != utf8_cases[i].valid)
            fail_msg("case %zu", i);
    }
}

/* Every code point encoded by rule is valid, every surrogate is not. */
static void test_utf8_every_code_point(void **state) {
    (void)state;
    for (unsigned code = 0x800; code <= 0x10FFFF; code++) {
        char bytes[4];
        size_t size = code < 0x10000 ? 3 : 4;
        unsigned left = code;
        for (size_t i = size - 1; i > 0; i--, left >>= 6)
            bytes[i] = (char)(0x80 | (left & 0x3F));
        bytes[0] = (char)((size == 3 ? 0xE0 : 0xF0) | left);
        bool surrogate = code >= 0xD800 && code <= 0xDFFF;
        if (text_utf8_valid(bytes, size) == surrogate)
            fail_msg("U+%04X", code);
    }
}

static void test_utf8_next_and_length(void **state) {
    (void)state;
    assert_int_equal(text_utf8_next("", 0), 0);
    assert_int_equal(text_utf8_next("a", 1), 1);
    assert_int_equal(text_utf8_next("\xE2\x82\xAC!", 4), 3);
    assert_int_equal(text_utf8_next("\xE2\x82\xAC", 2), 0);
    assert_int_equal(text_utf8_length(""), 0);
    assert_int_equal(text_utf8_length("\xD9\x85\xD8\xB1\xD8\xAD\xD8\xA8\xD8\xA7"), 5);
    assert_int_equal(text_utf8_length("a\xE2\x82\xAC\xF0\x9F\x8F\xA0z"), 4);
}

static void test_points(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint32_t point;
        bool blank, unseen;
    } cases[] = {
        {"a", 'a', false, false},
        {" ", ' ', true, false},
        {"\t", '\t', true, false},
        {"\n", '\n', false, false},
        {"\x01", 1, false, true},
        {"\x7F", 0x7F, false, true},
        {"\xC2\x85", 0x85, false, true},
        {"\xC2\xA0", 0xA0, true, false},
        {"\xC2\xAD", 0xAD, false, true},
        {"\xD9\x85", 0x645, false, false},
        {"\xE2\x80\x83", 0x2003, true, false},
        {"\xE2\x80\x8B", 0x200B, false, true},
        {"\xE2\x80\xAE", 0x202E, false, true},
        {"\xE3\x80\x80", 0x3000, true, false},
        {"\xEF\xBB\xBF", 0xFEFF, false, true},
        {"\xF0\x9F\x98\x80", 0x1F600, false, false},
        {"\xF3\xA0\x81\x81", 0xE0041, false, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t point = text_code_point(cases[i].text, strlen(cases[i].text));
        assert_int_equal(point, cases[i].point);
        assert_int_equal(text_point_blank(point), cases[i].blank);
        assert_int_equal(text_point_unseen(point), cases[i].unseen);
    }
}

static void test_control_characters(void **state) {
    (void)state;
    assert_false(text_has_control("tab\tline\r\n\xC3\xA9", 12));
    for (int c = 0; c < 256; c++) {
        char byte = (char)c;
        bool control = (c < 32 && c != 9 && c != 10 && c != 13) || c == 127;
        if (text_has_control(&byte, 1) != control)
            fail_msg("byte %d", c);
    }
    assert_true(text_has_control("ok\0", 3));
}

static void test_equal(void **state) {
    (void)state;
    assert_true(text_equal("a", "a"));
    assert_false(text_equal("a", "A"));
    assert_false(text_equal("a", "ab"));
    assert_true(text_equal(NULL, NULL));
    assert_false(text_equal(NULL, ""));
    assert_false(text_equal("", NULL));
    assert_true(text_equal_nocase("Content-TYPE", "content-type"));
    assert_false(text_equal_nocase("content", "content-type"));
    assert_false(text_equal_nocase("@", "`"));
    assert_false(text_equal_nocase("[", "{"));
    assert_false(text_equal_nocase("\xC3\x89", "\xC3\xA9"));
    assert_true(text_equal_nocase(NULL, NULL));
    assert_false(text_equal_nocase("", NULL));
}

static void test_starts_and_ends(void **state) {
    (void)state;
    assert_true(text_starts("/leads/1", "/leads"));
    assert_true(text_starts("x", ""));
    assert_false(text_starts("/lead", "/leads"));
    assert_false(text_starts(NULL, ""));
    assert_true(text_ends("page.css", ".css"));
    assert_true(text_ends("", ""));
    assert_false(text_ends("css", ".css"));
    assert_false(text_ends(NULL, ""));
}

static void test_blank_and_trim(void **state) {
    (void)state;
    assert_true(text_blank(NULL));
    assert_true(text_blank(""));
    assert_true(text_blank(" \t\r\n\v\f"));
    assert_false(text_blank("  x"));
    assert_false(text_blank("\xC2\xA0"));

    char both[] = " \t two words\r\n";
    assert_string_equal(text_trim(both), "two words");
    char none[] = "x";
    assert_string_equal(text_trim(none), "x");
    char all[] = "   ";
    assert_string_equal(text_trim(all), "");
    char empty[] = "";
    assert_string_equal(text_trim(empty), "");
}

static void test_numbers_that_are_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        long number;
    } cases[] = {
        {"0", 0},
        {"-0", 0},
        {"7", 7},
        {"007", 7},
        {"-1", -1},
        {"9223372036854775807", LONG_MAX},
        {"-9223372036854775808", LONG_MIN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        long number = 42;
        if (!text_to_long(cases[i].text, LONG_MIN, LONG_MAX, &number))
            fail_msg("%s", cases[i].text);
        assert_int_equal(number, cases[i].number);
    }
    long number = 0;
    assert_true(text_to_long("10", 10, 10, &number));
}

static void test_numbers_that_are_refused(void **state) {
    (void)state;
    static const char *const cases[] = {
        NULL,
        "",
        "-",
        "+1",
        " 1",
        "1 ",
        "1\n",
        "1.0",
        "1e3",
        "0x10",
        "--1",
        "1-",
        "a",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999999",
        "\xD9\xA1",
    };
    long number = 42;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (text_to_long(cases[i], LONG_MIN, LONG_MAX, &number))
            fail_msg("%s", cases[i]);
    }
    assert_false(text_to_long("11", 0, 10, &number));
    assert_false(text_to_long("-1", 0, 10, &number));
    assert_int_equal(number, 42);
}

static void test_uuid(void **state) {
    (void)state;
    assert_true(text_is_uuid("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"));
    assert_true(text_is_uuid("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"));
    assert_false(text_is_uuid(NULL));
    assert_false(text_is_uuid(""));
    assert_false(text_is_uuid("f81d4fae-7dec-11d0-a765-00a0c91e6bf"));
    assert_false(text_is_uuid("f81d4fae-7dec-11d0-a765-00a0c91e6bf66"));
    assert_false(text_is_uuid("f81d4fae-7dec-11d0-a765-00a0c91e6bfg"));
    assert_false(text_is_uuid("f81d4fae07dec-11d0-a765-00a0c91e6bf6"));
    assert_false(text_is_uuid("f81d4fae7-dec-11d0-a765-00a0c91e6bf6"));
    assert_false(text_is_uuid("{81d4fae-7dec-11d0-a765-00a0c91e6bf6"));
    assert_false(text_is_uuid("f81d4fae-7dec-11d0-a765-00a0c91e6bf6 "));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_table),
        cmocka_unit_test(test_utf8_every_code_point),
        cmocka_unit_test(test_utf8_next_and_length),
        cmocka_unit_test(test_points),
        cmocka_unit_test(test_control_characters),
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_starts_and_ends),
        cmocka_unit_test(test_blank_and_trim),
        cmocka_unit_test(test_numbers_that_are_read),
        cmocka_unit_test(test_numbers_that_are_refused),
        cmocka_unit_test(test_uuid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
