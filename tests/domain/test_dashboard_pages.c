/* The dashboard's figures against a recount, and against the lists that they lead to. */
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* Both partners' leads, some of them older and some in another currency, closed now and then. */
static int begin(void **state) {
    restore(state);
    site_add_rows(portal);
    site_sql(
        portal,
        "UPDATE leads SET created_at = now() - make_interval(days => (('x' || right(id::text, "
        "2))::bit(8)::int * 7) %% 400),"
        " currency = CASE WHEN estimated_value = 3000 THEN 'USD' ELSE currency END;"
        "UPDATE leads SET stage = CASE WHEN estimated_value %% 2000 = 0 THEN 'won' ELSE 'lost' END,"
        " closed_at = now() - make_interval(days => (('x' || right(id::text, 2))::bit(8)::int * 3) "
        "%% 90)"
        " WHERE source = 'website' AND score %% 2 = 0");
    return 0;
}

static json_t *page(enum site_who who, const char *path) {
    struct site_answer *answer =
        SITE_ASK(portal, .who = who, .path = path, .accept = "application/json");
    if (answer->status != 200)
        fail_msg("%s: %d\n%.2000s", path, answer->status, answer->body);
    json_t *json = json_loadb(answer->body, answer->size, 0, NULL);
    assert_non_null(json);
    return json;
}

