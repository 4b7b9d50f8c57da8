/* What goes over one FastCGI connection: a real socket, a forked worker, a client that speaks the
 * protocol. */
#include "tests/support/fcgi_client.h"
#include "tests/support/fcgi_server.h"
#include "tests/support/unit.h"
#include "tests/support/wait.h"
#include <unistd.h>

static struct fcgi_server server;
static pid_t worker;
static char header[256];

static int setup(void **state) {
    (void)state;
    fcgi_server_open(&server);
    worker = fcgi_server_start(&server, 0);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    int result = fcgi_server_stop(worker);
    fcgi_server_close(&server);
    return result;
}

static struct fcgi_answer get(const char *uri) {
    struct fcgi_answer answer;
    assert_true(fcgi_client_get(server.socket, uri, &answer));
    return answer;
}

static bool send_to(int fd, const char *uri, const char *length, const void *body, size_t size) {
    const char *const env[] = {"REQUEST_METHOD", "POST",         "REQUEST_URI", uri,
                               "CONTENT_LENGTH", length, NULL};
    return fcgi_client_send(fd, env, body, size, 0);
}

static bool send_body(int fd, const char *length, const void *body, size_t size) {
    return send_to(fd, "/echo", length, body, size);
}

static int connect_server(void) {
    int fd = fcgi_client_connect(server.socket);
    assert_true(fd >= 0);
    return fd;
}

static void test_get(void **state) {
    (void)state;
    char expected[64];
    struct fcgi_answer answer = get("/");
    snprintf(expected, sizeof expected, "pid=%ld generation=0", (long)worker);
    assert_int_equal(answer.status, 200);
    assert_true(answer.complete);
    assert_true(answer.closed);
    assert_string_equal(answer.body, expected);
    assert_true(fcgi_answer_header(&answer, "Content-Type", header, sizeof header));
    assert_string_equal(header, "text/html; charset=utf-8");
    assert_true(fcgi_answer_header(&answer, "Content-Length", header, sizeof header));
    assert_int_equal(strtol(header, NULL, 10), strlen(expected));
    fcgi_answer_free(&answer);
}

static void test_status_and_headers(void **state) {
    (void)state;
    struct fcgi_answer answer = get("/status/404");
    assert_int_equal(answer.status, 404);
    assert_true(fcgi_answer_header(&answer, "X-Test", header, sizeof header));
    assert_true(fcgi_answer_header(&answer, "Content-Type", header, sizeof header));
    assert_string_equal(header, "text/plain");
    assert_null(strstr(answer.head, "text/html"));
    assert_string_equal(answer.body, "status");
    fcgi_answer_free(&answer);
}

static void test_statuses_without_a_body(void **state) {
    (void)state;
    struct fcgi_answer answer = get("/status/304");
    assert_int_equal(answer.status, 304);
    assert_false(fcgi_answer_header(&answer, "Content-Length", header, sizeof header));
    fcgi_answer_free(&answer);
}

static void test_impossible_status_becomes_500(void **state) {
    (void)state;
    struct fcgi_answer answer = get("/status/999");
    assert_int_equal(answer.status, 500);
    assert_false(fcgi_answer_header(&answer, "X-Test", header, sizeof header));
    fcgi_answer_free(&answer);
}

static void test_head_has_no_body(void **state) {
    (void)state;
    const char *const env[] = {"REQUEST_METHOD", "HEAD", "REQUEST_URI", "/status/200", NULL};
    struct fcgi_answer answer;
    int fd = connect_server();
    assert_true(fcgi_client_send(fd, env, NULL, 0, 0));
    assert_true(fcgi_client_receive(fd, &answer));
    assert_int_equal(answer.body_size, 0);
    assert_true(fcgi_answer_header(&answer, "Content-Length", header, sizeof header));
    assert_string_equal(header, "6");
    fcgi_answer_free(&answer);
}

static void test_env(void **state) {
    (void)state;
    char value[5000];
    memset(value, 'v', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    const char *const env[] = {"REQUEST_METHOD", "GET",    "REQUEST_URI", "/env",
                               "CONTENT_TYPE",   "a/b; c", "X_LONG",      value,
                               NULL};
    struct fcgi_answer answer;
    int fd = connect_server();
    assert_true(fcgi_client_send(fd, env, NULL, 0, 0));
    assert_true(fcgi_client_receive(fd, &answer));
    assert_true(fcgi_answer_header(&answer, "X-Type", header, sizeof header));
    assert_string_equal(header, "a/b; c");
    fcgi_answer_free(&answer);
}

static void test_body_of_many_records(void **state) {
    (void)state;
    size_t size = ECHO_LIMIT - 1;
    char *body = malloc(size);
    assert_non_null(body);
    for (size_t i = 0; i < size; i++)
        body[i] = (char)(i * 31 + i / 255);
    char length[32];
    snprintf(length, sizeof length, "%zu", size);
    struct fcgi_answer answer;
    int fd = connect_server();
    assert_true(send_body(fd, length, body, size));
    assert_true(fcgi_client_receive(fd, &answer));
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.body_size, size);
    assert_memory_equal(answer.body, body, size);
    fcgi_answer_free(&answer);
    free(body);
}

