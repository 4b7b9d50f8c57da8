/*
 * fcgi_echo.h - a FastCGI application for tests of the accept loop and the supervisor.
 *
 *   /            "pid=N generation=N"
 *   /echo        the body that was sent, up to 1 MiB
 *   /env         what CONTENT_TYPE holds, as a header X-Type
 *   /seen…       some of the parameters that came along, one per line
 *   /file        X-Accel-Redirect to /protected/a%20file.txt
 *   /status/404  that status and a header X-Test
 *   /hold        waits until the test calls fcgi_echo_release()
 *   /stuck       waits forever
 *   /stream      4 MiB in pieces;  /broken: a stream that breaks off after its first piece
 *   /huge        more than the body buffer takes;  /huge-stream: and a stream behind it
 *   /crash       the process aborts
 */
#ifndef TESSERA_TESTS_FCGI_ECHO_H
#define TESSERA_TESTS_FCGI_ECHO_H

#include "core/arena.h"
#include "http/fcgi.h"
#include <stdatomic.h>

enum { ECHO_PIECE = 64 * 1024, ECHO_PIECES = 64, ECHO_LIMIT = 1024 * 1024, ECHO_SPOOL_LIMIT = 8 * 1024 * 1024 };

/* In memory that the test shares with its children. */
struct fcgi_echo_counts {
    _Atomic int holding; /* requests that reached /hold or /stuck */
    _Atomic int sent;    /* results with sent set */
    _Atomic int lost;    /* results without */
    _Atomic int idle;    /* times that no request waited */
    _Atomic int again;   /* what it answers then: after so many milliseconds once more, less 1 */
};

struct fcgi_echo {
    struct fcgi_app app;
    struct fcgi_echo_counts *counts;
    struct scoreboard_slot *slot; /* told the route; may be NULL */
    struct arena *arena;
    struct buf body;
    unsigned generation;
    int pieces; /* left of a stream */
    int gate[2];
};

void fcgi_echo_init(struct fcgi_echo *echo);
void fcgi_echo_free(struct fcgi_echo *echo);
/* Lets count requests go on that wait, or will wait, at /hold. */
void fcgi_echo_release(const struct fcgi_echo *echo, int count);

#endif
