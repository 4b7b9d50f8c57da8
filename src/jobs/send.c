#include "jobs/send.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/text.h"
#include "db/listen.h"
#include "jobs/queue.h"
#include "jobs/stop.h"
#include "view/messages.h"

enum {
    JOB_ARENA = 8 << 20, /* bytes a job may use */
    CLAIM_ARENA = 4 << 20,
    LEAVE_MS = 20000,      /* for what is under way when we are asked to stop */
    REST_MAX = 60,         /* seconds */
    REST_ASKED_MAX = 3600
};

/* Of each kind: how many more jobs may begin, and when again. */
struct pace {
    int room;
    long rest;     /* seconds of the last rest; 0: all is well */
    int64_t until; /* of the present one, by clock_monotonic_us() */
};

struct sender {
    const struct config *config;
    struct queue *queue;
    struct listener *listener;
    struct transfers *transfers;
    struct template_set *templates;
    struct send_job *running;
    struct pace *paces; /* by kind */
    int *room;          /* what is asked of the queue: 0 for a kind that rests */
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

enum err send_load_each_as(struct send_job *job, const char *user_id, enum audience audience, enum query query, const char *name,
                           const char *const *values, size_t count, const struct rows **rows) {
    struct batch *batch = batch_new(job->job.db, job->job.arena, audience, BATCH_WHOLE);
    params_set(job->job.params, "session_user_id", user_id);
    (void)batch_add(batch, Q_session_as, NULL, find, job->job.params);
    for (size_t i = 0; i < count; i++) {
        params_set(job->job.params, name, values[i]);
        (void)batch_add(batch, query, NULL, find, job->job.params);
    }
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
    sender->paces[kind_number(sender, job->job.kind)].room++;
    db_reset(queue_db(sender->queue));
    struct arena *arena = job->job.arena; /* the job itself lies in it */
    arena_free(arena);
}

/* False: the database is there, but did not take it this time. */
static bool note_end(struct send_job *job) {
    struct sender *sender = job->sender;
    struct batch *batch = batch_new(job->job.db, job->job.arena, AUDIENCE_OWNER, BATCH_WHOLE);
    (void)batch_add(batch, job->end, NULL, find, job->job.params);
    (void)batch_add(batch, Q_queue_done, NULL, find, job->job.params);
    enum err err = batch_run(batch);
    if (err == ERR_UNAVAILABLE && db_connected(job->job.db))
        return false;
    if (err == OK)
        queue_count_done(sender->queue, job->job.kind);
    else if (err == ERR_UNAVAILABLE || err == ERR_CONFLICT)
        log_event(LOG_WARN, "job_lost", "kind", "%s", job->job.kind->kind, "job", "%s", job->job.id,
                  NULL);
    else
        queue_failed(sender->queue, &job->job, "The end could not be noted.", true);
    forget(job);
    return true;
}

void send_end(struct send_job *job, enum query statement) {
    struct sender *sender = job->sender;
    sender->paces[kind_number(sender, job->job.kind)].rest = 0;
    job->end = statement;
    job->ended = true;
    if (!note_end(job)) /* the world has it, so it is neither begun again nor put aside */
        log_event(LOG_WARN, "job_end_waits", "kind", "%s", job->job.kind->kind, "job", "%s", job->job.id, NULL);
}

/* Ends that could not be noted when they came. */
static void note_ends(struct sender *sender) {
    for (struct send_job *job = sender->running, *next; job != NULL; job = next) {
        next = job->next;
        if (job->ended && !note_end(job))
            return; /* each may have to wait for its time to run out */
    }
}

void send_again(struct send_job *job, const char *why) {
    queue_failed(job->sender->queue, &job->job, why, false);
    forget(job);
}

/* Those that were under way together rest together, once. */
static long rest(struct pace *pace, long seconds) {
    int64_t now = clock_monotonic_us();
    if (seconds <= 0) {
        if (now >= pace->until)
            pace->rest = pace->rest == 0 ? 1 : 2 * pace->rest < REST_MAX ? 2 * pace->rest : REST_MAX;
        seconds = pace->rest > 0 ? pace->rest : 1;
    } else if (seconds > REST_ASKED_MAX) {
        seconds = REST_ASKED_MAX;
    }
    if (pace->until < now + seconds * INT64_C(1000000))
        pace->until = now + seconds * INT64_C(1000000);
    return seconds;
}

void send_later(struct send_job *job, const char *why, long seconds) {
    seconds = rest(&job->sender->paces[kind_number(job->sender, job->job.kind)], seconds);
    log_event(LOG_WARN, "job_later", "kind", "%s", job->job.kind->kind, "job", "%s", job->job.id, "why", "%s", why, "rest_s", "%ld",
              seconds, NULL);
    params_set(job->job.params, "why", why);
    params_set(job->job.params, "wait", arena_printf(job->job.arena, "%ld", seconds));
    static const enum query later[] = {Q_send_later};
    const struct rows *rows;
    if (send_load(job, later, 1, &rows) == OK) {
        forget(job);
    } else if (db_connected(job->job.db)) { /* counted after all, but not forgotten */
        send_again(job, why);
    } else { /* the claim is gone with the connection */
        log_event(LOG_WARN, "job_lost", "kind", "%s", job->job.kind->kind, "job", "%s", job->job.id, NULL);
        forget(job);
    }
}

void send_refuse(struct send_job *job, const char *why) {
    queue_failed(job->sender->queue, &job->job, why, true);
    forget(job);
}

/* ── The process ── */

static bool any_room(struct sender *sender) {
    int64_t now = clock_monotonic_us();
    bool any = false;
    for (size_t i = 0; i < queue_kinds(sender->queue); i++) {
        const struct pace *pace = &sender->paces[i];
        sender->room[i] = now >= pace->until ? pace->room : 0;
        any = any || sender->room[i] > 0;
    }
    return any;
}

/* Milliseconds until a kind that rests has had its time; -1: none rests. */
static long rest_over(const struct sender *sender) {
    int64_t now = clock_monotonic_us(), first = -1;
    for (size_t i = 0; i < queue_kinds(sender->queue); i++) {
        int64_t left = sender->paces[i].until - now;
        if (left > 0 && (first < 0 || left < first))
            first = left;
    }
    return first < 0 ? -1 : (long)(first / 1000 + 1);
}

static void begin(struct sender *sender, const struct rows *rows, size_t row) {
    struct arena *arena = arena_new(JOB_ARENA);
    struct send_job *job = arena_alloc(arena, sizeof *job);
    *job = (struct send_job){.sender = sender, .next = sender->running};
    queue_job(sender->queue, arena, rows, row, &job->job);
    sender->running = job;
    sender->paces[kind_number(sender, job->job.kind)].room--;
}

/* Takes what there is room for; true when there was something. */
static bool take(struct sender *sender) {
    struct arena *arena = arena_new(CLAIM_ARENA);
    const struct rows *rows;
    size_t count = 0;
    if (any_room(sender) && queue_claim(sender->queue, arena, sender->room, &rows) == OK) {
        count = rows->nrows;
        for (size_t i = count; i > 0; i--) /* each is put in front: the most urgent ends up first */
            begin(sender, rows, i - 1);
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
            note_ends(sender);
            look = true;
        }
        bool had_room = any_room(sender);
        if (look || woken(sender))
            look = take(sender);
        long wait = 0;
        if (!look) {
            wait = (long)((tick_at - clock_monotonic_us()) / 1000);
            long due = queue_next_due(sender->queue), rested = rest_over(sender);
            if (rested >= 0 && (rested < due || due < 0))
                due = rested;
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
    while (sender->running != NULL && clock_monotonic_us() < until) {
        wait_for_something(sender, 200);
        note_ends(sender);
    }
    queue_return(sender->queue);
    (void)queue_tick(sender->queue);
}

/* Those of HTML mail are made by the front end's build; without them mail goes as text. */
static bool load_templates(struct sender *sender) {
    char error[1024], html[4096];
    if (template_set_load(sender->templates, sender->config->templates, error, sizeof error) != OK) {
        log_event(LOG_ERROR, "templates_broken", "reason", "%s", error, NULL);
        return false;
    }
    snprintf(html, sizeof html, "%s/dist/mail", sender->config->static_dir);
    enum err err = template_set_load(sender->templates, html, error, sizeof error);
    if (err != OK)
        log_event(err == ERR_NOT_FOUND ? LOG_WARN : LOG_ERROR, "mail_templates", "reason", "%s", error, NULL);
    return err == OK || err == ERR_NOT_FOUND;
}

int send_run(const struct config *config, const struct job_kind *kinds, size_t nkinds) {
    struct sender sender = {.config = config, .templates = template_set_new()};
    if (!load_templates(&sender)) {
        template_set_free(sender.templates);
        return EXIT_FAILURE;
    }
    messages_open(config->locale_dir);
    sender.queue = queue_new(config->database_jobs, config->statement_timeout, kinds, nkinds, JOB_SEND);
    sender.listener = listener_new(config->database_jobs, "jobs");
    sender.transfers = transfers_new(*config->ca_file != '\0' ? config->ca_file : NULL);
    sender.room = calloc(queue_kinds(sender.queue) + 1, sizeof *sender.room);
    sender.paces = calloc(queue_kinds(sender.queue) + 1, sizeof *sender.paces);
    if (sender.room == NULL || sender.paces == NULL)
        abort();
    for (size_t i = 0; i < queue_kinds(sender.queue); i++)
        sender.paces[i].room = queue_kind(sender.queue, i)->at_once;
    serve(&sender);
    leave(&sender);
    transfers_free(sender.transfers);
    listener_free(sender.listener);
    while (sender.running != NULL)
        forget(sender.running);
    queue_free(sender.queue);
    template_set_free(sender.templates);
    free(sender.room);
    free(sender.paces);
    return EXIT_SUCCESS;
}
