/*
 * send.h - the process that speaks to other machines: one thread, many transfers at a time, so that slow endpoints never
 * keep others waiting.
 *
 * A kind's begin() is given a claimed job. It loads what it needs (send_load), begins a transfer (transfer.h) whose `done`
 * gets the job as its context, and returns. The job ends, now or then, with exactly one of:
 *
 *   send_end     the world has it: a statement and the end of the job, in one transaction; where the database cannot take it
 *                now, it is noted a little later
 *   send_again   not this time: tried again later, put aside after the last try
 *   send_later   the other side as a whole is away, or wants to be left alone: this try is not counted, and the kind rests
 *   send_refuse  never: put aside with the reason
 *
 * A job that was put aside marks its outbox row as failed (trigger events on jobs). Everything of the job is in its
 * arena and gone after its end.
 */
#ifndef TESSERA_JOBS_SEND_H
#define TESSERA_JOBS_SEND_H

#include "core/config.h"
#include "jobs/job.h"
#include "jobs/transfer.h"
#include "view/mustache.h"

struct send_job {
    struct job job; /* id, kind, params (members of the payload), arena, db */
    struct sender *sender;
    struct send_job *next;
    void *state; /* the kind's own */
    bool ended;  /* the world has it; `end` is still to be noted */
    enum query end;
};

const struct config *send_config(const struct sender *sender);
struct transfers *send_transfers(struct sender *sender);
const struct template_set *send_templates(const struct sender *sender);

/* Statements as a transaction of their own. As AUDIENCE_OWNER they run as tessera_jobs itself. With a user's id, the first
 * is app.session_as(user) and all run under that user's role: what they return is what the user may see. Rows live until
 * begin() or done() returns. Parameters: job->params. */
enum err send_load(struct send_job *job, const enum query *queries, size_t count, const struct rows **rows) CHECKED;
enum err send_load_as(struct send_job *job, const char *user_id, enum audience audience, const enum query *queries, size_t count,
                      const struct rows **rows) CHECKED;

/* The same statement once for each value of one parameter, in one transaction and one round trip. */
enum err send_load_each_as(struct send_job *job, const char *user_id, enum audience audience, enum query query, const char *name,
                           const char *const *values, size_t count, const struct rows **rows) CHECKED;

void send_end(struct send_job *job, enum query statement);
void send_again(struct send_job *job, const char *why);
/* seconds: how long no job of this kind is begun; 0: a second, and twice as long each time until one comes through, at
 * most a minute. */
void send_later(struct send_job *job, const char *why, long seconds);
void send_refuse(struct send_job *job, const char *why);

/* The process: until it is asked to stop and nothing is under way. Its exit status. */
int send_run(const struct config *config, const struct job_kind *kinds, size_t nkinds);

#endif
