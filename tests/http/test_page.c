/*
 * The course of a request where something goes wrong: handlers that fail, templates that cannot be
 * rendered, a database that is away, an export that is cut. The routes here are the test's own
 * where the portal's are too well behaved.
 */
#include "core/log.h"
#include "core/text.h"
#include "tests/support/site.h"
#include "tests/support/unit.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static struct site_portal *portal;

/* ── Routes of our own ── */

static enum err failing; /* what the handlers below answer */
static const char *sentence;

static enum err fail_as_told(struct ctx *ctx) {
    return sentence ? ctx_fail(ctx, failing, sentence) : failing;
}

static enum err write_then_fail(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_theme_update);
    return err ? err : fail_as_told(ctx);
}

static enum err write_then_go(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_theme_update);
    return err ? err : ctx_redirect(ctx, "/shown/{theme}/{id}", "Fine.");
}

static enum err ignore_a_failure(struct ctx *ctx) {
    (void)!ctx_run(ctx, Q_lead_get); /* id is no uuid */
    return ctx_redirect(ctx, "/shown", NULL);
}

static enum err blame_the_field(struct ctx *ctx) {
    return ctx_field_error(ctx, "theme", "Not this one.");
}

static enum err set_bad_id(struct ctx *ctx) {
    ctx_set(ctx, "id", "no uuid");
    return OK;
}

static enum err fill_up(struct ctx *ctx) {
    while (!buf_overflowed(ctx->response->body))
        buf_puts(ctx->response->body, "again and again ");
    return OK;
}

static const struct choice themes[] = {{"light", "Light"}, {"dark", "Dark"}, {NULL, NULL}};
static const struct field fields[] = {
    {.name = "theme", .kind = FIELD_CHOICE, .label = "Theme", .required = true, .choices = themes},
    {.name = "note", .kind = FIELD_TEXT, .label = "Note", .max = 20},
    {0}};
static const struct form_spec form = {.fields = fields};

static const struct route own_routes[] = {
    {.method = METHOD_GET,
     .pattern = "/fails",
     .permission = "",
     .template = "errors/error",
     .decide = fail_as_told},
    {.method = METHOD_GET,
     .pattern = "/fails/public",
     .template = "errors/error",
     .decide = fail_as_told},
    {.method = METHOD_GET, .pattern = "/missing", .template = "no/such/template"},
    {.method = METHOD_GET, .pattern = "/endless", .template = "endless"},
    {.method = METHOD_GET,
     .pattern = "/full",
     .permission = "",
     .template = "errors/error",
     .decide = fill_up},
    {.method = METHOD_GET, .pattern = "/odd", .permission = "", .template = "odd"},
    {.method = METHOD_GET, .pattern = "/form", .permission = "", .template = "form", .form = &form},
    {.method = METHOD_GET,
     .pattern = "/query",
     .permission = "",
     .template = "form",
     .form = &form,
     .prepare = set_bad_id,
     .show = {Q_lead_get}},
    {.method = METHOD_POST,
     .pattern = "/fails",
     .permission = "",
     .form = &form,
     .decide = write_then_fail},
    {.method = METHOD_POST,
     .pattern = "/form",
     .permission = "",
     .form = &form,
     .decide = write_then_go,
     .again = "/form"},
    {.method = METHOD_POST,
     .pattern = "/blames",
     .permission = "",
     .form = &form,
     .decide = blame_the_field,
     .again = "/form"},
    {.method = METHOD_POST,
     .pattern = "/ignores",
     .permission = "",
     .prepare = set_bad_id,
     .decide = ignore_a_failure},
    {.method = METHOD_POST,
     .pattern = "/admins",
     .permission = "staff:write",
     .form = &form,
     .decide = write_then_go,
     .again = "/form"},
};
enum { OWN = sizeof own_routes / sizeof *own_routes };
static struct site own;

static const char *own_pattern(size_t i) {
    return own_routes[i].pattern;
}

static enum method own_method(size_t i) {
    return own_routes[i].method;
}

static void add_template(const char *name, const char *source) {
    char error[256];
    if (template_set_add(own.templates, name, source, strlen(source), error, sizeof error) != OK)
        fail_msg("%s", error);
}

