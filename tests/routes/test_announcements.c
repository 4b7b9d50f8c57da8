/*
 * Announcements from the draft to the notification: whom they reach, when, and who can read them.
 */
#include "core/text.h"
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include "tests/support/workday.h"
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

static int post(enum site_who who, const char *path, const char *form) {
    return SITE_POST(portal, who, path, form)->status;
}

#define NEWS "title=Winter&body=Rates+rise"

static const char *news(const char *more) {
    return arena_printf(site_arena(portal), "/admin/announcements/%s%s",
                        site_value(portal, "SELECT id FROM announcements WHERE title = 'Winter'"),
                        more);
}

static const char *as_reader(const char *more) {
    return arena_printf(site_arena(portal), "/announcements/%s%s",
                        site_value(portal, "SELECT id FROM announcements WHERE title = 'Winter'"),
                        more);
}

static void published_news_reach_exactly_their_audience(void **state) {
    (void)state;
    assert_int_equal(post(AGENT, "/admin/announcements/new",
                          NEWS "&to_partners=true&types=channel&tiers=bronze&regions=AE"),
                     303);
    const char *preview = SITE_GET(portal, AGENT, news(".json"))->body;
    assert_contains(preview, "\"people\":6"); /* the six active people of Alder Homes */
    assert_contains(preview, "\"partners\":1");
    assert_int_equal(SITE_GET(portal, OWNER, as_reader(""))->status, 404);
    workday_work_all();
    assert_int_equal(workday_count("notifications"), 0);
    assert_int_equal(post(AGENT, news("/publish"), "version=1"), 303);
    assert_int_equal(post(AGENT, news("/publish"), "version=2"), 409);
    workday_work_all();
    assert_int_equal(workday_count("notifications WHERE type = 'announcement.new'"), 6);
    assert_int_equal(
        workday_count("notifications n JOIN users u ON u.id = n.user_id WHERE u.partner_id IS "
                      "DISTINCT FROM '" A("01") "'"),
        0);
    assert_string_equal(
        site_value(portal, "SELECT reached FROM announcements WHERE title = 'Winter'"), "6");
    assert_int_equal(SITE_GET(portal, STRANGER, as_reader(""))->status, 404);
    assert_int_equal(SITE_GET(portal, FINANCE, as_reader(""))->status, 404); /* not for staff */

    /* until it was read it stands on the dashboard */
    assert_contains(SITE_GET(portal, OWNER, "/dashboard")->body, "Winter");
    assert_int_equal(SITE_GET(portal, OWNER, as_reader(""))->status, 200);
    assert_lacks(SITE_GET(portal, OWNER, "/dashboard")->body, "Winter");
    assert_int_equal(post(SALES, as_reader("/read"), "back=dashboard"), 303);
    assert_int_equal(post(SALES, as_reader("/read"), ""), 303);
    assert_int_equal(post(STRANGER, as_reader("/read"), ""), 404);
    assert_contains(SITE_GET(portal, SUPPORT, news(".json"))->body, "\"reads\":2");

    /* once told, the job tells nobody again */
    site_sql(portal, "SELECT app.job_add('announcement.tell', jsonb_build_object('announcement', "
                     "id, 'at', publish_at)) FROM announcements WHERE title = 'Winter'");
    workday_work_all();
    assert_int_equal(workday_count("events WHERE type = 'announcement.new'"), 1);

    assert_int_equal(post(AGENT, news("/delete"), ""), 409);
    assert_int_equal(post(AGENT, news("/withdraw"), ""), 303);
    assert_int_equal(SITE_GET(portal, OWNER, as_reader(""))->status, 404);
    assert_lacks(SITE_GET(portal, VIEWER, "/announcements")->body, "Winter");
}

static void news_for_staff_are_for_staff(void **state) {
    (void)state;
    assert_int_equal(post(ADMIN, "/admin/announcements/new", NEWS "&to_staff=true"), 303);
    assert_int_equal(post(ADMIN, news("/publish"), "version=1"), 303);
    workday_work_all();
    assert_int_equal(
        workday_count(
            "notifications n JOIN users u ON u.id = n.user_id WHERE u.partner_id IS NOT NULL"),
        0);
    assert_int_equal(workday_told(C("12"), "announcement.new"), 1);
    assert_int_equal(SITE_GET(portal, FINANCE, as_reader(""))->status, 200);
    assert_int_equal(SITE_GET(portal, OWNER, as_reader(""))->status, 404);
}

