/* The board of leads and the undoing of moves, through the whole portal. */
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define LEAD(row) "/leads/" A(row) /* 21 new, 22 intake … in the order of stages, as in site.sql */

static json_t *ask_json(enum site_who who, const char *path) {
    struct site_answer *answer = SITE_ASK(portal, .who = who, .path = path, .accept = "application/json");
    if (answer->status != 200)
        fail_msg("%s: %d\n%.1000s", path, answer->status, answer->body);
    json_t *json = json_loadb(answer->body, answer->size, 0, NULL);
    assert_non_null(json);
    return json;
}

static json_t *column_of(json_t *board, const char *stage) {
    json_t *column;
    size_t i;
    json_array_foreach(json_object_get(board, "columns"), i, column) if (strcmp(json_string_value(json_object_get(column, "stage")), stage) == 0) return column;
    return NULL;
}

/* ── Columns ── */

static const char *const stages[] = {"new", "intake", "qualified", "active", "won", "lost", "dormant", "declined"};

/* Counts, sums and first cards are those of the leads that the condition leaves, in whatever way they were found. */
static void assert_board(enum site_who who, const char *query, const char *condition) {
    char path[128];
    snprintf(path, sizeof path, "/leads/board%s", query);
    json_t *board = ask_json(who, path);
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        json_t *column = column_of(board, stages[i]), *card, *sum;
        assert_non_null(column);
        char where[256];
        snprintf(where, sizeof where, "merged_into IS NULL AND stage = '%s' AND %s", stages[i], condition);
        const char *count = site_value(portal, "SELECT count(*) FROM leads WHERE %s", where);
        if (strtol(count, NULL, 10) != json_integer_value(json_object_get(column, "count")))
            fail_msg("%s, %s: %lld and not %s", path, stages[i], json_integer_value(json_object_get(column, "count")), count);
        char ids[4096] = "", sums[256] = "";
        size_t n;
        json_array_foreach(json_object_get(column, "cards"), n, card) snprintf(ids + strlen(ids), sizeof ids - strlen(ids), "%s%s", *ids ? "," : "",
                                                                               json_string_value(json_object_get(card, "id")));
        json_array_foreach(json_object_get(column, "sums"), n, sum) snprintf(sums + strlen(sums), sizeof sums - strlen(sums), "%s%s %.0f", *sums ? "," : "",
                                                                             json_string_value(json_object_get(sum, "currency")),
                                                                             json_number_value(json_object_get(sum, "value")));
        assert_string_equal(ids, site_value(portal, "SELECT coalesce(string_agg(id::text, ',' ORDER BY stage_at DESC, id DESC), '')"
                                                    "  FROM (SELECT * FROM leads WHERE %s ORDER BY stage_at DESC, id DESC LIMIT 20) AS l", where));
        assert_string_equal(sums, site_value(portal, "SELECT coalesce(string_agg(currency || ' ' || round(value), ',' ORDER BY currency <> 'AED', currency), '')"
                                                     "  FROM (SELECT currency, sum(estimated_value) AS value FROM leads WHERE %s GROUP BY 1) AS s", where));
    }
    json_decref(board);
}

static void columns_are_what_the_filters_leave(void **state) {
    (void)state;
    site_add_rows(portal);
    site_sql(portal, "UPDATE leads SET currency = 'USD', source = 'event' WHERE estimated_value %% 3000 = 0");
    const char *own = "partner_id = '" A("01") "'";
    assert_board(AGENT, "", "true");
    assert_board(OWNER, "", own);
    assert_board(VIEWER, "", own);
    assert_board(AGENT, "?partner=" B("01"), "partner_id = '" B("01") "'");
    assert_board(OWNER, "?partner=" B("01"), "false");
    assert_board(AGENT, "?currency=USD", "currency = 'USD'");
    assert_board(AGENT, "?source=event", "source = 'event'");
    assert_board(OWNER, "?source=event&value_min=200000", "partner_id = '" A("01") "' AND source = 'event' AND estimated_value >= 200000");
    assert_board(AGENT, "?q=zebulon", "search LIKE '%zebulon%'");
    assert_board(OWNER, "?q=zebulon", "false");
}

