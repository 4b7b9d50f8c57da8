/*
 * unsubscribe.h - the token of the link that ends mails of a kind: which mail it stood in, signed.
 *
 * Pure. 16 bytes of the outbox row's id and the first 16 of HMAC-SHA256(key for this purpose, id), as base64url. It never
 * expires: whoever finds an old mail may still leave.
 */
#ifndef TESSERA_JOBS_UNSUBSCRIBE_H
#define TESSERA_JOBS_UNSUBSCRIBE_H

#include "core/crypto.h"
#include <stdbool.h>

enum { UNSUBSCRIBE_TOKEN_SIZE = 44 /* 43 characters and NUL */, UUID_TEXT_SIZE = 37 };

/* key: the portal's (secret.h). False when id is no UUID. */
bool unsubscribe_token(const uint8_t key[SHA256_SIZE], const char *outbox_id, char out[UNSUBSCRIBE_TOKEN_SIZE]);
/* False when the token is none of ours. */
bool unsubscribe_read(const uint8_t key[SHA256_SIZE], const char *token, char outbox_id[UUID_TEXT_SIZE]);

#endif
