/*
 * facets.h - forms of a scalar that a template may ask for by a dotted name.
 *
 *   timestamp  in the reader's time zone and locale:
 *              .ago       "3 days ago"; "just now" within a minute; "in 2 hours" ahead
 *              .date      "20 Nov 2026"         .time   "09:41"
 *              .datetime  "20 Nov 2026, 09:41"  .month  "November 2026"
 *              .weekday   "Friday"
 *              .iso       RFC 3339, for <time datetime>
 *   date       .ago       in days: "today", "yesterday", "in 3 days"
 *              .date .month .weekday .iso
 *   numeric,   .money     with the nearest `currency` in the context, by ICU: AED 1,250,000 or
 *   int                   ₹50,00,000; minor digits left out when they are all zero
 *              .compact   "1.2M"                .number   "1,250,000"
 *              .percent   0.375 -> "37.5%"      .signed   "+12"
 *              .bytes     512 -> "512 bytes", 3205 -> "3.2 kB" (of 1000, IEC 80000-13)
 *              .positive, .negative   booleans, for sections
 *              .plural    "" for 1, "s" otherwise
 *   text       .initials  "Harbour Realty" -> "HR", at most two letters
 *              .upper
 *              .lines     a list of its lines
 *              .label     a code as a person reads it, by labels.h and gettext: "In progress"
 *              .tone      badge variant of a code: success, warning, destructive, info, …
 *   any        .is_<code> true when the text equals <code>, for sections: {{#stage.is_won}}
 *   list       .any       true when it isn't empty, for sections
 *              .count     an int
 *
 * What a text looks like decides, not where it came from: a JSON string that holds a timestamp has
 * .ago. A facet of null is nothing. An unknown facet, or one that doesn't suit the value, is
 * nothing (an unknown one is an error in the template check).
 *
 * ICU's formatters are opened once per locale, time zone and currency and kept for the process.
 */
#ifndef TESSERA_VIEW_FACETS_H
#define TESSERA_VIEW_FACETS_H

#include "core/arena.h"
#include "core/rows.h"
#include "view/mustache.h"
#include <stdbool.h>

struct facet_result {
    enum { FACET_NONE, FACET_TEXT, FACET_BOOL, FACET_LINES } kind;
    const char *text; /* in the arena or constant; for FACET_LINES what is to be split */
    bool truth;
};

/* name: without the dot. currency: nearest in the context, or NULL for the options' default. */
struct facet_result facet_apply(struct arena *arena, const char *value, enum column_type type,
                                const char *name, const char *currency,
                                const struct render_options *options);
/* .label of a code, in the language that messages_use() chose. */
const char *facet_label(struct arena *arena, const char *code);
bool facet_known(const char *name);

#endif
