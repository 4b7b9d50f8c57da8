/*
 * list.c - keyset pages, sorts, filters and the export of a list as CSV or XLSX.
 *
 * Sort keys come in pairs: "name" ascends, "name_desc" descends. The address carries everything:
 * ?q=…&stage=…&sort=name_desc&after=<id>&key=<sort key of the last row>. What list_spec.carried names
 * goes along with them.
 */
#include "core/log.h"
#include "core/text.h"
#include "http/form_data.h"
#include "http/page_internal.h"
#include "view/messages.h"
#include "view/xlsx.h"

enum {
    EXPORT_FIRST = 125, /* rows; as many again while they are short */
    EXPORT_ROWS = 1000,
    EXPORT_BYTES = 1 << 20, /* read or written; the row that passes it is the portion's last */
    EXPORT_ARENA_MAX = 64 << 20
};

static const struct query_sort *chosen_sort(const struct ctx *ctx) {
    const struct query_info *info = query_info(ctx->route->list->query);
    const struct query_sort *sort = query_sort(info, params_get(ctx->request->query, "sort"));
    return sort ? sort : &info->sorts[0];
}

const struct query_sort *list_prepare(struct ctx *ctx) {
    const struct list_spec *list = ctx->route->list;
    bool export = ctx->request->answer == ANSWER_CSV || ctx->request->answer == ANSWER_XLSX;
    /* one more than is shown tells whether there is a next page */
    ctx_set(ctx, "limit",
            arena_printf(ctx->arena, "%d", export ? EXPORT_FIRST : list->page_size + 1));
    const char *after = params_get(ctx->request->query, "after");
    const char *key = params_get(ctx->request->query, "key");
    if (after && key && text_is_uuid(after)) {
        ctx_set(ctx, "after_id", after);
        ctx_set(ctx, "after_key", key);
    }
    return chosen_sort(ctx);
}

/* ── Addresses ── */

static void add_pair(struct ctx *ctx, struct buf *query, const char *name, const char *value) {
    if (!value || !*value)
        return;
    buf_printf(query, "%c%s=%s", query->len ? '&' : '?', name, percent_encode(ctx->arena, value));
}

const char *ctx_filters_href(struct ctx *ctx, const char *path, const struct params *more) {
    struct buf query;
    buf_init(&query, REQUEST_QUERY_MAX);
    for (const struct field *f = ctx->route->form ? ctx->route->form->fields : NULL; f && f->name;
         f++)
        add_pair(ctx, &query, f->name, form_value(ctx->form, f->name));
    for (size_t i = 0; more && i < more->count; i++)
        add_pair(ctx, &query, more->items[i].name, more->items[i].value);
    const char *href = arena_printf(ctx->arena, "%s%s", path, buf_text(&query));
    buf_free(&query);
    return href;
}

/* The filters as they are, with the given sort and position. */
static const char *list_href(struct ctx *ctx, const char *suffix, const char *sort,
                             const char *after, const char *key) {
    struct params *more = params_new(ctx->arena);
    params_set(more, "sort", sort);
    for (const char *const *name = ctx->route->list->carried; name && *name; name++)
        params_set(more, *name, params_get(ctx->params, *name));
    params_set(more, "after", after);
    params_set(more, "key", key);
    return ctx_filters_href(ctx, arena_printf(ctx->arena, "%s%s", ctx->request->path, suffix), more);
}

static bool has_filters(const struct ctx *ctx) {
    for (const struct field *f = ctx->route->form ? ctx->route->form->fields : NULL; f && f->name;
         f++)
        if (form_value(ctx->form, f->name))
            return true;
    return false;
}

/* list.by.<column>: where a click on the column's head leads, and how the list is sorted by it now.
 */
static void show_sorts(struct ctx *ctx, struct model *list, const struct query_info *info,
                       const struct query_sort *now) {
    struct model *by = model_set_object(list, "by");
    for (size_t i = 0; i < info->nsorts; i++) {
        const char *key = info->sorts[i].key;
        if (text_ends(key, "_desc"))
            continue;
        const char *down = arena_printf(ctx->arena, "%s_desc", key);
        bool up_now = text_equal(now->key, key), down_now = text_equal(now->key, down);
        struct model *column = model_set_object(by, key);
        bool has_down = query_sort(info, down) != NULL;
        model_set_text(column, "href",
                       list_href(ctx, "", up_now && has_down ? down : key, NULL, NULL));
        model_set_text(column, "sorted", up_now ? "ascending" : down_now ? "descending" : NULL);
        model_set_bool(column, "ascending", up_now);
        model_set_bool(column, "descending", down_now);
    }
}

