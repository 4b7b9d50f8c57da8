/*
 * arena.h - memory that lives exactly as long as one request (or one job).
 *
 * Everything a handler makes comes from its arena and goes at once with arena_reset(); handlers
 * call no free(). Blocks are zeroed and aligned for any type.
 *
 * Failure: there is none to handle. Input is bounded before it reaches an arena, so running past
 * the arena's maximum is a bug of ours: it is logged and the process aborts (the parent restarts
 * it). Under AddressSanitizer the unused part of an arena is poisoned.
 */
#ifndef TESSERA_CORE_ARENA_H
#define TESSERA_CORE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

/* max: bytes that may be handed out between two resets. Never NULL. */
struct arena *arena_new(size_t max) __attribute__((warn_unused_result, returns_nonnull));
void arena_free(struct arena *arena); /* NULL is fine */
/* Forgets every block. Keeps the first chunk, so a steady worker asks the system for nothing. */
void arena_reset(struct arena *arena);
size_t arena_used(const struct arena *arena); /* bytes handed out since the last reset */

void *arena_alloc(struct arena *arena, size_t size)
    __attribute__((malloc, alloc_size(2), returns_nonnull, warn_unused_result));
/* count * size, checked for overflow */
void *arena_array(struct arena *arena, size_t count, size_t size)
    __attribute__((malloc, alloc_size(2, 3), returns_nonnull, warn_unused_result));
char *arena_strdup(struct arena *arena, const char *text)
    __attribute__((returns_nonnull, warn_unused_result));
/* Copies size bytes and adds a NUL. */
char *arena_strndup(struct arena *arena, const char *text, size_t size)
    __attribute__((returns_nonnull, warn_unused_result));
/* The texts up to a NULL, one after the other. */
char *arena_concat(struct arena *arena, const char *first, ...)
    __attribute__((sentinel, returns_nonnull, warn_unused_result));
/* A number in decimal. */
char *arena_long(struct arena *arena, long number)
    __attribute__((returns_nonnull, warn_unused_result));
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull, warn_unused_result));

#endif
