/*
 * Public referral forms: whose lead it becomes, what is kept of where it came from, and what stands
 * against machines.
 */
#include "core/clock.h"
#include "domain/links/attribution_rules.h"
#include "domain/links/clicks.h"
#include "domain/refer/refer_rules.h"
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include <stdio.h>
#include <stdlib.h>

#define PHONE                                                                                      \
    "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile "  \
    "Safari/537.36"
#define WISH                                                                                       \
    "client_name=Nadia+Noor&client_phone=%2B971500000001&description=A+flat&consent=true&consent_" \
    "version=1&opened={opened}"
enum { DAY = 86400 };

static int begin(void **state) {
    (void)web_idle(site_web(portal));
    return restore(state);
}

/* The newest lead's value of an expression over l (leads), a (lead_attribution), p (partners). */
static const char *lead(const char *expression) {
    return site_value(portal,
                      "SELECT %s FROM leads l JOIN partners p ON p.id = l.partner_id LEFT JOIN "
                      "lead_attribution a ON a.lead_id = l.id "
                      "WHERE l.client_name = 'Nadia Noor' ORDER BY l.created_at DESC LIMIT 1",
                      expression);
}

static struct site_answer *send(const char *path, const char *form, const char *via) {
    const char *cookie = arena_printf(site_arena(portal), "session=%s; via=%s",
                                      site_session(portal, VISITOR), via ? via : "");
    return SITE_ASK(portal, .path = path, .form = form, .cookie = cookie);
}

static const char *follow(const char *code, const char *via) {
    struct site_answer *answer = SITE_ASK(
        portal, .path = arena_printf(site_arena(portal), "/r/%s", code), .user_agent = PHONE,
        .cookie = via ? arena_printf(site_arena(portal), "via=%s", via) : NULL);
    assert_int_equal(answer->status, 302);
    return site_cookie(portal, answer, "via");
}

/* A cookie of ours with clicks that many days ago. */
static const char *remembered(const char *first, long first_days, const char *last,
                              long last_days) {
    const struct site *site = web_site(site_web(portal));
    struct attribution attribution = {.first.at = time(NULL) - first_days * DAY,
                                      .last.at = time(NULL) - last_days * DAY};
    memcpy(attribution.first.link, first, 36);
    memcpy(attribution.last.link, last, 36);
    char *text = arena_alloc(site_arena(portal), ATTRIBUTION_TEXT_SIZE);
    attribution_encode(&attribution, site->secret, sizeof site->secret, text);
    return text;
}

/* ── Whose lead it is ── */

static void a_click_becomes_a_lead_of_its_partner(void **state) {
    (void)state;
    const char *via = follow("alder-spring", NULL);
    struct site_answer *form = SITE_ASK(portal, .path = "/refer/broker?code=alder-spring",
                                        .cookie = arena_printf(site_arena(portal), "via=%s", via));
    assert_int_equal(form->status, 200);
    assert_lacks(form->body, "Referred by"); /* Alder has not said that it may be named */
    struct site_answer *answer = send("/refer/broker", WISH, via);
    assert_int_equal(answer->status, 303);
    assert_string_equal(site_header(portal, answer, "Location"), "/refer/broker/thanks");
    assert_string_equal(lead("concat_ws(' ', l.partner_id, l.stage, l.source, l.currency, "
                             "l.consent_version, l.created_by, l.utm_source, l.utm_campaign)"),
                        A("01") " new referral AED 1 Alder Alder campaign");
    assert_string_equal(lead("concat_ws(' ', a.link_id, a.first_link_id = a.link_id, "
                             "a.last_link_id = a.link_id, a.first_at = a.last_at)"),
                        A("71") " t t t");
    assert_string_equal(lead("l.consent_at > now() - interval '1 minute' AND a.last_at > now() - "
                             "interval '1 minute'"),
                        "t");
    assert_string_equal(
        site_value(portal, "SELECT count(*) FROM events e JOIN leads l ON l.id = e.lead_id WHERE "
                           "e.type = 'lead.created' AND l.client_name = 'Nadia Noor'"),
        "1");
    site_sql(portal, "SELECT app.event_fan_out(e.id) FROM events e WHERE e.type = 'lead.referred'");
    assert_string_equal(
        site_value(portal,
                   "SELECT count(*) || ' ' || count(DISTINCT u.partner_id) FROM notifications n "
                   "JOIN users u ON u.id = n.user_id WHERE n.type = 'lead.referred'"),
        "6 1");
    assert_contains(SITE_GET(portal, SALES, "/notifications")->body,
                    "Nadia Noor wrote to us by one of your links");
    const char *page = arena_printf(site_arena(portal), "/leads/%s", lead("l.id"));
    struct site_answer *shown = SITE_GET(portal, VIEWER, page);
    assert_contains(shown->body, "A public form");
    assert_contains(shown->body, "Alder spring");
    assert_int_equal(SITE_GET(portal, STRANGER, page)->status, 404);
    assert_string_equal(
        site_value(portal, "SELECT leads FROM rollup_link WHERE id = '" A("71") "'"), "3");
    assert_string_equal(
        site_value(portal, "SELECT (SELECT count(*) FROM app.rollup_link_differences()) + (SELECT "
                           "count(*) FROM app.rollup_differences())"),
        "0");
}

