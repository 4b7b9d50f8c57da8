#include "core/clock.h"
#include "core/i18n.h"
#include "core/text.h"
#include "domain/activities/activities.h"
#include "domain/files/files.h"
#include "view/messages.h"

enum { TEXT_MAX = 5000 /* characters, as activities.text has it */ };

/* clang-format off */
static const struct choice kind_choices[] = {{"note", NULL}, {"call", NULL}, {"mail", NULL}, {"meeting", NULL}, {NULL, NULL}};
static const struct choice direction_choices[] = {{"out", NULL}, {"in", NULL}, {NULL, NULL}};
static const struct choice seen_choices[] = {{"internal", N_("Staff only")}, {"shared", N_("Staff and the partner")}, {NULL, NULL}};
static const struct choice call_outcomes[] = {{"reached", NULL}, {"left_message", NULL}, {"no_answer", NULL}, {"wrong_number", NULL},
                                              {"interested", NULL}, {"not_interested", NULL}, {NULL, NULL}};
static const struct choice mail_outcomes[] = {{"answered", NULL}, {"no_answer", NULL}, {"bounced", NULL},
                                              {"interested", NULL}, {"not_interested", NULL}, {NULL, NULL}};
static const struct choice meeting_outcomes[] = {{"took_place", NULL}, {"no_show", NULL}, {"postponed", NULL},
                                                 {"interested", NULL}, {"not_interested", NULL}, {NULL, NULL}};

static const struct choice remind_choices[] = {{"tomorrow", NULL}, {"three_days", NULL}, {"next_week", NULL}, {NULL, NULL}};

#define KIND_FIELD                                                                                                      \
    {.name = "kind", .kind = FIELD_CHOICE, .label = N_("What it was"), .required = true, .choices = kind_choices, .missing = N_("Choose what it was.")}
#define CONTENT_FIELDS                                                                                                  \
    {.name = "text", .kind = FIELD_AREA, .label = N_("What is worth knowing"), .max = TEXT_MAX, .rows = 2},              \
        {.name = "direction", .kind = FIELD_CHOICE, .label = N_("Direction"), .choices = direction_choices},            \
        {.name = "call_outcome", .kind = FIELD_CHOICE, .label = N_("Outcome of the call"), .choices = call_outcomes},   \
        {.name = "mail_outcome", .kind = FIELD_CHOICE, .label = N_("Outcome of the mail"), .choices = mail_outcomes},   \
        {.name = "meeting_outcome", .kind = FIELD_CHOICE, .label = N_("Outcome of the meeting"), .choices = meeting_outcomes}, \
        {.name = "minutes", .kind = FIELD_INT, .label = N_("Minutes"), .min = 1, .max = 1440},                          \
        {.name = "date", .kind = FIELD_DATE, .label = N_("Day")},                                                       \
        {.name = "time", .kind = FIELD_TIME, .label = N_("Hour")},                                                      \
        {.name = "place", .kind = FIELD_TEXT, .label = N_("Place"), .max = 200, .autocomplete = "off"},                 \
        {.name = "latitude", .kind = FIELD_HIDDEN, .label = N_("Latitude"), .max = 40},                                 \
        {.name = "longitude", .kind = FIELD_HIDDEN, .label = N_("Longitude"), .max = 40}

static const struct field activity_fields[] = {
    KIND_FIELD, CONTENT_FIELDS,
    {.name = "attachments", .kind = FIELD_FILE, .label = N_("Attachments"), .multiple = true,
     .accept = FILES_ACCEPT_PICTURES "," FILES_ACCEPT_DOCUMENTS "," FILES_ACCEPT_AUDIO,
     .size_max = FILE_SIZE_MAX, .count_max = FILES_AT_ONCE, .hint = N_("Up to five, 10 MB each.")},
    {.name = "voice", .kind = FIELD_FILE, .label = N_("Voice memo"), .accept = "audio/*", .size_max = FILE_SIZE_MAX},
    {.name = "remind", .kind = FIELD_CHOICE, .label = N_("Remind me"), .choices = remind_choices},
    {.name = "seen_by", .kind = FIELD_CHOICE, .label = N_("Who reads it"), .choices = seen_choices},
    {0},
};
const struct form_spec activity_form = {.fields = activity_fields};
static const struct field edit_fields[] = {CONTENT_FIELDS, {0}};
const struct form_spec activity_edit_form = {.fields = edit_fields};

