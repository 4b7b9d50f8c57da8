/*
 * The figures of links are exact after every write, whatever it was: random statements on links,
 * clicks, leads and what they are credited to, each followed by a recount; several writers at once;
 * tampering that is found. And what the database itself holds together: look-alike codes, landing
 * sites, the programme's own desk.
 */
#include "domain/links/link_rules.h"
#include "tests/support/random_writes.h"
#include "tests/support/scratch.h"
#include "tests/support/unit.h"
#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 300, WRITERS = 3, WRITER_STEPS = 60 };

static PGconn *conn;

#define PARTNER "aaaaaaaa-0000-4000-8000-00000000000"

static int setup(void **state) {
    (void)state;
    conn = scratch_connect(getenv("TESSERA_TEST_DATABASE"));
    scratch_run(conn,
                "SET synchronous_commit = off;"
                "INSERT INTO partners (id, name, type, region, commission_percent, currency) VALUES"
                " ('" PARTNER "1', 'Alder Homes', 'channel', 'AE', 15, 'AED'),"
                " ('" PARTNER "2', 'Birch Homes', 'channel', 'IN', 15, 'INR');"
                "UPDATE programme SET landing_sites = '{https://www.programme.example/homes}'");
    return 0;
}

static int teardown(void **state) {
    (void)state;
    PQfinish(conn);
    return 0;
}

static void link_add(const char *id, const char *partner, const char *code) {
    scratch_run(conn,
                "INSERT INTO referral_links (id, partner_id, code, name, target, destination) "
                "VALUES ('%s', '%s', '%s', 'Link', 'programme', '/')",
                id, partner, code);
}

#define LINK "11111111-0000-4000-8000-00000000000"

static int begin(void **state) {
    (void)state;
    scratch_run(conn, "DELETE FROM leads; DELETE FROM referral_links; SELECT app.rollup_repair(), "
                      "app.rollup_link_repair()");
    link_add(LINK "1", PARTNER "1", "alder-one");
    link_add(LINK "2", PARTNER "1", "alder-two");
    link_add(LINK "3", PARTNER "2", "birch-one");
    return 0;
}

#define DIFFERENCES                                                                                \
    "SELECT d::text FROM app.rollup_link_differences() AS d UNION ALL SELECT d::text FROM "        \
    "app.rollup_differences() AS d"

/* ── Random statements ── */

static void insert_clicks(struct step *step) {
    static const char *const kinds[] = {"person", "person", "person", "robot", "prefetch", "check"};
    snprintf(
        step->sql, sizeof step->sql,
        "INSERT INTO link_clicks (link_id, partner_id, at, kind, visitor) SELECT l.id, "
        "l.partner_id, "
        "now() - n * interval '%ld hours', '%s', decode(left(md5((n %% %ld)::text), 24), 'hex') "
        "FROM referral_links l, generate_series(0, %ld) AS n WHERE right(l.id::text, 1) <> '%ld'",
        step_below(step, 9), demo_random_one_of(&step->random, kinds), 1 + step_below(step, 5),
        step_below(step, 30), 1 + step_below(step, 4));
}

/* A partner's own link, or none. */
static void insert_leads(struct step *step) {
    snprintf(step->sql, sizeof step->sql,
             "WITH added AS (INSERT INTO leads (id, partner_id, client_name, client_phone, "
             "currency, estimated_value, created_at) "
             "SELECT md5('%s' || n)::uuid, '" PARTNER
             "%ld', 'Client', '+971', '%s', %ld * n, now() - n * interval '9 hours' "
             "FROM generate_series(1, %ld) AS n RETURNING *) "
             "INSERT INTO lead_attribution (lead_id, partner_id, link_id, day, currency, value, "
             "qualified, won) "
             "SELECT a.id, a.partner_id, (SELECT l.id FROM referral_links l WHERE l.partner_id = "
             "a.partner_id ORDER BY right(l.id::text, 1) = '%ld' LIMIT 1), "
             "(a.created_at AT TIME ZONE 'UTC')::date, a.currency, a.estimated_value, false, false "
             "FROM added a",
             step_fresh(step), 1 + step_below(step, 2), step_below(step, 3) > 0 ? "AED" : "USD",
             step_below(step, 100000), 1 + step_below(step, 5), 1 + step_below(step, 3));
}

