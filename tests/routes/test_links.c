/*
 * One-time links: a new password, an invitation. Both are mailed, work once, and expire.
 */
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include <stdio.h>
#include <stdlib.h>

#define RESET      "/reset/reset-of-alders-sales-0000000000000000000000"
#define LATE       "/reset/reset-too-late-00000000000000000000000000000"
#define INVITATION "/invitation/invitation-of-ivy-alder-00000000000000000000"
#define PASSWORD   "password=seven+green+bottles"

static int sign_in(const char *email, const char *password) {
    const char *form = arena_printf(site_arena(portal), "email=%s&password=%s", email, password);
    return SITE_POST(portal, VISITOR, "/login", form)->status;
}

static const char *count(const char *of) {
    return site_value(portal, "SELECT count(*) FROM %s", of);
}

/* The path of the one link in the newest mail to somebody. */
static const char *mailed(const char *recipient, const char *below) {
    const char *body = site_value(
        portal, "SELECT body FROM outbox WHERE recipient = '%s' ORDER BY created_at DESC LIMIT 1",
        recipient);
    assert_non_null(body);
    const char *link =
        strstr(body, arena_printf(site_arena(portal), "http://127.0.0.1:8080/%s/", below));
    assert_non_null(link);
    link += strlen("http://127.0.0.1:8080");
    return arena_strndup(site_arena(portal), link, strcspn(link, " \r\n\"<"));
}

static void ask_for_reset(const char *email) {
    const struct site_answer *answer =
        SITE_POST(portal, VISITOR, "/forgot", arena_printf(site_arena(portal), "email=%s", email));
    assert_int_equal(answer->status, 303);
    assert_string_equal(site_header(portal, answer, "Location"), "/forgot/sent");
}

static void expect_gone(const char *path, const char *form) {
    struct site_answer *page = SITE_GET(portal, VISITOR, path);
    assert_int_equal(page->status, 404);
    assert_contains(page->body, "used already");
    assert_int_equal(SITE_POST(portal, VISITOR, path, form)->status, 404);
}

/* ── A new password ── */

static void a_forgotten_password_is_replaced(void **state) {
    (void)state;
    ask_for_reset("SALES2%40alder.example");
    const char *path = mailed("sales2@alder.example", "reset");
    assert_true(strlen(path) >= strlen("/reset/") + 43);
    /* the token itself is nowhere but in the mail */
    assert_string_equal(
        site_value(portal, "SELECT count(*) FROM one_time_links WHERE token_hash = sha256('%s')",
                   path + strlen("/reset/")),
        "1");

    assert_int_equal(SITE_GET(portal, VISITOR, path)->status, 200);
    assert_int_equal(SITE_GET(portal, VISITOR, path)->status,
                     200); /* a look does not use it up: mail scanners look */
    site_sql(portal,
             "INSERT INTO sessions (token_hash, user_id, expires_at) VALUES (sha256('old'), '" A(
                 "14") "', now() + interval '1 day')");
    struct site_answer *answer = SITE_POST(portal, VISITOR, path, PASSWORD);
    assert_int_equal(answer->status, 303);
    const char *cookie = site_cookie(portal, answer, "session");
    assert_non_null(cookie);
    assert_int_equal(SITE_ASK(portal, .path = "/leads",
                              .cookie = arena_printf(site_arena(portal), "session=%s", cookie))
                         ->status,
                     200);
    assert_string_equal(count("sessions WHERE user_id = '" A("14") "'"), "1");
    assert_int_equal(sign_in("sales2%40alder.example", SITE_PASSWORD), 422);
    assert_int_equal(sign_in("sales2%40alder.example", "seven+green+bottles"), 303);
    expect_gone(path, PASSWORD);
}

