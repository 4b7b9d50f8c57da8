/*
 * How each one wants to hear of what: choices, times, number, browsers.
 */
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include <stdio.h>
#include <stdlib.h>

#define SETTINGS "/account/notifications"
#define KEY      "p256dh=Bxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx&auth=xxxxxxxxxxxxxxxxxxxxxx"

static const char *page_of(enum site_who who, const char *path) {
    struct site_answer *answer = SITE_GET(portal, who, path);
    assert_int_equal(answer->status, 200);
    return answer->body;
}

static const char *choices_of(enum site_who who) {
    const char *list = site_value(portal, "SELECT string_agg(concat_ws(' ', type, coalesce(email, '-'), coalesce(push, '-'), coalesce(sms, '-')), ', ' ORDER BY type)"
                                          " FROM notification_choices WHERE user_id = '%s'",
                                  site_who_id(who));
    return list ? list : "";
}

static void saves(enum site_who who, const char *form) {
    struct site_answer *answer = SITE_POST(portal, who, SETTINGS, form);
    if (answer->status != 303)
        fail_msg("%s: %d %s", form, answer->status, answer->body);
}

/* ── Choices ── */

static void everybody_chooses_among_what_they_can_hear_of(void **state) {
    (void)state;
    const char *body = page_of(OWNER, SETTINGS);
    assert_contains(body, "email.commission.new");
    assert_lacks(body, "lead.created");
    assert_lacks(body, "job.dead");
    body = page_of(FINANCE, SETTINGS);
    assert_lacks(body, "lead.won"); /* no leads:read */
    assert_lacks(body, "commission.new");
    assert_contains(body, "email.message.new");
    assert_contains(page_of(ADMIN, SETTINGS), "email.job.dead");
    assert_lacks(page_of(AGENT, SETTINGS), "job.dead");
    /* what isn't theirs is not taken either */
    saves(OWNER, "digest_at=08%3A00&has.lead.created=1&email.lead.created=now&has.job.dead=1&email.job.dead=now");
    assert_string_equal(choices_of(OWNER), "");
}

static void a_choice_is_kept_where_it_differs_from_the_default(void **state) {
    (void)state;
    /* lead.won: mail now and push on; lead.stage: digest and off. A box that isn't ticked is not sent. */
    saves(OWNER, "digest_at=08%3A00&has.lead.won=1&email.lead.won=digest&has.lead.stage=1&email.lead.stage=digest&push.lead.stage=now&sms.lead.stage=now");
    assert_string_equal(choices_of(OWNER), "lead.stage - now now, lead.won digest off -");
    const char *body = page_of(OWNER, SETTINGS);
    assert_contains(body, "A lead was won<span class=\"badge\" data-variant=\"info\" data-plain>Changed</span>");
    assert_contains(body, "At once (default)");
    /* back to the default: nothing is kept, so that it follows the programme's */
    saves(OWNER, "digest_at=08%3A00&has.lead.won=1&email.lead.won=now&push.lead.won=now");
    assert_string_equal(choices_of(OWNER), "lead.stage - now now");
    /* a line that the form didn't have stays as it is */
    saves(OWNER, "digest_at=08%3A00");
    assert_string_equal(choices_of(OWNER), "lead.stage - now now");
    assert_int_equal(SITE_POST(portal, OWNER, SETTINGS, "digest_at=08%3A00&has.lead.won=1&email.lead.won=pigeon")->status, 400);
    assert_string_equal(choices_of(SALES), "");
}

static void what_is_mandatory_is_locked(void **state) {
    (void)state;
    const char *body = page_of(OWNER, SETTINGS);
    assert_lacks(body, "name=\"email.payout.sent\"");
    assert_contains(body, "Always mailed: it is about your money.");
    assert_contains(body, "Always mailed: it keeps your account safe.");
    assert_contains(body, "name=\"push.payout.sent\"");
    saves(OWNER, "digest_at=08%3A00&has.payout.sent=1&email.payout.sent=off&has.account.password=1&email.account.password=digest");
    assert_string_equal(choices_of(OWNER), "payout.sent - off -"); /* the push may be */
}

static void ways_that_the_portal_lacks_are_not_offered(void **state) {
    (void)state;
    site_sql(portal, "INSERT INTO notification_choices VALUES ('" A("11") "', 'lead.won', NULL, 'now', 'off')");
    struct config *config = site_config(portal);
    char *key = config->push_key_file, *sms = config->sms_url, none[] = "";
    config->push_key_file = config->sms_url = none;
    struct site_answer *page = SITE_GET(portal, OWNER, SETTINGS), *answer = SITE_GET(portal, OWNER, "/account/push/key");
    struct site_answer *saved = SITE_POST(portal, OWNER, SETTINGS, "digest_at=08%3A00&has.lead.won=1&email.lead.won=now");
    config->push_key_file = key;
    config->sms_url = sms;
    assert_lacks(page->body, "push.lead.won");
    assert_lacks(page->body, "sms.lead.won");
    assert_lacks(page->body, "data-push");
    assert_int_equal(answer->status, 404);
    assert_int_equal(saved->status, 303);
    assert_string_equal(choices_of(OWNER), "lead.won - off now"); /* and what was chosen before stays */
}

