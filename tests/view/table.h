/*
 * table.h - rows for tests: cells written down one after the other, NULL for SQL NULL.
 */
#ifndef TESSERA_TESTS_VIEW_TABLE_H
#define TESSERA_TESTS_VIEW_TABLE_H

#include "core/rows.h"

struct table {
    const char *const *cells;
    size_t ncols;
};

static inline const char *table_cell(const void *source, size_t row, size_t col) {
    const struct table *table = source;
    return table->cells[row * table->ncols + col];
}

/* struct rows NAME over CELLS[] with COLS[]; further members may follow. */
#define TABLE(name_, cols_, cells_, ...)                                                           \
    static const struct table name_##_table = {.cells = cells_,                                    \
                                               .ncols = sizeof cols_ / sizeof cols_[0]};           \
    static const struct rows name_ = {.name = #name_,                                              \
                                      .nrows = sizeof cells_ / sizeof cells_[0] /                  \
                                               (sizeof cols_ / sizeof cols_[0]),                   \
                                      .ncols = sizeof cols_ / sizeof cols_[0],                     \
                                      .cols = cols_,                                               \
                                      .source = &name_##_table,                                    \
                                      .cell = table_cell,                                          \
                                      __VA_ARGS__}

#endif
