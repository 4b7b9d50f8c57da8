/*
 * Every statement of the catalogue, in every sort and with its optional lines one by one, is one
 * that PostgreSQL takes: it parses on the migrated schema, and the role that runs it has every
 * grant that it needs. (EXPLAIN checks grants as an execution would, and changes nothing.)
 */
#include "app/routes.h"
#include "core/text.h"
#include "tests/support/site.h"
#include "tests/support/unit.h"
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

enum { V = 1, P = 2, S = 4, OWNER_ROLE = 8, JOBS_ROLE = 16, NAMES_MAX = STATEMENT_PARAMS_MAX };

static struct site_portal *portal;
static PGconn *app, *owner, *jobs;
static int wrong;
static long prepared;

static int setup(void **state) {
    (void)state;
    portal = site_open();
    app = PQconnectdb(getenv("TESSERA_TEST_APP_DATABASE"));
    owner = PQconnectdb(getenv("TESSERA_TEST_DATABASE"));
    jobs = PQconnectdb(getenv("TESSERA_TEST_JOBS_DATABASE"));
    assert_int_equal(PQstatus(app), CONNECTION_OK);
    assert_int_equal(PQstatus(jobs), CONNECTION_OK);
    assert_int_equal(PQstatus(owner), CONNECTION_OK);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    PQfinish(app);
    PQfinish(owner);
    PQfinish(jobs);
    site_close(portal);
    return 0;
}

/* ── Who runs what ── */

