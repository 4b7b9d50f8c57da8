/*
 * leads.h - the leads' pages: list, quick and full form, one lead with its history, edit, stage,
 * staff's notes.
 *
 * Whose leads somebody sees is row-level security's business. Here: what a form holds, which moves
 * are offered (lead_rules.h), and what is said when somebody else was quicker (the form is shown
 * again with what was typed and the version that now counts).
 */
#ifndef TESSERA_DOMAIN_LEADS_LEADS_H
#define TESSERA_DOMAIN_LEADS_LEADS_H

#include "domain/leads/lead_rules.h" /* other domains reach the rules from here */
#include "http/page.h"

extern const struct form_spec lead_filters, lead_quick_form, lead_full_form, lead_edit_form,
    lead_stage_form, lead_staff_form;
extern const struct list_spec lead_list_spec;

enum err lead_list_prepare(struct ctx *ctx) CHECKED;
/* Those of the filters that statements know otherwise than they were typed. */
void lead_filters_set(struct ctx *ctx, const struct form *filters);
enum err lead_list_page(
    struct ctx *ctx) CHECKED; /* adds `staff`, `filter` (what is narrowed beyond the first row) */

enum err lead_new_prepare(struct ctx *ctx) CHECKED;
enum err lead_form_page(struct ctx *ctx) CHECKED; /* of both forms and of edit */
enum err lead_insert_post(struct ctx *ctx) CHECKED;

/* Adds `moves` (stages it may go to now: value, label, selected), `editable`, `history` as events.
 */
enum err lead_page(struct ctx *ctx) CHECKED;
enum err lead_update_post(struct ctx *ctx) CHECKED;
enum err lead_stage_post(struct ctx *ctx) CHECKED;
enum err lead_staff_post(struct ctx *ctx) CHECKED;

/* Rows of lead_history (at, kind, from_stage, to_stage, reason, fields, actor, by_staff; maybe
 * lead_id and client, bulk_size, together, bulk_id) as a list of events in words: {at, title, note, actor, tone, href, client,
 * together, bulk_href (of an action on many leads that the reader may look at)}. */
void lead_events_show(struct ctx *ctx, const char *name, const struct rows *rows);

#endif
