/* How the list of leads is shown: tabs, columns, ticks. */
#include "domain/leads/lead_lists.h"

#include "core/text.h"
#include "domain/leads/lead_columns.h"
#include "domain/leads/leads.h"
#include "http/form_data.h"
#include "view/messages.h"
#include <jansson.h>

static bool is_staff(const struct ctx *ctx) {
    return ctx->session.audience == AUDIENCE_STAFF;
}

/* ── Filters as a text ── */

static const char *add_pair(struct ctx *ctx, const char *text, const char *name, const char *value) {
    return value && *value ? arena_printf(ctx->arena, "%s%s%s=%s", text, *text ? "&" : "", name,
                                          percent_encode(ctx->arena, value))
                           : text;
}

static const char *filters_text(struct ctx *ctx, const struct form *form, const char *sort) {
    const char *text = "";
    for (const struct field *f = lead_filters.fields; f->name; f++)
        text = add_pair(ctx, text, f->name, form_value(form, f->name));
    bool known = sort && query_sort(query_info(lead_list_spec.query), sort);
    return known ? add_pair(ctx, text, "sort", sort) : text;
}

const char *lead_filters_text(struct ctx *ctx, const struct params *query) {
    struct form *form = form_new(ctx->arena, &lead_filters);
    (void)form_take(form, query);
    return filters_text(ctx, form, params_get(query, "sort"));
}

const struct form *lead_filters_read(struct ctx *ctx, const char *text) {
    const char *reason;
    struct params *query = params_new(ctx->arena);
    struct form *form = form_new(ctx->arena, &lead_filters);
    if (text && urlencoded_parse(text, strlen(text), query, &reason) != OK)
        return NULL;
    return form_take(form, query) ? form : NULL;
}

static const char *leads_href(struct ctx *ctx, const char *filters, const char *more) {
    return arena_printf(ctx->arena, "/leads?%s%s%s", filters, *filters ? "&" : "", more);
}

/* ── Views ── */

struct choices {
    const char *view;    /* the default one; NULL: none */
    const char *columns; /* NULL: the usual ones */
};

/* "<view or -> <columns>" */
static struct choices read_choices(struct ctx *ctx) {
    struct choices choices = {NULL, NULL};
    const char *text = ctx_column(ctx, Q_lead_totals, "_choices");
    if (!text)
        return choices;
    size_t size = strcspn(text, " ");
    if (*text != '-')
        choices.view = arena_strndup(ctx->arena, text, size);
    if (text[size] == ' ' && text[size + 1])
        choices.columns = text + size + 1;
    return choices;
}

static const char *view_href(struct ctx *ctx, const char *query, const char *id) {
    return leads_href(ctx, query, arena_printf(ctx->arena, "view=%s", id));
}

static void put_tab(struct model_list *tabs, const char *label, const char *href, bool current) {
    struct model *tab = model_list_add(tabs);
    model_set_text(tab, "label", label);
    model_set_text(tab, "href", href);
    model_set_bool(tab, "current", current);
    model_set_text(tab, "count", NULL);
}

struct open_view {
    const char *id, *name, *query, *columns; /* of the view that is open; id NULL: none is */
    const char *default_href;                /* where the default view is; NULL: there is none */
};

static const char *member(struct ctx *ctx, const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? arena_strdup(ctx->arena, text) : NULL;
}

static void show_tabs(struct ctx *ctx, const char *standard, struct open_view *open) {
    const char *json = ctx_column(ctx, Q_lead_totals, "_views");
    const char *asked = ctx_get(ctx, "view");
    json_t *views = json ? json_loads(json, 0, NULL) : NULL;
    model_set_bool(ctx->page, "has_tabs", json_array_size(views) > 0);
    struct model_list *tabs = model_set_list(ctx->page, "tabs");
    if (json_array_size(views) > 0)
        put_tab(tabs, messages_text(N_("All leads")), "/leads?view=all", !asked || text_equal(asked, "all"));
    for (size_t i = 0; i < json_array_size(views); i++) {
        const json_t *view = json_array_get(views, i);
        const char *id = member(ctx, view, "id"), *query = member(ctx, view, "query");
        const char *href = view_href(ctx, query, id);
        bool current = text_equal(asked, id);
        if (current)
            *open = (struct open_view){.id = id, .name = member(ctx, view, "name"), .query = query,
                                       .columns = member(ctx, view, "columns"), .default_href = open->default_href};
        put_tab(tabs, member(ctx, view, "name"), href, current);
        if (text_equal(id, standard))
            open->default_href = href;
    }
    json_decref(views);
}

