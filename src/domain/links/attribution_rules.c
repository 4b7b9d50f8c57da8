#include "domain/links/attribution_rules.h"

#include "core/crypto.h"
#include "core/text.h"
#include <string.h>

enum {
    ID_SIZE = 16,
    TIME_SIZE = 4,
    TOUCH_SIZE = ID_SIZE + TIME_SIZE,
    PAYLOAD_SIZE = 2 * TOUCH_SIZE,
    PAYLOAD_TEXT = 54, /* base64url of PAYLOAD_SIZE bytes */
    DAY_SECONDS = 86400
};
static const char version = '1';

/* ── Bytes ── */

static int hex_value(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void touch_write(const struct touch *touch, uint8_t out[TOUCH_SIZE]) {
    size_t size = 0;
    for (const char *c = touch->link; *c != '\0' && size < ID_SIZE; c += 2) {
        c += *c == '-';
        out[size++] = (uint8_t)(hex_value(c[0]) << 4 | hex_value(c[1]));
    }
    for (size_t i = 0; i < TIME_SIZE; i++)
        out[ID_SIZE + i] = (uint8_t)((uint64_t)touch->at >> (8 * (TIME_SIZE - 1 - i)));
}

static void touch_read(const uint8_t bytes[TOUCH_SIZE], struct touch *out) {
    static const size_t hyphens[] = {8, 13, 18, 23};
    char hex[2 * ID_SIZE + 1];
    crypto_hex(bytes, ID_SIZE, hex);
    size_t at = 0, next = 0;
    for (size_t i = 0; i < 2 * ID_SIZE; i++) {
        if (next < sizeof hyphens / sizeof *hyphens && at == hyphens[next]) {
            out->link[at++] = '-';
            next++;
        }
        out->link[at++] = hex[i];
    }
    out->link[at] = '\0';
    out->at = 0;
    for (size_t i = 0; i < TIME_SIZE; i++)
        out->at = out->at << 8 | bytes[ID_SIZE + i];
}

static int letter_value(char c) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *at = c != '\0' ? strchr(alphabet, c) : NULL;
    return at != NULL ? (int)(at - alphabet) : -1;
}

/* The text is long enough. False when a character is none of base64url's. */
static bool payload_read(const char *text, uint8_t out[PAYLOAD_SIZE]) {
    uint32_t bits = 0;
    size_t size = 0;
    int have = 0;
    for (size_t i = 0; i < PAYLOAD_TEXT; i++) {
        int value = letter_value(text[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        have += 6;
        if (have >= 8 && size < PAYLOAD_SIZE) {
            have -= 8;
            out[size++] = (uint8_t)(bits >> have);
        }
    }
    return size == PAYLOAD_SIZE;
}

/* ── Cookie ── */

/* What is signed begins with a word of its own, so that no other signature of this secret fits. */
static void sign(const uint8_t payload[PAYLOAD_SIZE], const void *secret, size_t secret_size,
                 uint8_t mac[SHA256_SIZE]) {
    static const char purpose[] = "attribution cookie ";
    uint8_t message[sizeof purpose + PAYLOAD_SIZE];
    memcpy(message, purpose, sizeof purpose - 1);
    message[sizeof purpose - 1] = (uint8_t)version;
    memcpy(message + sizeof purpose, payload, PAYLOAD_SIZE);
    crypto_hmac_sha256(secret, secret_size, message, sizeof message, mac);
}

static void payload_text(const uint8_t payload[PAYLOAD_SIZE], const void *secret,
                         size_t secret_size, char out[ATTRIBUTION_TEXT_SIZE]) {
    uint8_t mac[SHA256_SIZE];
    sign(payload, secret, secret_size, mac);
    out[0] = version;
    crypto_base64url(payload, PAYLOAD_SIZE, out + 1);
    crypto_base64url(mac, sizeof mac, out + 1 + PAYLOAD_TEXT);
}

void attribution_encode(const struct attribution *attribution, const void *secret,
                        size_t secret_size, char out[ATTRIBUTION_TEXT_SIZE]) {
    uint8_t payload[PAYLOAD_SIZE] = {0};
    touch_write(&attribution->first, payload);
    touch_write(&attribution->last, payload + TOUCH_SIZE);
    payload_text(payload, secret, secret_size, out);
}

bool attribution_decode(const char *text, const void *secret, size_t secret_size,
                        struct attribution *out) {
    uint8_t payload[PAYLOAD_SIZE];
    char ours[ATTRIBUTION_TEXT_SIZE];
    *out = (struct attribution){.first.at = 0};
    if (text == NULL || strlen(text) != ATTRIBUTION_TEXT_SIZE - 1 || text[0] != version ||
        !payload_read(text + 1, payload))
        return false;
    /* written again and compared as a whole: there is one text for each content */
    payload_text(payload, secret, secret_size, ours);
    if (!crypto_equal(text, ours, ATTRIBUTION_TEXT_SIZE))
        return false;
    touch_read(payload, &out->first);
    touch_read(payload + TOUCH_SIZE, &out->last);
    if (out->first.at > 0 && out->last.at > 0)
        return true;
    *out = (struct attribution){.first.at = 0};
    return false;
}

/* ── Touches ── */

void attribution_limit(struct attribution *attribution, int64_t now, long days) {
    int64_t oldest = now - (int64_t)days * DAY_SECONDS;
    if (attribution->last.at <= oldest || attribution->last.at > now)
        *attribution = (struct attribution){.first.at = 0};
    else if (attribution->first.at <= oldest || attribution->first.at > now)
        attribution->first = attribution->last;
}

void attribution_touch(struct attribution *attribution, const char *link, int64_t now, long days) {
    attribution_limit(attribution, now, days);
    struct touch touch = {.at = now};
    memcpy(touch.link, link, strnlen(link, TOUCH_LINK_SIZE - 1));
    attribution->last = touch;
    if (attribution->first.at == 0)
        attribution->first = touch;
}

static const char *credit(const struct attribution_source *source) {
    return source->link != NULL && source->active ? source->link : NULL;
}

const char *attribution_judge(const struct attribution_source *code,
                              const struct attribution_source *first,
                              const struct attribution_source *last, bool prefer_first) {
    const struct attribution_source *newest = code->link != NULL ? code : last;
    const struct attribution_source *oldest = first->link != NULL ? first : newest;
    const char *wanted = credit(prefer_first ? oldest : newest);
    return wanted != NULL ? wanted : credit(prefer_first ? newest : oldest);
}
