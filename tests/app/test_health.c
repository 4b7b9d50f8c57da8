/* What machines ask: /metrics tells of the queue while the database answers, and does without when not. */
#include "http/scoreboard.h"
#include "tests/support/site.h"
#include "tests/support/unit.h"
#include <stdlib.h>
#include <unistd.h>

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
    site_sql(portal, "REVOKE EXECUTE ON FUNCTION app.jobs_figures(integer) FROM tessera_staff");
    assert_says(metrics(), "\ntessera_jobs_known 0\n");
    site_sql(portal, "GRANT EXECUTE ON FUNCTION app.jobs_figures(integer) TO tessera_staff");
    const char *text = metrics();
    assert_says(text, "\ntessera_jobs_known 0\n");
    assert_null(strstr(text, "kind="));
}

/* The daemon's board is read while there is one; whoever is dead is not up, whatever the board says. */
static void tells_of_live_pages(void **state) {
    (void)state;
    char path[] = "/tmp/tessera-board-XXXXXX";
    int fd = mkstemp(path);
    char **setting = &site_config(portal)->jobs_status_file, *kept = *setting;
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
    *setting = path;
    assert_says(metrics(), "\ntessera_live_up 0\n");
    struct scoreboard *board = scoreboard_create(path, 2);
    scoreboard_assign(scoreboard_slot(board, 0), "send");
    scoreboard_assign(scoreboard_slot(board, 1), "live");
    for (int i = 0; i < 3; i++) {
        scoreboard_begin(scoreboard_slot(board, i == 0 ? 0 : 1));
        scoreboard_end(scoreboard_slot(board, i == 0 ? 0 : 1), 200, 0);
    }
    scoreboard_pid(scoreboard_slot(board, 1), getpid());
    const char *text = metrics();
    assert_says(text, "\ntessera_live_up 1\n");
    assert_says(text, "\ntessera_live_messages_total 2\n");
    scoreboard_pid(scoreboard_slot(board, 1), 0x3fffffff); /* beyond what Linux gives away */
    assert_says(metrics(), "\ntessera_live_up 0\n");
    scoreboard_close(board);
    unlink(path);
    *setting = kept;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_of_jobs),
        cmocka_unit_test(asks_as_nobody),
        cmocka_unit_test(does_without_the_database),
        cmocka_unit_test(tells_of_live_pages),
    };
    portal = site_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    site_close(portal);
    return failed;
}
