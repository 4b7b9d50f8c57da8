/* Scores of leads: what makes them stale, who judges them, and who sees them. */
#include "app/job_kinds.h"
#include "core/text.h"
#include "jobs/queue.h"
#include "tests/support/site.h"
#include "tests/support/unit.h"
#include <stdlib.h>

static struct site_portal *portal;
static struct queue *queue;
static struct arena *jobs_arena;
static const struct job_kind *kind;

static int setup(void **state) {
    (void)state;
    portal = site_open();
    for (size_t i = 0; i < job_kinds_count; i++)
        if (text_equal(job_kinds[i].kind, "scores.make"))
            kind = &job_kinds[i];
    assert_non_null(kind);
    jobs_arena = arena_new(64 << 20);
    queue = queue_new(getenv("TESSERA_TEST_JOBS_DATABASE"), 0, kind, 1, JOB_WORK);
    return 0;
}

static int restore(void **state) {
    (void)state;
    site_restore(portal);
    site_sql(portal, "DELETE FROM jobs; DELETE FROM lead_scores; DELETE FROM score_models");
    return 0;
}

static int teardown(void **state) {
    (void)state;
    queue_free(queue);
    arena_free(jobs_arena);
    site_close(portal);
    return 0;
}

/* Until there is nothing to do; how many jobs there were. */
static long work(void) {
    static const int room[] = {1};
    const struct rows *rows;
    for (long done = 0;; done++) {
        assert_int_equal(queue_claim(queue, jobs_arena, room, &rows), OK);
        if (rows->nrows == 0)
            return done;
        struct job job;
        queue_job(queue, jobs_arena, rows, 0, &job);
        db_reset(queue_db(queue));
        job.arena = jobs_arena;
        job.config = site_config(portal);
        queue_work(queue, &job);
        db_reset(queue_db(queue));
        arena_reset(jobs_arena);
    }
}

static const char *score_of(const char *lead) {
    return site_value(portal, "SELECT concat_ws(' ', score, stale, model) FROM lead_scores WHERE lead_id = '%s'", lead);
}

static void judged_when_it_comes_and_when_it_changes(void **state) {
    (void)state;
    site_sql(portal, "INSERT INTO leads (id, partner_id, client_name, client_email, source, currency) "
                     "VALUES ('" A("f1") "', '" A("01") "', 'Paula', 'paula@score.example', 'email', 'AED')");
    assert_string_equal(score_of(A("f1")), "t");
    assert_int_equal(work(), 1);
    assert_string_equal(score_of(A("f1")), "19 f"); /* address 6, mail 7, a new partner 6 */
    site_sql(portal, "UPDATE leads SET stage = 'intake', staff_notes = 'x', temperature = 'hot', estimated_value = 5 WHERE id = '" A("f1") "'");
    assert_string_equal(score_of(A("f1")), "19 f"); /* how far it is says nothing */
    assert_int_equal(work(), 0);
    site_sql(portal, "UPDATE leads SET financing = 'cash', client_phone = '050 1' WHERE id = '" A("f1") "'");
    assert_string_equal(score_of(A("f1")), "19 t");
    assert_int_equal(work(), 1);
    assert_string_equal(score_of(A("f1")), "39 f");
    assert_string_equal(site_value(portal, "SELECT string_agg(concat_ws(':', r ->> 'code', r ->> 'points', r ->> 'most'), ' ' ORDER BY r ->> 'code') "
                                           "FROM lead_scores, jsonb_array_elements(reasons) AS r WHERE lead_id = '" A("f1") "' AND r ->> 'points' <> '0'"),
                        "financing.cash:12:12 partner.new:6:12 reach.both:14:14 source.email:7:14");
    assert_int_equal(strcmp(site_value(portal, "SELECT version::text FROM leads WHERE id = '" A("f1") "'"), "1"), 0); /* nobody's edit is disturbed */
}

static void many_come_in_portions(void **state) {
    (void)state;
    site_sql(portal, "INSERT INTO leads (partner_id, client_name, client_email, currency) SELECT '" A("01") "', 'Many', 'm' || g || '@score.example', 'AED' "
                     "FROM generate_series(1, 1200) AS g");
    assert_string_equal(site_value(portal, "SELECT count(*)::text FROM jobs WHERE kind = 'scores.make'"), "1");
    assert_int_equal(work(), 3);
    assert_string_equal(site_value(portal, "SELECT count(*) || ' ' || count(score) FROM lead_scores WHERE NOT stale"), "1200 1200");
}

static void staff_alone_see_why(void **state) {
    (void)state;
    site_sql(portal, "UPDATE leads SET financing = 'mortgage' WHERE id = '" A("21") "'; UPDATE leads SET financing = 'cash' WHERE id = '" A("21") "'");
    assert_true(work() > 0);
    struct site_answer *answer = SITE_GET(portal, AGENT, "/leads/" A("21"));
    assert_contains(answer->body, "Pays in cash");
    assert_contains(answer->body, " of 100");
    assert_contains(answer->body, "By the fixed rule");
    assert_contains(SITE_GET(portal, SUPPORT, "/leads/" A("21"))->body, "Pays in cash");
    static const char *const paths[] = {"/leads/" A("21"), "/leads/" A("21") ".json", "/leads/" A("21") "/edit", "/leads", "/leads.json", "/leads.csv", "/dashboard.json"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        answer = SITE_GET(portal, OWNER, paths[i]);
        assert_int_equal(answer->status, 200);
        assert_lacks(answer->body, "Pays in cash");
        assert_lacks(answer->body, "financing.cash");
        assert_lacks(answer->body, "score\"");
        assert_lacks(answer->body, "Score<");
    }
}

static void a_model_judges_while_it_is_in_force(void **state) {
    (void)state;
    site_sql(portal, "UPDATE leads SET source = 'other' WHERE id = '" A("21") "'; UPDATE leads SET source = 'event' WHERE id = '" A("21") "'");
    (void)work();
    const char *rule = score_of(A("21"));
    site_sql(portal, "INSERT INTO score_models (leads, held_out, auc, rule_auc, weights) VALUES (400, 100, 0.7, 0.6, '{\"bias\": 0, \"source.event\": 3}')");
    const char *version = site_value(portal, "SELECT version::text FROM score_models");
    assert_string_equal(site_value(portal, "SELECT app.score_use(%s)::text", version), "true");
    assert_string_equal(site_value(portal, "SELECT app.score_use(9999)::text"), "false");
    assert_true(work() > 0);
    assert_string_equal(score_of(A("21")), arena_printf(site_arena(portal), "95 f %s", version));
    assert_contains(SITE_GET(portal, AGENT, "/leads/" A("21"))->body, "Learned from closed leads");
    assert_string_equal(site_value(portal, "SELECT app.score_use(NULL)::text"), "true");
    assert_true(work() > 0);
    assert_string_equal(score_of(A("21")), rule);
}

int main(void) {
#define SCORES(test) cmocka_unit_test_setup(test, restore)
    const struct CMUnitTest tests[] = {
        SCORES(judged_when_it_comes_and_when_it_changes),
        SCORES(many_come_in_portions),
        SCORES(staff_alone_see_why),
        SCORES(a_model_judges_while_it_is_in_force),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
