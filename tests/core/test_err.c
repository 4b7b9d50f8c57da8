#include "core/err.h"
#include "tests/support/unit.h"

static void test_every_error_is_complete(void **state) {
    (void)state;
    for (int i = 0; i < ERR_COUNT; i++) {
        enum err err = (enum err)i;
        assert_in_range(err_status(err), 200, 503);
        assert_true(strlen(err_name(err)) >= 2);
        size_t length = strlen(err_sentence(err));
        assert_true(length > 4);
        assert_int_equal(err_sentence(err)[length - 1], '.');
        assert_int_equal(err_of_status(err_status(err)), err);
    }
}

static void test_known_rows(void **state) {
    (void)state;
    assert_int_equal(OK, 0);
    assert_int_equal(err_status(ERR_NOT_FOUND), 404);
    assert_string_equal(err_name(ERR_NOT_FOUND), "ERR_NOT_FOUND");
    assert_int_equal(err_of_status(429), ERR_THROTTLED);
}

static void test_what_is_not_in_the_table_is_internal(void **state) {
    (void)state;
    assert_int_equal(err_of_status(418), ERR_INTERNAL);
    assert_int_equal(err_of_status(0), ERR_INTERNAL);
    assert_int_equal(err_status(ERR_COUNT), 500);
    volatile int outside = -1;
    assert_string_equal(err_name((enum err)outside), "ERR_INTERNAL");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_error_is_complete),
        cmocka_unit_test(test_known_rows),
        cmocka_unit_test(test_what_is_not_in_the_table_is_internal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
