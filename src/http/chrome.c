#include "core/log.h"
#include "core/text.h"
#include "http/form_data.h"
#include "http/page_internal.h"
#include "view/messages.h"
#include <limits.h>

enum { BADGE_MOST = 99 /* beside the navigation */ };

enum { UNREAD_MAX = 99 }; /* app.session_open() counts one further */

static void add_user(struct ctx *ctx) {
    const struct session *s = &ctx->session;
    if (!s->signed_in)
        return;
    static const struct {
        const char *name, *column;
    } user_columns[] = {{"id", "user_id"},     {"name", "user_name"},    {"email", "user_email"},
                        {"role", "user_role"}, {"audience", "audience"}, {"theme", "theme"}};
    struct model *user = model_set_object(ctx->chrome, "user");
    for (size_t i = 0; i < sizeof user_columns / sizeof *user_columns; i++)
        model_set_text(user, user_columns[i].name, session_get(s, user_columns[i].column));
    long unread = rows_long(s->row, 0, "unread");
    model_set_int(user, "unread", unread);
    model_set_text(user, "unread_text", unread > UNREAD_MAX ? "99+" : arena_printf(ctx->arena, "%ld", unread));
    if (!session_get(s, "partner_id"))
        return;
    static const struct {
        const char *name, *column;
    } partner_columns[] = {{"id", "partner_id"},
                           {"name", "partner_name"},
                           {"tier", "partner_tier"},
                           {"type", "partner_type"},
                           {"status", "partner_status"}};
    struct model *partner = model_set_object(ctx->chrome, "partner");
    for (size_t i = 0; i < sizeof partner_columns / sizeof *partner_columns; i++)
        model_set_text(partner, partner_columns[i].name, session_get(s, partner_columns[i].column));
}

/* The longest item whose address begins this page's is the current one. */
static const struct nav_item *current_item(const struct ctx *ctx) {
    const struct nav_item *best = NULL;
    for (const struct nav_item *item = ctx->site->nav; item->label; item++) {
        size_t size = strlen(item->href);
        bool below = text_starts(ctx->request->path, item->href) &&
                     (ctx->request->path[size] == '\0' || ctx->request->path[size] == '/');
        if (below && (!best || size > strlen(best->href)))
            best = item;
    }
    while (best && !*best->label)
        best--;
    return best;
}

static bool item_visible(const struct ctx *ctx, const struct nav_item *item) {
    bool staff = ctx->session.audience == AUDIENCE_STAFF;
    return *item->label && session_can(&ctx->session, item->permission) &&
           (item->who == ANYBODY || (item->who == STAFF) == staff);
}

static void add_badge(struct ctx *ctx, struct model *entry, const char *href) {
    model_set_text(entry, "badge", NULL);
    const struct nav_badge *badge = ctx->site->badges;
    while (badge && badge->href && !text_equal(badge->href, href))
        badge++;
    if (!badge || !badge->href)
        return;
    const struct rows *rows = ctx_rows(ctx, badge->query);
    const char *count = rows->nrows > 0 ? rows_cell(rows, 0, 0) : NULL;
    long waiting = 0;
    if (count)
        (void)text_to_long(count, 0, LONG_MAX, &waiting);
    const char *text = waiting > BADGE_MOST ? "99+" : arena_printf(ctx->arena, "%ld", waiting);
    struct model *shown = model_set_object(entry, "badge");
    model_set_text(shown, "id", arena_printf(ctx->arena, "badge-%s", query_info(badge->query)->name));
    model_set_text(shown, "text", waiting > 0 ? text : NULL);
}

static void add_nav(struct ctx *ctx) {
    if (!ctx->session.signed_in)
        return;
    struct model_list *groups = model_set_list(ctx->chrome, "nav");
    struct model_list *items = NULL;
    const char *group = NULL;
    const struct nav_item *current = current_item(ctx);
    for (const struct nav_item *item = ctx->site->nav; item->label; item++) {
        if (!item_visible(ctx, item))
            continue;
        if (!items || !text_equal(group, item->group)) {
            struct model *section = model_list_add(groups);
            group = item->group;
            model_set_text(section, "label", group ? messages_text(group) : NULL);
            items = model_set_list(section, "items");
        }
        struct model *entry = model_list_add(items);
        model_set_text(entry, "label", messages_text(item->label));
        model_set_text(entry, "href", item->href);
        model_set_text(entry, "icon", item->icon);
        model_set_bool(entry, "current", item == current);
        add_badge(ctx, entry, item->href);
    }
}

/* The notice's second and third line. Cookies may be forged: what is no address to take something back by is no button. */
static void add_undo(struct ctx *ctx, struct model *notice, char *lines) {
    char *version = strchr(lines, '\n');
    if (!version)
        return;
    *version++ = '\0';
    if (lines[0] != '/' || lines[1] == '/' || strchr(lines, '\\') || !text_ends(lines, "/undo") ||
        version[strspn(version, "0123456789")] != '\0')
        return;
    model_set_text(notice, "undo", lines);
    model_set_text(notice, "undo_version", version);
    const char *query = ctx->request->raw_query;
    model_set_text(notice, "here", *query ? arena_printf(ctx->arena, "%s?%s", ctx->request->path, query) : ctx->request->path);
}

