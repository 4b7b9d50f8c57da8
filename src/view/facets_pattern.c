/*
 * Dates as ICU writes them, without ICU: a page shows dozens, and each takes ICU microseconds. The
 * pattern, the months' names and the zone's offset are taken from ICU once; what is made of them
 * is compared with ICU's own result for days all over the year before it is trusted. Whatever isn't
 * plain (other letters, digits or calendars, far years) stays with ICU.
 */
#include "view/facets_internal.h"
#include <unicode/ustring.h>

enum {
    PIECES_MAX = 16,
    TEXT_MAX = 24, /* bytes of a literal or a month's name */
    RESULT_MAX = 96,
    MONTHS = 12,
    DAY = 24 * 60 * 60
};

/* Years in which every calendar here is the Gregorian one, and zones are what they are now. */
static const int64_t first_second = INT64_C(0);         /* 1970 */
static const int64_t last_second = INT64_C(4102444800); /* 2100 */

enum piece_kind {
    PIECE_TEXT,
    PIECE_YEAR,
    PIECE_MONTH,
    PIECE_NAME,
    PIECE_DAY,
    PIECE_HOUR,
    PIECE_MINUTE
};

struct piece {
    enum piece_kind kind;
    int width; /* digits at least */
    char text[TEXT_MAX];
};

struct pattern {
    struct piece pieces[PIECES_MAX];
    size_t npieces;
    char months[MONTHS][TEXT_MAX];
    UCalendar *zone;
    int64_t offset_from, offset_to; /* between them the zone's offset is what follows */
    int64_t offset;
};

static bool to_utf8(const UChar *wide, int32_t length, char out[TEXT_MAX]) {
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8(out, TEXT_MAX, NULL, wide, length, &status);
    return U_SUCCESS(status) && status != U_STRING_NOT_TERMINATED_WARNING;
}

/* ---- from ICU ---- */

static bool months_take(struct pattern *pattern, const UDateFormat *date,
                        UDateFormatSymbolType names) {
    for (int32_t i = 0; i < MONTHS; i++) {
        UErrorCode status = U_ZERO_ERROR;
        UChar wide[TEXT_MAX];
        int32_t length = udat_getSymbols(date, names, i, wide, TEXT_MAX, &status);
        if (U_FAILURE(status) || !to_utf8(wide, length, pattern->months[i]))
            return false;
    }
    return true;
}

/* A run of one letter, as in "d MMM y, HH:mm". */
static bool letters_take(struct pattern *pattern, const UDateFormat *date, UChar letter,
                         int count) {
    struct piece *piece = &pattern->pieces[pattern->npieces++];
    bool alone = letter == 'L';
    *piece = (struct piece){.width = count};
    switch (letter) {
    case 'y':
        piece->kind = PIECE_YEAR;
        return count != 2;
    case 'M':
    case 'L':
        piece->kind = count > 2 ? PIECE_NAME : PIECE_MONTH;
        if (count == 3)
            return months_take(pattern, date,
                               alone ? UDAT_STANDALONE_SHORT_MONTHS : UDAT_SHORT_MONTHS);
        if (count == 4)
            return months_take(pattern, date, alone ? UDAT_STANDALONE_MONTHS : UDAT_MONTHS);
        return count < 3;
    case 'd':
        piece->kind = PIECE_DAY;
        return true;
    case 'H':
        piece->kind = PIECE_HOUR;
        return true;
    case 'm':
        piece->kind = PIECE_MINUTE;
        return true;
    default:
        return false;
    }
}

