#include "core/clock.h"
#include "core/i18n.h"
#include "core/text.h"
#include "domain/announcements/announcement_rules.h"
#include "domain/announcements/announcements.h"
#include "domain/calendar/when_rules.h"

/* clang-format off */
const struct list_spec announcement_list_spec = {.query = Q_announcement_list, .page_size = 20, .filename = "announcements"};
const struct list_spec announcement_admin_spec = {.query = Q_announcement_admin_list, .page_size = 50, .filename = "announcements"};

static const struct choice back_choices[] = {{"dashboard", NULL}, {"list", NULL}, {NULL, NULL}};
static const struct field read_fields[] = {{.name = "back", .kind = FIELD_CHOICE, .label = N_("Next page"), .choices = back_choices}, {0}};
const struct form_spec announcement_read_form = {.fields = read_fields};

static const struct choice status_choices[] = {
    {"draft", NULL}, {"scheduled", NULL}, {"published", NULL}, {"expired", NULL}, {"withdrawn", NULL}, {NULL, NULL}};
static const struct field filter_fields[] = {
    {.name = "status", .kind = FIELD_CHOICE, .label = N_("Status"), .choices = status_choices}, {0}};
const struct form_spec announcement_filters = {.fields = filter_fields};

static const struct field announcement_fields[] = {
    {.name = "title", .kind = FIELD_TEXT, .label = N_("Title"), .required = true, .max = 120, .autocomplete = "off", .missing = N_("Give it a title.")},
    {.name = "body", .kind = FIELD_AREA, .label = N_("Text"), .required = true, .max = 4000, .rows = 8, .missing = N_("Write what there is to say.")},
    {.name = "link", .kind = FIELD_URL, .label = N_("Link"), .hint = N_("A page with more about it.")},
    {.name = "to_partners", .kind = FIELD_CHECK, .label = N_("Partners")},
    {.name = "types", .kind = FIELD_CHOICE, .label = N_("Only of these types"), .multiple = true, .options = "partner_type_options"},
    {.name = "tiers", .kind = FIELD_CHOICE, .label = N_("Only of these tiers"), .multiple = true, .options = "tier_options"},
    {.name = "regions", .kind = FIELD_CHOICE, .label = N_("Only in these regions"), .multiple = true, .options = "region_options"},
    {.name = "to_staff", .kind = FIELD_CHECK, .label = N_("The programme's staff")},
    {.name = "publish_on", .kind = FIELD_DATE, .label = N_("Comes out on"), .hint = N_("Leave empty to publish it at once.")},
    {.name = "publish_time", .kind = FIELD_TIME, .label = N_("At"), .hint = N_("In your time zone.")},
    {.name = "expires_on", .kind = FIELD_DATE, .label = N_("Last day"), .hint = N_("Then it disappears by itself.")},
    {.name = "version", .kind = FIELD_HIDDEN, .label = N_("Version"), .max = 12},
    {0},
};
static const struct form_conflict conflicts[] = {
    {"announcements_times", "expires_on", N_("It would end before it comes out. Choose a later day.")}, {0}};
const struct form_spec announcement_form = {.fields = announcement_fields, .conflicts = conflicts};

static const struct field publish_fields[] = {{.name = "version", .kind = FIELD_HIDDEN, .label = N_("Version"), .max = 12}, {0}};
static const struct form_conflict publish_conflicts[] = {
    {"announcements_times", NULL, N_("Its last day has passed. Edit it and choose a later one.")}, {0}};
const struct form_spec announcement_publish_form = {.fields = publish_fields, .conflicts = publish_conflicts};
/* clang-format on */

static const char somebody_was_quicker[] =
    N_("Somebody changed this announcement in the meantime. Look at it as it is now, then go on.");

static bool shown_again(const struct ctx *ctx) {
    return ctx->response->status == err_status(ERR_INVALID);
}

static bool status_is(const struct ctx *ctx, const char *status) {
    return text_equal(ctx_column(ctx, Q_announcement_draft, "status"), status);
}

/* ── For readers ── */

enum err announcement_read_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_announcement_read);
    bool dashboard = text_equal(form_value(ctx->form, "back"), "dashboard");
    return err ? err : ctx_redirect(ctx, dashboard ? "/dashboard" : "/announcements", NULL);
}

/* ── For writers ── */

static bool is_out(const struct ctx *ctx) {
    return ctx_rows(ctx, Q_announcement_lock)->nrows > 0
               ? rows_true(ctx_rows(ctx, Q_announcement_lock), 0, "out")
               : status_is(ctx, "published") || status_is(ctx, "expired");
}

