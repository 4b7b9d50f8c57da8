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
    PARTNER_LICENCE_MISSING,  /* its type works with a licence only (RERA registration) */
    PARTNER_LICENCE_UNDATED,  /* until when it is valid is not said */
    PARTNER_LICENCE_OVER
};

/* A decimal with at most three decimals, as thousandths; 0 for NULL. */
long percent_thousandths(const char *decimal);

struct licence {
    const char *number;     /* NULL or "": none */
    const char *expires_on; /* NULL: not said */
    bool over;              /* that day has passed */
};
enum partner_verdict partner_judge(const struct partner_type_rules *rules, long commission, const struct licence *licence);

#endif
