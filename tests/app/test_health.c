/* What machines ask: /metrics tells of the queue while the database answers, and does without when not. */
#include "tests/support/site.h"
#include "tests/support/unit.h"

static struct site_portal *portal;

static const char *metrics(void) {
    struct site_answer *answer = SITE_ASK(portal, .who = VISITOR, .path = "/metrics");
    assert_int_equal(answer->status, 200);
    return answer->body;
}

static void assert_says(const char *text, const char *line) {
    if (strstr(text, line) == NULL)
        fail_msg("“%s” is not in:\n%s", line, text);
}

static void tells_of_jobs(void **state) {
    (void)state;
    site_sql(portal,
             "INSERT INTO jobs (kind, state, run_at, claimed_by) VALUES ('test.a', 'dead', now(), NULL),"
             " ('test.a', 'running', now(), 7), ('test.b', 'ready', now() - interval '90 seconds', NULL),"
             " ('test.b', 'ready', now() - interval '5 seconds', NULL),"
             " ('test.b', 'ready', now() + interval '1 hour', NULL)");
    const char *text = metrics();
    assert_says(text, "\ntessera_jobs_known 1\n");
    assert_says(text, "\ntessera_jobs{kind=\"test.a\",state=\"dead\"} 1\n");
    assert_says(text, "\ntessera_jobs{kind=\"test.a\",state=\"running\"} 1\n");
    assert_says(text, "\ntessera_jobs{kind=\"test.a\",state=\"ready\"} 0\n");
    assert_says(text, "\ntessera_jobs{kind=\"test.b\",state=\"ready\"} 2\n");
    assert_says(text, "\ntessera_jobs{kind=\"test.b\",state=\"waiting\"} 1\n");
    assert_says(text, "\ntessera_jobs_oldest_ready_seconds{kind=\"test.b\"} 9");
    assert_says(text, "\ntessera_jobs_oldest_ready_seconds{kind=\"test.a\"} 0\n");
}

/* A session that comes along changes nothing. */
static void asks_as_nobody(void **state) {
    (void)state;
    struct site_answer *answer = SITE_ASK(portal, .who = OWNER, .path = "/metrics");
    assert_int_equal(answer->status, 200);
    assert_says(answer->body, "\ntessera_jobs_known 1\n");
    assert_int_equal(SITE_ASK(portal, .who = OWNER, .path = "/admin/jobs")->status, 404);
}

/* Whoever waited in vain does not ask again at once, not even when it could be answered. */
static void does_without_the_database(void **state) {
    (void)state;
    site_sql(portal, "REVOKE SELECT ON jobs FROM tessera_staff");
    assert_says(metrics(), "\ntessera_jobs_known 0\n");
    site_sql(portal, "GRANT SELECT ON jobs TO tessera_staff");
    const char *text = metrics();
    assert_says(text, "\ntessera_jobs_known 0\n");
    assert_null(strstr(text, "kind="));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_of_jobs),
        cmocka_unit_test(asks_as_nobody),
        cmocka_unit_test(does_without_the_database),
    };
    portal = site_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    site_close(portal);
    return failed;
}
