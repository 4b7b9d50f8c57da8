#include "http_test.h"

#include "core/text.h"
#include "http/request.h"

struct pair {
    const char *name;
    const char *value;
};

/* context: pairs ended by one without a name */
static const char *env(void *context, const char *name) {
    for (const struct pair *pair = context; pair->name != NULL; pair++) {
        if (text_equal(pair->name, name))
            return pair->value;
    }
    return NULL;
}

static enum err parse(struct arena *arena, struct pair *pairs, struct request **request,
                      const char **reason) {
    *reason = NULL;
    enum err err = request_parse(arena, env, pairs, request, reason);
    assert_non_null(*request);
    assert_int_equal(strlen((*request)->id), 32);
    assert_true((err == OK) == (*reason == NULL));
    return err;
}

static enum err parse_uri(struct arena *arena, const char *method, const char *uri,
                          struct request **request, const char **reason) {
    struct pair pairs[] = {{"REQUEST_METHOD", method}, {"REQUEST_URI", uri}, {NULL, NULL}};
    return parse(arena, pairs, request, reason);
}

static void reads_everything(void **state) {
    struct pair pairs[] = {
        {"REQUEST_METHOD", "POST"},
        {"REQUEST_URI", "/leads/caf%C3%A9?stage=won&q=a+b"},
        {"QUERY_STRING", "not=this"},
        {"REMOTE_ADDR", "2001:db8::7"},
        {"HTTP_COOKIE", "session=abc; theme=dark"},
        {"HTTP_USER_AGENT", "Lantern/1.0"},
        {"HTTP_ORIGIN", "https://partners.example"},
        {"HTTP_SEC_FETCH_SITE", "same-origin"},
        {"HTTP_IF_NONE_MATCH", "\"v1\""},
        {"HTTP_HX_REQUEST", "true"},
        {"CONTENT_TYPE", "application/json"},
        {"TESSERA_REQUEST_ID", "0123456789abcdef0123456789abcdef"},
        {NULL, NULL},
    };
    struct request *request = NULL;
    const char *reason = NULL;
    assert_int_equal(parse(*state, pairs, &request, &reason), OK);
    assert_int_equal(request->method, METHOD_POST);
    assert_string_equal(request->method_name, "POST");
    assert_string_equal(request->path, "/leads/café");
    assert_string_equal(request->raw_query, "stage=won&q=a+b");
    assert_int_equal(request->query->count, 2);
    assert_string_equal(params_get(request->query, "q"), "a b");
    assert_string_equal(params_get(request->cookies, "theme"), "dark");
    assert_int_equal(request->form->count, 0);
    assert_string_equal(request->address, "2001:db8::7");
    assert_string_equal(request->user_agent, "Lantern/1.0");
    assert_string_equal(request->origin, "https://partners.example");
    assert_string_equal(request->fetch_site, "same-origin");
    assert_string_equal(request->if_none_match, "\"v1\"");
    assert_string_equal(request->content_type, "application/json");
    assert_string_equal(request->id, "0123456789abcdef0123456789abcdef");
    assert_true(request->htmx);
    assert_int_equal(request->answer, ANSWER_HTML);
}

static void fills_what_is_missing(void **state) {
    struct request *request = NULL;
    const char *reason = NULL;
    assert_int_equal(parse_uri(*state, "GET", "/", &request, &reason), OK);
    assert_string_equal(request->raw_query, "");
    assert_string_equal(request->address, "0.0.0.0");
    assert_string_equal(request->user_agent, "");
    assert_string_equal(request->content_type, "");
    assert_null(request->origin);
    assert_null(request->fetch_site);
    assert_null(request->if_none_match);
    assert_null(request->body);
    assert_false(request->htmx);
}

