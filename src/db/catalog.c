#include "db/catalog.h"
#include "core/log.h"
#include "core/text.h"
#include "db/compose.h"
#include <stdint.h>

#define SORTS(...)                            ((const struct query_sort[]){__VA_ARGS__})
#define QUERY(name, rows, sql, sorts, nsorts) [Q_##name] = {#name, rows, sql, sorts, nsorts},
static const struct query_info table[Q_COUNT] = {
    [Q_NONE] = {.name = ""},
#include "db/catalog.inc"
};
#undef QUERY
#undef SORTS

const struct query_info *query_info(enum query query) {
    if ((unsigned)query >= Q_COUNT || query == Q_NONE) {
        log_event(LOG_ERROR, "query_unknown", "query", "%d", (int)query, NULL);
        abort();
    }
    return &table[query];
}

enum query query_by_name(const char *name) {
    for (size_t i = Q_NONE + 1; i < Q_COUNT; i++) {
        if (text_equal(table[i].name, name))
            return (enum query)i;
    }
    return Q_NONE;
}

const struct query_sort *query_sort(const struct query_info *info, const char *key) {
    for (size_t i = 0; i < info->nsorts; i++) {
        if (text_equal(info->sorts[i].key, key))
            return &info->sorts[i];
    }
    return NULL;
}

/* ---- compositions ---- */

/* A worker answers the same pages again and again: what it composed once is kept for as long as it
 * lives, up to a size that no page needs. Beyond it, everything is composed anew. */
enum { KEPT_MAX = 1 << 20, KEPT_ARENA_MAX = 8 << 20 };

struct composition {
    const struct query_sort *sort;
    uint64_t present; /* a bit for each condition that held */
    struct statement statement;
    struct composition *next;
};

static struct {
    bool known;
    const char **conditions;
    size_t nconditions;
    struct composition *compositions;
} kept[Q_COUNT];

static void conditions_learn(struct arena *memory, enum query query) {
    const char *names[COMPOSE_CONDITIONS_MAX];
    size_t count = compose_conditions(memory, query_info(query), names);
    kept[query].conditions = arena_array(memory, count + 1, sizeof *names);
    memcpy(kept[query].conditions, names, count * sizeof *names);
    kept[query].nconditions = count;
    kept[query].known = true;
}

void statement_compose(struct arena *arena, enum query query, const struct query_sort *sort,
                       statement_value_fn *value, void *context, struct statement *out) {
    static struct arena *memory;
    const struct query_info *info = query_info(query);
    if (memory == NULL)
        memory = arena_new(KEPT_ARENA_MAX);
    if (!kept[query].known)
        conditions_learn(memory, query);
    uint64_t present = 0;
    for (size_t i = 0; i < kept[query].nconditions; i++)
        present |= (uint64_t)(value(context, kept[query].conditions[i]) != NULL) << i;
    for (struct composition *c = kept[query].compositions; c != NULL; c = c->next) {
        if (c->sort == sort && c->present == present) {
            *out = c->statement;
            return;
        }
    }
    if (arena_used(memory) > KEPT_MAX) {
        compose_statement(arena, info, sort, value, context, out);
        return;
    }
    struct composition *made = arena_alloc(memory, sizeof *made);
    *made = (struct composition){.sort = sort, .present = present};
    compose_statement(memory, info, sort, value, context, &made->statement);
    made->next = kept[query].compositions;
    kept[query].compositions = made;
    *out = made->statement;
}
