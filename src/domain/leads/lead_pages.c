#include "core/i18n.h"
#include "core/text.h"
#include "domain/activities/activities.h"
#include "domain/cards/cards.h"
#include "domain/duplicates/duplicates.h"
#include "domain/leads/lead_lists.h"
#include "domain/leads/leads.h"
#include "domain/messages/messages.h"
#include "view/messages.h"

static const char somebody_was_quicker[] =
    N_("Somebody changed this lead in the meantime. What you typed is still here: look at the lead "
       "as it is now, then save again.");

static const char somebody_was_quicker_on_the_board[] =
    N_("Somebody changed this lead before you, so it stays where they left it.");

enum lead_actor lead_actor_of(const struct ctx *ctx) {
    return ctx->session.audience == AUDIENCE_STAFF ? LEAD_STAFF : LEAD_PARTNER;
}

static bool shown_again(const struct ctx *ctx) {
    return ctx->response->status == err_status(ERR_INVALID);
}

static enum lead_stage stage_in(const struct ctx *ctx, enum query query) {
    enum lead_stage stage = LEAD_NEW;
    (void)lead_stage_find(ctx_column(ctx, query, "stage"), &stage);
    return stage;
}

/* The form is shown again, with the version that now counts: saving once more goes through. */
static enum err quicker(struct ctx *ctx) {
    const char *current = ctx_column(ctx, Q_lead_lock, "version");
    if (ctx->request->answer == ANSWER_JSON)
        return ctx_fail(ctx, ERR_CONFLICT, somebody_was_quicker_on_the_board);
    if (current)
        form_set(ctx->form, "version", current);
    model_set_bool(ctx->page, "changed_meanwhile", true);
    form_error(ctx->form, NULL, somebody_was_quicker);
    return ERR_INVALID;
}

static bool version_is_current(const struct ctx *ctx) {
    return text_equal(form_value(ctx->form, "version"), ctx_column(ctx, Q_lead_lock, "version"));
}

/* ── List ── */

static bool has_filter(const struct ctx *ctx) {
    for (const struct field *f = ctx->route->form->fields; f->name; f++)
        if (form_value(ctx->form, f->name))
            return true;
    return false;
}

void lead_filters_set(struct ctx *ctx, const struct form *filters) {
    const char *typed = form_value(filters, "q");
    if (typed) {
        char *q = arena_strdup(ctx->arena, typed);
        lead_search_text(typed, q);
        ctx_set(ctx, "q", q);
    }
    if (form_value(filters, "open"))
        ctx_set(ctx, "open", "true");
    enum lead_stage stage;
    if (lead_stage_find(form_value(filters, "reached"), &stage))
        ctx_set(ctx, "reached_stages", lead_stages_from(stage));
}

enum err lead_list_prepare(struct ctx *ctx) {
    lead_filters_set(ctx, ctx->form);
    ctx_set(ctx, "filtered", has_filter(ctx) ? "true" : "false");
    if (ctx->session.audience == AUDIENCE_STAFF)
        ctx_set(ctx, "staff", "true");
    lead_list_prepare_dress(ctx);
    return OK;
}

/* How many of the filters behind "More filters" are in use. */
static long more_filters(const struct ctx *ctx) {
    static const char *const names[] = {"from",      "to",        "closed_from", "closed_to",
                                        "value_min", "value_max", "currency"};
    long n = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        n += form_value(ctx->form, names[i]) != NULL;
    return n;
}

void lead_views_show(struct ctx *ctx, bool on_board) {
    model_set_bool(ctx->page, "staff", ctx->session.audience == AUDIENCE_STAFF);
    model_set_int(ctx->page, "more_filters", more_filters(ctx));
    model_set_text(ctx->page, "table_href", ctx_filters_href(ctx, "/leads", NULL));
    model_set_text(ctx->page, "board_href", ctx_filters_href(ctx, "/leads/board", NULL));
    model_set_bool(ctx->page, "on_board", on_board);
}

