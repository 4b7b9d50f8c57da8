/* The list of leads as people like to see it, and what is done with many leads at once: through the whole portal. */
#include "core/text.h"
#include "db/catalog.h"
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include "tests/support/workday.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define LEAD(row) A(row) /* 21 new, 22 intake, 23 qualified, 24 active, 25 won, 26 lost, 27 dormant, 28 declined */

static const char *get(enum site_who who, const char *path) {
    struct site_answer *answer = SITE_GET(portal, who, path);
    if (answer->status != 200)
        fail_msg("GET %s: %d\n%.2000s", path, answer->status, answer->body);
    return answer->body;
}

static const char *post(enum site_who who, const char *path, const char *form, int status) {
    struct site_answer *answer = SITE_POST(portal, who, path, form);
    if (answer->status != status)
        fail_msg("POST %s %s: %d and not %d\n%.3000s", path, form, answer->status, status, answer->body);
    const char *location = site_header(portal, answer, "Location");
    return status == 303 ? location : answer->body;
}

/* ── Search ── */

static void what_is_anothers_is_not_found(void **state) {
    (void)state;
    assert_lacks(get(OWNER, "/search?q=Zebulon"), "/leads/bbbbbbbb");
    assert_contains(get(OWNER, "/search?q=zebulon"), "Nothing is called so");
    assert_lacks(get(OWNER, "/search/suggest?q=client"), "Zebulon");
    assert_contains(get(STRANGER, "/search?q=zebulon+client"), "/leads/" B("21"));
    assert_contains(get(AGENT, "/search?q=zebulon"), "/admin/partners/" B("01"));
    assert_lacks(get(FINANCE, "/search?q=client"), "/leads/aaaa"); /* may not read leads */
    assert_lacks(get(AGENT, "/search?q=staff-notes"), "STAFF-NOTES");
}

static void it_is_found_by_name_mail_phone_and_in_any_order(void **state) {
    (void)state;
    static const char *const asked[] = {"Alder+client+new", "alder+cl", "new+alder", "new%40alder-client", "503004021", "%2B971+50+300+4021",
                                        "al", "Aldre+cleint+new"};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        assert_contains(get(OWNER, arena_printf(site_arena(portal), "/search?q=%s", asked[i])), "/leads/" LEAD("21"));
    assert_contains(get(OWNER, "/search?q=sue"), "/team/" A("14"));
    assert_lacks(get(SALES, "/search?q=sue"), "/team/" A("14")); /* leads to the team instead */
    assert_contains(get(ADMIN, "/search?q=sid+zebulon"), "/admin/partners/" B("01") "/people/" B("13"));
}

/* As people write them, and as their telephones do. */
static void spelling_and_dialling_make_no_difference(void **state) {
    (void)state;
    posted(OWNER, "/leads", "name=x&client_name=Jos%C3%A9+M%C3%BCller-%C3%96zdemir&client_phone=056+777+1234&description=flat&consent=true", 303);
    const char *id = site_value(portal, "SELECT id FROM leads WHERE client_name LIKE 'Jos%%'");
    static const char *const asked[] = {"ozdemir", "%C3%B6zdemir", "jose+muller", "JOS%C3%89", "%EF%BC%AAos%C3%A9", "%2B971567771234", "%2B971+56+777+1234",
                                        "00971567771234", "0567771234", "056+777", "7771234", "777-12"};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        const char *list = arena_printf(site_arena(portal), "/leads?q=%s", asked[i]), *found = arena_printf(site_arena(portal), "/search?q=%s", asked[i]);
        if (!strstr(get(OWNER, found), id) || !strstr(get(AGENT, found), id) || (!strchr(asked[i], '+') && !strstr(get(OWNER, list), id)))
            fail_msg("%s is not found", asked[i]);
    }
    site_sql(portal, "UPDATE leads SET client_name = 'Sean O''Brien' WHERE id = '%s'", id);
    assert_contains(get(OWNER, "/search?q=O%E2%80%99Brien"), id);
}

