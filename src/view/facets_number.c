#include "view/facets_internal.h"
#include "view/value.h"
#include <ctype.h>
#include <stdlib.h>

enum {
    DIGITS_MAX = 64,
    EXPONENT_MAX = 4, /* characters: 1e999999999 would be a long line */
    RESULT_MAX = 192
};

static bool is_nonzero(const char *text) {
    const char *significant = text + strspn(text, "-0.");
    return isdigit((unsigned char)*significant);
}

static bool is_one(const char *text) {
    if (text[0] != '1')
        return false;
    const char *rest = text + 1;
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0");
    return *rest == '\0';
}

static bool is_reasonable(const char *value) {
    const char *exponent = strpbrk(value, "eE");
    return strlen(value) <= DIGITS_MAX &&
           (exponent == NULL || strlen(exponent + 1) <= EXPONENT_MAX);
}

static struct facet_result formatted(struct arena *arena, const char *value, enum form form,
                                     const char *locale, const char *currency) {
    const struct formatter *formatter = formatter_get(form, locale, currency);
    if (formatter->number == NULL || !is_reasonable(value))
        return facet_text(value);
    const char *written = numeral_write(formatter->numeral, arena, value);
    if (written != NULL)
        return facet_text(written);
    UErrorCode status = U_ZERO_ERROR;
    unumf_formatDecimal(formatter->number, value, -1, formatter->result, &status);
    UChar text[RESULT_MAX];
    int32_t length = unumf_resultToString(formatter->result, text, RESULT_MAX, &status);
    return U_SUCCESS(status) ? facet_from_utf16(arena, text, length) : facet_text(value);
}

/* Three capital letters, or false. */
static bool currency_code(const char *text, char out[4]) {
    for (int i = 0; i < 3; i++) {
        if (!isalpha((unsigned char)text[i]))
            return false;
        out[i] = (char)toupper((unsigned char)text[i]);
    }
    out[3] = '\0';
    return text[3] == '\0';
}

static struct facet_result money(struct arena *arena, const char *value, const char *currency,
                                 const struct render_options *options) {
    char code[4];
    if (currency == NULL)
        currency = options->currency != NULL ? options->currency : "USD";
    /* An amount with a wrong currency beside it would be worse than one with none. */
    if (!currency_code(currency, code))
        return formatted(arena, value, FORM_NUMBER, options->locale, "");
    return formatted(arena, value, FORM_MONEY, options->locale, code);
}

static struct facet_result bytes(struct arena *arena, const char *value,
                                 const struct render_options *options) {
    /* What one decimal would make a thousand is one of the next unit: no "1,000 kB". */
    double count = strtod(value, NULL);
    const char *unit = count < 1e3        ? "byte unit-width-full-name"
                       : count < 999950   ? "kilobyte scale/0.001"
                       : count < 999950e3 ? "megabyte scale/0.000001"
                                          : "gigabyte scale/0.000000001";
    return formatted(arena, value, FORM_BYTES, options->locale, unit);
}

struct facet_result facet_of_number(struct arena *arena, const char *value, enum form form,
                                    const char *currency, const struct render_options *options) {
    if (!value_is_number(value))
        return facet_none();
    switch (form) {
    case FORM_MONEY:
        return money(arena, value, currency, options);
    case FORM_BYTES:
        return bytes(arena, value, options);
    case FORM_POSITIVE:
        return facet_bool(value[0] != '-' && is_nonzero(value));
    case FORM_NEGATIVE:
        return facet_bool(value[0] == '-' && is_nonzero(value));
    case FORM_PLURAL:
        return facet_text(is_one(value) ? "" : "s");
    default:
        return formatted(arena, value, form, options->locale, "");
    }
}
