#include "core/text.h"
#include "view/facets_internal.h"
#include "view/value.h"
#include <ctype.h>

static void write_value(struct buf *out, const struct value *value);

static void write_string(struct buf *out, const char *text) {
    static const char escapes[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* a character, then its letter */
    buf_putc(out, '"');
    const char *run = text;
    const char *c = text;
    for (; *c != '\0'; c++) {
        if (*c != '"' && *c != '\\' && !iscntrl((unsigned char)*c))
            continue;
        buf_append(out, run, (size_t)(c - run));
        run = c + 1;
        const char *known = escapes;
        while (*known != '\0' && *known != *c)
            known += 2;
        if (*known != '\0')
            buf_append(out, (const char[]){'\\', known[1]}, 2);
        else
            buf_printf(out, "\\u%04x", (unsigned)(unsigned char)*c);
    }
    buf_append(out, run, (size_t)(c - run));
    buf_putc(out, '"');
}

static void write_text(struct buf *out, const struct value *value) {
    char iso[64];
    switch (value->type) {
    case COLUMN_INT:
    case COLUMN_NUMERIC:
        buf_puts(out, value_is_number(value->text) ? value->text : "null");
        break;
    case COLUMN_JSON:
        buf_puts(out, text_blank(value->text) ? "null" : value->text);
        break;
    case COLUMN_TIMESTAMP:
        write_string(out, time_to_iso(value->text, iso, sizeof iso) ? iso : value->text);
        break;
    default:
        write_string(out, value->text);
    }
}

/* Opens the next member of an object; false for what only templates see. */
static bool write_name(struct buf *out, const char *name, const struct value *value, bool *first) {
    if (name[0] == '_' || value->kind == VALUE_SVG || value->kind == VALUE_LAMBDA)
        return false;
    if (!*first)
        buf_putc(out, ',');
    *first = false;
    write_string(out, name);
    buf_putc(out, ':');
    return true;
}

static void write_row(struct buf *out, const struct rows *rows, size_t row) {
    bool first = true;
    buf_putc(out, '{');
    for (size_t col = 0; col < rows->ncols; col++) {
        struct value value = value_of_cell(rows, row, col);
        if (write_name(out, rows->cols[col].name, &value, &first))
            write_value(out, &value);
    }
    buf_putc(out, '}');
}

static void write_rows(struct buf *out, const struct rows *rows) {
    buf_putc(out, '[');
    for (size_t row = 0; row < rows->nrows && !buf_overflowed(out); row++) {
        if (row > 0)
            buf_putc(out, ',');
        write_row(out, rows, row);
    }
    buf_putc(out, ']');
}

static void write_object(struct buf *out, const struct model *object) {
    if (object->json != NULL) {
        buf_puts(out, object->json);
        return;
    }
    bool first = true;
    buf_putc(out, '{');
    for (size_t i = 0; i < object->count; i++) {
        if (write_name(out, object->names[i], &object->values[i], &first))
            write_value(out, &object->values[i]);
    }
    buf_putc(out, '}');
}

static void write_list(struct buf *out, const struct model_list *list) {
    if (list->json != NULL) {
        buf_puts(out, list->json);
        return;
    }
    buf_putc(out, '[');
    for (size_t i = 0; i < list->count && !buf_overflowed(out); i++) {
        if (i > 0)
            buf_putc(out, ',');
        write_value(out, &list->items[i]);
    }
    buf_putc(out, ']');
}

static void write_value(struct buf *out, const struct value *value) {
    switch (value->kind) {
    case VALUE_BOOL:
        buf_puts(out, value->n != 0 ? "true" : "false");
        break;
    case VALUE_TEXT:
        write_text(out, value);
        break;
    case VALUE_OBJECT:
        write_object(out, value->object);
        break;
    case VALUE_LIST:
        write_list(out, value->list);
        break;
    case VALUE_ROWS:
        write_rows(out, value->rows);
        break;
    case VALUE_ROW:
        write_row(out, value->rows, value->n);
        break;
    case VALUE_MISSING:
    case VALUE_NULL:
    case VALUE_SVG:
    case VALUE_LAMBDA:
        buf_puts(out, "null");
        break;
    }
}

void model_to_json(const struct model *model, struct buf *out) {
    if (model->root.kind != VALUE_MISSING)
        write_value(out, &model->root);
    else
        write_object(out, model);
}
