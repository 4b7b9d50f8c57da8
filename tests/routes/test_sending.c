/*
 * Around what leaves the portal: the way out of mails, reports of providers, addresses that get nothing, caught mail.
 */
#include "core/clock.h"
#include "core/text.h"
#include "jobs/unsubscribe.h"
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include <stdio.h>
#include <stdlib.h>

#define MAIL "aaaaaaaa-0000-4000-8000-000000000501"

static const char *way_out(const char *outbox) {
    char token[UNSUBSCRIBE_TOKEN_SIZE];
    assert_true(unsubscribe_token(web_site(site_web(portal))->secret, outbox, token));
    return arena_printf(site_arena(portal), "/unsubscribe/%s", token);
}

static const char *choices_of(const char *user) {
    return site_value(portal, "SELECT coalesce(string_agg(type || '=' || email, ' ' ORDER BY type), '') FROM notification_choices WHERE user_id = '%s'", user);
}

static struct site_answer *leave(const char *path, const char *form) {
    /* neither cookie nor token: whoever has the link may leave */
    return SITE_ASK(portal, .path = path, .cookie = "", .body = form, .body_size = strlen(form), .type = "application/x-www-form-urlencoded");
}

/* ── The way out ── */

static void looking_ends_nothing(void **state) {
    (void)state;
    const char *before = site_digest(portal);
    struct site_answer *page = SITE_ASK(portal, .path = way_out(MAIL), .cookie = "");
    assert_int_equal(page->status, 200);
    assert_contains(page->body, "A lead moved to another stage");
    assert_contains(page->body, "s***@alder.example");
    assert_lacks(page->body, "sales@alder.example");
    assert_int_equal(SITE_ASK(portal, .path = way_out(MAIL), .method = "HEAD", .cookie = "")->status, 200);
    assert_string_equal(site_digest(portal), before);
}

static void one_click_ends_this_kind(void **state) {
    (void)state;
    struct site_answer *answer = leave(way_out(MAIL), "List-Unsubscribe=One-Click");
    assert_int_equal(answer->status, 200);
    assert_null(site_header(portal, answer, "Location"));
    assert_string_equal(choices_of(A("13")), "lead.stage=off");
    assert_int_equal(leave(way_out(MAIL), "List-Unsubscribe=One-Click")->status, 200); /* again is no error */
    assert_string_equal(choices_of(A("13")), "lead.stage=off");
    assert_string_equal(site_value(portal, "SELECT count(*) FROM audit WHERE action = 'notifications.unsubscribe'"), "1");
    assert_contains(SITE_ASK(portal, .path = way_out(MAIL))->body, ">off<");
}

static void everything_but_what_is_mandatory(void **state) {
    (void)state;
    site_sql(portal, "INSERT INTO notification_choices (user_id, type, sms) VALUES ('" A("13") "', 'lead.won', 'now')");
    struct site_answer *answer = leave(way_out(MAIL), "scope=all");
    assert_int_equal(answer->status, 303);
    assert_string_equal(site_value(portal, "SELECT count(*) FROM event_types t LEFT JOIN notification_choices c ON c.type = t.code AND c.user_id = '" A("13") "'"
                                           " WHERE NOT mandatory AND coalesce(c.email, t.email) <> 'off'"),
                        "0");
    assert_string_equal(site_value(portal, "SELECT count(*) FROM notification_choices WHERE type IN (SELECT code FROM event_types WHERE mandatory)"), "0");
    assert_string_equal(site_value(portal, "SELECT sms FROM notification_choices WHERE user_id = '" A("13") "' AND type = 'lead.won'"), "now");
    assert_string_equal(choices_of(B("13")), ""); /* and nobody else's */
}

static void a_digest_ends_what_it_is_made_of(void **state) {
    (void)state;
    site_sql(portal, "UPDATE outbox SET category = 'digest' WHERE id = '" MAIL "'");
    assert_contains(SITE_ASK(portal, .path = way_out(MAIL))->body, "The daily digest");
    assert_int_equal(leave(way_out(MAIL), "scope=kind")->status, 303);
    assert_string_equal(choices_of(A("13")), site_value(portal, "SELECT string_agg(code || '=off', ' ' ORDER BY code) FROM event_types WHERE email = 'digest'"));
}

