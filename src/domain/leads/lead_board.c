/*
 * lead_board.c - the pipeline as a board. What the list filters by, the board does; what a card may do is the table of moves.
 */
#include "core/text.h"
#include "domain/leads/leads.h"
#include "http/form_data.h"
#include "view/labels.h"
#include "view/messages.h"
#include <string.h>

enum { CARDS = 20 /* of a column at once */, COUNTED = 1000 /* at most, where no rollup knows */, LISTS_MAX = 256 /* bytes */ };

static bool asked_for(const struct ctx *ctx, enum lead_stage stage) {
    const char *code = lead_stage_code(stage), *only = form_value(ctx->form, "stage");
    enum lead_stage reached, column;
    bool one_column = lead_stage_find(params_get(ctx->request->query, "column"), &column);
    if (lead_stage_find(form_value(ctx->form, "reached"), &reached) && !strstr(lead_stages_from(reached), code))
        return false;
    return (!only || text_equal(only, code)) && (!one_column || column == stage) &&
           (!form_value(ctx->form, "open") || lead_stage_is_open(stage));
}

/* By more than the rollup of stages knows. */
static bool narrowed(const struct ctx *ctx) {
    static const char *const known[] = {"stage", "open", "partner", "currency"};
    for (const struct field *f = ctx->route->form->fields; f->name; f++) {
        bool in_rollup = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            in_rollup = in_rollup || strcmp(f->name, known[i]) == 0;
        if (!in_rollup && form_value(ctx->form, f->name))
            return true;
    }
    return false;
}

static void set_stages(struct ctx *ctx) {
    struct buf stages, patience;
    buf_init(&stages, LISTS_MAX);
    buf_init(&patience, LISTS_MAX);
    for (int i = LEAD_NEW; i < LEAD_STAGES; i++) {
        enum lead_stage stage = (enum lead_stage)i;
        if (!asked_for(ctx, stage))
            continue;
        buf_printf(&stages, "%c%s", stages.len ? ',' : '{', lead_stage_code(stage));
        buf_printf(&patience, "%c%ld", patience.len ? ',' : '{', lead_patience(stage));
    }
    ctx_set(ctx, "stages", stages.len ? arena_printf(ctx->arena, "%s}", buf_text(&stages)) : "{}");
    ctx_set(ctx, "patience",
            patience.len ? arena_printf(ctx->arena, "%s}", buf_text(&patience)) : "{}");
    buf_free(&stages);
    buf_free(&patience);
}

enum err lead_board_prepare(struct ctx *ctx) {
    const struct params *query = ctx->request->query;
    (void)form_take(ctx->form, query); /* a filter that makes no sense filters nothing */
    enum err err = lead_list_prepare(ctx);
    if (err)
        return err;
    set_stages(ctx);
    ctx_set(ctx, "counted", narrowed(ctx) ? ctx_get(ctx, "stages") : "{}");
    ctx_set(ctx, "limit", arena_printf(ctx->arena, "%d", CARDS + 1));
    ctx_set(ctx, "bound", arena_printf(ctx->arena, "%d", COUNTED + 1));
    const char *after = params_get(query, "after"), *key = params_get(query, "key");
    if (after && key && text_is_uuid(after) && params_get(query, "column")) {
        ctx_set(ctx, "after_id", after);
        ctx_set(ctx, "after_key", key);
    }
    return OK;
}

/* ── One column ── */

/* Some rows of a table that follow each other. */
struct part {
    const struct rows *rows;
    size_t first;
};

static const char *part_cell(const void *source, size_t row, size_t col) {
    const struct part *part = source;
    return rows_cell(part->rows, part->first + row, col);
}

static const struct rows *rows_part(struct ctx *ctx, const struct rows *rows, size_t first, size_t count) {
    struct part *part = arena_alloc(ctx->arena, sizeof *part);
    struct rows *shown = arena_alloc(ctx->arena, sizeof *shown);
    *part = (struct part){rows, first};
    *shown = *rows;
    shown->nrows = count;
    shown->source = part;
    shown->cell = part_cell;
    return shown;
}

