#include "core/i18n.h"
#include "core/text.h"
#include "domain/duplicates/duplicates.h"
#include "view/messages.h"

static bool shown_again(const struct ctx *ctx) {
    return ctx->response->status == err_status(ERR_INVALID);
}

/* ── Lists ── */

enum err duplicate_list_prepare(struct ctx *ctx) {
    if (!form_value(ctx->form, "state"))
        ctx_set(ctx, "state", "open");
    return OK;
}

static void add_tab(struct ctx *ctx, struct model_list *tabs, const char *href, const char *label, const char *count) {
    struct model *tab = model_list_add(tabs);
    model_set_text(tab, "href", href);
    model_set_text(tab, "label", messages_text(label));
    model_set_bool(tab, "current", text_equal(ctx->route->pattern, href));
    model_set_text(tab, "count", text_equal(count, "0") ? NULL : count);
}

enum err duplicate_tabs_page(struct ctx *ctx) {
    messages_use(ctx_locale(ctx));
    struct model_list *tabs = model_set_list(ctx->page, "tabs");
    add_tab(ctx, tabs, "/admin/duplicates", N_("Duplicates"), ctx_column(ctx, Q_duplicate_counts, "pairs"));
    add_tab(ctx, tabs, "/admin/extensions", N_("Longer protection"), ctx_column(ctx, Q_duplicate_counts, "requests"));
    add_tab(ctx, tabs, "/admin/merges", N_("Merged"), NULL);
    add_tab(ctx, tabs, "/admin/overlap", N_("Checks"), NULL);
    return OK;
}

enum err duplicate_list_page(struct ctx *ctx) {
    return duplicate_tabs_page(ctx);
}

/* ── Two leads side by side ── */

static struct merge_lead standing(const struct rows *leads, size_t row) {
    return (struct merge_lead){.earns = rows_true(leads, row, "earns"),
                               .in_force = rows_true(leads, row, "in_force"),
                               .value = rows_get(leads, row, "estimated_value"),
                               .stage = rows_get(leads, row, "stage")};
}

static enum merge_side keep_default(const struct rows *leads, bool two_partners) {
    struct merge_lead first = standing(leads, 0), second = standing(leads, 1);
    return merge_keep_default(&first, &second, two_partners);
}

static const char *side_name(enum merge_side side) {
    return side == MERGE_SECOND ? "second" : "first";
}

static void show_value(struct model *field, const struct merge_field *of, const struct rows *leads, size_t row, bool chosen) {
    struct model *side = model_set_object(field, row ? "second" : "first");
    int column = rows_column(leads, of->name);
    model_set_typed(side, "value", rows_get(leads, row, of->name), column >= 0 ? leads->cols[column].type : COLUMN_TEXT);
    model_set_bool(side, "chosen", chosen);
    if (of->kind != MERGE_MONEY)
        return;
    model_set_text(side, "currency", rows_get(leads, row, "currency"));
    model_set_typed(side, "budget_min", rows_get(leads, row, "budget_min"), COLUMN_NUMERIC);
    model_set_typed(side, "budget_max", rows_get(leads, row, "budget_max"), COLUMN_NUMERIC);
}

/* Of one field's columns, that something differs. */
static bool differs(struct ctx *ctx, const struct merge_field *of, const struct rows *leads) {
    for (const char *at = of->columns; *at; at += strcspn(at, ","), at += *at == ',') {
        const char *column = arena_strndup(ctx->arena, at, strcspn(at, ","));
        const char *first = rows_get(leads, 0, column), *second = rows_get(leads, 1, column);
        if (!text_equal(first ? first : "", second ? second : ""))
            return true;
    }
    return false;
}

static struct model *add_field(struct model_list *list, const struct merge_field *of) {
    struct model *field = model_list_add(list);
    model_set_text(field, "name", of->name);
    model_set_text(field, "label", messages_text(of->label));
    model_set_bool(field, "is_code", of->kind == MERGE_CODE);
    model_set_bool(field, "is_money", of->kind == MERGE_MONEY);
    model_set_bool(field, "is_number", of->kind == MERGE_NUMBER);
    model_set_bool(field, "is_date", of->kind == MERGE_DATE);
    return field;
}

