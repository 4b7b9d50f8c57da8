/*
 * spool.h - a large request body on its way through a file.
 *
 * The file has no name: it is gone with its last user, however that ends. It is read through a mapping, so that a body
 * costs the worker page cache, which the kernel takes back when it likes, and no memory of its own.
 *
 * Owner: whoever opened it calls spool_close(), which is fine on one that was never opened ({.fd = -1}).
 */
#ifndef TESSERA_HTTP_SPOOL_H
#define TESSERA_HTTP_SPOOL_H

#include "core/err.h"
#include <stddef.h>

enum { SPOOL_FROM = 256 * 1024 /* bytes; smaller bodies are better off in memory */ };

struct spool {
    int fd;
    void *bytes; /* NULL until mapped */
    size_t size;
};

/* ERR_UNAVAILABLE (logged) when directory takes no file; so do the others when the disk is full. */
enum err spool_open(struct spool *spool, const char *directory) CHECKED;
enum err spool_write(struct spool *spool, const void *bytes, size_t size) CHECKED;
/* All that was written, readable until spool_close(). */
enum err spool_map(struct spool *spool, const void **bytes) CHECKED;
void spool_close(struct spool *spool);

#endif
