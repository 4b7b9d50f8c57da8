#include "db/db_internal.h"

#include "core/log.h"
#include "core/text.h"
#include <poll.h>

struct call {
    struct statement statement;
    const char *name; /* statement's, with the audience before it: plans under row-level security
                         belong to a role */
    const struct query_info *info;
    const char **values;
    PGresult *result;
    struct rows rows;
    long affected; /* by an INSERT, UPDATE or DELETE */
};

struct batch {
    struct db *db;
    struct arena *arena;
    enum audience audience;
    enum batch_kind kind;
    struct call *calls;
    size_t count, cap;
    const char *sqlstate, *constraint, *message;
    struct batch *next;
};

static const char *const audience_prefix[] = {"v.", "p.", "s.", "o."};
static const char *const audience_role_sql[] = {
    "SELECT set_config('role', 'tessera_visitor', true)",
    "SELECT set_config('role', 'tessera_partner', true)",
    "SELECT set_config('role', 'tessera_staff', true)",
};

/* ── Connection ── */

struct db *db_new(const char *conninfo, long statement_timeout) {
    struct db *db = calloc(1, sizeof *db);
    if (!db || !(db->conninfo = strdup(conninfo)))
        abort();
    db->statement_timeout = statement_timeout;
    return db;
}

static void prepared_clear(struct prepared *prepared) {
    for (size_t i = 0; i < 2 * PREPARED_MAX; i++)
        free(prepared->names[i]);
    memset(prepared, 0, sizeof *prepared);
}

static char **prepared_slot(struct prepared *prepared, const char *name) {
    size_t hash = 14695981039346656037u; /* FNV-1a */
    for (const char *c = name; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    size_t i = hash % (2 * PREPARED_MAX);
    while (prepared->names[i] && strcmp(prepared->names[i], name) != 0)
        i = (i + 1) % (2 * PREPARED_MAX);
    return &prepared->names[i];
}

static void prepared_add(struct prepared *prepared, const char *name) {
    char **slot = prepared_slot(prepared, name);
    if (*slot)
        return;
    if (!(*slot = strdup(name)))
        abort();
    prepared->count++;
}

static void db_disconnect(struct db *db) {
    PQfinish(db->conn);
    db->conn = NULL;
    db->transaction_open = false;
    prepared_clear(&db->prepared);
}

void db_free(struct db *db) {
    if (!db)
        return;
    db_reset(db);
    db_disconnect(db);
    free(db->conninfo);
    free(db);
}

bool db_connected(const struct db *db) {
    return db->conn && PQstatus(db->conn) == CONNECTION_OK;
}

/* The server ends idle connections (restart, failover) by writing to them: a readable socket before
 * anything was asked is one that must not be used. (Of what else it may write, a notice or a changed
 * setting, nothing is lost.) */
static bool connection_stale(PGconn *conn) {
    struct pollfd pfd = {.fd = PQsocket(conn), .events = POLLIN};
    return PQstatus(conn) != CONNECTION_OK || poll(&pfd, 1, 0) > 0;
}

static void ignore_notice(void *context, const PGresult *result) {
    (void)context;
    log_event(LOG_DEBUG, "database_notice", "text", "%s",
              PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY), NULL);
}

enum err db_connect(struct db *db) {
    /* A long-lived worker that met many combinations of filters starts afresh instead of keeping
     * them all. */
    if (db->conn && !db->transaction_open &&
        (connection_stale(db->conn) || db->prepared.count > PREPARED_MAX - 64))
        db_disconnect(db);
    if (db_connected(db))
        return OK;
    if (db->transaction_open)
        return ERR_UNAVAILABLE;
    db_disconnect(db);

    char options[64], timeout[16];
    snprintf(options, sizeof options, "-c statement_timeout=%ld", db->statement_timeout);
    snprintf(timeout, sizeof timeout, "%d", CONNECT_TIMEOUT_SECONDS);
    const char *const keys[] = {"connect_timeout", "application_name", "options", "dbname", NULL};
    const char *const values[] = {timeout, "tessera", options, db->conninfo, NULL};
    db->conn = PQconnectdbParams(keys, values, 1);
    if (PQstatus(db->conn) != CONNECTION_OK) {
        log_event(LOG_WARN, "database_away", "reason", "%s", PQerrorMessage(db->conn), NULL);
        db_disconnect(db);
        return ERR_UNAVAILABLE;
    }
    PQsetNoticeReceiver(db->conn, ignore_notice, NULL);
    log_event(LOG_DEBUG, "database_connected", "server", "%d", PQserverVersion(db->conn), NULL);
    return OK;
}

void db_rollback(struct db *db) {
    if (!db->transaction_open)
        return;
    PGresult *result = PQexec(db->conn, "ROLLBACK");
    bool done = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    db->transaction_open = false;
    if (!done)
        db_disconnect(db);
}

