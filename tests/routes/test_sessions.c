/*
 * Signing in and out, how long a session lasts, throttling, what the cookie looks like, CSRF, and
 * where next= may lead. One-time links: test_links.c.
 */
#include "app/routes.h"
#include "core/crypto.h"
#include "core/text.h"
#include "tests/routes/expected.h"
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int wrong;

static int begin(void **state) {
    wrong = 0;
    restore(state);
    site_config(portal)->argon2 = (struct argon2_cost){.memory = 64, .passes = 1, .lanes = 1};
    site_config(portal)->secure_cookies = false;
    return 0;
}

static struct site_answer *sign_in(const char *email, const char *password, const char *more) {
    const char *form =
        arena_printf(site_arena(portal), "email=%s&password=%s%s", email, password, more);
    return SITE_POST(portal, VISITOR, "/login", form);
}

static int status_with(const char *cookie_value, const char *path) {
    return SITE_ASK(portal, .path = path,
                    .cookie = arena_printf(site_arena(portal), "session=%s", cookie_value))
        ->status;
}

static long sessions_of(enum site_who who) {
    return strtol(
        site_value(portal, "SELECT count(*) FROM sessions WHERE user_id = '%s'", site_who_id(who)),
        NULL, 10);
}

/* ── The same time and the same words ── */

static double seconds_for(const char *email) {
    clock_t before = clock();
    struct site_answer *answer = sign_in(email, "not+the+password", "");
    clock_t after = clock();
    assert_int_equal(answer->status, 422);
    return (double)(after - before) / CLOCKS_PER_SEC;
}

/* Processor time, so that a busy machine makes no difference. Must run first: the hash that unknown
 * accounts are compared with is made once. */
static void an_unknown_account_costs_as_much(void **state) {
    (void)state;
    char hash[PASSWORD_HASH_SIZE];
    site_config(portal)->argon2 = (struct argon2_cost){.memory = 32768, .passes = 3, .lanes = 1};
    assert_true(crypto_password_hash(SITE_PASSWORD, &site_config(portal)->argon2, hash));
    site_sql(portal, "UPDATE users SET password_hash = '%s' WHERE status <> 'invited'", hash);
    (void)seconds_for("nobody%40nowhere.example"); /* makes that hash */
    double known = seconds_for("sales%40alder.example");
    static const char *const unknown[] = {"nobody%40nowhere.example", "invited%40alder.example",
                                          "disabled%40alder.example"};
    for (size_t i = 0; i < 3; i++) {
        double here = seconds_for(unknown[i]);
        if (here < known * 0.5 || here > known * 2)
            fail_msg("%s took %.3f s, a known account %.3f s", unknown[i], here, known);
    }
}

/* The answer without what is different each time. */
static char *words_of(const struct site_answer *answer, const char *email) {
    char *text = arena_strdup(site_arena(portal), answer->body);
    const char *id = site_header(portal, answer, "X-Request-Id");
    const char *gone[] = {id, email};
    for (size_t i = 0; i < 2; i++)
        for (char *at = strstr(text, gone[i]); at; at = strstr(at, gone[i]))
            memmove(at, at + strlen(gone[i]), strlen(at + strlen(gone[i])) + 1);
    return text;
}

static void no_account_is_given_away(void **state) {
    (void)state;
    site_sql(portal, "UPDATE partners SET status = 'inactive' WHERE id = '" B("01") "'");
    static const char *const emails[] = {"nobody@nowhere.example", "sales@alder.example",
                                         "disabled@alder.example", "invited@alder.example",
                                         "owner@zebulon.example",  "agent@staff.example"};
    const char *first = NULL;
    for (size_t i = 0; i < sizeof emails / sizeof *emails; i++) {
        struct site_answer *answer = sign_in(emails[i], "not+the+password", "");
        assert_int_equal(answer->status, 422);
        const char *words = words_of(answer, emails[i]);
        assert_contains(words, "not right");
        if (!first)
            first = words;
        assert_string_equal(words, first);
    }
    /* the right password of those who may not sign in says no more */
    static const char *const barred[] = {"disabled@alder.example", "owner@zebulon.example"};
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(words_of(sign_in(barred[i], SITE_PASSWORD, ""), barred[i]), first);
    assert_string_equal(
        site_value(portal, "SELECT count(*) FROM sessions WHERE user_id = '" A("18") "'"), "0");
}

