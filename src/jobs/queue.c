#include "jobs/queue.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/text.h"
#include <jansson.h>
#include <limits.h>
#include <openssl/rand.h>

enum {
    CRASHES_MAX = 5, /* a job that its daemon died of so often is put aside */
    TICK_MAX_MS = 5000,
    TICK_MIN_MS = 50,
    AWAY_MS = 1000, /* between two looks whether the database is back */
    NOTE_ARENA = 1 << 20,
    LIST_MAX = 64 * 1024
};

struct count {
    long done, retried, died;
};

/* A failure that the database did not take although it is there: a lock was not to be had, a statement took too long. It is
 * noted later, because the claim lasts as long as the connection. */
struct unnoted {
    struct unnoted *next;
    char *job_id, *why, *wait; /* wait NULL: put aside */
};

struct queue {
    struct db *db;
    const struct job_kind *const *kinds;
    size_t nkinds;
    struct count *counts;
    struct arena *arena; /* for notes: emptied after each */
    char *names;         /* of the kinds, as a PostgreSQL array */
    struct unnoted *unnoted;
};

static char *kept(const char *text) {
    char *copy = text != NULL ? strdup(text) : NULL;
    if (text != NULL && copy == NULL)
        abort();
    return copy;
}

static void unnoted_free(struct unnoted *failure) {
    free(failure->job_id);
    free(failure->why);
    free(failure->wait);
    free(failure);
}

static char *names_of(const struct job_kind *const *kinds, size_t nkinds) {
    struct buf list;
    buf_init(&list, LIST_MAX);
    buf_putc(&list, '{');
    for (size_t i = 0; i < nkinds; i++)
        buf_printf(&list, "%s%s", i > 0 ? "," : "", kinds[i]->kind);
    buf_putc(&list, '}');
    char *names = strdup(buf_text(&list));
    buf_free(&list);
    return names;
}

struct queue *queue_new(const char *conninfo, long statement_timeout, const struct job_kind *kinds,
                        size_t nkinds, enum job_pool pool) {
    struct queue *queue = calloc(1, sizeof *queue);
    const struct job_kind **ours = calloc(nkinds + 1, sizeof *ours);
    if (queue == NULL || ours == NULL)
        abort();
    for (size_t i = 0; i < nkinds; i++) {
        if (kinds[i].pool == pool)
            ours[queue->nkinds++] = &kinds[i];
    }
    queue->kinds = ours;
    queue->counts = calloc(queue->nkinds + 1, sizeof *queue->counts);
    queue->names = names_of(ours, queue->nkinds);
    if (queue->counts == NULL || queue->names == NULL)
        abort();
    queue->db = db_new(conninfo, statement_timeout);
    queue->arena = arena_new(NOTE_ARENA);
    return queue;
}

void queue_free(struct queue *queue) {
    if (queue == NULL)
        return;
    db_free(queue->db);
    arena_free(queue->arena);
    free((void *)(uintptr_t)queue->kinds);
    free(queue->counts);
    free(queue->names);
    while (queue->unnoted != NULL) {
        struct unnoted *next = queue->unnoted->next;
        unnoted_free(queue->unnoted);
        queue->unnoted = next;
    }
    free(queue);
}

struct db *queue_db(struct queue *queue) {
    return queue->db;
}

size_t queue_kinds(const struct queue *queue) {
    return queue->nkinds;
}

const struct job_kind *queue_kind(const struct queue *queue, size_t i) {
    return queue->kinds[i];
}

static const char *find(void *context, const char *name) {
    return params_get(context, name);
}

/* One statement as a transaction of its own. */
static enum err run(struct queue *queue, struct arena *arena, enum query query,
                    struct params *params, const struct rows **rows) {
    struct batch *batch = batch_new(queue->db, arena, AUDIENCE_OWNER, BATCH_WHOLE);
    size_t index = batch_add(batch, query, NULL, find, params);
    enum err err = batch_run(batch);
    if (err == OK && rows != NULL)
        *rows = batch_rows(batch, index);
    return err;
}

/* The same for what leaves nothing behind; must not be called while rows of a claim are still
 * wanted. */
static enum err note(struct queue *queue, enum query query, struct params *params, long *number) {
    const struct rows *rows;
    enum err err = run(queue, queue->arena, query, params, &rows);
    if (err == OK && number != NULL) {
        const char *text = rows->nrows > 0 ? rows->cell(rows->source, 0, 0) : NULL;
        if (text == NULL || !text_to_long(text, 0, LONG_MAX, number))
            *number = -1;
    }
    return err;
}

/* ── Taking ── */

