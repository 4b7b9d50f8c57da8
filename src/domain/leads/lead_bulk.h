/*
 * lead_bulk.h - one thing done with many leads: select, see what will happen, do it, undo it.
 *
 * POST /leads/bulk freezes a selection (the ticked rows, or all that the list's filters leave) as rows and leads to its page.
 * There somebody says what is to be done and sees how many leads it can be done with, and why not with the others. It runs at
 * once, or by the job daemon where it is more than two hundred. For a day it can be undone; leads that were changed in between
 * are left out, and the page says so. The rows of an action are a list like others, which can be exported.
 */
#ifndef TESSERA_DOMAIN_LEADS_LEAD_BULK_H
#define TESSERA_DOMAIN_LEADS_LEAD_BULK_H

#include "domain/leads/bulk_rules.h"
#include "http/page.h"

extern const struct form_spec bulk_begin_form, bulk_form, bulk_row_filters;
extern const struct list_spec bulk_list_spec;

enum err bulk_begin_post(struct ctx *ctx) CHECKED;
/* Adds `what` (in words), `refusals` [{text, leads}], `choosing`, `ready`, `running`, `finished`, `progress` (for ui/progress),
 * `may_undo`. */
enum err bulk_page(struct ctx *ctx) CHECKED;
enum err bulk_plan_post(struct ctx *ctx) CHECKED;
enum err bulk_run_post(struct ctx *ctx) CHECKED;
enum err bulk_undo_post(struct ctx *ctx) CHECKED;
enum err bulk_rows_prepare(struct ctx *ctx) CHECKED;
enum err bulk_rows_page(struct ctx *ctx) CHECKED;

#endif
