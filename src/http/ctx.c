#include "http/page.h"

#include "core/log.h"
#include "core/text.h"
#include "http/form_data.h"
#include "http/page_internal.h"
#include "view/messages.h"

void ctx_set(struct ctx *ctx, const char *name, const char *value) {
    params_set(ctx->params, name, value);
}

const char *ctx_get(const struct ctx *ctx, const char *name) {
    const struct param *param = params_find(ctx->params, name);
    if (param)
        return param->value;
    return ctx->form ? form_value(ctx->form, name) : NULL;
}

const char *ctx_value(void *context, const char *name) {
    struct ctx *ctx = context;
    const char *value = ctx_get(ctx, name);
    if (value)
        return value;
    /* what app.session_open() takes */
    if (strcmp(name, "session_token_hash") == 0)
        return ctx->session.token_hash;
    if (strcmp(name, "session_idle") == 0)
        return arena_printf(ctx->arena, "%ld", ctx->site->config->session_idle);
    if (strcmp(name, "request_id") == 0)
        return ctx->request->id;
    return NULL;
}

/* What waits for whoever is asking, beside the navigation of every page. */
static void add_badges(struct ctx *ctx, struct batch *batch) {
    if (ctx->session.audience == AUDIENCE_VISITOR || ctx->request->answer != ANSWER_HTML)
        return;
    for (const struct nav_badge *badge = ctx->site->badges; badge && badge->href; badge++)
        (void)batch_add(batch, badge->query, NULL, ctx_value, ctx);
}

enum err ctx_load(struct ctx *ctx, enum batch_kind kind, const enum query *queries,
                  const struct query_sort *list_sort) {
    struct batch *batch = batch_new(ctx->site->db, ctx->arena, ctx->session.audience, kind);
    if ((ctx->request && ctx->request->quiet) || (ctx->route && ctx->route->quiet))
        (void)batch_add(batch, Q_session_quiet, NULL, ctx_value, ctx);
    size_t session = batch_add(batch, Q_session, NULL, ctx_value, ctx);
    for (size_t i = 0; i < ROUTE_QUERIES_MAX && queries[i]; i++)
        (void)batch_add(batch, queries[i], NULL, ctx_value, ctx);
    if (list_sort)
        (void)batch_add(batch, ctx->route->list->query, list_sort, ctx_value, ctx);
    if (kind == BATCH_READ)
        add_badges(ctx, batch);
    ctx->batch = batch;
    enum err err = batch_run(batch);
    if (!err) {
        session_confirm(&ctx->session, batch_rows(batch, session));
        messages_use(ctx_locale(ctx));
    }
    return err;
}

const struct rows *ctx_rows(const struct ctx *ctx, enum query query) {
    static const struct rows none;
    const struct rows *rows = ctx->batch ? batch_find(ctx->batch, query_info(query)->name) : NULL;
    return rows ? rows : &none;
}

const char *ctx_column(const struct ctx *ctx, enum query query, const char *column) {
    return rows_get(ctx_rows(ctx, query), 0, column);
}

bool ctx_can(const struct ctx *ctx, const char *permission) {
    return session_can(&ctx->session, permission);
}

const char *ctx_locale(const struct ctx *ctx) {
    const char *locale = session_get(&ctx->session, "locale");
    return locale ? locale : "en";
}

const char *ctx_header(const struct ctx *ctx, const char *name) {
    return ctx->fcgi->env(ctx->fcgi->env_context, name);
}

/* The database's own sentences (SQLSTATE TS…) are written for people; constraint names are for the
 * form. */
static enum err explain(struct ctx *ctx, struct batch *batch, enum err err) {
    if (err == ERR_CONFLICT && ctx->form && form_conflict(ctx->form, batch_constraint(batch)))
        return ERR_INVALID;
    if (err == ERR_CONFLICT && *batch_constraint(batch))
        ctx_set(ctx, "conflict", batch_constraint(batch));
    else if (err && err != ERR_INTERNAL && err != ERR_UNAVAILABLE && err != ERR_BAD_REQUEST &&
             *batch_message(batch) && err != ERR_FORBIDDEN)
        ctx->sorry = batch_message(batch);
    return err;
}

