/*
 * Drafts of leads: what is typed and not sent is kept for whoever types, for nobody else, and not
 * longer than it is needed.
 */
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include <stdio.h>
#include <stdlib.h>

#define DRAFT   "dddddddd-0000-4000-8000-000000000081"
#define ANOTHER "dddddddd-0000-4000-8000-000000000082"
#define TYPED   "&client_name=Nadia+Noor&client_email=nadia%40&description=A+flat&consent=true"
#define SENT                                                                                       \
    "draft=" DRAFT "&client_name=Nadia+Noor&client_email=nadia%40client.example&description=A+"    \
    "flat&consent=true&partner_id=" A("01")

static void keep(enum site_who who, const char *draft, const char *typed) {
    const char *form = arena_printf(site_arena(portal), "draft=%s%s", draft, typed);
    struct site_answer *answer = SITE_POST(portal, who, "/leads/draft", form);
    assert_int_equal(answer->status, 303);
    assert_string_equal(site_header(portal, answer, "Location"), "/leads");
}

static const char *kept(void) {
    return site_value(portal, "SELECT count(*) FROM lead_drafts WHERE closed_at IS NULL");
}

static const char *field(const char *name) {
    return site_value(portal, "SELECT fields->>'%s' FROM lead_drafts WHERE id = '" DRAFT "'", name);
}

static void what_was_typed_is_offered_again(void **state) {
    (void)state;
    keep(SALES, DRAFT, TYPED);
    struct site_answer *offer = SITE_GET(portal, SALES, "/leads/new");
    assert_contains(offer->body, "Continue where you were");
    assert_contains(offer->body, "href=\"/leads/new?draft=" DRAFT "\"");
    assert_lacks(offer->body, "nadia@");
    assert_lacks(offer->body, "name=\"draft\" value=\"\"");
    struct site_answer *form = SITE_GET(portal, SALES, "/leads/new?draft=" DRAFT);
    assert_int_equal(form->status, 200);
    assert_contains(form->body, "name=\"draft\" value=\"" DRAFT "\"");
    assert_contains(form->body, "value=\"Nadia Noor\"");
    assert_contains(form->body, "value=\"nadia@\""); /* half an address, as it was typed */
    assert_contains(form->body, ">A flat</textarea>");
    assert_lacks(form->body, "Continue where you were");
}

static void agreement_is_asked_for_each_time(void **state) {
    (void)state;
    keep(SALES, DRAFT, TYPED "&password=seven+green+bottles");
    assert_null(field("consent"));
    assert_null(field("password"));
    assert_lacks(SITE_GET(portal, SALES, "/leads/new?draft=" DRAFT)->body, " checked");
}

static void the_full_form_goes_on_with_it(void **state) {
    (void)state;
    struct site_answer *answer =
        SITE_POST(portal, OWNER, "/leads/draft", "draft=" DRAFT TYPED "&then=full");
    assert_string_equal(site_header(portal, answer, "Location"), "/leads/new/full?draft=" DRAFT);
    assert_contains(SITE_GET(portal, OWNER, "/leads/new/full?draft=" DRAFT)->body,
                    "value=\"nadia@\"");
    keep(OWNER, DRAFT, TYPED "&bedrooms=two&currency=EUR&source=event");
    const char *offer = SITE_GET(portal, OWNER, "/leads/new")->body;
    assert_contains(offer, "href=\"/leads/new/full?draft=" DRAFT "\"");
    const char *form = SITE_GET(portal, OWNER, "/leads/new/full?draft=" DRAFT)->body;
    assert_contains(form, "value=\"two\"");
    assert_contains(form, "<option value=\"EUR\" selected>");
    assert_contains(form, "<option value=\"event\" selected>");
    answer = SITE_POST(portal, OWNER, "/leads/draft", "draft=" ANOTHER "&then=full&source=event");
    assert_string_equal(site_header(portal, answer, "Location"), "/leads/new/full");
    assert_string_equal(kept(), "1");
}

