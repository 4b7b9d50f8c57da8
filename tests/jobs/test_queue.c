/* The queue against a real PostgreSQL: who gets which job, what becomes of a daemon's jobs when it dies, tries, schedules. */
#include "core/text.h"
#include "jobs/queue.h"
#include "tests/support/scratch.h"
#include "tests/support/unit.h"
#include <stdio.h>
#include <stdlib.h>

static PGconn *conn; /* as the owner */

static int worked;
static enum err outcome;

/* Leaves a trace inside the transaction of its job. */
static enum err work_once(struct job *job) {
    worked++;
    params_set(job->params, "kinds", "{test.trace}");
    params_set(job->params, "done", "{1}");
    params_set(job->params, "retried", "{0}");
    params_set(job->params, "died", "{0}");
    enum err err = job_run(job, Q_queue_count);
    return err != OK ? err : job_explain(job, outcome, "because the test says so");
}

static const struct job_kind kinds[] = {
    {.kind = "test.work", .pool = JOB_WORK, .at_once = 3, .tries = 3, .wait = 100, .work = work_once},
    {.kind = "test.other", .pool = JOB_WORK, .at_once = 1, .tries = 1, .wait = 1, .work = work_once},
    {.kind = "test.send", .pool = JOB_SEND, .at_once = 1, .tries = 1, .wait = 1},
};

static struct queue *queue;
static struct arena *arena;
static const int room[] = {3, 1};

static struct queue *open_queue(void) {
    return queue_new(getenv("TESSERA_TEST_JOBS_DATABASE"), 0, kinds, sizeof kinds / sizeof *kinds, JOB_WORK);
}

static int setup(void **state) {
    (void)state;
    scratch_run(conn, "DELETE FROM jobs; DELETE FROM job_counts; DELETE FROM job_schedules; DELETE FROM events");
    queue = open_queue();
    arena = arena_new(1 << 20);
    worked = 0;
    outcome = OK;
    return 0;
}

static int teardown(void **state) {
    (void)state;
    queue_free(queue);
    arena_free(arena);
    return 0;
}

static void add(const char *kind, const char *more) {
    scratch_run(conn, "SELECT app.job_add('%s'%s)", kind, more);
}

static long count(const char *where) {
    return scratch_long(conn, "SELECT count(*) FROM jobs WHERE %s", where);
}

static const struct rows *claim(struct queue *from) {
    const struct rows *rows;
    assert_int_equal(queue_claim(from, arena, room, &rows), OK);
    return rows;
}

/* Claims and works what there is, as a daemon does. */
static size_t work_all(void) {
    struct job jobs[8];
    const struct rows *rows = claim(queue);
    size_t n = rows->nrows;
    assert_true(n <= 8);
    for (size_t i = 0; i < n; i++)
        queue_job(queue, arena, rows, i, &jobs[i]);
    db_reset(queue_db(queue));
    for (size_t i = 0; i < n; i++) {
        queue_work(queue, &jobs[i]);
        db_reset(queue_db(queue));
    }
    return n;
}

/* ── Claiming ── */

static void test_takes_its_kinds_as_many_as_there_is_room_for(void **state) {
    (void)state;
    for (int i = 0; i < 5; i++)
        add("test.work", "");
    add("test.other", "");
    add("test.other", "");
    add("test.send", "");
    const struct rows *rows = claim(queue);
    assert_int_equal(rows->nrows, 4);
    assert_int_equal(count("state = 'running' AND kind = 'test.work'"), 3);
    assert_int_equal(count("state = 'running' AND kind = 'test.other'"), 1);
    assert_int_equal(count("state = 'ready' AND kind = 'test.send'"), 1);
}

