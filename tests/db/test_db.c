/*
 * Batches against a real server: transactions, roles, errors, and a server that goes away.
 */
#include "core/log.h"
#include "core/params.h"
#include "core/text.h"
#include "db/db.h"
#include "tests/support/site.h"
#include "tests/support/unit.h"
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

static struct site_portal *portal; /* for its rows and its superuser */
static struct arena *arena;
static struct db *db;
static struct params *params;

static int open_portal(void **state) {
    (void)state;
    portal = site_open();
    log_set_level(LOG_ERROR + 1); /* what is to fail here need not be seen */
    arena = arena_new(256 << 20);
    return 0;
}

static int close_portal(void **state) {
    (void)state;
    arena_free(arena);
    site_close(portal);
    return 0;
}

static int connect_anew(void **state) {
    (void)state;
    site_restore(portal);
    arena_reset(arena);
    params = params_new(arena);
    db = db_new(getenv("TESSERA_TEST_APP_DATABASE"), 5000);
    return 0;
}

static int disconnect(void **state) {
    (void)state;
    db_free(db);
    return 0;
}

/* ── Batches in a line each ── */

static const char *value_of(void *context, const char *name) {
    (void)context;
    const char *value = params_get(params, name);
    if (value)
        return value;
    return strcmp(name, "session_idle") == 0 ? "3600"
           : strcmp(name, "request_id") == 0 ? "test"
                                             : NULL;
}

static void set(const char *name, const char *value) {
    params_set(params, name, value);
}

static void sign_in_as(enum site_who who) {
    set("session_token_hash",
        who == VISITOR
            ? ""
            : site_value(portal,
                         "SELECT encode(token_hash, 'hex') FROM sessions WHERE user_id = '%s'",
                         site_who_id(who)));
}

static struct batch *make(enum batch_kind kind, enum audience audience, enum query query) {
    struct batch *batch = batch_new(db, arena, audience, kind);
    if (kind != BATCH_CONTINUE && kind != BATCH_COMMIT)
        (void)batch_add(batch, Q_session, NULL, value_of, NULL);
    if (query)
        (void)batch_add(batch, query, NULL, value_of, NULL);
    return batch;
}

static enum err run(enum batch_kind kind, enum audience audience, enum query query) {
    return batch_run(make(kind, audience, query));
}

static const char *name_of_owner(void) {
    return site_value(portal, "SELECT name FROM users WHERE id = '" A("11") "'");
}

static void set_account(const char *name) {
    set("name", name);
    set("theme", "dark");
    set("timezone", "UTC");
}

/* ── Rows ── */