void db_reset(struct db *db) {
    for (struct batch *b = db->batches; b; b = b->next)
        for (size_t i = 0; i < b->count; i++)
            PQclear(b->calls[i].result);
    db->batches = NULL;
    db_rollback(db);
}

/* ── Batch ── */

const char *batch_role_sql(enum audience audience)
{
    return audience_role_sql[audience];
}

struct batch *batch_new(struct db *db, struct arena *arena, enum audience audience,
                        enum batch_kind kind) {
    struct batch *batch = arena_alloc(arena, sizeof *batch);
    *batch = (struct batch){.db = db,
                            .arena = arena,
                            .audience = audience,
                            .kind = kind,
                            .sqlstate = "",
                            .constraint = "",
                            .message = "",
                            .next = db->batches};
    db->batches = batch;
    return batch;
}

size_t batch_add(struct batch *batch, enum query query, const struct query_sort *sort,
                 batch_value_fn *value, void *context) {
    if (batch->count == batch->cap) {
        size_t cap = batch->cap ? 2 * batch->cap : 12;
        struct call *calls = arena_array(batch->arena, cap, sizeof *calls);
        if (batch->count)
            memcpy(calls, batch->calls, batch->count * sizeof *calls);
        batch->calls = calls;
        batch->cap = cap;
    }
    struct call *call = &batch->calls[batch->count];
    *call = (struct call){.info = query_info(query)};
    statement_compose(batch->arena, query, sort, value, context, &call->statement);
    call->name =
        arena_printf(batch->arena, "%s%s", audience_prefix[batch->audience], call->statement.name);
    call->values = arena_array(batch->arena, call->statement.nparams + 1, sizeof *call->values);
    for (size_t i = 0; i < call->statement.nparams; i++)
        call->values[i] = value(context, call->statement.params[i]);
    return batch->count++;
}

/* Sends a statement by name, preparing it in the same trip when this connection does not know it
 * yet. */
static bool send_prepared(struct db *db, const char *name, const char *sql, size_t nparams,
                          const char *const *values, bool *prepares) {
    *prepares = *prepared_slot(&db->prepared, name) == NULL;
    if (*prepares && !PQsendPrepare(db->conn, name, sql, 0, NULL))
        return false;
    return PQsendQueryPrepared(db->conn, name, (int)nparams, values, NULL, NULL, 0);
}

static bool send_plain(struct db *db, const char *sql) {
    return PQsendQueryParams(db->conn, sql, 0, NULL, NULL, NULL, NULL, 0);
}

static enum err err_of_sqlstate(const char *state) {
    static const struct {
        const char *prefix;
        enum err err;
    } table[] = {
        /* appendix A of the PostgreSQL documentation; longer prefixes first */
        {"23", ERR_CONFLICT},       {"42501", ERR_FORBIDDEN},
        {"22", ERR_BAD_REQUEST},    {"57", ERR_UNAVAILABLE},
        {"08", ERR_UNAVAILABLE},    {"53", ERR_UNAVAILABLE},
        {"40", ERR_UNAVAILABLE},    {"55P03", ERR_UNAVAILABLE},
        {"25006", ERR_UNAVAILABLE}, /* read-only: a standby that is about to be promoted */
    };
    if (text_starts(state, "TS")) {
        long status;
        return text_to_long(state + 2, 400, 599, &status) ? err_of_status((int)status)
                                                          : ERR_INTERNAL;
    }
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (text_starts(state, table[i].prefix))
            return table[i].err;
    return ERR_INTERNAL;
}

static const char *error_field(struct batch *batch, const PGresult *result, int field) {
    const char *text = PQresultErrorField(result, field);
    return text ? arena_strdup(batch->arena, text) : "";
}

static enum err note_failure(struct batch *batch, const PGresult *result, const char *name) {
    batch->sqlstate = error_field(batch, result, PG_DIAG_SQLSTATE);
    batch->constraint = error_field(batch, result, PG_DIAG_CONSTRAINT_NAME);
    batch->message = error_field(batch, result, PG_DIAG_MESSAGE_PRIMARY);
    if (!*batch->sqlstate)
        return ERR_UNAVAILABLE;
    enum err err = err_of_sqlstate(batch->sqlstate);
    /* Messages may quote a client's data (22P02, 23505), so only our own faults are logged with
     * theirs. */
    if (err == ERR_INTERNAL || err == ERR_UNAVAILABLE || err == ERR_FORBIDDEN)
        log_event(err == ERR_INTERNAL ? LOG_ERROR : LOG_WARN, "statement_failed", "statement", "%s",
                  name, "sqlstate", "%s", batch->sqlstate, "message", "%s", batch->message, NULL);
    return err;
}

