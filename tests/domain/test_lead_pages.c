/* Leads as people meet them: through the whole portal, with a database. */
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define LEAD(row)                                                                                  \
    "/leads/" A(row) /* 21 new, 22 intake, 23 qualified, 24 active, 25 won, 26 lost, 27 dormant,   \
                        28 declined */
#define QUICK                                                                                      \
    "client_name=Nora+Quick&client_phone=%2B971+50+777+8899&description=A+villa&consent=true"
#define EDIT "client_name=Nora+Edited&client_email=nora%40mail.example&source=event&currency=AED"

/* ── New ── */

static void every_error_stands_beside_its_field_with_what_was_typed(void **state) {
    (void)state;
    const char *before = site_digest(portal);
    const char *body = posted(OWNER, "/leads/full",
                            "client_name=&client_email=bad%40&budget_min=500&budget_max=400&"
                            "bedrooms=99&source=event&amenities=a+pool",
                            422)
                           ->body;
    assert_contains(body, "id=\"f-client_name-error\"");
    assert_contains(body, "id=\"f-client_email-error\"");
    assert_contains(body, "id=\"f-budget_max-error\"");
    assert_contains(body, "id=\"f-bedrooms-error\"");
    assert_contains(body, "id=\"f-consent-error\"");
    assert_contains(body, "value=\"bad@\"");
    assert_contains(body, "value=\"a pool\"");
    assert_string_equal(site_digest(portal), before);
}

static void one_contact_is_enough_and_none_is_not(void **state) {
    (void)state;
    assert_contains(posted(OWNER, "/leads", "client_name=N&description=x&consent=true", 422)->body,
                    "id=\"f-client_email-error\"");
    posted(OWNER, "/leads", "client_name=N&description=x&consent=true&client_email=n%40mail.example",
         303);
    posted(OWNER, "/leads", "client_name=N&description=x&consent=true&client_phone=0501234567", 303);
}

static void nobody_is_referred_without_having_agreed(void **state) {
    (void)state;
    const char *before = site_digest(portal);
    assert_contains(
        posted(OWNER, "/leads", "client_name=N&client_phone=0501234567&description=x", 422)->body,
        "id=\"f-consent-error\"");
    assert_string_equal(site_digest(portal), before);
}

static void a_new_lead_is_the_partners_own_whatever_was_sent(void **state) {
    (void)state;
    posted(SALES, "/leads", QUICK "&estimated_value=1,250,000&partner_id=" B("01"), 303);
    assert_value(A("01") " " A("13") " new referral AED 1250000.00 t",
                 "SELECT concat_ws(' ', partner_id, created_by, stage, source, currency, "
                 "estimated_value, consent_at IS NOT NULL)"
                 "  FROM leads WHERE client_name = 'Nora Quick'");
    assert_value("created new " A("13"),
                 "SELECT concat_ws(' ', h.kind, h.to_stage, h.user_id) FROM lead_history h"
                 "  JOIN leads l ON l.id = h.lead_id WHERE l.client_name = 'Nora Quick'");
}

static void a_full_lead_keeps_everything(void **state) {
    (void)state;
    posted(OWNER, "/leads/full",
         QUICK "&source=event&currency=USD&client_location=Dubai&budget_min=100&budget_max=200.50&"
               "financing=cash"
               "&payment_preference=20%2F80&property_type=villa&locations=JVC&bedrooms=3&size_min="
               "1200&amenities=pool&move_in_on=2027-03-01",
         303);
    assert_value("event USD Dubai 100.00 200.50 cash 20/80 villa JVC 3 1200 pool 2027-03-01",
                 "SELECT concat_ws(' ', source, currency, client_location, budget_min, budget_max, "
                 "financing, payment_preference,"
                 " property_type, locations, bedrooms, size_min, amenities, move_in_on) FROM leads "
                 "WHERE client_name = 'Nora Quick'");
}

static void staff_say_whose_lead_it_is(void **state) {
    (void)state;
    assert_contains(posted(AGENT, "/leads", QUICK, 422)->body, "id=\"f-partner_id-error\"");
    assert_contains(posted(AGENT, "/leads", QUICK "&partner_id=nonsense", 422)->body,
                    "id=\"f-partner_id-error\"");
    assert_contains(posted(AGENT, "/leads", QUICK "&partner_id=" NOBODY, 422)->body,
                    "id=\"f-partner_id-error\"");
    posted(AGENT, "/leads", QUICK "&partner_id=" B("01"), 303);
    assert_value(B("01"), "SELECT partner_id FROM leads WHERE client_name = 'Nora Quick'");
}

