#include "core/log.h"
#include "core/text.h"
#include "http/form_internal.h"
#include "view/facets.h"
#include "view/messages.h"

enum { MESSAGE_MAX = 2048 /* bytes */, VALUE_SHOWN = 40 /* characters */, AREA_ROWS = 4, MEBIBYTE = 1 << 20 };

static const struct {
    const char *is; /* name of the boolean that only this kind has */
    const char *type;
    const char *inputmode;
} kinds[] = {
    [FIELD_TEXT] = {"is_text", "text", NULL},
    [FIELD_AREA] = {"is_area", NULL, NULL},
    [FIELD_EMAIL] = {"is_email", "email", "email"},
    [FIELD_PHONE] = {"is_phone", "tel", "tel"},
    [FIELD_URL] = {"is_url", "url", "url"},
    [FIELD_PASSWORD] = {"is_password", "password", NULL},
    [FIELD_MONEY] = {"is_money", "text", "decimal"},
    [FIELD_PERCENT] = {"is_percent", "text", "decimal"},
    [FIELD_INT] = {"is_int", "text", "numeric"},
    [FIELD_DATE] = {"is_date", "date", NULL},
    [FIELD_TIME] = {"is_time", "time", NULL},
    [FIELD_CHOICE] = {"is_choice", NULL, NULL},
    [FIELD_CHECK] = {"is_check", "checkbox", NULL},
    [FIELD_UUID] = {"is_uuid", NULL, NULL},
    [FIELD_HIDDEN] = {"is_hidden", NULL, NULL},
    [FIELD_FILE] = {"is_file", "file", NULL},
};

struct options {
    const struct rows *(*find)(void *context, const char *name);
    void *context;
};

static const char *translated(const char *id) {
    return id != NULL ? messages_text(id) : NULL;
}

static bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

/* "Client's name" as it stands inside an English sentence: "the client's name". A label in another
 * language stays as its catalogue has it. */
static const char *label_in_words(struct arena *arena, const struct field *field) {
    const char *label = translated(field->label != NULL ? field->label : field->name);
    if (field->label == NULL || !text_equal(label, field->label))
        return label;
    size_t word = strcspn(label, " ");
    bool acronym = false;
    for (size_t i = 1; i < word; i++)
        acronym = acronym || is_upper(label[i]) || (label[i] >= '0' && label[i] <= '9');
    bool addressed = text_starts(label, "Your ") || text_starts(label, "The ");
    char *words = arena_printf(arena, "%s%s", addressed ? "" : "the ", label);
    char *first = words + (addressed ? 0 : 4);
    if (is_upper(*first) && !acronym)
        *first = (char)(*first - 'A' + 'a');
    return words;
}

/* The value on one line, cut when it is long. */
static void put_value(struct buf *out, const char *value) {
    size_t size = strlen(value);
    size_t shown = 0;
    size_t at = 0;
    while (at < size && shown < VALUE_SHOWN) {
        size_t step = text_utf8_next(value + at, size - at);
        step = step > 0 ? step : 1;
        if (value[at] == '\n' || value[at] == '\t')
            buf_putc(out, ' ');
        else if (value[at] != '\r')
            buf_append(out, value + at, step);
        at += step;
        shown++;
    }
    if (at < size)
        buf_puts(out, "…");
}

/* Writes what the name in braces stands for; false when it is none of ours. */
static bool put_placeholder(struct buf *out, struct arena *arena, const char *name,
                            const struct complaint *complaint, const struct field *field) {
    if (text_equal(name, "label"))
        buf_puts(out, translated(field->label != NULL ? field->label : field->name));
    else if (text_equal(name, "the_label"))
        buf_puts(out, label_in_words(arena, field));
    else if (text_equal(name, "value"))
        put_value(out, complaint->value != NULL ? complaint->value : "");
    else if (text_equal(name, "min"))
        buf_printf(out, "%ld", complaint->min);
    else if (text_equal(name, "max"))
        buf_printf(out, "%ld", complaint->max);
    else if (text_equal(name, "count") && complaint->count == FORM_COUNT_MANY)
        buf_puts(out, "…");
    else if (text_equal(name, "count"))
        buf_printf(out, "%ld", complaint->count);
    else
        return false;
    return true;
}