enum err lead_list_page(struct ctx *ctx) {
    lead_views_show(ctx, false);
    return lead_list_dress(ctx);
}

/* ── New and edit ── */

/* Called when the form was sent and, so that all errors stand there at once, when it is shown again for another
 * field's sake. */
static void check_lead(struct ctx *ctx) {
    lead_form_check(ctx->form, ctx->request->form);
}

static void check_partner(struct ctx *ctx) {
    const char *partner = form_value(ctx->form, "partner_id");
    if (lead_actor_of(ctx) == LEAD_STAFF && (!partner || !text_is_uuid(partner)))
        form_error(ctx->form, "partner_id", N_("Choose the partner who brought the client."));
}

enum err lead_new_prepare(struct ctx *ctx) {
    if (ctx->request->method == METHOD_POST)
        return OK;
    const char *partner = params_get(ctx->request->query, "partner");
    if (partner && text_is_uuid(partner))
        ctx_set(ctx, "partner", partner);
    lead_draft_prepare(ctx);
    const char *card = params_get(ctx->request->query, "card");
    if (card && text_is_uuid(card) && ctx->route->form == &lead_quick_form)
        ctx_set(ctx, "card_id", card);
    return OK;
}

enum err lead_form_page(struct ctx *ctx) {
    bool edit = ctx->route->form == &lead_edit_form;
    if (edit && !lead_editable(stage_in(ctx, Q_lead_get), lead_actor_of(ctx)))
        return ctx_fail(
            ctx, ERR_FORBIDDEN,
            N_("This lead is closed. Ask the programme's staff if something in it is wrong."));
    model_set_bool(ctx->page, "staff", lead_actor_of(ctx) == LEAD_STAFF);
    if (lead_actor_of(ctx) == LEAD_PARTNER) /* the unit beside an amount */
        model_set_text(ctx->page, "currency", session_get(&ctx->session, "currency"));
    if (ctx->route->form == &lead_quick_form)
        card_fill(ctx);
    if (!shown_again(ctx)) {
        if (ctx->route->form == &lead_full_form && lead_actor_of(ctx) == LEAD_PARTNER &&
            !form_value(ctx->form, "currency"))
            form_set(ctx->form, "currency", session_get(&ctx->session, "currency"));
        return OK;
    }
    check_lead(ctx);
    if (!edit)
        check_partner(ctx);
    return OK;
}

/* Whose the client is otherwise, since when and why, is not said. */
static const char *sent_notice(const char *registration) {
    if (text_equal(registration, "known"))
        return N_("We already know this client. Your lead is kept, and staff decide.");
    if (text_equal(registration, "again"))
        return N_("You have sent us this client before. Your registration of then counts.");
    return N_("The lead is with us.");
}

/* Sent twice (no script, a bad line, back and again): the same leads to its lead; another content gets a draft of its own. */
static enum err sent_before(struct ctx *ctx) {
    const struct rows *sent = ctx_rows(ctx, Q_lead_sent);
    if (rows_true(sent, 0, "same")) {
        ctx_set(ctx, "id", rows_get(sent, 0, "id"));
        return ctx_redirect(ctx, "/leads/{id}", sent_notice(rows_get(sent, 0, "registration")));
    }
    form_set(ctx->form, "draft", rows_get(sent, 0, "another_draft"));
    return ctx_field_error(ctx, NULL,
                           N_("This form was sent before, and its lead is in your list. Is this another client? Then send it once more."));
}

