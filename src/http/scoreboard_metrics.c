#include "http/scoreboard_layout.h"
#include <fcntl.h>
#include <unistd.h>

enum { POOLS_MAX = 16 };

static const char *const bucket_names[SCOREBOARD_BUCKETS] = {
    "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05",
    "0.1",   "0.25",   "0.5",   "1",    "2.5",   "+Inf"};
static const char *const class_names[SCOREBOARD_CLASSES] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
static const char *const end_names[WORKER_ENDS] = {"crash", "recycle", "deadline", "reload"};
static const char *const state_names[WORKER_STATES] = {NULL, "down", "starting", "idle", "busy"};

/* The slots of one pool, added up. */
struct totals {
    const char *pool;
    uint64_t states[WORKER_STATES];
    uint64_t restarts[WORKER_ENDS];
    uint64_t classes[SCOREBOARD_CLASSES];
    uint64_t buckets[SCOREBOARD_BUCKETS];
    uint64_t total_us;
    uint64_t bytes;
    uint64_t db_errors;
};

struct sums {
    struct totals pools[POOLS_MAX];
    size_t count;
};

static struct totals *totals_of(struct sums *sums, const char *pool) {
    for (size_t i = 0; i < sums->count; i++) {
        if (strncmp(sums->pools[i].pool, pool, SCOREBOARD_POOL_SIZE) == 0)
            return &sums->pools[i];
    }
    if (sums->count == POOLS_MAX)
        return NULL;
    struct totals *totals = &sums->pools[sums->count++];
    *totals = (struct totals){.pool = pool};
    return totals;
}

static void totals_add(struct totals *totals, const struct scoreboard_slot *slot) {
    uint32_t state = atomic_load_explicit(&slot->state, memory_order_relaxed);
    if (state < WORKER_STATES)
        totals->states[state]++;
    for (size_t i = 0; i < WORKER_ENDS; i++)
        totals->restarts[i] += scoreboard_load(&slot->restarts[i]);
    for (size_t i = 0; i < SCOREBOARD_CLASSES; i++)
        totals->classes[i] += scoreboard_load(&slot->classes[i]);
    for (size_t i = 0; i < SCOREBOARD_BUCKETS; i++)
        totals->buckets[i] += scoreboard_load(&slot->buckets[i]);
    totals->total_us += scoreboard_load(&slot->total_us);
    totals->bytes += scoreboard_load(&slot->bytes);
    totals->db_errors += scoreboard_load(&slot->db_errors);
}

