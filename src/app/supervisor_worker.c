#include "app/supervisor_parts.h"
#include "core/clock.h"
#include "core/log.h"
#include "http/fcgi.h"
#include "jobs/stop.h"
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DOUBLINGS_MAX = 20, STOP_TRIES = 5 };

static void on_term(int signal) {
    (void)signal;
    fcgi_drain();
    stop_ask();
}

static void on_hup(int signal) {
    (void)signal;
    fcgi_retire();
    stop_ask();
}

static void worker_signals(void) {
    struct sigaction action = {.sa_handler = on_term};
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = on_hup;
    sigaction(SIGHUP, &action, NULL);
    /* Ctrl-C reaches the whole foreground group; what it means is the parent's to say. */
    action.sa_handler = SIG_IGN;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGPIPE, &action, NULL);

    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGHUP);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
}

static _Noreturn void worker_run(struct supervisor *supervisor, const struct place *place) {
    char text[64];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != supervisor->pid)
        _exit(0); /* the parent died before the line above */
    close(supervisor->signal_fd);
    worker_signals();
    scoreboard_pid(scoreboard_slot(supervisor->board, place->number), getpid());
    snprintf(text, sizeof text, "tessera %s", place->pool->name);
    prctl(PR_SET_NAME, text);
    snprintf(text, sizeof text, "pool=%s worker=%zu", place->pool->name, place->number);
    log_set_process(text);

    struct supervisor_worker worker = {
        .pool = place->pool->name,
        .listen_fd = place->listen_fd,
        .number = place->number,
        .board = supervisor->board,
        .slot = scoreboard_slot(supervisor->board, place->number),
        .generation = place->generation,
    };
    exit(supervisor->options.worker_main(supervisor->options.context, &worker));
}

/* Milliseconds until the next try after a failure: none, then doubling. */
static long place_backoff(const struct supervisor *supervisor, struct place *place) {
    unsigned failures = place->failures++;
    if (failures == 0)
        return 0;
    unsigned doublings = failures - 1 < DOUBLINGS_MAX ? failures - 1 : DOUBLINGS_MAX;
    long wait = supervisor->options.backoff_ms << doublings;
    long max = supervisor->options.backoff_max_ms;
    return wait < max ? wait : max;
}

static void place_wait(struct supervisor *supervisor, struct place *place, long wait_ms) {
    place->state = PLACE_WAITING;
    place->due_us = clock_monotonic_us() + wait_ms * 1000;
    scoreboard_ended(scoreboard_slot(supervisor->board, place->number), WORKER_DOWN);
}

void place_empty(struct supervisor *supervisor, struct place *place) {
    place->state = PLACE_EMPTY;
    scoreboard_ended(scoreboard_slot(supervisor->board, place->number), WORKER_NONE);
}

void place_start(struct supervisor *supervisor, struct place *place) {
    struct scoreboard_slot *slot = scoreboard_slot(supervisor->board, place->number);
    struct scoreboard_worker before;
    scoreboard_read(supervisor->board, place->number, &before);
    scoreboard_starting(slot);
    place->started_us = clock_monotonic_us();
    place->begun = before.begun;
    place->killed = KILL_NONE;
    place->generation = supervisor->generation;

    fflush(NULL); /* or the child would write it again */
    pid_t pid = fork();
    if (pid == 0)
        worker_run(supervisor, place);
    if (pid < 0) {
        long wait = place_backoff(supervisor, place);
        log_event(LOG_ERROR, "fork_failed", "why", "%s", strerror(errno), "retry_ms", "%ld", wait,
                  NULL);
        place_wait(supervisor, place, wait);
        return;
    }
    place->pid = pid;
    place->state = PLACE_RUNNING;
    log_event(LOG_INFO, "worker_started", "pool", "%s", place->pool->name, "worker", "%zu",
              place->number, "pid", "%d", (int)pid, NULL);
    if (supervisor->stopping)
        kill(pid, SIGTERM);
}

bool place_ready(const struct supervisor *supervisor, const struct place *place) {
    struct scoreboard_worker worker;
    scoreboard_read(supervisor->board, place->number, &worker);
    return place->state == PLACE_RUNNING &&
           (worker.state == WORKER_IDLE || worker.state == WORKER_BUSY);
}

