/* Days and hours in people's own zones: what "tomorrow" is there, and what the clocks do to it. */
#include "domain/calendar/when_rules.h"
#include "tests/support/unit.h"
#include <stdio.h>

/* Seconds since the epoch of a moment in UTC, "2026-11-24 20:00". */
static time_t utc(const char *text) {
    struct tm tm = {.tm_year = 0};
    assert_non_null(strptime(text, "%Y-%m-%d %H:%M", &tm));
    return timegm(&tm);
}

static void assert_at(time_t at, const char *expected) {
    char text[WHEN_TEXT_SIZE], wanted[WHEN_TEXT_SIZE];
    when_text(at, text);
    snprintf(wanted, sizeof wanted, "%s:00+00", expected);
    assert_string_equal(text, wanted);
}

static void an_hour_in_a_zone(void **state) {
    (void)state;
    static const struct {
        const char *date, *time, *zone, *utc;
        enum when_verdict verdict;
    } cases[] = {
        {"2026-11-25", "09:00", "UTC", "2026-11-25 09:00", WHEN_OK},
        {"2026-11-25", "09:00", "Asia/Dubai", "2026-11-25 05:00", WHEN_OK},
        {"2026-11-25", "09:00", "Asia/Kolkata", "2026-11-25 03:30", WHEN_OK},
        {"2026-11-25", "09:00", "America/Los_Angeles", "2026-11-25 17:00", WHEN_OK},
        {"2026-07-25", "09:00", "America/Los_Angeles", "2026-07-25 16:00", WHEN_OK},
        {"2026-11-25", "00:15", "Australia/Sydney", "2026-11-24 13:15", WHEN_OK},
        {"2028-02-29", "23:59", "Europe/Berlin", "2028-02-29 22:59", WHEN_OK},
        /* clocks go forward: 02:00 is 03:00 */
        {"2027-03-28", "01:59", "Europe/Berlin", "2027-03-28 00:59", WHEN_OK},
        {"2027-03-28", "02:30", "Europe/Berlin", NULL, WHEN_SKIPPED},
        {"2027-03-28", "03:00", "Europe/Berlin", "2027-03-28 01:00", WHEN_OK},
        {"2027-03-14", "02:00", "America/New_York", NULL, WHEN_SKIPPED},
        {"2026-10-04", "02:59", "Australia/Sydney", NULL, WHEN_SKIPPED},
        /* and back: 02:30 comes twice, the second is meant */
        {"2026-10-25", "02:30", "Europe/Berlin", "2026-10-25 01:30", WHEN_OK},
        {"2026-11-01", "01:30", "America/New_York", "2026-11-01 06:30", WHEN_OK},
        {"2026-11-25", "09:00", "Mars/Olympus", NULL, WHEN_NO_ZONE},
        {"2026-11-25", "09:00", "GMT+3", NULL, WHEN_NO_ZONE},
        {"2026-11-25", "09:00", "", NULL, WHEN_NO_ZONE},
        {"2026-11-25", "09:00", NULL, NULL, WHEN_NO_ZONE},
        {"2026-11-25", "09:00", "'; DROP TABLE users; --", NULL, WHEN_NO_ZONE},
        {"2026-02-29", "09:00", "UTC", NULL, WHEN_UNREADABLE},
        {"2026-13-01", "09:00", "UTC", NULL, WHEN_UNREADABLE},
        {"2026-00-10", "09:00", "UTC", NULL, WHEN_UNREADABLE},
        {"2026-11-25", "24:00", "UTC", NULL, WHEN_UNREADABLE},
        {"2026-11-25", "9:00", "UTC", NULL, WHEN_UNREADABLE},
        {"2026-11-2", "09:00", "UTC", NULL, WHEN_UNREADABLE},
        {NULL, "09:00", "UTC", NULL, WHEN_UNREADABLE},
        {"2026-11-25", NULL, "UTC", NULL, WHEN_UNREADABLE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        time_t at = 0;
        enum when_verdict verdict = when_instant(cases[i].date, cases[i].time, cases[i].zone, &at);
        if (verdict != cases[i].verdict)
            fail_msg("%s %s in %s: %d and not %d", cases[i].date, cases[i].time, cases[i].zone,
                     (int)verdict, (int)cases[i].verdict);
        if (cases[i].utc)
            assert_at(at, cases[i].utc);
    }
}

/* Back and forth is the same, for every hour of two years that there is exactly once. */
static void there_and_back(void **state) {
    (void)state;
    static const char *const zones[] = {"UTC",
                                        "Asia/Kolkata",
                                        "Europe/London",
                                        "America/New_York",
                                        "Australia/Sydney",
                                        "Australia/Lord_Howe"};
    for (size_t z = 0; z < sizeof zones / sizeof *zones; z++) {
        long twice = 0;
        for (time_t at = utc("2026-01-01 00:00"); at < utc("2028-01-01 00:00"); at += 3600) {
            char date[WHEN_DATE_SIZE], clock[WHEN_TIME_SIZE];
            time_t back = 0;
            assert_true(when_local(at, zones[z], date, clock));
            if (when_instant(date, clock, zones[z], &back) != WHEN_OK)
                fail_msg("%s %s in %s is there and is not", date, clock, zones[z]);
            twice += back != at;
            assert_in_range(back - at, 0, 3600);
        }
        assert_in_range(twice, 0, 2); /* an hour each autumn */
    }
}

static void no_zone_no_day(void **state) {
    (void)state;
    char date[WHEN_DATE_SIZE], clock[WHEN_TIME_SIZE];
    time_t at = 0;
    assert_false(when_local(0, "Nowhere", date, clock));
    assert_false(when_local(0, NULL, date, clock));
    assert_false(when_quick_at(WHEN_TOMORROW, 0, "Nowhere", &at));
}

static void quick_choices(void **state) {
    (void)state;
    static const struct {
        enum when_quick quick;
        const char *now, *zone, *at;
    } cases[] = {
        {WHEN_HOUR, "2026-11-24 20:17", "Asia/Dubai", "2026-11-24 21:17"},
        {WHEN_TOMORROW, "2026-11-24 12:00", "UTC", "2026-11-25 09:00"},
        /* at half past eight in the evening UTC it is tomorrow in Dubai already */
        {WHEN_TOMORROW, "2026-11-24 20:30", "Asia/Dubai", "2026-11-26 05:00"},
        {WHEN_TOMORROW, "2026-11-24 19:30", "Asia/Dubai", "2026-11-25 05:00"},
        {WHEN_TOMORROW, "2026-12-31 12:00", "UTC", "2027-01-01 09:00"},
        {WHEN_TOMORROW, "2028-02-28 12:00", "UTC", "2028-02-29 09:00"},
        {WHEN_THREE_DAYS, "2026-11-24 12:00", "UTC", "2026-11-27 09:00"},
        {WHEN_THREE_DAYS, "2026-11-28 23:00", "America/Los_Angeles", "2026-12-01 17:00"},
        /* three days on, at nine on the clock, though one of them has 23 or 25 hours */
        {WHEN_THREE_DAYS, "2027-03-26 12:00", "Europe/Berlin", "2027-03-29 07:00"},
        {WHEN_THREE_DAYS, "2026-10-23 12:00", "Europe/Berlin", "2026-10-26 08:00"},
        /* next week begins on Monday */
        {WHEN_NEXT_WEEK, "2026-11-24 12:00", "UTC", "2026-11-30 09:00"},        /* a Tuesday */
        {WHEN_NEXT_WEEK, "2026-11-23 12:00", "UTC", "2026-11-30 09:00"},        /* a Monday */
        {WHEN_NEXT_WEEK, "2026-11-29 12:00", "UTC", "2026-11-30 09:00"},        /* a Sunday */
        {WHEN_NEXT_WEEK, "2026-11-29 21:00", "Asia/Dubai", "2026-12-07 05:00"}, /* Monday there */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        time_t at = 0;
        assert_true(when_quick_at(cases[i].quick, utc(cases[i].now), cases[i].zone, &at));
        assert_at(at, cases[i].at);
    }
}

static void codes_of_quick_choices(void **state) {
    (void)state;
    for (int i = 0; i < WHEN_QUICKS; i++) {
        enum when_quick found = WHEN_QUICKS;
        assert_true(when_quick_find(when_quick_code((enum when_quick)i), &found));
        assert_int_equal(found, i);
    }
    enum when_quick untouched = WHEN_QUICKS;
    assert_false(when_quick_find("exact", &untouched));
    assert_false(when_quick_find(NULL, &untouched));
    assert_int_equal(untouched, WHEN_QUICKS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_hour_in_a_zone),      cmocka_unit_test(there_and_back),
        cmocka_unit_test(no_zone_no_day),         cmocka_unit_test(quick_choices),
        cmocka_unit_test(codes_of_quick_choices),
    };
    return cmocka_run_group_tests_name("calendar: when", tests, NULL, NULL);
}
