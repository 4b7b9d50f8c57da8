/*
 * Referral links: how they are made, the redirect behind /r/{code} and its clicks, the figures.
 * What comes of a click when somebody writes is test_refer.c.
 */
#include "core/clock.h"
#include "domain/links/clicks.h"
#include "domain/links/link_rules.h"
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include <stdio.h>
#include <stdlib.h>

#define PHONE                                                                                      \
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile "  \
    "Safari/537.36"
#define SPRING   A("71")
#define ENV(...) ((const char *const[]){__VA_ARGS__, NULL})

static int begin(void **state) {
    (void)web_idle(site_web(portal));
    return restore(state);
}

static struct site_answer *click(const char *path) {
    return SITE_ASK(portal, .path = path, .user_agent = PHONE);
}

static const char *clicks(const char *where) {
    return site_value(
        portal, "SELECT count(*) FROM link_clicks WHERE at > now() - interval '1 hour' AND %s",
        where);
}

/* ── The redirect ── */

static void a_click_leads_on_and_is_counted_later(void **state) {
    (void)state;
    const char *before = site_digest(portal);
    struct site_answer *answer = SITE_ASK(
        portal, .path = "/r/alder-spring", .user_agent = PHONE,
        .env = ENV("HTTP_REFERER", "https://News.example/page?who=me"), .address = "192.0.2.77");
    assert_int_equal(answer->status, 302);
    assert_string_equal(site_header(portal, answer, "Location"), "/refer/broker?code=alder-spring");
    assert_string_equal(site_header(portal, answer, "Cache-Control"), "no-store");
    assert_contains(site_header(portal, answer, "Set-Cookie"),
                    "; Path=/; HttpOnly; SameSite=Lax; Max-Age=7776000");
    assert_string_equal(site_digest(portal),
                        before); /* nothing is written before the answer is out */
    assert_int_equal(clicks_waiting(), 1);
    assert_true(web_idle(site_web(portal)) < 0);
    assert_int_equal(clicks_waiting(), 0);
    assert_string_equal(
        clicks("kind = 'person' AND referrer = 'news.example' AND link_id = '" SPRING
               "' AND partner_id = '" A("01") "'"),
        "1");
    assert_string_equal(
        site_value(portal,
                   "SELECT clicks || ' ' || visitors FROM rollup_link_day WHERE link_id = '" SPRING
                   "' AND day = (now() AT TIME ZONE 'UTC')::date"
                   " AND clicks > 0"),
        site_value(portal,
                   "SELECT count(*) || ' ' || count(DISTINCT visitor) FROM link_clicks WHERE "
                   "link_id = '" SPRING "'"
                   " AND (at AT TIME ZONE 'UTC')::date = (now() AT TIME ZONE 'UTC')::date"));
    assert_string_equal(site_value(portal, "SELECT count(*) FROM app.rollup_link_differences()"),
                        "0");
    /* the address itself is nowhere */
    assert_string_equal(
        site_value(portal, "SELECT count(*) FROM link_clicks c WHERE c::text LIKE '%%192.0.2.77%%' "
                           "OR convert_from(visitor, 'LATIN1') LIKE '%%192%%'"),
        "0");
}

static void codes_are_read_as_people_write_them(void **state) {
    (void)state;
    assert_int_equal(click("/r/Alder-Spring")->status, 302);
    assert_int_equal(click("/r/ALDER_SPRING")->status, 302);
    assert_int_equal(click("/r/a1der-5pring")->status, 302); /* copied from paper, and misread */
    assert_int_equal(click("/r/alderspring")->status, 302);
    assert_int_equal(click("/r/alder%20spring")->status, 302);
    static const char *const none[] = {
        "/r/nothing-here",
        "/r/a",
        "/r/alder--spring",
        "/r/%22",
        "/r/alder-spring.",
        "/r/alder-sprint",
        "/r/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct site_answer *answer = click(none[i]);
        assert_int_equal(answer->status, 404);
        assert_contains(answer->body, "This link leads nowhere.");
        assert_null(site_cookie(portal, answer, "via"));
    }
    struct site_answer *old = click("/r/alder-old");
    assert_int_equal(old->status, 410);
    assert_contains(old->body, "has put it away");
    assert_contains(old->body, "Go to the start page");
    assert_int_equal(clicks_waiting(), 5);
}

