#include "jobs/stop.h"
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

static volatile sig_atomic_t asked;
static int fd = -1;

void stop_open(void) {
    fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        abort();
    if (asked) /* in the moment before */
        stop_ask();
}

void stop_ask(void) {
    int kept = errno;
    uint64_t one = 1;
    asked = 1;
    if (fd >= 0 && write(fd, &one, sizeof one) < 0) {
        /* it is full, and so readable already */
    }
    errno = kept;
}

bool stop_asked(void) {
    return asked != 0;
}

int stop_fd(void) {
    return fd;
}
