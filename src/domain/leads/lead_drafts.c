#include "core/i18n.h"
#include "core/text.h"
#include "domain/leads/leads.h"

/* What makes a draft worth keeping; and what stands in the forms from the start. */
static const char *const typed[] = {
    "client_name", "client_email", "client_phone",  "client_location", "estimated_value",
    "budget_min",  "budget_max",   "financing",     "loan_stage",      "payment_preference",
    "description", "locations",    "property_type", "bedrooms",        "size_min",
    "amenities",   "move_in_on"};
static const char *const preset[] = {"source", "currency", "partner_id"};
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const char *draft_in(const struct params *params) {
    const char *draft = params_get(params, "draft");
    return draft && text_is_uuid(draft) ? draft : NULL;
}

/* As it was typed, right or wrong; true when there is anything. */
static bool take_fields(struct ctx *ctx, const char *const *names, size_t count) {
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        const char *value = params_get(ctx->request->form, names[i]);
        bool blank = text_blank(value);
        ctx_set(ctx, names[i], blank ? NULL : value);
        any = any || !blank;
    }
    return any;
}

void lead_draft_prepare(struct ctx *ctx) {
    ctx_set(ctx, "draft", draft_in(ctx->request->query));
}

enum err lead_draft_sent(struct ctx *ctx) {
    return form_value(ctx->form, "draft") ? ctx_run(ctx, Q_lead_draft_close) : OK;
}

enum err lead_draft_post(struct ctx *ctx) {
    const struct params *sent = ctx->request->form;
    const char *draft = draft_in(sent);
    if (!draft)
        return ERR_BAD_REQUEST;
    ctx_set(ctx, "draft", draft);
    bool any = take_fields(ctx, typed, COUNT_OF(typed));
    (void)take_fields(ctx, preset, COUNT_OF(preset));
    enum err err = ctx_run(ctx, any ? Q_lead_draft_save : Q_lead_draft_drop);
    if (err)
        return err;
    if (any && ctx_rows(ctx, Q_lead_draft_save)->nrows == 0)
        return ctx_fail(ctx, ERR_CONFLICT,
                        N_("This lead was sent or discarded in the meantime, so nothing is kept."));
    if (text_equal(params_get(sent, "then"), "full"))
        return ctx_redirect(ctx, any ? "/leads/new/full?draft={draft}" : "/leads/new/full", NULL);
    return ctx_redirect(ctx, "/leads",
                        any ? N_("Kept, for you alone. It waits where you begin a new lead.")
                            : N_("Nothing was typed, so nothing is kept."));
}

enum err lead_draft_discard_post(struct ctx *ctx) {
    const char *draft = draft_in(ctx->request->form);
    if (!draft)
        return ERR_BAD_REQUEST;
    ctx_set(ctx, "draft", draft);
    enum err err = ctx_run(ctx, Q_lead_draft_close);
    return err ? err : ctx_redirect(ctx, "/leads/new", N_("Discarded."));
}
