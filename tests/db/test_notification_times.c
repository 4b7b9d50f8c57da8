/*
 * When somebody is told: quiet hours by their own clock, also on the days that it is changed; digests once a day at their
 * hour. And through whose eyes: app.session_as().
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
    if (PQtransactionStatus(jobs) != PQTRANS_IDLE)
        PQclear(PQexec(jobs, "ROLLBACK"));
    restore(state);
    site_sql(portal, "DELETE FROM notifications; DELETE FROM outbox; DELETE FROM audit");
    return 0;
}

static void as_daemon(const char *sql) {
    PGresult *result = PQexec(jobs, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(jobs));
    PQclear(result);
}

/* ── Quiet hours ── */

static void quiet_hours_end_by_the_readers_clock(void **state) {
    (void)state;
    static const struct {
        const char *zone, *from, *to, *at, *expected; /* at and expected in UTC */
    } samples[] = {
        {"Asia/Dubai", "22:00", "07:00", "2026-11-24 17:59:59", "2026-11-24 17:59:59"},
        {"Asia/Dubai", "22:00", "07:00", "2026-11-24 18:00:00", "2026-11-25 03:00:00"},
        {"Asia/Dubai", "22:00", "07:00", "2026-11-24 19:00:00", "2026-11-25 03:00:00"},
        {"Asia/Dubai", "22:00", "07:00", "2026-11-24 22:00:00", "2026-11-25 03:00:00"}, /* past their midnight */
        {"Asia/Dubai", "22:00", "07:00", "2026-11-25 03:00:00", "2026-11-25 03:00:00"},
        {"Asia/Kolkata", "12:00", "14:00", "2026-11-24 07:30:00", "2026-11-24 08:30:00"},
        {"Asia/Kolkata", "12:00", "14:00", "2026-11-24 09:00:00", "2026-11-24 09:00:00"},
        {"Asia/Kathmandu", "00:00", "06:00", "2026-11-24 18:15:00", "2026-11-25 00:15:00"},
        {"Asia/Kathmandu", "18:00", "00:00", "2026-11-24 18:14:00", "2026-11-24 18:15:00"},
        {"Pacific/Kiritimati", "22:00", "07:00", "2026-12-31 09:00:00", "2026-12-31 17:00:00"},
        {"Asia/Dubai", "08:00", "08:00", "2026-11-24 04:00:00", "2026-11-24 04:00:00"}, /* none at all */
        /* a night that is an hour shorter, an hour longer */
        {"Europe/Berlin", "22:00", "06:00", "2026-03-28 23:00:00", "2026-03-29 04:00:00"},
        {"Europe/Berlin", "22:00", "06:00", "2026-10-24 21:00:00", "2026-10-25 05:00:00"},
        {"America/New_York", "22:00", "06:00", "2026-03-08 05:00:00", "2026-03-08 10:00:00"},
        {"Australia/Sydney", "22:00", "06:00", "2026-10-03 13:00:00", "2026-10-03 19:00:00"},
        {"Australia/Sydney", "22:00", "06:00", "2026-04-04 12:00:00", "2026-04-04 20:00:00"},
        /* an end that the clock never shows is as much later */
        {"Europe/Berlin", "22:00", "02:30", "2026-03-29 00:30:00", "2026-03-29 01:30:00"},
        {"Asia/Beirut", "22:00", "00:30", "2026-03-28 21:30:00", "2026-03-28 22:30:00"},
        /* and one that it shows twice is the second */
        {"Europe/Berlin", "22:00", "02:30", "2026-10-25 00:15:00", "2026-10-25 01:30:00"},
        {"Europe/Berlin", "22:00", "02:30", "2026-10-25 01:15:00", "2026-10-25 01:30:00"},
        {"America/New_York", "22:00", "01:30", "2026-11-01 05:10:00", "2026-11-01 06:30:00"},
        {"Europe/Dublin", "22:00", "01:30", "2026-10-25 00:10:00", "2026-10-25 01:30:00"}, /* whose winter is its summer time, to the database */
        {"Europe/Dublin", "22:00", "01:30", "2026-10-25 01:10:00", "2026-10-25 01:30:00"},
        {"Australia/Lord_Howe", "22:00", "01:45", "2026-04-04 14:40:00", "2026-04-04 15:15:00"}, /* half an hour */
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        site_sql(portal, "UPDATE users SET timezone = '%s', quiet_from = '%s', quiet_to = '%s' WHERE id = '" A("13") "'", samples[i].zone, samples[i].from,
                 samples[i].to);
        const char *end = site_value(portal,
                                     "SELECT to_char(app.quiet_end(u, '%s+00') AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') FROM users u WHERE id = '" A("13") "'",
                                     samples[i].at);
        if (strcmp(end, samples[i].expected) != 0)
            fail_msg("%s, quiet from %s to %s, at %s: %s, expected %s", samples[i].zone, samples[i].from, samples[i].to, samples[i].at, end,
                     samples[i].expected);
    }
}