/* ── The cookie ── */

static const char *set_cookie(const struct site_answer *answer, const char *name) {
    const char *at =
        strstr(answer->headers, arena_printf(site_arena(portal), "Set-Cookie: %s=", name));
    return at ? arena_strndup(site_arena(portal), at, strcspn(at, "\r")) : NULL;
}

static void signing_in_sets_a_careful_cookie(void **state) {
    (void)state;
    struct site_answer *answer = sign_in("sales%40alder.example", SITE_PASSWORD, "");
    assert_int_equal(answer->status, 303);
    assert_string_equal(site_header(portal, answer, "Location"), "/dashboard");
    const char *cookie = set_cookie(answer, "session");
    assert_non_null(cookie);
    assert_contains(cookie, "; HttpOnly");
    assert_contains(cookie, "; SameSite=Lax");
    assert_contains(cookie, "; Path=/");
    assert_contains(cookie, arena_printf(site_arena(portal), "; Max-Age=%ld",
                                         site_config(portal)->session_absolute));
    assert_lacks(cookie, "Secure");
    assert_lacks(cookie, "Domain");
    const char *value = site_cookie(portal, answer, "session");
    assert_int_equal(strlen(value), 44);
    assert_int_equal(value[0], 'p');
    assert_int_equal(status_with(value, "/leads"), 200);
    /* the database knows its hash alone */
    assert_string_equal(site_value(portal,
                                   "SELECT count(*) FROM sessions WHERE token_hash = sha256('%s')",
                                   value + 1),
                        "1");
    assert_string_equal(site_value(portal,
                                   "SELECT count(*) FROM sessions AS s WHERE s::text LIKE '%%%s%%'",
                                   value + 1),
                        "0");
}

static void over_tls_the_cookie_is_bound_to_the_host(void **state) {
    (void)state;
    site_config(portal)->secure_cookies = true;
    struct site_answer *answer = sign_in("admin%40staff.example", SITE_PASSWORD, "");
    const char *cookie = set_cookie(answer, "__Host-session");
    assert_int_equal(answer->status, 303);
    assert_non_null(cookie);
    assert_contains(cookie, "; Secure");
    assert_contains(cookie, "; HttpOnly");
    assert_contains(cookie, "; Path=/");
    assert_lacks(cookie, "Domain");
    assert_null(set_cookie(answer, "session"));
    const char *value = site_cookie(portal, answer, "__Host-session");
    assert_int_equal(value[0], 's');
    assert_int_equal(
        SITE_ASK(portal, .path = "/admin/audit",
                 .cookie = arena_printf(site_arena(portal), "__Host-session=%s", value))
            ->status,
        200);
    /* a cookie that another host of the domain may have set is none */
    assert_int_equal(SITE_ASK(portal, .path = "/admin/audit",
                              .cookie = arena_printf(site_arena(portal), "session=%s", value))
                         ->status,
                     303);
}

static void a_session_never_outlives_its_sign_in(void **state) {
    (void)state;
    const char *visitor = site_session(portal, VISITOR);
    struct site_answer *first = sign_in("sales%40alder.example", SITE_PASSWORD, "");
    const char *one = site_cookie(portal, first, "session");
    assert_string_not_equal(one + 1, visitor + 1);
    /* once more in the same browser: another token, and the old one is worth nothing */
    const char *header = arena_printf(site_arena(portal), "session=%s", one);
    struct site_answer *again =
        SITE_ASK(portal, .path = "/login", .cookie = header,
                 .form = "email=sales%40alder.example&password=" SITE_PASSWORD);
    const char *two = site_cookie(portal, again, "session");
    assert_non_null(two);
    assert_string_not_equal(one, two);
    assert_int_equal(status_with(one, "/leads"), 303);
    assert_int_equal(status_with(two, "/leads"), 200);
    /* the token of a visitor's cookie is never a session's, whatever letter is put before it */
    assert_int_equal(status_with(arena_printf(site_arena(portal), "p%s", visitor + 1), "/leads"),
                     303);
}

/* ── The end of a session ── */

