#include "core/clock.h"
#include "view/facets_internal.h"
#include "view/messages.h"

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR, MONTH_DAYS = 30, YEAR_DAYS = 365 };

struct moment {
    int64_t seconds; /* since the epoch; midnight UTC for a date */
    int millis;
    bool has_time;
    size_t clock_length; /* of "09:41:07.123" */
    int offset;          /* seconds east of UTC, as written */
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Reads exactly count digits; NULL if they aren't there. */
static const char *number(const char *text, int count, int *out) {
    int value = 0;
    for (int i = 0; i < count; i++) {
        if (text == NULL || !is_digit(text[i]))
            return NULL;
        value = value * 10 + (text[i] - '0');
    }
    *out = value;
    return text + count;
}

static const char *expect(const char *text, char wanted) {
    return text != NULL && *text == wanted ? text + 1 : NULL;
}

/* Days from 1970-01-01 in the Gregorian calendar. Years begin in March here, so that the day that
 * some have more comes last; they are counted on from 400 years earlier, so that none is negative.
 */
static int64_t days_to(int year, int month, int day) {
    int64_t y = (month > 2 ? year : year - 1) + 400;
    int64_t months = (month + 9) % 12;
    int64_t days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * months + 2) / 5 + day - 1;
    return days - 146097 - 719468;
}

static const char *parse_date(const char *text, struct moment *out) {
    int year = 0;
    int month = 0;
    int day = 0;
    text = number(text, 4, &year);
    text = number(expect(text, '-'), 2, &month);
    text = number(expect(text, '-'), 2, &day);
    if (text == NULL || month < 1 || month > 12 || day < 1 || day > 31)
        return NULL;
    out->seconds = days_to(year, month, day) * DAY;
    return text;
}

static const char *parse_clock(const char *text, struct moment *out) {
    int hour = 0;
    int minute = 0;
    int second = 0;
    text = number(text, 2, &hour);
    text = number(expect(text, ':'), 2, &minute);
    if (text != NULL && *text == ':')
        text = number(text + 1, 2, &second);
    if (text == NULL || hour > 23 || minute > 59 || second > 60)
        return NULL;
    if (*text == '.') {
        int scale = 100;
        for (text++; is_digit(*text); text++, scale /= 10)
            out->millis += (*text - '0') * scale;
    }
    out->seconds += hour * HOUR + minute * MINUTE + second;
    return text;
}

/* "", "Z", "+00", "+0530" or "-03:30:00"; where none is written it is UTC */
static const char *parse_offset(const char *text, int *offset) {
    if (*text == 'Z')
        return text + 1;
    if (*text != '+' && *text != '-')
        return text;
    int sign = *text == '-' ? -1 : 1;
    int part = 0;
    int total = 0;
    text = number(text + 1, 2, &part);
    for (int unit = HOUR; text != NULL; unit /= 60) {
        total += part * unit;
        if (unit == 1 || (*text != ':' && !is_digit(*text)))
            break;
        text = number(*text == ':' ? text + 1 : text, 2, &part);
    }
    *offset = sign * total;
    return text;
}

static bool parse_anew(const char *text, struct moment *out) {
    *out = (struct moment){.has_time = false};
    text = parse_date(text, out);
    if (text == NULL || *text == '\0')
        return text != NULL;
    const char *clock = *text == ' ' || *text == 'T' ? text + 1 : NULL;
    text = clock != NULL ? parse_clock(clock, out) : NULL;
    if (text == NULL)
        return false;
    out->clock_length = (size_t)(text - clock);
    out->has_time = true;
    text = parse_offset(text, &out->offset);
    out->seconds -= out->offset;
    return text != NULL && *text == '\0';
}

/* Mostly several forms of the same time are wanted, one after the other. */
static bool parse(const char *text, struct moment *out) {
    static char known[40];
    static struct moment moment;
    size_t size = strnlen(text, sizeof known);
    if (size > 0 && size < sizeof known && memcmp(known, text, size + 1) == 0) {
        *out = moment;
        return true;
    }
    if (!parse_anew(text, out))
        return false;
    if (size < sizeof known) {
        memcpy(known, text, size + 1);
        moment = *out;
    }
    return true;
}

static char *put_two(char *at, int number) {
    *at++ = (char)('0' + number / 10);
    *at++ = (char)('0' + number % 10);
    return at;
}

enum { DATE_SIZE = 10, ISO_MAX = 64 };

/* As RFC 3339 has it, which wants seconds and a zone. */
static void iso(const char *text, const struct moment *moment, char out[ISO_MAX]) {
    char *at = out;
    size_t clock = moment->clock_length < 32 ? moment->clock_length : 32;
    memcpy(at, text, DATE_SIZE);
    at += DATE_SIZE;
    if (moment->has_time) {
        *at++ = 'T';
        memcpy(at, text + DATE_SIZE + 1, clock);
        at += clock;
        if (clock == strlen("09:41")) {
            memcpy(at, ":00", 3);
            at += 3;
        }
        int east = moment->offset < 0 ? -moment->offset : moment->offset;
        *at++ = east == 0 ? 'Z' : moment->offset < 0 ? '-' : '+';
        if (east != 0) {
            at = put_two(at, east / HOUR % 24);
            *at++ = ':';
            at = put_two(at, east % HOUR / MINUTE);
        }
    }
    *at = '\0';
}