/* ── Columns ── */

static void show_columns(struct ctx *ctx, const char *columns, bool selecting) {
    const struct lead_column *chosen[LEAD_COLUMNS_MAX];
    struct model_list *list = model_set_list(ctx->page, "chosen");
    if (!columns && !selecting) /* the table that is there for this costs less */
        return;
    size_t count = lead_columns_choose(columns, is_staff(ctx), chosen);
    for (size_t i = 0; i < count; i++) {
        struct model *column = model_list_add(list);
        model_set_text(column, "code", chosen[i]->code);
        model_set_text(column, "label", messages_text(chosen[i]->label));
        model_set_bool(column, "numeric", chosen[i]->figures);
        model_set_bool(column, "sorts", chosen[i]->sorts);
        model_set_bool(column, chosen[i]->flag, true);
    }
    if (!columns)
        return;
    const char **names = arena_array(ctx->arena, LEAD_COLUMNS_MAX + 3, sizeof *names);
    ctx->ncolumns = lead_columns_export(chosen, count, names);
    ctx->columns = names;
}

/* ── The list ── */

static void show_links(struct ctx *ctx, const struct open_view *open, bool selecting) {
    const char *asked = ctx_get(ctx, "view"), *view = open->id ? open->id : "all";
    const char *filters = ctx->list_query; /* without what is carried along, where something is */
    if (asked || ctx_get(ctx, "select"))
        filters = filters_text(ctx, ctx->form, params_get(ctx->request->query, "sort"));
    bool own_way = open->id && !text_equal(filters, open->query);
    model_set_text(ctx->page, "view", asked);
    model_set_text(ctx->page, "filters", filters);
    model_set_text(ctx->page, "save_href", arena_printf(ctx->arena, "/leads/views/new?%s", filters));
    model_set_text(ctx->page, "view_name", own_way ? open->name : NULL);
    model_set_text(ctx->page, "view_edit_href",
                   own_way ? arena_printf(ctx->arena, "/leads/views/%s?%s%supdate=1", open->id, filters, *filters ? "&" : "") : NULL);
    model_set_text(ctx->page, "select_href", leads_href(ctx, filters, arena_printf(ctx->arena, "view=%s&select=1", view)));
    model_set_text(ctx->page, "done_href", selecting ? view_href(ctx, filters, view) : NULL);
}

void lead_list_prepare_dress(struct ctx *ctx) {
    const char *view = params_get(ctx->request->query, "view");
    if (view && (text_equal(view, "all") || text_is_uuid(view)))
        ctx_set(ctx, "view", view);
    if (params_get(ctx->request->query, "select"))
        ctx_set(ctx, "select", "1");
}

enum err lead_list_dress(struct ctx *ctx) {
    messages_use(ctx_locale(ctx));
    struct choices choices = read_choices(ctx);
    struct open_view open = {.id = NULL};
    bool selecting = ctx_get(ctx, "select") && ctx_can(ctx, "leads:write");
    show_tabs(ctx, choices.view, &open);
    if (open.default_href && !*ctx->request->raw_query && ctx->request->answer == ANSWER_HTML)
        return ctx_redirect(ctx, open.default_href, NULL);
    show_columns(ctx, open.columns ? open.columns : choices.columns, selecting);
    model_set_bool(ctx->page, "selecting", selecting);
    show_links(ctx, &open, selecting);
    return OK;
}
