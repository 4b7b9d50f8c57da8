/*
 * What the database itself refuses, whatever the portal's code would do: as tessera_app, under each
 * of its three roles, with and without a session.
 */
#include "tests/support/site.h"
#include "tests/support/unit.h"
#include <libpq-fe.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static struct site_portal *portal;
static PGconn *app;
static int wrong;

static void keep_quiet(void *context, const char *notice) {
    (void)context;
    (void)notice;
}

static int setup(void **state) {
    (void)state;
    portal = site_open();
    app = PQconnectdb(getenv("TESSERA_TEST_APP_DATABASE"));
    assert_int_equal(PQstatus(app), CONNECTION_OK);
    PQsetNoticeProcessor(app, keep_quiet, NULL);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    PQfinish(app);
    site_close(portal);
    return 0;
}

static int restore(void **state) {
    (void)state;
    wrong = 0;
    site_restore(portal);
    return 0;
}

static void nothing_wrong(void) {
    int found = wrong;
    wrong = 0;
    assert_int_equal(found, 0);
}

static void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void complain(const char *format, ...) {
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    wrong++;
}

/* ── Statements as the portal's login ── */

static void execute(const char *sql) {
    PGresult *result = PQexec(app, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(app));
    PQclear(result);
}

/* A transaction under a role, with the session that belongs to who (VISITOR: none). role NULL: none
 * is taken. */
static void begin_as(const char *role, enum site_who who) {
    execute("BEGIN");
    if (!role)
        return;
    char sql[512];
    snprintf(sql, sizeof sql, "SELECT set_config('role', '%s', true)", role);
    execute(sql);
    const char *hash =
        who == VISITOR
            ? ""
            : site_value(portal,
                         "SELECT encode(token_hash, 'hex') FROM sessions WHERE user_id = '%s'",
                         site_who_id(who));
    snprintf(sql, sizeof sql, "SELECT * FROM app.session_open('%s', 3600, 'test')", hash);
    execute(sql);
}

static const char *role_of(enum site_who who) {
    return who == VISITOR                 ? "tessera_visitor"
           : who >= AGENT && who <= ADMIN ? "tessera_staff"
                                          : "tessera_partner";
}

struct outcome {
    char state[6]; /* SQLSTATE; "" when it worked */
    long rows;     /* read or written */
    char value[256];
};

/* One statement inside the open transaction, which goes on whatever happens. */
static struct outcome try(const char *sql) {
    struct outcome outcome = {.rows = 0};
    execute("SAVEPOINT before");
    PGresult *result = PQexec(app, sql);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state)
        snprintf(outcome.state, sizeof outcome.state, "%s", state);
    outcome.rows = *PQcmdTuples(result) ? strtol(PQcmdTuples(result), NULL, 10) : 0;
    if (PQntuples(result) > 0)
        snprintf(outcome.value, sizeof outcome.value, "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
    execute(state ? "ROLLBACK TO before" : "RELEASE before");
    return outcome;
}

static struct outcome once(const char *role, enum site_who who, const char *sql) {
    begin_as(role, who);
    struct outcome outcome = try(sql);
    execute("ROLLBACK");
    return outcome;
}

/* ── Lists from the system's tables ── */

struct names {
    PGresult *result;
    int count;
};

static struct names names_of(const char *sql) {
    PGconn *owner = PQconnectdb(getenv("TESSERA_TEST_DATABASE"));
    PGresult *result = PQexec(owner, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(owner));
    PQfinish(owner);
    return (struct names){result, PQntuples(result)};
}

/* What everybody may know: the programme, its types and rules. Any other table holds somebody's
 * data. */
#define PUBLIC_TABLES                                                                              \
    "'programme', 'regions', 'partner_types', 'partner_type_regions', 'tiers', 'roles', "          \
    "'role_permissions', 'event_types', 'consent_wordings', 'schema_migrations'"

static void every_other_table_is_protected(void **state) {
    (void)state;
    struct names open = names_of("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND "
                                 "relnamespace = 'public'::regnamespace"
                                 " AND relname NOT IN (" PUBLIC_TABLES
                                 ") AND NOT (relrowsecurity AND relforcerowsecurity)");
    for (int i = 0; i < open.count; i++)
        complain("%s has no forced row-level security", PQgetvalue(open.result, i, 0));
    PQclear(open.result);
    struct names unguarded = names_of(
        "SELECT tablename || '.' || policyname FROM pg_policies WHERE schemaname = 'public'"
        " AND NOT roles = '{tessera_owner}' AND (qual = 'true' OR with_check = 'true' OR 'public' "
        "= ANY (roles))");
    for (int i = 0; i < unguarded.count; i++)
        complain("policy %s lets everybody through", PQgetvalue(unguarded.result, i, 0));
    PQclear(unguarded.result);
    nothing_wrong();
}

static void without_a_session_nothing_is_there(void **state) {
    (void)state;
    struct names tables = names_of("SELECT relname FROM pg_class WHERE relkind IN ('r', 'v', 'm', "
                                   "'p') AND relnamespace IN ('public'::regnamespace,"
                                   " 'app'::regnamespace) AND relname NOT IN (" PUBLIC_TABLES ")");
    assert_true(tables.count > 20);
    static const char *const roles[] = {"tessera_visitor", "tessera_partner", "tessera_staff"};
    for (int i = 0; i < tables.count; i++)
        for (size_t r = 0; r < 3; r++) {
            const char *schema =
                strstr(PQgetvalue(tables.result, i, 0), "_recount") ? "app" : "public";
            char sql[256];
            snprintf(sql, sizeof sql, "SELECT count(*) FROM %s.%s", schema,
                     PQgetvalue(tables.result, i, 0));
            struct outcome outcome = once(roles[r], VISITOR, sql);
            bool refused = strcmp(outcome.state, "42501") == 0,
                 empty = !*outcome.state && strcmp(outcome.value, "0") == 0;
            if (!refused && !empty)
                complain("%s without a session: %s says %s %s", roles[r], sql, outcome.state,
                         outcome.value);
        }
    PQclear(tables.result);
    nothing_wrong();
}

/* The login itself, before it takes a role. */
static void the_login_alone_can_read_nothing(void **state) {
    (void)state;
    struct names tables =
        names_of("SELECT format('%I.%I', nspname, relname) FROM pg_class c JOIN pg_namespace n ON "
                 "n.oid = relnamespace"
                 " WHERE relkind IN ('r', 'v', 'm', 'p', 'S') AND nspname IN ('public', 'app')");
    for (int i = 0; i < tables.count; i++) {
        char sql[256];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", PQgetvalue(tables.result, i, 0));
        struct outcome outcome = once(NULL, VISITOR, sql);
        if (strcmp(outcome.state, "42501") != 0)
            complain("tessera_app by itself: %s says %s %s", sql, outcome.state, outcome.value);
    }
    PQclear(tables.result);
    if (strcmp(once(NULL, VISITOR, "SELECT * FROM app.session_open('', 1, '')").state, "42501") !=
        0)
        complain("tessera_app by itself may call app.session_open()");
    nothing_wrong();
}

