#include "core/clock.h"
#include "core/i18n.h"
#include "core/text.h"
#include "domain/calendar/calendar.h"
#include "domain/calendar/reminder_rules.h"
#include "view/messages.h"

/* clang-format off */
static const struct choice when_choices[] = {{"tomorrow", NULL}, {"three_days", NULL}, {"next_week", NULL}, {"exact", NULL}, {NULL, NULL}};
static const struct field reminder_fields[] = {
    {.name = "when", .kind = FIELD_CHOICE, .label = N_("When"), .required = true, .choices = when_choices, .missing = N_("Choose when.")},
    {.name = "date", .kind = FIELD_DATE, .label = N_("Day")},
    {.name = "time", .kind = FIELD_TIME, .label = N_("Hour")},
    {.name = "user_id", .kind = FIELD_UUID, .label = N_("Whom"), .options = "reminder_hands"},
    {.name = "note", .kind = FIELD_AREA, .label = N_("Note"), .max = 500, .rows = 3, .hint = N_("What is to be done then.")},
    {0},
};
const struct form_spec reminder_form = {.fields = reminder_fields};

static const struct choice snooze_choices[] = {{"hour", NULL}, {"tomorrow", NULL}, {"three_days", NULL}, {"next_week", NULL}, {NULL, NULL}};
static const struct choice back_choices[] = {{"lead", NULL}, {"list", NULL}, {NULL, NULL}};
#define BACK_FIELD {.name = "back", .kind = FIELD_CHOICE, .label = N_("Next page"), .choices = back_choices}
static const struct field snooze_fields[] = {
    {.name = "when", .kind = FIELD_CHOICE, .label = N_("When"), .required = true, .choices = snooze_choices}, BACK_FIELD, {0},
};
const struct form_spec reminder_snooze_form = {.fields = snooze_fields};
static const struct field back_fields[] = {BACK_FIELD, {0}};
const struct form_spec reminder_back_form = {.fields = back_fields};
/* clang-format on */

/* Zones come from a list, so an unknown one in a user's row is a mistake of ours; their days are
 * UTC's then. */
static const char *zone_of(const struct ctx *ctx) {
    const char *zone = session_get(&ctx->session, "timezone");
    char date[WHEN_DATE_SIZE], time[WHEN_TIME_SIZE];
    return when_local(clock_now(), zone, date, time) ? zone : "UTC";
}

static void set_instant(struct ctx *ctx, const char *name, time_t at) {
    char text[WHEN_TEXT_SIZE];
    when_text(at, text);
    ctx_set(ctx, name, arena_strdup(ctx->arena, text));
}

/* ── Pages ── */

static void put_choice(struct ctx *ctx, struct model_list *list, const char *code, time_t at) {
    char text[WHEN_TEXT_SIZE];
    struct model *choice = model_list_add(list);
    when_text(at, text);
    model_set_text(choice, "code", code);
    model_set_typed(choice, "at", at > 0 ? arena_strdup(ctx->arena, text) : NULL, COLUMN_TIMESTAMP);
    model_set_bool(choice, "checked", text_equal(code, form_value(ctx->form, "when")));
}

static void show_quick(struct ctx *ctx) {
    static const enum when_quick offered[] = {WHEN_TOMORROW, WHEN_THREE_DAYS, WHEN_NEXT_WEEK};
    struct model_list *list = model_set_list(ctx->page, "quick");
    for (size_t i = 0; i < sizeof offered / sizeof *offered; i++) {
        time_t at = 0;
        (void)when_quick_at(offered[i], clock_now(), zone_of(ctx), &at);
        put_choice(ctx, list, when_quick_code(offered[i]), at);
    }
    put_choice(ctx, list, "exact", 0);
}

enum err reminder_prepare(struct ctx *ctx) {
    ctx_set(ctx, "myself", messages_text(N_("Myself")));
    return OK;
}

enum err reminder_form_page(struct ctx *ctx) {
    if (ctx->response->status != err_status(ERR_INVALID) && !form_value(ctx->form, "when")) {
        form_set(ctx->form, "when", "tomorrow");
        form_set(ctx->form, "user_id", session_get(&ctx->session, "user_id"));
    }
    show_quick(ctx);
    return OK;
}

/* ── What is done with them ── */

/* Sets due_at, or puts the refusal beside its field. */
static enum err set_due(struct ctx *ctx) {
    const struct reminder_wish wish = {form_value(ctx->form, "when"), form_value(ctx->form, "date"),
                                       form_value(ctx->form, "time")};
    time_t due = 0;
    enum reminder_verdict verdict = reminder_judge(&wish, zone_of(ctx), clock_now(), &due);
    if (verdict != REMINDER_OK)
        return ctx_field_error(ctx, reminder_verdict_field(verdict),
                               reminder_verdict_sentence(verdict));
    set_instant(ctx, "due_at", due);
    return OK;
}

static enum err write_one(struct ctx *ctx, enum query query, const char *notice) {
    enum err err = set_due(ctx);
    if (!err)
        err = ctx_run(ctx, query);
    if (err)
        return err;
    if (ctx_rows(ctx, query)->nrows == 0)
        return ctx_field_error(ctx, "user_id",
                               N_("This person cannot be reminded. Choose another one."));
    return ctx_redirect(ctx, "/leads/{lead_id}#reminders", notice);
}

enum err reminder_insert_post(struct ctx *ctx) {
    return write_one(ctx, Q_reminder_insert, N_("We will remind you."));
}

enum err reminder_update_post(struct ctx *ctx) {
    ctx_set(ctx, "lead_id", ctx_column(ctx, Q_reminder_lock, "lead_id"));
    return write_one(ctx, Q_reminder_update, N_("Reminder saved."));
}

/* Back to where the button was. */
static enum err act(struct ctx *ctx, enum query query, const char *notice) {
    ctx_set(ctx, "lead_id", ctx_column(ctx, Q_reminder_lock, "lead_id"));
    enum err err = ctx_run(ctx, query);
    if (err)
        return err;
    bool lead = text_equal(form_value(ctx->form, "back"), "lead");
    return ctx_redirect(ctx, lead ? "/leads/{lead_id}#reminders" : "/reminders", notice);
}

enum err reminder_snooze_post(struct ctx *ctx) {
    enum err err = set_due(ctx);
    return err ? err : act(ctx, Q_reminder_move, N_("Put off."));
}

enum err reminder_done_post(struct ctx *ctx) {
    return act(ctx, Q_reminder_finish, N_("Done."));
}

enum err reminder_reopen_post(struct ctx *ctx) {
    return act(ctx, Q_reminder_reopen, N_("Open again."));
}

enum err reminder_delete_post(struct ctx *ctx) {
    return act(ctx, Q_reminder_delete, N_("Reminder deleted."));
}
