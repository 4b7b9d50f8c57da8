/*
 * What is partner B's stays with partner B: by id, in lists, searches, cursors, exports, errors and
 * headers. All of B's ids begin with bbbbbbbb and all of its texts hold "Zebulon"
 * (tests/support/site.sql).
 */
#include "app/routes.h"
#include "core/text.h"
#include "tests/routes/expected.h"
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static int wrong;

static int begin(void **state) {
    wrong = 0;
    return restore(state);
}

static void nothing_wrong(void) {
    int found = wrong;
    wrong = 0;
    assert_int_equal(found, 0);
}

/* The text without every occurrence of part: what was asked for may be named in the answer. */
static char *without(const char *text, const char *part) {
    char *out = arena_strdup(site_arena(portal), text);
    size_t size = strlen(part);
    for (char *at = size ? strstr(out, part) : NULL; at; at = strstr(at, part))
        memmove(at, at + size, strlen(at + size) + 1);
    return out;
}

static void expect_nothing_of_b(const char *what, const struct site_answer *answer,
                                const char *asked) {
    static const char *const marks[] = {"bbbbbbbb-", "Zebulon", "zebulon"};
    const char *texts[] = {without(answer->body, asked), without(answer->headers, asked)};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        for (size_t t = 0; t < 2; t++) {
            const char *at = strstr(texts[t], marks[i]);
            if (!at)
                continue;
            wrong++;
            fprintf(stderr, "%s shows something of partner B: %.80s\n", what, at);
            return;
        }
}

/* ── By id ── */

static const enum site_who of_a[] = {OWNER, SALES, VIEWER, COLLEAGUE};
enum { OF_A = sizeof of_a / sizeof *of_a };

/* Rows of the programme that partner A may not have, by the pattern that shows such rows. */
static const struct {
    const char *pattern, *ids[2];
} withheld[] = {
    {"/training/{id}", {B("53"), B("54")}},
    {"/training/modules/{id}", {B("67"), B("68")}},
    {"/assets/{id}", {B("82"), B("83")}},
    {"/announcements/{id}", {B("56"), B("57")}},
};

static const char *replaced(const char *text, const char *part, const char *by) {
    const char *at = strstr(text, part);
    assert_non_null(at);
    return arena_printf(site_arena(portal), "%.*s%s%s", (int)(at - text), text, by,
                        at + strlen(part));
}

static void expect_absent(const struct expected *row, const char *path, const char *id) {
    const char *before = site_digest(portal);
    for (size_t i = 0; i < OF_A; i++) {
        for (int json = 0; json < 2; json++) {
            const struct site_answer *answer =
                SITE_ASK(portal, .who = of_a[i], .path = path,
                         .form = row->method == METHOD_POST ? row->form : NULL,
                         .accept = json ? "application/json" : NULL);
            /* a role that may not do it at all is told so first */
            bool fine = answer->status == 404 ||
                        (answer->status == 403 && of_a[i] != OWNER && of_a[i] != COLLEAGUE);
            if (!fine) {
                wrong++;
                fprintf(stderr, "%s %s as %s: %d\n", expected_method(row), path,
                        site_who_name(of_a[i]), answer->status);
            }
            expect_nothing_of_b(path, answer, id);
        }
    }
    if (strcmp(before, site_digest(portal)) != 0) {
        wrong++;
        fprintf(stderr, "%s %s changed something\n", expected_method(row), path);
        site_restore(portal);
    }
}

static void rows_of_b_are_absent_for_a(void **state) {
    (void)state;
    size_t asked = 0;
    for (const struct expected *row = expected; row->pattern; row++) {
        if (strstr(row->pattern, "id}") == NULL)
            continue;
        const char *own = strstr(row->path, "aaaaaaaa-");
        if (own) { /* the same rows of B's */
            const char *path = row->path;
            for (int n = 0; strstr(path, "aaaaaaaa-"); n++)
                path = replaced(path, "aaaaaaaa-", "bbbbbbbb-");
            expect_absent(row, path,
                          strstr(path, "bbbbbbbb-")
                              ? arena_strndup(site_arena(portal), strstr(path, "bbbbbbbb-"), 36)
                              : "");
            asked++;
        }
        for (size_t i = 0; i < sizeof withheld / sizeof *withheld; i++) {
            if (strncmp(row->pattern, withheld[i].pattern, strlen(withheld[i].pattern)) != 0 ||
                (strstr(row->pattern, "/modules/") && !strstr(withheld[i].pattern, "/modules/")))
                continue;
            for (size_t n = 0; n < 2; n++) {
                const char *programmes =
                    arena_strndup(site_arena(portal), strstr(row->path, "cccccccc-"), 36);
                expect_absent(row, replaced(row->path, programmes, withheld[i].ids[n]),
                              withheld[i].ids[n]);
                asked++;
            }
        }
        site_forget(portal);
    }
    assert_true(asked > 20);
    nothing_wrong();
}