/* Sets publish_at and expires_at, or puts the refusal beside its field. */
static enum err judge(struct ctx *ctx) {
    const struct announcement_wish wish = {
        .to_partners = text_equal(form_value(ctx->form, "to_partners"), "true"),
        .to_staff = text_equal(form_value(ctx->form, "to_staff"), "true"),
        .publish_on = form_value(ctx->form, "publish_on"),
        .publish_time = form_value(ctx->form, "publish_time"),
        .expires_on = form_value(ctx->form, "expires_on"),
        .zone = session_get(&ctx->session, "timezone"),
        .out = is_out(ctx)};
    time_t times[2];
    enum announcement_verdict verdict =
        announcement_judge(&wish, clock_now(), &times[0], &times[1]);
    if (verdict != ANNOUNCEMENT_OK)
        return ctx_field_error(ctx, announcement_verdict_field(verdict),
                               announcement_verdict_sentence(verdict));
    static const char *const names[] = {"publish_at", "expires_at"};
    for (size_t i = 0; i < 2; i++) {
        char text[WHEN_TEXT_SIZE];
        when_text(times[i], text);
        ctx_set(ctx, names[i], times[i] > 0 ? arena_strdup(ctx->arena, text) : NULL);
    }
    return OK;
}

enum err announcement_form_page(struct ctx *ctx) {
    bool edit = ctx_rows(ctx, Q_announcement_draft)->nrows > 0;
    if (edit && status_is(ctx, "withdrawn"))
        return ctx_fail(ctx, ERR_CONFLICT, N_("This announcement was withdrawn."));
    model_set_bool(ctx->page, "out", edit && is_out(ctx));
    if (shown_again(ctx)) {
        enum err err = judge(ctx); /* so that all errors stand there at once */
        return err == ERR_INVALID ? OK : err;
    }
    if (!edit)
        form_set(ctx->form, "to_partners", "true");
    return OK;
}

enum err announcement_preview(struct ctx *ctx) {
    bool may = ctx_can(ctx, "announcements:write");
    bool told = ctx_column(ctx, Q_announcement_draft, "told_at") != NULL;
    model_set_bool(ctx->page, "may_publish", may && status_is(ctx, "draft"));
    model_set_bool(ctx->page, "may_withdraw",
                   may && (status_is(ctx, "scheduled") || status_is(ctx, "published")));
    model_set_bool(ctx->page, "may_edit", may && !status_is(ctx, "withdrawn"));
    model_set_bool(ctx->page, "may_delete", may && !told && !status_is(ctx, "published"));
    return OK;
}

enum err announcement_insert_post(struct ctx *ctx) {
    enum err err = judge(ctx);
    if (!err)
        err = ctx_run(ctx, Q_announcement_insert);
    if (err)
        return err;
    ctx_set(ctx, "id", ctx_column(ctx, Q_announcement_insert, "id"));
    return ctx_redirect(ctx, "/admin/announcements/{id}", NULL);
}

static bool version_is_current(const struct ctx *ctx) {
    return text_equal(form_value(ctx->form, "version"),
                      ctx_column(ctx, Q_announcement_lock, "version"));
}

enum err announcement_update_post(struct ctx *ctx) {
    if (text_equal(ctx_column(ctx, Q_announcement_lock, "state"), "withdrawn"))
        return ctx_fail(ctx, ERR_CONFLICT, N_("This announcement was withdrawn."));
    bool out = is_out(ctx);
    enum err err = judge(ctx);
    if (err)
        return err;
    if (!version_is_current(ctx)) {
        form_set(ctx->form, "version", ctx_column(ctx, Q_announcement_lock, "version"));
        return ctx_field_error(ctx, NULL, somebody_was_quicker);
    }
    err = ctx_run(ctx, out ? Q_announcement_correct : Q_announcement_update);
    return err ? err : ctx_redirect(ctx, "/admin/announcements/{id}", N_("Announcement saved."));
}

enum err announcement_publish_post(struct ctx *ctx) {
    if (!text_equal(ctx_column(ctx, Q_announcement_lock, "state"), "draft"))
        return ctx_fail(ctx, ERR_CONFLICT, N_("This announcement was published already."));
    if (!version_is_current(ctx)) /* what was looked at is not what would go out */
        return ctx_fail(ctx, ERR_CONFLICT, somebody_was_quicker);
    enum err err = ctx_run(ctx, Q_announcement_publish);
    if (err)
        return err;
    bool later = rows_true(ctx_rows(ctx, Q_announcement_publish), 0, "later");
    return ctx_redirect(ctx, "/admin/announcements/{id}",
                        later ? N_("It comes out by itself at its time.")
                              : N_("Published. Everybody it is meant for is told."));
}

enum err announcement_withdraw_post(struct ctx *ctx) {
    if (!text_equal(ctx_column(ctx, Q_announcement_lock, "state"), "released"))
        return ctx_fail(ctx, ERR_CONFLICT, N_("This announcement is not published."));
    enum err err = ctx_run(ctx, Q_announcement_withdraw);
    return err ? err
               : ctx_redirect(ctx, "/admin/announcements/{id}", N_("It can no longer be read."));
}

enum err announcement_delete_post(struct ctx *ctx) {
    if (is_out(ctx))
        return ctx_fail(ctx, ERR_CONFLICT,
                        N_("What people have read is not deleted. Withdraw it instead."));
    enum err err = ctx_run(ctx, Q_announcement_delete);
    return err ? err : ctx_redirect(ctx, "/admin/announcements", N_("Announcement deleted."));
}