static void machines_are_counted_apart(void **state) {
    (void)state;
    const struct {
        struct site_ask ask;
        const char *kind;
    } cases[] = {
        {{.user_agent = "curl/8"}, "robot"},
        {{.user_agent = ""}, "robot"},
        {{.user_agent = "Mozilla/5.0 (compatible; SearchBot/2.0)"}, "robot"},
        {{.user_agent = PHONE, .method = "HEAD"}, "check"},
        {{.user_agent = PHONE, .env = ENV("HTTP_SEC_PURPOSE", "prefetch;prerender")}, "prefetch"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct site_ask ask = cases[i].ask;
        ask.path = "/r/alder-home";
        struct site_answer *answer = site_ask(portal, &ask);
        assert_int_equal(answer->status, 302);
        assert_null(site_cookie(portal, answer, "via"));
        (void)web_idle(site_web(portal));
        assert_string_equal(site_value(portal, "SELECT kind FROM link_clicks WHERE link_id = '" A(
                                                   "73") "' ORDER BY at DESC LIMIT 1"),
                            cases[i].kind);
    }
    assert_string_equal(
        site_value(
            portal,
            "SELECT clicks || ' ' || visitors || ' ' || robots FROM rollup_link WHERE id = '" A(
                "73") "'"),
        "0 0 5");
}

static void a_visitor_is_one_for_a_day(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++)
        (void)click("/r/alder-home");
    (void)SITE_ASK(portal, .path = "/r/alder-home", .user_agent = PHONE, .address = "192.0.2.2");
    (void)web_idle(site_web(portal));
    (void)click("/r/alder-home"); /* in another bundle */
    (void)web_idle(site_web(portal));
    assert_string_equal(
        site_value(portal,
                   "SELECT clicks || ' ' || visitors FROM rollup_link WHERE id = '" A("73") "'"),
        "5 2");
}

static void landing_pages_of_other_sites(void **state) {
    (void)state;
    assert_string_equal(site_header(portal, click("/r/alder-homes"), "Location"),
                        "https://www.programme.example/homes/1");
    assert_int_equal(SITE_POST(portal, ADMIN, "/admin/settings",
                               "name=Tessera&currency=AED&timezone=UTC&protection_days=90&version=1"
                               "&landing_sites=https%3A%2F%2Fother.example")
                         ->status,
                     303);
    assert_string_equal(site_header(portal, click("/r/alder-homes"), "Location"), "/");
    assert_contains(SITE_GET(portal, OWNER, "/links/" A("72"))->body,
                    "This link leads to the programme page for now");
    struct site_answer *wrong =
        SITE_POST(portal, ADMIN, "/admin/settings",
                  "name=Tessera&currency=AED&timezone=UTC&protection_days=90&version=2"
                  "&landing_sites=https%3A%2F%2Ffine.example%0Ajavascript%3Aalert(1)");
    assert_int_equal(wrong->status, 422);
    assert_contains(wrong->body, "javascript:alert(1): ");
}

/* ── Bundles ── */

static void note(size_t count) {
    struct click one = {
        .link = SPRING, .at_us = (int64_t)time(NULL) * 1000000, .noted_us = clock_monotonic_us()};
    for (size_t i = 0; i < count; i++) {
        memcpy(one.visitor, &i, sizeof i);
        clicks_note(&one);
    }
}

static void bundles_are_written_when_they_are_due(void **state) {
    (void)state;
    assert_false(clicks_due());
    note(CLICKS_BUNDLE - 1);
    assert_false(clicks_due());
    note(1);
    assert_true(clicks_due());
    web_done(site_web(portal), &(struct fcgi_result){.status = 302});
    assert_int_equal(clicks_waiting(), 0);
    struct click old = {.link = SPRING, .at_us = 1, .noted_us = clock_monotonic_us() - 1000001};
    clicks_note(&old);
    assert_true(clicks_due()); /* it has waited a second */
    (void)web_idle(site_web(portal));
    note(3 * CLICKS_BUNDLE + 7);
    (void)web_idle(site_web(portal));
    assert_string_equal(
        site_value(portal, "SELECT count(*) FROM link_clicks WHERE link_id = '" SPRING "'"),
        site_value(portal, "SELECT 5 + %d + 1 + %d", CLICKS_BUNDLE, 3 * CLICKS_BUNDLE + 7));
}

