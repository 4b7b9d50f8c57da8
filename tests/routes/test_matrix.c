/*
 * Who may do what: every route, asked by everybody.
 *
 * The table below is the other half of src/app/routes.c, written down independently of it and of
 * the permissions in the migrations: a route that is missing here, or that answers otherwise than
 * it says, fails.
 */
#include "app/routes.h"
#include "tests/routes/expected.h"
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static int wrong;

/* Goes on after a difference, so that one run shows all of them. */
static void expect_status(const struct expected *row, enum site_who who, const char *what,
                          int status, const struct site_answer *answer) {
    if (answer->status == status)
        return;
    wrong++;
    fprintf(stderr, "%s %s as %s%s: %d, expected %d\n", expected_method(row), row->path,
            site_who_name(who), what, answer->status, status);
    if (answer->status >= 500)
        fprintf(stderr, "%s\n", answer->headers);
}

static void nothing_wrong(void) {
    int found = wrong;
    wrong = 0;
    assert_int_equal(found, 0);
}

static struct site_answer *ask(const struct expected *row, enum site_who who, const char *accept) {
    return SITE_ASK(portal, .who = who, .path = row->path,
                    .form = row->method == METHOD_POST ? row->form : NULL, .accept = accept);
}

static bool in(unsigned set, enum site_who who) {
    return set & (1u << who);
}

static void check_sign_in_redirect(const struct expected *row, const struct site_answer *answer) {
    const char *location = site_header(portal, answer, "Location");
    if (location && strncmp(location, "/login?next=%2F", 15) == 0)
        return;
    wrong++;
    fprintf(stderr, "%s as visitor leads to %s\n", row->path, location ? location : "nowhere");
}

/* ── The table and the routes ── */

static void every_route_is_expected(void **state) {
    (void)state;
    for (size_t i = 0; i < routes_count; i++) {
        size_t rows = 0;
        for (const struct expected *row = expected; row->pattern; row++)
            rows += row->method == routes[i].method && strcmp(row->pattern, routes[i].pattern) == 0;
        if (rows == 0) {
            wrong++;
            fprintf(stderr,
                    "%s is a route, but tests/routes/expected.c does not say who may reach it\n",
                    routes[i].pattern);
        }
    }
    for (const struct expected *row = expected; row->pattern; row++) {
        bool found = false;
        for (size_t i = 0; i < routes_count; i++)
            found = found || (row->method == routes[i].method &&
                              strcmp(row->pattern, routes[i].pattern) == 0);
        if (!found) {
            wrong++;
            fprintf(stderr, "%s is expected, but is no route\n", row->pattern);
        }
    }
    nothing_wrong();
}

/* ── Pages ── */

static void every_route_as_everybody(void **state) {
    (void)state;
    for (const struct expected *row = expected; row->pattern; row++) {
        for (enum site_who who = VISITOR; who <= ADMIN; who++) {
            const struct site_answer *answer = ask(row, who, NULL);
            expect_status(row, who, "", expected_status(row, who), answer);
            if (who == VISITOR && row->method == METHOD_GET && !in(row->may, VISITOR))
                check_sign_in_redirect(row, answer);
            if (row->method == METHOD_POST && answer->status < 400)
                site_restore(portal);
            else
                site_forget(portal);
        }
    }
    nothing_wrong();
}

static void is_problem(const struct expected *row, enum site_who who,
                       const struct site_answer *answer, int status) {
    const char *type = site_header(portal, answer, "Content-Type");
    json_t *problem = json_loads(answer->body, 0, NULL);
    bool fine = type && strcmp(type, "application/problem+json") == 0 && problem &&
                json_integer_value(json_object_get(problem, "status")) == status &&
                json_string_length(json_object_get(problem, "title")) > 0 &&
                json_string_length(json_object_get(problem, "detail")) > 0;
    json_decref(problem);
    if (!fine) {
        wrong++;
        fprintf(stderr, "%s %s as %s: no problem+json but %s: %.200s\n", expected_method(row),
                row->path, site_who_name(who), type ? type : "-", answer->body);
    }
}

