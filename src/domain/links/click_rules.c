#include "domain/links/click_rules.h"

#include "core/crypto.h"
#include "core/text.h"
#include <stdio.h>
#include <string.h>

enum { DAY_SECONDS = 86400, MESSAGE_MAX = 1024 };

static const char *const codes[CLICK_KINDS] = {"person", "robot", "prefetch", "check"};

const char *click_kind_code(enum click_kind kind) {
    return codes[kind];
}

static char small(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Where needle (small letters) begins in text, in capitals or not; NULL: nowhere. */
static const char *find(const char *text, const char *needle) {
    size_t size = strlen(needle);
    for (; *text != '\0'; text++) {
        size_t i = 0;
        while (i < size && small(text[i]) == needle[i])
            i++;
        if (i == size)
            return text;
    }
    return NULL;
}

static bool begins(const char *text, const char *prefix) {
    return find(text, prefix) == text;
}

/* "bot" is part of many robots' names, and of the name of a maker of phones. */
static bool says_bot(const char *agent) {
    for (const char *at = agent; (at = find(at, "bot")) != NULL; at++)
        if (at - agent < 2 || !begins(at - 2, "cubot"))
            return true;
    return false;
}

/* Browsers have called themselves Mozilla for thirty years, and Opera once did not. */
static bool is_browser(const char *agent) {
    return begins(agent, "mozilla/") || begins(agent, "opera/");
}

static bool is_robot(const char *agent) {
    static const char *const words[] = {
        "crawl",      "spider",      "slurp",    "preview",     "facebookexternalhit",
        "headless",   "phantom",     "scrape",   "monitor",     "pingdom",
        "lighthouse", "pagespeed",   "archiver", "feedfetcher", "validator",
        "embedly",    "http-client", "python",   "selenium",    "google-read-aloud",
        "+http",
    };
    if (!is_browser(agent) || says_bot(agent))
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (find(agent, words[i]) != NULL)
            return true;
    return false;
}

enum click_kind click_judge(bool head, const char *user_agent, const char *purpose) {
    if (is_robot(user_agent))
        return CLICK_ROBOT;
    if (head)
        return CLICK_CHECK;
    bool ahead =
        purpose != NULL && (find(purpose, "prefetch") != NULL ||
                            find(purpose, "prerender") != NULL || find(purpose, "preview") != NULL);
    return ahead ? CLICK_PREFETCH : CLICK_PERSON;
}

bool referrer_host(const char *referrer, const char *own, char out[REFERRER_SIZE]) {
    static const char *const schemes[] = {"https://", "http://", "android-app://"};
    const char *host = NULL;
    for (size_t i = 0; referrer != NULL && host == NULL && i < sizeof schemes / sizeof *schemes;
         i++)
        if (begins(referrer, schemes[i]))
            host = referrer + strlen(schemes[i]);
    size_t size = host != NULL ? strcspn(host, "/?#") : 0;
    if (size == 0 || size > REFERRER_MAX)
        return false;
    for (size_t i = 0; i < size; i++) {
        out[i] = small(host[i]);
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789.-:", out[i]) == NULL)
            return false;
    }
    out[size] = '\0';
    return !text_equal(out, own);
}

void visitor_hash(const void *secret, size_t secret_size, time_t now, const char *address,
                  const char *user_agent, uint8_t out[VISITOR_SIZE]) {
    char message[MESSAGE_MAX];
    uint8_t mac[SHA256_SIZE];
    int size = snprintf(message, sizeof message, "visitor %lld %s %s",
                        (long long)(now / DAY_SECONDS), address, user_agent);
    size_t used = size > 0 && (size_t)size < sizeof message ? (size_t)size : sizeof message - 1;
    crypto_hmac_sha256(secret, secret_size, message, used, mac);
    memcpy(out, mac, VISITOR_SIZE);
}