/* Invalid forms are no way to learn whether a row is there. */
static void wrong_forms_tell_nothing(void **state) {
    (void)state;
    for (const struct expected *row = expected; row->pattern; row++) {
        if (row->method != METHOD_POST || !strstr(row->pattern, "id}") ||
            !strstr(row->path, "aaaaaaaa-"))
            continue;
        const char *theirs = replaced(row->path, "aaaaaaaa-", "bbbbbbbb-");
        const char *nobodys =
            replaced(row->path,
                     arena_strndup(site_arena(portal), strstr(row->path, "aaaaaaaa-"), 36), NOBODY);
        for (int json = 0; json < 2; json++) {
            const char *accept = json ? "application/json" : NULL;
            int a = SITE_ASK(portal, .who = OWNER, .path = theirs, .form = "stage=nonsense",
                             .accept = accept)
                        ->status;
            int b = SITE_ASK(portal, .who = OWNER, .path = nobodys, .form = "stage=nonsense",
                             .accept = accept)
                        ->status;
            if (a != 404 || b != 404) {
                wrong++;
                fprintf(stderr,
                        "POST %s with a wrong form: %d, and %d for a row that isn't there\n",
                        theirs, a, b);
            }
        }
        site_forget(portal);
    }
    nothing_wrong();
}

static void people_are_kept_under_their_own_partner(void **state) {
    (void)state;
    static const char *const paths[] = {
        "/admin/partners/" A("01") "/people/" B("13"),
        "/admin/partners/" B("01") "/people/" A("13"),
        "/admin/partners/" A("01") "/people/" C("11"),
        "/admin/partners/" NOBODY "/people/" A("13"),
        "/admin/staff/" A("13"),
        "/admin/partners/" A("01") "/people/" B("13") "/status",
        "/admin/staff/" A("13") "/status",
        "/admin/partners/" A("01") "/people/" B("17") "/delete",
        "/admin/staff/" A("17") "/delete",
        "/admin/partners/" A("01") "/people/" B("17") "/invite",
        "/admin/staff/" A("17") "/invite",
        "/team/" C("14"),
        "/team/" B("13"),
        "/team/" A("13") "/status",
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const struct site_answer *answer =
            SITE_POST(portal, ADMIN, paths[i], "name=X&role=sales&status=disabled");
        if (answer->status != 404) {
            wrong++;
            fprintf(stderr, "POST %s as admin: %d\n", paths[i], answer->status);
        }
    }
    nothing_wrong();
}

static void colleagues_see_the_same(void **state) {
    (void)state;
    for (size_t i = 0; i < OF_A; i++) {
        const struct site_answer *list = SITE_GET(portal, of_a[i], "/leads.json");
        assert_int_equal(list->status, 200);
        for (int n = 21; n <= 28; n++) {
            char id[48], path[64];
            snprintf(id, sizeof id, "aaaaaaaa-0000-4000-8000-0000000000%d", n);
            snprintf(path, sizeof path, "/leads/%s", id);
            assert_contains(list->body, id);
            assert_int_equal(SITE_GET(portal, of_a[i], path)->status, 200);
        }
        assert_int_equal(
            SITE_GET(portal, of_a[i], "/commissions/aaaaaaaa-0000-4000-8000-000000000301")->status,
            200);
    }
    /* what one changes the other one sees */
    assert_int_equal(
        SITE_POST(portal, SALES, "/leads/" A("21") "/stage", "stage=intake&version=1")->status,
        303);
    assert_contains(SITE_GET(portal, COLLEAGUE, "/leads/" A("21") ".json")->body,
                    "\"stage\":\"intake\"");
    assert_int_equal(
        SITE_POST(portal, COLLEAGUE, "/leads/" A("21") "/stage", "stage=qualified&version=2")
            ->status,
        303);
}

