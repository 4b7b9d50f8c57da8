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

/* For processes that do no more than what stands here: OpenSSL reads no configuration and loads no texts of errors and no
 * table of every cipher, half a megabyte. Before anything else that uses it. */
void crypto_start_small(void);

void crypto_random(void *out, size_t size);
void crypto_sha256(const void *data, size_t size, uint8_t out[SHA256_SIZE]);
void crypto_hmac_sha256(const void *key, size_t key_size, const void *data, size_t size,
                        uint8_t out[SHA256_SIZE]); /* RFC 2104 */
bool crypto_equal(const void *a, const void *b, size_t size); /* in constant time */

/* base64url without padding (RFC 4648 section 5). out holds 4*ceil(size/3)+1 bytes. */
void crypto_base64url(const void *data, size_t size, char *out);
/* Reads base64url or plain base64, padded or not; bytes written, or 0: it is none, or does not fit. */
size_t crypto_base64url_read(const char *text, uint8_t *out, size_t size);
void crypto_hex(const void *data, size_t size, char *out); /* 2*size+1 bytes, lower case */

/* A fresh 256-bit secret as base64url text. */
void crypto_token(char out[TOKEN_TEXT_SIZE]);
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
