/* The shared board: what is counted, who may read it, how it looks to Prometheus. */
#include "http/scoreboard.h"
#include "core/clock.h"
#include "tests/support/unit.h"
#include "tests/support/wait.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];
static char path[96];
static struct scoreboard *board;

static int setup(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/tessera-test-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/status", folder);
    board = scoreboard_create(path, 3);
    assert_non_null(board);
    scoreboard_assign(scoreboard_slot(board, 0), "web");
    scoreboard_assign(scoreboard_slot(board, 1), "web");
    scoreboard_assign(scoreboard_slot(board, 2), "auth");
    return 0;
}

static int teardown(void **state) {
    (void)state;
    scoreboard_close(board);
    unlink(path);
    return rmdir(folder);
}

static void request(size_t slot, int status, uint64_t bytes) {
    scoreboard_begin(scoreboard_slot(board, slot));
    scoreboard_end(scoreboard_slot(board, slot), status, bytes);
}

static bool metric(const struct scoreboard *of, const char *line) {
    struct buf out;
    buf_init(&out, 65536);
    scoreboard_metrics(of, &out);
    assert_false(buf_overflowed(&out));
    const char *at = strstr(buf_text(&out), line);
    bool found = at != NULL && (at == out.data || at[-1] == '\n') && at[strlen(line)] == '\n';
    buf_free(&out);
    return found;
}

static void test_life_of_a_worker(void **state) {
    (void)state;
    struct scoreboard_slot *slot = scoreboard_slot(board, 0);
    struct scoreboard_worker worker;
    scoreboard_starting(slot);
    scoreboard_pid(slot, 4711);
    scoreboard_read(board, 0, &worker);
    assert_int_equal(worker.state, WORKER_STARTING);
    assert_int_equal(worker.pid, 4711);
    assert_string_equal(worker.pool, "web");

    scoreboard_ready(slot);
    int64_t before = clock_monotonic_us();
    scoreboard_begin(slot);
    scoreboard_request(slot, "/leads/{id}", "0123456789abcdef0123456789abcdef");
    scoreboard_read(board, 0, &worker);
    assert_int_equal(worker.state, WORKER_BUSY);
    assert_int_equal(worker.begun, 1);
    assert_int_equal(worker.done, 0);
    assert_true(worker.begin_us >= before && worker.begin_us <= clock_monotonic_us());
    assert_string_equal(worker.route, "/leads/{id}");
    assert_string_equal(worker.request, "0123456789abcdef0123456789abcdef");

    assert_true(WAIT_FOR(clock_monotonic_us() > worker.begin_us));
    scoreboard_progress(slot);
    int64_t begin = worker.begin_us;
    scoreboard_read(board, 0, &worker);
    assert_int_equal(worker.begin_us, begin);
    assert_true(worker.progress_us > begin);

    scoreboard_end(slot, 200, 10);
    scoreboard_read(board, 0, &worker);
    assert_int_equal(worker.state, WORKER_IDLE);
    assert_int_equal(worker.done, 1);

    scoreboard_ended(slot, WORKER_DOWN);
    scoreboard_read(board, 0, &worker);
    assert_int_equal(worker.state, WORKER_DOWN);
    assert_int_equal(worker.pid, 0);
    assert_int_equal(worker.done, 1);
}

static void test_a_new_request_forgets_the_route_of_the_last(void **state) {
    (void)state;
    struct scoreboard_slot *slot = scoreboard_slot(board, 0);
    struct scoreboard_worker worker;
    scoreboard_begin(slot);
    scoreboard_request(slot, "/a", "b");
    scoreboard_end(slot, 200, 0);
    scoreboard_begin(slot);
    scoreboard_read(board, 0, &worker);
    assert_string_equal(worker.route, "");
    assert_string_equal(worker.request, "");
}

