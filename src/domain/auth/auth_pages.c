#include "domain/auth/auth.h"

#include "core/i18n.h"
#include "core/text.h"
#include "domain/auth/password_rules.h"
#include "domain/choices/choices.h"
#include "view/markup.h"
#include "view/messages.h"

/* ── Forms ── */

#define EMAIL_FIELD                                                                                \
    {                                                                                              \
        .name = "email", .kind = FIELD_EMAIL, .label = N_("Email"), .required = true,              \
        .autocomplete = "username", .missing = N_("Enter your email address.")                     \
    }

static const struct field login_fields[] = {
    EMAIL_FIELD,
    {.name = "password",
     .kind = FIELD_PASSWORD,
     .label = N_("Password"),
     .required = true,
     .max = PASSWORD_MAX,
     .autocomplete = "current-password",
     .missing = N_("Enter your password.")},
    {.name = "next", .kind = FIELD_HIDDEN, .label = N_("Next page"), .max = 2000},
    {0},
};
const struct form_spec login_form = {.fields = login_fields};

static const struct field forgot_fields[] = {EMAIL_FIELD, {0}};
const struct form_spec forgot_form = {.fields = forgot_fields};

#define NEW_PASSWORD_FIELD                                                                         \
    {                                                                                              \
        .name = "password", .kind = FIELD_PASSWORD, .label = N_("New password"), .required = true, \
        .max = 4 * PASSWORD_MAX, .autocomplete = "new-password",                                   \
        .hint = N_("At least 10 characters. A few words in a row are easy to remember."),          \
        .missing = N_("Choose a password.")                                                        \
    }

static const struct field reset_fields[] = {NEW_PASSWORD_FIELD, {0}};
const struct form_spec reset_form = {.fields = reset_fields};

static const struct field invitation_fields[] = {
    {.name = "name",
     .kind = FIELD_TEXT,
     .label = N_("Your name"),
     .required = true,
     .max = 120,
     .autocomplete = "name",
     .missing = N_("Enter your name.")},
    NEW_PASSWORD_FIELD,
    {0},
};
const struct form_spec invitation_form = {.fields = invitation_fields};

static const struct choice theme_choices[] = {
    {"system", N_("As the device")}, {"light", N_("Light")}, {"dark", N_("Dark")}, {NULL, NULL}};
static const struct field account_fields[] = {
    {.name = "name",
     .kind = FIELD_TEXT,
     .label = N_("Name"),
     .required = true,
     .max = 120,
     .autocomplete = "name",
     .missing = N_("Enter your name.")},
    {.name = "timezone",
     .kind = FIELD_CHOICE,
     .label = N_("Time zone"),
     .required = true,
     .choices = timezone_choices},
    {.name = "theme",
     .kind = FIELD_CHOICE,
     .label = N_("Appearance"),
     .required = true,
     .choices = theme_choices},
    {0},
};
const struct form_spec account_form = {.fields = account_fields};

static const struct field password_fields[] = {
    {.name = "current",
     .kind = FIELD_PASSWORD,
     .label = N_("Current password"),
     .required = true,
     .max = 4 * PASSWORD_MAX,
     .autocomplete = "current-password",
     .missing = N_("Enter your current password.")},
    NEW_PASSWORD_FIELD,
    {0},
};
const struct form_spec password_form = {.fields = password_fields};

static const struct field theme_fields[] = {
    {.name = "theme",
     .kind = FIELD_CHOICE,
     .label = N_("Appearance"),
     .required = true,
     .choices = theme_choices},
    {.name = "back", .kind = FIELD_HIDDEN, .label = N_("Back to"), .max = 2000},
    {0},
};
const struct form_spec theme_form = {.fields = theme_fields};

/* ── Passwords ── */

/* An account that isn't there costs what one costs that is. */
static bool password_right(const struct ctx *ctx, const char *password, const char *hash) {
    static char decoy[PASSWORD_HASH_SIZE];
    if (!*decoy && !crypto_password_hash("nobody's password", &ctx->site->config->argon2, decoy))
        return false;
    bool right = crypto_password_verify(password, hash ? hash : decoy);
    return right && hash;
}

static enum err hash_new_password(struct ctx *ctx, const char *email, const char *name) {
    const char *password = form_value(ctx->form, "password");
    const char *sentence = password_sentence(password_judge(password, email, name));
    if (sentence)
        return ctx_field_error(ctx, "password", sentence);
    char *hash = arena_alloc(ctx->arena, PASSWORD_HASH_SIZE);
    if (!crypto_password_hash(password, &ctx->site->config->argon2, hash))
        return ERR_UNAVAILABLE;
    ctx_set(ctx, "password_hash", hash);
    return OK;
}

/* ── Sessions ── */

static const char *number(struct ctx *ctx, long n) {
    return arena_printf(ctx->arena, "%ld", n);
}

/* A fresh token at every sign-in: whatever cookie the browser had before is worth nothing
 * afterwards. */
