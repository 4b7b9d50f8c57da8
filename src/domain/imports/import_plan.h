/*
 * import_plan.h - what becomes of each column of a file: a field of the lead form and how its days and amounts are written.
 *
 * It comes from the person who imports (the form beneath the samples) and lies in the database as JSON between the page and
 * the job. Pure but for that.
 */
#ifndef TESSERA_DOMAIN_IMPORTS_IMPORT_PLAN_H
#define TESSERA_DOMAIN_IMPORTS_IMPORT_PLAN_H

#include "domain/imports/import_table.h"
#include "domain/imports/import_value_rules.h"

struct import_target {
    const struct field *field; /* NULL: left out */
    enum import_dates dates;
    enum import_numbers numbers;
};

struct import_plan {
    size_t count; /* columns */
    struct import_target targets[IMPORT_COLUMNS_MAX];
};

/* A field of the full lead form that a file may fill; NULL: no such. */
const struct field *import_field(const char *name);
/* All of them, ended by one without a name; in the order in which people look for them. */
const struct field *import_fields(void) __attribute__((returns_nonnull));

enum import_fault { PLAN_FINE, PLAN_NO_NAME, PLAN_NO_CONTACT, PLAN_TWICE };
/* column: of PLAN_TWICE, the second one. */
enum import_fault import_plan_judge(const struct import_plan *plan, size_t *column);

/* [{"field": "client_name", "dates": "dmy", "numbers": "point"}, …]. False: not a plan. */
bool import_plan_read(const char *json, struct import_plan *plan);
const char *import_plan_json(struct arena *arena, const struct import_plan *plan) __attribute__((returns_nonnull));

#endif