/* ── In lists ── */

static bool is_partners(const struct route *route) {
    return route->who != STAFF && route->permission && *route->permission;
}

static void every_page_of_a_is_free_of_b(void **state) {
    (void)state;
    site_add_rows(portal);
    for (const struct expected *row = expected; row->pattern; row++) {
        if (row->method != METHOD_GET)
            continue;
        for (size_t i = 0; i < OF_A; i++) {
            static const char *const accepts[] = {NULL, "application/json", "text/csv"};
            for (size_t k = 0; k < 3; k++)
                expect_nothing_of_b(
                    row->path,
                    SITE_ASK(portal, .who = of_a[i], .path = row->path, .accept = accepts[k]), "");
        }
        site_forget(portal);
    }
    nothing_wrong();
}

/* Where partner A finds the list. */
static const char *path_of(const struct route *route) {
    for (const struct expected *row = expected; row->pattern; row++)
        if (row->method == METHOD_GET && strcmp(row->pattern, route->pattern) == 0)
            return row->path;
    return route->pattern;
}

/* Every filter with B's values, every sort, every cursor that stands on a row of B's. */
static void ask_list(const struct route *route, const char *query) {
    static const char *const endings[] = {"", ".json", ".csv", ".xlsx"};
    for (size_t e = 0; e < 4; e++) {
        const char *path =
            arena_printf(site_arena(portal), "%s%s?%s", path_of(route), endings[e], query);
        const struct site_answer *answer = SITE_GET(portal, OWNER, path);
        if (answer->status >= 500) {
            wrong++;
            fprintf(stderr, "GET %s: %d\n", path, answer->status);
        }
        const char *id = strstr(query, "bbbbbbbb-");
        expect_nothing_of_b(path, answer, id ? arena_strndup(site_arena(portal), id, 36) : "");
    }
    site_forget(portal);
}

static void filters_and_cursors_reach_nothing_of_b(void **state) {
    (void)state;
    site_add_rows(portal);
    static const char *const keys[] = {
        "",      "0",    "1000", "99999999", "2000-01-01", "2100-01-01+00:00",
        "Zebul", "zzzz", "A",    "infinity"};
    for (size_t i = 0; i < routes_count; i++) {
        const struct route *route = &routes[i];
        if (!route->list || !is_partners(route))
            continue;
        const struct query_info *info = query_info(route->list->query);
        for (size_t s = 0; s < info->nsorts; s++)
            for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
                ask_list(route, arena_printf(site_arena(portal), "sort=%s&after=" B("21") "&key=%s",
                                             info->sorts[s].key, keys[k]));
        for (const struct field *f = route->form ? route->form->fields : NULL; f && f->name; f++) {
            static const char *const values[] = {"Zebul", "zebul", "on+realty", "%25",       "_",
                                                 B("01"), "gold",  "AED",       "developer", "900"};
            for (size_t v = 0; v < sizeof values / sizeof *values; v++)
                ask_list(route, arena_printf(site_arena(portal), "%s=%s", f->name, values[v]));
        }
    }
    nothing_wrong();
}

/* ── Pages of a list hold every row once ── */

static size_t count_lines(const char *text) {
    size_t n = 0;
    for (const char *c = text; *c; c++)
        n += *c == '\n';
    return n;
}

/* Follows next_href to the end; the number of rows, none of them twice. */
static size_t walk_pages(const struct route *route, const char *sort) {
    const char *next = arena_printf(site_arena(portal), "%s?sort=%s", path_of(route), sort);
    json_t *seen = json_object();
    const char *name = query_info(route->list->query)->name;
    for (int page = 0; next; page++) {
        assert_in_range(page, 0, 200);
        const struct site_answer *answer =
            SITE_ASK(portal, .who = OWNER, .path = next, .accept = "application/json");
        assert_int_equal(answer->status, 200);
        json_t *json = json_loads(answer->body, 0, NULL), *row;
        assert_non_null(json);
        size_t i;
        json_array_foreach(json_object_get(json, name), i, row) {
            const char *id = json_string_value(json_object_get(row, "id"));
            assert_non_null(id);
            if (json_object_get(seen, id)) {
                wrong++;
                fprintf(stderr, "%s sorted by %s shows %s twice\n", route->pattern, sort, id);
            }
            json_object_set_new(seen, id, json_true());
        }
        const char *href =
            json_string_value(json_object_get(json_object_get(json, "list"), "next_href"));
        next = href ? arena_strdup(site_arena(portal), href) : NULL;
        json_decref(json);
    }
    size_t n = json_object_size(seen);
    json_decref(seen);
    return n;
}