static bool pool_running(const struct supervisor *supervisor, const struct supervisor_pool *pool) {
    for (size_t i = 0; i < supervisor->nplaces; i++) {
        const struct place *place = &supervisor->places[i];
        if (place->pool == pool && place->state == PLACE_RUNNING)
            return true;
    }
    return false;
}

/* Decides when the place is filled again after its worker ended; -1: never. */
static long place_successor(struct supervisor *supervisor, struct place *place, bool left) {
    struct scoreboard_slot *slot = scoreboard_slot(supervisor->board, place->number);
    bool was_stopped = supervisor->stopping || place->role == ROLE_RETIRED;
    if (was_stopped && left)
        return -1;
    if (left) {
        place->failures = 0;
        scoreboard_restarted(slot, WORKER_RECYCLED);
        return 0;
    }
    if (place->killed == KILL_DEADLINE) {
        /* The request was at fault, and took long enough for this not to spin. */
        scoreboard_restarted(slot, WORKER_DEADLINE);
    } else {
        scoreboard_restarted(slot, WORKER_CRASHED);
        int64_t lived_us = clock_monotonic_us() - place->started_us;
        if (lived_us >= supervisor->options.healthy_ms * INT64_C(1000))
            place->failures = 0;
    }
    if (supervisor->stopping) {
        /* Connections may still wait, and nobody else would answer them. */
        bool needed = place->killed != KILL_STOP && place->failures++ < STOP_TRIES &&
                      !pool_running(supervisor, place->pool);
        return needed ? 0 : -1;
    }
    if (place->role == ROLE_RETIRED)
        return -1;
    return place->killed == KILL_DEADLINE ? 0 : place_backoff(supervisor, place);
}

void place_reap(struct supervisor *supervisor, struct place *place, int status) {
    struct scoreboard_worker last;
    scoreboard_read(supervisor->board, place->number, &last);
    bool stopped = supervisor->stopping || place->role == ROLE_RETIRED;
    /* A worker that leaves at once without having served would otherwise be restarted in a circle. */
    bool left = WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
                (stopped || last.begun > place->begun);

    place->state = PLACE_EMPTY;
    long wait = place_successor(supervisor, place, left);
    log_event(left ? LOG_INFO : LOG_WARN, left ? "worker_left" : "worker_died", "pool", "%s",
              place->pool->name, "worker", "%zu", place->number, "pid", "%d", (int)place->pid,
              WIFSIGNALED(status) ? "signal" : "status", "%d",
              WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), "retry_ms", "%ld", wait,
              NULL);
    if (wait < 0)
        place_empty(supervisor, place);
    else
        place_wait(supervisor, place, wait);
    if (place->role == ROLE_FRESH && !left && !supervisor->stopping)
        reload_fail(supervisor);
}

static void place_kill(struct place *place, enum place_kill why, const char *sentence, long ms,
                       const struct scoreboard_worker *worker) {
    place->killed = why;
    kill(place->pid, SIGKILL);
    log_event(LOG_ERROR, "worker_killed", "why", "%s", sentence, "ms", "%ld", ms, "pool", "%s",
              place->pool->name, "worker", "%zu", place->number, "pid", "%d", (int)place->pid,
              "route", "%s", worker->route, "request", "%s", worker->request, NULL);
}

void place_check(struct supervisor *supervisor, struct place *place, int64_t now) {
    if (place->state != PLACE_RUNNING || place->killed != KILL_NONE)
        return;
    struct scoreboard_worker worker;
    scoreboard_read(supervisor->board, place->number, &worker);
    if (supervisor->stopping && now >= supervisor->stop_by_us) {
        place_kill(place, KILL_STOP, "not drained in time", 0, &worker);
    } else if (worker.state == WORKER_STARTING) {
        long ms = (long)((now - place->started_us) / 1000);
        if (ms > supervisor->options.start_ms)
            place_kill(place, KILL_START, "not ready in time", ms, &worker);
    } else if (worker.state == WORKER_BUSY) {
        long ms = (long)((now - worker.progress_us) / 1000);
        struct scoreboard_worker again;
        scoreboard_read(supervisor->board, place->number, &again);
        bool same = again.state == WORKER_BUSY && again.begun == worker.begun;
        if (ms > supervisor->options.deadline_ms && same && again.progress_us == worker.progress_us)
            place_kill(place, KILL_DEADLINE, "request over its deadline", ms, &worker);
    }
}
