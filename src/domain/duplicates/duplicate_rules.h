/*
 * duplicate_rules.h - what may be decided about two leads of one client, a registration, a list of hashes. Pure: no database, no
 * HTTP.
 *
 * A merge keeps one of a pair and goes through it field by field: each field's value comes from the first (older) or the second
 * lead. Fields that only make sense together (a budget and its currency; a number and its E.164 form) move together.
 */
#ifndef TESSERA_DOMAIN_DUPLICATES_DUPLICATE_RULES_H
#define TESSERA_DOMAIN_DUPLICATES_DUPLICATE_RULES_H

#include "core/arena.h"
#include <stdbool.h>
#include <stddef.h>

enum merge_side { MERGE_FIRST, MERGE_SECOND };

/* How a value is shown. */
enum merge_kind { MERGE_TEXT, MERGE_CODE, MERGE_MONEY, MERGE_NUMBER, MERGE_DATE };

struct merge_field {
    const char *name;    /* of the form's field, and of the column that is shown */
    const char *label;   /* gettext message id */
    const char *columns; /* comma-separated: what moves with it, itself included */
    enum merge_kind kind;
    bool staff_only; /* no partner reads it, so it may come from another partner's lead */
};

extern const struct merge_field merge_fields[]; /* ended by one without a name */

/* False when side is neither "first" nor "second". */
bool merge_side_find(const char *side, enum merge_side *out);
/* What tells which of two leads should stay. */
struct merge_lead {
    bool earns;        /* entries of the ledger hang on it */
    bool in_force;     /* its registration holds */
    const char *value; /* of the deal */
    const char *stage; /* "new" */
};
/* The lead that stays unless somebody chooses: the one with money on it, the one whose registration holds (within one partner it goes
 * along anyway), the one that is further along, the one with a value; else the older one. */
enum merge_side merge_keep_default(const struct merge_lead *first, const struct merge_lead *second, bool two_partners);

/* Where a field's value comes from unless somebody chooses: from the lead that stays, or from the other one where it alone has
 * something to say. NULL, "" and an amount of zero say nothing. */
enum merge_side merge_side_default(enum merge_side keep, const char *first, const char *second);

typedef const char *merge_choice_fn(const void *context, const char *field); /* "first", "second" or NULL: not asked */
/* Columns that the lead that stays takes over from the other one, comma-separated, in the arena; "" for none. */
const char *merge_columns(struct arena *arena, enum merge_side keep, merge_choice_fn *choice, const void *context)
    __attribute__((returns_nonnull));

/* True when one of the field's columns is among taken ("client_email,budget_min"; NULL: none). */
bool merge_took(const char *taken, const struct merge_field *field);

/* A sentence (gettext message id) about why a registration's protection cannot be extended now; NULL: it can be asked for. */
const char *extension_refusal(const char *registration, bool in_force, const char *stage, bool asked);

enum { OVERLAP_HASHES_MAX = 100, OVERLAP_HASH_SIZE = 64 /* hexadecimal digits of a SHA-256 */ };

enum overlap_verdict { OVERLAP_OK, OVERLAP_NONE, OVERLAP_NOT_A_HASH, OVERLAP_TOO_MANY };

/*
 * A list as it is pasted: hashes apart by white space, commas or semicolons; upper case is lowered, what comes twice counts
 * once, in the order of first appearance. *list is PostgreSQL's array of text ("{ab…,cd…}"), in the arena; NULL unless OVERLAP_OK.
 */
enum overlap_verdict overlap_parse(struct arena *arena, const char *typed, const char **list);
const char *overlap_sentence(enum overlap_verdict verdict); /* gettext message id; NULL for OVERLAP_OK */

#endif
