/*
 * Amounts and counts as ICU writes them, without ICU: a list shows dozens. As with dates
 * (facets_pattern.c), what stands around and between the digits is taken from ICU once, and what is
 * made of it is compared with ICU's own result for numbers of all lengths before it is trusted.
 * Whatever isn't plain (negative, to be rounded, other digits) stays with ICU.
 */
#include "view/facets_internal.h"
#include <ctype.h>
#include <unicode/ustring.h>

enum {
    AFFIX_MAX = 24, /* bytes */
    SEPARATOR_MAX = 8,
    WHOLE_MAX = 15,    /* digits before the decimal sign … */
    FRACTION_MAX = 9,  /* … and behind it */
    RESULT_MAX = 192,
    UNLIMITED = -1
};

struct numeral {
    char prefix[AFFIX_MAX], suffix[AFFIX_MAX];
    char group[SEPARATOR_MAX], decimal[SEPARATOR_MAX];
    int first, next;  /* digits in the last group and in those before it; 0: no groups */
    int grouped_from; /* digits that it takes for a group to be set off */
    int fraction;     /* digits behind the decimal sign unless it is whole, or UNLIMITED */
};

/* ---- from ICU ---- */

static bool icu_write(const struct formatter *formatter, const char *value, char out[RESULT_MAX]) {
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[RESULT_MAX];
    unumf_formatDecimal(formatter->number, value, -1, formatter->result, &status);
    int32_t length = unumf_resultToString(formatter->result, wide, RESULT_MAX, &status);
    u_strToUTF8(out, RESULT_MAX, NULL, wide, length, &status);
    return U_SUCCESS(status) && status != U_STRING_NOT_TERMINATED_WARNING;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool keep(char *out, size_t room, const char *from, const char *to) {
    size_t size = (size_t)(to - from);
    if (size >= room)
        return false;
    memcpy(out, from, size);
    out[size] = '\0';
    return true;
}

/* The last digit that stands before end, or NULL. */
static const char *digit_before(const char *text, const char *end) {
    while (end > text && !is_digit(end[-1]))
        end--;
    return end > text ? end - 1 : NULL;
}

static int digits_before(const char *text, const char *end) {
    int count = 0;
    while (end > text && is_digit(end[-1])) {
        end--;
        count++;
    }
    return count;
}

/* "AED 123,456,789,012": what is around the digits, and how they are grouped. */
static bool groups_take(struct numeral *numeral, const char *text) {
    size_t before = strcspn(text, "0123456789");
    const char *last = digit_before(text, text + strlen(text));
    if (last == NULL || !keep(numeral->prefix, AFFIX_MAX, text, text + before) ||
        !keep(numeral->suffix, AFFIX_MAX, last + 1, last + strlen(last)))
        return false;
    const char *digits = text + before;
    numeral->first = digits_before(digits, last + 1);
    const char *separator_end = last + 1 - numeral->first;
    if (separator_end == digits) {
        numeral->first = 0;
        return true;
    }
    const char *separator = digit_before(digits, separator_end);
    numeral->next = separator != NULL ? digits_before(digits, separator + 1) : 0;
    return separator != NULL &&
           keep(numeral->group, SEPARATOR_MAX, separator + 1, separator_end);
}

/* Of "AED 1.50" or "1.5": the digits behind the decimal sign, which is kept. 0: there is none. */
static int fraction_take(struct numeral *numeral, const char *text) {
    const char *one = text + strcspn(text, "0123456789");
    const char *last = digit_before(text, text + strlen(text));
    int count = last != NULL ? digits_before(text, last + 1) : 0;
    if (last == NULL || one > last - count)
        return 0;
    return keep(numeral->decimal, SEPARATOR_MAX, one + 1, last + 1 - count) ? count : 0;
}

static bool numeral_take(struct numeral *numeral, const struct formatter *formatter) {
    char text[RESULT_MAX];
    if (!icu_write(formatter, "123456789012", text) || !groups_take(numeral, text))
        return false;
    numeral->grouped_from = numeral->first + 1;
    if (numeral->first > 0 && icu_write(formatter, "1234", text) &&
        digits_before(text, digit_before(text, text + strlen(text)) + 1) == 4)
        numeral->grouped_from++;
    if (!icu_write(formatter, "1.5", text))
        return false;
    int few = fraction_take(numeral, text);
    if (!icu_write(formatter, "1.123456789", text))
        return false;
    int many = fraction_take(numeral, text);
    numeral->fraction = few == 1 && many == FRACTION_MAX ? UNLIMITED : few;
    return few == many || numeral->fraction == UNLIMITED;
}

/* ---- writing ---- */

static char *put(char *at, const char *text) {
    size_t size = strlen(text);
    memcpy(at, text, size);
    return at + size;
}

static char *put_whole(char *at, const struct numeral *numeral, const char *digits, int count) {
    bool grouped = numeral->first > 0 && count >= numeral->grouped_from;
    for (int left = count; left > 0; left--) {
        bool starts = left == numeral->first ||
                      (left > numeral->first && (left - numeral->first) % numeral->next == 0);
        if (grouped && left < count && starts)
            at = put(at, numeral->group);
        *at++ = *digits++;
    }
    return at;
}

const char *numeral_write(const struct numeral *numeral, struct arena *arena, const char *value) {
    if (numeral == NULL || !is_digit(value[0]))
        return NULL;
    int whole = 0;
    while (is_digit(value[whole]))
        whole++;
    const char *behind = value + whole + (value[whole] == '.');
    int fraction = 0;
    int shown = 0; /* without zeros at the end */
    for (; is_digit(behind[fraction]); fraction++)
        if (behind[fraction] != '0')
            shown = fraction + 1;
    if (whole > WHOLE_MAX || shown > FRACTION_MAX || behind[fraction] != '\0' ||
        (numeral->fraction != UNLIMITED && shown > numeral->fraction))
        return NULL;

    char text[2 * AFFIX_MAX + (WHOLE_MAX + 1) * (SEPARATOR_MAX + 1) + FRACTION_MAX];
    char *at = put_whole(put(text, numeral->prefix), numeral, value, whole);
    if (shown > 0) {
        at = put(at, numeral->decimal);
        int wanted = numeral->fraction == UNLIMITED ? shown : numeral->fraction;
        for (int i = 0; i < wanted; i++)
            *at++ = i < shown ? behind[i] : '0';
    }
    at = put(at, numeral->suffix);
    return arena_strndup(arena, text, (size_t)(at - text));
}

/* ---- opening ---- */

/* Numbers of every length, with and without what may stand behind the decimal sign. */
static bool numeral_proves(const struct numeral *numeral, const struct formatter *formatter) {
    static const char *const fractions[] = {"", ".5", ".25", ".05", ".00", ".10", ".070"};
    struct arena *arena = arena_new((size_t)64 * 1024);
    bool same = true;
    for (int length = 1; length <= WHOLE_MAX; length++) {
        for (size_t i = 0; i < sizeof fractions / sizeof *fractions; i++) {
            char theirs[RESULT_MAX];
            const char *value =
                arena_printf(arena, "%.*s%s", length, "902345678901234", fractions[i]);
            const char *ours = numeral_write(numeral, arena, value);
            bool alike = icu_write(formatter, value, theirs) &&
                         (ours == NULL || strcmp(ours, theirs) == 0);
            same = same && alike && (ours != NULL || numeral->fraction == 0);
        }
    }
    char theirs[RESULT_MAX];
    const char *zero = numeral_write(numeral, arena, "0");
    same = same && icu_write(formatter, "0", theirs) && strcmp(zero, theirs) == 0;
    arena_free(arena);
    return same;
}

struct numeral *numeral_open(const struct formatter *formatter) {
    struct numeral *numeral = calloc(1, sizeof *numeral);
    if (numeral == NULL)
        abort();
    if (numeral_take(numeral, formatter) && numeral_proves(numeral, formatter))
        return numeral;
    free(numeral);
    return NULL;
}

void numeral_close(struct numeral *numeral) {
    free(numeral);
}