/* What handlers run by themselves. The rest stands in the routes' SHOW and lists. */
static const struct {
    enum query query;
    unsigned roles;
} handled[] = {
    {Q_session, V | P | S},         {Q_ready, V | P | S},         {Q_sign_in_find, V | P | S},
    {Q_sign_in_finish, V | P | S},  {Q_session_close, V | P | S}, {Q_reset_request, V | P | S},
    {Q_link_use, V | P | S},        {Q_own_password, P | S},      {Q_own_password_set, P | S},
    {Q_account_update, P | S},      {Q_theme_update, P | S},      {Q_session_delete, P | S},
    {Q_sessions_delete_all, P | S}, {Q_lead_insert, P | S},       {Q_lead_update, P | S},
    {Q_lead_went_to, P | S},        {Q_lead_stage_update, P | S},   {Q_lead_undo, P | S},         {Q_lead_staff_update, S},     {Q_module_complete, P | S},
    {Q_quiz_grade, P | S},          {Q_asset_download, P | S},    {Q_own_partner_update, P},
    {Q_partner_insert, S},          {Q_partner_update, S},        {Q_partner_status_set, S},
    {Q_partner_delete, S},          {Q_member_insert, P | S},     {Q_member_invite, P | S},
    {Q_member_update, P | S},       {Q_member_status_set, P | S}, {Q_member_delete, P | S},
    {Q_programme_update, S},        {Q_job_retry, S},             {Q_job_cancel, S},
    {Q_import_insert, P | S},       {Q_import_remember, P | S},
    {Q_import_map, P | S},          {Q_import_start, P | S},
    {Q_import_cancel, P | S},       {Q_import_next, JOBS_ROLE},
    {Q_import_add, JOBS_ROLE},      {Q_import_fail, JOBS_ROLE},
    {Q_imports_tidy, JOBS_ROLE},     {Q_scores_next, JOBS_ROLE},
    {Q_score_model, JOBS_ROLE},      {Q_scores_keep, JOBS_ROLE},
    {Q_jobs_retry_dead, S},         {Q_session_as, V | P | S},
    {Q_duplicate_merge, S},         {Q_duplicate_apart, S},       {Q_duplicate_reopen, S},
    {Q_merge_undo, S},              {Q_lead_phone_region, P | S}, {Q_extension_ask, P},
    {Q_extension_decide, S},        {Q_overlap_check, P},         {Q_phones_take, JOBS_ROLE},
    {Q_phones_put, JOBS_ROLE},      {Q_file_hold, P | S},         {Q_work_files_unused, JOBS_ROLE},
    {Q_sequence_insert, S},         {Q_sequence_update, S},       {Q_sequence_switch, S},
    {Q_sequence_delete, S},         {Q_sequence_step_insert, S},  {Q_sequence_step_update, S},
    {Q_sequence_step_delete, S},    {Q_sequence_step_move, S},    {Q_nurture_try, S},
    {Q_nurture_end, S},
    /* what leaves the portal */
    {Q_unsubscribe, V | P | S},     {Q_mail_reports, V | P | S},  {Q_suppression_lift, S},
    /* notifications */
    {Q_notification_read, P | S},   {Q_notification_read_all, P | S}, {Q_notification_settings_update, P | S},
    {Q_notification_choices_update, P | S}, {Q_notification_choices_tidy, P | S}, {Q_notification_choices_forget, P | S},
    {Q_push_subscribe, P | S},      {Q_push_delete, P | S},
    /* messages */
    {Q_thread_open, P | S},         {Q_message_insert, P | S},    {Q_message_attach, P | S},
    {Q_message_update, P | S},      {Q_message_delete, P | S},    {Q_threads_read, P | S},
    {Q_unread_threads, P | S},
    /* what was done about a lead; business cards */
    {Q_activity_insert, P | S},     {Q_activity_attach, P | S},   {Q_activity_update, P | S},
    {Q_activity_delete, P | S},     {Q_card_add, P | S},          {Q_card_use, P | S},
    /* calendar and news */
    {Q_reminder_insert, P | S},     {Q_reminder_update, P | S},   {Q_reminder_move, P | S},
    {Q_reminder_finish, P | S},     {Q_reminder_reopen, P | S},   {Q_reminder_delete, P | S},
    {Q_appointment_insert, P | S},  {Q_appointment_update, P | S}, {Q_appointment_people_set, P | S},
    {Q_appointment_call_off, P | S}, {Q_announcement_insert, S},  {Q_announcement_update, S},
    {Q_announcement_correct, S},    {Q_announcement_publish, S},  {Q_announcement_withdraw, S},
    {Q_announcement_delete, S},
    /* saved views, many leads at once */
    {Q_lead_view_insert, P | S},    {Q_lead_view_update, P | S},  {Q_lead_view_standard, P | S},
    {Q_lead_view_move, P | S},      {Q_lead_view_delete, P | S},  {Q_lead_columns_save, P | S},
    {Q_bulk_begin, P | S},          {Q_bulk_chosen, P | S},       {Q_bulk_matching, P | S},
    {Q_bulk_count, P | S},          {Q_bulk_plan, P | S},         {Q_bulk_run, P | S},
    {Q_bulk_undo, P | S},
    {Q_session_quiet, V | P | S},
    {Q_metrics_reader, S},          {Q_metrics_jobs, S},
    /* links and public forms */
    {Q_link_insert, P | S},         {Q_link_partner_active, P | S}, {Q_link_update, P | S},
    {Q_link_archive, P | S},        {Q_link_open, V},             {Q_clicks_add, V},
    {Q_refer_lead, V | P | S},      {Q_consent_wording_set, S},
    {Q_lead_draft_save, P | S},     {Q_lead_draft_drop, P | S},   {Q_lead_draft_close, P | S},
    {Q_lead_sent, P | S},
};

static bool route_runs(const struct route *route, enum query query) {
    for (size_t i = 0; i < ROUTE_QUERIES_MAX && route->show[i]; i++)
        if (route->show[i] == query)
            return true;
    return route->list && route->list->query == query;
}

