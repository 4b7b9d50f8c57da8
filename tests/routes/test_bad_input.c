/*
 * Whatever is sent, the portal answers: never with a 5xx, never with what was sent as markup, and
 * what was typed into a form stays there.
 */
#include "app/routes.h"
#include "core/text.h"
#include "http/form_data.h"
#include "tests/http/http_test.h"
#include "tests/routes/expected.h"
#include "tests/support/site.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* Where this stands unescaped in a page, somebody's script could stand. */
#define MARK "<i>MARK'\"&</i>"

static struct site_portal *portal;
static int wrong;
static char *long_text;

static int open_portal(void **state) {
    (void)state;
    portal = site_open();
    long_text = malloc(10001);
    memset(long_text, 'a', 10000);
    long_text[10000] = '\0';
    return 0;
}

static int close_portal(void **state) {
    (void)state;
    free(long_text);
    site_close(portal);
    return 0;
}

static int restore(void **state) {
    (void)state;
    wrong = 0;
    site_restore(portal);
    return 0;
}

static const char *const nasty[] = {
    MARK,
    "'",
    "\"",
    "' OR 1=1 --",
    "'; DROP TABLE leads; --",
    "%",
    "_",
    "\\",
    "\\'",
    "%00",
    "\xF0\x9F\x98\x80",
    "\xE2\x80\xAE"
    "abc",
    "\xC3\xA9\xCC\x81",
    "=cmd|' /C calc'!A0",
    "{{name}}",
    "{{{csrf}}}",
    "${7*7}",
    "999999999999999999999999999999",
    "-1",
    "0",
    "1e309",
    "NaN",
    "Infinity",
    "0x10",
    "1,5",
    "1.5.5",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "2026-12-31",
    "infinity",
    "true",
    "null",
    "a\nb",
    "a\r\nSet-Cookie: x=y",
    "\t",
    " ",
    "\xEF\xBB\xBF",
    ",",
    "../../etc/passwd",
    "//evil.example",
    "a@b",
    "a@b.example",
    "http://a.example/",
    "javascript:alert(1)",
    "+971 50 000 0000",
    B("21"),
    "00000000-0000-0000-0000-000000000000",
    "owner",
    "admin",
    "won",
    "lost",
    "AED",
    "ZZZ",
    "{1,2}",
    "[1]",
    "()",
    "now()",
};
enum { NASTY = sizeof nasty / sizeof *nasty };

static const char *encoded(const char *text) {
    return percent_encode(site_arena(portal), text);
}

static void expect_sane(const char *what, const char *sent, const struct site_answer *answer) {
    const char *why = answer->status >= 500 ? "failed"
                      : strstr(answer->body, "<i>MARK") &&
                              strstr(site_header(portal, answer, "Content-Type")
                                         ? site_header(portal, answer, "Content-Type")
                                         : "text/html",
                                     "html")
                          ? "shows markup that was sent"
                      : strstr(answer->headers, "\r\nSet-Cookie: x=y") ? "lets headers in"
                                                                       : NULL;
    if (!why)
        return;
    wrong++;
    fprintf(stderr, "%s with %.80s %s (%d)\n", what, sent, why, answer->status);
}

static void nothing_wrong(void) {
    int found = wrong;
    wrong = 0;
    assert_int_equal(found, 0);
}

/* ── Requests that are none ── */

static void bodies_have_a_limit(void **state) {
    (void)state;
    static const size_t sizes[] = {1 << 20, (1 << 20) + 1, 20 << 20};
    char *body = calloc(1, (20 << 20) + 1);
    memset(body, 'a', 20 << 20);
    static const char *const types[] = {"application/x-www-form-urlencoded",
                                        "multipart/form-data; boundary=x", "application/json",
                                        "text/plain"};
    for (size_t i = 1; i < 3; i++)
        for (size_t t = 0; t < 4; t++) {
            struct site_answer *answer =
                SITE_ASK(portal, .who = OWNER, .path = "/leads", .body = body,
                         .body_size = sizes[i], .type = types[t]);
            assert_int_equal(answer->status, 413);
            assert_contains(answer->body, site_header(portal, answer, "X-Request-Id"));
            site_forget(portal);
        }
    assert_int_not_equal(
        SITE_ASK(portal, .who = OWNER, .path = "/leads", .body = body, .body_size = sizes[0])
            ->status,
        413);
    free(body);
}

