#include "http/fcgi.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/text.h"
#include "http/spool.h"
#include <errno.h>
#include <fastcgi.h>
#include <fcgiapp.h>
#include <limits.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    RECEIVE_SECONDS = 10,           /* nginx has the whole request before it connects */
    SEND_SECONDS = 30,              /* and takes answers faster than its clients do */
    HEAD_MAX = 64 * 1024,           /* bytes of an answer's header */
    PIECE_MAX = 4 * 1024 * 1024,    /* bytes that a stream may fill at once */
    DISCARD_MAX = 64 * 1024 * 1024, /* bytes of a body that nobody read */
    RECORD_MAX = 65528 /* bytes that one FastCGI record may hold, a multiple of eight */
};

static volatile sig_atomic_t draining;
static volatile sig_atomic_t retiring;

void fcgi_drain(void) {
    draining = 1;
}

void fcgi_retire(void) {
    retiring = 1;
}

struct server {
    const struct fcgi_app *app;
    struct scoreboard_slot *slot;
    int listen_fd;
    int epoll_fd;
    sigset_t blocked; /* in force while a request is handled */
    sigset_t waiting; /* the same without SIGTERM and SIGHUP */
    FCGX_Request fcgx;
    bool ended;       /* the end of the answer has been written past libfcgi */
    struct buf head;  /* of the answer; memory is kept between requests */
    struct buf piece; /* of a stream */
};

/* What one request needs beside the server. The public part is first, so that read_body finds it.
 */
struct exchange {
    struct fcgi_request public;
    FCGX_Request *fcgx;
    bool body_taken;
    struct spool spool;
};

static const char *exchange_env(void *context, const char *name) {
    const FCGX_Request *fcgx = context;
    return FCGX_GetParam(name, fcgx->envp);
}

static enum err spool_body(struct exchange *exchange, size_t wanted, const void **body, size_t *size) {
    struct spool *spool = &exchange->spool;
    char piece[64 * 1024];
    enum err err = spool_open(spool, exchange->public.spool);
    while (err == OK && spool->size < wanted) {
        size_t left = wanted - spool->size;
        int step = left < sizeof piece ? (int)left : (int)sizeof piece;
        if (FCGX_GetStr(piece, step, exchange->fcgx->in) != step)
            return ERR_BAD_REQUEST;
        err = spool_write(spool, piece, (size_t)step);
    }
    if (err == OK)
        err = spool_map(spool, body);
    *size = err == OK ? wanted : 0;
    return err;
}

static enum err exchange_read_body(struct fcgi_request *request, struct arena *arena, size_t limit,
                                   const void **body, size_t *size) {
    struct exchange *exchange = (struct exchange *)request;
    *body = "";
    *size = 0;
    const char *text = FCGX_GetParam("CONTENT_LENGTH", exchange->fcgx->envp);
    if (text == NULL || *text == '\0' || exchange->body_taken)
        return OK;
    long length;
    if (!text_to_long(text, 0, LONG_MAX, &length))
        return ERR_BAD_REQUEST;
    if ((unsigned long)length > limit || length >= INT_MAX)
        return ERR_TOO_LARGE;

    exchange->body_taken = true;
    size_t wanted = (size_t)length;
    if (request->spool != NULL && wanted > SPOOL_FROM)
        return spool_body(exchange, wanted, body, size);
    char *bytes = arena_alloc(arena, wanted + 1);
    if (FCGX_GetStr(bytes, (int)length, exchange->fcgx->in) != (int)length)
        return ERR_BAD_REQUEST;
    *body = bytes;
    *size = wanted;
    return OK;
}

/*
 * Takes what is left of the body. Closing a socket with unread bytes would reset the connection,
 * and nginx might lose the answer.
 */
static void discard_input(FCGX_Stream *in) {
    char trash[16 * 1024];
    int got;
    long total = 0;
    do {
        got = FCGX_GetStr(trash, sizeof trash, in);
        total += got;
    } while (got == (int)sizeof trash && total < DISCARD_MAX);
}

