#include "domain/partners/partner_rules.h"

#include "core/text.h"
#include <ctype.h>

long percent_thousandths(const char *decimal) {
    if (!decimal)
        return 0;
    long value = 0;
    const char *c = decimal;
    for (; isdigit((unsigned char)*c); c++)
        value = value * 10 + (*c - '0');
    int decimals = 0;
    if (*c == '.')
        for (c++; isdigit((unsigned char)*c) && decimals < 3; c++, decimals++)
            value = value * 10 + (*c - '0');
    for (; decimals < 3; decimals++)
        value *= 10;
    return value;
}

enum partner_verdict partner_judge(const struct partner_type_rules *rules, long commission,
                                   const struct licence *licence) {
    if (commission < rules->commission_min || commission > rules->commission_max)
        return PARTNER_COMMISSION_RANGE;
    if (!rules->licence_required)
        return PARTNER_FINE;
    if (text_blank(licence->number))
        return PARTNER_LICENCE_MISSING;
    if (!licence->expires_on)
        return PARTNER_LICENCE_UNDATED;
    return licence->over ? PARTNER_LICENCE_OVER : PARTNER_FINE;
}