/* While the database is away clicks are kept, up to a limit, and none is written twice. */
static void nothing_is_lost_while_the_database_is_away(void **state) {
    (void)state;
    struct db *away = db_new("host=/nonexistent dbname=none", 0);
    struct arena *arena = arena_new(8 << 20);
    note(CLICKS_BUNDLE + 5);
    assert_int_equal(clicks_write(away, arena), 1000);
    assert_int_equal(clicks_waiting(), CLICKS_BUNDLE + 5);
    note(CLICKS_MAX);
    assert_int_equal(clicks_waiting(), CLICKS_MAX);
    (void)web_idle(site_web(portal));
    assert_int_equal(clicks_waiting(), 0);
    assert_string_equal(
        site_value(portal, "SELECT count(*) FROM link_clicks WHERE link_id = '" SPRING "'"),
        site_value(portal, "SELECT %d + 5", CLICKS_MAX));
    db_reset(away);
    db_free(away);
    arena_free(arena);
}

/* ── Making and changing links ── */

static const char *column(const char *name) {
    return site_value(portal, "SELECT %s FROM referral_links WHERE name = 'Poster'", name);
}

static void a_name_is_enough(void **state) {
    (void)state;
    struct site_answer *answer = SITE_POST(
        portal, SALES, "/links", "name=Poster&target=form&form_type=agency&partner_id=" B("01"));
    assert_int_equal(answer->status, 303);
    const char *code = column("code");
    assert_int_equal(strlen(code), CODE_RANDOM);
    assert_string_equal(column("partner_id"), A("01"));
    assert_string_equal(column("created_by"), A("13"));
    assert_string_equal(
        column("destination"),
        arena_printf(
            site_arena(portal),
            "/refer/agency?code=%s&utm_source=partner&utm_medium=referral&utm_campaign=poster",
            code));
    assert_int_equal(click(arena_printf(site_arena(portal), "/r/%s", code))->status, 302);
    const char *page = site_header(portal, answer, "Location");
    assert_contains(SITE_GET(portal, SALES, page)->body,
                    arena_printf(site_arena(portal), "http://127.0.0.1:8080/r/%s", code));
}

static void everything_about_a_link_can_be_chosen(void **state) {
    (void)state;
    assert_int_equal(SITE_POST(portal, OWNER, "/links",
                               "name=Poster&target=landing&landing_url=HTTPS%3A%2F%2FWWW.programme."
                               "example%2Fhomes%2F7%23plan"
                               "&alias=Alder+Poster&utm_source=a%26b&utm_medium=print&utm_campaign="
                               "%C3%A9t%C3%A9&utm_content=red&utm_id=7&form_type=agency")
                         ->status,
                     303);
    assert_string_equal(column("code"), "alder-poster");
    assert_null(column("form_type"));
    assert_string_equal(column("destination"), "https://www.programme.example/homes/"
                                               "7?utm_source=a%26b&utm_medium=print&utm_campaign=%"
                                               "C3%A9t%C3%A9&utm_content=red&utm_id=7#plan");
}

