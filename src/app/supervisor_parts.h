/*
 * supervisor_parts.h - what the files of the supervisor share; for supervisor*.c only.
 *
 * A pool of N workers has 2N places, each with its slot on the scoreboard: N for the workers of now,
 * N free for those that a reload starts beside them.
 */
#ifndef TESSERA_APP_SUPERVISOR_PARTS_H
#define TESSERA_APP_SUPERVISOR_PARTS_H

#include "app/supervisor.h"
#include <stdbool.h>
#include <sys/types.h>

enum { SUPERVISOR_POOLS_MAX = 8 };

enum place_state { PLACE_EMPTY, PLACE_WAITING /* to be started at due_us */, PLACE_RUNNING };
enum place_role { ROLE_CURRENT, ROLE_FRESH /* started by a reload */, ROLE_RETIRED };
enum place_kill { KILL_NONE, KILL_DEADLINE, KILL_START, KILL_STOP };

struct place {
    const struct supervisor_pool *pool;
    int listen_fd;
    size_t number; /* of the slot */
    enum place_state state;
    enum place_role role;
    enum place_kill killed;
    unsigned generation;
    unsigned failures; /* in a row */
    pid_t pid;
    int64_t due_us;
    int64_t started_us;
    uint64_t begun; /* requests of the slot before this worker */
};

/* A listening socket of ours, by its file; inode 0 for one that was inherited. */
struct supervisor_socket {
    int fd;
    const char *path;
    dev_t device;
    ino_t inode;
};

struct supervisor {
    const struct supervisor_pool *pools;
    size_t npools;
    struct supervisor_options options; /* without zeros */
    struct supervisor_socket sockets[SUPERVISOR_POOLS_MAX];
    struct scoreboard *board;
    struct place *places;
    size_t nplaces;
    pid_t pid;
    int signal_fd;
    unsigned generation;
    bool announced; /* READY was said */
    bool reloading;
    bool reload_wanted;
    bool stopping;
    int64_t stop_by_us;
    int64_t resend_us;
};

/* supervisor_socket.c */
bool supervisor_sockets_open(struct supervisor *supervisor);
/* No new connections to the sockets that are ours; what waits can still be accepted. */
void supervisor_sockets_shut(struct supervisor *supervisor);
void supervisor_notify(const char *state); /* to systemd, if it asked; see sd_notify(3) */

/* supervisor_worker.c */
void place_start(struct supervisor *supervisor, struct place *place);
void place_empty(struct supervisor *supervisor, struct place *place);
void place_reap(struct supervisor *supervisor, struct place *place, int status);
/* Kills a worker whose request, or whose start, takes too long. */
void place_check(struct supervisor *supervisor, struct place *place, int64_t now);
bool place_ready(const struct supervisor *supervisor, const struct place *place);

/* supervisor_reload.c */
void reload_step(struct supervisor *supervisor);
void reload_fail(struct supervisor *supervisor);

#endif