static enum err run(struct ctx *ctx, enum batch_kind kind, enum query query) {
    struct batch *batch = batch_new(ctx->site->db, ctx->arena, ctx->session.audience, kind);
    size_t session = 0;
    if (kind == BATCH_WHOLE)
        session = batch_add(batch, Q_session, NULL, ctx_value, ctx);
    (void)batch_add(batch, query, NULL, ctx_value, ctx);
    enum err err = batch_run(batch);
    if (err)
        return explain(ctx, batch, err);
    if (kind == BATCH_WHOLE)
        session_confirm(&ctx->session, batch_rows(batch, session));
    ctx->batch = batch;
    return OK;
}

enum err ctx_run(struct ctx *ctx, enum query query) {
    return run(ctx, BATCH_CONTINUE, query);
}

enum err ctx_run_alone(struct ctx *ctx, enum query query) {
    return run(ctx, BATCH_WHOLE, query);
}

enum err ctx_field_error(struct ctx *ctx, const char *field, const char *message) {
    form_error(ctx->form, field, message);
    return ERR_INVALID;
}

enum err ctx_fail(struct ctx *ctx, enum err err, const char *sentence) {
    ctx->sorry = sentence;
    return err;
}

static const char *fill_pattern(struct ctx *ctx, const char *pattern) {
    struct buf path;
    buf_init(&path, REQUEST_PATH_MAX);
    for (const char *c = pattern; *c; c++) {
        const char *end = *c == '{' ? strchr(c, '}') : NULL;
        if (!end) {
            buf_putc(&path, *c);
            continue;
        }
        const char *value = ctx_value(ctx, arena_strndup(ctx->arena, c + 1, (size_t)(end - c - 1)));
        buf_puts(&path, percent_encode(ctx->arena, value ? value : ""));
        c = end;
    }
    const char *text = arena_strdup(ctx->arena, buf_text(&path));
    buf_free(&path);
    return text;
}

void ctx_offer_undo(struct ctx *ctx, const char *pattern, const char *version) {
    ctx->undo = fill_pattern(ctx, pattern);
    ctx->undo_version = version;
}

static enum err redirect_json(struct ctx *ctx, const char *location, const char *notice) {
    struct model *answer = model_new(ctx->arena, NULL);
    model_set_bool(answer, "ok", true);
    model_set_text(answer, "location", location);
    if (notice)
        model_set_text(answer, "notice", messages_text(notice));
    if (ctx->undo) {
        model_set_text(answer, "undo", ctx->undo);
        model_set_text(answer, "undo_version", ctx->undo_version);
    }
    response_type(ctx->response, "application/json");
    model_to_json(answer, ctx->response->body);
    return OK;
}

static enum err redirect_to(struct ctx *ctx, const char *location, const char *notice) {
    if (ctx->request->answer == ANSWER_JSON && ctx->request->method == METHOD_POST)
        return redirect_json(ctx, location, notice);
    response_redirect(ctx->response, location);
    if (notice && ctx->undo)
        notice = arena_printf(ctx->arena, "%s\n%s\n%s", notice, ctx->undo, ctx->undo_version);
    if (notice)
        response_cookie(ctx->response, "notice", percent_encode(ctx->arena, notice), 60,
                        ctx->site->config->secure_cookies);
    return OK;
}

enum err ctx_redirect(struct ctx *ctx, const char *pattern, const char *notice) {
    return redirect_to(ctx, fill_pattern(ctx, pattern), notice);
}

enum err ctx_redirect_back(struct ctx *ctx, const char *pattern, const char *notice) {
    const char *back = ctx->form ? form_value(ctx->form, "back") : NULL;
    return redirect_to(ctx, back ? back : fill_pattern(ctx, pattern), notice);
}