static bool is_letter(UChar c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Text between letters; what is quoted or beyond ASCII's letters. Its length, or -1. */
static int32_t literal_take(struct pattern *pattern, const UChar *at) {
    struct piece *piece = &pattern->pieces[pattern->npieces++];
    UChar wide[TEXT_MAX];
    int32_t length = 0;
    int32_t used = 0;
    *piece = (struct piece){.kind = PIECE_TEXT};
    for (bool quoted = false; at[used] != 0 && (quoted || !is_letter(at[used])); used++) {
        if (at[used] == '\'' && at[used + 1] == '\'')
            return -1;
        if (at[used] == '\'')
            quoted = !quoted;
        else if (length == TEXT_MAX - 1)
            return -1;
        else
            wide[length++] = at[used];
    }
    return to_utf8(wide, length, piece->text) ? used : -1;
}

static bool pattern_take(struct pattern *pattern, const UDateFormat *date) {
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[RESULT_MAX];
    int32_t length = udat_toPattern(date, false, wide, RESULT_MAX, &status);
    if (U_FAILURE(status) || length >= RESULT_MAX)
        return false;
    for (int32_t at = 0; at < length;) {
        if (pattern->npieces == PIECES_MAX)
            return false;
        int32_t count = 0;
        while (is_letter(wide[at]) && wide[at + count] == wide[at])
            count++;
        if (count > 0 && !letters_take(pattern, date, wide[at], count))
            return false;
        int32_t used = count > 0 ? count : literal_take(pattern, wide + at);
        if (used < 0)
            return false;
        at += used;
    }
    return true;
}

/* ---- writing ---- */

/* The zone's offset changes twice a year at most, so the next moments mostly have the same. */
static bool offset_look(struct pattern *pattern, int64_t seconds) {
    if (seconds >= pattern->offset_from && seconds < pattern->offset_to)
        return true;
    UErrorCode status = U_ZERO_ERROR;
    UDate from = 0;
    UDate to = 0;
    ucal_setMillis(pattern->zone, (UDate)seconds * 1000, &status);
    int32_t offset = ucal_get(pattern->zone, UCAL_ZONE_OFFSET, &status) +
                     ucal_get(pattern->zone, UCAL_DST_OFFSET, &status);
    bool before = ucal_getTimeZoneTransitionDate(
        pattern->zone, UCAL_TZ_TRANSITION_PREVIOUS_INCLUSIVE, &from, &status);
    bool after =
        ucal_getTimeZoneTransitionDate(pattern->zone, UCAL_TZ_TRANSITION_NEXT, &to, &status);
    if (U_FAILURE(status) || offset % 1000 != 0)
        return false;
    pattern->offset = offset / 1000;
    pattern->offset_from = before && from > 0 ? (int64_t)(from / 1000) + 1 : first_second;
    pattern->offset_to =
        after && to / 1000 < (UDate)last_second ? (int64_t)(to / 1000) : last_second;
    return seconds >= pattern->offset_from && seconds < pattern->offset_to;
}

struct civil {
    int year, month, day, hour, minute;
};

/* The day that a number of days after 1970-01-01 is, in the Gregorian calendar; years begin in
 * March here, see days_to() in facets_time.c. */
static struct civil civil_of(int64_t seconds) {
    int64_t days = seconds / DAY + 719468;
    int64_t era = days / 146097;
    int64_t of_era = days % 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    struct civil civil = {.day = (int)(of_year - (153 * month + 2) / 5 + 1)};
    civil.month = (int)(month < 10 ? month + 3 : month - 9);
    civil.year = (int)(year + era * 400) + (civil.month <= 2);
    civil.hour = (int)(seconds % DAY / 3600);
    civil.minute = (int)(seconds % 3600 / 60);
    return civil;
}

static char *put_number(char *at, int number, int width) {
    char digits[16];
    int count = 0;
    for (; number > 0 || count < width; number /= 10)
        digits[count++] = (char)('0' + number % 10);
    while (count > 0)
        *at++ = digits[--count];
    return at;
}

static char *put_text(char *at, const char *text) {
    size_t size = strlen(text);
    memcpy(at, text, size);
    return at + size;
}

static char *put_piece(char *at, const struct pattern *pattern, const struct piece *piece,
                       const struct civil *civil) {
    switch (piece->kind) {
    case PIECE_TEXT:
        return put_text(at, piece->text);
    case PIECE_YEAR:
        return put_number(at, civil->year, piece->width);
    case PIECE_MONTH:
        return put_number(at, civil->month, piece->width);
    case PIECE_NAME:
        return put_text(at, pattern->months[civil->month - 1]);
    case PIECE_DAY:
        return put_number(at, civil->day, piece->width);
    case PIECE_HOUR:
        return put_number(at, civil->hour, piece->width);
    case PIECE_MINUTE:
        return put_number(at, civil->minute, piece->width);
    }
    return at;
}

const char *pattern_write(struct pattern *pattern, struct arena *arena, int64_t seconds) {
    if (pattern == NULL || seconds < first_second + DAY || seconds >= last_second - DAY ||
        !offset_look(pattern, seconds))
        return NULL;
    struct civil civil = civil_of(seconds + pattern->offset);
    char text[PIECES_MAX * TEXT_MAX];
    char *at = text;
    for (size_t i = 0; i < pattern->npieces; i++)
        at = put_piece(at, pattern, &pattern->pieces[i], &civil);
    return arena_strndup(arena, text, (size_t)(at - text));
}

/* ---- opening ---- */

/* Compares with ICU every eleven days, at ever other hours, over two years of this century. */
static bool pattern_proves(struct pattern *pattern, const UDateFormat *date) {
    enum { FROM = 1704067200 /* 2024, a leap year */, STEP = 11 * DAY + 67 * 60, TIMES = 66 };
    struct arena *arena = arena_new((size_t)16 * 1024);
    bool same = true;
    for (int i = 0; same && i < TIMES; i++) {
        int64_t seconds = FROM + (int64_t)i * STEP;
        UErrorCode status = U_ZERO_ERROR;
        UChar wide[RESULT_MAX];
        int32_t length = udat_format(date, (UDate)seconds * 1000, wide, RESULT_MAX, NULL, &status);
        const char *ours = pattern_write(pattern, arena, seconds);
        struct facet_result theirs = facet_from_utf16(arena, wide, length);
        same = U_SUCCESS(status) && ours != NULL && theirs.kind == FACET_TEXT &&
               strcmp(ours, theirs.text) == 0;
        arena_reset(arena);
    }
    arena_free(arena);
    return same;
}

struct pattern *pattern_open(const UDateFormat *date, const UChar *zone, int32_t zone_length) {
    struct pattern *pattern = calloc(1, sizeof *pattern);
    if (pattern == NULL)
        abort();
    UErrorCode status = U_ZERO_ERROR;
    pattern->zone = ucal_open(zone, zone_length, "en", UCAL_GREGORIAN, &status);
    if (U_SUCCESS(status) && pattern_take(pattern, date) && pattern_proves(pattern, date))
        return pattern;
    pattern_close(pattern);
    return NULL;
}

void pattern_close(struct pattern *pattern) {
    if (pattern == NULL)
        return;
    if (pattern->zone != NULL)
        ucal_close(pattern->zone);
    free(pattern);
}