static void partners_are_named_where_they_want_it(void **state) {
    (void)state;
    assert_int_equal(
        SITE_POST(portal, OWNER, "/profile", "capacity=12&version=1&name_public=true")->status,
        303);
    assert_contains(SITE_GET(portal, VISITOR, "/refer/broker?code=alder-spring")->body,
                    "Referred by Alder Homes.");
    assert_contains(SITE_GET(portal, VISITOR, "/refer/broker?code=ALDER_spring")->body,
                    "Referred by Alder Homes.");
    const char *cookie = arena_printf(site_arena(portal), "via=%s", follow("alder-home", NULL));
    assert_contains(SITE_ASK(portal, .path = "/refer/broker", .cookie = cookie)->body,
                    "Referred by Alder Homes.");
    assert_lacks(SITE_GET(portal, VISITOR, "/refer/broker?code=alder-old")->body,
                 "Referred by"); /* archived */
    assert_lacks(SITE_GET(portal, VISITOR, "/refer/broker?code=unknown")->body, "Referred by");
    assert_int_equal(SITE_POST(portal, OWNER, "/profile", "capacity=12&version=2")->status, 303);
    assert_lacks(SITE_GET(portal, VISITOR, "/refer/broker?code=alder-spring")->body, "Referred by");
}

static void leads_without_a_partner_come_to_the_desk(void **state) {
    static const char *const codes[] = {"", "&code=unknown", "&code=%22%3E", "&code=alder-old"};
    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        const char *form = arena_printf(site_arena(portal), "%s%s", WISH, codes[i]);
        assert_int_equal(send("/refer/channel", form, NULL)->status, 303);
        assert_string_equal(lead("p.is_house::text || l.source || coalesce(a.link_id::text, '-')"),
                            "truewebsite-");
        site_restore(portal);
    }
    assert_int_equal(send("/refer/channel", WISH, "1forged")->status, 303);
    assert_string_equal(lead("p.is_house"), "t");
    assert_contains(SITE_GET(portal, AGENT, "/leads.json")->body, "Programme desk");
    assert_lacks(SITE_GET(portal, ADMIN, "/admin/partners.json")->body, "Programme desk");
    assert_int_equal(
        SITE_POST(portal, ADMIN,
                  arena_printf(site_arena(portal), "/admin/partners/%s/people/new", lead("p.id")),
                  "email=x%40y.example&name=X&role=owner")
            ->status,
        422);
}

static void a_code_counts_without_a_cookie(void **state) {
    (void)state;
    assert_int_equal(send("/refer/broker", WISH "&code=alder-home", NULL)->status, 303);
    assert_string_equal(lead("concat_ws(' ', l.partner_id, a.link_id, a.last_link_id)"),
                        A("01") " " A("73") " " A("73"));
}

