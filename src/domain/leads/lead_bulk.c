#include "domain/leads/lead_bulk.h"

#include "core/i18n.h"
#include "core/text.h"
#include "domain/choices/choices.h"
#include "domain/leads/lead_lists.h"
#include "domain/leads/leads.h"
#include "view/labels.h"
#include "view/messages.h"

static const struct choice stage_choices[] = {{"new", NULL},  {"intake", NULL},  {"qualified", NULL}, {"active", NULL}, {"won", NULL},
                                              {"lost", NULL}, {"dormant", NULL}, {"declined", NULL},  {NULL, NULL}};
static const struct choice action_choices[] = {{"stage", N_("Move to a stage")}, {"source", N_("Set the source")}, {NULL, NULL}};

static const struct field begin_fields[] = {
    {.name = "lead", .kind = FIELD_CHOICE, .label = N_("Leads"), .multiple = true, .options = "lead_list"},
    {.name = "all", .kind = FIELD_CHECK, .label = N_("All that match")},
    {.name = "filters", .kind = FIELD_HIDDEN, .label = N_("Filters"), .max = 2000},
    {0},
};
const struct form_spec bulk_begin_form = {.fields = begin_fields};

static const struct field plan_fields[] = {
    {.name = "action", .kind = FIELD_CHOICE, .label = N_("What to do"), .required = true, .choices = action_choices,
     .missing = N_("Choose what to do.")},
    {.name = "stage", .kind = FIELD_CHOICE, .label = N_("Move to"), .choices = stage_choices},
    {.name = "reason_code", .kind = FIELD_CHOICE, .label = N_("Reason"), .options = "stage_reasons"},
    {.name = "reason", .kind = FIELD_AREA, .label = N_("Why"), .max = 500, .rows = 2,
     .hint = N_("In your words. A reason is needed when they do not go forward.")},
    {.name = "source", .kind = FIELD_CHOICE, .label = N_("Source"), .choices = lead_source_choices},
    {0},
};
const struct form_spec bulk_form = {.fields = plan_fields};

static const struct field row_fields[] = {
    {.name = "refused", .kind = FIELD_TEXT, .label = N_("Left out only"), .max = 1}, {0}};
const struct form_spec bulk_row_filters = {.fields = row_fields};
const struct list_spec bulk_list_spec = {.query = Q_bulk_lead_list, .page_size = 50, .filename = "leads"};

static enum lead_actor actor_of(const struct ctx *ctx) {
    return ctx->session.audience == AUDIENCE_STAFF ? LEAD_STAFF : LEAD_PARTNER;
}

/* ── Selecting ── */

/* "id,id" as an array; what is no id names nothing. */
static const char *id_array(struct ctx *ctx, const char *list) {
    struct buf ids;
    buf_init(&ids, REQUEST_TEXT_MAX);
    for (const char *at = list; at && *at; at += strcspn(at, ","), at += *at == ',') {
        const char *id = arena_strndup(ctx->arena, at, strcspn(at, ","));
        if (text_is_uuid(id))
            buf_printf(&ids, "%s%s", ids.len ? "," : "", id);
    }
    const char *array = arena_printf(ctx->arena, "{%s}", buf_text(&ids));
    buf_free(&ids);
    return array;
}

static enum err select_matching(struct ctx *ctx) {
    const struct form *filters = lead_filters_read(ctx, form_value(ctx->form, "filters"));
    if (!filters)
        return ctx_fail(ctx, ERR_INVALID, N_("The list's filters could not be read. Go back to the list and try again."));
    for (const struct field *f = lead_filters.fields; f->name; f++)
        ctx_set(ctx, f->name, form_value(filters, f->name));
    lead_filters_set(ctx, filters);
    ctx_set(ctx, "most", arena_printf(ctx->arena, "%d", BULK_MAX));
    return ctx_run(ctx, Q_bulk_matching);
}

enum err bulk_begin_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_bulk_begin);
    if (err)
        return err;
    ctx_set(ctx, "id", ctx_column(ctx, Q_bulk_begin, "id"));
    if (text_equal(form_value(ctx->form, "all"), "true")) {
        err = select_matching(ctx);
    } else {
        ctx_set(ctx, "leads", id_array(ctx, form_value(ctx->form, "lead")));
        err = ctx_run(ctx, Q_bulk_chosen);
    }
    if (!err)
        err = ctx_run(ctx, Q_bulk_count);
    if (err)
        return err;
    long total = rows_long(ctx_rows(ctx, Q_bulk_count), 0, "total");
    if (total == 0)
        return ctx_fail(ctx, ERR_INVALID, N_("No lead is selected. Go back and tick the ones that you mean."));
    if (total > BULK_MAX)
        return ctx_fail(ctx, ERR_INVALID, N_("These are more than 20,000 leads. Narrow the list down and do it in parts."));
    return ctx_redirect(ctx, "/leads/bulk/{id}", NULL);
}

/* ── What will happen ── */

