#include "jobs/push.h"
#include "core/clock.h"
#include "core/text.h"
#include "jobs/outgoing.h"
#include "jobs/push_crypto.h"
#include <jansson.h>

enum {
    KEEP = 24 * 60 * 60,  /* seconds that a push service keeps it for a browser that is off */
    VALID = 12 * 60 * 60, /* of our proof; RFC 8292 allows a day */
    STEP = 64,            /* texts are padded to multiples of this, so that their length tells little */
    SENTENCE_MAX = 600,   /* bytes of it; a notification shows less */
    HEADER_MAX = 4096
};

/* "https://host:port" of an address; NULL when it is no https address of plain characters. */
static const char *origin_of(struct arena *arena, const char *endpoint) {
    if (!text_starts(endpoint, "https://"))
        return NULL;
    size_t host = strspn(endpoint + 8, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-:[]");
    return host > 0 && endpoint[8 + host] == '/' ? arena_strndup(arena, endpoint, 8 + host) : NULL;
}

static const char *cut(struct arena *arena, const char *text) {
    size_t size = strlen(text);
    if (size <= SENTENCE_MAX)
        return text;
    size = SENTENCE_MAX;
    while (size > 0 && ((unsigned char)text[size] & 0xC0) == 0x80)
        size--;
    return arena_printf(arena, "%.*s…", (int)size, text);
}

static char *message_of(struct send_job *job, const struct outgoing *out, const struct told *told) {
    json_t *message = json_pack("{s:s, s:s, s:s, s:s, s:s}", "title", out->programme, "body", cut(job->job.arena, told->sentence), "href",
                                told->href, "type", told->type, "tag", out->notification_id);
    char *text = message != NULL ? json_dumps(message, JSON_COMPACT) : NULL;
    json_decref(message);
    if (text == NULL)
        abort();
    char *copy = arena_strdup(job->job.arena, text);
    free(text);
    return copy;
}

static void done(void *context, const struct transfer_result *result) {
    struct send_job *job = context;
    struct arena *arena = job->job.arena;
    job->job.wait_least = result->retry_after;
    if (!result->answered)
        send_again(job, arena_printf(arena, "The push service did not answer: %s", result->error));
    else if (result->status == 404 || result->status == 410)
        send_end(job, Q_send_push_ended);
    else if (result->status == 429 || result->status >= 500)
        send_again(job, arena_printf(arena, "The push service wants to be left alone for a while: %ld.", result->status));
    else if (result->status >= 300)
        send_refuse(job, arena_printf(arena, "The push service refused it: %ld %.120s", result->status, result->body));
    else
        outgoing_sent(job, NULL);
}

/* Both made for this message alone. False: the subscription's keys are none. */
static bool encrypt(const struct outgoing *out, const char *text, struct buf *body) {
    struct push_reader reader;
    uint8_t salt[PUSH_SALT_SIZE];
    size_t size = strlen(text);
    if (!push_reader_read(out->p256dh, out->auth, &reader) || size + STEP > PUSH_TEXT_MAX)
        return false;
    struct push_key *sender = push_key_make();
    crypto_random(salt, sizeof salt);
    const struct push_record record = {.size = PUSH_RECORD_SIZE, .padding = (STEP - size % STEP) % STEP};
    bool fine = push_encrypt(body, &reader, sender, salt, &record, text, size);
    push_key_free(sender);
    return fine;
}

static void give_to_service(struct send_job *job, const struct outgoing *out, const struct push_key *key, const struct buf *body) {
    const struct config *config = send_config(job->sender);
    const char *origin = origin_of(job->job.arena, out->endpoint);
    if (origin == NULL) {
        send_refuse(job, "The subscription's address is none.");
        return;
    }
    struct buf proof;
    buf_init(&proof, HEADER_MAX);
    buf_puts(&proof, "Authorization: ");
    push_vapid(&proof, key, origin, arena_printf(job->job.arena, "mailto:%s", config->mail_from), clock_now() + VALID);
    const char *const headers[] = {
        buf_text(&proof),
        "Content-Type: application/octet-stream",
        "Content-Encoding: aes128gcm",
        arena_printf(job->job.arena, "TTL: %d", KEEP),
        out->urgent ? "Urgency: high" : "Urgency: normal",
        NULL,
    };
    const struct http_call call = {.url = out->endpoint,
                                   .headers = headers,
                                   .body = body->data,
                                   .size = body->len,
                                   .public_only = !config->private_targets};
    transfer_http(send_transfers(job->sender), &call, done, job);
    buf_free(&proof);
}

void push_begin(struct sender *sender, struct send_job *job) {
    const struct config *config = send_config(sender);
    struct told told;
    struct outgoing *out = outgoing_open(job);
    if (out == NULL)
        return;
    if (*config->push_key_file == '\0') {
        outgoing_ended(job, "cancelled", "Push is not set up.");
        return;
    }
    if (!outgoing_tell_one(job, out, &told))
        return;
    struct push_key *key = push_key_load(config->push_key_file);
    struct buf body;
    buf_init(&body, PUSH_RECORD_SIZE + 1024);
    if (key == NULL)
        send_later(job, "The file with the key of Web Push can't be read.", 0);
    else if (!encrypt(out, message_of(job, out, &told), &body))
        send_refuse(job, "The subscription's keys are none.");
    else
        give_to_service(job, out, key, &body);
    buf_free(&body);
    push_key_free(key);
}
