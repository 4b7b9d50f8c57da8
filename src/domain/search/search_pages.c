#include "core/i18n.h"
#include "core/text.h"
#include "domain/leads/leads.h"
#include "domain/search/search.h"
#include "http/form_data.h"
#include "view/messages.h"

static const struct field fields[] = {
    {.name = "q", .kind = FIELD_TEXT, .label = N_("Search"), .max = 100},
    {0},
};
const struct form_spec search_form = {.fields = fields};

static enum err prepare(struct ctx *ctx, const char *limit) {
    (void)form_take(ctx->form, ctx->request->query); /* too long a text finds nothing and is shown as wrong */
    const char *typed = form_value(ctx->form, "q");
    char *q = arena_strdup(ctx->arena, typed ? typed : "");
    if (typed)
        lead_search_text(typed, q);
    ctx_set(ctx, "q", *q ? q : NULL); /* nothing is like NULL */
    ctx_set(ctx, "limit", limit);
    return OK;
}

enum err search_prepare(struct ctx *ctx) {
    return prepare(ctx, "20");
}

enum err suggest_prepare(struct ctx *ctx) {
    return prepare(ctx, "5");
}

static struct model_list *put_group(struct ctx *ctx, struct model_list *groups, const char *label,
                                    enum query query, const char *more) {
    if (ctx_rows(ctx, query)->nrows == 0)
        return NULL;
    struct model *group = model_list_add(groups);
    model_set_text(group, "label", messages_text(label));
    model_set_text(group, "more_href", more);
    return model_set_list(group, "items");
}

static struct model *put_item(struct model_list *items, const char *icon, const char *id,
                              const char *href, const char *title, const char *note) {
    struct model *item = model_list_add(items);
    model_set_text(item, "icon", icon);
    model_set_text(item, "id", id);
    model_set_text(item, "href", href);
    model_set_text(item, "title", title);
    model_set_text(item, "note", note);
    model_set_text(item, "stage", NULL);
    model_set_text(item, "badge", NULL);
    return item;
}

/* What is there of these, with dots between. */
static const char *joined(struct ctx *ctx, const char *a, const char *b) {
    if (!a || !b)
        return a ? a : b;
    return arena_printf(ctx->arena, "%s · %s", a, b);
}

static void show_leads(struct ctx *ctx, struct model_list *groups, const char *more) {
    const struct rows *rows = ctx_rows(ctx, Q_search_leads);
    struct model_list *items = put_group(ctx, groups, N_("Leads"), Q_search_leads, more);
    for (size_t i = 0; i < rows->nrows; i++) {
        const char *id = rows_get(rows, i, "id"), *email = rows_get(rows, i, "email");
        const char *reach = email ? email : rows_get(rows, i, "phone");
        const char *where = rows_get(rows, i, "partner");
        struct model *item = put_item(
            items, "target", id, arena_printf(ctx->arena, "/leads/%s", id),
            rows_get(rows, i, "name"), joined(ctx, reach, where ? where : rows_get(rows, i, "location")));
        model_set_text(item, "stage", rows_get(rows, i, "stage"));
    }
}

static void show_partners(struct ctx *ctx, struct model_list *groups, const char *more) {
    const struct rows *rows = ctx_rows(ctx, Q_search_partners);
    if (!ctx_can(ctx, "partners:read"))
        return;
    struct model_list *items = put_group(ctx, groups, N_("Partners"), Q_search_partners, more);
    for (size_t i = 0; i < rows->nrows; i++) {
        const char *id = rows_get(rows, i, "id");
        struct model *item = put_item(items, "handshake", id,
                                      arena_printf(ctx->arena, "/admin/partners/%s", id),
                                      rows_get(rows, i, "name"), rows_get(rows, i, "contact_name"));
        model_set_text(item, "badge", rows_get(rows, i, "type"));
    }
}

/* The page about somebody, where the reader may open one; else the list that they stand in. */
static const char *person_href(struct ctx *ctx, const char *id, const char *partner) {
    if (ctx->session.audience == AUDIENCE_PARTNER)
        return ctx_can(ctx, "team:write") ? arena_printf(ctx->arena, "/team/%s", id) : "/team";
    if (!partner)
        return ctx_can(ctx, "staff:write")  ? arena_printf(ctx->arena, "/admin/staff/%s", id)
               : ctx_can(ctx, "staff:read") ? "/admin/staff"
                                            : NULL;
    return ctx_can(ctx, "partners:write")
               ? arena_printf(ctx->arena, "/admin/partners/%s/people/%s", partner, id)
               : arena_printf(ctx->arena, "/admin/partners/%s", partner);
}

static void show_people(struct ctx *ctx, struct model_list *groups) {
    const struct rows *rows = ctx_rows(ctx, Q_search_people);
    struct model_list *items = NULL;
    for (size_t i = 0; i < rows->nrows; i++) {
        const char *id = rows_get(rows, i, "id");
        const char *href = person_href(ctx, id, rows_get(rows, i, "partner_id"));
        if (!href)
            continue;
        if (!items)
            items = put_group(ctx, groups, N_("People"), Q_search_people, NULL);
        struct model *item =
            put_item(items, "user", id, href, rows_get(rows, i, "name"),
                     joined(ctx, rows_get(rows, i, "email"), rows_get(rows, i, "partner")));
        model_set_text(item, "badge", rows_get(rows, i, "role"));
    }
}

enum err search_page(struct ctx *ctx) {
    messages_use(ctx_locale(ctx));
    const char *typed = form_value(ctx->form, "q");
    const char *encoded = typed ? percent_encode(ctx->arena, typed) : NULL;
    const char *leads = typed && ctx_can(ctx, "leads:read") ? arena_printf(ctx->arena, "/leads?q=%s&view=all", encoded) : NULL;
    const char *partners = typed && ctx->session.audience == AUDIENCE_STAFF && ctx_can(ctx, "partners:read")
                               ? arena_printf(ctx->arena, "/admin/partners?q=%s", encoded)
                               : NULL;
    struct model_list *groups = model_set_list(ctx->page, "groups");
    if (typed) {
        show_leads(ctx, groups, leads);
        show_partners(ctx, groups, partners);
        show_people(ctx, groups);
    }
    bool found = ctx_rows(ctx, Q_search_leads)->nrows + ctx_rows(ctx, Q_search_partners)->nrows +
                     ctx_rows(ctx, Q_search_people)->nrows > 0;
    model_set_bool(ctx->page, "found", typed && found);
    model_set_text(ctx->page, "typed", typed);
    model_set_text(ctx->page, "all_href", typed ? arena_printf(ctx->arena, "/search?q=%s", encoded) : NULL);
    model_set_text(ctx->page, "leads_href", leads);
    model_set_text(ctx->page, "messages_href",
                   typed && ctx_can(ctx, "messages:read") ? arena_printf(ctx->arena, "/messages?q=%s", encoded) : NULL);
    return OK;
}
