/*
 * lead_columns.h - which columns the list of leads can show beside the client, and which somebody has chosen. Pure.
 *
 * A column's code is its name in lead_list. A choice is written "stage,value,created". What a column is not meant for (the
 * partner, for partners) is passed over, as is what is no column any longer.
 */
#ifndef TESSERA_DOMAIN_LEADS_LEAD_COLUMNS_H
#define TESSERA_DOMAIN_LEADS_LEAD_COLUMNS_H

#include "core/arena.h"
#include <stdbool.h>
#include <stddef.h>

enum { LEAD_COLUMNS_MAX = 12 };

struct lead_column {
    const char *code;
    const char *label; /* gettext message id */
    const char *flag;  /* by which templates ask for it: "is_stage" would be a facet, so "col_stage" */
    bool for_staff;    /* alone */
    bool usual;        /* shown where nothing was chosen */
    bool sorts;        /* the list can be sorted by it */
    bool figures;
};

/* Into out, in the order chosen; the usual ones for NULL or where nothing is left. Returns how many. */
size_t lead_columns_choose(const char *chosen, bool staff, const struct lead_column *out[LEAD_COLUMNS_MAX]);
/* Those that are not in chosen, in their usual order. */
size_t lead_columns_rest(const struct lead_column *const *chosen, size_t count, bool staff,
                         const struct lead_column *out[LEAD_COLUMNS_MAX]);
/* The choice with one of them a place to the left or right, as text; as it was where there is no such place. */
const char *lead_columns_move(struct arena *arena, const char *chosen, bool staff, const char *code, int by);
/* What an export of these columns holds: names of lead_list's columns, the client first and the id last; an amount comes
 * with its currency. */
size_t lead_columns_export(const struct lead_column *const *chosen, size_t count,
                           const char *out[LEAD_COLUMNS_MAX + 3]);

#endif