enum err queue_claim(struct queue *queue, struct arena *arena, const int *room,
                     const struct rows **rows) {
    struct params *params = params_new(arena);
    struct buf kinds, limits;
    buf_init(&kinds, LIST_MAX);
    buf_init(&limits, LIST_MAX);
    for (size_t i = 0; i < queue->nkinds; i++) {
        if (room[i] <= 0)
            continue;
        buf_printf(&kinds, "%s%s", kinds.len > 0 ? "," : "", queue->kinds[i]->kind);
        buf_printf(&limits, "%s%d", limits.len > 0 ? "," : "", room[i]);
    }
    params_add(params, "kinds", arena_printf(arena, "{%s}", buf_text(&kinds)));
    params_add(params, "limits", arena_printf(arena, "{%s}", buf_text(&limits)));
    buf_free(&kinds);
    buf_free(&limits);
    return run(queue, arena, Q_queue_claim, params, rows);
}

static const struct job_kind *kind_named(const struct queue *queue, const char *name) {
    for (size_t i = 0; i < queue->nkinds; i++) {
        if (text_equal(queue->kinds[i]->kind, name))
            return queue->kinds[i];
    }
    return NULL;
}

/* Members that are not text stand as JSON has them. */
static void add_payload(struct params *params, struct arena *arena, const char *payload) {
    json_t *object = json_loads(payload, 0, NULL);
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value) {
        if (json_is_null(value))
            continue;
        char *text =
            json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        params_add(params, arena_strdup(arena, name),
                   arena_strdup(arena, text != NULL ? text : json_string_value(value)));
        free(text);
    }
    json_decref(object);
}

void queue_job(struct queue *queue, struct arena *arena, const struct rows *rows, size_t row,
               struct job *job) {
    const char *id = rows_get(rows, row, "id");
    const struct job_kind *kind = kind_named(queue, rows_get(rows, row, "kind"));
    if (kind == NULL)
        abort(); /* only our kinds were asked for */
    long attempts = 1;
    (void)text_to_long(rows_get(rows, row, "attempts"), 1, LONG_MAX, &attempts);
    *job = (struct job){.id = arena_strdup(arena, id),
                        .kind = kind,
                        .attempts = attempts,
                        .params = params_new(arena),
                        .arena = arena,
                        .db = queue->db};
    params_add(job->params, "job_id", job->id);
    add_payload(job->params, arena, rows_get(rows, row, "payload"));
}

/* ── Ending ── */

static struct count *count_of(struct queue *queue, const struct job_kind *kind) {
    size_t i = 0;
    while (queue->kinds[i] != kind)
        i++;
    return &queue->counts[i];
}

void queue_count_done(struct queue *queue, const struct job_kind *kind) {
    count_of(queue, kind)->done++;
}

static double chance(void) {
    unsigned char bytes[2];
    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return 0.5;
    return (bytes[0] * 256 + bytes[1]) / 65536.0;
}

static void note_later(struct queue *queue, const struct job *job) {
    struct unnoted *failure = calloc(1, sizeof *failure);
    if (failure == NULL)
        abort();
    *failure = (struct unnoted){.next = queue->unnoted, .job_id = kept(job->id)};
    failure->why = kept(params_get(job->params, "why"));
    failure->wait = kept(params_get(job->params, "wait"));
    queue->unnoted = failure;
}

/* What could not be noted before. Where the connection was lost meanwhile, so was the claim: nothing is left to note. */
static void note_again(struct queue *queue) {
    while (queue->unnoted != NULL) {
        struct unnoted *failure = queue->unnoted;
        struct params *params = params_new(queue->arena);
        params_add(params, "job_id", failure->job_id);
        params_add(params, "why", failure->why);
        params_add(params, "wait", failure->wait);
        if (run(queue, queue->arena, Q_queue_failed, params, NULL) != OK && db_connected(queue->db))
            return;
        queue->unnoted = failure->next;
        unnoted_free(failure);
    }
}

void queue_failed(struct queue *queue, struct job *job, const char *why, bool final) {
    double wait = final ? -1 : job_wait(job->kind, job->attempts, chance());
    if (wait >= 0 && wait < (double)job->wait_least)
        wait = (double)job->wait_least;
    params_set(job->params, "why", why);
    params_set(job->params, "wait", wait < 0 ? NULL : arena_printf(job->arena, "%.3f", wait));
    if (wait < 0)
        count_of(queue, job->kind)->died++;
    else
        count_of(queue, job->kind)->retried++;
    log_event(wait < 0 ? LOG_ERROR : LOG_WARN, wait < 0 ? "job_dead" : "job_failed", "kind", "%s",
              job->kind->kind, "job", "%s", job->id, "attempt", "%ld", job->attempts, "why", "%s",
              why, "retry_s", "%.1f", wait, NULL);
    /* When this can't be noted, the connection is gone and the claim with it, or it is noted a little later. */
    if (run(queue, job->arena, Q_queue_failed, job->params, NULL) != OK && db_connected(queue->db))
        note_later(queue, job);
}

