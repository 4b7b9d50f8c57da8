#include "core/i18n.h"
#include "domain/duplicates/duplicates.h"

enum err overlap_page(struct ctx *ctx) {
    int code = phone_zero_code(ctx_column(ctx, Q_lead_phone_region, "region"));
    form_set(ctx->form, "day", ctx_column(ctx, Q_overlap_today, "day"));
    model_set_text(ctx->page, "overlap_code", code ? arena_printf(ctx->arena, "%d", code) : NULL);
    return OK;
}

enum err overlap_post(struct ctx *ctx) {
    const char *list;
    enum overlap_verdict verdict = overlap_parse(ctx->arena, form_value(ctx->form, "hashes"), &list);
    if (verdict != OVERLAP_OK)
        return ctx_field_error(ctx, "hashes", overlap_sentence(verdict));
    ctx_set(ctx, "hash_list", list);
    const char *wait = ctx_column(ctx, Q_overlap_wait, "seconds");
    ctx->retry_after = wait ? arena_strdup(ctx->arena, wait) : NULL;
    enum err err = ctx_run(ctx, Q_overlap_check);
    if (err)
        return err;
    ctx_set(ctx, "id", ctx_column(ctx, Q_overlap_check, "check_id"));
    return ctx_redirect(ctx, "/overlap/{id}", NULL);
}

enum err lead_phone_set(struct ctx *ctx) {
    const char *typed = form_value(ctx->form, "client_phone");
    ctx_set(ctx, "phone_e164", NULL);
    if (!typed)
        return OK;
    enum err err = ctx_run(ctx, Q_lead_phone_region);
    char *e164 = arena_alloc(ctx->arena, PHONE_E164_SIZE);
    if (!err && phone_to_e164(typed, ctx_column(ctx, Q_lead_phone_region, "region"), e164))
        ctx_set(ctx, "phone_e164", e164);
    else if (!err && !form_value(ctx->form, "client_email"))
        err = ctx_field_error(ctx, "client_phone",
                              N_("No phone has this number: it has too many or too few digits. Correct it, or enter an email as well."));
    return err;
}
