/*
 * demo_messages.h - the files that the demo's conversations carry. What is said stands in
 * sql/queries/messages.sql. Internal to the demo.
 */
#ifndef TESSERA_DOMAIN_DEMO_DEMO_MESSAGES_H
#define TESSERA_DOMAIN_DEMO_DEMO_MESSAGES_H

#include "core/arena.h"
#include "domain/demo/demo.h"

/* Makes them in the file store (options->files NULL: nowhere) and sets *json to what seed_messages
 * takes as :files. On failure (ERR_NOT_FOUND, ERR_UNAVAILABLE) a sentence is in error. */
enum err demo_messages_make(const struct demo_options *options, struct arena *arena,
                            const char **json, char *error, size_t error_size) CHECKED;

#endif
