#include "http/field_clean.h"
#include "core/i18n.h"
#include "core/text.h"
#include "http/decimal.h"
#include "http/form_data.h"
#include <stdint.h>

enum {
    TEXT_LONGEST = 200,
    AREA_LONGEST = 2000,
    EMAIL_LONGEST = 254,
    PHONE_LONGEST = 40,
    URL_LONGEST = 500,
    CHOICES_MOST = 256,
    YEAR_MIN = 1900,
    YEAR_MAX = 2199
};

static const char not_listed[] = N_("Choose one of the listed options.");

long field_longest(const struct field *field) {
    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_PASSWORD:
    case FIELD_HIDDEN:
        return field->max > 0 ? field->max : TEXT_LONGEST;
    case FIELD_AREA:
        return field->max > 0 ? field->max : AREA_LONGEST;
    case FIELD_EMAIL:
        return field->max > 0 ? field->max : EMAIL_LONGEST;
    case FIELD_URL:
        return field->max > 0 ? field->max : URL_LONGEST;
    case FIELD_PHONE:
        return PHONE_LONGEST;
    case FIELD_CHOICE:
    case FIELD_MONEY:
    case FIELD_PERCENT:
    case FIELD_INT:
    case FIELD_DATE:
    case FIELD_TIME:
    case FIELD_CHECK:
    case FIELD_UUID:
    case FIELD_FILE:
        break;
    }
    return 0;
}

static uint32_t code_point(const char *at, size_t size) {
    unsigned char lead = (unsigned char)at[0];
    uint32_t point = size == 1 ? lead : lead & (0x7FU >> size);
    for (size_t i = 1; i < size; i++)
        point = point << 6 | ((unsigned char)at[i] & 0x3FU);
    return point;
}

static bool is_blank(uint32_t point) {
    return point <= 0x20 || point == 0xA0 || (point >= 0x2000 && point <= 0x200F) ||
           (point >= 0x2028 && point <= 0x202F) || (point >= 0x205F && point <= 0x2069) ||
           point == 0x3000 || point == 0xFEFF;
}

char *field_trim(struct arena *arena, const char *text) {
    size_t size = strlen(text);
    const char *first = NULL; /* what is kept, from here … */
    const char *last = text;  /* … to before here */
    for (const char *at = text; *at != '\0';) {
        size_t step = text_utf8_next(at, size - (size_t)(at - text));
        step = step > 0 ? step : 1;
        if (!is_blank(code_point(at, step))) {
            first = first != NULL ? first : at;
            last = at + step;
        }
        at += step;
    }
    return first != NULL ? arena_strndup(arena, first, (size_t)(last - first))
                         : arena_strdup(arena, "");
}

/* Line ends: to one '\n' each in an area, to a blank each (as tabs) in a line. */
static char *settle_lines(struct arena *arena, const char *text, char line_end) {
    char *out = arena_alloc(arena, strlen(text) + 1);
    size_t length = 0;
    for (; *text != '\0'; text++) {
        if (text[0] == '\r' && text[1] == '\n')
            text++;
        if (*text == '\r' || *text == '\n')
            out[length++] = line_end;
        else
            out[length++] = *text == '\t' && line_end == ' ' ? ' ' : *text;
    }
    out[length] = '\0';
    return out;
}

/* False with complaint set when text has too few or too many characters. */
static bool fits(const struct field *field, const char *text, struct complaint *complaint) {
    bool secret = field->kind == FIELD_PASSWORD;
    complaint->count = (long)text_utf8_length(text);
    complaint->max = field_longest(field);
    complaint->min = field->min;
    if (complaint->count > complaint->max)
        complaint->message = N_("“{label}” takes at most {max} characters. This has {count}.");
    else if (complaint->count < complaint->min && secret)
        complaint->message = N_("Use at least {min} characters. This has {count}.");
    else if (complaint->count < complaint->min)
        complaint->message = N_("“{value}” is too short. Write at least {min} characters.");
    return complaint->message == NULL;
}

