/*
 * queue.h - one process's connection to the queue: takes jobs, ends them, keeps the schedules going.
 *
 * The daemon's number belongs to the connection (app.job_daemon()): when it breaks, what was claimed through it goes back
 * by itself, and ending such a job afterwards answers ERR_CONFLICT, which undoes what was done with it.
 */
#ifndef TESSERA_JOBS_QUEUE_H
#define TESSERA_JOBS_QUEUE_H

#include "jobs/job.h"

struct queue;

/* conninfo: of the role tessera_jobs. Takes the kinds of one pool out of the table. Does not connect yet. */
struct queue *queue_new(const char *conninfo, long statement_timeout, const struct job_kind *kinds, size_t nkinds, enum job_pool pool);
void queue_free(struct queue *queue);
struct db *queue_db(struct queue *queue);

size_t queue_kinds(const struct queue *queue);
const struct job_kind *queue_kind(const struct queue *queue, size_t i);

/* Up to room[i] jobs of kind i. Rows: id, kind, payload, attempts; they live until db_reset(queue_db()). */
enum err queue_claim(struct queue *queue, struct arena *arena, const int *room, const struct rows **rows) CHECKED;
/* A claimed row as a job; what it needs of the row is copied. */
void queue_job(struct queue *queue, struct arena *arena, const struct rows *rows, size_t row, struct job *job);

/* JOB_WORK: does it, in one transaction with its end, or notes its failure. */
void queue_work(struct queue *queue, struct job *job);
/* Notes a failure: another try later, or (final, or no try left) put aside. why: for the admin's page. */
void queue_failed(struct queue *queue, struct job *job, const char *why, bool final);
/* Counts a job that was ended elsewhere with app.job_done(). */
void queue_count_done(struct queue *queue, const struct job_kind *kind);
/* What was claimed and is not begun goes back as if it had not been. Needs db_reset(queue_db()) after it. */
void queue_return(struct queue *queue);

/* From time to time: runs schedules that are due, frees jobs of dead daemons, writes the counts. Milliseconds until it
 * wants to be called again. */
long queue_tick(struct queue *queue);
/* Milliseconds until a job of ours that waits for its time is due, at most an hour. */
long queue_next_due(struct queue *queue);

#endif