static void falls_back_to_document_uri(void **state) {
    struct pair pairs[] = {{"REQUEST_METHOD", "GET"},
                           {"DOCUMENT_URI", "/leads"},
                           {"QUERY_STRING", "a=1"},
                           {NULL, NULL}};
    struct request *request = NULL;
    const char *reason = NULL;
    assert_int_equal(parse(*state, pairs, &request, &reason), OK);
    assert_string_equal(request->path, "/leads");
    assert_string_equal(params_get(request->query, "a"), "1");
}

static void reads_methods(void **state) {
    static const struct {
        const char *name;
        enum method method;
    } cases[] = {{"GET", METHOD_GET},       {"HEAD", METHOD_HEAD},   {"POST", METHOD_POST},
                 {"OPTIONS", METHOD_OTHER}, {"PATCH", METHOD_OTHER}, {"get", METHOD_OTHER},
                 {"G\x01T", METHOD_OTHER}};
    struct request *request = NULL;
    const char *reason = NULL;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(parse_uri(*state, cases[i].name, "/", &request, &reason), OK);
        assert_int_equal(request->method, cases[i].method);
    }
    assert_string_equal(request->method_name, "G?T");
    assert_int_equal(parse_uri(*state, "", "/", &request, &reason), ERR_BAD_REQUEST);
    assert_int_equal(parse_uri(*state, NULL, "/", &request, &reason), ERR_BAD_REQUEST);
    assert_int_equal(parse_uri(*state, "GET", NULL, &request, &reason), ERR_BAD_REQUEST);
}

static void refuses_addresses(void **state) {
    static const char *const cases[] = {
        "",          "leads",   "*",       "http://elsewhere.example/",
        "/%",        "/%zz",    "/%00",    "/a%0ab",
        "/a%09b",    "/%7f",    "/%ff",    "/\xff",
        "/a\x01",    "/a#b",    "/..",     "/../a",
        "/a/../b",   "/a/..",   "/./a",    "/a/.",
        "/%2e%2e/a", "/.%2e",   "/a%2fb",  "/a%2Fb",
        "/?%",       "/?a=%zz", "/?a=%00", "/?a=%ff",
        "/?a=\x01",  "/?a=%01", "/?%0a=1", "/?a\tb",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct request *request = NULL;
        const char *reason = NULL;
        if (parse_uri(*state, "GET", cases[i], &request, &reason) != ERR_BAD_REQUEST)
            fail_msg("%s was taken", cases[i]);
        assert_true(request->path[0] == '/');
    }
}