bool time_to_iso(const char *text, char *out, size_t size) {
    struct moment moment;
    char whole[ISO_MAX];
    if (!parse(text, &moment))
        return false;
    iso(text, &moment, whole);
    snprintf(out, size, "%s", whole);
    return true;
}

static const char *days_apart(struct arena *arena, int64_t days) {
    int64_t far = days < 0 ? -days : days;
    bool past = days < 0;
    long n = (long)far;
    if (far < MONTH_DAYS)
        return arena_printf(arena,
                            past ? messages_plural("%ld day ago", "%ld days ago", n)
                                 : messages_plural("in %ld day", "in %ld days", n),
                            n);
    if (far < YEAR_DAYS) {
        n = n / MONTH_DAYS < 12 ? n / MONTH_DAYS : 11;
        return arena_printf(arena,
                            past ? messages_plural("%ld month ago", "%ld months ago", n)
                                 : messages_plural("in %ld month", "in %ld months", n),
                            n);
    }
    n /= YEAR_DAYS;
    return arena_printf(arena,
                        past ? messages_plural("%ld year ago", "%ld years ago", n)
                             : messages_plural("in %ld year", "in %ld years", n),
                        n);
}

static const char *seconds_apart(struct arena *arena, int64_t seconds) {
    int64_t far = seconds < 0 ? -seconds : seconds;
    bool past = seconds < 0;
    if (far < MINUTE)
        return _("just now");
    if (far >= DAY)
        return days_apart(arena, seconds / DAY);
    long n = (long)(far < HOUR ? far / MINUTE : far / HOUR);
    if (far < HOUR)
        return arena_printf(arena,
                            past ? messages_plural("%ld minute ago", "%ld minutes ago", n)
                                 : messages_plural("in %ld minute", "in %ld minutes", n),
                            n);
    return arena_printf(arena,
                        past ? messages_plural("%ld hour ago", "%ld hours ago", n)
                             : messages_plural("in %ld hour", "in %ld hours", n),
                        n);
}

/* The day that it is now where the reader is, counted from the epoch. */
static int64_t today(const char *zone) {
    int64_t now = (int64_t)clock_now();
    const struct formatter *formatter = formatter_get(FORM_AGO, NULL, zone);
    if (formatter->calendar != NULL) {
        UErrorCode status = U_ZERO_ERROR;
        ucal_setMillis(formatter->calendar, (UDate)now * 1000, &status);
        int32_t east = ucal_get(formatter->calendar, UCAL_ZONE_OFFSET, &status) +
                       ucal_get(formatter->calendar, UCAL_DST_OFFSET, &status);
        if (U_SUCCESS(status))
            now += east / 1000;
    }
    return now >= 0 ? now / DAY : -((-now + DAY - 1) / DAY);
}

static const char *ago(struct arena *arena, const struct moment *moment, const char *zone) {
    if (moment->has_time)
        return seconds_apart(arena, moment->seconds - (int64_t)clock_now());
    int64_t days = moment->seconds / DAY - today(zone); /* a date is a whole number of days */
    if (days == 0)
        return _("today");
    if (days == -1)
        return _("yesterday");
    if (days == 1)
        return _("tomorrow");
    return days_apart(arena, days);
}

struct facet_result facet_of_time(struct arena *arena, const char *value, enum form form,
                                  const struct render_options *options) {
    struct moment moment;
    if (!parse(value, &moment))
        return facet_none();
    const char *zone = options->timezone != NULL ? options->timezone : "UTC";
    if (form == FORM_AGO) {
        messages_use(options->locale);
        return facet_text(ago(arena, &moment, zone));
    }
    if (form == FORM_ISO) {
        char text[ISO_MAX];
        iso(value, &moment, text);
        return facet_text(arena_strdup(arena, text));
    }
    if (!moment.has_time && (form == FORM_TIME || form == FORM_DATETIME))
        return facet_none();

    /* A date is the same day everywhere. */
    const struct formatter *formatter =
        formatter_get(form, options->locale, moment.has_time ? zone : "UTC");
    const char *written = pattern_write(formatter->pattern, arena, moment.seconds);
    if (written != NULL)
        return facet_text(written);
    UChar text[96];
    UErrorCode status = U_ZERO_ERROR;
    if (formatter->date == NULL)
        return facet_none();
    UDate at = (UDate)moment.seconds * 1000 + moment.millis;
    int32_t length = udat_format(formatter->date, at, text, 96, NULL, &status);
    return U_SUCCESS(status) ? facet_from_utf16(arena, text, length) : facet_none();
}