static bool put(FCGX_Stream *out, const struct buf *bytes) {
    const char *at = buf_text(bytes);
    size_t left = bytes->len;
    while (left > 0) {
        int step = left < INT_MAX ? (int)left : INT_MAX;
        if (FCGX_PutStr(at, step, out) != step)
            return false;
        at += step;
        left -= (size_t)step;
    }
    return true;
}

/* An answer that did not fit must not go out in part. */
static void refuse_overflow(struct response *response) {
    bool fits = !buf_overflowed(&response->headers) &&
                (response->body == NULL || !buf_overflowed(response->body));
    bool sound = response->status >= 100 && response->status <= 599;
    if (fits && sound)
        return;
    log_event(LOG_ERROR, "response_refused", "why", "%s", fits ? "no status" : "too large",
              "status", "%d", response->status, NULL);
    response->status = err_status(ERR_INTERNAL);
    response->stream = NULL;
    buf_clear(&response->headers);
    buf_puts(&response->headers, "Content-Type: text/plain; charset=utf-8\r\n");
    response->has_type = true;
    if (response->body != NULL) {
        buf_clear(response->body);
        buf_puts(response->body, err_sentence(ERR_INTERNAL));
        buf_putc(response->body, '\n');
    }
}

static void build_head(struct buf *head, const struct response *response) {
    int status = response->status;
    bool empty = status < 200 || status == 204 || status == 304;
    size_t length = response->body != NULL ? response->body->len : 0;

    buf_clear(head);
    buf_printf(head, "Status: %d %s\r\n", status, response_reason(status));
    buf_append(head, buf_text(&response->headers), response->headers.len);
    if (!empty && !response->has_type)
        buf_puts(head, "Content-Type: text/html; charset=utf-8\r\n");
    if (!empty && response->stream == NULL)
        buf_printf(head, "Content-Length: %zu\r\n", length);
    buf_puts(head, "\r\n");
}

static bool send_stream(struct server *server, const struct response *response, uint64_t *bytes) {
    bool more = true;
    while (more) {
        if (server->slot != NULL)
            scoreboard_progress(server->slot);
        buf_clear(&server->piece);
        more = response->stream(response->stream_context, &server->piece);
        if (buf_overflowed(&server->piece)) {
            log_event(LOG_ERROR, "stream_broken_off", "sent", "%llu", (unsigned long long)*bytes,
                      NULL);
            /* Without an end record nginx knows that something is missing. */
            shutdown(server->fcgx.ipcFd, SHUT_RDWR);
            return false;
        }
        if (!put(server->fcgx.out, &server->piece))
            return false;
        *bytes += server->piece.len;
    }
    return true;
}

/* All of it, however often the kernel takes only a part. Consumes the pieces. */
static bool write_all(int fd, struct iovec *pieces, int count) {
    while (count > 0) {
        ssize_t written = writev(fd, pieces, count);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        size_t gone = (size_t)written;
        for (; count > 0 && gone >= pieces->iov_len; count--)
            gone -= pieces++->iov_len;
        if (count > 0) {
            pieces->iov_base = (char *)pieces->iov_base + gone;
            pieces->iov_len -= gone;
        }
    }
    return true;
}

static void record_header(unsigned char out[FCGI_HEADER_LEN], const FCGX_Request *fcgx, int type,
                          size_t length) {
    const unsigned char header[FCGI_HEADER_LEN] = {FCGI_VERSION_1,
                                                   (unsigned char)type,
                                                   (unsigned char)(fcgx->requestId >> 8),
                                                   (unsigned char)fcgx->requestId,
                                                   (unsigned char)(length >> 8),
                                                   (unsigned char)length,
                                                   0,
                                                   0};
    memcpy(out, header, sizeof header);
}

/* One FCGI_STDOUT record (FastCGI specification 1.0, 3.3): up to RECORD_MAX bytes from the two
 * texts, which move on by what it took. With the last of them goes the end of the request. */
