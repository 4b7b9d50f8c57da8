/*
 * supervised.h - a supervisor in a process of its own, with the echo application in its workers.
 *
 *   struct supervised s;
 *   supervised_init(&s);          two pools: "web" and "auth", one worker each; short times
 *   s.pools[0].workers = 2;       change what the test is about
 *   supervised_start(&s);         returns when every worker is ready, unless s.no_wait
 *   …
 *   supervised_stop(&s, SIGTERM); its exit status, or -signal
 *   supervised_free(&s);
 */
#ifndef TESSERA_TESTS_SUPERVISED_H
#define TESSERA_TESTS_SUPERVISED_H

#include "app/supervisor.h"
#include "tests/support/fcgi_echo.h"
#include <sys/types.h>

enum supervised_mode {
    WORKER_SERVES,
    WORKER_FAILS,        /* ends at once with status 1 */
    WORKER_LEAVES,       /* ends at once with status 0 */
    WORKER_FAILS_RELOAD, /* serves at first; one that a reload started fails once it is released */
    WORKER_HANGS         /* never becomes ready */
};

struct supervised {
    char folder[64];
    char web[96]; /* socket paths */
    char auth[96];
    char status[96];
    char log[96];
    struct supervisor_pool pools[2];
    struct supervisor_options options;
    struct fcgi_echo echo;
    enum supervised_mode mode;
    long max_requests;
    bool no_wait;
    void (*prepare)(struct supervised *supervised); /* runs in the new process first; may be NULL */
    pid_t pid;
    struct scoreboard *board; /* attached read-only */
};

void supervised_init(struct supervised *supervised);
void supervised_start(struct supervised *supervised);
int supervised_wait(struct supervised *supervised);
int supervised_stop(struct supervised *supervised, int signal);
void supervised_free(struct supervised *supervised);

/* True when the pool's workers are all ready: exactly as many as configured, none leaving. */
bool supervised_ready(struct supervised *supervised);
/* Process id of the nth live worker of a pool; 0 when there are fewer. */
pid_t supervised_worker(const struct supervised *supervised, const char *pool, size_t nth);
uint64_t supervised_restarts(const struct supervised *supervised, enum worker_end why);
/* True when some line of the log holds both texts. */
bool supervised_logged(const struct supervised *supervised, const char *one, const char *other);

/* A GET that is sent and not yet answered; its descriptor. */
int supervised_begin(const char *socket, const char *uri);
struct supervised_reply {
    int status; /* 0: none came */
    long pid;
    unsigned generation;
};
struct supervised_reply supervised_reply(int fd);
/* Forks clients that send requests one after the other; the pids, for supervised_failures(). */
void supervised_load(const char *socket, size_t clients, int requests, pid_t *pids);
int supervised_failures(const pid_t *pids, size_t clients);

#endif
