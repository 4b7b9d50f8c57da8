/*
 * file_rules.h - which files are taken and what they are called. Pure: no database, no HTTP.
 *
 * The list below is of what may be taken at all; a room names the kinds that it wants. What can run
 * or be a page (programs, scripts, HTML, SVG, macros' containers), and archives, which nobody could
 * look into, are not in it.
 */
#ifndef TESSERA_DOMAIN_FILES_FILE_RULES_H
#define TESSERA_DOMAIN_FILES_FILE_RULES_H

#include "core/arena.h"
#include <stdbool.h>
#include <stddef.h>

enum {
    FILE_PICTURE = 1,
    FILE_DOCUMENT = 2, /* PDF, office documents, plain text, calendar entries and contacts */
    FILE_AUDIO = 4,    /* with the two containers that browsers record voices into */
    FILE_VIDEO = 8
};

/* For the browser's dialogue, which then offers these first; it decides nothing. */
#define FILES_ACCEPT_PICTURES "image/png,image/jpeg,image/gif,image/webp,image/heic"
#define FILES_ACCEPT_DOCUMENTS                                                                     \
    ".pdf,.txt,.md,.csv,.rtf,.ics,.vcf,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.odt,.ods,.odp"
#define FILES_ACCEPT_AUDIO ".mp3,.m4a,.wav,.ogg,.opus,.webm"

enum {
    FILE_NAME_MAX = 120,  /* bytes of a cleaned name */
    FILE_PATH_SIZE = 80   /* "store/" and so on, with NUL */
};

/* What is kept as a file's type, or NULL when a file of that kind is not taken. sniffed: what
 * libmagic calls the content. name: as sent; may be "". */
const char *file_type_of(const char *sniffed, const char *name, unsigned kinds);
/* True for pictures that every browser shows and that run nothing. */
bool file_type_shown(const char *type);
/* True for recordings that a page can play: also those in the containers that browsers record voices into. */
bool file_type_heard(const char *type);

/* A name that is safe to save under and says what the file is: without folders, control and
 * direction characters, characters that Windows refuses, names that Windows keeps for itself, dots
 * at an end; at most FILE_NAME_MAX bytes; with an ending that belongs to the type (one that doesn't
 * is kept in front of it: "photo.html.png"). type: from file_type_of(). */
const char *file_name_clean(struct arena *arena, const char *name, const char *type)
    __attribute__((returns_nonnull));

/* "store/3a/7bd…", below the file store. sha256: 64 hex digits. */
void file_path(const char *sha256, char out[FILE_PATH_SIZE]);

#endif