/* The rule that matters, for every quarter of an hour of two days around each change: whatever waits is sent at a time that
 * is not quiet, never before it happened, and within a day. */
static void no_quarter_of_an_hour_is_lost(void **state) {
    (void)state;
    static const char *const zones[] = {"Europe/Berlin", "Europe/Dublin", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut", "Asia/Kathmandu"};
    static const char *const quiet[] = {"'22:00', '07:00'", "'23:30', '01:30'", "'00:00', '02:30'", "'02:15', '02:45'", "'12:00', '10:00'"};
    for (size_t z = 0; z < sizeof zones / sizeof *zones; z++)
        for (size_t q = 0; q < sizeof quiet / sizeof *quiet; q++) {
            site_sql(portal, "UPDATE users SET timezone = '%s', (quiet_from, quiet_to) = (%s) WHERE id = '" A("13") "'", zones[z], quiet[q]);
            const char *wrong = site_value(
                portal,
                "SELECT t FROM users u, unnest(ARRAY['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01']::date[]) AS day,"
                " generate_series(day - interval '1 day', day + interval '1 day', '15 minutes') AS t, LATERAL app.quiet_end(u, t) AS e"
                " WHERE u.id = '" A("13") "' AND (e < t OR e > t + interval '26 hours' OR app.quiet_end(u, e) <> e) LIMIT 1");
            if (wrong)
                fail_msg("%s, quiet %s, at %s", zones[z], quiet[q], wrong);
        }
}

/* ── Digests ── */

/* Something that waits for a user's digest since `ago`. */
static void waits(const char *user, const char *type, const char *ago) {
    site_sql(portal, "INSERT INTO notifications (user_id, type, at, href, digest) VALUES ('%s', '%s', now() - interval '%s', '/leads', true)", user, type, ago);
}

static void hour_of(const char *user, const char *zone, const char *from_now) {
    site_sql(portal,
             "UPDATE users SET timezone = '%s', digest_on = NULL, digest_at = (now() AT TIME ZONE '%s' + interval '%s')::time WHERE id = '%s'", zone, zone, from_now,
             user);
}

/* "Sam:2 Sue:1": how many stand in the digests that were made. */
static const char *digests(void) {
    as_daemon("SELECT app.digests_make()");
    const char *made = site_value(portal, "SELECT string_agg(split_part(u.name, ' ', 1) || ':' || jsonb_array_length(o.data -> 'notifications'), ' ' ORDER BY u.name, o.created_at)"
                                          " FROM outbox o JOIN users u ON u.id = o.user_id WHERE o.template = 'digest'");
    return made ? made : "";
}

static void once_a_day_at_ones_hour(void **state) {
    (void)state;
    hour_of(A("13"), "Asia/Dubai", "-5 minutes");
    waits(A("13"), "lead.stage", "1 hour");
    waits(A("13"), "lead.stage", "2 hours");
    hour_of(A("14"), "Asia/Dubai", "5 minutes");
    waits(A("14"), "lead.stage", "1 hour"); /* her hour is still to come */
    assert_string_equal(digests(), "Sam:2");
    assert_string_equal(site_value(portal, "SELECT count(*) FROM notifications WHERE digest AND user_id = '" A("13") "'"), "0");
    assert_string_equal(digests(), "Sam:2");
    /* what comes later the same day waits for the next */
    waits(A("13"), "lead.stage", "1 minute");
    assert_string_equal(digests(), "Sam:2");
    site_sql(portal, "UPDATE users SET digest_on = digest_on - 1 WHERE id = '" A("13") "'; UPDATE notifications SET at = at - interval '1 hour'");
    assert_string_equal(digests(), "Sam:2 Sam:1");
    /* that one was made is no change to a person */
    assert_string_equal(site_value(portal, "SELECT count(*) FROM audit WHERE action = 'users.update' AND details ? 'digest_on'"), "0");
}

static void what_comes_after_ones_hour_waits_for_the_next(void **state) {
    (void)state;
    hour_of(A("13"), "Asia/Dubai", "-5 minutes");
    waits(A("13"), "lead.stage", "1 minute");
    assert_string_equal(digests(), "");
    assert_string_equal(site_value(portal, "SELECT count(*) FROM notifications WHERE digest"), "1");
}

static void an_hour_that_was_missed_is_made_up_for(void **state) {
    (void)state;
    hour_of(A("13"), "Asia/Dubai", "5 minutes"); /* yesterday's was missed */
    waits(A("13"), "lead.stage", "2 days");
    assert_string_equal(digests(), "Sam:1");
    /* one that lies just before midnight, while it is past midnight there now */
    const char *zone = site_value(portal, "SELECT CASE WHEN h <= 12 THEN 'Etc/GMT+' || h ELSE 'Etc/GMT-' || 24 - h END FROM (SELECT extract(hour FROM now() AT TIME ZONE 'UTC')::int AS h) AS x");
    site_sql(portal, "UPDATE users SET timezone = '%s', digest_at = '23:59', digest_on = NULL WHERE id = '" A("14") "'", zone);
    waits(A("14"), "lead.stage", "2 hours");
    assert_string_equal(digests(), "Sam:1 Sue:1");
}

static void everybody_by_their_own_clock(void **state) {
    (void)state;
    static const struct {
        const char *user, *zone;
    } people[] = {{A("11"), "Pacific/Kiritimati"}, {A("12"), "Pacific/Honolulu"}, {A("13"), "Asia/Kathmandu"}, {A("14"), "Mars/Olympus"}};
    for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
        hour_of(people[i].user, i == 3 ? "UTC" : people[i].zone, "-5 minutes");
        waits(people[i].user, "lead.stage", "1 hour");
    }
    site_sql(portal, "UPDATE users SET timezone = 'Mars/Olympus' WHERE id = '" A("14") "'"); /* read as UTC, and stops nobody else */
    assert_string_equal(digests(), "Olive:1 Oscar:1 Sam:1 Sue:1");
    /* who flies from the first day of the world to its last has had today's already */
    site_sql(portal, "UPDATE users SET timezone = 'Pacific/Honolulu', digest_at = (now() AT TIME ZONE 'Pacific/Honolulu' - interval '5 minutes')::time WHERE id = '" A("11") "'");
    waits(A("11"), "lead.stage", "1 hour");
    assert_string_equal(digests(), "Olive:1 Oscar:1 Sam:1 Sue:1");
}