static void the_window_ends(void **state) {
    (void)state;
    assert_int_equal(send("/refer/broker", WISH, remembered(A("71"), 89, A("71"), 89))->status,
                     303);
    assert_string_equal(lead("l.partner_id"), A("01"));
    site_restore(portal);
    assert_int_equal(send("/refer/broker", WISH, remembered(A("71"), 91, A("71"), 91))->status,
                     303);
    assert_string_equal(lead("p.is_house"), "t");
    site_restore(portal);
    assert_int_equal(send("/refer/broker", WISH, remembered(B("71"), 91, A("73"), 3))->status, 303);
    assert_string_equal(lead("concat_ws(' ', a.link_id, a.first_link_id)"), A("73") " " A("73"));
    site_restore(portal);
    site_sql(portal, "UPDATE programme SET protection_days = 10");
    assert_int_equal(send("/refer/broker", WISH, remembered(A("71"), 11, A("71"), 11))->status,
                     303);
    assert_string_equal(lead("p.is_house"), "t");
}

static void the_programme_says_which_click_counts(void **state) {
    (void)state;
    char via[2048]; /* longer than one answer's life */
    snprintf(via, sizeof via, "%s", follow("alder-spring", follow("zebulon-home", NULL)));
    assert_int_equal(send("/refer/broker", WISH, via)->status, 303);
    assert_string_equal(
        lead("concat_ws(' ', l.partner_id, a.link_id, a.first_link_id, a.last_link_id)"),
        A("01") " " A("71") " " B("73") " " A("71"));
    site_restore(portal);
    site_sql(portal, "UPDATE programme SET attribution = 'first'");
    assert_int_equal(send("/refer/broker", WISH, via)->status, 303);
    assert_string_equal(lead("concat_ws(' ', l.partner_id, a.link_id)"), B("01") " " B("73"));
    site_restore(portal);
    site_sql(portal, "UPDATE partners SET status = 'suspended' WHERE id = '" A(
                         "01") "'"); /* takes no leads */
    assert_int_equal(send("/refer/broker", WISH, via)->status, 303);
    assert_string_equal(lead("concat_ws(' ', l.partner_id, a.link_id)"), B("01") " " B("73"));
    site_restore(portal);
    site_sql(
        portal,
        "UPDATE partners SET status = 'inactive' WHERE name IN ('Alder Homes', 'Zebulon Realty')");
    assert_int_equal(send("/refer/broker", WISH, via)->status, 303);
    assert_string_equal(lead("p.is_house::text || (a.last_link_id = '" A("71") "')::text"),
                        "truetrue");
}

static void a_lead_that_changes_hands_takes_no_link_along(void **state) {
    (void)state;
    assert_int_equal(send("/refer/broker", WISH "&code=alder-home", NULL)->status, 303);
    site_sql(portal,
             "UPDATE leads SET partner_id = '" B("01") "' WHERE client_name = 'Nadia Noor'");
    assert_null(lead("a.link_id"));
    assert_contains(lead("l.staff_notes"), "Alder campaign");
    const char *page = SITE_ASK(portal, .who = STRANGER,
                                .path = arena_printf(site_arena(portal), "/leads/%s", lead("l.id")),
                                .accept = "application/json")
                           ->body;
    assert_contains(page, "Nadia Noor");
    assert_lacks(page, "Alder");
    assert_string_equal(
        site_value(portal, "SELECT leads FROM rollup_link WHERE id = '" A("73") "'"), "0");
}

static void utm_parameters_of_the_address_come_first(void **state) {
    (void)state;
    struct site_answer *form = SITE_GET(
        portal, VISITOR,
        "/refer/"
        "broker?code=alder-spring&utm_source=letter%26more&utm_term=%3Cb%3E&utm_medium=a%0Ab");
    assert_contains(form->body, "name=\"utm_source\" value=\"letter&amp;more\"");
    assert_contains(form->body, "name=\"utm_term\" value=\"&lt;b&gt;\"");
    assert_contains(form->body, "name=\"utm_medium\" value=\"\"");
    assert_contains(form->body, "name=\"code\" value=\"alder-spring\"");
    assert_int_equal(
        send("/refer/broker", WISH "&code=alder-spring&utm_source=letter&utm_content=red", NULL)
            ->status,
        303);
    assert_string_equal(
        lead("concat_ws(' ', l.utm_source, l.utm_medium, l.utm_campaign, l.utm_content)"),
        "letter referral Alder campaign red");
}