static void roles_have_no_power(void **state) {
    (void)state;
    struct names strong = names_of(
        "SELECT rolname FROM pg_roles WHERE rolname IN ('tessera_app', 'tessera_jobs', "
        "'tessera_visitor', "
        "'tessera_partner', 'tessera_staff')"
        " AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication OR "
        "(rolcanlogin AND rolname NOT IN ('tessera_app', 'tessera_jobs')))"
        " UNION ALL SELECT rolname || ' inherits' FROM pg_roles WHERE rolname IN ('tessera_app', "
        "'tessera_jobs') AND "
        "rolinherit"
        " UNION ALL SELECT 'tessera_owner bypasses' FROM pg_roles WHERE rolname = 'tessera_owner' "
        "AND (rolsuper OR rolbypassrls)"
        " UNION ALL SELECT r.rolname || ' is in ' || g.rolname FROM pg_auth_members m JOIN "
        "pg_roles r ON r.oid = m.member"
        "  JOIN pg_roles g ON g.oid = m.roleid WHERE r.rolname LIKE 'tessera\\_%' AND r.rolname <> "
        "'tessera_owner'"
        "   AND NOT (r.rolname IN ('tessera_app', 'tessera_jobs') AND g.rolname IN "
        "('tessera_visitor', "
        "'tessera_partner', 'tessera_staff'))"
        " UNION ALL SELECT relname || ' is owned by ' || pg_get_userbyid(relowner) FROM pg_class"
        "  WHERE pg_get_userbyid(relowner) IN ('tessera_app', 'tessera_jobs', "
        "'tessera_visitor', 'tessera_partner', 'tessera_staff')");
    for (int i = 0; i < strong.count; i++)
        complain("%s", PQgetvalue(strong.result, i, 0));
    PQclear(strong.result);
    nothing_wrong();
}

static void nobody_changes_the_schema(void **state) {
    (void)state;
    static const char *const commands[] = {
        "CREATE TABLE public.t (a int)",
        "CREATE TABLE app.t (a int)",
        "CREATE TEMP TABLE t (a int)",
        "CREATE SCHEMA s",
        "DROP TABLE leads",
        "ALTER TABLE leads DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE leads NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE leads ADD COLUMN x int",
        "CREATE POLICY p ON leads USING (true)",
        "DROP POLICY partner_read ON leads",
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE VIEW public.v AS SELECT 1",
        "TRUNCATE leads",
        "CREATE ROLE r",
        "ALTER ROLE tessera_app SUPERUSER",
        "SET ROLE tessera_owner",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION tessera_owner",
        "CREATE EXTENSION dblink",
        "CREATE TRIGGER t BEFORE INSERT ON leads FOR EACH ROW EXECUTE FUNCTION app.leads_history()",
        "CREATE INDEX ON leads (stage)",
        "COPY leads TO PROGRAM 'cat'",
        "COPY leads TO '/tmp/leads'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT lo_import('/etc/passwd')",
        "ALTER SYSTEM SET fsync = off",
        "COMMENT ON TABLE leads IS 'x'"};
    static const enum site_who whose[] = {VISITOR, OWNER, ADMIN};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        for (size_t w = 0; w < 3; w++) {
            if (!*once(role_of(whose[w]), whose[w], commands[i]).state)
                complain("%s may %s", role_of(whose[w]), commands[i]);
        }
        if (!*once(NULL, VISITOR, commands[i]).state)
            complain("tessera_app may %s", commands[i]);
    }
    /* PostgreSQL answers this one with a warning, and grants nothing */
    begin_as("tessera_staff", ADMIN);
    (void)try("GRANT SELECT ON leads TO tessera_visitor");
    assert_string_equal(
        try("SELECT has_any_column_privilege('tessera_visitor', 'leads', 'select')").value, "f");
    execute("ROLLBACK");
    nothing_wrong();
}

/* A query that policies would narrow must fail, not answer, when a session asks to go without them.
 */
static void policies_cannot_be_switched_off(void **state) {
    (void)state;
    begin_as("tessera_partner", OWNER);
    (void)try("SET LOCAL row_security = off");
    struct outcome outcome = try("SELECT count(*) FROM leads");
    execute("ROLLBACK");
    assert_string_equal(outcome.state, "42501");
}

/* ── Across partners ── */

static void a_partner_reads_only_its_own_rows(void **state) {
    (void)state;
    struct names tables = names_of("SELECT relname, attname FROM pg_attribute a JOIN pg_class c ON "
                                   "c.oid = attrelid WHERE relkind = 'r'"
                                   " AND relnamespace = 'public'::regnamespace AND attname IN "
                                   "('partner_id', 'scope') AND attnum > 0");
    assert_true(tables.count >= 10);
    static const enum site_who whose[] = {OWNER, SALES, VIEWER};
    for (int i = 0; i < tables.count; i++)
        for (size_t w = 0; w < 3; w++) {
            char sql[256];
            snprintf(sql, sizeof sql,
                     "SELECT count(*) FROM %s WHERE %s IS DISTINCT FROM '" A("01") "'",
                     PQgetvalue(tables.result, i, 0), PQgetvalue(tables.result, i, 1));
            struct outcome outcome = once("tessera_partner", whose[w], sql);
            if (strcmp(outcome.state, "42501") != 0 && strcmp(outcome.value, "0") != 0)
                complain("%s as %s: %s rows of others %s", PQgetvalue(tables.result, i, 0),
                         site_who_name(whose[w]), outcome.value, outcome.state);
        }
    PQclear(tables.result);
    static const char *const own[] = {
        "SELECT count(*) FROM partners",
        "SELECT count(*) FROM sessions WHERE user_id <> '" A("11") "'",
        "SELECT count(*) FROM assets WHERE title LIKE 'Zebulon%'",
        "SELECT count(*) FROM courses WHERE title LIKE 'Zebulon%'",
        "SELECT count(*) FROM course_modules WHERE title LIKE 'Zebulon%'",
        "SELECT count(*) FROM quiz_questions WHERE prompt LIKE 'Zebulon%'"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        struct outcome outcome = once("tessera_partner", OWNER, own[i]);
        if (strcmp(outcome.value, i == 0 ? "1" : "0") != 0)
            complain("%s: %s %s", own[i], outcome.value, outcome.state);
    }
    nothing_wrong();
}

enum verdict {
    REFUSED /* 42501 */,
    NO_ROWS,
    WORKS,
    RULE /* one of our own TS codes */,
    CONSTRAINT
};

