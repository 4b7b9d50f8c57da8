#include "core/params.h"
#include "tests/support/unit.h"

static int setup(void **state) {
    *state = arena_new(1 << 20);
    return 0;
}

static int teardown(void **state) {
    arena_free(*state);
    return 0;
}

static void test_first_of_a_name_is_found(void **state) {
    struct params *params = params_new(*state);
    assert_null(params_get(params, "stage"));
    params_add(params, "stage", "new");
    params_add(params, "stage", "won");
    assert_string_equal(params_get(params, "stage"), "new");
    assert_int_equal(params->count, 2);
    assert_string_equal(params->items[1].value, "won");
    assert_null(params_get(params, "Stage"));
}

static void test_null_is_not_absent(void **state) {
    struct params *params = params_new(*state);
    params_add(params, "q", NULL);
    assert_null(params_get(params, "q"));
    assert_non_null(params_find(params, "q"));
    assert_null(params_find(params, "r"));
}

static void test_set_replaces_the_first_or_adds(void **state) {
    struct params *params = params_new(*state);
    params_add(params, "a", "1");
    params_add(params, "a", "2");
    params_set(params, "a", "3");
    params_set(params, "b", "4");
    assert_int_equal(params->count, 3);
    assert_string_equal(params->items[0].value, "3");
    assert_string_equal(params->items[1].value, "2");
    assert_string_equal(params_get(params, "b"), "4");
}

static void test_order_survives_growth(void **state) {
    struct params *params = params_new(*state);
    for (int i = 0; i < 1000; i++)
        params_add(params, arena_printf(*state, "n%d", i), arena_printf(*state, "v%d", i));
    assert_int_equal(params->count, 1000);
    for (int i = 0; i < 1000; i++)
        assert_string_equal(params->items[i].value, arena_printf(*state, "v%d", i));
    assert_string_equal(params_get(params, "n999"), "v999");
}

static void test_none_at_all(void **state) {
    (void)state;
    assert_null(params_get(NULL, "a"));
    assert_null(params_find(NULL, "a"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_first_of_a_name_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown(test_null_is_not_absent, setup, teardown),
        cmocka_unit_test_setup_teardown(test_set_replaces_the_first_or_adds, setup, teardown),
        cmocka_unit_test_setup_teardown(test_order_survives_growth, setup, teardown),
        cmocka_unit_test(test_none_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
