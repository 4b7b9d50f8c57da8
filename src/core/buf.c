#include "core/buf.h"
#include "core/log.h"
#include <stdarg.h>
#include <stdint.h>

enum { FIRST_CAP = 256 };

void buf_init(struct buf *buf, size_t max) {
    /* One byte is kept for the NUL, so that cap never wraps. */
    *buf = (struct buf){.max = max < SIZE_MAX ? max : SIZE_MAX - 1};
}

void buf_free(struct buf *buf) {
    free(buf->data);
    buf_init(buf, buf->max);
}

void buf_clear(struct buf *buf) {
    buf->len = 0;
    buf->overflowed = false;
    if (buf->data != NULL)
        buf->data[0] = '\0';
}

/* Makes room for size more bytes and their NUL; false once the maximum would be passed. */
static bool buf_reserve(struct buf *buf, size_t size) {
    if (buf->overflowed || size > buf->max - buf->len) {
        buf->overflowed = true;
        return false;
    }
    size_t needed = buf->len + size + 1;
    if (needed <= buf->cap)
        return true;

    size_t cap = buf->cap > 0 ? buf->cap : FIRST_CAP;
    while (cap < needed)
        cap = cap > SIZE_MAX / 2 ? needed : cap * 2;
    if (cap > buf->max + 1)
        cap = buf->max + 1;
    char *data = realloc(buf->data, cap);
    if (data == NULL) {
        log_event(LOG_ERROR, "buf_failed", "why", "out of memory", "size", "%zu", cap, NULL);
        abort();
    }
    buf->data = data;
    buf->cap = cap;
    return true;
}

void buf_append_growing(struct buf *buf, const void *bytes, size_t size) {
    if (size == 0 || !buf_reserve(buf, size))
        return;
    memcpy(buf->data + buf->len, bytes, size);
    buf->len += size;
    buf->data[buf->len] = '\0';
}

void buf_puts(struct buf *buf, const char *text) {
    buf_append(buf, text, strlen(text));
}

void buf_putc(struct buf *buf, char c) {
    buf_append(buf, &c, 1);
}

/* Prints into the room there is. False when it takes more, with the length it takes. */
static bool print_here(struct buf *buf, int *length, const char *format, va_list args) {
    size_t room = buf->data != NULL && !buf->overflowed ? buf->cap - buf->len : 0;
    *length = vsnprintf(room > 0 ? buf->data + buf->len : NULL, room, format, args);
    bool fits = *length >= 0 && (size_t)*length < room;
    if (fits)
        buf->len += (size_t)*length;
    else if (room > 0)
        buf->data[buf->len] = '\0';
    return fits;
}

void buf_printf(struct buf *buf, const char *format, ...) {
    int length;
    va_list args;
    va_start(args, format);
    bool done = print_here(buf, &length, format, args);
    va_end(args);
    if (done)
        return;
    if (length < 0) {
        buf->overflowed = true;
        return;
    }
    size_t size = (size_t)length;
    if (!buf_reserve(buf, size))
        return;
    va_start(args, format);
    vsnprintf(buf->data + buf->len, size + 1, format, args);
    va_end(args);
    buf->len += size;
}

const char *buf_text(const struct buf *buf) {
    return buf->data != NULL ? buf->data : "";
}

bool buf_overflowed(const struct buf *buf) {
    return buf->overflowed;
}