/* ── Times and number ── */

static const char *settings_of(enum site_who who) {
    return site_value(portal, "SELECT concat_ws(' ', digest_at, quiet_from, quiet_to, phone) FROM users WHERE id = '%s'", site_who_id(who));
}

static void times_and_number_are_kept(void **state) {
    (void)state;
    saves(SALES, "digest_at=07%3A30&quiet_from=22%3A00&quiet_to=06%3A30&phone=00971+50+123-4567");
    assert_string_equal(settings_of(SALES), "07:30:00 22:00:00 06:30:00 +971501234567");
    const char *body = page_of(SALES, SETTINGS);
    assert_contains(body, "<option value=\"22:00\" selected>22:00</option>");
    assert_contains(body, "+971501234567");
    assert_string_equal(settings_of(OWNER), "08:00:00");
    saves(SALES, "digest_at=07%3A30");
    assert_string_equal(settings_of(SALES), "07:30:00");
    /* a time that isn't among the half hours is among the choices when it is one's own */
    site_sql(portal, "UPDATE users SET digest_at = '07:10' WHERE id = '" A("13") "'");
    assert_contains(page_of(SALES, SETTINGS), "<option value=\"07:10\" selected>07:10</option>");
}

static void what_is_wrong_is_said_beside_its_field(void **state) {
    (void)state;
    static const char *const samples[][3] = {
        {"digest_at=08%3A00&quiet_from=22%3A00", "f-quiet_to-error", "Say when the quiet hours end"},
        {"digest_at=08%3A00&quiet_to=06%3A00", "f-quiet_from-error", "Say when the quiet hours begin"},
        {"digest_at=08%3A00&quiet_from=22%3A00&quiet_to=22%3A00", "f-quiet_to-error", "The quiet hours end when they begin"},
        {"digest_at=08%3A00&phone=050+123+4567", "f-phone-error", "Begin with + and the country"},
        {"digest_at=08%3A00&phone=call+me", "f-phone-error", "is not a phone number"},
        {"phone=%2B971501234567", "f-digest_at-error", "digest"},
    };
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        const char *form = arena_printf(site_arena(portal), "%s&has.lead.won=1&email.lead.won=off&has.lead.stage=1&email.lead.stage=digest&push.lead.stage=now", samples[i][0]);
        struct site_answer *answer = SITE_POST(portal, SALES, SETTINGS, form);
        assert_int_equal(answer->status, 422);
        const char *error = strstr(answer->body, samples[i][1]);
        assert_non_null(error);
        assert_contains(answer->body, samples[i][2]);
        /* what was chosen is still there */
        const char *row = strstr(answer->body, "name=\"email.lead.won\"");
        assert_non_null(row);
        assert_contains(arena_strndup(site_arena(portal), row, 700), "<option value=\"off\" selected>");
        row = strstr(answer->body, "name=\"push.lead.stage\"");
        assert_contains(arena_strndup(site_arena(portal), row, 200), " checked>");
    }
    assert_string_equal(settings_of(SALES), "08:00:00");
    assert_string_equal(choices_of(SALES), "");
    assert_int_equal(SITE_POST(portal, SALES, SETTINGS, "digest_at=noon")->status, 400);
}

static void everything_can_be_as_it_was(void **state) {
    (void)state;
    saves(SALES, "digest_at=07%3A30&quiet_from=22%3A00&quiet_to=06%3A30&phone=%2B971501234567&has.lead.won=1&email.lead.won=off");
    assert_int_equal(SITE_POST(portal, SALES, SETTINGS "/reset", "")->status, 303);
    assert_string_equal(settings_of(SALES), "08:00:00 +971501234567");
    assert_string_equal(choices_of(SALES), "");
}

/* ── Browsers ── */

static const char *browsers(enum site_who who) {
    const char *list = site_value(portal, "SELECT string_agg(endpoint, ' ' ORDER BY endpoint) FROM push_subscriptions WHERE user_id = '%s'", site_who_id(who));
    return list ? list : "";
}