static void signing_out_ends_it(void **state) {
    (void)state;
    struct site_answer *answer = SITE_POST(portal, SALES, "/logout", "");
    assert_int_equal(answer->status, 303);
    assert_string_equal(site_header(portal, answer, "Location"), "/login");
    assert_string_equal(site_cookie(portal, answer, "session"), "");
    assert_contains(set_cookie(answer, "session"), "Max-Age=0");
    assert_int_equal(SITE_GET(portal, SALES, "/leads")->status, 303);
    assert_int_equal(sessions_of(SALES), 0);
    assert_int_equal(SITE_GET(portal, OWNER, "/leads")->status, 200);
    /* once more is no mistake */
    assert_int_equal(SITE_POST(portal, SALES, "/logout", "")->status, 303);
}

static void signing_out_everywhere_ends_all(void **state) {
    (void)state;
    const char *other =
        site_cookie(portal, sign_in("sales%40alder.example", SITE_PASSWORD, ""), "session");
    assert_int_equal(sessions_of(SALES), 2);
    assert_int_equal(SITE_POST(portal, SALES, "/account/sessions/delete", "")->status, 303);
    assert_int_equal(sessions_of(SALES), 0);
    assert_int_equal(status_with(other, "/leads"), 303);
    assert_int_equal(sessions_of(OWNER), 1);
}

static void one_device_is_signed_out_alone(void **state) {
    (void)state;
    const char *other =
        site_cookie(portal, sign_in("sales%40alder.example", SITE_PASSWORD, ""), "session");
    const char *id =
        site_value(portal, "SELECT id FROM sessions WHERE token_hash = sha256('%s')", other + 1);
    const char *path = arena_printf(site_arena(portal), "/account/sessions/%s/delete", id);
    assert_int_equal(SITE_POST(portal, OWNER, path, "")->status, 404); /* not theirs */
    assert_int_equal(status_with(other, "/leads"), 200);
    assert_int_equal(SITE_POST(portal, SALES, path, "")->status, 303);
    assert_int_equal(status_with(other, "/leads"), 303);
    assert_int_equal(SITE_GET(portal, SALES, "/leads")->status, 200);
    assert_int_equal(SITE_POST(portal, SALES, path, "")->status, 404);
}

static void sessions_end_by_themselves(void **state) {
    (void)state;
    long idle = site_config(portal)->session_idle;
    site_sql(
        portal,
        "UPDATE sessions SET last_seen_at = now() - make_interval(secs => %ld) WHERE user_id = '" A(
            "13") "'",
        idle - 30);
    assert_int_equal(SITE_GET(portal, SALES, "/leads")->status, 200); /* and is fresh again */
    assert_string_equal(
        site_value(
            portal,
            "SELECT last_seen_at > now() - interval '1 minute' FROM sessions WHERE user_id = '" A(
                "13") "'"),
        "t");
    site_sql(
        portal,
        "UPDATE sessions SET last_seen_at = now() - make_interval(secs => %ld) WHERE user_id = '" A(
            "13") "'",
        idle + 1);
    assert_int_equal(SITE_GET(portal, SALES, "/leads")->status, 303);
    assert_int_equal(
        SITE_ASK(portal, .who = SALES, .path = "/account", .form = "name=X&timezone=UTC&theme=dark")
            ->status,
        401);
    assert_string_equal(site_value(portal, "SELECT name FROM users WHERE id = '" A("13") "'"),
                        "Sam Alder");

    site_sql(portal,
             "UPDATE sessions SET expires_at = now() - interval '1 second' WHERE user_id = '" A(
                 "11") "'");
    assert_int_equal(SITE_GET(portal, OWNER, "/leads")->status, 303);
    assert_int_equal(SITE_GET(portal, COLLEAGUE, "/leads")->status, 200);
}

static void a_sessions_age_is_written_once_a_minute(void **state) {
    (void)state;
    site_sql(portal,
             "UPDATE sessions SET last_seen_at = now() - interval '40 seconds' WHERE user_id = '" A(
                 "13") "'");
    const char *before =
        site_value(portal, "SELECT last_seen_at FROM sessions WHERE user_id = '" A("13") "'");
    (void)SITE_GET(portal, SALES, "/leads");
    assert_string_equal(
        site_value(portal, "SELECT last_seen_at FROM sessions WHERE user_id = '" A("13") "'"),
        before);
}