static void a_name_stands_before_a_place(void **state) {
    (void)state; /* all of them look for something in the Marina */
    site_sql(portal, "UPDATE leads SET client_name = 'Petra Marin' WHERE id = '" A("27") "'; UPDATE leads SET client_name = 'Otto Amarina' WHERE id = '" A("22") "'");
    const char *page = get(OWNER, "/search?q=marin");
    const char *name = strstr(page, "/leads/" A("27")), *inside = strstr(page, "/leads/" A("22")), *place = strstr(page, "/leads/" A("21"));
    assert_true(name && inside && place && name < inside && inside < place);
}

static void wild_characters_are_letters(void **state) {
    (void)state;
    static const char *const asked[] = {"%25", "_", "%5C", "%25%25%25", "'", "%20", "", "a'%3B--", "%7Bname%7D"};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        assert_lacks(get(OWNER, arena_printf(site_arena(portal), "/search?q=%s", asked[i])), "/leads/" LEAD("21"));
}

/* ── Views ── */

static const char *last_view(const char *name) {
    return site_value(portal, "SELECT id FROM lead_views WHERE name = '%s'", name);
}

static void a_view_is_a_tab_with_its_filters(void **state) {
    (void)state;
    const char *to = post(OWNER, "/leads/views/new", "name=Big+ones&query=stage%3Dactive%26value_min%3D1000%26sort%3Dvalue_desc%26evil%3Dx%26partner%3Dnonsense", 303);
    const char *href = arena_printf(site_arena(portal), "/leads?stage=active&value_min=1000.00&sort=value_desc&view=%s", last_view("Big ones"));
    if (strcmp(to, href) != 0)
        assert_string_equal(to, arena_printf(site_arena(portal), "/leads?stage=active&value_min=1000&sort=value_desc&view=%s", last_view("Big ones")));
    const char *page = get(OWNER, to);
    assert_contains(page, "aria-current=\"page\">Big ones</a>");
    assert_contains(page, ">Team of Alder</a>");
    assert_contains(page, "/leads/" LEAD("24"));
    assert_lacks(page, "/leads/" LEAD("21"));
    assert_lacks(get(SALES, "/leads?view=all"), "Big ones"); /* not shared */
    assert_contains(get(SALES, "/leads?view=all"), "Team of Alder");
    assert_lacks(get(SALES, "/leads?view=all"), "Won by Alder");
    assert_lacks(get(AGENT, "/leads?view=all"), "Team of Alder");
}

static void a_view_of_the_same_name_is_refused_and_typed_text_stays(void **state) {
    (void)state;
    const char *page = post(OWNER, "/leads/views/new", "name=won+by+alder&query=stage%3Dlost", 422);
    assert_contains(page, "a view of this name already");
    assert_contains(page, "value=\"stage=lost\"");
    assert_contains(post(OWNER, "/leads/views/new", "name=&query=", 422), "Give the view a name");
}

static void thirty_views_are_enough(void **state) {
    (void)state;
    site_sql(portal, "INSERT INTO lead_views (user_id, partner_id, name, query, position) SELECT '" A("11") "', '" A("01") "', 'View ' || n, '', n FROM generate_series(3, 29) AS n");
    post(OWNER, "/leads/views/new", "name=The+thirtieth&query=", 303);
    assert_contains(post(OWNER, "/leads/views/new", "name=One+more&query=", 422), "thirty views already");
    post(SALES, "/leads/views/new", "name=One+more&query=", 303); /* each has thirty of their own */
}

static void viewers_keep_their_views_to_themselves(void **state) {
    (void)state;
    post(VIEWER, "/leads/views/new", "name=Mine&shared=true&query=open%3D1", 303);
    assert_value("f", "SELECT shared FROM lead_views WHERE name = 'Mine'");
}

