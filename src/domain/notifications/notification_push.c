#include "core/i18n.h"
#include "domain/notifications/notifications.h"
#include "jobs/push_crypto.h"

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

/* The public half of the key by which push services know this portal; NULL: there is none. Read once a process. */
static const char *public_key(const struct config *config) {
    static char text[PUSH_PUBLIC_TEXT_SIZE];
    bool known = *text || !*config->push_key_file;
    struct push_key *key = known ? NULL : push_key_load(config->push_key_file);
    if (key) {
        push_key_text(key, text);
        push_key_free(key);
    }
    return *config->push_key_file && *text ? text : NULL;
}

enum err push_key(struct ctx *ctx) {
    const char *key = public_key(ctx->site->config);
    if (!key)
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