static void pages_hold_every_row_once(void **state) {
    (void)state;
    site_add_rows(portal);
    for (size_t i = 0; i < routes_count; i++) {
        const struct route *route = &routes[i];
        if (!route->list || !is_partners(route))
            continue;
        const struct query_info *info = query_info(route->list->query);
        for (size_t s = 0; s < info->nsorts; s++) {
            const char *csv = arena_printf(site_arena(portal), "%s.csv?sort=%s", path_of(route),
                                           info->sorts[s].key);
            size_t exported = count_lines(SITE_GET(portal, OWNER, csv)->body) - 1,
                   walked = walk_pages(route, info->sorts[s].key);
            if (walked != exported || walked == 0) {
                wrong++;
                fprintf(stderr, "%s sorted by %s: %zu rows on pages, %zu in the export\n",
                        route->pattern, info->sorts[s].key, walked, exported);
            }
            site_forget(portal);
        }
    }
    nothing_wrong();
}

/* More than one portion of an export, which is streamed. */
static void a_long_export_is_whole_and_ones_own(void **state) {
    (void)state;
    site_sql(portal,
             "INSERT INTO leads (partner_id, client_name, client_email, currency, estimated_value)"
             " SELECT p.id, p.name || ' bulk ' || n, 'bulk@client.example', 'AED', n %% 10"
             " FROM partners p, generate_series(1, 2100) AS n WHERE p.name <> 'Empty Desk'");
    static const char *const paths[] = {"/leads.csv", "/leads.csv?sort=value",
                                        "/leads.csv?sort=name_desc", "/leads.csv?q=bulk"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const struct site_answer *answer = SITE_GET(portal, OWNER, paths[i]);
        assert_int_equal(answer->status, 200);
        assert_false(answer->broken_off);
        assert_int_equal(count_lines(answer->body), 1 + 2100 + (strstr(paths[i], "bulk") ? 0 : 8));
        expect_nothing_of_b(paths[i], answer, "");
        site_forget(portal);
    }
    nothing_wrong();
}

/* ── What staff alone may read ── */

static void staff_columns_never_reach_a_partner(void **state) {
    (void)state;
    static const char *const secrets[] = {"INTERNAL-OF-STAFF", "NOTE-OF-STAFF", "STAFF-NOTES", "NOTES-FOR-STAFF", "\"staff_notes\"",
                                          "\"temperature\"", "name=\"staff_notes\""};
    for (const struct expected *row = expected; row->pattern; row++) {
        if (row->method != METHOD_GET)
            continue;
        static const char *const accepts[] = {NULL, "application/json", "text/csv"};
        for (size_t k = 0; k < 3; k++) {
            const struct site_answer *answer =
                SITE_ASK(portal, .who = OWNER, .path = row->path, .accept = accepts[k]);
            for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
                if (strstr(answer->body, secrets[i])) {
                    wrong++;
                    fprintf(stderr, "%s shows %s to a partner\n", row->path, secrets[i]);
                }
            if (strncmp(row->path, "/leads", 6) == 0 && strstr(answer->body, "\"score\"")) {
                wrong++;
                fprintf(stderr, "%s shows a lead's score to a partner\n", row->path);
            }
        }
        site_forget(portal);
    }
    /* and they are there for those who may */
    assert_contains(SITE_GET(portal, AGENT, "/leads/" A("21"))->body, "STAFF-NOTES-Alder");
    nothing_wrong();
}

/* ── Forged cookies ── */