static void takes_odd_addresses(void **state) {
    static const struct pair cases[] = {
        {"//", "//"},
        {"/a//b", "/a//b"},
        {"/a/", "/a/"},
        {"/...", "/..."},
        {"/.well-known/x", "/.well-known/x"},
        {"/a..b", "/a..b"},
        {"/a+b", "/a+b"},
        {"/a%20b", "/a b"},
        {"/%E2%82%AC", "/€"},
        {"/\xe2\x82\xac", "/€"},
        {"/a\\b", "/a\\b"},
        {"/?", "/"},
        {"/a?b?c", "/a"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct request *request = NULL;
        const char *reason = NULL;
        if (parse_uri(*state, "GET", cases[i].name, &request, &reason) != OK)
            fail_msg("%s: %s", cases[i].name, reason);
        assert_string_equal(request->path, cases[i].value);
    }
}

static void bounds_addresses(void **state) {
    struct request *request = NULL;
    const char *reason = NULL;
    char *uri = arena_alloc(*state, 20000);
    memset(uri, 'a', 19999);
    uri[0] = '/';

    uri[REQUEST_PATH_MAX] = '\0';
    assert_int_equal(parse_uri(*state, "GET", uri, &request, &reason), OK);
    uri[REQUEST_PATH_MAX] = 'a';
    uri[REQUEST_PATH_MAX + 1] = '\0';
    assert_int_equal(parse_uri(*state, "GET", uri, &request, &reason), ERR_BAD_REQUEST);
    assert_non_null(strstr(reason, "2,048"));
    uri[REQUEST_PATH_MAX + 1] = 'a';
    assert_int_equal(parse_uri(*state, "GET", uri, &request, &reason), ERR_BAD_REQUEST);
    assert_non_null(strstr(reason, "2,048"));

    memcpy(uri, "/?a=", 4);
    uri[2 + REQUEST_QUERY_MAX] = '\0';
    assert_int_equal(parse_uri(*state, "GET", uri, &request, &reason), OK);
    uri[2 + REQUEST_QUERY_MAX] = 'a';
    uri[3 + REQUEST_QUERY_MAX] = '\0';
    assert_int_equal(parse_uri(*state, "GET", uri, &request, &reason), ERR_BAD_REQUEST);
    assert_non_null(strstr(reason, "8,192"));
}

static void makes_ids(void **state) {
    static const char *const bad[] = {"", "short", "0123456789abcdef0123456789abcdeF",
                                      "0123456789abcdef0123456789abcdef0",
                                      "0123456789abcdef0123456789abcde\n"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct pair pairs[] = {{"REQUEST_METHOD", "GET"},
                               {"REQUEST_URI", "/"},
                               {"TESSERA_REQUEST_ID", bad[i]},
                               {NULL, NULL}};
        struct request *first = NULL;
        struct request *second = NULL;
        const char *reason = NULL;
        assert_int_equal(parse(*state, pairs, &first, &reason), OK);
        assert_int_equal(parse(*state, pairs, &second, &reason), OK);
        assert_int_equal(strspn(first->id, "0123456789abcdef"), 32);
        assert_string_not_equal(first->id, second->id);
    }
}

static void believes_only_addresses(void **state) {
    static const struct pair cases[] = {
        {"192.0.2.7", "192.0.2.7"}, {"::1", "::1"},  {"unix:", "0.0.0.0"},   {"192.0.2", "0.0.0.0"},
        {"1.2.3.4x", "0.0.0.0"},    {"", "0.0.0.0"}, {"'; drop", "0.0.0.0"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pair pairs[] = {{"REQUEST_METHOD", "GET"},
                               {"REQUEST_URI", "/"},
                               {"REMOTE_ADDR", cases[i].name},
                               {NULL, NULL}};
        struct request *request = NULL;
        const char *reason = NULL;
        assert_int_equal(parse(*state, pairs, &request, &reason), OK);
        assert_string_equal(request->address, cases[i].value);
    }
}

static void cleans_headers(void **state) {
    char agent[600];
    memset(agent, 'x', sizeof agent);
    memcpy(agent, "a\x01\xff\xc3\xa9", 5);
    memcpy(agent + 510, "\xe2\x82\xac", 3);
    agent[sizeof agent - 1] = '\0';
    struct pair pairs[] = {
        {"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/"}, {"HTTP_USER_AGENT", agent}, {NULL, NULL}};
    struct request *request = NULL;
    const char *reason = NULL;
    assert_int_equal(parse(*state, pairs, &request, &reason), OK);
    assert_int_equal(strncmp(request->user_agent, "a??é", 5), 0);
    /* The euro sign at 510 would pass 512 bytes. */
    assert_int_equal(strlen(request->user_agent), 510);
}

static void negotiates(void **state) {
    (void)state;
    static const struct {
        const char *accept;
        enum answer answer;
    } cases[] = {
        {NULL, ANSWER_HTML},
        {"", ANSWER_HTML},
        {"*/*", ANSWER_HTML},
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", ANSWER_HTML},
        {"application/json", ANSWER_JSON},
        {"Application/JSON", ANSWER_JSON},
        {"application/json, text/html", ANSWER_HTML},
        {"text/event-stream", ANSWER_JSON},
        {"text/event-stream, text/html", ANSWER_HTML},
        {"text/html;q=0.5, application/json", ANSWER_JSON},
        {"text/html, application/json;q=0.9", ANSWER_HTML},
        {"application/json;q=0.9, text/html;q=0.8", ANSWER_JSON},
        {"application/json, */*;q=0.5", ANSWER_JSON},
        {"application/json, text/plain, */*", ANSWER_HTML},
        {"application/*", ANSWER_JSON},
        {"application/*;q=0.3, text/*;q=0.2", ANSWER_JSON},
        {"application/json;q=0", ANSWER_HTML},
        {"text/html;q=0", ANSWER_HTML},
        {"text/html;q=0, */*", ANSWER_JSON},
        {"application/json;q=0.001", ANSWER_JSON},
        {"application/json;q=0.0001", ANSWER_HTML},
        {"application/json;version=1;q=0.4, text/html;q=0.3", ANSWER_JSON},
        {"application/json ; Q=0.4 , text/html;q=0.3", ANSWER_JSON},
        {"application/json;q=nonsense, text/html;q=0.9", ANSWER_JSON},
        {"text/csv", ANSWER_CSV},
        {"text/*", ANSWER_HTML},
        {"text/csv, text/html;q=0.9", ANSWER_CSV},
        {"text/csv, application/json", ANSWER_JSON},
        {"text/csv;q=0.9, application/json;q=0.8", ANSWER_CSV},
        {"image/png", ANSWER_HTML},
        {"application/jsonp", ANSWER_HTML},
        {"application/", ANSWER_HTML},
        {"application", ANSWER_HTML},
        {"application/*x", ANSWER_HTML},
        {"/, ;, ,;q=1", ANSWER_HTML},
        {",,,application/json,,", ANSWER_JSON},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (answer_negotiate(cases[i].accept) != cases[i].answer)
            fail_msg("%s", cases[i].accept);
    }
}

static void reads_answer_from_path(void **state) {
    static const struct {
        const char *method, *uri, *accept, *path;
        enum answer answer;
    } cases[] = {
        {"GET", "/leads", NULL, "/leads", ANSWER_HTML},
        {"GET", "/leads", "application/json", "/leads", ANSWER_JSON},
        {"GET", "/leads.csv", NULL, "/leads", ANSWER_CSV},
        {"GET", "/leads.csv?stage=won", "text/html", "/leads", ANSWER_CSV},
        {"HEAD", "/leads.csv", NULL, "/leads", ANSWER_CSV},
        {"GET", "/leads.xlsx?stage=won", "text/html", "/leads", ANSWER_XLSX},
        {"POST", "/leads.xlsx", NULL, "/leads.xlsx", ANSWER_HTML},
        {"POST", "/leads.csv", NULL, "/leads.csv", ANSWER_HTML},
        {"GET", "/leads/7.json", NULL, "/leads/7", ANSWER_JSON},
        {"GET", "/leads.json", "text/csv", "/leads", ANSWER_JSON},
        {"GET", "/.csv", NULL, "/.csv", ANSWER_HTML},
        {"GET", "/leads/.json", NULL, "/leads/.json", ANSWER_HTML},
        {"GET", "/leads.CSV", NULL, "/leads.CSV", ANSWER_HTML},
        {"GET", "/leads.csv/", NULL, "/leads.csv/", ANSWER_HTML},
        {"GET", "/api/partner/leads", NULL, "/api/partner/leads", ANSWER_JSON},
        {"POST", "/api/share-lead", "text/html", "/api/share-lead", ANSWER_JSON},
        {"GET", "/api/partner/leads.csv", NULL, "/api/partner/leads", ANSWER_CSV},
        {"GET", "/api/partner/leads", "text/csv", "/api/partner/leads", ANSWER_CSV},
        {"GET", "/apiary", NULL, "/apiary", ANSWER_HTML},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pair pairs[] = {{"REQUEST_METHOD", cases[i].method},
                               {"REQUEST_URI", cases[i].uri},
                               {"HTTP_ACCEPT", cases[i].accept},
                               {NULL, NULL}};
        struct request *request = NULL;
        const char *reason = NULL;
        assert_int_equal(parse(*state, pairs, &request, &reason), OK);
        assert_string_equal(request->path, cases[i].path);
        assert_int_equal(request->answer, cases[i].answer);
    }
}

/* A request whose address is refused still says who asked and what for. */
static void keeps_headers_of_refused(void **state) {
    struct pair pairs[] = {{"REQUEST_METHOD", "GET"},
                           {"REQUEST_URI", "/%ff"},
                           {"HTTP_ACCEPT", "application/json"},
                           {"REMOTE_ADDR", "192.0.2.7"},
                           {NULL, NULL}};
    struct request *request = NULL;
    const char *reason = NULL;
    assert_int_equal(parse(*state, pairs, &request, &reason), ERR_BAD_REQUEST);
    assert_int_equal(request->answer, ANSWER_JSON);
    assert_string_equal(request->address, "192.0.2.7");
    assert_string_equal(request->path, "/");
    assert_int_equal(request->query->count, 0);
}

static enum err parse_body(struct arena *arena, const char *type, const char *body,
                           struct request **request) {
    struct pair pairs[] = {
        {"REQUEST_METHOD", "POST"}, {"REQUEST_URI", "/"}, {"CONTENT_TYPE", type}, {NULL, NULL}};
    const char *reason = NULL;
    assert_int_equal(parse(arena, pairs, request, &reason), OK);
    enum err err = request_parse_body(*request, body, strlen(body), &reason);
    assert_true((err == OK) == (reason == NULL));
    assert_ptr_equal((*request)->body, body);
    assert_int_equal((*request)->body_size, strlen(body));
    return err;
}

static void reads_bodies(void **state) {
    static const char multipart[] =
        "--x\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n"
        "--x\r\nContent-Disposition: form-data; name=f; filename=y\r\n\r\n2\r\n--x--\r\n";
    static const struct {
        const char *type, *body;
        enum err err;
        size_t fields, uploads;
    } cases[] = {
        {NULL, "", OK, 0, 0},
        {NULL, "a=1", ERR_MEDIA_TYPE, 0, 0},
        {"text/plain", "a=1", ERR_MEDIA_TYPE, 0, 0},
        {"application/x-www-form-urlencoded", "a=1&b=2", OK, 2, 0},
        {"Application/X-WWW-Form-Urlencoded; charset=UTF-8", "a=1", OK, 1, 0},
        {"application/x-www-form-urlencoded;charset=latin1", "a=1", ERR_MEDIA_TYPE, 0, 0},
        {"application/x-www-form-urlencodedx", "a=1", ERR_MEDIA_TYPE, 0, 0},
        {"application/x-www-form-urlencoded", "a=%", ERR_BAD_REQUEST, 0, 0},
        {"application/json", "{\"a\":1}", OK, 0, 0},
        {"application/json; charset=utf-8", "", OK, 0, 0},
        {"multipart/form-data; boundary=x", multipart, OK, 1, 1},
        {"multipart/form-data; boundary=\"x\"", multipart, OK, 1, 1},
        {"multipart/form-data", multipart, ERR_BAD_REQUEST, 0, 0},
        {"multipart/form-data; boundary=y", multipart, ERR_BAD_REQUEST, 0, 0},
        {"multipart/form-data; boundary=x", "", ERR_BAD_REQUEST, 0, 0},
        {"multipart/mixed; boundary=x", multipart, ERR_MEDIA_TYPE, 0, 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct request *request = NULL;
        assert_int_equal(parse_body(*state, cases[i].type, cases[i].body, &request), cases[i].err);
        if (cases[i].err == OK) {
            assert_int_equal(request->form->count, cases[i].fields);
            assert_int_equal(request->nuploads, cases[i].uploads);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_everything, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(fills_what_is_missing, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(falls_back_to_document_uri, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(reads_methods, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(refuses_addresses, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(takes_odd_addresses, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(bounds_addresses, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(makes_ids, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(believes_only_addresses, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(cleans_headers, arena_setup, arena_teardown),
        cmocka_unit_test(negotiates),
        cmocka_unit_test_setup_teardown(reads_answer_from_path, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(keeps_headers_of_refused, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(reads_bodies, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