static void test_the_urgent_first_then_the_oldest(void **state) {
    (void)state;
    add("test.work", ", '{\"n\": 3}', now() - interval '1 second'");
    add("test.work", ", '{\"n\": 2}', now() - interval '2 seconds'");
    add("test.work", ", '{\"n\": 1}', now(), NULL, 0");
    add("test.work", ", '{\"n\": 4}', now() - interval '1 hour', NULL, 9");
    const struct rows *rows = claim(queue);
    assert_int_equal(rows->nrows, 3);
    for (size_t i = 0; i < 3; i++) {
        char expected[16];
        snprintf(expected, sizeof expected, "{\"n\": %zu}", i + 1);
        assert_string_equal(rows_get(rows, i, "payload"), expected);
    }
}

static void test_what_is_for_later_waits(void **state) {
    (void)state;
    add("test.work", ", '{}', now() + interval '20 seconds'");
    assert_int_equal(claim(queue)->nrows, 0);
    db_reset(queue_db(queue));
    assert_in_range(queue_next_due(queue), 15000, 20000);
    scratch_run(conn, "UPDATE jobs SET run_at = now()");
    assert_int_equal(claim(queue)->nrows, 1);
}

static void test_two_daemons_never_get_the_same(void **state) {
    (void)state;
    struct queue *other = open_queue();
    for (int i = 0; i < 6; i++)
        add("test.work", "");
    assert_int_equal(claim(queue)->nrows, 3);
    assert_int_equal(claim(other)->nrows, 3);
    assert_int_equal(scratch_long(conn, "SELECT count(DISTINCT claimed_by) FROM jobs"), 2);
    assert_int_equal(scratch_long(conn, "SELECT min(n) FROM (SELECT count(*) AS n FROM jobs GROUP BY claimed_by) AS c"), 3);
    queue_free(other);
}

static void test_of_waiting_jobs_only_one_has_a_key(void **state) {
    (void)state;
    add("test.work", ", '{\"n\": 1}', now() + interval '1 hour', 'same'");
    add("test.work", ", '{\"n\": 2}', now(), 'same'");
    assert_int_equal(count("true"), 1);
    assert_int_equal(claim(queue)->nrows, 1); /* and it runs at the earlier of the two times */
    db_reset(queue_db(queue));
    add("test.work", ", '{}', now(), 'same'"); /* something happened while it ran: once more */
    assert_int_equal(count("key = 'same'"), 2);
}

static void test_a_wish_is_gone_with_its_cause(void **state) {
    (void)state;
    scratch_run(conn, "BEGIN; SELECT app.job_add('test.work'); ROLLBACK");
    assert_int_equal(count("true"), 0);
}

/* ── Ending ── */

static void test_work_and_its_end_are_one(void **state) {
    (void)state;
    add("test.work", "");
    assert_int_equal(work_all(), 1);
    assert_int_equal(worked, 1);
    assert_int_equal(count("true"), 0);
    assert_int_equal(scratch_long(conn, "SELECT done FROM job_counts WHERE kind = 'test.trace'"), 1);
}

static void test_a_failure_undoes_the_work_and_comes_again_later(void **state) {
    (void)state;
    add("test.work", "");
    outcome = ERR_INTERNAL;
    work_all();
    assert_int_equal(scratch_long(conn, "SELECT count(*) FROM job_counts WHERE kind = 'test.trace'"), 0);
    assert_string_equal(scratch_text(conn, "SELECT state || attempts || last_error FROM jobs"), "ready1because the test says so");
    assert_in_range(scratch_long(conn, "SELECT extract(epoch FROM run_at - now())::integer FROM jobs"), 49, 100);
    assert_int_equal(work_all(), 0);
}

static void test_after_its_last_try_it_is_put_aside(void **state) {
    (void)state;
    add("test.work", "");
    outcome = ERR_INTERNAL;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(work_all(), 1);
        scratch_run(conn, "UPDATE jobs SET run_at = now() WHERE state = 'ready'");
    }
    assert_int_equal(count("state = 'dead' AND attempts = 3 AND claimed_by IS NULL"), 1);
    assert_int_equal(work_all(), 0);
    assert_int_equal(scratch_long(conn, "SELECT count(*) FROM events WHERE type = 'job.dead'"), 1);
}

