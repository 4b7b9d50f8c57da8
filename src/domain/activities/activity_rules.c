#include "domain/activities/activity_rules.h"
#include "core/i18n.h"
#include "core/text.h"
#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct {
    const char *code, *outcomes; /* blanks around each */
    bool direction, length;
} kinds[] = {
    [ACTIVITY_NOTE] = {"note", "", false, false},
    [ACTIVITY_CALL] = {"call", " reached left_message no_answer wrong_number interested not_interested ", true, true},
    [ACTIVITY_MAIL] = {"mail", " answered no_answer bounced interested not_interested ", true, false},
    [ACTIVITY_MEETING] = {"meeting", " took_place no_show postponed interested not_interested ", false, true},
};

static const struct {
    const char *field, *sentence;
} refusals[] = {
    [ACTIVITY_OK] = {NULL, NULL},
    [ACTIVITY_EMPTY] = {"text", N_("Write a few words, or choose a file.")},
    [ACTIVITY_BAD_OUTCOME] = {"kind", N_("This outcome is not one of this kind. Choose another one.")},
    [ACTIVITY_BAD_PLACE] = {"place", N_("The position could not be read. Take it once more, or write where it was.")},
    [ACTIVITY_FUTURE] = {"date", N_("This is still to come. Plan it as an appointment instead.")},
    [ACTIVITY_TOO_OLD] = {"date", N_("Choose a day of the last five years.")},
    [ACTIVITY_SKIPPED] = {"time", N_("Clocks went forward over this hour that day. Choose another one.")},
    [ACTIVITY_NO_WHEN] = {"date", N_("Enter the day as year, month and day.")},
};

static const struct {
    const char *show, *types;
} shows[] = {
    {"notes", "note"}, {"calls", "call"}, {"mails", "mail"}, {"meetings", "meeting,appointment"},
    {"messages", "message"}, {"files", "file"}, {"changes", "change"},
};
/* clang-format on */

const char *activity_kind_code(enum activity_kind kind) {
    return kinds[kind].code;
}

bool activity_kind_find(const char *code, enum activity_kind *kind) {
    for (size_t i = 0; i < ACTIVITY_KINDS; i++) {
        if (text_equal(kinds[i].code, code)) {
            *kind = (enum activity_kind)i;
            return true;
        }
    }
    return false;
}

bool activity_has_direction(enum activity_kind kind) {
    return kinds[kind].direction;
}

bool activity_has_length(enum activity_kind kind) {
    return kinds[kind].length;
}

bool activity_outcome_fits(enum activity_kind kind, const char *outcome) {
    char spaced[40];
    if (text_blank(outcome) || strchr(outcome, ' ') != NULL)
        return false;
    int size = snprintf(spaced, sizeof spaced, " %s ", outcome);
    return size < (int)sizeof spaced && strstr(kinds[kind].outcomes, spaced) != NULL;
}

/* ── May it be kept? ── */

enum activity_verdict activity_judge(const struct activity_wish *wish) {
    char spare[ACTIVITY_COORDINATE_SIZE];
    if (wish->outcome != NULL && !activity_outcome_fits(wish->kind, wish->outcome))
        return ACTIVITY_BAD_OUTCOME;
    if ((wish->latitude != NULL) != (wish->longitude != NULL))
        return ACTIVITY_BAD_PLACE;
    if (wish->latitude != NULL &&
        (!activity_coordinate(wish->latitude, 90, spare) || !activity_coordinate(wish->longitude, 180, spare)))
        return ACTIVITY_BAD_PLACE;
    bool said = !text_blank(wish->text) || wish->files > 0 || wish->outcome != NULL;
    return said ? ACTIVITY_OK : ACTIVITY_EMPTY;
}

static enum activity_verdict instant(const char *date, const char *time, const char *zone, time_t *at) {
    switch (when_instant(date, time, zone, at)) {
    case WHEN_OK:
        return ACTIVITY_OK;
    case WHEN_SKIPPED:
        return ACTIVITY_SKIPPED;
    case WHEN_NO_ZONE:
    case WHEN_UNREADABLE:
        break;
    }
    return ACTIVITY_NO_WHEN;
}