static void a_refused_password_keeps_the_link(void **state) {
    (void)state;
    static const char *const refused[] = {"password=short", "password=", "password=1234567890",
                                          "password=sales%40alder.example", "x=y"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct site_answer *answer = SITE_POST(portal, VISITOR, RESET, refused[i]);
        assert_int_equal(answer->status, 422);
        assert_null(site_cookie(portal, answer, "session"));
    }
    assert_int_equal(SITE_POST(portal, VISITOR, RESET, PASSWORD)->status, 303);
    expect_gone(RESET, PASSWORD);
}

static void old_and_foreign_tokens_open_nothing(void **state) {
    (void)state;
    expect_gone(LATE, PASSWORD);
    expect_gone("/reset/reset-of-alders-sales-000000000000000000000", PASSWORD);   /* one short */
    expect_gone("/reset/reset-of-alders-sales-00000000000000000000000", PASSWORD); /* one long */
    expect_gone("/reset/Reset-of-alders-sales-0000000000000000000000", PASSWORD);
    expect_gone("/reset/%27%20OR%20true%20--", PASSWORD);
    expect_gone("/reset/invitation-of-ivy-alder-00000000000000000000",
                PASSWORD); /* of the other kind */
    expect_gone("/invitation/reset-of-alders-sales-0000000000000000000000", "name=X&" PASSWORD);
    /* what the database holds is no token */
    const char *hash = site_value(
        portal,
        "SELECT encode(token_hash, 'hex') FROM one_time_links WHERE user_id = '" A("13") "'");
    expect_gone(arena_printf(site_arena(portal), "/reset/%s", hash), PASSWORD);
    assert_int_equal(SITE_GET(portal, VISITOR, RESET)->status, 200);
}

static void a_disabled_account_is_not_let_in_by_a_link(void **state) {
    (void)state;
    site_sql(portal, "UPDATE users SET status = 'disabled' WHERE id = '" A("13") "'");
    expect_gone(RESET, PASSWORD);
    site_sql(portal, "INSERT INTO one_time_links VALUES (sha256('planted'), '" A(
                         "13") "', 'reset', now(), now() + interval '1 hour')");
    expect_gone("/reset/planted", PASSWORD);
    ask_for_reset("sales%40alder.example");
    assert_string_equal(count("outbox WHERE body <> ''"), "0");
}

/* A reset link makes nobody active who is not. */
static void a_partner_that_ended_stays_out(void **state) {
    (void)state;
    site_sql(portal, "UPDATE partners SET status = 'inactive' WHERE id = '" A("01") "'");
    ask_for_reset("owner%40alder.example");
    assert_string_equal(count("outbox WHERE body <> ''"), "0");
    struct site_answer *answer = SITE_POST(portal, VISITOR, RESET, PASSWORD);
    const char *cookie = site_cookie(portal, answer, "session");
    if (cookie)
        assert_int_equal(SITE_ASK(portal, .path = "/leads",
                                  .cookie = arena_printf(site_arena(portal), "session=%s", cookie))
                             ->status,
                         303);
}

static void asking_tells_nothing_and_mails_few(void **state) {
    (void)state;
    static const char *const nobody[] = {"nobody%40nowhere.example", "disabled%40alder.example",
                                         "invited%40alder.example"};
    for (size_t i = 0; i < 3; i++)
        ask_for_reset(nobody[i]);
    assert_string_equal(count("outbox WHERE body <> ''"), "0");
    for (int i = 0; i < 9; i++)
        ask_for_reset("owner%40alder.example");
    assert_string_equal(count("outbox WHERE body <> ''"), "5");
    assert_string_equal(count("one_time_links WHERE user_id = '" A("11") "'"),
                        "1"); /* the newest */
    for (int i = 0; i < 40; i++)
        ask_for_reset(
            arena_printf(site_arena(portal), "%s%%40staff.example", i % 2 ? "agent" : "finance"));
    assert_true(strtol(count("outbox WHERE body <> ''"), NULL, 10) <= 15);
}