static void add_notice(struct ctx *ctx) {
    if (ctx->request->quiet) /* a part of a page that follows: the notice is for the page that was gone to */
        return;
    const char *cookie = params_get(ctx->request->cookies, "notice");
    if (!cookie)
        return;
    char *text =
        strlen(cookie) <= 600 ? percent_decode(ctx->arena, cookie, strlen(cookie), false) : NULL;
    if (text && *text) {
        char *more = strchr(text, '\n');
        struct model *notice = model_set_object(ctx->chrome, "notice");
        if (more) {
            *more = '\0';
            add_undo(ctx, notice, more + 1);
        }
        model_set_text(notice, "text", messages_text(text));
        model_set_text(notice, "tone", "success");
    }
    response_cookie(ctx->response, "notice", "", 0, ctx->site->config->secure_cookies);
}

/* Every permission that some route asks for, once, with the name by which templates ask: {{#can.leads_write}}. Collected when
 * a table of routes is first met; a process has one. */
enum { PERMISSIONS_MAX = 128, PERMISSION_NAME_MAX = 48 };
static struct {
    const struct route *routes;
    size_t count;
    const char *permission[PERMISSIONS_MAX];
    char name[PERMISSIONS_MAX][PERMISSION_NAME_MAX];
} asked;

static void collect_permissions(const struct site *site) {
    if (asked.routes == site->routes)
        return;
    asked.routes = site->routes;
    asked.count = 0;
    for (size_t i = 0; i < site->nroutes; i++) {
        const char *permission = site->routes[i].permission;
        if (!permission || !strchr(permission, ':'))
            continue;
        size_t at = 0;
        while (at < asked.count && !text_equal(asked.permission[at], permission))
            at++;
        if (at < asked.count)
            continue;
        if (at == PERMISSIONS_MAX || strlen(permission) >= PERMISSION_NAME_MAX)
            abort();
        asked.permission[at] = permission;
        snprintf(asked.name[at], PERMISSION_NAME_MAX, "%s", permission);
        *strchr(asked.name[at], ':') = '_';
        asked.count++;
    }
}

static void add_permissions(struct ctx *ctx) {
    struct model *can = model_set_object(ctx->chrome, "can");
    collect_permissions(ctx->site);
    for (size_t i = 0; i < asked.count; i++)
        model_set_bool(can, asked.name[i], session_can(&ctx->session, asked.permission[i]));
}

void chrome_fill(struct ctx *ctx) {
    const struct session *s = &ctx->session;
    struct model *chrome = ctx->chrome;
    struct model *programme = model_set_object(chrome, "programme");
    const char *name = session_get(s, "programme_name");
    model_set_text(programme, "name", name ? name : "Tessera");
    model_set_text(programme, "currency", session_get(s, "programme_currency"));
    model_set_text(programme, "support_email", session_get(s, "support_email"));
    model_set_bool(programme, "demo", s->row && rows_true(s->row, 0, "demo"));

    const char *theme = s->signed_in ? session_get(s, "theme") : NULL;
    model_set_text(chrome, "theme", theme ? theme : "system");
    model_set_model(chrome, "asset", ctx->site->assets);
    model_set_int(chrome, "begun_ms", (long)ctx->begun_ms);
    model_set_text(chrome, "request_id", ctx->request ? ctx->request->id : NULL);
    model_set_text(chrome, "path", ctx->request ? ctx->request->path : NULL);
    model_set_bool(chrome, "development", ctx->site->config->development);
    model_set_text(chrome, "csrf",
                   session_csrf(s, ctx->arena, ctx->site->secret, sizeof ctx->site->secret));
    model_set_text(chrome, "problem",
                   ctx->sorry ? messages_text(ctx->sorry) : NULL); /* of a form that is shown again */
    add_user(ctx);
    add_permissions(ctx);
    if (ctx->request) {
        add_nav(ctx);
        add_notice(ctx);
    }
}

enum err chrome_render(struct ctx *ctx, const char *template) {
    const struct render_options options = {
        .locale = ctx_locale(ctx),
        .timezone = session_get(&ctx->session, "timezone"),
        .currency = session_get(&ctx->session, "currency"),
        .markup = true,
    };
    enum err err =
        template_render(ctx->site->templates, template, ctx->page, &options, ctx->response->body);
    if (!err && !buf_overflowed(ctx->response->body))
        return OK;
    /* a template that is missing or has no end is our fault, and no page that isn't there */
    log_event(LOG_ERROR, "render_failed", "template", "%s", template, "error", "%s", err_name(err),
              NULL);
    return ERR_INTERNAL;
}
