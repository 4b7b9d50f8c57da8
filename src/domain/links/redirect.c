#include "core/clock.h"
#include "core/crypto.h"
#include "core/i18n.h"
#include "core/text.h"
#include "domain/links/clicks.h"
#include "domain/links/links.h"

enum { DAY_SECONDS = 86400, ADDRESS_HASH_SIZE = 12 };

static const char *cookie_name(const struct ctx *ctx) {
    return ctx->site->config->secure_cookies ? "__Host-via" : "via";
}

static const char *path_code(void *context, const char *name) {
    const struct ctx *ctx = context;
    return text_equal(name, "code") ? ctx_get(ctx, "code") : NULL;
}

/* Without a session: nobody's name is needed for this. */
static enum err read_link(struct ctx *ctx, const struct rows **row) {
    struct batch *batch = batch_new(ctx->site->db, ctx->arena, AUDIENCE_VISITOR, BATCH_READ);
    size_t index = batch_add(batch, Q_link_open, NULL, path_code, ctx);
    enum err err = batch_run(batch);
    if (!err)
        *row = batch_rows(batch, index);
    return err;
}

struct attribution attribution_of(const struct ctx *ctx, long protection_days) {
    struct attribution attribution;
    const char *cookie = params_get(ctx->request->cookies, cookie_name(ctx));
    (void)attribution_decode(cookie, ctx->site->secret, sizeof ctx->site->secret, &attribution);
    attribution_limit(&attribution, clock_now(), protection_days);
    return attribution;
}

static void remember(struct ctx *ctx, const char *link, long days) {
    char text[ATTRIBUTION_TEXT_SIZE];
    struct attribution attribution = attribution_of(ctx, days);
    attribution_touch(&attribution, link, clock_now(), days);
    attribution_encode(&attribution, ctx->site->secret, sizeof ctx->site->secret, text);
    response_cookie(ctx->response, cookie_name(ctx), text, days * DAY_SECONDS,
                    ctx->site->config->secure_cookies);
}

static const char *own_host(const struct ctx *ctx) {
    const char *host = strstr(ctx->site->config->base_url, "://");
    return host ? host + 3 : "";
}

static enum click_kind note_click(const struct ctx *ctx, const char *link) {
    const struct request *request = ctx->request;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct click click = {
        .at_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000,
        .noted_us = clock_monotonic_us(),
        .kind = click_judge(request->method == METHOD_HEAD, request->user_agent, request->purpose)};
    memcpy(click.link, link, strnlen(link, sizeof click.link - 1));
    visitor_hash(ctx->site->secret, sizeof ctx->site->secret, now.tv_sec, request->address,
                 request->user_agent, click.visitor);
    if (!referrer_host(request->referrer, own_host(ctx), click.referrer))
        click.referrer[0] = '\0';
    clicks_note(&click);
    return click.kind;
}

static enum err nowhere(struct ctx *ctx) {
    return ctx_fail(
        ctx, ERR_NOT_FOUND,
        N_("This link leads nowhere. Perhaps a letter of it got lost: look at it again, "
           "or begin at our start page."));
}

enum err link_redirect(struct ctx *ctx) {
    char code[CODE_SIZE];
    const char *typed = ctx_get(ctx, "code");
    if (!typed || !code_read(typed, code))
        return nowhere(ctx);
    ctx_set(ctx, "code", arena_strdup(ctx->arena, code));
    const struct rows *row;
    enum err err = read_link(ctx, &row);
    if (err)
        return err;
    if (row->nrows == 0)
        return nowhere(ctx);
    if (rows_true(row, 0, "archived"))
        return ctx_fail(ctx, ERR_GONE,
                        N_("Whoever made this link has put it away. You are welcome all the same: "
                           "begin at our start page."));
    const char *link = rows_get(row, 0, "id");
    if (note_click(ctx, link) == CLICK_PERSON)
        remember(ctx, link, rows_long(row, 0, "protection_days"));
    response_forward(ctx->response, rows_get(row, 0, "destination"));
    return OK;
}

const char *address_hash(struct ctx *ctx) {
    uint8_t mac[SHA256_SIZE];
    char *hex = arena_alloc(ctx->arena, 2 * ADDRESS_HASH_SIZE + 1);
    const char *message = arena_printf(ctx->arena, "address %s", ctx->request->address);
    crypto_hmac_sha256(ctx->site->secret, sizeof ctx->site->secret, message, strlen(message), mac);
    crypto_hex(mac, ADDRESS_HASH_SIZE, hex);
    return hex;
}
