#include "domain/imports/import_lead.h"

#include "core/i18n.h"
#include "core/text.h"
#include "domain/duplicates/duplicates.h"
#include "domain/imports/import_header_rules.h"
#include "domain/leads/leads.h"
#include <string.h>

enum { PROBLEMS_MAX = 24, VALUE_KEPT = 200 /* bytes of a value in a problem */ };

/* ── From cells to what was sent ── */

/* What a row says about money beside its amounts. */
struct money {
    const char *currency; /* that stands beside an amount */
    bool several;
};

static const char *upper(struct arena *arena, const char *text) {
    char *copy = arena_strdup(arena, text);
    for (char *c = copy; *c; c++)
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c;
    return copy;
}

static const char *amount(struct arena *arena, const struct import_target *target, const char *cell,
                          struct money *money) {
    const char *currency = NULL;
    const char *text = import_amount(arena, cell, target->numbers, &currency);
    if (currency) {
        money->several =
            money->several || (money->currency && !text_equal(money->currency, currency));
        money->currency = currency;
    }
    return text;
}

static const char *convert(struct arena *arena, const struct import_target *target,
                           const char *cell, struct money *money) {
    const char *text = import_plain(cell);
    const struct field *field = target->field;
    if (field->kind == FIELD_DATE) {
        const char *date = import_date(arena, text, target->dates);
        return date ? date : text;
    }
    if (field->kind == FIELD_MONEY)
        return amount(arena, target, text, money);
    if (field->kind == FIELD_INT)
        return import_whole(arena, text);
    if (text_equal(field->name, "currency"))
        return upper(arena, text);
    if (text_equal(field->name, "client_phone"))
        return import_phone(arena, text);
    return field->kind == FIELD_CHOICE ? import_choice(field, text) : text;
}

static void put(struct arena *arena, struct params *sent, const char *name, const char *value) {
    const char *before = params_get(sent, name), *joint = import_field_joint(name);
    params_set(sent, name,
               before && joint ? arena_printf(arena, "%s%s%s", before, joint, value) : value);
}

static struct params *sent_by(struct arena *arena, const struct import_source *source,
                              const struct import_row *row, struct money *money) {
    struct params *sent = params_new(arena);
    const struct import_plan *plan = source->plan;
    for (size_t i = 0; i < plan->count && i < row->count; i++)
        if (plan->targets[i].field && *row->cells[i] != '\0')
            put(arena, sent, plan->targets[i].field->name,
                convert(arena, &plan->targets[i], row->cells[i], money));
    if (!params_get(sent, "currency") && money->currency)
        params_set(sent, "currency", money->currency);
    for (size_t i = 0; i < source->constants->count; i++)
        if (!params_get(sent, source->constants->items[i].name))
            params_set(sent, source->constants->items[i].name, source->constants->items[i].value);
    if (!params_get(sent, "source"))
        params_set(sent, "source", "import");
    params_set(sent, "consent",
               "true"); /* asked for once, for all of them, before anything is written */
    return sent;
}

/* ── What a form in a browser cannot have wrong ── */

static void check_cells(struct form *form, const struct import_source *source,
                        const struct import_row *row) {
    for (size_t i = source->columns; i < row->count; i++) {
        if (*row->cells[i] != '\0') {
            form_error(form, NULL,
                       N_("This row has more cells than there are columns: perhaps a separator in "
                          "a text is not quoted."));
            return;
        }
    }
}

static void check_currency(struct arena *arena, struct form *form,
                           const struct import_source *source, const struct money *money) {
    const char *currency = form_value(form, "currency");
    if (money->several || (currency && money->currency && !text_equal(currency, money->currency)))
        form_error(form, "currency",
                   N_("The amounts of this row are in several currencies. One is possible."));
    else if (currency && !strstr(source->currencies, arena_printf(arena, " %s ", currency)))
        form_error(form, "currency", N_("Choose one of the listed currencies."));
}

static void check_phone(struct form *form, const struct params *sent) {
    const char *phone = params_get(sent, "client_phone");
    if (!phone || !import_phone_is_cut(phone))
        return;
    form_set(form, "client_phone",
             phone); /* instead of what the form says of it, which would not help */
    form_error(form, "client_phone",
               N_("“{value}” was changed by a spreadsheet. Format the column as text and enter "
                  "the number again."));
}

/* The form's own sentence is for somebody who sees the list. */
static void check_choices(struct form *form, const struct params *sent) {
    struct form_problem problems[PROBLEMS_MAX];
    size_t count = form_problems(form, problems, PROBLEMS_MAX);
    for (size_t i = 0; i < count && i < PROBLEMS_MAX; i++) {
        const struct field *field = problems[i].field ? import_field(problems[i].field) : NULL;
        const char *value =
            field && field->kind == FIELD_CHOICE ? params_get(sent, field->name) : NULL;
        if (!value || *value == '\0')
            continue;
        form_set(form, field->name, value);
        form_error_about(form, field->name,
                         N_("“{value}” is none of the options for “{label}”. Write one that the "
                            "form has, or nothing."),
                         value, 0);
    }
}

