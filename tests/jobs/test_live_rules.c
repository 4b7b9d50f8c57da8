/* Who hears what on open pages. */
#include "core/text.h"
#include "jobs/live_rules.h"
#include "tests/support/unit.h"

#define ID    "aaaaaaaa-0000-4000-8000-000000000021"
#define OTHER "bbbbbbbb-0000-4000-8000-000000000021"

static void notices_are_read(void **state) {
    (void)state;
    struct live_notice notice;
    assert_true(live_notice_read("partner:" ID " leads " OTHER, &notice));
    assert_string_equal(notice.scope, "partner:" ID);
    assert_string_equal(notice.topic->name, "leads");
    assert_string_equal(notice.id, OTHER);
    assert_true(live_notice_read("staff leads", &notice));
    assert_string_equal(notice.id, "");
    assert_true(live_notice_read("user:" ID " notifications", &notice));
    assert_true(live_notice_read("session:" ID " sign-out", &notice));
    assert_true(live_notice_read("all announcements", &notice));
}

/* What would end up in a message, or in a channel's name, is looked at closely. */
static void what_is_no_notice_is_refused(void **state) {
    (void)state;
    static const char *const strange[] = {
        "", " ", "staff", "staff ", " leads", "staff  leads", "staff secrets", "staff leads x", "staff leads " ID " x",
        "staff leads " ID " ", "staff leads " ID "0", "partner: leads", "partner:x leads", "partner:" ID "0 leads",
        "partners:" ID " leads", "everybody leads", "staff leads\"", "user:" ID, "staff leads,leads",
        "staff leads-leads-leads-leads-leads-leads-leads-leads-leads-leads-leads-leads-leads-leads",
    };
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        struct live_notice notice;
        if (live_notice_read(strange[i], &notice))
            fail_msg("\"%s\" was taken for a notice", strange[i]);
    }
}

static const char *name_of(const char *scope, const char *topic) {
    static char name[LIVE_NAME_SIZE];
    live_name(scope, live_topic_find(topic), name);
    return name;
}

static void a_permission_parts_those_who_share_a_scope(void **state) {
    (void)state;
    assert_string_equal(name_of("partner:" ID, "leads"), "partner:" ID " leads:read");
    assert_string_equal(name_of("staff", "leads"), "staff leads:read");
    assert_string_equal(name_of("staff", "commissions"), "staff commissions:read");
    assert_string_equal(name_of("staff", "messages"), "staff");
    assert_string_equal(name_of("user:" ID, "leads"), "user:" ID);
    assert_string_equal(name_of("all", "leads"), "all");
}

static void channels_are_the_secrets_and_differ(void **state) {
    (void)state;
    uint8_t secret[SHA256_SIZE] = {1}, another[SHA256_SIZE] = {2};
    char a[LIVE_CHANNEL_SIZE], b[LIVE_CHANNEL_SIZE], c[LIVE_CHANNEL_SIZE];
    live_channel(secret, "partner:" ID, a);
    live_channel(secret, "partner:" OTHER, b);
    live_channel(another, "partner:" ID, c);
    assert_int_equal(strlen(a), LIVE_CHANNEL_SIZE - 1);
    assert_string_not_equal(a, b);
    assert_string_not_equal(a, c);
    live_channel(secret, "partner:" ID, b);
    assert_string_equal(a, b);
}

static void a_crowd_spreads(void **state) {
    (void)state;
    assert_int_equal(live_spread_ms(0), 100);
    assert_int_equal(live_spread_ms(40), 100);
    assert_int_equal(live_spread_ms(10000), 25000);
    assert_int_equal(live_spread_ms(10000000), 60000);
    assert_int_equal(live_spread_ms(-1), 300);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notices_are_read),
        cmocka_unit_test(what_is_no_notice_is_refused),
        cmocka_unit_test(a_permission_parts_those_who_share_a_scope),
        cmocka_unit_test(channels_are_the_secrets_and_differ),
        cmocka_unit_test(a_crowd_spreads),
    };
    return cmocka_run_group_tests_name("live_rules", tests, NULL, NULL);
}
