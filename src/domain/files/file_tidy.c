#include "core/clock.h"
#include "core/log.h"
#include "domain/files/files.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    GRACE = 24 * 60 * 60, /* seconds */
    PORTION = 500,        /* asked about at once */
    MOST = 2000,          /* removed by one job, or a little more: each one is a lock until its end */
    NAME_SIZE = 62,
    FOLDERS = 16
};
static const char digits[] = "0123456789abcdef";

/* "7bd…" of a content; or, half written by a process that is gone, "7bd….4711". */
static bool is_content(const char *name) {
    return strlen(name) == NAME_SIZE && strspn(name, digits) == NAME_SIZE;
}

static bool is_half(const char *name) {
    size_t size = strlen(name);
    return size > NAME_SIZE + 1 && strspn(name, digits) == NAME_SIZE && name[NAME_SIZE] == '.' &&
           strspn(name + NAME_SIZE + 1, "0123456789") == size - NAME_SIZE - 1;
}

static bool is_old(int folder, const char *name) {
    struct stat status;
    return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) && clock_now() - status.st_mtime > GRACE;
}

static long remove_one(int folder, const char *name) {
    if (unlinkat(folder, name, 0) == 0)
        return 1;
    if (errno != ENOENT)
        log_event(LOG_ERROR, "file_tidy_failed", "why", "%s", strerror(errno), NULL);
    return 0;
}

/* Of the hashes that were gathered, the ones that nobody names go. list is left empty. */
static enum err remove_unused(struct job *job, int folder, struct buf *list, long *removed) {
    params_set(job->params, "hashes", arena_printf(job->arena, "{%s}", buf_text(list)));
    buf_clear(list);
    enum err err = job_run(job, Q_work_files_unused);
    for (size_t i = 0; !err && i < job->rows->nrows; i++)
        *removed += remove_one(folder, rows_get(job->rows, i, "sha256") + 2);
    return err;
}

static enum err tidy_folder(struct job *job, const char *prefix, long *removed) {
    DIR *directory = opendir(arena_printf(job->arena, "%s/store/%s", job->config->files, prefix));
    if (!directory)
        return OK; /* nothing has such a hash yet */
    struct buf list;
    buf_init(&list, PORTION * (2 + NAME_SIZE + 1));
    enum err err = OK;
    size_t count = 0;
    for (const struct dirent *entry; !err && *removed < MOST && (entry = readdir(directory)) != NULL;) {
        if ((!is_content(entry->d_name) && !is_half(entry->d_name)) || !is_old(dirfd(directory), entry->d_name))
            continue;
        if (is_half(entry->d_name)) {
            *removed += remove_one(dirfd(directory), entry->d_name);
            continue;
        }
        buf_printf(&list, "%s%s%s", list.len ? "," : "", prefix, entry->d_name);
        if (++count % PORTION == 0)
            err = remove_unused(job, dirfd(directory), &list, removed);
    }
    if (!err && list.len > 0)
        err = remove_unused(job, dirfd(directory), &list, removed);
    buf_free(&list);
    (void)closedir(directory);
    return err;
}

enum err files_tidy_work(struct job *job) {
    const char *digit = params_get(job->params, "digit");
    const char *at = digit && *digit ? strchr(digits, *digit) : digits;
    if (!at)
        return job_explain(job, ERR_INVALID, "digit is no hexadecimal digit");
    long removed = 0;
    for (int i = 0; i < FOLDERS && removed < MOST; i++) {
        const char prefix[] = {*at, digits[i], '\0'};
        enum err err = tidy_folder(job, prefix, &removed);
        if (err)
            return err;
    }
    if (removed > 0)
        log_event(LOG_INFO, "files_tidied", "files", "%ld", removed, NULL);
    if (removed < MOST)
        at++;
    if (*at == '\0')
        return OK;
    const char next[] = {*at, '\0'};
    params_set(job->params, "next", next);
    return job_run(job, Q_work_files_next);
}
