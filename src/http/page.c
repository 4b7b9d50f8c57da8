#include "http/page.h"

#include "core/clock.h"
#include "core/i18n.h"
#include "core/log.h"
#include "core/text.h"
#include "http/form_data.h"
#include "http/page_internal.h"
#include "view/messages.h"

static bool is_get(const struct ctx *ctx) {
    return ctx->request->method == METHOD_GET || ctx->request->method == METHOD_HEAD;
}

static bool is_file(const struct ctx *ctx) {
    return ctx->request->answer == ANSWER_CSV || ctx->request->answer == ANSWER_XLSX;
}

/* Addresses name rows by UUID; whatever else stands there names nothing. */
static bool ids_plausible(const struct params *params) {
    for (size_t i = 0; i < params->count; i++)
        if (text_ends(params->items[i].name, "id") && !text_is_uuid(params->items[i].value))
            return false;
    return true;
}

static enum err check_access(struct ctx *ctx, const struct route *route) {
    if (!route->permission)
        return OK;
    if (!ctx->session.signed_in)
        return ERR_SIGN_IN;
    if ((route->who == PARTNERS && ctx->session.audience != AUDIENCE_PARTNER) ||
        (route->who == STAFF && ctx->session.audience != AUDIENCE_STAFF))
        return ERR_NOT_FOUND;
    return session_can(&ctx->session, route->permission) ? OK : ERR_FORBIDDEN;
}

static const enum query no_queries[1] = {Q_NONE};

/* The cookie's letter alone tells who can't be signed in for this route. They are refused before
 * its statements run, which their database role may not even be allowed to read. */
static enum err check_letter(struct ctx *ctx, const struct route *route) {
    enum audience audience = ctx->session.audience;
    if (!route->permission)
        return OK;
    if (audience == AUDIENCE_VISITOR)
        return ERR_SIGN_IN;
    if ((route->who != PARTNERS || audience == AUDIENCE_PARTNER) &&
        (route->who != STAFF || audience == AUDIENCE_STAFF))
        return OK;
    enum err err = ctx_load(ctx, BATCH_READ, no_queries, NULL);
    return err ? err : check_access(ctx, route);
}

/* A page about one row is not there when the row isn't (or isn't this user's). */
static enum err check_rows(struct ctx *ctx, const struct route *route) {
    for (size_t i = 0; i < ROUTE_QUERIES_MAX && route->show[i]; i++)
        if (query_info(route->show[i])->rows == QUERY_ONE &&
            ctx_rows(ctx, route->show[i])->nrows == 0)
            return ERR_NOT_FOUND;
    return OK;
}

static const struct rows *find_options(void *context, const char *name) {
    struct ctx *ctx = context;
    return batch_find(ctx->batch, name);
}

/* ── GET ── */

static enum err answer_html(struct ctx *ctx) {
    if (ctx->form && !ctx->session.signed_in)
        session_for_form(&ctx->session, ctx->arena, ctx->response,
                         ctx->site->config->secure_cookies);
    chrome_fill(ctx);
    if (ctx->form)
        form_model(ctx->form, ctx->chrome, find_options, ctx);
    return chrome_render(ctx, ctx->route->template);
}

static enum err answer(struct ctx *ctx) {
    if (is_file(ctx) && ctx->route->list) {
        list_export(ctx);
        return OK;
    }
    if (ctx->request->answer == ANSWER_JSON && ctx->response->status < 400) {
        response_type(ctx->response, "application/json");
        model_to_json(ctx->page, ctx->response->body);
        return OK;
    }
    return answer_html(ctx);
}

static void show_rows(struct ctx *ctx, const struct route *route) {
    for (size_t i = 0; i < ROUTE_QUERIES_MAX && route->show[i]; i++) {
        const struct query_info *info = query_info(route->show[i]);
        if (info->rows != QUERY_NONE)
            model_set_rows(ctx->page, info->name, ctx_rows(ctx, route->show[i]));
    }
    if (route->list)
        list_show(ctx);
}