static void a_newer_link_replaces_the_older(void **state) {
    (void)state;
    ask_for_reset("owner%40alder.example");
    const char *first = mailed("owner@alder.example", "reset");
    ask_for_reset("owner%40alder.example");
    const char *second = mailed("owner@alder.example", "reset");
    assert_string_not_equal(first, second);
    expect_gone(first, PASSWORD);
    assert_int_equal(SITE_POST(portal, VISITOR, second, PASSWORD)->status, 303);
}

static void mails_name_the_programme(void **state) {
    (void)state;
    site_sql(portal, "UPDATE programme SET name = 'Harbour & Co''s'");
    ask_for_reset("owner%40alder.example");
    assert_int_equal(SITE_POST(portal, OWNER, "/team/" A("17") "/invite", "")->status, 303);
    assert_string_equal(
        count("outbox WHERE subject LIKE 'Harbour & Co''s: %' AND body LIKE '%Harbour & Co''s%'"),
        "2");
}

/* ── An invitation ── */

static void an_invitation_is_accepted(void **state) {
    (void)state;
    struct site_answer *page = SITE_GET(portal, VISITOR, INVITATION);
    assert_int_equal(page->status, 200);
    assert_contains(page->body, "Ivy Alder");
    assert_int_equal(SITE_POST(portal, VISITOR, INVITATION, "name=&" PASSWORD)->status, 422);
    assert_int_equal(SITE_POST(portal, VISITOR, INVITATION, "name=Ivy&password=ivy+alder")->status,
                     422);
    struct site_answer *answer = SITE_POST(
        portal, VISITOR, INVITATION, "name=Ivy+Green&" PASSWORD "&role=owner&status=disabled");
    assert_int_equal(answer->status, 303);
    assert_string_equal(
        site_value(portal, "SELECT name || role || status FROM users WHERE id = '" A("17") "'"),
        "Ivy Greensalesactive");
    const char *cookie = site_cookie(portal, answer, "session");
    assert_int_equal(SITE_ASK(portal, .path = "/leads",
                              .cookie = arena_printf(site_arena(portal), "session=%s", cookie))
                         ->status,
                     200);
    expect_gone(INVITATION, "name=X&" PASSWORD);
    assert_int_equal(sign_in("invited%40alder.example", "seven+green+bottles"), 303);
}

/* Somebody else may be signed in in the same browser: the link speaks for its own person. */
static void a_link_works_in_anybodys_browser(void **state) {
    (void)state;
    static const enum site_who whose[] = {SALES, VIEWER, STRANGER, SUPPORT};
    for (size_t i = 0; i < sizeof whose / sizeof *whose; i++) {
        struct site_answer *answer = SITE_POST(portal, whose[i], INVITATION, "name=Ivy&" PASSWORD);
        assert_int_equal(answer->status, 303);
        const char *cookie = site_cookie(portal, answer, "session");
        const char *header = arena_printf(site_arena(portal), "session=%s", cookie);
        assert_contains(SITE_ASK(portal, .path = "/account", .cookie = header)->body,
                        "invited@alder.example");
        /* the audit names who was let in, not who sat there before */
        assert_string_equal(
            site_value(portal, "SELECT user_id FROM audit WHERE action = 'users.password'"),
            A("17"));
        site_restore(portal);
    }
}

static void an_owner_invites_and_takes_back(void **state) {
    (void)state;
    assert_int_equal(SITE_POST(portal, OWNER, "/team/new",
                               "email=New.Person%40alder.example&name=New+Person&role=viewer")
                         ->status,
                     303);
    const char *first = mailed("New.Person@alder.example", "invitation");
    const char *id =
        site_value(portal, "SELECT id FROM users WHERE email = 'New.Person@alder.example'");
    assert_int_equal(
        SITE_POST(portal, OWNER, arena_printf(site_arena(portal), "/team/%s/invite", id), "")
            ->status,
        303);
    const char *second = mailed("New.Person@alder.example", "invitation");
    assert_string_not_equal(first, second);
    expect_gone(first, "name=X&" PASSWORD);
    assert_int_equal(SITE_GET(portal, VISITOR, second)->status, 200);
    assert_int_equal(
        SITE_POST(portal, OWNER, arena_printf(site_arena(portal), "/team/%s/delete", id), "")
            ->status,
        303);
    expect_gone(second, "name=X&" PASSWORD);
    assert_string_equal(site_value(portal, "SELECT count(*) FROM users WHERE id = '%s'", id), "0");
    /* whoever is there already cannot be taken back or invited again */
    assert_int_equal(SITE_POST(portal, OWNER, "/team/" A("13") "/delete", "")->status, 404);
    assert_int_equal(SITE_POST(portal, OWNER, "/team/" A("13") "/invite", "")->status, 404);
}

