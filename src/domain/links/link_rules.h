/*
 * link_rules.h - what a referral link may be called, where it may lead, and how its address is built.
 * Pure: no database, no HTTP, no clock.
 *
 * A code stands behind /r/ and is printed, read aloud and typed: small letters, digits and single
 * hyphens. Two codes with the same skeleton (0 and o, 1 and l, rn and m …) look alike, so only one
 * of them may exist; nor may one look like a word that the portal keeps for itself.
 *
 * Links lead to the programme page, to a public form, or to the programme's landing sites. UTM
 * parameters are those of Google's URL builder.
 */
#ifndef TESSERA_DOMAIN_LINKS_LINK_RULES_H
#define TESSERA_DOMAIN_LINKS_LINK_RULES_H

#include "core/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* ── Codes ── */

enum { CODE_MIN = 3, CODE_MAX = 40, CODE_SIZE = CODE_MAX + 1, CODE_RANDOM = 7 };

enum alias_verdict {
    ALIAS_FINE,
    ALIAS_LENGTH,  /* shorter than CODE_MIN or longer than CODE_MAX */
    ALIAS_LETTERS, /* other characters than a to z, 0 to 9 and hyphens */
    ALIAS_HYPHENS, /* one at an end, or two in a row */
    ALIAS_RESERVED /* is, or looks like, a word of the portal's own */
};

/* What was typed as a code would have it: capitals made small, a blank or an underscore a hyphen.
 * out has room for the text. */
void alias_fold(const char *typed, char *out);
enum alias_verdict alias_judge(const char *code);
const char *alias_sentence(enum alias_verdict verdict); /* gettext message id; NULL for ALIAS_FINE */
/* What stands behind /r/ as the code it means; false when it can be none. */
bool code_read(const char *text, char out[CODE_SIZE]);
/* The code as the eye takes it; the database's app.code_skeleton() gives the same. */
void code_skeleton(const char *code, char out[CODE_SIZE]);
/* A code from random bytes, easy to read aloud and without words in it. */
void code_make(const uint8_t random[CODE_RANDOM], char out[CODE_RANDOM + 1]);

/* ── Addresses ── */

enum { UTM_NAMES = 9, SITES_MAX = 50 };
/* utm_source, utm_medium, utm_campaign come first; a link has these three always. */
extern const char *const utm_names[UTM_NAMES];

/* "https://a.example/p?a=1#top" with the parameters before the fragment; values in the order of
 * utm_names, NULL: none. What the address has already stays as it is. ASCII comes out. */
const char *utm_url(struct arena *arena, const char *base, const char *const values[UTM_NAMES])
    __attribute__((returns_nonnull));
/* "Spring in the Marina!" -> "spring-in-the-marina"; "referral" when nothing is left. */
const char *utm_slug(struct arena *arena, const char *text) __attribute__((returns_nonnull));

/* target: "programme", "form" or "landing". Ready for a Location header. */
const char *link_destination(struct arena *arena, const char *target, const char *form_type,
                             const char *landing_url, const char *code,
                             const char *const utm[UTM_NAMES]) __attribute__((returns_nonnull));

/* A line of the programme's list of landing sites as it is kept: scheme and host in small letters, no
 * slash at the end. NULL with *why (gettext message id) when it is no address, or has a query or a
 * fragment. */
const char *site_clean(struct arena *arena, const char *line, const char **why);
/* The whole list, one address a line, into at most SITES_MAX; cleaned lines joined by '\n'. NULL with
 * *why and the line that is wrong in *line. */
const char *sites_clean(struct arena *arena, const char *text, const char **why, const char **line);
/* True when url (cleaned as FIELD_URL is) is the site or lies below it, read as any server reads it. */
bool site_has(const char *site, const char *url);

/* ── Days that a link's page shows ── */

enum { RANGE_DAY_SIZE = 11 /* "2026-11-20" and NUL */, RANGE_DAYS = 30, RANGE_DAYS_MAX = 1100 };

struct link_range {
    char from[RANGE_DAY_SIZE], to[RANGE_DAY_SIZE]; /* both count; UTC */
    const char *bucket;                            /* of the chart: "day", "week", "month" */
    int days;
};

/* from and to: valid days, or NULL. Without them: RANGE_DAYS that end today; turned round when to is
 * before from; no longer than RANGE_DAYS_MAX, counted back from the end. */
void link_range_make(const char *from, const char *to, time_t now, struct link_range *out);

#endif