static const struct file_policy attachments = {
    .kinds = FILE_PICTURE | FILE_DOCUMENT | FILE_AUDIO, .size_max = FILE_SIZE_MAX, .count_max = FILES_AT_ONCE,
    .refusal = N_("“{value}” is not of a kind that is taken here: pictures, PDF, office documents, plain text and recordings are."),
};
static const struct file_policy voice_memo = {
    .kinds = FILE_AUDIO, .size_max = FILE_SIZE_MAX, .count_max = 1,
    .refusal = N_("“{value}” is no recording that is understood here. Record it once more, or send it as M4A, MP3, OGG or WebM."),
};
/* clang-format on */

static const char too_late[] = N_("An entry can be changed for fifteen minutes. Write another one instead.");

static bool is_staff(const struct ctx *ctx) {
    return ctx->session.audience == AUDIENCE_STAFF;
}

static bool shown_again(const struct ctx *ctx) {
    return ctx->response->status == err_status(ERR_INVALID);
}

static const char *zone_of(const struct ctx *ctx) {
    const char *zone = session_get(&ctx->session, "timezone");
    char date[WHEN_DATE_SIZE], time[WHEN_TIME_SIZE];
    return when_local(clock_now(), zone, date, time) ? zone : "UTC";
}

/* ── The form ── */

/* What staff write is theirs until they say otherwise: the other way round a slip could not be taken back. */
static void set_defaults(struct form *form, const char *kind) {
    enum activity_kind known;
    form_set(form, "kind", activity_kind_find(kind, &known) ? kind : "note");
    form_set(form, "seen_by", "internal");
}

void activity_form_show(struct ctx *ctx) {
    struct form *form = form_new(ctx->arena, &activity_form);
    set_defaults(form, NULL);
    form_model(form, model_set_object(ctx->chrome, "log"), NULL, NULL);
}

enum err activity_form_page(struct ctx *ctx) {
    if (!shown_again(ctx))
        set_defaults(ctx->form, params_get(ctx->request->query, "kind"));
    model_set_bool(ctx->page, "staff", is_staff(ctx));
    return OK;
}

/* ── Writing ── */

static enum err refuse(struct ctx *ctx, enum activity_verdict verdict) {
    return ctx_field_error(ctx, activity_verdict_field(verdict), activity_verdict_sentence(verdict));
}

/* Sets :at, or nothing when it is now. */
static enum activity_verdict set_when(struct ctx *ctx) {
    time_t at = 0;
    char text[WHEN_TEXT_SIZE];
    enum activity_verdict verdict =
        activity_when(form_value(ctx->form, "date"), form_value(ctx->form, "time"), zone_of(ctx), clock_now(), &at);
    if (verdict == ACTIVITY_OK && at > 0) {
        when_text(at, text);
        ctx_set(ctx, "at", arena_strdup(ctx->arena, text));
    }
    return verdict;
}

static const char *outcome_of(const struct ctx *ctx, enum activity_kind kind) {
    const char *code = activity_kind_code(kind);
    return kind == ACTIVITY_NOTE ? NULL : form_value(ctx->form, arena_printf(ctx->arena, "%s_outcome", code));
}

static void set_coordinate(struct ctx *ctx, const char *name, int limit) {
    char clean[ACTIVITY_COORDINATE_SIZE];
    if (activity_coordinate(form_value(ctx->form, name), limit, clean))
        ctx_set(ctx, name, arena_strdup(ctx->arena, clean));
}

/* The statement's parameters, or what is wrong beside its field. */
static enum err set_content(struct ctx *ctx, enum activity_kind kind, size_t files) {
    const struct activity_wish wish = {.kind = kind,
                                       .text = form_value(ctx->form, "text"),
                                       .outcome = outcome_of(ctx, kind),
                                       .latitude = form_value(ctx->form, "latitude"),
                                       .longitude = form_value(ctx->form, "longitude"),
                                       .files = files};
    enum activity_verdict verdict = activity_judge(&wish), when = set_when(ctx);
    if (verdict != ACTIVITY_OK)
        (void)refuse(ctx, verdict);
    if (when != ACTIVITY_OK)
        (void)refuse(ctx, when);
    if (!form_valid(ctx->form))
        return ERR_INVALID;
    ctx_set(ctx, "kind", activity_kind_code(kind));
    ctx_set(ctx, "outcome", wish.outcome);
    ctx_set(ctx, "direction", activity_has_direction(kind) ? form_value(ctx->form, "direction") : NULL);
    ctx_set(ctx, "minutes", activity_has_length(kind) ? form_value(ctx->form, "minutes") : NULL);
    set_coordinate(ctx, "latitude", 90);
    set_coordinate(ctx, "longitude", 180);
    return OK;
}

