/*
 * work.h - the process that does JOB_WORK: one job after the other, each in a transaction of its own.
 */
#ifndef TESSERA_JOBS_WORK_H
#define TESSERA_JOBS_WORK_H

#include "core/config.h"
#include "jobs/job.h"

/* Told at the beginning (kind) and the end (NULL) of each job, for the scoreboard. */
typedef void work_note_fn(void *context, const struct job_kind *kind, const char *id);

/* Until it is asked to stop. Its exit status. */
int work_run(const struct config *config, const struct job_kind *kinds, size_t nkinds, work_note_fn *note, void *context);

#endif