/* clang-format off */
static const struct write {
    enum site_who who;
    enum verdict verdict;
    const char *sql;
} writes[] = {
    {OWNER, WORKS, "UPDATE leads SET client_name = 'x' WHERE id = '" A("21") "'"},
    {OWNER, NO_ROWS, "UPDATE leads SET client_name = 'x' WHERE id = '" B("21") "'"},
    {OWNER, NO_ROWS, "UPDATE leads SET client_name = 'x' WHERE partner_id <> '" A("01") "'"},
    {OWNER, REFUSED, "UPDATE leads SET partner_id = '" B("01") "' WHERE id = '" A("21") "'"},
    {OWNER, REFUSED, "UPDATE leads SET staff_notes = 'x' WHERE id = '" A("21") "'"},
    {OWNER, REFUSED, "UPDATE leads SET score = 100"},
    {OWNER, REFUSED, "SELECT staff_notes FROM leads"},
    {OWNER, REFUSED, "SELECT score, temperature FROM leads"},
    {OWNER, REFUSED, "SELECT * FROM leads"},
    {OWNER, REFUSED, "DELETE FROM leads"},
    {OWNER, WORKS, "INSERT INTO leads (partner_id, created_by, client_name, client_email, currency) VALUES ('" A("01") "', '" A("11") "', 'x', 'x@y.example', 'AED')"},
    {OWNER, REFUSED, "INSERT INTO leads (partner_id, created_by, client_name, client_email, currency) VALUES ('" B("01") "', '" A("11") "', 'x', 'x@y.example', 'AED')"},
    {OWNER, REFUSED, "INSERT INTO leads (partner_id, created_by, client_name, client_email, currency) VALUES ('" A("01") "', '" B("11") "', 'x', 'x@y.example', 'AED')"},
    {OWNER, REFUSED, "INSERT INTO leads (partner_id, created_by, client_name, client_email, currency, score) VALUES ('" A("01") "', '" A("11") "', 'x', 'x@y.example', 'AED', 99)"},
    {VIEWER, NO_ROWS, "UPDATE leads SET client_name = 'x' WHERE id = '" A("21") "'"},
    {VIEWER, REFUSED, "INSERT INTO leads (partner_id, created_by, client_name, client_email, currency) VALUES ('" A("01") "', '" A("15") "', 'x', 'x@y.example', 'AED')"},
    {OWNER, REFUSED, "UPDATE leads SET import_id = '" A("b1") "'"},
    {OWNER, REFUSED, "INSERT INTO leads (partner_id, created_by, import_id, client_name, client_email, currency) VALUES ('" A("01") "', '" A("11") "', '" A("b1") "', 'x', 'x@y.example', 'AED')"},
    {OWNER, RULE, "UPDATE lead_imports SET state = 'imported' WHERE id = '" A("b1") "'"},
    {OWNER, RULE, "UPDATE lead_imports SET state = 'committing' WHERE id = '" A("b1") "'"}, /* without consent */
    {OWNER, RULE, "UPDATE lead_imports SET state = 'cancelled' WHERE id = '" A("b2") "'"},
    {OWNER, NO_ROWS, "UPDATE lead_imports SET state = 'cancelled' WHERE id = '" B("b1") "'"},
    {VIEWER, NO_ROWS, "UPDATE lead_imports SET state = 'cancelled' WHERE id = '" A("b1") "'"},
    {OWNER, REFUSED, "UPDATE lead_imports SET consent_at = now() WHERE id = '" A("b1") "'"},
    {OWNER, REFUSED, "UPDATE lead_imports SET good = 100 WHERE id = '" A("b1") "'"},
    {OWNER, REFUSED, "SELECT file FROM lead_imports"},
    {OWNER, REFUSED, "DELETE FROM lead_imports"},
    {OWNER, REFUSED, "UPDATE lead_import_rows SET status = 'good'"},
    {OWNER, NO_ROWS, "SELECT id FROM lead_import_rows WHERE import_id = '" B("b1") "'"},
    {VIEWER, NO_ROWS, "SELECT id FROM lead_import_rows"},
    {AGENT, NO_ROWS, "SELECT id FROM lead_import_rows"}, /* nobody agreed to these yet */
    {AGENT, NO_ROWS, "UPDATE lead_imports SET state = 'cancelled' WHERE id = '" A("b1") "'"},
    {OWNER, NO_ROWS, "UPDATE lead_import_headers SET field = '' WHERE partner_id = '" B("01") "'"},
    {OWNER, REFUSED, "SELECT app.import_commit('" A("b1") "')"},
    {OWNER, REFUSED, "SELECT app.import_duplicates('" A("b1") "')"},
    {OWNER, REFUSED, "INSERT INTO lead_history (lead_id, partner_id, kind) VALUES ('" A("21") "', '" A("01") "', 'edited')"},
    {OWNER, REFUSED, "DELETE FROM lead_history"},
    {OWNER, REFUSED, "UPDATE lead_shares SET status = 'closed'"},
    {OWNER, REFUSED, "INSERT INTO ledger_entries (partner_id, kind, amount, currency, month) VALUES ('" A("01") "', 'earned', 1, 'AED', '2026-01-01')"},
    {OWNER, REFUSED, "UPDATE ledger_entries SET state = 'paid'"},
    {OWNER, REFUSED, "UPDATE rollup_ledger SET amount = 1"},
    {OWNER, REFUSED, "UPDATE rollup_stage SET leads = 1"},
    {OWNER, WORKS, "UPDATE partners SET capacity = 3"},
    {OWNER, NO_ROWS, "UPDATE partners SET capacity = 3 WHERE id = '" B("01") "'"},
    {SALES, NO_ROWS, "UPDATE partners SET capacity = 3"},
    {OWNER, REFUSED, "UPDATE partners SET tier = 'gold'"},
    {OWNER, REFUSED, "UPDATE partners SET commission_percent = 99"},
    {OWNER, REFUSED, "UPDATE partners SET status = 'active'"},
    {OWNER, REFUSED, "SELECT notes FROM partners"},
    {OWNER, REFUSED, "DELETE FROM partners"},
    {OWNER, REFUSED, "INSERT INTO partners (name, type, region, commission_percent, currency) VALUES ('x y', 'channel', 'AE', 1, 'AED')"},
    {OWNER, WORKS, "UPDATE users SET role = 'viewer' WHERE id = '" A("13") "'"},
    {OWNER, RULE, "UPDATE users SET role = 'viewer' WHERE id = '" A("11") "'"},
    {OWNER, NO_ROWS, "UPDATE users SET role = 'viewer' WHERE id = '" B("13") "'"},
    {OWNER, NO_ROWS, "UPDATE users SET name = 'x' WHERE id = '" C("14") "'"},
    {OWNER, REFUSED, "UPDATE users SET partner_id = '" B("01") "' WHERE id = '" A("13") "'"},
    {OWNER, REFUSED, "UPDATE users SET password_hash = 'x'"},
    {OWNER, REFUSED, "UPDATE users SET email = 'x@y.example'"},
    {OWNER, REFUSED, "SELECT password_hash FROM users"},
    {OWNER, CONSTRAINT, "UPDATE users SET role = 'admin' WHERE id = '" A("13") "'"},
    {OWNER, CONSTRAINT, "INSERT INTO users (partner_id, email, name, role) VALUES ('" A("01") "', 'x@y.example', 'x', 'admin')"},
    {OWNER, REFUSED, "INSERT INTO users (partner_id, email, name, role) VALUES (NULL, 'x@y.example', 'x', 'admin')"},
    {OWNER, REFUSED, "INSERT INTO users (partner_id, email, name, role) VALUES ('" B("01") "', 'x@y.example', 'x', 'owner')"},
    {OWNER, REFUSED, "INSERT INTO users (partner_id, email, name, role, status) VALUES ('" A("01") "', 'x@y.example', 'x', 'owner', 'active')"},
    {OWNER, NO_ROWS, "DELETE FROM users WHERE id = '" B("17") "'"},
    {SALES, NO_ROWS, "UPDATE users SET role = 'owner' WHERE id = '" A("15") "'"},
    {SALES, RULE, "UPDATE users SET role = 'owner' WHERE id = '" A("13") "'"},
    {SALES, NO_ROWS, "DELETE FROM users WHERE id = '" A("17") "'"},
    {SALES, REFUSED, "INSERT INTO users (partner_id, email, name, role) VALUES ('" A("01") "', 'x@y.example', 'x', 'owner')"},
    {SALES, NO_ROWS, "DELETE FROM sessions WHERE user_id = '" A("11") "'"},
    {OWNER, REFUSED, "SELECT token_hash FROM sessions"},
    {OWNER, REFUSED, "INSERT INTO sessions (token_hash, user_id, expires_at) VALUES (sha256('x'), '" A("11") "', now())"},
    {OWNER, REFUSED, "UPDATE sessions SET expires_at = now() + interval '1 year'"},
    {OWNER, REFUSED, "SELECT count(*) FROM one_time_links"},
    {OWNER, REFUSED, "SELECT count(*) FROM outbox"},
    {OWNER, REFUSED, "SELECT count(*) FROM suppressions"},
    {OWNER, REFUSED, "SELECT count(*) FROM caught_messages"},
    {OWNER, REFUSED, "SELECT count(*) FROM mail_events"},
    {AGENT, NO_ROWS, "DELETE FROM suppressions"},
    {SUPPORT, NO_ROWS, "DELETE FROM suppressions"},
    {SUPPORT, REFUSED, "UPDATE suppressions SET reason = 'bounce'"},
    {SUPPORT, REFUSED, "SELECT app.suppress('email', 'x@y.example', 'bounce', '', 'link')"},
    {SUPPORT, REFUSED, "SELECT app.outbox_open('" A("50") "')"},
    {OWNER, REFUSED, "SELECT count(*) FROM throttle"},
    {OWNER, REFUSED, "SELECT count(*) FROM audit"},
    {OWNER, REFUSED, "INSERT INTO audit (action) VALUES ('x')"},
    {OWNER, REFUSED, "INSERT INTO user_permissions VALUES ('" A("11") "', 'partners:write', true)"},
    {OWNER, REFUSED, "UPDATE role_permissions SET role = 'owner'"},
    {OWNER, REFUSED, "INSERT INTO role_permissions VALUES ('owner', '*')"},
    {OWNER, REFUSED, "SELECT answer FROM quiz_questions"},
    {OWNER, REFUSED, "SELECT explanation FROM quiz_questions"},
    {OWNER, REFUSED, "INSERT INTO module_progress (user_id, module_id, status) VALUES ('" A("11") "', '" C("64") "', 'completed')"},
    {OWNER, REFUSED, "UPDATE module_progress SET status = 'completed'"},
    {OWNER, REFUSED, "UPDATE assets SET downloads = 0"},
    {OWNER, REFUSED, "SELECT count(*) FROM asset_downloads"},
    {OWNER, REFUSED, "UPDATE programme SET name = 'x'"},
    {OWNER, REFUSED, "UPDATE partner_types SET commission_max = 99"},
    {OWNER, REFUSED, "SELECT app.audit_write('x', NULL, NULL, '{}')"},
    {OWNER, REFUSED, "SELECT app.module_done('" C("64") "', ARRAY['quiz'], 100, true)"},
    {OWNER, REFUSED, "SELECT app.throttle_try('x', 1, 1)"},
    {OWNER, REFUSED, "SELECT app.rollup_repair()"},
    {OWNER, RULE, "SELECT app.module_complete('" B("68") "')"},
    {OWNER, RULE, "SELECT app.quiz_grade('" B("67") "', '{}')"},
    {OWNER, NO_ROWS, "SELECT * FROM app.asset_download('" B("82") "')"},
    {OWNER, NO_ROWS, "SELECT * FROM app.quiz_review('" C("64") "')"},
    {OWNER, NO_ROWS, "SELECT * FROM app.lead_staff_facts('" A("21") "')"},
    {OWNER, NO_ROWS, "SELECT * FROM app.lead_staff_reasons('" A("21") "')"},
    {OWNER, REFUSED, "SELECT score FROM lead_scores"},
    {OWNER, REFUSED, "SELECT version FROM score_models"},
    {OWNER, REFUSED, "SELECT * FROM app.score_facts(ARRAY['" A("21") "'::uuid])"},
    {AGENT, REFUSED, "UPDATE lead_scores SET score = 100"},
    {OWNER, RULE, "SELECT app.invite('" B("17") "', '', '', '')"},
    {SALES, RULE, "SELECT app.invite('" A("17") "', '', '', '')"},
    /* views and actions on many leads */
    {OWNER, WORKS, "SELECT id FROM lead_views WHERE id = '" A("64") "'"},
    {SALES, WORKS, "SELECT id FROM lead_views WHERE id = '" A("64") "'"},
    {SALES, NO_ROWS, "SELECT id FROM lead_views WHERE id = '" A("61") "'"},
    {OWNER, NO_ROWS, "SELECT id FROM lead_views WHERE partner_id IS DISTINCT FROM '" A("01") "'"},
    {AGENT, NO_ROWS, "SELECT id FROM lead_views WHERE partner_id IS NOT NULL"},
    {SUPPORT, WORKS, "SELECT id FROM lead_views WHERE id = '" C("61") "'"},
    {SALES, NO_ROWS, "UPDATE lead_views SET name = 'x' WHERE id = '" A("64") "'"},
    {SALES, NO_ROWS, "DELETE FROM lead_views"},
    {VIEWER, WORKS, "INSERT INTO lead_views (user_id, partner_id, name, query, position) VALUES ('" A("15") "', '" A("01") "', 'x', '', 1)"},
    {VIEWER, REFUSED, "INSERT INTO lead_views (user_id, partner_id, name, query, position, shared) VALUES ('" A("15") "', '" A("01") "', 'x', '', 1, true)"},
    {OWNER, REFUSED, "INSERT INTO lead_views (user_id, partner_id, name, query, position) VALUES ('" A("13") "', '" A("01") "', 'x', '', 1)"},
    {OWNER, REFUSED, "INSERT INTO lead_views (user_id, partner_id, name, query, position, shared) VALUES ('" A("11") "', '" B("01") "', 'x', '', 1, true)"},
    {OWNER, REFUSED, "INSERT INTO lead_views (user_id, partner_id, name, query, position, shared) VALUES ('" A("11") "', NULL, 'x', '', 1, true)"},
    {OWNER, REFUSED, "INSERT INTO lead_list_choices (user_id, columns) VALUES ('" A("13") "', '{stage}')"},
    {OWNER, WORKS, "SELECT lead_id FROM bulk_rows WHERE bulk_id = '" A("63") "'"},
    {SALES, NO_ROWS, "SELECT lead_id FROM bulk_rows WHERE bulk_id = '" A("63") "'"},
    {SALES, WORKS, "SELECT lead_id FROM bulk_rows WHERE bulk_id = '" A("62") "'"},
    {OWNER, NO_ROWS, "SELECT id FROM bulk_actions WHERE partner_id IS DISTINCT FROM '" A("01") "'"},
    {AGENT, NO_ROWS, "SELECT id FROM bulk_actions"},
    {SALES, NO_ROWS, "UPDATE bulk_actions SET value = 'other' WHERE id = '" A("63") "'"},
    {OWNER, NO_ROWS, "UPDATE bulk_actions SET value = 'other' WHERE id = '" A("62") "'"},
    {OWNER, REFUSED, "UPDATE bulk_actions SET state = 'running' WHERE id = '" A("63") "'"},
    {OWNER, REFUSED, "INSERT INTO bulk_rows (bulk_id, lead_id, version) VALUES ('" A("62") "', '" A("24") "', 1)"},
    {OWNER, REFUSED, "INSERT INTO bulk_rows (bulk_id, lead_id, version) VALUES ('" B("63") "', '" A("24") "', 1)"},
    {OWNER, REFUSED, "UPDATE bulk_rows SET done = true"},
    {OWNER, REFUSED, "SELECT app.bulk_portion('" A("63") "', 10)"},
    {OWNER, REFUSED, "SELECT app.bulk_work('" A("63") "')"},
    {OWNER, REFUSED, "SELECT app.bulk_finish('" A("62") "')"},
    /* staff: each role its own */
    {AGENT, WORKS, "UPDATE leads SET staff_notes = 'x' WHERE id = '" B("21") "'"},
    {AGENT, REFUSED, "DELETE FROM leads"},
    {AGENT, NO_ROWS, "SELECT id FROM ledger_entries"},
    {AGENT, NO_ROWS, "SELECT id FROM audit"},
    {AGENT, NO_ROWS, "UPDATE partners SET tier = 'gold'"},
    {AGENT, NO_ROWS, "DELETE FROM partners"},
    {AGENT, REFUSED, "INSERT INTO partners (name, type, region, commission_percent, currency) VALUES ('x y', 'channel', 'AE', 1, 'AED')"},
    {AGENT, NO_ROWS, "UPDATE users SET role = 'admin' WHERE id = '" C("15") "'"},
    {AGENT, RULE, "UPDATE users SET role = 'admin' WHERE id = '" C("11") "'"},
    {AGENT, REFUSED, "INSERT INTO users (partner_id, email, name, role) VALUES (NULL, 'x@y.example', 'x', 'admin')"},
    {AGENT, REFUSED, "SELECT password_hash FROM users"},
    {FINANCE, NO_ROWS, "SELECT id FROM leads"},
    {FINANCE, NO_ROWS, "SELECT id FROM lead_history"},
    {FINANCE, REFUSED, "UPDATE ledger_entries SET state = 'paid'"},
    {SUPPORT, NO_ROWS, "UPDATE leads SET staff_notes = 'x'"},
    {SUPPORT, REFUSED, "INSERT INTO leads (partner_id, client_name, client_email, currency) VALUES ('" A("01") "', 'x', 'x@y.example', 'AED')"},
    {SUPPORT, NO_ROWS, "UPDATE partners SET status = 'inactive'"},
    {ADMIN, WORKS, "UPDATE partners SET tier = 'gold' WHERE id = '" A("01") "'"},
    {ADMIN, CONSTRAINT, "DELETE FROM partners WHERE id = '" A("01") "'"},
    {ADMIN, REFUSED, "UPDATE audit SET action = 'x'"},
    {ADMIN, REFUSED, "DELETE FROM audit"},
    {ADMIN, REFUSED, "INSERT INTO audit (action) VALUES ('x')"},
    {ADMIN, REFUSED, "SELECT password_hash FROM users"},
    {ADMIN, REFUSED, "SELECT answer FROM quiz_questions"},
    {ADMIN, REFUSED, "SELECT token_hash FROM one_time_links"},
    {ADMIN, NO_ROWS, "SELECT id FROM sessions WHERE user_id <> '" C("14") "'"},
    {ADMIN, RULE, "UPDATE users SET status = 'disabled' WHERE id = '" C("14") "'"},
    {ADMIN, REFUSED, "UPDATE ledger_entries SET amount = 0"},
    {ADMIN, REFUSED, "DELETE FROM ledger_entries"},
    /* notifications: one's own, and nothing behind them */
    {OWNER, WORKS, "SELECT id FROM notifications WHERE id = '" A("97") "'"},
    {OWNER, WORKS, "UPDATE notifications SET read_at = now() WHERE id = '" A("97") "'"},
    {OWNER, NO_ROWS, "SELECT id FROM notifications WHERE user_id <> '" A("11") "'"},
    {OWNER, NO_ROWS, "UPDATE notifications SET read_at = now() WHERE id = '" B("97") "'"},
    {SALES, NO_ROWS, "SELECT id FROM notifications"},
    {AGENT, NO_ROWS, "SELECT id FROM notifications"},
    {OWNER, REFUSED, "UPDATE notifications SET href = '/x'"},
    {OWNER, REFUSED, "UPDATE notifications SET user_id = '" A("12") "'"},
    {OWNER, REFUSED, "DELETE FROM notifications"},
    {OWNER, REFUSED, "INSERT INTO notifications (user_id, type, href) VALUES ('" A("13") "', 'lead.won', '/x')"},
    {ADMIN, NO_ROWS, "SELECT id FROM notifications WHERE user_id <> '" C("14") "'"},
    {ADMIN, REFUSED, "DELETE FROM notifications"},
    {OWNER, REFUSED, "SELECT id FROM events"},
    {ADMIN, REFUSED, "SELECT id FROM events"},
    {ADMIN, REFUSED, "INSERT INTO events (type, href) VALUES ('lead.won', '/x')"},
    {OWNER, REFUSED, "SELECT id FROM outbox"},
    {ADMIN, REFUSED, "SELECT app.event_fan_out(1)"},
    {ADMIN, REFUSED, "SELECT app.event_add('lead.won', NULL, NULL, NULL, '/x')"},
    {OWNER, WORKS, "INSERT INTO notification_choices VALUES ('" A("11") "', 'lead.won', 'off', NULL, NULL)"},
    {OWNER, REFUSED, "INSERT INTO notification_choices VALUES ('" A("13") "', 'lead.won', 'off', NULL, NULL)"},
    {OWNER, REFUSED, "UPDATE event_types SET mandatory = false"},
    {OWNER, REFUSED, "SELECT endpoint FROM push_subscriptions"},
    {OWNER, REFUSED, "INSERT INTO push_subscriptions (user_id, endpoint, p256dh, auth) VALUES ('" A("11") "', 'https://x.example', 'x', 'x')"},
    {OWNER, NO_ROWS, "DELETE FROM push_subscriptions WHERE id = '" B("98") "'"},
    {ADMIN, NO_ROWS, "SELECT id FROM push_subscriptions"},
    {ADMIN, REFUSED, "SELECT * FROM push_renewals"},
    {OWNER, RULE, "SELECT app.push_subscribe('https://push.example/zebulon', 'B' || repeat('x', 86), repeat('x', 22), '', false)"},
    /* when a colleague sleeps, and their number */
    {OWNER, REFUSED, "SELECT phone FROM users"},
    {ADMIN, REFUSED, "SELECT quiet_from FROM users"},
    {OWNER, REFUSED, "UPDATE users SET phone = '+971501002000'"},
    {VISITOR, REFUSED, "SELECT id FROM notifications"},
    {VISITOR, REFUSED, "SELECT * FROM app.notification_settings()"},
    /* messages and files: one's own side, in one's own name, and notes for staff alone */
    {OWNER, WORKS, "INSERT INTO messages (thread_id, partner_id, author_id, by_staff, staff_only, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000501', 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000011', false, false, 'x')"},
    {OWNER, REFUSED, "INSERT INTO messages (thread_id, partner_id, author_id, by_staff, staff_only, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000501', 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000011', false, true, 'x')"},
    {OWNER, REFUSED, "INSERT INTO messages (thread_id, partner_id, author_id, by_staff, staff_only, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000501', 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000011', true, true, 'x')"},
    {OWNER, REFUSED, "INSERT INTO messages (thread_id, partner_id, author_id, by_staff, staff_only, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000501', 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000011', true, false, 'x')"},
    {OWNER, REFUSED, "INSERT INTO messages (thread_id, partner_id, author_id, by_staff, staff_only, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000501', 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000013', false, false, 'x')"},
    {OWNER, REFUSED, "INSERT INTO messages (thread_id, partner_id, author_id, by_staff, staff_only, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000504', 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000011', false, false, 'x')"},
    {OWNER, REFUSED, "INSERT INTO messages (thread_id, partner_id, author_id, by_staff, staff_only, text) VALUES ('bbbbbbbb-0000-4000-8000-000000000501', 'bbbbbbbb-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000011', false, false, 'x')"},
    {OWNER, REFUSED, "INSERT INTO messages (thread_id, partner_id, author_id, by_staff, staff_only, text) VALUES ('bbbbbbbb-0000-4000-8000-000000000501', 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000011', false, false, 'x')"},
    {VIEWER, REFUSED, "INSERT INTO messages (thread_id, partner_id, author_id, by_staff, staff_only, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000501', 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000015', false, false, 'x')"},
    {FINANCE, REFUSED, "INSERT INTO messages (thread_id, partner_id, author_id, by_staff, staff_only, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000501', 'aaaaaaaa-0000-4000-8000-000000000001', 'cccccccc-0000-4000-8000-000000000012', true, false, 'x')"},
    {FINANCE, WORKS, "INSERT INTO messages (thread_id, partner_id, author_id, by_staff, staff_only, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000502', 'aaaaaaaa-0000-4000-8000-000000000001', 'cccccccc-0000-4000-8000-000000000012', true, false, 'x')"},
    {AGENT, WORKS, "INSERT INTO messages (thread_id, partner_id, author_id, by_staff, staff_only, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000504', 'aaaaaaaa-0000-4000-8000-000000000001', 'cccccccc-0000-4000-8000-000000000011', true, true, 'x')"},
    {AGENT, REFUSED, "INSERT INTO messages (thread_id, partner_id, author_id, by_staff, staff_only, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000504', 'aaaaaaaa-0000-4000-8000-000000000001', 'cccccccc-0000-4000-8000-000000000011', false, false, 'x')"},
    {AGENT, REFUSED, "INSERT INTO messages (thread_id, partner_id, author_id, by_staff, staff_only, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000501', 'bbbbbbbb-0000-4000-8000-000000000001', 'cccccccc-0000-4000-8000-000000000011', true, false, 'x')"},
    {OWNER, NO_ROWS, "SELECT id FROM messages WHERE staff_only"},
    {OWNER, NO_ROWS, "SELECT id FROM messages WHERE search LIKE '%note-of-staff%'"},
    {OWNER, NO_ROWS, "SELECT id FROM messages WHERE search LIKE '%zebulon%'"},
    {OWNER, NO_ROWS, "SELECT id FROM threads WHERE id = 'aaaaaaaa-0000-4000-8000-000000000504'"},
    {OWNER, NO_ROWS, "SELECT id FROM thread_sides WHERE side = 'staff' OR id = 'aaaaaaaa-0000-4000-8000-000000000504'"},
    {OWNER, NO_ROWS, "SELECT file_id FROM message_files WHERE message_id = 'aaaaaaaa-0000-4000-8000-000000000513'"},
    {OWNER, WORKS, "SELECT id FROM files WHERE id = 'aaaaaaaa-0000-4000-8000-000000000551'"},
    {OWNER, NO_ROWS, "SELECT id FROM files WHERE id IN ('aaaaaaaa-0000-4000-8000-000000000552', 'bbbbbbbb-0000-4000-8000-000000000551', 'bbbbbbbb-0000-4000-8000-000000000552')"},
    {AGENT, WORKS, "SELECT id FROM files WHERE id = 'aaaaaaaa-0000-4000-8000-000000000552'"},
    {FINANCE, NO_ROWS, "SELECT id FROM files"},
    {FINANCE, NO_ROWS, "SELECT id FROM threads WHERE kind <> 'partner'"},
    {OWNER, NO_ROWS, "SELECT user_id FROM thread_people WHERE user_id <> 'aaaaaaaa-0000-4000-8000-000000000011'"},
    {OWNER, REFUSED, "UPDATE thread_people SET unread = 0"},
    {OWNER, REFUSED, "UPDATE thread_sides SET messages = 0"},
    {OWNER, REFUSED, "UPDATE threads SET shown = true"},
    {OWNER, REFUSED, "INSERT INTO threads (kind, partner_id) VALUES ('partner', 'aaaaaaaa-0000-4000-8000-000000000001')"},
    {OWNER, REFUSED, "INSERT INTO files (sha256, size, type, name) VALUES (sha256('x'), 1, 'text/plain', 'x')"},
    {OWNER, REFUSED, "INSERT INTO message_files (message_id, file_id, position) VALUES ('aaaaaaaa-0000-4000-8000-000000000511', 'bbbbbbbb-0000-4000-8000-000000000551', 2)"},
    {OWNER, REFUSED, "SELECT app.file_add('00', 1, 'text/plain', 'x')"},
    {OWNER, REFUSED, "SELECT app.message_hearers(m) FROM messages m"},
    {OWNER, REFUSED, "SELECT text FROM message_versions"},
    {ADMIN, REFUSED, "SELECT text FROM message_versions"},
    {OWNER, WORKS, "UPDATE messages SET text = 'y' WHERE id = 'aaaaaaaa-0000-4000-8000-000000000511'"},
    {OWNER, NO_ROWS, "UPDATE messages SET text = 'y' WHERE id = 'aaaaaaaa-0000-4000-8000-000000000512'"},
    {OWNER, NO_ROWS, "UPDATE messages SET text = 'y' WHERE id = 'bbbbbbbb-0000-4000-8000-000000000511'"},
    {SALES, NO_ROWS, "UPDATE messages SET text = 'y' WHERE id = 'aaaaaaaa-0000-4000-8000-000000000511'"},
    {ADMIN, NO_ROWS, "UPDATE messages SET deleted_at = now() WHERE id = 'aaaaaaaa-0000-4000-8000-000000000511'"},
    {OWNER, REFUSED, "UPDATE messages SET created_at = now()"},
    {OWNER, REFUSED, "UPDATE messages SET staff_only = false"},
    {OWNER, REFUSED, "DELETE FROM messages"},
    {ADMIN, REFUSED, "DELETE FROM messages"},
    {STRANGER, RULE, "SELECT app.lead_undo('" A("21") "', 1)"},
    {VIEWER, RULE, "SELECT app.lead_undo('" A("21") "', 1)"},
    {SUPPORT, RULE, "SELECT app.lead_undo('" A("21") "', 1)"},
    {OWNER, RULE, "SELECT app.thread_open('lead', 'bbbbbbbb-0000-4000-8000-000000000021')"},
    {OWNER, RULE, "SELECT app.thread_open('share', 'bbbbbbbb-0000-4000-8000-000000000091')"},
    {OWNER, RULE, "SELECT app.thread_open('partner', 'bbbbbbbb-0000-4000-8000-000000000001')"},
    {VIEWER, RULE, "SELECT app.thread_open('partner', 'aaaaaaaa-0000-4000-8000-000000000001')"},
    {FINANCE, RULE, "SELECT app.thread_open('lead', 'aaaaaaaa-0000-4000-8000-000000000021')"},
    {OWNER, RULE, "SELECT app.message_attach('aaaaaaaa-0000-4000-8000-000000000512', repeat('00', 32), 1, 'text/plain', 'x.txt', 2)"},
    {OWNER, RULE, "SELECT app.message_attach('bbbbbbbb-0000-4000-8000-000000000511', repeat('00', 32), 1, 'text/plain', 'x.txt', 2)"},
    {OWNER, NO_ROWS, "SELECT * FROM app.thread_read('bbbbbbbb-0000-4000-8000-000000000501', true)"},
    /* what was done about a lead: one's own side, in one's own name, what is internal for staff alone; cards: their taker's */
    {OWNER, WORKS, "INSERT INTO activities (lead_id, partner_id, author_id, by_staff, internal, kind, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000024', 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000011', false, false, 'note', 'x')"},
    {OWNER, REFUSED, "INSERT INTO activities (lead_id, partner_id, author_id, by_staff, internal, kind, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000024', 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000011', false, true, 'note', 'x')"},
    {OWNER, REFUSED, "INSERT INTO activities (lead_id, partner_id, author_id, by_staff, internal, kind, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000024', 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000011', true, true, 'note', 'x')"},
    {OWNER, REFUSED, "INSERT INTO activities (lead_id, partner_id, author_id, by_staff, internal, kind, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000024', 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000011', true, false, 'note', 'x')"},
    {OWNER, REFUSED, "INSERT INTO activities (lead_id, partner_id, author_id, by_staff, internal, kind, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000024', 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000013', false, false, 'note', 'x')"},
    {OWNER, REFUSED, "INSERT INTO activities (lead_id, partner_id, author_id, by_staff, internal, kind, text) VALUES ('bbbbbbbb-0000-4000-8000-000000000024', 'bbbbbbbb-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000011', false, false, 'note', 'x')"},
    {OWNER, REFUSED, "INSERT INTO activities (lead_id, partner_id, author_id, by_staff, internal, kind, text) VALUES ('bbbbbbbb-0000-4000-8000-000000000024', 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000011', false, false, 'note', 'x')"},
    {VIEWER, REFUSED, "INSERT INTO activities (lead_id, partner_id, author_id, by_staff, internal, kind, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000024', 'aaaaaaaa-0000-4000-8000-000000000001', 'aaaaaaaa-0000-4000-8000-000000000015', false, false, 'note', 'x')"},
    {AGENT, WORKS, "INSERT INTO activities (lead_id, partner_id, author_id, by_staff, internal, kind, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000024', 'aaaaaaaa-0000-4000-8000-000000000001', 'cccccccc-0000-4000-8000-000000000011', true, true, 'note', 'x')"},
    {AGENT, WORKS, "INSERT INTO activities (lead_id, partner_id, author_id, by_staff, internal, kind, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000024', 'aaaaaaaa-0000-4000-8000-000000000001', 'cccccccc-0000-4000-8000-000000000011', true, false, 'note', 'x')"},
    {AGENT, REFUSED, "INSERT INTO activities (lead_id, partner_id, author_id, by_staff, internal, kind, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000024', 'aaaaaaaa-0000-4000-8000-000000000001', 'cccccccc-0000-4000-8000-000000000011', false, false, 'note', 'x')"},
    {AGENT, REFUSED, "INSERT INTO activities (lead_id, partner_id, author_id, by_staff, internal, kind, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000024', 'bbbbbbbb-0000-4000-8000-000000000001', 'cccccccc-0000-4000-8000-000000000011', true, false, 'note', 'x')"},
    {SUPPORT, REFUSED, "INSERT INTO activities (lead_id, partner_id, author_id, by_staff, internal, kind, text) VALUES ('aaaaaaaa-0000-4000-8000-000000000024', 'aaaaaaaa-0000-4000-8000-000000000001', 'cccccccc-0000-4000-8000-000000000013', true, true, 'note', 'x')"},
    {FINANCE, NO_ROWS, "SELECT id FROM activities"},
    {SUPPORT, WORKS, "SELECT id FROM activities WHERE id = 'aaaaaaaa-0000-4000-8000-000000000563'"},
    {OWNER, NO_ROWS, "SELECT id FROM activities WHERE internal"},
    {OWNER, NO_ROWS, "SELECT id FROM activities WHERE text LIKE '%Zebulon%' OR text LIKE '%INTERNAL%'"},
    {OWNER, NO_ROWS, "SELECT file_id FROM activity_files WHERE activity_id = 'aaaaaaaa-0000-4000-8000-000000000563'"},
    {OWNER, WORKS, "SELECT id FROM files WHERE id = 'aaaaaaaa-0000-4000-8000-000000000553'"},
    {OWNER, NO_ROWS, "SELECT id FROM files WHERE id IN ('aaaaaaaa-0000-4000-8000-000000000554', 'bbbbbbbb-0000-4000-8000-000000000553', 'bbbbbbbb-0000-4000-8000-000000000555')"},
    {AGENT, WORKS, "SELECT id FROM files WHERE id = 'aaaaaaaa-0000-4000-8000-000000000554'"},
    {OWNER, REFUSED, "INSERT INTO activity_files (activity_id, file_id, position) VALUES ('aaaaaaaa-0000-4000-8000-000000000561', 'bbbbbbbb-0000-4000-8000-000000000553', 2)"},
    {OWNER, WORKS, "UPDATE activities SET text = 'y' WHERE id = 'aaaaaaaa-0000-4000-8000-000000000561'"},
    {OWNER, NO_ROWS, "UPDATE activities SET text = 'y' WHERE id IN ('aaaaaaaa-0000-4000-8000-000000000562', 'bbbbbbbb-0000-4000-8000-000000000561')"},
    {SALES, NO_ROWS, "UPDATE activities SET text = 'y' WHERE id = 'aaaaaaaa-0000-4000-8000-000000000561'"},
    {ADMIN, NO_ROWS, "UPDATE activities SET deleted_at = now() WHERE id = 'aaaaaaaa-0000-4000-8000-000000000561'"},
    {AGENT, REFUSED, "UPDATE activities SET internal = false"},
    {AGENT, REFUSED, "UPDATE activities SET created_at = now()"},
    {OWNER, REFUSED, "DELETE FROM activities"},
    {ADMIN, REFUSED, "DELETE FROM activities"},
    {ADMIN, REFUSED, "SELECT was FROM activity_versions"},
    {OWNER, RULE, "SELECT app.activity_attach('aaaaaaaa-0000-4000-8000-000000000562', repeat('00', 32), 1, 'text/plain', 'x.txt')"},
    {OWNER, RULE, "SELECT app.activity_attach('aaaaaaaa-0000-4000-8000-000000000563', repeat('00', 32), 1, 'text/plain', 'x.txt')"},
    {OWNER, RULE, "SELECT app.activity_attach('bbbbbbbb-0000-4000-8000-000000000561', repeat('00', 32), 1, 'text/plain', 'x.txt')"},
    {OWNER, REFUSED, "SELECT app.activity_circle('aaaaaaaa-0000-4000-8000-000000000024', NULL)"},
    {OWNER, WORKS, "SELECT id FROM cards"},
    {OWNER, NO_ROWS, "SELECT id FROM cards WHERE user_id <> 'aaaaaaaa-0000-4000-8000-000000000011'"},
    {COLLEAGUE, NO_ROWS, "SELECT id FROM cards"},
    {ADMIN, NO_ROWS, "SELECT id FROM cards"},
    {COLLEAGUE, NO_ROWS, "SELECT id FROM files WHERE id = 'aaaaaaaa-0000-4000-8000-000000000555'"},
    {OWNER, REFUSED, "UPDATE cards SET state = 'read'"},
    {VIEWER, RULE, "SELECT app.card_add(repeat('00', 32), 1, 'image/png', 'x.png')"},
    {OWNER, REFUSED, "SELECT app.card_done('aaaaaaaa-0000-4000-8000-000000000571', '{}', NULL)"},
    /* nobody */
    {VISITOR, REFUSED, "SELECT count(*) FROM users"},
    {VISITOR, REFUSED, "SELECT count(*) FROM leads"},
    {VISITOR, REFUSED, "SELECT app.own_password_set('x', 'y')"},
    {VISITOR, REFUSED, "SELECT app.invite('" A("17") "', '', '', '')"},
    {VISITOR, NO_ROWS, "SELECT * FROM app.link_find(encode(sha256('guess'), 'hex'), 'reset')"},
    {VISITOR, NO_ROWS, "SELECT * FROM app.link_use(encode(sha256('guess'), 'hex'), 'reset', 'x', 'x', 'x')"},
    {VISITOR, NO_ROWS, "SELECT * FROM app.link_find(encode(sha256('reset-too-late-00000000000000000000000000000'), 'hex'), 'reset')"},
};
/* clang-format on */

