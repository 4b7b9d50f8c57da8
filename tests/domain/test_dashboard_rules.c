#include "domain/dashboard/dashboard_rules.h"
#include "tests/support/unit.h"

static struct period make(enum period_kind kind, int year, int month, int day) {
    struct tm tm = {.tm_year = year - 1900,
                    .tm_mon = month - 1,
                    .tm_mday = day,
                    .tm_hour = 23,
                    .tm_min = 59,
                    .tm_sec = 59};
    struct period period;
    period_make(kind, timegm(&tm), &period);
    return period;
}

static void codes_are_found_again(void **state) {
    (void)state;
    for (int i = 0; i < PERIODS; i++)
        assert_int_equal(period_find(period_code((enum period_kind)i)), i);
    assert_int_equal(period_find(NULL), PERIOD_30_DAYS);
    assert_int_equal(period_find("7d"), PERIOD_30_DAYS);
}

static void thirty_days(void **state) {
    (void)state;
    struct period p = make(PERIOD_30_DAYS, 2026, 11, 20);
    assert_string_equal(p.from, "2026-10-22");
    assert_string_equal(p.until, "2026-11-20");
    assert_string_equal(p.before_from, "2026-09-22");
    assert_string_equal(p.before_until, "2026-10-21");
    assert_string_equal(p.month_from, "2026-11-01");
    assert_string_equal(p.before_month_from, "2026-10-01");
    assert_int_equal(p.nbuckets, 30);
    assert_string_equal(p.buckets[0], "2026-10-22");
    assert_string_equal(p.buckets[29], "2026-11-20");
}

static void ninety_days_in_weeks(void **state) {
    (void)state;
    struct period p = make(PERIOD_90_DAYS, 2026, 3, 1);
    assert_string_equal(p.from, "2025-12-02");
    assert_string_equal(p.before_from, "2025-09-03");
    assert_string_equal(p.before_until, "2025-12-01");
    assert_string_equal(p.month_from, "2026-01-01");
    assert_string_equal(p.before_month_from, "2025-10-01");
    assert_int_equal(p.nbuckets, 13);
    assert_string_equal(p.buckets[1], "2025-12-09");
    assert_string_equal(p.buckets[12], "2026-02-24");
}

static void twelve_months(void **state) {
    (void)state;
    struct period p = make(PERIOD_12_MONTHS, 2026, 11, 20);
    assert_string_equal(p.from, "2025-12-01");
    assert_string_equal(p.until, "2026-11-20");
    assert_string_equal(p.before_from, "2024-12-01");
    assert_string_equal(p.before_until, "2025-11-20");
    assert_string_equal(p.month_from, "2025-12-01");
    assert_string_equal(p.before_month_from, "2024-12-01");
    assert_int_equal(p.nbuckets, 12);
    assert_string_equal(p.buckets[0], "2025-12-01");
    assert_string_equal(p.buckets[11], "2026-11-01");
}

static void a_leap_day_is_compared_with_the_end_of_february(void **state) {
    (void)state;
    struct period p = make(PERIOD_12_MONTHS, 2028, 2, 29);
    assert_string_equal(p.from, "2027-03-01");
    assert_string_equal(p.before_from, "2026-03-01");
    assert_string_equal(p.before_until, "2027-02-28");
}

static void buckets_fit_at_every_day_of_four_years(void **state) {
    (void)state;
    struct tm start = {.tm_year = 124, .tm_mday = 1};
    time_t now = timegm(&start);
    for (int day = 0; day < 1461; day++, now += 86400)
        for (int kind = 0; kind < PERIODS; kind++) {
            struct period p;
            period_make((enum period_kind)kind, now, &p);
            assert_int_equal(p.nbuckets, ((const size_t[]){30, 13, 12})[kind]);
            assert_string_equal(p.buckets[0], p.from);
            assert_true(strcmp(p.buckets[p.nbuckets - 1], p.until) <= 0);
            assert_true(strcmp(p.before_until, p.from) < 0);
            assert_true(strcmp(p.before_from, p.before_until) < 0);
        }
}

static void buckets_are_found_by_their_first_day(void **state) {
    (void)state;
    struct period p = make(PERIOD_90_DAYS, 2026, 3, 1);
    assert_int_equal(period_bucket(&p, "2025-12-02"), 0);
    assert_int_equal(period_bucket(&p, "2025-12-09"), 1);
    assert_int_equal(period_bucket(&p, "2025-12-10"), p.nbuckets);
    assert_int_equal(period_bucket(&p, NULL), p.nbuckets);
}

