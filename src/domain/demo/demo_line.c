#include "domain/demo/demo_line.h"
#include "core/text.h"
#include "db/db.h"

struct demo_line demo_line_begin(struct buf *out) {
    return (struct demo_line){.out = out};
}

void demo_line_end(struct demo_line *line) {
    buf_putc(line->out, '\n');
}

void demo_text(struct demo_line *line, const char *text) {
    db_copy_value(line->out, text, !line->started);
    line->started = true;
}

static void separate(struct demo_line *line) {
    if (line->started)
        buf_putc(line->out, '\t');
    line->started = true;
}

void demo_plain(struct demo_line *line, const char *text) {
    separate(line);
    buf_puts(line->out, text != NULL ? text : "\\N");
}

void demo_long(struct demo_line *line, long number) {
    char text[24];
    char *at = text + sizeof text;
    unsigned long left = number < 0 ? 0 - (unsigned long)number : (unsigned long)number;
    *--at = '\0';
    do
        *--at = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (number < 0)
        *--at = '-';
    demo_plain(line, at);
}

void demo_long_or_null(struct demo_line *line, long number) {
    if (number < 0)
        demo_plain(line, NULL);
    else
        demo_long(line, number);
}

void demo_bool(struct demo_line *line, bool yes) {
    demo_plain(line, yes ? "t" : "f");
}

static void two_digits(char *out, int number) {
    out[0] = (char)('0' + number / 10);
    out[1] = (char)('0' + number % 10);
}

static void write_date(char *out, const struct tm *tm) {
    two_digits(out, (tm->tm_year + 1900) / 100);
    two_digits(out + 2, tm->tm_year % 100);
    two_digits(out + 5, tm->tm_mon + 1);
    two_digits(out + 8, tm->tm_mday);
}

void demo_time(struct demo_line *line, time_t at) {
    char text[] = "0000-00-00 00:00:00+00";
    struct tm tm;
    if (at == 0 || gmtime_r(&at, &tm) == NULL) {
        demo_plain(line, NULL);
        return;
    }
    write_date(text, &tm);
    two_digits(text + 11, tm.tm_hour);
    two_digits(text + 14, tm.tm_min);
    two_digits(text + 17, tm.tm_sec);
    demo_plain(line, text);
}

void demo_date(struct demo_line *line, time_t at) {
    char text[] = "0000-00-00";
    struct tm tm;
    if (at == 0 || gmtime_r(&at, &tm) == NULL) {
        demo_plain(line, NULL);
        return;
    }
    write_date(text, &tm);
    demo_plain(line, text);
}

void demo_month(struct demo_line *line, time_t at) {
    char text[] = "0000-00-00";
    struct tm tm = {.tm_year = 0};
    gmtime_r(&at, &tm);
    tm.tm_mday = 1;
    write_date(text, &tm);
    demo_plain(line, text);
}

static void write_fixed(struct demo_line *line, long number, long unit, int digits) {
    char text[32];
    long whole = number / unit;
    long rest = number % unit;
    snprintf(text, sizeof text, "%s%ld.%0*ld", number < 0 ? "-" : "", whole < 0 ? -whole : whole,
             digits, rest < 0 ? -rest : rest);
    demo_plain(line, text);
}

void demo_cents(struct demo_line *line, long cents) {
    write_fixed(line, cents, 100, 2);
}

void demo_rate(struct demo_line *line, long thousandths) {
    write_fixed(line, thousandths, 1000, 3);
}

void demo_array(struct demo_line *line, const char *const *items, size_t count) {
    if (count == 0) {
        demo_plain(line, NULL);
        return;
    }
    struct buf literal;
    buf_init(&literal, 1 << 16);
    for (size_t i = 0; i < count; i++) {
        buf_puts(&literal, i == 0 ? "{\"" : ",\"");
        for (const char *c = items[i]; *c != '\0'; c++) {
            if (*c == '"' || *c == '\\')
                buf_putc(&literal, '\\');
            buf_putc(&literal, *c);
        }
        buf_putc(&literal, '"');
    }
    buf_putc(&literal, '}');
    demo_text(line, buf_text(&literal));
    buf_free(&literal);
}
