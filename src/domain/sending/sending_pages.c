#include "domain/sending/sending.h"

#include "core/clock.h"
#include "core/i18n.h"
#include "core/secret.h"
#include "core/text.h"
#include "domain/sending/report_rules.h"
#include "jobs/unsubscribe.h"
#include "view/messages.h"

/* ── Forms and lists ── */

static const struct choice scope_choices[] = {
    {"kind", N_("Mails of this kind")},
    {"all", N_("Everything that can be switched off")},
    {NULL, NULL},
};
static const struct field unsubscribe_fields[] = {
    {.name = "scope", .kind = FIELD_CHOICE, .label = N_("What you no longer want"), .choices = scope_choices},
    {0},
};
const struct form_spec unsubscribe_form = {.fields = unsubscribe_fields};

static const struct choice reason_choices[] = {{"bounce", NULL}, {"complaint", NULL}, {"unsubscribe", NULL}, {NULL, NULL}};
static const struct choice address_choices[] = {{"email", NULL}, {"sms", NULL}, {NULL, NULL}};
static const struct field suppression_fields[] = {
    {.name = "q", .kind = FIELD_TEXT, .label = N_("Address"), .max = 100},
    {.name = "reason", .kind = FIELD_CHOICE, .label = N_("Reason"), .choices = reason_choices},
    {.name = "channel", .kind = FIELD_CHOICE, .label = N_("Channel"), .choices = address_choices},
    {0},
};
const struct form_spec suppression_filters = {.fields = suppression_fields};
const struct list_spec suppression_list_spec = {.query = Q_suppression_list, .page_size = 50, .filename = "suppressions"};

static const struct choice channel_choices[] = {{"email", NULL}, {"sms", NULL}, {"slack", NULL}, {NULL, NULL}};
static const struct field caught_fields[] = {
    {.name = "q", .kind = FIELD_TEXT, .label = N_("Recipient"), .max = 100},
    {.name = "channel", .kind = FIELD_CHOICE, .label = N_("Channel"), .choices = channel_choices},
    {0},
};
const struct form_spec caught_filters = {.fields = caught_fields};
const struct list_spec caught_list_spec = {.query = Q_caught_list, .page_size = 50, .filename = "mail"};

/* ── The way out ── */

enum err unsubscribe_prepare(struct ctx *ctx) {
    char id[UUID_TEXT_SIZE];
    bool ours = unsubscribe_read(ctx->site->secret, ctx_get(ctx, "token"), id);
    ctx_set(ctx, "outbox_id", ours ? arena_strdup(ctx->arena, id) : NULL);
    return OK;
}

static enum err no_such_link(struct ctx *ctx) {
    return ctx_fail(ctx, ERR_NOT_FOUND,
                    N_("This link is not complete, or the mail it stood in is gone. Use the whole link of a newer mail."));
}

enum err unsubscribe_page(struct ctx *ctx) {
    return ctx_rows(ctx, Q_unsubscribe_find)->nrows > 0 ? OK : no_such_link(ctx);
}

enum err unsubscribe_post(struct ctx *ctx) {
    ctx_set(ctx, "all", text_equal(form_value(ctx->form, "scope"), "all") ? "true" : "false");
    enum err err = ctx_run_alone(ctx, Q_unsubscribe);
    if (err)
        return err;
    if (ctx_rows(ctx, Q_unsubscribe)->nrows == 0)
        return no_such_link(ctx);
    if (!text_equal(params_get(ctx->request->form, "List-Unsubscribe"), "One-Click"))
        return ctx_redirect(ctx, "/unsubscribe/{token}", N_("Done. You will get no more of it."));
    response_type(ctx->response, "text/plain; charset=utf-8");
    buf_printf(ctx->response->body, "%s\n", _("Done. You will get no more of it."));
    return OK;
}

/* ── Staff ── */

static bool is_catching(const struct ctx *ctx) {
    return text_equal(ctx->site->config->mail_delivery, "catch");
}

enum err suppression_page(struct ctx *ctx) {
    model_set_bool(ctx->page, "catching", is_catching(ctx) && ctx_can(ctx, "development:read"));
    return OK;
}

enum err suppression_lift_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_suppression_lift);
    if (!err && ctx_rows(ctx, Q_suppression_lift)->nrows == 0)
        return ERR_NOT_FOUND;
    return err ? err : ctx_redirect(ctx, "/admin/suppressions", N_("Lifted. The address gets mail again."));
}

/* ── Providers ── */

static bool is_authentic(const struct ctx *ctx) {
    const struct config *config = ctx->site->config;
    const void *body = ctx->request->body;
    size_t size = ctx->request->body_size;
    char secret[SECRET_TEXT_MAX];
    if (*config->mail_webhook_key && report_signed(config->mail_webhook_key, ctx_header(ctx, "HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK_TIMESTAMP"),
                                                   ctx_header(ctx, "HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK_SIGNATURE"), body, size, clock_now()))
        return true;
    return *config->mail_webhook_secret_file && secret_text_load(config->mail_webhook_secret_file, secret) &&
           report_authentic(secret, ctx_header(ctx, "HTTP_X_TESSERA_SIGNATURE"), body, size, clock_now());
}

enum err mail_webhook_post(struct ctx *ctx) {
    const struct config *config = ctx->site->config;
    if (!*config->mail_webhook_key && !*config->mail_webhook_secret_file)
        return ERR_NOT_FOUND;
    if (!is_authentic(ctx))
        return ctx_fail(ctx, ERR_FORBIDDEN, N_("The signature is missing or not right."));
    const char *reports = report_read(ctx->arena, ctx->request->body, ctx->request->body_size);
    if (!reports)
        return ctx_fail(ctx, ERR_BAD_REQUEST, N_("The body is no list of events."));
    ctx_set(ctx, "reports", reports);
    enum err err = ctx_run_alone(ctx, Q_mail_reports);
    if (!err)
        ctx->response->status = 204;
    return err;
}

/* ── Developers ── */

enum err caught_prepare(struct ctx *ctx) {
    return is_catching(ctx) ? OK : ERR_NOT_FOUND;
}

/* nginx adds no policy of its own here: two would both hold, and its forbids the styles that a mail has in its elements. */
enum err caught_html(struct ctx *ctx) {
    const struct rows *rows = ctx_rows(ctx, Q_caught_html);
    if (rows->nrows == 0)
        return ERR_NOT_FOUND;
    response_header(ctx->response, "Content-Security-Policy",
                    "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    response_type(ctx->response, "text/html; charset=utf-8");
    buf_puts(ctx->response->body, rows_get(rows, 0, "body_html"));
    return OK;
}
