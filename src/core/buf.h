/*
 * buf.h - a growing byte buffer with a maximum.
 *
 * Once an append would pass the maximum, the buffer is marked as overflowed and takes nothing more;
 * check buf_overflowed() once, at the end, as one does with ferror(). The bytes are always followed
 * by a NUL that is not counted, so buf_text() can be printed.
 *
 * Owner: whoever called buf_init() calls buf_free(). buf_clear() keeps the memory for the next use.
 */
#ifndef TESSERA_CORE_BUF_H
#define TESSERA_CORE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct buf {
    char *data; /* NULL until the first append */
    size_t len;
    size_t cap;
    size_t max; /* bytes */
    bool overflowed;
};

void buf_init(struct buf *buf, size_t max);
void buf_free(struct buf *buf);
void buf_clear(struct buf *buf);

void buf_append_growing(struct buf *buf, const void *bytes, size_t size); /* what follows uses it */
/* Mostly there is room: a page is made of thousands of pieces. */
static inline void buf_append(struct buf *buf, const void *bytes, size_t size) {
    if (buf->overflowed || size >= buf->cap - buf->len) {
        buf_append_growing(buf, bytes, size);
        return;
    }
    memcpy(buf->data + buf->len, bytes, size);
    buf->len += size;
    buf->data[buf->len] = '\0';
}
void buf_puts(struct buf *buf, const char *text);
void buf_putc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

const char *buf_text(const struct buf *buf) __attribute__((returns_nonnull)); /* "" when empty */
bool buf_overflowed(const struct buf *buf);

#endif