static void a_change_of_rights_ends_sessions_at_once(void **state) {
    (void)state;
    assert_int_equal(SITE_POST(portal, OWNER, "/team/" A("13"), "name=Sam&role=viewer")->status,
                     303);
    assert_int_equal(SITE_GET(portal, SALES, "/leads")->status, 303);
    assert_int_equal(
        SITE_POST(portal, OWNER, "/team/" A("15") "/status", "status=disabled")->status, 303);
    assert_int_equal(SITE_GET(portal, VIEWER, "/leads")->status, 303);
    /* a new name alone does not */
    assert_int_equal(SITE_POST(portal, OWNER, "/team/" A("12"), "name=Other&role=owner")->status,
                     303);
    assert_int_equal(SITE_GET(portal, COLLEAGUE, "/leads")->status, 200);
    /* a partner that is set inactive is signed out as a whole; a suspended one reads */
    assert_int_equal(
        SITE_POST(portal, ADMIN, "/admin/partners/" B("01") "/status", "status=suspended")->status,
        303);
    assert_int_equal(SITE_GET(portal, STRANGER, "/leads")->status, 200);
    assert_int_equal(
        SITE_POST(portal, STRANGER, "/leads",
                  "client_name=X&client_email=x%40y.example&consent=true&description=Flat")
            ->status,
        422);
    assert_int_equal(
        SITE_POST(portal, ADMIN, "/admin/partners/" B("01") "/status", "status=inactive")->status,
        303);
    assert_int_equal(SITE_GET(portal, STRANGER, "/leads")->status, 303);
    assert_int_equal(sign_in("owner%40zebulon.example", SITE_PASSWORD, "")->status, 422);
}

/* ── Throttling ── */

static void an_account_waits_after_many_tries(void **state) {
    (void)state;
    long limit = site_config(portal)->login_tries_account;
    for (long i = 0; i < limit; i++)
        assert_int_equal(sign_in("sales%40alder.example", "wrong", "")->status, 422);
    struct site_answer *answer =
        sign_in("sales%40alder.example", SITE_PASSWORD, ""); /* the right one waits, too */
    assert_int_equal(answer->status, 429);
    assert_non_null(site_header(portal, answer, "Retry-After"));
    assert_null(site_cookie(portal, answer, "session"));
    assert_int_equal(sign_in("SALES%40ALDER.EXAMPLE", SITE_PASSWORD, "")->status, 429);
    assert_int_equal(sign_in("owner%40alder.example", SITE_PASSWORD, "")->status, 303);
    struct site_answer *elsewhere =
        SITE_ASK(portal, .path = "/login", .address = "192.0.2.9",
                 .form = "email=sales%40alder.example&password=" SITE_PASSWORD);
    assert_int_equal(elsewhere->status, 429); /* another address is no way around */
    site_sql(portal, "UPDATE throttle SET started_at = started_at - make_interval(secs => %ld)",
             site_config(portal)->login_window + 1);
    assert_int_equal(sign_in("sales%40alder.example", SITE_PASSWORD, "")->status, 303);
    assert_string_equal(
        site_value(portal,
                   "SELECT count(*) FROM throttle WHERE key LIKE 'sign-in:account:sales%%'"),
        "0");
}

/* An unknown account is throttled as a known one is. */
static void throttling_tells_no_accounts_apart(void **state) {
    (void)state;
    long limit = site_config(portal)->login_tries_account;
    for (long i = 0; i < limit; i++)
        assert_int_equal(sign_in("nobody%40nowhere.example", "wrong", "")->status, 422);
    assert_int_equal(sign_in("nobody%40nowhere.example", "wrong", "")->status, 429);
}

static void an_address_waits_after_many_tries(void **state) {
    (void)state;
    long limit = site_config(portal)->login_tries_address;
    for (long i = 0; i < limit; i++) {
        const char *form = arena_printf(site_arena(portal),
                                        "email=nobody%ld%%40nowhere.example&password=wrong", i);
        assert_int_equal(
            SITE_ASK(portal, .path = "/login", .address = "198.51.100.7", .form = form)->status,
            422);
    }
    static const char right[] = "email=sales%40alder.example&password=" SITE_PASSWORD;
    assert_int_equal(
        SITE_ASK(portal, .path = "/login", .address = "198.51.100.7", .form = right)->status, 429);
    assert_int_equal(
        SITE_ASK(portal, .path = "/login", .address = "2001:db8::7", .form = right)->status, 303);
}