/* ── What is asked for ── */

static void each_type_asks_for_what_it_needs(void **state) {
    static const struct {
        const char *type;
        bool budget, property, loan;
    } cases[] = {{"channel", true, true, false},
                 {"developer", true, true, false},
                 {"broker", true, true, false},
                 {"rera_agent", true, true, false},
                 {"service_provider", false, false, false},
                 {"agency", true, true, false},
                 {"banker", false, true, true},
                 {"law", false, true, false},
                 {"agent", true, true, false}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = arena_printf(site_arena(portal), "/refer/%s", cases[i].type);
        const char *page = SITE_GET(portal, VISITOR, path)->body;
        assert_int_equal(strstr(page, "name=\"budget_max\"") != NULL, cases[i].budget);
        assert_int_equal(strstr(page, "name=\"bedrooms\"") != NULL, cases[i].property);
        assert_int_equal(strstr(page, "name=\"loan_stage\"") != NULL, cases[i].loan);
        assert_contains(page, "autocomplete=\"tel\"");
        assert_contains(page, "inputmode=\"email\"");
        const char *all = WISH "&budget_min=1000&budget_max=2000&financing=cash&property_type="
                               "villa&locations=Marina&bedrooms=3&move_in_on=2027-01-02"
                               "&loan_stage=applied&client_location=Dubai&referred_by=Somebody";
        assert_int_equal(send(path, all, NULL)->status, 303);
        assert_int_equal(lead("l.budget_max") != NULL && lead("l.financing") != NULL,
                         cases[i].budget);
        assert_int_equal(lead("l.bedrooms") != NULL && lead("l.locations") != NULL,
                         cases[i].property);
        assert_int_equal(lead("l.loan_stage") != NULL, cases[i].loan);
        assert_string_equal(lead("l.referred_by || l.client_location"), "SomebodyDubai");
        site_restore(portal);
    }
    assert_int_equal(SITE_GET(portal, VISITOR, "/refer/nonsense")->status, 404);
    assert_int_equal(SITE_GET(portal, VISITOR, "/refer/nonsense/thanks")->status, 404);
    assert_int_equal(send("/refer/nonsense", WISH, NULL)->status, 404);
}

static void what_is_missing_is_said_and_what_was_typed_stays(void **state) {
    static const struct {
        const char *form, *sentence;
    } cases[] = {
        {"client_phone=%2B971500000001&description=A+flat&consent=true&consent_version=1&opened={"
         "opened}",
         "Enter a name."},
        {"client_name=Nadia+Noor&description=A+flat&consent=true&consent_version=1&opened={opened}",
         "Enter a phone number or an email address."},
        {"client_name=Nadia+Noor&client_phone=%2B971500000001&consent=true&consent_version=1&"
         "opened={opened}",
         "Say in a few words what it is about."},
        {"client_name=Nadia+Noor&client_phone=%2B971500000001&description=A+flat&consent_version=1&"
         "opened={opened}",
         "only if you agree"},
        {"client_name=Nadia+Noor&client_phone=%2B971500000001&description=A+flat&consent=false&"
         "consent_version=1&opened={opened}",
         "only if you agree"},
        {WISH "&budget_min=5&budget_max=4", "This is below where the budget begins."},
        {WISH "&extra=http%3A%2F%2Fspam.example", "This field is there to catch machines."},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct site_answer *answer = send("/refer/broker", cases[i].form, NULL);
        if (answer->status != 422 || !strstr(answer->body, cases[i].sentence))
            fail_msg("%s: %d without \"%s\"", cases[i].form, answer->status, cases[i].sentence);
        assert_null(lead("l.id"));
    }
    struct site_answer *open = send("/refer/broker", WISH "&bedrooms=many", NULL);
    assert_contains(open->body, "<details class=\"as-table\" open>"); /* where the error is */
    assert_contains(open->body, "value=\"Nadia Noor\"");
}

