/* What may be written down about a lead, when and where it was, and places in the time line. */
#include "core/text.h"
#include "domain/activities/activity_rules.h"
#include "tests/support/unit.h"

enum { NOW = 1795593600 /* 2026-11-25 08:00 UTC, noon in Dubai */, DAY = 86400 };
static const char dubai[] = "Asia/Dubai";

static void kinds(void **state) {
    (void)state;
    for (int i = 0; i < ACTIVITY_KINDS; i++) {
        enum activity_kind found;
        assert_true(activity_kind_find(activity_kind_code((enum activity_kind)i), &found));
        assert_int_equal(found, i);
    }
    enum activity_kind none;
    static const char *const odd[] = {"", "Call", "calls", "note ", "message"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_false(activity_kind_find(odd[i], &none));
    assert_false(activity_kind_find(NULL, &none));
}

static void outcomes_belong_to_kinds(void **state) {
    (void)state;
    assert_true(activity_outcome_fits(ACTIVITY_CALL, "left_message"));
    assert_true(activity_outcome_fits(ACTIVITY_MEETING, "no_show"));
    assert_true(activity_outcome_fits(ACTIVITY_MAIL, "interested"));
    assert_false(activity_outcome_fits(ACTIVITY_MAIL, "left_message"));
    assert_false(activity_outcome_fits(ACTIVITY_CALL, "took_place"));
    assert_false(activity_outcome_fits(ACTIVITY_NOTE, "reached"));
    assert_false(activity_outcome_fits(ACTIVITY_CALL, "reache"));
    assert_false(activity_outcome_fits(ACTIVITY_CALL, "reached left_message"));
    assert_false(activity_outcome_fits(ACTIVITY_CALL, "a_very_long_outcome_that_nobody_ever_thought_of"));
    assert_false(activity_outcome_fits(ACTIVITY_CALL, ""));
    assert_false(activity_outcome_fits(ACTIVITY_CALL, NULL));
    assert_true(activity_has_direction(ACTIVITY_MAIL) && !activity_has_length(ACTIVITY_MAIL));
    assert_true(activity_has_length(ACTIVITY_MEETING) && !activity_has_direction(ACTIVITY_MEETING));
}

static void something_must_be_said(void **state) {
    (void)state;
    struct activity_wish wish = {.kind = ACTIVITY_NOTE};
    assert_int_equal(activity_judge(&wish), ACTIVITY_EMPTY);
    wish.text = "  \n";
    assert_int_equal(activity_judge(&wish), ACTIVITY_EMPTY);
    wish.files = 1;
    assert_int_equal(activity_judge(&wish), ACTIVITY_OK);
    wish = (struct activity_wish){.kind = ACTIVITY_CALL, .outcome = "no_answer"};
    assert_int_equal(activity_judge(&wish), ACTIVITY_OK); /* a call that nobody took is worth a line */
    wish.kind = ACTIVITY_MEETING;
    assert_int_equal(activity_judge(&wish), ACTIVITY_BAD_OUTCOME);
    wish = (struct activity_wish){.kind = ACTIVITY_NOTE, .text = "x", .latitude = "25.1"};
    assert_int_equal(activity_judge(&wish), ACTIVITY_BAD_PLACE);
    wish.longitude = "181";
    assert_int_equal(activity_judge(&wish), ACTIVITY_BAD_PLACE);
    wish.longitude = "55.2";
    assert_int_equal(activity_judge(&wish), ACTIVITY_OK);
    for (int i = ACTIVITY_OK + 1; i <= ACTIVITY_NO_WHEN; i++) {
        assert_non_null(activity_verdict_field((enum activity_verdict)i));
        assert_non_null(activity_verdict_sentence((enum activity_verdict)i));
    }
}

static void coordinates(void **state) {
    (void)state;
    static const struct {
        const char *text, *clean; /* NULL: refused */
        int limit;
    } cases[] = {
        {"25.20484930", "25.20485", 90},   {"-33.8688", "-33.86880", 90}, {"0", "0.00000", 90},
        {"-0.000001", "0.00000", 90},      {"90", "90.00000", 90},        {"90.00001", NULL, 90},
        {"-180", "-180.00000", 180},       {"180.000001", "180.00000", 180}, {"9.999999", "10.00000", 90},
        {"89.999999", "90.00000", 90},     {"1e1", NULL, 90},             {"", NULL, 90},
        {"NaN", NULL, 90},                 {"25,2", NULL, 90},            {"+25.2", NULL, 90},
        {".5", NULL, 90},                  {"5.", "5.00000", 90},         {"25.2 ", NULL, 90},
        {"999999999999999999999", NULL, 90}, {"100000000000000", NULL, 180}, {"1.2.3", NULL, 90},
        {NULL, NULL, 90},                  {"-", NULL, 90},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char clean[ACTIVITY_COORDINATE_SIZE] = "";
        bool taken = activity_coordinate(cases[i].text, cases[i].limit, clean);
        if (taken != (cases[i].clean != NULL) || (taken && strcmp(clean, cases[i].clean) != 0))
            fail_msg("%s: %s", cases[i].text ? cases[i].text : "NULL", taken ? clean : "refused");
    }
}

static enum activity_verdict when(const char *date, const char *clock, time_t *at) {
    return activity_when(date, clock, dubai, NOW, at);
}

static void when_it_was(void **state) {
    (void)state;
    time_t at = 1;
    assert_int_equal(when(NULL, NULL, &at), ACTIVITY_OK);
    assert_int_equal(at, 0);
    assert_int_equal(when("2026-11-24", "09:30", &at), ACTIVITY_OK);
    assert_int_equal(at, NOW - DAY - 9000);
    assert_int_equal(when("2026-11-24", NULL, &at), ACTIVITY_OK); /* its noon */
    assert_int_equal(at, NOW - DAY);
    assert_int_equal(when(NULL, "11:00", &at), ACTIVITY_OK); /* today */
    assert_int_equal(at, NOW - 3600);
    assert_int_equal(when(NULL, "12:01", &at), ACTIVITY_OK); /* the minute that is running, by a slow clock */
    assert_int_equal(when(NULL, "12:02", &at), ACTIVITY_FUTURE);
    assert_int_equal(when("2026-11-26", NULL, &at), ACTIVITY_FUTURE);
    assert_int_equal(when("2021-11-01", "10:00", &at), ACTIVITY_TOO_OLD);
    /* today without an hour is never still to come, early in the morning either */
    assert_int_equal(activity_when("2026-11-25", NULL, dubai, NOW - 5 * 3600, &at), ACTIVITY_OK);
    assert_int_equal(at, NOW - 5 * 3600);
    assert_int_equal(activity_when("2026-11-25", NULL, dubai, NOW + 3600, &at), ACTIVITY_OK);
    assert_int_equal(at, NOW);
    assert_int_equal(activity_when("2026-03-29", "02:30", "Europe/Berlin", NOW, &at), ACTIVITY_SKIPPED);
    assert_int_equal(activity_when("2026-11-24", "10:00", "Mars/Olympus", NOW, &at), ACTIVITY_NO_WHEN);
    assert_int_equal(activity_when("2026-02-30", "10:00", dubai, NOW, &at), ACTIVITY_NO_WHEN);
}

static void maps(void **state) {
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    assert_string_equal(activity_map_href(arena, "Office", "25.08050", "55.14030"),
                        "https://www.openstreetmap.org/?mlat=25.08050&mlon=55.14030#map=17/25.08050/55.14030");
    assert_string_equal(activity_map_href(arena, "Café & \"co\"", NULL, NULL),
                        "https://www.openstreetmap.org/search?query=Caf%C3%A9%20%26%20%22co%22");
    assert_null(activity_map_href(arena, "", NULL, NULL));
    assert_null(activity_map_href(arena, NULL, "25.1", NULL));
    arena_free(arena);
}

static void places_in_the_time_line(void **state) {
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    const char *us, *id;
    const char *cursor = timeline_cursor(arena, "1795593600123456", "aaaaaaaa-0000-4000-8000-000000000561");
    assert_true(timeline_cursor_parse(arena, cursor, &us, &id));
    assert_string_equal(us, "1795593600123456");
    assert_string_equal(id, "aaaaaaaa-0000-4000-8000-000000000561");
    assert_true(timeline_cursor_parse(arena, "1.23", &us, &id)); /* a line of the history has a number */
    static const char *const odd[] = {"",        ".",       "1",        "1.",      ".1",   "1.x'",  "1.A", "x.1", "-1.1", "1,1",
                                      "999999999999999999.1", "1. 1",   "1.1.1",   "1.aaaaaaaa-0000-4000-8000-0000000005610"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_false(timeline_cursor_parse(arena, odd[i], &us, &id));
    assert_false(timeline_cursor_parse(arena, NULL, &us, &id));
    assert_string_equal(timeline_types("meetings"), "meeting,appointment");
    assert_null(timeline_types("everything"));
    assert_null(timeline_types(NULL));
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds),          cmocka_unit_test(outcomes_belong_to_kinds),
        cmocka_unit_test(something_must_be_said), cmocka_unit_test(coordinates),
        cmocka_unit_test(when_it_was),    cmocka_unit_test(maps),
        cmocka_unit_test(places_in_the_time_line),
    };
    return cmocka_run_group_tests_name("activity rules", tests, NULL, NULL);
}