void list_show(struct ctx *ctx) {
    const struct list_spec *spec = ctx->route->list;
    const struct query_info *info = query_info(spec->query);
    const struct query_sort *sort = chosen_sort(ctx);
    struct rows *shown = arena_alloc(ctx->arena, sizeof *shown);
    *shown = *ctx_rows(ctx, spec->query);
    bool more = shown->nrows > (size_t)spec->page_size;
    if (more)
        shown->nrows = (size_t)spec->page_size;
    model_set_rows(ctx->page, info->name, shown);

    const char *after = params_get(ctx->params, "after_id");
    const char *named = sort == &info->sorts[0] ? NULL : sort->key;
    struct model *list = model_set_object(ctx->page, "list");
    model_set_int(list, "count", (long)shown->nrows);
    model_set_bool(list, "empty", shown->nrows == 0);
    model_set_bool(list, "has_filters", has_filters(ctx));
    if (ctx->form) { /* filters that make no sense and filter nothing */
        messages_use(ctx_locale(ctx));
        form_errors(ctx->form, list);
    }
    model_set_text(list, "sort", named);
    model_set_text(list, "reset_href", ctx->request->path);
    const char *csv = list_href(ctx, ".csv", named, NULL, NULL), *query = strchr(csv, '?');
    model_set_text(list, "csv_href", csv);
    model_set_text(list, "xlsx_href", arena_printf(ctx->arena, "%s.xlsx%s", ctx->request->path, query ? query : ""));
    ctx->list_query = query ? query + 1 : "";
    model_set_text(list, "first_href", after ? list_href(ctx, "", named, NULL, NULL) : NULL);
    model_set_text(list, "next_href",
                   more ? list_href(ctx, "", named, rows_get(shown, shown->nrows - 1, "id"),
                                    rows_get(shown, shown->nrows - 1, "_sort_key"))
                        : NULL);
    show_sorts(ctx, list, info, sort);
}

/* ── Export ── */

/* Memory is constant, however many rows there are and however long: each portion is one page of the same statement, in
 * an arena of its own that the process keeps for the next export, and ends early where its rows are long; the next one
 * begins behind the last row that was written and asks for as many as did fit. The session is opened with every portion,
 * so that an export ends with it. */
struct export {
    struct ctx ctx;
    const struct query_sort *sort;
    size_t limit; /* rows that the portion at hand asked for */
    bool finished;
};
static struct arena *export_arena;

/* The columns that are wanted, and nothing that is for the list alone. */
static const struct rows *exported(const struct ctx *ctx) {
    const struct rows *rows = ctx_rows(ctx, ctx->route->list->query);
    return ctx->columns ? rows_pick(ctx->arena, rows, ctx->columns, ctx->ncolumns) : rows;
}

struct one_row {
    const struct rows *rows;
    size_t row;
};

static const char *cell_of_one(const void *source, size_t row, size_t col) {
    const struct one_row *one = source;
    return rows_cell(one->rows, one->row + row, col);
}

static size_t row_bytes(const struct rows *rows, size_t row) {
    size_t bytes = 0;
    for (size_t col = 0; col < rows->ncols; col++) {
        const char *cell = rows_cell(rows, row, col);
        bytes += cell ? strlen(cell) : 0;
    }
    return bytes;
}

static void export_begin(struct ctx *ctx, const struct rows *rows, struct buf *out) {
    if (ctx->request->answer != ANSWER_CSV) {
        xlsx_begin(rows, XLSX_SHEET_ROWS, out);
        return;
    }
    buf_puts(out, "\xEF\xBB\xBF"); /* Excel takes a file without this mark for one in the code page of its machine */
    struct rows none = *rows;
    none.nrows = 0;
    if (ctx->route->list->csv)
        ctx->route->list->csv(ctx, &none, true, out);
    else
        rows_to_csv_header(rows, out);
}

