#include "core/crypto.h"
#include "core/i18n.h"
#include "core/text.h"
#include "domain/links/links.h"
#include "http/form_data.h"

enum { DESTINATION_MAX = 2000 /* bytes, as the database has it */, CODE_TRIES = 4 };

static bool is_staff(const struct ctx *ctx) {
    return ctx->session.audience == AUDIENCE_STAFF;
}

static const char *link_base(struct ctx *ctx) {
    return arena_printf(ctx->arena, "%s/r/", ctx->site->config->base_url);
}

/* ── Lists ── */

enum err link_list_prepare(struct ctx *ctx) {
    const char *state = form_value(ctx->form, "state");
    ctx_set(ctx, "link_base", link_base(ctx));
    if (text_equal(state, "archived"))
        ctx_set(ctx, "archived", "true");
    if (text_equal(state, "live"))
        ctx_set(ctx, "living", "true");
    if (is_staff(ctx))
        ctx_set(ctx, "staff", "true");
    return OK;
}

enum err link_list_page(struct ctx *ctx) {
    model_set_bool(ctx->page, "staff", is_staff(ctx));
    return OK;
}

enum err click_list_prepare(struct ctx *ctx) {
    if (is_staff(ctx))
        ctx_set(ctx, "staff", "true");
    return OK;
}

enum err click_list_page(struct ctx *ctx) {
    return link_list_page(ctx);
}

/* ── New and edit ── */

/* What a link leads to decides which of the two fields counts; the other one is put aside. */
static void check_target(struct ctx *ctx) {
    const char *target = form_value(ctx->form, "target");
    bool form = text_equal(target, "form"), landing = text_equal(target, "landing");
    if (form && !form_value(ctx->form, "form_type"))
        form_error(ctx->form, "form_type", N_("Choose the form that the link leads to."));
    if (landing && text_blank(params_get(ctx->request->form, "landing_url")))
        form_error(ctx->form, "landing_url", N_("Enter the address of the landing page."));
    if (!form)
        ctx_set(ctx, "form_type", NULL);
    if (!landing)
        ctx_set(ctx, "landing_url", NULL);
}

static void check_site(struct ctx *ctx) {
    const char *url = form_value(ctx->form, "landing_url");
    if (!url || !text_equal(form_value(ctx->form, "target"), "landing"))
        return;
    const struct rows *sites = ctx_rows(ctx, Q_link_sites);
    const char *ascii = percent_encode_except(ctx->arena, url, "/?#[]@!$&'()*+,;=:%");
    bool allowed = false;
    for (size_t i = 0; i < sites->nrows && !allowed; i++)
        allowed = site_has(rows_get(sites, i, "site"), ascii);
    if (allowed)
        ctx_set(ctx, "landing_url", ascii);
    else
        form_error(ctx->form, "landing_url",
                   N_("Links may lead to the programme's own sites only; they are listed below."));
}

static void check_alias(struct ctx *ctx) {
    const char *typed = form_value(ctx->form, "alias");
    if (!typed)
        return;
    char *code = arena_strdup(ctx->arena, typed);
    alias_fold(typed, code);
    const char *sentence = alias_sentence(alias_judge(code));
    if (sentence)
        form_error(ctx->form, "alias", sentence);
    ctx_set(ctx, "code", code);
}

/* The three that every link has are made where they were left empty. */
static const char *utm_value(struct ctx *ctx, size_t i) {
    const char *value = form_value(ctx->form, utm_names[i]);
    const char *name = form_value(ctx->form, "name");
    if (value || i > 2)
        return value;
    return i == 0 ? "partner" : i == 1 ? "referral" : utm_slug(ctx->arena, name ? name : "");
}

static void make_destination(struct ctx *ctx, const char *code) {
    const char *utm[UTM_NAMES];
    for (size_t i = 0; i < UTM_NAMES; i++)
        ctx_set(ctx, utm_names[i], utm[i] = utm_value(ctx, i));
    const char *form_type = ctx_get(ctx, "form_type"), *landing = ctx_get(ctx, "landing_url");
    const char *destination =
        link_destination(ctx->arena, ctx_get(ctx, "target"), form_type ? form_type : "",
                         landing ? landing : "", code, utm);
    if (strlen(destination) > DESTINATION_MAX)
        form_error(ctx->form, NULL,
                   N_("The address that comes of this is too long. Shorten the UTM parameters."));
    ctx_set(ctx, "destination", destination);
}