static void outsiders_get_nothing_more(void **state) {
    (void)state;
    site_sql(portal, "UPDATE outbox SET user_id = NULL, category = 'nurture', recipient = 'Client@Home.example' WHERE id = '" MAIL "'");
    struct site_answer *page = SITE_ASK(portal, .path = way_out(MAIL));
    assert_int_equal(page->status, 200);
    assert_lacks(page->body, "value=\"all\"");
    assert_int_equal(leave(way_out(MAIL), "List-Unsubscribe=One-Click")->status, 200);
    assert_string_equal(site_value(portal, "SELECT reason || ' ' || origin FROM suppressions WHERE address = 'client@home.example'"), "unsubscribe link");
}

static void links_that_are_not_ours(void **state) {
    (void)state;
    char *path = arena_strdup(site_arena(portal), way_out(MAIL));
    path[strlen(path) - 3] ^= 1;
    const char *before = site_digest(portal);
    assert_int_equal(SITE_ASK(portal, .path = path)->status, 404);
    assert_int_equal(leave(path, "scope=all")->status, 404);
    assert_int_equal(leave("/unsubscribe/x", "scope=all")->status, 404);
    assert_int_equal(leave(way_out(NOBODY), "scope=all")->status, 404); /* signed, but there is no such mail */
    site_sql(portal, "UPDATE outbox SET category = NULL WHERE id = '" MAIL "'");
    assert_int_equal(leave(way_out(MAIL), "scope=all")->status, 404); /* a mail that cannot be ended */
    site_sql(portal, "UPDATE outbox SET category = 'lead.stage' WHERE id = '" MAIL "'");
    assert_string_equal(site_digest(portal), before);
    assert_int_equal(leave(way_out(MAIL), "scope=nonsense")->status, 422);
    assert_string_equal(site_digest(portal), before);
}

/* ── Reports ── */

static struct site_answer *report(const char *body, const char *signature) {
    const char *env[] = {"HTTP_X_TESSERA_SIGNATURE", signature, NULL};
    return SITE_ASK(portal, .path = "/webhooks/mail", .cookie = "", .body = body, .body_size = strlen(body), .type = "application/json",
                    .env = signature ? env : NULL);
}

static const char *sign(const char *body) {
    static const char secret[] = "of the reporter";
    uint8_t mac[SHA256_SIZE];
    char hex[2 * SHA256_SIZE + 1];
    long now = (long)clock_now();
    const char *text = arena_printf(site_arena(portal), "%ld.%s", now, body);
    crypto_hmac_sha256(secret, strlen(secret), text, strlen(text), mac);
    crypto_hex(mac, sizeof mac, hex);
    return arena_printf(site_arena(portal), "t=%ld,v1=%s", now, hex);
}

