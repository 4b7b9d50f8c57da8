/*
 * jobs - how fast the queue is: jobs per second, and how soon after its cause a job has done its work.
 *
 *   jobs CONNINFO EMAIL [JOBS [WAKES]]
 *
 * CONNINFO: of the cluster's superuser, to a demo whose `tessera jobs` runs. Each job tells the person with that address of
 * one event, by a notification and a mail. The second figure is measured from before the COMMIT of the cause to the
 * notice that the effect's COMMIT sends.
 */
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { JOBS = 10000, WAKES = 500, PATIENCE_MS = 60000 };

static PGconn *conn, *ear;

static _Noreturn void die(const char *what) {
    fprintf(stderr, "jobs: %s\n", what);
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long run(const char *sql, const char *a, const char *b) {
    const char *const values[] = {a, b};
    PGresult *result = PQexecParams(conn, sql, b ? 2 : a ? 1 : 0, NULL, values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        die(PQerrorMessage(conn));
    long value = PQntuples(result) > 0 ? strtol(PQgetvalue(result, 0, 0), NULL, 10) : 0;
    PQclear(result);
    return value;
}

static PGconn *open_conn(const char *conninfo) {
    PGconn *opened = PQconnectdb(conninfo);
    if (PQstatus(opened) != CONNECTION_OK)
        die(PQerrorMessage(opened));
    return opened;
}

static const char add[] = "SELECT count(app.event_add('lead.won', partner_id, NULL, NULL, '/leads', '{}', ARRAY[id]))"
                          " FROM users, generate_series(1, $2::int) WHERE email = $1";

static void measure_rate(const char *email, const char *jobs) {
    double begin = now();
    run(add, email, jobs);
    double added = now();
    while (run("SELECT count(*) FROM jobs WHERE kind = 'notify.fan_out'", NULL, NULL) > 0) {
        struct timespec pause = {.tv_nsec = 10000000};
        nanosleep(&pause, NULL);
        if (now() - added > PATIENCE_MS / 1000.0)
            die("the jobs are not done; does a daemon run?");
    }
    printf("%s jobs added in %.2f s, done in %.2f s: %.0f jobs/s\n", jobs, added - begin, now() - added,
           strtod(jobs, NULL) / (now() - added));
}

static void wait_for_notice(void) {
    struct pollfd fd = {.fd = PQsocket(ear), .events = POLLIN};
    for (;;) {
        PGnotify *notice = PQnotifies(ear);
        if (notice != NULL) {
            PQfreemem(notice);
            return;
        }
        if (poll(&fd, 1, PATIENCE_MS) != 1 || !PQconsumeInput(ear))
            die("nothing was heard; does a daemon run?");
    }
}

static int order(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure_wakes(const char *email, size_t wakes) {
    double *ms = calloc(wakes, sizeof *ms);
    if (ms == NULL)
        die("no memory");
    for (size_t i = 0; i < wakes; i++) {
        double begin = now();
        run(add, email, "1");
        wait_for_notice();
        ms[i] = (now() - begin) * 1000;
    }
    qsort(ms, wakes, sizeof *ms, order);
    printf("from cause to effect, %zu times: p50 %.1f ms, p95 %.1f ms, p99 %.1f ms, longest %.1f ms\n", wakes, ms[wakes / 2],
           ms[wakes * 95 / 100], ms[wakes * 99 / 100], ms[wakes - 1]);
    free(ms);
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fputs("Usage: jobs CONNINFO EMAIL [JOBS [WAKES]]\n", stderr);
        return 2;
    }
    char preset[16];
    snprintf(preset, sizeof preset, "%d", JOBS);
    conn = open_conn(argv[1]);
    ear = open_conn(argv[1]);
    measure_rate(argv[2], argc > 3 ? argv[3] : preset);
    PQclear(PQexec(ear, "LISTEN live"));
    measure_wakes(argv[2], argc > 4 ? strtoul(argv[4], NULL, 10) : WAKES);
    PQfinish(conn);
    PQfinish(ear);
    return 0;
}
