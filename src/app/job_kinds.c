/*
 * job_kinds.c - every kind of job, and what does it: a statement, or a function where it needs more than the database.
 *
 *   WORK(kind, at once, tries, first wait in seconds, statement)
 *   WORK_IN_C(kind, at once, tries, first wait, function)
 *   SEND(kind, at once, tries, first wait, function)
 */
#include "app/job_kinds.h"

#define WORK(name, n, t, s, q)      {.kind = name, .pool = JOB_WORK, .at_once = n, .tries = t, .wait = s, .statement = q}
#define WORK_IN_C(name, n, t, s, f) {.kind = name, .pool = JOB_WORK, .at_once = n, .tries = t, .wait = s, .work = f}
#define SEND(name, n, t, s, f)      {.kind = name, .pool = JOB_SEND, .at_once = n, .tries = t, .wait = s, .begin = f}

/* clang-format off */
const struct job_kind job_kinds[] = {
    WORK("notify.fan_out", 20, 8, 2, Q_work_fan_out),
    WORK("digests.make", 1, 5, 60, Q_work_digests),
    WORK("daily.housekeeping", 1, 5, 60, Q_work_housekeeping),
    WORK("links.tidy", 1, 5, 60, Q_work_links_tidy),
};
/* clang-format on */
const size_t job_kinds_count = sizeof job_kinds / sizeof *job_kinds;