/* A busy office behind one address: those who get in do not use up its tries. */
static void successes_are_not_counted(void **state) {
    (void)state;
    long limit = site_config(portal)->login_tries_address;
    for (long i = 0; i < limit + 5; i++)
        assert_int_equal(sign_in("sales%40alder.example", SITE_PASSWORD, "")->status, 303);
}

/* ── Passwords ── */

static const char *stored(const char *email) {
    return site_value(portal, "SELECT password_hash FROM users WHERE email = '%s'", email);
}

static void a_higher_cost_is_paid_at_the_next_sign_in(void **state) {
    (void)state;
    const char *before = stored("sales@alder.example");
    assert_int_equal(sign_in("sales%40alder.example", SITE_PASSWORD, "")->status, 303);
    assert_string_equal(stored("sales@alder.example"), before);
    site_config(portal)->argon2 = (struct argon2_cost){.memory = 128, .passes = 2, .lanes = 1};
    assert_int_equal(sign_in("sales%40alder.example", "wrong", "")->status, 422);
    assert_string_equal(stored("sales@alder.example"), before);
    assert_int_equal(sign_in("sales%40alder.example", SITE_PASSWORD, "")->status, 303);
    const char *after = stored("sales@alder.example");
    assert_contains(after, "$argon2id$v=19$m=128,t=2,p=1$");
    assert_int_equal(sign_in("sales%40alder.example", SITE_PASSWORD, "")->status, 303);
    assert_string_equal(stored("sales@alder.example"), after);
    /* a cost that is lowered later changes nothing */
    site_config(portal)->argon2 = (struct argon2_cost){.memory = 64, .passes = 1, .lanes = 1};
    assert_int_equal(sign_in("sales%40alder.example", SITE_PASSWORD, "")->status, 303);
    assert_string_equal(stored("sales@alder.example"), after);
}

static void ones_own_password_is_changed_with_care(void **state) {
    (void)state;
    const char *other =
        site_cookie(portal, sign_in("sales%40alder.example", SITE_PASSWORD, ""), "session");
    const char *before = stored("sales@alder.example");
    static const char *const refused[] = {"current=wrong&password=seven+green+bottles",
                                          "current=" SITE_PASSWORD "&password=short",
                                          "current=" SITE_PASSWORD "&password=password1234",
                                          "current=" SITE_PASSWORD
                                          "&password=sales%40alder.example",
                                          "current=&password=seven+green+bottles",
                                          "current=" SITE_PASSWORD "&password="};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct site_answer *answer = SITE_POST(portal, SALES, "/account/password", refused[i]);
        assert_int_equal(answer->status, 422);
        assert_lacks(answer->body, SITE_PASSWORD);
        assert_lacks(answer->body, "seven green");
    }
    assert_string_equal(stored("sales@alder.example"), before);
    assert_int_equal(SITE_POST(portal, SALES, "/account/password",
                               "current=" SITE_PASSWORD "&password=seven+green+bottles")
                         ->status,
                     303);
    assert_int_equal(SITE_GET(portal, SALES, "/leads")->status, 200);
    assert_int_equal(status_with(other, "/leads"), 303);
    assert_int_equal(sign_in("sales%40alder.example", SITE_PASSWORD, "")->status, 422);
    assert_int_equal(sign_in("sales%40alder.example", "seven+green+bottles", "")->status, 303);
}

/* An open session is no way to guess its password. */
static void guessing_ones_own_password_is_throttled(void **state) {
    (void)state;
    int status = 0;
    for (long i = 0; i <= site_config(portal)->login_tries_account && status != 429; i++)
        status = SITE_POST(portal, SALES, "/account/password",
                           "current=wrong&password=seven+green+bottles")
                     ->status;
    assert_int_equal(status, 429);
    assert_int_equal(SITE_POST(portal, SALES, "/account/password",
                               "current=" SITE_PASSWORD "&password=seven+green+bottles")
                         ->status,
                     429);
}