static enum verdict verdict_of(const struct outcome *outcome) {
    if (!*outcome->state)
        return outcome->rows > 0 ? WORKS : NO_ROWS;
    if (strcmp(outcome->state, "42501") == 0)
        return REFUSED;
    return strncmp(outcome->state, "TS", 2) == 0 ? RULE : CONSTRAINT;
}

static void direct_statements_are_held(void **state) {
    (void)state;
    static const char *const words[] = {"refused", "no rows", "works", "a rule", "a constraint"};
    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++) {
        const struct write *w = &writes[i];
        struct outcome outcome = once(role_of(w->who), w->who, w->sql);
        bool right = verdict_of(&outcome) == w->verdict &&
                     (w->verdict != CONSTRAINT || strncmp(outcome.state, "23", 2) == 0);
        if (!right)
            complain("%s as %s: %s (%s, %ld rows), expected: %s", w->sql, site_who_name(w->who),
                     words[verdict_of(&outcome)], outcome.state, outcome.rows, words[w->verdict]);
    }
    nothing_wrong();
}

/* A session counts under its own role only. */
static void a_session_of_another_audience_is_none(void **state) {
    (void)state;
    static const struct {
        enum site_who who;
        const char *role;
    } forged[] = {{OWNER, "tessera_staff"},
                  {OWNER, "tessera_visitor"},
                  {ADMIN, "tessera_partner"},
                  {ADMIN, "tessera_visitor"}};
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
        struct outcome user = once(forged[i].role, forged[i].who,
                                   "SELECT coalesce(app.user_id()::text, 'nobody') || "
                                   "coalesce(current_setting('app.permissions'), '')");
        if (strcmp(user.value, "nobody") != 0)
            complain("%s's session under %s is %s", site_who_name(forged[i].who), forged[i].role,
                     user.value);
    }
    nothing_wrong();
}