static void assert_change(struct change change, enum trend trend, const char *text) {
    assert_int_equal(change.trend, trend);
    assert_string_equal(change.text, text);
}

static void changes_in_percent(void **state) {
    (void)state;
    assert_change(change_in_percent(112, 100), TREND_UP, "+12%");
    assert_change(change_in_percent(88, 100), TREND_DOWN, "−12%");
    assert_change(change_in_percent(100, 100), TREND_SAME, "");
    assert_change(change_in_percent(0, 100), TREND_DOWN, "−100%");
    assert_change(change_in_percent(5, 0), TREND_NEW, "");
    assert_change(change_in_percent(0, 0), TREND_NONE, "");
    assert_change(change_in_percent(1004, 1000), TREND_UP, "+0.4%");
    assert_change(change_in_percent(105, 100), TREND_UP, "+5%");
    assert_change(change_in_percent(1000001, 1000000), TREND_SAME, "");
    assert_change(change_in_percent(999999, 1000000), TREND_SAME, "");
    assert_change(change_in_percent(1300, 100), TREND_UP, "+1200%");
    assert_change(change_in_percent(109.96, 100), TREND_UP, "+10%");
    assert_change(change_in_percent(1e300, 1), TREND_UP, "+1000000000%");
}

static void changes_in_points(void **state) {
    (void)state;
    assert_change(change_in_points(0.407, 0.375), TREND_UP, "+3.2");
    assert_change(change_in_points(0.25, 0.5), TREND_DOWN, "−25");
    assert_change(change_in_points(0.5, 0.5), TREND_SAME, "");
    assert_change(change_in_points(-1, 0.5), TREND_NONE, "");
    assert_change(change_in_points(0.5, -1), TREND_NONE, "");
    assert_change(change_in_points(0.5, 0), TREND_UP, "+50");
}

static void conversion_is_won_of_closed(void **state) {
    (void)state;
    assert_true(conversion_of(3, 5) > 0.3749 && conversion_of(3, 5) < 0.3751);
    assert_true(conversion_of(0, 4) == 0);
    assert_true(conversion_of(0, 0) < 0);
}

static void a_new_partner_begins_with_a_lead(void **state) {
    (void)state;
    const struct duty_facts facts = {.may_write_leads = true,
                                     .may_write_profile = true,
                                     .profile_incomplete = true,
                                     .course_unfinished = true};
    struct duty duties[DUTIES_MAX];
    assert_int_equal(duties_find(&facts, duties), 3);
    assert_int_equal(duties[0].kind, DUTY_FIRST_LEAD);
    assert_int_equal(duties[1].kind, DUTY_COURSE);
    assert_int_equal(duties[2].kind, DUTY_PROFILE);
}

static void leads_that_waited_too_long_come_by_urgency(void **state) {
    (void)state;
    const struct waiting_lead waiting[] = {{1, 2, 10}, {5, 4, 11}, {30, 7, 12}, {14, 14, 13}};
    const struct duty_facts facts = {
        .leads = 9, .may_write_leads = true, .waiting = waiting, .nwaiting = 4};
    struct duty duties[DUTIES_MAX];
    assert_int_equal(duties_find(&facts, duties), 3); /* the new one has not waited long */
    assert_int_equal(duties[0].row, 12);
    assert_int_equal(duties[1].row, 11);
    assert_int_equal(duties[2].row, 13);
}

