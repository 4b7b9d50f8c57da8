/*
 * The totals that dashboards read are exact after every write, whatever it was: random statements,
 * each followed by a recount. A failure names the seed and the statement.
 */
#include "tests/support/random_writes.h"
#include "tests/support/scratch.h"
#include "tests/support/unit.h"
#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 400, WRITERS = 3, WRITER_STEPS = 60 };

static PGconn *conn;

#define OPEN_STAGES   "'{new,intake,qualified,active,dormant,declined}'::text[]"
#define CLOSED_STAGES "'{won,lost}'::text[]"

static void clear(void) {
    scratch_run(conn, "ALTER TABLE ledger_entries DISABLE TRIGGER immutable;"
                      "DELETE FROM ledger_entries;"
                      "ALTER TABLE ledger_entries ENABLE TRIGGER immutable;"
                      "DELETE FROM lead_shares; DELETE FROM leads; SELECT app.rollup_repair()");
}

static int setup(void **state) {
    (void)state;
    conn = scratch_connect(getenv("TESSERA_TEST_DATABASE"));
    scratch_run(
        conn,
        "SET synchronous_commit = off;"
        "INSERT INTO partners (id, name, type, region, commission_percent, currency) VALUES"
        " ('aaaaaaaa-0000-4000-8000-000000000001', 'Alder Homes', 'channel', 'AE', 15, 'AED'),"
        " ('aaaaaaaa-0000-4000-8000-000000000002', 'Birch Homes', 'channel', 'IN', 15, 'INR'),"
        " ('aaaaaaaa-0000-4000-8000-000000000003', 'Cedar Homes', 'agent', 'SG', 30, 'SGD')");
    return 0;
}

static int teardown(void **state) {
    (void)state;
    PQfinish(conn);
    return 0;
}

static int begin(void **state) {
    (void)state;
    clear();
    return 0;
}

#define DIFFERENCES "SELECT * FROM app.rollup_differences()"

/* ── Random statements ── */

static const char *partner(struct step *step) {
    static const char *const ids[] = {"aaaaaaaa-0000-4000-8000-000000000001",
                                      "aaaaaaaa-0000-4000-8000-000000000002",
                                      "aaaaaaaa-0000-4000-8000-000000000003"};
    return demo_random_one_of(&step->random, ids);
}

static const char *currency(struct step *step) {
    static const char *const codes[] = {"AED", "INR", "SGD"};
    return demo_random_one_of(&step->random, codes);
}

static const char *source(struct step *step) {
    static const char *const codes[] = {"website", "referral", "event", "import"};
    return demo_random_one_of(&step->random, codes);
}

static void insert_leads(struct step *step) {
    snprintf(step->sql, sizeof step->sql,
             "INSERT INTO leads (id, partner_id, client_name, client_email, source, currency, "
             "estimated_value, "
             "created_at) SELECT md5('%s' || n)::uuid, '%s', 'Client', 'client@mail.example', "
             "'%s', '%s', "
             "%ld.%02ld * n, timestamptz '2026-03-30 22:00+00' + n * interval '7 hours' FROM "
             "generate_series(1, %ld) AS n",
             step_fresh(step), partner(step), source(step), currency(step),
             step_below(step, 1000000), step_below(step, 100), step_below(step, 6));
}

static void insert_closed(struct step *step) {
    snprintf(step->sql, sizeof step->sql,
             "INSERT INTO leads (id, partner_id, client_name, client_phone, stage, currency, "
             "estimated_value, "
             "closed_at) SELECT md5('%s' || n)::uuid, '%s', 'Client', '+971', '%s', '%s', %ld * n, "
             "now() - n * interval '20 days' FROM generate_series(0, 1) AS n",
             step_fresh(step), partner(step), step_below(step, 2) > 0 ? "won" : "lost",
             currency(step), step_below(step, 5000000));
}

static void move_stage(struct step *step) {
    char which[STEP_ROWS_SIZE];
    bool close = step_below(step, 2) > 0;
    const char *stages = close ? CLOSED_STAGES : OPEN_STAGES;
    snprintf(
        step->sql, sizeof step->sql,
        "UPDATE leads SET stage = (%s)[1 + abs(hashtext(id::text)) %% %d], closed_at = %s, "
        "stage_at = now() WHERE %s",
        stages, close ? 2 : 6,
        close ? "timestamptz '2026-05-31 20:30+00' + (hashtext(id::text) % 90) * interval '1 day'"
              : "NULL",
        step_some(step, which));
}

static void change_values(struct step *step) {
    char which[STEP_ROWS_SIZE];
    snprintf(step->sql, sizeof step->sql,
             "UPDATE leads SET estimated_value = %ld.%02ld, source = '%s' WHERE %s",
             step_below(step, 3000000), step_below(step, 100), source(step),
             step_some(step, which));
}