/* ── Against machines ── */

static struct site_answer *send_opened(const char *opened) {
    const char *form = arena_printf(site_arena(portal),
                                    "client_name=Nadia+Noor&client_phone=%%2B971500000001&"
                                    "description=A+flat&consent=true&consent_version=1&opened=%s",
                                    opened);
    return send("/refer/broker", form, NULL);
}

static void a_number_that_no_phone_has_is_refused(void **state) {
    (void)state;
    const char *form = "client_name=Nadia+Noor&client_phone=%2B971501234567890123&description=A+flat"
                       "&consent=true&consent_version=1&opened={opened}";
    struct site_answer *answer = send("/refer/broker", form, NULL);
    assert_int_equal(answer->status, 422);
    assert_contains(answer->body, "No phone has this number");
    form = arena_printf(site_arena(portal), "%s&client_email=n%%40client.example", form);
    assert_int_equal(send("/refer/broker", form, NULL)->status, 303);
}

static void forms_have_their_time(void **state) {
    (void)state;
    int64_t now = (int64_t)time(NULL);
    const char *fresh = site_opened(portal, "broker", now);
    struct site_answer *quick = send_opened(fresh);
    assert_int_equal(quick->status, 422);
    assert_contains(quick->body, "That was very quick.");
    assert_contains(quick->body, fresh); /* it goes on counting */
    struct site_answer *stale = send_opened(site_opened(portal, "broker", now - OPENED_MAX - 60));
    assert_contains(stale->body, "more than a day");
    assert_contains(send_opened(site_opened(portal, "agency", now - 60))->body,
                    "Please send it once more");
    assert_contains(send_opened("")->body, "Please send it once more");
    assert_contains(
        send_opened("6b000000-0000000000000000-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")->body,
        "Please send it once more");
    assert_null(lead("l.id"));
    assert_int_equal(send_opened(site_opened(portal, "broker", now - 60))->status, 303);
}

static void the_same_form_is_taken_once(void **state) {
    (void)state;
    const char *opened = site_opened(portal, "broker", (int64_t)time(NULL) - 60);
    for (int i = 0; i < 3; i++)
        assert_int_equal(send_opened(opened)->status, 303);
    assert_string_equal(
        site_value(portal, "SELECT count(*) FROM leads WHERE client_name = 'Nadia Noor'"), "1");
}

/* "Thank you", Back, and the next client into the page that is still there. */
static void another_client_from_the_same_page_is_another_lead(void **state) {
    (void)state;
    const char *opened = site_opened(portal, "broker", (int64_t)time(NULL) - 60);
    assert_int_equal(send_opened(opened)->status, 303);
    const char *form = arena_printf(site_arena(portal),
                                    "client_name=Omar+Noor&client_phone=%%2B971500000002&"
                                    "description=A+flat&consent=true&consent_version=1&opened=%s",
                                    opened);
    for (int i = 0; i < 2; i++)
        assert_int_equal(send("/refer/broker", form, NULL)->status, 303);
    assert_int_equal(send_opened(opened)->status, 303);
    assert_string_equal(
        site_value(portal, "SELECT string_agg(client_name, ', ' ORDER BY client_name) FROM leads "
                           "WHERE client_name IN ('Nadia Noor', 'Omar Noor')"),
        "Nadia Noor, Omar Noor");
}

