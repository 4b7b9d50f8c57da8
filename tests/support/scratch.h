/*
 * scratch.h - databases of a test's own, beside the one that tests/support/with-postgres hands
 * over, and statements that end the test when they fail.
 */
#ifndef TESSERA_TESTS_SCRATCH_H
#define TESSERA_TESTS_SCRATCH_H

#include <libpq-fe.h>
#include <stdbool.h>

struct scratch {
    char name[64];
    char owner[512]; /* connection string of tessera_owner */
    PGconn *conn;    /* as tessera_owner */
};

/* An empty database owned by tessera_owner; migrated: with the schema of $srcdir/sql/migrations. */
void scratch_open(struct scratch *scratch, bool migrated);
void scratch_close(struct scratch *scratch);

/* A connection that must work; the caller finishes it. */
PGconn *scratch_connect(const char *conninfo);
void scratch_run(PGconn *conn, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* True unless the statement was refused. */
bool scratch_try(PGconn *conn, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The first value of a query; 0 and "" for NULL and for no row. A text lives until the next call.
 */
long scratch_long(PGconn *conn, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *scratch_text(PGconn *conn, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Path below the source tree; lives until the next call. */
const char *scratch_source(const char *path);

#endif
