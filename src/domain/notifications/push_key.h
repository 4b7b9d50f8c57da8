/*
 * push_key.h - the public half of the key by which push services know this portal (VAPID, RFC
 * 8292): what a browser is given when it asks to be told of something.
 */
#ifndef TESSERA_DOMAIN_NOTIFICATIONS_PUSH_KEY_H
#define TESSERA_DOMAIN_NOTIFICATIONS_PUSH_KEY_H

#include <stdbool.h>

enum { PUSH_KEY_TEXT_SIZE = 87 }; /* base64url of 65 bytes: an uncompressed point of P-256 */

/* From a PEM file with a private key; read once a process. False when path is "", or no such key
 * (logged). out has room for PUSH_KEY_TEXT_SIZE and NUL. */
bool push_key_public(const char *path, char *out);

#endif
