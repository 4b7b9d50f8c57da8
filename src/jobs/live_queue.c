#include "jobs/live_queue.h"
#include "core/text.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096, GAP_US = LIVE_GAP_MS * 1000, PENDING_START = 4 };

struct change {
    const struct live_topic *topic;
    char id[37];
};

struct live_channel {
    char name[LIVE_NAME_SIZE];
    struct live_channel *same_bucket;
    struct live_channel *after; /* in the line of those that have something to say */
    struct change *pending;
    size_t count, room;
    int64_t at_ms;   /* of the latest change */
    int64_t next_us; /* not before */
    long pages;      /* that heard the last message; -1: not known */
    bool under_way, in_line;
};

struct live_queue {
    struct live_channel *buckets[BUCKETS];
    struct live_channel *first, **last; /* the line */
    size_t channels, pending;
    size_t forget_at; /* so many channels */
};

struct live_queue *live_queue_new(void) {
    struct live_queue *queue = calloc(1, sizeof *queue);
    if (queue == NULL)
        abort();
    queue->last = &queue->first;
    queue->forget_at = LIVE_CHANNELS_KEPT;
    return queue;
}

static void channel_free(struct live_channel *channel) {
    free(channel->pending);
    free(channel);
}

void live_queue_free(struct live_queue *queue) {
    if (queue == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (queue->buckets[i] != NULL) {
            struct live_channel *channel = queue->buckets[i];
            queue->buckets[i] = channel->same_bucket;
            channel_free(channel);
        }
    }
    free(queue);
}

/* FNV-1a; names are ours, nobody chooses them to collide. */
static size_t bucket_of(const char *name) {
    uint32_t hash = 2166136261u;
    for (; *name != '\0'; name++)
        hash = (hash ^ (uint8_t)*name) * 16777619u;
    return hash % BUCKETS;
}

static struct live_channel *find(const struct live_queue *queue, const char *name) {
    struct live_channel *channel = queue->buckets[bucket_of(name)];
    while (channel != NULL && !text_equal(channel->name, name))
        channel = channel->same_bucket;
    return channel;
}

/* Of those that are quiet nothing is lost but how many pages they have. */
static void forget_quiet(struct live_queue *queue) {
    for (size_t i = 0; i < BUCKETS; i++) {
        struct live_channel **at = &queue->buckets[i];
        while (*at != NULL) {
            struct live_channel *channel = *at;
            bool kept = channel->in_line || channel->under_way || text_equal(channel->name, LIVE_EVERYBODY);
            if (kept) {
                at = &channel->same_bucket;
                continue;
            }
            *at = channel->same_bucket;
            channel_free(channel);
            queue->channels--;
        }
    }
    queue->forget_at = queue->channels + LIVE_CHANNELS_KEPT;
}

static struct live_channel *channel_of(struct live_queue *queue, const char *name) {
    struct live_channel *channel = find(queue, name);
    if (channel != NULL)
        return channel;
    if (queue->channels >= queue->forget_at)
        forget_quiet(queue);
    channel = calloc(1, sizeof *channel);
    if (channel == NULL)
        abort();
    snprintf(channel->name, sizeof channel->name, "%s", name);
    channel->pages = -1;
    struct live_channel **bucket = &queue->buckets[bucket_of(name)];
    channel->same_bucket = *bucket;
    *bucket = channel;
    queue->channels++;
    return channel;
}

/* ── Adding ── */

static void line_up(struct live_queue *queue, struct live_channel *channel) {
    if (channel->in_line)
        return;
    channel->in_line = true;
    channel->after = NULL;
    *queue->last = channel;
    queue->last = &channel->after;
}

/* True when what waits says this already. of_topic: how many of the topic wait. */
static bool said(const struct live_channel *channel, const struct live_topic *topic, const char *id, size_t *of_topic) {
    *of_topic = 0;
    for (size_t i = 0; i < channel->count; i++) {
        const struct change *change = &channel->pending[i];
        if (change->topic != topic)
            continue;
        if (*change->id == '\0' || text_equal(change->id, id))
            return true;
        (*of_topic)++;
    }
    return false;
}