static void malformed_addresses_are_400(void **state) {
    (void)state;
    static const char *const paths[] = {"/leads%00",
                                        "/leads/%ff",
                                        "/%c0%af",
                                        "/leads?q=%ff",
                                        "/leads?q=%00",
                                        "/leads?q=%zz",
                                        "/%zz",
                                        "/leads?%ff=1",
                                        "/leads/../admin",
                                        "/./leads",
                                        "/leads/%2e%2e/admin",
                                        "/leads%2f",
                                        "leads",
                                        "",
                                        "http://a.example/leads",
                                        "/leads?a=%0b",
                                        "/le\x01"
                                        "ads",
                                        "/leads?q=\xff",
                                        "/\xff",
                                        "*"};
    for (size_t i = 0; i < COUNT(paths); i++)
        for (enum site_who who = VISITOR; who <= OWNER; who++) {
            struct site_answer *answer = SITE_GET(portal, who, paths[i]);
            if (answer->status != 400) {
                wrong++;
                fprintf(stderr, "GET %s: %d\n", paths[i], answer->status);
            }
            assert_contains(answer->body, site_header(portal, answer, "X-Request-Id"));
        }
    const char *name = arena_printf(site_arena(portal), "/leads?%.129s=1", long_text),
               *query = arena_printf(site_arena(portal), "/leads?q=%.8200s", long_text);
    const char *path = arena_printf(site_arena(portal), "/%.2100s", long_text);
    assert_int_equal(SITE_GET(portal, OWNER, name)->status, 400);
    assert_int_equal(SITE_GET(portal, OWNER, query)->status, 400);
    assert_int_equal(SITE_GET(portal, OWNER, path)->status, 400);
    struct site_answer *json =
        SITE_ASK(portal, .who = OWNER, .path = "/leads?q=%ff", .accept = "application/json");
    assert_int_equal(json->status, 400);
    assert_string_equal(site_header(portal, json, "Content-Type"), "application/problem+json");
    nothing_wrong();
}

static void malformed_bodies_are_400(void **state) {
    (void)state;
    static const struct {
        const char *type, *body;
        int status;
    } bodies[] = {
        {"application/x-www-form-urlencoded", "csrf=%ff", 400},
        {"application/x-www-form-urlencoded", "csrf=%00", 400},
        {"application/x-www-form-urlencoded", "csrf=%1", 400},
        {"application/x-www-form-urlencoded", "\xff=a", 400},
        {"multipart/form-data", "x", 400},
        {"multipart/form-data; boundary=", "x", 400},
        {"multipart/form-data; boundary=x", "", 400},
        {"multipart/form-data; boundary=x", "--x\r\n\r\n", 400},
        {"text/plain", "csrf=1", 415},
        {"text/html", "<p>", 415},
        {"image/png", "x", 415},
        {"", "csrf=1", 415},
        {"application/json", "{", 403},
    };
    for (size_t i = 0; i < COUNT(bodies); i++) {
        struct site_answer *answer = SITE_ASK(
            portal, .who = OWNER, .path = "/leads", .body = *bodies[i].body ? bodies[i].body : "x",
            .body_size = strlen(bodies[i].body), .type = bodies[i].type);
        if (answer->status != bodies[i].status) {
            wrong++;
            fprintf(stderr, "%s with %s: %d, expected %d\n", bodies[i].type, bodies[i].body,
                    answer->status, bodies[i].status);
        }
    }
    const char *name = arena_printf(site_arena(portal), "%.129s=1", long_text);
    assert_int_equal(SITE_POST(portal, OWNER, "/leads", name)->status, 400);
    struct buf many;
    buf_init(&many, 1 << 20);
    for (int i = 0; i < 300; i++)
        buf_printf(&many, "%sf%d=1", i ? "&" : "", i);
    assert_int_equal(SITE_POST(portal, OWNER, "/leads", buf_text(&many))->status, 400);
    buf_free(&many);
    nothing_wrong();
}