static void the_default_view_opens_by_itself(void **state) {
    (void)state;
    post(OWNER, "/leads/views/" A("61"), "name=Won+by+Alder&standard=true", 303);
    struct site_answer *answer = SITE_GET(portal, OWNER, "/leads");
    assert_int_equal(answer->status, 303);
    assert_string_equal(site_header(portal, answer, "Location"), "/leads?stage=won&sort=value_desc&view=" A("61"));
    assert_contains(get(OWNER, "/leads?view=all"), "/leads/" LEAD("21"));
    assert_int_equal(SITE_GET(portal, SALES, "/leads")->status, 200);
    assert_int_equal(SITE_GET(portal, OWNER, "/leads.csv")->status, 200);
    post(OWNER, "/leads/views/" A("61"), "name=Won+by+Alder", 303);
    assert_int_equal(SITE_GET(portal, OWNER, "/leads")->status, 200);
    post(OWNER, "/leads/views/" A("61"), "name=Won+by+Alder&standard=true", 303);
    post(OWNER, "/leads/views/" A("61") "/delete", "", 303);
    assert_int_equal(SITE_GET(portal, OWNER, "/leads")->status, 200);
}

/* The tabs over the list, and the page where they are put in order. */
static void assert_tabs(const char *first, const char *second) {
    static const char *const paths[] = {"/leads?view=all", "/leads/views"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const char *page = get(OWNER, paths[i]);
        const char *one = strstr(page, arena_printf(site_arena(portal), "view=%s", first));
        const char *other = strstr(page, arena_printf(site_arena(portal), "view=%s", second));
        assert_true(one && other && one < other);
    }
}

static void views_change_places_and_keep_what_is_not_sent(void **state) {
    (void)state;
    assert_tabs(A("61"), A("64"));
    post(OWNER, "/leads/views/" A("61") "/move", "to=down", 303);
    assert_tabs(A("64"), A("61"));
    assert_value(A("64") " " A("61"), "SELECT string_agg(id::text, ' ' ORDER BY position) FROM lead_views WHERE user_id = '" A("11") "'");
    post(OWNER, "/leads/views/" A("61") "/move", "to=down", 303); /* it is the last */
    post(OWNER, "/leads/views/" A("61") "/move", "to=up", 303);
    assert_value(A("61") " " A("64"), "SELECT string_agg(id::text, ' ' ORDER BY position) FROM lead_views WHERE user_id = '" A("11") "'");
    post(OWNER, "/leads/views/" A("64"), "name=Renamed&shared=true&with_columns=true", 303);
    assert_value("Renamed open=1 {value,stage} t", "SELECT concat_ws(' ', name, query, columns, shared) FROM lead_views WHERE id = '" A("64") "'");
}

/* ── Columns, and exports that have them ── */

static void columns_are_kept_in_their_order(void **state) {
    (void)state;
    post(OWNER, "/leads/columns", "columns=stage&columns=value&columns=phone&left=phone", 303);
    assert_value("{stage,phone,value}", "SELECT columns FROM lead_list_choices WHERE user_id = '" A("11") "'");
    const char *page = get(OWNER, "/leads?view=all");
    const char *stage = strstr(page, "<th scope=\"col\">Stage"), *phone = strstr(page, "<th scope=\"col\">Phone");
    assert_true(stage && phone && stage < phone);
    assert_lacks(page, "<th scope=\"col\">Source");
    assert_contains(get(OWNER, "/leads.csv"), "name,stage,phone,currency,value,id\r\n");
    assert_contains(get(SALES, "/leads.csv"), "name,email,phone,location,stage,source,currency,value,created,updated,closed,next_at,next_step,id\r\n");
    assert_contains(get(OWNER, "/leads.csv?view=" A("64")), "name,currency,value,stage,id\r\n");
    post(OWNER, "/leads/columns", "usual=true", 303);
    assert_contains(get(OWNER, "/leads?view=all"), "<th scope=\"col\">Next step");
    assert_contains(post(OWNER, "/leads/columns", "left=value", 422), "Choose at least one column");
    post(OWNER, "/leads/columns", "columns=partner&columns=stage", 303);
    assert_lacks(get(OWNER, "/leads?view=all"), "<th scope=\"col\">Partner");
}