static void a_column_goes_on_until_every_lead_was_there_once(void **state) {
    (void)state;
    site_add_rows(portal);
    site_sql(portal, "UPDATE leads SET stage_at = date_trunc('hour', stage_at)"); /* many are equal */
    char next[4096] = "/leads/board?source=website&column=new";
    char *ids = calloc(1, 64 * 1024);
    size_t pages = 0, used = 0;
    for (; *next && pages < 50; pages++) {
        json_t *board = ask_json(OWNER, next), *card;
        assert_int_equal(json_array_size(json_object_get(board, "columns")), 1);
        size_t i;
        json_array_foreach(json_object_get(column_of(board, "new"), "cards"), i, card) used +=
            (size_t)snprintf(ids + used, 64 * 1024 - used, "%s%s", used ? "," : "", json_string_value(json_object_get(card, "id")));
        const char *href = json_string_value(json_object_get(column_of(board, "new"), "next_href"));
        snprintf(next, sizeof next, "%s", href ? href : "");
        json_decref(board);
    }
    assert_true(pages > 1);
    assert_string_equal(ids, site_value(portal, "SELECT string_agg(id::text, ',' ORDER BY stage_at DESC, id DESC) FROM leads"
                                                " WHERE partner_id = '%s' AND stage = 'new' AND source = 'website'", A("01")));
    free(ids);
}

static void stages_may_be_left_out(void **state) {
    (void)state;
    json_t *board = ask_json(OWNER, "/leads/board?open=1");
    assert_int_equal(json_array_size(json_object_get(board, "columns")), 4);
    json_decref(board);
    board = ask_json(OWNER, "/leads/board?stage=won");
    assert_int_equal(json_array_size(json_object_get(board, "columns")), 1);
    assert_non_null(column_of(board, "won"));
    json_decref(board);
}

static void cards_offer_what_the_table_allows(void **state) {
    (void)state;
    for (enum site_who who = OWNER; who <= AGENT; who = who == OWNER ? VIEWER : AGENT + (who == AGENT)) {
        json_t *board = ask_json(who, "/leads/board");
        for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
            json_t *move;
            char offered[128] = "";
            size_t n;
            json_array_foreach(json_object_get(column_of(board, stages[i]), "moves"), n, move) snprintf(
                offered + strlen(offered), sizeof offered - strlen(offered), "%s%s", *offered ? "," : "", json_string_value(json_object_get(move, "value")));
            const char *allowed = site_value(portal, "SELECT coalesce(string_agg(to_stage, ',' ORDER BY array_position(ARRAY['new', 'intake', 'qualified', 'active', 'won', "
                                                     "'lost', 'dormant', 'declined'], to_stage)), '') FROM stage_moves WHERE from_stage = '%s' AND %s",
                                             stages[i], who == AGENT ? "true" : "NOT staff_only");
            assert_string_equal(offered, who == VIEWER ? "" : allowed);
        }
        json_decref(board);
    }
    assert_lacks(SITE_GET(portal, VIEWER, "/leads/board")->body, "/stage\"");
}

static void table_and_board_keep_the_filters(void **state) {
    (void)state;
    assert_contains(SITE_GET(portal, OWNER, "/leads?source=event&q=a")->body, "/leads/board?q=a&amp;source=event\"");
    const char *body = SITE_GET(portal, OWNER, "/leads/board?source=event&q=a")->body;
    assert_contains(body, "/leads?q=a&amp;source=event\"");
    assert_contains(body, "/leads.csv?q=a&amp;source=event\"");
}

/* ── Moves ── */

static void whoever_comes_second_is_told_so(void **state) {
    (void)state;
    struct site_answer *first = SITE_ASK(portal, .who = OWNER, .path = LEAD("21") "/stage", .form = "stage=intake&version=1", .accept = "application/json");
    assert_int_equal(first->status, 200);
    assert_contains(first->body, "\"undo\":\"" LEAD("21") "/undo\"");
    assert_contains(first->body, "\"undo_version\":\"2\"");
    const char *before = site_digest(portal);
    struct site_answer *second = SITE_ASK(portal, .who = SALES, .path = LEAD("21") "/stage", .form = "stage=lost&reason=x&version=1", .accept = "application/json");
    assert_int_equal(second->status, 409);
    assert_contains(second->body, "before you");
    assert_string_equal(site_digest(portal), before);
}