const char *complaint_text(struct arena *arena, const struct complaint *complaint,
                           const struct field *field) {
    struct buf out;
    buf_init(&out, MESSAGE_MAX);
    const char *at = messages_text(complaint->message);
    while (*at != '\0') {
        size_t plain = strcspn(at, "{");
        buf_append(&out, at, plain);
        at += plain;
        const char *close = *at == '{' ? strchr(at, '}') : NULL;
        if (close != NULL) {
            char *name = arena_strndup(arena, at + 1, (size_t)(close - at) - 1);
            if (put_placeholder(&out, arena, name, complaint, field)) {
                at = close + 1;
                continue;
            }
        }
        if (*at != '\0')
            buf_putc(&out, *at++);
    }
    const char *text = arena_strdup(arena, buf_text(&out));
    buf_free(&out);
    return text;
}

bool choice_selected(const struct field *field, const char *value, const char *item) {
    if (value == NULL || !field->multiple)
        return text_equal(value, item);
    size_t size = strlen(item);
    for (const char *at = value; *at != '\0';) {
        size_t part = strcspn(at, ",");
        if (part == size && memcmp(at, item, size) == 0)
            return true;
        at += part + (at[part] == ',');
    }
    return false;
}

static void add_option(struct model_list *list, struct arena *arena, const struct field *field,
                       const char *shown, const char *value, const char *label, size_t index) {
    struct model *option = model_list_add(list);
    model_set_text(option, "value", value);
    model_set_text(option, "label", label);
    model_set_bool(option, "selected", choice_selected(field, shown, value));
    if (field->multiple)
        model_set_text(option, "id", arena_printf(arena, "f-%s-%zu", field->name, index));
}

/* A choice's own label, or how its code reads. */
static const char *choice_label(struct arena *arena, const struct choice *choice) {
    return choice->label != NULL ? translated(choice->label) : facet_label(arena, choice->value);
}

static void set_options(struct model *into, struct arena *arena, const struct field *field,
                        const char *shown, const struct options *options) {
    struct model_list *list = model_set_list(into, "options");
    size_t count = 0;
    for (const struct choice *choice = field->choices; choice != NULL && choice->value != NULL;
         choice++)
        add_option(list, arena, field, shown, choice->value, choice_label(arena, choice), count++);
    const struct rows *rows = field->choices == NULL && field->options != NULL && options->find
                                  ? options->find(options->context, field->options)
                                  : NULL;
    for (size_t i = 0; rows != NULL && i < rows->nrows; i++) {
        const char *value = rows_get(rows, i, "value");
        const char *label = rows_get(rows, i, "label");
        if (value != NULL)
            add_option(list, arena, field, shown, value, label != NULL ? label : value, count++);
    }
    model_set_bool(into, "has_options", count > 0);
}

static void set_kind(struct model *into, const struct field *field) {
    /* A row's id that is chosen from a list is drawn as a list. */
    bool listed = field->choices != NULL || field->options != NULL;
    enum field_kind kind = field->kind == FIELD_UUID && listed ? FIELD_CHOICE : field->kind;
    model_set_bool(into, kinds[kind].is, true);
    const char *inputmode = kinds[kind].inputmode;
    if (kind == FIELD_INT && field->min < 0)
        inputmode = NULL; /* numeric keypads have no minus */
    model_set_text(into, "type", kinds[kind].type);
    model_set_text(into, "inputmode", inputmode);
    model_set_bool(into, "is_input",
                   kinds[kind].type != NULL && kind != FIELD_CHECK && kind != FIELD_FILE);
}

/* What the browser can say about files before it sends them. */
static void set_file_limits(struct model *into, const struct field *field) {
    model_set_text(into, "size_max", NULL);
    model_set_text(into, "size_max_mb", NULL);
    model_set_text(into, "count_max", NULL);
    if (field->size_max > 0) {
        model_set_int(into, "size_max", field->size_max);
        model_set_int(into, "size_max_mb", field->size_max / MEBIBYTE);
    }
    if (field->count_max > 0)
        model_set_int(into, "count_max", field->count_max);
}