static void wrong_links_are_not_made(void **state) {
    static const struct {
        const char *form, *sentence;
    } cases[] = {
        {"target=programme", "Give the link a name"},
        {"name=Poster&target=form", "Choose the form that the link leads to."},
        {"name=Poster&target=form&form_type=nonsense", "Choose one of the listed forms."},
        {"name=Poster&target=landing", "Enter the address of the landing page."},
        {"name=Poster&target=landing&landing_url=https%3A%2F%2Fevil.example%2F",
         "programme&#39;s own sites only"},
        {"name=Poster&target=landing&landing_url=https%3A%2F%2Fwww.programme.example%2Fhomes%2F..%"
         "2F",
         "programme&#39;s own sites only"},
        {"name=Poster&target=landing&landing_url=javascript%3Aalert(1)",
         "is not a whole web address"},
        {"name=Poster&target=programme&alias=ab", "Use 3 to 40 characters."},
        {"name=Poster&target=programme&alias=a%2Fb%2Fc", "Use only the letters a to z"},
        {"name=Poster&target=programme&alias=adm1n", "is the portal&#39;s own"},
        {"name=Poster&target=programme&alias=alder-spring", "This address is taken"},
        {"name=Poster&target=programme&alias=a1der-5pring", "This address is taken"},
        {"name=Poster&target=programme&alias=zebulon-spring", "This address is taken"},
        {"name=Poster&target=programme&alias=alder-old",
         "This address is taken"}, /* archived ones stay theirs */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct site_answer *answer = SITE_POST(portal, OWNER, "/links", cases[i].form);
        if (answer->status != 422 || !strstr(answer->body, cases[i].sentence))
            fail_msg("%s: %d without \"%s\"", cases[i].form, answer->status, cases[i].sentence);
        assert_null(column("code"));
    }
}

static void staff_choose_whose_link_it_is(void **state) {
    (void)state;
    assert_contains(SITE_POST(portal, AGENT, "/links", "name=Poster&target=programme")->body,
                    "Choose whose link it is.");
    assert_contains(
        SITE_POST(portal, AGENT, "/links", "name=Poster&target=programme&partner_id=nobody")->body,
        "Choose whose link it is.");
    assert_contains(
        SITE_POST(portal, AGENT, "/links", "name=Poster&target=programme&partner_id=" NOBODY)->body,
        "This partner is not active.");
    assert_int_equal(
        SITE_POST(portal, AGENT, "/links", "name=Poster&target=programme&partner_id=" B("01"))
            ->status,
        303);
    assert_string_equal(column("partner_id"), B("01"));
    assert_contains(SITE_GET(portal, SUPPORT, "/links.json")->body, "Zebulon Realty");
    site_sql(portal, "UPDATE partners SET status = 'suspended' WHERE id = '" A("01") "'");
    assert_contains(SITE_POST(portal, OWNER, "/links", "name=Other&target=programme")->body,
                    "Your partnership is suspended");
}

static void links_change_but_their_codes_stay(void **state) {
    (void)state;
    assert_int_equal(SITE_POST(portal, SALES, "/links/" SPRING "/edit",
                               "name=Poster&target=programme&alias=other&code=other&partner_id=" B(
                                   "01") "&version=1")
                         ->status,
                     303);
    assert_string_equal(column("code || ' ' || partner_id || ' ' || target || ' ' || version"),
                        "alder-spring " A("01") " programme 2");
    assert_string_equal(site_header(portal, click("/r/alder-spring"), "Location"),
                        "/?utm_source=partner&utm_medium=referral&utm_campaign=poster");
    struct site_answer *late =
        SITE_POST(portal, OWNER, "/links/" SPRING "/edit", "name=Late&target=programme&version=1");
    assert_int_equal(late->status, 422);
    assert_contains(late->body, "Somebody changed this link in the meantime.");
    assert_contains(late->body, "value=\"Late\"");
    assert_int_equal(SITE_POST(portal, OWNER, "/links/" SPRING "/archive", "archive=true")->status,
                     303);
    assert_int_equal(click("/r/alder-spring")->status, 410);
    assert_int_equal(SITE_POST(portal, OWNER, "/links/" SPRING "/archive", "")->status, 303);
    assert_int_equal(click("/r/alder-spring")->status, 302);
    assert_string_equal(site_value(portal, "SELECT count(*) FROM audit WHERE action = "
                                           "'referral_links.update' AND entity = '" SPRING "'"),
                        "3");
}

/* ── Pictures and figures ── */