enum activity_verdict activity_when(const char *date, const char *time, const char *zone, time_t now, time_t *at) {
    enum { SLACK = 60 /* seconds: the minute that is just running, as a form has it */ };
    char today[WHEN_DATE_SIZE], hour[WHEN_TIME_SIZE];
    *at = 0;
    if (date == NULL && time == NULL)
        return ACTIVITY_OK;
    if (!when_local(now, zone, today, hour))
        return ACTIVITY_NO_WHEN;
    bool noon = time == NULL && strcmp(hour, "12:00") >= 0;
    const char *guess = noon || (date != NULL && strcmp(date, today) != 0) ? "12:00" : hour;
    enum activity_verdict verdict = instant(date != NULL ? date : today, time != NULL ? time : guess, zone, at);
    if (verdict != ACTIVITY_OK)
        return verdict;
    if (*at > now + SLACK)
        return ACTIVITY_FUTURE;
    return now - *at > ACTIVITY_OLDEST * (time_t)86400 ? ACTIVITY_TOO_OLD : ACTIVITY_OK;
}

const char *activity_verdict_field(enum activity_verdict verdict) {
    return refusals[verdict].field;
}

const char *activity_verdict_sentence(enum activity_verdict verdict) {
    return refusals[verdict].sentence;
}

/* ── Where it was ── */

/* Decimal digits with at most one point among them. */
static bool is_decimal(const char *text) {
    size_t whole = strspn(text, "0123456789");
    size_t after = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
    size_t size = whole + (text[whole] == '.' ? 1 + after : 0);
    return whole > 0 && whole <= 15 && after <= 15 && text[size] == '\0';
}

bool activity_coordinate(const char *text, int limit, char out[ACTIVITY_COORDINATE_SIZE]) {
    bool minus = text != NULL && *text == '-';
    if (text == NULL || !is_decimal(text + minus))
        return false;
    int whole = 0, part = 0;
    const char *c = text + minus;
    for (; *c != '\0' && *c != '.'; c++)
        whole = whole > limit ? limit + 1 : whole * 10 + (*c - '0');
    c += *c == '.';
    for (int i = 0; i < 5; i++) {
        part = part * 10 + (*c != '\0' ? *c - '0' : 0);
        c += *c != '\0';
    }
    part += *c >= '5'; /* the sixth digit */
    whole += part / 100000;
    part %= 100000;
    if (whole > limit || (whole == limit && part > 0))
        return false;
    snprintf(out, ACTIVITY_COORDINATE_SIZE, "%s%d.%05d", minus && whole + part > 0 ? "-" : "", whole, part);
    return true;
}

/* RFC 3986: what may stand in a query as it is. */
static const char *encoded(struct arena *arena, const char *text) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    char *out = arena_alloc(arena, 3 * strlen(text) + 1);
    size_t size = 0;
    for (; *text != '\0'; text++) {
        if (strchr(plain, *text) != NULL)
            out[size++] = *text;
        else
            size += (size_t)snprintf(out + size, 4, "%%%02X", (unsigned)(unsigned char)*text);
    }
    out[size] = '\0';
    return out;
}

const char *activity_map_href(struct arena *arena, const char *place, const char *latitude, const char *longitude) {
    static const char map[] = "https://www.openstreetmap.org";
    if (latitude != NULL && longitude != NULL)
        return arena_printf(arena, "%s/?mlat=%s&mlon=%s#map=17/%s/%s", map, latitude, longitude, latitude, longitude);
    return text_blank(place) ? NULL : arena_printf(arena, "%s/search?query=%s", map, encoded(arena, place));
}

/* ── The time line ── */

const char *timeline_types(const char *show) {
    for (size_t i = 0; show != NULL && i < sizeof shows / sizeof *shows; i++) {
        if (text_equal(shows[i].show, show))
            return shows[i].types;
    }
    return NULL;
}

bool timeline_cursor_parse(struct arena *arena, const char *cursor, const char **us, const char **id) {
    enum { US_MAX = 17 /* digits: some thousand years */, ID_MAX = 36 };
    size_t size = cursor != NULL ? strspn(cursor, "0123456789") : 0;
    if (size == 0 || size > US_MAX || cursor[size] != '.')
        return false;
    const char *rest = cursor + size + 1;
    size_t length = strspn(rest, "0123456789abcdef-");
    if (length == 0 || length > ID_MAX || rest[length] != '\0')
        return false;
    *us = arena_strndup(arena, cursor, size);
    *id = arena_strdup(arena, rest);
    return true;
}

const char *timeline_cursor(struct arena *arena, const char *us, const char *id) {
    return arena_printf(arena, "%s.%s", us, id);
}
