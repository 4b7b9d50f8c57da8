/*
 * push_crypto.h - what Web Push wants computed: the message that only one browser can read (RFC 8291, in the coding
 * aes128gcm of RFC 8188) and the proof of who sends it (VAPID, RFC 8292).
 *
 * Pure but for the files of keys. A failure of OpenSSL itself aborts, as in core/crypto.h.
 */
#ifndef TESSERA_JOBS_PUSH_CRYPTO_H
#define TESSERA_JOBS_PUSH_CRYPTO_H

#include "core/buf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
    PUSH_POINT_SIZE = 65, /* of P-256, uncompressed */
    PUSH_SCALAR_SIZE = 32,
    PUSH_AUTH_SIZE = 16,
    PUSH_SALT_SIZE = 16,
    PUSH_PUBLIC_TEXT_SIZE = 88, /* base64url of a point and NUL */
    PUSH_RECORD_SIZE = 4096,
    PUSH_TEXT_MAX = 3993 /* bytes of text and padding that fit a message of 4096 */
};

struct push_key; /* a key pair of P-256 */

struct push_key *push_key_make(void) __attribute__((returns_nonnull));
/* NULL when the two do not belong together. */
struct push_key *push_key_of(const uint8_t scalar[PUSH_SCALAR_SIZE], const uint8_t point[PUSH_POINT_SIZE]);
/* From a PEM file; NULL, logged, when it can't be read or holds another kind of key. */
struct push_key *push_key_load(const char *path);
/* To a PEM file that must not be there yet, readable by its owner alone; false with errno set. */
bool push_key_save(const struct push_key *key, const char *path);
void push_key_free(struct push_key *key);
void push_key_point(const struct push_key *key, uint8_t out[PUSH_POINT_SIZE]);
/* What a page hands to the browser as applicationServerKey. */
void push_key_text(const struct push_key *key, char out[PUSH_PUBLIC_TEXT_SIZE]);

struct push_reader { /* the browser: `keys` of its subscription */
    uint8_t point[PUSH_POINT_SIZE];
    uint8_t auth[PUSH_AUTH_SIZE];
};
/* p256dh and auth as the subscription has them, in base64url; false when they are none. */
bool push_reader_read(const char *p256dh, const char *auth, struct push_reader *out);

struct push_record {
    size_t size;    /* bytes of a record; PUSH_RECORD_SIZE, more than 17 */
    size_t padding; /* bytes that hide how long the text is; they come first */
};
/* Appends the whole body. sender: made for this message alone. False: the reader's point is not on the curve. */
bool push_encrypt(struct buf *out, const struct push_reader *reader, const struct push_key *sender,
                  const uint8_t salt[PUSH_SALT_SIZE], const struct push_record *record, const void *text, size_t size);

/* Appends the value of Authorization. origin: of the push service, "https://push.example"; subject: how its operator
 * reaches us, "mailto:…". */
void push_vapid(struct buf *out, const struct push_key *key, const char *origin, const char *subject, time_t expires);

#endif
