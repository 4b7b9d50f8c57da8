#include "jobs/send.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/text.h"
#include "db/listen.h"
#include "jobs/queue.h"
#include "jobs/stop.h"

enum {
    JOB_ARENA = 8 << 20, /* bytes a job may use */
    CLAIM_ARENA = 4 << 20,
    LEAVE_MS = 20000 /* for what is under way when we are asked to stop */
};

struct sender {
    const struct config *config;
    struct queue *queue;
    struct listener *listener;
    struct transfers *transfers;
    struct template_set *templates;
    struct send_job *running;
    int *room; /* per kind: how many more may begin */
};

const struct config *send_config(const struct sender *sender) {
    return sender->config;
}

struct transfers *send_transfers(struct sender *sender) {
    return sender->transfers;
}

const struct template_set *send_templates(const struct sender *sender) {
    return sender->templates;
}

/* ── Statements ── */

static const char *find(void *context, const char *name) {
    return params_get(context, name);
}

enum err send_load(struct send_job *job, const enum query *queries, size_t count,
                   const struct rows **rows) {
    struct batch *batch = batch_new(job->job.db, job->job.arena, AUDIENCE_OWNER, BATCH_WHOLE);
    for (size_t i = 0; i < count; i++)
        (void)batch_add(batch, queries[i], NULL, find, job->job.params);
    enum err err = batch_run(batch);
    for (size_t i = 0; err == OK && i < count; i++)
        rows[i] = batch_rows(batch, i);
    return err;
}

enum err send_load_as(struct send_job *job, const char *user_id, enum audience audience,
                      const enum query *queries, size_t count, const struct rows **rows) {
    struct batch *batch = batch_new(job->job.db, job->job.arena, audience, BATCH_WHOLE);
    params_set(job->job.params, "session_user_id", user_id);
    (void)batch_add(batch, Q_session_as, NULL, find, job->job.params);
    for (size_t i = 0; i < count; i++)
        (void)batch_add(batch, queries[i], NULL, find, job->job.params);
    enum err err = batch_run(batch);
    for (size_t i = 0; err == OK && i < count; i++)
        rows[i] = batch_rows(batch, i + 1);
    return err;
}

/* ── The end of a job ── */

static size_t kind_number(const struct sender *sender, const struct job_kind *kind) {
    size_t i = 0;
    while (queue_kind(sender->queue, i) != kind)
        i++;
    return i;
}

static void forget(struct send_job *job) {
    struct sender *sender = job->sender;
    struct send_job **at = &sender->running;
    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
    sender->room[kind_number(sender, job->job.kind)]++;
    db_reset(queue_db(sender->queue));
    struct arena *arena = job->job.arena; /* the job itself lies in it */
    arena_free(arena);
}

void send_end(struct send_job *job, enum query statement) {
    struct sender *sender = job->sender;
    struct batch *batch = batch_new(job->job.db, job->job.arena, AUDIENCE_OWNER, BATCH_WHOLE);
    (void)batch_add(batch, statement, NULL, find, job->job.params);
    (void)batch_add(batch, Q_queue_done, NULL, find, job->job.params);
    enum err err = batch_run(batch);
    if (err == OK)
        queue_count_done(sender->queue, job->job.kind);
    else if (err == ERR_UNAVAILABLE || err == ERR_CONFLICT)
        log_event(LOG_WARN, "job_lost", "kind", "%s", job->job.kind->kind, "job", "%s", job->job.id,
                  NULL);
    else
        queue_failed(sender->queue, &job->job, "The end could not be noted.", true);
    forget(job);
}

void send_again(struct send_job *job, const char *why) {
    queue_failed(job->sender->queue, &job->job, why, false);
    forget(job);
}

void send_refuse(struct send_job *job, const char *why) {
    queue_failed(job->sender->queue, &job->job, why, true);
    forget(job);
}

/* ── The process ── */

static bool any_room(const struct sender *sender) {
    for (size_t i = 0; i < queue_kinds(sender->queue); i++) {
        if (sender->room[i] > 0)
            return true;
    }
    return false;
}

