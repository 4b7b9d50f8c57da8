#include "http_test.h"

#include "core/text.h"
#include "http/router.h"

static const struct {
    const char *pattern;
    enum method method;
} routes[] = {
    {"/", METHOD_GET},
    {"/leads", METHOD_GET},
    {"/leads", METHOD_POST},
    {"/leads/new", METHOD_GET},
    {"/leads/{id}", METHOD_GET},
    {"/leads/{id}", METHOD_POST},
    {"/leads/{lead}/edit", METHOD_GET},
    {"/leads/{id}/stage", METHOD_POST},
    {"/leads/{id}/shares/{share}", METHOD_GET},
    {"/r/{code}", METHOD_GET},
    {"/admin/partners/{id}/users/{user}/role", METHOD_POST},
    {"/ping", METHOD_HEAD},
    {"/b", METHOD_GET},
    {"/a", METHOD_GET},
    {"/ab", METHOD_GET},
    {"/c", METHOD_GET},
    {"/aa", METHOD_GET},
};

static const char *pattern_of(size_t i) {
    return routes[i].pattern;
}

static enum method method_of(size_t i) {
    return routes[i].method;
}

struct fixture {
    struct arena *arena;
    struct router *router;
};

static struct fixture fixture;

static int setup(void **state) {
    fixture.arena = arena_new(TEST_ARENA);
    fixture.router = router_new(COUNT(routes), pattern_of, method_of);
    *state = &fixture;
    return 0;
}

static int teardown(void **state) {
    (void)state;
    router_free(fixture.router);
    arena_free(fixture.arena);
    return 0;
}

static struct router_match find(enum method method, const char *path, struct params *params) {
    return router_find(fixture.router, method, path, fixture.arena, params);
}