/* ── Functions ── */

/* Which of them the portal may call. One that is not named here must be callable by none of its
 * roles. */
static const struct {
    const char *name;
    enum { EVERYBODY, SIGNED_IN, STAFF_ALONE, PARTNERS_ALONE, VISITORS } callers;
} callable[] = {
    {"asset_download", SIGNED_IN},
    {"duplicate_apart", STAFF_ALONE},
    {"duplicate_reopen", STAFF_ALONE},
    {"email_key", SIGNED_IN},
    {"extension_ask", PARTNERS_ALONE},
    {"extension_decide", STAFF_ALONE},
    {"lead_alike", SIGNED_IN},
    {"lead_and_gone", SIGNED_IN},
    {"lead_earns", STAFF_ALONE},
    {"lead_merge", STAFF_ALONE},
    {"lead_merge_stuck", STAFF_ALONE},
    {"lead_merge_undo", STAFF_ALONE},
    {"lead_went_to", SIGNED_IN},
    {"mail_providers", SIGNED_IN},
    {"overlap_check", PARTNERS_ALONE},
    {"overlap_today", PARTNERS_ALONE},
    {"browser", SIGNED_IN},
    {"browser_system", SIGNED_IN},
    {"can", EVERYBODY},
    {"import_written", SIGNED_IN},
    {"code_skeleton", SIGNED_IN},
    {"invite", SIGNED_IN},
    {"job_cancel", STAFF_ALONE},
    {"job_retry", STAFF_ALONE},
    {"jobs_retry_dead", STAFF_ALONE},
    {"jobs_figures", STAFF_ALONE},
    {"lead_currencies", SIGNED_IN},
    {"lead_currency", SIGNED_IN},
    {"lead_enrolments", SIGNED_IN},
    {"lead_staff_facts", SIGNED_IN},
    {"lead_staff_reasons", SIGNED_IN},
    {"lead_staff_score", SIGNED_IN},
    {"lead_undo", SIGNED_IN},
    {"zone", SIGNED_IN},
    {"lead_hands", SIGNED_IN},
    {"lead_guests", SIGNED_IN},
    {"partner_region", SIGNED_IN},
    {"partner_dependents", STAFF_ALONE},
    {"announcement_reach", STAFF_ALONE},
    {"lead_touches", SIGNED_IN},
    {"link_open", VISITORS},
    {"clicks_add", VISITORS},
    {"refer_lead", EVERYBODY},
    {"refer_links", EVERYBODY},
    {"consent_wording_set", STAFF_ALONE},
    {"fold", SIGNED_IN},
    {"like_pattern", EVERYBODY},
    {"link_find", EVERYBODY},
    {"link_use", EVERYBODY},
    {"mail_reports", EVERYBODY},
    {"activity_attach", SIGNED_IN},
    {"activity_earlier", SIGNED_IN},
    {"activity_open", SIGNED_IN},
    {"card_add", SIGNED_IN},
    {"file_hold", SIGNED_IN}, /* a lock that others share */
    {"card_use", SIGNED_IN},
    {"message_attach", SIGNED_IN},
    {"message_earlier", SIGNED_IN},
    {"message_open", SIGNED_IN},
    {"module_complete", SIGNED_IN},
    {"module_open_to", SIGNED_IN},
    {"nurture_end", STAFF_ALONE},
    {"nurture_text", STAFF_ALONE},
    {"nurture_try", STAFF_ALONE},
    {"local_time", SIGNED_IN},
    {"lead_find", SIGNED_IN},
    {"partner_find", SIGNED_IN},
    {"person_find", SIGNED_IN},
    {"lead_view_move", SIGNED_IN},
    {"bulk_run", SIGNED_IN},
    {"bulk_puts_back", SIGNED_IN},
    {"bulk_undo", SIGNED_IN},
    {"module_complete", SIGNED_IN},
    {"module_open_to", SIGNED_IN},
    {"notification_settings", SIGNED_IN},
    {"notification_settings_set", SIGNED_IN},
    {"own_password", SIGNED_IN},
    {"own_password_set", SIGNED_IN},
    {"partner", EVERYBODY},
    {"partner_type", EVERYBODY},
    {"programme_scope", EVERYBODY},
    {"push_subscribe", SIGNED_IN},
    {"quiz_grade", SIGNED_IN},
    {"quiz_review", SIGNED_IN},
    {"reset_request", EVERYBODY},
    {"rollup_currency", SIGNED_IN},
    {"scope", EVERYBODY},
    {"sequence_step_move", STAFF_ALONE},
    {"session_as", EVERYBODY}, /* refuses all but the job daemon's login */
    {"session_close", EVERYBODY},
    {"session_open", EVERYBODY},
    {"sign_in_find", EVERYBODY},
    {"sign_in_finish", EVERYBODY},
    {"thread_kinds", SIGNED_IN},
    {"thread_open", SIGNED_IN},
    {"thread_read", SIGNED_IN},
    {"threads_read", SIGNED_IN},
    {"tier", EVERYBODY},
    {"unsubscribe", EVERYBODY},
    {"unsubscribe_find", EVERYBODY},
    {"user_id", EVERYBODY},
};

