/* Saved views and the choice of columns: the pages where they are made, named, ordered and deleted. */
#include "core/i18n.h"
#include "core/text.h"
#include "domain/leads/lead_columns.h"
#include "domain/leads/lead_lists.h"
#include "domain/leads/leads.h"
#include "http/form_data.h"
#include "view/messages.h"

enum { QUERY_MAX = 2000 };

static const struct field view_fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .label = N_("Name"), .required = true, .max = 40, .autocomplete = "off",
     .missing = N_("Give the view a name.")},
    {.name = "shared", .kind = FIELD_CHECK, .label = N_("Show it to my colleagues as well")},
    {.name = "standard", .kind = FIELD_CHECK, .label = N_("Open the list of leads with this view")},
    {.name = "with_columns", .kind = FIELD_CHECK, .label = N_("Keep the columns as I see them now"),
     .hint = N_("Otherwise everybody sees it with the columns that they have chosen.")},
    {.name = "query", .kind = FIELD_HIDDEN, .label = N_("Filters"), .max = QUERY_MAX},
    {0},
};
static const struct form_conflict view_conflicts[] = {
    {"lead_views_name", "name", N_("You have a view of this name already. Choose another name.")},
    {0},
};
const struct form_spec lead_view_form = {.fields = view_fields, .conflicts = view_conflicts};

static const struct choice move_choices[] = {{"up", N_("Up")}, {"down", N_("Down")}, {NULL, NULL}};
static const struct field move_fields[] = {
    {.name = "to", .kind = FIELD_CHOICE, .label = N_("Move"), .required = true, .choices = move_choices}, {0}};
const struct form_spec lead_view_move_form = {.fields = move_fields};

static const struct choice column_choices[] = {
    {"stage", N_("Stage")}, {"partner", N_("Partner")}, {"next_at", N_("Next step")}, {"source", N_("Source")}, {"value", N_("Value")},
    {"created", N_("Created")}, {"updated", N_("Updated")}, {"email", N_("Email")}, {"phone", N_("Phone")},
    {"location", N_("Location")}, {"closed", N_("Closed")}, {NULL, NULL}};
static const struct field column_fields[] = {
    {.name = "columns", .kind = FIELD_CHOICE, .label = N_("Columns"), .multiple = true, .choices = column_choices},
    {.name = "left", .kind = FIELD_CHOICE, .label = N_("Earlier"), .choices = column_choices},
    {.name = "right", .kind = FIELD_CHOICE, .label = N_("Later"), .choices = column_choices},
    {.name = "usual", .kind = FIELD_CHECK, .label = N_("The usual columns")},
    {0},
};
const struct form_spec lead_columns_form = {.fields = column_fields};

static bool is_staff(const struct ctx *ctx) {
    return ctx->session.audience == AUDIENCE_STAFF;
}

static const char *view_href(struct ctx *ctx, const char *query, const char *id) {
    return arena_printf(ctx->arena, "/leads?%s%sview=%s", query, *query ? "&" : "", id);
}

enum err lead_views_page(struct ctx *ctx) {
    const struct rows *rows = ctx_rows(ctx, Q_lead_view_list);
    struct model_list *views = model_set_list(ctx->page, "views");
    size_t own = 0;
    while (own < rows->nrows && rows_true(rows, own, "mine"))
        own++;
    for (size_t i = 0; i < rows->nrows; i++) {
        struct model *view = model_list_add(views);
        const char *id = rows_get(rows, i, "id");
        bool mine = i < own;
        model_set_text(view, "id", id);
        model_set_text(view, "name", rows_get(rows, i, "name"));
        model_set_text(view, "owner", mine ? NULL : rows_get(rows, i, "owner"));
        model_set_text(view, "href", view_href(ctx, rows_get(rows, i, "query"), id));
        model_set_bool(view, "mine", mine);
        model_set_bool(view, "shared", rows_true(rows, i, "shared"));
        model_set_bool(view, "standard", rows_true(rows, i, "standard"));
        model_set_bool(view, "may_up", mine && i > 0);
        model_set_bool(view, "may_down", mine && i + 1 < own);
    }
    return OK;
}

/* The filters of the list from which the form is opened; an opened view keeps its own unless the address says otherwise. */
enum err lead_view_prepare(struct ctx *ctx) {
    const struct params *query = ctx->request->query;
    if (ctx->request->method == METHOD_POST)
        return OK;
    bool fresh = text_equal(ctx->route->pattern, "/leads/views/new");
    if (fresh || params_get(query, "update"))
        form_set(ctx->form, "query", lead_filters_text(ctx, query));
    return OK;
}