static void a_suspended_partner_sends_nothing(void **state) {
    (void)state;
    site_sql(portal, "UPDATE partners SET status = 'suspended' WHERE id = '%s'", A("01"));
    assert_contains(posted(OWNER, "/leads", QUICK, 422)->body, "suspended");
    assert_value("0", "SELECT count(*) FROM leads WHERE client_name = 'Nora Quick'");
}

/* ── Stage ── */

static void a_lead_walks_its_way(void **state) {
    (void)state;
    posted(SALES, LEAD("21") "/stage", "stage=intake&version=1", 303);
    posted(SALES, LEAD("21") "/stage", "stage=qualified&version=2", 303);
    posted(SALES, LEAD("21") "/stage", "stage=active&version=3", 303);
    posted(SALES, LEAD("21") "/stage", "stage=won&version=4&estimated_value=900%2C000", 303);
    assert_value("won 900000.00 t 5", "SELECT concat_ws(' ', stage, estimated_value, closed_at IS "
                                      "NOT NULL, version) FROM leads WHERE id = '" A("21") "'");
    assert_value("new>intake intake>qualified qualified>active active>won",
                 "SELECT string_agg(from_stage || '>' || to_stage, ' ' ORDER BY id) FROM "
                 "lead_history WHERE lead_id = '" A("21") "' AND kind = 'stage'");
}

static void a_move_that_is_not_allowed_changes_nothing(void **state) {
    (void)state;
    const char *before = site_digest(portal);
    assert_contains(posted(OWNER, LEAD("21") "/stage", "stage=active&version=1", 422)->body,
                    "f-stage-error");
    assert_contains(
        posted(OWNER, LEAD("21") "/stage", "stage=declined&version=1&reason=x", 422)->body,
        "f-stage-error");
    assert_contains(posted(OWNER, LEAD("21") "/stage", "stage=lost&version=1", 422)->body,
                    "f-reason-error");
    assert_contains(posted(OWNER, LEAD("25") "/stage", "stage=active&version=1&reason=x", 422)->body,
                    "programme&#39;s staff");
    assert_contains(
        posted(OWNER, LEAD("24") "/stage", "stage=lost&version=7&reason=typed+reason", 422)->body,
        "typed reason");
    posted(OWNER, LEAD("21") "/stage", "stage=nowhere&version=1", 422);
    assert_string_equal(site_digest(portal), before);
}

static void won_needs_a_value(void **state) {
    (void)state;
    site_sql(portal, "UPDATE leads SET estimated_value = 0 WHERE id = '%s'", A("24"));
    assert_contains(posted(OWNER, LEAD("24") "/stage", "stage=won&version=1", 422)->body,
                    "f-estimated_value-error");
    assert_contains(
        posted(OWNER, LEAD("24") "/stage", "stage=won&version=1&estimated_value=0", 422)->body,
        "f-estimated_value-error");
    posted(OWNER, LEAD("24") "/stage", "stage=won&version=1&estimated_value=5", 303);
}

static void staff_reopen_and_say_why(void **state) {
    (void)state;
    assert_contains(posted(AGENT, LEAD("25") "/stage", "stage=active&version=1", 422)->body,
                    "f-reason-error");
    posted(AGENT, LEAD("25") "/stage", "stage=active&version=1&reason=Fell+through", 303);
    assert_value("active Fell through f", "SELECT concat_ws(' ', stage, stage_reason, closed_at IS "
                                          "NOT NULL) FROM leads WHERE id = '" A("25") "'");
    const char *body = SITE_GET(portal, OWNER, LEAD("25"))->body;
    assert_contains(body, "Moved from Won to Active");
    assert_contains(body, "Fell through");
    assert_lacks(body, "Agnes Staff"); /* partners are not told which of us */
}

/* ── Edit ── */

