#include "core/i18n.h"
#include "domain/notifications/notifications.h"
#include "domain/notifications/push_key.h"

static const struct field push_fields[] = {
    {.name = "endpoint",
     .kind = FIELD_URL,
     .label = N_("Address of the browser"),
     .required = true,
     .max = 1000},
    {.name = "p256dh", .kind = FIELD_HIDDEN, .label = N_("Key"), .required = true, .max = 87},
    {.name = "auth", .kind = FIELD_HIDDEN, .label = N_("Secret"), .required = true, .max = 22},
    {.name = "renew", .kind = FIELD_CHECK, .label = N_("Only if it was so before")},
    {0},
};
static const struct form_conflict push_conflicts[] = {
    {"push_subscriptions_keys", "p256dh", N_("These are no keys of a browser.")},
    {"push_subscriptions_endpoint_check", "endpoint",
     N_("The address has to begin with https://.")},
    {NULL, NULL, NULL},
};
const struct form_spec push_form = {.fields = push_fields, .conflicts = push_conflicts};

enum err push_key(struct ctx *ctx) {
    char key[PUSH_KEY_TEXT_SIZE + 1];
    if (!push_key_public(ctx->site->config->push_key_file, key))
        return ctx_fail(ctx, ERR_NOT_FOUND, N_("This portal sends no notifications to browsers."));
    response_type(ctx->response, "text/plain");
    buf_puts(ctx->response->body, key);
    return OK;
}

enum err push_post(struct ctx *ctx) {
    ctx_set(ctx, "user_agent", ctx->request->user_agent);
    enum err err = ctx_run(ctx, Q_push_subscribe);
    if (!err && !rows_true(ctx_rows(ctx, Q_push_subscribe), 0, "taken"))
        return ctx_fail(ctx, ERR_NOT_FOUND, N_("This browser was taken off the list."));
    return err ? err
               : ctx_redirect(ctx, "/account/notifications",
                              N_("This browser shows your notifications from now on."));
}

enum err push_delete_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_push_delete);
    if (!err && ctx_rows(ctx, Q_push_delete)->nrows == 0)
        return ERR_NOT_FOUND;
    return err ? err
               : ctx_redirect(ctx, "/account/notifications",
                              N_("That browser shows nothing any more."));
}
