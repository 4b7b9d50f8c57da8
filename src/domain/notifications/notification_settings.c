#include "core/i18n.h"
#include "core/text.h"
#include "domain/notifications/notification_rules.h"
#include "domain/notifications/notifications.h"
#include "view/messages.h"

enum { CHOICES_MAX = 64 << 10 /* bytes of JSON */ };

static const struct field settings_fields[] = {
    {.name = "digest_at",
     .kind = FIELD_CHOICE,
     .label = N_("Daily digest at"),
     .required = true,
     .options = "notification_times",
     .hint = N_("One mail with everything that you want to hear of once a day.")},
    {.name = "quiet_from",
     .kind = FIELD_CHOICE,
     .label = N_("Quiet from"),
     .options = "notification_times"},
    {.name = "quiet_to",
     .kind = FIELD_CHOICE,
     .label = N_("Quiet until"),
     .options = "notification_times"},
    {.name = "phone",
     .kind = FIELD_PHONE,
     .label = N_("Mobile number"),
     .autocomplete = "tel",
     .hint = N_("For text messages: with its country code, like +971 50 123 4567.")},
    {0},
};
const struct form_spec notification_settings_form = {.fields = settings_fields};

/* ── Choices: one row an event, a column a channel. Fields are called "email.lead.won". ── */

static const struct {
    const char *name, *usual; /* columns, and the name in the form and in JSON */
} channels[CHANNELS] = {[CHANNEL_EMAIL] = {"email", "usual_email"},
                        [CHANNEL_PUSH] = {"push", "usual_push"},
                        [CHANNEL_SMS] = {"sms", "usual_sms"}};

static bool offered(const struct ctx *ctx, enum channel channel) {
    const struct config *config = ctx->site->config;
    return channel == CHANNEL_EMAIL ||
           *(channel == CHANNEL_PUSH ? config->push_key_file : config->sms_url);
}

static bool was_posted(const struct ctx *ctx) {
    return ctx->request->method == METHOD_POST;
}

static const char *field_name(struct ctx *ctx, enum channel channel, const char *type) {
    return arena_printf(ctx->arena, "%s.%s", channels[channel].name, type);
}

/* What was sent, where the form had it; otherwise what is in force. A box that isn't ticked is not
 * sent. */
static const char *chosen(struct ctx *ctx, const struct rows *rows, size_t row,
                          enum channel channel) {
    const char *type = rows_get(rows, row, "type"),
               *now = rows_get(rows, row, channels[channel].name);
    if (!was_posted(ctx) || !offered(ctx, channel) ||
        !params_get(ctx->request->form, arena_printf(ctx->arena, "has.%s", type)))
        return now;
    const char *sent = params_get(ctx->request->form, field_name(ctx, channel, type));
    if (channel == CHANNEL_EMAIL)
        return sent && !rows_true(rows, row, "mandatory") ? sent : now;
    return sent ? sent : "off";
}

static const char *way_label(const char *way) {
    return text_equal(way, "now")      ? _("At once")
           : text_equal(way, "digest") ? _("Daily digest")
                                       : _("Off");
}

static void show_email(struct ctx *ctx, struct model *item, const struct rows *rows, size_t row,
                       const char *now) {
    static const char *const ways[] = {"now", "digest", "off"};
    const char *usual = rows_get(rows, row, "usual_email");
    struct model *field = model_set_object(item, "email");
    model_set_text(field, "name", field_name(ctx, CHANNEL_EMAIL, rows_get(rows, row, "type")));
    struct model_list *options = model_set_list(field, "options");
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct model *option = model_list_add(options);
        const char *label = way_label(ways[i]);
        model_set_text(option, "value", ways[i]);
        model_set_text(option, "label",
                       text_equal(ways[i], usual)
                           ? arena_printf(ctx->arena, _("%s (default)"), label)
                           : label);
        model_set_bool(option, "selected", text_equal(ways[i], now));
    }
}

static void show_box(struct ctx *ctx, struct model *item, const struct rows *rows, size_t row,
                     enum channel channel, const char *now) {
    if (!offered(ctx, channel))
        return;
    struct model *field = model_set_object(item, channels[channel].name);
    model_set_text(field, "name", field_name(ctx, channel, rows_get(rows, row, "type")));
    const char *usual = rows_get(rows, row, channels[channel].usual);
    model_set_bool(field, "checked", text_equal(now, "now"));
    model_set_bool(field, "changed", !text_equal(now, usual));
    model_set_bool(field, "usually_on", text_equal(usual, "now"));
}