static void test_body_empty(void **state) {
    (void)state;
    const char *const lengths[] = {"0", ""};
    for (size_t i = 0; i < 2; i++) {
        struct fcgi_answer answer;
        int fd = connect_server();
        assert_true(send_body(fd, lengths[i], NULL, 0));
        assert_true(fcgi_client_receive(fd, &answer));
        assert_int_equal(answer.status, 200);
        assert_int_equal(answer.body_size, 0);
        fcgi_answer_free(&answer);
    }
}

/* The whole of a refused body is sent before the client looks for an answer, as nginx may do. */
static void test_body_too_large(void **state) {
    (void)state;
    size_t size = 5 * ECHO_LIMIT;
    char *body = calloc(1, size);
    assert_non_null(body);
    char length[32];
    snprintf(length, sizeof length, "%zu", size);
    struct fcgi_answer answer;
    int fd = connect_server();
    assert_true(send_body(fd, length, body, size));
    assert_true(fcgi_client_receive(fd, &answer));
    assert_int_equal(answer.status, 413);
    assert_true(answer.complete);
    fcgi_answer_free(&answer);
    free(body);
}

static void test_body_shorter_than_promised(void **state) {
    (void)state;
    struct fcgi_answer answer;
    int fd = connect_server();
    assert_true(send_body(fd, "100", "short", 5));
    assert_true(fcgi_client_receive(fd, &answer));
    assert_int_equal(answer.status, 400);
    fcgi_answer_free(&answer);
}

static struct fcgi_answer spool(const char *length, const void *body, size_t size) {
    struct fcgi_answer answer;
    int fd = connect_server();
    assert_true(send_to(fd, "/spool", length, body, size));
    assert_true(fcgi_client_receive(fd, &answer));
    return answer;
}

static void test_large_body_takes_no_memory(void **state) {
    (void)state;
    size_t size = 5 * 1024 * 1024 + 17;
    unsigned char *body = malloc(size);
    assert_non_null(body);
    unsigned long sum = 0, small_sum = 0;
    for (size_t i = 0; i < size; i++) {
        body[i] = (unsigned char)(i * 7 + i / 4096);
        sum = sum * 31 + body[i];
        small_sum = i < 100 ? sum : small_sum;
    }
    char length[32], expected[128];
    snprintf(length, sizeof length, "%zu", size);
    for (int round = 0; round < 2; round++) {
        struct fcgi_answer answer = spool(length, body, size);
        snprintf(expected, sizeof expected, "size=%zu sum=%lu memory=0", size, sum);
        assert_int_equal(answer.status, 200);
        assert_string_equal(answer.body, expected);
        fcgi_answer_free(&answer);

        answer = spool(length, body, size / 2); /* cut off in the middle */
        assert_int_equal(answer.status, 400);
        fcgi_answer_free(&answer);

        answer = spool("100", body, 100); /* a small one is better off in memory */
        snprintf(expected, sizeof expected, "size=100 sum=%lu memory=1", small_sum);
        assert_int_equal(answer.status, 200);
        assert_true(strncmp(answer.body, expected, strlen(expected)) == 0);
        fcgi_answer_free(&answer);
    }
    free(body);
}

static void test_body_length_malformed(void **state) {
    (void)state;
    const char *const lengths[] = {"-1", "1x", "99999999999999999999"};
    for (size_t i = 0; i < 3; i++) {
        struct fcgi_answer answer;
        int fd = connect_server();
        assert_true(send_body(fd, lengths[i], "x", 1));
        assert_true(fcgi_client_receive(fd, &answer));
        assert_int_equal(answer.status, 400);
        fcgi_answer_free(&answer);
    }
}

static void test_stream(void **state) {
    (void)state;
    struct fcgi_answer answer = get("/stream");
    assert_int_equal(answer.status, 200);
    assert_true(answer.complete);
    assert_int_equal(answer.body_size, ECHO_PIECE * ECHO_PIECES);
    assert_false(fcgi_answer_header(&answer, "Content-Length", header, sizeof header));
    fcgi_answer_free(&answer);
}

static void test_stream_broken_off_is_not_complete(void **state) {
    (void)state;
    struct fcgi_answer answer = get("/broken");
    assert_int_equal(answer.status, 200);
    assert_false(answer.complete);
    assert_true(WAIT_FOR(server.echo.counts->lost == 1));
    fcgi_answer_free(&answer);
}