static void export_row(struct ctx *ctx, const struct rows *row, struct buf *out) {
    if (ctx->request->answer != ANSWER_CSV)
        xlsx_rows(row, out);
    else if (ctx->route->list->csv)
        ctx->route->list->csv(ctx, row, false, out);
    else
        rows_to_csv(row, out);
}

/* Writes what of the portion is small enough, and says where and how the next one begins. */
static void export_portion(struct export *export, struct arena *arena, struct buf *out) {
    struct ctx *ctx = &export->ctx;
    const struct rows *all = ctx_rows(ctx, ctx->route->list->query);
    struct one_row one = {.rows = exported(ctx)};
    struct rows row = *one.rows;
    row.nrows = 1;
    row.source = &one;
    row.cell = cell_of_one;
    size_t bytes = 0;
    for (; one.row < all->nrows && bytes < EXPORT_BYTES && out->len < EXPORT_BYTES; one.row++) {
        export_row(ctx, &row, out);
        bytes += row_bytes(all, one.row);
    }
    export->finished = one.row == all->nrows && all->nrows < export->limit;
    if (export->finished && ctx->request->answer != ANSWER_CSV)
        xlsx_end(out);
    if (export->finished)
        return;
    size_t more = one.row < all->nrows ? one.row : 2 * export->limit;
    export->limit = more < EXPORT_ROWS ? more : EXPORT_ROWS;
    ctx_set(ctx, "limit", arena_printf(arena, "%zu", export->limit));
    ctx_set(ctx, "after_id", arena_strdup(arena, rows_get(all, one.row - 1, "id")));
    ctx_set(ctx, "after_key", arena_strdup(arena, rows_get(all, one.row - 1, "_sort_key")));
}

static bool next_portion(void *context, struct buf *out) {
    static const char *const carried[] = {"limit", "after_id", "after_key"};
    enum { CARRIED = sizeof carried / sizeof *carried };
    struct export *export = context;
    struct ctx *ctx = &export->ctx;
    if (export->finished)
        return false;
    char *kept[CARRIED];
    for (size_t i = 0; i < CARRIED; i++)
        if (!(kept[i] = strdup(params_get(ctx->params, carried[i]))))
            abort();
    db_reset(ctx->site->db);
    arena_reset(export_arena);
    ctx->arena = export_arena;
    for (size_t i = 0; i < CARRIED; i++) {
        ctx_set(ctx, carried[i], arena_strdup(export_arena, kept[i]));
        free(kept[i]);
    }

    static const enum query none[1] = {Q_NONE};
    enum err err = ctx_load(ctx, BATCH_READ, none, export->sort);
    if (err || !session_can(&ctx->session, ctx->route->permission)) {
        log_event(LOG_WARN, "export_cut", "route", "%s", ctx->route->pattern, "error", "%s",
                  err_name(err), NULL);
        out->overflowed = true; /* breaks the transfer off: a failed download, not a shorter list */
        export->finished = true;
        return true;
    }
    export_portion(export, export_arena, out);
    return true;
}

void list_export(struct ctx *ctx) {
    static const char xlsx[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    bool csv = ctx->request->answer == ANSWER_CSV;
    const struct rows *rows = exported(ctx);
    response_type(ctx->response, csv ? "text/csv; charset=utf-8" : xlsx);
    response_header(ctx->response, "Content-Disposition",
                    arena_printf(ctx->arena, "attachment; filename=\"%s.%s\"",
                                 ctx->route->list->filename, csv ? "csv" : "xlsx"));
    struct export *export = arena_alloc(ctx->arena, sizeof *export);
    *export = (struct export){.ctx = *ctx, .sort = chosen_sort(ctx), .limit = EXPORT_FIRST};
    export_begin(ctx, rows, ctx->response->body);
    export_portion(export, ctx->arena, ctx->response->body);
    if (export->finished)
        return;
    if (!export_arena)
        export_arena = arena_new(EXPORT_ARENA_MAX);
    ctx->response->stream = next_portion;
    ctx->response->stream_context = export;
}
