/* How the parent keeps its workers alive: crashes, back-off, recycling, deadlines. */
#include "core/clock.h"
#include "tests/support/supervised.h"
#include "tests/support/unit.h"
#include "tests/support/wait.h"
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct supervised s;

static int setup(void **state) {
    (void)state;
    supervised_init(&s);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    supervised_free(&s);
    return 0;
}

static struct supervised_reply ask(const char *socket) {
    return supervised_reply(supervised_begin(socket, "/"));
}

static uint64_t answered(void) {
    uint64_t sum = 0;
    for (size_t i = 0; i < scoreboard_slots(s.board); i++) {
        struct scoreboard_worker worker;
        scoreboard_read(s.board, i, &worker);
        sum += worker.done;
    }
    return sum;
}

static void test_each_pool_has_its_own_workers(void **state) {
    (void)state;
    s.pools[0].workers = 3;
    supervised_start(&s);
    assert_int_equal(scoreboard_slots(s.board), 8);
    assert_true(supervised_worker(&s, "web", 2) > 0);
    assert_int_equal(supervised_worker(&s, "web", 3), 0);
    struct supervised_reply web = ask(s.web);
    struct supervised_reply auth = ask(s.auth);
    assert_int_equal(web.status, 200);
    assert_int_equal(auth.status, 200);
    assert_int_equal(auth.pid, supervised_worker(&s, "auth", 0));
    assert_int_not_equal(web.pid, auth.pid);
    assert_true(WAIT_FOR(supervised_logged(&s, "event=ready", "")));
}

/* Of a place that is just being filled the scoreboard knows no worker, and kill(0) would end everybody here. */
static void kill_worker(size_t nth) {
    pid_t pid = 0;
    assert_true(WAIT_FOR((pid = supervised_worker(&s, "web", nth)) > 0));
    kill(pid, SIGKILL);
}

static void test_killed_worker_is_replaced(void **state) {
    (void)state;
    supervised_start(&s);
    struct supervised_reply before = ask(s.web);
    assert_true(WAIT_FOR(answered() == 1));
    kill((pid_t)before.pid, SIGKILL);
    assert_true(WAIT_FOR(supervised_worker(&s, "web", 0) > 0 &&
                         supervised_worker(&s, "web", 0) != (pid_t)before.pid));
    struct supervised_reply after = ask(s.web);
    assert_int_equal(after.status, 200);
    assert_int_not_equal(after.pid, before.pid);
    assert_int_equal(supervised_restarts(&s, WORKER_CRASHED), 1);
    assert_int_equal(supervised_restarts(&s, WORKER_RECYCLED), 0);
    assert_true(WAIT_FOR(answered() == 2)); /* the slot goes on counting */
    assert_true(supervised_logged(&s, "event=worker_died", "signal=9"));
}

static void test_crashing_request_costs_only_itself(void **state) {
    (void)state;
    s.pools[0].workers = 2;
    supervised_start(&s);
    int held = supervised_begin(s.web, "/hold");
    assert_true(WAIT_FOR(s.echo.counts->holding == 1));
    assert_int_equal(supervised_reply(supervised_begin(s.web, "/crash")).status, 0);
    assert_true(WAIT_FOR(supervised_restarts(&s, WORKER_CRASHED) == 1));
    assert_int_equal(ask(s.web).status, 200);
    fcgi_echo_release(&s.echo, 1);
    assert_int_equal(supervised_reply(held).status, 200);
}

/* The sixth failure comes no sooner than the waits before it: 0 + 20 + 40 + 80 + 80 ms. */
static void check_backoff(enum supervised_mode mode) {
    s.mode = mode;
    s.no_wait = true;
    s.pools[1].workers = 1;
    int64_t begin = clock_monotonic_us();
    supervised_start(&s);
    assert_true(WAIT_FOR(supervised_restarts(&s, WORKER_CRASHED) >= 12));
    assert_true(clock_monotonic_us() - begin >= 220000);
    /* Neither of the two has restarted much more often than the other. */
    for (size_t i = 0; i < scoreboard_slots(s.board); i++) {
        struct scoreboard_worker worker;
        scoreboard_read(s.board, i, &worker);
        if (worker.restarts[WORKER_CRASHED] > 0)
            assert_in_range(worker.restarts[WORKER_CRASHED], 4, 9);
    }
    assert_int_equal(supervised_stop(&s, SIGTERM), 0);
}

static void test_crash_loop_backs_off(void **state) {
    (void)state;
    check_backoff(WORKER_FAILS);
}

static void test_leaving_at_once_backs_off_too(void **state) {
    (void)state;
    check_backoff(WORKER_LEAVES);
    assert_int_equal(supervised_restarts(&s, WORKER_RECYCLED), 0);
}

/* With a healthy time of one millisecond every failure is a first one, and waits for nothing. */
static void test_backoff_starts_anew_after_a_healthy_time(void **state) {
    (void)state;
    s.options.healthy_ms = 1;
    s.options.backoff_ms = 30000;
    s.options.backoff_max_ms = 30000;
    supervised_start(&s);
    for (uint64_t i = 1; i <= 4; i++) {
        int64_t ready = clock_monotonic_us();
        struct supervised_reply reply = ask(s.web);
        assert_true(WAIT_FOR(clock_monotonic_us() - ready > 2000));
        kill((pid_t)reply.pid, SIGKILL);
        assert_true(WAIT_FOR(supervised_restarts(&s, WORKER_CRASHED) == i &&
                             supervised_ready(&s)));
    }
}