/* Of an amount, a budget says something too. */
static const char *said(const struct merge_field *of, const struct rows *leads, size_t row) {
    const char *value = rows_get(leads, row, of->name);
    if (of->kind != MERGE_MONEY || !text_equal(value, "0"))
        return value;
    const char *budget = rows_get(leads, row, "budget_max");
    return budget ? budget : rows_get(leads, row, "budget_min");
}

static void show_field(struct ctx *ctx, struct model_list *list, const struct merge_field *of, const struct rows *leads,
                       enum merge_side keep, bool two_partners) {
    enum merge_side side = merge_side_default(keep, said(of, leads, 0), said(of, leads, 1));
    if (shown_again(ctx))
        (void)merge_side_find(form_value(ctx->form, of->name), &side);
    struct model *field = add_field(list, of);
    bool different = differs(ctx, of, leads);
    model_set_bool(field, "differs", different);
    model_set_bool(field, "choosable", different && (of->staff_only || !two_partners));
    show_value(field, of, leads, 0, side == MERGE_FIRST);
    show_value(field, of, leads, 1, side == MERGE_SECOND);
}

enum err duplicate_pair_page(struct ctx *ctx) {
    messages_use(ctx_locale(ctx));
    const struct rows *leads = ctx_rows(ctx, Q_duplicate_leads);
    bool open = text_equal(ctx_column(ctx, Q_duplicate_pair, "state"), "open");
    model_set_bool(ctx->page, "decidable", open && leads->nrows == 2 && ctx_can(ctx, "duplicates:write"));
    model_set_bool(ctx->page, "both", leads->nrows == 2);
    if (leads->nrows != 2)
        return OK;
    bool two_partners = !text_equal(rows_get(leads, 0, "partner_id"), rows_get(leads, 1, "partner_id"));
    enum merge_side keep = keep_default(leads, two_partners);
    if (shown_again(ctx))
        (void)merge_side_find(form_value(ctx->form, "keep"), &keep);
    model_set_bool(ctx->page, "keep_first", keep == MERGE_FIRST);
    model_set_bool(ctx->page, "keep_second", keep == MERGE_SECOND);
    model_set_bool(ctx->page, "two_partners", two_partners);
    struct model_list *fields = model_set_list(ctx->page, "fields");
    for (const struct merge_field *f = merge_fields; f->name; f++)
        show_field(ctx, fields, f, leads, keep, two_partners);
    return OK;
}

static const char *chosen_side(const void *form, const char *field) {
    return form_value(form, field);
}

enum err duplicate_merge_post(struct ctx *ctx) {
    enum merge_side keep;
    if (!merge_side_find(form_value(ctx->form, "keep"), &keep))
        return ERR_INVALID;
    ctx_set(ctx, "keep_id", ctx_column(ctx, Q_duplicate_pair, arena_concat(ctx->arena, side_name(keep), "_id", (char *)NULL)));
    ctx_set(ctx, "take", merge_columns(ctx->arena, keep, chosen_side, ctx->form));
    enum err err = ctx_run(ctx, Q_duplicate_merge);
    if (err)
        return err;
    ctx_set(ctx, "merge_id", ctx_column(ctx, Q_duplicate_merge, "merge_id"));
    return ctx_redirect(ctx, "/admin/merges/{merge_id}", N_("The two are one lead now."));
}

static enum err decide_pair(struct ctx *ctx, enum query query, const char *notice) {
    enum err err = ctx_run(ctx, query);
    if (!err && !rows_true(ctx_rows(ctx, query), 0, "done"))
        err = ctx_fail(ctx, ERR_CONFLICT, N_("This pair is decided already."));
    return err ? err : ctx_redirect(ctx, "/admin/duplicates/{id}", notice);
}

enum err duplicate_apart_post(struct ctx *ctx) {
    return decide_pair(ctx, Q_duplicate_apart, N_("Remembered: these are two clients."));
}

