#include "jobs/live_rules.h"
#include "core/text.h"
#include <stdio.h>
#include <string.h>

enum {
    SPREAD_MIN_MS = 100,
    SPREAD_MAX_MS = 60000,
    SPREAD_UNKNOWN_MS = 300, /* the few of a partner, or of staff */
    PAGES_PER_SECOND = 400, /* what two cores serve beside everything else: docs/bench.md */
    CHANNEL_BYTES = 18      /* of the HMAC that make a channel's id */
};

/* clang-format off */
const struct live_topic live_topics[] = {
    {"leads",         "leads:read"},
    {"activities",    "leads:read"},
    {"appointments",  "leads:read"},
    {"commissions",   "commissions:read"},
    {"payouts",       "commissions:read"},
    {"jobs",          "jobs:read"},
    {"imports",       "leads:read"},
    {"duplicates",    "duplicates:read"},
    {"notifications", ""},
    {"unread",        ""},
    {"messages",      ""},
    {"reminders",     ""},
    {"announcements", ""},
    {LIVE_SIGN_OUT,   ""},
    {LIVE_REFRESH,    ""},
    {NULL, NULL},
};
/* clang-format on */

const struct live_topic *live_topic_find(const char *name) {
    for (const struct live_topic *topic = live_topics; topic->name != NULL; topic++) {
        if (text_equal(topic->name, name))
            return topic;
    }
    return NULL;
}

/* The next word of *at into out; false when there is none or it has no room. */
static bool take_word(const char **at, char *out, size_t size) {
    size_t length = strcspn(*at, " ");
    if (length == 0 || length >= size)
        return false;
    memcpy(out, *at, length);
    out[length] = '\0';
    *at += length;
    if (**at == ' ' && (*at)[1] != '\0')
        (*at)++;
    return true;
}

static bool scope_plausible(const char *scope) {
    static const char *const of_one[] = {"user:", "partner:", "session:"};
    if (text_equal(scope, "staff") || text_equal(scope, LIVE_EVERYBODY))
        return true;
    for (size_t i = 0; i < sizeof of_one / sizeof *of_one; i++) {
        if (text_starts(scope, of_one[i]))
            return text_is_uuid(scope + strlen(of_one[i]));
    }
    return false;
}

bool live_notice_read(const char *payload, struct live_notice *out) {
    char topic[32];
    *out = (struct live_notice){.id = ""};
    if (!take_word(&payload, out->scope, sizeof out->scope) || !scope_plausible(out->scope) ||
        !take_word(&payload, topic, sizeof topic))
        return false;
    out->topic = live_topic_find(topic);
    if (out->topic == NULL)
        return false;
    return *payload == '\0' || (take_word(&payload, out->id, sizeof out->id) && *payload == '\0' && text_is_uuid(out->id));
}

void live_name(const char *scope, const struct live_topic *topic, char out[LIVE_NAME_SIZE]) {
    bool of_many = text_equal(scope, "staff") || text_starts(scope, "partner:");
    bool asks = of_many && *topic->permission != '\0';
    snprintf(out, LIVE_NAME_SIZE, "%s%s%s", scope, asks ? " " : "", asks ? topic->permission : "");
}

void live_channel(const uint8_t secret[SHA256_SIZE], const char *name, char out[LIVE_CHANNEL_SIZE]) {
    char text[LIVE_NAME_SIZE + 8];
    uint8_t mac[SHA256_SIZE];
    /* Form tokens come from the same secret; no cookie begins like this. */
    int size = snprintf(text, sizeof text, "live:%s", name);
    crypto_hmac_sha256(secret, SHA256_SIZE, text, (size_t)size, mac);
    crypto_base64url(mac, CHANNEL_BYTES, out);
}

long live_spread_ms(long pages) {
    if (pages < 0)
        return SPREAD_UNKNOWN_MS;
    long ms = pages * 1000 / PAGES_PER_SECOND;
    return ms < SPREAD_MIN_MS ? SPREAD_MIN_MS : ms > SPREAD_MAX_MS ? SPREAD_MAX_MS : ms;
}
