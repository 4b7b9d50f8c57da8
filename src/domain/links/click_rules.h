/*
 * click_rules.h - what a request for /r/{code} tells: whether a person clicked, from which site, and
 * by what they are known again today. Pure: no database, no HTTP, no clock.
 */
#ifndef TESSERA_DOMAIN_LINKS_CLICK_RULES_H
#define TESSERA_DOMAIN_LINKS_CLICK_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum click_kind {
    CLICK_PERSON,
    CLICK_ROBOT,    /* says so, or is no browser: search engines, link previews, scripts */
    CLICK_PREFETCH, /* a browser that fetches ahead of a click that may never come */
    CLICK_CHECK,    /* HEAD: asks whether the link works */
    CLICK_KINDS
};

enum { VISITOR_SIZE = 12, REFERRER_MAX = 80, REFERRER_SIZE = REFERRER_MAX + 1 };

const char *click_kind_code(enum click_kind kind); /* "person" */
/* head: the method was HEAD. purpose: Sec-Purpose, Purpose, X-Purpose or X-Moz as sent, or NULL. */
enum click_kind click_judge(bool head, const char *user_agent, const char *purpose);

/* Host of the page that the link stood on, in small letters; false when there is none to tell (no
 * header, our own host, anything odd). own: host of the portal, with its port where it has one. */
bool referrer_host(const char *referrer, const char *own, char out[REFERRER_SIZE]);

/* The same browser at the same address gives the same bytes on one UTC day, and others on the next.
 * Without the secret nothing can be learned from them, and nothing can be found in them. */
void visitor_hash(const void *secret, size_t secret_size, time_t now, const char *address,
                  const char *user_agent, uint8_t out[VISITOR_SIZE]);

#endif
