#include "domain/partners/partner_rules.h"
#include "tests/support/unit.h"

static const struct licence unlicensed;

static void percentages_are_exact(void **state) {
    (void)state;
    static const struct {
        const char *text;
        long thousandths;
    } table[] = {
        {NULL, 0},         {"", 0},           {"0", 0},        {"0.000", 0},        {"1", 1000},
        {"12.5", 12500},   {"12.50", 12500},  {"0.1", 100},    {"0.01", 10},        {"0.001", 1},
        {"15.000", 15000}, {"33.333", 33333}, {"100", 100000}, {"100.000", 100000}, {".5", 500},
        {"7.", 7000},      {"12.3456", 12345}};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(percent_thousandths(table[i].text), table[i].thousandths);
}

static void a_commission_stays_within_its_type(void **state) {
    (void)state;
    const struct partner_type_rules rules = {.commission_min = 10000, .commission_max = 30000};
    assert_int_equal(partner_judge(&rules, 9999, &unlicensed), PARTNER_COMMISSION_RANGE);
    assert_int_equal(partner_judge(&rules, 10000, &unlicensed), PARTNER_FINE);
    assert_int_equal(partner_judge(&rules, 30000, &unlicensed), PARTNER_FINE);
    assert_int_equal(partner_judge(&rules, 30001, &unlicensed), PARTNER_COMMISSION_RANGE);
    assert_int_equal(partner_judge(&rules, 0, &unlicensed), PARTNER_COMMISSION_RANGE);
    const struct partner_type_rules none = {.commission_min = 0,
                                            .commission_max = 0}; /* bankers are never paid */
    assert_int_equal(partner_judge(&none, 0, &unlicensed), PARTNER_FINE);
    assert_int_equal(partner_judge(&none, 1, &unlicensed), PARTNER_COMMISSION_RANGE);
}

static void some_types_need_a_licence(void **state) {
    (void)state;
    const struct partner_type_rules rules = {
        .commission_min = 10000, .commission_max = 20000, .licence_required = true};
    static const char *const blank[] = {NULL, "", "  \t"};
    for (size_t i = 0; i < sizeof blank / sizeof *blank; i++) {
        const struct licence none = {.number = blank[i], .expires_on = "2030-01-01"};
        assert_int_equal(partner_judge(&rules, 15000, &none), PARTNER_LICENCE_MISSING);
    }
    const struct licence valid = {.number = "RERA-1", .expires_on = "2030-01-01"}, undated = {.number = "RERA-1"},
                         over = {.number = "RERA-1", .expires_on = "2020-01-01", .over = true};
    assert_int_equal(partner_judge(&rules, 15000, &valid), PARTNER_FINE);
    assert_int_equal(partner_judge(&rules, 15000, &undated), PARTNER_LICENCE_UNDATED);
    assert_int_equal(partner_judge(&rules, 15000, &over), PARTNER_LICENCE_OVER);
    assert_int_equal(partner_judge(&rules, 25000, &valid),
                     PARTNER_COMMISSION_RANGE); /* one thing at a time */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentages_are_exact),
        cmocka_unit_test(a_commission_stays_within_its_type),
        cmocka_unit_test(some_types_need_a_licence),
    };
    return cmocka_run_group_tests_name("domain: partner rules", tests, NULL, NULL);
}