static void what_no_longer_matters_is_left_out(void **state) {
    (void)state;
    static const char *const people[] = {A("11"), A("13"), A("14"), A("15"), A("18"), B("11")};
    for (size_t i = 0; i < sizeof people / sizeof *people; i++) {
        hour_of(people[i], "Asia/Dubai", "-5 minutes");
        waits(people[i], "lead.stage", "1 hour");
        waits(people[i], "commission.state", "1 hour");
    }
    site_sql(portal, "UPDATE notifications SET read_at = now() WHERE user_id = '" A("13") "' AND type = 'lead.stage';" /* read */
                     "INSERT INTO notification_choices VALUES ('" A("14") "', 'lead.stage', 'off', NULL, NULL), ('" A("14") "', 'commission.state', 'off', NULL, NULL);"
                     "INSERT INTO user_permissions VALUES ('" A("15") "', 'leads:read', false);"
                     "UPDATE partners SET status = 'inactive' WHERE id = '" B("01") "'");
    /* Sue switched all of it off; Dan is disabled, Zebulon gone: theirs keep waiting */
    assert_string_equal(digests(), "Olive:2 Sam:1 Vic:1");
    assert_string_equal(site_value(portal, "SELECT count(*) FROM notifications WHERE digest"), "4");
}

static void two_daemons_make_one_digest(void **state) {
    (void)state;
    hour_of(A("13"), "Asia/Dubai", "-5 minutes");
    waits(A("13"), "lead.stage", "1 hour");
    PGconn *other = PQconnectdb(getenv("TESSERA_TEST_JOBS_DATABASE"));
    PQclear(PQexec(other, "BEGIN"));
    PGresult *result = PQexec(other, "SELECT app.digests_make()");
    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    PQclear(result);
    as_daemon("SELECT app.digests_make()"); /* does not even wait */
    PQclear(PQexec(other, "COMMIT"));
    PQfinish(other);
    assert_string_equal(digests(), "Sam:1");
}

