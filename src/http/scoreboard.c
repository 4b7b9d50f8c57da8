#include "http/scoreboard.h"
#include "core/clock.h"
#include "core/log.h"
#include "http/scoreboard_layout.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SLOTS_MAX = 4096 };

/* Upper bounds of the latency buckets in microseconds; the last bucket has none. */
static const int64_t bucket_us[SCOREBOARD_BUCKETS - 1] = {
    1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000};

static struct scoreboard *failed(const char *path, const char *why, int fd) {
    log_event(LOG_ERROR, "scoreboard_failed", "file", "%s", path, "why", "%s", why, NULL);
    if (fd >= 0)
        close(fd);
    return NULL;
}

static struct scoreboard *wrap(void *memory, size_t bytes) {
    struct scoreboard *board = malloc(sizeof *board);
    if (board == NULL)
        abort();
    board->header = memory;
    board->slots = (void *)((char *)memory + SCOREBOARD_HEADER_BYTES);
    board->bytes = bytes;
    return board;
}

struct scoreboard *scoreboard_create(const char *path, size_t slots) {
    char fresh[4096];
    int length = snprintf(fresh, sizeof fresh, "%s.%ld", path, (long)getpid());
    if (slots == 0 || slots > SLOTS_MAX || length < 0 || (size_t)length >= sizeof fresh)
        return failed(path, "the number of workers or the path is out of range", -1);
    size_t bytes = SCOREBOARD_HEADER_BYTES + slots * SCOREBOARD_SLOT_BYTES;

    unlink(fresh);
    int fd = open(fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0)
        return failed(path, strerror(errno), -1);
    /* Really allocated: a full disk is noticed here and not at some later store. */
    int error = posix_fallocate(fd, 0, (off_t)bytes);
    void *memory = MAP_FAILED;
    if (error == 0) {
        memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        error = memory == MAP_FAILED ? errno : 0;
    }
    if (error != 0) {
        unlink(fresh);
        return failed(path, strerror(error), fd);
    }
    struct scoreboard_header *header = memory;
    header->magic = SCOREBOARD_MAGIC;
    header->version = SCOREBOARD_VERSION;
    header->header_bytes = SCOREBOARD_HEADER_BYTES;
    header->slot_bytes = SCOREBOARD_SLOT_BYTES;
    header->slots = (uint32_t)slots;
    header->started_at = (int64_t)clock_now();
    /* A reader has the old file or the complete new one. */
    if (rename(fresh, path) != 0) {
        error = errno;
        munmap(memory, bytes);
        unlink(fresh);
        return failed(path, strerror(error), fd);
    }
    close(fd);
    return wrap(memory, bytes);
}

static bool sound(const struct scoreboard_header *header, size_t bytes) {
    return bytes >= SCOREBOARD_HEADER_BYTES && header->magic == SCOREBOARD_MAGIC &&
           header->version == SCOREBOARD_VERSION &&
           header->header_bytes == SCOREBOARD_HEADER_BYTES &&
           header->slot_bytes == SCOREBOARD_SLOT_BYTES && header->slots <= SLOTS_MAX &&
           bytes == SCOREBOARD_HEADER_BYTES + (size_t)header->slots * SCOREBOARD_SLOT_BYTES;
}

struct scoreboard *scoreboard_attach(const char *path) {
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0)
        return failed(path, strerror(errno), fd);
    if (status.st_size < SCOREBOARD_HEADER_BYTES)
        return failed(path, "it is not a scoreboard of this version", fd);
    size_t bytes = (size_t)status.st_size;
    void *memory = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED)
        return failed(path, strerror(errno), fd);
    if (!sound(memory, bytes)) {
        munmap(memory, bytes);
        return failed(path, "it is not a scoreboard of this version", fd);
    }
    close(fd);
    return wrap(memory, bytes);
}

void scoreboard_close(struct scoreboard *board) {
    if (board == NULL)
        return;
    munmap(board->header, board->bytes);
    free(board);
}

size_t scoreboard_slots(const struct scoreboard *board) {
    return board->header->slots;
}

struct scoreboard_slot *scoreboard_slot(struct scoreboard *board, size_t i) {
    return &board->slots[i];
}

static void add(_Atomic uint64_t *value, uint64_t more) {
    atomic_store_explicit(value, scoreboard_load(value) + more, memory_order_relaxed);
}

