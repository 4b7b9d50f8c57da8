/*
 * partner_rules.h - what may be said of a partner. Pure.
 */
#ifndef TESSERA_DOMAIN_PARTNERS_PARTNER_RULES_H
#define TESSERA_DOMAIN_PARTNERS_PARTNER_RULES_H

#include <stdbool.h>

/* Percentages in thousandths: 12.5 % is 12,500. */
struct partner_type_rules {
    long commission_min, commission_max;
    bool licence_required;
};

enum partner_verdict {
    PARTNER_FINE,
    PARTNER_COMMISSION_RANGE, /* outside what its type may earn */
    PARTNER_LICENCE_MISSING   /* its type works with a licence only (RERA, PRODUCT section 2) */
};

/* A decimal with at most three decimals, as thousandths; 0 for NULL. */
long percent_thousandths(const char *decimal);

/* licence_number may be NULL or "". */
enum partner_verdict partner_judge(const struct partner_type_rules *rules, long commission, const char *licence_number);

struct partner_dependents {
    long leads, shares, entries, people;
};
/* A partner goes only when nothing hangs on it: leads, shares, ledger entries and people stay findable. */
bool partner_deletable(const struct partner_dependents *dependents);

#endif
