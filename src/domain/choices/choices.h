/*
 * choices.h - lists that more than one form offers.
 */
#ifndef TESSERA_DOMAIN_CHOICES_CHOICES_H
#define TESSERA_DOMAIN_CHOICES_CHOICES_H

#include "http/form.h"

extern const struct choice timezone_choices[]; /* IANA names of the places where partners and staff are */
extern const struct choice lead_source_choices[]; /* as leads.source has them; the others likewise */
extern const struct choice lead_financing_choices[], lead_property_choices[];

#endif
