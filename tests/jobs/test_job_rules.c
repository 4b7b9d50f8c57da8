/* When a job that failed is tried again. */
#include "jobs/job.h"
#include "tests/support/unit.h"

static void test_waits_double(void **state) {
    (void)state;
    const struct job_kind kind = {.tries = 10, .wait = 3};
    assert_float_equal(job_wait(&kind, 1, 0), 3, 0);
    assert_float_equal(job_wait(&kind, 2, 0), 6, 0);
    assert_float_equal(job_wait(&kind, 5, 0), 48, 0);
}

static void test_chance_takes_at_most_half(void **state) {
    (void)state;
    const struct job_kind kind = {.tries = 1000, .wait = 7};
    for (long attempts = 1; attempts < 60; attempts++) {
        double longest = job_wait(&kind, attempts, 0), shortest = job_wait(&kind, attempts, 1);
        assert_true(shortest >= longest / 2 && shortest <= longest);
        for (double chance = 0; chance < 1; chance += 0.125) {
            double wait = job_wait(&kind, attempts, chance);
            assert_true(wait >= shortest && wait <= longest);
        }
    }
}

static void test_never_more_than_six_hours(void **state) {
    (void)state;
    const struct job_kind kind = {.tries = 1000, .wait = 60};
    assert_float_equal(job_wait(&kind, 9, 0), 60 * 256, 0);
    assert_float_equal(job_wait(&kind, 10, 0), 6 * 60 * 60, 0);
    assert_float_equal(job_wait(&kind, 999, 0), 6 * 60 * 60, 0);
}

static void test_the_last_try_is_the_last(void **state) {
    (void)state;
    const struct job_kind kind = {.tries = 3, .wait = 1};
    assert_true(job_wait(&kind, 2, 0.5) >= 0);
    assert_true(job_wait(&kind, 3, 0.5) < 0);
    assert_true(job_wait(&kind, 4, 0.5) < 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits_double),
        cmocka_unit_test(test_chance_takes_at_most_half),
        cmocka_unit_test(test_never_more_than_six_hours),
        cmocka_unit_test(test_the_last_try_is_the_last),
    };
    return cmocka_run_group_tests_name("job_rules", tests, NULL, NULL);
}
