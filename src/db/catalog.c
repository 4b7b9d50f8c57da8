#include "db/catalog.h"
#include "core/log.h"
#include "core/text.h"
#include "db/compose.h"

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

void statement_compose(struct arena *arena, enum query query, const struct query_sort *sort,
                       statement_value_fn *value, void *context, struct statement *out) {
    compose_statement(arena, query_info(query), sort, value, context, out);
}
