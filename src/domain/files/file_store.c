#include "core/log.h"
#include "domain/files/files.h"
#include <errno.h>
#include <fcntl.h>
#include <magic.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

void file_hash(const void *data, size_t size, char sha256[2 * SHA256_SIZE + 1]) {
    uint8_t digest[SHA256_SIZE];
    crypto_sha256(data, size, digest);
    crypto_hex(digest, sizeof digest, sha256);
}

/* ---- what it is ---- */

/* Opened once, kept for the process. What is compressed is not looked into. */
static magic_t open_magic(void) {
    static magic_t magic;
    if (magic != NULL)
        return magic;
    magic_t fresh = magic_open(MAGIC_MIME_TYPE | MAGIC_ERROR | MAGIC_NO_CHECK_COMPRESS |
                               MAGIC_NO_CHECK_ELF);
    if (fresh == NULL || magic_load(fresh, NULL) != 0) {
        const char *why = fresh != NULL ? magic_error(fresh) : strerror(errno);
        log_event(LOG_ERROR, "magic_failed", "why", "%s", why != NULL ? why : "-", NULL);
        if (fresh != NULL)
            magic_close(fresh);
        return NULL;
    }
    return magic = fresh;
}

const char *file_sniff(const void *data, size_t size) {
    magic_t magic = open_magic();
    if (magic == NULL)
        return NULL;
    const char *type = magic_buffer(magic, data, size);
    return type != NULL ? type : "application/octet-stream"; /* it confuses even libmagic */
}

/* ---- where it lies ---- */

static bool is_there(const char *path, size_t size) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode) && (size_t)info.st_size == size;
}

static bool make_folders(const char *root, const char *sha256) {
    char folder[PATH_SIZE];
    snprintf(folder, sizeof folder, "%s/store", root);
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return false;
    snprintf(folder, sizeof folder, "%s/store/%.2s", root, sha256);
    return mkdir(folder, 0777) == 0 || errno == EEXIST;
}

static bool write_all(int fd, const char *data, size_t size) {
    while (size > 0) {
        ssize_t written = write(fd, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        data += written;
        size -= (size_t)written;
    }
    return true;
}

/* So that the name, too, outlasts a power cut. */
static bool sync_folder(const char *root, const char *sha256) {
    char folder[PATH_SIZE];
    snprintf(folder, sizeof folder, "%s/store/%.2s", root, sha256);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return synced;
}

/* Under a name of this process's own first: nobody ever finds half a file. */
static bool write_fresh(const char *path, const void *data, size_t size) {
    char fresh[PATH_SIZE + 24];
    snprintf(fresh, sizeof fresh, "%s.%ld", path, (long)getpid());
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return false;
    bool written = write_all(fd, data, size) && fsync(fd) == 0;
    written = close(fd) == 0 && written;
    if (written && rename(fresh, path) == 0)
        return true;
    int why = errno;
    unlink(fresh);
    errno = why;
    return false;
}

enum err file_store_write(const char *root, const char *sha256, const void *data, size_t size) {
    char path[PATH_SIZE], below[FILE_PATH_SIZE];
    file_path(sha256, below);
    if ((size_t)snprintf(path, sizeof path, "%s/%s", root, below) >= sizeof path) {
        errno = ENAMETOOLONG;
        return ERR_UNAVAILABLE;
    }
    if (is_there(path, size))
        return OK;
    bool kept = make_folders(root, sha256) && write_fresh(path, data, size) &&
                sync_folder(root, sha256);
    return kept ? OK : ERR_UNAVAILABLE;
}