static void odd_headers_do_no_harm(void **state) {
    (void)state;
    static const char *const odd[] = {"\xff\xfe",
                                      "<script>",
                                      "\x01\x02",
                                      "'",
                                      "text/html;q=",
                                      "*/*;q=abc,,,;;",
                                      "application/json;q=9999999999999999",
                                      ""};
    for (size_t i = 0; i < COUNT(odd); i++) {
        const char *session = arena_printf(site_arena(portal), "session=%s; notice=%s; x=%s; =; ;;",
                                           site_session(portal, OWNER), odd[i], odd[i]);
        expect_sane("Accept", odd[i],
                    SITE_ASK(portal, .who = OWNER, .path = "/leads", .accept = odd[i]));
        expect_sane("Cookie", odd[i], SITE_ASK(portal, .path = "/leads", .cookie = session));
        expect_sane("User-Agent", odd[i],
                    SITE_ASK(portal, .path = "/login", .user_agent = odd[i],
                             .form = "email=sales%40alder.example&password=" SITE_PASSWORD));
        expect_sane("address", odd[i],
                    SITE_ASK(portal, .path = "/login", .address = odd[i],
                             .form = "email=sales%40alder.example&password=" SITE_PASSWORD));
        expect_sane("Content-Type", odd[i],
                    SITE_ASK(portal, .who = OWNER, .path = "/leads", .form = "", .type = odd[i]));
        expect_sane(
            "Sec-Fetch-Site", odd[i],
            SITE_ASK(portal, .who = OWNER, .path = "/leads", .form = "", .fetch_site = odd[i]));
    }
    /* what was stored of them is shown as text */
    struct site_answer *account = SITE_GET(portal, SALES, "/account");
    assert_int_equal(account->status, 200);
    assert_lacks(account->body, "<script>\"");
    /* a notice that somebody else set */
    const char *cookie = arena_printf(site_arena(portal), "session=%s; notice=%s",
                                      site_session(portal, OWNER), encoded(MARK));
    struct site_answer *page = SITE_ASK(portal, .path = "/leads", .cookie = cookie);
    assert_contains(page->body, "&lt;i&gt;MARK");
    expect_sane("notice", MARK, page);
    nothing_wrong();
}

/* ── Lists ── */

/* As a page, as JSON and as CSV by turns. */
static void ask_list(const struct route *route, const char *name, const char *value) {
    static const char *const endings[] = {"", ".json", ".csv"};
    static size_t turn;
    const char *path = arena_printf(site_arena(portal), "%s%s?%s=%s", route->pattern,
                                    endings[turn++ % 3], name, encoded(value));
    expect_sane(path, value, SITE_GET(portal, ADMIN, path));
    site_forget(portal);
}

static void lists_take_any_filter(void **state) {
    (void)state;
    static const char *const always[] = {"sort", "after", "key", "limit", "page", "nonsense"};
    for (size_t i = 0; i < routes_count; i++) {
        if (!routes[i].list)
            continue;
        for (size_t n = 0; n < NASTY; n++) {
            for (size_t k = 0; k < COUNT(always); k++)
                ask_list(&routes[i], always[k], nasty[n]);
            for (const struct field *f = routes[i].form ? routes[i].form->fields : NULL;
                 f && f->name; f++)
                ask_list(&routes[i], f->name, nasty[n]);
        }
    }
    nothing_wrong();
}

static void lists_take_any_cursor(void **state) {
    (void)state;
    for (size_t i = 0; i < routes_count; i++) {
        const struct query_info *info = routes[i].list ? query_info(routes[i].list->query) : NULL;
        for (size_t s = 0; info && s < info->nsorts; s++)
            for (size_t n = 0; n < NASTY; n++) {
                const char *path =
                    arena_printf(site_arena(portal), "%s?sort=%s&after=" A("21") "&key=%s",
                                 routes[i].pattern, info->sorts[s].key, encoded(nasty[n]));
                expect_sane(path, nasty[n], SITE_GET(portal, ADMIN, path));
                site_forget(portal);
            }
    }
    nothing_wrong();
}