static void a_reason_is_chosen_or_said(void **state) {
    (void)state;
    assert_contains(posted(OWNER, LEAD("21") "/stage", "stage=lost&version=1&reason_code=dormant_later", 422)->body, "belongs to another stage");
    posted(OWNER, LEAD("21") "/stage", "stage=lost&version=1&reason_code=lost_price&reason=by+far", 303);
    posted(OWNER, LEAD("22") "/stage", "stage=dormant&version=1&reason_code=dormant_later", 303);
    posted(OWNER, LEAD("23") "/stage", "stage=active&version=1&reason_code=lost_price", 303); /* chosen before, for another stage */
    assert_value("lost_price by far,dormant_later,", "SELECT string_agg(concat_ws(' ', stage_reason_code, stage_reason), ',' ORDER BY id) FROM leads"
                                                     " WHERE id IN ('" A("21") "', '" A("22") "', '" A("23") "')");
    assert_value("lost_price by far", "SELECT concat_ws(' ', reason_code, reason) FROM lead_history WHERE lead_id = '" A("21") "' AND kind = 'stage'");
    assert_contains(SITE_GET(portal, AGENT, LEAD("21"))->body, "Too expensive – by far");
}

static void back_to_where_the_form_was_and_nowhere_else(void **state) {
    (void)state;
    struct site_answer *answer = posted(OWNER, LEAD("21") "/stage", "stage=intake&version=1&back=%2Fleads%2Fboard%3Fq%3Da", 303);
    assert_string_equal(site_header(portal, answer, "Location"), "/leads/board?q=a");
    answer = posted(OWNER, LEAD("21") "/stage", "stage=qualified&version=2&back=%2F%2Fevil.example", 303);
    assert_string_equal(site_header(portal, answer, "Location"), "/");
}

/* ── Undo ── */

#define FACTS "SELECT concat_ws(' ', stage, stage_reason, stage_reason_code, estimated_value, closed_at IS NOT NULL, stage_at) FROM leads WHERE id = '"

static void everything_is_as_it_was_and_history_has_both(void **state) {
    (void)state;
    static const struct {
        const char *id, *path, *form;
    } moves[] = {{A("21"), LEAD("21"), "stage=intake&version=1"},
                 {A("24"), LEAD("24"), "stage=won&version=1&estimated_value=7"},
                 {A("22"), LEAD("22"), "stage=lost&version=1&reason_code=lost_price"},
                 {A("27"), LEAD("27"), "stage=qualified&version=1"}};
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        char path[128], query[512], *before;
        snprintf(query, sizeof query, FACTS "%s'", moves[i].id);
        before = strdup(site_value(portal, "%s", query));
        snprintf(path, sizeof path, "%s/stage", moves[i].path);
        posted(OWNER, path, moves[i].form, 303);
        assert_contains(SITE_GET(portal, OWNER, moves[i].path)->body, "You moved this lead just now.");
        assert_lacks(SITE_GET(portal, SALES, moves[i].path)->body, "You moved this lead just now.");
        snprintf(path, sizeof path, "%s/undo", moves[i].path);
        posted(OWNER, path, "version=2", 303);
        assert_string_equal(site_value(portal, "%s", query), before);
        free(before);
        assert_lacks(SITE_GET(portal, OWNER, moves[i].path)->body, "You moved this lead just now.");
        assert_string_equal(site_value(portal, "SELECT string_agg((undoes IS NOT NULL)::text, ' ' ORDER BY id) FROM lead_history WHERE lead_id = '%s' AND kind = 'stage'", moves[i].id), "false true");
        posted(OWNER, path, "version=3", 422); /* not twice */
    }
    assert_contains(SITE_GET(portal, OWNER, LEAD("24"))->body, "Undone: back from Won to Active");
    assert_value("0", "SELECT count(*) FROM app.rollup_differences()");
}

