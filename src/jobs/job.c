#include "jobs/job.h"

enum { WAIT_MAX = 6 * 60 * 60 /* seconds */ };

double job_wait(const struct job_kind *kind, long attempts, double chance) {
    if (attempts >= kind->tries)
        return -1;
    double wait = (double)kind->wait;
    for (long i = 1; i < attempts && wait < WAIT_MAX; i++)
        wait *= 2;
    if (wait > WAIT_MAX)
        wait = WAIT_MAX;
    return wait * (1 - chance / 2);
}

static const char *job_value(void *context, const char *name) {
    return params_get(context, name);
}

enum err job_run(struct job *job, enum query query) {
    struct batch *batch = batch_new(job->db, job->arena, AUDIENCE_OWNER, BATCH_CONTINUE);
    size_t index = batch_add(batch, query, NULL, job_value, job->params);
    enum err err = batch_run(batch);
    if (err == OK)
        job->rows = batch_rows(batch, index);
    else if (*batch_message(batch) != '\0')
        job->why = batch_message(batch);
    return err;
}

enum err job_explain(struct job *job, enum err err, const char *why) {
    job->why = why;
    return err;
}
