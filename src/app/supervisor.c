#include "app/supervisor.h"
#include "app/supervisor_parts.h"
#include "core/clock.h"
#include "core/log.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TICK_MAX_MS = 1000, TICK_SOON_MS = 20, RESEND_MS = 200 };

static void set_default(long *value, long preset) {
    if (*value <= 0)
        *value = preset;
}

static void set_defaults(struct supervisor_options *options) {
    set_default(&options->deadline_ms, 30000);
    set_default(&options->start_ms, 30000);
    set_default(&options->stop_ms, options->deadline_ms + 5000);
    set_default(&options->backoff_ms, 100);
    set_default(&options->backoff_max_ms, 30000);
    set_default(&options->healthy_ms, 60000);
}

static bool signals_open(struct supervisor *supervisor) {
    static const int wanted[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGCHLD};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        sigaddset(&set, wanted[i]);
    struct sigaction preset = {.sa_handler = SIG_DFL};
    sigaction(SIGCHLD, &preset, NULL); /* ignored, it would hide how workers end */
    sigprocmask(SIG_BLOCK, &set, NULL);
    supervisor->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (supervisor->signal_fd < 0)
        log_event(LOG_ERROR, "start_failed", "why", "%s", strerror(errno), NULL);
    return supervisor->signal_fd >= 0;
}

static bool places_open(struct supervisor *supervisor) {
    for (size_t i = 0; i < supervisor->npools; i++)
        supervisor->nplaces += 2 * supervisor->pools[i].workers;
    supervisor->board =
        scoreboard_create(supervisor->options.status_file, supervisor->nplaces);
    if (supervisor->board == NULL)
        return false;
    supervisor->places = calloc(supervisor->nplaces, sizeof *supervisor->places);
    if (supervisor->places == NULL)
        abort();

    size_t number = 0;
    for (size_t i = 0; i < supervisor->npools; i++) {
        const struct supervisor_pool *pool = &supervisor->pools[i];
        for (size_t j = 0; j < 2 * pool->workers; j++, number++) {
            supervisor->places[number] = (struct place){
                .pool = pool,
                .listen_fd = supervisor->sockets[i].fd,
                .number = number,
                .state = j < pool->workers ? PLACE_WAITING : PLACE_EMPTY,
            };
            scoreboard_assign(scoreboard_slot(supervisor->board, number), pool->name);
        }
    }
    return true;
}

static void stop(struct supervisor *supervisor, int64_t within_ms) {
    int64_t now = clock_monotonic_us();
    int64_t by = now + within_ms * 1000;
    if (supervisor->stopping) {
        supervisor->stop_by_us = by < supervisor->stop_by_us ? by : supervisor->stop_by_us;
        return;
    }
    supervisor->stopping = true;
    supervisor->stop_by_us = by;
    supervisor->resend_us = now;
    supervisor_notify("STOPPING=1");
    log_event(LOG_INFO, "stopping", NULL);
    supervisor_sockets_shut(supervisor);
    for (size_t i = 0; i < supervisor->nplaces; i++) {
        if (supervisor->places[i].state == PLACE_WAITING)
            place_empty(supervisor, &supervisor->places[i]);
    }
}

static void reap_all(struct supervisor *supervisor) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        for (size_t i = 0; i < supervisor->nplaces; i++) {
            struct place *place = &supervisor->places[i];
            if (place->state == PLACE_RUNNING && place->pid == pid) {
                place_reap(supervisor, place, status);
                break;
            }
        }
    }
}