static void refused(enum site_who who, const char *form, const char *sentence) {
    const char *before = site_digest(portal);
    const char *body = posted(who, LEAD("21") "/undo", form, 422)->body;
    assert_contains(body, sentence);
    assert_contains(body, "name=\"stage\""); /* the page is whole */
    struct site_answer *json = SITE_ASK(portal, .who = who, .path = LEAD("21") "/undo", .form = form, .accept = "application/json");
    assert_int_equal(json->status, 409);
    assert_contains(json->body, sentence);
    assert_string_equal(site_digest(portal), before);
}

static void what_has_changed_since_is_not_undone(void **state) {
    (void)state;
    refused(OWNER, "version=1", "has been changed since");
    posted(OWNER, LEAD("21") "/stage", "stage=intake&version=1", 303);
    refused(SALES, "version=2", "Only whoever moved the lead"); /* somebody else's move */
    posted(SALES, LEAD("21") "/edit", "client_name=New&client_email=n%40mail.example&source=event&version=2", 303);
    refused(OWNER, "version=2", "has been changed since");
    refused(OWNER, "version=3", "has been changed since");
}

static void a_minute_is_all_there_is(void **state) {
    (void)state;
    posted(OWNER, LEAD("21") "/stage", "stage=intake&version=1", 303);
    site_sql(portal, "UPDATE lead_history SET at = at - interval '61 seconds' WHERE lead_id = '%s'", A("21"));
    refused(OWNER, "version=2", "for one minute");
    assert_lacks(SITE_GET(portal, OWNER, LEAD("21"))->body, "You moved this lead just now.");
}

/* Whoever forges a notice gets no button that posts elsewhere. */
static void a_notice_offers_undo_and_nothing_else(void **state) {
    (void)state;
    static const struct {
        const char *notice;
        bool button;
    } notices[] = {{"Moved.%0A%2Fleads%2F" A("21") "%2Fundo%0A2", true}, {"Moved.%0A%2Faccount%2Fsessions%2Fdelete%0A2", false},
                   {"Moved.%0A%2F%2Fevil.example%2Fundo%0A2", false},    {"Moved.%0A%2F%5Cevil.example%2Fundo%0A2", false},
                   {"Moved.%0A%2Fleads%2Fundo%0A2x", false},             {"Moved.%0A%2Fleads%2Fundo", false}};
    for (size_t i = 0; i < sizeof notices / sizeof *notices; i++) {
        char cookie[1024];
        snprintf(cookie, sizeof cookie, "session=%s; notice=%s", site_session(portal, OWNER), notices[i].notice);
        const char *body = SITE_ASK(portal, .who = OWNER, .path = "/leads/board?q=a", .cookie = cookie)->body;
        assert_contains(body, "Moved.");
        assert_int_equal(strstr(body, "class=\"notice-undo\" method=\"post\" action=") != NULL, notices[i].button);
        if (notices[i].button)
            assert_contains(body, "name=\"back\" value=\"/leads/board?q=a\"");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(columns_are_what_the_filters_leave, restore),
        cmocka_unit_test_setup(a_column_goes_on_until_every_lead_was_there_once, restore),
        cmocka_unit_test_setup(stages_may_be_left_out, restore),
        cmocka_unit_test_setup(cards_offer_what_the_table_allows, restore),
        cmocka_unit_test_setup(table_and_board_keep_the_filters, restore),
        cmocka_unit_test_setup(whoever_comes_second_is_told_so, restore),
        cmocka_unit_test_setup(a_reason_is_chosen_or_said, restore),
        cmocka_unit_test_setup(back_to_where_the_form_was_and_nowhere_else, restore),
        cmocka_unit_test_setup(everything_is_as_it_was_and_history_has_both, restore),
        cmocka_unit_test_setup(what_has_changed_since_is_not_undone, restore),
        cmocka_unit_test_setup(a_minute_is_all_there_is, restore),
        cmocka_unit_test_setup(a_notice_offers_undo_and_nothing_else, restore),
    };
    return cmocka_run_group_tests(tests, open_portal, close_portal);
}