static void test_what_can_never_succeed_is_put_aside_at_once(void **state) {
    (void)state;
    add("test.work", "");
    outcome = ERR_NOT_FOUND;
    work_all();
    assert_int_equal(count("state = 'dead' AND attempts = 1"), 1);
}

static void test_counts_are_written(void **state) {
    (void)state;
    add("test.work", "");
    work_all();
    outcome = ERR_INTERNAL;
    add("test.work", "");
    work_all();
    add("test.other", "");
    work_all();
    (void)queue_tick(queue);
    assert_string_equal(scratch_text(conn, "SELECT string_agg(format('%%s %%s %%s %%s', kind, done, retried, died), ', ' ORDER BY kind)"
                                           " FROM job_counts WHERE kind IN ('test.work', 'test.other')"),
                        "test.other 0 0 1, test.work 1 1 0");
}

/* ── Dying ── */

static void test_jobs_of_a_dead_daemon_go_back(void **state) {
    (void)state;
    struct queue *doomed = open_queue();
    add("test.work", "");
    add("test.work", "");
    assert_int_equal(claim(doomed)->nrows, 2);
    (void)queue_tick(queue);
    assert_int_equal(count("state = 'running'"), 2); /* it lives: nobody takes its jobs */
    queue_free(doomed);
    scratch_run(conn, "SELECT pg_stat_clear_snapshot()");
    for (int i = 0; i < 2000 && count("state = 'running'") > 0; i++) /* until the server has noticed */
        (void)queue_tick(queue);
    assert_int_equal(count("state = 'ready' AND attempts = 1"), 2);
    assert_int_equal(work_all(), 2);
}

static void test_who_kills_its_daemon_again_and_again_is_put_aside(void **state) {
    (void)state;
    add("test.work", "");
    scratch_run(conn, "UPDATE jobs SET state = 'running', claimed_by = 2000000000, attempts = 12, crashes = 3");
    (void)queue_tick(queue);
    assert_int_equal(count("state = 'ready'"), 1); /* tries that failed by themselves are no crashes */
    scratch_run(conn, "UPDATE jobs SET state = 'running', claimed_by = 2000000000");
    (void)queue_tick(queue);
    assert_int_equal(count("state = 'dead'"), 1);
}

/* What was claimed together with a job that its daemon dies of gets away from it. */
static void test_after_a_second_crash_jobs_come_back_one_by_one(void **state) {
    (void)state;
    for (int i = 0; i < 5; i++)
        add("test.work", "");
    scratch_run(conn, "UPDATE jobs SET state = 'running', claimed_by = 2000000000, attempts = 1");
    (void)queue_tick(queue);
    assert_int_equal(count("state = 'ready' AND run_at <= now()"), 5); /* a machine may simply have lost its power */
    scratch_run(conn, "UPDATE jobs SET state = 'running', claimed_by = 2000000000, attempts = 2");
    (void)queue_tick(queue);
    assert_int_equal(count("state = 'ready' AND run_at < now() + interval '4 seconds'"), 5);
    assert_int_equal(scratch_long(conn, "SELECT count(DISTINCT run_at - created_at) FROM jobs"), 5);
}

/* One job of a key runs, a second is added and taken as well: when both come back, one is enough. */
static void test_two_of_a_key_that_come_back_are_one(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        add("test.work", ", '{}', now(), 'key'");
        scratch_run(conn, "UPDATE jobs SET state = 'running', claimed_by = 2000000000, attempts = 1");
    }
    (void)queue_tick(queue);
    assert_int_equal(count("state = 'ready'"), 1);
    assert_int_equal(count("true"), 1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(claim(queue)->nrows, 1);
        db_reset(queue_db(queue));
        if (i == 0)
            add("test.work", ", '{}', now(), 'key'");
    }
    queue_return(queue);
    db_reset(queue_db(queue));
    assert_int_equal(count("state = 'ready'"), 1);
    assert_int_equal(count("true"), 1);
}

static long as_admin(const char *call) {
    scratch_run(conn, "SELECT set_config('app.permissions', ' * ', false)");
    return scratch_long(conn, "SELECT %s", call);
}