static void set_bounds(struct model *into, const struct field *field) {
    bool bounded = field->kind == FIELD_INT && (field->min != 0 || field->max != 0);
    long longest = field_longest(field);
    model_set_text(into, "min", NULL);
    model_set_text(into, "max", NULL);
    if (bounded)
        model_set_int(into, "min", field->min);
    if (bounded || longest > 0)
        model_set_int(into, "max", bounded ? field->max : longest);
    model_set_text(into, "rows", NULL);
    if (field->kind == FIELD_AREA)
        model_set_int(into, "rows", field->rows > 0 ? field->rows : AREA_ROWS);
}

/* The ids by which a control names its hint and its error to a screen reader. */
static void set_ids(struct model *into, struct arena *arena, const struct field *field,
                    bool invalid) {
    const char *id = arena_concat(arena, "f-", field->name, NULL);
    const char *hint_id = field->hint != NULL ? arena_concat(arena, id, "-hint", NULL) : NULL;
    const char *error_id = invalid ? arena_concat(arena, id, "-error", NULL) : NULL;
    const char *described_by = invalid ? error_id : hint_id;
    if (invalid && hint_id != NULL)
        described_by = arena_concat(arena, error_id, " ", hint_id, NULL);
    model_set_text(into, "id", id);
    model_set_text(into, "hint_id", hint_id);
    model_set_text(into, "error_id", error_id);
    model_set_text(into, "described_by", described_by);
}

static void set_field(struct model *into, const struct form *form, size_t i,
                      const struct options *options) {
    const struct field *field = &form->spec->fields[i];
    const struct slot *slot = &form->slots[i];
    bool invalid = slot->complaint.message != NULL;
    const char *shown = field->kind == FIELD_PASSWORD ? NULL : slot->shown;

    model_set_text(into, "name", field->name);
    model_set_text(into, "label", translated(field->label));
    model_set_text(into, "hint", translated(field->hint));
    model_set_text(into, "value", shown);
    model_set_text(into, "error",
                   invalid ? complaint_text(form->arena, &slot->complaint, field) : NULL);
    model_set_bool(into, "invalid", invalid);
    model_set_bool(into, "required", field->required);
    model_set_bool(into, "multiple", field->multiple);
    model_set_bool(into, "checked", field->kind == FIELD_CHECK && text_equal(shown, "true"));
    model_set_text(into, "autocomplete", field->autocomplete);
    model_set_text(into, "accept", field->accept);
    set_kind(into, field);
    set_bounds(into, field);
    set_file_limits(into, field);
    set_ids(into, form->arena, field, invalid);
    set_options(into, form->arena, field, shown, options);
}

void form_errors(const struct form *form, struct model *into) {
    struct model_list *errors = model_set_list(into, "errors");
    long count = 0;
    for (const struct form_note *note = form->notes; note != NULL; note = note->next, count++) {
        struct model *error = model_list_add(errors);
        model_set_text(error, "field", NULL);
        model_set_text(error, "id", NULL);
        model_set_text(error, "text", messages_text(note->message));
    }
    for (size_t i = 0; i < form->count; i++) {
        const struct field *field = &form->spec->fields[i];
        const struct complaint *complaint = &form->slots[i].complaint;
        if (complaint->message == NULL)
            continue;
        struct model *error = model_list_add(errors);
        model_set_text(error, "field", field->name);
        model_set_text(error, "id", arena_concat(form->arena, "f-", field->name, NULL));
        model_set_text(error, "text", complaint_text(form->arena, complaint, field));
        count++;
    }
    model_set_bool(into, "has_errors", count > 0);
    model_set_int(into, "error_count", count);
}

void form_model(const struct form *form, struct model *model,
                const struct rows *(*find)(void *context, const char *name), void *context) {
    const struct options options = {find, context};
    struct model *into = model_set_object(model, "form");
    struct model_list *fields = model_set_list(into, "fields");
    for (size_t i = 0; i < form->count; i++) {
        struct model *field = model_list_add(fields);
        set_field(field, form, i, &options);
        model_set_model(into, form->spec->fields[i].name, field);
    }
    form_errors(form, into);
}
