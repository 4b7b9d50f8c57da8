/*
 * refer.h - public referral forms, /refer/{type}: a client, or somebody for a client, writes to the
 * programme without signing in.
 *
 * The lead goes to the partner whose link they came by (attribution_rules.h), or to the programme's
 * own desk. The partner's name is shown only where the partner wants it. What a form asks for depends
 * on the type (refer_rules.h); what it does not ask for is not taken either.
 */
#ifndef TESSERA_DOMAIN_REFER_REFER_H
#define TESSERA_DOMAIN_REFER_REFER_H

#include "http/page.h"

extern const struct form_spec refer_form;

enum err refer_prepare(struct ctx *ctx) CHECKED; /* of page and POST */
/* Adds `refer`: asks_budget, asks_property, asks_loan, partner_name, details_open, currency. */
enum err refer_page(struct ctx *ctx) CHECKED;
enum err refer_post(struct ctx *ctx) CHECKED;

#endif