static void an_edit_of_an_old_version_loses_nothing(void **state) {
    (void)state;
    posted(OWNER, LEAD("21") "/edit", EDIT "&version=1&amenities=first", 303);
    const char *body =
        posted(SALES, LEAD("21") "/edit", EDIT "&version=1&amenities=second", 422)->body;
    assert_contains(body, "in the meantime");
    assert_contains(body, "value=\"second\"");
    assert_contains(body, "name=\"version\" value=\"2\"");
    assert_value("first", "SELECT amenities FROM leads WHERE id = '" A("21") "'");
    posted(SALES, LEAD("21") "/edit", EDIT "&version=2&amenities=second", 303);
    assert_value("second 3",
                 "SELECT concat_ws(' ', amenities, version) FROM leads WHERE id = '" A("21") "'");
    assert_contains(SITE_GET(portal, OWNER, LEAD("21"))->body, "Edited: amenities");
}

static void partners_leave_closed_leads_alone(void **state) {
    (void)state;
    const char *before = site_digest(portal);
    for (const char *const *path = (const char *const[]){LEAD("25"), LEAD("26"), LEAD("28"), NULL};
         *path; path++) {
        char edit[80];
        snprintf(edit, sizeof edit, "%s/edit", *path);
        assert_int_equal(SITE_GET(portal, OWNER, edit)->status, 403);
        posted(OWNER, edit, EDIT "&version=1", 403);
        assert_lacks(SITE_GET(portal, OWNER, *path)->body, "/edit\"");
    }
    assert_string_equal(site_digest(portal), before);
    posted(AGENT, LEAD("25") "/edit", EDIT "&version=1", 303);
}

static void what_staff_keep_for_themselves_stays_there(void **state) {
    (void)state;
    assert_contains(SITE_GET(portal, AGENT, LEAD("21"))->body, "STAFF-NOTES-Alder");
    for (enum site_who who = OWNER; who <= VIEWER; who++)
        for (const char *const *accept =
                 (const char *const[]){"text/html", "application/json", NULL};
             *accept; accept++)
            assert_lacks(SITE_ASK(portal, .who = who, .path = LEAD("21"), .accept = *accept)->body,
                         "STAFF-NOTES");
    posted(AGENT, LEAD("21") "/staff", "temperature=cold&staff_notes=Calls+back+on+Monday&version=1",
         303);
    assert_value("cold Calls back on Monday 73",
                 "SELECT concat_ws(' ', temperature, staff_notes, score) FROM leads WHERE id = '" A(
                     "21") "'");
    assert_contains(posted(AGENT, LEAD("21") "/staff", "staff_notes=mine&version=1", 422)->body,
                    ">mine</textarea>");
}

static void a_viewer_has_no_buttons(void **state) {
    (void)state;
    const char *before = site_digest(portal);
    assert_lacks(SITE_GET(portal, VIEWER, "/leads")->body, "/leads/new");
    assert_lacks(SITE_GET(portal, VIEWER, "/dashboard")->body, "/leads/new");
    const char *body = SITE_GET(portal, VIEWER, LEAD("21"))->body;
    assert_lacks(body, "/stage\"");
    assert_lacks(body, "/edit\"");
    posted(VIEWER, "/leads", QUICK, 403);
    posted(VIEWER, LEAD("21") "/stage", "stage=intake&version=1", 403);
    posted(VIEWER, LEAD("21") "/edit", EDIT "&version=1", 403);
    assert_string_equal(site_digest(portal), before);
}

static void a_currency_is_one_that_the_programme_knows(void **state) {
    (void)state;
    static const char *const unknown[] = {"ZZZ", "BTC", "QQQ", "aed"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        const char *form = arena_printf(site_arena(portal), "client_name=New&client_email=n%%40mail.example&source=event&description=x&consent=true&estimated_value=5&currency=%s", unknown[i]);
        assert_contains(posted(OWNER, "/leads/full", form, 422)->body, "Choose one of the listed currencies.");
        form = arena_printf(site_arena(portal), "client_name=New&client_email=n%%40mail.example&source=event&version=1&currency=%s", unknown[i]);
        assert_contains(posted(OWNER, LEAD("21") "/edit", form, 422)->body, "Choose one of the listed currencies.");
    }
    posted(OWNER, "/leads/full", "client_name=New&client_email=n%40mail.example&source=event&description=x&consent=true&estimated_value=5&currency=USD", 303);
    /* what it has already, it may keep */
    site_sql(portal, "UPDATE leads SET currency = 'ZZZ' WHERE id = '" A("21") "'");
    posted(OWNER, LEAD("21") "/edit", "client_name=New&client_email=n%40mail.example&source=event&version=1&currency=ZZZ", 303);
}

/* ── List ── */

