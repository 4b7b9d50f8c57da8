#include "forked.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void child(void (*run)(void *context), void *context, int err) {
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    dup2(err, STDERR_FILENO);
    close(err);
    run(context);
    _exit(0);
}

/* Reads to the end, so that a child that writes more than fits is not stopped by a full pipe. */
static void drain(int fd, char *out, size_t size) {
    char rest[512];
    size_t used = 0;
    for (;;) {
        size_t room = size - 1 - used;
        ssize_t got = room > 0 ? read(fd, out + used, room) : read(fd, rest, sizeof rest);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        if (room > 0)
            used += (size_t)got;
    }
    out[used] = '\0';
}

int forked_run(void (*run)(void *context), void *context, char *err, size_t size) {
    int ends[2];
    if (pipe(ends) != 0)
        abort();
    pid_t pid = fork();
    if (pid < 0)
        abort();
    if (pid == 0) {
        close(ends[0]);
        child(run, context, ends[1]);
    }
    close(ends[1]);
    drain(ends[0], err, size);
    close(ends[0]);

    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            abort();
    }
    return status;
}