static void a_forged_letter_signs_nobody_in(void **state) {
    (void)state;
    static const enum site_who everybody[] = {OWNER, ADMIN};
    for (size_t i = 0; i < 2; i++) {
        for (const char *letter = "vpsx"; *letter; letter++) {
            const char *token = site_session(portal, everybody[i]) + 1;
            if (*letter == site_session(portal, everybody[i])[0])
                continue;
            const char *cookie = arena_printf(site_arena(portal), "session=%c%s", *letter, token);
            assert_int_equal(SITE_ASK(portal, .path = "/leads", .cookie = cookie)->status, 303);
            assert_int_equal(SITE_ASK(portal, .path = "/admin/partners", .cookie = cookie)->status,
                             303);
            assert_int_equal(
                SITE_ASK(portal, .path = "/leads", .cookie = cookie, .accept = "application/json")
                    ->status,
                401);
            /* where the form's token could be made at all, the sign-in is what is missing */
            int status = SITE_ASK(portal, .path = "/account", .cookie = cookie,
                                  .form = "name=X&timezone=UTC&theme=dark")
                             ->status;
            assert_int_equal(status, *letter == 'x' ? 403 : 401);
        }
    }
    static const char *const odd[] = {"session=",
                                      "session=p",
                                      "session=pAAAA",
                                      "session=p0000000000000000000000000000000000000000000",
                                      "session=p'OR'1'='1",
                                      "session=\xff\xfe",
                                      "session=s; session=p",
                                      "session=p%00"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_int_equal(SITE_ASK(portal, .path = "/leads", .cookie = odd[i])->status, 303);
}

/* ── Quizzes ── */

static void expect_no_answers(const char *path, enum site_who who) {
    static const char *const accepts[] = {NULL, "application/json"};
    for (size_t k = 0; k < 2; k++) {
        const struct site_answer *answer =
            SITE_ASK(portal, .who = who, .path = path, .accept = accepts[k]);
        assert_int_equal(answer->status, 200);
        assert_lacks(answer->body, "EXPLANATION");
        assert_lacks(answer->body, "\"answer_text\":\"");
        assert_lacks(answer->body, "\"answer\":");
    }
}

static void answers_are_shown_to_those_who_passed(void **state) {
    (void)state;
    static const char path[] = "/training/modules/" C("64");
    expect_no_answers(path, OWNER);
    expect_no_answers(path, ADMIN);
    expect_no_answers(path, SALES); /* failed before */
    struct site_answer *answer = SITE_POST(portal, OWNER, "/training/modules/" C("64") "/quiz",
                                           "q-" C("71") "=1&q-" C("72") "=2");
    assert_int_equal(answer->status, 303);
    assert_contains(site_header(portal, answer, "Location"), "again=1");
    assert_lacks(answer->headers, "EXPLANATION");
    expect_no_answers(path, OWNER);

    answer = SITE_POST(portal, OWNER, "/training/modules/" C("64") "/quiz",
                       "q-" C("71") "=2&q-" C("72") "=1");
    assert_int_equal(answer->status, 303);
    assert_contains(SITE_GET(portal, OWNER, path)->body, "EXPLANATION-ONE");
    expect_no_answers(path, COLLEAGUE);
    /* an incomplete one is no try and names nothing */
    answer = SITE_POST(portal, COLLEAGUE, "/training/modules/" C("64") "/quiz", "q-" C("71") "=2");
    assert_int_equal(answer->status, 422);
    assert_lacks(answer->body, "EXPLANATION");
    assert_null(
        site_value(portal, "SELECT attempts FROM module_progress WHERE user_id = '" A("12") "'"));
}

/* The browser cannot skip: nothing of a module that is not open yet, and no progress in it. */
static void modules_open_in_order(void **state) {
    (void)state;
    static const char *const closed[] = {
        "/training/modules/" C("62"), "/training/modules/" C("62") ".json",
        "/training/modules/" C("63"), "/training/modules/" C("66") "/video",
        "/training/modules/" C("66") "/captions"};
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
        const struct site_answer *answer = SITE_GET(portal, OWNER, closed[i]);
        if (answer->status != 403 || strstr(answer->body, "NOT-OPEN-YET") ||
            strstr(answer->headers, "X-Accel")) {
            wrong++;
            fprintf(stderr, "GET %s: %d\n", closed[i], answer->status);
        }
    }
    assert_int_equal(SITE_POST(portal, OWNER, "/training/modules/" C("62") "/complete", "")->status,
                     422);
    assert_int_equal(
        SITE_POST(portal, OWNER, "/training/modules/" C("63") "/quiz", "q-" C("73") "=1")->status,
        403);
    /* a quiz is not done by saying so, and a document not by a quiz */
    assert_int_equal(SITE_POST(portal, OWNER, "/training/modules/" C("64") "/complete", "")->status,
                     404);
    assert_int_equal(SITE_POST(portal, OWNER, "/training/modules/" C("61") "/quiz", "")->status,
                     404);
    assert_string_equal(
        site_value(portal, "SELECT count(*) FROM module_progress WHERE user_id = '" A("11") "'"),
        "0");
    nothing_wrong();
}