/* A page shows which; a program would take the rows for those that it asked for. */
static const char misunderstood[] = N_("A filter in this address is not understood. Correct it, or leave it out.");

/* Loads and shows a page. taken: the form holds what was typed and why it was refused, not the row.
 */
static enum err show_page(struct ctx *ctx, bool taken) {
    const struct route *route = ctx->route;
    enum err err = check_letter(ctx, route);
    if (err)
        return err;
    const struct query_sort *sort = route->list ? list_prepare(ctx) : NULL;
    if (route->prepare)
        err = route->prepare(ctx);
    if (!err)
        err = ctx_load(ctx, BATCH_READ, route->show, sort);
    if (!err)
        err = check_access(ctx, route);
    if (err)
        return err;
    err = check_rows(ctx, route);
    if (err)
        return route->absent ? route->absent(ctx) : err;
    if (route->list && ctx->form && !form_valid(ctx->form) && ctx->request->answer != ANSWER_HTML)
        return ctx_fail(ctx, ERR_INVALID, misunderstood);
    if (route->fill && !taken)
        form_fill(ctx->form, batch_find(ctx->batch, route->fill));
    show_rows(ctx, route);
    if (route->decide && (err = route->decide(ctx)))
        return err;
    bool answered =
        (ctx->response->status >= 300 && ctx->response->status < 400) || !route->template;
    return answered ? OK : answer(ctx);
}

static enum err answer_get(struct ctx *ctx) {
    const struct route *route = ctx->route;
    if (!route->template && route->decide && !route->show[0] &&
        !route->permission) /* health and the like: no database */
        return route->decide(ctx);
    if (is_file(ctx) && (!route->list || (ctx->request->answer == ANSWER_XLSX && route->list->csv)))
        return ERR_NOT_FOUND;
    if (route->form) {
        ctx->form = form_new(ctx->arena, route->form);
        if (route->list) /* a filter that makes no sense is shown as wrong and filters nothing */
            (void)form_take(ctx->form, ctx->request->query);
    }
    return show_page(ctx, false);
}

/* ── POST ── */

static const char outdated[] = N_("This form is out of date. Go back, reload the page and send it again; "
                                  "copy long texts first.");
static const char outdated_kept[] =
    N_("This page was opened before you signed in. What you typed is still here: please send it once more.");

/* No stranger's large file is taken in, only to be refused. */
static long body_limit(const struct ctx *ctx) {
    const struct config *config = ctx->site->config;
    const struct route *route = ctx->route;
    if (!route->takes_files || (route->permission && ctx->session.audience == AUDIENCE_VISITOR))
        return config->body_limit;
    return route->takes_tables ? config->import_limit : config->upload_limit;
}

static enum err read_form(struct ctx *ctx, struct fcgi_request *fcgi) {
    const struct config *config = ctx->site->config;
    long limit = body_limit(ctx);
    const void *body;
    size_t size;
    fcgi->spool = ctx->route->takes_files ? config->files : NULL;
    enum err err = fcgi->read_body(fcgi, ctx->arena, (size_t)limit, &body, &size);
    if (!err)
        err = request_parse_body(ctx->request, body, size, &ctx->sorry);
    return err;
}

static bool is_in_time(const struct ctx *ctx) {
    return ctx->route->machine ||
           session_csrf_valid(&ctx->session, ctx->request, params_get(ctx->request->form, "csrf"),
                              ctx->site->secret, sizeof ctx->site->secret);
}

static const struct route *page_of(const struct site *site, const char *pattern) {
    for (size_t i = 0; i < site->nroutes; i++)
        if (pattern && site->routes[i].method == METHOD_GET &&
            text_equal(site->routes[i].pattern, pattern))
            return &site->routes[i];
    return NULL;
}

/* Without a page to show: what is wrong, and only to those who may send the form. */
static enum err only_errors(struct ctx *ctx) {
    enum err err = ctx_load(ctx, BATCH_READ, ctx->route->show, NULL);
    if (!err)
        err = check_access(ctx, ctx->route);
    if (!err)
        err = check_rows(ctx, ctx->route);
    return err ? err : ERR_INVALID;
}

