#include "jobs/live.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/params.h"
#include "core/secret.h"
#include "core/text.h"
#include "db/db.h"
#include "db/listen.h"
#include "jobs/live_queue.h"
#include "jobs/stop.h"
#include "jobs/transfer.h"
#include <jansson.h>

enum {
    ARENA = 16 << 20,
    PROBE_US = 1000000,     /* how often nginx is asked who it is */
    CROWD_US = 10000000,    /* how often, how many pages are open */
    CUT_AGAIN_US = 5000000, /* a stream that was let in just before its session ended is found by
                               the second cut */
    CUT_AGAIN_SECONDS = 15,
    CUT_BACK_SECONDS = 86400, /* what live_cuts holds */
    CALL_MS = 2000,
    AT_ONCE = 64, /* calls under way */
    WORKERS_SEEN = 16
};

struct live {
    const struct config *config;
    struct listener *listener;
    struct transfers *transfers;
    struct db *db;
    struct arena *arena; /* of one statement */
    struct live_queue *queue;
    struct buf message;
    uint8_t secret[SHA256_SIZE];
    live_note_fn *note;
    void *context;

    bool listening, nginx_up;
    bool behind;                              /* pages may have missed something */
    bool cuts_missed;                         /* and sessions may have ended */
    int64_t behind_us;                        /* when to see to it; not before */
    int64_t probe_us, crowd_us, cut_again_us; /* when next; cut_again_us 0: not at all */
    bool probing, counting;
    char workers[WORKERS_SEEN][16]; /* process ids, oldest first */
    size_t nworkers;
    bool several_said, crowd_known;
    long crowd, crowd_before; /* most pages of this time and of the time before */
    char (*cuts)[37];         /* sessions whose streams are to be cut */
    size_t ncuts, cuts_room;
};

struct call {
    struct live *live;
    struct live_channel *channel;
};

static void fall_behind(struct live *live) {
    live->behind = true;
    live_queue_clear(live->queue);
}

static void start_over(struct live *live) {
    live->cuts_missed = true;
    fall_behind(live);
}

static void nginx_away(struct live *live, const char *why) {
    if (live->nginx_up)
        log_event(LOG_WARN, "live_nginx_away", "reason", "%s", why, NULL);
    live->nginx_up = false;
    start_over(live);
}

/* ── Calls ── */

static void call(struct live *live, const char *method, const char *path, const struct buf *body,
                 transfer_done_fn *done, struct live_channel *channel) {
    static const char *const headers[] = {"Accept: text/json", "Content-Type: application/json",
                                          NULL};
    char url[64];
    snprintf(url, sizeof url, "http://localhost%s", path);
    struct call *call = malloc(sizeof *call);
    if (call == NULL)
        abort();
    *call = (struct call){live, channel};
    const struct http_call http = {.method = method,
                                   .url = url,
                                   .socket = live->config->live_socket,
                                   .headers = headers,
                                   .body = body != NULL ? buf_text(body) : NULL,
                                   .size = body != NULL ? body->len : 0,
                                   .timeout_ms = CALL_MS};
    transfer_http(live->transfers, &http, done, call);
}

static void call_channel(struct live *live, const char *method, const char *name,
                         const struct buf *body, transfer_done_fn *done,
                         struct live_channel *channel) {
    char path[16 + LIVE_CHANNEL_SIZE] = "/channel/";
    live_channel(live->secret, name, path + strlen(path));
    call(live, method, path, body, done, channel);
}

/* How many pages are on the channel, as nchan says; -1: it does not. */
static long pages_of(const struct transfer_result *result) {
    json_t *info = json_loadb(result->body, result->size, 0, NULL);
    const json_t *pages = json_object_get(info, "subscribers");
    long n = json_is_integer(pages) ? (long)json_integer_value(pages) : -1;
    json_decref(info);
    return n;
}

static void published(void *context, const struct transfer_result *result) {
    struct call *call = context;
    struct live *live = call->live;
    bool taken = result->answered && (result->status == 201 || result->status == 202);
    live_queue_sent(live->queue, call->channel, taken ? pages_of(result) : -1);
    live->note(live->context, taken);
    if (!taken && result->answered)
        log_event(LOG_ERROR, "live_refused", "channel", "%s", live_channel_name(call->channel),
                  "status", "%ld", result->status, NULL);
    if (!taken)
        nginx_away(live, result->answered ? "it refuses" : result->error);
    free(call);
}

static void was_cut(void *context, const struct transfer_result *result) {
    struct call *call = context;
    if (!result->answered)
        nginx_away(call->live, result->error);
    free(call);
}

