/* http_test.h - what the tests of this layer share. */
#ifndef TESSERA_TESTS_HTTP_TEST_H
#define TESSERA_TESTS_HTTP_TEST_H

/* cmocka wants these four before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/arena.h"
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* True when fn ends its process with SIGABRT. */
static inline bool aborts(void (*fn)(void)) {
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL)
            _exit(2);
        fn();
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
