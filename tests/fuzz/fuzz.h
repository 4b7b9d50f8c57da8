/*
 * fuzz.h - what the fuzz targets share.
 *
 * A target is one function over bytes. With --enable-fuzzing libFuzzer calls it; otherwise replay.c
 * does, once for every file of the target's corpus, as a test.
 */
#ifndef TESSERA_TESTS_FUZZ_H
#define TESSERA_TESTS_FUZZ_H

#include "core/arena.h"
#include "core/params.h"
#include "core/text.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What must hold whatever comes in. */
#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition);          \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The target's arena, emptied; a worker's own is no larger. */
static inline struct arena *fuzz_arena(void) {
    static struct arena *arena;
    if (arena == NULL)
        arena = arena_new((size_t)8 * 1024 * 1024);
    arena_reset(arena);
    return arena;
}

static inline bool fuzz_is_clean(const char *text) {
    return text_utf8_valid(text, strlen(text)) && !text_has_control(text, strlen(text));
}

static inline void fuzz_check_params(const struct params *params, size_t max, size_t name_max) {
    MUST(params->count <= max);
    for (size_t i = 0; i < params->count; i++) {
        MUST(fuzz_is_clean(params->items[i].name));
        MUST(fuzz_is_clean(params->items[i].value));
        MUST(strlen(params->items[i].name) <= name_max);
        MUST(strpbrk(params->items[i].name, "\t\r\n") == NULL);
    }
}

#endif
