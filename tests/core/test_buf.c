#include "core/buf.h"
#include "tests/support/unit.h"

static void test_empty_buffer_prints(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf, 10);
    assert_string_equal(buf_text(&buf), "");
    assert_false(buf_overflowed(&buf));
    buf_append(&buf, NULL, 0);
    assert_null(buf.data);
    buf_free(&buf);
}

static void test_appends_add_up(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf, 100);
    buf_puts(&buf, "lead ");
    buf_putc(&buf, '#');
    buf_printf(&buf, "%d of %s", 7, "harbour");
    buf_append(&buf, "\0!", 2);
    assert_int_equal(buf.len, 20);
    assert_memory_equal(buf.data, "lead #7 of harbour\0!", 21);
    buf_free(&buf);
}

static void test_maximum_fits_exactly(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf, 8);
    buf_puts(&buf, "12345678");
    assert_false(buf_overflowed(&buf));
    assert_string_equal(buf_text(&buf), "12345678");
    assert_int_equal(buf.cap, 9);
    buf_free(&buf);
}

static void test_overflow_takes_nothing_more(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf, 8);
    buf_puts(&buf, "123456");
    buf_puts(&buf, "789");
    assert_true(buf_overflowed(&buf));
    assert_string_equal(buf_text(&buf), "123456");
    buf_putc(&buf, '7');
    buf_printf(&buf, "%d", 7);
    assert_string_equal(buf_text(&buf), "123456");
    buf_clear(&buf);
    assert_false(buf_overflowed(&buf));
    assert_string_equal(buf_text(&buf), "");
    buf_printf(&buf, "%s", "12345678");
    assert_false(buf_overflowed(&buf));
    buf_printf(&buf, "%s", "9");
    assert_true(buf_overflowed(&buf));
    buf_free(&buf);
}

static void test_huge_sizes_do_not_wrap(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf, SIZE_MAX);
    buf_puts(&buf, "x");
    assert_string_equal(buf_text(&buf), "x");
    volatile size_t size = SIZE_MAX - 1;
    buf_append(&buf, "y", size);
    assert_true(buf_overflowed(&buf));
    assert_string_equal(buf_text(&buf), "x");
    buf_free(&buf);
}

static void test_zero_maximum(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf, 0);
    buf_puts(&buf, "");
    assert_false(buf_overflowed(&buf));
    buf_putc(&buf, 'x');
    assert_true(buf_overflowed(&buf));
    assert_string_equal(buf_text(&buf), "");
    buf_free(&buf);
}

static void test_clear_keeps_memory_and_free_forgets_it(void **state) {
    (void)state;
    struct buf buf;
    buf_init(&buf, 1 << 20);
    for (int i = 0; i < 10000; i++)
        buf_puts(&buf, "0123456789");
    assert_int_equal(buf.len, 100000);
    const char *data = buf.data;
    buf_clear(&buf);
    assert_ptr_equal(buf.data, data);
    buf_puts(&buf, "again");
    assert_string_equal(buf_text(&buf), "again");
    buf_free(&buf);
    assert_null(buf.data);
    buf_puts(&buf, "and again");
    assert_string_equal(buf_text(&buf), "and again");
    buf_free(&buf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty_buffer_prints),
        cmocka_unit_test(test_appends_add_up),
        cmocka_unit_test(test_maximum_fits_exactly),
        cmocka_unit_test(test_overflow_takes_nothing_more),
        cmocka_unit_test(test_huge_sizes_do_not_wrap),
        cmocka_unit_test(test_zero_maximum),
        cmocka_unit_test(test_clear_keeps_memory_and_free_forgets_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