/* ── CSRF ── */

/* Where files are taken, a stranger is turned away before the body is read, and so before its token is looked at. */
static bool turns_strangers_away(const struct expected *row) {
    for (size_t i = 0; i < routes_count; i++)
        if (routes[i].method == METHOD_POST && text_equal(routes[i].pattern, row->pattern))
            return routes[i].takes_files;
    return false;
}

static void expect_refused(const struct expected *row, const char *how,
                           const struct site_answer *answer) {
    if (answer->status == 403 || (answer->status == 401 && turns_strangers_away(row)))
        return;
    wrong++;
    fprintf(stderr, "POST %s %s: %d\n", row->path, how, answer->status);
}

static void forms_are_taken_from_our_own_pages_only(void **state) {
    (void)state;
    const char *before = site_digest(portal);
    static const enum site_who whose[] = {VISITOR, OWNER, ADMIN};
    for (const struct expected *row = expected; row->pattern; row++) {
        if (row->method != METHOD_POST || row->machine)
            continue;
        for (size_t w = 0; w < 3; w++) {
            enum site_who who = whose[w];
            const char *colleagues = site_csrf(portal, site_session(portal, COLLEAGUE));
            char *changed =
                arena_strdup(site_arena(portal), site_csrf(portal, site_session(portal, who)));
            changed[10] = changed[10] == 'A' ? 'B' : 'A';
            expect_refused(
                row, "without a token",
                SITE_ASK(portal, .who = who, .path = row->path, .form = row->form, .csrf = ""));
            expect_refused(row, "with another's token",
                           SITE_ASK(portal, .who = who, .path = row->path, .form = row->form,
                                    .csrf = colleagues));
            expect_refused(row, "with a changed token",
                           SITE_ASK(portal, .who = who, .path = row->path, .form = row->form,
                                    .csrf = changed));
            expect_refused(
                row, "with a short token",
                SITE_ASK(portal, .who = who, .path = row->path, .form = row->form, .csrf = "A"));
            expect_refused(row, "from another site",
                           SITE_ASK(portal, .who = who, .path = row->path, .form = row->form,
                                    .fetch_site = "cross-site"));
            expect_refused(row, "from another host",
                           SITE_ASK(portal, .who = who, .path = row->path, .form = row->form,
                                    .fetch_site = "same-site"));
            expect_refused(
                row, "without a cookie",
                SITE_ASK(portal, .who = who, .path = row->path, .form = row->form, .cookie = ""));
        }
    }
    assert_int_equal(wrong, 0);
    assert_string_equal(site_digest(portal), before);
    static const char *const ours[] = {"same-origin", "none"};
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(SITE_ASK(portal, .who = OWNER, .path = "/account",
                                  .form = "name=X&timezone=UTC&theme=dark", .fetch_site = ours[i])
                             ->status,
                         303);
}

/* Signed out while they typed: what was typed comes back from a page of ours, after signing in as the form itself. */
static void what_was_typed_outlives_the_session(void **state) {
    (void)state;
    const char *typed = "client_name=Typed+at+length&description=A+%3Cb%3E+flat&consent=true";
    const char *before = site_digest(portal);
    struct site_answer *out = SITE_ASK(portal, .path = "/leads", .cookie = "", .form = typed, .fetch_site = "same-origin");
    assert_int_equal(out->status, 401);
    assert_contains(out->body, "method=\"post\" action=\"/leads\">");
    assert_contains(out->body, "name=\"client_name\" value=\"Typed at length\"");
    assert_contains(out->body, "value=\"A &lt;b&gt; flat\"");
    out = SITE_ASK(portal, .path = "/leads", .cookie = "", .form = typed, .fetch_site = "cross-site");
    assert_null(strstr(out->body, "Typed at length"));

    struct site_answer *in = SITE_ASK(portal, .who = OWNER, .path = "/leads", .form = typed, .csrf = "A", .fetch_site = "same-origin");
    assert_int_equal(in->status, 403);
    assert_contains(in->body, "name=\"client_name\"");
    assert_contains(in->body, "value=\"Typed at length\"");
    assert_contains(in->body, "What you typed is still here");
    assert_contains(in->body, site_csrf(portal, site_session(portal, OWNER)));
    in = SITE_ASK(portal, .who = OWNER, .path = "/leads", .form = typed, .csrf = "A", .fetch_site = "same-site");
    assert_int_equal(in->status, 403);
    assert_null(strstr(in->body, "Typed at length"));
    struct site_answer *viewer = SITE_ASK(portal, .who = VIEWER, .path = "/leads", .form = typed, .csrf = "A", .fetch_site = "same-origin");
    assert_int_equal(viewer->status, 403);
    assert_null(strstr(viewer->body, "Typed at length"));
    struct site_answer *secret = SITE_ASK(portal, .path = "/account/password", .cookie = "", .form = "current=c0rrect&password=seven+green",
                                          .fetch_site = "same-origin");
    assert_int_equal(secret->status, 401);
    assert_null(strstr(secret->body, "c0rrect"));
    assert_string_equal(site_digest(portal), before);
}