static const char *word(const char *code) {
    const char *label = code ? label_of(code) : NULL;
    return label ? messages_text(label) : code;
}

static const char *what_it_does(struct ctx *ctx) {
    const char *action = ctx_column(ctx, Q_bulk, "action"), *value = ctx_column(ctx, Q_bulk, "value");
    if (text_equal(action, "stage"))
        return arena_printf(ctx->arena, _("Move to %s"), word(value));
    if (text_equal(action, "source"))
        return arena_printf(ctx->arena, _("Set the source to %s"), word(value));
    return action ? messages_text(N_("Put back as they were")) : messages_text(N_("Change many leads"));
}

static void show_refusals(struct ctx *ctx) {
    const struct rows *rows = ctx_rows(ctx, Q_bulk_refusals);
    struct model_list *list = model_set_list(ctx->page, "refusals");
    for (size_t i = 0; i < rows->nrows; i++) {
        struct model *entry = model_list_add(list);
        model_set_text(entry, "text", messages_text(bulk_refusal_sentence(rows_get(rows, i, "refusal"))));
        model_set_typed(entry, "leads", rows_get(rows, i, "leads"), COLUMN_INT);
    }
    model_set_bool(ctx->page, "has_refusals", rows->nrows > 0);
}

static void show_progress(struct ctx *ctx) {
    const struct rows *bulk = ctx_rows(ctx, Q_bulk);
    long done = rows_long(bulk, 0, "done") + rows_long(bulk, 0, "changed"), planned = rows_long(bulk, 0, "planned");
    struct model *progress = model_set_object(ctx->page, "progress");
    model_set_text(progress, "label", messages_text(N_("Leads")));
    model_set_int(progress, "value", done);
    model_set_int(progress, "max", planned > 0 ? planned : 1);
    model_set_text(progress, "value_text", arena_printf(ctx->arena, _("%ld of %ld"), done, planned));
    model_set_text(progress, "note", NULL);
}

/* Wherever some lead may go; which of these can is said before anything happens. What was planned stands there again. */
static void show_choice(struct ctx *ctx) {
    struct lead_offer offers[LEAD_STAGES] = {0};
    struct lead_moves moves;
    lead_moves_read(&moves, ctx_rows(ctx, Q_stage_moves));
    for (int to = LEAD_NEW; to < LEAD_STAGES; to++) {
        bool without = false;
        for (int from = LEAD_NEW; from < LEAD_STAGES; from++) {
            unsigned needs = 0;
            if (!lead_move_allowed(&moves, (enum lead_stage)from, (enum lead_stage)to, actor_of(ctx), &needs))
                continue;
            offers[to].offered = true;
            offers[to].needs |= needs & LEAD_NEEDS_REASON; /* each has its own value */
            without = without || !(needs & LEAD_NEEDS_REASON);
        }
        offers[to].perhaps = without;
    }
    if (ctx->response->status != err_status(ERR_INVALID)) {
        const char *action = ctx_column(ctx, Q_bulk, "action");
        if (action)
            form_set(ctx->form, text_equal(action, "stage") ? "stage" : "source", ctx_column(ctx, Q_bulk, "value"));
        form_set(ctx->form, "reason_code", ctx_column(ctx, Q_bulk, "reason_code"));
        form_set(ctx->form, "reason", ctx_column(ctx, Q_bulk, "reason_words"));
    }
    lead_offers_show(ctx, offers, form_value(ctx->form, "stage"));
}

enum err bulk_page(struct ctx *ctx) {
    messages_use(ctx_locale(ctx));
    const struct rows *bulk = ctx_rows(ctx, Q_bulk);
    const char *state = rows_get(bulk, 0, "state");
    bool chosen = text_equal(state, "chosen") && rows_true(bulk, 0, "mine") && ctx_can(ctx, "leads:write");
    model_set_text(ctx->page, "what", what_it_does(ctx));
    model_set_bool(ctx->page, "choosing", chosen);
    model_set_bool(ctx->page, "planned", chosen && rows_get(bulk, 0, "action"));
    model_set_bool(ctx->page, "ready", chosen && rows_get(bulk, 0, "action") && rows_long(bulk, 0, "planned") > 0);
    model_set_bool(ctx->page, "running", text_equal(state, "running"));
    model_set_bool(ctx->page, "finished", text_equal(state, "finished"));
    model_set_bool(ctx->page, "may_undo", rows_true(bulk, 0, "undoable") && ctx_can(ctx, "leads:write"));
    show_choice(ctx);
    show_refusals(ctx);
    show_progress(ctx);
    return OK;
}

/* Three arrays side by side, one place for each kind of lead that is in the selection. */
struct plan {
    struct buf stages, worths, refusals;
    bool reason; /* some of the moves ask for one */
};

