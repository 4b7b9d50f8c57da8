#include "domain/partners/partner_rules.h"
#include "tests/support/unit.h"

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
    assert_int_equal(partner_judge(&rules, 9999, NULL), PARTNER_COMMISSION_RANGE);
    assert_int_equal(partner_judge(&rules, 10000, NULL), PARTNER_FINE);
    assert_int_equal(partner_judge(&rules, 30000, NULL), PARTNER_FINE);
    assert_int_equal(partner_judge(&rules, 30001, NULL), PARTNER_COMMISSION_RANGE);
    assert_int_equal(partner_judge(&rules, 0, NULL), PARTNER_COMMISSION_RANGE);
    const struct partner_type_rules none = {.commission_min = 0,
                                            .commission_max = 0}; /* bankers are never paid */
    assert_int_equal(partner_judge(&none, 0, NULL), PARTNER_FINE);
    assert_int_equal(partner_judge(&none, 1, NULL), PARTNER_COMMISSION_RANGE);
}

static void some_types_need_a_licence(void **state) {
    (void)state;
    const struct partner_type_rules rules = {
        .commission_min = 10000, .commission_max = 20000, .licence_required = true};
    assert_int_equal(partner_judge(&rules, 15000, NULL), PARTNER_LICENCE_MISSING);
    assert_int_equal(partner_judge(&rules, 15000, ""), PARTNER_LICENCE_MISSING);
    assert_int_equal(partner_judge(&rules, 15000, "  \t"), PARTNER_LICENCE_MISSING);
    assert_int_equal(partner_judge(&rules, 15000, "RERA-1"), PARTNER_FINE);
    assert_int_equal(partner_judge(&rules, 25000, NULL),
                     PARTNER_COMMISSION_RANGE); /* one thing at a time */
}

static void only_a_bare_partner_is_deleted(void **state) {
    (void)state;
    assert_true(partner_deletable(&(struct partner_dependents){0}));
    assert_false(partner_deletable(&(struct partner_dependents){.leads = 1}));
    assert_false(partner_deletable(&(struct partner_dependents){.shares = 1}));
    assert_false(partner_deletable(&(struct partner_dependents){.entries = 1}));
    assert_false(partner_deletable(&(struct partner_dependents){.people = 1}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentages_are_exact),
        cmocka_unit_test(a_commission_stays_within_its_type),
        cmocka_unit_test(some_types_need_a_licence),
        cmocka_unit_test(only_a_bare_partner_is_deleted),
    };
    return cmocka_run_group_tests_name("domain: partner rules", tests, NULL, NULL);
}