static enum err start_session(struct ctx *ctx, const char *user_id, const char *audience) {
    const struct config *config = ctx->site->config;
    const char *cookie, *hash;
    session_make(ctx->arena, text_equal(audience, "staff") ? AUDIENCE_STAFF : AUDIENCE_PARTNER,
                 &cookie, &hash);
    ctx_set(ctx, "user_id", user_id);
    ctx_set(ctx, "new_token_hash", hash);
    ctx_set(ctx, "absolute", number(ctx, config->session_absolute));
    ctx_set(ctx, "address", ctx->request->address);
    ctx_set(ctx, "user_agent", ctx->request->user_agent);
    enum err err = ctx_run_alone(ctx, Q_sign_in_finish);
    if (!err)
        session_send(ctx->response, cookie, config->session_absolute, config->secure_cookies);
    return err;
}

enum err login_show_prepare(struct ctx *ctx) {
    const char *next = params_get(ctx->request->query, "next");
    if (next && strlen(next) <= 2000) /* as the field has it */
        form_set(ctx->form, "next", next);
    return OK;
}

enum err login_show(struct ctx *ctx) {
    return ctx->session.signed_in ? ctx_redirect(ctx, "/dashboard", NULL) : OK;
}

enum err login_post(struct ctx *ctx) {
    const struct config *config = ctx->site->config;
    ctx_set(ctx, "address", ctx->request->address);
    ctx_set(ctx, "account_limit", number(ctx, config->login_tries_account));
    ctx_set(ctx, "address_limit", number(ctx, config->login_tries_address));
    ctx_set(ctx, "window", number(ctx, config->login_window));
    enum err err = ctx_run_alone(ctx, Q_sign_in_find);
    if (err)
        return err;
    const struct rows *found = ctx_rows(ctx, Q_sign_in_find);
    if (rows_true(found, 0, "throttled"))
        return ctx_fail(ctx, ERR_THROTTLED,
                        N_("Too many tries. Wait a quarter of an hour, or use “Forgot password”."));
    const char *password = form_value(ctx->form, "password"),
               *hash = rows_get(found, 0, "password_hash");
    if (!password_right(ctx, password, hash))
        return ctx_field_error(ctx, "password",
                               N_("The email address or the password is not right."));

    if (crypto_password_outdated(hash, &config->argon2)) {
        char *fresh = arena_alloc(ctx->arena, PASSWORD_HASH_SIZE);
        if (crypto_password_hash(password, &config->argon2, fresh))
            ctx_set(ctx, "new_hash", fresh);
    }
    err = start_session(ctx, rows_get(found, 0, "user_id"), rows_get(found, 0, "audience"));
    if (err)
        return err;
    const char *next = form_value(ctx->form, "next");
    response_redirect(ctx->response, next ? next : "/dashboard");
    return OK;
}

static void forget_cookie(struct ctx *ctx) {
    session_send(ctx->response, "", 0, ctx->site->config->secure_cookies);
}

enum err logout_post(struct ctx *ctx) {
    enum err err = ctx_run_alone(ctx, Q_session_close);
    if (err)
        return err;
    forget_cookie(ctx);
    return ctx_redirect(ctx, "/login", N_("You are signed out."));
}

enum err session_delete_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_session_delete);
    if (!err && ctx_rows(ctx, Q_session_delete)->nrows == 0)
        err = ERR_NOT_FOUND;
    return err ? err : ctx_redirect(ctx, "/account", N_("That device is signed out."));
}

enum err sessions_delete_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_sessions_delete_all);
    if (err)
        return err;
    forget_cookie(ctx);
    return ctx_redirect(ctx, "/login", N_("You are signed out on every device."));
}

/* ── One-time links ── */

static void set_token_hash(struct ctx *ctx, const char *token) {
    uint8_t digest[SHA256_SIZE];
    crypto_sha256(token, strlen(token), digest);
    char *hex = arena_alloc(ctx->arena, 2 * SHA256_SIZE + 1);
    crypto_hex(digest, sizeof digest, hex);
    ctx_set(ctx, "link_token_hash", hex);
}

/* A fresh link below path; its hash is set for the statement. */
static const char *make_link(struct ctx *ctx, const char *path) {
    char token[TOKEN_TEXT_SIZE];
    crypto_token(token);
    set_token_hash(ctx, token);
    return arena_printf(ctx->arena, "%s/%s/%s", ctx->site->config->base_url, path, token);
}

static enum err write_mail(struct ctx *ctx, const char *template, const char *link,
                           const char *name, const char *subject) {
    struct model *mail = model_new(ctx->arena, ctx->chrome);
    const char *programme = session_get(&ctx->session, "programme_name");
    model_set_text(mail, "link", link);
    model_set_text(mail, "name", name);
    model_set_text(mail, "programme", programme);
    struct buf body;
    buf_init(&body, 64 << 10);
    const struct render_options options = {.locale = ctx_locale(ctx)};
    enum err err = template_render(ctx->site->templates, template, mail, &options, &body);
    ctx_set(ctx, "mail_body", markup_unescape(arena_strdup(ctx->arena, buf_text(&body))));
    ctx_set(
        ctx, "mail_subject",
        arena_printf(ctx->arena, "%s: %s", programme ? programme : "Tessera", messages_text(subject)));
    buf_free(&body);
    return err;
}

