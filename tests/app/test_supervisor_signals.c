/* What signals and inherited sockets do to the parent: reload, stop, systemd's ways. */
#include "core/clock.h"
#include "tests/support/fcgi_client.h"
#include "tests/support/supervised.h"
#include "tests/support/unit.h"
#include "tests/support/wait.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { QUEUED = 50 };

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

static void check_stop_answers_the_queue(int signal) {
    int queued[QUEUED];
    char other_name[128];
    snprintf(other_name, sizeof other_name, "%s/other.sock", s.folder);
    supervised_start(&s);
    assert_int_equal(link(s.web, other_name), 0);
    int held = supervised_begin(s.web, "/hold");
    assert_true(WAIT_FOR(s.echo.counts->holding == 1));
    for (int i = 0; i < QUEUED; i++)
        queued[i] = supervised_begin(s.web, "/");
    kill(s.pid, signal);
    assert_true(WAIT_FOR(access(s.web, F_OK) != 0)); /* nobody new finds the way */
    /* and who had found it before can't come in any more */
    assert_true(WAIT_FOR(fcgi_client_connect(other_name) == -1 && errno == ECONNREFUSED));
    unlink(other_name);
    fcgi_echo_release(&s.echo, 1);
    assert_int_equal(supervised_reply(held).status, 200);
    for (int i = 0; i < QUEUED; i++)
        assert_int_equal(supervised_reply(queued[i]).status, 200);
    assert_int_equal(supervised_wait(&s), 0);
    assert_int_not_equal(access(s.auth, F_OK), 0);
    assert_int_not_equal(access(s.status, F_OK), 0);
    assert_true(supervised_logged(&s, "event=stopped", ""));
    assert_false(supervised_logged(&s, "event=worker_killed", ""));
}

static void test_term_answers_the_queue(void **state) {
    (void)state;
    check_stop_answers_the_queue(SIGTERM);
}

static void test_int_answers_the_queue(void **state) {
    (void)state;
    check_stop_answers_the_queue(SIGINT);
}

/* Clients get an answer or a refused connection, never a broken one. */
static void test_term_under_load_breaks_no_connection(void **state) {
    (void)state;
    s.pools[0].workers = 2;
    supervised_start(&s);
    pid_t loader;
    supervised_load(s.web, 1, 100, &loader);
    int refused = 0;
    kill(s.pid, SIGTERM);
    while (refused == 0) {
        int fd = fcgi_client_connect(s.web);
        if (fd < 0) {
            assert_true(errno == ENOENT || errno == ECONNREFUSED);
            refused = 1;
            continue;
        }
        const char *const env[] = {"REQUEST_METHOD", "GET", "REQUEST_URI", "/", NULL};
        assert_true(fcgi_client_send(fd, env, NULL, 0, 0));
        assert_int_equal(supervised_reply(fd).status, 200);
    }
    assert_int_equal(supervised_wait(&s), 0);
    (void)supervised_failures(&loader, 1); /* its later connections were refused */
}

static void test_quit_does_not_wait(void **state) {
    (void)state;
    supervised_start(&s);
    int stuck = supervised_begin(s.web, "/stuck");
    assert_true(WAIT_FOR(s.echo.counts->holding == 1));
    assert_int_equal(supervised_stop(&s, SIGQUIT), 0);
    assert_int_equal(supervised_reply(stuck).status, 0);
    assert_int_not_equal(access(s.web, F_OK), 0);
}

static void test_stop_has_an_end(void **state) {
    (void)state;
    s.options.stop_ms = 100;
    supervised_start(&s);
    int stuck = supervised_begin(s.web, "/stuck");
    assert_true(WAIT_FOR(s.echo.counts->holding == 1));
    assert_int_equal(supervised_stop(&s, SIGTERM), 0);
    assert_true(supervised_logged(&s, "event=worker_killed", "not drained in time"));
    close(stuck);
}

/* The only worker is stuck when the stop comes: its deadline ends it, a successor serves the others. */
static void test_queue_behind_a_stuck_request_is_answered(void **state) {
    (void)state;
    int queued[QUEUED];
    s.options.deadline_ms = 200;
    supervised_start(&s);
    int stuck = supervised_begin(s.web, "/stuck");
    assert_true(WAIT_FOR(s.echo.counts->holding == 1));
    for (int i = 0; i < QUEUED; i++)
        queued[i] = supervised_begin(s.web, "/");
    kill(s.pid, SIGTERM);
    assert_int_equal(supervised_reply(stuck).status, 0);
    for (int i = 0; i < QUEUED; i++)
        assert_int_equal(supervised_reply(queued[i]).status, 200);
    assert_int_equal(supervised_wait(&s), 0);
}

