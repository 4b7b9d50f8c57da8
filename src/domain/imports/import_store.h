/*
 * import_store.h - the files of imports that are not finished: UTF-8 text below the portal's file store, readable by its
 * user alone, reachable by no address. They go when their import has ended.
 */
#ifndef TESSERA_DOMAIN_IMPORTS_IMPORT_STORE_H
#define TESSERA_DOMAIN_IMPORTS_IMPORT_STORE_H

#include "core/arena.h"
#include "core/err.h"
#include "core/rows.h"
#include "domain/imports/import_table.h"
#include <stdio.h>

struct import_file {
    FILE *stream;
    const char *name; /* "imports/<32 hex digits>": as the database has it */
    const char *path;
};

/* A new file in files, which gets its folder when it has none. ERR_UNAVAILABLE (logged) when it can't be made. */
enum err import_file_new(struct arena *arena, const char *files, struct import_file *out) CHECKED;
/* An import_piece_fn: context is the file. */
enum import_trouble import_file_write(void *context, const char *text, size_t size);
/* False when not all of it is on its way to the disk. */
bool import_file_close(struct import_file *file) CHECKED;
void import_file_remove(struct import_file *file);

/* To be read from position on; NULL (logged) when it is not there. */
FILE *import_file_open(struct arena *arena, const char *files, const char *name, long position);

/* Removes what has no row in wanted (column file) and is older than an hour, so that an upload that is under way keeps its
 * own. How many. */
long import_files_tidy(struct arena *arena, const char *files, const struct rows *wanted);

#endif