/* ── Fields that nobody asked for ── */

static void extra_fields_change_nothing(void **state) {
    (void)state;
    assert_int_equal(
        SITE_POST(
            portal, OWNER, "/leads",
            "client_name=Mine&client_email=m%40x.example&consent=true&description=Flat&partner_"
            "id=" B("01") "&stage=won&score=99&staff_notes=x&created_by=" B("11") "&id=" B("21"))
            ->status,
        303);
    assert_string_equal(site_value(portal, "SELECT partner_id || stage || created_by || "
                                           "staff_notes FROM leads WHERE client_name = 'Mine'"),
                        A("01") "new" A("11"));
    assert_int_equal(SITE_POST(portal, OWNER, "/profile",
                               "capacity=11&version=1&id=" B("01") "&partner_id=" B(
                                   "01") "&tier=gold&type=developer&commission_percent=99&status="
                                         "active&notes=x&name=Gold+Homes")
                         ->status,
                     303);
    assert_string_equal(site_value(portal, "SELECT name || tier || type || commission_percent || "
                                           "capacity FROM partners WHERE id = '" A("01") "'"),
                        "Alder Homesbronzechannel15.00011");
    assert_string_equal(
        site_value(portal, "SELECT capacity FROM partners WHERE id = '" B("01") "'"), "20");
    assert_int_equal(
        SITE_POST(portal, OWNER, "/team/new",
                  "email=n%40x.example&name=N&role=sales&partner_id=" B("01") "&status=active")
            ->status,
        303);
    assert_string_equal(
        site_value(portal, "SELECT partner_id || status FROM users WHERE email = 'n@x.example'"),
        A("01") "invited");
    assert_int_equal(
        SITE_POST(portal, OWNER, "/team/new", "email=o%40x.example&name=N&role=admin")->status,
        422);
    assert_int_equal(SITE_POST(portal, OWNER, "/team/" A("13"), "name=N&role=finance")->status,
                     422);
    assert_int_equal(
        SITE_POST(portal, SALES, "/account",
                  "name=Sam&timezone=UTC&theme=dark&role=owner&status=active&partner_id=" B("01"))
            ->status,
        303);
    assert_string_equal(
        site_value(portal, "SELECT role || partner_id FROM users WHERE id = '" A("13") "'"),
        "sales" A("01"));
    /* a parameter of a statement cannot be slipped in by the address either */
    assert_int_equal(
        SITE_GET(portal, OWNER, "/team?partner_id=" B("01") "&user_id=" B("11"))->status, 200);
    expect_nothing_of_b("/team?partner_id", SITE_GET(portal, OWNER, "/team?partner_id=" B("01")),
                        B("01"));
    expect_nothing_of_b("/commissions?partner",
                        SITE_GET(portal, OWNER, "/commissions?partner=" B("01") "&scope=" B("01")),
                        B("01"));
    nothing_wrong();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(rows_of_b_are_absent_for_a, begin),
        cmocka_unit_test_setup(wrong_forms_tell_nothing, begin),
        cmocka_unit_test_setup(people_are_kept_under_their_own_partner, begin),
        cmocka_unit_test_setup(colleagues_see_the_same, begin),
        cmocka_unit_test_setup(every_page_of_a_is_free_of_b, begin),
        cmocka_unit_test_setup(filters_and_cursors_reach_nothing_of_b, begin),
        cmocka_unit_test_setup(pages_hold_every_row_once, begin),
        cmocka_unit_test_setup(a_long_export_is_whole_and_ones_own, begin),
        cmocka_unit_test_setup(staff_columns_never_reach_a_partner, begin),
        cmocka_unit_test_setup(a_forged_letter_signs_nobody_in, begin),
        cmocka_unit_test_setup(answers_are_shown_to_those_who_passed, begin),
        cmocka_unit_test_setup(modules_open_in_order, begin),
        cmocka_unit_test_setup(extra_fields_change_nothing, begin),
    };
    return cmocka_run_group_tests_name("routes: isolation", tests, open_portal, close_portal);
}
