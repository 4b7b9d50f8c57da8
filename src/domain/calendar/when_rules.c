#include "domain/calendar/when_rules.h"

#include "core/text.h"
#include <stdio.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

enum { ZONE_MAX = 64, MORNING = 9 /* o'clock */ };

static const char *const codes[WHEN_QUICKS] = {[WHEN_HOUR] = "hour",
                                               [WHEN_TOMORROW] = "tomorrow",
                                               [WHEN_THREE_DAYS] = "three_days",
                                               [WHEN_NEXT_WEEK] = "next_week"};

/* ICU answers GMT for a zone that it does not know, and makes up zones of the form "GMT+3". */
static UCalendar *calendar_open(const char *zone) {
    UChar name[ZONE_MAX];
    UChar canonical[ZONE_MAX];
    UBool real = false;
    UErrorCode status = U_ZERO_ERROR;
    if (zone == NULL || *zone == '\0' || strlen(zone) >= ZONE_MAX)
        return NULL;
    u_strFromUTF8(name, ZONE_MAX, NULL, zone, -1, &status);
    ucal_getCanonicalTimeZoneID(name, -1, canonical, ZONE_MAX, &real, &status);
    if (U_FAILURE(status) || !real)
        return NULL;
    UCalendar *calendar = ucal_open(name, -1, "en", UCAL_GREGORIAN, &status);
    return U_SUCCESS(status) ? calendar : NULL;
}

struct civil {
    int year, month, day, hour, minute;
};

static bool read_two(const char *text, long max, int *out) {
    char digits[3] = {text[0], text[1], '\0'};
    long value = 0;
    if (!text_to_long(*digits == '0' ? digits + 1 : digits, 0, max, &value))
        return false;
    *out = (int)value;
    return true;
}

static bool read_civil(const char *date, const char *time, struct civil *out) {
    if (date == NULL || time == NULL || strlen(date) != 10 || strlen(time) != 5 || date[4] != '-' ||
        date[7] != '-' || time[2] != ':')
        return false;
    int century = 0;
    int year = 0;
    bool fine = read_two(date, 99, &century) && read_two(date + 2, 99, &year) &&
                read_two(date + 5, 12, &out->month) && read_two(date + 8, 31, &out->day) &&
                read_two(time, 23, &out->hour) && read_two(time + 3, 59, &out->minute);
    out->year = century * 100 + year;
    return fine && out->month > 0 && out->day > 0;
}

static struct civil civil_of(UCalendar *calendar, UErrorCode *status) {
    return (struct civil){.year = ucal_get(calendar, UCAL_YEAR, status),
                          .month = ucal_get(calendar, UCAL_MONTH, status) + 1,
                          .day = ucal_get(calendar, UCAL_DATE, status),
                          .hour = ucal_get(calendar, UCAL_HOUR_OF_DAY, status),
                          .minute = ucal_get(calendar, UCAL_MINUTE, status)};
}

static void set_civil(UCalendar *calendar, const struct civil *civil, UErrorCode *status) {
    ucal_clear(calendar); /* seconds and smaller are zero */
    ucal_setDateTime(calendar, civil->year, civil->month - 1, civil->day, civil->hour,
                     civil->minute, 0, status);
}

static time_t millis_to_time(UDate millis) {
    return (time_t)(millis / 1000);
}

enum when_verdict when_instant(const char *date, const char *time, const char *zone, time_t *out) {
    struct civil wanted = {.year = 0};
    if (!read_civil(date, time, &wanted))
        return WHEN_UNREADABLE;
    UCalendar *calendar = calendar_open(zone);
    if (calendar == NULL)
        return WHEN_NO_ZONE;
    UErrorCode status = U_ZERO_ERROR;
    set_civil(calendar, &wanted, &status);
    UDate millis = ucal_getMillis(calendar, &status);
    struct civil found = civil_of(calendar, &status);
    ucal_close(calendar);
    if (U_FAILURE(status) || found.month != wanted.month || found.day != wanted.day)
        return WHEN_UNREADABLE; /* 30 February is a day in March */
    *out = millis_to_time(millis);
    return found.hour == wanted.hour && found.minute == wanted.minute ? WHEN_OK : WHEN_SKIPPED;
}

bool when_local(time_t at, const char *zone, char date[WHEN_DATE_SIZE], char time[WHEN_TIME_SIZE]) {
    UCalendar *calendar = calendar_open(zone);
    if (calendar == NULL)
        return false;
    UErrorCode status = U_ZERO_ERROR;
    ucal_setMillis(calendar, (UDate)at * 1000, &status);
    struct civil here = civil_of(calendar, &status);
    ucal_close(calendar);
    if (U_FAILURE(status) || here.year < 0 || here.year > 9999)
        return false;
    /* The remainders change nothing; they tell the compiler how long the text can get. */
    (void)snprintf(date, WHEN_DATE_SIZE, "%04d-%02d-%02d", here.year % 10000,
                   (int)((unsigned)here.month % 100), (int)((unsigned)here.day % 100));
    (void)snprintf(time, WHEN_TIME_SIZE, "%02d:%02d", (int)((unsigned)here.hour % 100),
                   (int)((unsigned)here.minute % 100));
    return true;
}

void when_text(time_t at, char out[WHEN_TEXT_SIZE]) {
    struct tm utc = {.tm_year = 0};
    (void)gmtime_r(&at, &utc);
    if (strftime(out, WHEN_TEXT_SIZE, "%Y-%m-%d %H:%M:%S+00", &utc) == 0)
        *out = '\0';
}

const char *when_quick_code(enum when_quick quick) {
    return codes[quick];
}

bool when_quick_find(const char *code, enum when_quick *quick) {
    for (int i = 0; i < WHEN_QUICKS; i++) {
        if (text_equal(code, codes[i])) {
            *quick = (enum when_quick)i;
            return true;
        }
    }
    return false;
}

/* Days until the Monday of the week after this one. ICU's Sunday is 1, its Monday 2. */
static int days_to_next_week(UCalendar *calendar, UErrorCode *status) {
    int weekday = ucal_get(calendar, UCAL_DAY_OF_WEEK, status);
    int past = (weekday + 5) % 7; /* days since Monday */
    return 7 - past;
}

bool when_quick_at(enum when_quick quick, time_t now, const char *zone, time_t *out) {
    UCalendar *calendar = calendar_open(zone);
    if (calendar == NULL)
        return false;
    UErrorCode status = U_ZERO_ERROR;
    ucal_setMillis(calendar, (UDate)now * 1000, &status);
    if (quick == WHEN_HOUR) {
        *out = now + 3600;
    } else {
        struct civil morning = civil_of(calendar, &status);
        int days = quick == WHEN_TOMORROW     ? 1
                   : quick == WHEN_THREE_DAYS ? 3
                                              : days_to_next_week(calendar, &status);
        morning.day += days; /* ICU carries it into the next month */
        morning.hour = MORNING;
        morning.minute = 0;
        set_civil(calendar, &morning, &status);
        *out = millis_to_time(ucal_getMillis(calendar, &status));
    }
    ucal_close(calendar);
    return U_SUCCESS(status);
}
