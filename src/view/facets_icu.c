/* ICU's formatters: dear to open, cheap to use, so each is opened once and kept. */
#include "core/log.h"
#include "view/facets_internal.h"
#include <unicode/udatpg.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

enum { FORMATTERS = 64 };

static struct formatter formatters[FORMATTERS];
static size_t count;
static struct formatter *last_of[FORM_COUNT]; /* most often the same is wanted again */
static size_t oldest;                         /* the next to be replaced once all are taken */

/* What ICU is asked for. Rounding is half away from zero, as for all money. */
static const char *skeleton_of(enum form form) {
    switch (form) {
    case FORM_MONEY:
        return "precision-currency-standard/w rounding-mode-half-up currency/";
    case FORM_COMPACT:
        return "compact-short";
    case FORM_NUMBER:
        return "precision-unlimited";
    case FORM_PERCENT:
        return "percent scale/100 .# rounding-mode-half-up";
    case FORM_SIGNED:
        return "precision-unlimited sign-except-zero";
    case FORM_BYTES:
        return ".# measure-unit/digital-";
    case FORM_DATE:
        return UDAT_YEAR_ABBR_MONTH_DAY;
    case FORM_TIME:
        return "Hm";
    case FORM_DATETIME:
        return UDAT_YEAR_ABBR_MONTH_DAY "Hm";
    case FORM_MONTH:
        return UDAT_YEAR_MONTH;
    case FORM_WEEKDAY:
        return UDAT_WEEKDAY;
    default:
        return NULL;
    }
}

static void open_number(struct formatter *formatter, const char *locale) {
    char skeleton[96];
    UChar wide[sizeof skeleton];
    snprintf(skeleton, sizeof skeleton, "%s%s", skeleton_of(formatter->form), formatter->detail);
    u_charsToUChars(skeleton, wide, (int32_t)strlen(skeleton) + 1);
    UErrorCode status = U_ZERO_ERROR;
    formatter->number = unumf_openForSkeletonAndLocale(wide, -1, locale, &status);
    formatter->result = unumf_openResult(&status);
    if (U_FAILURE(status)) {
        unumf_close(formatter->number);
        formatter->number = NULL;
    } else if (formatter->form == FORM_MONEY || formatter->form == FORM_NUMBER) {
        formatter->numeral = numeral_open(formatter);
    }
}

static int32_t zone_of(const struct formatter *formatter, UChar *out) {
    int32_t length = (int32_t)strlen(formatter->detail);
    u_charsToUChars(formatter->detail, out, length);
    return length;
}

static void open_date(struct formatter *formatter, const char *locale) {
    UChar skeleton[16];
    UChar pattern[64];
    UChar zone[sizeof formatter->detail];
    const char *wanted = skeleton_of(formatter->form);
    u_charsToUChars(wanted, skeleton, (int32_t)strlen(wanted) + 1);
    UErrorCode status = U_ZERO_ERROR;
    UDateTimePatternGenerator *generator = udatpg_open(locale, &status);
    int32_t length = udatpg_getBestPattern(generator, skeleton, -1, pattern, 64, &status);
    udatpg_close(generator);
    int32_t zone_length = zone_of(formatter, zone);
    formatter->date =
        udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, zone, zone_length, pattern, length, &status);
    if (U_SUCCESS(status))
        formatter->pattern = pattern_open(formatter->date, zone, zone_length);
}

static void open_calendar(struct formatter *formatter) {
    UChar zone[sizeof formatter->detail];
    int32_t length = zone_of(formatter, zone);
    UErrorCode status = U_ZERO_ERROR;
    formatter->calendar = ucal_open(zone, length, "en", UCAL_GREGORIAN, &status);
}

static void formatter_open(struct formatter *formatter) {
    char locale[ULOC_FULLNAME_CAPACITY];
    UErrorCode status = U_ZERO_ERROR;
    uloc_forLanguageTag(formatter->locale, locale, sizeof locale, NULL, &status);
    if (U_FAILURE(status) || locale[0] == '\0') /* "" would be the process' own */
        snprintf(locale, sizeof locale, "en");

    switch (formatter->form) {
    case FORM_DATE:
    case FORM_TIME:
    case FORM_DATETIME:
    case FORM_MONTH:
    case FORM_WEEKDAY:
        /* Plain English dates are the world's (20 Nov 2026), not one country's (Nov 20, 2026). */
        open_date(formatter, strcmp(locale, "en") == 0 ? "en_001" : locale);
        break;
    case FORM_AGO:
        open_calendar(formatter);
        break;
    default:
        open_number(formatter, locale);
    }
    if (formatter->number == NULL && formatter->date == NULL && formatter->calendar == NULL)
        log_event(LOG_WARN, "formatter_missing", "locale", "%s", formatter->locale, "detail", "%s",
                  formatter->detail, NULL);
}

static void formatter_close(struct formatter *formatter) {
    unumf_close(formatter->number);
    unumf_closeResult(formatter->result);
    pattern_close(formatter->pattern);
    numeral_close(formatter->numeral);
    if (formatter->date != NULL)
        udat_close(formatter->date);
    if (formatter->calendar != NULL)
        ucal_close(formatter->calendar);
    *formatter = (struct formatter){.form = FORM_NONE};
}

static bool is_for(const struct formatter *formatter, enum form form, const char *locale,
                   const char *detail) {
    return formatter != NULL && formatter->form == form && strcmp(formatter->detail, detail) == 0 &&
           strcmp(formatter->locale, locale) == 0;
}

const struct formatter *formatter_get(enum form form, const char *locale, const char *detail) {
    if (locale == NULL || strlen(locale) >= sizeof formatters[0].locale)
        locale = "en";
    if (strlen(detail) >= sizeof formatters[0].detail)
        detail = "";
    if (is_for(last_of[form], form, locale, detail))
        return last_of[form];
    for (size_t i = 0; i < count; i++) {
        if (is_for(&formatters[i], form, locale, detail))
            return last_of[form] = &formatters[i];
    }
    struct formatter *fresh = &formatters[count < FORMATTERS ? count++ : oldest++ % FORMATTERS];
    last_of[form] = fresh;
    formatter_close(fresh);
    fresh->form = form;
    snprintf(fresh->locale, sizeof fresh->locale, "%s", locale);
    snprintf(fresh->detail, sizeof fresh->detail, "%s", detail);
    formatter_open(fresh);
    return fresh;
}