/* The token of a page goes with the cookie of that page, also for somebody who has none yet. */
static void a_visitors_form_comes_with_its_cookie(void **state) {
    (void)state;
    struct site_answer *page = SITE_ASK(portal, .path = "/login", .cookie = "");
    const char *cookie = site_cookie(portal, page, "session");
    assert_int_equal(page->status, 200);
    assert_non_null(cookie);
    assert_int_equal(cookie[0], 'v');
    assert_contains(page->body, site_csrf(portal, cookie));
    const char *header = arena_printf(site_arena(portal), "session=%s", cookie);
    struct site_answer *answer =
        SITE_ASK(portal, .path = "/login", .cookie = header,
                 .form = "email=sales%40alder.example&password=" SITE_PASSWORD);
    assert_int_equal(answer->status, 303);
    /* whoever has one keeps it, so that two open pages both work */
    assert_null(
        site_cookie(portal, SITE_ASK(portal, .path = "/login", .cookie = header), "session"));
    assert_null(
        site_cookie(portal, SITE_ASK(portal, .path = "/forgot", .cookie = header), "session"));
}

/* ── next= ── */

static void nobody_is_led_away(void **state) {
    (void)state;
    static const char *const places[] = {"//evil.example",
                                         "///evil.example",
                                         "https%3A%2F%2Fevil.example",
                                         "https:evil.example",
                                         "/%5Cevil.example",
                                         "%5C%5Cevil.example",
                                         "/%09/evil.example",
                                         "%09//evil.example",
                                         "/%0A/evil.example",
                                         "%20//evil.example",
                                         "javascript%3Aalert(1)",
                                         "data%3Atext/html,x",
                                         "evil.example",
                                         "@evil.example",
                                         "%2F%2Fevil.example",
                                         "%2F%252Fevil.example",
                                         "/%2F/evil.example",
                                         "http%3A//127.0.0.1%3A8080%40evil.example/",
                                         "/%E2%80%AE/evil",
                                         "%00//evil.example",
                                         ".",
                                         "..//evil.example",
                                         "/..//evil.example",
                                         "%C2%85//evil.example",
                                         "/%0D%0ASet-Cookie:%20a=b"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const char *login = arena_printf(
            site_arena(portal), "email=sales%%40alder.example&password=" SITE_PASSWORD "&next=%s",
            places[i]);
        const char *theme = arena_printf(site_arena(portal), "theme=dark&back=%s", places[i]);
        const struct site_answer *answers[] = {
            SITE_POST(portal, VISITOR, "/login", login),
            SITE_POST(portal, OWNER, "/account/theme", theme),
            SITE_GET(portal, VISITOR,
                     arena_printf(site_arena(portal), "/login?next=%s", places[i]))};
        for (size_t a = 0; a < 3; a++) {
            const char *location = site_header(portal, answers[a], "Location");
            bool fine =
                answers[a]->status < 500 &&
                (!location || (location[0] == '/' && location[1] != '/' && location[1] != '\\'));
            if (!fine || strstr(answers[a]->headers, "\r\nSet-Cookie: a=b")) {
                wrong++;
                fprintf(stderr, "next=%s leads to %s (%d)\n", places[i], location ? location : "-",
                        answers[a]->status);
            }
        }
        site_forget(portal);
    }
    assert_int_equal(wrong, 0);
}

