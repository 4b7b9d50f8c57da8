#include "core/clock.h"
#include "tests/support/unit.h"

static void test_clock_runs(void **state) {
    (void)state;
    time_t before = time(NULL);
    time_t now = clock_now();
    assert_true(now >= before && now <= time(NULL));
}

static void test_clock_can_be_frozen(void **state) {
    (void)state;
    clock_freeze(1763631667);
    assert_int_equal(clock_now(), 1763631667);
    assert_int_equal(clock_now(), 1763631667);
    clock_freeze(0);
    assert_int_not_equal(clock_now(), 1763631667);
}

static void test_monotonic_clock_is_never_frozen(void **state) {
    (void)state;
    clock_freeze(1);
    int64_t first = clock_monotonic_us();
    int64_t next = first;
    while (next == first)
        next = clock_monotonic_us();
    assert_true(next > first);
    clock_freeze(0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_runs),
        cmocka_unit_test(test_clock_can_be_frozen),
        cmocka_unit_test(test_monotonic_clock_is_never_frozen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
