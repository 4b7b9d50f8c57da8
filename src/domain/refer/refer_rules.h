/*
 * refer_rules.h - what a public referral form asks for, and how it tells a person from a machine
 * without a riddle. Pure: no database, no HTTP, no clock.
 *
 * Three things stand against machines: a field that people do not see and machines fill; a signed
 * note of when the form was opened (who sends it within three seconds has not read it; after a day
 * it is stale); and a limit per address, which is the database's. The note also holds a random
 * number: the same content with the same number was sent twice, and is taken once.
 *
 *   <seconds since 1970, hex> "-" <random, 16 hex digits> "-" base64url(HMAC)
 */
#ifndef TESSERA_DOMAIN_REFER_REFER_RULES_H
#define TESSERA_DOMAIN_REFER_REFER_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ── Fields ── */

enum {
    REFER_BUDGET = 1,   /* from, up to, financing */
    REFER_PROPERTY = 2, /* type, where, bedrooms, move-in */
    REFER_LOAN = 4      /* how far the loan is */
};

/* Groups that the form of a type has, beside name, contact and wish. takes_budget: what the type may
 * be handed of a client's money (partner_types.consent_budget). A type that was added later asks for
 * what a partner in property needs. */
unsigned refer_groups(const char *type, bool takes_budget);
/* The group that a field belongs to; 0: every form has it. */
unsigned refer_group_of(const char *field);

/* ── When it was opened ── */

enum {
    OPENED_SIZE = 16 + 1 + 16 + 1 + 43 + 1, /* with NUL, more than ever is written */
    OPENED_RANDOM = 8,
    NONCE_SIZE = 2 * OPENED_RANDOM + 1,
    OPENED_MIN = 3,           /* seconds */
    OPENED_MAX = 24 * 60 * 60 /* seconds */
};

enum opened_verdict {
    OPENED_FINE,
    OPENED_QUICK, /* sooner than a person reads */
    OPENED_STALE, /* too long ago */
    OPENED_FORGED /* missing, or not written by us for this form */
};

/* type: the form's, so that a note fits no other one. */
void opened_write(const char *type, int64_t now, const uint8_t random[OPENED_RANDOM],
                  const void *secret, size_t secret_size, char out[OPENED_SIZE]);
/* nonce is set (to "" when forged). text may be NULL. */
enum opened_verdict opened_judge(const char *text, const char *type, int64_t now, const void *secret,
                                 size_t secret_size, char nonce[NONCE_SIZE]);
const char *opened_sentence(enum opened_verdict verdict); /* gettext message id; NULL for OPENED_FINE */

#endif
