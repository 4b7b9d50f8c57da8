/*
 * announcement_rules.h - when an announcement may come out and end, and that it is for somebody.
 * Pure: no database, no HTTP, no clock.
 */
#ifndef TESSERA_DOMAIN_ANNOUNCEMENTS_ANNOUNCEMENT_RULES_H
#define TESSERA_DOMAIN_ANNOUNCEMENTS_ANNOUNCEMENT_RULES_H

#include <stdbool.h>
#include <time.h>

enum { ANNOUNCEMENT_FARTHEST = 2 * 366 /* days */ };

struct announcement_wish {
    bool to_partners, to_staff;
    const char *publish_on,
        *publish_time;      /* cleaned; no day: as soon as it is released. No hour: 09:00 */
    const char *expires_on; /* the last day; NULL: it stays */
    const char *zone;       /* that these are meant in */
    bool out;               /* it can be read already: only its end may still change */
};

enum announcement_verdict {
    ANNOUNCEMENT_OK,
    ANNOUNCEMENT_FOR_NOBODY,
    ANNOUNCEMENT_PAST,
    ANNOUNCEMENT_TOO_FAR,
    ANNOUNCEMENT_SKIPPED, /* the clocks go forward over that hour */
    ANNOUNCEMENT_HOUR_ALONE,
    ANNOUNCEMENT_ENDS_FIRST,
    ANNOUNCEMENT_NO_ZONE
};

/* *publish and *expires are 0 where none is wished. Expires is the end of its last day. */
enum announcement_verdict announcement_judge(const struct announcement_wish *wish, time_t now,
                                             time_t *publish, time_t *expires);
/* For a refusal: the form field that it is about, and a sentence (gettext message id). */
const char *announcement_verdict_field(enum announcement_verdict verdict);
const char *announcement_verdict_sentence(enum announcement_verdict verdict);

#endif
