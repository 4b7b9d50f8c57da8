/*
 * live_queue.h - what is to be published, by channel. No input or output of its own.
 *
 * A channel's changes go out in order, one message at a time. What comes while a message is under way, or within LIVE_GAP_MS
 * of the last one, waits and goes out together: the same change once, and many changes of one topic as one without an id. So
 * a burst becomes few messages, and nchan, which keeps a thousand of each channel for a minute, loses none of them.
 */
#ifndef TESSERA_JOBS_LIVE_QUEUE_H
#define TESSERA_JOBS_LIVE_QUEUE_H

#include "core/buf.h"
#include "jobs/live_rules.h"
#include <stdint.h>

enum {
    LIVE_GAP_MS = 100,
    LIVE_IDS_MAX = 20,         /* changes of one topic with ids in one message */
    LIVE_PENDING_MAX = 2000,   /* changes that wait, in all channels together: a quarter of a second's work */
    LIVE_CHANNELS_KEPT = 4096, /* that are remembered while nothing is to be said there */
    LIVE_MESSAGE_MAX = 32 * 1024 /* bytes */
};

struct live_queue;
struct live_channel;

struct live_queue *live_queue_new(void) __attribute__((returns_nonnull));
void live_queue_free(struct live_queue *queue);

/* id: "" for none. at_ms: when it was heard (wall clock), which is after its transaction was committed. False when too much
 * waits already: then nothing was added, and everybody has to look for themselves. */
bool live_queue_add(struct live_queue *queue, const char *name, const struct live_topic *topic, const char *id, int64_t at_ms);
/* Forgets what waits. What is under way stays under way. */
void live_queue_clear(struct live_queue *queue);
size_t live_queue_pending(const struct live_queue *queue);

/* The next channel that has something to say and may, or NULL. Its message is in out (cleared before):
 *   {"at":<ms>,"within":<ms>,"changed":["leads 6f1c…","notifications"]}
 * The channel is under way until live_queue_sent(). now_us: of the monotonic clock. */
struct live_channel *live_queue_next(struct live_queue *queue, int64_t now_us, struct buf *out);
const char *live_channel_name(const struct live_channel *channel);
/* pages: how many heard it; negative: not known. */
void live_queue_sent(struct live_queue *queue, struct live_channel *channel, long pages);
/* How many pages are open in all; what everybody hears is spread by it. */
void live_queue_everybody(struct live_queue *queue, long pages);
/* Microseconds until something may go out; negative: nothing waits for its time. */
int64_t live_queue_wait(const struct live_queue *queue, int64_t now_us);

#endif
