#include "http_test.h"

#include "core/text.h"
#include "http/form_data.h"

static void decodes(void **state) {
    static const struct {
        const char *in;
        bool plus;
        const char *out; /* NULL: refused */
    } cases[] = {
        {"", true, ""},           {"plain", true, "plain"},   {"a+b", true, "a b"},
        {"a+b", false, "a+b"},    {"%41%7a", false, "Az"},    {"%e2%82%AC", false, "€"},
        {"100%25", true, "100%"}, {"%", false, NULL},         {"%4", false, NULL},
        {"%4g", false, NULL},     {"%g4", false, NULL},       {"%%41", false, NULL},
        {"50% off", false, NULL}, {"%00", false, NULL},       {"%ff", false, NULL},
        {"%c0%80", false, NULL},  {"%ed%a0%80", false, NULL}, {"%e2%82", false, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *out = percent_decode(*state, cases[i].in, strlen(cases[i].in), cases[i].plus);
        if (cases[i].out == NULL ? out != NULL : !text_equal(out, cases[i].out))
            fail_msg("\"%s\" became \"%s\"", cases[i].in, out != NULL ? out : "nothing");
    }
}

static void decodes_no_further_than_size(void **state) {
    assert_null(percent_decode(*state, "%41", 2, false));
    assert_string_equal(percent_decode(*state, "ab%41", 2, false), "ab");
}

static void encodes(void **state) {
    assert_string_equal(percent_encode(*state, "AZaz09-._~"), "AZaz09-._~");
    assert_string_equal(percent_encode(*state, "a b&c=d/€%"), "a%20b%26c%3Dd%2F%E2%82%AC%25");
    assert_string_equal(percent_encode_except(*state, "/a b/?", "/"), "/a%20b/%3F");
}

/* A random text of valid code points, NUL and control characters left out. */
static char *random_text(struct arena *arena, uint64_t *seed) {
    size_t count = test_random(seed) % 24;
    char *text = arena_alloc(arena, count * 4 + 1);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t number = test_random(seed);
        if (number % 3 == 0) {
            text[at++] = (char)(0xC3);
            text[at++] = (char)(0x80 + number / 3 % 0x40);
        } else if (number % 7 == 1) {
            memcpy(text + at, "\U0001F600", 4);
            at += 4;
        } else {
            text[at++] = (char)(0x20 + number / 7 % 0x5F);
        }
    }
    return text;
}

static void encoded_comes_back(void **state) {
    uint64_t seed = 0x7E55E7A;
    for (int i = 0; i < 5000; i++) {
        char *text = random_text(*state, &seed);
        char *encoded = percent_encode(*state, text);
        assert_string_equal(percent_decode(*state, encoded, strlen(encoded), i % 2), text);
    }
}

static void urlencoded_comes_back(void **state) {
    uint64_t seed = 0xF02;
    for (int i = 0; i < 500; i++) {
        struct params *sent = params_new(*state);
        struct params *got = params_new(*state);
        const char *body = "";
        const char *reason = NULL;
        size_t count = 1 + test_random(&seed) % 12;
        for (size_t k = 0; k < count; k++) {
            params_add(sent, random_text(*state, &seed), random_text(*state, &seed));
            body = arena_printf(*state, "%s%s%s=%s", body, k > 0 ? "&" : "",
                                percent_encode(*state, sent->items[k].name),
                                percent_encode(*state, sent->items[k].value));
        }
        assert_int_equal(urlencoded_parse(body, strlen(body), got, &reason), OK);
        assert_int_equal(got->count, count);
        for (size_t k = 0; k < count; k++) {
            assert_string_equal(got->items[k].name, sent->items[k].name);
            assert_string_equal(got->items[k].value, sent->items[k].value);
        }
    }
}

