/*
 * commissions.h - the ledger as its owner sees it: entries, totals by state, twelve months. Read-only so far.
 */
#ifndef TESSERA_DOMAIN_COMMISSIONS_COMMISSIONS_H
#define TESSERA_DOMAIN_COMMISSIONS_COMMISSIONS_H

#include "http/page.h"

extern const struct form_spec commission_filters;
extern const struct list_spec commission_list_spec;

enum err commissions_show(struct ctx *ctx) CHECKED; /* adds months_svg */

#endif
