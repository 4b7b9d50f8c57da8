#include "app/operator.h"
#include <stdio.h>

enum { ARENA_MAX = 256 << 20 };

void operator_open(struct operator* operator, const char * command, const struct config *config) {
    operator->command = command;
    operator->arena = arena_new(ARENA_MAX);
    operator->db = db_new(config->database_owner, 0);
    operator->params = params_new(operator->arena);
}

void operator_close(struct operator* operator) {
    db_reset(operator->db);
    db_free(operator->db);
    arena_free(operator->arena);
}

static const char *param_value(void *context, const char *name) {
    return params_get(context, name);
}

static void explain(const struct operator* operator, enum err err, enum query query,
                    const struct batch *batch) {
    const char *message = batch_message(batch);
    if (err == ERR_UNAVAILABLE)
        fprintf(stderr, "tessera %s: the database cannot be reached as its owner (setting "
                        "database_owner).\n",
                        operator->command);
    else if (*message != '\0')
        fprintf(stderr, "tessera %s: %s\n", operator->command, message);
    else
        fprintf(stderr, "tessera %s: %s failed; the log says why.\n", operator->command,
                query_info(query)->name);
}

static enum err run(struct operator* operator, enum query query, const struct rows **rows,
                    bool explain_conflict) {
    struct batch *batch = batch_new(operator->db, operator->arena, AUDIENCE_OWNER, BATCH_WHOLE);
    size_t index = batch_add(batch, query, NULL, param_value, operator->params);
    enum err err = batch_run(batch);
    if (err != OK && (err != ERR_CONFLICT || explain_conflict))
        explain(operator, err, query, batch);
    if (err == OK && rows != NULL)
        *rows = batch_rows(batch, index);
    return err;
}

enum err operator_run(struct operator* operator, enum query query, const struct rows **rows) {
    return run(operator, query, rows, true);
}

enum err operator_try(struct operator* operator, enum query query, const struct rows **rows) {
    return run(operator, query, rows, false);
}