static void test_long_texts_are_cut(void **state) {
    (void)state;
    struct scoreboard_worker worker;
    char text[500];
    memset(text, 't', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    scoreboard_assign(scoreboard_slot(board, 0), text);
    scoreboard_request(scoreboard_slot(board, 0), text, text);
    scoreboard_read(board, 0, &worker);
    assert_int_equal(strlen(worker.pool), SCOREBOARD_POOL_SIZE - 1);
    assert_int_equal(strlen(worker.route), SCOREBOARD_ROUTE_SIZE - 1);
    assert_int_equal(strlen(worker.request), SCOREBOARD_REQUEST_SIZE - 1);
    scoreboard_read(board, 1, &worker);
    assert_string_equal(worker.pool, "web"); /* the neighbour is untouched */
    scoreboard_request(scoreboard_slot(board, 0), NULL, NULL);
}

static void test_metrics_are_summed_by_pool(void **state) {
    (void)state;
    request(0, 200, 100);
    request(1, 204, 20);
    request(1, 303, 3);
    request(2, 503, 7);
    request(0, 404, 0);
    request(0, 999, 0); /* not a status: counted as an error of ours */
    scoreboard_db_error(scoreboard_slot(board, 2));
    assert_true(metric(board, "tessera_requests_total{pool=\"web\",status_class=\"2xx\"} 2"));
    assert_true(metric(board, "tessera_requests_total{pool=\"web\",status_class=\"3xx\"} 1"));
    assert_true(metric(board, "tessera_requests_total{pool=\"web\",status_class=\"4xx\"} 1"));
    assert_true(metric(board, "tessera_requests_total{pool=\"web\",status_class=\"5xx\"} 1"));
    assert_true(metric(board, "tessera_requests_total{pool=\"auth\",status_class=\"5xx\"} 1"));
    assert_true(metric(board, "tessera_requests_total{pool=\"auth\",status_class=\"2xx\"} 0"));
    assert_true(metric(board, "tessera_response_bytes_total{pool=\"web\"} 123"));
    assert_true(metric(board, "tessera_db_errors_total{pool=\"auth\"} 1"));
    assert_true(metric(board, "tessera_db_errors_total{pool=\"web\"} 0"));
    assert_true(metric(board, "tessera_request_duration_seconds_count{pool=\"web\"} 5"));
    assert_true(metric(board, "tessera_request_duration_seconds_bucket{pool=\"web\",le=\"+Inf\"} 5"));
}

static long value(const char *series) {
    struct buf out;
    buf_init(&out, 65536);
    scoreboard_metrics(board, &out);
    const char *at = strstr(buf_text(&out), series);
    long number = at != NULL ? strtol(at + strlen(series), NULL, 10) : -1;
    buf_free(&out);
    return number;
}

#define BUCKET(le) value("tessera_request_duration_seconds_bucket{pool=\"web\",le=\"" le "\"} ")

static void test_durations_are_cumulative(void **state) {
    (void)state;
    struct scoreboard_slot *slot = scoreboard_slot(board, 0);
    /* One that takes microseconds, unless the machine is busy: then another. */
    assert_true(WAIT_FOR((request(0, 200, 0), BUCKET("0.001")) > 0));
    long quick = BUCKET("0.0025");
    long all = BUCKET("+Inf");
    scoreboard_begin(slot);
    struct scoreboard_worker worker;
    scoreboard_read(board, 0, &worker);
    assert_true(WAIT_FOR(clock_monotonic_us() - worker.begin_us > 2600));
    scoreboard_end(slot, 200, 0);
    assert_int_equal(BUCKET("0.0025"), quick);
    assert_int_equal(BUCKET("+Inf"), all + 1);
    assert_true(BUCKET("0.001") <= BUCKET("0.0025") && BUCKET("2.5") <= BUCKET("+Inf"));
    assert_false(metric(board, "tessera_request_duration_seconds_sum{pool=\"web\"} 0.000000"));
}

static void test_workers_and_restarts(void **state) {
    (void)state;
    scoreboard_starting(scoreboard_slot(board, 0));
    scoreboard_ready(scoreboard_slot(board, 1));
    scoreboard_pid(scoreboard_slot(board, 1), getpid());
    scoreboard_begin(scoreboard_slot(board, 2));
    scoreboard_restarted(scoreboard_slot(board, 0), WORKER_CRASHED);
    scoreboard_restarted(scoreboard_slot(board, 1), WORKER_CRASHED);
    scoreboard_restarted(scoreboard_slot(board, 2), WORKER_DEADLINE);
    scoreboard_reloaded(board, true);
    assert_true(metric(board, "tessera_workers{pool=\"web\",state=\"starting\"} 1"));
    assert_true(metric(board, "tessera_workers{pool=\"web\",state=\"idle\"} 1"));
    assert_true(metric(board, "tessera_workers{pool=\"web\",state=\"busy\"} 0"));
    assert_true(metric(board, "tessera_workers{pool=\"auth\",state=\"busy\"} 1"));
    assert_true(metric(board, "tessera_worker_restarts_total{pool=\"web\",reason=\"crash\"} 2"));
    assert_true(metric(board, "tessera_worker_restarts_total{pool=\"auth\",reason=\"deadline\"} 1"));
    assert_true(metric(board, "tessera_reloads_total{result=\"done\"} 1"));

    struct buf out;
    buf_init(&out, 65536);
    scoreboard_metrics(board, &out);
    const char *rss = strstr(buf_text(&out), "tessera_worker_rss_bytes{pool=\"web\",worker=\"1\"} ");
    assert_non_null(rss);
    assert_true(strtol(strchr(rss, '}') + 2, NULL, 10) > 100000);
    assert_null(strstr(buf_text(&out), "worker=\"0\"")); /* nobody there */
    buf_free(&out);
}

/* Counted by one process, read by another, through the file. */
static void test_processes_share_it(void **state) {
    (void)state;
    struct scoreboard *reader = scoreboard_attach(path);
    assert_non_null(reader);
    assert_int_equal(scoreboard_slots(reader), 3);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 1000; i++)
            request(1, 200, 2);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(metric(reader, "tessera_requests_total{pool=\"web\",status_class=\"2xx\"} 1000"));
    request(1, 200, 2); /* the successor goes on */
    assert_true(metric(reader, "tessera_response_bytes_total{pool=\"web\"} 2002"));
    scoreboard_close(reader);
}

