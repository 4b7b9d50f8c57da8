/*
 * import_lead.h - one row of a file as the lead that it would become, judged by the lead form's own rules.
 */
#ifndef TESSERA_DOMAIN_IMPORTS_IMPORT_LEAD_H
#define TESSERA_DOMAIN_IMPORTS_IMPORT_LEAD_H

#include "core/buf.h"
#include "core/params.h"
#include "domain/imports/import_plan.h"
#include "http/form.h"

struct import_source {
    const struct import_plan *plan;
    const struct params *constants; /* for rows that have nothing of their own there */
    size_t columns;                 /* that the file has; what stands beyond them has slipped */
    const char *currencies;         /* that are taken: " AED EUR " */
};

/* What became of a row. Its form holds the cleaned values and, beside their fields, what is wrong. */
struct form *import_lead_form(struct arena *arena, const struct import_source *source, const struct import_row *row)
    __attribute__((returns_nonnull));

/* The row for lead_import_rows, as JSON behind what out holds: {"number", "cells", "lead" (when it may become one),
 * "problems"}. */
void import_lead_write(struct arena *arena, const struct import_source *source, const struct import_row *row, struct buf *out);

#endif
