/*
 * reminder_rules.h - when a reminder may be due. Pure: no database, no HTTP, no clock.
 */
#ifndef TESSERA_DOMAIN_CALENDAR_REMINDER_RULES_H
#define TESSERA_DOMAIN_CALENDAR_REMINDER_RULES_H

#include "domain/calendar/when_rules.h"

enum { REMINDER_FARTHEST = 2 * 366 /* days */ };

/* What a form said: a quick choice by its code, or "exact" with a day and an hour. */
struct reminder_wish {
    const char *when;
    const char *date, *time; /* cleaned; NULL where nothing stood. Without an hour: 09:00 */
};

enum reminder_verdict {
    REMINDER_OK,
    REMINDER_NO_DATE,
    REMINDER_PAST,
    REMINDER_TOO_FAR,
    REMINDER_SKIPPED, /* the clocks go forward over that hour */
    REMINDER_NO_WAY   /* a choice that is not offered, or a zone that does not exist */
};

enum reminder_verdict reminder_judge(const struct reminder_wish *wish, const char *zone, time_t now,
                                     time_t *due);
/* For a refusal: the form field that it is about, and a sentence (gettext message id). */
const char *reminder_verdict_field(enum reminder_verdict verdict);
const char *reminder_verdict_sentence(enum reminder_verdict verdict);

#endif
