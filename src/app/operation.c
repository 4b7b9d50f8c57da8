#include "app/operation.h"
#include <stdio.h>

enum { ARENA_MAX = 256 << 20 };

void operation_open(struct operation *operation, const char *command, const struct config *config) {
    operation->command = command;
    operation->arena = arena_new(ARENA_MAX);
    operation->db = db_new(config->database_owner, 0);
    operation->params = params_new(operation->arena);
}

void operation_close(struct operation *operation) {
    db_reset(operation->db);
    db_free(operation->db);
    arena_free(operation->arena);
}

static const char *param_value(void *context, const char *name) {
    return params_get(context, name);
}

static void explain(const struct operation *operation, enum err err, enum query query,
                    const struct batch *batch) {
    const char *message = batch_message(batch);
    if (err == ERR_UNAVAILABLE)
        fprintf(stderr,
                "tessera %s: the database cannot be reached as its owner (setting "
                "database_owner).\n",
                operation->command);
    else if (*message != '\0')
        fprintf(stderr, "tessera %s: %s\n", operation->command, message);
    else
        fprintf(stderr, "tessera %s: %s failed; the log says why.\n", operation->command,
                query_info(query)->name);
}

static enum err run(struct operation *operation, enum query query, const struct rows **rows,
                    bool explain_conflict) {
    struct batch *batch = batch_new(operation->db, operation->arena, AUDIENCE_OWNER, BATCH_WHOLE);
    size_t index = batch_add(batch, query, NULL, param_value, operation->params);
    enum err err = batch_run(batch);
    if (err != OK && (err != ERR_CONFLICT || explain_conflict))
        explain(operation, err, query, batch);
    if (err == OK && rows != NULL)
        *rows = batch_rows(batch, index);
    return err;
}

enum err operation_run(struct operation *operation, enum query query, const struct rows **rows) {
    return run(operation, query, rows, true);
}

enum err operation_try(struct operation *operation, enum query query, const struct rows **rows) {
    return run(operation, query, rows, false);
}