/* A browser keeps what was typed, but no files. */
static void ask_for_files_again(struct ctx *ctx) {
    for (size_t i = 0; ctx->form && i < ctx->request->nuploads; i++)
        if (*ctx->request->uploads[i].filename)
            form_error(ctx->form, ctx->request->uploads[i].field,
                       N_("Choose the files once more: they are not kept until the form is taken."));
}

/* Shows the form's page again with what was typed. The POST's own permission counts too: whoever
 * may not send the form is not told what is wrong with it. */
static enum err show_again(struct ctx *ctx) {
    const struct route *post = ctx->route;
    const struct route *page =
        ctx->request->answer == ANSWER_JSON ? NULL : page_of(ctx->site, post->again);
    db_rollback(ctx->site->db);
    ctx->batch = NULL;
    ask_for_files_again(ctx);
    if (!page)
        return only_errors(ctx);
    ctx->route = page;
    ctx->response->status = err_status(ERR_INVALID);
    enum err err = show_page(ctx, true);
    return err ? err : check_access(ctx, post);
}

static enum err commit(struct ctx *ctx) {
    struct batch *batch = batch_new(ctx->site->db, ctx->arena, ctx->session.audience, BATCH_COMMIT);
    return batch_run(batch);
}

static enum err load_and_decide(struct ctx *ctx) {
    enum err err = ctx_load(ctx, BATCH_OPEN, ctx->route->show, NULL);
    if (!err)
        err = check_access(ctx, ctx->route);
    if (!err)
        err = check_rows(ctx, ctx->route);
    if (!err)
        err = ctx->route->decide(ctx);
    return err ? err : commit(ctx);
}

static enum err decide_alone(struct ctx *ctx) {
    enum err err = ctx->route->permission ? ctx_load(ctx, BATCH_READ, no_queries, NULL) : OK;
    if (!err)
        err = check_access(ctx, ctx->route);
    return err ? err : ctx->route->decide(ctx);
}

/* The first field that takes files, or NULL. */
static const struct field *file_field(const struct route *route) {
    for (const struct field *field = route->form ? route->form->fields : NULL; field && field->name;
         field++)
        if (field->kind == FIELD_FILE)
            return field;
    return NULL;
}

/* The body was longer than the route takes, and there is a place to say so. */
static bool is_large_file(const struct ctx *ctx, enum err err) {
    return err == ERR_TOO_LARGE && !ctx->sorry && ctx->route->takes_files && file_field(ctx->route);
}

/* Nothing of the form is known, not even its token: the page is shown as it was, and says why. */
static enum err refuse_file(struct ctx *ctx) {
    long limit = body_limit(ctx) / (1024 * 1024);
    ctx->form = form_new(ctx->arena, ctx->route->form);
    form_error_about(ctx->form, file_field(ctx->route)->name,
                     N_("What was sent is larger than {max} MB, which is the most that is taken at once."),
                     NULL, limit);
    return show_again(ctx);
}

/* The token is not this session's: whoever filled the form is signed out, or signed in again since it was opened.
 * Nothing is done. Where the browser says that a page of ours sent it, nothing that was typed is lost either. */
static enum err refuse_outdated(struct ctx *ctx) {
    const struct route *route = ctx->route;
    if (!request_is_from_us(ctx->request) || !route->form)
        return ctx_fail(ctx, ERR_FORBIDDEN, outdated);
    if (check_letter(ctx, route) == ERR_SIGN_IN)
        return ERR_SIGN_IN;
    if (!page_of(ctx->site, route->again) || ctx->request->answer == ANSWER_JSON)
        return ctx_fail(ctx, ERR_FORBIDDEN, outdated);
    ctx->form = form_new(ctx->arena, route->form);
    (void)form_take(ctx->form, ctx->request->form);
    form_error(ctx->form, NULL, outdated_kept);
    enum err err = show_again(ctx);
    if (!err)
        ctx->response->status = err_status(ERR_FORBIDDEN);
    return err;
}

