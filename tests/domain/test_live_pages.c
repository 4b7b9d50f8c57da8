/* The door to live pages: who is let in to which channels, and what ends with a session. */
#include "core/text.h"
#include "jobs/live_rules.h"
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include <stdio.h>

static const char *channels_of(enum site_who who) {
    struct site_answer *answer = SITE_ASK(portal, .who = who, .path = "/events", .accept = "text/event-stream");
    assert_int_equal(answer->status, 200);
    const char *path = site_header(portal, answer, "X-Accel-Redirect");
    assert_non_null(path);
    assert_true(text_starts(path, "/_events/"));
    assert_string_equal(site_header(portal, answer, "X-Accel-Buffering"), "no");
    assert_string_equal(site_header(portal, answer, "Cache-Control"), "no-store");
    assert_int_equal(answer->size, 0);
    return path;
}

static bool hears(const char *channels, const char *name) {
    char channel[LIVE_CHANNEL_SIZE];
    live_channel(web_site(site_web(portal))->secret, name, channel);
    return strstr(channels, channel) != NULL;
}

static size_t count(const char *channels) {
    size_t n = 1;
    for (; *channels; channels++)
        n += *channels == ',';
    return n;
}

static void a_partners_people_hear_their_partner(void **state) {
    (void)state;
    const char *owner = channels_of(OWNER);
    assert_true(hears(owner, "all"));
    assert_true(hears(owner, "user:" A("11")));
    assert_true(hears(owner, "partner:" A("01")));
    assert_true(hears(owner, "partner:" A("01") " leads:read"));
    assert_true(hears(owner, "partner:" A("01") " commissions:read"));
    assert_int_equal(count(owner), 6); /* and the session's own */
    assert_false(hears(owner, "user:" A("13")));
    assert_false(hears(owner, "partner:" B("01")));
    assert_false(hears(owner, "partner:" B("01") " leads:read"));
    assert_false(hears(owner, "staff"));
    assert_false(hears(owner, "staff leads:read"));
}

static void staff_hears_what_it_may_read(void **state) {
    (void)state;
    const char *agent = channels_of(AGENT), *finance = channels_of(FINANCE), *admin = channels_of(ADMIN);
    assert_true(hears(agent, "staff leads:read") && !hears(agent, "staff commissions:read"));
    assert_true(!hears(finance, "staff leads:read") && hears(finance, "staff commissions:read"));
    assert_true(hears(admin, "staff leads:read") && hears(admin, "staff commissions:read") && hears(admin, "staff jobs:read"));
    assert_true(hears(agent, "staff") && hears(finance, "staff"));
    assert_false(hears(admin, "partner:" A("01")));
}

static void each_session_has_a_channel_by_which_it_is_cut(void **state) {
    (void)state;
    const char *session = site_value(portal, "SELECT id FROM sessions WHERE user_id = '%s'", site_who_id(SALES));
    char name[LIVE_NAME_SIZE];
    snprintf(name, sizeof name, "session:%s", session);
    assert_true(hears(channels_of(SALES), name));
    assert_false(hears(channels_of(OWNER), name));
}

static void visitors_are_refused_in_a_scripts_words(void **state) {
    (void)state;
    struct site_answer *answer = SITE_ASK(portal, .who = VISITOR, .path = "/events", .accept = "text/event-stream");
    assert_int_equal(answer->status, 401);
    assert_null(site_header(portal, answer, "X-Accel-Redirect"));
    assert_string_equal(site_header(portal, answer, "Content-Type"), "application/problem+json");
    /* no stream hangs on a question that wants none */
    answer = SITE_ASK(portal, .who = OWNER, .method = "HEAD", .path = "/events", .accept = "text/event-stream");
    assert_int_equal(answer->status, 200);
    assert_null(site_header(portal, answer, "X-Accel-Redirect"));
}

static long cuts(enum site_who who) {
    const char *n = site_value(portal, "SELECT count(*) FROM live_cuts WHERE session_id IN (SELECT id FROM pristine.sessions WHERE user_id = '%s')",
                               site_who_id(who));
    return strtol(n, NULL, 10);
}

static void whatever_ends_a_session_cuts_it(void **state) {
    (void)state;
    (void)SITE_POST(portal, OWNER, "/logout", "");
    assert_int_equal(cuts(OWNER), 1);
    site_restore(portal);
    site_sql(portal, "UPDATE users SET role = 'viewer' WHERE id = '%s'", site_who_id(SALES));
    assert_int_equal(cuts(SALES), 1);
    assert_int_equal(cuts(OWNER), 0);
    site_restore(portal);
    site_sql(portal, "UPDATE users SET status = 'disabled' WHERE id = '%s'", site_who_id(SALES));
    assert_int_equal(cuts(SALES), 1);
    site_restore(portal);
    site_sql(portal, "INSERT INTO user_permissions VALUES ('%s', 'leads:read', false)", site_who_id(SALES));
    assert_int_equal(cuts(SALES), 1);
    assert_int_equal(cuts(VIEWER), 0);
    site_restore(portal);
    site_sql(portal, "UPDATE partners SET status = 'inactive' WHERE id = '" A("01") "'");
    assert_int_equal(cuts(SALES) + cuts(OWNER) + cuts(VIEWER) + cuts(COLLEAGUE), 4);
    assert_int_equal(cuts(STRANGER) + cuts(AGENT), 0);
}

static void old_cuts_are_forgotten(void **state) {
    (void)state;
    site_sql(portal, "INSERT INTO live_cuts SELECT gen_random_uuid(), now() - interval '25 hours' FROM generate_series(1, 5)");
    (void)SITE_POST(portal, OWNER, "/logout", "");
    assert_string_equal(site_value(portal, "SELECT count(*) FROM live_cuts"), "1");
}

/* A page that is open is not somebody who is there. */
static void what_pages_ask_for_by_themselves_keeps_nobody_signed_in(void **state) {
    (void)state;
    site_sql(portal, "UPDATE sessions SET last_seen_at = now() - interval '1 hour'");
    (void)channels_of(OWNER);
    assert_string_equal(site_value(portal, "SELECT count(*) FROM sessions WHERE last_seen_at > now() - interval '59 minutes'"), "0");
    (void)SITE_GET(portal, OWNER, "/leads");
    assert_string_equal(site_value(portal, "SELECT count(*) FROM sessions WHERE last_seen_at > now() - interval '59 minutes'"), "1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_partners_people_hear_their_partner, restore),
        cmocka_unit_test_setup(staff_hears_what_it_may_read, restore),
        cmocka_unit_test_setup(each_session_has_a_channel_by_which_it_is_cut, restore),
        cmocka_unit_test_setup(visitors_are_refused_in_a_scripts_words, restore),
        cmocka_unit_test_setup(whatever_ends_a_session_cuts_it, restore),
        cmocka_unit_test_setup(old_cuts_are_forgotten, restore),
        cmocka_unit_test_setup(what_pages_ask_for_by_themselves_keeps_nobody_signed_in, restore),
    };
    return cmocka_run_group_tests_name("live_pages", tests, open_portal, close_portal);
}