static bool send_record(struct server *server, struct iovec texts[2], bool ends) {
    enum { END_SIZE = sizeof(FCGI_EndRequestBody) };
    size_t first = texts[0].iov_len < RECORD_MAX ? texts[0].iov_len : RECORD_MAX;
    size_t second = texts[1].iov_len < RECORD_MAX - first ? texts[1].iov_len : RECORD_MAX - first;
    bool last = ends && texts[0].iov_len + texts[1].iov_len == first + second;
    unsigned char header[FCGI_HEADER_LEN];
    unsigned char end[2 * FCGI_HEADER_LEN + END_SIZE] = {0}; /* status 0, FCGI_REQUEST_COMPLETE */
    record_header(header, &server->fcgx, FCGI_STDOUT, first + second);
    record_header(end, &server->fcgx, FCGI_STDOUT, 0);
    record_header(end + FCGI_HEADER_LEN, &server->fcgx, FCGI_END_REQUEST, END_SIZE);
    struct iovec pieces[] = {{header, sizeof header},
                             {texts[0].iov_base, first},
                             {texts[1].iov_base, second},
                             {end, last ? sizeof end : 0}};
    size_t taken[2] = {first, second};
    for (size_t i = 0; i < 2; i++) {
        texts[i].iov_base = (char *)texts[i].iov_base + taken[i];
        texts[i].iov_len -= taken[i];
    }
    server->ended = last;
    return write_all(server->fcgx.ipcFd, pieces, sizeof pieces / sizeof *pieces);
}

/* Head and body, as one record where they fit, and where that is all, its end: each write wakes nginx.
 * Not through a stream of libfcgi: its own holds 8 KiB, and one from FCGX_CreateWriter() leaves 80 bytes
 * behind with every request. */
static bool send_page(struct server *server, const struct buf *body, bool ends) {
    struct iovec texts[2] = {{(char *)(uintptr_t)buf_text(&server->head), server->head.len},
                             {NULL, 0}};
    if (body != NULL)
        texts[1] = (struct iovec){(char *)(uintptr_t)buf_text(body), body->len};
    bool sent = true;
    while (sent && texts[0].iov_len + texts[1].iov_len > 0)
        sent = send_record(server, texts, ends);
    return sent;
}

static void send_response(struct server *server, struct response *response,
                          struct fcgi_result *result) {
    const char *method = FCGX_GetParam("REQUEST_METHOD", server->fcgx.envp);
    bool body_wanted = !text_equal(method, "HEAD");

    refuse_overflow(response);
    bool streams = body_wanted && response->stream != NULL; /* one that is refused no longer does */
    build_head(&server->head, response);
    result->status = response->status;
    bool sent = send_page(server, body_wanted ? response->body : NULL, !streams);
    if (sent && body_wanted && response->body != NULL)
        result->bytes = response->body->len;
    result->sent = sent;
    if (!streams)
        return;
    if (sent)
        sent = send_stream(server, response, &result->bytes);

    /* The empty error stream first: the end record then leaves together with the last of the
     * output. */
    FCGX_FClose(server->fcgx.err);
    result->sent = FCGX_FClose(server->fcgx.out) == 0 && sent;
}

static void exchange_run(struct server *server) {
    struct exchange exchange = {
        .public = {.env = exchange_env,
                   .env_context = &server->fcgx,
                   .read_body = exchange_read_body},
        .fcgx = &server->fcgx,
        .spool = {.fd = -1},
    };
    struct response response = {.status = 0};
    struct fcgi_result result = {.status = 0};
    int64_t begin = clock_monotonic_us();

    if (server->slot != NULL)
        scoreboard_begin(server->slot);
    server->app->handle(server->app->context, &exchange.public, &response);
    discard_input(server->fcgx.in);
    send_response(server, &response, &result);
    result.us = clock_monotonic_us() - begin;
    if (server->slot != NULL)
        scoreboard_end(server->slot, result.status, result.bytes);
    if (server->app->done != NULL)
        server->app->done(server->app->context, &result);
    spool_close(&exchange.spool);
    response_free(&response);
}

