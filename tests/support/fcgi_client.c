#include "tests/support/fcgi_client.h"
#include <errno.h>
#include <stdint.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    VERSION = 1,
    BEGIN_REQUEST = 1,
    END_REQUEST = 3,
    PARAMS = 4,
    STDIN = 5,
    STDOUT = 6,
    RESPONDER = 1,
    REQUEST_ID = 1,
    HEADER_SIZE = 8,
    RECORD_MAX = 65535,
    TIMEOUT_SECONDS = 20
};

struct bytes {
    char *data;
    size_t len;
    size_t cap;
};

static void append(struct bytes *bytes, const void *more, size_t size) {
    if (bytes->len + size + 1 > bytes->cap) {
        bytes->cap = 2 * (bytes->len + size + 1);
        bytes->data = realloc(bytes->data, bytes->cap);
        if (bytes->data == NULL)
            abort();
    }
    if (size > 0)
        memcpy(bytes->data + bytes->len, more, size);
    bytes->len += size;
    bytes->data[bytes->len] = '\0';
}

int fcgi_client_connect(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct timeval limit = {.tv_sec = TIMEOUT_SECONDS};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static bool send_all(int fd, const char *at, size_t left) {
    while (left > 0) {
        ssize_t sent = send(fd, at, left, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        left -= (size_t)sent;
    }
    return true;
}

static void append_record(struct bytes *out, int type, const void *content, size_t size) {
    uint8_t header[HEADER_SIZE] = {
        VERSION,           (uint8_t)type,       0, REQUEST_ID, (uint8_t)(size >> 8),
        (uint8_t)(size & 255), 0, 0};
    append(out, header, sizeof header);
    append(out, content, size);
}

static void append_length(struct bytes *out, size_t length) {
    uint8_t four[4] = {(uint8_t)(0x80 | (length >> 24)), (uint8_t)(length >> 16),
                       (uint8_t)(length >> 8), (uint8_t)length};
    if (length < 128)
        append(out, &four[3], 1);
    else
        append(out, four, sizeof four);
}

bool fcgi_client_begin(int fd, const char *const *env, int flags) {
    struct bytes out = {0};
    struct bytes pairs = {0};
    uint8_t begin[8] = {0, RESPONDER, (uint8_t)flags};
    append_record(&out, BEGIN_REQUEST, begin, sizeof begin);
    for (; env[0] != NULL; env += 2) {
        append_length(&pairs, strlen(env[0]));
        append_length(&pairs, strlen(env[1]));
        append(&pairs, env[0], strlen(env[0]));
        append(&pairs, env[1], strlen(env[1]));
    }
    for (size_t at = 0; at < pairs.len; at += RECORD_MAX) {
        size_t size = pairs.len - at < RECORD_MAX ? pairs.len - at : RECORD_MAX;
        append_record(&out, PARAMS, pairs.data + at, size);
    }
    append_record(&out, PARAMS, NULL, 0);
    bool sent = send_all(fd, out.data, out.len);
    free(out.data);
    free(pairs.data);
    return sent;
}

bool fcgi_client_stdin(int fd, const void *bytes, size_t size) {
    struct bytes out = {0};
    const char *at = bytes;
    do {
        size_t step = size < RECORD_MAX ? size : RECORD_MAX;
        append_record(&out, STDIN, at, step);
        at = step > 0 ? at + step : at;
        size -= step;
    } while (size > 0);
    bool sent = send_all(fd, out.data, out.len);
    free(out.data);
    return sent;
}

bool fcgi_client_send(int fd, const char *const *env, const void *body, size_t size, int flags) {
    return fcgi_client_begin(fd, env, flags) &&
           (size == 0 || fcgi_client_stdin(fd, body, size)) && fcgi_client_stdin(fd, NULL, 0);
}

static bool read_all(int fd, void *out, size_t size) {
    char *at = out;
    while (size > 0) {
        ssize_t got = recv(fd, at, size, 0);
        if (got <= 0)
            return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

/* True when an end record came. */
static bool read_records(int fd, struct bytes *out) {
    static char content[RECORD_MAX + 255];
    uint8_t header[HEADER_SIZE];
    while (read_all(fd, header, sizeof header)) {
        size_t size = ((size_t)header[4] << 8) | header[5];
        if (header[0] != VERSION || !read_all(fd, content, size + header[6]))
            return false;
        if (header[1] == END_REQUEST)
            return true;
        if (header[1] == STDOUT)
            append(out, content, size);
    }
    return false;
}

bool fcgi_client_receive(int fd, struct fcgi_answer *answer) {
    struct bytes out = {0};
    char rest;
    *answer = (struct fcgi_answer){.complete = read_records(fd, &out)};
    answer->closed = recv(fd, &rest, 1, 0) == 0;
    close(fd);

    char *end = out.data != NULL ? strstr(out.data, "\r\n\r\n") : NULL;
    if (end == NULL) {
        free(out.data);
        return false;
    }
    size_t head_size = (size_t)(end - out.data) + 2;
    answer->head = strndup(out.data, head_size);
    answer->body_size = out.len - head_size - 2;
    answer->body = malloc(answer->body_size + 1);
    if (answer->head == NULL || answer->body == NULL)
        abort();
    memcpy(answer->body, end + 4, answer->body_size + 1);
    free(out.data);

    char status[16];
    answer->status = 200;
    if (fcgi_answer_header(answer, "Status", status, sizeof status))
        answer->status = (int)strtol(status, NULL, 10);
    return true;
}

bool fcgi_client_get(const char *path, const char *uri, struct fcgi_answer *answer) {
    const char *const env[] = {"REQUEST_METHOD", "GET", "REQUEST_URI", uri, NULL};
    *answer = (struct fcgi_answer){0};
    int fd = fcgi_client_connect(path);
    if (fd < 0)
        return false;
    /* A server that answers and closes early makes the sending fail; its answer still counts. */
    (void)fcgi_client_send(fd, env, NULL, 0, 0);
    return fcgi_client_receive(fd, answer);
}

bool fcgi_answer_header(const struct fcgi_answer *answer, const char *name, char *out, size_t size) {
    size_t length = strlen(name);
    const char *line = answer->head;
    while (line != NULL && *line != '\0') {
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            line += length + 1;
            line += strspn(line, " ");
            snprintf(out, size, "%.*s", (int)strcspn(line, "\r"), line);
            return true;
        }
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    return false;
}

void fcgi_answer_free(struct fcgi_answer *answer) {
    free(answer->head);
    free(answer->body);
    *answer = (struct fcgi_answer){0};
}
