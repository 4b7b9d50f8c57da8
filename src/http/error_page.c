#include "core/i18n.h"
#include "core/log.h"
#include "core/text.h"
#include "http/form_data.h"
#include "http/page_internal.h"
#include "view/messages.h"
#include <string.h>

enum { NEXT_MAX = 1500 /* bytes; what the sign-in form takes is a little more */ };

/* RFC 9110 section 15 names, shown as the page's title. */
static const char *title_of(int status) {
    switch (status) {
    case 400:
        return "Bad request";
    case 401:
        return "Please sign in";
    case 403:
        return "Not allowed";
    case 404:
        return "Not found";
    case 405:
        return "Method not allowed";
    case 409:
        return "Changed in the meantime";
    case 410:
        return "No longer here";
    case 411:
        return "Length required";
    case 413:
        return "Too large";
    case 415:
        return "Unsupported type";
    case 422:
        return "Needs another look";
    case 429:
        return "Too many tries";
    case 503:
        return "Back in a moment";
    default:
        return "Something went wrong";
    }
}

/* Back to where they were; a very long address would not fit behind another one, so its query stays
 * behind. */
static void send_to_sign_in(struct ctx *ctx) {
    const struct request *request = ctx->request;
    bool fits =
        *request->raw_query && strlen(request->path) + strlen(request->raw_query) < NEXT_MAX;
    const char *here =
        fits ? arena_printf(ctx->arena, "%s?%s", request->path, request->raw_query) : request->path;
    if (strlen(here) > NEXT_MAX)
        here = "/";
    const char *next = percent_encode(ctx->arena, here);
    response_redirect(ctx->response, arena_printf(ctx->arena, "/login?next=%s", next));
}

/* Whoever was signed out while they filled a form, or sent it while the database was away, finds here what they sent, but for
 * passwords and files, and sends it once more. Only what a page of ours sent is handed back. */
static bool show_kept(struct ctx *ctx) {
    const struct request *request = ctx->request;
    if (request->method != METHOD_POST || !request->form || !request_is_from_us(request) ||
        !ctx->route || !ctx->route->form || !(ctx->route->again || ctx->route->template))
        return false;
    model_set_text(ctx->page, "again_path", request->path);
    struct model_list *kept = model_set_list(ctx->page, "kept");
    for (size_t i = 0; i < request->form->count; i++) {
        const struct param *sent = &request->form->items[i];
        const struct field *field = ctx->route->form->fields;
        while (field->name && strcmp(field->name, sent->name) != 0)
            field++;
        if (!field->name || field->kind == FIELD_PASSWORD || field->kind == FIELD_FILE)
            continue;
        struct model *value = model_list_add(kept);
        model_set_text(value, "name", sent->name);
        model_set_text(value, "value", sent->value);
    }
    return true;
}

/* Field errors go along, as an extension member (RFC 9457 section 3.2). */
static void answer_problem(struct ctx *ctx, enum err err, const char *sentence) {
    int status = err_status(err);
    struct model *problem = model_new(ctx->arena, NULL);
    model_set_text(problem, "type", "about:blank");
    model_set_text(problem, "title", title_of(status));
    model_set_int(problem, "status", status);
    model_set_text(problem, "detail", sentence);
    model_set_text(problem, "instance", ctx->request->id);
    if (err == ERR_INVALID && ctx->form)
        form_errors(ctx->form, problem);
    response_type(ctx->response, "application/problem+json");
    model_to_json(problem, ctx->response->body);
}

/* The last resort: no template, no database. */
static void answer_bare(struct ctx *ctx, int status, const char *sentence) {
    buf_clear(ctx->response->body);
    buf_printf(ctx->response->body,
               "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>%d</title><h1>%d "
               "%s</h1><p>%s</p></html>\n",
               status, status, title_of(status), err_sentence(err_of_status(status)));
    (void)sentence;
}

/* The page of ours that a form was sent from, or NULL. */
static const char *came_from(const struct ctx *ctx) {
    const char *base = ctx->site->config->base_url, *from = ctx->request->referrer;
    if (!from || !text_starts(from, base) || from[strlen(base)] != '/')
        return NULL;
    return from + strlen(base);
}

static void answer_page(struct ctx *ctx, int status, const char *sentence) {
    static const enum query none[1] = {Q_NONE};
    /* Navigation and name for the error page, when the database has them. */
    if (ctx->request && !ctx->session.row && status != 503 &&
        ctx_load(ctx, BATCH_READ, none, NULL) != OK)
        log_event(LOG_DEBUG, "error_page_without_session", NULL);
    ctx->page = model_new(ctx->arena, ctx->chrome);
    ctx->form = NULL;
    chrome_fill(ctx);
    model_set_int(ctx->page, "status", status);
    model_set_text(ctx->page, "title", messages_text(title_of(status)));
    model_set_text(ctx->page, "sentence", sentence);
    bool sent = ctx->request && ctx->request->method == METHOD_POST;
    bool kept = sent && (status == 401 || status == 503) && show_kept(ctx);
    bool retry = kept && status == 503;
    kept = kept && !retry;
    if (kept) {
        model_set_text(ctx->page, "title", messages_text(N_("You were signed out")));
        model_set_text(ctx->page, "sentence", messages_text(N_("What you typed is still here, and not sent yet.")));
    }
    model_set_bool(ctx->page, "sign_in", status == 401 && !kept);
    model_set_bool(ctx->page, "send_again", kept);
    model_set_bool(ctx->page, "retry", retry);
    model_set_text(ctx->page, "back_href", sent ? came_from(ctx) : NULL);
    buf_clear(ctx->response->body);
    if (chrome_render(ctx, "errors/error") != OK)
        answer_bare(ctx, status, sentence);
}

void error_answer(struct ctx *ctx, enum err err) {
    int status = err_status(err);
    const char *sentence = messages_text(ctx->sorry ? ctx->sorry : err_sentence(err));
    buf_clear(ctx->response->body);
    ctx->response->stream = NULL;
    ctx->response->status = status;
    if (err == ERR_THROTTLED)
        response_header(ctx->response, "Retry-After", ctx->retry_after ? ctx->retry_after : "60");
    else if (err == ERR_UNAVAILABLE)
        response_header(ctx->response, "Retry-After", "5");
    if (ctx->request && ctx->request->answer == ANSWER_JSON)
        answer_problem(ctx, err, sentence);
    else if (err == ERR_SIGN_IN && ctx->request->method != METHOD_POST)
        send_to_sign_in(ctx);
    else
        answer_page(ctx, status, sentence);
}