static void change_owner(struct step *step) {
    char which[STEP_ROWS_SIZE];
    snprintf(step->sql, sizeof step->sql,
             "UPDATE leads SET partner_id = '%s', currency = '%s', "
             "created_at = created_at - interval '%ld days' WHERE %s",
             partner(step), currency(step), step_below(step, 50), step_some(step, which));
}

static void change_nothing(struct step *step) {
    snprintf(step->sql, sizeof step->sql,
             "UPDATE leads SET client_name = 'Somebody else', version = version + 1");
}

static void delete_leads(struct step *step) {
    char which[STEP_ROWS_SIZE];
    snprintf(step->sql, sizeof step->sql,
             "DELETE FROM leads WHERE %s AND NOT EXISTS (SELECT FROM ledger_entries e WHERE "
             "e.lead_id = leads.id)",
             step_some(step, which));
}

static void insert_shares(struct step *step) {
    snprintf(
        step->sql, sizeof step->sql,
        "INSERT INTO lead_shares (id, lead_id, partner_id, status, accepted_at, consent_contact, "
        "consent_budget, consent_requirements) SELECT md5('%s' || id::text)::uuid, id, '%s', '%s', "
        "%s, true, "
        "true, true FROM leads ORDER BY id LIMIT %ld ON CONFLICT DO NOTHING",
        step_fresh(step), partner(step), step_below(step, 2) > 0 ? "sent" : "accepted",
        step_below(step, 2) > 0 ? "now()" : "NULL", step_below(step, 12));
}

static void update_shares(struct step *step) {
    static const char *const statuses[] = {"sent",     "accepted", "in_progress", "closed",
                                           "rejected", "revoked",  "expired"};
    char which[STEP_ROWS_SIZE];
    snprintf(step->sql, sizeof step->sql,
             "UPDATE lead_shares SET status = '%s', accepted_at = %s WHERE %s",
             demo_random_one_of(&step->random, statuses),
             step_below(step, 2) > 0 ? "now()" : "NULL", step_some(step, which));
}

static void delete_shares(struct step *step) {
    char which[STEP_ROWS_SIZE];
    snprintf(step->sql, sizeof step->sql, "DELETE FROM lead_shares WHERE %s",
             step_some(step, which));
}

static void insert_entries(struct step *step) {
    snprintf(step->sql, sizeof step->sql,
             "INSERT INTO ledger_entries (id, partner_id, kind, amount, currency, month, lead_id) "
             "SELECT "
             "md5('%s' || n)::uuid, '%s', '%s', %ld.%02ld * n, '%s', date '2026-01-01' + n * "
             "interval '1 month', "
             "(SELECT id FROM leads ORDER BY id LIMIT 1) FROM generate_series(1, %ld) AS n",
             step_fresh(step), partner(step), step_below(step, 2) > 0 ? "earned" : "clawback",
             step_below(step, 200000) - 100000, step_below(step, 100), currency(step),
             step_below(step, 4));
}

static void update_entries(struct step *step) {
    static const char *const states[] = {"pending", "approved", "payable",
                                         "paid",    "disputed", "reversed"};
    char which[STEP_ROWS_SIZE];
    snprintf(step->sql, sizeof step->sql,
             "UPDATE ledger_entries SET state = '%s', state_at = now() WHERE %s",
             demo_random_one_of(&step->random, states), step_some(step, which));
}

/* Undone as a whole: rollups go back with the rows. */
static void roll_back(struct step *step) {
    snprintf(step->sql, sizeof step->sql,
             "BEGIN; DELETE FROM lead_shares; UPDATE leads SET estimated_value = 1; ROLLBACK");
}

static const struct step_kind kinds[] = {
    {18, insert_leads},  {8, insert_closed},  {16, move_stage},    {10, change_values},
    {6, change_owner},   {3, change_nothing}, {7, delete_leads},   {10, insert_shares},
    {10, update_shares}, {4, delete_shares},  {9, insert_entries}, {8, update_entries},
    {3, roll_back},
};

static long max(long a, long b) {
    return a > b ? a : b;
}

static void exact_after_every_write(void **state) {
    struct step step = step_first(STREAM_LIFE, 0);
    long leads = 0, shares = 0, entries = 0; /* so many were there at most */
    (void)state;
    for (int i = 0; i < STEPS; i++) {
        step_make(&step, kinds, sizeof kinds / sizeof *kinds);
        scratch_run(conn, "%s", step.sql);
        writes_are_exact(conn, DIFFERENCES, step.sql);
        leads = max(leads, scratch_long(conn, "SELECT sum(leads) FROM rollup_stage"));
        shares = max(shares, scratch_long(conn, "SELECT sum(received) FROM rollup_shares"));
        entries = max(entries, scratch_long(conn, "SELECT sum(entries) FROM rollup_ledger"));
    }
    assert_true(leads > 30 && shares > 10 && entries > 30);
}

/* Each statement is its own transaction, and rollups are written in the same order by all, so that
 * none may end in a deadlock. */