static void a_long_workbook_is_streamed_whole(void **state) {
    (void)state;
    site_sql(portal, "INSERT INTO leads (partner_id, client_name, client_email, currency) SELECT '" A("01") "', '=Row ' || n, 'r' || n || '@x.example', 'AED' "
                     "FROM generate_series(1, 2500) AS n");
    struct site_answer *answer = SITE_GET(portal, OWNER, "/leads.xlsx?q=row");
    assert_int_equal(answer->status, 200);
    assert_false(answer->broken_off);
    assert_contains(site_header(portal, answer, "Content-Disposition"), "leads.xlsx");
    assert_contains(site_header(portal, answer, "Content-Type"), "spreadsheetml.sheet");
    assert_memory_equal(answer->body, "PK\x03\x04", 4);
    assert_memory_equal(answer->body + answer->size - 22, "PK\x05\x06", 4); /* the end of the directory */
    assert_int_equal(SITE_GET(portal, OWNER, "/dashboard.xlsx")->status, 404);
}

/* ── Many at once ── */

static const char *select_leads(enum site_who who, const char *form) {
    return arena_strdup(site_arena(portal), post(who, "/leads/bulk", form, 303));
}

static const char *below(const char *bulk, const char *what) {
    return arena_printf(site_arena(portal), "%s/%s", bulk, what);
}

static void moving_many_says_what_it_leaves_out_and_does_the_rest(void **state) {
    (void)state;
    const char *bulk = select_leads(OWNER, "lead=" LEAD("21") "&lead=" LEAD("23") "&lead=" LEAD("25") "&lead=" LEAD("27") "&lead=" B("21") "&lead=nonsense");
    assert_contains(get(OWNER, bulk), "4 selected");
    assert_contains(post(OWNER, bulk, "action=stage&stage=dormant", 422), "f-reason-error");
    assert_contains(post(OWNER, bulk, "action=stage", 422), "f-stage-error");
    post(OWNER, bulk, "action=stage&stage=dormant&reason=Gone+quiet", 303);
    const char *page = get(OWNER, bulk);
    assert_contains(page, "Do it with 2");
    assert_contains(page, "This is so already.");
    assert_contains(page, "No way leads there");
    assert_contains(page, "Gone quiet");
    assert_value("new", "SELECT stage FROM leads WHERE id = '" LEAD("21") "'"); /* nothing has happened yet */
    post(OWNER, below(bulk, "run"), "", 303);
    assert_value("dormant dormant won dormant", "SELECT string_agg(stage, ' ' ORDER BY id) FROM leads WHERE id IN ('" LEAD("21") "', '" LEAD("23") "', '" LEAD("25") "', '" LEAD("27") "')");
    assert_value("new", "SELECT stage FROM leads WHERE id = '" B("21") "'");
    assert_contains(get(OWNER, bulk), "Undo");
    assert_contains(get(SALES, bulk), "Olive Alder"); /* colleagues see what it was */
    assert_contains(get(OWNER, "/leads/" LEAD("21")), "Gone quiet");
    assert_contains(get(OWNER, "/leads/" LEAD("21")), "changed together");
    post(OWNER, below(bulk, "run"), "", 409);
}

