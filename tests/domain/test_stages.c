/*
 * The table of moves and what the database makes of it. Every move there could be is tried by a partner and by staff, with
 * and without what it asks for, straight on the table: the database refuses what the rules refuse, with the same sentence.
 */
#include "core/text.h"
#include "tests/domain/stage_matrix.h"
#include "tests/support/site.h"
#include "tests/support/unit.h"
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

static struct site_portal *portal;
static PGconn *app, *owner;
static struct lead_moves moves;

static void keep_quiet(void *context, const char *notice) {
    (void)context;
    (void)notice;
}

static PGresult *execute(PGconn *connection, const char *sql) {
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(connection));
    return result;
}

/* ── The rows ── */

static const char *cell(const void *source, size_t row, size_t col) {
    return PQgetvalue(source, (int)row, (int)col);
}

static int setup(void **state) {
    (void)state;
    portal = site_open();
    app = PQconnectdb(getenv("TESSERA_TEST_APP_DATABASE"));
    owner = PQconnectdb(getenv("TESSERA_TEST_DATABASE"));
    assert_int_equal(PQstatus(app), CONNECTION_OK);
    assert_int_equal(PQstatus(owner), CONNECTION_OK);
    PQsetNoticeProcessor(app, keep_quiet, NULL);
    static const struct column columns[] = {{"from_stage", COLUMN_TEXT}, {"to_stage", COLUMN_TEXT}, {"staff_only", COLUMN_BOOL},
                                            {"needs_reason", COLUMN_BOOL}, {"needs_value", COLUMN_BOOL}};
    PGresult *result = execute(owner, "SELECT from_stage, to_stage, staff_only, needs_reason, needs_value FROM stage_moves");
    const struct rows rows = {.name = "stage_moves", .nrows = (size_t)PQntuples(result), .ncols = 5, .cols = columns, .source = result, .cell = cell};
    lead_moves_read(&moves, &rows);
    PQclear(result);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    PQfinish(app);
    PQfinish(owner);
    site_close(portal);
    return 0;
}

static void the_table_is_as_it_is_meant(void **state) {
    (void)state;
    for (int actor = LEAD_PARTNER; actor <= LEAD_STAFF; actor++)
        for (int from = 0; from < LEAD_STAGES; from++) {
            char line[LEAD_STAGES + 1];
            matrix_line(&moves, (enum lead_stage)from, (enum lead_actor)actor, line);
            assert_string_equal(line, matrix[actor][from]);
        }
}

/* ── What the database says ── */

static void begin_as(enum site_who who) {
    char sql[256];
    PQclear(execute(app, "BEGIN"));
    PQclear(execute(app, who == AGENT ? "SET LOCAL ROLE tessera_staff" : "SET LOCAL ROLE tessera_partner"));
    snprintf(sql, sizeof sql, "SELECT * FROM app.session_open('%s', 3600, 'test')",
             site_value(portal, "SELECT encode(token_hash, 'hex') FROM sessions WHERE user_id = '%s'", site_who_id(who)));
    PQclear(execute(app, sql));
}

struct attempt {
    enum lead_stage from, to;
    enum lead_actor actor;
    struct lead_reason reason;
    const char *value;
};

/* The lead of that stage, moved inside the open transaction, which goes on as if nothing had been. */
static void try(const struct attempt *a) {
    char sql[512], code[64] = "NULL", text[64] = "NULL";
    if (a->reason.code)
        snprintf(code, sizeof code, "'%s'", a->reason.code);
    if (a->reason.text)
        snprintf(text, sizeof text, "'%s'", a->reason.text);
    const char *to = lead_stage_code(a->to);
    snprintf(sql, sizeof sql,
             "UPDATE leads SET stage = '%s', stage_reason = %s, stage_reason_code = %s, estimated_value = %s, closed_at = %s, version = version + 1"
             " WHERE id = 'aaaaaaaa-0000-4000-8000-0000000000%d'",
             to, text, code, a->value, a->to == LEAD_WON || a->to == LEAD_LOST ? "now()" : "NULL", 21 + (int)a->from);
    PQclear(execute(app, "SAVEPOINT before"));
    PGresult *result = PQexec(app, sql);
    const char *said = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    enum lead_verdict verdict = lead_move_judge(&moves, a->from, a->to, a->actor, &a->reason, a->value);
    const char *expected = lead_verdict_sentence(verdict);
    if (!text_equal(said, expected))
        fail_msg("%s, %s to %s, reason %s %s, value %s: \"%s\" and not \"%s\"", a->actor == LEAD_STAFF ? "staff" : "partner", lead_stage_code(a->from),
                 to, text, code, a->value, said ? said : "", expected ? expected : "");
    PQclear(result);
    PQclear(execute(app, "ROLLBACK TO before"));
}

static void the_database_refuses_what_the_rules_refuse(void **state) {
    (void)state;
    static const struct lead_reason reasons[] = {{.text = NULL}, {.text = " "}, {.text = "because"},
                                                 {.code = "lost_price", .stage = "lost"}, {.code = "dormant_later", .stage = "dormant"},
                                                 {.text = "and", .code = "declined_opted_out", .stage = "declined"}};
    for (int actor = LEAD_PARTNER; actor <= LEAD_STAFF; actor++) {
        begin_as(actor == LEAD_STAFF ? AGENT : SALES);
        for (int from = 0; from < LEAD_STAGES; from++)
            for (int to = 0; to < LEAD_STAGES; to++)
                for (size_t r = 0; from != to && r < sizeof reasons / sizeof *reasons; r++)
                    for (int value = 0; value < 2; value++)
                        try(&(struct attempt){(enum lead_stage)from, (enum lead_stage)to, (enum lead_actor)actor, reasons[r], value ? "0.01" : "0.00"});
        PQclear(execute(app, "ROLLBACK"));
    }
}

/* A setting that only app.lead_undo() should make opens nothing by itself. */
static void saying_that_one_undoes_is_not_enough(void **state) {
    (void)state;
    begin_as(SALES);
    PQclear(execute(app, "SELECT set_config('app.undoes', (SELECT max(id)::text FROM lead_history), true)"));
    try(&(struct attempt){LEAD_ACTIVE, LEAD_QUALIFIED, LEAD_PARTNER, {.text = "because"}, "5"});
    PQclear(execute(app, "ROLLBACK"));
}

static void nobody_changes_the_table(void **state) {
    (void)state;
    begin_as(AGENT);
    for (const char *const *sql = (const char *const[]){"UPDATE stage_moves SET staff_only = false", "DELETE FROM stage_reasons",
                                                        "INSERT INTO stage_moves VALUES ('won', 'new', false, false, false)", NULL};
         *sql; sql++) {
        PQclear(execute(app, "SAVEPOINT before"));
        PGresult *result = PQexec(app, *sql);
        assert_string_equal(PQresultErrorField(result, PG_DIAG_SQLSTATE), "42501");
        PQclear(result);
        PQclear(execute(app, "ROLLBACK TO before"));
    }
    PQclear(execute(app, "ROLLBACK"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_as_it_is_meant),
        cmocka_unit_test(the_database_refuses_what_the_rules_refuse),
        cmocka_unit_test(saying_that_one_undoes_is_not_enough),
        cmocka_unit_test(nobody_changes_the_table),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
