#include "jobs/child.h"
#include "core/clock.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NO_PROGRAM = 127, CHUNK = 4096 };

/* ── In the child ── */

static bool limit(int what, rlim_t most) {
    const struct rlimit both = {.rlim_cur = most, .rlim_max = most};
    return setrlimit(what, &both) == 0;
}

/* SIGXCPU at the end of the time, which says what it was; at the hard limit it would be SIGKILL. */
static bool limit_time(long seconds) {
    const struct rlimit limit = {.rlim_cur = (rlim_t)seconds, .rlim_max = (rlim_t)seconds + 1};
    return setrlimit(RLIMIT_CPU, &limit) == 0;
}

static bool confine(const struct child_limits *limits) {
    return limit(RLIMIT_CORE, 0) && limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NOFILE, 64) &&
           limit_time(limits->seconds) && limit(RLIMIT_AS, (rlim_t)limits->memory) &&
           prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static _Noreturn void become(char *const argv[], int input, int output, const struct child_limits *limits) {
    static char path[] = "PATH=/usr/local/bin:/usr/bin:/bin", locale[] = "LC_ALL=C.UTF-8",
                threads[] = "OMP_THREAD_LIMIT=1";
    char *environment[] = {path, locale, threads, NULL};
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    (void)setpgid(0, 0);
    bool ready = nowhere >= 0 && dup2(input, 0) == 0 && dup2(output, 1) == 1 && dup2(nowhere, 2) == 2 &&
                 close_range(3, ~0U, 0) == 0 && setpriority(PRIO_PROCESS, 0, 10) == 0 && confine(limits);
    if (ready) {
        environ = environment; /* execvpe() looks for the program along our own PATH */
        execvp(argv[0], argv);
    }
    _exit(NO_PROGRAM);
}

/* ── In the parent ── */

static long left_ms(int64_t until) {
    int64_t left = (until - clock_monotonic_us()) / 1000;
    return left > 0 ? (long)left : 0;
}

/* Until it says no more. False when the time is up, or out is full. */
static bool listen_to(int fd, int64_t until, struct buf *out) {
    char chunk[CHUNK];
    for (;;) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        long left = left_ms(until);
        int ready = left > 0 ? poll(&poll_fd, 1, (int)left) : 0;
        if (ready < 0 && errno == EINTR)
            continue;
        ssize_t size = ready > 0 ? read(fd, chunk, sizeof chunk) : -1;
        if (size == 0)
            return true;
        if (size > 0)
            buf_append(out, chunk, (size_t)size);
        if ((size < 0 && !(ready > 0 && errno == EINTR)) || buf_overflowed(out))
            return false;
    }
}

/* Closing its output is not yet an end: what is still there after that is killed as well. */
static int end_of(pid_t child, int64_t until) {
    int status = 0;
    for (pid_t ended = 0; ended == 0;) {
        ended = waitpid(child, &status, WNOHANG);
        if (ended < 0 && errno != EINTR)
            return -1;
        if (ended > 0)
            return status;
        ended = 0;
        if (left_ms(until) == 0)
            (void)kill(-child, SIGKILL);
        (void)poll(NULL, 0, 2);
    }
    return status;
}

enum child_end child_run(char *const argv[], int input, const struct child_limits *limits, struct buf *out) {
    int pipes[2];
    if (pipe2(pipes, O_CLOEXEC) != 0)
        return CHILD_MISSING;
    int64_t until = clock_monotonic_us() + limits->seconds * 1000000;
    pid_t child = fork();
    if (child == 0)
        become(argv, input, pipes[1], limits);
    close(pipes[1]);
    if (child < 0) {
        close(pipes[0]);
        return CHILD_MISSING;
    }
    (void)setpgid(child, child); /* whoever comes first */
    bool heard = listen_to(pipes[0], until, out);
    close(pipes[0]);
    if (!heard)
        (void)kill(-child, SIGKILL);
    int status = end_of(child, until);
    if (left_ms(until) == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
        return CHILD_SLOW;
    if (heard && WIFEXITED(status) && WEXITSTATUS(status) == NO_PROGRAM)
        return CHILD_MISSING;
    return heard && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? CHILD_DONE : CHILD_FAILED;
}
