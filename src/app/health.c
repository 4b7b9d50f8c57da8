#include "app/health.h"

#include "core/text.h"

enum err health_live(struct ctx *ctx) {
    response_type(ctx->response, "text/plain; charset=utf-8");
    buf_puts(ctx->response->body, "ok\n");
    return OK;
}

enum err health_ready(struct ctx *ctx) {
    enum err err = ctx_run_alone(ctx, Q_ready);
    response_type(ctx->response, "text/plain; charset=utf-8");
    ctx->response->status = err ? 503 : 200;
    buf_puts(ctx->response->body, err ? "the database is away\n" : "ready\n");
    return OK;
}

enum err health_error(struct ctx *ctx) {
    long status;
    return text_to_long(ctx_get(ctx, "status"), 400, 599, &status) ? err_of_status((int)status)
                                                                   : ERR_NOT_FOUND;
}

enum err health_metrics(struct ctx *ctx) {
    response_type(ctx->response, "text/plain; version=0.0.4; charset=utf-8");
    if (ctx->site->board)
        scoreboard_metrics(ctx->site->board, ctx->response->body);
    return OK;
}
