/*
 * operator.h - what the operator's commands share: a connection as the database's owner, and
 * statements that say what went wrong.
 */
#ifndef TESSERA_APP_OPERATOR_H
#define TESSERA_APP_OPERATOR_H

#include "core/arena.h"
#include "core/config.h"
#include "core/params.h"
#include "db/db.h"

struct operator{
    const char *command; /* for messages */
    struct arena *arena;
    struct db *db;
    struct params *params; /* what the statements take */
};

/* Does not connect yet. command and config must outlive it. */
void operator_open(struct operator* operator, const char * command, const struct config *config);
void operator_close(struct operator* operator);
/* One statement in a transaction of its own. Rows live until operator_close(); rows may be NULL.
 * A failure has been said on standard error. */
enum err operator_run(struct operator* operator, enum query query,
                      const struct rows **rows) CHECKED;
/* The same, but ERR_CONFLICT (a constraint said no) is left to the caller to explain. */
enum err operator_try(struct operator* operator, enum query query,
                      const struct rows **rows) CHECKED;

#endif