static void drop_topic(struct live_queue *queue, struct live_channel *channel, const struct live_topic *topic) {
    size_t kept = 0;
    for (size_t i = 0; i < channel->count; i++) {
        if (channel->pending[i].topic != topic)
            channel->pending[kept++] = channel->pending[i];
    }
    queue->pending -= channel->count - kept;
    channel->count = kept;
}

static void append(struct live_queue *queue, struct live_channel *channel, const struct live_topic *topic, const char *id) {
    if (channel->count == channel->room) {
        channel->room = channel->room == 0 ? PENDING_START : 2 * channel->room;
        channel->pending = reallocarray(channel->pending, channel->room, sizeof *channel->pending);
        if (channel->pending == NULL)
            abort();
    }
    struct change *change = &channel->pending[channel->count++];
    change->topic = topic;
    snprintf(change->id, sizeof change->id, "%s", id);
    queue->pending++;
}

bool live_queue_add(struct live_queue *queue, const char *name, const struct live_topic *topic, const char *id, int64_t at_ms) {
    size_t of_topic;
    struct live_channel *channel = channel_of(queue, name);
    channel->at_ms = at_ms;
    if (said(channel, topic, id, &of_topic))
        return true;
    if (queue->pending >= LIVE_PENDING_MAX)
        return false;
    bool many = of_topic >= LIVE_IDS_MAX;
    if (many || *id == '\0')
        drop_topic(queue, channel, topic);
    append(queue, channel, topic, many ? "" : id);
    line_up(queue, channel);
    return true;
}

void live_queue_clear(struct live_queue *queue) {
    while (queue->first != NULL) {
        struct live_channel *channel = queue->first;
        queue->first = channel->after;
        channel->in_line = false;
        channel->count = 0;
    }
    queue->last = &queue->first;
    queue->pending = 0;
}

size_t live_queue_pending(const struct live_queue *queue) {
    return queue->pending;
}

/* ── Taking ── */

static void write_message(const struct live_channel *channel, struct buf *out) {
    buf_clear(out);
    buf_printf(out, "{\"at\":%" PRId64 ",\"within\":%ld,\"changed\":[", channel->at_ms, live_spread_ms(channel->pages));
    for (size_t i = 0; i < channel->count; i++) {
        const struct change *change = &channel->pending[i];
        buf_printf(out, "%s\"%s%s%s\"", i > 0 ? "," : "", change->topic->name, *change->id != '\0' ? " " : "", change->id);
    }
    buf_puts(out, "]}");
}

static bool may_speak(const struct live_channel *channel, int64_t now_us) {
    return !channel->under_way && channel->next_us <= now_us;
}

struct live_channel *live_queue_next(struct live_queue *queue, int64_t now_us, struct buf *out) {
    struct live_channel **at = &queue->first;
    while (*at != NULL && !may_speak(*at, now_us))
        at = &(*at)->after;
    struct live_channel *channel = *at;
    if (channel == NULL)
        return NULL;
    *at = channel->after;
    if (queue->last == &channel->after)
        queue->last = at;
    channel->in_line = false;
    write_message(channel, out);
    queue->pending -= channel->count;
    channel->count = 0;
    channel->under_way = true;
    channel->next_us = now_us + GAP_US;
    return channel;
}

const char *live_channel_name(const struct live_channel *channel) {
    return channel->name;
}

void live_queue_sent(struct live_queue *queue, struct live_channel *channel, long pages) {
    (void)queue;
    channel->under_way = false;
    if (!text_equal(channel->name, LIVE_EVERYBODY))
        channel->pages = pages;
}

void live_queue_everybody(struct live_queue *queue, long pages) {
    channel_of(queue, LIVE_EVERYBODY)->pages = pages;
}

int64_t live_queue_wait(const struct live_queue *queue, int64_t now_us) {
    int64_t wait = -1;
    for (const struct live_channel *channel = queue->first; channel != NULL; channel = channel->after) {
        if (channel->under_way)
            continue;
        int64_t mine = channel->next_us > now_us ? channel->next_us - now_us : 0;
        if (wait < 0 || mine < wait)
            wait = mine;
    }
    return wait;
}
