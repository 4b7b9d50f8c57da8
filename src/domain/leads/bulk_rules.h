/*
 * bulk_rules.h - what can be done with many leads at once, and with which of them it can't. Pure.
 *
 * Each lead is judged as if somebody did the same with it alone (lead_rules.h). A refusal has a code, which the
 * row of the selection keeps:
 *
 *   same        it is so already             closed      a partner may not edit what is closed
 *   never       no way leads there           changed     somebody changed it after it was selected
 *   staff_only  that is for staff            forbidden   the right to it was lost before it ran
 *   no_value    a lead is won with a value above zero
 */
#ifndef TESSERA_DOMAIN_LEADS_BULK_RULES_H
#define TESSERA_DOMAIN_LEADS_BULK_RULES_H

#include "domain/leads/lead_rules.h"

enum { BULK_MAX = 20000 /* leads in one action */ };

/* Moving a lead that stands at from and whose value is above zero (worth) or not. NULL: it can be done. *reason is set where
 * the move asks for one. */
const char *bulk_move_refusal(const struct lead_moves *moves, enum lead_stage from, bool worth, enum lead_stage to,
                              enum lead_actor actor, bool *reason);
/* Any other change of a lead at that stage. */
const char *bulk_edit_refusal(enum lead_stage from, enum lead_actor actor);
/* A refusal in words, after "12 leads: " (gettext message id). */
const char *bulk_refusal_sentence(const char *code);

#endif
