#include "domain/imports/import_value_rules.h"

#include "core/text.h"
#include "http/decimal.h"
#include "view/labels.h"
#include "view/model.h"
#include <string.h>

enum { AROUND = 8 /* bytes of a currency and a blank */ };

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* ── Days ── */

static const char *const dates_codes[DATES_ORDERS] = {
    [DATES_DMY] = "dmy", [DATES_MDY] = "mdy", [DATES_YMD] = "ymd"};

const char *import_dates_code(enum import_dates dates) {
    return dates_codes[dates];
}

bool import_dates_find(const char *code, enum import_dates *dates) {
    for (int i = 0; i < DATES_ORDERS; i++) {
        if (text_equal(dates_codes[i], code)) {
            *dates = (enum import_dates)i;
            return true;
        }
    }
    return false;
}

/* One of the three pieces of a day: a number of up to four digits, or the name of a month. */
struct piece {
    int number;
    int digits; /* 0: a name */
};

static int month_named(const char *word, size_t size) {
    static const char *const months[] = {"january",   "february", "march",    "april",
                                         "may",       "june",     "july",     "august",
                                         "september", "october",  "november", "december"};
    for (int m = 0; size >= 3 && m < 12; m++) {
        bool same = size <= strlen(months[m]);
        for (size_t i = 0; same && i < size; i++)
            same = lower(word[i]) == months[m][i];
        if (same)
            return m + 1;
    }
    return 0;
}

static bool read_piece(const char **at, struct piece *piece) {
    const char *from = *at;
    *piece = (struct piece){0};
    while (is_digit(**at) && *at - from < 5)
        piece->number = piece->number * 10 + *(*at)++ - '0';
    piece->digits = (int)(*at - from);
    if (piece->digits > 0) {
        static const char *const ordinals[] = {"st", "nd", "rd", "th"};
        for (size_t i = 0; piece->digits <= 2 && i < 4; i++)
            if (strncmp(*at, ordinals[i], 2) == 0 &&
                !(lower((*at)[2]) >= 'a' && lower((*at)[2]) <= 'z'))
                *at += 2;
        return piece->digits <= 4;
    }
    while (lower(**at) >= 'a' && lower(**at) <= 'z')
        (*at)++;
    piece->number = month_named(from, (size_t)(*at - from));
    return piece->number > 0;
}

/* What spreadsheets write behind a day: a time of day. */
static bool is_time(const char *rest) {
    if (*rest == '\0')
        return true;
    if (*rest != 'T' && *rest != ' ')
        return false;
    rest += 1 + strspn(rest + 1, " ");
    size_t clock = strspn(rest, "0123456789:.");
    if (clock < 4 || !memchr(rest, ':', clock))
        return false;
    rest += clock;
    rest += strspn(rest, " ");
    if ((lower(rest[0]) == 'a' || lower(rest[0]) == 'p') && lower(rest[1]) == 'm')
        rest += 2;
    return rest[strspn(rest, " Zz+-:0123456789UTC")] == '\0';
}

/* "a<sep>b<sep>c", the same separator twice, or blanks and commas around a named month; or eight
 * digits. */
static bool read_pieces(const char *cell, struct piece pieces[3]) {
    const char *at = cell + strspn(cell, " ");
    if (strspn(at, "0123456789") == 8 && is_time(at + 8)) {
        for (int i = 0, digits = 4; i < 3; i++, digits = 2) {
            pieces[i] = (struct piece){.digits = digits};
            for (int d = 0; d < digits; d++)
                pieces[i].number = pieces[i].number * 10 + *at++ - '0';
        }
        return true;
    }
    char separator = '\0';
    for (int i = 0; i < 3; i++) {
        if (!read_piece(&at, &pieces[i]))
            return false;
        if (i == 2)
            break;
        const char *from = at;
        at += strspn(at, " ,");
        if (strchr("/.-", *at) && *at != '\0') {
            if (separator != '\0' && *at != separator)
                return false;
            separator = *at++;
            at += strspn(at, " ");
        } else if (separator != '\0' || at == from) {
            return false;
        }
    }
    size_t rest = strlen(at);
    while (rest > 0 && at[rest - 1] == ' ')
        rest--;
    return rest == 0 || is_time(at);
}

