#include "domain/imports/import_workbook_rules.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

/* 18.8.30: formats that every workbook has */
static bool is_day_id(long id) {
    return (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 36) || (id >= 50 && id <= 58);
}

/* What stands quoted, escaped or in brackets (a language, a colour) is no code; NULL at the end. */
static const char *next_code(const char *c) {
    for (; *c; c++) {
        const char *close = NULL;
        if (*c == '"' || *c == '[')
            close = strchr(c + 1, *c == '"' ? '"' : ']');
        else if (strchr("\\_*", *c))
            close = c[1] ? c + 1 : NULL;
        else
            return c;
        if (close == NULL)
            return NULL;
        c = close;
    }
    return NULL;
}

/* d and y are of days, and no digit of an amount stands before them. */
static bool is_day_code(const char *code) {
    for (const char *c = code; (c = next_code(c)) != NULL; c++) {
        if (strchr("0#?", *c))
            return false;
        if (strchr("dDyY", *c))
            return true;
    }
    return false;
}

bool workbook_is_day(long id, const char *code) {
    return code != NULL ? is_day_code(code) : is_day_id(id);
}

long workbook_column(const char *address) {
    long column = 0, row = 0;
    const char *c = address;
    for (; *c >= 'A' && *c <= 'Z' && column <= WORKBOOK_COLUMNS; c++)
        column = column * 26 + *c - 'A' + 1;
    for (; *c >= '0' && *c <= '9' && row <= WORKBOOK_ROWS; c++)
        row = row * 10 + *c - '0';
    bool fine = *c == '\0' && column > 0 && column <= WORKBOOK_COLUMNS && row > 0 &&
                row <= WORKBOOK_ROWS;
    return fine ? column - 1 : -1;
}

void workbook_put_text(struct buf *csv, const char *text, size_t size) {
    static const char escaped_return[] = "_x000D_"; /* 22.9.2.19: before the line's own end */
    enum { ESCAPE = sizeof escaped_return - 1 };
    buf_putc(csv, '"');
    for (size_t i = 0; i < size; i++) {
        if (size - i >= ESCAPE && memcmp(text + i, escaped_return, ESCAPE) == 0) {
            i += ESCAPE - 1;
            continue;
        }
        if (text[i] == '"')
            buf_putc(csv, '"');
        buf_putc(csv, text[i]);
    }
    buf_putc(csv, '"');
}

enum { DAYS_1900 = 25569, DAYS_1904 = 24107 /* of 1970 */ };

/* 1900 counts as a leap year, as it did in the first spreadsheet. */
static void put_day(struct buf *csv, double days, bool from_1904) {
    double whole = floor(days) + (!from_1904 && days < 60 ? 1 : 0);
    time_t seconds = (time_t)((whole - (from_1904 ? DAYS_1904 : DAYS_1900)) * 86400);
    struct tm tm;
    char text[32];
    gmtime_r(&seconds, &tm);
    strftime(text, sizeof text, "%Y-%m-%d", &tm);
    buf_puts(csv, text);
}

void workbook_put_number(struct buf *csv, const char *value, bool day, bool from_1904) {
    enum { LAST_DAY = 2958465 /* 9999-12-31 */, OFFSET = DAYS_1900 - DAYS_1904 };
    char *end;
    double number = strtod(value, &end);
    bool whole = fabs(number) < 1e15 && floor(number) == number;
    if (end == value || *end != '\0' || !isfinite(number))
        workbook_put_text(csv, value, strlen(value));
    else if (day && number >= 1 && number < LAST_DAY + 1 - (from_1904 ? OFFSET : 0))
        put_day(csv, number, from_1904);
    else if (whole)
        buf_printf(csv, "%.0f", number);
    else
        buf_printf(csv, "%.15g", number); /* what the spreadsheet shows of 0.1 + 0.2 */
}
