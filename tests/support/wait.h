/*
 * wait.h - waiting in tests: for a condition, with a bound, and never for a fixed time.
 *
 *   assert_true(WAIT_FOR(count(board) == 3));
 *
 * looks at the condition every millisecond until it holds or WAIT_MS have gone by.
 */
#ifndef TESSERA_TESTS_WAIT_H
#define TESSERA_TESTS_WAIT_H

#include <stdbool.h>
#include <time.h>

enum { WAIT_MS = 20000 }; /* generous: sanitizer builds on a busy machine */

static inline bool wait_once(int *left_ms) {
    struct timespec pause = {.tv_nsec = 1000000};
    nanosleep(&pause, NULL);
    return --*left_ms > 0;
}

#define WAIT_FOR(condition)                                                                        \
    ({                                                                                             \
        int wait_left = WAIT_MS;                                                                   \
        bool wait_held;                                                                            \
        while (!(wait_held = (condition)) && wait_once(&wait_left)) {                              \
        }                                                                                          \
        wait_held;                                                                                 \
    })

#endif