static int setup(void **state) {
    (void)state;
    portal = site_open();
    log_set_level(LOG_ERROR + 1); /* what fails here is meant to */
    own = *web_site(site_web(portal));
    own.routes = own_routes;
    own.nroutes = OWN;
    own.router = router_new(OWN, own_pattern, own_method);
    add_template("endless", "x{{> endless}}");
    add_template("odd", "<p>{{user.name}}|{{nothing}}|{{{nothing}}}</p>");
    add_template("form", "<p>{{#form}}{{#theme}}{{value}}:{{error}}{{/theme}};{{#note}}{{value}}{{/"
                         "note}}{{/form}};{{problem}}</p>");
    return 0;
}

static int teardown(void **state) {
    (void)state;
    router_free(own.router);
    site_close(portal);
    return 0;
}

static int restore(void **state) {
    (void)state;
    site_restore(portal);
    failing = ERR_INTERNAL;
    sentence = NULL;
    return 0;
}

#define OWN_ASK(...) SITE_ASK(portal, .site = &own, __VA_ARGS__)

static const char *theme_of_owner(void) {
    return site_value(portal, "SELECT theme FROM users WHERE id = '" A("11") "'");
}

/* ── Errors ── */

static void every_error_has_its_page(void **state) {
    (void)state;
    for (int err = ERR_BAD_REQUEST; err < ERR_COUNT; err++) {
        failing = (enum err)err;
        for (int spoken = 0; spoken < 2; spoken++) {
            sentence = spoken ? "A <b>sentence</b> of its own." : NULL;
            for (enum site_who who = VISITOR; who <= OWNER; who++) {
                struct site_answer *page = OWN_ASK(.who = who, .path = "/fails/public");
                int status = err == ERR_SIGN_IN ? 303 : err_status((enum err)err);
                assert_int_equal(page->status, status);
                if (status == 303)
                    continue;
                assert_contains(page->body, site_header(portal, page, "X-Request-Id"));
                assert_contains(page->body,
                                spoken ? "A &lt;b&gt;sentence&lt;/b&gt; of its own." : "</html>");
                assert_int_equal(site_header(portal, page, "Retry-After") != NULL,
                                 status == 429 || status == 503);
                struct site_answer *json =
                    OWN_ASK(.who = who, .path = "/fails/public", .accept = "application/json");
                assert_int_equal(json->status, err_status((enum err)err));
                assert_string_equal(site_header(portal, json, "Content-Type"),
                                    "application/problem+json");
            }
        }
    }
}

static void whoever_may_not_is_told_nothing_else(void **state) {
    (void)state;
    failing = ERR_CONFLICT;
    assert_int_equal(OWN_ASK(.who = VISITOR, .path = "/fails")->status, 303);
    assert_int_equal(OWN_ASK(.who = OWNER, .path = "/fails")->status, 409);
    /* a wrong form, and a right to the form's page but not to its sending */
    assert_int_equal(OWN_ASK(.who = OWNER, .path = "/admins", .form = "theme=none")->status, 403);
    assert_int_equal(
        OWN_ASK(.who = OWNER, .path = "/admins", .form = "theme=none", .accept = "application/json")
            ->status,
        403);
    assert_int_equal(OWN_ASK(.who = VISITOR, .path = "/admins", .form = "theme=none")->status, 401);
    assert_int_equal(OWN_ASK(.who = ADMIN, .path = "/admins", .form = "theme=none")->status, 422);
}

static void a_template_that_fails_is_our_fault(void **state) {
    (void)state;
    static const char *const paths[] = {"/missing", "/endless", "/full"};
    for (size_t i = 0; i < 3; i++) {
        struct site_answer *page = OWN_ASK(.who = OWNER, .path = paths[i]);
        assert_int_equal(page->status, 500);
        assert_contains(page->body, "</html>");
        assert_lacks(page->body, "again and again");
        assert_contains(page->body, site_header(portal, page, "X-Request-Id"));
    }
    struct site_answer *page = OWN_ASK(.who = OWNER, .path = "/odd");
    assert_int_equal(page->status, 200);
    assert_string_equal(page->body, "<p>Olive Alder||</p>");
}

static void a_value_that_the_database_cannot_read_is_400(void **state) {
    (void)state;
    assert_int_equal(OWN_ASK(.who = OWNER, .path = "/query")->status, 400);
    assert_int_equal(OWN_ASK(.who = VISITOR, .path = "/query")->status, 303);
}

/* ── Forms ── */

static void what_fails_is_undone(void **state) {
    (void)state;
    for (int err = ERR_BAD_REQUEST; err < ERR_COUNT; err++) {
        failing = (enum err)err;
        int status = OWN_ASK(.who = OWNER, .path = "/fails", .form = "theme=dark")->status;
        assert_int_equal(status, err == ERR_SIGN_IN ? 401 : err_status((enum err)err));
        assert_string_equal(theme_of_owner(), "system");
    }
}