/* One connection, one request. False when it held none. */
static bool connection_serve(struct server *server, int fd) {
    struct timeval receive = {.tv_sec = RECEIVE_SECONDS};
    struct timeval transmit = {.tv_sec = SEND_SECONDS};
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &receive, sizeof receive);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &transmit, sizeof transmit);

    /* libfcgi takes an open connection as one that was kept. Its listening socket is -1, so that
     * after a malformed request it can't accept the next one past us. Detached, it closes without
     * waiting for the peer to close first. */
    server->fcgx.ipcFd = fd;
    server->fcgx.keepConnection = 1;
    FCGX_Detach(&server->fcgx);
    if (FCGX_Accept_r(&server->fcgx) != 0) {
        log_event(LOG_DEBUG, "connection_without_request", NULL);
        return false;
    }
    server->fcgx.keepConnection = 0; /* whatever the client asked for */
    server->ended = false;
    exchange_run(server);
    if (server->ended)
        FCGX_Free(&server->fcgx, 1);
    else
        FCGX_Finish_r(&server->fcgx);
    return true;
}

/* A signal that came during the last request takes effect here. */
static void deliver_signals(const struct server *server) {
    sigprocmask(SIG_SETMASK, &server->waiting, NULL);
    sigprocmask(SIG_SETMASK, &server->blocked, NULL);
}

/* Until there is something to accept, a signal, or so many milliseconds are over (negative: never).
 */
static bool wait_for_connection(const struct server *server, int timeout) {
    struct epoll_event event;
    if (epoll_pwait(server->epoll_fd, &event, 1, timeout, &server->waiting) < 0 && errno != EINTR) {
        log_event(LOG_ERROR, "wait_failed", "why", "%s", strerror(errno), NULL);
        return false;
    }
    return true;
}

static int serve_loop(struct server *server, long max_requests) {
    long served = 0;
    while (max_requests == 0 || served < max_requests) {
        deliver_signals(server);
        /* A connection wakes one worker only. If it was this one, nobody else knows of it: so even
         * who retires looks once more. */
        bool last = retiring;
        int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0) {
            if (connection_serve(server, fd))
                served++;
            if (last)
                return 0;
            continue;
        }
        switch (errno) {
        case EAGAIN: {
            int again = server->app->idle != NULL ? server->app->idle(server->app->context) : -1;
            if (draining || last)
                return 0;
            if (!wait_for_connection(server, again))
                return -1;
            break;
        }
        case EINVAL: /* the parent shut the socket down and its backlog is empty */
            return 0;
        case EINTR:
        case ECONNABORTED:
            break;
        default:
            log_event(LOG_ERROR, "accept_failed", "why", "%s", strerror(errno), NULL);
            return -1;
        }
    }
    return 1;
}

static bool server_open(struct server *server) {
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL);
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGHUP);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    sigprocmask(SIG_BLOCK, NULL, &server->blocked);
    server->waiting = server->blocked;
    sigdelset(&server->waiting, SIGTERM);
    sigdelset(&server->waiting, SIGHUP);

    struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE};
    server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (server->epoll_fd < 0 ||
        epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, server->listen_fd, &event) != 0 ||
        FCGX_Init() != 0 || FCGX_InitRequest(&server->fcgx, -1, 0) != 0) {
        log_event(LOG_ERROR, "serve_failed", "why", "%s", strerror(errno), NULL);
        return false;
    }
    return true;
}

int fcgi_serve(int listen_fd, const struct fcgi_app *app, struct scoreboard_slot *slot,
               long max_requests) {
    struct server server = {.app = app, .slot = slot, .listen_fd = listen_fd, .epoll_fd = -1};
    buf_init(&server.head, HEAD_MAX);
    buf_init(&server.piece, PIECE_MAX);

    int result = -1;
    if (server_open(&server)) {
        if (slot != NULL)
            scoreboard_ready(slot);
        result = serve_loop(&server, max_requests);
    }
    if (server.epoll_fd >= 0)
        close(server.epoll_fd);
    buf_free(&server.head);
    buf_free(&server.piece);
    return result;
}
