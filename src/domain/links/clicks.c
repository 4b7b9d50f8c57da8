#include "domain/links/clicks.h"

#include "core/buf.h"
#include "core/clock.h"
#include "core/crypto.h"
#include "core/log.h"
#include "core/text.h"

enum { PATIENCE_US = 1000000, RETRY_MS = 1000, ARRAYS_MAX = 512 * 1024 /* bytes */ };

/* A ring: the oldest at `first`. */
static struct click *ring;
static size_t first, count;
static uint64_t lost; /* since the log said so */

void clicks_note(const struct click *click) {
    if (ring == NULL && (ring = calloc(CLICKS_MAX, sizeof *ring)) == NULL)
        abort();
    if (count == CLICKS_MAX) {
        first = (first + 1) % CLICKS_MAX;
        count--;
        lost++;
    }
    ring[(first + count++) % CLICKS_MAX] = *click;
}

size_t clicks_waiting(void) {
    return count;
}

bool clicks_due(void) {
    return count >= CLICKS_BUNDLE ||
           (count > 0 && clock_monotonic_us() - ring[first].noted_us >= PATIENCE_US);
}

/* ── Array literals; what stands in them needs no quotes (click_rules.h says of what it is) ── */

static void put_link(struct buf *out, const struct click *click) {
    buf_puts(out, click->link);
}

static void put_time(struct buf *out, const struct click *click) {
    buf_printf(out, "%lld.%06lld", (long long)(click->at_us / 1000000),
               (long long)(click->at_us % 1000000));
}

static void put_kind(struct buf *out, const struct click *click) {
    buf_puts(out, click_kind_code(click->kind));
}

static void put_visitor(struct buf *out, const struct click *click) {
    char hex[2 * VISITOR_SIZE + 1];
    crypto_hex(click->visitor, VISITOR_SIZE, hex);
    buf_puts(out, hex);
}

static void put_referrer(struct buf *out, const struct click *click) {
    if (click->referrer[0] == '\0')
        buf_puts(out, "NULL");
    else
        buf_printf(out, "\"%s\"", click->referrer);
}

static const struct {
    const char *name;
    void (*put)(struct buf *out, const struct click *click);
} parameters[] = {{"links", put_link},
                  {"times", put_time},
                  {"kinds", put_kind},
                  {"visitors", put_visitor},
                  {"referrers", put_referrer}};
enum { PARAMETERS = sizeof parameters / sizeof *parameters };

struct bundle {
    size_t size;
    const char *arrays[PARAMETERS];
};

static void bundle_make(struct arena *arena, struct bundle *bundle) {
    struct buf array;
    buf_init(&array, ARRAYS_MAX);
    bundle->size = count < CLICKS_BUNDLE ? count : CLICKS_BUNDLE;
    for (size_t p = 0; p < PARAMETERS; p++) {
        buf_clear(&array);
        for (size_t i = 0; i < bundle->size; i++) {
            buf_putc(&array, i == 0 ? '{' : ',');
            parameters[p].put(&array, &ring[(first + i) % CLICKS_MAX]);
        }
        buf_putc(&array, '}');
        bundle->arrays[p] = arena_strdup(arena, buf_text(&array));
    }
    buf_free(&array);
}

static const char *bundle_value(void *context, const char *name) {
    const struct bundle *bundle = context;
    for (size_t p = 0; p < PARAMETERS; p++)
        if (text_equal(parameters[p].name, name))
            return bundle->arrays[p];
    return NULL;
}

static void say_lost(void) {
    if (lost > 0)
        log_event(LOG_WARN, "clicks_lost", "clicks", "%llu", (unsigned long long)lost, NULL);
    lost = 0;
}

int clicks_write(struct db *db, struct arena *arena) {
    while (count > 0) {
        struct bundle bundle;
        db_reset(db);
        arena_reset(arena);
        bundle_make(arena, &bundle);
        struct batch *batch = batch_new(db, arena, AUDIENCE_VISITOR, BATCH_WHOLE);
        (void)batch_add(batch, Q_clicks_add, NULL, bundle_value, &bundle);
        enum err err = batch_run(batch);
        if (err == ERR_UNAVAILABLE)
            return RETRY_MS;
        /* what the database will never take must not stand in the way of the rest */
        if (err != OK)
            lost += bundle.size;
        first = (first + bundle.size) % CLICKS_MAX;
        count -= bundle.size;
    }
    say_lost();
    db_reset(db);
    return -1;
}
