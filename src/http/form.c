#include "http/form.h"
#include "core/i18n.h"
#include "core/log.h"
#include "core/text.h"
#include "http/form_internal.h"

enum { SEVERAL_MAX = 64 * 1024, SPARE = 1024 /* bytes */ };

/* Names that the model of a form has beside its fields. */
static const char *const taken[] = {"fields", "errors", "has_errors", "error_count"};

struct form *form_new(struct arena *arena, const struct form_spec *spec) {
    struct form *form = arena_alloc(arena, sizeof *form);
    *form = (struct form){.arena = arena, .spec = spec};
    while (spec->fields[form->count].name != NULL) {
        const char *name = spec->fields[form->count++].name;
        for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
            if (text_equal(name, taken[i])) {
                log_event(LOG_ERROR, "form_failed", "why", "field name is taken", "field", "%s",
                          name, NULL);
                abort();
            }
        }
    }
    form->slots = arena_array(arena, form->count + 1, sizeof *form->slots);
    return form;
}

/* Index of the field, or form->count. */
static size_t field_index(const struct form *form, const char *name) {
    size_t i = 0;
    while (i < form->count && !text_equal(form->spec->fields[i].name, name))
        i++;
    return i;
}

static const char *missing_message(const struct field *field) {
    if (field->missing != NULL)
        return field->missing;
    if (field->kind == FIELD_CHECK)
        return N_("Tick “{label}” to go on.");
    if (field->kind == FIELD_CHOICE || field->kind == FIELD_UUID)
        return N_("Choose {the_label}.");
    return N_("Enter {the_label}.");
}

/* As much of a text as the field can need. What is longer is longer than the field takes, too, but
 * is neither worked on nor shown again as a whole. */
static const char *bounded(struct arena *arena, const struct field *field, const char *text) {
    size_t most = field->multiple ? SEVERAL_MAX : SPARE + 4 * (size_t)field_longest(field);
    if (strlen(text) <= most)
        return text;
    while (most > 0 && ((unsigned char)text[most] & 0xC0) == 0x80)
        most--;
    return arena_strndup(arena, text, most);
}

/* All that was sent under the field's name, with commas between; NULL when there is nothing. */
static const char *join_sent(struct arena *arena, const struct field *field,
                             const struct params *sent) {
    size_t size = 0;
    for (size_t i = 0; i < sent->count; i++) {
        if (text_equal(sent->items[i].name, field->name) && sent->items[i].value != NULL)
            size += strlen(sent->items[i].value) + 1;
    }
    char *joined = arena_alloc(arena, size + 1);
    char *end = joined;
    for (size_t i = 0; i < sent->count; i++) {
        const char *value = sent->items[i].value;
        if (!text_equal(sent->items[i].name, field->name) || text_blank(value))
            continue;
        if (end > joined)
            *end++ = ',';
        memcpy(end, value, strlen(value));
        end += strlen(value);
    }
    return end > joined ? joined : NULL;
}

/* What was sent under the field's name: the first, or all for `multiple`; NULL when absent. */
static const char *find_sent(struct arena *arena, const struct field *field,
                             const struct params *sent) {
    const char *text = field->multiple && sent != NULL ? join_sent(arena, field, sent)
                                                       : params_get(sent, field->name);
    return text != NULL ? bounded(arena, field, text) : NULL;
}

/* Ticked boxes come behind a hidden "false" of the same name in some forms. */
static const char *find_ticked(struct arena *arena, const struct field *field,
                               const struct params *sent) {
    struct complaint none = {0};
    for (size_t i = 0; sent != NULL && i < sent->count; i++) {
        const struct param *param = &sent->items[i];
        if (!text_equal(param->name, field->name) || param->value == NULL)
            continue;
        const char *value = bounded(arena, field, param->value);
        if (text_equal(field_clean(arena, field, value, &none), "true"))
            return "true";
    }
    return "false";
}

static void take_field(struct form *form, size_t i, const struct params *sent) {
    const struct field *field = &form->spec->fields[i];
    struct slot *slot = &form->slots[i];
    *slot = (struct slot){0};
    if (field->kind == FIELD_FILE)
        return; /* whoever takes the files knows which ones it wants */
    if (field->kind == FIELD_CHECK) {
        slot->shown = slot->value = find_ticked(form->arena, field, sent);
        if (field->required && text_equal(slot->value, "false")) {
            slot->value = NULL;
            slot->complaint.message = missing_message(field);
        }
        return;
    }
    slot->shown = find_sent(form->arena, field, sent);
    if (slot->shown != NULL)
        slot->value = field_clean(form->arena, field, slot->shown, &slot->complaint);
    if (slot->value == NULL && slot->complaint.message == NULL && field->required)
        slot->complaint.message = missing_message(field);
}

