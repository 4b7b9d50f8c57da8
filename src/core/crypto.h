/*
 * crypto.h - the primitives that the portal uses, all from OpenSSL's libcrypto and libargon2.
 *
 * A failure of the random source or of the library is not survivable: it aborts.
 */
#ifndef TESSERA_CORE_CRYPTO_H
#define TESSERA_CORE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32, TOKEN_SIZE = 32, TOKEN_TEXT_SIZE = 44 /* base64url of 32 bytes + NUL */ };

void crypto_random(void *out, size_t size);
void crypto_sha256(const void *data, size_t size, uint8_t out[SHA256_SIZE]);
void crypto_hmac_sha256(const void *key, size_t key_size, const void *data, size_t size,
                        uint8_t out[SHA256_SIZE]); /* RFC 2104 */
bool crypto_equal(const void *a, const void *b, size_t size); /* in constant time */

/* base64url without padding (RFC 4648 section 5). out holds 4*ceil(size/3)+1 bytes. */
void crypto_base64url(const void *data, size_t size, char *out);
void crypto_hex(const void *data, size_t size, char *out); /* 2*size+1 bytes, lower case */

/* A fresh 256-bit secret as base64url text. */
void crypto_token(char out[TOKEN_TEXT_SIZE]);
/* The portal's secret: whatever the file holds becomes the key, so that its length doesn't matter. False, with a logged
 * reason, when it can't be read or has fewer than 32 bytes. */
bool crypto_secret_load(const char *path, uint8_t out[SHA256_SIZE]) __attribute__((warn_unused_result));

/* argon2id (RFC 9106). memory in KiB, passes = t, lanes = p. */
struct argon2_cost {
    uint32_t memory;
    uint32_t passes;
    uint32_t lanes;
};
enum { PASSWORD_HASH_SIZE = 160 };
/* Encoded string ($argon2id$v=19$m=…) into out. False only when memory for it can't be had. */
bool crypto_password_hash(const char *password, const struct argon2_cost *cost,
                          char out[PASSWORD_HASH_SIZE]) __attribute__((warn_unused_result));
bool crypto_password_verify(const char *password, const char *encoded);
/* True when encoded was made with a smaller cost than is configured now. */
bool crypto_password_outdated(const char *encoded, const struct argon2_cost *cost);

#endif
