/*
 * rows.h - a table of values: what a statement returns and what a template, a JSON answer or a CSV
 * file shows.
 *
 * The cells belong to whoever made the table (the database layer keeps libpq's own result behind
 * `source`, so nothing is copied); they live until that owner's batch is freed. A cell is NUL-
 * terminated UTF-8 text as PostgreSQL writes it, or NULL for SQL NULL. The type says how views read
 * it.
 */
#ifndef TESSERA_CORE_ROWS_H
#define TESSERA_CORE_ROWS_H

#include "core/arena.h"
#include <stdbool.h>
#include <stddef.h>

enum column_type {
    COLUMN_TEXT,
    COLUMN_INT,       /* decimal digits, maybe with a minus */
    COLUMN_NUMERIC,   /* exact decimal; money is in major units with the currency's digits */
    COLUMN_BOOL,      /* "t" or "f" */
    COLUMN_TIMESTAMP, /* with time zone, as PostgreSQL prints it: 2026-11-20 09:41:07.123+00 */
    COLUMN_DATE,      /* 2026-11-20 */
    COLUMN_UUID,
    COLUMN_JSON
};

struct column {
    const char *name;
    enum column_type type;
};

struct rows {
    const char *name; /* how templates call it */
    bool one;         /* at most one row, shown as an object and not as a list */
    size_t nrows;
    size_t ncols;
    const struct column *cols;
    const void *source;
    const char *(*cell)(const void *source, size_t row, size_t col);
};

const char *rows_cell(const struct rows *rows, size_t row, size_t col);
/* Index of the column called name, or -1. */
int rows_column(const struct rows *rows, const char *name);
/* The cell of that name; NULL for SQL NULL, for no such row and for no such column. */
const char *rows_get(const struct rows *rows, size_t row, const char *name);
bool rows_true(const struct rows *rows, size_t row, const char *name); /* "t" */
/* Number in the cell; 0 for NULL and for anything that isn't an integer. */
long rows_long(const struct rows *rows, size_t row, const char *name);
/* The same table with these columns alone, in this order; a name that is no column is passed over. The
 * cells are still their owner's, the rest is in the arena. */
const struct rows *rows_pick(struct arena *arena, const struct rows *rows, const char *const *names,
                             size_t count) __attribute__((returns_nonnull));

#endif