static void many_go_for_a_reason_of_the_list(void **state) {
    (void)state;
    const char *bulk = select_leads(OWNER, "lead=" LEAD("21") "&lead=" LEAD("23"));
    const char *choice = get(OWNER, bulk);
    assert_contains(choice, "<optgroup label=\"Lost\" data-stage=\"lost\"><option value=\"lost_elsewhere\">");
    assert_lacks(choice, "declined"); /* for staff alone, as is going back */
    assert_lacks(choice, "<option value=\"new\"");
    assert_contains(post(OWNER, bulk, "action=stage&stage=lost&reason_code=dormant_later", 422), "f-reason_code-error");
    assert_contains(post(OWNER, bulk, "action=stage&stage=lost&reason_code=no_such", 422), "f-reason_code-error");
    post(OWNER, bulk, "action=stage&stage=lost&reason_code=lost_price&reason=By+far", 303);
    const char *page = get(OWNER, bulk);
    assert_contains(page, "Too expensive – By far");
    assert_contains(page, "value=\"lost_price\" selected"); /* to think again */
    post(OWNER, below(bulk, "run"), "", 303);
    assert_value("lost lost_price By far", "SELECT concat_ws(' ', stage, stage_reason_code, stage_reason) FROM leads WHERE id = '" LEAD("21") "'");
    assert_value("2", "SELECT count(*) FROM lead_history WHERE bulk_id IS NOT NULL AND reason_code = 'lost_price'");
    assert_contains(get(OWNER, "/leads/" LEAD("21")), "Too expensive");
    post(OWNER, below(bulk, "undo"), "", 303);
    assert_value("new ", "SELECT concat_ws(' ', stage, coalesce(stage_reason_code, '')) FROM leads WHERE id = '" LEAD("21") "'");

    bulk = select_leads(AGENT, "lead=" LEAD("21"));
    assert_contains(get(AGENT, bulk), "data-stage=\"declined\"");
    post(AGENT, bulk, "action=stage&stage=intake&reason_code=lost_price", 303); /* forward: none is kept */
    post(AGENT, below(bulk, "run"), "", 303);
    assert_value("intake ", "SELECT concat_ws(' ', stage, coalesce(stage_reason_code, '')) FROM leads WHERE id = '" LEAD("21") "'");
}

static void history_shows_it_as_one(void **state) {
    (void)state;
    const char *bulk = select_leads(OWNER, "lead=" LEAD("21") "&lead=" LEAD("22") "&lead=" LEAD("23"));
    post(OWNER, bulk, "action=stage&stage=lost&reason=Over", 303);
    post(OWNER, below(bulk, "run"), "", 303);
    assert_value("3 1 3", "SELECT concat_ws(' ', count(*), count(bulk_size), max(bulk_size)) FROM lead_history WHERE bulk_id IS NOT NULL");
    const char *page = get(OWNER, "/dashboard");
    assert_contains(page, ">3 leads</a>");
    assert_contains(page, "Moved to Lost together");
    workday_work_all();
    assert_int_equal(workday_told(site_who_id(COLLEAGUE), "lead.bulk"), 1);
    assert_int_equal(workday_told(site_who_id(COLLEAGUE), "lead.stage"), 0);
    assert_int_equal(workday_told(site_who_id(STRANGER), "lead.bulk"), 0);
    assert_contains(get(COLLEAGUE, "/notifications"), "moved 3 leads to Lost at once");
}

static void undoing_leaves_out_what_changed_since(void **state) {
    (void)state;
    const char *before = site_value(portal, "SELECT string_agg(concat_ws(' ', stage, stage_reason, stage_at, closed_at, source), ';' ORDER BY id) FROM leads WHERE id <> '" LEAD("22") "'");
    const char *bulk = select_leads(OWNER, "lead=" LEAD("21") "&lead=" LEAD("22") "&lead=" LEAD("23"));
    post(OWNER, bulk, "action=stage&stage=lost&reason=Over", 303);
    post(OWNER, below(bulk, "run"), "", 303);
    post(AGENT, "/leads/" LEAD("22") "/stage", "stage=qualified&reason=Not+yet&version=2", 303);
    const char *undo = arena_strdup(site_arena(portal), post(OWNER, below(bulk, "undo"), "", 303));
    const char *page = get(OWNER, undo);
    assert_contains(page, "Somebody changed them after they were selected.");
    assert_value("qualified", "SELECT stage FROM leads WHERE id = '" LEAD("22") "'");
    const char *after = site_value(portal, "SELECT string_agg(concat_ws(' ', stage, stage_reason, stage_at, closed_at, source), ';' ORDER BY id) FROM leads WHERE id <> '" LEAD("22") "'");
    assert_string_equal(after, before);
    post(OWNER, below(bulk, "undo"), "", 409); /* once */
    assert_contains(get(OWNER, bulk), "This was undone");
    assert_lacks(get(OWNER, undo), "commandfor=\"undo-bulk\"");
    assert_value("0", "SELECT count(*) FROM rollup_stage r FULL JOIN app.rollup_stage_recount c USING (scope, currency, stage) WHERE coalesce(r.leads, 0) <> coalesce(c.leads, 0)");
}