/* What was sent as filters, once more in our own writing: it will stand in links. NULL: none were sent. */
static const char *sent_filters(struct ctx *ctx) {
    const char *sent = params_get(ctx->request->form, "query");
    const struct params *none = params_new(ctx->arena);
    if (!sent)
        return NULL;
    const char *reason;
    struct params *query = params_new(ctx->arena);
    enum err err = urlencoded_parse(sent, strlen(sent), query, &reason);
    return lead_filters_text(ctx, err ? none : query);
}

static void set_view(struct ctx *ctx, const char *filters) {
    const struct lead_column *usual[LEAD_COLUMNS_MAX];
    size_t count = lead_columns_choose(NULL, is_staff(ctx), usual);
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        text = arena_printf(ctx->arena, "%s%s%s", text, i ? "," : "", usual[i]->code);
    ctx_set(ctx, "usual_columns", text);
    ctx_set(ctx, "query", filters);
    if (!ctx_can(ctx, "leads:write"))
        ctx_set(ctx, "shared", "false");
}

enum err lead_view_insert_post(struct ctx *ctx) {
    const char *filters = sent_filters(ctx);
    set_view(ctx, filters ? filters : "");
    enum err err = ctx_run(ctx, Q_lead_view_insert);
    if (err)
        return err;
    const char *id = ctx_column(ctx, Q_lead_view_insert, "id");
    if (!id)
        return ctx_field_error(ctx, "name", N_("You have thirty views already. Delete one that you don't need any longer."));
    ctx_set(ctx, "id", id);
    if (text_equal(form_value(ctx->form, "standard"), "true") && (err = ctx_run(ctx, Q_lead_view_standard)))
        return err;
    return ctx_redirect(ctx, view_href(ctx, filters ? filters : "", id), N_("View saved."));
}

enum err lead_view_update_post(struct ctx *ctx) {
    const char *id = ctx_get(ctx, "id"), *filters = sent_filters(ctx);
    const char *saved = ctx_column(ctx, Q_lead_view, "saved_query");
    set_view(ctx, filters);
    enum err err = ctx_run(ctx, Q_lead_view_update);
    if (!err)
        err = ctx_run(ctx, Q_lead_view_standard);
    return err ? err : ctx_redirect(ctx, view_href(ctx, filters ? filters : saved, id), N_("View saved."));
}

enum err lead_view_move_post(struct ctx *ctx) {
    ctx_set(ctx, "up", text_equal(form_value(ctx->form, "to"), "up") ? "true" : "false");
    enum err err = ctx_run(ctx, Q_lead_view_move);
    return err ? err : ctx_redirect(ctx, "/leads/views", NULL);
}

enum err lead_view_delete_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_lead_view_delete);
    return err ? err : ctx_redirect(ctx, "/leads/views", N_("View deleted."));
}

/* ── Columns ── */

static void put_columns(struct model_list *list, const struct lead_column *const *columns, size_t count, bool shown) {
    for (size_t i = 0; i < count; i++) {
        struct model *column = model_list_add(list);
        model_set_text(column, "code", columns[i]->code);
        model_set_text(column, "label", messages_text(columns[i]->label));
        model_set_bool(column, "shown", shown);
        model_set_bool(column, "may_left", shown && i > 0);
        model_set_bool(column, "may_right", shown && i + 1 < count);
    }
}

enum err lead_columns_page(struct ctx *ctx) {
    messages_use(ctx_locale(ctx));
    const struct lead_column *chosen[LEAD_COLUMNS_MAX], *rest[LEAD_COLUMNS_MAX];
    size_t count = lead_columns_choose(ctx_column(ctx, Q_lead_column_choice, "columns"), is_staff(ctx), chosen);
    size_t left = lead_columns_rest(chosen, count, is_staff(ctx), rest);
    struct model_list *list = model_set_list(ctx->page, "columns");
    put_columns(list, chosen, count, true);
    put_columns(list, rest, left, false);
    return OK;
}

enum err lead_columns_post(struct ctx *ctx) {
    const char *left = form_value(ctx->form, "left"), *right = form_value(ctx->form, "right");
    const char *chosen = form_value(ctx->form, "columns");
    bool usual = text_equal(form_value(ctx->form, "usual"), "true");
    if (!usual && !chosen)
        return ctx_field_error(ctx, "columns", N_("Choose at least one column."));
    ctx_set(ctx, "columns", usual ? NULL : lead_columns_move(ctx->arena, chosen, is_staff(ctx), left ? left : right, left ? -1 : 1));
    enum err err = ctx_run(ctx, Q_lead_columns_save);
    return err ? err : ctx_redirect(ctx, left || right ? "/leads/columns" : "/leads?view=all", left || right ? NULL : N_("Columns saved."));
}
