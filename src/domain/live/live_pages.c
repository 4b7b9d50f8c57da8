#include "core/text.h"
#include "domain/live/live.h"
#include "jobs/live_rules.h"

enum { PATH_MAX_SIZE = 1024 };

static void add(struct ctx *ctx, struct buf *path, const char *name) {
    char channel[LIVE_CHANNEL_SIZE];
    live_channel(ctx->site->secret, name, channel);
    if (strstr(buf_text(path), channel))
        return; /* several topics share a channel */
    buf_printf(path, "%s%s", text_ends(buf_text(path), "/") ? "" : ",", channel);
}

static void add_of(struct ctx *ctx, struct buf *path, const char *kind, const char *column) {
    add(ctx, path, arena_printf(ctx->arena, "%s:%s", kind, session_get(&ctx->session, column)));
}

static void add_scope(struct ctx *ctx, struct buf *path) {
    bool staff = ctx->session.audience == AUDIENCE_STAFF;
    const char *scope = staff ? "staff" : arena_printf(ctx->arena, "partner:%s", session_get(&ctx->session, "partner_id"));
    for (const struct live_topic *topic = live_topics; topic->name; topic++) {
        char name[LIVE_NAME_SIZE];
        if (!ctx_can(ctx, topic->permission))
            continue;
        live_name(scope, topic, name);
        add(ctx, path, name);
    }
}

enum err live_events(struct ctx *ctx) {
    struct buf path;
    response_type(ctx->response, "text/event-stream");
    if (ctx->request->method == METHOD_HEAD)
        return OK; /* nchan has no answer to it */
    buf_init(&path, PATH_MAX_SIZE);
    buf_puts(&path, "/_events/");
    add(ctx, &path, LIVE_EVERYBODY);
    add_of(ctx, &path, "session", "session_id");
    add_of(ctx, &path, "user", "user_id");
    add_scope(ctx, &path);
    if (buf_overflowed(&path))
        abort();
    response_header(ctx->response, "X-Accel-Redirect", buf_text(&path));
    response_header(ctx->response, "X-Accel-Buffering", "no");
    buf_free(&path);
    return OK;
}