static void a_day_later_it_stays(void **state) {
    (void)state;
    const char *bulk = select_leads(OWNER, "lead=" LEAD("21"));
    post(OWNER, bulk, "action=source&source=event", 303);
    post(OWNER, below(bulk, "run"), "", 303);
    site_sql(portal, "UPDATE bulk_actions SET finished_at = now() - interval '25 hours' WHERE state = 'finished'");
    assert_lacks(get(OWNER, bulk), "commandfor=\"undo-bulk\"");
    post(OWNER, below(bulk, "undo"), "", 409);
}

static void what_changed_after_it_was_selected_is_left_out(void **state) {
    (void)state;
    const char *bulk = select_leads(OWNER, "lead=" LEAD("21") "&lead=" LEAD("22"));
    post(OWNER, bulk, "action=source&source=event", 303);
    post(SALES, "/leads/" LEAD("21") "/stage", "stage=intake&version=1", 303);
    post(OWNER, below(bulk, "run"), "", 303);
    assert_value("referral event", "SELECT string_agg(source, ' ' ORDER BY id) FROM leads WHERE id IN ('" LEAD("21") "', '" LEAD("22") "')");
    assert_contains(get(OWNER, bulk), "Somebody changed them");
    assert_contains(get(OWNER, below(bulk, "rows?refused=1")), "/leads/" LEAD("21"));
    assert_lacks(get(OWNER, below(bulk, "rows?refused=1")), "/leads/" LEAD("22"));
}

static void what_changed_before_it_was_planned_is_left_out(void **state) {
    (void)state;
    const char *bulk = select_leads(OWNER, "lead=" LEAD("21") "&lead=" LEAD("22"));
    post(SALES, "/leads/" LEAD("21") "/stage", "stage=intake&version=1", 303);
    post(OWNER, bulk, "action=source&source=event", 303);
    assert_contains(get(OWNER, bulk), "Somebody changed them");
    assert_contains(get(OWNER, below(bulk, "rows?refused=1")), "/leads/" LEAD("21"));
    assert_lacks(get(OWNER, below(bulk, "rows?refused=1")), "/leads/" LEAD("22"));
}

static void all_that_match_are_those_of_the_list(void **state) {
    (void)state;
    static const char *const filters[] = {"", "stage=won", "open=1", "q=alder", "value_min=300000", "currency=USD", "q=%2B97150300", "source=referral&to=2100-01-01"};
    site_add_rows(portal);
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        size_t listed = 0;
        for (const char *c = get(OWNER, arena_printf(site_arena(portal), "/leads.csv?%s", filters[i])); *c; c++)
            listed += *c == '\n';
        struct buf encoded;
        buf_init(&encoded, 1000);
        for (const char *c = filters[i]; *c; c++)
            buf_printf(&encoded, "%%%02X", (unsigned)*c);
        struct site_answer *answer = SITE_POST(portal, OWNER, "/leads/bulk", arena_printf(site_arena(portal), "all=true&filters=%s", buf_text(&encoded)));
        buf_free(&encoded);
        if (listed == 1) {
            assert_int_equal(answer->status, 422);
            continue;
        }
        assert_int_equal(answer->status, 303);
        const char *page = get(OWNER, site_header(portal, answer, "Location"));
        assert_contains(page, arena_printf(site_arena(portal), "%zu selected", listed - 1));
    }
}