static const char *clean_decimal(struct arena *arena, const struct field *field, const char *text,
                                 struct complaint *complaint) {
    static const char *const amount[] = {
        [DECIMAL_UNREADABLE] = N_("“{value}” is not an amount. Write digits only, without a "
                                  "currency, like 1,250,000.50."),
        [DECIMAL_AMBIGUOUS] = N_("“{value}” could mean two amounts. Write 1250 or 1,250 for "
                                 "thousands, 1.25 for decimals."),
        [DECIMAL_TOO_FINE] = N_("“{value}” has more than two decimals. Write it like 1250.50."),
        [DECIMAL_TOO_LARGE] = N_("“{value}” is larger than an amount can be here."),
    };
    static const char *const percent[] = {
        [DECIMAL_UNREADABLE] = N_("“{value}” is not a percentage. Write a number like 12.5."),
        [DECIMAL_TOO_FINE] = N_("“{value}” has more than three decimals. Write it like 12.5."),
        [DECIMAL_TOO_LARGE] = N_("Write a percentage from 0 to 100."),
    };
    const char *out = NULL;
    bool is_amount = field->kind == FIELD_MONEY;
    enum decimal_verdict verdict =
        is_amount ? decimal_amount(arena, text, &out) : decimal_percent(arena, text, &out);
    if (verdict == DECIMAL_OK)
        return out;
    complaint->message = is_amount ? amount[verdict] : percent[verdict];
    return NULL;
}

static const char *clean_int(struct arena *arena, const struct field *field, const char *text,
                             struct complaint *complaint) {
    bool bounded = field->min != 0 || field->max != 0;
    long number = 0;
    complaint->min = bounded ? field->min : INT32_MIN;
    complaint->max = bounded ? field->max : INT32_MAX;
    if (text_to_long(text, complaint->min, complaint->max, &number))
        return arena_printf(arena, "%ld", number);
    const char *digits = *text == '-' ? text + 1 : text;
    bool whole = *digits != '\0' && digits[strspn(digits, "0123456789")] == '\0';
    complaint->message = whole ? N_("Write a whole number from {min} to {max}.")
                               : N_("“{value}” is not a whole number. Write digits only, like 12.");
    return NULL;
}

static long days_in_month(long year, long month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (leap && month == 2);
}

/* "dddd-dd-dd" with its three numbers, or false */
static bool read_date(struct arena *arena, const char *text, long *year, long *month, long *day) {
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return false;
    return text_to_long(arena_strndup(arena, text, 4), 0, 9999, year) &&
           text_to_long(arena_strndup(arena, text + 5, 2), 0, 99, month) &&
           text_to_long(arena_strndup(arena, text + 8, 2), 0, 99, day);
}

static const char *clean_date(struct arena *arena, const char *text, struct complaint *complaint) {
    long year = 0;
    long month = 0;
    long day = 0;
    if (!read_date(arena, text, &year, &month, &day))
        complaint->message = N_("Write the date as year-month-day, like 2026-11-20.");
    else if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        complaint->message = N_("There is no day {value} in the calendar. Check day and month.");
    else if (year < YEAR_MIN || year > YEAR_MAX)
        complaint->message = N_("Check the year of {value}. It must be from 1900 to 2199.");
    return complaint->message == NULL ? text : NULL;
}

/* Browsers send "09:30", some with seconds; people without a clock field type what they say. */
static const char *clean_time(struct arena *arena, const char *text, struct complaint *complaint) {
    size_t digits = strspn(text, "0123456789");
    size_t size = strlen(text);
    bool seconds = size == digits + 6 && text_equal(text + digits + 3, ":00");
    long hour = 0;
    long minute = 0;
    bool shaped = digits >= 1 && digits <= 2 && (size == digits + 3 || seconds) &&
                  (text[digits] == ':' || text[digits] == '.');
    if (shaped && text_to_long(arena_strndup(arena, text, digits), 0, 23, &hour) &&
        text_to_long(arena_strndup(arena, text + digits + 1, 2), 0, 59, &minute))
        return arena_printf(arena, "%02ld:%02ld", hour, minute);
    complaint->message = N_("“{value}” is not a time of day. Write it like 09:30 or 16:00.");
    return NULL;
}

static bool is_listed(const struct field *field, const char *value) {
    if (field->choices == NULL)
        return strlen(value) <= TEXT_LONGEST && header_safe(value);
    for (const struct choice *choice = field->choices; choice->value != NULL; choice++) {
        if (text_equal(choice->value, value))
            return true;
    }
    return false;
}

