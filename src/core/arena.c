#include "core/arena.h"
#include "core/log.h"
#include <stdalign.h>
#include <stdint.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
enum { RED_ZONE = 16 };
#else
#define ASAN_POISON_MEMORY_REGION(address, size)   ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
enum { RED_ZONE = 0 };
#endif

enum { ALIGNMENT = alignof(max_align_t), FIRST_CHUNK = 256 * 1024 };

struct chunk {
    struct chunk *next; /* made before this one */
    size_t size;
    size_t used;
    alignas(max_align_t) char bytes[];
};

struct arena {
    struct chunk *first;
    struct chunk *current;
    size_t used;
    size_t max;
};

static _Noreturn void arena_die(const char *why, size_t size) {
    log_event(LOG_ERROR, "arena_failed", "why", "%s", why, "size", "%zu", size, NULL);
    abort();
}

static struct chunk *chunk_new(size_t size) {
    struct chunk *chunk = malloc(sizeof *chunk + size);
    if (chunk == NULL)
        arena_die("out of memory", size);
    *chunk = (struct chunk){.size = size};
    ASAN_POISON_MEMORY_REGION(chunk->bytes, size);
    return chunk;
}

static void chunk_free(struct chunk *chunk) {
    ASAN_UNPOISON_MEMORY_REGION(chunk->bytes, chunk->size);
    free(chunk);
}

struct arena *arena_new(size_t max) {
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL)
        arena_die("out of memory", sizeof *arena);
    /* Pages of the chunk that nobody touches cost nothing. */
    arena->first = chunk_new(max < FIRST_CHUNK ? max + ALIGNMENT + RED_ZONE : FIRST_CHUNK);
    arena->current = arena->first;
    /* Low enough that no rounding of a size can wrap. */
    arena->max = max < SIZE_MAX / 4 ? max : SIZE_MAX / 4;
    return arena;
}

void arena_reset(struct arena *arena) {
    while (arena->current != arena->first) {
        struct chunk *chunk = arena->current;
        arena->current = chunk->next;
        chunk_free(chunk);
    }
    ASAN_POISON_MEMORY_REGION(arena->first->bytes, arena->first->size);
    arena->first->used = 0;
    arena->used = 0;
}

void arena_free(struct arena *arena) {
    if (arena == NULL)
        return;
    arena_reset(arena);
    chunk_free(arena->first);
    free(arena);
}

size_t arena_used(const struct arena *arena) {
    return arena->used;
}

void *arena_alloc(struct arena *arena, size_t size) {
    if (size > arena->max - arena->used)
        arena_die("maximum reached", size);

    size_t room = (size + RED_ZONE + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct chunk *chunk = arena->current;
    if (room > chunk->size - chunk->used) {
        size_t wanted = chunk->size * 2;
        chunk = chunk_new(room > wanted ? room : wanted);
        chunk->next = arena->current;
        arena->current = chunk;
    }
    char *block = chunk->bytes + chunk->used;
    chunk->used += room;
    arena->used += size;
    ASAN_UNPOISON_MEMORY_REGION(block, size);
    return memset(block, 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        arena_die("array too large", count);
    return arena_alloc(arena, total);
}

char *arena_strndup(struct arena *arena, const char *text, size_t size) {
    if (size == SIZE_MAX)
        arena_die("text too large", size);
    char *copy = arena_alloc(arena, size + 1);
    memcpy(copy, text, size);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text) {
    return arena_strndup(arena, text, strlen(text));
}

char *arena_concat(struct arena *arena, const char *first, ...) {
    va_list args;
    size_t size = 0;
    va_start(args, first);
    for (const char *text = first; text != NULL; text = va_arg(args, const char *))
        size += strlen(text);
    va_end(args);

    char *all = arena_alloc(arena, size + 1);
    char *end = all;
    va_start(args, first);
    for (const char *text = first; text != NULL; text = va_arg(args, const char *)) {
        size = strlen(text);
        memcpy(end, text, size);
        end += size;
    }
    va_end(args);
    return all;
}

char *arena_long(struct arena *arena, long number) {
    char digits[3 * sizeof number + 1];
    char *at = digits + sizeof digits;
    unsigned long left = number < 0 ? 0ul - (unsigned long)number : (unsigned long)number;
    do
        *--at = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (number < 0)
        *--at = '-';
    return arena_strndup(arena, at, (size_t)(digits + sizeof digits - at));
}

char *arena_printf(struct arena *arena, const char *format, ...) {
    char here[256]; /* most texts fit, and are printed once */
    va_list args;
    va_start(args, format);
    int length = vsnprintf(here, sizeof here, format, args);
    va_end(args);
    if (length < 0)
        arena_die("bad format", 0);

    size_t size = (size_t)length + 1;
    char *text = arena_alloc(arena, size);
    if (size <= sizeof here)
        return memcpy(text, here, size);
    va_start(args, format);
    vsnprintf(text, size, format, args);
    va_end(args);
    return text;
}