static void equally_urgent_leads_keep_their_order(void **state) {
    (void)state;
    const struct waiting_lead waiting[] = {{4, 2, 7}, {8, 4, 8}, {14, 7, 9}};
    const struct duty_facts facts = {
        .leads = 9, .may_write_leads = true, .waiting = waiting, .nwaiting = 3};
    struct duty duties[DUTIES_MAX];
    assert_int_equal(duties_find(&facts, duties), 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(duties[i].row, 7 + i);
}

static void never_more_than_five_and_nobody_is_crowded_out(void **state) {
    (void)state;
    const struct waiting_lead waiting[] = {{9, 2, 0}, {9, 4, 1}, {9, 7, 2}, {19, 14, 3}};
    const struct duty_facts facts = {.leads = 9,
                                     .may_write_leads = true,
                                     .may_write_profile = true,
                                     .profile_incomplete = true,
                                     .course_unfinished = true,
                                     .licence_known = true,
                                     .licence_days = -3,
                                     .waiting = waiting,
                                     .nwaiting = 4};
    struct duty duties[DUTIES_MAX];
    assert_int_equal(duties_find(&facts, duties), DUTIES_MAX);
    const enum duty_kind expected[] = {DUTY_LICENCE, DUTY_LEAD, DUTY_LEAD, DUTY_COURSE,
                                       DUTY_PROFILE};
    for (size_t i = 0; i < DUTIES_MAX; i++)
        assert_int_equal(duties[i].kind, expected[i]);
    assert_int_equal(duties[1].row, 0); /* 9 days instead of 2 */
    assert_int_equal(duties[2].row, 1); /* 9 days instead of 4 */
}

static void the_agenda_comes_first_and_leaves_room(void **state) {
    (void)state;
    const struct waiting_lead waiting[] = {{9, 2, 4}, {9, 4, 5}};
    struct duty_facts facts = {
        .leads = 9, .nagenda = 6, .may_write_leads = true, .waiting = waiting, .nwaiting = 2};
    struct duty duties[DUTIES_MAX];
    assert_int_equal(duties_find(&facts, duties), DUTIES_MAX);
    const enum duty_kind usual[] = {DUTY_AGENDA, DUTY_AGENDA, DUTY_AGENDA, DUTY_LEAD, DUTY_LEAD};
    for (size_t i = 0; i < DUTIES_MAX; i++) {
        assert_int_equal(duties[i].kind, usual[i]);
        assert_int_equal(duties[i].row, i < 3 ? i : i + 1);
    }
    facts.may_write_profile = facts.profile_incomplete = facts.course_unfinished = true;
    facts.licence_known = true;
    assert_int_equal(duties_find(&facts, duties), DUTIES_MAX);
    const enum duty_kind full[] = {DUTY_AGENDA, DUTY_AGENDA, DUTY_LICENCE, DUTY_COURSE,
                                   DUTY_PROFILE};
    for (size_t i = 0; i < DUTIES_MAX; i++)
        assert_int_equal(duties[i].kind, full[i]);
    const struct duty_facts reader = {.leads = 9, .nagenda = 1};
    assert_int_equal(duties_find(&reader, duties), 1); /* an appointment of somebody who only reads */
}

static void whoever_may_not_act_is_asked_nothing(void **state) {
    (void)state;
    const struct waiting_lead waiting[] = {{90, 2, 0}};
    const struct duty_facts facts = {.profile_incomplete = true,
                                     .licence_known = true,
                                     .licence_days = 1,
                                     .waiting = waiting,
                                     .nwaiting = 1};
    struct duty duties[DUTIES_MAX];
    assert_int_equal(duties_find(&facts, duties), 0);
}

static void a_licence_counts_when_it_ends_within_a_month(void **state) {
    (void)state;
    struct duty duties[DUTIES_MAX];
    struct duty_facts facts = {
        .leads = 1, .may_write_profile = true, .licence_known = true, .licence_days = 31};
    assert_int_equal(duties_find(&facts, duties), 0);
    facts.licence_days = 30;
    assert_int_equal(duties_find(&facts, duties), 1);
    assert_int_equal(duties[0].kind, DUTY_LICENCE);
    facts.licence_known = false;
    assert_int_equal(duties_find(&facts, duties), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_found_again),
        cmocka_unit_test(thirty_days),
        cmocka_unit_test(ninety_days_in_weeks),
        cmocka_unit_test(twelve_months),
        cmocka_unit_test(a_leap_day_is_compared_with_the_end_of_february),
        cmocka_unit_test(buckets_fit_at_every_day_of_four_years),
        cmocka_unit_test(buckets_are_found_by_their_first_day),
        cmocka_unit_test(changes_in_percent),
        cmocka_unit_test(changes_in_points),
        cmocka_unit_test(conversion_is_won_of_closed),
        cmocka_unit_test(a_new_partner_begins_with_a_lead),
        cmocka_unit_test(leads_that_waited_too_long_come_by_urgency),
        cmocka_unit_test(equally_urgent_leads_keep_their_order),
        cmocka_unit_test(never_more_than_five_and_nobody_is_crowded_out),
        cmocka_unit_test(the_agenda_comes_first_and_leaves_room),
        cmocka_unit_test(whoever_may_not_act_is_asked_nothing),
        cmocka_unit_test(a_licence_counts_when_it_ends_within_a_month),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