static json_t *page(enum site_who who, const char *path) {
    struct site_answer *answer =
        SITE_ASK(portal, .who = who, .path = path, .accept = "application/json");
    assert_int_equal(answer->status, 200);
    json_t *json = json_loadb(answer->body, answer->size, 0, NULL);
    assert_non_null(json);
    return json;
}

/* Ids of all pages, comma-separated. */
static char *walk(enum site_who who, const char *path, size_t *pages) {
    char next[4096];
    snprintf(next, sizeof next, "%s", path);
    char *ids = calloc(1, 64 * 1024);
    assert_non_null(ids);
    size_t used = 0;
    for (*pages = 0; *next && *pages < 20; (*pages)++) {
        json_t *json = page(who, next), *row;
        size_t i;
        json_array_foreach(json_object_get(json, "lead_list"), i, row) used +=
            (size_t)snprintf(ids + used, 64 * 1024 - used, "%s%s", used ? "," : "",
                             json_string_value(json_object_get(row, "id")));
        const char *href =
            json_string_value(json_object_get(json_object_get(json, "list"), "next_href"));
        snprintf(next, sizeof next, "%s", href ? href : "");
        json_decref(json);
    }
    return ids;
}

static void every_sort_walks_every_lead_once(void **state) {
    (void)state;
    static const struct {
        const char *sort, *order;
    } sorts[] = {{"", "created_at DESC, id DESC"},
                 {"created", "created_at, id"},
                 {"name", "client_name, id"},
                 {"name_desc", "client_name DESC, id DESC"},
                 {"value", "estimated_value, id"}, /* many are equal */
                 {"value_desc", "estimated_value DESC, id DESC"},
                 {"updated", "updated_at, id"},
                 {"updated_desc", "updated_at DESC, id DESC"}};
    site_add_rows(portal);
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) {
        char path[64];
        size_t pages;
        snprintf(path, sizeof path, "/leads?sort=%s", sorts[i].sort);
        char *ids = walk(OWNER, path, &pages);
        assert_int_equal(pages, 2);
        assert_string_equal(
            ids,
            site_value(
                portal,
                "SELECT string_agg(id::text, ',' ORDER BY %s) FROM leads WHERE partner_id = '%s'",
                sorts[i].order, A("01")));
        free(ids);
    }
}

static void filters_find_what_they_say(void **state) {
    (void)state;
    static const struct {
        const char *query, *where;
    } filters[] = {
        {"stage=won", "stage = 'won'"},
        {"open=1", "stage IN ('new', 'intake', 'qualified', 'active')"},
        {"source=website", "source = 'website'"},
        {"value_min=200%2C000&value_max=400000", "estimated_value BETWEEN 200000 AND 400000"},
        {"q=CLIENT+w", "client_name LIKE '%client w%'"},
        {"q=%2B971+50-300+40",
         "client_phone LIKE '+971 50 300 40%'"}, /* a number is found however it is written */
        {"q=0097150300+40", "client_phone LIKE '+971 50 300 40%'"},
        {"q=050300+40", "client_phone LIKE '+971 50 300 40%'"},
        {"q=%EF%BC%A3lient+w", "client_name LIKE '%client w%'"},
        {"q=%25", "false"},                      /* and % is a per cent sign */
        {"q=_erson", "false"},
        {"currency=USD", "false"},
    };
    site_add_rows(portal);
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        char path[128];
        size_t pages;
        snprintf(path, sizeof path, "/leads?sort=created&%s", filters[i].query);
        char *ids = walk(OWNER, path, &pages);
        const char *expected =
            site_value(portal,
                       "SELECT coalesce(string_agg(id::text, ',' ORDER BY created_at, id), '')"
                       "  FROM leads WHERE partner_id = '%s' AND %s",
                       A("01"), filters[i].where);
        if (strcmp(ids, expected) != 0)
            fail_msg("%s: \"%s\" and not \"%s\"", filters[i].query, ids, expected);
        free(ids);
    }
}

/* A person is told, and sees all; a program would take all for what it asked for. */
static void what_makes_no_sense_filters_nothing(void **state) {
    (void)state;
    static const char *const queries[] = {"stage=no+such+stage", "value_min=abc", "from=2026-02-30"};
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        struct arena *arena = site_arena(portal);
        const char *body = SITE_GET(portal, OWNER, arena_printf(arena, "/leads?%s", queries[i]))->body;
        assert_contains(body, "One of the filters is not understood");
        assert_contains(body, "Alder client won");
        assert_contains(body, "Alder client new");
        static const char *const kinds[] = {".csv", ".json", ".xlsx"};
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            struct site_answer *answer = SITE_GET(portal, OWNER, arena_printf(arena, "/leads%s?%s", kinds[k], queries[i]));
            assert_int_equal(answer->status, 422);
            assert_lacks(answer->body, "Alder client");
        }
    }
    assert_lacks(SITE_GET(portal, OWNER, "/leads?stage=won")->body, "is not understood");
}

