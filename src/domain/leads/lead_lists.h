/*
 * lead_lists.h - the list of leads as people like to see it: saved views as tabs over it, columns chosen and ordered, and
 * rows that can be ticked (lead_bulk.h does something with those).
 *
 * A view is an address: its tab leads to /leads?<its filters>&view=<its id>, so that the list needs no second look at the
 * database. Whoever has a default view is led on to it from /leads; /leads?view=all is the list itself. Views and chosen
 * columns come with lead_totals, and cost nothing where there are none.
 */
#ifndef TESSERA_DOMAIN_LEADS_LEAD_LISTS_H
#define TESSERA_DOMAIN_LEADS_LEAD_LISTS_H

#include "http/page.h"

extern const struct form_spec lead_view_form, lead_view_move_form, lead_columns_form;

/* Which view is asked for, and whether rows are to be ticked. */
void lead_list_prepare_dress(struct ctx *ctx);
/* What the list's page shows besides: `view`, `tabs`, `has_tabs`, `chosen` (where the table is not the usual one: a list of columns,
 * {label, href, sorted, numeric, ascending, descending, col_<code>}), `selecting`, `filters` (the address's query without view
 * and place), and links: `save_href`, `view_edit_href` and `view_name` (of the view that is open, where it is the reader's
 * and is shown with other filters), `select_href`, `done_href`. */
enum err lead_list_dress(struct ctx *ctx) CHECKED;

/* Filters and sort in the order of the form, as they stand in an address ("stage=won&sort=value_desc"; "" for none). query:
 * what was sent; what makes no sense in it is left out. */
const char *lead_filters_text(struct ctx *ctx, const struct params *query) __attribute__((returns_nonnull));
/* The form that such a text fills, and NULL for what can't be one. */
const struct form *lead_filters_read(struct ctx *ctx, const char *text);

enum err lead_views_page(struct ctx *ctx) CHECKED; /* adds to each view its `href` */
enum err lead_view_prepare(struct ctx *ctx) CHECKED;
enum err lead_view_insert_post(struct ctx *ctx) CHECKED;
enum err lead_view_update_post(struct ctx *ctx) CHECKED;
enum err lead_view_move_post(struct ctx *ctx) CHECKED;
enum err lead_view_delete_post(struct ctx *ctx) CHECKED;

enum err lead_columns_page(struct ctx *ctx) CHECKED; /* adds `columns` [{code, label, shown, first, last}] */
enum err lead_columns_post(struct ctx *ctx) CHECKED;

#endif
