#include "tests/support/http_client.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { TIMEOUT_SECONDS = 20, READ_SIZE = 65536 };

static int connect_to(const char *path, int port) {
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in inet = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct timeval limit = {.tv_sec = TIMEOUT_SECONDS};
    inet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (port == 0)
        snprintf(local.sun_path, sizeof local.sun_path, "%s", path);

    int fd = socket(port == 0 ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    int result = port == 0 ? connect(fd, (const struct sockaddr *)&local, sizeof local)
                           : connect(fd, (const struct sockaddr *)&inet, sizeof inet);
    if (result != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* A server that refuses a body answers before it has all of it: what can't be sent is no failure. */
static void send_bytes(int fd, const char *at, size_t left) {
    while (left > 0) {
        ssize_t sent = send(fd, at, left, MSG_NOSIGNAL);
        if (sent <= 0)
            return;
        at += sent;
        left -= (size_t)sent;
    }
}

static char *read_bytes(int fd, size_t *size) {
    char *all = NULL;
    ssize_t got;
    *size = 0;
    do {
        all = realloc(all, *size + READ_SIZE + 1);
        if (all == NULL)
            abort();
        got = recv(fd, all + *size, READ_SIZE, 0);
        if (got > 0)
            *size += (size_t)got;
    } while (got > 0);
    all[*size] = '\0';
    return all;
}

struct http_answer http_send(const char *path, int port, const void *bytes, size_t size) {
    struct http_answer answer = {.head = strdup(""), .body = strdup("")};
    int fd = connect_to(path, port);
    if (fd < 0)
        return answer;
    send_bytes(fd, bytes, size);
    size_t got;
    char *all = read_bytes(fd, &got);
    close(fd);
    char *end = strstr(all, "\r\n\r\n");
    if (end != NULL && strncmp(all, "HTTP/1.", 7) == 0) {
        http_answer_free(&answer);
        answer.status = (int)strtol(all + 9, NULL, 10);
        answer.head = strndup(all, (size_t)(end - all) + 2);
        answer.body_size = got - (size_t)(end - all) - 4;
        answer.body = malloc(answer.body_size + 1);
        if (answer.body == NULL)
            abort();
        memcpy(answer.body, end + 4, answer.body_size + 1);
    }
    free(all);
    return answer;
}

struct http_answer http_request(int port, const char *method, const char *target,
                                const char *headers, const char *body) {
    char *request;
    char length[64] = "";
    if (body != NULL)
        snprintf(length, sizeof length, "Content-Length: %zu\r\n", strlen(body));
    int size = asprintf(&request, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s%s\r\n%s",
                        method, target, headers, length, body != NULL ? body : "");
    if (size < 0)
        abort();
    struct http_answer answer = http_send(NULL, port, request, (size_t)size);
    free(request);
    return answer;
}

static const char *header_line(const char *from, const char *name) {
    size_t length = strlen(name);
    for (const char *line = strchr(from, '\n'); line != NULL; line = strchr(line, '\n')) {
        line++;
        if (strncasecmp(line, name, length) == 0 && line[length] == ':')
            return line;
    }
    return NULL;
}

const char *http_header(const struct http_answer *answer, const char *name) {
    static char value[4096];
    const char *line = header_line(answer->head, name);
    if (line == NULL)
        return NULL;
    line += strlen(name) + 1;
    line += strspn(line, " ");
    snprintf(value, sizeof value, "%.*s", (int)strcspn(line, "\r\n"), line);
    return value;
}

size_t http_header_count(const struct http_answer *answer, const char *name) {
    size_t count = 0;
    for (const char *at = header_line(answer->head, name); at != NULL; at = header_line(at, name))
        count++;
    return count;
}

void http_answer_free(struct http_answer *answer) {
    free(answer->head);
    free(answer->body);
    *answer = (struct http_answer){0};
}