/* ── Who nginx is ── */

/* Workers that were seen before are several that take turns. One that is new has an empty memory,
 * and whoever was connected to its predecessor is not any more. */
static void meet_worker(struct live *live, const char *pid) {
    size_t at = 0;
    while (at < live->nworkers && !text_equal(live->workers[at], pid))
        at++;
    if (at < live->nworkers) {
        if (at + 1 < live->nworkers && !live->several_said) {
            log_event(LOG_ERROR, "live_several_workers", "advice", "%s",
                      "set worker_processes 1 in nginx.conf: docs/production.md", NULL);
            live->several_said = true;
        }
        return;
    }
    if (live->nworkers == WORKERS_SEEN) {
        memmove(live->workers[0], live->workers[1], sizeof live->workers - sizeof live->workers[0]);
        live->nworkers--;
    }
    snprintf(live->workers[live->nworkers++], sizeof live->workers[0], "%s", pid);
    start_over(live);
}

static void probed(void *context, const struct transfer_result *result) {
    struct call *call = context;
    struct live *live = call->live;
    free(call);
    live->probing = false;
    if (!result->answered || result->status != 200) {
        nginx_away(live, result->answered ? "it does not know its live socket" : result->error);
        return;
    }
    if (!live->nginx_up)
        log_event(LOG_INFO, "live_nginx_there", "worker", "%s", result->body, NULL);
    live->nginx_up = true;
    meet_worker(live, result->body);
}

static void counted(void *context, const struct transfer_result *result) {
    struct call *call = context;
    struct live *live = call->live;
    free(call);
    live->counting = false;
    if (!result->answered)
        return;
    long pages = result->answered && result->status == 200 ? pages_of(result) : 0;
    live->crowd_known = true;
    if (pages > live->crowd)
        live->crowd = pages;
}

/* After a restart of nginx the crowd comes back one by one; what is said to everybody then is
 * spread as it was before. */
static void take_turns(struct live *live) {
    enum { TURNS = 12 };
    static int turn;
    if (++turn % TURNS == 0) {
        live->crowd_before = live->crowd;
        live->crowd = 0;
    }
}

static void look_around(struct live *live, int64_t now) {
    if (now >= live->probe_us && !live->probing) {
        live->probe_us = now + PROBE_US;
        live->probing = true;
        call(live, NULL, "/worker", NULL, probed, NULL);
    }
    if (live->nginx_up && now >= live->crowd_us && !live->counting) {
        live->crowd_us = now + CROWD_US;
        live->counting = true;
        take_turns(live);
        call_channel(live, NULL, LIVE_EVERYBODY, NULL, counted, NULL);
    }
}

/* ── Cutting ── */

static void cut(struct live *live, const char *session) {
    if (live->ncuts == live->cuts_room) {
        live->cuts_room = live->cuts_room == 0 ? 64 : 2 * live->cuts_room;
        live->cuts = reallocarray(live->cuts, live->cuts_room, sizeof *live->cuts);
        if (live->cuts == NULL)
            abort();
    }
    snprintf(live->cuts[live->ncuts++], sizeof *live->cuts, "%.*s", (int)sizeof *live->cuts - 1, session);
}

static const char *find(void *context, const char *name) {
    return params_get(context, name);
}

/* Cuts the streams of all sessions that ended within so many seconds. */
static bool cut_ended(struct live *live, int seconds) {
    struct params *params = params_new(live->arena);
    params_add(params, "seconds", arena_printf(live->arena, "%d", seconds));
    struct batch *batch = batch_new(live->db, live->arena, AUDIENCE_OWNER, BATCH_READ);
    size_t index = batch_add(batch, Q_live_cuts, NULL, find, params);
    enum err err = batch_run(batch);
    const struct rows *ended = err == OK ? batch_rows(batch, index) : NULL;
    for (size_t i = 0; ended != NULL && i < ended->nrows; i++)
        cut(live, rows_get(ended, i, "session_id"));
    db_reset(live->db);
    arena_reset(live->arena);
    return err == OK;
}

static void send_cuts(struct live *live) {
    while (live->ncuts > 0 && live->nginx_up && transfers_running(live->transfers) < AT_ONCE) {
        char name[LIVE_NAME_SIZE];
        snprintf(name, sizeof name, "session:%s", live->cuts[--live->ncuts]);
        call_channel(live, "DELETE", name, NULL, was_cut, NULL);
    }
}

/* ── Hearing ── */

