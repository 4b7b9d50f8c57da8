/*
 * Keeping partners and people: who stays in charge, what two people change at once, what cannot be
 * deleted.
 */
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include <stdio.h>
#include <stdlib.h>

#define TERMS "&region=AE&tier=bronze&status=active&capacity=10"

/* Refused with a sentence on the page, and with nothing changed. */
static void expect_refused(enum site_who who, const char *path, const char *form,
                           const char *words) {
    const char *before = site_digest(portal);
    struct site_answer *answer = SITE_POST(portal, who, path, form);
    if (answer->status != 422)
        fail_msg("POST %s %s: %d", path, form, answer->status);
    assert_contains(answer->body, words);
    assert_string_equal(site_digest(portal), before);
}

/* ── People ── */

static void somebody_stays_in_charge(void **state) {
    (void)state;
    /* nobody takes their own rights away or gives themselves others */
    expect_refused(OWNER, "/team/" A("11"), "name=Olive&role=viewer",
                   "You cannot change your own role");
    expect_refused(OWNER, "/team/" A("11") "/status", "status=disabled",
                   "You cannot change your own role");
    expect_refused(ADMIN, "/admin/staff/" C("14"), "name=Ada&role=agent",
                   "You cannot change your own role");
    expect_refused(ADMIN, "/admin/staff/" C("14") "/status", "status=disabled",
                   "You cannot change your own role");
    /* one of two owners may go, the last one not, whoever asks */
    assert_int_equal(
        SITE_POST(portal, OWNER, "/team/" A("12") "/status", "status=disabled")->status, 303);
    expect_refused(ADMIN, "/admin/partners/" A("01") "/people/" A("11"), "name=Olive&role=viewer",
                   "Somebody has to stay in charge");
    expect_refused(ADMIN, "/admin/partners/" A("01") "/people/" A("11") "/status",
                   "status=disabled", "Somebody has to stay in charge");
    /* one's own name is another matter */
    assert_int_equal(
        SITE_POST(portal, OWNER, "/team/" A("11"), "name=Olive+Green&role=owner")->status, 303);
    assert_string_equal(site_value(portal, "SELECT name FROM users WHERE id = '" A("11") "'"),
                        "Olive Green");
}

static void somebody_is_let_in_again(void **state) {
    (void)state;
    assert_int_equal(SITE_POST(portal, OWNER, "/team/" A("18") "/status", "status=active")->status,
                     303);
    assert_string_equal(site_value(portal, "SELECT status FROM users WHERE id = '" A("18") "'"),
                        "active");
    /* whoever never accepted stays invited, and is no way in without a password */
    assert_int_equal(
        SITE_POST(portal, OWNER, "/team/" A("17") "/status", "status=disabled")->status, 303);
    assert_int_equal(SITE_POST(portal, OWNER, "/team/" A("17") "/status", "status=active")->status,
                     303);
    assert_string_equal(site_value(portal, "SELECT status FROM users WHERE id = '" A("17") "'"),
                        "invited");
    expect_refused(OWNER, "/team/" A("13") "/status", "status=invited", "Status");
}

/* ── Two at once ── */

static const char *version_on(const struct site_answer *page) {
    const char *at = strstr(page->body, "name=\"version\" value=\"");
    assert_non_null(at);
    at += strlen("name=\"version\" value=\"");
    return arena_strndup(site_arena(portal), at, strcspn(at, "\""));
}

static void expect_second_waits(enum site_who who, const char *page, const char *path,
                                const char *form, const char *typed) {
    const char *version = version_on(SITE_GET(portal, who, page));
    const char *first = arena_printf(site_arena(portal), "%s&version=%s", form, version);
    assert_int_equal(SITE_POST(portal, who, path, first)->status, 303);
    struct site_answer *second = SITE_POST(portal, who, path, first);
    assert_int_equal(second->status, 422);
    assert_contains(second->body, "in the meantime");
    assert_contains(second->body, typed);
    const char *now = version_on(second);
    assert_string_not_equal(now, version);
    assert_int_equal(
        SITE_POST(portal, who, path, arena_printf(site_arena(portal), "%s&version=%s", form, now))
            ->status,
        303);
    static const char *const odd[] = {"", "x", "-1", "0", "99999999999", "1;", "1e3"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        int status = SITE_POST(portal, who, path,
                               arena_printf(site_arena(portal), "%s&version=%s", form, odd[i]))
                         ->status;
        if (status < 400 || status >= 500)
            fail_msg("POST %s with version %s: %d", path, odd[i], status);
    }
}