struct form *import_lead_form(struct arena *arena, const struct import_source *source,
                              const struct import_row *row) {
    struct money money = {0};
    struct params *sent = sent_by(arena, source, row, &money);
    struct form *form = form_new(arena, &lead_full_form);
    (void)form_take(form, sent);
    check_phone(form, sent);
    check_choices(form, sent);
    lead_form_check(form, sent);
    check_cells(form, source, row);
    check_currency(arena, form, source, &money);
    return form;
}

/* ── JSON ── */

/* Cells are UTF-8 without control characters but tabs and line ends. */
static void write_text(struct buf *out, const char *text, size_t size) {
    buf_putc(out, '"');
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"' || text[i] == '\\')
            buf_putc(out, '\\');
        if (text[i] == '\n')
            buf_puts(out, "\\n");
        else if ((unsigned char)text[i] < 0x20)
            buf_puts(out, "\\t");
        else
            buf_putc(out, text[i]);
    }
    buf_putc(out, '"');
}

static void write_cells(struct buf *out, const struct import_row *row) {
    buf_puts(out, ",\"cells\":[");
    for (size_t i = 0; i < row->count; i++) {
        if (i > 0)
            buf_putc(out, ',');
        write_text(out, row->cells[i], strlen(row->cells[i]));
    }
    buf_putc(out, ']');
}

static void write_lead(struct buf *out, const struct form *form, const char *region) {
    char phone[PHONE_E164_SIZE];
    bool first = true;
    buf_puts(out, ",\"lead\":{");
    for (const struct field *field = import_fields(); field->name; field++) {
        const char *value = form_value(form, field->name);
        if (!value)
            continue;
        buf_printf(out, "%s\"%s\":", first ? "" : ",", field->name);
        write_text(out, value, strlen(value));
        first = false;
    }
    if (phone_to_e164(form_value(form, "client_phone"), region, phone))
        buf_printf(out, ",\"phone_e164\":\"%s\"", phone);
    buf_putc(out, '}');
}

static size_t kept(const char *value) {
    size_t size = strlen(value);
    if (size <= VALUE_KEPT)
        return size;
    for (size = VALUE_KEPT; size > 0 && ((unsigned char)value[size] & 0xC0) == 0x80;)
        size--;
    return size;
}

/* As the file has it, where one column holds it: what was made of a date is not what somebody looks for. */
static const char *as_written(const struct import_source *source, const struct import_row *row,
                              const struct form_problem *problem) {
    const char *cell = NULL;
    for (size_t i = 0; problem->value && i < source->plan->count && i < row->count; i++) {
        const struct field *field = source->plan->targets[i].field;
        if (!field || !text_equal(field->name, problem->field) || *row->cells[i] == '\0')
            continue;
        if (cell)
            return problem->value;
        cell = import_plain(row->cells[i]);
    }
    return cell ? cell : problem->value;
}

static void write_problem(struct buf *out, const struct form_problem *problem) {
    buf_putc(out, '{');
    if (problem->field)
        buf_printf(out, "\"field\":\"%s\",", problem->field);
    if (problem->value) {
        buf_puts(out, "\"value\":");
        write_text(out, problem->value, kept(problem->value));
        buf_putc(out, ',');
    }
    if (problem->min != 0 || problem->max != 0 || problem->count != 0)
        buf_printf(out, "\"min\":%ld,\"max\":%ld,\"count\":%ld,", problem->min, problem->max,
                   problem->count);
    buf_puts(out, "\"message\":");
    write_text(out, problem->message, strlen(problem->message));
    buf_putc(out, '}');
}

void import_lead_write(struct arena *arena, const struct import_source *source,
                       const struct import_row *row, struct buf *out) {
    struct form *form = import_lead_form(arena, source, row);
    struct form_problem problems[PROBLEMS_MAX];
    size_t count = form_problems(form, problems, PROBLEMS_MAX);
    buf_printf(out, "{\"number\":%ld", row->number);
    write_cells(out, row);
    if (count == 0)
        write_lead(out, form, source->region);
    buf_puts(out, ",\"problems\":[");
    for (size_t i = 0; i < count && i < PROBLEMS_MAX; i++) {
        if (i > 0)
            buf_putc(out, ',');
        problems[i].value = as_written(source, row, &problems[i]);
        write_problem(out, &problems[i]);
    }
    buf_puts(out, "]}");
}
