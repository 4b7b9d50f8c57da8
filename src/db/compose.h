/*
 * compose.h - what stands behind statement_compose(), for any statement and not only for those of
 * the catalogue. Internal to src/db and its tests.
 */
#ifndef TESSERA_DB_COMPOSE_H
#define TESSERA_DB_COMPOSE_H

#include "db/catalog.h"

enum { COMPOSE_CONDITIONS_MAX = 64 };

/* Names of the parameters that lines depend on, as they come up; their number. */
size_t compose_conditions(struct arena *arena, const struct query_info *info,
                          const char *names[COMPOSE_CONDITIONS_MAX]);

/* As statement_compose(). */
void compose_statement(struct arena *arena, const struct query_info *info,
                       const struct query_sort *sort, statement_value_fn *value, void *context,
                       struct statement *out);

#endif