static void read_signals(struct supervisor *supervisor) {
    struct signalfd_siginfo info;
    while (read(supervisor->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        switch (info.ssi_signo) {
        case SIGTERM:
        case SIGINT:
            stop(supervisor, supervisor->options.stop_ms);
            break;
        case SIGQUIT:
            stop(supervisor, 0);
            break;
        case SIGHUP:
            supervisor->reload_wanted = true;
            break;
        default:
            break;
        }
    }
    /* Several deaths may share one SIGCHLD. */
    reap_all(supervisor);
}

static bool all_empty(const struct supervisor *supervisor) {
    for (size_t i = 0; i < supervisor->nplaces; i++) {
        if (supervisor->places[i].state != PLACE_EMPTY)
            return false;
    }
    return true;
}

static bool all_ready(const struct supervisor *supervisor) {
    for (size_t i = 0; i < supervisor->nplaces; i++) {
        const struct place *place = &supervisor->places[i];
        if (place->state != PLACE_EMPTY && !place_ready(supervisor, place))
            return false;
    }
    return true;
}

static void announce(struct supervisor *supervisor) {
    if (supervisor->announced || supervisor->stopping || !all_ready(supervisor))
        return;
    supervisor->announced = true;
    supervisor_notify("READY=1");
    log_event(LOG_INFO, "ready", NULL);
}

static void places_step(struct supervisor *supervisor) {
    int64_t now = clock_monotonic_us();
    bool resend = supervisor->stopping && now >= supervisor->resend_us;
    for (size_t i = 0; i < supervisor->nplaces; i++) {
        struct place *place = &supervisor->places[i];
        if (place->state == PLACE_WAITING && place->due_us <= now)
            place_start(supervisor, place);
        if (resend && place->state == PLACE_RUNNING)
            kill(place->pid, SIGTERM);
        place_check(supervisor, place, now);
    }
    if (resend)
        supervisor->resend_us = now + RESEND_MS * 1000;
}

/* Milliseconds until something may have to be done without a signal. */
static int next_tick(const struct supervisor *supervisor) {
    int64_t now = clock_monotonic_us();
    int64_t wait = supervisor->options.deadline_ms / 4;
    if (wait > TICK_MAX_MS)
        wait = TICK_MAX_MS;
    bool soon = !supervisor->announced || supervisor->reloading || supervisor->reload_wanted ||
                supervisor->stopping;
    if (soon && wait > TICK_SOON_MS)
        wait = TICK_SOON_MS;
    for (size_t i = 0; i < supervisor->nplaces; i++) {
        const struct place *place = &supervisor->places[i];
        int64_t due = place->state == PLACE_WAITING ? (place->due_us - now + 999) / 1000 : wait;
        if (due < wait)
            wait = due;
    }
    return wait > 0 ? (int)wait : 0;
}

static void run(struct supervisor *supervisor) {
    struct pollfd signals = {.fd = supervisor->signal_fd, .events = POLLIN};
    for (;;) {
        places_step(supervisor);
        reload_step(supervisor);
        announce(supervisor);
        if (supervisor->stopping && all_empty(supervisor))
            return;
        if (poll(&signals, 1, next_tick(supervisor)) > 0)
            read_signals(supervisor);
    }
}

int supervisor_run(const struct supervisor_pool *pools, size_t npools,
                   const struct supervisor_options *options) {
    struct supervisor supervisor = {
        .pools = pools, .npools = npools, .options = *options, .pid = getpid(), .signal_fd = -1};
    if (npools == 0 || npools > SUPERVISOR_POOLS_MAX)
        abort();
    set_defaults(&supervisor.options);

    bool started = supervisor_sockets_open(&supervisor) && places_open(&supervisor) &&
                   signals_open(&supervisor);
    if (started) {
        run(&supervisor);
        log_event(LOG_INFO, "stopped", NULL);
    }
    supervisor_sockets_shut(&supervisor);
    for (size_t i = 0; i < npools; i++) {
        if (supervisor.sockets[i].fd > STDERR_FILENO)
            close(supervisor.sockets[i].fd);
    }
    if (supervisor.signal_fd >= 0)
        close(supervisor.signal_fd);
    if (supervisor.board != NULL)
        unlink(supervisor.options.status_file);
    scoreboard_close(supervisor.board);
    free(supervisor.places);
    return started ? 0 : 1;
}