enum err duplicate_reopen_post(struct ctx *ctx) {
    return decide_pair(ctx, Q_duplicate_reopen, N_("The pair waits for a decision again."));
}

/* ── Merges ── */

/* "client_email,budget_min" -> "Email, Value and budget" */
static const char *taken_words(struct ctx *ctx) {
    const char *taken = ctx_column(ctx, Q_merge, "taken"), *words = "";
    for (const struct merge_field *f = merge_fields; f->name; f++)
        if (merge_took(taken, f))
            words = arena_concat(ctx->arena, words, *words ? ", " : "", messages_text(f->label), (char *)NULL);
    return *words ? words : NULL;
}

enum err merge_page(struct ctx *ctx) {
    messages_use(ctx_locale(ctx));
    const struct rows *gone = ctx_rows(ctx, Q_merge_gone);
    struct model_list *fields = model_set_list(ctx->page, "gone_fields");
    for (const struct merge_field *f = merge_fields; f->name; f++)
        if (!text_blank(said(f, gone, 0)))
            show_value(add_field(fields, f), f, gone, 0, false);
    model_set_text(ctx->page, "taken_words", taken_words(ctx));
    const char *stuck = ctx_column(ctx, Q_merge, "stuck");
    model_set_bool(ctx->page, "undoable", !stuck && ctx_can(ctx, "duplicates:write"));
    model_set_bool(ctx->page, "changed", text_equal(stuck, "changed"));
    model_set_bool(ctx->page, "late", text_equal(stuck, "late"));
    return OK;
}

enum err merge_undo_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_merge_undo);
    if (err)
        return err;
    ctx_set(ctx, "pair_id", ctx_column(ctx, Q_merge_undo, "pair_id"));
    return ctx_redirect(ctx, ctx_get(ctx, "pair_id") ? "/admin/duplicates/{pair_id}" : "/admin/merges/{id}",
                        N_("Undone: they are two leads again."));
}

/* ── Longer protection ── */

static const char *why_not(const struct ctx *ctx) {
    return extension_refusal(ctx_column(ctx, Q_extension_lead, "registration"), rows_true(ctx_rows(ctx, Q_extension_lead), 0, "in_force"),
                             ctx_column(ctx, Q_extension_lead, "stage"), rows_true(ctx_rows(ctx, Q_extension_lead), 0, "asked"));
}

enum err extension_page(struct ctx *ctx) {
    messages_use(ctx_locale(ctx));
    const char *refusal = why_not(ctx);
    model_set_text(ctx->page, "refusal", refusal ? messages_text(refusal) : NULL);
    if (!shown_again(ctx))
        form_set(ctx->form, "days", "30");
    return OK;
}

enum err extension_ask_post(struct ctx *ctx) {
    const char *refusal = why_not(ctx);
    if (refusal)
        return ctx_fail(ctx, ERR_CONFLICT, refusal);
    enum err err = ctx_run(ctx, Q_extension_ask);
    return err ? err : ctx_redirect(ctx, "/leads/{id}", N_("Asked. You hear from us here and by notification."));
}

enum err extension_decide_page(struct ctx *ctx) {
    if (!shown_again(ctx))
        form_set(ctx->form, "days", ctx_column(ctx, Q_extension, "days"));
    model_set_bool(ctx->page, "decidable", rows_true(ctx_rows(ctx, Q_extension), 0, "open") && ctx_can(ctx, "duplicates:write"));
    return OK;
}

enum err extension_decide_post(struct ctx *ctx) {
    bool granted = text_equal(form_value(ctx->form, "decision"), "granted");
    if (granted && !form_value(ctx->form, "days"))
        return ctx_field_error(ctx, "days", N_("Enter how many days more are granted."));
    enum err err = ctx_run(ctx, Q_extension_decide);
    if (!err && !rows_true(ctx_rows(ctx, Q_extension_decide), 0, "done"))
        err = ctx_fail(ctx, ERR_CONFLICT, N_("This request is decided already."));
    return err ? err
               : ctx_redirect(ctx, "/admin/extensions",
                              granted ? N_("Granted; the partner is told.") : N_("Refused; the partner is told."));
}
