/*
 * db.h - one connection to PostgreSQL and batches of statements sent over it in one round trip.
 *
 * A batch is one libpq pipeline: all statements go out together and run as one transaction. A connection is made
 * when first needed and made again after it broke; while the server is away every batch answers ERR_UNAVAILABLE.
 * Statements are prepared once per connection, when first used, in the same round trip.
 *
 * Least privilege: the login role may do nothing by itself. Each batch names its audience and runs under that
 * audience's role, whose grants and row-level security policies decide what can be read and written.
 *
 * Only files under src/db/ know libpq.
 */
#ifndef TESSERA_DB_DB_H
#define TESSERA_DB_DB_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "core/rows.h"
#include "db/catalog.h"
#include <stdbool.h>
#include <stddef.h>

struct db;
struct batch;

enum audience {
    AUDIENCE_VISITOR,
    AUDIENCE_PARTNER,
    AUDIENCE_STAFF,
    AUDIENCE_OWNER /* no role is taken: for the operator's commands, whose login is tessera_owner */
};

/* conninfo: libpq's. statement_timeout in milliseconds, 0 for none. Does not connect yet. Never NULL. */
struct db *db_new(const char *conninfo, long statement_timeout) __attribute__((returns_nonnull));
void db_free(struct db *db);
/* Undoes what an open transaction has written. The rows of all batches stay. Cheap when there is nothing. */
void db_rollback(struct db *db);
/* At the end of a request, before its arena is reset: rolls back and frees the rows of every batch. */
void db_reset(struct db *db);
bool db_connected(const struct db *db);

enum batch_kind {
    BATCH_READ,     /* a transaction of its own that may be sent again after the connection broke */
    BATCH_WHOLE,    /* a transaction of its own that writes */
    BATCH_OPEN,     /* begins a transaction and leaves it open, for: load, decide, write */
    BATCH_CONTINUE, /* runs inside the open one */
    BATCH_COMMIT    /* runs inside the open one and commits it */
};

/* The statement with which a batch takes its audience's role; not for AUDIENCE_OWNER. */
const char *batch_role_sql(enum audience audience);

typedef const char *batch_value_fn(void *context, const char *name);

struct batch *batch_new(struct db *db, struct arena *arena, enum audience audience, enum batch_kind kind)
    __attribute__((returns_nonnull));
/* Adds a statement; its parameters are looked up by name now. Returns its index. */
size_t batch_add(struct batch *batch, enum query query, const struct query_sort *sort,
                 batch_value_fn *value, void *context);
/*
 * Sends everything and waits for all of it. OK: every statement has its rows.
 * ERR_UNAVAILABLE: no connection, or it broke (nothing of a write is known to have happened), or a deadlock or
 * serialization failure outlasted a retry. ERR_CONFLICT: a constraint said no; see batch_constraint().
 * ERR_FORBIDDEN: the role or a policy said no. ERR_BAD_REQUEST: a value the database could not read as its type.
 * ERR_NOT_FOUND, ERR_INVALID, …: raised by our own functions with SQLSTATE 'TS' + status ("TS404").
 * ERR_INTERNAL: anything else; logged.
 */
enum err batch_run(struct batch *batch) CHECKED;
const struct rows *batch_rows(const struct batch *batch, size_t index); /* never NULL after OK */
const struct rows *batch_find(const struct batch *batch, const char *name); /* by query name, or NULL */
const char *batch_constraint(const struct batch *batch); /* of the failed statement, or "" */
const char *batch_message(const struct batch *batch);    /* primary message of the failure, or "" */
size_t batch_affected(const struct batch *batch, size_t index); /* rows written by an INSERT, UPDATE, DELETE */

/*
 * Bulk load: the statement is a COPY … FROM STDIN (text format). write is called until it returns false and fills out
 * with the next lines. One transaction.
 */
enum err db_copy(struct db *db, enum query query, bool (*write)(void *context, struct buf *out), void *context) CHECKED;
/* Appends one value of a COPY line, escaped; NULL as \\N. first: no tab before it. */
void db_copy_value(struct buf *out, const char *text, bool first);

#endif