static void an_address_is_invited_once(void **state) {
    (void)state;
    static const char *const taken[] = {"sales%40alder.example", "SALES%40Alder.Example",
                                        "owner%40zebulon.example", "admin%40staff.example"};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        struct site_answer *answer =
            SITE_POST(portal, OWNER, "/team/new",
                      arena_printf(site_arena(portal), "email=%s&name=X&role=sales", taken[i]));
        assert_int_equal(answer->status, 422);
        assert_contains(answer->body, "There is an account with this address already.");
        assert_contains(answer->body, "f-email-error");
    }
    assert_string_equal(count("outbox WHERE body <> ''"), "0");
}

static void an_invitation_expires(void **state) {
    (void)state;
    site_sql(portal, "UPDATE one_time_links SET expires_at = now() - interval '1 second' WHERE "
                     "purpose = 'invitation'");
    expect_gone(INVITATION, "name=X&" PASSWORD);
    assert_string_equal(site_value(portal, "SELECT status FROM users WHERE id = '" A("17") "'"),
                        "invited");
}

/* What people type as their name reaches a mail as text. */
static void names_do_no_harm_in_mails(void **state) {
    (void)state;
    assert_int_equal(SITE_POST(portal, OWNER, "/team/new",
                               "email=x%40y.example&role=viewer&name=%3Cb%3E%7B%7Blink%7D%7D%26+%"
                               "0D%0ABcc%3A+z%40z.example")
                         ->status,
                     303);
    assert_string_equal(site_value(portal, "SELECT name FROM users WHERE email = 'x@y.example'"),
                        "<b>{{link}}&  Bcc: z@z.example");
    assert_string_equal(site_value(portal, "SELECT recipient FROM outbox WHERE body <> ''"), "x@y.example");
    assert_null(strchr(site_value(portal, "SELECT subject FROM outbox WHERE body <> ''"), '\n'));
    assert_contains(site_value(portal, "SELECT body FROM outbox WHERE body <> ''"),
                    "Hello <b>{{link}}&  Bcc: z@z.example,"); /* it is no HTML */
    assert_contains(mailed("x@y.example", "invitation"), "/invitation/");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_forgotten_password_is_replaced, restore),
        cmocka_unit_test_setup(a_refused_password_keeps_the_link, restore),
        cmocka_unit_test_setup(old_and_foreign_tokens_open_nothing, restore),
        cmocka_unit_test_setup(a_disabled_account_is_not_let_in_by_a_link, restore),
        cmocka_unit_test_setup(a_partner_that_ended_stays_out, restore),
        cmocka_unit_test_setup(asking_tells_nothing_and_mails_few, restore),
        cmocka_unit_test_setup(a_newer_link_replaces_the_older, restore),
        cmocka_unit_test_setup(mails_name_the_programme, restore),
        cmocka_unit_test_setup(an_invitation_is_accepted, restore),
        cmocka_unit_test_setup(a_link_works_in_anybodys_browser, restore),
        cmocka_unit_test_setup(an_owner_invites_and_takes_back, restore),
        cmocka_unit_test_setup(an_address_is_invited_once, restore),
        cmocka_unit_test_setup(an_invitation_expires, restore),
        cmocka_unit_test_setup(names_do_no_harm_in_mails, restore),
    };
    return cmocka_run_group_tests_name("routes: one-time links", tests, open_portal, close_portal);
}