static void is_json(const struct expected *row, enum site_who who,
                    const struct site_answer *answer) {
    const char *type = site_header(portal, answer, "Content-Type");
    json_error_t error;
    json_t *json = json_loads(answer->body, 0, &error);
    if (!json_is_object(json) || !type || strcmp(type, "application/json") != 0) {
        wrong++;
        fprintf(stderr, "%s %s as %s: no JSON object but %s: %s in %.200s\n", expected_method(row),
                row->path, site_who_name(who), type ? type : "-", json ? "" : error.text,
                answer->body);
    }
    json_decref(json);
}

/* The same rights hold for whoever asks for JSON; nobody is sent to a sign-in page. */
static void every_route_as_json(void **state) {
    (void)state;
    for (const struct expected *row = expected; row->pattern; row++) {
        for (enum site_who who = VISITOR; who <= ADMIN; who++) {
            const struct site_answer *answer = ask(row, who, "application/json");
            int status = expected_json_status(row, who);
            expect_status(row, who, " in JSON", status, answer);
            if (answer->status >= 400)
                is_problem(row, who, answer, answer->status);
            else if (answer->status == 200 && !row->plain)
                is_json(row, who, answer);
            if (row->method == METHOD_POST && answer->status < 400)
                site_restore(portal);
            else
                site_forget(portal);
        }
    }
    nothing_wrong();
}

/* ── Methods ── */

static const struct expected *row_of(enum method method, const char *pattern) {
    for (const struct expected *row = expected; row->pattern; row++)
        if (row->method == method && strcmp(row->pattern, pattern) == 0)
            return row;
    return NULL;
}

static void expect_allow(const char *path, const char *method, const char *allow) {
    const struct site_answer *answer =
        SITE_ASK(portal, .who = ADMIN, .method = method, .path = path,
                 .form = strcmp(method, "POST") == 0 ? "" : NULL);
    const char *said = site_header(portal, answer, "Allow");
    if (answer->status == 405 && said && strcmp(said, allow) == 0)
        return;
    wrong++;
    fprintf(stderr, "%s %s: %d, Allow: %s; expected 405 and %s\n", method, path, answer->status,
            said ? said : "-", allow);
}

static void other_methods_are_refused(void **state) {
    (void)state;
    for (const struct expected *row = expected; row->pattern; row++) {
        bool get = row_of(METHOD_GET, row->pattern) != NULL,
             post = row_of(METHOD_POST, row->pattern) != NULL;
        const char *allow = get && post ? "GET, HEAD, POST" : get ? "GET, HEAD" : "POST";
        static const char *const never[] = {"PUT",   "DELETE",  "PATCH", "OPTIONS",
                                            "TRACE", "CONNECT", "get",   "X"};
        for (size_t i = 0; i < sizeof never / sizeof *never; i++)
            expect_allow(row->path, never[i], allow);
        if (!get)
            expect_allow(row->path, "GET", allow);
        if (!get)
            expect_allow(row->path, "HEAD", allow);
        if (!post)
            expect_allow(row->path, "POST", allow);
        site_forget(portal);
    }
    nothing_wrong();
}

/* The server leaves the body away; all that goes before it is the same. */
static void head_is_get_without_a_body(void **state) {
    (void)state;
    for (const struct expected *row = expected; row->pattern; row++) {
        if (row->method != METHOD_GET)
            continue;
        for (enum site_who who = VISITOR; who <= ADMIN; who += ADMIN) {
            const struct site_answer *get = SITE_GET(portal, who, row->path);
            const struct site_answer *head =
                SITE_ASK(portal, .who = who, .path = row->path, .method = "HEAD");
            const char *get_type = site_header(portal, get, "Content-Type"),
                       *head_type = site_header(portal, head, "Content-Type");
            const char *get_to = site_header(portal, get, "Location"),
                       *head_to = site_header(portal, head, "Location");
            expect_status(row, who, " with HEAD", get->status, head);
            if (strcmp(get_type ? get_type : "", head_type ? head_type : "") != 0 ||
                strcmp(get_to ? get_to : "", head_to ? head_to : "") != 0) {
                wrong++;
                fprintf(stderr, "HEAD %s has other headers than GET\n", row->path);
            }
        }
        site_forget(portal);
    }
    nothing_wrong();
}

