#include "domain/demo/demo_library.h"
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err complain(char *error, size_t error_size, const char *path, const char *what) {
    snprintf(error, error_size, "%s can't be %s: %s.", path, what, strerror(errno));
    return ERR_NOT_FOUND;
}

/* The directories below directory that path names. */
static bool make_directories(const char *directory, const char *path) {
    char folder[4096];
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        snprintf(folder, sizeof folder, "%s/%.*s", directory, (int)(slash - path), path);
        if (mkdir(folder, 0755) != 0 && errno != EEXIST)
            return false;
    }
    return true;
}

enum err demo_file_write(const char *directory, const char *path, const struct buf *content,
                         char *error, size_t error_size) {
    char whole[4096], fresh[4096 + 8];
    snprintf(whole, sizeof whole, "%s/%s", directory, path);
    snprintf(fresh, sizeof fresh, "%s.new", whole);
    FILE *file = make_directories(directory, path) ? fopen(fresh, "we") : NULL;
    if (file == NULL)
        return complain(error, error_size, whole, "made");
    bool written = fwrite(buf_text(content), 1, content->len, file) == content->len;
    written = fclose(file) == 0 && written;
    if (written && rename(fresh, whole) == 0)
        return OK;
    enum err err = complain(error, error_size, whole, "written");
    unlink(fresh);
    return err;
}

enum err demo_file_read(const char *directory, const char *path, struct buf *out, char *error,
                        size_t error_size) {
    char whole[4096], chunk[8192];
    snprintf(whole, sizeof whole, "%s/%s", directory, path);
    FILE *file = fopen(whole, "re");
    if (file == NULL)
        return complain(error, error_size, whole, "read");
    size_t size;
    while ((size = fread(chunk, 1, sizeof chunk, file)) > 0)
        buf_append(out, chunk, size);
    enum err err = ferror(file) ? complain(error, error_size, whole, "read") : OK;
    fclose(file);
    return err;
}