static void who_comes_second_is_told(void **state) {
    (void)state;
    expect_second_waits(OWNER, "/profile", "/profile", "capacity=12&contact_name=Typed+Here",
                        "Typed Here");
    expect_second_waits(ADMIN, "/admin/partners/" B("01") "/edit",
                        "/admin/partners/" B("01") "/edit",
                        "name=Typed+Here&type=developer&commission_percent=9" TERMS, "Typed Here");
    expect_second_waits(ADMIN, "/admin/settings", "/admin/settings",
                        "name=Typed+Here&currency=AED&timezone=UTC&protection_days=30",
                        "Typed Here");
    expect_second_waits(SALES, "/leads/" A("21") "/edit", "/leads/" A("21") "/edit",
                        "client_name=Typed+Here&client_email=a%40b.example&source=referral",
                        "Typed Here");
    expect_second_waits(AGENT, "/leads/" A("22") "/staff", "/leads/" A("22") "/staff",
                        "staff_notes=Typed+Here&temperature=cold", "Typed Here");
}

/* A stage is moved once, from where it was seen. */
static void a_stage_is_moved_once(void **state) {
    (void)state;
    const char *form = "stage=intake&version=1";
    assert_int_equal(SITE_POST(portal, SALES, "/leads/" A("21") "/stage", form)->status, 303);
    assert_int_equal(SITE_POST(portal, SALES, "/leads/" A("21") "/stage", form)->status, 422);
    assert_string_equal(site_value(portal, "SELECT count(*) FROM lead_history WHERE lead_id = '" A(
                                               "21") "' AND kind = 'stage'"),
                        "1");
    assert_null(site_value(portal, "SELECT rollup FROM app.rollup_differences() LIMIT 1"));
}

/* ── Terms ── */