static void what_works_is_done_and_leads_on(void **state) {
    (void)state;
    struct site_answer *answer =
        OWN_ASK(.who = OWNER, .path = "/form", .form = "theme=dark&id=a/b%3Fc");
    assert_int_equal(answer->status, 303);
    assert_string_equal(site_header(portal, answer, "Location"),
                        "/shown/dark/"); /* id is none of the form's fields */
    assert_string_equal(site_cookie(portal, answer, "notice"), "Fine.");
    assert_int_equal(answer->size, 0);
    assert_string_equal(theme_of_owner(), "dark");
    answer =
        OWN_ASK(.who = OWNER, .path = "/form", .form = "theme=light", .accept = "application/json");
    assert_int_equal(answer->status, 200);
    assert_string_equal(answer->body, "{\"ok\":true,\"location\":\"/shown/light/\",\"notice\":\"Fine.\"}");
}

static void a_refused_form_keeps_what_was_typed(void **state) {
    (void)state;
    struct site_answer *page =
        OWN_ASK(.who = OWNER, .path = "/form", .form = "theme=green&note=%3Cp%3E");
    assert_int_equal(page->status, 422);
    assert_contains(page->body, ";&lt;p&gt;;");
    assert_string_equal(theme_of_owner(), "system");
    page = OWN_ASK(.who = OWNER, .path = "/blames", .form = "theme=dark&note=kept");
    assert_int_equal(page->status, 422);
    assert_contains(page->body, "dark:Not this one.;kept");
}

static void a_refused_form_names_its_fields_in_json(void **state) {
    (void)state;
    struct site_answer *answer =
        OWN_ASK(.who = OWNER, .path = "/form", .form = "theme=green&note=%3Cp%3E",
                .accept = "application/json");
    assert_int_equal(answer->status, 422);
    json_t *problem = json_loads(answer->body, 0, NULL);
    json_t *error = json_array_get(json_object_get(problem, "errors"), 0);
    assert_string_equal(json_string_value(json_object_get(error, "field")), "theme");
    assert_true(json_string_length(json_object_get(error, "text")) > 5);
    json_decref(problem);
}

/* A handler that overlooks a failure commits nothing: its transaction is dead. */
static void an_overlooked_failure_is_no_success(void **state) {
    (void)state;
    /* PostgreSQL answers COMMIT with ROLLBACK, and calls that no error */
    assert_int_equal(OWN_ASK(.who = OWNER, .path = "/ignores", .form = "")->status, 500);
    assert_int_equal(OWN_ASK(.who = OWNER, .path = "/form", .form = "theme=dark")->status, 303);
    assert_string_equal(theme_of_owner(), "dark");
}

/* ── A database that is away ── */

static void let_connect(bool allowed) {
    const char *name = site_value(portal, "SELECT current_database()");
    site_sql(portal,
             allowed ? "GRANT CONNECT ON DATABASE \"%s\" TO tessera_app"
                     : "REVOKE CONNECT ON DATABASE \"%s\" FROM tessera_app",
             name);
    (void)site_value(portal, "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
                             " WHERE usename = 'tessera_app' AND datname = current_database()");
}

static void expect_away(enum site_who who, const char *path, const char *fields_sent) {
    struct site_answer *page = SITE_ASK(portal, .who = who, .path = path, .form = fields_sent);
    assert_int_equal(page->status, 503);
    assert_string_equal(site_header(portal, page, "Retry-After"), "5");
    assert_contains(page->body, "</html>");
    assert_contains(page->body, site_header(portal, page, "X-Request-Id"));
    struct site_answer *json = SITE_ASK(portal, .who = who, .path = path, .form = fields_sent,
                                        .accept = "application/json");
    assert_int_equal(json->status, 503);
    assert_contains(json->body, "\"status\":503");
    assert_string_equal(site_header(portal, json, "Retry-After"), "5");
}