/* However many of a key were put aside, an admin's wish to try again is no error. */
static void test_of_a_key_one_is_tried_again(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        add("test.work", ", '{}', now(), 'key'");
        scratch_run(conn, "UPDATE jobs SET state = 'dead', crashes = 5 WHERE key = 'key'");
    }
    assert_int_equal(as_admin("app.jobs_retry_dead('test.work')"), 1);
    assert_int_equal(count("key = 'key' AND state = 'ready' AND crashes = 0"), 1);
    assert_int_equal(as_admin("app.job_retry((SELECT id FROM jobs WHERE key = 'key' AND state = 'dead'))::integer"), 1);
    assert_int_equal(count("key = 'key' AND state = 'ready'"), 1);
    assert_int_equal(count("key = 'key'"), 1);
}

/* Whatever a job is about: that it was put aside can be noted. Otherwise it would run for as long as its daemon does. */
static void test_a_job_with_nonsense_in_it_is_put_aside(void **state) {
    (void)state;
    add("send.email", ", '{\"outbox\": \"nonsense\"}'");
    scratch_run(conn, "UPDATE jobs SET state = 'dead'");
    assert_int_equal(count("state = 'dead'"), 1);
}

/* The connection broke while the job was worked on: by then it belongs to somebody else, and what was done is undone. */
static void test_a_lost_claim_does_nothing(void **state) {
    (void)state;
    struct job job;
    add("test.work", "");
    const struct rows *rows = claim(queue);
    queue_job(queue, arena, rows, 0, &job);
    db_reset(queue_db(queue));
    scratch_run(conn, "UPDATE jobs SET claimed_by = 2000000000");
    queue_work(queue, &job);
    db_reset(queue_db(queue));
    assert_int_equal(worked, 1);
    assert_int_equal(scratch_long(conn, "SELECT count(*) FROM job_counts WHERE kind = 'test.trace'"), 0);
    assert_int_equal(count("state = 'running' AND claimed_by = 2000000000"), 1);
}

static void test_leaving_gives_back_what_is_not_begun(void **state) {
    (void)state;
    add("test.work", "");
    add("test.work", ", '{}', now(), 'key'");
    assert_int_equal(claim(queue)->nrows, 2);
    db_reset(queue_db(queue));
    add("test.work", ", '{}', now(), 'key'");
    queue_return(queue);
    assert_int_equal(count("state = 'ready' AND attempts = 0"), 2); /* the one with a key has a successor */
    assert_int_equal(count("true"), 2);
}

/* ── What the daemon's role may do ── */