static void test_answer_that_does_not_fit_becomes_500(void **state) {
    (void)state;
    static const char *const uris[] = {"/huge", "/huge-stream"};
    for (size_t i = 0; i < 2; i++) {
        struct fcgi_answer answer = get(uris[i]);
        assert_int_equal(answer.status, 500);
        assert_true(answer.complete);
        assert_true(answer.body_size < 200);
        fcgi_answer_free(&answer);
    }
    test_get(state); /* by the same process */
}

static void test_client_gone_is_no_harm(void **state) {
    (void)state;
    const char *const env[] = {"REQUEST_METHOD", "GET", "REQUEST_URI", "/stream", NULL};
    for (int i = 0; i < 3; i++) {
        int fd = connect_server();
        assert_true(fcgi_client_send(fd, env, NULL, 0, 0));
        close(fd);
    }
    assert_true(WAIT_FOR(server.echo.counts->lost == 3));
    test_get(state); /* by the same process */
}

static void test_malformed_records_are_no_harm(void **state) {
    (void)state;
    static const char *const sent[] = {
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\1\1\0\1\0\7\0\0",                         /* begin record of the wrong size */
        "\2\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0",        /* version 2 */
        "\1\1\0\1\0\10\0\0\0\1\0\0\0\0\0\0\1\4\0\1", /* cut short after the begin record */
        "",
    };
    static const size_t sizes[] = {27, 8, 16, 20, 0};
    for (size_t i = 0; i < 5; i++) {
        int fd = connect_server();
        assert_int_equal(write(fd, sent[i], sizes[i]), sizes[i]);
        close(fd);
    }
    test_get(state);
}

static void test_connection_is_not_kept(void **state) {
    (void)state;
    const char *const env[] = {"REQUEST_METHOD", "GET", "REQUEST_URI", "/", NULL};
    struct fcgi_answer answer;
    int fd = connect_server();
    assert_true(fcgi_client_send(fd, env, NULL, 0, FCGI_CLIENT_KEEP));
    assert_true(fcgi_client_receive(fd, &answer));
    assert_true(answer.complete);
    assert_true(answer.closed);
    fcgi_answer_free(&answer);
}

static void test_scoreboard_counts(void **state) {
    (void)state;
    struct fcgi_answer first = get("/");
    struct fcgi_answer second = get("/status/404");
    struct scoreboard_worker seen;
    assert_true(WAIT_FOR((scoreboard_read(server.board, 0, &seen), seen.state == WORKER_IDLE) &&
                         seen.done == 2));
    assert_int_equal(seen.begun, 2);
    assert_string_equal(seen.route, "/status/404");
    struct buf out;
    buf_init(&out, 65536);
    scoreboard_assign(scoreboard_slot(server.board, 0), "web");
    scoreboard_metrics(server.board, &out);
    assert_non_null(strstr(buf_text(&out), "requests_total{pool=\"web\",status_class=\"4xx\"} 1\n"));
    char bytes[96];
    snprintf(bytes, sizeof bytes, "tessera_response_bytes_total{pool=\"web\"} %zu\n",
             first.body_size + second.body_size);
    assert_non_null(strstr(buf_text(&out), bytes));
    buf_free(&out);
    fcgi_answer_free(&first);
    fcgi_answer_free(&second);
}

/* What was put off has its time after the answer, again when it asks for that, and before the worker leaves. */
static void test_idle_comes_after_the_answer(void **state) {
    (void)state;
    struct fcgi_answer answer = get("/");
    fcgi_answer_free(&answer);
    assert_true(WAIT_FOR(server.echo.counts->idle > 0));
    server.echo.counts->again = 3;
    answer = get("/");
    fcgi_answer_free(&answer);
    int so_far = server.echo.counts->idle;
    assert_true(WAIT_FOR(server.echo.counts->idle > so_far + 3)); /* without any request */
    server.echo.counts->again = 0;
    answer = get("/");
    fcgi_answer_free(&answer);
    so_far = server.echo.counts->idle;
    assert_int_equal(fcgi_server_stop(worker), 0);
    assert_true(server.echo.counts->idle > so_far);
    worker = fcgi_server_start(&server, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_get),
        TEST(test_status_and_headers),
        TEST(test_statuses_without_a_body),
        TEST(test_impossible_status_becomes_500),
        TEST(test_head_has_no_body),
        TEST(test_env),
        TEST(test_body_of_many_records),
        TEST(test_body_empty),
        TEST(test_body_too_large),
        TEST(test_body_shorter_than_promised),
        TEST(test_large_body_takes_no_memory),
        TEST(test_body_length_malformed),
        TEST(test_stream),
        TEST(test_stream_broken_off_is_not_complete),
        TEST(test_answer_that_does_not_fit_becomes_500),
        TEST(test_client_gone_is_no_harm),
        TEST(test_malformed_records_are_no_harm),
        TEST(test_connection_is_not_kept),
        TEST(test_scoreboard_counts),
        TEST(test_idle_comes_after_the_answer),
    };
    return cmocka_run_group_tests_name("fcgi", tests, NULL, NULL);
}