static void finds(void **state) {
    (void)state;
    static const struct {
        enum method method;
        const char *path;
        const char *pattern;
        const char *params; /* "name=value;" */
    } cases[] = {
        {METHOD_GET, "/", "/", ""},
        {METHOD_HEAD, "/", "/", ""},
        {METHOD_GET, "/leads", "/leads", ""},
        {METHOD_HEAD, "/leads", "/leads", ""},
        {METHOD_POST, "/leads", "/leads", ""},
        {METHOD_GET, "/leads/new", "/leads/new", ""},
        {METHOD_GET, "/leads/newer", "/leads/{id}", "id=newer;"},
        {METHOD_GET, "/leads/ne", "/leads/{id}", "id=ne;"},
        {METHOD_GET, "/leads/7 é", "/leads/{id}", "id=7 é;"},
        {METHOD_GET, "/leads/{id}", "/leads/{id}", "id={id};"},
        {METHOD_GET, "/leads/7/edit", "/leads/{lead}/edit", "lead=7;"},
        {METHOD_GET, "/leads/new/edit", "/leads/{lead}/edit", "lead=new;"},
        {METHOD_POST, "/leads/7/stage", "/leads/{id}/stage", "id=7;"},
        {METHOD_GET, "/leads/7/shares/9", "/leads/{id}/shares/{share}", "id=7;share=9;"},
        {METHOD_GET, "/r/x", "/r/{code}", "code=x;"},
        {METHOD_POST, "/admin/partners/1/users/2/role", "/admin/partners/{id}/users/{user}/role",
         "id=1;user=2;"},
        {METHOD_HEAD, "/ping", "/ping", ""},
        {METHOD_GET, "/a", "/a", ""},
        {METHOD_GET, "/aa", "/aa", ""},
        {METHOD_GET, "/ab", "/ab", ""},
        {METHOD_GET, "/b", "/b", ""},
        {METHOD_GET, "/c", "/c", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct params *params = params_new(fixture.arena);
        struct router_match match = find(cases[i].method, cases[i].path, params);
        const char *got = "";
        if (match.verdict != ROUTE_FOUND)
            fail_msg("%s was not found", cases[i].path);
        for (size_t k = 0; k < params->count; k++)
            got = arena_printf(fixture.arena, "%s%s=%s;", got, params->items[k].name,
                               params->items[k].value);
        assert_string_equal(routes[match.route].pattern, cases[i].pattern);
        assert_string_equal(got, cases[i].params);
        enum method method = routes[match.route].method;
        assert_true(method == cases[i].method ||
                    (cases[i].method == METHOD_HEAD && method == METHOD_GET));
    }
}

static void finds_nothing(void **state) {
    (void)state;
    static const char *const cases[] = {
        "",           "leads",        "//",       "/x",       "/lead",      "/leadss",
        "/leads/7/x", "/leads//edit", "/leads//", "//leads",  "/leads/7//", "/leads/7/edit/x",
        "/r",         "/r/",          "/r//",     "/admin",   "/Leads",     "/leads/7/shares",
        "/aaa",       "/d",           "/0",       "/leads\n", "/x/",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct params *params = params_new(fixture.arena);
        struct router_match match = find(METHOD_GET, cases[i], params);
        if (match.verdict != ROUTE_NOT_FOUND)
            fail_msg("%s was found", cases[i]);
        assert_int_equal(params->count, 0);
    }
}

static void names_methods(void **state) {
    (void)state;
    static const struct {
        enum method method;
        const char *path;
        const char *allow;
    } cases[] = {
        {METHOD_OTHER, "/leads", "GET, HEAD, POST"},
        {METHOD_OTHER, "/", "GET, HEAD"},
        {METHOD_POST, "/", "GET, HEAD"},
        {METHOD_POST, "/leads/new", "GET, HEAD"},
        {METHOD_GET, "/leads/7/stage", "POST"},
        {METHOD_HEAD, "/leads/7/stage", "POST"},
        {METHOD_GET, "/ping", "HEAD"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct params *params = params_new(fixture.arena);
        struct router_match match = find(cases[i].method, cases[i].path, params);
        assert_int_equal(match.verdict, ROUTE_METHOD);
        assert_string_equal(match.allow, cases[i].allow);
        assert_int_equal(params->count, 0);
    }
}

static void takes_off_a_slash(void **state) {
    (void)state;
    static const struct {
        const char *path;
        const char *to;
    } cases[] = {
        {"/leads/", "/leads"},
        {"/leads/new/", "/leads/new"},
        {"/leads/7/edit/", "/leads/7/edit"},
        {"/leads/a b?é/", "/leads/a%20b%3F%C3%A9"},
        {"/leads/7/stage/", "/leads/7/stage"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct params *params = params_new(fixture.arena);
        struct router_match match = find(METHOD_GET, cases[i].path, params);
        assert_int_equal(match.verdict, ROUTE_SLASH);
        assert_string_equal(match.path, cases[i].to);
    }
}

static void allocates_only_what_is_found(void **state) {
    (void)state;
    struct params *params = params_new(fixture.arena);
    size_t before = arena_used(fixture.arena);
    (void)find(METHOD_GET, "/leads/new", params);
    (void)find(METHOD_GET, "/leads/7/x", params);
    (void)find(METHOD_OTHER, "/leads", params);
    assert_int_equal(arena_used(fixture.arena), before);
}

/* Many routes, in an order that isn't theirs: each is found and only itself. */
static char many[500][24];

static const char *many_pattern(size_t i) {
    return many[i];
}

static enum method always_get(size_t i) {
    (void)i;
    return METHOD_GET;
}

static void finds_each_of_many(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(many); i++)
        snprintf(many[i], sizeof many[i], "/s%zu/t%zu", i * 7919 % COUNT(many) / 9,
                 i * 7919 % COUNT(many));
    struct router *router = router_new(COUNT(many), many_pattern, always_get);
    for (size_t i = 0; i < COUNT(many); i++) {
        struct router_match match =
            router_find(router, METHOD_GET, many[i], fixture.arena, params_new(fixture.arena));
        assert_int_equal(match.verdict, ROUTE_FOUND);
        assert_int_equal(match.route, i);
    }
    router_free(router);
}

static const char *bad_pattern;

static const char *pattern_bad(size_t i) {
    return i == 0 ? "/leads/{id}" : bad_pattern;
}

static enum method method_bad = METHOD_GET;

static enum method method_of_bad(size_t i) {
    return i == 0 ? METHOD_GET : method_bad;
}

static void build_bad(void) {
    router_free(router_new(2, pattern_bad, method_of_bad));
}

static void refuses_bad_tables(void **state) {
    (void)state;
    static const char *const bad[] = {"/leads/{id}", "/leads/{other}", "",    "leads", "/leads/",
                                      "//",          "/a//b",          "/{}", "/a{b}", "/{a}b",
                                      "/{a"};
    bad_pattern = "/leads/{id}/edit";
    assert_false(aborts(build_bad));
    for (size_t i = 0; i < COUNT(bad); i++) {
        bad_pattern = bad[i];
        if (!aborts(build_bad))
            fail_msg("%s was taken", bad_pattern);
    }
    bad_pattern = "/other";
    method_bad = METHOD_OTHER;
    assert_true(aborts(build_bad));
    method_bad = METHOD_GET;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds, setup, teardown),
        cmocka_unit_test_setup_teardown(finds_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(names_methods, setup, teardown),
        cmocka_unit_test_setup_teardown(takes_off_a_slash, setup, teardown),
        cmocka_unit_test_setup_teardown(allocates_only_what_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown(finds_each_of_many, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_bad_tables, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