static void a_browser_is_handed_in_and_taken_off(void **state) {
    (void)state;
    struct site_answer *key = SITE_GET(portal, SALES, "/account/push/key");
    assert_int_equal(key->size, 87);
    assert_int_equal(key->body[0], 'B'); /* an uncompressed point */
    assert_int_equal(SITE_POST(portal, SALES, "/account/push", "endpoint=https%3A%2F%2Fpush.example%2F1&" KEY)->status, 303);
    assert_string_equal(browsers(SALES), "https://push.example/1");
    assert_contains(page_of(SALES, SETTINGS), "This browser</span>");
    /* the same once more, with new keys */
    assert_int_equal(SITE_POST(portal, SALES, "/account/push", "endpoint=https%3A%2F%2Fpush.example%2F1&" KEY)->status, 303);
    assert_string_equal(browsers(SALES), "https://push.example/1");
    static const char *const wrong[] = {"endpoint=http%3A%2F%2Fpush.example%2F2&" KEY, "endpoint=ftp%3A%2F%2Fx&" KEY, "endpoint=https%3A%2F%2Fpush.example%2F2&p256dh=zzz&auth=zz",
                                        "endpoint=https%3A%2F%2Fpush.example%2F2", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(SITE_POST(portal, SALES, "/account/push", wrong[i])->status, 422);
    const char *id = site_value(portal, "SELECT id FROM push_subscriptions WHERE user_id = '" A("13") "'");
    assert_int_equal(SITE_POST(portal, OWNER, arena_printf(site_arena(portal), "/account/push/%s/delete", id), "")->status, 404);
    assert_int_equal(SITE_POST(portal, SALES, arena_printf(site_arena(portal), "/account/push/%s/delete", id), "")->status, 303);
    assert_string_equal(browsers(SALES), "");
}

static void signing_out_ends_it_until_one_is_back(void **state) {
    (void)state;
    static const char once_more[] = "renew=true&endpoint=https%3A%2F%2Fpush.example%2F1&" KEY;
    assert_int_equal(SITE_POST(portal, SALES, "/account/push", "endpoint=https%3A%2F%2Fpush.example%2F1&" KEY)->status, 303);
    site_sql(portal, "DELETE FROM sessions WHERE user_id = '" A("14") "'"); /* somebody else signs out */
    assert_string_equal(browsers(SALES), "https://push.example/1");
    /* a session that ran out leaves the browser be */
    site_sql(portal, "CREATE TEMPORARY TABLE kept AS SELECT * FROM sessions WHERE user_id = '" A("13") "'; UPDATE sessions SET expires_at = now() - interval '1 minute' WHERE user_id = '" A("13") "';"
                     "DELETE FROM sessions WHERE user_id = '" A("13") "'; INSERT INTO sessions SELECT * FROM kept; DROP TABLE kept");
    assert_string_equal(browsers(SALES), "https://push.example/1");
    assert_int_equal(SITE_POST(portal, OWNER, "/account/push", once_more)->status, 404); /* it was never theirs */
    site_sql(portal, "CREATE TEMPORARY TABLE kept AS SELECT * FROM sessions WHERE user_id = '" A("13") "'; DELETE FROM sessions WHERE user_id = '" A("13") "';"
                     "INSERT INTO sessions SELECT * FROM kept; DROP TABLE kept");
    assert_string_equal(browsers(SALES), "");
    assert_int_equal(SITE_POST(portal, SALES, "/account/push", once_more)->status, 303);
    assert_string_equal(browsers(SALES), "https://push.example/1");
    /* but not one that was taken off the list meanwhile */
    site_sql(portal, "DELETE FROM push_subscriptions WHERE user_id = '" A("13") "'");
    assert_int_equal(SITE_POST(portal, SALES, "/account/push", once_more)->status, 404);
    assert_string_equal(browsers(SALES), "");
}

static void a_shared_browser_is_its_last_users(void **state) {
    (void)state;
    assert_int_equal(SITE_POST(portal, SALES, "/account/push", "endpoint=https%3A%2F%2Fpush.example%2F1&" KEY)->status, 303);
    assert_int_equal(SITE_POST(portal, VIEWER, "/account/push", "endpoint=https%3A%2F%2Fpush.example%2F1&" KEY)->status, 303);
    assert_string_equal(browsers(SALES), "");
    assert_string_equal(browsers(VIEWER), "https://push.example/1");
    /* who merely knows the address, and not the browser's keys, takes nothing away */
    assert_int_equal(SITE_POST(portal, OWNER, "/account/push", "endpoint=https%3A%2F%2Fpush.example%2Fzebulon&" KEY)->status, 409);
    assert_string_equal(browsers(STRANGER), "https://push.example/zebulon");
    for (int i = 0; i < 12; i++)
        assert_int_equal(SITE_POST(portal, VIEWER, "/account/push", arena_printf(site_arena(portal), "endpoint=https%%3A%%2F%%2Fpush.example%%2Fn%d&" KEY, i))->status, 303);
    assert_string_equal(site_value(portal, "SELECT count(*) FROM push_subscriptions WHERE user_id = '" A("15") "'"), "10");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(everybody_chooses_among_what_they_can_hear_of, restore),
        cmocka_unit_test_setup(a_choice_is_kept_where_it_differs_from_the_default, restore),
        cmocka_unit_test_setup(what_is_mandatory_is_locked, restore),
        cmocka_unit_test_setup(ways_that_the_portal_lacks_are_not_offered, restore),
        cmocka_unit_test_setup(times_and_number_are_kept, restore),
        cmocka_unit_test_setup(what_is_wrong_is_said_beside_its_field, restore),
        cmocka_unit_test_setup(everything_can_be_as_it_was, restore),
        cmocka_unit_test_setup(a_browser_is_handed_in_and_taken_off, restore),
        cmocka_unit_test_setup(signing_out_ends_it_until_one_is_back, restore),
        cmocka_unit_test_setup(a_shared_browser_is_its_last_users, restore),
    };
    return cmocka_run_group_tests_name("routes: notification settings", tests, open_portal, close_portal);
}
