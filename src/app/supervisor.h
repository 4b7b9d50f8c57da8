/*
 * supervisor.h - the parent of `tessera web` and `tessera jobs`: keeps N workers per pool alive and answers signals.
 *
 *   SIGTERM, SIGINT  no new connections, every accepted one is answered, exit 0
 *   SIGQUIT          kill the workers, exit 0
 *   SIGHUP           reload: new workers start beside the old ones; once all are ready the old ones
 *                    finish what they have and leave. When one of the new ones fails before it is
 *                    ready, the old ones stay (event reload_failed).
 *
 * A worker that crashes is replaced, at first at once, then after a wait that doubles each time until it
 * has lived `healthy_ms`. One that leaves with status 0 after serving is replaced at once. One whose
 * request made no progress for `deadline_ms` is killed (event worker_killed); its neighbours go on.
 * Workers are killed by the kernel if the parent dies.
 *
 * Sockets come, in this order, from systemd (LISTEN_FDS, matched to pools by LISTEN_FDNAMES, else in
 * order), from descriptor 0 for the first pool, or are bound at the pool's path and removed at the end.
 * systemd is told READY, RELOADING and STOPPING through NOTIFY_SOCKET.
 *
 * The parent is single-threaded and serves nothing itself, so it should open no database connection and
 * read nothing but its configuration: each worker loads what it needs, which is what a reload renews.
 */
#ifndef TESSERA_APP_SUPERVISOR_H
#define TESSERA_APP_SUPERVISOR_H

#include "http/scoreboard.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct supervisor_pool {
    const char *name;   /* "web", "auth"; shorter than SCOREBOARD_POOL_SIZE */
    const char *socket; /* path, unless the socket is inherited */
    size_t workers;     /* 1 or more */
    bool no_socket;     /* its workers accept no connections */
};

/* What a new worker is given. */
struct supervisor_worker {
    const char *pool;
    int listen_fd;
    size_t number; /* of its slot, for logs */
    struct scoreboard *board;
    struct scoreboard_slot *slot;
    unsigned generation; /* 0 at first, one more with each reload */
};

/*
 * Runs in the child: loads, then calls fcgi_serve() (which marks the slot ready) and returns its exit
 * status, 0 when all is well. SIGTERM and SIGHUP are already handled (drain, retire) and blocked.
 */
typedef int supervisor_worker_fn(void *context, const struct supervisor_worker *worker);

struct supervisor_options {
    const char *status_file;
    supervisor_worker_fn *worker_main;
    void *context;
    /* Milliseconds; 0 means the default. */
    long deadline_ms;    /* 30,000 */
    long start_ms;       /* 30,000: a worker that isn't ready by then is killed */
    long stop_ms;        /* deadline + 5,000: what isn't drained by then is killed */
    long backoff_ms;     /* 100 */
    long backoff_max_ms; /* 30,000 */
    long healthy_ms;     /* 60,000 */
};

/* Returns the process's exit status: 0 after a signal, 1 when it could not start (logged). */
int supervisor_run(const struct supervisor_pool *pools, size_t npools,
                   const struct supervisor_options *options);

#endif
