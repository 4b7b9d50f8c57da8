/*
 * activities.h - what people write down about a lead: notes, calls, mails and meetings, with files and places.
 *
 * Whose they are is row-level security's business: what staff keep to themselves (internal) is no row for anybody else
 * (sql/migrations/0016_work.sql). The lead's page shows them in its time line (domain/leads); here are the forms, what
 * is done with one, and how one is shown. The address that takes one ends in /upload because files come along.
 */
#ifndef TESSERA_DOMAIN_ACTIVITIES_ACTIVITIES_H
#define TESSERA_DOMAIN_ACTIVITIES_ACTIVITIES_H

#include "domain/activities/activity_rules.h"
#include "http/page.h"

extern const struct form_spec activity_form, activity_edit_form;

/* The page of the form alone; ?kind= chooses one. Adds `staff`. */
enum err activity_form_page(struct ctx *ctx) CHECKED;
/* An empty form for another page, beside its own: `log`, with the form's model in it. For templates only. */
void activity_form_show(struct ctx *ctx);
enum err activity_insert_post(struct ctx *ctx) CHECKED;

enum err activity_edit_page(struct ctx *ctx) CHECKED; /* adds `staff` and `kind` */
enum err activity_update_post(struct ctx *ctx) CHECKED;
enum err activity_delete_post(struct ctx *ctx) CHECKED;

#endif
