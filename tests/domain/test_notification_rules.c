#include "domain/notifications/notification_rules.h"
#include "tests/support/unit.h"

static struct arena *arena;

static int setup(void **state) {
    (void)state;
    arena = arena_new(1 << 16);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

static void test_a_number_says_its_country(void **state) {
    (void)state;
    static const char *const samples[][2] = {
        {"+971 50 123 4567", "+971501234567"}, {"00971-50/123.4567", "+971501234567"}, {"+1 (212) 555-0100", "+12125550100"},
        {"+6512345", "+6512345"},              {"050 123 4567", NULL},                 {"+0 50 123 4567", NULL},
        {"+971 50 +123 4567", NULL},           {"+123456", NULL},                      {"+1234567890123456", NULL},
        {"+", NULL},                           {"00", NULL},                           {"", NULL},
        {"000 1234567", NULL}};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        const char *number = phone_e164(arena, samples[i][0]);
        if (samples[i][1] ? !number || strcmp(number, samples[i][1]) != 0 : number != NULL)
            fail_msg("\"%s\": %s", samples[i][0], number ? number : "none");
    }
}

static void test_quiet_hours_have_two_ends(void **state) {
    (void)state;
    assert_null(quiet_hours_problem(NULL, NULL));
    assert_null(quiet_hours_problem("22:00", "06:00"));
    assert_null(quiet_hours_problem("12:00", "14:00"));
    assert_contains(quiet_hours_problem("22:00", NULL), "end");
    assert_contains(quiet_hours_problem(NULL, "06:00"), "begin");
    assert_contains(quiet_hours_problem("06:00", "06:00"), "another time");
}

static void test_what_can_be_chosen(void **state) {
    (void)state;
    assert_true(channel_takes(CHANNEL_EMAIL, "digest"));
    assert_false(channel_takes(CHANNEL_PUSH, "digest"));
    assert_false(channel_takes(CHANNEL_SMS, "digest"));
    assert_true(channel_takes(CHANNEL_SMS, "now"));
    assert_true(channel_takes(CHANNEL_PUSH, "off"));
    assert_false(channel_takes(CHANNEL_EMAIL, "on"));
    assert_false(channel_takes(CHANNEL_EMAIL, NULL));
}

static void test_links_say_what_was_come_for(void **state) {
    (void)state;
    assert_string_equal(notification_href(arena, "/leads/1", "x"), "/leads/1?n=x");
    assert_string_equal(notification_href(arena, "/a?b=c", "x"), "/a?b=c&n=x");
    assert_string_equal(notification_href(arena, "/a#b?c", "x"), "/a?n=x#b?c");
    assert_string_equal(notification_href(arena, "/a?b#c", "x"), "/a?b&n=x#c");
}

static void test_back_is_the_list(void **state) {
    (void)state;
    static const char *const samples[][2] = {{"/notifications", "/notifications"},
                                             {"/notifications?unread=true", "/notifications?unread=true"},
                                             {"/notifications/1", "/notifications"},
                                             {"//evil.example", "/notifications"},
                                             {"/notifications?{csrf}", "/notifications"},
                                             {NULL, "/notifications"}};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        assert_string_equal(notification_back(samples[i][0]), samples[i][1]);
}

static void test_every_category_has_an_icon(void **state) {
    (void)state;
    static const char *const categories[] = {"leads", "messages", "work", "money", "training", "programme", "account", "operations"};
    for (size_t i = 0; i < sizeof categories / sizeof *categories; i++)
        assert_string_not_equal(notification_icon(categories[i]), "bell");
    assert_string_equal(notification_icon("another"), "bell");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_number_says_its_country), cmocka_unit_test(test_quiet_hours_have_two_ends), cmocka_unit_test(test_what_can_be_chosen),
        cmocka_unit_test(test_links_say_what_was_come_for), cmocka_unit_test(test_back_is_the_list), cmocka_unit_test(test_every_category_has_an_icon)};
    return cmocka_run_group_tests_name("domain: notification rules", tests, setup, teardown);
}
