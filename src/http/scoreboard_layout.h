/*
 * scoreboard_layout.h - the bytes of the scoreboard's file; for scoreboard*.c only.
 *
 * Every number has one writer at a time, so that an increment is a load and a store without a lock
 * prefix. The fields of the parent and those of the worker stand on cache lines of their own.
 */
#ifndef TESSERA_HTTP_SCOREBOARD_LAYOUT_H
#define TESSERA_HTTP_SCOREBOARD_LAYOUT_H

#include "http/scoreboard.h"
#include <stdatomic.h>

enum {
    SCOREBOARD_VERSION = 1,
    SCOREBOARD_HEADER_BYTES = 128,
    SCOREBOARD_SLOT_BYTES = 512,
    SCOREBOARD_CLASSES = 5, /* 1xx to 5xx */
    SCOREBOARD_BUCKETS = 12 /* the last one is +Inf */
};

#define SCOREBOARD_MAGIC 0x544553534552410AULL /* "TESSERA\n" */

struct scoreboard_header {
    uint64_t magic;
    uint32_t version;
    uint32_t header_bytes;
    uint32_t slot_bytes;
    uint32_t slots;
    int64_t started_at; /* seconds since the epoch */
    _Atomic uint64_t reloads[2]; /* failed, done */
    char reserved[SCOREBOARD_HEADER_BYTES - 48];
};

struct scoreboard_slot {
    /* The parent's. */
    char pool[SCOREBOARD_POOL_SIZE];
    _Atomic uint64_t restarts[WORKER_ENDS];
    char parent_reserved[16];
    /* The worker's; state and pid are the parent's while there is no worker. */
    _Alignas(64) _Atomic uint32_t state;
    _Atomic int32_t pid;
    _Atomic uint64_t begun;
    _Atomic int64_t begin_us;
    _Atomic int64_t progress_us;
    _Atomic uint64_t classes[SCOREBOARD_CLASSES];
    _Atomic uint64_t buckets[SCOREBOARD_BUCKETS]; /* each request in one of them */
    _Atomic uint64_t total_us;
    _Atomic uint64_t bytes;
    _Atomic uint64_t db_errors;
    char route[SCOREBOARD_ROUTE_SIZE];
    char request[SCOREBOARD_REQUEST_SIZE];
    char worker_reserved[80];
};

_Static_assert(sizeof(struct scoreboard_header) == SCOREBOARD_HEADER_BYTES, "header layout");
_Static_assert(sizeof(struct scoreboard_slot) == SCOREBOARD_SLOT_BYTES, "slot layout");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "64-bit stores must be atomic without a lock");

struct scoreboard {
    struct scoreboard_header *header;
    struct scoreboard_slot *slots;
    size_t bytes; /* of the mapping */
};

static inline uint64_t scoreboard_load(const _Atomic uint64_t *value) {
    return atomic_load_explicit(value, memory_order_relaxed);
}

#endif
