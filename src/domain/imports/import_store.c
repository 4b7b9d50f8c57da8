#include "domain/imports/import_store.h"

#include "core/clock.h"
#include "core/crypto.h"
#include "core/log.h"
#include "core/text.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES = 16, GRACE = 60 * 60 /* seconds */ };
static const char folder[] = "imports";

static enum err fail(const char *step, const char *path) {
    log_event(LOG_ERROR, "import_file_failed", "step", "%s", step, "path", "%s", path, "why", "%s",
              strerror(errno), NULL);
    return ERR_UNAVAILABLE;
}

enum err import_file_new(struct arena *arena, const char *files, struct import_file *out) {
    unsigned char random[NAME_BYTES];
    char hex[2 * NAME_BYTES + 1];
    crypto_random(random, sizeof random);
    crypto_hex(random, sizeof random, hex);
    const char *directory = arena_printf(arena, "%s/%s", files, folder);
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return fail("mkdir", directory);
    *out = (struct import_file){.name = arena_printf(arena, "%s/%s", folder, hex),
                                .path = arena_printf(arena, "%s/%s", directory, hex)};
    int fd = open(out->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    out->stream = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!out->stream && fd >= 0)
        (void)close(fd);
    return out->stream ? OK : fail("create", out->path);
}

enum import_trouble import_file_write(void *context, const char *text, size_t size) {
    struct import_file *file = context;
    return fwrite(text, 1, size, file->stream) == size ? TROUBLE_NONE : TROUBLE_STORE;
}

bool import_file_close(struct import_file *file) {
    bool whole = fflush(file->stream) == 0 && fdatasync(fileno(file->stream)) == 0;
    whole = fclose(file->stream) == 0 && whole;
    file->stream = NULL;
    if (!whole)
        (void)fail("write", file->path);
    return whole;
}

void import_file_remove(struct import_file *file) {
    if (file->stream)
        (void)fclose(file->stream);
    file->stream = NULL;
    if (unlink(file->path) != 0 && errno != ENOENT)
        (void)fail("unlink", file->path);
}

FILE *import_file_open(struct arena *arena, const char *files, const char *name, long position) {
    const char *path = arena_printf(arena, "%s/%s", files, name);
    FILE *stream = fopen(path, "re");
    if (stream && fseek(stream, position, SEEK_SET) == 0)
        return stream;
    (void)fail("open", path);
    if (stream)
        (void)fclose(stream);
    return NULL;
}

static bool is_ours(const char *name) {
    return strlen(name) == 2 * NAME_BYTES && strspn(name, "0123456789abcdef") == 2 * NAME_BYTES;
}

static bool is_wanted(const struct rows *wanted, const char *name) {
    for (size_t i = 0; i < wanted->nrows; i++) {
        const char *file = rows_get(wanted, i, "file");
        if (text_starts(file, "imports/") && text_equal(file + sizeof folder, name))
            return true;
    }
    return false;
}

long import_files_tidy(struct arena *arena, const char *files, const struct rows *wanted) {
    DIR *directory = opendir(arena_printf(arena, "%s/%s", files, folder));
    long removed = 0;
    if (!directory)
        return 0; /* nothing was ever imported */
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        struct stat status;
        if (!is_ours(entry->d_name) || is_wanted(wanted, entry->d_name) ||
            fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
            clock_now() - status.st_mtime < GRACE)
            continue;
        if (unlinkat(dirfd(directory), entry->d_name, 0) == 0)
            removed++;
    }
    (void)closedir(directory);
    return removed;
}
