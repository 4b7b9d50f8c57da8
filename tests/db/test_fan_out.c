/*
 * From an event to notifications and outbox rows: who hears of it, by which ways, once, and what others may see of it. The
 * daemon's login calls app.event_fan_out(), as `tessera jobs` does.
 */
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

static PGconn *jobs;

static int open_all(void **state) {
    open_portal(state);
    jobs = site_daemon(portal);
    return 0;
}

static int begin(void **state) {
    restore(state);
    site_sql(portal, "DELETE FROM push_subscriptions"); /* mails are what is counted here */
    site_sql(portal, "DELETE FROM events; DELETE FROM notifications; DELETE FROM outbox; DELETE FROM jobs");
    return 0;
}

/* ── An event ── */

struct happening {
    const char *type;
    const char *partner; /* ids; NULL: none */
    const char *lead;
    const char *subject;
    const char *actor;
    const char *users; /* "{id,id}"; NULL: the audience */
};

static const char *quoted(const char *text) {
    return text ? site_value(portal, "SELECT quote_literal('%s')", text) : "NULL";
}

static const char *add_event(const struct happening *h) {
    return site_value(portal,
                      "INSERT INTO events (type, partner_id, lead_id, subject_id, actor_id, users, href, data)"
                      " VALUES ('%s', %s, %s, %s, %s, %s, '/leads', '{\"to\": \"won\"}') RETURNING id",
                      h->type, quoted(h->partner), quoted(h->lead), quoted(h->subject), quoted(h->actor), quoted(h->users));
}

