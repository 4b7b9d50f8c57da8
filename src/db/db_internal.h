/*
 * db_internal.h - the connection, as db.c (batches) and copy.c (bulk loads) share it.
 */
#ifndef TESSERA_DB_DB_INTERNAL_H
#define TESSERA_DB_DB_INTERNAL_H

#include "db/db.h"
#include <libpq-fe.h>

enum { PREPARED_MAX = 1024, CONNECT_TIMEOUT_SECONDS = 3 };

/* Names of the statements this connection has prepared: open addressing, never more than half full.
 */
struct prepared {
    char *names[2 * PREPARED_MAX];
    size_t count;
};

struct db {
    char *conninfo;
    long statement_timeout;
    PGconn *conn;
    struct prepared prepared;
    bool transaction_open;
    struct batch *batches; /* of this request */
};

/* Makes sure that there is a living connection; ERR_UNAVAILABLE (logged) when there can't be one. */
enum err db_connect(struct db *db) CHECKED;

#endif