/* What is typed into the search stays in its field, and a cursor that makes no sense is no reason
 * to fail. */
static void a_search_shows_what_was_typed(void **state) {
    (void)state;
    struct site_answer *answer = SITE_GET(portal, ADMIN, "/leads?q=%3Ci%3EMARK%27%22%26%3C%2Fi%3E");
    assert_int_equal(answer->status, 200);
    assert_contains(answer->body, "value=\"&lt;i&gt;MARK");
    /* wildcards are looked for, not obeyed */
    answer = SITE_GET(portal, ADMIN, "/leads.json?q=%25");
    assert_contains(answer->body, "\"count\":0");
    answer = SITE_GET(portal, ADMIN, "/leads.json?q=_");
    assert_contains(answer->body, "\"count\":0");
    answer = SITE_GET(portal, ADMIN, "/leads.json?q=ALDER+client+w");
    assert_contains(answer->body, "\"count\":1");
}

/* ── Forms ── */

/* The row's form with the value of one field replaced, or added. */
static const char *form_with(const char *form, const char *name, const char *value) {
    struct buf out;
    buf_init(&out, 1 << 20);
    size_t size = strlen(name);
    for (const char *at = form; *at; at += strcspn(at, "&"), at += *at == '&') {
        if (strncmp(at, name, size) == 0 && at[size] == '=')
            continue;
        buf_append(&out, at, strcspn(at, "&"));
        buf_putc(&out, '&');
    }
    buf_printf(&out, "%s=%s", name, encoded(value));
    const char *text = arena_strdup(site_arena(portal), buf_text(&out));
    buf_free(&out);
    return text;
}

static const struct route *route_of(const struct expected *row) {
    for (size_t i = 0; i < routes_count; i++)
        if (routes[i].method == row->method && strcmp(routes[i].pattern, row->pattern) == 0)
            return &routes[i];
    return NULL;
}

static enum site_who who_may(const struct expected *row) {
    return row->may & (1u << ADMIN) ? ADMIN : row->may & (1u << OWNER) ? OWNER : VISITOR;
}

static bool keeps_typed(const struct field *field) {
    return field->kind == FIELD_TEXT || field->kind == FIELD_AREA || field->kind == FIELD_EMAIL ||
           field->kind == FIELD_PHONE || field->kind == FIELD_URL || field->kind == FIELD_MONEY ||
           field->kind == FIELD_PERCENT || field->kind == FIELD_INT;
}

static void send_form(const struct expected *row, const struct route *route,
                      const struct field *field, const char *value) {
    const char *form = form_with(row->form, field->name, value);
    struct site_answer *answer = SITE_POST(portal, who_may(row), row->path, form);
    const char *what =
        arena_printf(site_arena(portal), "POST %s, field %s,", row->path, field->name);
    expect_sane(what, value, answer);
    if (answer->status == 422 && route->again && keeps_typed(field) && strcmp(value, MARK) == 0 &&
        !strstr(answer->body, "&lt;i&gt;MARK&#39;&quot;&amp;&lt;/i&gt;")) {
        wrong++;
        fprintf(stderr, "%s loses what was typed\n", what);
    }
    if (answer->status < 400)
        site_restore(portal);
    else
        site_forget(portal);
}

static void forms_take_any_value(void **state) {
    (void)state;
    size_t turn = 0;
    for (const struct expected *row = expected; row->pattern; row++) {
        const struct route *route = route_of(row);
        if (row->method != METHOD_POST || !route || !route->form)
            continue;
        /* a third of them for each field, another third for the next; a password costs time to hash
         */
        for (const struct field *f = route->form->fields; f->name; f++) {
            send_form(row, route, f, MARK);
            send_form(row, route, f, long_text);
            for (size_t n = 1 + turn++ % 3; n < NASTY; n += f->kind == FIELD_PASSWORD ? 20 : 3)
                send_form(row, route, f, nasty[n]);
        }
    }
    nothing_wrong();
}

/* Every field at random, of everything at once: the same in every run unless SITE_SEED says
 * otherwise. */