static void put_family(struct buf *out, const char *name, const char *type, const char *help) {
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* One sample per pool and name, from an array at offset in the totals. Names that are NULL are left out. */
static void put_counts(struct buf *out, const struct sums *sums, const char *name,
                       const char *label, const char *const names[], size_t count, size_t offset) {
    for (size_t i = 0; i < sums->count; i++) {
        const struct totals *totals = &sums->pools[i];
        const uint64_t *values = (const void *)((const char *)totals + offset);
        for (size_t j = 0; j < count; j++) {
            if (names[j] != NULL)
                buf_printf(out, "%s{pool=\"%.*s\",%s=\"%s\"} %llu\n", name, SCOREBOARD_POOL_SIZE,
                           totals->pool, label, names[j], (unsigned long long)values[j]);
        }
    }
}

static void put_total(struct buf *out, const struct sums *sums, const char *name, const char *help,
                      size_t offset) {
    put_family(out, name, "counter", help);
    for (size_t i = 0; i < sums->count; i++) {
        const struct totals *totals = &sums->pools[i];
        const uint64_t *value = (const void *)((const char *)totals + offset);
        buf_printf(out, "%s{pool=\"%.*s\"} %llu\n", name, SCOREBOARD_POOL_SIZE, totals->pool,
                   (unsigned long long)*value);
    }
}

static void put_durations(struct buf *out, const struct sums *sums) {
    static const char name[] = "tessera_request_duration_seconds";
    put_family(out, name, "histogram", "Time from accepting a request until its answer was sent.");
    for (size_t i = 0; i < sums->count; i++) {
        const struct totals *totals = &sums->pools[i];
        unsigned long long below = 0;
        for (size_t j = 0; j < SCOREBOARD_BUCKETS; j++) {
            below += totals->buckets[j];
            buf_printf(out, "%s_bucket{pool=\"%.*s\",le=\"%s\"} %llu\n", name,
                       SCOREBOARD_POOL_SIZE, totals->pool, bucket_names[j], below);
        }
        buf_printf(out, "%s_sum{pool=\"%.*s\"} %llu.%06llu\n", name, SCOREBOARD_POOL_SIZE,
                   totals->pool, (unsigned long long)(totals->total_us / 1000000),
                   (unsigned long long)(totals->total_us % 1000000));
        buf_printf(out, "%s_count{pool=\"%.*s\"} %llu\n", name, SCOREBOARD_POOL_SIZE, totals->pool,
                   below);
    }
}

/* Resident pages of a process; 0 when it is gone or can't be looked at. */
static unsigned long resident_pages(long pid) {
    char path[64];
    char text[128];
    snprintf(path, sizeof path, "/proc/%ld/statm", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t got = read(fd, text, sizeof text - 1);
    close(fd);
    if (got <= 0)
        return 0;
    text[got] = '\0';
    const char *second = strchr(text, ' ');
    return second != NULL ? strtoul(second + 1, NULL, 10) : 0;
}

static void put_memory(struct buf *out, const struct scoreboard *board) {
    static const char name[] = "tessera_worker_rss_bytes";
    unsigned long page = (unsigned long)sysconf(_SC_PAGESIZE);
    put_family(out, name, "gauge", "Resident memory of a worker, shared pages included.");
    for (size_t i = 0; i < board->header->slots; i++) {
        const struct scoreboard_slot *slot = &board->slots[i];
        long pid = atomic_load_explicit(&slot->pid, memory_order_relaxed);
        unsigned long pages = pid > 0 ? resident_pages(pid) : 0;
        if (pages > 0)
            buf_printf(out, "%s{pool=\"%.*s\",worker=\"%zu\"} %lu\n", name, SCOREBOARD_POOL_SIZE,
                       slot->pool, i, pages * page);
    }
}

static void put_parent(struct buf *out, const struct scoreboard_header *header) {
    put_family(out, "tessera_start_time_seconds", "gauge", "When the parent process started.");
    buf_printf(out, "tessera_start_time_seconds %lld\n", (long long)header->started_at);
    put_family(out, "tessera_reloads_total", "counter", "Reloads asked for by SIGHUP.");
    buf_printf(out, "tessera_reloads_total{result=\"done\"} %llu\n",
               (unsigned long long)scoreboard_load(&header->reloads[1]));
    buf_printf(out, "tessera_reloads_total{result=\"failed\"} %llu\n",
               (unsigned long long)scoreboard_load(&header->reloads[0]));
}

void scoreboard_metrics(const struct scoreboard *board, struct buf *out) {
    struct sums sums = {.count = 0};
    for (size_t i = 0; i < board->header->slots; i++) {
        const struct scoreboard_slot *slot = &board->slots[i];
        struct totals *totals = slot->pool[0] != '\0' ? totals_of(&sums, slot->pool) : NULL;
        if (totals != NULL)
            totals_add(totals, slot);
    }
    put_parent(out, board->header);
    put_family(out, "tessera_workers", "gauge", "Workers by what they are doing.");
    put_counts(out, &sums, "tessera_workers", "state", state_names, WORKER_STATES,
               offsetof(struct totals, states));
    put_family(out, "tessera_worker_restarts_total", "counter", "Workers replaced, by reason.");
    put_counts(out, &sums, "tessera_worker_restarts_total", "reason", end_names, WORKER_ENDS,
               offsetof(struct totals, restarts));
    put_memory(out, board);
    put_family(out, "tessera_requests_total", "counter", "Requests answered.");
    put_counts(out, &sums, "tessera_requests_total", "status_class", class_names,
               SCOREBOARD_CLASSES, offsetof(struct totals, classes));
    put_durations(out, &sums);
    put_total(out, &sums, "tessera_response_bytes_total",
              "Bytes of bodies sent to nginx, before compression.", offsetof(struct totals, bytes));
    put_total(out, &sums, "tessera_db_errors_total",
              "Statements or connections that failed in PostgreSQL.",
              offsetof(struct totals, db_errors));
}
