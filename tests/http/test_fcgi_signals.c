/* When a worker stops: nothing that was accepted, or waits to be, goes without an answer. */
#include "tests/support/fcgi_client.h"
#include "tests/support/fcgi_server.h"
#include "tests/support/unit.h"
#include "tests/support/wait.h"
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

enum { QUEUED = 20 };

static struct fcgi_server server;

static int setup(void **state) {
    (void)state;
    fcgi_server_open(&server);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    fcgi_server_close(&server);
    return 0;
}

static int begin(const char *uri) {
    const char *const env[] = {"REQUEST_METHOD", "GET", "REQUEST_URI", uri, NULL};
    int fd = fcgi_client_connect(server.socket);
    assert_true(fd >= 0);
    assert_true(fcgi_client_send(fd, env, NULL, 0, 0));
    return fd;
}

static long answered_by(int fd) {
    struct fcgi_answer answer;
    assert_true(fcgi_client_receive(fd, &answer));
    assert_int_equal(answer.status, 200);
    assert_true(answer.complete);
    assert_true(strncmp(answer.body, "pid=", 4) == 0);
    long pid = strtol(answer.body + 4, NULL, 10);
    fcgi_answer_free(&answer);
    return pid;
}

static void test_idle_worker_leaves_on_term(void **state) {
    (void)state;
    pid_t worker = fcgi_server_start(&server, 0);
    assert_int_equal(answered_by(begin("/")), worker);
    assert_int_equal(fcgi_server_stop(worker), 0);
}

static void test_term_before_the_first_wait_is_not_missed(void **state) {
    (void)state;
    for (int i = 0; i < 50; i++) {
        pid_t worker = fcgi_server_start(&server, 0);
        assert_int_equal(fcgi_server_stop(worker), 0);
    }
}

static void test_drain_answers_the_backlog(void **state) {
    (void)state;
    int queued[QUEUED];
    pid_t worker = fcgi_server_start(&server, 0);
    int held = begin("/hold");
    assert_true(WAIT_FOR(server.echo.counts->holding == 1));
    for (int i = 0; i < QUEUED; i++)
        queued[i] = begin("/");
    kill(worker, SIGTERM);
    fcgi_echo_release(&server.echo, 1);
    assert_int_equal(answered_by(held), worker);
    for (int i = 0; i < QUEUED; i++)
        assert_int_equal(answered_by(queued[i]), worker);
    assert_int_equal(fcgi_server_wait(worker), 0);
}

/* It takes one more, as it may be the one that was woken for it, and no second. */
static void test_retire_leaves_the_backlog_to_others(void **state) {
    (void)state;
    int queued[QUEUED];
    pid_t first = fcgi_server_start(&server, 0);
    int held = begin("/hold");
    assert_true(WAIT_FOR(server.echo.counts->holding == 1));
    for (int i = 0; i < QUEUED; i++)
        queued[i] = begin("/");
    kill(first, SIGHUP);
    fcgi_echo_release(&server.echo, 1);
    assert_int_equal(answered_by(held), first);
    assert_int_equal(fcgi_server_wait(first), 0);

    pid_t second = fcgi_server_start(&server, 0);
    for (int i = 0; i < QUEUED; i++)
        assert_int_equal(answered_by(queued[i]), i == 0 ? first : second);
    assert_int_equal(fcgi_server_stop(second), 0);
}

/* One of two waiting workers is told to leave at the very moment in which a connection wakes it. */
static void test_a_connection_is_not_forgotten_by_who_leaves(void **state) {
    (void)state;
    pid_t workers[2];
    workers[0] = fcgi_server_start(&server, 0);
    workers[1] = fcgi_server_start(&server, 0);
    for (int i = 0; i < 100; i++) {
        size_t leaves = (size_t)i % 2;
        int fd = begin("/");
        kill(workers[leaves], SIGHUP);
        long by = answered_by(fd);
        assert_true(by == workers[0] || by == workers[1]);
        assert_int_equal(fcgi_server_wait(workers[leaves]), 0);
        workers[leaves] = fcgi_server_start(&server, 0);
    }
    assert_int_equal(fcgi_server_stop(workers[0]), 0);
    assert_int_equal(fcgi_server_stop(workers[1]), 0);
}

static void test_idle_worker_leaves_on_hup(void **state) {
    (void)state;
    pid_t worker = fcgi_server_start(&server, 0);
    assert_int_equal(answered_by(begin("/")), worker);
    kill(worker, SIGHUP);
    assert_int_equal(fcgi_server_wait(worker), 0);
}

static void test_max_requests(void **state) {
    (void)state;
    pid_t worker = fcgi_server_start(&server, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(answered_by(begin("/")), worker);
    assert_int_equal(fcgi_server_wait(worker), 1);
}

/* Connections without a request don't count towards it. */
static void test_max_requests_counts_requests(void **state) {
    (void)state;
    pid_t worker = fcgi_server_start(&server, 1);
    for (int i = 0; i < 3; i++)
        close(fcgi_client_connect(server.socket));
    assert_int_equal(answered_by(begin("/")), worker);
    assert_int_equal(fcgi_server_wait(worker), 1);
}

static void test_a_busy_worker_does_not_hold_up_its_neighbour(void **state) {
    (void)state;
    pid_t first = fcgi_server_start(&server, 0);
    pid_t second = fcgi_server_start(&server, 0);
    int held = begin("/hold");
    assert_true(WAIT_FOR(server.echo.counts->holding == 1));
    long others = answered_by(begin("/"));
    for (int i = 0; i < QUEUED; i++)
        assert_int_equal(answered_by(begin("/")), others);
    fcgi_echo_release(&server.echo, 1);
    long holder = answered_by(held);
    assert_true((holder == first && others == second) || (holder == second && others == first));
    assert_int_equal(fcgi_server_stop(first), 0);
    assert_int_equal(fcgi_server_stop(second), 0);
}

/* The parent does this when it stops: who waits is answered, who comes is refused. */
static void test_shut_socket_is_drained_by_its_worker(void **state) {
    (void)state;
    int queued[QUEUED];
    pid_t worker = fcgi_server_start(&server, 0);
    int held = begin("/hold");
    assert_true(WAIT_FOR(server.echo.counts->holding == 1));
    for (int i = 0; i < QUEUED; i++)
        queued[i] = begin("/");
    assert_int_equal(shutdown(server.listen_fd, SHUT_RD), 0);
    assert_int_equal(fcgi_client_connect(server.socket), -1);
    kill(worker, SIGTERM);
    fcgi_echo_release(&server.echo, 1);
    answered_by(held);
    for (int i = 0; i < QUEUED; i++)
        answered_by(queued[i]);
    assert_int_equal(fcgi_server_wait(worker), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_idle_worker_leaves_on_term),
        TEST(test_term_before_the_first_wait_is_not_missed),
        TEST(test_drain_answers_the_backlog),
        TEST(test_retire_leaves_the_backlog_to_others),
        TEST(test_a_connection_is_not_forgotten_by_who_leaves),
        TEST(test_idle_worker_leaves_on_hup),
        TEST(test_max_requests),
        TEST(test_max_requests_counts_requests),
        TEST(test_a_busy_worker_does_not_hold_up_its_neighbour),
        TEST(test_shut_socket_is_drained_by_its_worker),
    };
    return cmocka_run_group_tests_name("fcgi_signals", tests, NULL, NULL);
}
