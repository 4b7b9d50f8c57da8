/* http_test.h - what the tests of this layer share. */
#ifndef TESSERA_TESTS_HTTP_TEST_H
#define TESSERA_TESTS_HTTP_TEST_H

#include "core/arena.h"
#include "tests/support/forked.h"
#include "tests/support/unit.h"
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { TEST_ARENA = 64 * 1024 * 1024 };

static inline int arena_setup(void **state) {
    *state = arena_new(TEST_ARENA);
    return 0;
}

static inline int arena_teardown(void **state) {
    arena_free(*state);
    return 0;
}

/* xorshift64: the same numbers in every run */
static inline uint64_t test_random(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static inline void aborts_call(void *context) {
    void (**fn)(void) = context;
    (*fn)();
}

/* True when fn ends its process with SIGABRT. */
static inline bool aborts(void (*fn)(void)) {
    char log[1024];
    int status = forked_run(aborts_call, &fn, log, sizeof log);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