static void after_signing_in_the_wanted_page_is_shown(void **state) {
    (void)state;
    const struct site_answer *answer = SITE_GET(portal, VISITOR, "/leads?stage=won&q=a%26b");
    const char *location = site_header(portal, answer, "Location");
    assert_string_equal(location, "/login?next=%2Fleads%3Fstage%3Dwon%26q%3Da%2526b");
    answer = SITE_GET(portal, VISITOR, location);
    assert_contains(answer->body, "value=\"/leads?stage=won&amp;q=a%26b\"");
    answer = sign_in("sales%40alder.example", SITE_PASSWORD,
                     "&next=%2Fleads%3Fstage%3Dwon%26q%3Da%2526b");
    assert_string_equal(site_header(portal, answer, "Location"), "/leads?stage=won&q=a%26b");
    /* a wrong password keeps it */
    answer = sign_in("sales%40alder.example", "wrong", "&next=%2Fleads%3Fstage%3Dwon");
    assert_int_equal(answer->status, 422);
    assert_contains(answer->body, "value=\"/leads?stage=won\"");
}

/* However long the address: signing in works, and leads at least to the right page. */
static void a_long_address_is_no_dead_end(void **state) {
    (void)state;
    for (int length = 1000; length < 8100; length += 500) {
        const char *path = arena_printf(site_arena(portal), "/leads?q=%%2F%0*d", length, 0);
        const char *login = site_header(portal, SITE_GET(portal, VISITOR, path), "Location");
        assert_true(strncmp(login, "/login?next=%2Fleads", 20) == 0);
        assert_int_equal(SITE_GET(portal, VISITOR, login)->status, 200);
        const char *form = arena_printf(site_arena(portal), "&next=%s", strchr(login, '=') + 1);
        struct site_answer *answer = sign_in("sales%40alder.example", SITE_PASSWORD, form);
        assert_int_equal(answer->status, 303);
        assert_true(strncmp(site_header(portal, answer, "Location"), "/leads", 6) == 0);
    }
    const char *longest = arena_printf(site_arena(portal), "/login?next=/%02500d", 0);
    assert_int_equal(SITE_GET(portal, VISITOR, longest)->status, 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_unknown_account_costs_as_much, begin),
        cmocka_unit_test_setup(no_account_is_given_away, begin),
        cmocka_unit_test_setup(signing_in_sets_a_careful_cookie, begin),
        cmocka_unit_test_setup(over_tls_the_cookie_is_bound_to_the_host, begin),
        cmocka_unit_test_setup(a_session_never_outlives_its_sign_in, begin),
        cmocka_unit_test_setup(signing_out_ends_it, begin),
        cmocka_unit_test_setup(signing_out_everywhere_ends_all, begin),
        cmocka_unit_test_setup(one_device_is_signed_out_alone, begin),
        cmocka_unit_test_setup(sessions_end_by_themselves, begin),
        cmocka_unit_test_setup(a_sessions_age_is_written_once_a_minute, begin),
        cmocka_unit_test_setup(a_change_of_rights_ends_sessions_at_once, begin),
        cmocka_unit_test_setup(an_account_waits_after_many_tries, begin),
        cmocka_unit_test_setup(throttling_tells_no_accounts_apart, begin),
        cmocka_unit_test_setup(an_address_waits_after_many_tries, begin),
        cmocka_unit_test_setup(successes_are_not_counted, begin),
        cmocka_unit_test_setup(a_higher_cost_is_paid_at_the_next_sign_in, begin),
        cmocka_unit_test_setup(ones_own_password_is_changed_with_care, begin),
        cmocka_unit_test_setup(guessing_ones_own_password_is_throttled, begin),
        cmocka_unit_test_setup(forms_are_taken_from_our_own_pages_only, begin),
        cmocka_unit_test_setup(what_was_typed_outlives_the_session, begin),
        cmocka_unit_test_setup(a_visitors_form_comes_with_its_cookie, begin),
        cmocka_unit_test_setup(nobody_is_led_away, begin),
        cmocka_unit_test_setup(after_signing_in_the_wanted_page_is_shown, begin),
        cmocka_unit_test_setup(a_long_address_is_no_dead_end, begin),
    };
    return cmocka_run_group_tests_name("routes: sessions", tests, open_portal, close_portal);
}
