/*
 * when_rules.h - days and hours as people mean them, in a time zone of theirs. Pure: no clock, no
 * database. Zones are IANA names as ICU knows them.
 *
 * An hour that the clocks skip in spring does not exist and is refused; of one that comes twice in
 * autumn the second is meant (standard time, as PostgreSQL has it). "In 3 days" is three calendar
 * days on, whatever the clocks do in between.
 */
#ifndef TESSERA_DOMAIN_CALENDAR_WHEN_RULES_H
#define TESSERA_DOMAIN_CALENDAR_WHEN_RULES_H

#include <stdbool.h>
#include <time.h>

enum { WHEN_DATE_SIZE = 11, WHEN_TIME_SIZE = 6, WHEN_TEXT_SIZE = 32 /* with their NULs */ };

enum when_verdict {
    WHEN_OK,
    WHEN_SKIPPED,   /* the clocks go forward over it */
    WHEN_NO_ZONE,   /* no such time zone, or none given */
    WHEN_UNREADABLE /* not a date and a time, as forms clean them */
};

/* "2026-11-25", "09:00" and a zone as a point in time. NULL is unreadable. */
enum when_verdict when_instant(const char *date, const char *time, const char *zone, time_t *out);
/* The day and the hour that it is then in the zone; false when there is no such zone. */
bool when_local(time_t at, const char *zone, char date[WHEN_DATE_SIZE], char time[WHEN_TIME_SIZE]);
/* As a timestamptz parameter and as templates read it: "2026-11-25 05:00:00+00". */
void when_text(time_t at, char out[WHEN_TEXT_SIZE]);

/* ── Quick choices ── */

enum when_quick {
    WHEN_HOUR,       /* in an hour */
    WHEN_TOMORROW,   /* at 9:00 */
    WHEN_THREE_DAYS, /* at 9:00 */
    WHEN_NEXT_WEEK,  /* on its Monday, at 9:00; on a Monday that is in seven days */
    WHEN_QUICKS
};
const char *when_quick_code(enum when_quick quick); /* "three_days" */
/* False: no such choice, or NULL. */
bool when_quick_find(const char *code, enum when_quick *quick);
/* False when there is no such zone. */
bool when_quick_at(enum when_quick quick, time_t now, const char *zone, time_t *out);

#endif