static bool contains(const char *list, size_t size, const char *item) {
    size_t item_size = strlen(item);
    for (size_t at = 0; at < size;) {
        const char *comma = memchr(list + at, ',', size - at);
        size_t end = comma != NULL ? (size_t)(comma - list) : size;
        if (end - at == item_size && memcmp(list + at, item, item_size) == 0)
            return true;
        at = end + 1;
    }
    return false;
}

/* Each item of a comma-separated list once; blank ones are left out. */
static const char *clean_choices(struct arena *arena, const struct field *field, const char *text,
                                 struct complaint *complaint) {
    char *out = arena_alloc(arena, strlen(text) + 1);
    size_t length = 0;
    size_t count = 0;
    while (*text != '\0') {
        size_t size = strcspn(text, ",");
        const char *item = field_trim(arena, arena_strndup(arena, text, size));
        text += size + (text[size] == ',');
        if (*item == '\0' || contains(out, length, item))
            continue;
        if (!is_listed(field, item) || ++count > CHOICES_MOST) {
            complaint->message = count > CHOICES_MOST ? N_("Choose fewer options.") : not_listed;
            return NULL;
        }
        if (length > 0)
            out[length++] = ',';
        memcpy(out + length, item, strlen(item));
        length += strlen(item);
    }
    out[length] = '\0';
    return length > 0 ? out : NULL;
}

static const char *clean_choice(struct arena *arena, const struct field *field, const char *text,
                                struct complaint *complaint) {
    if (field->multiple)
        return clean_choices(arena, field, text, complaint);
    if (is_listed(field, text))
        return text;
    complaint->message = not_listed;
    return NULL;
}

static const char *clean_uuid(struct arena *arena, const char *text, struct complaint *complaint) {
    if (!text_is_uuid(text)) {
        complaint->message = not_listed;
        return NULL;
    }
    char *uuid = arena_strdup(arena, text);
    for (char *at = uuid; *at != '\0'; at++)
        *at = *at >= 'A' && *at <= 'F' ? (char)(*at - 'A' + 'a') : *at;
    return uuid;
}

static const char *clean_check(const char *text) {
    static const char *const unticked[] = {"false", "off", "no", "0"};
    for (size_t i = 0; i < sizeof unticked / sizeof *unticked; i++) {
        if (text_equal_nocase(text, unticked[i]))
            return "false";
    }
    return "true";
}

/* The text before its kind is looked at. */
static const char *settle(struct arena *arena, const struct field *field, const char *sent) {
    if (field->kind == FIELD_PASSWORD || field->kind == FIELD_HIDDEN)
        return sent;
    char line_end = field->kind == FIELD_AREA ? '\n' : ' ';
    return field_trim(arena, settle_lines(arena, sent, line_end));
}

const char *field_clean(struct arena *arena, const struct field *field, const char *sent,
                        struct complaint *complaint) {
    const char *text = settle(arena, field, sent);
    if (*text == '\0')
        return NULL;
    complaint->value = text;
    if (field_longest(field) > 0 && !fits(field, text, complaint))
        return NULL;
    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_AREA:
    case FIELD_PASSWORD:
        break;
    case FIELD_HIDDEN:
        if (!header_safe(text))
            complaint->message = not_listed;
        break;
    case FIELD_EMAIL:
        return clean_email(arena, text, complaint);
    case FIELD_PHONE:
        return clean_phone(arena, text, complaint);
    case FIELD_URL:
        return clean_url(arena, text, complaint);
    case FIELD_MONEY:
    case FIELD_PERCENT:
        return clean_decimal(arena, field, text, complaint);
    case FIELD_INT:
        return clean_int(arena, field, text, complaint);
    case FIELD_DATE:
        return clean_date(arena, text, complaint);
    case FIELD_TIME:
        return clean_time(arena, text, complaint);
    case FIELD_CHOICE:
        return clean_choice(arena, field, text, complaint);
    case FIELD_CHECK:
        return clean_check(text);
    case FIELD_UUID:
        return clean_uuid(arena, text, complaint);
    case FIELD_FILE: /* what came as text under its name is no file */
        return NULL;
    }
    return complaint->message == NULL ? text : NULL;
}