static enum err work_statement(struct job *job, const char **why) {
    struct batch *batch = batch_new(job->db, job->arena, AUDIENCE_OWNER, BATCH_WHOLE);
    (void)batch_add(batch, job->kind->statement, NULL, find, job->params);
    (void)batch_add(batch, Q_queue_done, NULL, find, job->params);
    enum err err = batch_run(batch);
    *why = batch_message(batch);
    return err;
}

static enum err work_function(struct job *job, const char **why) {
    struct batch *open = batch_new(job->db, job->arena, AUDIENCE_OWNER, BATCH_OPEN);
    enum err err = batch_run(open);
    if (err == OK)
        err = job->kind->work(job);
    if (err == OK) {
        struct batch *end = batch_new(job->db, job->arena, AUDIENCE_OWNER, BATCH_COMMIT);
        (void)batch_add(end, Q_queue_done, NULL, find, job->params);
        err = batch_run(end);
        *why = batch_message(end);
    } else {
        *why = job->why;
    }
    if (err != OK)
        db_rollback(job->db);
    return err;
}

void queue_work(struct queue *queue, struct job *job) {
    int64_t begin = clock_monotonic_us();
    const char *why = NULL;
    enum err err = job->kind->work != NULL ? work_function(job, &why) : work_statement(job, &why);
    if (err == OK) {
        queue_count_done(queue, job->kind);
        log_event(LOG_DEBUG, "job_done", "kind", "%s", job->kind->kind, "job", "%s", job->id, "ms",
                  "%.1f", (double)(clock_monotonic_us() - begin) / 1000.0, NULL);
        return;
    }
    bool final = err == ERR_NOT_FOUND || err == ERR_INVALID;
    if (err == ERR_UNAVAILABLE || err == ERR_CONFLICT) {
        log_event(LOG_WARN, "job_lost", "kind", "%s", job->kind->kind, "job", "%s", job->id, NULL);
        if (err == ERR_UNAVAILABLE && !db_connected(queue->db))
            return; /* it goes back by itself */
    }
    queue_failed(queue, job, text_blank(why) ? err_sentence(err) : why, final);
}

void queue_return(struct queue *queue) {
    if (db_connected(queue->db))
        (void)run(queue, queue->arena, Q_queue_return, params_new(queue->arena), NULL);
}

/* ── From time to time ── */

static void write_counts(struct queue *queue) {
    struct arena *arena = queue->arena;
    struct buf done, retried, died;
    bool any = false;
    buf_init(&done, LIST_MAX);
    buf_init(&retried, LIST_MAX);
    buf_init(&died, LIST_MAX);
    for (size_t i = 0; i < queue->nkinds; i++) {
        const struct count *count = &queue->counts[i];
        const char *comma = i > 0 ? "," : "";
        any = any || count->done + count->retried + count->died > 0;
        buf_printf(&done, "%s%ld", comma, count->done);
        buf_printf(&retried, "%s%ld", comma, count->retried);
        buf_printf(&died, "%s%ld", comma, count->died);
    }
    struct params *params = params_new(arena);
    params_add(params, "kinds", queue->names);
    params_add(params, "done", arena_printf(arena, "{%s}", buf_text(&done)));
    params_add(params, "retried", arena_printf(arena, "{%s}", buf_text(&retried)));
    params_add(params, "died", arena_printf(arena, "{%s}", buf_text(&died)));
    buf_free(&done);
    buf_free(&retried);
    buf_free(&died);
    if (any && run(queue, arena, Q_queue_count, params, NULL) == OK)
        memset(queue->counts, 0, queue->nkinds * sizeof *queue->counts);
}

long queue_tick(struct queue *queue) {
    long due = -1;
    struct params *params = params_new(queue->arena);
    params_add(params, "tries", arena_printf(queue->arena, "%d", CRASHES_MAX));
    write_counts(queue);
    note_again(queue);
    enum err err = note(queue, Q_queue_tick, params, &due);
    db_reset(queue->db);
    arena_reset(queue->arena);
    if (err != OK)
        return AWAY_MS;
    if (due < 0 || due > TICK_MAX_MS)
        return TICK_MAX_MS;
    return due < TICK_MIN_MS ? TICK_MIN_MS : due;
}

long queue_next_due(struct queue *queue) {
    long due = -1;
    struct params *params = params_new(queue->arena);
    params_add(params, "kinds", queue->names);
    enum err err = note(queue, Q_queue_next_due, params, &due);
    db_reset(queue->db);
    arena_reset(queue->arena);
    if (err != OK)
        return AWAY_MS;
    return due < 0 ? TICK_MAX_MS : due;
}
