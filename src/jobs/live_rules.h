/*
 * live_rules.h - who hears what on open pages. Pure.
 *
 * The database says NOTIFY live, '<scope> <topic> [<id>]' (app.live()). A scope and the permission that the topic asks for
 * make a channel: "partner:<id> leads:read" is heard by that partner's people who may read leads, "staff" by all staff. A
 * page's stream is subscribed to the channels that its session's scope and permissions give it, and to three more: its user's,
 * its session's (by which it is cut) and everybody's.
 *
 * A channel's id is an HMAC of its name with the portal's secret: who doesn't know the secret can't guess it.
 */
#ifndef TESSERA_JOBS_LIVE_RULES_H
#define TESSERA_JOBS_LIVE_RULES_H

#include "core/crypto.h"
#include <stdbool.h>

enum {
    LIVE_SCOPE_SIZE = 48,  /* bytes with NUL: "partner:" and a UUID */
    LIVE_NAME_SIZE = 96,   /* a scope, a blank and a permission */
    LIVE_CHANNEL_SIZE = 25 /* 144 bits as base64url */
};

#define LIVE_EVERYBODY "all"
#define LIVE_SIGN_OUT  "sign-out" /* of scope session:<id>: its streams are cut */
#define LIVE_REFRESH   "refresh"  /* something may have been missed: whatever is shown is asked for again */

struct live_topic {
    const char *name;
    const char *permission; /* that one needs to hear of it in a partner's or staff's scope; "": none */
};
/* Every topic that app.live() is called with; ended by one without a name. */
extern const struct live_topic live_topics[];
const struct live_topic *live_topic_find(const char *name); /* NULL: there is none */

struct live_notice {
    char scope[LIVE_SCOPE_SIZE]; /* "staff", "all", "user:<id>", "partner:<id>", "session:<id>" */
    const struct live_topic *topic;
    char id[37]; /* "": none */
};
/* False when it is not what app.live() says. */
bool live_notice_read(const char *payload, struct live_notice *out);

/* "partner:<id> leads:read", or the scope alone where the topic asks for no permission or the scope is one person's. */
void live_name(const char *scope, const struct live_topic *topic, char out[LIVE_NAME_SIZE]);
void live_channel(const uint8_t secret[SHA256_SIZE], const char *name, char out[LIVE_CHANNEL_SIZE]);

/* Milliseconds over which `pages` open pages spread what they ask the portal for because of one event, so that they come as a
 * stream that it can bear and not at once. pages < 0: unknown. */
long live_spread_ms(long pages);

#endif
