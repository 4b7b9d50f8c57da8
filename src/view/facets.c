#include "view/facets.h"
#include "core/text.h"
#include "view/facets_internal.h"
#include "view/labels.h"
#include "view/messages.h"
#include <unicode/ustring.h>

static const struct {
    const char *name;
    enum form form;
} forms[] = {
    {"ago", FORM_AGO},           {"date", FORM_DATE},       {"time", FORM_TIME},
    {"datetime", FORM_DATETIME}, {"month", FORM_MONTH}, {"weekday", FORM_WEEKDAY},     {"iso", FORM_ISO},
    {"money", FORM_MONEY},       {"compact", FORM_COMPACT}, {"number", FORM_NUMBER},
    {"percent", FORM_PERCENT},   {"signed", FORM_SIGNED},   {"positive", FORM_POSITIVE},
    {"negative", FORM_NEGATIVE}, {"plural", FORM_PLURAL},   {"initials", FORM_INITIALS},
    {"upper", FORM_UPPER},       {"lines", FORM_LINES},     {"label", FORM_LABEL},
    {"tone", FORM_TONE},         {"any", FORM_ANY},         {"count", FORM_COUNT},
    {"bytes", FORM_BYTES},
};

#define IS_PREFIX "is_"

enum form form_by_name(const char *name) {
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (strcmp(forms[i].name, name) == 0)
            return forms[i].form;
    }
    if (text_starts(name, IS_PREFIX) && name[strlen(IS_PREFIX)] != '\0')
        return FORM_IS;
    return FORM_NONE;
}

bool facet_known(const char *name) {
    return form_by_name(name) != FORM_NONE;
}

/* "in_progress" -> "In progress" */
static const char *spelled_out(struct arena *arena, const char *code) {
    char *text = arena_strdup(arena, code);
    for (char *c = text; *c != '\0'; c++) {
        if (*c == '_')
            *c = ' ';
    }
    if (text[0] >= 'a' && text[0] <= 'z')
        text[0] = (char)(text[0] - 'a' + 'A');
    return text;
}

const char *facet_label(struct arena *arena, const char *code) {
    const char *id = label_of(code);
    return id != NULL ? messages_text(id) : spelled_out(arena, code);
}

struct facet_result facet_from_utf16(struct arena *arena, const UChar *text, int32_t length) {
    int32_t cap = length * 3 + 1;
    char *out = arena_alloc(arena, (size_t)cap);
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8(out, cap, NULL, text, length, &status);
    return U_SUCCESS(status) ? facet_text(out) : facet_none();
}

struct facet_result facet_of_form(struct arena *arena, const char *value, enum column_type type,
                                  enum form form, const char *name, const char *currency,
                                  const struct render_options *options) {
    if (value == NULL || type == COLUMN_JSON)
        return facet_none();
    switch (form) {
    case FORM_AGO:
    case FORM_DATE:
    case FORM_TIME:
    case FORM_DATETIME:
    case FORM_MONTH:
    case FORM_WEEKDAY:
    case FORM_ISO:
        return facet_of_time(arena, value, form, options);
    case FORM_MONEY:
    case FORM_COMPACT:
    case FORM_NUMBER:
    case FORM_PERCENT:
    case FORM_SIGNED:
    case FORM_BYTES:
    case FORM_POSITIVE:
    case FORM_NEGATIVE:
    case FORM_PLURAL:
        return facet_of_number(arena, value, form, currency, options);
    case FORM_INITIALS:
    case FORM_UPPER:
        return facet_of_text(arena, value, form, options->locale);
    case FORM_LINES:
        return (struct facet_result){.kind = FACET_LINES, .text = value};
    case FORM_LABEL:
        messages_use(options->locale);
        return facet_text(facet_label(arena, value));
    case FORM_TONE:
        return facet_text(tone_of(value));
    case FORM_IS:
        return facet_bool(text_equal(value, name + strlen(IS_PREFIX)));
    case FORM_ANY:
    case FORM_COUNT:
    case FORM_NONE:
        break;
    }
    return facet_none();
}

struct facet_result facet_apply(struct arena *arena, const char *value, enum column_type type,
                                const char *name, const char *currency,
                                const struct render_options *options) {
    static const struct render_options usual;
    return facet_of_form(arena, value, type, form_by_name(name), name, currency,
                         options != NULL ? options : &usual);
}