static void move_stage(struct step *step) {
    static const char *const stages[] = {"new",     "intake",   "qualified", "active",
                                         "dormant", "declined", "won",       "lost"};
    char which[STEP_ROWS_SIZE];
    const char *stage = demo_random_one_of(&step->random, stages);
    bool closed = strcmp(stage, "won") == 0 || strcmp(stage, "lost") == 0;
    snprintf(step->sql, sizeof step->sql, "UPDATE leads SET stage = '%s', closed_at = %s WHERE %s",
             stage, closed ? "now()" : "NULL", step_some(step, which));
}

static void change_values(struct step *step) {
    char which[STEP_ROWS_SIZE];
    snprintf(step->sql, sizeof step->sql,
             "UPDATE leads SET estimated_value = %ld, currency = '%s' WHERE %s",
             step_below(step, 900000), step_below(step, 2) > 0 ? "AED" : "INR",
             step_some(step, which));
}

static void change_partner(struct step *step) {
    char which[STEP_ROWS_SIZE];
    snprintf(step->sql, sizeof step->sql,
             "UPDATE leads SET partner_id = '" PARTNER
             "%ld', created_at = created_at - interval '%ld days' WHERE %s",
             1 + step_below(step, 2), step_below(step, 3), step_some(step, which));
}

static void delete_leads(struct step *step) {
    char which[STEP_ROWS_SIZE];
    snprintf(step->sql, sizeof step->sql, "DELETE FROM leads WHERE %s", step_some(step, which));
}

static void delete_link(struct step *step) {
    snprintf(step->sql, sizeof step->sql,
             "DELETE FROM referral_links WHERE code = 'alder-two'; "
             "INSERT INTO referral_links (id, partner_id, code, name, target, destination) VALUES "
             "('%s', '" PARTNER "1', 'alder-two', 'Link', 'programme', '/')",
             step_fresh(step));
}

static void roll_back(struct step *step) {
    snprintf(step->sql, sizeof step->sql,
             "BEGIN; DELETE FROM lead_attribution; DELETE FROM referral_links; ROLLBACK");
}

static const struct step_kind kinds[] = {
    {20, insert_clicks}, {20, insert_leads}, {20, move_stage}, {12, change_values},
    {8, change_partner}, {7, delete_leads},  {3, delete_link}, {3, roll_back}};

static void exact_after_every_write(void **state) {
    struct step step = step_first(STREAM_LIFE, 0);
    long credits = 0, won = 0, clicks = 0; /* so many were there at most */
    (void)state;
    for (int i = 0; i < STEPS; i++) {
        step_make(&step, kinds, sizeof kinds / sizeof *kinds);
        scratch_run(conn, "%s", step.sql);
        writes_are_exact(conn, DIFFERENCES, step.sql);
        long now_credited = scratch_long(conn, "SELECT sum(leads) FROM rollup_link");
        long now_won = scratch_long(conn, "SELECT sum(won) FROM rollup_link");
        long now_clicks = scratch_long(conn, "SELECT sum(clicks) FROM rollup_link");
        credits = now_credited > credits ? now_credited : credits;
        won = now_won > won ? now_won : won;
        clicks = now_clicks > clicks ? now_clicks : clicks;
        assert_int_equal(
            scratch_long(conn, "SELECT count(*) FROM lead_attribution a JOIN referral_links l ON "
                               "l.id = a.link_id WHERE a.partner_id <> l.partner_id"),
            0);
    }
    print_message("at most %ld leads credited, %ld won, %ld clicks\n", credits, won, clicks);
    assert_true(credits > 10 && won > 3 && clicks > 500);
}

static void write_many(PGconn *mine, uint64_t number) {
    struct step step = step_first(STREAM_SHARE, number);
    for (int i = 0; i < WRITER_STEPS; i++) {
        if (step_below(&step, 2) > 0)
            insert_clicks(&step);
        else
            insert_leads(&step);
        scratch_run(mine, "%s", step.sql);
    }
}

/* Workers that write clicks and forms that bring leads wait for each other; none ends in a
 * deadlock. */
static void exact_with_several_writers(void **state) {
    (void)state;
    writers_at_once(WRITERS, write_many);
    writes_are_exact(conn, DIFFERENCES, "all of them");
}

