#include "core/text.h"
#include "view/facets_internal.h"
#include "view/value.h"

bool csv_sign_begins(const char *text) {
    static const char *const signs[] = {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (text_starts(text, signs[i]))
            return true;
    return false;
}

/* What a spreadsheet takes for a number stays one: -12.50 is an amount, -2+3 is a formula. */
static bool is_formula(const char *text) {
    return csv_sign_begins(text) && !value_is_number(text);
}

static void write_cell(struct buf *out, const char *text) {
    bool formula = is_formula(text);
    if (strpbrk(text, "\",\r\n") == NULL) {
        if (formula)
            buf_putc(out, '\'');
        buf_puts(out, text);
        return;
    }
    buf_puts(out, formula ? "\"'" : "\"");
    for (const char *quote = strchr(text, '"'); quote != NULL; quote = strchr(text, '"')) {
        buf_append(out, text, (size_t)(quote - text) + 1);
        buf_putc(out, '"');
        text = quote + 1;
    }
    buf_puts(out, text);
    buf_putc(out, '"');
}

void csv_put(struct buf *out, const char *text, bool first) {
    if (!first)
        buf_putc(out, ',');
    write_cell(out, text);
}

static void write_value(struct buf *out, const struct value *value) {
    char iso[64];
    if (value->kind == VALUE_BOOL)
        buf_puts(out, value->n != 0 ? "true" : "false");
    if (value->kind != VALUE_TEXT)
        return;
    bool timestamp = value->type == COLUMN_TIMESTAMP;
    write_cell(out, timestamp && time_to_iso(value->text, iso, sizeof iso) ? iso : value->text);
}

static bool hidden(const struct rows *rows, size_t col) {
    return rows->cols[col].name[0] == '_';
}

void rows_to_csv_header(const struct rows *rows, struct buf *out) {
    bool first = true;
    for (size_t col = 0; col < rows->ncols; col++) {
        if (hidden(rows, col))
            continue;
        if (!first)
            buf_putc(out, ',');
        first = false;
        write_cell(out, rows->cols[col].name);
    }
    buf_puts(out, "\r\n");
}

void rows_to_csv(const struct rows *rows, struct buf *out) {
    for (size_t row = 0; row < rows->nrows && !buf_overflowed(out); row++) {
        bool first = true;
        for (size_t col = 0; col < rows->ncols; col++) {
            if (hidden(rows, col))
                continue;
            if (!first)
                buf_putc(out, ',');
            first = false;
            struct value value = value_of_cell(rows, row, col);
            write_value(out, &value);
        }
        buf_puts(out, "\r\n");
    }
}