/* The pairs as "name=value;" for comparison, or the reason. */
static const char *parse(struct arena *arena, const char *bytes, size_t size) {
    struct params *params = params_new(arena);
    const char *reason = NULL;
    enum err err = urlencoded_parse(bytes, size, params, &reason);
    const char *out = "";
    if (err != OK) {
        assert_int_equal(err, ERR_BAD_REQUEST);
        assert_non_null(reason);
        return reason;
    }
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
        {"&", ""},
        {"&&&", ""},
        {"a=1", "a=1;"},
        {"a=1&b=2", "a=1;b=2;"},
        {"a=1&a=2", "a=1;a=2;"},
        {"a", "a=;"},
        {"a=", "a=;"},
        {"=v", "=v;"},
        {"=", "=;"},
        {"a=b=c", "a=b=c;"},
        {"&a=1&", "a=1;"},
        {"na+me=va+lue", "na me=va lue;"},
        {"q=%26%3D%2B", "q=&=+;"},
        {"text=one%0D%0Atwo%09three", "text=one\r\ntwo\tthree;"},
        {"caf%C3%A9=%E0%A4%A8", "café=न;"},
        {"a;b=1", "a;b=1;"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(parse(*state, cases[i].in, strlen(cases[i].in)), cases[i].out);
}

static void refuses_pairs(void **state) {
    static const struct {
        const char *in;
        size_t size;
        const char *says;
    } cases[] = {
        {"a=%", 3, "percent sign"},  {"a=%zz", 5, "percent sign"},
        {"%=a", 3, "percent sign"},  {"a=%41&b=%4", 10, "percent sign"},
        {"a=%00", 5, "NUL"},         {"a=\0b", 4, "NUL"},
        {"a%00b=1", 7, "NUL"},       {"a=%FF", 5, "UTF-8"},
        {"a=\xff", 3, "UTF-8"},      {"a\xc3=1", 4, "UTF-8"},
        {"a=%1b[31m", 9, "control"}, {"a=%7f", 5, "control"},
        {"a%0a=1", 6, "control"},    {"a%09b=1", 7, "control"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *reason = parse(*state, cases[i].in, cases[i].size);
        if (strstr(reason, cases[i].says) == NULL)
            fail_msg("case %zu gave \"%s\"", i, reason);
    }
}

static void bounds_pairs(void **state) {
    char names[REQUEST_NAME_MAX + 2];
    memset(names, 'n', sizeof names);
    assert_int_equal(strlen(parse(*state, names, REQUEST_NAME_MAX)), REQUEST_NAME_MAX + 2);
    assert_non_null(strstr(parse(*state, names, REQUEST_NAME_MAX + 1), "longer than 128"));

    char fields[2 * (REQUEST_FIELDS_MAX + 1)];
    for (size_t i = 0; i < sizeof fields; i++)
        fields[i] = i % 2 == 0 ? 'a' : '&';
    assert_int_equal(strlen(parse(*state, fields, 2 * (size_t)REQUEST_FIELDS_MAX)),
                     3 * REQUEST_FIELDS_MAX);
    assert_non_null(strstr(parse(*state, fields, sizeof fields), "More than 256"));
}

static void reads_header_parameters(void **state) {
    static const struct {
        const char *header;
        const char *name;
        const char *value;
    } cases[] = {
        {"multipart/form-data; boundary=abc", "boundary", "abc"},
        {"multipart/form-data;boundary=abc", "boundary", "abc"},
        {"multipart/form-data ; BOUNDARY = abc ; x=y", "boundary", "abc"},
        {"multipart/form-data; boundary=\"a b;c\"", "boundary", "a b;c"},
        {"multipart/form-data; charset=utf-8; boundary=abc", "boundary", "abc"},
        {"multipart/form-data; x=\"boundary=no\"; boundary=yes", "boundary", "yes"},
        {"multipart/form-data; x=\"; boundary=no\"; boundary=yes", "boundary", "yes"},
        {"multipart/form-data; x=\"\\\"; boundary=no\"; boundary=yes", "boundary", "yes"},
        {"multipart/form-data; xboundary=no; boundary=yes", "boundary", "yes"},
        {"multipart/form-data; boundaryx=no", "boundary", NULL},
        {"multipart/form-data; boundary=a; boundary=b", "boundary", "a"},
        {"multipart/form-data; boundary=", "boundary", ""},
        {"multipart/form-data; boundary", "boundary", NULL},
        {"multipart/form-data", "boundary", NULL},
        {"", "boundary", NULL},
        {";;;", "boundary", NULL},
        {"form-data; name=\"a\\\"b\"", "name", "a\"b"},
        {"form-data; name=\"a\\\\b\"", "name", "a\\b"},
        {"form-data; filename=\"C:\\dir\\x.pdf\"", "filename", "C:\\dir\\x.pdf"},
        {"form-data; name=\"open", "name", NULL},
        {"form-data; name=\"open\\", "name", NULL},
        {"form-data; name=\"open\\\"", "name", NULL},
        {"form-data; filename*=UTF-8''a.txt; filename=b", "filename", "b"},
        {"form-data; filename*=UTF-8''a.txt; filename=b", "filename*", "UTF-8''a.txt"},
        {"form-data; name=\"\"", "name", ""},
        {"form-data; name=two words ", "name", "two words"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *value = header_parameter(*state, cases[i].header, cases[i].name);
        if (!text_equal(value, cases[i].value))
            fail_msg("%s: \"%s\"", cases[i].header, value != NULL ? value : "nothing");
    }
}

static void knows_safe_headers(void **state) {
    (void)state;
    assert_true(header_safe("text/html; charset=utf-8"));
    assert_true(header_safe("é"));
    assert_false(header_safe("a\r\nSet-Cookie: b"));
    assert_false(header_safe("a\tb"));
    assert_false(header_safe("\x7f"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(decodes, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(decodes_no_further_than_size, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(encodes, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(encoded_comes_back, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(urlencoded_comes_back, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(reads_pairs, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(refuses_pairs, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(bounds_pairs, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(reads_header_parameters, arena_setup, arena_teardown),
        cmocka_unit_test(knows_safe_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