static const char *expected_callers(const char *name) {
    for (size_t i = 0; i < sizeof callable / sizeof *callable; i++)
        if (strcmp(callable[i].name, name) == 0)
            return callable[i].callers == STAFF_ALONE ? "fff t"
                   : callable[i].callers == PARTNERS_ALONE ? "fft f"
                   : callable[i].callers == VISITORS  ? "ftf f"
                   : callable[i].callers == EVERYBODY ? "ftt t"
                                                      : "fft t";
    return "fff f";
}

static void functions_are_granted_one_by_one(void **state) {
    (void)state;
    struct names functions = names_of(
        "SELECT proname, concat(has_function_privilege('public', oid, 'execute')::text::char(1), "
        "has_function_privilege('tessera_visitor', oid, 'execute')::text::char(1),"
        " has_function_privilege('tessera_partner', oid, 'execute')::text::char(1), ' ', "
        "has_function_privilege('tessera_staff', oid, 'execute')::text::char(1))"
        " FROM pg_proc WHERE pronamespace = 'app'::regnamespace");
    assert_true(functions.count > 30);
    for (int i = 0; i < functions.count; i++) {
        const char *name = PQgetvalue(functions.result, i, 0),
                   *callers = PQgetvalue(functions.result, i, 1);
        if (strcmp(callers, expected_callers(name)) != 0)
            complain("app.%s may be called by (public, visitor, partner, staff) %s, expected %s",
                     name, callers, expected_callers(name));
    }
    PQclear(functions.result);
    nothing_wrong();
}