/* The statement is in the order of the columns. */
static void show_cards(struct ctx *ctx, struct model *column, const char *code) {
    const struct rows *rows = ctx_rows(ctx, Q_board_cards);
    size_t first = 0, count = 0;
    while (first < rows->nrows && !text_equal(rows_get(rows, first, "stage"), code))
        first++;
    while (first + count < rows->nrows && text_equal(rows_get(rows, first + count, "stage"), code))
        count++;
    bool more = count > CARDS;
    if (more)
        count = CARDS;
    model_set_rows(column, "cards", rows_part(ctx, rows, first, count));
    struct params *place = params_new(ctx->arena);
    if (more) {
        params_set(place, "column", code);
        params_set(place, "after", rows_get(rows, first + count - 1, "id"));
        params_set(place, "key", rows_get(rows, first + count - 1, "_key"));
    }
    model_set_text(column, "next_href", more ? ctx_filters_href(ctx, "/leads/board", place) : NULL);
}

static void show_sums(struct ctx *ctx, struct model *column, const char *code) {
    bool by_counting = !text_equal(ctx_get(ctx, "counted"), "{}");
    const struct rows *rows = ctx_rows(ctx, by_counting ? Q_board_counts : Q_board_sums);
    long count = 0;
    for (size_t i = 0; i < rows->nrows; i++)
        if (text_equal(rows_get(rows, i, "stage"), code))
            count += rows_long(rows, i, "leads");
    bool more = by_counting && count > COUNTED;
    model_set_int(column, "count", more ? COUNTED : count);
    model_set_bool(column, "more", more);
    struct model_list *sums = model_set_list(column, "sums");
    for (size_t i = 0; !more && i < rows->nrows; i++) {
        if (!text_equal(rows_get(rows, i, "stage"), code))
            continue;
        struct model *sum = model_list_add(sums);
        model_set_text(sum, "currency", rows_get(rows, i, "currency"));
        model_set_typed(sum, "value", rows_get(rows, i, "value"), COLUMN_NUMERIC);
    }
}

static void show_moves(struct ctx *ctx, struct model *column, const struct lead_moves *moves,
                       enum lead_stage from) {
    struct model_list *shown = model_set_list(column, "moves");
    struct buf text;
    buf_init(&text, LISTS_MAX);
    for (int i = LEAD_NEW; ctx_can(ctx, "leads:write") && i < LEAD_STAGES; i++) {
        enum lead_stage to = (enum lead_stage)i;
        unsigned needs;
        if (!lead_move_allowed(moves, from, to, lead_actor_of(ctx), &needs))
            continue;
        const char *code = lead_stage_code(to);
        bool reason = needs & LEAD_NEEDS_REASON, value = needs & LEAD_NEEDS_VALUE;
        struct model *move = model_list_add(shown);
        model_set_text(move, "value", code);
        model_set_bool(move, "needs_reason", reason);
        model_set_bool(move, "needs_value", value);
        buf_printf(&text, "%s%s%s%s", text.len ? " " : "", code, reason ? ":reason" : "", value ? ":value" : "");
    }
    model_set_text(column, "moves_text", arena_strdup(ctx->arena, buf_text(&text)));
    buf_free(&text);
}

enum err lead_board_page(struct ctx *ctx) {
    messages_use(ctx_locale(ctx));
    struct lead_moves moves;
    lead_moves_read(&moves, ctx_rows(ctx, Q_stage_moves));
    bool further = ctx_get(ctx, "after_id") != NULL;
    struct model_list *columns = model_set_list(ctx->page, "columns");
    for (int i = LEAD_NEW; i < LEAD_STAGES; i++) {
        enum lead_stage stage = (enum lead_stage)i;
        if (!asked_for(ctx, stage))
            continue;
        const char *code = lead_stage_code(stage);
        struct model *column = model_list_add(columns);
        model_set_text(column, "stage", code);
        show_sums(ctx, column, code);
        show_moves(ctx, column, &moves, stage);
        show_cards(ctx, column, code);
    }
    lead_views_show(ctx, true);
    model_set_bool(ctx->page, "further", further);
    for (const char *const *name = (const char *const[]){"board_cards", "board_sums", "board_counts", NULL}; *name; name++)
        model_set_text(ctx->page, *name, NULL); /* they stand in the columns */
    struct model *list = model_set_object(ctx->page, "list");
    model_set_text(list, "sort", NULL);
    model_set_text(list, "reset_href", "/leads/board");
    model_set_text(list, "csv_href", ctx_filters_href(ctx, "/leads.csv", NULL));
    model_set_bool(list, "has_filters", text_equal(ctx_get(ctx, "filtered"), "true"));
    return OK;
}