static void take_notice(struct live *live, const char *payload) {
    struct live_notice notice;
    char name[LIVE_NAME_SIZE];
    if (!live_notice_read(payload, &notice)) {
        log_event(LOG_WARN, "live_notice_strange", "notice", "%s", payload, NULL);
        return;
    }
    if (text_equal(notice.topic->name, LIVE_SIGN_OUT)) {
        if (text_starts(notice.scope, "session:"))
            cut(live, notice.scope + strlen("session:"));
        live->cut_again_us = clock_monotonic_us() + CUT_AGAIN_US;
        return;
    }
    if (live->behind)
        return; /* everybody will look anyway */
    live_name(notice.scope, notice.topic, name);
    if (!live_queue_add(live->queue, name, notice.topic, notice.id, clock_wall_ms())) {
        log_event(LOG_WARN, "live_overflow", "waiting", "%zu", live_queue_pending(live->queue),
                  NULL);
        fall_behind(live);
    }
}

static void hear(struct live *live) {
    const char *payload;
    for (;;) {
        switch (listener_next(live->listener, &payload)) {
        case HEARD_NOTICE:
            take_notice(live, payload);
            break;
        case HEARD_CONNECTED:
            live->listening = true;
            start_over(live);
            break;
        case HEARD_NOTHING:
            live->listening = listener_fd(live->listener) >= 0;
            return;
        }
    }
}

/* ── Speaking ── */

static void catch_up(struct live *live, int64_t now) {
    bool ready = live->listening && live->nginx_up && live->crowd_known;
    if (!live->behind || !ready || now < live->behind_us)
        return;
    live->behind_us = now + PROBE_US;
    if (live->cuts_missed && !cut_ended(live, CUT_BACK_SECONDS))
        return;
    live->behind = live->cuts_missed = false;
    long crowd = live->crowd > live->crowd_before ? live->crowd : live->crowd_before;
    live_queue_everybody(live->queue, crowd);
    (void)live_queue_add(live->queue, LIVE_EVERYBODY, live_topic_find(LIVE_REFRESH), "",
                         clock_wall_ms());
    log_event(LOG_INFO, "live_refresh", "pages", "%ld", crowd, NULL);
}

static void speak(struct live *live, int64_t now) {
    struct live_channel *channel;
    while (live->nginx_up && transfers_running(live->transfers) < AT_ONCE &&
           (channel = live_queue_next(live->queue, now, &live->message)) != NULL) {
        call_channel(live, NULL, live_channel_name(channel), &live->message, published, channel);
    }
}

static long time_to_wait(const struct live *live, int64_t now) {
    int64_t wait = live->probe_us - now;
    int64_t waits = live->nginx_up ? live_queue_wait(live->queue, now) : -1;
    if (waits >= 0 && waits < wait)
        wait = waits;
    if (transfers_running(live->transfers) >= AT_ONCE)
        wait = PROBE_US; /* the end of a call wakes us */
    return wait > 0 ? (long)(wait / 1000) + 1 : 1;
}

static void serve(struct live *live) {
    while (!stop_asked()) {
        int64_t now = clock_monotonic_us();
        hear(live);
        look_around(live, now);
        if (live->cut_again_us != 0 && now >= live->cut_again_us) {
            live->cut_again_us = 0;
            if (!live->cuts_missed)
                (void)cut_ended(live, CUT_AGAIN_SECONDS);
        }
        catch_up(live, now);
        send_cuts(live);
        speak(live, now);
        int fds[] = {listener_fd(live->listener), stop_fd()};
        transfers_wait(live->transfers, fds, 2, time_to_wait(live, now));
    }
}

int live_run(const struct config *config, live_note_fn *note, void *context) {
    struct live live = {.config = config,
                        .note = note,
                        .context = context,
                        .behind = true,
                        .cuts_missed = true};
    if (!secret_key_load(config->secret_file, live.secret))
        return EXIT_FAILURE;
    live.listener = listener_new(config->database_jobs, "live");
    live.transfers = transfers_new(NULL);
    live.db = db_new(config->database_jobs, config->statement_timeout);
    live.arena = arena_new(ARENA);
    live.queue = live_queue_new();
    buf_init(&live.message, LIVE_MESSAGE_MAX);
    serve(&live);
    transfers_free(live.transfers);
    listener_free(live.listener);
    db_free(live.db);
    arena_free(live.arena);
    live_queue_free(live.queue);
    buf_free(&live.message);
    free(live.cuts);
    return EXIT_SUCCESS;
}
