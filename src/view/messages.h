/*
 * messages.h - sentences in the reader's language, through gettext (domain "tessera").
 *
 * The English sentence is the message id. tools/template-messages collects the ids from templates
 * and from N_(), _() and messages_plural() in C. Without a catalogue every look-up gives back its
 * id.
 *
 * The language belongs to the process: single-threaded workers set it for each request.
 */
#ifndef TESSERA_VIEW_MESSAGES_H
#define TESSERA_VIEW_MESSAGES_H

#include "core/i18n.h"

#define _(text) messages_text(text)

/* directory holds <language>/LC_MESSAGES/tessera.mo; NULL: no catalogues. Call once, at start. */
void messages_open(const char *directory);
/* Language tag like "hi-IN", which falls back to "hi"; NULL: "en". Cheap if it is unchanged. */
void messages_use(const char *locale);

const char *messages_text(const char *id) __attribute__((format_arg(1), returns_nonnull));
/* one and many are printf formats with a single %ld. */
const char *messages_plural(const char *one, const char *many, long n)
    __attribute__((format_arg(1), format_arg(2), returns_nonnull));

#endif
