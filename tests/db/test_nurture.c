/* Who is taken into a nurture sequence, what each step writes, and what ends it. */
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include <libpq-fe.h>
#include <stdlib.h>

static PGconn *jobs; /* the daemon's */

static int open_all(void **state) {
    open_portal(state);
    jobs = site_daemon(portal);
    return 0;
}

/* The world's sequence is on, and nobody is in it. */
static int begin(void **state) {
    restore(state);
    site_sql(portal, "DELETE FROM enrolments; DELETE FROM outbox; DELETE FROM jobs; UPDATE sequences SET enabled = id = '" C("96") "'");
    return 0;
}

static void add_lead(const char *more, const char *values) {
    site_sql(portal, "INSERT INTO leads (id, partner_id, client_name, client_email, currency, consent_at%s)"
                     " VALUES ('" A("77") "', '" A("01") "', 'Nina {{partner}} New', 'nina@client.example', 'AED', now()%s)", more, values);
}

/* As the daemon does it, at the time when it is due. */
static void take_step(void) {
    site_sql(portal, "UPDATE enrolments SET next_at = now() WHERE next_at IS NOT NULL; DELETE FROM jobs WHERE kind = 'nurture.step'");
    const char *id = site_value(portal, "SELECT id FROM enrolments WHERE lead_id = '" A("77") "'");
    assert_non_null(id);
    const char *const values[] = {id};
    PGresult *result = PQexecParams(jobs, "SELECT app.nurture_step($1)", 1, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        fail_msg("%s", PQerrorMessage(jobs));
    PQclear(result);
}

static void assert_ended(const char *why, const char *mails) {
    assert_value(why, "SELECT why FROM enrolments");
    assert_value(mails, "SELECT count(*) FROM outbox WHERE template = 'nurture'");
    assert_value("0", "SELECT count(*) FROM jobs WHERE kind = 'nurture.step'");
    assert_value("0", "SELECT running FROM rollup_sequence WHERE sequence_id = '" C("96") "'");
}

static void step_by_step_to_the_end(void **state) {
    (void)state;
    add_lead("", "");
    assert_value("24", "SELECT round(extract(epoch FROM run_at - now()) / 3600) FROM jobs WHERE kind = 'nurture.step'");
    take_step();
    assert_value("Welcome, Nina {{partner}} New", "SELECT subject FROM outbox"); /* what a name holds is not read as one */
    assert_value("Alder Homes told us of you.", "SELECT body FROM outbox");
    assert_value("nina@client.example nurture waiting", "SELECT recipient || ' ' || category || ' ' || state FROM outbox");
    assert_value("48", "SELECT round(extract(epoch FROM run_at - now()) / 3600) FROM jobs WHERE kind = 'nurture.step'");
    take_step();
    assert_ended("finished", "2");
    assert_value("2", "SELECT count(DISTINCT subject) FROM outbox");
    assert_value("1", "SELECT count(DISTINCT thread) FROM outbox");
    assert_value("1 2", "SELECT enrolled || ' ' || mails FROM rollup_sequence WHERE sequence_id = '" C("96") "'");
    take_step(); /* a job that comes twice */
    assert_ended("finished", "2");
}

static void too_early_writes_nothing(void **state) {
    (void)state;
    add_lead("", "");
    const char *id = site_value(portal, "SELECT id FROM enrolments");
    const char *const values[] = {id};
    PQclear(PQexecParams(jobs, "SELECT app.nurture_step($1)", 1, NULL, values, NULL, NULL, 0));
    assert_value("0", "SELECT count(*) FROM outbox WHERE template = 'nurture'");
    assert_value("1", "SELECT count(*) FROM jobs WHERE kind = 'nurture.step'");
}

static void who_is_taken_in(void **state) {
    (void)state;
    site_sql(portal, "INSERT INTO leads (partner_id, client_name, client_phone, currency, consent_at) VALUES ('" A("01") "', 'No mail', '+971501', 'AED', now());"
                     "INSERT INTO leads (partner_id, client_name, client_email, currency) VALUES ('" A("01") "', 'No consent', 'a@b.example', 'AED');"
                     "INSERT INTO leads (partner_id, client_name, client_email, currency, consent_at, stage) VALUES ('" A("01") "', 'Far already', 'a@b.example', 'AED', now(), 'active');"
                     "UPDATE sequences SET partner_type = 'developer'");
    add_lead("", "");
    assert_value("0", "SELECT count(*) FROM enrolments");
    site_sql(portal, "DELETE FROM leads WHERE id = '" A("77") "'; UPDATE sequences SET partner_type = 'channel', source = 'event'");
    add_lead(", source", ", 'website'");
    assert_value("0", "SELECT count(*) FROM enrolments");
    site_sql(portal, "DELETE FROM leads WHERE id = '" A("77") "'");
    add_lead(", source", ", 'event'");
    assert_value("1", "SELECT count(*) FROM enrolments");
}

static void the_closest_sequence_takes_it(void **state) {
    (void)state;
    site_sql(portal, "UPDATE sequences SET enabled = true, partner_type = CASE WHEN id = '" C("97") "' THEN 'channel' END;"
                     "INSERT INTO sequence_steps (sequence_id, position, wait_hours, subject, body) VALUES ('" C("97") "', 1, 0, 'Closer', 'Text')");
    add_lead("", "");
    assert_value(C("97"), "SELECT sequence_id FROM enrolments");
}

/* One without a step has nothing to say: the next closest one takes the lead. Who deletes the last step switches it off. */
static void nothing_to_say_takes_nobody(void **state) {
    (void)state;
    site_sql(portal, "UPDATE sequences SET enabled = true, partner_type = CASE WHEN id = '" C("97") "' THEN 'channel' END");
    add_lead("", "");
    assert_value(C("96"), "SELECT sequence_id FROM enrolments");
    site_sql(portal, "DELETE FROM sequence_steps WHERE sequence_id = '" C("96") "' AND position = 1");
    assert_value("t", "SELECT enabled FROM sequences WHERE id = '" C("96") "'");
    site_sql(portal, "DELETE FROM sequence_steps WHERE sequence_id = '" C("96") "'");
    assert_value("f", "SELECT enabled FROM sequences WHERE id = '" C("96") "'");
}

/* Many at once: each has its job. */
static void a_whole_file_is_taken_in(void **state) {
    (void)state;
    site_sql(portal, "INSERT INTO leads (partner_id, client_name, client_email, currency, consent_at)"
                     " SELECT CASE WHEN mod(n, 2) = 0 THEN '" A("01") "' ELSE '" B("01") "' END::uuid, 'Client ' || n, 'c' || n || '@client.example', 'AED', now() FROM generate_series(1, 50) AS n");
    assert_value("50", "SELECT count(*) FROM enrolments e JOIN leads l ON l.id = e.lead_id AND l.partner_id = e.partner_id"
                       " JOIN jobs j ON j.key = 'nurture:' || e.id AND j.run_at = e.next_at AND j.payload ->> 'enrolment' = e.id::text AND j.priority = 7");
    assert_value("50 50", "SELECT enrolled || ' ' || running FROM rollup_sequence WHERE sequence_id = '" C("96") "'");
}

/* Who is suspended may come back: the sequence waits, and what was written does not leave meanwhile. */
static void a_suspended_partner_writes_nothing(void **state) {
    (void)state;
    add_lead("", "");
    take_step();
    site_sql(portal, "UPDATE partners SET status = 'suspended' WHERE id = '" A("01") "'");
    take_step();
    assert_value("1", "SELECT count(*) FROM outbox WHERE template = 'nurture'");
    assert_value("24", "SELECT round(extract(epoch FROM next_at - now()) / 3600) FROM enrolments WHERE ended_at IS NULL");
    assert_value("24", "SELECT round(extract(epoch FROM run_at - now()) / 3600) FROM jobs WHERE kind = 'nurture.step'");
    site_sql(portal, "UPDATE partners SET status = 'active' WHERE id = '" A("01") "'");
    take_step();
    assert_ended("finished", "2");
}

static void what_ends_it(void **state) {
    static const struct {
        const char *happens, *why;
    } ends[] = {
        {"UPDATE leads SET stage = 'active' WHERE id = '" A("77") "'", "stage"},
        {"UPDATE leads SET stage = 'dormant' WHERE id = '" A("77") "'", "stage"},
        {"UPDATE leads SET stage = 'lost', closed_at = now() WHERE id = '" A("77") "'", "stage"},
        {"UPDATE leads SET stage = 'declined' WHERE id = '" A("77") "'", "declined"},
        {"UPDATE leads SET consent_at = NULL WHERE id = '" A("77") "'", "no_consent"},
        {"UPDATE leads SET client_email = NULL, client_phone = '+97150' WHERE id = '" A("77") "'", "no_consent"},
        {"SELECT app.suppress('email', 'Nina@Client.example', 'unsubscribe', '', 'link')", "unsubscribed"},
        {"DELETE FROM sequence_steps WHERE position = 2", "finished"},
        {"UPDATE partners SET status = 'inactive' WHERE id = '" A("01") "'", "partner_left"},
    };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        begin(state);
        add_lead("", "");
        take_step();
        site_sql(portal, "%s", ends[i].happens);
        take_step();
        assert_ended(ends[i].why, "1");
    }
}