static void fan_out(const char *event) {
    const char *const values[] = {event};
    PGresult *result = PQexecParams(jobs, "SELECT app.event_fan_out($1::bigint)", 1, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        fail_msg("fan out: %s", PQerrorMessage(jobs));
    PQclear(result);
}

/* First names of those who were told, in order. */
static const char *heard(const char *event) {
    const char *names = site_value(portal,
                                   "SELECT string_agg(split_part(u.name, ' ', 1), ' ' ORDER BY u.name) FROM notifications n JOIN users u ON "
                                   "u.id = n.user_id WHERE n.event_id = %s",
                                   event);
    return names ? names : "";
}

/* "Olive:email Olive:push" */
static const char *ways(void) {
    const char *list = site_value(portal, "SELECT string_agg(split_part(u.name, ' ', 1) || ':' || o.channel, ' ' ORDER BY u.name, o.channel)"
                                          " FROM outbox o JOIN users u ON u.id = o.user_id");
    return list ? list : "";
}

static const char *tell(const struct happening *happening) {
    const char *event = add_event(happening);
    fan_out(event);
    return event;
}
#define TELL(...)                   tell(&(struct happening){__VA_ARGS__})
#define assert_heard(expected, ...) assert_string_equal(heard(TELL(__VA_ARGS__)), expected)

/* ── Who ── */

static void the_audience_with_the_permission(void **state) {
    (void)state;
    /* staff who may read leads: no finance */
    assert_heard("Abel Ada Agnes Sara", .type = "lead.created", .partner = A("01"), .lead = A("21"));
    assert_heard("Abel Ada Agnes Olive Oscar Sam Sara Sue Val Vic", .type = "lead.stage", .partner = A("01"), .lead = A("21"));
    assert_heard("Olive Oscar Sam Sue Val Vic", .type = "commission.new", .partner = A("01"));
    assert_heard("Orla Otto Sal Sid Vera Vin", .type = "share.new", .partner = B("01"), .lead = B("24"));
    assert_heard("Ada Sara", .type = "job.dead");
    /* no permission is asked for, and no partner is named */
    assert_heard("Abel Ada Agnes Finn Sara", .type = "announcement.new");
    assert_heard("", .type = "commission.new");
}

static void whoever_did_it_is_left_out(void **state) {
    (void)state;
    assert_heard("Abel Ada Agnes Oscar Sam Sara Sue Val Vic", .type = "lead.stage", .partner = A("01"), .lead = A("21"), .actor = A("11"));
    assert_heard("Abel Ada Olive Oscar Sam Sara Sue Val Vic", .type = "lead.stage", .partner = A("01"), .lead = A("21"), .actor = C("11"));
    assert_heard("Sam", .type = "message.new", .partner = A("01"), .actor = A("11"), .users = "{" A("11") "," A("13") "}");
}

static void a_permission_of_ones_own_counts(void **state) {
    (void)state;
    site_sql(portal, "INSERT INTO user_permissions VALUES ('" A("15") "', 'leads:read', false), ('" C("12") "', 'leads:read', true),"
                     " ('" C("14") "', 'leads:read', false)");
    assert_heard("Abel Agnes Finn Olive Oscar Sam Sara Sue Val", .type = "lead.stage", .partner = A("01"), .lead = A("21"));
}

static void only_who_may_sign_in(void **state) {
    (void)state;
    /* Ivy is invited, Dan disabled: they never appeared. A suspended partner's people still sign in, an inactive one's don't. */
    site_sql(portal, "UPDATE partners SET status = 'suspended' WHERE id = '" A("01") "'");
    assert_heard("Olive Oscar Sam Sue Val Vic", .type = "commission.new", .partner = A("01"));
    site_sql(portal, "UPDATE partners SET status = 'inactive' WHERE id = '" A("01") "'");
    assert_heard("", .type = "commission.new", .partner = A("01"));
    assert_heard("Abel", .type = "message.new", .partner = A("01"), .users = "{" A("11") "," C("15") "}");
    site_sql(portal, "UPDATE users SET status = 'disabled' WHERE id = '" C("15") "'");
    assert_heard("Ada Agnes Sara", .type = "lead.created", .partner = A("01"), .lead = A("21"));
}

static void those_who_are_named_must_be_allowed_still(void **state) {
    (void)state;
    assert_heard("Agnes Sam", .type = "appointment.new", .partner = A("01"), .lead = A("21"), .users = "{" A("13") "," C("11") "," A("18") "}");
    site_sql(portal, "INSERT INTO user_permissions VALUES ('" A("13") "', 'leads:read', false)");
    assert_heard("Agnes", .type = "appointment.new", .partner = A("01"), .lead = A("21"), .users = "{" A("13") "," C("11") "}");
    /* what is for staff alone is told to no partner's people, and the other way round */
    assert_heard("Agnes", .type = "lead.created", .partner = A("01"), .lead = A("21"), .users = "{" A("11") "," C("11") "}");
    assert_heard("Olive", .type = "commission.new", .partner = A("01"), .users = "{" A("11") "," C("14") "}");
    assert_heard("", .type = "message.new", .users = "{}");
}

/* ── How ── */

static void browsers_of(const char *user, int count) {
    site_sql(portal,
             "INSERT INTO push_subscriptions (user_id, endpoint, p256dh, auth) SELECT '%s', 'https://push.example/%s/' || n, 'B' || repeat('x', 86),"
             " repeat('y', 22) FROM generate_series(1, %d) AS n",
             user, user, count);
}

static void by_default_as_the_catalogue_has_it(void **state) {
    (void)state;
    browsers_of(A("13"), 2);
    (void)TELL(.type = "lead.won", .partner = A("01"), .lead = A("21"), .users = "{" A("13") "}"); /* mail and push */
    assert_string_equal(ways(), "Sam:email Sam:push Sam:push");
    site_sql(portal, "DELETE FROM outbox");
    const char *event = TELL(.type = "lead.stage", .partner = A("01"), .lead = A("21"), .users = "{" A("13") "}"); /* digest */
    assert_string_equal(ways(), "");
    assert_string_equal(site_value(portal, "SELECT digest FROM notifications WHERE event_id = %s", event), "t");
    event = TELL(.type = "lead.created", .partner = A("01"), .lead = A("21"), .users = "{" C("11") "}"); /* push alone, and no browser */
    assert_string_equal(ways(), "");
    assert_string_equal(site_value(portal, "SELECT digest FROM notifications WHERE event_id = %s", event), "f");
}

static void each_ones_choice_counts(void **state) {
    (void)state;
    browsers_of(A("13"), 1);
    site_sql(portal, "INSERT INTO notification_choices VALUES ('" A("13") "', 'lead.won', 'digest', 'now', 'off'), ('" A("14") "', 'lead.won', 'off', 'now', NULL),"
                     " ('" A("11") "', 'lead.stage', 'off', NULL, NULL);"
                     "UPDATE users SET phone = '+971501002000' WHERE id = '" A("13") "'");
    const char *event = TELL(.type = "lead.won", .partner = A("01"), .lead = A("21"), .users = "{" A("11") "," A("13") "," A("14") "}");
    assert_string_equal(heard(event), "Olive Sam Sue"); /* the bell rings for all */
    assert_string_equal(ways(), "Olive:email Sam:sms"); /* Sue has no number */
    assert_string_equal(site_value(portal, "SELECT recipient FROM outbox WHERE channel = 'sms'"), "+971501002000");
    assert_string_equal(site_value(portal, "SELECT string_agg(user_id::text, ' ') FROM notifications WHERE digest"), A("13"));
}

static void what_is_mandatory_is_mailed(void **state) {
    (void)state;
    site_sql(portal, "INSERT INTO notification_choices VALUES ('" A("11") "', 'payout.sent', 'off', 'off', 'off'), ('" A("12") "', 'payout.sent', 'digest', NULL, NULL)");
    const char *event = TELL(.type = "payout.sent", .partner = A("01"), .users = "{" A("11") "," A("12") "}");
    assert_string_equal(ways(), "Olive:email Oscar:email");
    assert_string_equal(site_value(portal, "SELECT count(*) FROM outbox WHERE category IS NULL"), "2"); /* it cannot be unsubscribed from */
    assert_string_equal(site_value(portal, "SELECT count(*) FROM notifications WHERE event_id = %s AND NOT digest", event), "2");
    (void)TELL(.type = "lead.won", .partner = A("01"), .lead = A("21"), .users = "{" A("13") "}");
    assert_string_equal(site_value(portal, "SELECT category || ' ' || thread FROM outbox WHERE user_id = '" A("13") "'"), "lead.won lead-" A("21"));
}

static void quiet_hours_hold_back_what_is_not_urgent(void **state) {
    (void)state;
    /* for Sam it is night from an hour ago until an hour from now, whatever time it is */
    site_sql(portal, "UPDATE users SET timezone = 'Asia/Kolkata', quiet_from = (now() AT TIME ZONE 'Asia/Kolkata' - interval '1 hour')::time,"
                     " quiet_to = (now() AT TIME ZONE 'Asia/Kolkata' + interval '1 hour')::time WHERE id = '" A("13") "'");
    (void)TELL(.type = "lead.won", .partner = A("01"), .lead = A("21"), .users = "{" A("13") "," A("14") "}");
    assert_string_equal(site_value(portal, "SELECT string_agg(split_part(u.name, ' ', 1) || ' ' || round(extract(epoch FROM o.send_at - now()) / 60), ', ' ORDER BY u.name)"
                                           " FROM outbox o JOIN users u ON u.id = o.user_id"),
                        "Sam 60, Sue 0");
    assert_string_equal(site_value(portal, "SELECT count(*) FROM jobs j JOIN outbox o ON o.id = (j.payload ->> 'outbox')::uuid WHERE j.run_at = o.send_at"), "2");
    site_sql(portal, "DELETE FROM outbox");
    (void)TELL(.type = "reminder.due", .partner = A("01"), .lead = A("21"), .users = "{" A("13") "}"); /* urgent */
    assert_string_equal(site_value(portal, "SELECT send_at <= now() FROM outbox"), "t");
    /* one wrong row stops nobody's notifications: a zone that does not exist is read as UTC */
    site_sql(portal, "DELETE FROM outbox; UPDATE users SET timezone = 'Mars/Olympus' WHERE id = '" A("13") "'");
    (void)TELL(.type = "lead.won", .partner = A("01"), .lead = A("21"), .users = "{" A("13") "," A("14") "}");
    assert_string_equal(ways(), "Sam:email Sue:email");
}

/* ── Once ── */

static void again_adds_nothing(void **state) {
    (void)state;
    site_sql(portal, "UPDATE programme SET ops_email = 'ops@tessera.example'");
    browsers_of(C("11"), 1);
    const char *event = TELL(.type = "lead.created", .partner = A("01"), .lead = A("21"));
    const char *before = site_digest(portal);
    assert_string_equal(site_value(portal, "SELECT string_agg(channel || ':' || recipient, ' ' ORDER BY channel) FROM outbox WHERE template = 'ops'"),
                        "email:ops@tessera.example slack:ops");
    fan_out(event);
    assert_string_equal(site_digest(portal), before);
    /* a choice that was made meanwhile doesn't either */
    site_sql(portal, "INSERT INTO notification_choices VALUES ('" C("15") "', 'lead.created', 'now', 'now', 'now')");
    fan_out(event);
    assert_string_equal(site_value(portal, "SELECT count(*) FROM outbox"), "3");
}

static void two_daemons_at_once_tell_once(void **state) {
    (void)state;
    const char *event = add_event(&(struct happening){.type = "lead.won", .partner = A("01"), .lead = A("21")});
    PGconn *other = PQconnectdb(getenv("TESSERA_TEST_JOBS_DATABASE"));
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT app.event_fan_out(%s)", event);
    PQclear(PQexec(other, "BEGIN"));
    PGresult *result = PQexec(other, sql);
    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    PQclear(result);
    assert_int_equal(PQsendQuery(jobs, sql), 1); /* waits for the other */
    PQclear(PQexec(other, "COMMIT"));
    PQfinish(other);
    while ((result = PQgetResult(jobs)) != NULL) {
        assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
        PQclear(result);
    }
    assert_string_equal(heard(event), "Abel Ada Agnes Olive Oscar Sam Sara Sue Val Vic");
    assert_string_equal(site_value(portal, "SELECT count(*) FROM outbox"), "10");
}

static void what_is_gone_is_not_told(void **state) {
    (void)state;
    const char *event = add_event(&(struct happening){.type = "lead.won", .partner = A("01"), .lead = A("21")});
    site_sql(portal, "DELETE FROM events WHERE id = %s", event);
    fan_out(event);
    assert_string_equal(site_value(portal, "SELECT count(*) FROM notifications"), "0");
}

/* ── What is kept of it ── */

static void a_notification_holds_ids_and_no_names(void **state) {
    (void)state;
    const char *event = TELL(.type = "lead.stage", .partner = A("01"), .lead = A("21"), .subject = A("21"), .actor = C("11"));
    assert_string_equal(site_value(portal, "SELECT concat_ws(' ', by_staff, partner_id, lead_id, subject_id, actor_id, href, data) FROM notifications WHERE event_id = %s AND user_id = '" A("13") "'", event),
                        "t " A("01") " " A("21") " " A("21") " " C("11") " /leads {\"to\": \"won\"}");
    event = TELL(.type = "lead.stage", .partner = A("01"), .lead = A("21"), .actor = A("11"));
    assert_string_equal(site_value(portal, "SELECT by_staff FROM notifications WHERE event_id = %s AND user_id = '" A("13") "'", event), "f");
    event = TELL(.type = "lead.stage", .partner = A("01"), .lead = A("21"));
    assert_string_equal(site_value(portal, "SELECT by_staff FROM notifications WHERE event_id = %s AND user_id = '" A("13") "'", event), "f");
}

static void open_pages_are_told(void **state) {
    (void)state;
    PGconn *listener = PQconnectdb(getenv("TESSERA_TEST_DATABASE"));
    PQclear(PQexec(listener, "LISTEN live"));
    (void)TELL(.type = "message.new", .partner = A("01"), .users = "{" A("13") "}");
    site_sql(portal, "UPDATE notifications SET read_at = now() WHERE user_id = '" A("13") "'"); /* and when it is read */
    PQclear(PQexec(listener, "SELECT 1"));
    for (int i = 0; i < 2; i++) {
        PGnotify *word = PQnotifies(listener);
        assert_non_null(word);
        assert_string_equal(word->extra, "user:" A("13") " notifications");
        PQfreemem(word);
    }
    PQfinish(listener);
}

static void a_partnerships_event_says_what_changed(void **state) {
    (void)state;
    site_sql(portal, "UPDATE partners SET tier = 'silver' WHERE id = '" A("01") "'; UPDATE partners SET status = 'suspended' WHERE id = '" A("01") "'");
    assert_string_equal(site_value(portal, "SELECT string_agg(data::text, ' ' ORDER BY id) FROM events WHERE type = 'partner.status'"),
                        "{\"tier_to\": \"silver\", \"tier_from\": \"bronze\"} {\"status_to\": \"suspended\", \"status_from\": \"active\"}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_audience_with_the_permission, begin),
        cmocka_unit_test_setup(whoever_did_it_is_left_out, begin),
        cmocka_unit_test_setup(a_permission_of_ones_own_counts, begin),
        cmocka_unit_test_setup(only_who_may_sign_in, begin),
        cmocka_unit_test_setup(those_who_are_named_must_be_allowed_still, begin),
        cmocka_unit_test_setup(by_default_as_the_catalogue_has_it, begin),
        cmocka_unit_test_setup(each_ones_choice_counts, begin),
        cmocka_unit_test_setup(what_is_mandatory_is_mailed, begin),
        cmocka_unit_test_setup(quiet_hours_hold_back_what_is_not_urgent, begin),
        cmocka_unit_test_setup(again_adds_nothing, begin),
        cmocka_unit_test_setup(two_daemons_at_once_tell_once, begin),
        cmocka_unit_test_setup(what_is_gone_is_not_told, begin),
        cmocka_unit_test_setup(a_notification_holds_ids_and_no_names, begin),
        cmocka_unit_test_setup(open_pages_are_told, begin),
        cmocka_unit_test_setup(a_partnerships_event_says_what_changed, begin),
    };
    return cmocka_run_group_tests_name("db: from an event to notifications", tests, open_all, close_portal);
}