static void nobody_else_sees_it(void **state) {
    (void)state;
    static const enum site_who others[] = {OWNER, COLLEAGUE, STRANGER, AGENT, ADMIN};
    keep(SALES, DRAFT, TYPED);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        enum site_who who = others[i];
        assert_lacks(SITE_GET(portal, who, "/leads/new")->body, "Nadia");
        const char *form = SITE_GET(portal, who, "/leads/new?draft=" DRAFT)->body;
        assert_lacks(form, "Nadia");
        assert_lacks(form, DRAFT);
        /* one of the same id is their own */
        keep(who, DRAFT, "&client_name=Somebody+else");
        assert_int_equal(SITE_POST(portal, who, "/leads/draft/discard", "draft=" DRAFT)->status,
                         303);
    }
    assert_string_equal(field("client_name"), "Nadia Noor");
    assert_string_equal(
        site_value(portal,
                   "SELECT count(*) FROM audit WHERE to_jsonb(audit)::text LIKE '%%Nadia%%'"),
        "0");
}

static void it_goes_when_it_is_sent(void **state) {
    (void)state;
    keep(SALES, DRAFT, TYPED);
    struct site_answer *refused =
        SITE_POST(portal, SALES, "/leads", "draft=" DRAFT "&client_name=Nadia+Noor");
    assert_int_equal(refused->status, 422);
    assert_contains(refused->body, "name=\"draft\" value=\"" DRAFT "\"");
    assert_string_equal(kept(), "1");
    assert_int_equal(SITE_POST(portal, SALES, "/leads", SENT)->status, 303);
    assert_string_equal(kept(), "0");
    assert_null(field("client_name"));
    /* what was on its way when it was sent does not come back */
    struct site_answer *late = SITE_POST(portal, SALES, "/leads/draft", "draft=" DRAFT TYPED);
    assert_int_equal(late->status, 409);
    assert_string_equal(kept(), "0");
    assert_int_equal(SITE_POST(portal, AGENT, "/leads/full", SENT "&source=event")->status, 303);
    late = SITE_POST(portal, AGENT, "/leads/draft", "draft=" DRAFT TYPED); /* it was never kept */
    assert_int_equal(late->status, 409);
}

#define NADIAS "SELECT count(*) FROM leads WHERE client_email = 'nadia@client.example'"

/* Without script, over a bad line, or with the button for "back": the same form is one lead, whoever sends it how often. */
static void it_becomes_one_lead(void **state) {
    (void)state;
    const char *first = site_header(portal, SITE_POST(portal, SALES, "/leads", SENT), "Location");
    assert_non_null(first);
    first = site_value(portal, "SELECT '%s'", first);
    for (int i = 0; i < 2; i++) {
        struct site_answer *again = SITE_POST(portal, SALES, i ? "/leads/full" : "/leads", i ? SENT "&source=referral" : SENT);
        assert_int_equal(again->status, 303);
        assert_string_equal(site_header(portal, again, "Location"), first);
    }
    assert_string_equal(site_value(portal, NADIAS), "1");
    /* another content is not lost, nor another lead before somebody has said so */
    const char *other = arena_printf(site_arena(portal), "%s&estimated_value=5", SENT);
    struct site_answer *asked = SITE_POST(portal, SALES, "/leads", other);
    assert_int_equal(asked->status, 422);
    assert_contains(asked->body, "This form was sent before");
    assert_contains(asked->body, "value=\"Nadia Noor\"");
    assert_lacks(asked->body, "name=\"draft\" value=\"" DRAFT "\"");
    assert_lacks(asked->body, "name=\"draft\" value=\"\"");
    assert_string_equal(site_value(portal, NADIAS), "1");
    /* a colleague's form of the same number is another form */
    assert_int_equal(SITE_POST(portal, OWNER, "/leads", SENT)->status, 303);
    assert_int_equal(SITE_POST(portal, AGENT, "/leads", SENT)->status, 303);
    assert_int_equal(SITE_POST(portal, AGENT, "/leads", SENT)->status, 303);
    assert_string_equal(site_value(portal, NADIAS), "3");
    /* and where nobody says which form it was, each is one */
    for (int i = 0; i < 2; i++)
        assert_int_equal(SITE_POST(portal, SALES, "/leads", strchr(SENT, '&') + 1)->status, 303);
    assert_string_equal(site_value(portal, NADIAS), "5");
}

