#include "answer.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void answer_begin(struct answer *answer) {
    answer->part = ANSWER_HEAD;
    answer->line_size = 0;
}

/* Behind the header's name, or NULL. */
static const char *header(const char *head, const char *name) {
    size_t size = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, name, size) == 0 && line[2 + size] == ':')
            return line + 2 + size + 1 + strspn(line + 2 + size + 1, " ");
    return NULL;
}

static bool head_read(struct answer *answer) {
    const char *coding = header(answer->line, "Transfer-Encoding");
    const char *length = header(answer->line, "Content-Length");
    bool http = strncmp(answer->line, "HTTP/1.1 ", 9) == 0;
    long status = http ? strtol(answer->line + 9, NULL, 10) : 0;
    if (status < 100 || status >= ANSWER_STATUS_MAX)
        return false;
    answer->status = (int)status;
    if (coding != NULL && strncasecmp(coding, "chunked", 7) == 0) {
        answer->part = ANSWER_CHUNK_SIZE;
        return true;
    }
    answer->left = length != NULL ? strtoll(length, NULL, 10) : 0;
    answer->part = answer->left > 0 ? ANSWER_BODY : ANSWER_COMPLETE;
    return answer->left >= 0 && (length != NULL || status == 204 || status == 304);
}

/* One line of a chunked body: a size, the empty one behind a chunk, or one at the end. */
static bool line_read(struct answer *answer) {
    switch (answer->part) {
    case ANSWER_HEAD:
        return head_read(answer);
    case ANSWER_CHUNK_SIZE:
        answer->left = strtoll(answer->line, NULL, 16);
        answer->part = answer->left > 0 ? ANSWER_CHUNK : ANSWER_TRAILER;
        return answer->left >= 0;
    case ANSWER_CHUNK_END:
        answer->part = ANSWER_CHUNK_SIZE;
        return true;
    default:
        if (strcmp(answer->line, "\r\n") == 0)
            answer->part = ANSWER_COMPLETE;
        return true;
    }
}

/* Collects bytes up to the end of the line, or of the whole head. */
static ssize_t take_line(struct answer *answer, const char *bytes, size_t size) {
    const char *end = answer->part == ANSWER_HEAD ? "\r\n\r\n" : "\r\n";
    size_t end_size = strlen(end);
    for (size_t taken = 0; taken < size;) {
        if (answer->line_size == ANSWER_HEAD_MAX - 1)
            return -1;
        answer->line[answer->line_size++] = bytes[taken++];
        answer->line[answer->line_size] = '\0';
        if (answer->line_size < end_size ||
            strcmp(answer->line + answer->line_size - end_size, end) != 0)
            continue;
        bool sound = line_read(answer);
        answer->line_size = 0;
        return sound ? (ssize_t)taken : -1;
    }
    return (ssize_t)size;
}

static ssize_t take_bytes(struct answer *answer, size_t size) {
    int64_t taken = (int64_t)size < answer->left ? (int64_t)size : answer->left;
    answer->left -= taken;
    if (answer->left == 0)
        answer->part = answer->part == ANSWER_CHUNK ? ANSWER_CHUNK_END : ANSWER_COMPLETE;
    return (ssize_t)taken;
}

ssize_t answer_take(struct answer *answer, const char *bytes, size_t size) {
    size_t done = 0;
    while (done < size && answer->part != ANSWER_COMPLETE) {
        bool counted = answer->part == ANSWER_BODY || answer->part == ANSWER_CHUNK;
        ssize_t taken = counted ? take_bytes(answer, size - done)
                                : take_line(answer, bytes + done, size - done);
        if (taken < 0)
            return -1;
        done += (size_t)taken;
    }
    return (ssize_t)done;
}