enum err forgot_post(struct ctx *ctx) {
    enum err err = ctx_run_alone(ctx, Q_ready); /* the mail says whose it is */
    if (!err)
        err = write_mail(ctx, "mail/reset", make_link(ctx, "reset"), NULL, N_("a new password"));
    if (err)
        return err;
    ctx_set(ctx, "address", ctx->request->address);
    err = ctx_run_alone(ctx, Q_reset_request);
    return err ? err : ctx_redirect(ctx, "/forgot/sent", NULL);
}

static enum err link_prepare(struct ctx *ctx, const char *purpose) {
    const char *token = ctx_get(ctx, "token");
    set_token_hash(ctx, token ? token : "");
    ctx_set(ctx, "purpose", purpose);
    return OK;
}

enum err reset_prepare(struct ctx *ctx) {
    return link_prepare(ctx, "reset");
}

enum err invitation_prepare(struct ctx *ctx) {
    return link_prepare(ctx, "invitation");
}

enum err link_show(struct ctx *ctx) {
    const struct rows *found = ctx_rows(ctx, Q_link_find);
    if (found->nrows == 0)
        return ctx_fail(ctx, ERR_NOT_FOUND,
                        N_("This link was used already, or it has expired. Ask for a new one."));
    if (ctx->form && !form_value(ctx->form, "name"))
        form_set(ctx->form, "name", rows_get(found, 0, "user_name"));
    return OK;
}

/* Checks the link before anything is hashed, so that guessing costs the guesser more than us. */
static enum err use_link(struct ctx *ctx) {
    enum err err = ctx_run_alone(ctx, Q_link_find);
    if (!err)
        err = link_show(ctx);
    if (!err)
        err = hash_new_password(ctx, ctx_column(ctx, Q_link_find, "user_email"),
                                ctx_column(ctx, Q_link_find, "user_name"));
    if (!err)
        err = ctx_run_alone(ctx, Q_link_use);
    if (err)
        return err;
    const struct rows *used = ctx_rows(ctx, Q_link_use);
    if (used->nrows == 0) /* somebody was faster */
        return ctx_fail(ctx, ERR_NOT_FOUND,
                        N_("This link was used already, or it has expired. Ask for a new one."));
    return start_session(ctx, arena_strdup(ctx->arena, rows_get(used, 0, "user_id")),
                         arena_strdup(ctx->arena, rows_get(used, 0, "audience")));
}

enum err reset_post(struct ctx *ctx) {
    ctx_set(ctx, "name", NULL);
    enum err err = use_link(ctx);
    return err ? err
               : ctx_redirect(ctx, "/dashboard",
                              N_("Your password is changed. All other devices are signed out."));
}

enum err invitation_post(struct ctx *ctx) {
    enum err err = use_link(ctx);
    return err ? err : ctx_redirect(ctx, "/dashboard", N_("Welcome. Your account is ready."));
}

enum err invitation_mail(struct ctx *ctx, const char *name) {
    return write_mail(ctx, "mail/invitation", make_link(ctx, "invitation"), name,
                      N_("your invitation"));
}

/* ── One's own account ── */

enum err account_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_account_update);
    return err ? err : ctx_redirect(ctx, "/account", N_("Saved."));
}

enum err theme_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_theme_update);
    const char *back = form_value(ctx->form, "back");
    if (!err)
        response_redirect(ctx->response, back ? back : "/account");
    return err;
}

/* Counted like a sign-in, so that an open session is no way to guess its password. */
enum err account_password_post(struct ctx *ctx) {
    enum err err = ctx_run_alone(ctx, Q_own_password);
    if (err)
        return err;
    if (!ctx->session.signed_in)
        return ERR_SIGN_IN;
    const char *hash = ctx_column(ctx, Q_own_password, "password_hash");
    const struct config *config = ctx->site->config;
    ctx_set(ctx, "email", session_get(&ctx->session, "user_email"));
    ctx_set(ctx, "address", ctx->request->address);
    ctx_set(ctx, "account_limit", number(ctx, config->login_tries_account));
    ctx_set(ctx, "address_limit", number(ctx, config->login_tries_address));
    ctx_set(ctx, "window", number(ctx, config->login_window));
    err = ctx_run_alone(ctx, Q_sign_in_find);
    if (err)
        return err;
    if (rows_true(ctx_rows(ctx, Q_sign_in_find), 0, "throttled"))
        return ctx_fail(ctx, ERR_THROTTLED, N_("Too many tries. Wait a quarter of an hour."));
    if (!password_right(ctx, form_value(ctx->form, "current"), hash))
        return ctx_field_error(ctx, "current", N_("This is not your current password."));
    err = hash_new_password(ctx, session_get(&ctx->session, "user_email"),
                            session_get(&ctx->session, "user_name"));
    if (!err)
        err = ctx_run_alone(ctx, Q_own_password_set);
    return err ? err
               : ctx_redirect(ctx, "/account",
                              N_("Your password is changed. All other devices are signed out."));
}