static void forms_take_any_combination(void **state) {
    (void)state;
    uint64_t seed = getenv("SITE_SEED") ? strtoull(getenv("SITE_SEED"), NULL, 10) : 20261120;
    size_t rows = 0;
    while (expected[rows].pattern)
        rows++;
    for (int round = 0; round < 600; round++) {
        const struct expected *row = &expected[test_random(&seed) % rows];
        const struct route *route = route_of(row);
        if (row->method != METHOD_POST || !route)
            continue;
        const char *form = row->form;
        for (const struct field *f = route->form ? route->form->fields : NULL; f && f->name; f++)
            if (test_random(&seed) % 3 == 0)
                form = form_with(form, f->name, nasty[test_random(&seed) % NASTY]);
        struct site_answer *answer =
            SITE_ASK(portal, .who = who_may(row), .path = row->path, .form = form,
                     .accept = test_random(&seed) % 4 ? NULL : "application/json");
        expect_sane(row->path, form, answer);
        if (answer->status < 400 && strstr(row->path, "/admin/") == NULL)
            site_restore(portal);
        site_forget(portal);
    }
    nothing_wrong();
}

/* A form without fields, sent with some; one field sent twice; no field at all. */
static void forms_take_missing_and_extra_fields(void **state) {
    (void)state;
    for (const struct expected *row = expected; row->pattern; row++) {
        if (row->method != METHOD_POST)
            continue;
        static const char *const forms[] = {
            "",
            "a=b&c=d",
            "id=" B("01") "&user_id=" B("11") "&partner_id=" B("01"),
            "version=&version=1&version=2",
            "name=&name=x&stage=&status=&role=&email=",
            "csrf=",
            "_=&=&=x"};
        for (size_t i = 0; i < COUNT(forms); i++) {
            struct site_answer *answer = SITE_POST(portal, who_may(row), row->path, forms[i]);
            expect_sane(row->path, forms[i], answer);
            if (answer->status < 400)
                site_restore(portal);
            site_forget(portal);
        }
    }
    nothing_wrong();
}

/* ── What was stored is shown as text ── */

static const struct {
    enum site_who who;
    const char *path, *form;
} stores[] = {
    {OWNER, "/leads",
     "client_name=%s&client_email=x%%40y.example&consent=true&description=%s&partner_id=" A("01")},
    {ADMIN, "/leads/" A("21") "/edit",
     "client_name=%s&client_email=x%%40y.example&client_location=%s&source=referral&currency=AED&"
     "description=%s&version=1"
     "&locations=%s&amenities=%s&payment_preference=%s"},
    {ADMIN, "/leads/" A("22") "/stage", "stage=dormant&reason=%s&version=1"},
    {ADMIN, "/leads/" A("23") "/staff", "staff_notes=%s&temperature=hot&version=1"},
    {OWNER, "/leads/" A("21") "/reminders", "when=tomorrow&note=%s"},
    {ADMIN, "/appointments/" A("41") "/edit",
     "kind=viewing&title=%s&place=%s&date=@TOMORROW@&from=10%%3A00&until=11%%3A00&timezone=UTC&"
     "notice=60&version=1&people=" A("13")},
    {ADMIN, "/appointments/" A("41") "/call-off", "reason=%s"},
    {ADMIN, "/admin/announcements/" C("56") "/edit",
     "title=%s&body=%s&to_partners=true&version=1"},
    {ADMIN, "/admin/announcements/" C("57") "/edit",
     "title=%s&body=%s&to_partners=true&version=1"},
    {OWNER, "/profile", "contact_name=%s&address=%s&licence_number=%s&capacity=10&version=1"},
    {OWNER, "/team/new", "name=%s&email=mark%%40y.example&role=sales"},
    {OWNER, "/team/" A("12"), "name=%s&role=owner"},
    {ADMIN, "/admin/partners/new",
     "name=%s&type=channel&region=AE&tier=bronze&status=active&commission_percent=15&capacity=1&"
     "notes=%s&contact_name=%s"},
    {ADMIN, "/admin/settings",
     "name=%s&tagline=%s&currency=AED&timezone=UTC&protection_days=30&version=1"},
    {OWNER, "/account", "name=%s&timezone=UTC&theme=dark"},
};