bool form_take(struct form *form, const struct params *sent) {
    form->notes = NULL;
    for (size_t i = 0; i < form->count; i++)
        take_field(form, i, sent);
    return form_valid(form);
}

void form_fill(struct form *form, const struct rows *row) {
    if (row == NULL || row->nrows == 0)
        return;
    for (size_t i = 0; i < form->count; i++) {
        const char *name = form->spec->fields[i].name;
        if (rows_column(row, name) < 0)
            continue;
        if (form->spec->fields[i].kind == FIELD_CHECK)
            form_set(form, name, rows_true(row, 0, name) ? "true" : "false");
        else
            form_set(form, name, rows_get(row, 0, name));
    }
}

void form_set(struct form *form, const char *field, const char *value) {
    size_t i = field_index(form, field);
    if (i == form->count)
        return;
    const char *copy = value != NULL && *value != '\0' ? arena_strdup(form->arena, value) : NULL;
    form->slots[i] = (struct slot){.shown = copy, .value = copy};
}

const char *form_value(const struct form *form, const char *field) {
    size_t i = field_index(form, field);
    return i < form->count ? form->slots[i].value : NULL;
}

bool form_valid(const struct form *form) {
    for (size_t i = 0; i < form->count; i++) {
        if (form->slots[i].complaint.message != NULL)
            return false;
    }
    return form->notes == NULL;
}

void form_error(struct form *form, const char *field, const char *message) {
    size_t i = field_index(form, field);
    if (i < form->count) {
        if (form->slots[i].complaint.message == NULL)
            form->slots[i].complaint =
                (struct complaint){.message = message, .value = form->slots[i].shown};
        form->slots[i].value = NULL;
        return;
    }
    struct form_note **end = &form->notes;
    while (*end != NULL)
        end = &(*end)->next;
    *end = arena_alloc(form->arena, sizeof **end);
    (*end)->message = message;
}

void form_error_about(struct form *form, const char *field, const char *message, const char *value,
                      long max) {
    size_t i = field_index(form, field);
    form_error(form, field, message);
    if (i < form->count && form->slots[i].complaint.message == message) {
        form->slots[i].complaint.value = value;
        form->slots[i].complaint.max = max;
    }
}

bool form_conflict(struct form *form, const char *constraint) {
    const struct form_conflict *conflict = form->spec->conflicts;
    for (; conflict != NULL && conflict->constraint != NULL; conflict++) {
        if (text_equal(conflict->constraint, constraint)) {
            form_error(form, conflict->field, conflict->message);
            return true;
        }
    }
    return false;
}

void form_params(const struct form *form, struct params *out) {
    for (size_t i = 0; i < form->count; i++) {
        if (form->spec->fields[i].kind != FIELD_PASSWORD)
            params_set(out, form->spec->fields[i].name, form->slots[i].value);
    }
}

static void put_problem(struct form_problem *out, size_t i, size_t max, struct form_problem problem) {
    if (i < max)
        out[i] = problem;
}

size_t form_problems(const struct form *form, struct form_problem *out, size_t max) {
    size_t n = 0;
    for (const struct form_note *note = form->notes; note != NULL; note = note->next)
        put_problem(out, n++, max, (struct form_problem){.message = note->message});
    for (size_t i = 0; i < form->count; i++) {
        const struct complaint *complaint = &form->slots[i].complaint;
        if (complaint->message != NULL)
            put_problem(out, n++, max,
                        (struct form_problem){.field = form->spec->fields[i].name,
                                              .message = complaint->message,
                                              .value = complaint->value,
                                              .min = complaint->min,
                                              .max = complaint->max,
                                              .count = complaint->count});
    }
    return n;
}

const char *form_problem_text(struct arena *arena, const struct form_spec *spec, const struct form_problem *problem) {
    static const struct field none = {.name = ""};
    const struct complaint complaint = {problem->message, problem->value, problem->min, problem->max, problem->count};
    const struct field *field = spec->fields;
    while (field->name != NULL && !text_equal(field->name, problem->field))
        field++;
    return complaint_text(arena, &complaint, field->name != NULL ? field : &none);
}
