/* When reminders, appointments and announcements may be. */
#include "core/text.h"
#include "domain/announcements/announcement_rules.h"
#include "domain/calendar/appointment_rules.h"
#include "domain/calendar/reminder_rules.h"
#include "tests/support/unit.h"

enum { NOW = 1795593600 /* 2026-11-25 08:00 UTC, noon in Dubai */, DAY = 86400 };
static const char dubai[] = "Asia/Dubai";

static enum reminder_verdict remind(const char *when, const char *date, const char *clock,
                                    const char *zone, time_t *due) {
    const struct reminder_wish wish = {when, date, clock};
    return reminder_judge(&wish, zone, NOW, due);
}

static void reminders(void **state) {
    (void)state;
    time_t due = 0;
    assert_int_equal(remind("tomorrow", NULL, NULL, dubai, &due), REMINDER_OK);
    assert_int_equal(due, NOW + 21 * 3600);
    assert_int_equal(remind("hour", NULL, NULL, dubai, &due), REMINDER_OK);
    assert_int_equal(due, NOW + 3600);
    /* a quick choice counts, whatever stands in the fields beside it */
    assert_int_equal(remind("tomorrow", "1999-01-01", "00:00", dubai, &due), REMINDER_OK);
    assert_int_equal(remind("exact", "2026-11-25", "12:01", dubai, &due), REMINDER_OK);
    assert_int_equal(due, NOW + 60);
    assert_int_equal(remind("exact", "2026-11-26", NULL, dubai, &due), REMINDER_OK);
    assert_int_equal(due, NOW + 21 * 3600); /* nine in the morning */
    assert_int_equal(remind("exact", "2026-11-25", "12:00", dubai, &due), REMINDER_PAST);
    assert_int_equal(remind("exact", "2026-11-25", "12:00", "Asia/Kolkata", &due), REMINDER_PAST);
    assert_int_equal(remind("exact", "2026-11-25", "12:00", "UTC", &due), REMINDER_OK);
    assert_int_equal(remind("exact", "2199-12-31", "12:00", dubai, &due), REMINDER_TOO_FAR);
    assert_int_equal(remind("exact", "1900-01-01", "12:00", dubai, &due), REMINDER_PAST);
    assert_int_equal(remind("exact", NULL, "12:00", dubai, &due), REMINDER_NO_DATE);
    assert_int_equal(remind("exact", "2027-03-28", "02:30", "Europe/Berlin", &due),
                     REMINDER_SKIPPED);
    assert_int_equal(remind("exact", "2026-11-26", "12:00", "Mars/Olympus", &due), REMINDER_NO_WAY);
    assert_int_equal(remind("tomorrow", NULL, NULL, "Mars/Olympus", &due), REMINDER_NO_WAY);
    assert_int_equal(remind("someday", NULL, NULL, dubai, &due), REMINDER_NO_WAY);
    assert_int_equal(remind(NULL, NULL, NULL, dubai, &due), REMINDER_NO_WAY);
    for (int verdict = REMINDER_NO_DATE; verdict <= REMINDER_NO_WAY; verdict++) {
        assert_non_null(reminder_verdict_field((enum reminder_verdict)verdict));
        assert_non_null(reminder_verdict_sentence((enum reminder_verdict)verdict));
    }
}