/* The file lies beside the portal's own secret. */
static void set_up_reporter(void) {
    struct config *config = site_config(portal);
    const char *path = arena_printf(site_arena(portal), "%s/reporter", config->files);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs("of the reporter\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    free(config->mail_webhook_secret_file);
    config->mail_webhook_secret_file = strdup(path);
}

static int forget_reporter(void **state) {
    (void)state;
    struct config *config = site_config(portal);
    (void)remove(config->mail_webhook_secret_file);
    free(config->mail_webhook_secret_file);
    config->mail_webhook_secret_file = strdup("");
    return 0;
}

static void reports_are_believed_once(void **state) {
    (void)state;
    set_up_reporter();
    static const char body[] = "[{\"id\":\"e1\",\"event\":\"bounce\",\"email\":\"Sales@Alder.example\",\"reason\":\"550 unknown\",\"message_id\":\"<" MAIL "@x.example>\"},"
                               "{\"id\":\"e2\",\"event\":\"complaint\",\"email\":\"viewer@alder.example\"}]";
    struct site_answer *answer = report(body, sign(body));
    assert_int_equal(answer->status, 204);
    assert_string_equal(site_value(portal, "SELECT string_agg(address || '=' || reason || '/' || origin, ' ' ORDER BY address) FROM suppressions WHERE id::text NOT LIKE '%%0095'"),
                        "sales@alder.example=bounce/provider viewer@alder.example=complaint/provider");
    assert_string_equal(site_value(portal, "SELECT state || ' ' || error FROM outbox WHERE id = '" MAIL "'"), "failed 550 unknown");
    /* lifted by an admin, it does not come back by the same report */
    site_sql(portal, "DELETE FROM suppressions WHERE address = 'sales@alder.example'");
    assert_int_equal(report(body, sign(body))->status, 204);
    assert_string_equal(site_value(portal, "SELECT count(*) FROM suppressions WHERE address = 'sales@alder.example'"), "0");
    assert_string_equal(site_value(portal, "SELECT count(*) FROM mail_events"), "2");
}

static void a_stronger_reason_replaces_a_weaker(void **state) {
    (void)state;
    set_up_reporter();
    static const char *const steps[] = {"unsubscribe", "complaint", "bounce", "unsubscribe"};
    for (size_t i = 0; i < 4; i++) {
        const char *body = arena_printf(site_arena(portal), "[{\"id\":\"s%zu\",\"event\":\"%s\",\"email\":\"a@b.example\"}]", i, steps[i]);
        assert_int_equal(report(body, sign(body))->status, 204);
        assert_string_equal(site_value(portal, "SELECT reason FROM suppressions WHERE address = 'a@b.example'"), i < 3 ? steps[i] : "bounce");
    }
}

static void unsigned_reports_change_nothing(void **state) {
    (void)state;
    static const char body[] = "[{\"id\":\"e1\",\"event\":\"bounce\",\"email\":\"sales@alder.example\"}]";
    const char *before = site_digest(portal);
    assert_int_equal(report(body, sign(body))->status, 404); /* no reporter is set up */
    set_up_reporter();
    assert_int_equal(report(body, NULL)->status, 403);
    assert_int_equal(report(body, "t=1,v1=00")->status, 403);
    assert_int_equal(report(body, sign("[]"))->status, 403);
    assert_int_equal(report("{}", sign("{}"))->status, 400);
    assert_int_equal(report("[", sign("["))->status, 400);
    assert_string_equal(site_digest(portal), before);
}

/* ── Staff ── */

static void suppressions_are_lifted(void **state) {
    (void)state;
    struct site_answer *page = SITE_GET(portal, ADMIN, "/admin/suppressions?reason=bounce");
    assert_contains(page->body, "gone@alder.example");
    assert_lacks(page->body, "gone@zebulon.example");
    assert_contains(SITE_GET(portal, SUPPORT, "/admin/suppressions")->body, "gone@zebulon.example");
    assert_lacks(SITE_GET(portal, SUPPORT, "/admin/suppressions")->body, "/lift");
    assert_int_equal(SITE_POST(portal, ADMIN, "/admin/suppressions/" C("95") "/lift", "")->status, 303);
    assert_string_equal(site_value(portal, "SELECT count(*) FROM suppressions WHERE address = 'gone@alder.example'"), "0");
    assert_string_equal(site_value(portal, "SELECT action FROM audit ORDER BY at DESC LIMIT 1"), "suppressions.delete");
    assert_int_equal(SITE_POST(portal, ADMIN, "/admin/suppressions/" C("95") "/lift", "")->status, 404);
}

/* ── Developers ── */

static void caught_mail_is_for_developers(void **state) {
    (void)state;
    struct config *config = site_config(portal);
    struct site_answer *html = SITE_GET(portal, ADMIN, "/dev/mail/" C("96") "/html");
    assert_string_equal(html->body, "<p style=\"margin:0\">It moved</p>");
    const char *policy = site_header(portal, html, "Content-Security-Policy");
    assert_true(text_starts(policy, "sandbox"));
    assert_contains(policy, "default-src 'none'");
    assert_lacks(policy, "script");
    assert_int_equal(SITE_GET(portal, ADMIN, "/dev/mail/" B("96") "/html")->status, 404); /* it has none */
    assert_contains(SITE_GET(portal, ADMIN, "/dev/mail/" C("96"))->body, "Subject: A lead moved");
    free(config->mail_delivery);
    config->mail_delivery = strdup("smtp");
    static const char *const paths[] = {"/dev/mail", "/dev/mail/" C("96"), "/dev/mail/" C("96") "/html"};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(SITE_GET(portal, ADMIN, paths[i])->status, 404);
    free(config->mail_delivery);
    config->mail_delivery = strdup("catch");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(looking_ends_nothing, restore),
        cmocka_unit_test_setup(one_click_ends_this_kind, restore),
        cmocka_unit_test_setup(everything_but_what_is_mandatory, restore),
        cmocka_unit_test_setup(a_digest_ends_what_it_is_made_of, restore),
        cmocka_unit_test_setup(outsiders_get_nothing_more, restore),
        cmocka_unit_test_setup(links_that_are_not_ours, restore),
        cmocka_unit_test_setup_teardown(reports_are_believed_once, restore, forget_reporter),
        cmocka_unit_test_setup_teardown(a_stronger_reason_replaces_a_weaker, restore, forget_reporter),
        cmocka_unit_test_setup_teardown(unsigned_reports_change_nothing, restore, forget_reporter),
        cmocka_unit_test_setup(suppressions_are_lifted, restore),
        cmocka_unit_test_setup(caught_mail_is_for_developers, restore),
    };
    return cmocka_run_group_tests_name("routes: sending", tests, open_portal, close_portal);
}