static void some_rows(void) {
    scratch_run(conn,
                "INSERT INTO leads (id, partner_id, client_name, client_phone, stage, closed_at, "
                "currency, estimated_value) VALUES "
                "('bbbbbbbb-0000-4000-8000-000000000001', '" PARTNER
                "1', 'Client', '+971', 'won', now(), 'AED', 10);"
                "INSERT INTO lead_attribution (lead_id, partner_id, link_id, day, currency, value, "
                "qualified, won) VALUES "
                "('bbbbbbbb-0000-4000-8000-000000000001', '" PARTNER "1', '" LINK
                "1', (now() AT TIME ZONE 'UTC')::date, 'AED', 10, true, true);"
                "INSERT INTO link_clicks (link_id, partner_id, at, kind, visitor) VALUES ('" LINK
                "1', '" PARTNER "1', now(), 'person', '123456789012'), "
                "('" LINK "1', '" PARTNER "1', now(), 'robot', '123456789012')");
    writes_are_exact(conn, DIFFERENCES, "these rows");
}

static void tampering_is_found_and_repaired(void **state) {
    static const char *const wrongs[] = {
        "UPDATE rollup_link SET clicks = clicks + 1",
        "UPDATE rollup_link SET won = won - 1",
        "DELETE FROM rollup_link",
        "UPDATE rollup_link_day SET visitors = visitors + 1",
        "UPDATE rollup_link_day SET robots = 0",
        "UPDATE rollup_link_day SET qualified = 0",
        "DELETE FROM rollup_link_day",
        "UPDATE rollup_link_money SET won_value = 0",
        "DELETE FROM rollup_link_money",
        "UPDATE rollup_link_day SET partner_id = '" PARTNER "2'",
        "ALTER TABLE leads DISABLE TRIGGER attribution; UPDATE leads SET estimated_value = 11; "
        "ALTER TABLE leads ENABLE TRIGGER attribution",
        "ALTER TABLE leads DISABLE TRIGGER attribution; UPDATE leads SET stage = 'lost'; ALTER "
        "TABLE leads ENABLE TRIGGER attribution",
    };
    (void)state;
    some_rows();
    tampering_is_found(conn, wrongs, sizeof wrongs / sizeof *wrongs, DIFFERENCES,
                       "SELECT app.rollup_link_repair()");
}

/* A person is one visitor of a day, however many bundles they come in. */
static void visitors_count_once_a_day(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++)
        scratch_run(
            conn, "INSERT INTO link_clicks (link_id, partner_id, at, kind, visitor) VALUES "
                  "('" LINK "1', '" PARTNER "1', '2026-11-20 10:00+00', 'person', '123456789012'), "
                  "('" LINK "1', '" PARTNER "1', '2026-11-20 23:59+00', 'person', '123456789012'), "
                  "('" LINK "1', '" PARTNER "1', '2026-11-20 10:00+00', 'robot', '999999999999')");
    assert_string_equal(
        scratch_text(
            conn,
            "SELECT clicks || ' ' || visitors || ' ' || robots FROM rollup_link WHERE id = '" LINK
            "1'"),
        "6 1 3");
    scratch_run(conn, "SELECT app.links_tidy()");
    assert_int_equal(scratch_long(conn, "SELECT count(*) FROM link_visitors"), 0);
    assert_string_equal(
        scratch_text(
            conn,
            "SELECT clicks || ' ' || visitors || ' ' || robots FROM rollup_link WHERE id = '" LINK
            "1'"),
        "6 1 3");
}

/* ── What the database holds together ── */

static void skeletons_agree(void **state) {
    struct demo_random random = step_first(STREAM_LOOK, 0).random;
    static const char alphabet[] = "abimnorsvwz01258-";
    (void)state;
    for (int n = 0; n < 1000; n++) {
        char code[CODE_SIZE] = "", ours[CODE_SIZE];
        size_t size = 3 + demo_random_below(&random, CODE_MAX - 3);
        for (size_t i = 0; i < size; i++)
            code[i] = alphabet[demo_random_below(&random, sizeof alphabet - 1)];
        code_skeleton(code, ours);
        const char *theirs = scratch_text(conn, "SELECT app.code_skeleton('%s')", code);
        if (strcmp(ours, theirs) != 0)
            fail_msg("%s: %s here, %s in the database", code, ours, theirs);
    }
}