static void what_was_stored_is_escaped(void **state) {
    (void)state;
    const char *mark = encoded(MARK);
    for (size_t i = 0; i < COUNT(stores); i++) {
        struct buf form;
        buf_init(&form, 1 << 16);
        for (const char *c = stores[i].form; *c; c++) {
            if (c[0] == '%' && c[1] == 's')
                buf_puts(&form, mark), c++;
            else if (c[0] == '%' && c[1] == '%')
                buf_putc(&form, '%'), c++;
            else
                buf_putc(&form, *c);
        }
        struct site_answer *answer =
            SITE_POST(portal, stores[i].who, stores[i].path, buf_text(&form));
        if (answer->status != 303)
            fail_msg("POST %s: %d %s", stores[i].path, answer->status, answer->body);
        buf_free(&form);
    }
    size_t shown = 0;
    for (const struct expected *row = expected; row->pattern; row++) {
        static const enum site_who whose[] = {VISITOR, OWNER, VIEWER, ADMIN, SUPPORT};
        for (size_t w = 0; row->method == METHOD_GET && w < COUNT(whose); w++) {
            struct site_answer *page = SITE_GET(portal, whose[w], row->path);
            expect_sane(row->path, "stored markup", page);
            shown += strstr(page->body, "&lt;i&gt;MARK") != NULL;
            struct site_answer *json =
                SITE_ASK(portal, .who = whose[w], .path = row->path, .accept = "application/json");
            json_t *parsed = !row->plain && json->status == 200 ? json_loads(json->body, 0, NULL)
                                                                : json_object();
            if (!parsed) {
                wrong++;
                fprintf(stderr, "%s as JSON: %.100s\n", row->path, json->body);
            }
            json_decref(parsed);
        }
    }
    assert_true(shown > 40); /* else the test looked at nothing */
    nothing_wrong();
}

/* A spreadsheet must not run what a client is called. */
static void exports_hold_no_formulas(void **state) {
    (void)state;
    static const char *const formulas[] = {"=cmd|' /C calc'!A0", "+1+1", "-2+3+cmd|' /C calc'!A0",
                                           "@SUM(1+1)*cmd|' /C calc'!A0"};
    for (size_t i = 0; i < COUNT(formulas); i++) {
        const char *form =
            arena_printf(site_arena(portal),
                         "client_name=%s&client_email=x%%40y.example&consent=true&description=Flat",
                         encoded(formulas[i]));
        assert_int_equal(SITE_POST(portal, OWNER, "/leads", form)->status, 303);
    }
    const char *csv = SITE_GET(portal, OWNER, "/leads.csv")->body;
    for (const char *line = csv; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        assert_null(strchr("=+@", *line));
        assert_true(strncmp(line, "\"=", 2) != 0 && strncmp(line, "\"+", 2) != 0 &&
                    strncmp(line, "\"@", 2) != 0);
    }
    assert_contains(csv, "'=cmd|");
    assert_contains(csv, "'@SUM");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(bodies_have_a_limit, restore),
        cmocka_unit_test_setup(malformed_addresses_are_400, restore),
        cmocka_unit_test_setup(malformed_bodies_are_400, restore),
        cmocka_unit_test_setup(odd_headers_do_no_harm, restore),
        cmocka_unit_test_setup(lists_take_any_filter, restore),
        cmocka_unit_test_setup(lists_take_any_cursor, restore),
        cmocka_unit_test_setup(a_search_shows_what_was_typed, restore),
        cmocka_unit_test_setup(forms_take_any_value, restore),
        cmocka_unit_test_setup(forms_take_any_combination, restore),
        cmocka_unit_test_setup(forms_take_missing_and_extra_fields, restore),
        cmocka_unit_test_setup(what_was_stored_is_escaped, restore),
        cmocka_unit_test_setup(exports_hold_no_formulas, restore),
    };
    return cmocka_run_group_tests_name("routes: bad input", tests, open_portal, close_portal);
}
