/*
 * admin.h - the programme's settings, the audit trail, the queue of jobs.
 */
#ifndef TESSERA_DOMAIN_ADMIN_ADMIN_H
#define TESSERA_DOMAIN_ADMIN_ADMIN_H

#include "http/page.h"

extern const struct form_spec settings_form, audit_filters, job_filters, job_revive_form;
extern const struct list_spec audit_list_spec, job_list_spec;

enum err settings_post(struct ctx *ctx) CHECKED;

enum err job_retry_post(struct ctx *ctx) CHECKED;
enum err job_cancel_post(struct ctx *ctx) CHECKED;
enum err jobs_revive_post(struct ctx *ctx) CHECKED; /* all that were put aside, of one kind or every kind */

#endif
