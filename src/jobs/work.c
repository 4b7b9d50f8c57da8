#include "jobs/work.h"
#include "core/clock.h"
#include "db/listen.h"
#include "jobs/queue.h"
#include "jobs/stop.h"
#include <poll.h>

enum { CLAIM_ARENA = 4 << 20, JOB_ARENA = 64 << 20 };

struct worker {
    const struct config *config;
    struct queue *queue;
    struct listener *listener;
    struct arena *claim_arena, *job_arena;
    int *room;
    work_note_fn *note;
    void *context;
};

/* Does what it can get; true when there was something. */
static bool work(struct worker *worker) {
    const struct rows *rows;
    size_t count = 0, done = 0;
    struct job *jobs = NULL;
    if (queue_claim(worker->queue, worker->claim_arena, worker->room, &rows) == OK) {
        count = rows->nrows;
        jobs = arena_array(worker->claim_arena, count + 1, sizeof *jobs);
        for (size_t i = 0; i < count; i++)
            queue_job(worker->queue, worker->claim_arena, rows, i, &jobs[i]);
    }
    db_reset(queue_db(worker->queue));
    for (; done < count && !stop_asked(); done++) {
        jobs[done].arena = worker->job_arena;
        jobs[done].config = worker->config;
        worker->note(worker->context, jobs[done].kind, jobs[done].id);
        queue_work(worker->queue, &jobs[done]);
        worker->note(worker->context, NULL, NULL);
        db_reset(queue_db(worker->queue));
        arena_reset(worker->job_arena);
    }
    if (done < count) {
        queue_return(worker->queue);
        db_reset(queue_db(worker->queue));
    }
    arena_reset(worker->claim_arena);
    return count > 0;
}

static bool woken(struct worker *worker) {
    const char *payload;
    bool any = false;
    while (listener_next(worker->listener, &payload) != HEARD_NOTHING)
        any = true;
    return any;
}

static void wait_for_something(struct worker *worker, long ms) {
    struct pollfd fds[] = {{.fd = listener_fd(worker->listener), .events = POLLIN},
                           {.fd = stop_fd(), .events = POLLIN}};
    if (fds[0].fd < 0 && ms > 1000)
        ms = 1000;
    (void)poll(fds, 2, (int)(ms > 0 ? ms : 0));
}

static void serve(struct worker *worker) {
    int64_t tick_at = 0;
    bool look = true;
    while (!stop_asked()) {
        int64_t now = clock_monotonic_us();
        if (now >= tick_at) {
            tick_at = now + queue_tick(worker->queue) * 1000;
            look = true;
        }
        if (woken(worker))
            look = true;
        if (look && work(worker))
            continue;
        long wait = (long)((tick_at - clock_monotonic_us()) / 1000);
        long due = queue_next_due(worker->queue);
        look = due <= wait;
        wait_for_something(worker, look ? due : wait);
    }
}

int work_run(const struct config *config, const struct job_kind *kinds, size_t nkinds,
             work_note_fn *note, void *context) {
    struct worker worker = {
        .config = config,
        .queue =
            queue_new(config->database_jobs, config->job_deadline * 1000, kinds, nkinds, JOB_WORK),
        .listener = listener_new(config->database_jobs, "jobs"),
        .claim_arena = arena_new(CLAIM_ARENA),
        .job_arena = arena_new(JOB_ARENA),
        .note = note,
        .context = context,
    };
    worker.room = calloc(queue_kinds(worker.queue) + 1, sizeof *worker.room);
    if (worker.room == NULL)
        abort();
    for (size_t i = 0; i < queue_kinds(worker.queue); i++)
        worker.room[i] = queue_kind(worker.queue, i)->at_once;
    serve(&worker);
    (void)queue_tick(worker.queue); /* writes the last counts */
    listener_free(worker.listener);
    queue_free(worker.queue);
    arena_free(worker.claim_arena);
    arena_free(worker.job_arena);
    free(worker.room);
    return EXIT_SUCCESS;
}