/* The year as four digits; 0 when it can't be one. */
static int year_of(struct piece piece) {
    if (piece.digits == 4)
        return piece.number;
    if (piece.digits != 2)
        return 0;
    return piece.number < 70 ? 2000 + piece.number : 1900 + piece.number;
}

struct day {
    int year, month, day;
};

static bool read_day(const struct piece p[3], enum import_dates order, struct day *out) {
    static const int places[DATES_ORDERS][3] = {/* of year, month, day */
                                                [DATES_DMY] = {2, 1, 0},
                                                [DATES_MDY] = {2, 0, 1},
                                                [DATES_YMD] = {0, 1, 2}};
    struct piece year = p[places[order][0]], month = p[places[order][1]], day = p[places[order][2]];
    if (order != DATES_YMD &&
        (p[0].digits == 0 || p[1].digits == 0)) { /* a name says by itself where the month is */
        month = p[0].digits == 0 ? p[0] : p[1];
        day = p[0].digits == 0 ? p[1] : p[0];
    }
    *out = (struct day){year_of(year), month.number, day.number};
    return day.digits > 0 && day.digits <= 2 && day.number >= 1 && day.number <= 31 &&
           month.digits <= 2 && month.number >= 1 && month.number <= 12 && out->year > 0 &&
           (order != DATES_YMD || year.digits == 4);
}

const char *import_date(struct arena *arena, const char *cell, enum import_dates dates) {
    struct piece pieces[3];
    struct day day;
    if (!read_pieces(cell, pieces) || !read_day(pieces, dates, &day))
        return NULL;
    return arena_printf(arena, "%04d-%02d-%02d", day.year, day.month, day.day);
}

void import_dates_look(struct import_dates_seen *seen, const char *cell) {
    struct piece pieces[3];
    struct day days[DATES_ORDERS];
    bool reads[DATES_ORDERS];
    int orders = 0, last = 0;
    if (!strpbrk(cell, "0123456789") || !read_pieces(cell, pieces))
        return;
    for (int order = 0; order < DATES_ORDERS; order++) {
        reads[order] = read_day(pieces, (enum import_dates)order, &days[order]);
        orders += reads[order];
        last = reads[order] ? order : last;
    }
    bool both = reads[DATES_DMY] && reads[DATES_MDY];
    seen->cells += orders > 0;
    seen->only[last] += orders == 1;
    seen->either += both && memcmp(&days[DATES_DMY], &days[DATES_MDY], sizeof days[0]) != 0;
}

enum import_dates import_dates_decide(const struct import_dates_seen *seen, bool *certain) {
    enum import_dates best = DATES_DMY;
    for (int order = 0; order < DATES_ORDERS; order++)
        if (seen->only[order] > seen->only[best])
            best = (enum import_dates)order;
    *certain = seen->only[best] > 0 || seen->either == 0;
    for (int order = 0; order < DATES_ORDERS; order++)
        if (order != (int)best && seen->only[order] > 0)
            *certain = false;
    return best;
}

/* ── Amounts ── */

static const char *const numbers_codes[NUMBERS_STYLES] = {
    [NUMBERS_POINT] = "point", [NUMBERS_COMMA] = "comma"};

const char *import_numbers_code(enum import_numbers numbers) {
    return numbers_codes[numbers];
}

bool import_numbers_find(const char *code, enum import_numbers *numbers) {
    for (int i = 0; i < NUMBERS_STYLES; i++) {
        if (text_equal(numbers_codes[i], code)) {
            *numbers = (enum import_numbers)i;
            return true;
        }
    }
    return false;
}

/* What stands beside amounts. Longer ones first where one begins like another. */
static const struct {
    const char *sign, *code;
} currencies[] = {
    {"AED", "AED"}, {"Dhs.", "AED"}, {"Dhs", "AED"}, {"DH", "AED"},  {"د.إ", "AED"}, {"INR", "INR"},
    {"Rs.", "INR"}, {"Rs", "INR"},   {"₹", "INR"},   {"SGD", "SGD"}, {"S$", "SGD"},  {"USD", "USD"},
    {"US$", "USD"}, {"EUR", "EUR"},  {"€", "EUR"},   {"GBP", "GBP"}, {"£", "GBP"},   {"AUD", "AUD"},
    {"A$", "AUD"},  {"CAD", "CAD"},  {"C$", "CAD"},  {"$", NULL},
};
enum { CURRENCIES = sizeof currencies / sizeof *currencies };