static void test_stop_during_a_crash_loop(void **state) {
    (void)state;
    s.mode = WORKER_FAILS;
    s.no_wait = true;
    s.options.backoff_ms = s.options.backoff_max_ms = 60000;
    supervised_start(&s);
    assert_true(WAIT_FOR(supervised_restarts(&s, WORKER_CRASHED) >= 4));
    assert_int_equal(supervised_stop(&s, SIGTERM), 0); /* without waiting a minute */
}

static void test_reload_replaces_workers(void **state) {
    (void)state;
    s.pools[0].workers = 2;
    supervised_start(&s);
    int held = supervised_begin(s.web, "/hold");
    assert_true(WAIT_FOR(s.echo.counts->holding == 1));
    kill(s.pid, SIGHUP);
    assert_true(WAIT_FOR(supervised_restarts(&s, WORKER_RELOADED) == 3));
    assert_true(WAIT_FOR(ask(s.web).generation == 1));
    assert_true(WAIT_FOR(ask(s.auth).generation == 1));
    fcgi_echo_release(&s.echo, 1);
    struct supervised_reply old = supervised_reply(held);
    assert_int_equal(old.status, 200);
    assert_int_equal(old.generation, 0);
    assert_true(WAIT_FOR(supervised_ready(&s)));
    for (int i = 0; i < 10; i++)
        assert_int_equal(ask(s.web).generation, 1);
    assert_int_equal(supervised_restarts(&s, WORKER_CRASHED), 0);
    assert_true(supervised_logged(&s, "event=reload_done", "generation=1"));
}

/* A second reload comes while old workers still leave: it is made up for, not dropped. */
static void test_reloads_do_not_overtake_each_other(void **state) {
    (void)state;
    supervised_start(&s);
    int held = supervised_begin(s.web, "/hold");
    assert_true(WAIT_FOR(s.echo.counts->holding == 1));
    kill(s.pid, SIGHUP);
    assert_true(WAIT_FOR(supervised_restarts(&s, WORKER_RELOADED) == 2));
    kill(s.pid, SIGHUP);
    fcgi_echo_release(&s.echo, 1);
    assert_int_equal(supervised_reply(held).generation, 0);
    assert_true(WAIT_FOR(supervised_restarts(&s, WORKER_RELOADED) == 4));
    assert_true(WAIT_FOR(ask(s.web).generation == 2));
}

static void test_reload_under_load_loses_nothing(void **state) {
    (void)state;
    enum { CLIENTS = 4, REQUESTS = 300, RELOADS = 5 };
    pid_t clients[CLIENTS];
    s.pools[0].workers = 2;
    supervised_start(&s);
    supervised_load(s.web, CLIENTS, REQUESTS, clients);
    for (uint64_t i = 1; i <= RELOADS; i++) {
        kill(s.pid, SIGHUP);
        assert_true(WAIT_FOR(supervised_restarts(&s, WORKER_RELOADED) == 3 * i));
    }
    assert_int_equal(supervised_failures(clients, CLIENTS), 0);
}

static void test_reload_that_fails_keeps_the_old(void **state) {
    (void)state;
    s.mode = WORKER_FAILS_RELOAD;
    supervised_start(&s);
    pid_t web = supervised_worker(&s, "web", 0);
    kill(s.pid, SIGHUP);
    assert_true(WAIT_FOR(supervised_worker(&s, "web", 1) > 0));
    int64_t begin = clock_monotonic_us();
    while (clock_monotonic_us() - begin < 100000) /* while the new ones start, the old ones serve */
        assert_int_equal(ask(s.web).pid, web);
    assert_int_equal(supervised_restarts(&s, WORKER_RELOADED), 0);
    fcgi_echo_release(&s.echo, 2);
    assert_true(WAIT_FOR(supervised_logged(&s, "event=reload_failed", "")));
    assert_true(WAIT_FOR(supervised_ready(&s)));
    struct supervised_reply reply = ask(s.web);
    assert_int_equal(reply.pid, web);
    assert_int_equal(reply.generation, 0);
    struct buf out;
    buf_init(&out, 65536);
    scoreboard_metrics(s.board, &out);
    assert_non_null(strstr(buf_text(&out), "tessera_reloads_total{result=\"failed\"} 1\n"));
    buf_free(&out);

    /* Crashes after that are crashes, not reloads. */
    kill(web, SIGKILL);
    assert_true(WAIT_FOR(supervised_restarts(&s, WORKER_CRASHED) >= 2));
    assert_int_equal(supervised_restarts(&s, WORKER_RELOADED), 0);
}

