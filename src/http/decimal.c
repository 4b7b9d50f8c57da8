#include "http/decimal.h"
#include "core/text.h"
#include <stdbool.h>

enum { AMOUNT_DIGITS = 14 /* of numeric(16,2) */, AMOUNT_DECIMALS = 2, PERCENT_DECIMALS = 3 };

/* A number taken apart; groups is the separator between groups of digits, or NUL. */
struct number {
    const char *whole;
    size_t whole_size;
    const char *decimals;
    size_t ndecimals;
    char groups;
};

static const struct {
    const char *bytes;
    char means;
} symbols[] = {
    {".", '.'},      {",", ','},       {" ", ' '}, {"\u00A0", ' '}, /* no-break space */
    {"\u2009", ' '},                                                /* thin space */
    {"\u202F", ' '},                                                /* narrow no-break space */
    {"'", '\''},     {"\u2019", '\''},
};

/* Digits and separators with every blank as ' ' and every apostrophe as '\''; NULL if there is
 * more. */
static char *plain_symbols(struct arena *arena, const char *text) {
    char *out = arena_alloc(arena, strlen(text) + 1);
    size_t length = 0;
    while (*text != '\0') {
        size_t step = 0;
        if (*text >= '0' && *text <= '9') {
            out[length++] = *text++;
            continue;
        }
        for (size_t i = 0; i < sizeof symbols / sizeof *symbols && step == 0; i++) {
            if (text_starts(text, symbols[i].bytes)) {
                step = strlen(symbols[i].bytes);
                out[length++] = symbols[i].means;
            }
        }
        if (step == 0)
            return NULL;
        text += step;
    }
    out[length] = '\0';
    return out;
}

static size_t count_of(const char *text, char c) {
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += *text == c;
    return count;
}

/* What a single '.' or ',' with nothing else beside it means: a decimal point, or a separator of
 * thousands when exactly three digits follow one to three others. */
static enum decimal_verdict read_single(const char *text, const char *separator, bool *decimal) {
    size_t before = (size_t)(separator - text);
    bool like_group = strlen(separator + 1) == 3 && before >= 1 && before <= 3 && text[0] != '0';
    *decimal = !like_group;
    /* With a comma this is how the portal itself writes thousands, and money has no third decimal.
     */
    return like_group && *separator == '.' ? DECIMAL_AMBIGUOUS : DECIMAL_OK;
}

/* Decides which separator is which. point: the decimal point in text, or NULL. */
static enum decimal_verdict find_point(const char *text, const char **point, char *groups) {
    size_t dots = count_of(text, '.');
    size_t commas = count_of(text, ',');
    bool spaced = strchr(text, ' ') != NULL;
    bool quoted = strchr(text, '\'') != NULL;
    const char *dot = strrchr(text, '.');
    const char *comma = strrchr(text, ',');

    *point = NULL;
    *groups = spaced ? ' ' : quoted ? '\'' : '\0';
    if ((spaced && quoted) || (dots > 1 && commas > 1))
        return DECIMAL_UNREADABLE;
    if (dots > 0 && commas > 0) {
        if (spaced || quoted)
            return DECIMAL_UNREADABLE;
        *point = dot > comma ? dot : comma;
        *groups = dot > comma ? ',' : '.';
        return (dot > comma ? dots : commas) == 1 ? DECIMAL_OK : DECIMAL_UNREADABLE;
    }
    if (dots + commas == 0)
        return DECIMAL_OK;
    const char *separator = dots > 0 ? dot : comma;
    if (dots + commas > 1) {
        if (spaced || quoted)
            return DECIMAL_UNREADABLE;
        *groups = *separator;
        return DECIMAL_OK;
    }
    bool decimal = true;
    enum decimal_verdict verdict =
        spaced || quoted ? DECIMAL_OK : read_single(text, separator, &decimal);
    if (decimal)
        *point = separator;
    else
        *groups = *separator;
    return verdict;
}

static enum decimal_verdict take_apart(const char *text, struct number *number) {
    const char *point = NULL;
    enum decimal_verdict verdict = find_point(text, &point, &number->groups);
    number->whole = text;
    number->whole_size = point != NULL ? (size_t)(point - text) : strlen(text);
    number->decimals = point != NULL ? point + 1 : "";
    number->ndecimals = strlen(number->decimals);
    if (point != NULL && number->ndecimals == 0)
        return DECIMAL_UNREADABLE;
    return verdict;
}

