#include "core/i18n.h"
#include "core/text.h"
#include "domain/notifications/notification_rules.h"
#include "domain/notifications/notification_text.h"
#include "domain/notifications/notifications.h"

static const struct choice unread_choices[] = {{"true", N_("Unread")}, {NULL, NULL}};
static const struct choice category_choices[] = {
    {"leads", NULL},   {"messages", NULL},   {"work", NULL},
    {"money", NULL},   {"training", NULL},   {"programme", NULL},
    {"account", NULL}, {"operations", NULL}, {NULL, NULL}};
static const struct field filter_fields[] = {
    {.name = "unread", .kind = FIELD_CHOICE, .label = N_("Show"), .choices = unread_choices},
    {.name = "category", .kind = FIELD_CHOICE, .label = N_("About"), .choices = category_choices},
    {0},
};
const struct form_spec notification_filters = {.fields = filter_fields};
const struct list_spec notification_list_spec = {
    .query = Q_notification_list, .page_size = 30, .filename = "notifications"};

static const struct field read_fields[] = {
    {.name = "back", .kind = FIELD_HIDDEN, .label = N_("Back"), .max = REQUEST_QUERY_MAX},
    {0},
};
const struct form_spec notification_read_form = {.fields = read_fields};
static const struct field read_all_fields[] = {
    {.name = "until", .kind = FIELD_HIDDEN, .label = N_("Until"), .required = true, .max = 64},
    {0},
};
const struct form_spec notification_read_all_form = {.fields = read_all_fields};

/* ── The list ── */

static void fill_item(struct model *item, const struct rows *rows, size_t row, const char *text) {
    for (size_t col = 0; col < rows->ncols; col++)
        if (rows->cols[col].name[0] != '_' && !text_equal(rows->cols[col].name, "template"))
            model_set_typed(item, rows->cols[col].name, rows_cell(rows, row, col),
                            rows->cols[col].type);
    model_set_text(item, "text", text);
}

/* The rows as a list of their sentences, which is what JSON shows, and for the template by day. */
enum err notification_list_page(struct ctx *ctx) {
    const struct rows *rows = ctx_rows(ctx, Q_notification_list);
    const struct render_options options = {.locale = ctx_locale(ctx),
                                           .timezone = session_get(&ctx->session, "timezone"),
                                           .currency = session_get(&ctx->session, "currency")};
    struct model_list *list = model_set_list(ctx->page, "notification_list"),
                      *days = model_set_list(ctx->chrome, "days"), *items = NULL;
    for (size_t i = 0; i < rows->nrows && i < (size_t)notification_list_spec.page_size; i++) {
        const char *text = notification_text(ctx->site->templates, rows, i, &options, ctx->arena);
        fill_item(model_list_add(list), rows, i, text);
        if (!items || !text_equal(rows_get(rows, i, "_day"), rows_get(rows, i - 1, "_day"))) {
            struct model *day = model_list_add(days);
            long age = rows_long(rows, i, "_age");
            model_set_typed(day, "day", rows_get(rows, i, "_day"), COLUMN_DATE);
            model_set_bool(day, "today", age <= 0);
            model_set_bool(day, "yesterday", age == 1);
            items = model_set_list(day, "items");
        }
        struct model *item = model_list_add(items);
        fill_item(item, rows, i, text);
        model_set_text(item, "icon", notification_icon(rows_get(rows, i, "category")));
    }
    const char *query = ctx->request->raw_query;
    model_set_text(
        ctx->chrome, "here",
        arena_printf(ctx->arena, "%s%s%s", ctx->request->path, *query ? "?" : "", query));
    return OK;
}

/* ── Reading ── */

enum err notification_follow(struct ctx *ctx) {
    const char *href = notification_href(ctx->arena, ctx_column(ctx, Q_notification_one, "href"),
                                         ctx_get(ctx, "notification_id"));
    response_redirect(ctx->response, href);
    return OK;
}

static enum err mark_read(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_notification_read);
    return !err && ctx_rows(ctx, Q_notification_read)->nrows == 0 ? ERR_NOT_FOUND : err;
}

enum err notification_open_post(struct ctx *ctx) {
    enum err err = mark_read(ctx);
    return err ? err
               : ctx_redirect(
                     ctx, arena_strdup(ctx->arena, ctx_column(ctx, Q_notification_read, "href")),
                     NULL);
}

enum err notification_read_post(struct ctx *ctx) {
    enum err err = mark_read(ctx);
    const char *back = form_value(ctx->form, "back");
    return err ? err : ctx_redirect(ctx, notification_back(back), NULL);
}

enum err notification_read_all_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_notification_read_all);
    return err ? err
               : ctx_redirect(ctx, "/notifications", N_("All notifications are marked as read."));
}
