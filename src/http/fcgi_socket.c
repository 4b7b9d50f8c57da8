#include "core/log.h"
#include "http/fcgi.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int listen_failed(const char *path, const char *why, int fd) {
    log_event(LOG_ERROR, "listen_failed", "socket", "%s", path, "why", "%s", why, NULL);
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool is_listening(int fd) {
    int listening = 0;
    socklen_t size = sizeof listening;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening != 0;
}

bool fcgi_inherited(void) {
    return is_listening(STDIN_FILENO);
}

bool fcgi_adopt(int fd) {
    if (!is_listening(fd)) {
        log_event(LOG_ERROR, "listen_failed", "descriptor", "%d", fd, "why",
                  "it is not a listening socket", NULL);
        return false;
    }
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        log_event(LOG_ERROR, "listen_failed", "descriptor", "%d", fd, "why", "%s", strerror(errno),
                  NULL);
        return false;
    }
    return true;
}

/* Connects to find out whether somebody serves there. A full backlog (EAGAIN) means yes. */
static bool answers(const struct sockaddr_un *address) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    int result = connect(fd, (const struct sockaddr *)address, sizeof *address);
    bool alive = result == 0 || errno == EAGAIN;
    close(fd);
    return alive;
}

/* Removes what a dead process left; NULL when the path is free now, or why it isn't. */
static const char *path_clear(const struct sockaddr_un *address) {
    struct stat status;
    if (lstat(address->sun_path, &status) != 0)
        return errno == ENOENT ? NULL : strerror(errno);
    if (!S_ISSOCK(status.st_mode))
        return "there is a file of that name which is not a socket";
    if (answers(address))
        return "another process serves this socket";
    return unlink(address->sun_path) == 0 || errno == ENOENT ? NULL : strerror(errno);
}

static int listen_unix(const char *path, int backlog) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return listen_failed(path, "the path is longer than a socket's name may be", -1);
    memcpy(address.sun_path, path, strlen(path) + 1);

    const char *why = path_clear(&address);
    if (why != NULL)
        return listen_failed(path, why, -1);

    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return listen_failed(path, strerror(errno), -1);
    mode_t saved = umask(0117);
    int bound = bind(fd, (const struct sockaddr *)&address, sizeof address);
    int error = errno;
    umask(saved);
    if (bound != 0)
        return listen_failed(path, strerror(error), fd);
    if (listen(fd, backlog) != 0) {
        error = errno;
        unlink(path);
        return listen_failed(path, strerror(error), fd);
    }
    return fd;
}

int fcgi_listen(const char *path, int backlog) {
    if (path != NULL)
        return listen_unix(path, backlog);
    if (!fcgi_adopt(STDIN_FILENO))
        return -1;
    /* The backlog of an inherited socket is its owner's choice, but a larger one does no harm. */
    (void)listen(STDIN_FILENO, backlog);
    return STDIN_FILENO;
}