static void test_recycled_after_its_requests(void **state) {
    (void)state;
    s.max_requests = 2;
    supervised_start(&s);
    struct supervised_reply replies[6];
    for (size_t i = 0; i < 6; i++) {
        replies[i] = ask(s.web);
        assert_int_equal(replies[i].status, 200);
    }
    assert_int_equal(replies[0].pid, replies[1].pid);
    assert_int_not_equal(replies[1].pid, replies[2].pid);
    assert_int_equal(replies[2].pid, replies[3].pid);
    assert_int_not_equal(replies[3].pid, replies[4].pid);
    assert_true(WAIT_FOR(supervised_restarts(&s, WORKER_RECYCLED) == 3));
    assert_int_equal(supervised_restarts(&s, WORKER_CRASHED), 0);
}

static void test_deadline_kills_one_and_only_one(void **state) {
    (void)state;
    s.pools[0].workers = 2;
    s.options.deadline_ms = 100;
    supervised_start(&s);
    pid_t first = supervised_worker(&s, "web", 0);
    pid_t second = supervised_worker(&s, "web", 1);
    int stuck = supervised_begin(s.web, "/stuck");
    assert_int_equal(supervised_reply(stuck).status, 0);
    assert_true(WAIT_FOR(supervised_restarts(&s, WORKER_DEADLINE) == 1 && supervised_ready(&s)));
    assert_int_equal(supervised_restarts(&s, WORKER_CRASHED), 0);
    pid_t now_first = supervised_worker(&s, "web", 0);
    pid_t now_second = supervised_worker(&s, "web", 1);
    assert_true((now_first == first) != (now_second == second));
    assert_true(supervised_logged(&s, "event=worker_killed", "route=/stuck"));
    assert_true(supervised_logged(&s, "event=worker_killed",
                                  "request=0123456789abcdef0123456789abcdef"));
}

/* Many requests, each short, are not one long request; neither is an idle worker. */
static void test_deadline_leaves_the_quick_alone(void **state) {
    (void)state;
    s.options.deadline_ms = 100;
    supervised_start(&s);
    pid_t worker = supervised_worker(&s, "web", 0);
    int64_t begin = clock_monotonic_us();
    while (clock_monotonic_us() - begin < 300000)
        assert_int_equal(ask(s.web).pid, worker);
    assert_int_equal(supervised_restarts(&s, WORKER_DEADLINE), 0);
    assert_int_equal(supervised_worker(&s, "auth", 0), ask(s.auth).pid);
}

static void test_worker_that_never_becomes_ready_is_killed(void **state) {
    (void)state;
    s.mode = WORKER_HANGS;
    s.no_wait = true;
    s.options.start_ms = 30;
    supervised_start(&s);
    assert_true(WAIT_FOR(supervised_restarts(&s, WORKER_CRASHED) >= 3));
    assert_true(supervised_logged(&s, "event=worker_killed", "not ready in time"));
}

/* Of the requests in four clients' hands, a kill may lose the one that its victim was at. */
static void test_kill_under_load_loses_no_other_request(void **state) {
    (void)state;
    enum { CLIENTS = 4, REQUESTS = 300, KILLS = 5 };
    pid_t clients[CLIENTS];
    s.pools[0].workers = 3;
    supervised_start(&s);
    supervised_load(s.web, CLIENTS, REQUESTS, clients);
    for (uint64_t i = 1; i <= KILLS; i++) {
        kill_worker(i % 3);
        assert_true(WAIT_FOR(supervised_restarts(&s, WORKER_CRASHED) == i &&
                             supervised_ready(&s)));
    }
    assert_in_range(supervised_failures(clients, CLIENTS), 0, KILLS);
}

static void test_workers_die_with_the_parent(void **state) {
    (void)state;
    int status;
    supervised_start(&s);
    pid_t web = supervised_worker(&s, "web", 0);
    pid_t auth = supervised_worker(&s, "auth", 0);
    assert_int_equal(supervised_stop(&s, SIGKILL), -SIGKILL);
    assert_int_equal(waitpid(web, &status, 0), web); /* orphans come to us */
    assert_int_equal(WTERMSIG(status), SIGKILL);
    assert_int_equal(waitpid(auth, &status, 0), auth);

    /* What is left of it is no hindrance to the next. */
    scoreboard_close(s.board);
    s.board = NULL;
    unlink(s.status);
    supervised_start(&s);
    assert_int_equal(ask(s.web).status, 200);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_each_pool_has_its_own_workers),
        TEST(test_killed_worker_is_replaced),
        TEST(test_crashing_request_costs_only_itself),
        TEST(test_crash_loop_backs_off),
        TEST(test_leaving_at_once_backs_off_too),
        TEST(test_backoff_starts_anew_after_a_healthy_time),
        TEST(test_recycled_after_its_requests),
        TEST(test_deadline_kills_one_and_only_one),
        TEST(test_deadline_leaves_the_quick_alone),
        TEST(test_worker_that_never_becomes_ready_is_killed),
        TEST(test_kill_under_load_loses_no_other_request),
        TEST(test_workers_die_with_the_parent),
    };
    return cmocka_run_group_tests_name("supervisor", tests, NULL, NULL);
}