/* Takes one command's result off the pipeline. keep NULL: the rows are not wanted. */
static enum err receive(struct batch *batch, const char *name, PGresult **keep, bool *prepared) {
    PGresult *result = PQgetResult(batch->db->conn);
    enum err err = OK;
    switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
        if (prepared)
            *prepared = true;
        break;
    case PGRES_PIPELINE_ABORTED: /* an earlier one failed and has been noted */
        err = *batch->sqlstate ? err_of_sqlstate(batch->sqlstate) : ERR_UNAVAILABLE;
        break;
    default:
        err = note_failure(batch, result, name);
    }
    if (!err && keep)
        *keep = result;
    else
        PQclear(result);
    if (PQstatus(batch->db->conn) == CONNECTION_OK)
        PQclear(PQgetResult(batch->db->conn)); /* the NULL that ends a command */
    return err;
}

struct sent {
    bool begin, role_prepares, role, commit;
    bool *prepares;
};

static bool send_all(struct batch *batch, struct sent *sent) {
    struct db *db = batch->db;
    sent->begin = batch->kind == BATCH_OPEN;
    sent->role =
        batch->audience != AUDIENCE_OWNER &&
        (batch->kind == BATCH_OPEN || batch->kind == BATCH_READ || batch->kind == BATCH_WHOLE);
    sent->commit = batch->kind == BATCH_COMMIT;
    if (!PQenterPipelineMode(db->conn))
        return false;
    if (sent->begin && !send_plain(db, "BEGIN"))
        return false;
    if (sent->role &&
        !send_prepared(db, audience_prefix[batch->audience], audience_role_sql[batch->audience], 0,
                       NULL, &sent->role_prepares))
        return false;
    for (size_t i = 0; i < batch->count; i++) {
        struct call *c = &batch->calls[i];
        bool twice = false; /* the same statement earlier in this batch is already being prepared */
        for (size_t j = 0; j < i && !twice; j++)
            twice = sent->prepares[j] && strcmp(batch->calls[j].name, c->name) == 0;
        bool ok = twice ? PQsendQueryPrepared(db->conn, c->name, (int)c->statement.nparams,
                                              c->values, NULL, NULL, 0)
                        : send_prepared(db, c->name, c->statement.sql, c->statement.nparams,
                                        c->values, &sent->prepares[i]);
        if (!ok)
            return false;
    }
    if (sent->commit && !send_plain(db, "COMMIT"))
        return false;
    return PQpipelineSync(db->conn);
}

static void keep_first(enum err *first, enum err err) {
    if (!*first)
        *first = err;
}

/* The end of a transaction in which something failed is called ROLLBACK, and is no error to the
 * server. */
static enum err receive_commit(struct batch *batch) {
    PGresult *result = NULL;
    enum err err = receive(batch, "COMMIT", &result, NULL);
    if (!err && strcmp(PQcmdStatus(result), "COMMIT") != 0) {
        log_event(LOG_ERROR, "commit_after_failure", NULL);
        err = ERR_INTERNAL;
    }
    PQclear(result);
    return err;
}

static enum err receive_all(struct batch *batch, const struct sent *sent) {
    struct db *db = batch->db;
    enum err first = OK;
    bool prepared;
    if (sent->begin)
        keep_first(&first, receive(batch, "BEGIN", NULL, NULL));
    if (sent->role_prepares) {
        prepared = false;
        keep_first(&first, receive(batch, "role", NULL, &prepared));
        if (prepared)
            prepared_add(&db->prepared, audience_prefix[batch->audience]);
    }
    if (sent->role)
        keep_first(&first, receive(batch, "role", NULL, NULL));
    for (size_t i = 0; i < batch->count; i++) {
        struct call *c = &batch->calls[i];
        if (sent->prepares[i]) {
            prepared = false;
            keep_first(&first, receive(batch, c->name, NULL, &prepared));
            if (prepared)
                prepared_add(&db->prepared, c->name);
        }
        keep_first(&first, receive(batch, c->name, &c->result, NULL));
    }
    if (sent->commit)
        keep_first(&first, receive_commit(batch));
    if (PQstatus(db->conn) != CONNECTION_OK)
        return ERR_UNAVAILABLE;
    PGresult *sync = PQgetResult(db->conn);
    bool synced = PQresultStatus(sync) == PGRES_PIPELINE_SYNC;
    PQclear(sync);
    /* The whole batch stands or falls with its end: without BEGIN the transaction ends at the sync.
     */
    if (!synced || !PQexitPipelineMode(db->conn))
        return ERR_UNAVAILABLE;
    return first;
}

