/*
 * facets_internal.h - how the facets' files share their work; templates hold a form, not its name.
 */
#ifndef TESSERA_VIEW_FACETS_INTERNAL_H
#define TESSERA_VIEW_FACETS_INTERNAL_H

#include "view/facets.h"
#include <stdint.h>
#include <unicode/ucal.h>
#include <unicode/udat.h>
#include <unicode/unumberformatter.h>

enum form {
    FORM_NONE, /* no facet has that name */
    FORM_AGO,
    FORM_DATE,
    FORM_TIME,
    FORM_DATETIME,
    FORM_MONTH,
    FORM_WEEKDAY,
    FORM_ISO,
    FORM_MONEY,
    FORM_COMPACT,
    FORM_NUMBER,
    FORM_PERCENT,
    FORM_SIGNED,
    FORM_BYTES,
    FORM_POSITIVE,
    FORM_NEGATIVE,
    FORM_PLURAL,
    FORM_INITIALS,
    FORM_UPPER,
    FORM_LINES,
    FORM_LABEL,
    FORM_TONE,
    FORM_IS, /* is_<code>; the code is what follows in the name */
    FORM_ANY,
    FORM_COUNT
};

enum form form_by_name(const char *name);

struct facet_result facet_of_form(struct arena *arena, const char *value, enum column_type type,
                                  enum form form, const char *name, const char *currency,
                                  const struct render_options *options);

struct facet_result facet_of_time(struct arena *arena, const char *value, enum form form,
                                  const struct render_options *options);
struct facet_result facet_of_number(struct arena *arena, const char *value, enum form form,
                                    const char *currency, const struct render_options *options);
struct facet_result facet_of_text(struct arena *arena, const char *value, enum form form,
                                  const char *locale);

/* A timestamp or date as PostgreSQL writes it, in RFC 3339. False if it is none ("infinity"). */
bool time_to_iso(const char *text, char *out, size_t size);

/* A date formatter's pattern, written without ICU; NULL where only ICU can. zone as for udat_open(). */
struct pattern;
struct pattern *pattern_open(const UDateFormat *date, const UChar *zone, int32_t zone_length);
void pattern_close(struct pattern *pattern);
/* NULL (always for a NULL pattern): ask ICU. */
const char *pattern_write(struct pattern *pattern, struct arena *arena, int64_t seconds);

/* One of ICU's formatters, opened at its first use. What could not be opened is NULL in it. */
struct formatter {
    enum form form;
    char locale[32];
    char detail[40]; /* time zone, currency or unit */
    UNumberFormatter *number;
    UFormattedNumber *result;
    UDateFormat *date;
    struct pattern *pattern; /* of date; or NULL */
    struct numeral *numeral; /* of number; or NULL */
    UCalendar *calendar;
};
const struct formatter *formatter_get(enum form form, const char *locale, const char *detail)
    __attribute__((returns_nonnull));

/* A number formatter's result, written without ICU; NULL where only ICU can. */
struct numeral *numeral_open(const struct formatter *formatter);
void numeral_close(struct numeral *numeral);
/* value by value_is_number(). NULL (always for a NULL numeral): ask ICU. */
const char *numeral_write(const struct numeral *numeral, struct arena *arena, const char *value);

/* ICU's UTF-16 as UTF-8 in the arena; nothing if it isn't well-formed. */
struct facet_result facet_from_utf16(struct arena *arena, const UChar *text, int32_t length);

static inline struct facet_result facet_text(const char *text) {
    return (struct facet_result){.kind = FACET_TEXT, .text = text};
}
static inline struct facet_result facet_bool(bool truth) {
    return (struct facet_result){.kind = FACET_BOOL, .truth = truth};
}
static inline struct facet_result facet_none(void) {
    return (struct facet_result){.kind = FACET_NONE};
}

#endif