enum err lead_insert_post(struct ctx *ctx) {
    check_lead(ctx);
    check_partner(ctx);
    if (!form_valid(ctx->form))
        return ERR_INVALID;
    if (lead_actor_of(ctx) == LEAD_PARTNER)
        ctx_set(ctx, "partner_id", NULL); /* their own, whatever was sent */
    enum err err = lead_phone_set(ctx);
    if (!err)
        err = ctx_run(ctx, Q_lead_insert);
    if (err)
        return err;
    const char *id = ctx_column(ctx, Q_lead_insert, "id");
    if (id) {
        ctx_set(ctx, "id", id);
        if (ctx_get(ctx, "card_id") && (err = ctx_run(ctx, Q_card_use)))
            return err;
        if ((err = lead_draft_sent(ctx)))
            return err;
        return ctx_redirect(ctx, "/leads/{id}", sent_notice(ctx_column(ctx, Q_lead_insert, "registration")));
    }
    if ((err = ctx_run(ctx, Q_lead_sent)))
        return err;
    if (ctx_rows(ctx, Q_lead_sent)->nrows > 0)
        return sent_before(ctx);
    if (lead_actor_of(ctx) == LEAD_STAFF)
        return ctx_field_error(ctx, "partner_id",
                               N_("This partner is not active. Choose another one."));
    return ctx_field_error(
        ctx, NULL,
        N_("Your partnership is suspended, so new leads are not taken. Please write to support."));
}

enum err lead_update_post(struct ctx *ctx) {
    if (!lead_editable(stage_in(ctx, Q_lead_lock), lead_actor_of(ctx)))
        return ctx_fail(
            ctx, ERR_FORBIDDEN,
            N_("This lead is closed. Ask the programme's staff if something in it is wrong."));
    check_lead(ctx);
    if (!form_valid(ctx->form))
        return ERR_INVALID;
    if (!version_is_current(ctx))
        return quicker(ctx);
    enum err err = lead_phone_set(ctx);
    if (!err)
        err = ctx_run(ctx, Q_lead_update);
    return err ? err : ctx_redirect(ctx, "/leads/{id}", N_("Lead saved."));
}

/* ── One lead ── */

/* Where it may go now. The next step forward stands ready, but nobody wins or loses by a slip; a
 * form that was refused keeps what was chosen. */
static void show_moves(struct ctx *ctx, enum lead_stage from) {
    struct lead_offer offers[LEAD_STAGES] = {0};
    struct lead_moves moves;
    lead_moves_read(&moves, ctx_rows(ctx, Q_stage_moves));
    for (int to = LEAD_NEW; to < LEAD_STAGES; to++)
        offers[to].offered =
            lead_move_allowed(&moves, from, (enum lead_stage)to, lead_actor_of(ctx), &offers[to].needs);
    enum lead_stage next = from < LEAD_ACTIVE ? from + 1 : from;
    const char *chosen = shown_again(ctx) ? form_value(ctx->form, "stage") : NULL;
    lead_offers_show(ctx, offers, chosen ? chosen : offers[next].offered ? lead_stage_code(next) : NULL);
}

enum err lead_prepare(struct ctx *ctx) {
    const struct params *query = ctx->request->query;
    const char *entry = params_get(query, "entry"), *us, *id;
    ctx_set(ctx, "types", timeline_types(params_get(query, "show")));
    if (timeline_cursor_parse(ctx->arena, params_get(query, "before"), &us, &id)) {
        ctx_set(ctx, "before_us", us);
        ctx_set(ctx, "before_id", id);
    } else if (entry && text_is_uuid(entry)) {
        ctx_set(ctx, "from_entry", entry);
    }
    return OK;
}

enum err lead_absent(struct ctx *ctx) {
    enum err err = ctx_run_alone(ctx, Q_lead_went_to);
    const char *kept = err ? NULL : ctx_column(ctx, Q_lead_went_to, "kept_id");
    if (!kept)
        return err ? err : ERR_NOT_FOUND;
    ctx_set(ctx, "id", kept);
    return ctx_redirect(ctx, ctx_get(ctx, "from_entry") ? "/leads/{id}?entry={from_entry}" : "/leads/{id}",
                        N_("This lead went into another one of the same client, which is shown here."));
}