static void write_many(PGconn *mine, uint64_t number) {
    struct step step = step_first(STREAM_SHARE, number);
    for (int i = 0; i < WRITER_STEPS; i++) {
        do
            step_make(&step, kinds, sizeof kinds / sizeof *kinds);
        while (strstr(step.sql, "INSERT") != step.sql);
        scratch_run(mine, "%s", step.sql);
    }
}

static void exact_with_several_writers(void **state) {
    (void)state;
    writers_at_once(WRITERS, write_many);
    writes_are_exact(conn, DIFFERENCES, "all of them");
    assert_true(scratch_long(conn, "SELECT count(*) FROM leads") > 20);
}

/* ── The recount itself finds what is wrong ── */

static void some_rows(void) {
    scratch_run(
        conn,
        "INSERT INTO leads (id, partner_id, client_name, client_email, stage, closed_at, currency, "
        "estimated_value) VALUES ('bbbbbbbb-0000-4000-8000-000000000001', "
        "'aaaaaaaa-0000-4000-8000-000000000001', 'Client', 'c@mail.example', 'won', now(), 'AED', "
        "10);"
        "INSERT INTO lead_shares (lead_id, partner_id, consent_contact, consent_budget, "
        "consent_requirements) VALUES ('bbbbbbbb-0000-4000-8000-000000000001', "
        "'aaaaaaaa-0000-4000-8000-000000000001', true, true, true);"
        "INSERT INTO ledger_entries (partner_id, kind, amount, currency, month) VALUES "
        "('aaaaaaaa-0000-4000-8000-000000000001', 'earned', 5, 'AED', '2026-01-01')");
    writes_are_exact(conn, DIFFERENCES, "these rows");
}

static void tampering_is_found_and_repaired(void **state) {
    static const char *const wrongs[] = {
        "UPDATE rollup_stage SET leads = leads + 1",
        "UPDATE rollup_stage SET value = value - 0.01",
        "UPDATE rollup_day SET won = won + 1 WHERE scope = app.programme_scope()",
        "UPDATE rollup_day SET won_value = 0",
        "UPDATE rollup_source SET won = 0",
        "UPDATE rollup_shares SET open = 0",
        "UPDATE rollup_ledger SET amount = amount * 2",
        "DELETE FROM rollup_stage",
        "DELETE FROM rollup_ledger",
        "INSERT INTO rollup_shares VALUES ('eeeeeeee-0000-4000-8000-000000000001', 1, 1, 1, 1)",
    };
    (void)state;
    some_rows();
    tampering_is_found(conn, wrongs, sizeof wrongs / sizeof *wrongs, DIFFERENCES,
                       "SELECT app.rollup_repair()");
}

/* A trigger that does not fire makes the recount differ: each of them is needed. */
static void every_trigger_is_needed(void **state) {
    static const struct {
        const char *table, *trigger, *write;
    } cases[] = {
        {"leads", "rollup_insert",
         "INSERT INTO leads (partner_id, client_name, client_email, currency) VALUES "
         "('aaaaaaaa-0000-4000-8000-000000000002', 'Client', 'd@mail.example', 'INR')"},
        {"leads", "rollup_update", "UPDATE leads SET estimated_value = estimated_value + 1"},
        {"leads", "rollup_delete", "DELETE FROM leads"},
        {"lead_shares", "rollup_insert",
         "INSERT INTO lead_shares (lead_id, partner_id, consent_contact, consent_budget, "
         "consent_requirements) SELECT id, 'aaaaaaaa-0000-4000-8000-000000000003', true, true, "
         "true FROM leads"},
        {"lead_shares", "rollup_update", "UPDATE lead_shares SET status = 'closed'"},
        {"lead_shares", "rollup_delete", "DELETE FROM lead_shares"},
        {"ledger_entries", "rollup_insert",
         "INSERT INTO ledger_entries (partner_id, kind, amount, currency, month) VALUES "
         "('aaaaaaaa-0000-4000-8000-000000000001', 'fee', -1, 'AED', '2026-02-01')"},
        {"ledger_entries", "rollup_update", "UPDATE ledger_entries SET state = 'paid'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        clear();
        some_rows();
        scratch_run(conn, "ALTER TABLE %s DISABLE TRIGGER %s", cases[i].table, cases[i].trigger);
        scratch_run(conn, "%s", cases[i].write);
        long found = scratch_long(conn, "SELECT count(*) FROM app.rollup_differences()");
        scratch_run(conn, "ALTER TABLE %s ENABLE TRIGGER %s", cases[i].table, cases[i].trigger);
        if (found == 0)
            fail_msg("%s.%s makes no difference", cases[i].table, cases[i].trigger);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(exact_after_every_write, begin),
        cmocka_unit_test_setup(exact_with_several_writers, begin),
        cmocka_unit_test_setup(tampering_is_found_and_repaired, begin),
        cmocka_unit_test_setup(every_trigger_is_needed, begin),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