static bool starts_nocase(const char *text, const char *prefix) {
    return strncasecmp(text, prefix, strlen(prefix)) == 0;
}

/* Without a sign before or behind it, and the blanks there. */
static char *without_currency(struct arena *arena, const char *cell, const char **currency) {
    const char *from = cell + strspn(cell, " "), *end = from + strlen(from);
    *currency = NULL;
    for (size_t i = 0; i < CURRENCIES; i++) {
        size_t size = strlen(currencies[i].sign);
        bool before = starts_nocase(from, currencies[i].sign);
        bool behind =
            !before && (size_t)(end - from) > size && starts_nocase(end - size, currencies[i].sign);
        if (!before && !behind)
            continue;
        *currency = currencies[i].code;
        from += before ? size : 0;
        end -= behind ? size : 0;
        break;
    }
    while (end > from &&
           (end[-1] == ' ' || (end - from > 1 && memcmp(end - 2, "\xC2\xA0", 2) == 0)))
        end -= end[-1] == ' ' ? 1 : 2;
    while (from < end && (*from == ' ' || memcmp(from, "\xC2\xA0", 2) == 0))
        from += *from == ' ' ? 1 : 2;
    return arena_strndup(arena, from, (size_t)(end - from));
}

/* Digits with one kind of separator once: "1.250". How many digits follow it; 0: it is something
 * else. */
static size_t behind_single(const char *text, char separator) {
    size_t whole = strspn(text, "0123456789");
    size_t behind = text[whole] == separator ? strspn(text + whole + 1, "0123456789") : 0;
    return whole > 0 && behind > 0 && text[whole + 1 + behind] == '\0' ? behind : 0;
}

/* From the first digit to the last one, without what stands around them when it is as short as a
 * currency. */
static bool find_digits(const char *text, char *out, size_t room) {
    size_t before = strcspn(text, "0123456789"), size = strlen(text);
    while (size > before && !is_digit(text[size - 1]))
        size--;
    size_t behind = strlen(text + size), length = size - before;
    if (length == 0 || length >= room || before > AROUND || behind > AROUND ||
        strspn(text + before, "0123456789., ") < length)
        return false;
    memcpy(out, text + before, length);
    out[length] = '\0';
    return true;
}

void import_numbers_look(struct import_numbers_seen *seen, const char *text) {
    char cell[32];
    if (!find_digits(text, cell, sizeof cell))
        return;
    const char *dot = strrchr(cell, '.'), *comma = strrchr(cell, ',');
    seen->cells++;
    if (!dot && !comma)
        return;
    if (dot && comma) {
        seen->only[dot > comma ? NUMBERS_POINT : NUMBERS_COMMA]++;
        return;
    }
    char separator = dot ? '.' : ',';
    size_t behind = behind_single(cell, separator);
    if (behind == 3)
        seen->unsure++;
    else if (behind > 0) /* 1250.5: a decimal point */
        seen->only[dot ? NUMBERS_POINT : NUMBERS_COMMA]++;
    else if (strchr(cell, separator) != (dot ? dot : comma)) /* 1.250.000: groups */
        seen->only[dot ? NUMBERS_COMMA : NUMBERS_POINT]++;
}

enum import_numbers import_numbers_decide(const struct import_numbers_seen *seen, bool *certain) {
    enum import_numbers best =
        seen->only[NUMBERS_COMMA] > seen->only[NUMBERS_POINT] ? NUMBERS_COMMA : NUMBERS_POINT;
    long others = seen->only[best == NUMBERS_COMMA ? NUMBERS_POINT : NUMBERS_COMMA];
    *certain = others == 0 && (seen->only[best] > 0 || seen->unsure == 0);
    return best;
}

/* "1250.500" -> "1250.50": zeros behind the second decimal say nothing. */
static void cut_zeros(char *text, const char *point) {
    size_t size = strlen(text);
    while (point && size > (size_t)(point - text) + 3 && text[size - 1] == '0')
        text[--size] = '\0';
}

const char *import_amount(struct arena *arena, const char *cell, enum import_numbers numbers,
                          const char **currency) {
    char *text = without_currency(arena, cell, currency);
    char mark = numbers == NUMBERS_COMMA ? ',' : '.', groups = numbers == NUMBERS_COMMA ? '.' : ',';
    if (behind_single(text, groups) == 3) { /* the column says that these are groups */
        char *group = strchr(text, groups);
        memmove(group, group + 1, strlen(group));
    } else if (behind_single(text, mark) >= 3) { /* and this the decimal point */
        char *point = strchr(text, mark);
        cut_zeros(text, point);
        *point = '.';
    }
    return text;
}