static void show_sites(struct ctx *ctx) {
    model_set_bool(ctx->page, "staff", is_staff(ctx));
    model_set_text(ctx->page, "link_base", link_base(ctx));
}

/* Shown again, a form says all that is wrong at once. */
enum err link_form_page(struct ctx *ctx) {
    show_sites(ctx);
    bool again = ctx->response->status == err_status(ERR_INVALID);
    if (again) {
        check_target(ctx);
        check_site(ctx);
        check_alias(ctx);
    } else if (ctx->request->method != METHOD_POST && ctx_rows(ctx, Q_link_get)->nrows == 0) {
        const char *partner = params_get(ctx->request->query, "partner");
        form_set(ctx->form, "target", "form");
        form_set(ctx->form, "form_type", session_get(&ctx->session, "partner_type"));
        if (partner && text_is_uuid(partner))
            form_set(ctx->form, "partner_id", partner);
    }
    return OK;
}

static enum err run_insert(struct ctx *ctx, bool chosen) {
    for (int i = 0; i < (chosen ? 1 : CODE_TRIES); i++) {
        uint8_t random[CODE_RANDOM];
        char *code = arena_alloc(ctx->arena, CODE_RANDOM + 1);
        if (!chosen) {
            crypto_random(random, sizeof random);
            code_make(random, code);
            ctx_set(ctx, "code", code);
        }
        make_destination(ctx, ctx_get(ctx, "code"));
        enum err err = form_valid(ctx->form) ? ctx_run(ctx, Q_link_insert) : ERR_INVALID;
        if (err || ctx_rows(ctx, Q_link_insert)->nrows > 0)
            return err;
    }
    return OK;
}

enum err link_insert_post(struct ctx *ctx) {
    const char *partner = form_value(ctx->form, "partner_id");
    bool chosen = form_value(ctx->form, "alias") != NULL;
    if (is_staff(ctx) && (!partner || !text_is_uuid(partner)))
        form_error(ctx->form, "partner_id", N_("Choose whose link it is."));
    if (!is_staff(ctx))
        ctx_set(ctx, "partner_id", NULL); /* their own, whatever was sent */
    check_target(ctx);
    check_site(ctx);
    check_alias(ctx);
    if (!form_valid(ctx->form))
        return ERR_INVALID;
    enum err err = run_insert(ctx, chosen);
    if (err)
        return err;
    const char *id = ctx_column(ctx, Q_link_insert, "id");
    if (id) {
        ctx_set(ctx, "id", id);
        return ctx_redirect(ctx, "/links/{id}",
                            N_("The link is ready. Copy it, or take its QR code."));
    }
    if ((err = ctx_run(ctx, Q_link_partner_active)))
        return err;
    if (ctx_rows(ctx, Q_link_partner_active)->nrows > 0)
        return ctx_field_error(
            ctx, "alias", N_("This address is taken, or looks like one that is. Try another one."));
    return ctx_field_error(ctx, is_staff(ctx) ? "partner_id" : NULL,
                           is_staff(ctx)
                               ? N_("This partner is not active. Choose another one.")
                               : N_("Your partnership is suspended, so new links are not made. "
                                    "Please write to support."));
}

static enum err somebody_was_quicker(struct ctx *ctx) {
    form_set(ctx->form, "version", ctx_column(ctx, Q_link_get, "version"));
    return ctx_field_error(ctx, NULL,
                           N_("Somebody changed this link in the meantime. What you typed is still "
                              "here: look at it, then save again."));
}

enum err link_update_post(struct ctx *ctx) {
    check_target(ctx);
    check_site(ctx);
    if (form_valid(ctx->form))
        make_destination(ctx, ctx_column(ctx, Q_link_get, "code"));
    if (!form_valid(ctx->form))
        return ERR_INVALID;
    if (!text_equal(form_value(ctx->form, "version"), ctx_column(ctx, Q_link_get, "version")))
        return somebody_was_quicker(ctx);
    enum err err = ctx_run(ctx, Q_link_update);
    if (err)
        return err;
    return ctx_rows(ctx, Q_link_update)->nrows == 0
               ? ERR_CONFLICT
               : ctx_redirect(ctx, "/links/{id}", N_("Link saved."));
}

enum err link_archive_post(struct ctx *ctx) {
    bool archive = text_equal(form_value(ctx->form, "archive"), "true");
    enum err err = ctx_run(ctx, Q_link_archive);
    return err ? err
               : ctx_redirect(ctx, "/links/{id}",
                              archive ? N_("Archived. Whoever follows the link is told so.")
                                      : N_("The link works again."));
}
