#include "core/text.h"
#include "domain/imports/import_header_rules.h"
#include "domain/imports/import_plan.h"
#include "domain/imports/imports.h"
#include "view/messages.h"
#include <jansson.h>

/* ── What the file has ── */

struct found {
    size_t count;
    json_t *columns; /* as import_columns_json() wrote it; released by whoever took it */
};

static struct found found_in(const struct ctx *ctx, enum query query) {
    json_t *columns = json_loads(ctx_column(ctx, query, "columns"), 0, NULL);
    size_t count = json_array_size(columns);
    return (struct found){count < IMPORT_COLUMNS_MAX ? count : IMPORT_COLUMNS_MAX, columns};
}

static const char *text_in(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static long number_in(const json_t *object, const char *name) {
    return (long)json_integer_value(json_object_get(object, name));
}

/* ── What is guessed ── */

static const char *remembered(const struct rows *headers, const char *plain) {
    for (size_t i = 0; i < headers->nrows; i++)
        if (text_equal(rows_get(headers, i, "header"), plain))
            return rows_get(headers, i, "field");
    return NULL;
}

/* By what stands in it, where its name says nothing. */
static const char *field_by_content(const json_t *column, int *certainty) {
    long filled = number_in(column, "filled");
    *certainty = 1;
    if (filled > 0 && number_in(column, "emails") * 10 > filled * 8)
        return "client_email";
    if (filled > 0 && number_in(column, "phones") * 10 > filled * 8 &&
        number_in(json_object_get(column, "dates"), "cells") == 0)
        return "client_phone";
    return NULL;
}

static void guess(struct ctx *ctx, const struct found *found, struct import_plan *plan) {
    const char *fields[IMPORT_COLUMNS_MAX];
    int certainties[IMPORT_COLUMNS_MAX];
    for (size_t i = 0; i < found->count; i++) {
        const json_t *column = json_array_get(found->columns, i);
        const char *plain = import_header_plain(ctx->arena, text_in(column, "header"));
        fields[i] = remembered(ctx_rows(ctx, Q_import_headers), plain);
        certainties[i] = IMPORT_SURE;
        if (!fields[i])
            fields[i] = import_header_field(plain, &certainties[i]);
        if (!fields[i])
            fields[i] = field_by_content(column, &certainties[i]);
    }
    import_settle_fields(fields, certainties, found->count);
    for (size_t i = 0; i < found->count; i++) {
        const json_t *column = json_array_get(found->columns, i);
        plan->targets[i] = (struct import_target){.field = import_field(fields[i])};
        (void)import_dates_find(text_in(json_object_get(column, "dates"), "order"),
                                &plan->targets[i].dates);
        (void)import_numbers_find(text_in(json_object_get(column, "numbers"), "style"),
                                  &plan->targets[i].numbers);
    }
}

/* ── What was chosen ── */

static const char *chosen(const struct ctx *ctx, const char *what, size_t i) {
    return params_get(ctx->request->form, arena_printf(ctx->arena, "%s-%zu", what, i));
}

static void take(const struct ctx *ctx, struct import_plan *plan) {
    for (size_t i = 0; i < plan->count; i++) {
        struct import_target *target = &plan->targets[i];
        *target = (struct import_target){.field = import_field(chosen(ctx, "column", i))};
        (void)import_dates_find(chosen(ctx, "dates", i), &target->dates);
        (void)import_numbers_find(chosen(ctx, "numbers", i), &target->numbers);
    }
}

/* ── The page ── */

/* "A", "B" … "CV", as spreadsheets call columns without a name. */
static const char *column_name(struct ctx *ctx, const json_t *column, size_t i) {
    const char *header = text_in(column, "header");
    if (*header)
        return header;
    const char *letters =
        i < 26 ? arena_printf(ctx->arena, "%c", (int)('A' + i))
               : arena_printf(ctx->arena, "%c%c", (int)('A' + i / 26 - 1), (int)('A' + i % 26));
    return arena_printf(ctx->arena, _("Column %s"), letters);
}

static void add_option(struct model_list *list, const char *value, const char *label,
                       bool selected) {
    struct model *option = model_list_add(list);
    model_set_text(option, "value", value);
    model_set_text(option, "label", label);
    model_set_bool(option, "selected", selected);
}

static void show_fields(struct model *into, const struct import_target *target) {
    struct model_list *options = model_set_list(into, "options");
    for (const struct field *field = import_fields(); field->name; field++)
        add_option(options, field->name, messages_text(field->label), target->field == field);
}

/* Only where it matters: how the days or amounts of this column are written. */
static bool show_dates(struct ctx *ctx, struct model *into, const json_t *column,
                       const struct import_target *target) {
    const json_t *dates = json_object_get(column, "dates");
    static const char *const written[DATES_ORDERS] = {
        [DATES_DMY] = "31/12/2026", [DATES_MDY] = "12/31/2026", [DATES_YMD] = "2026-12-31"};
    bool matters = number_in(dates, "cells") * 2 > number_in(column, "filled");
    struct model_list *options = model_set_list(into, "dates");
    for (int order = 0; matters && order < DATES_ORDERS; order++)
        add_option(options, import_dates_code((enum import_dates)order), written[order],
                   target->dates == (enum import_dates)order);
    bool unsure = matters && !json_is_true(json_object_get(dates, "certain"));
    const char *sample = json_string_value(json_array_get(json_object_get(column, "samples"), 0));
    const char *read = matters && sample ? import_date(ctx->arena, sample, target->dates) : NULL;
    model_set_bool(into, "dates_unsure", unsure);
    model_set_text(into, "dates_sample", read ? arena_strdup(ctx->arena, sample) : NULL);
    model_set_typed(into, "dates_read", read, COLUMN_DATE);
    return matters;
}

static bool show_numbers(struct model *into, const json_t *column,
                         const struct import_target *target) {
    const json_t *numbers = json_object_get(column, "numbers");
    static const char *const written[NUMBERS_STYLES] = {
        [NUMBERS_POINT] = "1,250.50", [NUMBERS_COMMA] = "1.250,50"};
    bool certain = json_is_true(json_object_get(numbers, "certain"));
    bool matters = number_in(numbers, "cells") * 2 > number_in(column, "filled") &&
                   (target->numbers == NUMBERS_COMMA || !certain);
    struct model_list *options = model_set_list(into, "numbers");
    for (int style = 0; matters && style < NUMBERS_STYLES; style++)
        add_option(options, import_numbers_code((enum import_numbers)style), written[style],
                   target->numbers == (enum import_numbers)style);
    model_set_bool(into, "numbers_unsure", matters && !certain);
    return matters;
}

static void show_columns(struct ctx *ctx, const struct found *found, const struct import_plan *plan,
                         size_t wrong) {
    struct model_list *list = model_set_list(ctx->page, "columns");
    for (size_t i = 0; i < found->count; i++) {
        const json_t *column = json_array_get(found->columns, i);
        struct model *into = model_list_add(list);
        model_set_int(into, "index", (long)i);
        model_set_text(into, "name", arena_strdup(ctx->arena, column_name(ctx, column, i)));
        struct model_list *samples = model_set_list(into, "samples");
        for (size_t s = 0; s < json_array_size(json_object_get(column, "samples")); s++)
            model_set_text(model_list_add(samples), "text",
                           arena_strdup(ctx->arena, json_string_value(json_array_get(
                                                        json_object_get(column, "samples"), s))));
        model_set_bool(into, "wrong", i == wrong);
        model_set_bool(into, "used", plan->targets[i].field != NULL);
        show_fields(into, &plan->targets[i]);
        bool dates = show_dates(ctx, into, column, &plan->targets[i]);
        bool numbers = show_numbers(into, column, &plan->targets[i]);
        model_set_bool(into, "written", dates || numbers);
    }
}

static void fill_constants(struct ctx *ctx) {
    json_t *constants = json_loads(ctx_column(ctx, Q_import_get, "constants"), 0, NULL), *value;
    const char *name;
    json_object_foreach(constants, name, value) {
        form_set(ctx->form, name, json_string_value(value));
    }
    json_decref(constants);
}

static bool is_open(const char *state) {
    return text_equal(state, "new") || text_equal(state, "checking") ||
           text_equal(state, "checked") || text_equal(state, "failed");
}

static enum err judge(struct ctx *ctx, const struct import_plan *plan, size_t *wrong) {
    *wrong = IMPORT_COLUMNS_MAX;
    switch (import_plan_judge(plan, wrong)) {
    case PLAN_NO_NAME:
        return ctx_field_error(ctx, NULL, N_("Choose the column with the client's name."));
    case PLAN_NO_CONTACT:
        return ctx_field_error(
            ctx, NULL,
            N_("Choose a column with email addresses or phone numbers: one of the two is needed."));
    case PLAN_TWICE:
        return ctx_field_error(ctx, NULL,
                               N_("Two columns are meant for the same field, which takes one. "
                                  "Leave one of them out."));
    case PLAN_FINE:
        break;
    }
    return OK;
}

enum err import_columns_page(struct ctx *ctx) {
    if (!rows_true(ctx_rows(ctx, Q_import_get), 0, "may_go_on"))
        return ERR_NOT_FOUND;
    if (!is_open(ctx_column(ctx, Q_import_get, "state")))
        return ctx_redirect(ctx, "/leads/imports/{id}", NULL);
    bool again = ctx->response->status == err_status(ERR_INVALID);
    struct found found = found_in(ctx, Q_import_get);
    struct import_plan plan = {.count = found.count};
    size_t wrong = IMPORT_COLUMNS_MAX;
    if (again) {
        take(ctx, &plan);
        (void)import_plan_judge(&plan, &wrong);
    } else {
        if (!import_plan_read(ctx_column(ctx, Q_import_get, "mapping"), &plan) ||
            plan.count != found.count) {
            plan.count = found.count;
            guess(ctx, &found, &plan);
        }
        fill_constants(ctx);
    }
    show_columns(ctx, &found, &plan, wrong);
    json_decref(found.columns);
    return OK;
}

/* ── Taken ── */

static const char *dumped(struct ctx *ctx, json_t *json) {
    char *text = json_dumps(json, JSON_COMPACT);
    const char *kept = arena_strdup(ctx->arena, text ? text : "{}");
    free(text);
    json_decref(json);
    return kept;
}

static const char *constants_json(struct ctx *ctx) {
    json_t *constants = json_object();
    for (const struct field *field = import_columns_form.fields; field->name; field++)
        if (field->kind != FIELD_CHECK && form_value(ctx->form, field->name))
            json_object_set_new(constants, field->name,
                                json_string(form_value(ctx->form, field->name)));
    return dumped(ctx, constants);
}

/* What the next file's columns of the same names will be taken for. */
static const char *headers_json(struct ctx *ctx, const struct found *found,
                                const struct import_plan *plan) {
    json_t *headers = json_array();
    for (size_t i = 0; i < found->count; i++) {
        const char *plain =
            import_header_plain(ctx->arena, text_in(json_array_get(found->columns, i), "header"));
        if (*plain)
            json_array_append_new(
                headers, json_pack("{s:s, s:s}", "header", plain, "field",
                                   plan->targets[i].field ? plan->targets[i].field->name : ""));
    }
    return dumped(ctx, headers);
}

enum err import_columns_post(struct ctx *ctx) {
    struct found found = found_in(ctx, Q_import_lock);
    struct import_plan plan = {.count = found.count};
    size_t wrong;
    take(ctx, &plan);
    enum err err = judge(ctx, &plan, &wrong);
    if (!err) {
        ctx_set(ctx, "mapping", import_plan_json(ctx->arena, &plan));
        ctx_set(ctx, "constants", constants_json(ctx));
        ctx_set(ctx, "headers", headers_json(ctx, &found, &plan));
        err = ctx_run(ctx, Q_import_map);
    }
    json_decref(found.columns);
    if (!err)
        err = ctx_run(ctx, Q_import_remember);
    return err ? err : ctx_redirect(ctx, "/leads/imports/{id}", NULL);
}