/* The two statements have the same filters, word for word. */
static void the_filters_of_both_statements_are_the_same(void **state) {
    (void)state;
    const char *list = query_info(Q_lead_list)->sql, *bulk = query_info(Q_bulk_matching)->sql;
    size_t found = 0;
    for (const char *at = strstr(list, "   AND l."); at; at = strstr(at + 1, "   AND l.")) {
        const char *line = arena_strndup(site_arena(portal), at, strcspn(at, "\n"));
        assert_contains(bulk, line);
        found++;
    }
    for (const char *at = strstr(bulk, "   AND l."); at; at = strstr(at + 1, "   AND l."))
        found--;
    assert_int_equal(found, 0);
}

static void many_are_done_by_the_daemon_in_portions(void **state) {
    (void)state;
    site_sql(portal, "INSERT INTO leads (partner_id, client_name, client_email, currency) SELECT '" A("01") "', 'Row ' || n, 'r' || n || '@x.example', 'AED' "
                     "FROM generate_series(1, 1200) AS n");
    workday_clean();
    const char *bulk = select_leads(AGENT, "all=true&filters=q%3Drow");
    post(AGENT, bulk, "action=stage&stage=qualified", 303);
    assert_contains(get(AGENT, bulk), "Do it with 1,200");
    post(AGENT, below(bulk, "run"), "", 303);
    assert_contains(get(AGENT, bulk), "It is being done");
    assert_value("1200", "SELECT count(*) FROM leads WHERE client_name LIKE 'Row %' AND stage = 'new'");
    struct job jobs[WORKDAY_JOBS];
    size_t n = workday_claim(jobs);
    workday_work(jobs, n);
    assert_contains(get(AGENT, bulk), "500 of 1200");
    workday_work_all();
    assert_contains(get(AGENT, bulk), "commandfor=\"undo-bulk\"");
    assert_value("1200", "SELECT count(*) FROM leads WHERE client_name LIKE 'Row %' AND stage = 'qualified'");
    assert_value("1200", "SELECT count(*) FROM lead_history WHERE user_id = '" C("11") "' AND bulk_id IS NOT NULL");
    assert_int_equal(workday_told(site_who_id(OWNER), "lead.bulk"), 1);
    const char *undo = arena_strdup(site_arena(portal), post(AGENT, below(bulk, "undo"), "", 303));
    workday_work_all();
    assert_contains(get(AGENT, undo), "Put back as they were");
    assert_value("1200", "SELECT count(*) FROM leads WHERE client_name LIKE 'Row %' AND stage = 'new'");
}

static void whoever_lost_the_right_meanwhile_changes_nothing(void **state) {
    (void)state;
    site_sql(portal, "INSERT INTO leads (partner_id, client_name, client_email, currency) SELECT '" A("01") "', 'Row ' || n, 'r' || n || '@x.example', 'AED' "
                     "FROM generate_series(1, 300) AS n");
    workday_clean();
    const char *bulk = select_leads(SALES, "all=true&filters=q%3Drow");
    post(SALES, bulk, "action=stage&stage=intake", 303);
    post(SALES, below(bulk, "run"), "", 303);
    site_sql(portal, "UPDATE users SET role = 'viewer' WHERE id = '" A("13") "'");
    workday_work_all();
    assert_value("300", "SELECT count(*) FROM leads WHERE client_name LIKE 'Row %' AND stage = 'new'");
    assert_value("finished 0 300", "SELECT concat_ws(' ', state, done, changed) FROM bulk_actions WHERE user_id = '" A("13") "'");
}

