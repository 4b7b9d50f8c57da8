/*
 * admin.h - the programme's settings and the audit trail.
 */
#ifndef TESSERA_DOMAIN_ADMIN_ADMIN_H
#define TESSERA_DOMAIN_ADMIN_ADMIN_H

#include "http/page.h"

extern const struct form_spec settings_form, audit_filters;
extern const struct list_spec audit_list_spec;

enum err settings_post(struct ctx *ctx) CHECKED;

#endif