static void rows_come_with_names_and_types(void **state) {
    (void)state;
    sign_in_as(OWNER);
    set("id", A("21"));
    struct batch *batch = make(BATCH_READ, AUDIENCE_PARTNER, Q_lead_get);
    assert_int_equal(batch_run(batch), OK);
    const struct rows *lead = batch_find(batch, "lead_get"), *session = batch_rows(batch, 0);
    assert_ptr_equal(lead, batch_rows(batch, 1));
    assert_null(batch_find(batch, "nothing"));
    assert_int_equal(session->nrows, 1);
    assert_string_equal(rows_get(session, 0, "user_id"), A("11"));
    assert_true(lead->one);
    assert_int_equal(lead->nrows, 1);
    static const struct {
        const char *column;
        enum column_type type;
    } types[] = {{"id", COLUMN_UUID},
                 {"client_name", COLUMN_TEXT},
                 {"stage_at", COLUMN_TIMESTAMP},
                 {"estimated_value", COLUMN_NUMERIC},
                 {"bedrooms", COLUMN_INT},
                 {"move_in_on", COLUMN_DATE},
                 {"version", COLUMN_INT}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        assert_int_equal(lead->cols[rows_column(lead, types[i].column)].type, types[i].type);
    assert_string_equal(rows_get(lead, 0, "client_name"), "Alder client new");
    assert_null(rows_get(lead, 0, "bedrooms")); /* NULL */
}

static void a_row_of_somebody_else_is_no_row(void **state) {
    (void)state;
    sign_in_as(OWNER);
    set("id", B("21"));
    struct batch *batch = make(BATCH_READ, AUDIENCE_PARTNER, Q_lead_get);
    assert_int_equal(batch_run(batch), OK);
    assert_int_equal(batch_find(batch, "lead_get")->nrows, 0);
}

/* ── Roles ── */

static void a_role_lasts_as_long_as_its_batch(void **state) {
    (void)state;
    sign_in_as(ADMIN);
    assert_int_equal(run(BATCH_READ, AUDIENCE_STAFF, Q_account), OK);
    /* the login by itself may do nothing, whatever the batch before it did */
    struct batch *bare = batch_new(db, arena, AUDIENCE_OWNER, BATCH_READ);
    (void)batch_add(bare, Q_session, NULL, value_of, NULL);
    assert_int_equal(batch_run(bare), ERR_FORBIDDEN);
    /* nor does a session outlive its transaction */
    struct batch *none = batch_new(db, arena, AUDIENCE_STAFF, BATCH_READ);
    size_t account = batch_add(none, Q_account, NULL, value_of, NULL);
    assert_int_equal(batch_run(none), OK);
    assert_int_equal(batch_rows(none, account)->nrows, 0);
}

static void an_open_transaction_keeps_its_role(void **state) {
    (void)state;
    sign_in_as(OWNER);
    assert_int_equal(run(BATCH_OPEN, AUDIENCE_PARTNER, Q_account), OK);
    struct batch *more = make(BATCH_CONTINUE, AUDIENCE_PARTNER, Q_account);
    assert_int_equal(batch_run(more), OK);
    assert_string_equal(rows_get(batch_rows(more, 0), 0, "id"), A("11"));
    db_rollback(db);
}

/* ── Transactions ── */

static void what_is_committed_stays(void **state) {
    (void)state;
    sign_in_as(OWNER);
    set_account("Committed");
    assert_int_equal(run(BATCH_OPEN, AUDIENCE_PARTNER, Q_NONE), OK);
    struct batch *write = make(BATCH_CONTINUE, AUDIENCE_PARTNER, Q_account_update);
    assert_int_equal(batch_run(write), OK);
    assert_int_equal(batch_affected(write, 0), 1);
    assert_string_equal(name_of_owner(), "Olive Alder");
    assert_int_equal(run(BATCH_COMMIT, AUDIENCE_PARTNER, Q_NONE), OK);
    assert_string_equal(name_of_owner(), "Committed");
}

static void what_is_not_committed_is_undone(void **state) {
    (void)state;
    for (int how = 0; how < 2; how++) {
        sign_in_as(OWNER);
        set_account("Undone");
        assert_int_equal(run(BATCH_OPEN, AUDIENCE_PARTNER, Q_NONE), OK);
        assert_int_equal(run(BATCH_CONTINUE, AUDIENCE_PARTNER, Q_account_update), OK);
        how ? db_reset(db) : db_rollback(db);
        assert_string_equal(name_of_owner(), "Olive Alder");
        assert_int_equal(run(BATCH_READ, AUDIENCE_PARTNER, Q_account), OK);
    }
}

/* A batch of its own is one transaction: its statements stand or fall together. */
static void a_batch_stands_or_falls_as_a_whole(void **state) {
    (void)state;
    sign_in_as(OWNER);
    set_account("Half");
    set("id", "no uuid");
    struct batch *batch = make(BATCH_WHOLE, AUDIENCE_PARTNER, Q_account_update);
    (void)batch_add(batch, Q_lead_get, NULL, value_of, NULL);
    assert_int_equal(batch_run(batch), ERR_BAD_REQUEST);
    assert_string_equal(name_of_owner(), "Olive Alder");
    set("id", A("21"));
    batch = make(BATCH_WHOLE, AUDIENCE_PARTNER, Q_account_update);
    (void)batch_add(batch, Q_lead_get, NULL, value_of, NULL);
    assert_int_equal(batch_run(batch), OK);
    assert_string_equal(name_of_owner(), "Half");
}

/* ── What the server says no to ── */

static void a_constraint_is_named(void **state) {
    (void)state;
    sign_in_as(OWNER);
    set("email", "SALES@alder.example");
    set("name", "X");
    set("role", "sales");
    assert_int_equal(run(BATCH_OPEN, AUDIENCE_PARTNER, Q_NONE), OK);
    struct batch *batch = make(BATCH_CONTINUE, AUDIENCE_PARTNER, Q_member_insert);
    assert_int_equal(batch_run(batch), ERR_CONFLICT);
    assert_string_equal(batch_constraint(batch), "users_email_key");
    /* the transaction is over; the connection is not */
    assert_int_not_equal(run(BATCH_CONTINUE, AUDIENCE_PARTNER, Q_account), OK);
    db_rollback(db);
    assert_int_equal(run(BATCH_READ, AUDIENCE_PARTNER, Q_account), OK);
}

static void our_own_refusals_have_their_status_and_words(void **state) {
    (void)state;
    sign_in_as(OWNER);
    set("user_id", B("17"));
    struct batch *batch = make(BATCH_WHOLE, AUDIENCE_PARTNER, Q_member_invite);
    assert_int_equal(batch_run(batch), ERR_NOT_FOUND);
    assert_string_equal(batch_message(batch), "There is no open invitation for this person.");
    set("user_id", A("11"));
    set("role", "viewer");
    set("name", "X");
    batch = make(BATCH_WHOLE, AUDIENCE_PARTNER, Q_member_update);
    assert_int_equal(batch_run(batch), ERR_INVALID);
    assert_contains(batch_message(batch), "your own role");
}

static void a_role_without_the_grant_is_refused(void **state) {
    (void)state;
    assert_int_equal(run(BATCH_READ, AUDIENCE_VISITOR, Q_account), ERR_FORBIDDEN);
    assert_int_equal(run(BATCH_READ, AUDIENCE_PARTNER, Q_audit_list), ERR_FORBIDDEN);
    assert_int_equal(run(BATCH_READ, AUDIENCE_VISITOR, Q_ready), OK);
}

/* ── A slow or a broken server ── */

static void a_statement_has_its_time(void **state) {
    (void)state;
    struct db *hasty = db_new(getenv("TESSERA_TEST_APP_DATABASE"), 150);
    db_free(db);
    db = hasty;
    sign_in_as(OWNER);
    set_account("Late");
    site_sql(portal, "BEGIN; UPDATE users SET name = name WHERE id = '" A(
                         "11") "'"); /* and nobody else may */
    assert_int_equal(run(BATCH_WHOLE, AUDIENCE_PARTNER, Q_account_update), ERR_UNAVAILABLE);
    site_sql(portal, "ROLLBACK");
    assert_int_equal(run(BATCH_WHOLE, AUDIENCE_PARTNER, Q_account_update), OK);
    assert_string_equal(name_of_owner(), "Late");
}

static void end_connections(void) {
    (void)site_value(portal, "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
                             "WHERE usename = 'tessera_app' AND datname = current_database()");
}

static void a_connection_that_ended_is_made_anew(void **state) {
    (void)state;
    sign_in_as(OWNER);
    for (int round = 0; round < 3; round++) {
        static const enum batch_kind kinds[] = {BATCH_READ, BATCH_WHOLE, BATCH_OPEN};
        assert_int_equal(run(BATCH_READ, AUDIENCE_PARTNER, Q_account), OK);
        assert_true(db_connected(db));
        end_connections();
        assert_int_equal(run(kinds[round], AUDIENCE_PARTNER, Q_account), OK);
        db_reset(db);
    }
}

static void a_transaction_that_was_cut_is_not_taken_up_again(void **state) {
    (void)state;
    sign_in_as(OWNER);
    set_account("Cut");
    assert_int_equal(run(BATCH_OPEN, AUDIENCE_PARTNER, Q_NONE), OK);
    assert_int_equal(run(BATCH_CONTINUE, AUDIENCE_PARTNER, Q_account_update), OK);
    end_connections();
    assert_int_equal(run(BATCH_CONTINUE, AUDIENCE_PARTNER, Q_account_update), ERR_UNAVAILABLE);
    assert_int_equal(run(BATCH_COMMIT, AUDIENCE_PARTNER, Q_NONE), ERR_UNAVAILABLE);
    db_rollback(db);
    assert_string_equal(name_of_owner(), "Olive Alder");
    assert_int_equal(run(BATCH_READ, AUDIENCE_PARTNER, Q_account), OK);
}

static void a_commit_that_was_cut_says_so(void **state) {
    (void)state;
    sign_in_as(OWNER);
    set_account("Cut");
    assert_int_equal(run(BATCH_OPEN, AUDIENCE_PARTNER, Q_NONE), OK);
    assert_int_equal(run(BATCH_CONTINUE, AUDIENCE_PARTNER, Q_account_update), OK);
    end_connections();
    assert_int_equal(run(BATCH_COMMIT, AUDIENCE_PARTNER, Q_NONE), ERR_UNAVAILABLE);
    db_reset(db);
    assert_string_equal(name_of_owner(), "Olive Alder");
}

static void no_server_is_unavailable(void **state) {
    (void)state;
    struct db *nowhere = db_new("host=/nowhere/at/all dbname=x user=y", 1000);
    struct batch *batch = batch_new(nowhere, arena, AUDIENCE_VISITOR, BATCH_READ);
    (void)batch_add(batch, Q_ready, NULL, value_of, NULL);
    assert_int_equal(batch_run(batch), ERR_UNAVAILABLE);
    assert_false(db_connected(nowhere));
    db_rollback(nowhere);
    db_reset(nowhere);
    db_free(nowhere);
    db_free(NULL);
}

/* ── Prepared statements ── */

/* A migration while workers run: what they prepared has other columns now. */
static void a_plan_that_a_migration_outdated_is_made_anew(void **state) {
    (void)state;
    sign_in_as(OWNER);
    assert_int_equal(run(BATCH_READ, AUDIENCE_PARTNER, Q_ready), OK);
    site_sql(portal, "ALTER TABLE programme ALTER COLUMN name TYPE varchar(80)");
    assert_int_equal(run(BATCH_READ, AUDIENCE_PARTNER, Q_ready), OK);
    site_sql(portal, "ALTER TABLE programme ALTER COLUMN name TYPE text");
    assert_int_equal(run(BATCH_OPEN, AUDIENCE_PARTNER, Q_ready), OK);
    db_reset(db);
    /* inside a transaction it can only be begun again */
    assert_int_equal(run(BATCH_READ, AUDIENCE_PARTNER, Q_ready), OK);
    site_sql(portal, "ALTER TABLE programme ALTER COLUMN name TYPE varchar(80)");
    assert_int_equal(run(BATCH_OPEN, AUDIENCE_PARTNER, Q_NONE), OK);
    assert_int_equal(run(BATCH_CONTINUE, AUDIENCE_PARTNER, Q_ready), ERR_UNAVAILABLE);
    db_reset(db);
    assert_int_equal(run(BATCH_OPEN, AUDIENCE_PARTNER, Q_NONE), OK);
    assert_int_equal(run(BATCH_CONTINUE, AUDIENCE_PARTNER, Q_ready), OK);
    db_reset(db);
    site_sql(portal, "ALTER TABLE programme ALTER COLUMN name TYPE text");
}

static void the_same_statement_twice_in_a_batch(void **state) {
    (void)state;
    sign_in_as(OWNER);
    struct batch *batch = make(BATCH_READ, AUDIENCE_PARTNER, Q_account);
    size_t again = batch_add(batch, Q_account, NULL, value_of, NULL);
    assert_int_equal(batch_run(batch), OK);
    assert_string_equal(rows_get(batch_rows(batch, again), 0, "id"), A("11"));
}

/* More combinations of filters than a connection keeps. */
static void very_many_compositions_are_taken(void **state) {
    (void)state;
    static const struct {
        const char *name, *value;
    } filters[] = {{"q", "alder"},        {"stage", "new"},       {"open", "true"},
                   {"source", "website"}, {"currency", "AED"},    {"value_min", "0"},
                   {"value_max", "9"},    {"from", "2020-01-01"}, {"to", "2030-01-01"}};
    const struct query_info *info = query_info(Q_lead_list);
    sign_in_as(OWNER);
    for (unsigned mask = 0; mask < 1u << 9; mask++) {
        for (size_t i = 0; i < 9; i++)
            set(filters[i].name, mask & (1u << i) ? filters[i].value : NULL);
        set("limit", "3");
        for (size_t s = 0; s < 3; s++) {
            struct batch *batch = make(BATCH_READ, AUDIENCE_PARTNER, Q_NONE);
            (void)batch_add(batch, Q_lead_list, &info->sorts[s], value_of, NULL);
            assert_int_equal(batch_run(batch), OK);
        }
        db_reset(db);
    }
}

static void copied_values_are_escaped(void **state) {
    (void)state;
    struct buf out;
    buf_init(&out, 1000);
    db_copy_value(&out, "a\tb\nc\\d\re", true);
    db_copy_value(&out, NULL, false);
    db_copy_value(&out, "", false);
    db_copy_value(&out, "\\N", false);
    assert_string_equal(buf_text(&out), "a\\tb\\nc\\\\d\\re\t\\N\t\t\\\\N");
    buf_free(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, connect_anew, disconnect)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(rows_come_with_names_and_types),
        TEST(a_row_of_somebody_else_is_no_row),
        TEST(a_role_lasts_as_long_as_its_batch),
        TEST(an_open_transaction_keeps_its_role),
        TEST(what_is_committed_stays),
        TEST(what_is_not_committed_is_undone),
        TEST(a_batch_stands_or_falls_as_a_whole),
        TEST(a_constraint_is_named),
        TEST(our_own_refusals_have_their_status_and_words),
        TEST(a_role_without_the_grant_is_refused),
        TEST(a_statement_has_its_time),
        TEST(a_connection_that_ended_is_made_anew),
        TEST(a_transaction_that_was_cut_is_not_taken_up_again),
        TEST(a_commit_that_was_cut_says_so),
        TEST(no_server_is_unavailable),
        TEST(a_plan_that_a_migration_outdated_is_made_anew),
        TEST(the_same_statement_twice_in_a_batch),
        TEST(very_many_compositions_are_taken),
        TEST(copied_values_are_escaped),
    };
    return cmocka_run_group_tests_name("db: batches", tests, open_portal, close_portal);
}