static void scheduled_news_come_out_by_themselves(void **state) {
    (void)state;
    assert_int_equal(post(AGENT, "/admin/announcements/new",
                          NEWS "&to_partners=true&publish_on=@TOMORROW@&publish_time=23:59"),
                     303);
    assert_int_equal(post(AGENT, news("/publish"), "version=1"), 303);
    assert_int_equal(
        workday_count(
            "jobs j JOIN announcements a ON j.key = 'announcement:' || a.id WHERE a.title = "
            "'Winter' AND j.run_at = a.publish_at AND a.publish_at > now()"),
        1);
    assert_int_equal(SITE_GET(portal, OWNER, as_reader(""))->status, 404);
    /* an edit makes it a draft again */
    assert_int_equal(
        post(AGENT, news("/edit"), NEWS "&to_partners=true&publish_on=@TOMORROW@&version=2"), 303);
    assert_int_equal(workday_count("jobs WHERE kind = 'announcement.tell'"), 0);
    assert_int_equal(post(AGENT, news("/publish"), "version=2"), 409); /* not what was looked at */
    assert_int_equal(post(AGENT, news("/publish"), "version=3"), 303);
    assert_int_equal(post(AGENT, news("/withdraw"), ""), 303);
    assert_int_equal(workday_count("jobs WHERE kind = 'announcement.tell'"), 0);
    assert_string_equal(
        site_value(portal, "SELECT state FROM announcements WHERE title = 'Winter'"), "draft");
    assert_int_equal(post(AGENT, news("/delete"), ""), 303);
    assert_int_equal(workday_count("announcements WHERE title = 'Winter'"), 0);
}

static void corrections_tell_nobody(void **state) {
    (void)state;
    assert_int_equal(
        post(AGENT, "/admin/announcements/new", NEWS "&to_partners=true&types=channel"), 303);
    assert_int_equal(post(AGENT, news("/publish"), "version=1"), 303);
    workday_work_all();
    long before = workday_count("notifications");
    assert_int_equal(
        post(AGENT, news("/edit"), "title=Winter&body=Rates+fall&to_staff=true&version=2"), 303);
    workday_work_all();
    assert_int_equal(workday_count("notifications"), before);
    assert_contains(SITE_GET(portal, OWNER, as_reader(""))->body, "Rates fall");
    assert_string_equal(
        site_value(portal,
                   "SELECT types::text || to_staff FROM announcements WHERE title = 'Winter'"),
        "{channel}false");
}

static void what_has_ended_is_gone(void **state) {
    (void)state;
    site_sql(portal,
             "UPDATE announcements SET expires_at = now() - interval '1 second' WHERE id = '" C(
                 "56") "'");
    assert_int_equal(SITE_GET(portal, OWNER, "/announcements/" C("56"))->status, 404);
    assert_lacks(SITE_GET(portal, OWNER, "/dashboard")->body, "News for all");
    site_sql(portal,
             "UPDATE announcements SET expires_at = now() + interval '1 minute' WHERE id = '" C(
                 "56") "'");
    assert_int_equal(SITE_GET(portal, OWNER, "/announcements/" C("56"))->status, 200);
}

/* Mails to thousands take a while, and a mistake is seen by the first who read it. */
static void withdrawn_news_are_not_sent_any_more(void **state) {
    static const char open[] = "SELECT string_agg(DISTINCT v.verdict, ' ') FROM outbox o JOIN notifications n ON n.id = o.notification_id, app.outbox_open(o.id) AS v WHERE n.subject_id = '%s'";
    (void)state;
    site_sql(portal, "WITH n AS (INSERT INTO notifications (user_id, type, subject_id, href) VALUES ('" A("11") "', 'announcement.new', '" C("56") "', '/announcements/" C("56") "') RETURNING id)"
                     " INSERT INTO outbox (template, user_id, recipient, notification_id, category) SELECT 'event', '" A("11") "', 'owner@alder.example', id, 'announcement.new' FROM n");
    assert_string_equal(site_value(portal, open, C("56")), "send");
    assert_int_equal(post(AGENT, "/admin/announcements/" C("56") "/withdraw", ""), 303);
    assert_string_equal(site_value(portal, open, C("56")), "cancelled");
}

