/*
 * demo_line.h - lines of COPY, value by value.
 *
 *   struct demo_line line = demo_line_begin(out);
 *   demo_text(&line, id);
 *   demo_time(&line, created);
 *   demo_line_end(&line);
 */
#ifndef TESSERA_DOMAIN_DEMO_DEMO_LINE_H
#define TESSERA_DOMAIN_DEMO_DEMO_LINE_H

#include "core/buf.h"
#include <stdbool.h>
#include <time.h>

struct demo_line {
    struct buf *out;
    bool started;
};

struct demo_line demo_line_begin(struct buf *out);
void demo_line_end(struct demo_line *line);
void demo_text(struct demo_line *line, const char *text); /* NULL as SQL NULL */
void demo_plain(struct demo_line *line,
                const char *text); /* the same for text without \ and control characters */
void demo_long(struct demo_line *line, long number);
void demo_long_or_null(struct demo_line *line, long number); /* negative: NULL */
void demo_bool(struct demo_line *line, bool yes);
void demo_time(struct demo_line *line, time_t at);  /* 0: NULL */
void demo_date(struct demo_line *line, time_t at);  /* in UTC; 0: NULL */
void demo_month(struct demo_line *line, time_t at); /* its first day, in UTC */
void demo_cents(struct demo_line *line, long cents);
void demo_rate(struct demo_line *line, long thousandths);
/* A text[]; NULL where count is 0. */
void demo_array(struct demo_line *line, const char *const *items, size_t count);

#endif
