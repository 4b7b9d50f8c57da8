/*
 * job.h - what a kind of job is, and what a job is to the code that does it.
 *
 * Jobs are rows of the table `jobs`, written in the transaction of their cause (sql/migrations/0004_jobs.sql). The table of
 * kinds (src/app/job_kinds.c) says what does them. There are two pools:
 *
 *   JOB_WORK   works in the database only, one job at a time in each process. What it writes and the end of its job are one
 *              transaction, so its effect happens exactly once, whatever is killed when. Most kinds are a statement and
 *              need no C.
 *   JOB_SEND   speaks to other machines, many jobs at a time in one process (jobs/send.h). At least once: a daemon that
 *              is killed between the other side's yes and our note of it sends again, with the same key or Message-ID.
 *
 * A job that fails is tried again after a wait that doubles each time; after its last try it is put aside (state dead)
 * with the reason, for an admin to read and to send again. A job that comes twice finds its work done and does nothing.
 */
#ifndef TESSERA_JOBS_JOB_H
#define TESSERA_JOBS_JOB_H

#include "core/arena.h"
#include "core/config.h"
#include "core/params.h"
#include "db/db.h"
#include <stdbool.h>

struct sender;
struct send_job;
struct job;

/* JOB_WORK in C: runs inside the job's transaction, with job_run(). An error undoes it and the job is tried again;
 * ERR_NOT_FOUND and ERR_INVALID put it aside at once. job_explain() says why. */
typedef enum err job_work_fn(struct job *job);
/* JOB_SEND: see jobs/send.h. */
typedef void send_begin_fn(struct sender *sender, struct send_job *job);

enum job_pool { JOB_WORK, JOB_SEND };

struct job_kind {
    const char *kind; /* "notify.fan_out" */
    enum job_pool pool;
    int at_once;           /* how many of the kind one process takes at a time */
    int tries;             /* in all; then it is put aside */
    long wait;             /* seconds before the second try; doubles with each */
    enum query statement;  /* JOB_WORK: the whole work; members of the payload are its parameters. Or: */
    job_work_fn *work;     /* JOB_WORK */
    send_begin_fn *begin;  /* JOB_SEND */
};

struct job {
    const char *id;
    const struct job_kind *kind;
    long attempts; /* this one included */
    struct params *params; /* members of the payload by name, as text */
    struct arena *arena;   /* of this job */
    struct db *db;
    const struct config *config;
    const struct rows *rows; /* of the last job_run() */
    const char *why;
    long wait_least; /* seconds before another try, as the other side asked; 0: it did not */
};

/* One statement inside the job's transaction. Parameters come from job->params. */
enum err job_run(struct job *job, enum query query) CHECKED;
/* Answers err with a reason for the admin's page; no names, no addresses. */
enum err job_explain(struct job *job, enum err err, const char *why);

/* Pure. Seconds until the try after this one: wait, doubled with each attempt, at most six hours, and by up to a half
 * less (chance: 0 to 1), so that what failed together does not come back together. Negative: there is no further try. */
double job_wait(const struct job_kind *kind, long attempts, double chance);

#endif
