#include "app/supervisor_parts.h"
#include "core/log.h"
#include "core/text.h"
#include "http/fcgi.h"
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 4096, SYSTEMD_FIRST_FD = 3 };

/* How many descriptors systemd passed to this very process. */
static int systemd_count(void) {
    long pid;
    long count;
    const char *pid_text = getenv("LISTEN_PID");
    const char *count_text = getenv("LISTEN_FDS");
    if (pid_text == NULL || count_text == NULL || !text_to_long(pid_text, 1, LONG_MAX, &pid) ||
        !text_to_long(count_text, 1, 64, &count) || pid != (long)getpid())
        return 0;
    return (int)count;
}

/* Position of a name in "web:auth"; -1 when it isn't there. */
static int systemd_position(const char *names, const char *wanted) {
    size_t length = strlen(wanted);
    for (int position = 0; names != NULL; position++) {
        size_t size = strcspn(names, ":");
        if (size == length && memcmp(names, wanted, size) == 0)
            return position;
        names = names[size] == ':' ? names + size + 1 : NULL;
    }
    return -1;
}

/* The descriptor that systemd passed for pool i, or -1. */
static int systemd_fd(const struct supervisor *supervisor, size_t i) {
    int count = systemd_count();
    const char *names = getenv("LISTEN_FDNAMES");
    bool named = false;
    for (size_t j = 0; j < supervisor->npools; j++)
        named = named || systemd_position(names, supervisor->pools[j].name) >= 0;
    int position = named ? systemd_position(names, supervisor->pools[i].name) : (int)i;
    return position >= 0 && position < count ? SYSTEMD_FIRST_FD + position : -1;
}

static bool socket_bind(struct supervisor_socket *socket, const char *path) {
    struct stat status;
    socket->fd = fcgi_listen(path, BACKLOG);
    if (socket->fd < 0)
        return false;
    if (lstat(path, &status) != 0) {
        log_event(LOG_ERROR, "listen_failed", "socket", "%s", path, "why", "%s", strerror(errno),
                  NULL);
        return false;
    }
    socket->path = path;
    socket->device = status.st_dev;
    socket->inode = status.st_ino;
    return true;
}

bool supervisor_sockets_open(struct supervisor *supervisor) {
    for (size_t i = 0; i < supervisor->npools; i++) {
        struct supervisor_socket *socket = &supervisor->sockets[i];
        const char *path = supervisor->pools[i].socket;
        if (supervisor->pools[i].no_socket) {
            *socket = (struct supervisor_socket){.fd = -1};
            continue;
        }
        int fd = systemd_fd(supervisor, i);
        if (fd < 0 && i == 0 && systemd_count() == 0 && fcgi_inherited())
            fd = STDIN_FILENO;
        *socket = (struct supervisor_socket){.fd = fd};
        if (fd >= 0) {
            if (!fcgi_adopt(fd))
                return false;
        } else if (text_blank(path)) {
            log_event(LOG_ERROR, "listen_failed", "pool", "%s", supervisor->pools[i].name, "why",
                      "%s", "no socket was passed in and none is configured", NULL);
            return false;
        } else if (!socket_bind(socket, path)) {
            return false;
        }
    }
    return true;
}

void supervisor_sockets_shut(struct supervisor *supervisor) {
    for (size_t i = 0; i < supervisor->npools; i++) {
        struct supervisor_socket *socket = &supervisor->sockets[i];
        struct stat status;
        if (socket->inode == 0)
            continue; /* systemd goes on listening, and keeps what comes */
        /* A successor may have bound the path again already. */
        if (lstat(socket->path, &status) == 0 && status.st_dev == socket->device &&
            status.st_ino == socket->inode)
            unlink(socket->path);
        /* On Linux this refuses new connections at once and leaves the queued ones acceptable: no
         * connection can slip in after the last worker found its backlog empty. */
        shutdown(socket->fd, SHUT_RD);
        socket->inode = 0;
    }
}

void supervisor_notify(const char *state) {
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (path == NULL || (path[0] != '/' && path[0] != '@') ||
        strlen(path) >= sizeof address.sun_path)
        return;
    size_t length = strlen(path);
    memcpy(address.sun_path, path, length);
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
    close(fd);
}
