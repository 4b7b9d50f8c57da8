#include "http/spool.h"
#include "core/log.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static enum err fail(const char *what) {
    log_event(LOG_ERROR, "spool_failed", "step", "%s", what, "why", "%s", strerror(errno), NULL);
    return ERR_UNAVAILABLE;
}

/* Not every file system knows files without a name. */
static int open_and_unlink(const char *directory) {
    char path[4096];
    snprintf(path, sizeof path, "%s/.spool-XXXXXX", directory);
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        (void)unlink(path);
    return fd;
}

enum err spool_open(struct spool *spool, const char *directory) {
    *spool = (struct spool){.fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600)};
    if (spool->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
        spool->fd = open_and_unlink(directory);
    return spool->fd >= 0 ? OK : fail("open");
}

enum err spool_write(struct spool *spool, const void *bytes, size_t size) {
    const char *at = bytes;
    while (size > 0) {
        ssize_t written = write(spool->fd, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail("write");
        at += written;
        size -= (size_t)written;
        spool->size += (size_t)written;
    }
    return OK;
}

enum err spool_map(struct spool *spool, const void **bytes) {
    spool->bytes = mmap(NULL, spool->size, PROT_READ, MAP_PRIVATE, spool->fd, 0);
    if (spool->bytes == MAP_FAILED) {
        spool->bytes = NULL;
        return fail("map");
    }
    (void)madvise(spool->bytes, spool->size, MADV_SEQUENTIAL);
    *bytes = spool->bytes;
    return OK;
}

void spool_close(struct spool *spool) {
    if (spool->bytes != NULL)
        (void)munmap(spool->bytes, spool->size);
    if (spool->fd >= 0)
        (void)close(spool->fd);
    *spool = (struct spool){.fd = -1};
}