static double number(const json_t *json, const char *outer, const char *inner, const char *name) {
    const json_t *value =
        json_object_get(json_object_get(json_object_get(json, outer), inner), name);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

static double figure(const json_t *json, const char *name) {
    return number(json, "figures", name, "value");
}

static double counted(const char *what, const char *where, bool partner) {
    const char *value = site_value(portal, "SELECT coalesce(%s, 0) FROM leads WHERE merged_into IS NULL AND %s AND %s",
                                   what, where, partner ? "partner_id = '" A("01") "'" : "true");
    assert_non_null(value);
    return strtod(value, NULL);
}

static void assert_number(double found, double expected) {
    if (found < expected - 0.001 || found > expected + 0.001)
        fail_msg("%f and not %f", found, expected);
}

#define TODAY   "(now() AT TIME ZONE 'UTC')::date"
#define CREATED "(created_at AT TIME ZONE 'UTC')::date"
#define CLOSED  "(closed_at AT TIME ZONE 'UTC')::date"

static void check_figures(enum site_who who, const char *path, const char *from) {
    bool partner = who == OWNER;
    json_t *json = page(who, path);
    char where[256];
    snprintf(where, sizeof where, CREATED " >= %s", from);
    assert_number(figure(json, "created"), counted("count(*)", where, partner));
    snprintf(where, sizeof where, "stage = 'won' AND " CLOSED " >= %s", from);
    assert_number(figure(json, "won"), counted("count(*)", where, partner));
    double won = figure(json, "won");
    snprintf(where, sizeof where, "stage = 'won' AND currency = 'AED' AND " CLOSED " >= %s", from);
    assert_number(figure(json, "won_value"), counted("sum(estimated_value)", where, partner));
    snprintf(where, sizeof where, "stage = 'lost' AND " CLOSED " >= %s", from);
    double lost = counted("count(*)", where, partner);
    assert_true(won > 0 && lost > 0); /* or this test tells nothing */
    assert_number(figure(json, "conversion"), won / (won + lost));
    const char *open = "stage IN ('new', 'intake', 'qualified', 'active')";
    assert_number(figure(json, "pipeline"), counted("count(*)", open, partner));
    snprintf(where, sizeof where, "%s AND currency = 'AED'", open);
    assert_number(number(json, "figures", "pipeline", "worth"),
                  counted("sum(estimated_value)", where, partner));
    json_decref(json);
}

static void figures_are_what_a_recount_says(void **state) {
    (void)state;
    const enum site_who both[] = {OWNER, ADMIN};
    for (size_t i = 0; i < 2; i++) {
        check_figures(both[i], "/dashboard", TODAY " - 29");
        check_figures(both[i], "/dashboard?period=90d", TODAY " - 89");
        check_figures(both[i], "/dashboard?period=12m",
                      "date_trunc('month', " TODAY ")::date - interval '11 months'");
        check_figures(both[i], "/dashboard?period=nonsense&currency=%3Cb%3E", TODAY " - 29");
    }
}

/* Rows behind a figure's link, and the sum of their values. */
static size_t rows_behind_link(enum site_who who, const json_t *dashboard, const char *name, const char *link,
                               double *sum) {
    const char *href = json_string_value(
        json_object_get(json_object_get(json_object_get(dashboard, "figures"), name), link));
    assert_non_null(href);
    char next[4096];
    snprintf(next, sizeof next, "%s", href);
    size_t rows = 0;
    *sum = 0;
    while (*next) {
        json_t *json = page(who, next), *row;
        size_t i;
        json_array_foreach(json_object_get(json, "lead_list"), i, row) {
            *sum += json_number_value(json_object_get(row, "value"));
            rows++;
        }
        href = json_string_value(json_object_get(json_object_get(json, "list"), "next_href"));
        snprintf(next, sizeof next, "%s", href ? href : "");
        json_decref(json);
    }
    return rows;
}

static size_t rows_behind(enum site_who who, const json_t *dashboard, const char *name, double *sum) {
    return rows_behind_link(who, dashboard, name, "href", sum);
}

static void figures_lead_to_their_rows(void **state) {
    (void)state;
    const enum site_who both[] = {OWNER, ADMIN};
    for (size_t i = 0; i < 2; i++) {
        json_t *json = page(both[i], "/dashboard?period=90d");
        double sum;
        assert_int_equal(rows_behind(both[i], json, "created", &sum), figure(json, "created"));
        assert_int_equal(rows_behind(both[i], json, "won", &sum), figure(json, "won"));
        assert_int_equal(rows_behind(both[i], json, "pipeline", &sum), figure(json, "pipeline"));
        size_t closed = rows_behind(both[i], json, "conversion", &sum);
        assert_number(figure(json, "won") / (double)closed, figure(json, "conversion"));
        (void)rows_behind(both[i], json, "won_value", &sum);
        assert_number(sum, figure(json, "won_value"));
        json_decref(json);
    }
}

static void comparisons_lead_to_what_they_compare_with(void **state) {
    (void)state;
    site_sql(portal, "UPDATE leads SET created_at = created_at - interval '40 days' WHERE id IN (SELECT id FROM leads ORDER BY id LIMIT 5)");
    site_sql(portal, "UPDATE leads SET closed_at = closed_at - interval '35 days' WHERE stage = 'won' AND id IN (SELECT id FROM leads WHERE stage = 'won' ORDER BY id LIMIT 2)");
    const enum site_who both[] = {OWNER, ADMIN};
    for (size_t i = 0; i < 2; i++) {
        json_t *json = page(both[i], "/dashboard");
        const json_t *sums = json_object_get(json, "dashboard_sums");
        double sum;
        assert_true(json_number_value(json_object_get(sums, "created_before")) > 0);
        assert_int_equal(rows_behind_link(both[i], json, "created", "delta_href", &sum), json_integer_value(json_object_get(sums, "created_before")));
        assert_int_equal(rows_behind_link(both[i], json, "won", "delta_href", &sum), json_integer_value(json_object_get(sums, "won_before")));
        (void)rows_behind_link(both[i], json, "won_value", "delta_href", &sum);
        assert_number(sum, json_number_value(json_object_get(sums, "won_value_before")));
        assert_int_equal(rows_behind_link(both[i], json, "conversion", "delta_href", &sum),
                         json_integer_value(json_object_get(sums, "won_before")) + json_integer_value(json_object_get(sums, "lost_before")));
        assert_contains(SITE_GET(portal, both[i], "/dashboard")->body, "href=\"/leads?reached=qualified\"");
        json_decref(json);
    }
}

/* The links that stand in a page's markup, with the number that each is around: the list behind has as many rows, or rows
 * that add up to it. */
static void check_link(enum site_who who, const char *href, const char *shown) {
    char address[512];
    size_t n = 0;
    for (const char *c = href; *c != '"' && n + 1 < sizeof address; c++) {
        address[n++] = *c;
        if (strncmp(c, "&amp;", 5) == 0)
            c += 4;
    }
    address[n] = '\0';
    double sum = 0, number = strtod(shown, NULL);
    size_t rows = 0;
    char next[4096];
    snprintf(next, sizeof next, "%s", address);
    while (*next) {
        json_t *json = page(who, next), *row;
        size_t i;
        json_array_foreach(json_object_get(json, "lead_list"), i, row) {
            sum += json_number_value(json_object_get(row, "value"));
            rows++;
        }
        const char *more = json_string_value(json_object_get(json_object_get(json, "list"), "next_href"));
        snprintf(next, sizeof next, "%s", more ? more : "");
        json_decref(json);
    }
    if ((double)rows != number && sum != number)
        fail_msg("%s: %zu rows, together %f, behind %f", address, rows, sum, number);
}

/* "AED 12,500", "1,234" or "<span …>AED 12,500" without what isn't a digit */
static const char *digits(const char *text) {
    static char out[64];
    size_t n = 0;
    while (*text == '<' || *text == '\n')
        text += strcspn(text, ">\n") + 1;
    for (; *text && *text != '<' && n + 1 < sizeof out; text++)
        if ((*text >= '0' && *text <= '9') || *text == '.')
            out[n++] = *text;
    out[n] = '\0';
    return out;
}

static size_t check_links(enum site_who who, const char *path) {
    struct site_answer *answer = SITE_GET(portal, who, path);
    assert_int_equal(answer->status, 200);
    size_t checked = 0;
    for (const char *at = strstr(answer->body, "<td class=\"num\"><a href=\"/leads?"); at; at = strstr(at + 1, "<td class=\"num\"><a href=\"/leads?")) {
        const char *href = strstr(at, "href=\"") + 6;
        check_link(who, href, digits(strchr(href, '>') + 1));
        checked++;
    }
    return checked;
}

static void every_number_in_the_tables_leads_to_its_rows(void **state) {
    (void)state;
    const enum site_who both[] = {OWNER, ADMIN};
    for (size_t i = 0; i < 2; i++) {
        assert_true(check_links(both[i], "/dashboard?period=90d") > 10);
        assert_true(check_links(both[i], "/dashboard?period=12m") > 10);
        assert_true(check_links(both[i], "/dashboard?currency=USD") > 3);
    }
    assert_int_equal(check_links(FINANCE, "/dashboard?period=90d"), 0); /* may not read leads */
}

static double commissions_behind(enum site_who who, const char *href) {
    double sum = 0;
    char next[4096];
    snprintf(next, sizeof next, "%s", href);
    while (*next) {
        json_t *json = page(who, next), *row;
        size_t i;
        json_array_foreach(json_object_get(json, "commission_list"), i, row)
            sum += json_number_value(json_object_get(row, "amount"));
        const char *more = json_string_value(json_object_get(json_object_get(json, "list"), "next_href"));
        snprintf(next, sizeof next, "%s", more ? more : "");
        json_decref(json);
    }
    return sum;
}

static void commission_leads_to_its_entries(void **state) {
    (void)state;
    static const char *const paths[] = {"/dashboard", "/dashboard?period=90d", "/dashboard?period=12m"};
    site_sql(portal, "UPDATE ledger_entries SET state = 'reversed' WHERE id = 'aaaaaaaa-0000-4000-8000-000000000301';"
                     "INSERT INTO ledger_entries (partner_id, kind, state, amount, currency, month) VALUES ('" A("01") "', 'adjustment', 'approved', 77, 'AED', "
                     "date_trunc('month', now() - interval '40 days'))");
    const enum site_who both[] = {OWNER, FINANCE};
    for (size_t i = 0; i < 2; i++) {
        for (size_t p = 0; p < 3; p++) {
            json_t *json = page(both[i], paths[p]);
            const char *href = json_string_value(json_object_get(json_object_get(json_object_get(json, "figures"), "commission"), "href"));
            double sum = commissions_behind(both[i], href);
            assert_true(sum > 0);
            assert_number(sum, figure(json, "commission"));
            href = json_string_value(json_object_get(json_object_get(json_object_get(json, "figures"), "commission"), "before_href"));
            assert_number(commissions_behind(both[i], href), json_number_value(json_object_get(json_object_get(json, "dashboard_sums"), "commission_before")));
            json_decref(json);
        }
    }
    const char *open = site_value(portal, "SELECT sum(amount) FROM ledger_entries WHERE partner_id = '%s' AND currency = 'AED' AND month = date_trunc('month', now())"
                                          " AND state IN ('pending', 'approved', 'payable', 'disputed')", A("01"));
    const char *month = site_value(portal, "SELECT date_trunc('month', now())::date");
    char href[200];
    snprintf(href, sizeof href, "/commissions?month=%s&currency=AED&open=1", month);
    assert_number(commissions_behind(OWNER, href), strtod(open, NULL));
}

static void a_partners_figures_lead_to_its_leads(void **state) {
    (void)state;
    static const struct {
        const char *query, *where;
    } figures[] = {{"", "true"}, {"&open=1", "stage IN ('new', 'intake', 'qualified', 'active')"}, {"&stage=won", "stage = 'won'"}};
    const char *body = SITE_GET(portal, ADMIN, "/admin/partners/" A("01"))->body;
    for (size_t i = 0; i < 3; i++) {
        char href[200];
        snprintf(href, sizeof href, "/leads?partner=%s%s", A("01"), figures[i].query);
        const char *count = site_value(portal, "SELECT count(*) FROM leads WHERE partner_id = '%s' AND %s", A("01"), figures[i].where);
        char quoted[220];
        snprintf(quoted, sizeof quoted, "%s\"", href);
        check_link(ADMIN, quoted, count);
    }
    assert_contains(body, "&amp;open=1\">Open</a>");
}

static void the_trend_adds_up_to_the_figures(void **state) {
    (void)state;
    for (const char *const *path = (const char *const[]){"/dashboard", "/dashboard?period=90d",
                                                         "/dashboard?period=12m", NULL};
         *path; path++) {
        json_t *json = page(OWNER, *path), *row;
        double created = 0, won = 0, value = 0;
        size_t i;
        json_array_foreach(json_object_get(json, "trend"), i, row) {
            created += json_number_value(json_object_get(row, "created"));
            won += json_number_value(json_object_get(row, "won"));
            value += json_number_value(json_object_get(row, "won_value"));
        }
        assert_number(created, figure(json, "created"));
        assert_number(won, figure(json, "won"));
        assert_number(value, figure(json, "won_value"));
        json_decref(json);
    }
}

static void money_is_in_one_currency(void **state) {
    (void)state;
    json_t *aed = page(OWNER, "/dashboard?period=12m"),
           *usd = page(OWNER, "/dashboard?period=12m&currency=USD");
    assert_string_equal(json_string_value(json_object_get(aed, "currency")), "AED");
    assert_string_equal(json_string_value(json_object_get(usd, "currency")), "USD");
    assert_int_equal(json_array_size(json_object_get(aed, "currencies")), 2);
    assert_number(figure(usd, "created"),
                  figure(aed, "created")); /* leads count whatever their currency */
    assert_number(number(usd, "figures", "pipeline", "worth"),
                  counted("sum(estimated_value)",
                          "currency = 'USD' AND stage IN ('new', 'intake', 'qualified', 'active')",
                          true));
    assert_true(number(usd, "figures", "pipeline", "worth") > 0);
    json_decref(aed);
    json_decref(usd);
}

static void commission_is_this_months_without_what_was_reversed(void **state) {
    (void)state;
    site_sql(portal, "UPDATE ledger_entries SET state = 'reversed' WHERE id IN ('%s', '%s')",
             "aaaaaaaa-0000-4000-8000-000000000301", "aaaaaaaa-0000-4000-8000-000000000302");
    json_t *json = page(OWNER, "/dashboard");
    const char *sum = site_value(
        portal,
        "SELECT sum(amount) FROM ledger_entries WHERE partner_id = '%s' AND state <> 'reversed'"
        " AND month = date_trunc('month', now() AT TIME ZONE 'UTC')",
        A("01"));
    assert_number(figure(json, "commission"), strtod(sum, NULL));
    assert_number(number(json, "figures", "commission", "before"), 0);
    json_decref(json);
}

static void each_role_sees_what_it_may(void **state) {
    (void)state;
    const char *body = SITE_GET(portal, FINANCE, "/dashboard")->body; /* may not read leads */
    assert_lacks(body, "client-");
    assert_lacks(body, "Alder client");
    assert_lacks(body, "href=\"/leads");
    assert_contains(body, "Commission, ");
    body = SITE_GET(portal, AGENT, "/dashboard")->body; /* may not read commissions */
    assert_lacks(body, "Commission, ");
    assert_contains(body, "href=\"/leads");
    assert_lacks(SITE_GET(portal, OWNER, "/dashboard")->body, "Zebulon");
    assert_lacks(
        SITE_ASK(portal, .who = OWNER, .path = "/dashboard", .accept = "application/json")->body,
        "Zebulon");
}

static void capacity_is_the_partners_own(void **state) {
    (void)state;
    json_t *json = page(OWNER, "/dashboard");
    const json_t *capacity = json_object_get(json, "capacity");
    assert_int_equal(json_integer_value(json_object_get(capacity, "value")), 1);
    assert_int_equal(json_integer_value(json_object_get(capacity, "max")), 10);
    assert_string_equal(json_string_value(json_object_get(capacity, "note")), "Room for 9 more.");
    json_decref(json);
    json = page(ADMIN, "/dashboard");
    assert_null(json_object_get(json, "capacity"));
    json_decref(json);
}

static void what_to_do_next_is_short_and_leads_there(void **state) {
    (void)state;
    site_sql(portal, "UPDATE leads SET stage_at = now() - interval '40 days'");
    json_t *json = page(OWNER, "/dashboard"), *duty;
    const json_t *duties = json_object_get(json, "duties");
    size_t i;
    assert_in_range(json_array_size(duties), 4, 5); /* four stages, the required course */
    json_array_foreach(duties, i, duty) {
        const char *href = json_string_value(json_object_get(duty, "href"));
        assert_int_equal(SITE_GET(portal, OWNER, href)->status, 200);
    }
    assert_contains(json_string_value(json_object_get(json_array_get(duties, 0), "title")),
                    "has waited 40 days in New");
    json_decref(json);
    json = page(VIEWER, "/dashboard");
    json_array_foreach(json_object_get(json, "duties"), i, duty)
        assert_lacks(json_string_value(json_object_get(duty, "title")), "has waited");
    json_decref(json);
}

static void a_new_partner_is_told_how_to_begin(void **state) {
    (void)state;
    site_sql(portal, "UPDATE leads SET partner_id = '%s'", B("01")); /* the rollups follow */
    const char *body = SITE_GET(portal, OWNER, "/dashboard")->body;
    assert_contains(body, "Your figures begin with the first lead");
    assert_contains(body, "href=\"/leads/new\"");
    assert_lacks(body, "Key figures");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(figures_are_what_a_recount_says, begin),
        cmocka_unit_test_setup(figures_lead_to_their_rows, begin),
        cmocka_unit_test_setup(comparisons_lead_to_what_they_compare_with, begin),
        cmocka_unit_test_setup(every_number_in_the_tables_leads_to_its_rows, begin),
        cmocka_unit_test_setup(commission_leads_to_its_entries, begin),
        cmocka_unit_test_setup(a_partners_figures_lead_to_its_leads, begin),
        cmocka_unit_test_setup(the_trend_adds_up_to_the_figures, begin),
        cmocka_unit_test_setup(money_is_in_one_currency, begin),
        cmocka_unit_test_setup(commission_is_this_months_without_what_was_reversed, begin),
        cmocka_unit_test_setup(each_role_sees_what_it_may, begin),
        cmocka_unit_test_setup(capacity_is_the_partners_own, begin),
        cmocka_unit_test_setup(what_to_do_next_is_short_and_leads_there, begin),
        cmocka_unit_test_setup(a_new_partner_is_told_how_to_begin, begin),
    };
    return cmocka_run_group_tests(tests, open_portal, close_portal);
}
