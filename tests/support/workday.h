/*
 * workday.h - the job daemon inside a test that has the portal (site.h): works what is due when it
 * is told to.
 *
 * Jobs are claimed and worked as the daemon does it, over a connection of its role. What speaks to
 * the world (send.*) is left where it is.
 */
#ifndef TESSERA_TESTS_WORKDAY_H
#define TESSERA_TESTS_WORKDAY_H

#include "jobs/queue.h"
#include "tests/support/site.h"

enum { WORKDAY_JOBS = 64 };

void workday_open(struct site_portal *portal);
void workday_close(void);
/* No jobs, no events, nobody told of anything: after site_restore(). */
void workday_clean(void);

/* Takes what is due, without doing it yet; how many. Their memory lives until the next claim. */
size_t workday_claim(struct job jobs[WORKDAY_JOBS]);
void workday_work(struct job *jobs, size_t n);
/* All that is due, and what follows from it. */
void workday_work_all(void);
/* What waits for its time is due at once: as if the daemon had slept until then, and the clock been
 * put back since. */
void workday_time_comes(const char *kind);

/* Rows of "table WHERE …"; how often a user was told of something. */
long workday_count(const char *format, ...) __attribute__((format(printf, 1, 2)));
long workday_told(const char *user, const char *type);

#endif