static void appointments(void **state) {
    (void)state;
    static const struct {
        struct appointment_wish wish;
        enum appointment_verdict verdict;
    } cases[] = {
        {{"2026-11-26", "10:00", "11:00", dubai}, APPOINTMENT_OK},
        {{"2026-11-25", "12:01", "12:02", dubai}, APPOINTMENT_OK},
        {{"2026-11-25", "12:00", "13:00", dubai}, APPOINTMENT_PAST}, /* it has begun */
        {{"2026-11-25", "12:00", "13:00", "UTC"}, APPOINTMENT_OK},
        {{"2026-11-26", "11:00", "10:00", dubai}, APPOINTMENT_ENDS_FIRST},
        {{"2026-11-26", "11:00", "11:00", dubai}, APPOINTMENT_ENDS_FIRST},
        {{"2020-11-26", "11:00", "10:00", dubai}, APPOINTMENT_ENDS_FIRST},
        {{"2199-01-01", "10:00", "11:00", dubai}, APPOINTMENT_TOO_FAR},
        {{"1900-01-01", "10:00", "11:00", dubai}, APPOINTMENT_PAST},
        {{"2027-03-28", "02:30", "04:00", "Europe/Berlin"}, APPOINTMENT_START_SKIPPED},
        {{"2027-03-28", "01:30", "02:30", "Europe/Berlin"}, APPOINTMENT_END_SKIPPED},
        {{"2027-03-28", "01:30", "03:00", "Europe/Berlin"}, APPOINTMENT_OK}, /* half an hour */
        {{"2026-11-26", "10:00", "11:00", "Etc/Absurd"}, APPOINTMENT_NO_ZONE},
        {{"2026-11-26", "10:00", "11:00", NULL}, APPOINTMENT_NO_ZONE},
        {{NULL, "10:00", "11:00", dubai}, APPOINTMENT_UNKNOWN},
        {{"2026-11-26", NULL, "11:00", dubai}, APPOINTMENT_UNKNOWN},
        {{"2026-11-26", "10:00", NULL, dubai}, APPOINTMENT_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        time_t starts = 0, ends = 0;
        enum appointment_verdict verdict = appointment_judge(&cases[i].wish, NOW, &starts, &ends);
        if (verdict != cases[i].verdict)
            fail_msg("case %zu: %d and not %d", i, (int)verdict, (int)cases[i].verdict);
        if (verdict > APPOINTMENT_UNKNOWN) {
            assert_non_null(appointment_verdict_field(verdict));
            assert_non_null(appointment_verdict_sentence(verdict));
        } else {
            assert_null(appointment_verdict_field(verdict));
        }
    }
}

static void what_is_over_stays(void **state) {
    (void)state;
    assert_true(appointment_changeable("planned", NOW + 1, NOW));
    assert_false(appointment_changeable("planned", NOW, NOW));
    assert_false(appointment_changeable("called_off", NOW + DAY, NOW));
    assert_false(appointment_changeable(NULL, NOW + DAY, NOW));
}

static void announcements(void **state) {
    (void)state;
    static const struct {
        struct announcement_wish wish;
        enum announcement_verdict verdict;
        time_t publish, expires;
    } cases[] = {
        {{.to_partners = true, .zone = dubai}, ANNOUNCEMENT_OK, 0, 0},
        {{.to_staff = true, .zone = dubai}, ANNOUNCEMENT_OK, 0, 0},
        {{.zone = dubai}, ANNOUNCEMENT_FOR_NOBODY, 0, 0},
        {{.to_staff = true, .publish_on = "2026-11-26", .zone = dubai},
         ANNOUNCEMENT_OK,
         NOW + 21 * 3600,
         0},
        {{.to_staff = true, .publish_on = "2026-11-25", .publish_time = "12:30", .zone = dubai},
         ANNOUNCEMENT_OK,
         NOW + 1800,
         0},
        {{.to_staff = true, .publish_on = "2026-11-25", .publish_time = "11:59", .zone = dubai},
         ANNOUNCEMENT_PAST,
         0,
         0},
        {{.to_staff = true, .publish_on = "2199-11-25", .zone = dubai}, ANNOUNCEMENT_TOO_FAR, 0, 0},
        {{.to_staff = true, .publish_time = "12:30", .zone = dubai}, ANNOUNCEMENT_HOUR_ALONE, 0, 0},
        {{.to_staff = true,
          .publish_on = "2027-03-28",
          .publish_time = "02:10",
          .zone = "Europe/Berlin"},
         ANNOUNCEMENT_SKIPPED,
         0,
         0},
        /* the last day counts to its end */
        {{.to_staff = true, .expires_on = "2026-11-25", .zone = dubai},
         ANNOUNCEMENT_OK,
         0,
         NOW + 12 * 3600},
        {{.to_staff = true, .expires_on = "2026-11-24", .zone = dubai},
         ANNOUNCEMENT_ENDS_FIRST,
         0,
         0},
        {{.to_staff = true, .publish_on = "2026-11-26", .expires_on = "2026-11-25", .zone = dubai},
         ANNOUNCEMENT_ENDS_FIRST,
         0,
         0},
        {{.to_staff = true, .publish_on = "2026-11-26", .expires_on = "2026-11-26", .zone = dubai},
         ANNOUNCEMENT_OK,
         NOW + 21 * 3600,
         NOW + 36 * 3600},
        {{.to_staff = true, .publish_on = "2026-11-26", .zone = "Mars/Olympus"},
         ANNOUNCEMENT_NO_ZONE,
         0,
         0},
        /* of one that is out only the end can change */
        {{.out = true, .zone = dubai}, ANNOUNCEMENT_OK, 0, 0},
        {{.out = true, .publish_on = "2020-01-01", .expires_on = "2026-11-26", .zone = dubai},
         ANNOUNCEMENT_OK,
         0,
         NOW + 36 * 3600},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        time_t publish, expires;
        enum announcement_verdict verdict =
            announcement_judge(&cases[i].wish, NOW, &publish, &expires);
        if (verdict != cases[i].verdict)
            fail_msg("case %zu: %d and not %d", i, (int)verdict, (int)cases[i].verdict);
        if (verdict != ANNOUNCEMENT_OK) {
            assert_non_null(announcement_verdict_sentence(verdict));
            continue;
        }
        assert_int_equal(publish, cases[i].publish);
        assert_int_equal(expires, cases[i].expires);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reminders),
        cmocka_unit_test(appointments),
        cmocka_unit_test(what_is_over_stays),
        cmocka_unit_test(announcements),
    };
    return cmocka_run_group_tests_name("calendar: rules", tests, NULL, NULL);
}
