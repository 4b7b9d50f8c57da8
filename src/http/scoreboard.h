/*
 * scoreboard.h - what every worker is doing and has done, in memory that all processes share.
 *
 * The parent creates the file (config status_file) with one slot per worker and maps it shared;
 * workers inherit the mapping, `tessera status` attaches to the file read-only. No locks: each field
 * has one writer at a time, each number is one atomic store, readers may see a request half counted
 * but never a torn number. Counts survive the worker: its successor continues in the same slot. They
 * start at zero with the parent, which puts a new file in place of the old one.
 *
 * The file, in the machine's byte order: a header of 128 bytes (struct scoreboard_header), then
 * `slots` slots of 512 bytes (struct scoreboard_slot), both laid out in scoreboard.c. A reader refuses
 * a file whose magic, version or sizes differ.
 */
#ifndef TESSERA_HTTP_SCOREBOARD_H
#define TESSERA_HTTP_SCOREBOARD_H

#include "core/buf.h"
#include "core/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct scoreboard;
struct scoreboard_slot;

enum worker_state {
    WORKER_NONE,     /* nobody: kept free for a reload */
    WORKER_DOWN,     /* ended; waits for its replacement */
    WORKER_STARTING, /* loads configuration and templates */
    WORKER_IDLE,
    WORKER_BUSY,
    WORKER_STATES
};

/* Why a worker was replaced. */
enum worker_end {
    WORKER_CRASHED,  /* a signal, or an exit status other than 0 */
    WORKER_RECYCLED, /* requests_per_worker reached */
    WORKER_DEADLINE, /* killed: one request took too long */
    WORKER_RELOADED, /* a newer one took over */
    WORKER_ENDS
};

enum {
    SCOREBOARD_POOL_SIZE = 16,   /* bytes with NUL; longer text is cut */
    SCOREBOARD_ROUTE_SIZE = 96,  /* likewise */
    SCOREBOARD_REQUEST_SIZE = 40 /* likewise */
};

/* NULL with a logged reason. */
struct scoreboard *scoreboard_create(const char *path, size_t slots);
struct scoreboard *scoreboard_attach(const char *path); /* read-only */
void scoreboard_close(struct scoreboard *board);        /* unmaps; the file stays. NULL is fine */
size_t scoreboard_slots(const struct scoreboard *board);
struct scoreboard_slot *scoreboard_slot(struct scoreboard *board, size_t i);

/* Written by the parent, while no worker lives in the slot. */
void scoreboard_assign(struct scoreboard_slot *slot, const char *pool);
void scoreboard_starting(struct scoreboard_slot *slot);
void scoreboard_ended(struct scoreboard_slot *slot, enum worker_state now); /* NONE or DOWN; pid 0 */
/* Written by the parent at any time. */
void scoreboard_restarted(struct scoreboard_slot *slot, enum worker_end why);
void scoreboard_reloaded(struct scoreboard *board, bool ok);

/* Written by the worker that lives in the slot. */
void scoreboard_pid(struct scoreboard_slot *slot, pid_t pid);
void scoreboard_ready(struct scoreboard_slot *slot);
void scoreboard_begin(struct scoreboard_slot *slot);
/* What the request at hand is, for the log line of a worker killed at its deadline. */
void scoreboard_request(struct scoreboard_slot *slot, const char *route, const char *request_id);
/* The request at hand moves on: its deadline counts from now. For streams, which may be long. */
void scoreboard_progress(struct scoreboard_slot *slot);
void scoreboard_end(struct scoreboard_slot *slot, int status, uint64_t bytes);
void scoreboard_db_error(struct scoreboard_slot *slot);

/* A copy of one slot. */
struct scoreboard_worker {
    pid_t pid; /* 0: none */
    char pool[SCOREBOARD_POOL_SIZE];
    enum worker_state state;
    uint64_t begun;       /* requests begun, this one included */
    uint64_t done;        /* requests answered */
    uint64_t restarts[WORKER_ENDS];
    int64_t begin_us;     /* clock_monotonic_us() of the last begin */
    int64_t progress_us;  /* of the last begin or progress */
    char route[SCOREBOARD_ROUTE_SIZE];     /* of the last request; "" when it had none yet */
    char request[SCOREBOARD_REQUEST_SIZE];
};
void scoreboard_read(const struct scoreboard *board, size_t i, struct scoreboard_worker *out);

/*
 * Appends the whole board as Prometheus text (exposition format 0.0.4), summed by pool:
 *   tessera_start_time_seconds                            gauge, of the parent
 *   tessera_reloads_total{result="done|failed"}
 *   tessera_workers{pool,state="down|starting|idle|busy"} gauge
 *   tessera_worker_restarts_total{pool,reason="crash|recycle|deadline|reload"}
 *   tessera_worker_rss_bytes{pool,worker}                 gauge, read from /proc now
 *   tessera_requests_total{pool,status_class="1xx|…|5xx"}
 *   tessera_request_duration_seconds{pool}                histogram, 1 ms to 2.5 s
 *   tessera_response_bytes_total{pool}                    bodies, before compression
 *   tessera_db_errors_total{pool}
 */
void scoreboard_metrics(const struct scoreboard *board, struct buf *out);

#endif