static void test_the_role_has_functions_and_nothing_else(void **state) {
    (void)state;
    PGconn *jobs = scratch_connect(getenv("TESSERA_TEST_JOBS_DATABASE"));
    static const char *const refused[] = {"SELECT FROM jobs", "SELECT FROM users", "DELETE FROM jobs", "SELECT app.job_add('test.work')",
                                          "SELECT app.event_add('lead.won', NULL, NULL, NULL, '/')", "INSERT INTO outbox DEFAULT VALUES"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_false(scratch_try(jobs, "%s", refused[i]));
    assert_true(scratch_try(jobs, "SELECT app.jobs_next_due('{test.work}')"));
    PQfinish(jobs);
    PGconn *portal = scratch_connect(getenv("TESSERA_TEST_APP_DATABASE"));
    assert_false(scratch_try(portal, "SELECT app.jobs_claim('{test.work}', '{1}')"));
    assert_false(scratch_try(portal, "BEGIN; SET LOCAL ROLE tessera_staff; SELECT app.session_as(gen_random_uuid())"));
    PQfinish(portal);
}

/* ── Schedules ── */

static const char *next(const char *columns, const char *values, const char *after) {
    scratch_run(conn, "DELETE FROM job_schedules; INSERT INTO job_schedules (name, kind, next_at, %s) VALUES ('test.daily', 'test.work', '2026-01-01', %s)", columns, values);
    return scratch_text(conn, "SELECT to_char(app.schedule_next(s, '%s') AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') FROM job_schedules s", after);
}

static void test_a_time_of_day_is_that_of_its_zone(void **state) {
    (void)state;
    assert_string_equal(next("at, timezone", "'08:00', 'Asia/Dubai'", "2026-05-01 03:59:59Z"), "2026-05-01 04:00:00");
    assert_string_equal(next("at, timezone", "'08:00', 'Asia/Dubai'", "2026-05-01 04:00:00Z"), "2026-05-02 04:00:00");
    assert_string_equal(next("at, timezone", "'00:30', 'Asia/Kolkata'", "2026-05-01 18:59:00Z"), "2026-05-01 19:00:00");
}

/* Europe/Berlin: 02:00-03:00 is missing on 2026-03-29 and comes twice on 2026-10-25. */
static void test_changes_of_clocks(void **state) {
    (void)state;
    assert_string_equal(next("at, timezone", "'02:30', 'Europe/Berlin'", "2026-03-28 12:00Z"), "2026-03-29 01:30:00");
    assert_string_equal(next("at, timezone", "'02:30', 'Europe/Berlin'", "2026-03-29 01:30Z"), "2026-03-30 00:30:00");
    assert_string_equal(next("at, timezone", "'02:30', 'Europe/Berlin'", "2026-10-24 12:00Z"), "2026-10-25 01:30:00");
    assert_string_equal(next("at, timezone", "'02:30', 'Europe/Berlin'", "2026-10-25 01:30Z"), "2026-10-26 01:30:00");
    /* every day of a year, once each */
    next("at, timezone", "'02:30', 'Europe/Berlin'", "2026-01-01");
    assert_int_equal(scratch_long(conn, "WITH RECURSIVE t(due) AS (SELECT app.schedule_next(s, '2026-01-01') FROM job_schedules s"
                                        " UNION ALL SELECT app.schedule_next(s, due) FROM t, job_schedules s WHERE due < '2026-12-31 00:00Z')"
                                        " SELECT count(DISTINCT (due AT TIME ZONE 'Europe/Berlin')::date) * 1000 + count(*) FROM t"),
                     365365);
}

static void test_days_of_week_and_month(void **state) {
    (void)state;
    /* 2026-11-24 is a Tuesday */
    assert_string_equal(next("at, weekdays, timezone", "'09:00', '{1,5}', 'UTC'", "2026-11-24 10:00Z"), "2026-11-27 09:00:00");
    assert_string_equal(next("at, weekdays, timezone", "'09:00', '{2}', 'UTC'", "2026-11-24 09:00Z"), "2026-12-01 09:00:00");
    assert_string_equal(next("at, month_day, timezone", "'00:00', 1, 'UTC'", "2026-12-01 00:00Z"), "2027-01-01 00:00:00");
    assert_string_equal(next("at, weekdays, timezone", "'09:00', '{}', 'UTC'", "2026-11-24 10:00Z"), "");
}

static void test_intervals_stay_on_their_grid(void **state) {
    (void)state;
    assert_string_equal(next("every", "'15 minutes'", "2026-01-01 00:00Z"), "2026-01-01 00:15:00");
    assert_string_equal(next("every", "'15 minutes'", "2026-01-01 07:22:13Z"), "2026-01-01 07:30:00");
}

static void test_what_was_missed_comes_once_and_a_clock_set_back_repeats_nothing(void **state) {
    (void)state;
    scratch_run(conn, "INSERT INTO job_schedules (name, kind, every, next_at) VALUES ('test.often', 'test.work', '1 minute', now() - interval '3 hours')");
    (void)queue_tick(queue);
    (void)queue_tick(queue);
    assert_int_equal(count("kind = 'test.work'"), 1);
    assert_int_equal(work_all(), 1);
    /* the clock goes back an hour: for the schedule the same as a next time that is an hour away */
    scratch_run(conn, "UPDATE job_schedules SET next_at = next_at + interval '1 hour'");
    (void)queue_tick(queue);
    assert_int_equal(count("true"), 0);
    assert_int_equal(scratch_long(conn, "SELECT count(*) FROM job_schedules WHERE next_at > now()"), 1);
}

static void test_a_schedule_that_is_off_rests(void **state) {
    (void)state;
    scratch_run(conn, "INSERT INTO job_schedules (name, kind, every, next_at, enabled) VALUES ('test.off', 'test.work', '1 minute', now() - interval '3 hours', false)");
    (void)queue_tick(queue);
    assert_int_equal(count("true"), 0);
}

/* ── However much waits ── */

/* Pages of the database's that one call looks at, once the connection knows its tables. */
static long pages_of(PGconn *who, const char *call) {
    scratch_run(who, "BEGIN; SET LOCAL app.permissions = ' jobs:read '");
    scratch_run(who, "%s", call);
    const char *plan = scratch_text(who, "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON, TIMING OFF) %s", call);
    long pages = 0;
    static const char *const counts[] = {"\"Shared Hit Blocks\": ", "\"Shared Read Blocks\": "};
    for (size_t i = 0; i < 2; i++) {
        const char *at = strstr(plan, counts[i]);
        assert_non_null(at);
        pages += strtol(at + strlen(counts[i]), NULL, 10);
    }
    scratch_run(who, "ROLLBACK");
    return pages;
}

/* Of a kind that has a hundred thousand for later at the same urgency as what is due, and more due at a lesser one. The table has
 * been empty when its statistics were made. */
static void test_a_claim_costs_the_same_however_much_waits(void **state) {
    (void)state;
    scratch_run(conn, "ANALYZE jobs; INSERT INTO jobs (kind, run_at, priority) SELECT 'test.work', now() + n * interval '1 minute', 5 FROM generate_series(1, 100000) AS n");
    scratch_run(conn, "INSERT INTO jobs (kind, run_at, priority) SELECT 'test.work', now() - n * interval '1 second', 7 FROM generate_series(1, 20000) AS n");
    scratch_run(conn, "INSERT INTO jobs (kind, run_at, priority) SELECT 'test.other', now() - n * interval '1 second', 5 FROM generate_series(1, 30000) AS n");
    static const char claiming[] = "SELECT * FROM app.jobs_claim('{test.work,test.send}', '{3,20}')";
    static const char waiting[] = "SELECT app.jobs_next_due('{test.other,test.send}'), app.jobs_next_due('{test.work}')";
    PGconn *daemon = scratch_connect(getenv("TESSERA_TEST_JOBS_DATABASE"));
    for (int i = 0; i < 2; i++) {
        assert_in_range(pages_of(daemon, claiming), 1, 500);
        assert_in_range(pages_of(daemon, waiting), 1, 200);
        assert_in_range(pages_of(conn, "SELECT * FROM app.jobs_figures(100)"), 1, 2000);
        scratch_run(conn, "ANALYZE jobs");
    }
    PQfinish(daemon);
    assert_int_equal(claim(queue)->nrows, 4);
    assert_int_equal(count("state = 'running' AND kind = 'test.work' AND priority = 7 AND run_at < now() - interval '19990 seconds'"), 3);
}

static void test_figures_say_what_there_is_and_where_they_end(void **state) {
    (void)state;
    scratch_run(conn, "INSERT INTO jobs (kind, run_at) SELECT k, now() + n * interval '1 hour' FROM unnest(ARRAY['test.work', 'test.other']) AS k, generate_series(-3, 2) AS n WHERE n <> 0 OR k <> 'test.work'");
    scratch_run(conn, "INSERT INTO jobs (kind, state) SELECT 'test.gone', 'dead' FROM generate_series(1, 12)");
    assert_int_equal(claim(queue)->nrows, 4);
    static const char figures[] = "BEGIN; SET LOCAL app.permissions = '%s'; SELECT string_agg(concat_ws(' ', kind, ready, waiting, running, dead, (extract(epoch FROM now() - oldest_at) / 3600)::integer), ', ' ORDER BY kind)"
                                  " FROM app.jobs_figures(10)";
    assert_string_equal(scratch_text(conn, figures, " jobs:read "), "test.gone 0 0 0 10, test.other 3 2 1 0 2, test.work 0 2 3 0");
    scratch_run(conn, "ROLLBACK");
    assert_string_equal(scratch_text(conn, figures, ""), "");
    scratch_run(conn, "ROLLBACK");
}

/* The row is somebody else's for longer than a statement may take: neither its end nor its failure can be noted. */
static void test_what_cannot_be_noted_is_noted_later(void **state) {
    (void)state;
    queue_free(queue);
    queue = queue_new(getenv("TESSERA_TEST_JOBS_DATABASE"), 1000, kinds, sizeof kinds / sizeof *kinds, JOB_WORK);
    add("test.work", "");
    add("test.work", "");
    const struct rows *rows = claim(queue);
    assert_int_equal(rows->nrows, 2);
    struct job jobs[2];
    for (size_t i = 0; i < 2; i++)
        queue_job(queue, arena, rows, i, &jobs[i]);
    db_reset(queue_db(queue));
    PGconn *other = scratch_connect(getenv("TESSERA_TEST_DATABASE"));
    scratch_run(other, "BEGIN; SELECT FROM jobs FOR UPDATE");
    queue_failed(queue, &jobs[0], "the first", false);
    queue_failed(queue, &jobs[1], "the second", true);
    (void)queue_tick(queue);
    assert_int_equal(count("state = 'running'"), 2);
    scratch_run(other, "ROLLBACK");
    PQfinish(other);
    (void)queue_tick(queue);
    assert_string_equal(scratch_text(conn, "SELECT string_agg(state || ' ' || last_error, ', ' ORDER BY state DESC) FROM jobs"), "ready the first, dead the second");
}

static int open_all(void **state) {
    (void)state;
    conn = scratch_connect(getenv("TESSERA_TEST_DATABASE"));
    return 0;
}

static int close_all(void **state) {
    (void)state;
    PQfinish(conn);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_takes_its_kinds_as_many_as_there_is_room_for),
        TEST(test_the_urgent_first_then_the_oldest),
        TEST(test_what_is_for_later_waits),
        TEST(test_two_daemons_never_get_the_same),
        TEST(test_of_waiting_jobs_only_one_has_a_key),
        TEST(test_a_wish_is_gone_with_its_cause),
        TEST(test_work_and_its_end_are_one),
        TEST(test_a_failure_undoes_the_work_and_comes_again_later),
        TEST(test_after_its_last_try_it_is_put_aside),
        TEST(test_what_can_never_succeed_is_put_aside_at_once),
        TEST(test_counts_are_written),
        TEST(test_jobs_of_a_dead_daemon_go_back),
        TEST(test_who_kills_its_daemon_again_and_again_is_put_aside),
        TEST(test_after_a_second_crash_jobs_come_back_one_by_one),
        TEST(test_two_of_a_key_that_come_back_are_one),
        TEST(test_of_a_key_one_is_tried_again),
        TEST(test_a_job_with_nonsense_in_it_is_put_aside),
        TEST(test_a_lost_claim_does_nothing),
        TEST(test_leaving_gives_back_what_is_not_begun),
        TEST(test_the_role_has_functions_and_nothing_else),
        TEST(test_a_time_of_day_is_that_of_its_zone),
        TEST(test_changes_of_clocks),
        TEST(test_days_of_week_and_month),
        TEST(test_intervals_stay_on_their_grid),
        TEST(test_what_was_missed_comes_once_and_a_clock_set_back_repeats_nothing),
        TEST(test_a_schedule_that_is_off_rests),
        TEST(test_a_claim_costs_the_same_however_much_waits),
        TEST(test_figures_say_what_there_is_and_where_they_end),
        TEST(test_what_cannot_be_noted_is_noted_later),
    };
    return cmocka_run_group_tests_name("queue", tests, open_all, close_all);
}
