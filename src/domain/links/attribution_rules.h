/*
 * attribution_rules.h - which clicks a browser remembers, and which of them a lead is credited to.
 * Pure: no database, no HTTP, no clock.
 *
 * The cookie holds two touches, the first and the last: the link's id and when it was clicked, signed
 * with HMAC-SHA256. It has one fixed length and says its version; whatever is not exactly what we
 * wrote, with this portal's secret, is no cookie. A touch counts for the protection window and is
 * then forgotten, each by itself.
 *
 *   "1" base64url(first id, first time, last id, last time) base64url(HMAC)
 */
#ifndef TESSERA_DOMAIN_LINKS_ATTRIBUTION_RULES_H
#define TESSERA_DOMAIN_LINKS_ATTRIBUTION_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TOUCH_LINK_SIZE = 37,                 /* a UUID with its NUL */
    ATTRIBUTION_TEXT_SIZE = 1 + 54 + 43 + 1 /* with its NUL */
};

struct touch {
    char link[TOUCH_LINK_SIZE]; /* UUID in small letters */
    int64_t at;                 /* seconds since 1970; 0: there is none */
};

struct attribution {
    struct touch first, last; /* both or none */
};

/* Both touches must be there, with times of this century. */
void attribution_encode(const struct attribution *attribution, const void *secret,
                        size_t secret_size, char out[ATTRIBUTION_TEXT_SIZE]);
/* False, and nothing remembered, for anything but our own (NULL too). */
bool attribution_decode(const char *text, const void *secret, size_t secret_size,
                        struct attribution *out);
/* Forgets touches that are older than `days`, or from the future. */
void attribution_limit(struct attribution *attribution, int64_t now, long days);
/* A click now: it is the last one, and the first where there was none. */
void attribution_touch(struct attribution *attribution, const char *link, int64_t now, long days);

/* ── Who gets the lead ── */

struct attribution_source {
    const char *link; /* NULL: there is none */
    bool active;      /* its partner takes leads */
};

/* The code in the form's address was clicked last of all. The last touch is credited, or by the
 * programme's choice the first; when its partner takes no leads, the other one; when neither does,
 * nobody. NULL: nobody. */
const char *attribution_judge(const struct attribution_source *code,
                              const struct attribution_source *first,
                              const struct attribution_source *last, bool prefer_first);

#endif
