#include "core/rows.h"
#include "core/text.h"
#include <limits.h>

const char *rows_cell(const struct rows *rows, size_t row, size_t col) {
    if (row >= rows->nrows || col >= rows->ncols)
        return NULL;
    return rows->cell(rows->source, row, col);
}

int rows_column(const struct rows *rows, const char *name) {
    for (size_t col = 0; col < rows->ncols; col++) {
        if (text_equal(rows->cols[col].name, name))
            return (int)col;
    }
    return -1;
}

const char *rows_get(const struct rows *rows, size_t row, const char *name) {
    int col = rows_column(rows, name);
    return col >= 0 ? rows_cell(rows, row, (size_t)col) : NULL;
}

bool rows_true(const struct rows *rows, size_t row, const char *name) {
    return text_equal(rows_get(rows, row, name), "t");
}

long rows_long(const struct rows *rows, size_t row, const char *name) {
    long number = 0;
    text_to_long(rows_get(rows, row, name), LONG_MIN, LONG_MAX, &number);
    return number;
}

struct pick {
    const struct rows *rows;
    const size_t *cols; /* of rows */
};

static const char *picked_cell(const void *source, size_t row, size_t col) {
    const struct pick *pick = source;
    return rows_cell(pick->rows, row, pick->cols[col]);
}

const struct rows *rows_pick(struct arena *arena, const struct rows *rows, const char *const *names,
                             size_t count) {
    struct rows *out = arena_alloc(arena, sizeof *out);
    struct pick *pick = arena_alloc(arena, sizeof *pick);
    size_t *cols = arena_array(arena, count + 1, sizeof *cols);
    struct column *heads = arena_array(arena, count + 1, sizeof *heads);
    *out = *rows;
    out->ncols = 0;
    for (size_t i = 0; i < count; i++) {
        int col = rows_column(rows, names[i]);
        if (col < 0)
            continue;
        cols[out->ncols] = (size_t)col;
        heads[out->ncols++] = rows->cols[col];
    }
    *pick = (struct pick){rows, cols};
    out->cols = heads;
    out->source = pick;
    out->cell = picked_cell;
    return out;
}
