#include "core/rows.h"
#include "tests/support/unit.h"

enum { ROWS = 3, COLS = 4 };

static const char *const cells[ROWS][COLS] = {
    {"Amira", "12", "t", NULL},
    {"Bashir", "-7", "f", "1.50"},
    {NULL, "99999999999999999999", "true", "x"},
};

static const char *cell(const void *source, size_t row, size_t col) {
    const char *const(*table)[COLS] = source;
    return table[row][col];
}

static const struct column columns[COLS] = {{"name", COLUMN_TEXT},
                                            {"count", COLUMN_INT},
                                            {"open", COLUMN_BOOL},
                                            {"amount", COLUMN_NUMERIC}};

static const struct rows rows = {
    .name = "people", .nrows = ROWS, .ncols = COLS, .cols = columns, .source = cells, .cell = cell};

static void test_cells_by_place_and_name(void **state) {
    (void)state;
    assert_string_equal(rows_cell(&rows, 1, 0), "Bashir");
    assert_string_equal(rows_get(&rows, 1, "amount"), "1.50");
    assert_int_equal(rows_column(&rows, "open"), 2);
}

static void test_what_is_not_there_is_null(void **state) {
    (void)state;
    assert_null(rows_cell(&rows, ROWS, 0));
    assert_null(rows_cell(&rows, 0, COLS));
    assert_null(rows_get(&rows, 0, "amount"));
    assert_null(rows_get(&rows, 0, "nothing"));
    assert_null(rows_get(&rows, ROWS, "name"));
    assert_int_equal(rows_column(&rows, "nothing"), -1);
}

static void test_true_is_t_only(void **state) {
    (void)state;
    assert_true(rows_true(&rows, 0, "open"));
    assert_false(rows_true(&rows, 1, "open"));
    assert_false(rows_true(&rows, 2, "open"));
    assert_false(rows_true(&rows, 0, "amount"));
}

static void test_numbers(void **state) {
    (void)state;
    assert_int_equal(rows_long(&rows, 0, "count"), 12);
    assert_int_equal(rows_long(&rows, 1, "count"), -7);
    assert_int_equal(rows_long(&rows, 2, "count"), 0);
    assert_int_equal(rows_long(&rows, 1, "amount"), 0);
    assert_int_equal(rows_long(&rows, 0, "amount"), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells_by_place_and_name),
        cmocka_unit_test(test_what_is_not_there_is_null),
        cmocka_unit_test(test_true_is_t_only),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