/* Whoever borrows the owner's rights must not look up names where the caller could put some. */
static void definer_functions_pin_their_search_path(void **state) {
    (void)state;
    struct names loose = names_of(
        "SELECT proname FROM pg_proc WHERE pronamespace IN ('app'::regnamespace, "
        "'public'::regnamespace) AND prosecdef"
        " AND NOT coalesce(array_to_string(proconfig, ' '), '') LIKE '%search_path=pg_catalog%'");
    for (int i = 0; i < loose.count; i++)
        complain("app.%s is SECURITY DEFINER without a search_path",
                 PQgetvalue(loose.result, i, 0));
    PQclear(loose.result);
    nothing_wrong();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_other_table_is_protected, restore),
        cmocka_unit_test_setup(without_a_session_nothing_is_there, restore),
        cmocka_unit_test_setup(the_login_alone_can_read_nothing, restore),
        cmocka_unit_test_setup(roles_have_no_power, restore),
        cmocka_unit_test_setup(nobody_changes_the_schema, restore),
        cmocka_unit_test_setup(policies_cannot_be_switched_off, restore),
        cmocka_unit_test_setup(a_partner_reads_only_its_own_rows, restore),
        cmocka_unit_test_setup(direct_statements_are_held, restore),
        cmocka_unit_test_setup(a_session_of_another_audience_is_none, restore),
        cmocka_unit_test_setup(functions_are_granted_one_by_one, restore),
        cmocka_unit_test_setup(definer_functions_pin_their_search_path, restore),
    };
    return cmocka_run_group_tests_name("db: row-level security", tests, setup, teardown);
}