static void a_database_that_is_away_is_503_until_it_is_back(void **state) {
    (void)state;
    assert_int_equal(SITE_GET(portal, OWNER, "/leads")->status, 200);
    for (int round = 0; round < 2; round++) {
        let_connect(false);
        expect_away(OWNER, "/leads", NULL);
        expect_away(VISITOR, "/", NULL);
        expect_away(VISITOR, "/login", "email=sales%40alder.example&password=" SITE_PASSWORD);
        expect_away(OWNER, "/account", "name=X&timezone=UTC&theme=dark");
        expect_away(OWNER, "/account/theme", "theme=dark");
        assert_int_equal(SITE_GET(portal, VISITOR, "/healthz")->status, 200);
        assert_int_equal(SITE_GET(portal, VISITOR, "/readyz")->status, 503);
        assert_int_equal(SITE_GET(portal, OWNER, "/nothing")->status,
                         404); /* that much is known without it */
        assert_int_equal(SITE_GET(portal, OWNER, "/leads?q=%ff")->status, 400);
        let_connect(true);
        assert_int_equal(SITE_GET(portal, OWNER, "/leads")->status, 200);
        assert_int_equal(SITE_GET(portal, VISITOR, "/readyz")->status, 200);
        assert_int_equal(SITE_POST(portal, OWNER, "/account/theme", "theme=dark")->status, 303);
    }
}

/* The server was started anew between two requests: nobody notices. */
static void a_restart_between_requests_is_not_noticed(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) {
        let_connect(true);
        assert_int_equal(SITE_GET(portal, OWNER, "/leads")->status, 200);
        let_connect(true);
        assert_int_equal(
            SITE_POST(portal, OWNER, "/account/theme", i % 2 ? "theme=dark" : "theme=light")
                ->status,
            303);
        let_connect(true);
        assert_int_equal(SITE_POST(portal, VISITOR, "/login",
                                   "email=sales%40alder.example&password=" SITE_PASSWORD)
                             ->status,
                         303);
    }
}

/* ── An export that is cut ── */

static void sign_owner_out(struct site_portal *at) {
    site_sql(at, "DELETE FROM sessions WHERE user_id = '" A("11") "'");
}

static void take_rights(struct site_portal *at) {
    site_sql(at, "INSERT INTO user_permissions VALUES ('" A("11") "', 'leads:read', false)");
}

static void cut_connections(struct site_portal *at) {
    (void)at;
    let_connect(false);
}

static void restart_server(struct site_portal *at) {
    (void)at;
    let_connect(true);
}

static void an_export_ends_with_the_right_to_it(void **state) {
    (void)state;
    site_sql(portal,
             "INSERT INTO leads (partner_id, client_name, client_email, currency) SELECT '" A(
                 "01") "', 'bulk ' || n, 'b@c.example', 'AED'"
                       " FROM generate_series(1, 2500) AS n");
    static const struct {
        void (*what)(struct site_portal *portal);
        bool broken_off;
    } cuts[] = {{NULL, false},
                {restart_server, false},
                {sign_owner_out, true},
                {take_rights, true},
                {cut_connections, true}};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct site_answer *csv =
            SITE_ASK(portal, .who = OWNER, .path = "/leads.csv", .before_stream = cuts[i].what);
        let_connect(true);
        assert_int_equal(csv->status, 200);
        assert_int_equal(csv->broken_off, cuts[i].broken_off);
        size_t lines = 0;
        for (const char *c = csv->body; *c; c++)
            lines += *c == '\n';
        assert_int_equal(lines, cuts[i].broken_off ? 1 + 125 : 2509);
        site_sql(portal, "DELETE FROM user_permissions");
        site_sql(portal, "INSERT INTO sessions SELECT * FROM pristine.sessions WHERE user_id = '" A(
                             "11") "' ON CONFLICT DO NOTHING");
        site_forget(portal);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_error_has_its_page, restore),
        cmocka_unit_test_setup(whoever_may_not_is_told_nothing_else, restore),
        cmocka_unit_test_setup(a_template_that_fails_is_our_fault, restore),
        cmocka_unit_test_setup(a_value_that_the_database_cannot_read_is_400, restore),
        cmocka_unit_test_setup(what_fails_is_undone, restore),
        cmocka_unit_test_setup(what_works_is_done_and_leads_on, restore),
        cmocka_unit_test_setup(a_refused_form_keeps_what_was_typed, restore),
        cmocka_unit_test_setup(a_refused_form_names_its_fields_in_json, restore),
        cmocka_unit_test_setup(an_overlooked_failure_is_no_success, restore),
        cmocka_unit_test_setup(a_database_that_is_away_is_503_until_it_is_back, restore),
        cmocka_unit_test_setup(a_restart_between_requests_is_not_noticed, restore),
        cmocka_unit_test_setup(an_export_ends_with_the_right_to_it, restore),
    };
    return cmocka_run_group_tests_name("http: pages", tests, setup, teardown);
}