/* The mail server was away when the step was written; what becomes of it when it is back. */
static void assert_waiting(const char *verdict) {
    const char *id = site_value(portal, "SELECT id FROM outbox WHERE template = 'nurture'");
    const char *const values[] = {id};
    PGresult *result = PQexecParams(jobs, "SELECT verdict FROM app.outbox_open($1)", 1, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        fail_msg("%s", PQerrorMessage(jobs));
    assert_string_equal(PQgetvalue(result, 0, 0), verdict);
    PQclear(result);
}

static void what_waits_is_called_back(void **state) {
    static const char *const happens[] = {
        "UPDATE leads SET stage = 'declined' WHERE id = '" A("77") "'",
        "UPDATE leads SET stage = 'active' WHERE id = '" A("77") "'",
        "UPDATE leads SET consent_at = NULL WHERE id = '" A("77") "'",
        "UPDATE leads SET client_email = 'other@client.example' WHERE id = '" A("77") "'",
        "DELETE FROM leads WHERE id = '" A("77") "'",
        "UPDATE partners SET status = 'suspended' WHERE id = '" A("01") "'",
        "UPDATE partners SET status = 'inactive' WHERE id = '" A("01") "'",
    };
    for (size_t i = 0; i < sizeof happens / sizeof *happens; i++) {
        begin(state);
        add_lead("", "");
        take_step();
        assert_waiting("send");
        site_sql(portal, "%s", happens[i]);
        assert_waiting("cancelled");
    }
    begin(state); /* its last step is no reason */
    add_lead("", "");
    site_sql(portal, "DELETE FROM sequence_steps WHERE position = 2");
    take_step();
    assert_ended("finished", "1");
    assert_waiting("send");
}

static void moved_steps_come_once_each(void **state) {
    (void)state;
    add_lead("", "");
    take_step();
    site_sql(portal, "UPDATE sequence_steps SET position = 3 - position WHERE sequence_id = '" C("96") "'");
    take_step();
    assert_value("2", "SELECT count(DISTINCT data ->> 'step') FROM outbox");
    assert_ended("finished", "2");
}

static void staff_end_it_for_one_client(void **state) {
    (void)state;
    add_lead("", "");
    take_step();
    assert_int_equal(SITE_POST(portal, OWNER, "/leads/" A("77") "/nurture/end", "")->status, 404);
    assert_int_equal(SITE_POST(portal, AGENT, "/leads/" A("77") "/nurture/end", "")->status, 303);
    assert_ended("stopped", "1");
    assert_value("cancelled", "SELECT state FROM outbox");
    assert_contains(SITE_GET(portal, AGENT, "/leads/" A("77"))->body, "Ended by staff");
    assert_lacks(SITE_GET(portal, OWNER, "/leads/" A("77"))->body, "Ended by staff");
}

static void pages_say_what_is_wrong(void **state) {
    (void)state;
    assert_int_equal(SITE_POST(portal, AGENT, "/admin/sequences/" C("97") "/switch", "enabled=true")->status, 422);
    assert_contains(SITE_POST(portal, AGENT, "/admin/sequences/" C("97") "/switch", "enabled=true")->body, "Write a step first");
    add_lead("", "");
    assert_contains(SITE_POST(portal, AGENT, "/admin/sequences/" C("96") "/delete", "")->body, "stays as a record");
    assert_contains(SITE_POST(portal, AGENT, "/admin/sequences/new", "name=Welcome&stop_stage=active")->body, "of this name already");
    assert_contains(SITE_GET(portal, AGENT, "/admin/sequences/" C("96"))->body, "Welcome, Maria Sample");
    assert_int_equal(SITE_POST(portal, AGENT, "/admin/sequences/" C("96") "/steps/" C("99") "/try", "")->status, 303);
    assert_value("agent@staff.example", "SELECT recipient FROM outbox WHERE template = 'nurture'");
    assert_int_equal(SITE_POST(portal, AGENT, "/admin/sequences/" C("96") "/steps/" C("99") "/move", "")->status, 303);
    assert_value(C("99"), "SELECT id FROM sequence_steps WHERE sequence_id = '" C("96") "' ORDER BY position LIMIT 1");
}

/* What somebody else wrote over, or took away, is found and put right, and nothing is where nothing is wrong. */
static void totals_are_recounted(void **state) {
    (void)state;
    static const char *const wrongs[] = {
        "DELETE FROM rollup_sequence",
        "UPDATE rollup_sequence SET enrolled = enrolled + 1",
        "UPDATE rollup_sequence SET running = 0",
        "UPDATE rollup_sequence SET mails = mails + 7",
        "INSERT INTO rollup_sequence SELECT id, 1, 1, 1 FROM sequences ON CONFLICT DO NOTHING",
    };
    add_lead("", "");
    take_step();
    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        assert_value("0", "SELECT count(*) FROM app.rollup_sequence_differences()");
        site_sql(portal, "%s", wrongs[i]);
        if (!strcmp("0", site_value(portal, "SELECT count(*) FROM app.rollup_sequence_differences()")))
            fail_msg("not found: %s", wrongs[i]);
        site_sql(portal, "SELECT app.rollup_sequence_repair()");
    }
    assert_value("0", "SELECT count(*) FROM app.rollup_sequence_differences()");
    assert_value("1 1 1", "SELECT enrolled || ' ' || running || ' ' || mails FROM rollup_sequence WHERE sequence_id = '" C("96") "'");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(step_by_step_to_the_end, begin),
        cmocka_unit_test_setup(too_early_writes_nothing, begin),
        cmocka_unit_test_setup(who_is_taken_in, begin),
        cmocka_unit_test_setup(the_closest_sequence_takes_it, begin),
        cmocka_unit_test_setup(nothing_to_say_takes_nobody, begin),
        cmocka_unit_test_setup(a_whole_file_is_taken_in, begin),
        cmocka_unit_test_setup(a_suspended_partner_writes_nothing, begin),
        cmocka_unit_test_setup(what_ends_it, begin),
        cmocka_unit_test_setup(what_waits_is_called_back, begin),
        cmocka_unit_test_setup(moved_steps_come_once_each, begin),
        cmocka_unit_test_setup(staff_end_it_for_one_client, begin),
        cmocka_unit_test_setup(pages_say_what_is_wrong, begin),
        cmocka_unit_test_setup(totals_are_recounted, begin),
    };
    return cmocka_run_group_tests_name("nurture", tests, open_all, close_portal);
}