static void set_state(struct scoreboard_slot *slot, enum worker_state state) {
    /* Release: who sees the state also sees what was written before it. */
    atomic_store_explicit(&slot->state, (uint32_t)state, memory_order_release);
}

static void copy_text(char *out, size_t size, const char *text) {
    size_t length = text != NULL ? strnlen(text, size - 1) : 0;
    if (length > 0)
        memcpy(out, text, length);
    out[length] = '\0';
}

void scoreboard_assign(struct scoreboard_slot *slot, const char *pool) {
    copy_text(slot->pool, sizeof slot->pool, pool);
}

void scoreboard_starting(struct scoreboard_slot *slot) {
    set_state(slot, WORKER_STARTING);
}

void scoreboard_ended(struct scoreboard_slot *slot, enum worker_state now) {
    scoreboard_pid(slot, 0);
    set_state(slot, now);
}

void scoreboard_pid(struct scoreboard_slot *slot, pid_t pid) {
    atomic_store_explicit(&slot->pid, (int32_t)pid, memory_order_relaxed);
}

void scoreboard_restarted(struct scoreboard_slot *slot, enum worker_end why) {
    add(&slot->restarts[why], 1);
}

void scoreboard_reloaded(struct scoreboard *board, bool ok) {
    add(&board->header->reloads[ok], 1);
}

void scoreboard_ready(struct scoreboard_slot *slot) {
    set_state(slot, WORKER_IDLE);
}

void scoreboard_begin(struct scoreboard_slot *slot) {
    int64_t now = clock_monotonic_us();
    slot->route[0] = '\0';
    slot->request[0] = '\0';
    atomic_store_explicit(&slot->begin_us, now, memory_order_relaxed);
    atomic_store_explicit(&slot->progress_us, now, memory_order_relaxed);
    add(&slot->begun, 1);
    set_state(slot, WORKER_BUSY);
}

void scoreboard_request(struct scoreboard_slot *slot, const char *route, const char *request_id) {
    copy_text(slot->route, sizeof slot->route, route);
    copy_text(slot->request, sizeof slot->request, request_id);
}

void scoreboard_progress(struct scoreboard_slot *slot) {
    atomic_store_explicit(&slot->progress_us, clock_monotonic_us(), memory_order_relaxed);
}

static size_t bucket_of(int64_t us) {
    size_t i = 0;
    while (i < SCOREBOARD_BUCKETS - 1 && us > bucket_us[i])
        i++;
    return i;
}

void scoreboard_end(struct scoreboard_slot *slot, int status, uint64_t bytes) {
    int64_t begin = atomic_load_explicit(&slot->begin_us, memory_order_relaxed);
    int64_t us = clock_monotonic_us() - begin;
    int class = status / 100;
    if (class < 1 || class > SCOREBOARD_CLASSES)
        class = 5;
    add(&slot->classes[class - 1], 1);
    add(&slot->buckets[bucket_of(us)], 1);
    add(&slot->total_us, (uint64_t)us);
    add(&slot->bytes, bytes);
    set_state(slot, WORKER_IDLE);
}

void scoreboard_db_error(struct scoreboard_slot *slot) {
    add(&slot->db_errors, 1);
}

void scoreboard_read(const struct scoreboard *board, size_t i, struct scoreboard_worker *out) {
    const struct scoreboard_slot *slot = &board->slots[i];
    uint32_t state = atomic_load_explicit(&slot->state, memory_order_acquire);
    *out = (struct scoreboard_worker){
        .pid = atomic_load_explicit(&slot->pid, memory_order_relaxed),
        .state = state < WORKER_STATES ? (enum worker_state)state : WORKER_NONE,
        .begun = scoreboard_load(&slot->begun),
        .begin_us = atomic_load_explicit(&slot->begin_us, memory_order_relaxed),
        .progress_us = atomic_load_explicit(&slot->progress_us, memory_order_relaxed),
    };
    for (size_t class = 0; class < SCOREBOARD_CLASSES; class++)
        out->done += scoreboard_load(&slot->classes[class]);
    for (size_t end = 0; end < WORKER_ENDS; end++)
        out->restarts[end] = scoreboard_load(&slot->restarts[end]);
    copy_text(out->pool, sizeof out->pool, slot->pool);
    copy_text(out->route, sizeof out->route, slot->route);
    copy_text(out->request, sizeof out->request, slot->request);
}