static unsigned roles_of(enum query query) {
    static const char *const operators[] = {"seed_", "operator_", "doctor_", "rollup_"};
    static const char *const daemons[] = {"queue_", "work_", "send_", "live_"};
    unsigned roles = 0;
    for (size_t i = 0; i < routes_count; i++)
        if (route_runs(&routes[i], query))
            roles |= !routes[i].permission       ? V | P | S
                     : routes[i].who == PARTNERS ? P
                     : routes[i].who == STAFF    ? S
                                                 : P | S;
    for (size_t i = 0; i < sizeof handled / sizeof *handled; i++)
        if (handled[i].query == query)
            roles |= handled[i].roles;
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (text_starts(query_info(query)->name, operators[i]))
            roles |= OWNER_ROLE;
    for (size_t i = 0; i < sizeof daemons / sizeof *daemons; i++)
        if (text_starts(query_info(query)->name, daemons[i]))
            roles |= JOBS_ROLE;
    return roles;
}

/* ── Choices ── */

struct choice_of_lines {
    const char *names[NAMES_MAX]; /* of the optional lines */
    size_t count;
    const char *present; /* one of them; NULL: see all */
    bool all;
};

/* The names behind "--?". */
static void find_lines(const char *sql, struct choice_of_lines *choice) {
    for (const char *at = strstr(sql, "--? "); at; at = strstr(at + 1, "--? ")) {
        size_t size = strcspn(at + 4, " \n");
        const char *name = arena_strndup(site_arena(portal), at + 4, size);
        bool known = false;
        for (size_t i = 0; i < choice->count; i++)
            known = known || strcmp(choice->names[i], name) == 0;
        if (!known && choice->count < NAMES_MAX)
            choice->names[choice->count++] = name;
    }
}

static const char *value_of(void *context, const char *name) {
    const struct choice_of_lines *choice = context;
    return choice->all || text_equal(choice->present, name) ? "" : NULL;
}

/* ── One composition under one role ── */

static bool is_utility(const char *sql) {
    static const char *const planned[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "MERGE"};
    sql += strspn(sql, " \n(");
    for (size_t i = 0; i < sizeof planned / sizeof *planned; i++)
        if (text_starts(sql, planned[i]))
            return false;
    return true;
}

static bool run(PGconn *conn, const char *sql, const char *about) {
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    bool fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!fine) {
        wrong++;
        fprintf(stderr, "%s: %s", about, PQerrorMessage(conn));
    }
    PQclear(result);
    return fine;
}

static void begin(PGconn *conn, unsigned role) {
    static const struct {
        unsigned role;
        const char *name;
        enum site_who who;
    } sessions[] = {{V, "tessera_visitor", VISITOR},
                    {P, "tessera_partner", OWNER},
                    {S, "tessera_staff", ADMIN}};
    char sql[512];
    assert_true(run(conn, "BEGIN", "begin"));
    for (size_t i = 0; i < sizeof sessions / sizeof *sessions; i++) {
        if (role != sessions[i].role)
            continue;
        const char *hash =
            role == V
                ? ""
                : site_value(portal,
                             "SELECT encode(token_hash, 'hex') FROM sessions WHERE user_id = '%s'",
                             site_who_id(sessions[i].who));
        snprintf(sql, sizeof sql, "SELECT set_config('role', '%s', true)", sessions[i].name);
        assert_true(run(conn, sql, "role"));
        snprintf(sql, sizeof sql, "SELECT * FROM app.session_open('%s', 3600, 'x')", hash);
        assert_true(run(conn, sql, "session"));
    }
}

