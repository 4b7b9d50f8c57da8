/* An urlencoded body for a form with a field of every kind: what is cleaned is canonical and stays
 * so. */
#include "core/buf.h"
#include "fuzz.h"
#include "http/field_clean.h"
#include "http/form.h"
#include "http/form_data.h"

static const struct choice choices[] = {{"new", "New"}, {"in_progress", NULL}, {NULL, NULL}};

static const struct field fields[] = {
    {.name = "t", .kind = FIELD_TEXT, .label = "Text", .required = true, .min = 2, .max = 20},
    {.name = "a", .kind = FIELD_AREA, .label = "Area", .hint = "Hint", .rows = 3},
    {.name = "e", .kind = FIELD_EMAIL, .label = "Email"},
    {.name = "p", .kind = FIELD_PHONE, .label = "Phone"},
    {.name = "u", .kind = FIELD_URL, .label = "URL"},
    {.name = "w", .kind = FIELD_PASSWORD, .label = "Password", .min = 10},
    {.name = "m", .kind = FIELD_MONEY, .label = "Money"},
    {.name = "c", .kind = FIELD_PERCENT, .label = "Percent"},
    {.name = "i", .kind = FIELD_INT, .label = "Integer", .min = -10, .max = 1000},
    {.name = "d", .kind = FIELD_DATE, .label = "Date"},
    {.name = "z", .kind = FIELD_TIME, .label = "Time"},
    {.name = "o", .kind = FIELD_CHOICE, .label = "Choice", .choices = choices},
    {.name = "s", .kind = FIELD_CHOICE, .label = "Several", .choices = choices, .multiple = true},
    {.name = "r", .kind = FIELD_CHOICE, .label = "Row", .options = "rows"},
    {.name = "k", .kind = FIELD_CHECK, .label = "Check", .required = true},
    {.name = "x", .kind = FIELD_UUID, .label = "Id"},
    {.name = "h", .kind = FIELD_HIDDEN, .label = "Hidden"},
    {.name = NULL},
};

static const struct form_spec spec = {fields, NULL};

/* digits, and after a point `decimals` more of them at most */
static bool is_decimal(const char *text, size_t digits, size_t decimals) {
    size_t whole = strspn(text, "0123456789");
    if (whole == 0 || whole > digits)
        return false;
    if (text[whole] == '\0')
        return true;
    size_t rest = strspn(text + whole + 1, "0123456789");
    return text[whole] == '.' && rest > 0 && rest <= decimals && text[whole + 1 + rest] == '\0';
}

static void check_value(struct arena *arena, const struct field *field, const char *value) {
    MUST(fuzz_is_clean(value));
    MUST(*value != '\0');
    if (field->kind == FIELD_MONEY)
        MUST(is_decimal(value, 15, 2));
    if (field->kind == FIELD_PERCENT)
        MUST(is_decimal(value, 3, 3));
    if (field->kind == FIELD_DATE)
        MUST(strlen(value) == 10 && strspn(value, "0123456789-") == 10);
    if (field->kind == FIELD_TIME)
        MUST(strlen(value) == 5 && strspn(value, "0123456789:") == 5);
    if (field->kind == FIELD_CHECK)
        MUST(text_equal(value, "true") || text_equal(value, "false"));
    if (field->kind == FIELD_UUID)
        MUST(text_is_uuid(value));
    if (field->kind != FIELD_AREA && field->kind != FIELD_PASSWORD)
        MUST(header_safe(value));
    if (field_longest(field) > 0)
        MUST((long)text_utf8_length(value) <= field_longest(field));
    struct complaint complaint = {0};
    MUST(text_equal(field_clean(arena, field, value, &complaint), value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = fuzz_arena();
    struct params *sent = params_new(arena);
    const char *reason = NULL;
    if (urlencoded_parse((const char *)data, size, sent, &reason) != OK)
        return 0;
    struct form *form = form_new(arena, &spec);
    bool valid = form_take(form, sent);
    MUST(valid == form_valid(form));
    for (const struct field *field = fields; field->name != NULL; field++) {
        const char *value = form_value(form, field->name);
        if (value != NULL)
            check_value(arena, field, value);
        MUST(!valid || !field->required || value != NULL);
    }
    /* The model is slow to build and looks at few bytes of what was sent: not every time. */
    if (size % 16 != 0)
        return 0;
    struct model *page = model_new(arena, NULL);
    struct buf json;
    buf_init(&json, (size_t)1024 * 1024);
    form_model(form, page, NULL, NULL);
    model_to_json(page, &json);
    MUST(!buf_overflowed(&json) && text_utf8_valid(buf_text(&json), json.len));
    buf_free(&json);
    return 0;
}
