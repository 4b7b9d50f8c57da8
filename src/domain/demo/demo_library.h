/*
 * demo_library.h - the demo's material: what there is, its files, who downloaded it. Internal to
 * the demo.
 */
#ifndef TESSERA_DOMAIN_DEMO_DEMO_LIBRARY_H
#define TESSERA_DOMAIN_DEMO_DEMO_LIBRARY_H

#include "core/arena.h"
#include "core/buf.h"
#include "domain/demo/demo_world.h"

struct demo_library {
    const struct demo_world *world;
    struct demo_asset *assets;
    size_t count;
    long rows; /* written by the last pass */
};

/*
 * Makes every file in memory and, with files, in that directory; also copies files/ of texts to
 * where courses expect them. On failure (ERR_NOT_FOUND, ERR_INTERNAL) a sentence is in error.
 */
enum err demo_library_make(struct demo_library *library, const struct demo_world *world,
                           struct arena *arena, char *error, size_t error_size) CHECKED;

/* For db_copy(): all lines at once. */
bool demo_assets_write(void *library, struct buf *out);
bool demo_downloads_write(void *library, struct buf *out);

/* demo_files.c. A file is there as a whole or not at all; directories above it are made. */
enum err demo_file_write(const char *directory, const char *path, const struct buf *content,
                         char *error, size_t error_size) CHECKED;
enum err demo_file_read(const char *directory, const char *path, struct buf *out, char *error,
                        size_t error_size) CHECKED;

#endif
