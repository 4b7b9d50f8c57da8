/*
 * catalog.h - every SQL statement of the portal, by name.
 *
 * The table is generated at build time by tools/sqlgen from sql/queries/<domain>.sql; SQL stands
 * nowhere else. A block looks like this:
 *
 *   -- name: lead_list many            one: at most one row · many · none: rows are not wanted
 *   -- doc: what it is for             (optional)
 *   -- sort: newest created_at desc | name client_name asc        (optional; first is the default)
 *   SELECT … FROM leads WHERE true
 *     AND stage = :stage               --? stage
 *     AND {keyset}                     --? after_key
 *   ORDER BY {order} LIMIT :limit
 *
 * Lines that several statements share stand once, after `-- part: lead_filters`, before those that
 * have {lead_filters} as a line of its own; the parts of earlier files are known as well.
 *
 * :name is a parameter. A line that ends with `--? name` is part of the statement only while that
 * parameter is not NULL; so each combination of filters is a statement with a plan of its own.
 * {order} becomes the chosen sort with `id` as tie-breaker, {keyset} the comparison that continues
 * after (:after_key, :after_id), and {sort_key} the sorted expression as text, for the cursor of
 * the next page.
 *
 * A sort is `key expression asc|desc [type]`. The type, e.g. timestamptz, is what :after_key is
 * cast to; without it PostgreSQL infers it. The expression must not be NULL in any row (use
 * coalesce). Its tie-breaker is the id beside its column: l.id for l.created_at or lower(l.name),
 * else id. {keyset} follows the sort; a list that is read backwards has a second sort with the
 * other direction.
 *
 * Other comments are dropped. Literals, quoted names, dollar quotes, casts and comments are
 * recognised: what looks like :name, {order} or --? within them is left alone.
 */
#ifndef TESSERA_DB_CATALOG_H
#define TESSERA_DB_CATALOG_H

#include "core/arena.h"
#include "core/err.h"
#include <stdbool.h>
#include <stddef.h>

enum query {
    Q_NONE = 0,
#define QUERY(name, ...) Q_##name,
#include "db/catalog.inc"
#undef QUERY
    Q_COUNT
};

struct query_sort {
    const char *key;        /* "newest" */
    const char *expression; /* "l.created_at" */
    bool descending;
    const char *cast; /* type of the key, "timestamptz"; "" to have it inferred */
    const char *id;   /* tie-breaker, "l.id" */
};

enum query_rows { QUERY_ONE, QUERY_MANY, QUERY_NONE };

struct query_info {
    const char *name;
    enum query_rows rows;
    const char *sql; /* as written, with :name, --? and {…} */
    const struct query_sort *sorts;
    size_t nsorts;
};

/* Never NULL; aborts for Q_NONE and for what is not a query. */
const struct query_info *query_info(enum query query) __attribute__((returns_nonnull));
enum query query_by_name(const char *name); /* Q_NONE when there is none */
/* NULL: unknown. */
const struct query_sort *query_sort(const struct query_info *info, const char *key);

/* A statement composed for one choice of sort and of present parameters. */
enum {
    STATEMENT_PARAMS_MAX = 64,
    STATEMENT_NAME_MAX = 63 /* bytes; PostgreSQL cuts longer ones */
};
struct statement {
    char *name; /* unique per composition: "lead_list.newest.5", without choices "lead_get" */
    char *sql;  /* with $1 … $n */
    const char *params[STATEMENT_PARAMS_MAX]; /* names, in order of $n */
    size_t nparams;
};

/* The parameter's value, NULL for NULL. */
typedef const char *statement_value_fn(void *context, const char *name);

/*
 * sort NULL: the first. Everything is in the arena. There is no failure: sqlgen has refused
 * whatever could not be composed, so that meeting it is a bug of ours, which aborts.
 */
void statement_compose(struct arena *arena, enum query query, const struct query_sort *sort,
                       statement_value_fn *value, void *context, struct statement *out);

#endif
