/*
 * activity_rules.h - what may be written down about a lead, and which part of its time line is asked for. Pure: no
 * database, no HTTP, no clock.
 *
 *   note      anything worth keeping
 *   call      with a direction, an outcome and how long it took
 *   mail      with a direction and an outcome
 *   meeting   with an outcome and how long it took
 *
 * What does not belong to a kind (the outcome of a note) is not refused but left out: a form without scripts shows all
 * fields, and a person who changes the kind should not have to empty them.
 */
#ifndef TESSERA_DOMAIN_ACTIVITY_RULES_H
#define TESSERA_DOMAIN_ACTIVITY_RULES_H

#include "core/arena.h"
#include "domain/calendar/when_rules.h"
#include <stdbool.h>
#include <stddef.h>

enum activity_kind { ACTIVITY_NOTE, ACTIVITY_CALL, ACTIVITY_MAIL, ACTIVITY_MEETING, ACTIVITY_KINDS };

enum { ACTIVITY_OLDEST = 5 * 366 /* days that something may lie back */ };

const char *activity_kind_code(enum activity_kind kind);               /* "call" */
bool activity_kind_find(const char *code, enum activity_kind *kind);   /* false: no such kind, or NULL */
bool activity_has_direction(enum activity_kind kind);
bool activity_has_length(enum activity_kind kind);
/* False also for a NULL outcome. */
bool activity_outcome_fits(enum activity_kind kind, const char *outcome);

/* ── May it be kept? ── */

struct activity_wish {
    enum activity_kind kind;
    const char *text, *outcome;          /* cleaned; NULL where nothing stood */
    const char *latitude, *longitude;    /* as sent */
    size_t files;
};

enum activity_verdict {
    ACTIVITY_OK,
    ACTIVITY_EMPTY,       /* neither a word, a file nor an outcome */
    ACTIVITY_BAD_OUTCOME, /* not one of this kind */
    ACTIVITY_BAD_PLACE,   /* half a position, or none on earth */
    ACTIVITY_FUTURE,
    ACTIVITY_TOO_OLD,
    ACTIVITY_SKIPPED,     /* the clocks went forward over that hour */
    ACTIVITY_NO_WHEN      /* a day or an hour that is none, or a zone that does not exist */
};

enum activity_verdict activity_judge(const struct activity_wish *wish);
/* When it was: date and time as cleaned by a form, in zone. Neither: now, and *at is 0. A day alone: its noon, or now
 * where that is still to come; an hour alone: today. */
enum activity_verdict activity_when(const char *date, const char *time, const char *zone, time_t now, time_t *at);
/* For a refusal: the form field that it is about, and a sentence (gettext message id). */
const char *activity_verdict_field(enum activity_verdict verdict);
const char *activity_verdict_sentence(enum activity_verdict verdict);

/* ── Where it was ── */

enum { ACTIVITY_COORDINATE_SIZE = 32 /* with NUL */ };

/* "25.20484930" -> "25.20485"; false when it is no number, or none within ±limit. At most 15 digits before and after the
 * point are looked at. */
bool activity_coordinate(const char *text, int limit, char out[ACTIVITY_COORDINATE_SIZE]);
/* A map's page that shows it: the position where there is one, else a search for the place; NULL where there is neither.
 * Nothing is asked of the map before somebody follows it. */
const char *activity_map_href(struct arena *arena, const char *place, const char *latitude, const char *longitude);

/* ── The time line ── */

/* What ?show= narrows it to, as a list of row types ("call", "note,file"); NULL: everything. */
const char *timeline_types(const char *show);
/* A place in it, "<microseconds since 1970>.<id>", as timeline_cursor() wrote it. False when it is none; us and id are in
 * the arena. */
bool timeline_cursor_parse(struct arena *arena, const char *cursor, const char **us, const char **id);
const char *timeline_cursor(struct arena *arena, const char *us, const char *id) __attribute__((returns_nonnull));

#endif