enum err lead_page(struct ctx *ctx) {
    messages_use(ctx_locale(ctx));
    enum lead_stage stage = stage_in(ctx, Q_lead_get);
    if (ctx_can(ctx, "leads:write"))
        show_moves(ctx, stage);
    model_set_bool(ctx->page, "staff", lead_actor_of(ctx) == LEAD_STAFF);
    model_set_bool(ctx->page, "editable",
                   ctx_can(ctx, "leads:write") && lead_editable(stage, lead_actor_of(ctx)));
    const char *step = lead_next_step(stage);
    model_set_text(ctx->page, "next_step", step ? messages_text(step) : NULL);
    lead_timeline_show(ctx);
    if (ctx_can(ctx, "leads:write"))
        activity_form_show(ctx);
    const struct rows *messages = ctx_rows(ctx, Q_lead_messages);
    messages_show(ctx, "lead_messages", messages, messages->nrows, 0);
    return OK;
}

/* A refusal stands beside its field, or above the page where a closed lead offers none. */
static enum err refuse(struct ctx *ctx, enum lead_stage from, enum lead_verdict verdict) {
    bool offered = lead_editable(from, lead_actor_of(ctx));
    return ctx_field_error(ctx, offered ? lead_verdict_field(verdict) : NULL,
                           lead_verdict_sentence(verdict));
}

static enum err stage_changed(struct ctx *ctx, bool won) {
    ctx_offer_undo(ctx, "/leads/{id}/undo", ctx_column(ctx, Q_lead_stage_update, "version"));
    return ctx_redirect_back(ctx, "/leads/{id}",
                             won ? N_("Won. Congratulations!") : N_("Stage changed."));
}

enum err lead_stage_post(struct ctx *ctx) {
    enum lead_stage to;
    if (!lead_stage_find(form_value(ctx->form, "stage"), &to))
        return ERR_INVALID;
    if (!version_is_current(ctx))
        return quicker(ctx);
    const char *value = form_value(ctx->form, "estimated_value");
    enum lead_stage from = stage_in(ctx, Q_lead_lock);
    struct lead_moves moves;
    lead_moves_read(&moves, ctx_rows(ctx, Q_stage_moves));
    unsigned needs = 0;
    (void)lead_move_allowed(&moves, from, to, lead_actor_of(ctx), &needs);
    struct lead_reason reason = lead_reason_given(ctx);
    if (!(needs & LEAD_NEEDS_REASON)) /* chosen for another stage, before this one was */
        reason.code = NULL;
    enum lead_verdict verdict =
        lead_move_judge(&moves, from, to, lead_actor_of(ctx), &reason,
                        value ? value : ctx_column(ctx, Q_lead_lock, "estimated_value"));
    if (verdict != LEAD_MOVE_OK)
        return refuse(ctx, from, verdict);
    ctx_set(ctx, "reason_code", reason.code);
    ctx_set(ctx, "won_value", to == LEAD_WON ? value : NULL);
    enum err err = ctx_run(ctx, Q_lead_stage_update);
    return err ? err : stage_changed(ctx, to == LEAD_WON);
}

/* The database says whether it is still possible (app.lead_undo()); its sentence stands above the page. */
enum err lead_undo_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_lead_undo);
    if (err == ERR_CONFLICT && ctx->request->answer != ANSWER_JSON) {
        const char *version = ctx_column(ctx, Q_lead_lock, "version");
        ctx->form = form_new(ctx->arena, &lead_stage_form); /* the page's own */
        form_set(ctx->form, "version", version);
        return ERR_INVALID;
    }
    return err ? err : ctx_redirect_back(ctx, "/leads/{id}", N_("Undone."));
}

enum err lead_staff_post(struct ctx *ctx) {
    if (!version_is_current(ctx))
        return quicker(ctx);
    enum err err = ctx_run(ctx, Q_lead_staff_update);
    return err ? err : ctx_redirect(ctx, "/leads/{id}", N_("Notes saved."));
}
