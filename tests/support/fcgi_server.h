/*
 * fcgi_server.h - one or more workers around fcgi_serve() and the echo application, on a socket in a
 * folder of their own.
 */
#ifndef TESSERA_TESTS_FCGI_SERVER_H
#define TESSERA_TESTS_FCGI_SERVER_H

#include "tests/support/fcgi_echo.h"
#include <sys/types.h>

struct fcgi_server {
    char folder[64];
    char socket[96];
    int listen_fd;
    struct fcgi_echo echo;
    struct scoreboard *board; /* four slots, one per worker in the order of their start */
    size_t started;
};

void fcgi_server_open(struct fcgi_server *server);
void fcgi_server_close(struct fcgi_server *server); /* workers must have ended */
/* Forks a worker. */
pid_t fcgi_server_start(struct fcgi_server *server, long max_requests);
/* Waits for a worker; what fcgi_serve() returned in it (255 for -1), or -signal. */
int fcgi_server_wait(pid_t worker);
/* SIGTERM, then the same. */
int fcgi_server_stop(pid_t worker);

#endif