static void begin(struct sender *sender, const struct rows *rows, size_t row) {
    struct arena *arena = arena_new(JOB_ARENA);
    struct send_job *job = arena_alloc(arena, sizeof *job);
    *job = (struct send_job){.sender = sender, .next = sender->running};
    queue_job(sender->queue, arena, rows, row, &job->job);
    sender->running = job;
    sender->room[kind_number(sender, job->job.kind)]--;
}

/* Takes what there is room for; true when there was something. */
static bool take(struct sender *sender) {
    struct arena *arena = arena_new(CLAIM_ARENA);
    const struct rows *rows;
    size_t count = 0;
    if (any_room(sender) && queue_claim(sender->queue, arena, sender->room, &rows) == OK) {
        count = rows->nrows;
        for (size_t i = 0; i < count; i++)
            begin(sender, rows, i);
    }
    db_reset(queue_db(sender->queue));
    arena_free(arena);
    /* The new ones stand in front; whoever ends at once leaves the list. */
    struct send_job *job = sender->running;
    for (size_t i = 0; i < count; i++) {
        struct send_job *next = job->next;
        job->job.kind->begin(sender, job);
        db_reset(queue_db(sender->queue));
        job = next;
    }
    return count > 0;
}

static bool woken(struct sender *sender) {
    const char *payload;
    bool any = false;
    while (listener_next(sender->listener, &payload) != HEARD_NOTHING)
        any = true;
    return any;
}

static void wait_for_something(struct sender *sender, long ms) {
    int fds[] = {listener_fd(sender->listener), stop_asked() ? -1 : stop_fd()};
    if (fds[0] < 0 && ms > 1000)
        ms = 1000;
    transfers_wait(sender->transfers, fds, 2, ms);
}

static void serve(struct sender *sender) {
    int64_t tick_at = 0;
    bool look = true;
    while (!stop_asked()) {
        int64_t now = clock_monotonic_us();
        if (now >= tick_at) {
            tick_at = now + queue_tick(sender->queue) * 1000;
            look = true;
        }
        bool had_room = any_room(sender);
        if (look || woken(sender))
            look = take(sender);
        long wait = 0;
        if (!look) {
            wait = (long)((tick_at - clock_monotonic_us()) / 1000);
            long due = queue_next_due(sender->queue);
            if (due < wait) {
                wait = due;
                look = true;
            }
        }
        wait_for_something(sender, wait > 0 ? wait : 0);
        if (!had_room && any_room(sender))
            look = true;
    }
}

static void leave(struct sender *sender) {
    int64_t until = clock_monotonic_us() + LEAVE_MS * INT64_C(1000);
    while (sender->running != NULL && clock_monotonic_us() < until)
        wait_for_something(sender, 200);
    queue_return(sender->queue);
    (void)queue_tick(sender->queue);
}

int send_run(const struct config *config, const struct job_kind *kinds, size_t nkinds) {
    char error[1024];
    struct sender sender = {.config = config, .templates = template_set_new()};
    if (template_set_load(sender.templates, config->templates, error, sizeof error) != OK) {
        log_event(LOG_ERROR, "templates_broken", "reason", "%s", error, NULL);
        template_set_free(sender.templates);
        return EXIT_FAILURE;
    }
    sender.queue =
        queue_new(config->database_jobs, config->statement_timeout, kinds, nkinds, JOB_SEND);
    sender.listener = listener_new(config->database_jobs, "jobs");
    sender.transfers = transfers_new();
    sender.room = calloc(queue_kinds(sender.queue) + 1, sizeof *sender.room);
    if (sender.room == NULL)
        abort();
    for (size_t i = 0; i < queue_kinds(sender.queue); i++)
        sender.room[i] = queue_kind(sender.queue, i)->at_once;
    serve(&sender);
    leave(&sender);
    transfers_free(sender.transfers);
    listener_free(sender.listener);
    while (sender.running != NULL)
        forget(sender.running);
    queue_free(sender.queue);
    template_set_free(sender.templates);
    free(sender.room);
    return EXIT_SUCCESS;
}
