#include "core/text.h"
#include "domain/imports/import_header_rules.h"
#include "domain/imports/import_plan.h"
#include "domain/imports/import_words.h"
#include "domain/imports/imports.h"
#include "domain/leads/leads.h"
#include "view/messages.h"
#include <jansson.h>

enum { REASONS_MAX = 16 * 1024 /* bytes */ };

/* ── Reasons ── */

static struct form_problem problem_of(const json_t *json) {
    return (struct form_problem){.field = json_string_value(json_object_get(json, "field")),
                                 .message = json_string_value(json_object_get(json, "message")),
                                 .value = json_string_value(json_object_get(json, "value")),
                                 .min = (long)json_integer_value(json_object_get(json, "min")),
                                 .max = (long)json_integer_value(json_object_get(json, "max")),
                                 .count = (long)json_integer_value(json_object_get(json, "count"))};
}

static const char *problem_text(struct arena *arena, const json_t *json) {
    struct form_problem problem = problem_of(json);
    return problem.message ? form_problem_text(arena, &lead_full_form, &problem) : "";
}

/* Why a row is a duplicate, or NULL when it is none. */
static const char *duplicate_text(struct arena *arena, const struct rows *rows, size_t row) {
    if (!text_equal(rows_get(rows, row, "status"), "duplicate"))
        return NULL;
    if (rows_get(rows, row, "same_lead"))
        return _("This client is among your leads already.");
    return arena_printf(arena, _("The same email or phone as in row %s."),
                        rows_get(rows, row, "same_row"));
}

const char *import_row_reasons(struct arena *arena, const struct rows *rows, size_t row) {
    struct buf text;
    buf_init(&text, REASONS_MAX);
    const char *duplicate = duplicate_text(arena, rows, row);
    if (duplicate)
        buf_puts(&text, duplicate);
    json_t *problems = json_loads(rows_get(rows, row, "problems"), 0, NULL), *problem;
    size_t i;
    json_array_foreach(problems, i, problem) {
        buf_printf(&text, "%s%s", text.len > 0 ? " " : "", problem_text(arena, problem));
    }
    json_decref(problems);
    const char *kept = arena_strdup(arena, buf_text(&text));
    buf_free(&text);
    return kept;
}

static void show_reasons(struct ctx *ctx, struct model *into, const struct rows *rows, size_t row) {
    struct model_list *list = model_set_list(into, "reasons");
    const char *duplicate = duplicate_text(ctx->arena, rows, row),
               *lead = rows_get(rows, row, "same_lead");
    if (duplicate) {
        struct model *reason = model_list_add(list);
        model_set_text(reason, "text", duplicate);
        model_set_text(reason, "href", lead ? arena_printf(ctx->arena, "/leads/%s", lead) : NULL);
    }
    json_t *problems = json_loads(rows_get(rows, row, "problems"), 0, NULL), *problem;
    size_t i;
    json_array_foreach(problems, i, problem) {
        struct model *reason = model_list_add(list);
        model_set_text(reason, "text", problem_text(ctx->arena, problem));
        model_set_text(reason, "href", NULL);
    }
    json_decref(problems);
}

/* ── Rows ── */

/* The cells that are meant for one of the fields, as they stand in the file. */
static const char *cells_for(struct ctx *ctx, const json_t *cells, const struct import_plan *plan,
                             const char *name, const char *otherwise) {
    const char *text = NULL;
    for (size_t i = 0; i < plan->count && i < json_array_size(cells); i++) {
        const struct field *field = plan->targets[i].field;
        const char *cell = json_string_value(json_array_get(cells, i));
        if (field && cell && *cell && text_equal(field->name, name))
            text = text ? arena_printf(ctx->arena, "%s %s", text, cell)
                        : arena_strdup(ctx->arena, cell);
    }
    return text || !otherwise ? text : cells_for(ctx, cells, plan, otherwise, NULL);
}

