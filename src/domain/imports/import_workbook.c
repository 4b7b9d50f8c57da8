#include "domain/imports/import_workbook.h"

#include "core/log.h"
#include "domain/imports/import_workbook_read.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    MEMORY_MAX = 384 << 20, /* bytes; what a hundred thousand rows share takes a tenth */
    TEXT_MAX = 128 << 20,   /* bytes that come out; as CSV half of it would be taken */
    /* Of the processor. Two hundred thousand rows of twenty columns are 30 MB and take three. */
    SECONDS_MIN = 2,
    SECONDS_MAX = 8,      /* a request may take little longer */
    SECOND_OF = 8 << 20,  /* bytes of the workbook that are good for one more */
    READERS = 2,          /* workbooks at a time: what else is asked for finds a worker that is free */
    PEOPLE = 16           /* where the places of people begin in the file of turns */
};

/* ── Whose turn it is ── */

/* A record lock, because it goes with the process. Of the open file, so that the child's end does not give it up. */
static bool take_place(int fd, off_t place) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = place, .l_len = 1};
    return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

static off_t place_of(const char *person) {
    uint32_t hash = 0;
    for (const char *c = person; *c != '\0'; c++)
        hash = hash * 31 + (unsigned char)*c;
    return PEOPLE + (off_t)hash;
}

enum import_trouble import_workbook_turn(const char *directory, const char *person, int *turn) {
    char path[4096];
    snprintf(path, sizeof path, "%s/.workbooks", directory);
    *turn = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (*turn < 0) {
        log_event(LOG_ERROR, "workbook_turn_failed", "path", "%s", path, "why", "%s", strerror(errno), NULL);
        return TROUBLE_STORE;
    }
    bool taken = false;
    if (take_place(*turn, place_of(person)))
        for (off_t place = 0; place < READERS && !taken; place++)
            taken = take_place(*turn, place);
    if (!taken)
        import_workbook_turn_end(turn);
    return taken ? TROUBLE_NONE : TROUBLE_BUSY;
}

void import_workbook_turn_end(int *turn) {
    if (*turn >= 0)
        (void)close(*turn);
    *turn = -1;
}

/* ── Read ── */

static void limit(int what, rlim_t most) {
    struct rlimit now = {.rlim_cur = most, .rlim_max = most};
    if (setrlimit(what, &now) != 0)
        _exit(WORKBOOK_BROKEN);
}

/* Whatever a file could talk the library into: the worker's connections are not there. */
static void close_others(int fd) {
    if ((fd > 3 && close_range(3, (unsigned)fd - 1, 0) != 0) || close_range((unsigned)fd + 1, ~0U, 0) != 0)
        _exit(WORKBOOK_BROKEN);
}

/* It ends without the worker's farewells. */
static _Noreturn void read_in_child(const void *bytes, size_t size, int fd) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    close_others(fd);
    signal(SIGXFSZ, SIG_IGN); /* writing fails instead */
#ifndef __SANITIZE_ADDRESS__  /* which reserves more than any limit */
    limit(RLIMIT_DATA, MEMORY_MAX);
#endif
    limit(RLIMIT_FSIZE, TEXT_MAX);
    size_t seconds = SECONDS_MIN + size / SECOND_OF;
    limit(RLIMIT_CPU, seconds < SECONDS_MAX ? seconds : SECONDS_MAX);
    limit(RLIMIT_CORE, 0);
    _exit((int)workbook_read(bytes, size, fd));
}

/* Its exit status; -1 when it was killed. */
static int wait_for(pid_t child) {
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static enum import_trouble trouble_of(int outcome) {
    switch (outcome) {
    case WORKBOOK_READ:
        return TROUBLE_NONE;
    case WORKBOOK_EMPTY:
        return TROUBLE_EMPTY;
    case WORKBOOK_BROKEN:
        return TROUBLE_WORKBOOK;
    default: /* too large, or killed for what it took */
        return TROUBLE_UNPACKED;
    }
}

enum import_trouble import_workbook_read(const void *bytes, size_t size, const char *directory,
                                         struct spool *out, const char **text) {
    const void *mapped = NULL;
    if (spool_open(out, directory) != OK)
        return TROUBLE_STORE;
    pid_t child = fork();
    if (child == 0)
        read_in_child(bytes, size, out->fd);
    int outcome = child > 0 ? wait_for(child) : -1;
    if (child < 0 || outcome < 0)
        log_event(LOG_WARN, "workbook_refused", "why", "%s", child < 0 ? strerror(errno) : "killed",
                  "bytes", "%zu", size, NULL);
    enum import_trouble trouble = child < 0 ? TROUBLE_STORE : trouble_of(outcome);
    struct stat status;
    if (trouble == TROUBLE_NONE && fstat(out->fd, &status) == 0)
        out->size = (size_t)status.st_size;
    if (trouble == TROUBLE_NONE && out->size == 0)
        trouble = TROUBLE_EMPTY;
    if (trouble == TROUBLE_NONE && spool_map(out, &mapped) != OK)
        trouble = TROUBLE_STORE;
    *text = mapped;
    return trouble;
}