static void check(const struct statement *statement, unsigned role) {
    PGconn *conn = role == OWNER_ROLE ? owner : role == JOBS_ROLE ? jobs : app;
    static const char *const names[] = {
        [V] = "visitor", [P] = "partner", [S] = "staff", [OWNER_ROLE] = "owner", [JOBS_ROLE] = "jobs"};
    const char *about = arena_printf(site_arena(portal), "%s as %s", statement->name, names[role]);
    begin(conn, role);
    PGresult *result = PQprepare(conn, "x", statement->sql, 0, NULL);
    prepared++;
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        wrong++;
        fprintf(stderr, "%s: %s\n%s\n", about, PQerrorMessage(conn), statement->sql);
    } else if (!is_utility(statement->sql)) {
        struct buf sql;
        buf_init(&sql, 1 << 16);
        buf_puts(&sql, "EXPLAIN EXECUTE x");
        for (size_t i = 0; i < statement->nparams; i++)
            buf_puts(&sql, i ? ", NULL" : "(NULL");
        buf_puts(&sql, statement->nparams ? ")" : "");
        (void)run(conn, buf_text(&sql), about);
        buf_free(&sql);
    }
    PQclear(result);
    PQclear(PQexec(conn, "ROLLBACK"));
    PQclear(PQexec(conn, "DEALLOCATE ALL"));
}

static void check_choice(enum query query, const struct query_sort *sort,
                         struct choice_of_lines *choice, unsigned roles) {
    struct statement statement;
    statement_compose(site_arena(portal), query, sort, value_of, choice, &statement);
    for (unsigned role = V; role <= JOBS_ROLE; role <<= 1)
        if (roles & role)
            check(&statement, role);
}

static void check_query(enum query query, unsigned roles) {
    const struct query_info *info = query_info(query);
    struct choice_of_lines choice = {.count = 0};
    find_lines(info->sql, &choice);
    for (size_t s = 0; s == 0 || s < info->nsorts; s++) {
        const struct query_sort *sort = info->nsorts ? &info->sorts[s] : NULL;
        choice.all = false;
        choice.present = NULL;
        check_choice(query, sort, &choice, roles);
        for (size_t i = 0; i < choice.count; i++) {
            choice.present = choice.names[i];
            check_choice(query, sort, &choice, roles);
        }
        choice.all = true;
        if (choice.count)
            check_choice(query, sort, &choice, roles);
    }
    site_forget(portal);
}

static void every_statement_can_be_run(void **state) {
    (void)state;
    for (size_t q = Q_NONE + 1; q < Q_COUNT; q++) {
        unsigned roles = roles_of((enum query)q);
        if (!roles) {
            wrong++;
            fprintf(stderr, "%s: no route shows it; say in this test who runs it\n",
                    query_info((enum query)q)->name);
            continue;
        }
        check_query((enum query)q, roles);
    }
    assert_true(prepared > Q_COUNT);
    assert_int_equal(wrong, 0);
}

/* What list.c takes from the rows. */
static void lists_return_what_pages_need(void **state) {
    (void)state;
    for (size_t i = 0; i < routes_count; i++) {
        if (!routes[i].list)
            continue;
        const struct query_info *info = query_info(routes[i].list->query);
        struct choice_of_lines none = {.count = 0};
        struct statement statement;
        assert_true(info->nsorts > 0);
        assert_contains(info->sql, "--? after_key");
        statement_compose(site_arena(portal), routes[i].list->query, NULL, value_of, &none,
                          &statement);
        begin(app, routes[i].who == STAFF ? S : P);
        PGresult *result = PQprepare(app, "x", statement.sql, 0, NULL),
                 *described = PQdescribePrepared(app, "x");
        assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
        assert_true(PQfnumber(described, "id") >= 0);
        assert_true(PQfnumber(described, "_sort_key") >= 0);
        PQclear(result);
        PQclear(described);
        PQclear(PQexec(app, "ROLLBACK"));
        PQclear(PQexec(app, "DEALLOCATE ALL"));
        /* a list has both directions of each sort, so that a click on a column's head turns it
         * around */
        for (size_t s = 0; s < info->nsorts; s++)
            if (!text_ends(info->sorts[s].key, "_desc"))
                assert_false(info->sorts[s].descending);
            else
                assert_true(info->sorts[s].descending);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_statement_can_be_run),
        cmocka_unit_test(lists_return_what_pages_need),
    };
    return cmocka_run_group_tests_name("db: statements", tests, setup, teardown);
}