/* ── Through whose eyes ── */

static const char *seen_as(const char *role, const char *user, const char *question) {
    static char answer[256];
    char sql[512];
    as_daemon("BEGIN");
    snprintf(sql, sizeof sql, "SELECT set_config('role', '%s', true)", role);
    as_daemon(sql);
    snprintf(sql, sizeof sql, "SELECT app.session_as('%s')", user);
    as_daemon(sql);
    PGresult *result = PQexec(jobs, question);
    snprintf(answer, sizeof answer, "%s", PQresultStatus(result) == PGRES_TUPLES_OK ? PQgetvalue(result, 0, 0) : PQresultErrorField(result, PG_DIAG_SQLSTATE));
    PQclear(result);
    as_daemon("ROLLBACK");
    return answer;
}

static void the_daemon_sees_what_its_reader_may(void **state) {
    (void)state;
    static const char whose[] = "SELECT string_agg(DISTINCT split_part(client_name, ' ', 1), ' ') FROM leads";
    assert_string_equal(seen_as("tessera_partner", A("13"), whose), "Alder");
    assert_string_equal(seen_as("tessera_partner", B("13"), whose), "Zebulon");
    assert_string_equal(seen_as("tessera_staff", C("11"), whose), "Alder Zebulon");
    assert_string_equal(seen_as("tessera_staff", C("12"), whose), ""); /* finance */
    assert_string_equal(seen_as("tessera_partner", A("13"), "SELECT staff_notes FROM leads"), "42501");
    /* a disabled account and an inactive partner's are nobody */
    assert_string_equal(seen_as("tessera_partner", A("18"), "SELECT coalesce(app.user_id()::text, 'nobody')"), "nobody");
    site_sql(portal, "UPDATE partners SET status = 'inactive' WHERE id = '" B("01") "'");
    assert_string_equal(seen_as("tessera_partner", B("13"), "SELECT coalesce(app.user_id()::text, 'nobody') || count(*) FROM leads"), "nobody0");
}

static void nobody_but_the_daemon_takes_a_place(void **state) {
    (void)state;
    static const char *const roles[] = {"tessera_visitor", "tessera_partner", "tessera_staff"};
    PGconn *app = PQconnectdb(getenv("TESSERA_TEST_APP_DATABASE"));
    for (size_t i = 0; i < 3; i++) {
        char sql[160];
        snprintf(sql, sizeof sql, "BEGIN; SELECT set_config('role', '%s', true)", roles[i]);
        PQclear(PQexec(app, sql));
        PGresult *result = PQexec(app, "SELECT app.session_as('" C("14") "')");
        assert_string_equal(PQresultErrorField(result, PG_DIAG_SQLSTATE), "TS403");
        PQclear(result);
        PQclear(PQexec(app, "ROLLBACK"));
    }
    PQfinish(app);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(quiet_hours_end_by_the_readers_clock, begin),
        cmocka_unit_test_setup(no_quarter_of_an_hour_is_lost, begin),
        cmocka_unit_test_setup(once_a_day_at_ones_hour, begin),
        cmocka_unit_test_setup(what_comes_after_ones_hour_waits_for_the_next, begin),
        cmocka_unit_test_setup(an_hour_that_was_missed_is_made_up_for, begin),
        cmocka_unit_test_setup(everybody_by_their_own_clock, begin),
        cmocka_unit_test_setup(what_no_longer_matters_is_left_out, begin),
        cmocka_unit_test_setup(two_daemons_make_one_digest, begin),
        cmocka_unit_test_setup(the_daemon_sees_what_its_reader_may, begin),
        cmocka_unit_test_setup(nobody_but_the_daemon_takes_a_place, begin),
    };
    return cmocka_run_group_tests_name("db: when and through whose eyes", tests, open_all, close_portal);
}