static void too_many_or_none_is_said(void **state) {
    (void)state;
    assert_contains(post(OWNER, "/leads/bulk", "", 422), "No lead is selected");
    assert_contains(post(OWNER, "/leads/bulk", "lead=" B("21"), 422), "No lead is selected");
    assert_contains(post(OWNER, "/leads/bulk", "all=true&filters=stage%3Dnonsense", 422), "could not be read");
    assert_value("1", "SELECT count(*) FROM bulk_actions WHERE state = 'chosen' AND user_id = '" A("11") "'");

    /* and there is a way back, to a page of ours */
    struct arena *arena = site_arena(portal);
    const char *ours = arena_printf(arena, "%s/leads?select=1", site_config(portal)->base_url);
    const char *froms[][2] = {{ours, "href=\"/leads?select=1\""}, {arena_printf(arena, "%s.evil.example/x", site_config(portal)->base_url), NULL}, {"https://evil.example/leads", NULL}};
    for (size_t i = 0; i < sizeof froms / sizeof *froms; i++) {
        const char *const env[] = {"HTTP_REFERER", froms[i][0], NULL};
        const char *body = SITE_ASK(portal, .who = OWNER, .path = "/leads/bulk", .form = "", .env = env)->body;
        if (froms[i][1])
            assert_contains(body, froms[i][1]);
        else
            assert_lacks(body, ">Go back<");
    }
}

/* As when the database goes away in the middle. */
static void what_nobody_could_take_is_handed_back(void **state) {
    (void)state;
    site_sql(portal, "CREATE FUNCTION app.away() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'away' USING ERRCODE = '57P01'; END $$;"
                     "CREATE TRIGGER away BEFORE INSERT ON leads EXECUTE FUNCTION app.away()");
    struct site_answer *answer = SITE_ASK(portal, .who = OWNER, .path = "/leads", .fetch_site = "same-origin",
                                          .form = "client_name=Nadia+%3CNoor%3E&client_email=nadia%40client.example&description=A+flat&consent=true");
    site_sql(portal, "DROP TRIGGER away ON leads; DROP FUNCTION app.away()");
    assert_int_equal(answer->status, 503);
    assert_contains(answer->body, "Send again what I typed");
    assert_contains(answer->body, "name=\"client_name\" value=\"Nadia &lt;Noor&gt;\"");
    assert_contains(answer->body, "action=\"/leads\"");
}

#define TEST(test) cmocka_unit_test_setup(test, restore_and_clean)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(what_is_anothers_is_not_found),
        TEST(it_is_found_by_name_mail_phone_and_in_any_order),
        TEST(spelling_and_dialling_make_no_difference),
        TEST(a_name_stands_before_a_place),
        TEST(wild_characters_are_letters),
        TEST(a_view_is_a_tab_with_its_filters),
        TEST(a_view_of_the_same_name_is_refused_and_typed_text_stays),
        TEST(thirty_views_are_enough),
        TEST(viewers_keep_their_views_to_themselves),
        TEST(the_default_view_opens_by_itself),
        TEST(views_change_places_and_keep_what_is_not_sent),
        TEST(columns_are_kept_in_their_order),
        TEST(a_long_workbook_is_streamed_whole),
        TEST(moving_many_says_what_it_leaves_out_and_does_the_rest),
        TEST(many_go_for_a_reason_of_the_list),
        TEST(history_shows_it_as_one),
        TEST(undoing_leaves_out_what_changed_since),
        TEST(a_day_later_it_stays),
        TEST(what_changed_before_it_was_planned_is_left_out),
        TEST(what_changed_after_it_was_selected_is_left_out),
        TEST(all_that_match_are_those_of_the_list),
        TEST(the_filters_of_both_statements_are_the_same),
        TEST(many_are_done_by_the_daemon_in_portions),
        TEST(whoever_lost_the_right_meanwhile_changes_nothing),
        TEST(too_many_or_none_is_said),
        TEST(what_nobody_could_take_is_handed_back),
    };
    return cmocka_run_group_tests(tests, open_portal_and_day, close_portal_and_day);
}