static void judge(struct ctx *ctx, const char *to, struct plan *plan) {
    const struct rows *rows = ctx_rows(ctx, Q_bulk_stages);
    struct lead_moves moves;
    lead_moves_read(&moves, ctx_rows(ctx, Q_stage_moves));
    for (size_t i = 0; i < rows->nrows; i++) {
        enum lead_stage from = LEAD_NEW, stage = LEAD_NEW;
        (void)lead_stage_find(rows_get(rows, i, "stage"), &from);
        const char *refusal = lead_stage_find(to, &stage)
                                  ? bulk_move_refusal(&moves, from, rows_true(rows, i, "worth"), stage, actor_of(ctx), &plan->reason)
                                  : bulk_edit_refusal(from, actor_of(ctx));
        const char *comma = i ? "," : "";
        buf_printf(&plan->stages, "%s%s", comma, lead_stage_code(from));
        buf_printf(&plan->worths, "%s%s", comma, rows_get(rows, i, "worth"));
        buf_printf(&plan->refusals, "%s%s", comma, refusal ? refusal : "NULL");
    }
}

static enum err write_plan(struct ctx *ctx, const struct plan *plan) {
    ctx_set(ctx, "stages", arena_printf(ctx->arena, "{%s}", buf_text(&plan->stages)));
    ctx_set(ctx, "worths", arena_printf(ctx->arena, "{%s}", buf_text(&plan->worths)));
    ctx_set(ctx, "refusals", arena_printf(ctx->arena, "{%s}", buf_text(&plan->refusals)));
    enum err err = ctx_run(ctx, Q_bulk_plan);
    if (err)
        return err;
    return ctx_rows(ctx, Q_bulk_plan)->nrows > 0 ? ctx_redirect(ctx, "/leads/bulk/{id}", NULL)
                                                 : ctx_fail(ctx, ERR_CONFLICT, N_("This has been done already."));
}

/* As lead_move_judge() asks for it, once for all of them. */
static enum err check_reason(struct ctx *ctx, const char *to, bool needed) {
    const struct lead_reason reason = lead_reason_given(ctx);
    if (!needed || !reason.code)
        ctx_set(ctx, "reason_code", NULL); /* chosen for another stage, before this one was */
    if (!needed)
        return OK;
    if (reason.code && !text_equal(reason.stage, to))
        return ctx_field_error(ctx, "reason_code", lead_verdict_sentence(LEAD_MOVE_WRONG_REASON));
    return reason.code || !text_blank(reason.text)
               ? OK
               : ctx_field_error(ctx, "reason", N_("Say why in a few words: whoever looks at these leads later will want to know."));
}

enum err bulk_plan_post(struct ctx *ctx) {
    enum { ARRAY_MAX = 4096 };
    bool move = text_equal(form_value(ctx->form, "action"), "stage");
    const char *to = move ? form_value(ctx->form, "stage") : NULL;
    if (move && !to)
        return ctx_field_error(ctx, "stage", N_("Choose the stage."));
    if (!move && !form_value(ctx->form, "source"))
        return ctx_field_error(ctx, "source", N_("Choose the source."));
    struct plan plan = {.reason = false};
    buf_init(&plan.stages, ARRAY_MAX);
    buf_init(&plan.worths, ARRAY_MAX);
    buf_init(&plan.refusals, ARRAY_MAX);
    judge(ctx, to, &plan);
    ctx_set(ctx, move ? "source" : "stage", NULL);
    enum err err = check_reason(ctx, to, plan.reason);
    if (!err)
        err = write_plan(ctx, &plan);
    buf_free(&plan.stages);
    buf_free(&plan.worths);
    buf_free(&plan.refusals);
    return err;
}

/* ── Doing and undoing ── */

enum err bulk_run_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_bulk_run);
    if (err)
        return err;
    if (!rows_true(ctx_rows(ctx, Q_bulk_run), 0, "begun"))
        return ctx_fail(ctx, ERR_CONFLICT, N_("This has been done already, or nothing was chosen yet."));
    return ctx_redirect(ctx, "/leads/bulk/{id}", NULL);
}

enum err bulk_undo_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_bulk_undo);
    if (err)
        return err;
    const char *undo = ctx_column(ctx, Q_bulk_undo, "undo");
    if (!undo)
        return ctx_fail(ctx, ERR_CONFLICT, N_("This can't be undone: it was undone before, or it is more than a day ago."));
    ctx_set(ctx, "undo", undo);
    return ctx_redirect(ctx, "/leads/bulk/{undo}", NULL);
}

/* ── Its rows ── */

enum err bulk_rows_prepare(struct ctx *ctx) {
    if (actor_of(ctx) == LEAD_STAFF)
        ctx_set(ctx, "staff", "true");
    if (form_value(ctx->form, "refused"))
        ctx_set(ctx, "refused", "true");
    return OK;
}

enum err bulk_rows_page(struct ctx *ctx) {
    messages_use(ctx_locale(ctx));
    model_set_bool(ctx->page, "staff", actor_of(ctx) == LEAD_STAFF);
    model_set_text(ctx->page, "what", what_it_does(ctx));
    return OK;
}