static void it_goes_when_it_is_discarded(void **state) {
    (void)state;
    keep(SALES, DRAFT, TYPED);
    keep(SALES, ANOTHER, "&client_phone=%2B97150");
    assert_contains(SITE_GET(portal, SALES, "/leads/new")->body, "No name yet");
    struct site_answer *answer = SITE_POST(portal, SALES, "/leads/draft/discard", "draft=" DRAFT);
    assert_string_equal(site_header(portal, answer, "Location"), "/leads/new");
    assert_lacks(SITE_GET(portal, SALES, "/leads/new")->body, "Nadia Noor");
    assert_string_equal(kept(), "1");
    keep(SALES, ANOTHER, "&client_phone=++&source=event"); /* emptied again */
    assert_string_equal(kept(), "0");
    keep(SALES, ANOTHER, TYPED);
    assert_string_equal(kept(), "1");
    assert_int_equal(SITE_POST(portal, SALES, "/leads/draft/discard", "draft=x")->status, 400);
    assert_int_equal(SITE_POST(portal, SALES, "/leads/draft", "client_name=x")->status, 400);
}

static void it_goes_when_they_sign_out(void **state) {
    (void)state;
    static const char *const ways[] = {"/logout", "/account/sessions/delete"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        keep(SALES, DRAFT, TYPED);
        keep(OWNER, DRAFT, TYPED);
        assert_int_equal(SITE_POST(portal, SALES, ways[i], "")->status, 303);
        assert_string_equal(kept(), "1");
        site_restore(portal);
    }
}

static void it_goes_after_a_week(void **state) {
    (void)state;
    keep(SALES, DRAFT, TYPED);
    keep(SALES, ANOTHER, TYPED);
    site_sql(portal,
             "UPDATE lead_drafts SET saved_at = now() - interval '8 days' WHERE id = '" DRAFT
             "'; SELECT app.links_tidy()");
    assert_string_equal(kept(), "1");
}

static void nobody_fills_the_house_with_drafts(void **state) {
    (void)state;
    for (int i = 0; i < 30; i++) {
        const char *id =
            arena_printf(site_arena(portal), "dddddddd-0000-4000-8000-0000000001%02d", i);
        keep(SALES, id, TYPED);
        site_sql(portal,
                 "UPDATE lead_drafts SET saved_at = saved_at - interval '%d s' WHERE id = '%s'", i,
                 id);
    }
    assert_string_equal(kept(), "20");
    char *much = arena_alloc(site_arena(portal), 6001);
    memset(much, 'x', 6000);
    much[6000] = '\0';
    keep(SALES, DRAFT,
         arena_printf(site_arena(portal), "&client_name=%s&description=%s", much, much));
    assert_string_equal(site_value(portal, "SELECT length(fields->>'client_name') || ' ' || "
                                           "length(fields->>'description') FROM lead_drafts WHERE "
                                           "id = '" DRAFT "'"),
                        "500 4000");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_was_typed_is_offered_again, restore),
        cmocka_unit_test_setup(agreement_is_asked_for_each_time, restore),
        cmocka_unit_test_setup(the_full_form_goes_on_with_it, restore),
        cmocka_unit_test_setup(nobody_else_sees_it, restore),
        cmocka_unit_test_setup(it_goes_when_it_is_sent, restore),
        cmocka_unit_test_setup(it_becomes_one_lead, restore),
        cmocka_unit_test_setup(it_goes_when_it_is_discarded, restore),
        cmocka_unit_test_setup(it_goes_when_they_sign_out, restore),
        cmocka_unit_test_setup(it_goes_after_a_week, restore),
        cmocka_unit_test_setup(nobody_fills_the_house_with_drafts, restore),
    };
    return cmocka_run_group_tests_name("routes: drafts of leads", tests, open_portal, close_portal);
}