static void show_row(struct ctx *ctx, struct model *into, const struct rows *rows, size_t row,
                     const struct import_plan *plan) {
    json_t *cells = json_loads(rows_get(rows, row, "cells"), 0, NULL);
    model_set_typed(into, "number", rows_get(rows, row, "number"), COLUMN_INT);
    model_set_text(into, "name", cells_for(ctx, cells, plan, "client_name", NULL));
    model_set_text(into, "contact", cells_for(ctx, cells, plan, "client_email", "client_phone"));
    model_set_text(into, "status", rows_get(rows, row, "status"));
    show_reasons(ctx, into, rows, row);
    json_decref(cells);
}

void import_rows_show(struct ctx *ctx, const char *name, const struct rows *rows, size_t count,
                      const char *mapping) {
    struct import_plan plan;
    (void)import_plan_read(mapping, &plan);
    struct model_list *list = model_set_list(ctx->page, name);
    for (size_t i = 0; i < rows->nrows && i < count; i++)
        show_row(ctx, model_list_add(list), rows, i, &plan);
}

void import_summary_show(struct ctx *ctx, const char *name, const char *summary) {
    json_t *groups = json_loads(summary, 0, NULL), *group;
    struct model_list *list = model_set_list(ctx->page, name);
    size_t i;
    json_array_foreach(groups, i, group) {
        struct form_problem problem = {.field = json_string_value(json_object_get(group, "field")),
                                       .message =
                                           json_string_value(json_object_get(group, "message")),
                                       .value = "…",
                                       .min = (long)json_integer_value(json_object_get(group, "min")),
                                       .max = (long)json_integer_value(json_object_get(group, "max")),
                                       .count = FORM_COUNT_MANY};
        const struct field *field = import_field(problem.field);
        struct model *into = model_list_add(list);
        model_set_text(into, "field", field ? messages_text(field->label) : NULL);
        model_set_text(into, "text",
                       problem.message ? form_problem_text(ctx->arena, &lead_full_form, &problem)
                                       : NULL);
        model_set_int(into, "rows", (long)json_integer_value(json_object_get(group, "rows")));
        model_set_int(into, "first", (long)json_integer_value(json_object_get(group, "first")));
    }
    json_decref(groups);
}

/* ── The list of all of them, and the file to correct ── */

enum err import_rows_page(struct ctx *ctx) {
    import_rows_show(ctx, "row_list", ctx_rows(ctx, Q_import_row_list),
                     (size_t)ctx->route->list->page_size, ctx_column(ctx, Q_import_get, "mapping"));
    return OK;
}

static void write_header(struct ctx *ctx, struct buf *out) {
    json_t *columns = json_loads(ctx_column(ctx, Q_import_get, "columns"), 0, NULL), *column;
    size_t i;
    json_array_foreach(columns, i, column) {
        const char *header = json_string_value(json_object_get(column, "header"));
        csv_put(out, header ? header : "", i == 0);
    }
    csv_put(out, _("Why it was refused"), i == 0);
    buf_puts(out, "\r\n");
    ctx_set(ctx, "csv_columns", arena_printf(ctx->arena, "%zu", i));
    json_decref(columns);
}

/* As the file had them, so that it can be corrected and sent again; behind them why they were
 * refused. */
static void write_rows(struct ctx *ctx, const struct rows *rows, bool header, struct buf *out) {
    if (header)
        write_header(ctx, out);
    long columns = 0;
    (void)text_to_long(ctx_get(ctx, "csv_columns"), 0, IMPORT_COLUMNS_MAX, &columns);
    for (size_t row = 0; row < rows->nrows; row++) {
        json_t *cells = json_loads(rows_get(rows, row, "cells"), 0, NULL);
        for (size_t i = 0; i < (size_t)columns; i++) {
            const char *cell = json_string_value(json_array_get(cells, i));
            csv_put(out, import_plain(cell ? cell : ""), i == 0);
        }
        csv_put(out, import_row_reasons(ctx->arena, rows, row), columns == 0);
        buf_puts(out, "\r\n");
        json_decref(cells);
    }
}

const struct list_spec import_row_list_spec = {
    .query = Q_import_row_list, .page_size = 50, .filename = "refused-rows", .csv = write_rows};
