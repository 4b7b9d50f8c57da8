#include "http_test.h"

#include "core/text.h"
#include "http/form_data.h"
#include "http/response.h"

static struct arena *arena;
static struct buf body;
static struct response response;

static int setup(void **state) {
    (void)state;
    arena = arena_new(TEST_ARENA);
    buf_init(&body, 1024);
    response_init(&response, arena, &body);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    response_free(&response);
    buf_free(&body);
    arena_free(arena);
    return 0;
}

static void starts_empty(void **state) {
    (void)state;
    assert_int_equal(response.status, 200);
    assert_string_equal(buf_text(&response.headers), "");
    assert_false(response.has_type);
    assert_null(response.stream);
    assert_ptr_equal(response.body, &body);
}

static void writes_headers(void **state) {
    (void)state;
    response_header(&response, "Cache-Control", "no-store");
    assert_false(response.has_type);
    response_type(&response, "text/csv; charset=utf-8");
    assert_true(response.has_type);
    assert_string_equal(buf_text(&response.headers),
                        "Cache-Control: no-store\r\nContent-Type: text/csv; charset=utf-8\r\n");
}

static void redirects(void **state) {
    (void)state;
    static const struct {
        const char *to;
        const char *location;
    } cases[] = {
        {"/leads", "/leads"},
        {"/", "/"},
        {"/leads/7?tab=history#notes", "/leads/7?tab=history#notes"},
        {"/leads?q=a%20b&x=1+2", "/leads?q=a%20b&x=1+2"},
        {"/leads/caf\xc3\xa9 x", "/leads/caf%C3%A9%20x"},
        {"/a\"<>\\^`{|}", "/a%22%3C%3E%5C%5E%60%7B%7C%7D"},
        {"/a//b", "/a//b"},
        {"//evil.example", "/"},
        {"/\\evil.example", "/"},
        {"/\t/evil.example", "/"},
        {"/a\r\nSet-Cookie: x=y", "/"},
        {"https://evil.example/", "/"},
        {"javascript:alert(1)", "/"},
        {"leads", "/"},
        {"", "/"},
        {NULL, "/"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        response_free(&response);
        response_init(&response, arena, &body);
        response_redirect(&response, cases[i].to);
        assert_int_equal(response.status, 303);
        assert_string_equal(buf_text(&response.headers),
                            arena_printf(arena, "Location: %s\r\n", cases[i].location));
    }
}

static void redirects_not_too_far(void **state) {
    (void)state;
    char path[9000];
    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    response_redirect(&response, path);
    assert_string_equal(buf_text(&response.headers), "Location: /\r\n");
}

static void forwards_to_other_sites(void **state) {
    static const struct {
        const char *to, *location;
    } cases[] = {
        {"https://a.example/x?y=1#z", "https://a.example/x?y=1#z"},
        {"http://a.example", "http://a.example"},
        {"/refer/broker?code=x", "/refer/broker?code=x"},
        {"//evil.example/", "/"},
        {"/\\evil.example/", "/"},
        {"javascript:alert(1)", "/"},
        {"ftp://a.example/", "/"},
        {"https://a.example/\r\nSet-Cookie: x=y", "/"},
        {"https://a.example/a b", "/"},
        {"https://a.example/\xC3\xA9", "/"},
        {"", "/"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        response_free(&response);
        response_init(&response, arena, &body);
        response_forward(&response, cases[i].to);
        assert_int_equal(response.status, 302);
        assert_string_equal(buf_text(&response.headers),
                            arena_printf(arena, "Location: %s\r\n", cases[i].location));
    }
    assert_string_equal(response_reason(302), "Found");
}

static void sets_cookies(void **state) {
    (void)state;
    response_cookie(&response, "__Host-session", "abc_-", 3600, true);
    response_cookie(&response, "session", "abc", -1, false);
    response_cookie(&response, "notice", "", 0, false);
    assert_string_equal(
        buf_text(&response.headers),
        "Set-Cookie: __Host-session=abc_-; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=3600\r\n"
        "Set-Cookie: session=abc; Path=/; HttpOnly; SameSite=Lax\r\n"
        "Set-Cookie: notice=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0\r\n");
}

static void names_downloads(void **state) {
    (void)state;
    static const struct {
        const char *filename;
        const char *disposition;
    } cases[] = {
        {"price list.pdf",
         "attachment; filename=\"price list.pdf\"; filename*=UTF-8''price%20list.pdf"},
        {"Preisübersicht.pdf", "attachment; filename=\"Preis_bersicht.pdf\"; "
                               "filename*=UTF-8''Preis%C3%BCbersicht.pdf"},
        {"a\"b\\c%41.pdf", "attachment; filename=\"c_41.pdf\"; filename*=UTF-8''c%2541.pdf"},
        {"a\"b.pdf", "attachment; filename=\"a_b.pdf\"; filename*=UTF-8''a%22b.pdf"},
        {"../../etc/passwd", "attachment; filename=\"passwd\"; filename*=UTF-8''passwd"},
        {"a\r\nb", "attachment; filename=\"a__b\"; filename*=UTF-8''a__b"},
        {"", "attachment; filename=\"download\"; filename*=UTF-8''download"},
        {"dir/", "attachment; filename=\"download\"; filename*=UTF-8''download"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(response_disposition(arena, cases[i].filename, false),
                            cases[i].disposition);
    assert_true(text_starts(response_disposition(arena, "a.png", true), "inline; "));
}

/* What is written as filename* is read back as the same name. */
static void downloads_come_back(void **state) {
    (void)state;
    static const char *const names[] = {"a.pdf", "नमस्ते.pdf", "100% \"sure\"; or not.txt", "'", "*"};
    for (size_t i = 0; i < COUNT(names); i++) {
        const char *disposition = response_disposition(arena, names[i], false);
        char *value = header_parameter(arena, disposition, "filename*");
        assert_non_null(value);
        assert_true(text_starts(value, "UTF-8''"));
        assert_string_equal(percent_decode(arena, value + 7, strlen(value + 7), false), names[i]);
        assert_non_null(header_parameter(arena, disposition, "filename"));
    }
}

static void sends_files(void **state) {
    (void)state;
    response_file(&response, "/protected/ab/cd é", "image/png", "logo.png", true);
    assert_string_equal(buf_text(&response.headers),
                        "X-Accel-Redirect: /protected/ab/cd%20%C3%A9\r\n"
                        "Content-Type: image/png\r\n"
                        "Content-Disposition: inline; filename=\"logo.png\"; "
                        "filename*=UTF-8''logo.png\r\n");
}

static void keeps_scripts_out_of_the_page(void **state) {
    (void)state;
    static const struct {
        const char *type;
        bool shown;
    } cases[] = {
        {"image/png", true},
        {"image/jpeg", true},
        {"application/pdf", true},
        {"text/plain; charset=utf-8", true},
        {"video/mp4", true},
        {"image/svg+xml", false},
        {"text/html", false},
        {"application/xhtml+xml", false},
        {"image/pngx", false},
        {"text/xml", false},
        {"application/octet-stream", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        response_free(&response);
        response_init(&response, arena, &body);
        response_file(&response, "/p/a", cases[i].type, "a", true);
        bool shown = strstr(buf_text(&response.headers), "Content-Disposition: inline") != NULL;
        if (shown != cases[i].shown)
            fail_msg("%s", cases[i].type);
    }
}

static const char *bad_name;
static const char *bad_value;

static void put_header(void) {
    response_header(&response, bad_name, bad_value);
}

static void put_cookie(void) {
    response_cookie(&response, bad_name, bad_value, -1, false);
}

static void put_file(void) {
    response_file(&response, bad_name, "text/plain", "a", false);
}

static void put_too_much(void) {
    for (int i = 0; i < 1000; i++)
        response_header(&response, "X-Filler", "0123456789012345678901234567890123456789");
}

static void aborts_on_our_bugs(void **state) {
    (void)state;
    static const char *const headers[][2] = {
        {"X-A", "a\r\nX-B: b"}, {"X-A", "a\nb"}, {"X-A", "a\x7f"},
        {"X-A: b\r\nX", "a"},   {"", "a"},       {"X A", "a"},
    };
    static const char *const cookies[][2] = {
        {"a b", "x"},        {"", "x"},      {"a", "x; Domain=evil.example"},
        {"a", "x y"},        {"a", "x\r\n"}, {"__Host-a", "needs Secure"},
        {"__Secure-a", "x"},
    };
    static const char *const files[] = {"relative", "/a/../b", "/a/.."};
    bad_name = "X-A";
    bad_value = "fine";
    assert_false(aborts(put_header));
    assert_false(aborts(put_cookie));
    for (size_t i = 0; i < COUNT(headers); i++) {
        bad_name = headers[i][0];
        bad_value = headers[i][1];
        assert_true(aborts(put_header));
    }
    for (size_t i = 0; i < COUNT(cookies); i++) {
        bad_name = cookies[i][0];
        bad_value = cookies[i][1];
        assert_true(aborts(put_cookie));
    }
    for (size_t i = 0; i < COUNT(files); i++) {
        bad_name = files[i];
        assert_true(aborts(put_file));
    }
    bad_name = "/a..b";
    assert_false(aborts(put_file));
    assert_true(aborts(put_too_much));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(starts_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(writes_headers, setup, teardown),
        cmocka_unit_test_setup_teardown(redirects, setup, teardown),
        cmocka_unit_test_setup_teardown(redirects_not_too_far, setup, teardown),
        cmocka_unit_test_setup_teardown(forwards_to_other_sites, setup, teardown),
        cmocka_unit_test_setup_teardown(sets_cookies, setup, teardown),
        cmocka_unit_test_setup_teardown(names_downloads, setup, teardown),
        cmocka_unit_test_setup_teardown(downloads_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(sends_files, setup, teardown),
        cmocka_unit_test_setup_teardown(keeps_scripts_out_of_the_page, setup, teardown),
        cmocka_unit_test_setup_teardown(aborts_on_our_bugs, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
