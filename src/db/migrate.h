/*
 * migrate.h - the schema's history: sql/migrations/NNNN_what.sql, applied once each, in order.
 *
 * Each file runs in a transaction of its own together with its entry in schema_migrations (version, name, SHA-256,
 * when). An advisory lock lets only one runner work at a time; the others wait and then find nothing to do.
 * Refused, with nothing changed: a file that was edited after it was applied, a gap or a duplicate in the numbers,
 * an applied migration whose file is missing.
 */
#ifndef TESSERA_DB_MIGRATE_H
#define TESSERA_DB_MIGRATE_H

#include "core/err.h"
#include <stdbool.h>
#include <stddef.h>

/* conninfo: of the owner role. dry_run: only says what would be done. Says what it does on stdout; on failure one
 * sentence stands in error. applied: how many, may be NULL. */
enum err migrate(const char *conninfo, const char *directory, bool dry_run, size_t *applied, char *error,
                 size_t error_size) CHECKED;

#endif
