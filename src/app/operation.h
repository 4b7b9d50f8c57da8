/*
 * operation.h - what the operator's commands share: a connection as the database's owner, and
 * statements that say what went wrong.
 */
#ifndef TESSERA_APP_OPERATION_H
#define TESSERA_APP_OPERATION_H

#include "core/arena.h"
#include "core/config.h"
#include "core/params.h"
#include "db/db.h"

struct operation {
    const char *command; /* for messages */
    struct arena *arena;
    struct db *db;
    struct params *params; /* what the statements take */
};

/* Does not connect yet. command and config must outlive it. */
void operation_open(struct operation *operation, const char *command, const struct config *config);
void operation_close(struct operation *operation);
/* One statement in a transaction of its own. Rows live until operation_close(); rows may be NULL.
 * A failure has been said on standard error. */
enum err operation_run(struct operation *operation, enum query query,
                       const struct rows **rows) CHECKED;
/* The same, but ERR_CONFLICT (a constraint said no) is left to the caller to explain. */
enum err operation_try(struct operation *operation, enum query query,
                       const struct rows **rows) CHECKED;

#endif
