/*
 * fcgi.h - the accept loop of one worker; the only user of libfcgi.
 *
 * fcgi_listen() opens (or takes from descriptor 0) the socket; fcgi_serve() waits with epoll
 * (EPOLLEXCLUSIVE, so that one connection wakes one worker), accepts, hands each request to the
 * application and sends what it answers. One connection carries one request.
 *
 * SIGTERM and SIGHUP are blocked from the first call of fcgi_serve() on, but between two requests and
 * while it waits: a handler is never interrupted, and a signal is never missed. The process installs
 * handlers that call fcgi_drain() or fcgi_retire(); SIGPIPE is ignored. A client that goes away in
 * the middle is not an error.
 *
 * A stream that can't go on (the database is gone) sets out->overflowed: the answer is then broken off,
 * so that the client sees a failed transfer and not a shorter list.
 */
#ifndef TESSERA_HTTP_FCGI_H
#define TESSERA_HTTP_FCGI_H

#include "core/err.h"
#include "http/request.h"
#include "http/response.h"
#include "http/scoreboard.h"
#include <stdbool.h>
#include <stdint.h>

struct fcgi_request {
    request_env_fn *env; /* valid until done() */
    void *env_context;
    /* Reads the whole body, at most limit bytes, into the arena; once per request. *size 0 when there
     * is none. ERR_TOO_LARGE, or ERR_BAD_REQUEST when less arrived than CONTENT_LENGTH promised. */
    enum err (*read_body)(struct fcgi_request *request, struct arena *arena, size_t limit,
                          const void **body, size_t *size);
    /* A directory: what does not fit SPOOL_FROM goes through a file without a name there instead of
     * the arena, and stays readable until done(). NULL: no body does. Set before read_body(). */
    const char *spool;
};

/* Fills response. It comes zeroed: the handler calls response_init() on it with its own arena and
 * body buffer, which must stay until done() was called. fcgi_serve() calls response_free(). */
typedef void fcgi_handler_fn(void *context, struct fcgi_request *request, struct response *response);

struct fcgi_result {
    int status;     /* as sent; 500 when the answer did not fit its buffer */
    uint64_t bytes; /* of the body, as sent */
    int64_t us;     /* from the handler's call until the answer was out */
    bool sent;      /* false: the client went away before the end */
};

/* After the answer went out or was given up; a stream is never called again after this. */
typedef void fcgi_done_fn(void *context, const struct fcgi_result *result);

/* When no request waits: what could be put off until now. Returns after how many milliseconds it
 * wants to be called again if no request comes; negative: not before the next request. */
typedef int fcgi_idle_fn(void *context);

struct fcgi_app {
    fcgi_handler_fn *handle;
    fcgi_done_fn *done; /* NULL: nothing to do */
    fcgi_idle_fn *idle; /* NULL: nothing to do */
    void *context;      /* of all three */
};

/*
 * A listening socket, non-blocking and close-on-exec; -1 with a logged reason.
 * path NULL: descriptor 0 must be a listening socket. Otherwise a unix socket is bound at path, mode
 * 0660. A socket file left by a dead process is replaced; one that answers, or anything else at that
 * path, is not. backlog: connections that may wait; the kernel caps it at net.core.somaxconn.
 */
int fcgi_listen(const char *path, int backlog);
/* Makes an inherited descriptor ready for fcgi_serve(); false (logged) when it does not listen. */
bool fcgi_adopt(int fd);
/* True when descriptor 0 is a listening socket. */
bool fcgi_inherited(void);

/* Answer what waits in the backlog, then return. Async-signal-safe. */
void fcgi_drain(void);
/* Finish the request at hand and at most one more, then return: others take the backlog.
 * Async-signal-safe. */
void fcgi_retire(void);

/*
 * Serves until told to stop. slot: where begin, end and result of each request are noted, and that
 * this worker is ready; NULL: nowhere. max_requests 0: no limit.
 * 0: drained or retired; 1: max_requests reached; -1: the socket failed (logged).
 */
int fcgi_serve(int listen_fd, const struct fcgi_app *app, struct scoreboard_slot *slot,
               long max_requests);

#endif