static void a_slash_too_many_leads_on(void **state) {
    (void)state;
    for (const struct expected *row = expected; row->pattern; row++) {
        if (strcmp(row->path, "/") == 0)
            continue;
        const char *with_slash = arena_printf(site_arena(portal), "%s/?a=1&b=%%2F", row->path);
        const char *target = arena_printf(site_arena(portal), "%s?a=1&b=%%2F", row->path);
        bool post = row->method == METHOD_POST;
        const struct site_answer *answer =
            SITE_ASK(portal, .who = ADMIN, .path = with_slash, .form = post ? "" : NULL);
        const char *location = site_header(portal, answer, "Location");
        expect_status(row, ADMIN, " with a slash", post ? 308 : 301, answer);
        if (!location || strcmp(location, target) != 0) {
            wrong++;
            fprintf(stderr, "%s leads to %s\n", with_slash, location ? location : "nowhere");
        }
        site_forget(portal);
    }
    nothing_wrong();
}

static void unknown_addresses_are_404(void **state) {
    (void)state;
    static const char *const paths[] = {"/nothing",
                                        "/leads/new/none",
                                        "/leads/" A("21") "/none",
                                        "//",
                                        "//evil.example/",
                                        "/leads//",
                                        "/leads/not-an-id",
                                        "/leads/" A("21") "x",
                                        "/training/modules/1",
                                        "/admin",
                                        "/admin/",
                                        "/account/sessions",
                                        "/reset",
                                        "/login/x",
                                        "/assets/" C("81") ".csv",
                                        "/leads/" A("21") ".csv",
                                        "/%F0%9F%98%80",
                                        "/leads%00",
                                        "/Leads",
                                        "/LOGIN"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        for (enum site_who who = VISITOR; who <= ADMIN; who += OWNER) {
            int status = SITE_GET(portal, who, paths[i])->status;
            int expected_here = strstr(paths[i], "%00") ? 400 : 404;
            /* whoever may not read it is asked to sign in first */
            bool fine = status == expected_here ||
                        (who == VISITOR && status == 303 && strstr(paths[i], ".csv"));
            if (!fine) {
                wrong++;
                fprintf(stderr, "GET %s as %s: %d\n", paths[i], site_who_name(who), status);
            }
        }
    nothing_wrong();
}

/* Every answer carries the request's id and is kept by no shared cache. */
static void every_answer_has_its_headers(void **state) {
    (void)state;
    for (const struct expected *row = expected; row->pattern; row++) {
        const struct site_answer *answer = ask(row, OWNER, NULL);
        const char *id = site_header(portal, answer, "X-Request-Id"),
                   *cache = site_header(portal, answer, "Cache-Control");
        const char *vary = site_header(portal, answer, "Vary");
        if (!id || strlen(id) != 32 || !cache ||
            (strcmp(cache, "no-store") != 0 && strncmp(cache, "private", 7) != 0) || !vary ||
            !strstr(vary, "Cookie")) {
            wrong++;
            fprintf(stderr, "%s lacks a header:\n%s\n", row->path, answer->headers);
        }
        if (row->method == METHOD_POST)
            site_restore(portal);
        else
            site_forget(portal);
    }
    nothing_wrong();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_expected),
        cmocka_unit_test(every_route_as_everybody),
        cmocka_unit_test(every_route_as_json),
        cmocka_unit_test(other_methods_are_refused),
        cmocka_unit_test(head_is_get_without_a_body),
        cmocka_unit_test(a_slash_too_many_leads_on),
        cmocka_unit_test(unknown_addresses_are_404),
        cmocka_unit_test(every_answer_has_its_headers),
    };
    return cmocka_run_group_tests_name("routes: matrix", tests, open_portal, close_portal);
}