static enum err answer_post(struct ctx *ctx, struct fcgi_request *fcgi) {
    const struct route *route = ctx->route;
    enum err err = read_form(ctx, fcgi);
    if (is_large_file(ctx, err))
        return refuse_file(ctx);
    if (!err && !is_in_time(ctx))
        return refuse_outdated(ctx);
    if (!err)
        err = check_letter(ctx, route);
    if (err)
        return err;
    bool valid = true;
    if (route->form) {
        ctx->form = form_new(ctx->arena, route->form);
        valid = form_take(ctx->form, ctx->request->form);
    }
    if (route->prepare && (err = route->prepare(ctx)))
        return err;
    if (valid) {
        err = route->alone ? decide_alone(ctx) : load_and_decide(ctx);
        if (err != ERR_INVALID)
            return err;
    }
    return show_again(ctx);
}

/* ── Any request ── */

static enum err route_request(struct ctx *ctx, struct fcgi_request *fcgi) {
    struct request *request = ctx->request;
    struct router_match match =
        router_find(ctx->site->router, request->method, request->path, ctx->arena, ctx->params);
    switch (match.verdict) {
    case ROUTE_NOT_FOUND:
        return ERR_NOT_FOUND;
    case ROUTE_METHOD:
        response_header(ctx->response, "Allow", match.allow);
        return ERR_METHOD;
    case ROUTE_SLASH:
        response_redirect(ctx->response,
                          *request->raw_query
                              ? arena_printf(ctx->arena, "%s?%s", match.path, request->raw_query)
                              : match.path);
        ctx->response->status = is_get(ctx) ? 301 : 308;
        return OK;
    case ROUTE_FOUND:
        break;
    }
    ctx->route = &ctx->site->routes[match.route];
    if (ctx->site->slot)
        scoreboard_request(ctx->site->slot, ctx->route->pattern, request->id);
    if (!ids_plausible(ctx->params))
        return ERR_NOT_FOUND;
    return is_get(ctx) ? answer_get(ctx) : answer_post(ctx, fcgi);
}

static void log_request(const struct ctx *ctx, const char *pattern, int64_t started) {
    const char *user = session_get(&ctx->session, "user_id");
    log_event(LOG_INFO, "request", "method", "%s", ctx->request ? ctx->request->method_name : "-",
              "route", "%s", pattern, "status", "%d", ctx->response->status, "ms", "%.1f",
              (double)(clock_monotonic_us() - started) / 1000.0, "bytes", "%zu",
              ctx->response->body->len, "user", "%s", user ? user : "-", NULL);
}

const char *page_answer(const struct site *site, struct arena *arena, struct fcgi_request *fcgi,
                        struct response *response) {
    int64_t started = clock_monotonic_us();
    struct ctx ctx = {
        .site = site, .arena = arena, .response = response, .fcgi = fcgi, .params = params_new(arena), .begun_ms = clock_wall_ms()};
    ctx.session = (struct session){.cookie = "", .token_hash = "", .audience = AUDIENCE_VISITOR};
    ctx.chrome = model_new(arena, NULL);
    ctx.page = model_new(arena, ctx.chrome);

    enum err err = request_parse(arena, fcgi->env, fcgi->env_context, &ctx.request, &ctx.sorry);
    log_set_request(ctx.request->id);
    session_read(&ctx.session, ctx.request,
                 site->config->secure_cookies); /* the error page asks, too */
    if (!err)
        err = route_request(&ctx, fcgi);
    const char *pattern = ctx.route ? ctx.route->pattern : "-";
    if (err) {
        db_rollback(site->db);
        if (err == ERR_UNAVAILABLE && site->slot)
            scoreboard_db_error(site->slot);
        error_answer(&ctx, err);
    }
    if (ctx.request)
        response_header(response, "X-Request-Id", ctx.request->id);
    if (!strstr(buf_text(&response->headers), "Cache-Control:"))
        response_header(response, "Cache-Control", "no-store");
    response_header(response, "Vary", "Accept, Cookie");
    log_request(&ctx, pattern, started);
    log_set_request(NULL);
    db_reset(site->db);
    return pattern;
}
