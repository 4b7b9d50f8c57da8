/*
 * appointment_rules.h - when an appointment may be, and until when it can be changed. Pure: no
 * database, no HTTP, no clock.
 *
 * An appointment lies within one day of its own time zone, which is that of the place and stays
 * with it: a viewing in Dubai is at ten o'clock in Dubai, whoever looks from where.
 */
#ifndef TESSERA_DOMAIN_CALENDAR_APPOINTMENT_RULES_H
#define TESSERA_DOMAIN_CALENDAR_APPOINTMENT_RULES_H

#include "domain/calendar/when_rules.h"

enum { APPOINTMENT_FARTHEST = 2 * 366 /* days */ };

struct appointment_wish {
    const char *date, *from, *until, *zone; /* cleaned; NULL where nothing stood */
};

enum appointment_verdict {
    APPOINTMENT_OK,
    APPOINTMENT_UNKNOWN, /* something is missing or wrong by itself; its field says so already */
    APPOINTMENT_PAST,
    APPOINTMENT_TOO_FAR,
    APPOINTMENT_ENDS_FIRST, /* or with its beginning */
    APPOINTMENT_START_SKIPPED,
    APPOINTMENT_END_SKIPPED, /* the clocks go forward over that hour */
    APPOINTMENT_NO_ZONE
};

/* Sets both times unless the verdict is about a time that cannot be known. */
enum appointment_verdict appointment_judge(const struct appointment_wish *wish, time_t now,
                                           time_t *starts, time_t *ends);
/* For a refusal: the form field that it is about, and a sentence (gettext message id). */
const char *appointment_verdict_field(enum appointment_verdict verdict);
const char *appointment_verdict_sentence(enum appointment_verdict verdict);

/* status: "planned" or "called_off". What is over stays as it was. */
bool appointment_changeable(const char *status, time_t ends, time_t now);

#endif