const char *import_whole(struct arena *arena, const char *cell) {
    const char *amount = NULL;
    if (!is_digit(cell[0]) || decimal_amount(arena, cell, &amount) != DECIMAL_OK)
        return cell;
    size_t whole = strcspn(amount, ".");
    return strspn(amount + whole, ".0") == strlen(amount + whole)
               ? arena_strndup(arena, amount, whole)
               : cell;
}

/* ── Choices, phones ── */

static const struct {
    const char *field, *word, *code;
} words[] = {
    {"property_type", "flat", "apartment"},
    {"property_type", "apt", "apartment"},
    {"property_type", "apartments", "apartment"},
    {"property_type", "condo", "apartment"},
    {"property_type", "studio", "apartment"},
    {"property_type", "penthouse", "apartment"},
    {"property_type", "house", "villa"},
    {"property_type", "villas", "villa"},
    {"property_type", "bungalow", "villa"},
    {"property_type", "town house", "townhouse"},
    {"property_type", "land", "plot"},
    {"property_type", "shop", "retail"},
    {"property_type", "offices", "office"},
    {"financing", "loan", "mortgage"},
    {"financing", "bank loan", "mortgage"},
    {"financing", "home loan", "mortgage"},
    {"financing", "own funds", "cash"},
    {"financing", "not sure", "undecided"},
    {"financing", "unknown", "undecided"},
    {"source", "web", "website"},
    {"source", "web site", "website"},
    {"source", "internet", "website"},
    {"source", "e-mail", "email"},
    {"source", "mail", "email"},
    {"source", "call", "phone"},
    {"source", "phone call", "phone"},
    {"source", "telephone", "phone"},
    {"source", "exhibition", "event"},
    {"source", "roadshow", "event"},
    {"source", "open house", "event"},
    {"source", "friend", "referral"},
    {"source", "referred", "referral"},
    {"source", "word of mouth", "referral"},
    {"source", "facebook", "social"},
    {"source", "instagram", "social"},
    {"source", "linkedin", "social"},
    {"source", "tiktok", "social"},
    {"source", "social media", "social"},
    {"source", "walk in", "walk_in"},
    {"source", "walkin", "walk_in"},
    {"source", "walk-in", "walk_in"},
    {"source", "others", "other"},
};

const char *import_choice(const struct field *field, const char *cell) {
    for (const struct choice *choice = field->choices; choice && choice->value; choice++) {
        const char *label = choice->label ? choice->label : label_of(choice->value);
        if (text_equal_nocase(cell, choice->value) || text_equal_nocase(cell, label))
            return choice->value;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal(words[i].field, field->name) && text_equal_nocase(cell, words[i].word))
            return words[i].code;
    return cell;
}

/* Where the decimals of a number begin that is as long as telephones': one or two of them; NULL: there are none. */
static const char *phone_decimals(const char *cell) {
    enum { DIGITS_MIN = 7 };
    size_t whole = strspn(cell + (*cell == '+'), "0123456789");
    const char *point = cell + (*cell == '+') + whole;
    if (whole < DIGITS_MIN || (*point != '.' && *point != ','))
        return NULL;
    size_t decimals = strspn(point + 1, "0123456789");
    return decimals >= 1 && decimals <= 2 && point[1 + decimals] == '\0' ? point : NULL;
}

const char *import_phone(struct arena *arena, const char *cell) {
    const char *point = phone_decimals(cell);
    return point && point[1 + strspn(point + 1, "0")] == '\0' ? arena_strndup(arena, cell, (size_t)(point - cell)) : cell;
}

bool import_phone_is_cut(const char *cell) {
    size_t whole = strspn(cell, "0123456789.,");
    if (phone_decimals(cell))
        return true;
    return whole > 0 && lower(cell[whole]) == 'e' &&
           (cell[whole + 1] == '+' || is_digit(cell[whole + 1])) &&
           cell[whole + 2 + strspn(cell + whole + 2, "0123456789")] == '\0';
}

const char *import_plain(const char *cell) {
    return cell[0] == '\'' && csv_sign_begins(cell + 1) ? cell + 1 : cell;
}