static void test_two_parents_cannot_share_a_socket(void **state) {
    (void)state;
    supervised_start(&s);
    struct supervised second = s;
    char other[128];
    snprintf(other, sizeof other, "%s/other", s.folder);
    second.options.status_file = other;
    fflush(NULL);
    second.pid = fork();
    if (second.pid == 0) {
        close(STDERR_FILENO);
        _exit(supervisor_run(second.pools, 2, &second.options));
    }
    assert_int_equal(supervised_wait(&second), 1);
    assert_int_equal(ask(s.web).status, 200);
}

/* Descriptors 3 and 4 as systemd passes them, in the other order than the pools. */
static void as_systemd(struct supervised *supervised) {
    char pid[32];
    int web = fcntl(fcgi_listen(supervised->web, 64), F_DUPFD, 20);
    int auth = fcntl(fcgi_listen(supervised->auth, 64), F_DUPFD, 20);
    dup2(auth, 3);
    dup2(web, 4);
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "2", 1);
    setenv("LISTEN_FDNAMES", "auth:web", 1);
    supervised->pools[0].socket = NULL;
    supervised->pools[1].socket = "/nowhere/unused.sock";
}

static void test_sockets_of_systemd(void **state) {
    (void)state;
    s.prepare = as_systemd;
    supervised_start(&s);
    assert_int_equal(ask(s.web).pid, supervised_worker(&s, "web", 0));
    assert_int_equal(ask(s.auth).pid, supervised_worker(&s, "auth", 0));
    assert_int_equal(supervised_stop(&s, SIGTERM), 0);
    assert_int_equal(access(s.web, F_OK), 0); /* systemd's to remove */
}

static void on_descriptor_0(struct supervised *supervised) {
    int web = fcgi_listen(supervised->web, 64);
    dup2(web, STDIN_FILENO);
    close(web);
    supervised->pools[0].socket = "";
}

static void test_first_pool_on_descriptor_0(void **state) {
    (void)state;
    s.prepare = on_descriptor_0;
    supervised_start(&s);
    assert_int_equal(ask(s.web).pid, supervised_worker(&s, "web", 0));
    assert_int_equal(ask(s.auth).pid, supervised_worker(&s, "auth", 0));
    assert_int_equal(supervised_stop(&s, SIGTERM), 0);
}

static void notify_here(struct supervised *supervised) {
    char path[128];
    snprintf(path, sizeof path, "%s/notify", supervised->folder);
    setenv("NOTIFY_SOCKET", path, 1);
}

static void expect_notice(int fd, const char *expected) {
    char text[64];
    ssize_t got = recv(fd, text, sizeof text - 1, 0);
    assert_true(got > 0);
    text[got] = '\0';
    assert_string_equal(text, expected);
}

static void test_systemd_is_told(void **state) {
    (void)state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval limit = {.tv_sec = 20};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", s.folder);
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    s.prepare = notify_here;
    supervised_start(&s);
    expect_notice(fd, "READY=1");
    kill(s.pid, SIGHUP);
    expect_notice(fd, "RELOADING=1");
    expect_notice(fd, "READY=1");
    kill(s.pid, SIGTERM);
    expect_notice(fd, "STOPPING=1");
    assert_int_equal(supervised_wait(&s), 0);
    unlink(address.sun_path);
    close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_term_answers_the_queue),
        TEST(test_int_answers_the_queue),
        TEST(test_term_under_load_breaks_no_connection),
        TEST(test_quit_does_not_wait),
        TEST(test_stop_has_an_end),
        TEST(test_queue_behind_a_stuck_request_is_answered),
        TEST(test_stop_during_a_crash_loop),
        TEST(test_reload_replaces_workers),
        TEST(test_reloads_do_not_overtake_each_other),
        TEST(test_reload_under_load_loses_nothing),
        TEST(test_reload_that_fails_keeps_the_old),
        TEST(test_two_parents_cannot_share_a_socket),
        TEST(test_sockets_of_systemd),
        TEST(test_first_pool_on_descriptor_0),
        TEST(test_systemd_is_told),
    };
    return cmocka_run_group_tests_name("supervisor_signals", tests, NULL, NULL);
}
