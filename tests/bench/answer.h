/*
 * answer.h - reads one HTTP/1.1 answer as it comes in, in pieces of any size.
 */
#ifndef TESSERA_BENCH_ANSWER_H
#define TESSERA_BENCH_ANSWER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { ANSWER_HEAD_MAX = 16 * 1024, ANSWER_STATUS_MAX = 600 };

enum answer_part {
    ANSWER_HEAD,
    ANSWER_BODY,
    ANSWER_CHUNK_SIZE,
    ANSWER_CHUNK,
    ANSWER_CHUNK_END,
    ANSWER_TRAILER,
    ANSWER_COMPLETE
};

struct answer {
    enum answer_part part;
    int status; /* known once the head is complete */
    int64_t left;
    size_t line_size;
    char line[ANSWER_HEAD_MAX]; /* the head; then one line of a chunked body at a time */
};

void answer_begin(struct answer *answer);
/* The number of bytes that belong to the answer; fewer than size when it is complete. -1: this is
 * no answer. */
ssize_t answer_take(struct answer *answer, const char *bytes, size_t size);

#endif
