#include "tests/support/workday.h"
#include "app/job_kinds.h"
#include "tests/support/unit.h"
#include <stdio.h>
#include <stdlib.h>

enum { ROOM = 20, KINDS_MAX = 64, ARENA_MAX = 8 << 20 };

static struct site_portal *portal;
static struct queue *queue;
static struct arena *arena;

void workday_open(struct site_portal *of) {
    portal = of;
    queue =
        queue_new(getenv("TESSERA_TEST_JOBS_DATABASE"), 0, job_kinds, job_kinds_count, JOB_WORK);
    arena = arena_new(ARENA_MAX);
}

void workday_close(void) {
    queue_free(queue);
    arena_free(arena);
}

void workday_clean(void) {
    site_sql(portal, "DELETE FROM jobs; DELETE FROM events; DELETE FROM notifications");
}

size_t workday_claim(struct job jobs[WORKDAY_JOBS]) {
    int room[KINDS_MAX];
    const struct rows *rows;
    assert_true(queue_kinds(queue) <= KINDS_MAX);
    for (size_t i = 0; i < queue_kinds(queue); i++)
        room[i] = ROOM;
    arena_reset(arena);
    assert_int_equal(queue_claim(queue, arena, room, &rows), OK);
    size_t n = rows->nrows;
    assert_true(n <= WORKDAY_JOBS);
    for (size_t i = 0; i < n; i++) {
        queue_job(queue, arena, rows, i, &jobs[i]);
        jobs[i].config = site_config(portal);
    }
    db_reset(queue_db(queue));
    return n;
}

void workday_work(struct job *jobs, size_t n) {
    for (size_t i = 0; i < n; i++) {
        queue_work(queue, &jobs[i]);
        db_reset(queue_db(queue));
    }
}

void workday_work_all(void) {
    static struct job jobs[WORKDAY_JOBS];
    for (size_t n = workday_claim(jobs); n > 0; n = workday_claim(jobs))
        workday_work(jobs, n);
}

void workday_time_comes(const char *kind) {
    site_sql(portal, "UPDATE jobs SET run_at = now() WHERE kind = '%s'", kind);
}

long workday_count(const char *format, ...) {
    char sql[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(sql, sizeof sql, format, args);
    va_end(args);
    return strtol(site_value(portal, "SELECT count(*) FROM %s", sql), NULL, 10);
}

long workday_told(const char *user, const char *type) {
    return workday_count("notifications WHERE user_id = '%s' AND type = '%s'", user, type);
}