/* From the right: three digits, then groups of width; the first may be shorter. */
static bool is_grouped_by(const struct number *number, size_t width) {
    for (size_t i = 0; i < number->whole_size; i++) {
        char c = number->whole[number->whole_size - 1 - i];
        bool between = i >= 3 && (i - 3) % (width + 1) == 0;
        if (between ? c != number->groups : (c < '0' || c > '9'))
            return false;
    }
    return number->whole_size > 0 && number->whole[0] > '0';
}

/* In thousands, or as in India: 12,50,000. */
static bool is_grouped(const struct number *number) {
    bool by_two = number->groups == ',' || number->groups == ' ';
    return is_grouped_by(number, 3) || (by_two && is_grouped_by(number, 2));
}

/* Writes the digits without groups and leading zeros, and the decimals filled up to width. */
static enum decimal_verdict write_number(struct arena *arena, const struct number *number,
                                         size_t width, const char **out) {
    char *text = arena_alloc(arena, number->whole_size + number->ndecimals + width + 3);
    size_t length = 0;
    for (size_t i = 0; i < number->whole_size; i++) {
        char c = number->whole[i];
        if (c != number->groups && !(c == '0' && length == 0))
            text[length++] = c;
    }
    if (length > AMOUNT_DIGITS)
        return DECIMAL_TOO_LARGE;
    if (length == 0)
        text[length++] = '0';
    if (number->ndecimals > 0) {
        text[length++] = '.';
        for (size_t i = 0; i < number->ndecimals || i < width; i++)
            text[length++] = i < number->ndecimals ? number->decimals[i] : '0';
    }
    text[length] = '\0';
    *out = text;
    return DECIMAL_OK;
}

static bool is_digits(const char *text, size_t size) {
    return strspn(text, "0123456789") >= size;
}

enum decimal_verdict decimal_amount(struct arena *arena, const char *text, const char **out) {
    struct number number;
    char *plain = plain_symbols(arena, text);
    if (plain == NULL || plain[strcspn(plain, "0123456789")] == '\0')
        return DECIMAL_UNREADABLE;
    enum decimal_verdict verdict = take_apart(plain, &number);
    if (verdict != DECIMAL_OK)
        return verdict;
    if (!is_digits(number.decimals, number.ndecimals))
        return DECIMAL_UNREADABLE;
    if (number.groups != '\0' ? !is_grouped(&number) : !is_digits(plain, number.whole_size))
        return DECIMAL_UNREADABLE;
    if (number.ndecimals > AMOUNT_DECIMALS)
        return DECIMAL_TOO_FINE;
    return write_number(arena, &number, AMOUNT_DECIMALS, out);
}

enum decimal_verdict decimal_percent(struct arena *arena, const char *text, const char **out) {
    size_t size = strlen(text);
    if (size > 0 && text[size - 1] == '%')
        size--;
    while (size > 0 && text[size - 1] == ' ')
        size--;
    char *plain = arena_strndup(arena, text, size);
    size_t whole = strspn(plain, "0123456789");
    struct number number = {.whole = plain, .whole_size = whole, .decimals = ""};
    if (plain[whole] == '.' || plain[whole] == ',')
        number.decimals = plain + whole + 1;
    number.ndecimals = strlen(number.decimals);
    bool complete = plain[whole] == '\0' || number.ndecimals > 0;
    if (!complete || !is_digits(number.decimals, number.ndecimals))
        return DECIMAL_UNREADABLE;
    if (whole + number.ndecimals == 0)
        return DECIMAL_UNREADABLE;
    if (number.ndecimals > PERCENT_DECIMALS)
        return DECIMAL_TOO_FINE;
    if (write_number(arena, &number, 0, out) != DECIMAL_OK)
        return DECIMAL_TOO_LARGE;
    size_t digits = strcspn(*out, ".");
    bool hundred = text_starts(*out, "100") && digits == 3;
    if (digits > 2 && !(hundred && strspn(number.decimals, "0") == number.ndecimals))
        return DECIMAL_TOO_LARGE;
    return DECIMAL_OK;
}