static enum column_type type_of_oid(Oid oid) {
    switch (oid) { /* pg_type.dat */
    case 16:
        return COLUMN_BOOL;
    case 20:
    case 21:
    case 23:
        return COLUMN_INT;
    case 700:
    case 701:
    case 1700:
        return COLUMN_NUMERIC;
    case 1184:
        return COLUMN_TIMESTAMP;
    case 1082:
        return COLUMN_DATE;
    case 2950:
        return COLUMN_UUID;
    case 114:
    case 3802:
        return COLUMN_JSON;
    default:
        return COLUMN_TEXT;
    }
}

static const char *result_cell(const void *source, size_t row, size_t col) {
    const PGresult *result = source;
    return PQgetisnull(result, (int)row, (int)col) ? NULL : PQgetvalue(result, (int)row, (int)col);
}

static void describe_rows(struct batch *batch, struct call *call) {
    size_t ncols = (size_t)PQnfields(call->result);
    struct column *cols = arena_array(batch->arena, ncols + 1, sizeof *cols);
    for (size_t i = 0; i < ncols; i++)
        cols[i] = (struct column){PQfname(call->result, (int)i),
                                  type_of_oid(PQftype(call->result, (int)i))};
    call->rows = (struct rows){.name = call->info->name,
                               .one = call->info->rows == QUERY_ONE,
                               .nrows = (size_t)PQntuples(call->result),
                               .ncols = ncols,
                               .cols = cols,
                               .source = call->result,
                               .cell = result_cell};
    call->affected = 0;
    (void)text_to_long(PQcmdTuples(call->result), 0, 1000000000, &call->affected);
}

static enum err run_once(struct batch *batch) {
    struct db *db = batch->db;
    batch->sqlstate = batch->constraint = batch->message = "";
    /* a transaction that was lost with its connection is not taken up on another one */
    if ((batch->kind == BATCH_CONTINUE || batch->kind == BATCH_COMMIT) && !db->transaction_open)
        return ERR_UNAVAILABLE;
    enum err err = db_connect(db);
    if (err)
        return err;
    for (size_t i = 0; i < batch->count; i++) {
        PQclear(batch->calls[i].result);
        batch->calls[i].result = NULL;
    }
    struct sent sent = {.prepares = arena_array(batch->arena, batch->count + 1, sizeof(bool))};
    err = send_all(batch, &sent) ? receive_all(batch, &sent) : ERR_UNAVAILABLE;
    if (PQstatus(db->conn) != CONNECTION_OK || PQpipelineStatus(db->conn) != PQ_PIPELINE_OFF) {
        log_event(LOG_WARN, "database_lost", "reason", "%s", PQerrorMessage(db->conn), NULL);
        db_disconnect(db);
        return ERR_UNAVAILABLE;
    }
    db->transaction_open = PQtransactionStatus(db->conn) != PQTRANS_IDLE;
    return err;
}

/* A prepared statement outlived a migration. */
static bool plan_outdated(const struct batch *batch) {
    return text_equal(batch->sqlstate, "0A000") || text_equal(batch->sqlstate, "26000");
}

/* Failures after which the same batch may well succeed, and which left nothing behind. */
static bool worth_repeating(const struct batch *batch, enum err err) {
    if (batch->kind == BATCH_CONTINUE || batch->kind == BATCH_COMMIT)
        return false;
    if (text_starts(batch->sqlstate, "40") || plan_outdated(batch)) /* 40: deadlock and the like */
        return true;
    return batch->kind != BATCH_WHOLE && err == ERR_UNAVAILABLE &&
           (!*batch->sqlstate || text_starts(batch->sqlstate, "57P"));
}

enum err batch_run(struct batch *batch) {
    enum err err = run_once(batch);
    if (err && plan_outdated(batch)) {
        db_disconnect(batch->db); /* and with it what was prepared */
        err = ERR_UNAVAILABLE;
    }
    if (err && worth_repeating(batch, err)) {
        db_rollback(batch->db);
        err = run_once(batch);
    }
    if (err)
        return err;
    for (size_t i = 0; i < batch->count; i++)
        describe_rows(batch, &batch->calls[i]);
    return OK;
}

const struct rows *batch_rows(const struct batch *batch, size_t index) {
    return &batch->calls[index].rows;
}

const struct rows *batch_find(const struct batch *batch, const char *name) {
    for (size_t i = 0; i < batch->count; i++)
        if (strcmp(batch->calls[i].info->name, name) == 0)
            return &batch->calls[i].rows;
    return NULL;
}

const char *batch_constraint(const struct batch *batch) {
    return batch->constraint;
}

const char *batch_message(const struct batch *batch) {
    return batch->message;
}

size_t batch_affected(const struct batch *batch, size_t index) {
    return (size_t)batch->calls[index].affected;
}
