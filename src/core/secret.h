/*
 * secret.h - secrets that lie in files, so that neither a configuration nor a command line holds one.
 */
#ifndef TESSERA_CORE_SECRET_H
#define TESSERA_CORE_SECRET_H

#include "core/crypto.h"
#include <stdbool.h>
#include <stddef.h>

enum { SECRET_TEXT_MAX = 4096 };

/* The portal's own (secret_file): whatever the file holds becomes the key, so that its length doesn't matter. False, with
 * a line in the log, when it can't be read or has fewer than 32 bytes. */
bool secret_key_load(const char *path, uint8_t key[SHA256_SIZE]);
/* The first line of a file, without white space at its ends; false, logged, when there is none or it is too long. */
bool secret_text_load(const char *path, char out[SECRET_TEXT_MAX]);
/* A key for one purpose out of the portal's. */
void secret_key_for(const uint8_t key[SHA256_SIZE], const char *purpose, uint8_t out[SHA256_SIZE]);

#endif