static void bad_news_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *form, *says;
    } cases[] = {
        {NEWS, "somebody has to read it"},
        {"body=x&to_staff=true", "Give it a title."},
        {"title=Winter&to_staff=true", "Write what there is to say."},
        {NEWS "&to_staff=true&link=javascript:alert(1)", "class=\"error\""},
        {NEWS "&to_staff=true&publish_on=2020-01-01", "This time has passed."},
        {NEWS "&to_staff=true&publish_time=10:00", "Choose the day that this hour is on."},
        {NEWS "&to_staff=true&expires_on=2020-01-01", "It would end before it comes out."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct site_answer *answer =
            SITE_POST(portal, AGENT, "/admin/announcements/new", cases[i].form);
        assert_int_equal(answer->status, 422);
        assert_contains(answer->body, cases[i].says);
    }
    /* a type that does not exist reaches nobody, not everybody */
    assert_int_equal(
        post(AGENT, "/admin/announcements/new", NEWS "&to_partners=true&types=emperors"), 303);
    assert_contains(SITE_GET(portal, AGENT, news(".json"))->body, "\"people\":0");
    assert_int_equal(post(SUPPORT, news("/publish"), "version=1"), 403);
    assert_int_equal(post(FINANCE, news("/publish"), "version=1"), 403);
    assert_int_equal(post(OWNER, news("/publish"), "version=1"), 404);
}

/* The policy and the audience are one rule written twice; here they are held against each other. */
static void whom_it_reaches_is_who_can_read_it(void **state) {
    (void)state;
    site_sql(
        portal,
        "INSERT INTO partners (name, type, region, tier, commission_percent, currency, status)"
        " SELECT 'P' || row_number() OVER (), t.type, t.region, r.code, 10, 'AED', CASE WHEN "
        "random() < 0.2 THEN 'suspended' ELSE 'active' END"
        "   FROM partner_type_regions t, tiers r;"
        "INSERT INTO users (partner_id, email, name, role, status) SELECT id, lower(name) || "
        "'@p.example', name, 'viewer', 'active' FROM partners WHERE name ~ '^P[0-9]+$';"
        "SELECT setseed(0.25);"
        "INSERT INTO announcements (title, body, to_partners, to_staff, types, tiers, regions, "
        "state, publish_at)"
        " SELECT 'N' || n, 'x', true, random() < 0.3,"
        "  CASE WHEN random() < 0.6 THEN ARRAY(SELECT code FROM partner_types WHERE random() < 0.4 "
        "AND n > 0) END,"
        "  CASE WHEN random() < 0.6 THEN ARRAY(SELECT code FROM tiers WHERE random() < 0.5 AND n > "
        "0) END,"
        "  CASE WHEN random() < 0.6 THEN ARRAY(SELECT code FROM regions WHERE random() < 0.5 AND n "
        "> 0) END, 'released', now() - interval '1 hour' FROM generate_series(1, 60) AS n;");
    PGconn *jobs = PQconnectdb(getenv("TESSERA_TEST_JOBS_DATABASE"));
    assert_int_equal(PQstatus(jobs), CONNECTION_OK);
    long readers = 0, pairs = 0;
    for (;; readers++) {
        const char *user = site_value(portal,
                                      "SELECT id FROM users WHERE email ~ '^p[0-9]+@p.example$' "
                                      "ORDER BY email OFFSET %ld LIMIT 1",
                                      readers);
        if (!user)
            break;
        char sql[512];
        snprintf(sql, sizeof sql,
                 "BEGIN; SET LOCAL ROLE tessera_partner; SELECT app.session_as('%s'); SELECT "
                 "string_agg(title, ' ' ORDER BY title) FROM announcements WHERE title ~ '^N[0-9]'",
                 user);
        PGresult *result = PQexec(jobs, sql);
        assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
        const char *reached = site_value(
            portal,
            "SELECT string_agg(a.title, ' ' ORDER BY a.title) FROM announcements a, "
            "app.announcement_audience(a.id) AS u WHERE a.title ~ '^N[0-9]' AND u.user_id = '%s'",
            user);
        assert_string_equal(PQgetvalue(result, 0, 0), reached ? reached : "");
        for (const char *c = PQgetvalue(result, 0, 0); *c; c++)
            pairs += *c == 'N';
        PQclear(result);
        PQclear(PQexec(jobs, "ROLLBACK"));
        site_forget(portal);
    }
    PQfinish(jobs);
    assert_true(readers > 30 && pairs > 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(published_news_reach_exactly_their_audience, restore_and_clean),
        cmocka_unit_test_setup(news_for_staff_are_for_staff, restore_and_clean),
        cmocka_unit_test_setup(scheduled_news_come_out_by_themselves, restore_and_clean),
        cmocka_unit_test_setup(corrections_tell_nobody, restore_and_clean),
        cmocka_unit_test_setup(what_has_ended_is_gone, restore_and_clean),
        cmocka_unit_test_setup(withdrawn_news_are_not_sent_any_more, restore_and_clean),
        cmocka_unit_test_setup(bad_news_are_refused, restore_and_clean),
        cmocka_unit_test_setup(whom_it_reaches_is_who_can_read_it, restore_and_clean),
    };
    return cmocka_run_group_tests_name("routes: announcements", tests, open_portal_and_day, close_portal_and_day);
}