static void an_address_has_a_limit(void **state) {
    (void)state;
    for (int i = 0; i < 30; i++)
        assert_int_equal(send("/refer/broker", WISH, NULL)->status, 303);
    struct site_answer *more = send("/refer/broker", WISH, NULL);
    assert_int_equal(more->status, 422);
    assert_contains(more->body, "Very many forms came from your network");
    assert_contains(more->body, "value=\"Nadia Noor\"");
    const char *cookie =
        arena_printf(site_arena(portal), "session=%s", site_session(portal, VISITOR));
    assert_int_equal(SITE_ASK(portal, .path = "/refer/broker", .form = WISH, .cookie = cookie,
                              .accept = "application/json")
                         ->status,
                     429);
    assert_int_equal(SITE_ASK(portal, .path = "/refer/broker", .form = WISH, .cookie = cookie,
                              .address = "192.0.2.9")
                         ->status,
                     303);
    assert_string_equal(
        site_value(portal, "SELECT count(*) FROM leads WHERE client_name = 'Nadia Noor'"), "31");
    assert_string_equal(
        site_value(portal, "SELECT count(*) FROM throttle WHERE key LIKE 'refer:%%192.0.2%%'"),
        "0"); /* a hash, no address */
}

static void people_agree_to_what_they_saw(void **state) {
    (void)state;
    assert_contains(SITE_GET(portal, VISITOR, "/refer/broker")->body,
                    "I agree that what I send here");
    assert_int_equal(SITE_POST(portal, ADMIN, "/admin/settings",
                               "name=Tessera&currency=AED&timezone=UTC&protection_days=90&version=1"
                               "&consent_wording=You+may+call+me+%3Cb%3Eback%3C%2Fb%3E.+Always.")
                         ->status,
                     303);
    struct site_answer *old = send("/refer/broker", WISH, NULL);
    assert_int_equal(old->status, 422);
    assert_contains(old->body, "The wording has changed in the meantime.");
    assert_lacks(old->body, " checked>");
    assert_contains(old->body, "You may call me &lt;b&gt;back&lt;/b&gt;. Always.");
    const char *newest = site_value(portal, "SELECT max(version) FROM consent_wordings");
    assert_contains(old->body, arena_printf(site_arena(portal),
                                            "name=\"consent_version\" value=\"%s\"", newest));
    const char *form =
        arena_printf(site_arena(portal),
                     "client_name=Nadia+Noor&client_phone=%%2B971500000001&description=A+flat&"
                     "consent=true&consent_version=%s&opened={opened}",
                     newest);
    assert_int_equal(send("/refer/broker", form, NULL)->status, 303);
    assert_string_equal(lead("l.consent_version"), newest);
    /* the same words again are no new version, and no words are none at all */
    assert_int_equal(
        SITE_POST(portal, ADMIN, "/admin/settings",
                  "name=Tessera&currency=AED&timezone=UTC&protection_days=90&version=2")
            ->status,
        303);
    assert_string_equal(site_value(portal, "SELECT max(version) FROM consent_wordings"), newest);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_click_becomes_a_lead_of_its_partner, begin),
        cmocka_unit_test_setup(partners_are_named_where_they_want_it, begin),
        cmocka_unit_test_setup(leads_without_a_partner_come_to_the_desk, begin),
        cmocka_unit_test_setup(a_code_counts_without_a_cookie, begin),
        cmocka_unit_test_setup(the_window_ends, begin),
        cmocka_unit_test_setup(the_programme_says_which_click_counts, begin),
        cmocka_unit_test_setup(a_lead_that_changes_hands_takes_no_link_along, begin),
        cmocka_unit_test_setup(utm_parameters_of_the_address_come_first, begin),
        cmocka_unit_test_setup(each_type_asks_for_what_it_needs, begin),
        cmocka_unit_test_setup(what_is_missing_is_said_and_what_was_typed_stays, begin),
        cmocka_unit_test_setup(a_number_that_no_phone_has_is_refused, begin),
        cmocka_unit_test_setup(forms_have_their_time, begin),
        cmocka_unit_test_setup(the_same_form_is_taken_once, begin),
        cmocka_unit_test_setup(another_client_from_the_same_page_is_another_lead, begin),
        cmocka_unit_test_setup(an_address_has_a_limit, begin),
        cmocka_unit_test_setup(people_agree_to_what_they_saw, begin),
    };
    return cmocka_run_group_tests_name("routes: referral forms", tests, open_portal, close_portal);
}