static void staff_see_whose_and_may_narrow_to_one(void **state) {
    (void)state;
    const char *body = SITE_GET(portal, AGENT, "/leads")->body;
    assert_contains(body, "Alder Homes");
    assert_contains(body, "Zebulon Realty");
    body = SITE_GET(portal, AGENT, "/leads?partner=" B("01"))->body;
    assert_contains(body, "Partner: Zebulon Realty");
    assert_lacks(body, "Alder client");
    assert_lacks(SITE_GET(portal, OWNER, "/leads?partner=" B("01"))->body, "Zebulon");
}

static void the_export_is_the_list(void **state) {
    (void)state;
    site_add_rows(portal);
    const char *body = SITE_GET(portal, OWNER, "/leads.csv?sort=value_desc")->body;
    assert_int_equal(
        strncmp(
            body,
            "\xEF\xBB\xBFname,email,phone,location,stage,source,currency,value,created,updated,closed,next_at,next_step,id\r\n",
            101),
        0);
    size_t lines = 0;
    for (const char *at = body; (at = strstr(at, "\r\n")); at += 2)
        lines++;
    assert_int_equal(lines, 1 + 8 + 60);
    assert_contains(SITE_GET(portal, AGENT, "/leads.csv")->body, ",closed,partner,score,next_at,next_step,id\r\n");
    assert_contains(SITE_GET(portal, OWNER, "/leads.csv?stage=won")->body, "Alder client won");
    assert_lacks(SITE_GET(portal, OWNER, "/leads.csv?stage=won")->body, "Alder client lost");
}

static void an_empty_list_tells_why(void **state) {
    (void)state;
    assert_contains(SITE_GET(portal, OWNER, "/leads?q=nobody-of-this-name")->body,
                    "Nothing matches");
    site_sql(portal, "UPDATE leads SET partner_id = '%s'", B("01")); /* the rollups follow */
    const char *body = SITE_GET(portal, OWNER, "/leads")->body;
    assert_contains(body, "No leads yet");
    assert_contains(body, "Send the first lead");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_error_stands_beside_its_field_with_what_was_typed, restore),
        cmocka_unit_test_setup(one_contact_is_enough_and_none_is_not, restore),
        cmocka_unit_test_setup(nobody_is_referred_without_having_agreed, restore),
        cmocka_unit_test_setup(a_new_lead_is_the_partners_own_whatever_was_sent, restore),
        cmocka_unit_test_setup(a_full_lead_keeps_everything, restore),
        cmocka_unit_test_setup(staff_say_whose_lead_it_is, restore),
        cmocka_unit_test_setup(a_suspended_partner_sends_nothing, restore),
        cmocka_unit_test_setup(a_lead_walks_its_way, restore),
        cmocka_unit_test_setup(a_move_that_is_not_allowed_changes_nothing, restore),
        cmocka_unit_test_setup(won_needs_a_value, restore),
        cmocka_unit_test_setup(staff_reopen_and_say_why, restore),
        cmocka_unit_test_setup(an_edit_of_an_old_version_loses_nothing, restore),
        cmocka_unit_test_setup(partners_leave_closed_leads_alone, restore),
        cmocka_unit_test_setup(what_staff_keep_for_themselves_stays_there, restore),
        cmocka_unit_test_setup(a_viewer_has_no_buttons, restore),
        cmocka_unit_test_setup(every_sort_walks_every_lead_once, restore),
        cmocka_unit_test_setup(a_currency_is_one_that_the_programme_knows, restore),
        cmocka_unit_test_setup(filters_find_what_they_say, restore),
        cmocka_unit_test_setup(what_makes_no_sense_filters_nothing, restore),
        cmocka_unit_test_setup(staff_see_whose_and_may_narrow_to_one, restore),
        cmocka_unit_test_setup(the_export_is_the_list, restore),
        cmocka_unit_test_setup(an_empty_list_tells_why, restore),
    };
    return cmocka_run_group_tests(tests, open_portal, close_portal);
}