static void show_choice(struct ctx *ctx, struct model *item, const struct rows *rows, size_t row) {
    bool changed = false;
    model_set_text(item, "type", rows_get(rows, row, "type"));
    model_set_bool(item, "mandatory", rows_true(rows, row, "mandatory"));
    for (enum channel c = CHANNEL_EMAIL; c < CHANNELS; c++) {
        const char *now = chosen(ctx, rows, row, c);
        changed = changed ||
                  (offered(ctx, c) && !text_equal(now, rows_get(rows, row, channels[c].usual)));
        if (c == CHANNEL_EMAIL)
            show_email(ctx, item, rows, row, now);
        else
            show_box(ctx, item, rows, row, c, now);
    }
    model_set_bool(item, "changed", changed);
}

enum err notification_settings_page(struct ctx *ctx) {
    const struct rows *rows = ctx_rows(ctx, Q_notification_choices);
    struct model_list *categories = model_set_list(ctx->chrome, "categories"), *items = NULL;
    for (size_t i = 0; i < rows->nrows; i++) {
        const char *category = rows_get(rows, i, "category");
        if (!items || !text_equal(category, rows_get(rows, i - 1, "category"))) {
            struct model *group = model_list_add(categories);
            model_set_text(group, "category", category);
            items = model_set_list(group, "items");
        }
        show_choice(ctx, model_list_add(items), rows, i);
    }
    model_set_bool(ctx->page, "push_offered", offered(ctx, CHANNEL_PUSH));
    model_set_bool(ctx->page, "sms_offered", offered(ctx, CHANNEL_SMS));
    return OK;
}

/* ── Saving ── */

static enum err check_settings(struct ctx *ctx) {
    const char *from = form_value(ctx->form, "quiet_from"), *to = form_value(ctx->form, "quiet_to"),
               *phone = form_value(ctx->form, "phone");
    const char *problem = quiet_hours_problem(from, to);
    if (problem)
        form_error(ctx->form, from ? "quiet_to" : "quiet_from", problem);
    if (phone && !phone_e164(ctx->arena, phone))
        form_error(ctx->form, "phone",
                   N_("Begin with + and the country's code, like +971 50 123 4567."));
    else if (phone)
        ctx_set(ctx, "phone", phone_e164(ctx->arena, phone));
    return form_valid(ctx->form) ? OK : ERR_INVALID;
}

/* :choices, of the types that the form had and that this person can hear of. */
static enum err gather_choices(struct ctx *ctx) {
    const struct rows *rows = ctx_rows(ctx, Q_notification_choices);
    struct model *all = model_new(ctx->arena, NULL);
    struct model_list *list = model_set_list(all, "choices");
    struct buf json;
    for (size_t i = 0; i < rows->nrows; i++) {
        struct model *choice = model_list_add(list);
        model_set_text(choice, "type", rows_get(rows, i, "type"));
        for (enum channel c = CHANNEL_EMAIL; c < CHANNELS; c++) {
            const char *value = chosen(ctx, rows, i, c);
            if (!channel_takes(c, value))
                return ctx_fail(ctx, ERR_BAD_REQUEST, N_("There is no such way to be told."));
            model_set_text(choice, channels[c].name, value);
        }
    }
    buf_init(&json, CHOICES_MAX);
    model_to_json(all, &json);
    ctx_set(ctx, "choices", arena_strdup(ctx->arena, buf_text(&json)));
    buf_free(&json);
    return OK;
}

enum err notification_settings_post(struct ctx *ctx) {
    enum err err = check_settings(ctx);
    if (!err)
        err = gather_choices(ctx);
    if (!err)
        err = ctx_run(ctx, Q_notification_settings_update);
    if (!err)
        err = ctx_run(ctx, Q_notification_choices_update);
    if (!err)
        err = ctx_run(ctx, Q_notification_choices_tidy);
    return err ? err : ctx_redirect(ctx, "/account/notifications", N_("Saved."));
}

enum err notification_reset_post(struct ctx *ctx) {
    ctx_set(ctx, "digest_at", NULL);
    ctx_set(ctx, "quiet_from", NULL);
    ctx_set(ctx, "quiet_to", NULL);
    ctx_set(ctx, "phone", ctx_column(ctx, Q_notification_settings, "phone"));
    enum err err = ctx_run(ctx, Q_notification_settings_update);
    if (!err)
        err = ctx_run(ctx, Q_notification_choices_forget);
    return err ? err
               : ctx_redirect(ctx, "/account/notifications",
                              N_("Everything is as it was in the beginning; your number stays."));
}
