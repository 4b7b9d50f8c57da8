#include "http_test.h"

#include "core/text.h"
#include "http/form_data.h"

static const char *parse(struct arena *arena, const char *header) {
    struct params *params = params_new(arena);
    const char *reason = NULL;
    const char *out = "";
    if (cookie_parse(header, params, &reason) != OK)
        return reason;
    for (size_t i = 0; i < params->count; i++)
        out = arena_printf(arena, "%s%s=%s;", out, params->items[i].name, params->items[i].value);
    return out;
}

static void reads_pairs(void **state) {
    static const struct {
        const char *in;
        const char *out;
    } cases[] = {
        {"", ""},
        {"a=1", "a=1;"},
        {"a=1; b=2", "a=1;b=2;"},
        {"a=1;b=2", "a=1;b=2;"},
        {" \ta=1 ;  b=2 ", "a=1;b=2;"},
        {"__Host-session=abc_-DEF", "__Host-session=abc_-DEF;"},
        {"a=", "a=;"},
        {"a=\"quoted\"", "a=quoted;"},
        {"a=\"\"", "a=;"},
        {"a=b=c", "a=b=c;"},
        {"a=1; a=2", "a=1;a=2;"},
        /* passed over */
        {"novalue", ""},
        {"=nameless", ""},
        {"a=\"open", ""},
        {"a=o\"pen", ""},
        {"a=with blank", ""},
        {"a=com,ma", ""},
        {"a=back\\slash", ""},
        {"b ad=1", ""},
        {"b@d=1", ""},
        {"a=caf\xc3\xa9", ""},
        {"a=\x01", ""},
        {"a={\"json\":1}; good=1", "good=1;"},
        {";;; ; good=1;", "good=1;"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(parse(*state, cases[i].in), cases[i].out);
}

static void bounds_names(void **state) {
    char header[REQUEST_NAME_MAX + 4];
    memset(header, 'n', sizeof header);
    memcpy(header + REQUEST_NAME_MAX, "=1", 3);
    assert_int_equal(strlen(parse(*state, header)), REQUEST_NAME_MAX + 3);
    memcpy(header + REQUEST_NAME_MAX, "n=1", 4);
    assert_string_equal(parse(*state, header), "");
}

static void bounds_count(void **state) {
    const char *header = "";
    for (int i = 0; i < REQUEST_FIELDS_MAX; i++)
        header = arena_printf(*state, "%s%sa=1", header, i > 0 ? ";" : "");
    assert_int_equal(strlen(parse(*state, header)), 4 * REQUEST_FIELDS_MAX);
    assert_non_null(strstr(parse(*state, arena_printf(*state, "%s;a=1", header)), "More than 256"));
}

/* Every byte at every place of a header: nothing but whole pairs of clean characters comes out. */
static void survives_any_byte(void **state) {
    static const char valid[] = "a=1; b=\"2\"";
    for (size_t at = 0; at < sizeof valid - 1; at++) {
        for (int byte = 1; byte < 256; byte++) {
            char header[sizeof valid];
            memcpy(header, valid, sizeof valid);
            header[at] = (char)byte;
            const char *out = parse(*state, header);
            assert_false(text_has_control(out, strlen(out)));
            assert_true(strlen(out) <= sizeof valid);
        }
        arena_reset(*state);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_pairs, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(bounds_names, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(bounds_count, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(survives_any_byte, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