/* Who still reads the old board reads on; who attaches now has the new one, at zero. */
static void test_a_new_board_replaces_the_old(void **state) {
    (void)state;
    struct scoreboard *reader = scoreboard_attach(path);
    request(0, 200, 1);
    struct scoreboard *fresh = scoreboard_create(path, 1);
    assert_non_null(fresh);
    struct scoreboard_worker worker;
    scoreboard_read(reader, 0, &worker);
    assert_int_equal(worker.done, 1);
    scoreboard_close(reader);
    reader = scoreboard_attach(path);
    assert_int_equal(scoreboard_slots(reader), 1);
    scoreboard_read(reader, 0, &worker);
    assert_int_equal(worker.done, 0);
    scoreboard_close(reader);
    scoreboard_close(fresh);
}

static void damage(off_t at, const char *bytes, size_t size) {
    int fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, bytes, size, at), size);
    close(fd);
}

static void test_other_files_are_refused(void **state) {
    (void)state;
    assert_null(scoreboard_attach("/nowhere"));
    assert_null(scoreboard_attach("/dev/null"));
    damage(8, "\7", 1); /* version */
    assert_null(scoreboard_attach(path));
    damage(8, "\1", 1);
    damage(20, "\4", 1); /* one slot more than the file holds */
    assert_null(scoreboard_attach(path));
    damage(20, "\3", 1);
    struct scoreboard *sound = scoreboard_attach(path);
    assert_non_null(sound);
    scoreboard_close(sound);
    damage(0, "x", 1); /* magic */
    assert_null(scoreboard_attach(path));
}

static void test_creating_can_fail(void **state) {
    (void)state;
    struct stat status;
    assert_null(scoreboard_create("/nowhere/status", 1));
    assert_null(scoreboard_create(path, 0));
    assert_null(scoreboard_create(path, 1000000));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, 128 + 3 * 512); /* the layout that the header promises */
    assert_int_equal(status.st_mode & 0777, 0640 & 0777);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    umask(022);
    const struct CMUnitTest tests[] = {
        TEST(test_life_of_a_worker),
        TEST(test_a_new_request_forgets_the_route_of_the_last),
        TEST(test_long_texts_are_cut),
        TEST(test_metrics_are_summed_by_pool),
        TEST(test_durations_are_cumulative),
        TEST(test_workers_and_restarts),
        TEST(test_processes_share_it),
        TEST(test_a_new_board_replaces_the_old),
        TEST(test_other_files_are_refused),
        TEST(test_creating_can_fail),
    };
    return cmocka_run_group_tests_name("scoreboard", tests, NULL, NULL);
}