static void terms_keep_to_the_type(void **state) {
    (void)state;
    static const struct {
        const char *form, *words;
    } refused[] = {
        {"name=New&type=channel&commission_percent=31" TERMS, "earns 10 to 30 %"},
        {"name=New&type=channel&commission_percent=9.999" TERMS, "earns 10 to 30 %"},
        {"name=New&type=banker&commission_percent=0" TERMS, "not offered in this region"},
        {"name=New&type=rera_agent&commission_percent=15&region=IN&tier=bronze&status=active&"
         "capacity=1",
         "works with a licence"},
        {"name=New&type=rera_agent&commission_percent=15&region=IN&tier=bronze&status=active&capacity=1&licence_number=PRM/1",
         "the last day on which the licence is valid"},
        {"name=New&type=rera_agent&commission_percent=15&region=IN&tier=bronze&status=active&capacity=1&licence_number=PRM/1"
         "&licence_expires_on=2020-01-01",
         "has expired"},
        {"name=Zebulon+Realty&type=channel&commission_percent=15" TERMS,
         "a partner of this name already"},
        {"name=New&type=nonsense&commission_percent=15" TERMS, "one of the listed types"},
        {"name=New&type=channel&commission_percent=15&region=XX&tier=bronze&status=active&capacity="
         "1",
         "listed regions"},
        {"name=New&type=channel&commission_percent=15&region=AE&tier=platinum&status=active&"
         "capacity=1",
         "listed tiers"},
        {"name=N&type=channel&commission_percent=15" TERMS, "name"},
        {"name=New&type=channel&commission_percent=15" TERMS "&website=javascript:alert(1)",
         "http"},
        {"name=New&type=channel&commission_percent=15" TERMS "&licence_expires_on=2026-02-30",
         "day"},
        {"name=New&type=channel&commission_percent=15&region=AE&tier=bronze&status=active&capacity="
         "-1",
         "capacity"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        expect_refused(ADMIN, "/admin/partners/new", refused[i].form, refused[i].words);
    struct site_answer *answer = SITE_POST(portal, ADMIN, "/admin/partners/new",
                                           "name=New&type=channel&commission_percent=30" TERMS);
    assert_int_equal(answer->status, 303);
    assert_int_equal(SITE_GET(portal, ADMIN, site_header(portal, answer, "Location"))->status, 200);
    assert_string_equal(site_value(portal, "SELECT currency FROM partners WHERE name = 'New'"),
                        "AED");
    assert_string_equal(
        site_value(
            portal,
            "SELECT user_id FROM audit WHERE action = 'partners.insert' ORDER BY at DESC LIMIT 1"),
        C("14"));
}

static void what_hangs_on_a_partner_keeps_it(void **state) {
    (void)state;
    expect_refused(ADMIN, "/admin/partners/" A("01") "/delete", "",
                   "hangs on it: 8 leads, 1 share, 4 ledger entries, 8 people, 2 referral links in use, 4 conversations, 2 imports, "
                   "4 appointments, 3 reminders and 1 business card. Set");
    assert_contains(SITE_GET(portal, ADMIN, "/admin/partners/" EMPTY_DESK)->body, "Nothing hangs on it.");
    site_sql(portal, "INSERT INTO users (partner_id, email, name, role) VALUES ('" EMPTY_DESK
                     "', 'e@desk.example', 'E', 'owner')");
    expect_refused(ADMIN, "/admin/partners/" EMPTY_DESK "/delete", "", "hangs on it: 1 person. Set");
    assert_contains(SITE_GET(portal, ADMIN, "/admin/partners/" EMPTY_DESK)->body, "hangs on it: 1 person. Disable");
    site_sql(portal, "DELETE FROM users WHERE email = 'e@desk.example'");
    assert_int_equal(SITE_POST(portal, ADMIN, "/admin/partners/" EMPTY_DESK "/delete", "")->status,
                     303);
    assert_int_equal(SITE_GET(portal, ADMIN, "/admin/partners/" EMPTY_DESK)->status, 404);
    assert_int_equal(SITE_POST(portal, ADMIN, "/admin/partners/" EMPTY_DESK "/delete", "")->status,
                     404);
}

/* A link that somebody printed, what was written and what was agreed keep it, whoever deletes; a link that nobody followed does not. */
static void what_would_vanish_with_a_partner_keeps_it(void **state) {
    static const struct {
        const char *sql, *words;
    } cases[] = {
        {"UPDATE rollup_link SET clicks = 3", "hangs on it: 1 referral link in use. Set"},
        {"UPDATE rollup_link SET leads = 1", "hangs on it: 1 referral link in use. Set"},
        {"INSERT INTO threads (kind, partner_id) VALUES ('partner', '" EMPTY_DESK "')", "hangs on it: 1 conversation. Set"},
        {"INSERT INTO reminders (lead_id, partner_id, user_id, due_at) SELECT lead_id, '" EMPTY_DESK "', user_id, due_at FROM reminders LIMIT 2",
         "hangs on it: 2 reminders. Set"},
        {"UPDATE lead_imports SET partner_id = '" EMPTY_DESK "'", "import"},
        {"UPDATE appointments SET partner_id = '" EMPTY_DESK "'", "appointment"},
        {"UPDATE cards SET partner_id = '" EMPTY_DESK "'", "business card"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        site_restore(portal);
        site_sql(portal, "INSERT INTO referral_links (partner_id, code, name, target, destination) VALUES ('" EMPTY_DESK
                         "', 'desk-link', 'Desk', 'programme', '/')");
        site_sql(portal, "%s%s", cases[i].sql, strstr(cases[i].sql, "rollup_link") ? " WHERE partner_id = '" EMPTY_DESK "'" : "");
        expect_refused(ADMIN, "/admin/partners/" EMPTY_DESK "/delete", "", cases[i].words);
        assert_string_equal(site_value(portal, "SELECT count(*) FROM referral_links WHERE code = 'desk-link'"), "1");
    }
    site_restore(portal);
    site_sql(portal, "INSERT INTO referral_links (partner_id, code, name, target, destination) VALUES ('" EMPTY_DESK
                     "', 'desk-link', 'Desk', 'programme', '/')");
    assert_int_equal(SITE_POST(portal, ADMIN, "/admin/partners/" EMPTY_DESK "/delete", "")->status, 303);
}

/* What is written about people and partners says who, and holds no secret. */
static void changes_are_audited(void **state) {
    (void)state;
    assert_int_equal(
        SITE_POST(portal, OWNER, "/team/" A("13"), "name=New+Name&role=viewer")->status, 303);
    assert_string_equal(
        site_value(
            portal,
            "SELECT details ->> 'role' FROM audit WHERE action = 'users.update' AND entity = '" A(
                "13") "'"),
        "[\"sales\", \"viewer\"]");
    assert_int_equal(SITE_POST(portal, OWNER, "/profile", "capacity=3&version=1")->status, 303);
    assert_string_equal(site_value(portal, "SELECT user_id || partner_id::text FROM audit WHERE "
                                           "action = 'partners.update' ORDER BY at DESC LIMIT 1"),
                        A("11") A("01"));
    assert_int_equal(SITE_POST(portal, OWNER, "/account/password",
                               "current=" SITE_PASSWORD "&password=seven+green+bottles")
                         ->status,
                     303);
    assert_string_equal(site_value(portal, "SELECT count(*) FROM audit WHERE details::text LIKE "
                                           "'%%argon2%%' OR details::text LIKE '%%bottles%%'"),
                        "0");
    assert_contains(SITE_GET(portal, SUPPORT, "/admin/audit")->body, "Olive Alder");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(somebody_stays_in_charge, restore),
        cmocka_unit_test_setup(somebody_is_let_in_again, restore),
        cmocka_unit_test_setup(who_comes_second_is_told, restore),
        cmocka_unit_test_setup(a_stage_is_moved_once, restore),
        cmocka_unit_test_setup(terms_keep_to_the_type, restore),
        cmocka_unit_test_setup(what_hangs_on_a_partner_keeps_it, restore),
        cmocka_unit_test_setup(what_would_vanish_with_a_partner_keeps_it, restore),
        cmocka_unit_test_setup(changes_are_audited, restore),
    };
    return cmocka_run_group_tests_name("routes: partners and people", tests, open_portal,
                                       close_portal);
}