static bool refused(const char *sql, const char *state) {
    PGresult *result = PQexec(conn, sql);
    const char *given = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    bool as_expected = given != NULL && strcmp(given, state) == 0;
    if (!as_expected)
        print_error("%s: %s\n", sql, given != NULL ? given : "went through");
    PQclear(result);
    return as_expected;
}

#define ADD(code, target, to, url)                                                                 \
    "INSERT INTO referral_links (partner_id, code, name, target, destination, landing_url) "       \
    "VALUES ('" PARTNER "1', '" code "', 'Link', '" target "', '" to "', " url ")"

static void links_lead_to_our_own_sites(void **state) {
    static const char *const wrong[] = {
        ADD("go1", "landing", "https://evil.example/", "'https://evil.example/'"),
        ADD("go2", "landing", "https://www.programme.example.evil.example/homes/", "'x'"),
        ADD("go3", "landing", "https://www.programme.example/homes-of-others", "'x'"),
        ADD("go4", "landing", "https://www.programme.example/homes@evil.example/", "'x'"),
        ADD("go5", "programme", "//evil.example/", "NULL"),
        ADD("go6", "programme", "https://evil.example/", "NULL"),
        ADD("go7", "programme", "/\\\\evil.example", "NULL"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_true(refused(wrong[i], "TS422"));
    assert_true(refused(ADD("go8", "programme", "/a b", "NULL"), "23514"));
    assert_true(refused(ADD("go9", "programme", "/a\nSet-Cookie: x", "NULL"), "23514"));
    assert_true(
        refused(ADD("alder-0ne", "programme", "/", "NULL"), "23505")); /* looks like alder-one */
    scratch_run(conn, "%s",
                ADD("homes", "landing", "https://www.programme.example/homes/1?utm_source=x",
                    "'https://www.programme.example/homes/1'"));
    assert_string_equal(scratch_text(conn, "SELECT destination FROM app.link_open('homes')"),
                        "https://www.programme.example/homes/1?utm_source=x");
    scratch_run(conn, "UPDATE programme SET landing_sites = '{}'");
    assert_string_equal(scratch_text(conn, "SELECT destination FROM app.link_open('homes')"), "/");
    scratch_run(conn,
                "UPDATE programme SET landing_sites = '{https://www.programme.example/homes}'");
    assert_string_equal(scratch_text(conn, "SELECT destination FROM app.link_open('homes')"),
                        "https://www.programme.example/homes/1?utm_source=x");
}

static void the_own_desk_is_one(void **state) {
    (void)state;
    const char *id = scratch_text(conn, "SELECT app.house_partner()");
    assert_string_equal(scratch_text(conn, "SELECT app.house_partner()"), id);
    assert_int_equal(scratch_long(conn, "SELECT count(*) FROM partners WHERE is_house"), 1);
    assert_true(refused("DELETE FROM partners WHERE is_house", "TS422"));
    assert_true(refused("INSERT INTO users (partner_id, email, name, role) SELECT id, "
                        "'x@y.example', 'X', 'owner' FROM partners WHERE is_house",
                        "TS422"));
    scratch_run(conn, "UPDATE partners SET status = 'inactive', is_house = false WHERE is_house");
    assert_int_equal(
        scratch_long(conn, "SELECT count(*) FROM partners WHERE is_house AND status = 'active'"),
        1);
    assert_true(refused("UPDATE partners SET is_house = true WHERE id = '" PARTNER "1'", "23505"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(exact_after_every_write, begin),
        cmocka_unit_test_setup(exact_with_several_writers, begin),
        cmocka_unit_test_setup(tampering_is_found_and_repaired, begin),
        cmocka_unit_test_setup(visitors_count_once_a_day, begin),
        cmocka_unit_test_setup(skeletons_agree, begin),
        cmocka_unit_test_setup(links_lead_to_our_own_sites, begin),
        cmocka_unit_test_setup(the_own_desk_is_one, begin),
    };
    return cmocka_run_group_tests_name("db: figures of links", tests, setup, teardown);
}
