/*
 * lead_reasons.c - where a lead may go, what the way there asks for, and why it went.
 */
#include "core/text.h"
#include "domain/leads/leads.h"
#include "view/labels.h"
#include "view/messages.h"

static const char *stage_word(enum lead_stage stage) {
    const char *label = label_of(lead_stage_code(stage));
    return messages_text(label ? label : lead_stage_code(stage));
}

static const char *asks_for(const struct lead_offer *offer) {
    if (offer->needs & LEAD_NEEDS_VALUE)
        return "value";
    if (offer->needs & LEAD_NEEDS_REASON)
        return offer->perhaps ? "perhaps" : "reason";
    return NULL;
}

/* The listed reasons in groups, one a stage: without a script all of them stand there. */
static void show_reasons(struct ctx *ctx, const struct lead_offer offers[LEAD_STAGES]) {
    const struct rows *rows = ctx_rows(ctx, Q_stage_reasons);
    const char *chosen = form_value(ctx->form, "reason_code"), *group = NULL;
    struct model_list *groups = model_set_list(ctx->page, "reason_groups"), *reasons = NULL;
    for (size_t i = 0; i < rows->nrows; i++) {
        enum lead_stage stage;
        const char *code = rows_get(rows, i, "stage"), *value = rows_get(rows, i, "value");
        if (!lead_stage_find(code, &stage) || !offers[stage].offered)
            continue;
        if (!text_equal(group, code)) {
            struct model *entry = model_list_add(groups);
            group = code;
            model_set_text(entry, "stage", code);
            model_set_text(entry, "label", stage_word(stage));
            reasons = model_set_list(entry, "reasons");
        }
        struct model *reason = model_list_add(reasons);
        model_set_text(reason, "value", value);
        model_set_text(reason, "words", messages_text(rows_get(rows, i, "words")));
        model_set_bool(reason, "selected", text_equal(chosen, value));
    }
}

void lead_offers_show(struct ctx *ctx, const struct lead_offer offers[LEAD_STAGES], const char *chosen) {
    struct model_list *shown = model_set_list(ctx->page, "moves");
    bool reason = false, any = false;
    for (int to = LEAD_NEW; to < LEAD_STAGES; to++) {
        if (!offers[to].offered)
            continue;
        const char *code = lead_stage_code((enum lead_stage)to);
        struct model *move = model_list_add(shown);
        model_set_text(move, "value", code);
        model_set_text(move, "label", stage_word((enum lead_stage)to));
        model_set_text(move, "needs", asks_for(&offers[to]));
        model_set_bool(move, "selected", text_equal(chosen, code));
        any = any || text_equal(chosen, code);
        reason = reason || (offers[to].needs & LEAD_NEEDS_REASON);
    }
    model_set_bool(ctx->page, "move_chosen", any);
    model_set_bool(ctx->page, "may_win", offers[LEAD_WON].offered);
    model_set_bool(ctx->page, "may_need_reason", reason);
    show_reasons(ctx, offers);
}

struct lead_reason lead_reason_given(const struct ctx *ctx) {
    struct lead_reason reason = {.text = form_value(ctx->form, "reason"),
                                 .code = form_value(ctx->form, "reason_code")};
    const struct rows *known = ctx_rows(ctx, Q_stage_reasons);
    for (size_t i = 0; reason.code && i < known->nrows; i++)
        if (text_equal(rows_get(known, i, "value"), reason.code))
            reason.stage = rows_get(known, i, "stage");
    return reason;
}