static void qr_codes_are_kept_for_good(void **state) {
    (void)state;
    struct site_answer *svg = SITE_GET(portal, VIEWER, "/links/" SPRING "/qr.svg"),
                       *png = SITE_GET(portal, VIEWER, "/links/" SPRING "/qr.png");
    assert_string_equal(site_header(portal, svg, "Content-Type"), "image/svg+xml");
    assert_string_equal(site_header(portal, png, "Content-Type"), "image/png");
    assert_contains(site_header(portal, svg, "Cache-Control"), "immutable");
    assert_contains(site_header(portal, png, "Content-Disposition"), "qr-alder-spring.png");
    assert_contains(svg->body, "<svg xmlns=");
    assert_memory_equal(png->body, "\x89PNG", 4);
    assert_contains(SITE_GET(portal, VIEWER, "/links/" SPRING)->body,
                    "/links/" SPRING "/qr.svg?v=");
}

static void figures_of_one_link(void **state) {
    (void)state;
    struct site_answer *page =
        SITE_ASK(portal, .who = OWNER, .path = "/links/" SPRING, .accept = "application/json");
    assert_int_equal(page->status, 200);
    assert_contains(page->body, "\"clicks\":5");
    assert_contains(page->body, "\"leads\":2");
    assert_contains(page->body, "\"won\":1");
    assert_contains(page->body, "Alder client won");
    assert_contains(
        SITE_GET(portal, OWNER, "/links/" SPRING "?from=1999-01-01&to=1999-01-05")->body,
        "Jan 1999");
    assert_int_equal(
        SITE_GET(portal, OWNER, "/links/" SPRING "?from=nonsense&to=2026-02-31")->status, 200);
    struct site_answer *leads = SITE_GET(portal, OWNER, "/leads.csv?link=" SPRING);
    assert_contains(leads->body, "Alder client won");
    assert_lacks(leads->body, "Alder client lost");
    assert_contains(SITE_GET(portal, OWNER, "/links.csv")->body,
                    "http://127.0.0.1:8080/r/alder-spring");
    assert_contains(SITE_GET(portal, OWNER, "/links/clicks.csv?link=" SPRING)->body,
                    "alder.example");
    assert_contains(SITE_GET(portal, OWNER, "/links.json?sort=clicks_desc&state=archived")->body,
                    "Alder old");
}

/* The client of A's lead came by a link of B's first. A is not told, staff are. */
static void touches_of_others_stay_with_staff(void **state) {
    (void)state;
    const char *own =
        SITE_ASK(portal, .who = OWNER, .path = "/leads/" A("25"), .accept = "application/json")
            ->body;
    assert_contains(own, "\"link_name\":\"Alder spring\"");
    assert_lacks(own, "Zebulon");
    assert_lacks(own, "bbbbbbbb");
    const char *all =
        SITE_ASK(portal, .who = AGENT, .path = "/leads/" A("25"), .accept = "application/json")
            ->body;
    assert_contains(all, "\"link_name\":\"Zebulon home\"");
    assert_contains(all, "\"partner_name\":\"Zebulon Realty\"");
    /* nor is B told that its link began somebody else's lead */
    assert_lacks(
        SITE_ASK(portal, .who = STRANGER, .path = "/links/" B("73"), .accept = "application/json")
            ->body,
        "aaaaaaaa");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_click_leads_on_and_is_counted_later, begin),
        cmocka_unit_test_setup(codes_are_read_as_people_write_them, begin),
        cmocka_unit_test_setup(machines_are_counted_apart, begin),
        cmocka_unit_test_setup(a_visitor_is_one_for_a_day, begin),
        cmocka_unit_test_setup(landing_pages_of_other_sites, begin),
        cmocka_unit_test_setup(bundles_are_written_when_they_are_due, begin),
        cmocka_unit_test_setup(nothing_is_lost_while_the_database_is_away, begin),
        cmocka_unit_test_setup(a_name_is_enough, begin),
        cmocka_unit_test_setup(everything_about_a_link_can_be_chosen, begin),
        cmocka_unit_test_setup(wrong_links_are_not_made, begin),
        cmocka_unit_test_setup(staff_choose_whose_link_it_is, begin),
        cmocka_unit_test_setup(links_change_but_their_codes_stay, begin),
        cmocka_unit_test_setup(qr_codes_are_kept_for_good, begin),
        cmocka_unit_test_setup(figures_of_one_link, begin),
        cmocka_unit_test_setup(touches_of_others_stay_with_staff, begin),
    };
    return cmocka_run_group_tests_name("routes: referral links", tests, open_portal, close_portal);
}