/* A person keeps what they typed and reads why; a program gets the status. */
static enum err held_back(struct ctx *ctx, enum err err) {
    if (err != ERR_THROTTLED || ctx->request->answer == ANSWER_JSON)
        return err;
    const char *sentence = arena_strdup(ctx->arena, ctx->sorry);
    ctx->sorry = NULL;
    return ctx_field_error(ctx, "text", sentence);
}

static enum err keep_files(struct ctx *ctx, const struct file_list *files) {
    enum err err = OK;
    for (size_t i = 0; !err && i < files->count; i++)
        err = files_keep(ctx, files, i, Q_activity_attach);
    return err;
}

/* To where it stands: on the newest page, or, when it was some time ago, on one that begins with it. */
static enum err back(struct ctx *ctx, const char *notice) {
    return ctx_redirect(ctx,
                        ctx_get(ctx, "at") ? "/leads/{lead_id}?entry={activity_id}#a-{activity_id}"
                                           : "/leads/{lead_id}#a-{activity_id}",
                        notice);
}

/* The next step, in the same breath: a reminder like those of the calendar. */
static enum err remind(struct ctx *ctx) {
    enum when_quick quick;
    char text[WHEN_TEXT_SIZE];
    time_t due = 0;
    if (!when_quick_find(form_value(ctx->form, "remind"), &quick) || !when_quick_at(quick, clock_now(), zone_of(ctx), &due))
        return OK;
    when_text(due, text);
    ctx_set(ctx, "due_at", arena_strdup(ctx->arena, text));
    return ctx_run(ctx, Q_reminder_insert);
}

enum err activity_insert_post(struct ctx *ctx) {
    struct file_list files, voice;
    enum activity_kind kind = ACTIVITY_NOTE;
    (void)activity_kind_find(form_value(ctx->form, "kind"), &kind);
    enum err err = files_take(ctx, "attachments", &attachments, &files);
    if (!err)
        err = files_take(ctx, "voice", &voice_memo, &voice);
    if (!err)
        err = set_content(ctx, kind, files.count + voice.count);
    if (err)
        return err;
    bool shared = text_equal(form_value(ctx->form, "seen_by"), "shared");
    ctx_set(ctx, "internal", is_staff(ctx) && !shared ? "true" : "false");
    if ((err = ctx_run(ctx, Q_activity_insert)))
        return held_back(ctx, err);
    const char *id = ctx_column(ctx, Q_activity_insert, "id");
    if (!id)
        return ERR_NOT_FOUND;
    ctx_set(ctx, "activity_id", id);
    if ((err = keep_files(ctx, &files)) || (err = keep_files(ctx, &voice)) || (err = remind(ctx)))
        return held_back(ctx, err);
    return back(ctx, N_("Written down."));
}

/* ── Putting right ── */

static bool is_open(const struct ctx *ctx) {
    return rows_true(ctx_rows(ctx, Q_activity_own), 0, "editable");
}

enum err activity_edit_page(struct ctx *ctx) {
    if (!is_open(ctx))
        return ctx_fail(ctx, ERR_FORBIDDEN, too_late);
    model_set_bool(ctx->page, "staff", is_staff(ctx));
    return OK;
}

/* The form shows no seconds: what was not changed stays where it is. */
static bool same_minute(const struct ctx *ctx) {
    return text_equal(form_value(ctx->form, "date"), ctx_column(ctx, Q_activity_own, "date")) &&
           text_equal(form_value(ctx->form, "time"), ctx_column(ctx, Q_activity_own, "time"));
}

enum err activity_update_post(struct ctx *ctx) {
    if (!is_open(ctx))
        return ctx_fail(ctx, ERR_FORBIDDEN, too_late);
    enum activity_kind kind = ACTIVITY_NOTE;
    (void)activity_kind_find(ctx_column(ctx, Q_activity_own, "kind"), &kind);
    enum err err = set_content(ctx, kind, rows_true(ctx_rows(ctx, Q_activity_own), 0, "has_files"));
    if (same_minute(ctx))
        ctx_set(ctx, "at", NULL);
    if (!err)
        err = ctx_run(ctx, Q_activity_update);
    return err ? err : back(ctx, N_("Entry changed."));
}

enum err activity_delete_post(struct ctx *ctx) {
    if (!is_open(ctx))
        return ctx_fail(ctx, ERR_FORBIDDEN, too_late);
    enum err err = ctx_run(ctx, Q_activity_delete);
    return err ? err : ctx_redirect(ctx, "/leads/{lead_id}#activity", N_("Entry deleted."));
}
