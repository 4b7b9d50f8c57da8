#include "core/clock.h"
#include "core/i18n.h"
#include "core/text.h"
#include "domain/calendar/appointment_rules.h"
#include "domain/calendar/calendar.h"
#include "domain/calendar/ics.h"
#include "domain/choices/choices.h"
#include "view/messages.h"

enum { FILE_MAX = 64 << 10 };

/* clang-format off */
static const struct choice kind_choices[] = {{"viewing", NULL}, {"call", NULL}, {"meeting", NULL}, {NULL, NULL}};
static const struct choice status_choices[] = {{"planned", N_("Took place")}, {"called_off", NULL}, {NULL, NULL}};
static const struct choice notice_choices[] = {{"0", N_("None")}, {"15", N_("15 minutes before")}, {"60", N_("1 hour before")},
                                               {"1440", N_("1 day before")}, {NULL, NULL}};
static const struct field appointment_fields[] = {
    {.name = "kind", .kind = FIELD_CHOICE, .label = N_("Kind"), .required = true, .choices = kind_choices, .missing = N_("Choose the kind.")},
    {.name = "title", .kind = FIELD_TEXT, .label = N_("Title"), .required = true, .max = 120, .autocomplete = "off",
     .hint = N_("As it stands in everybody's calendar."), .missing = N_("Give it a title.")},
    {.name = "date", .kind = FIELD_DATE, .label = N_("Day"), .required = true, .missing = N_("Choose the day.")},
    {.name = "from", .kind = FIELD_TIME, .label = N_("From"), .required = true, .missing = N_("Enter when it begins.")},
    {.name = "until", .kind = FIELD_TIME, .label = N_("Until"), .required = true, .missing = N_("Enter when it ends.")},
    {.name = "timezone", .kind = FIELD_CHOICE, .label = N_("Time zone"), .required = true, .choices = timezone_choices,
     .hint = N_("Of the place: everybody sees it in their own."), .missing = N_("Choose the time zone.")},
    {.name = "place", .kind = FIELD_TEXT, .label = N_("Place or link"), .max = 300, .autocomplete = "off"},
    {.name = "people", .kind = FIELD_CHOICE, .label = N_("Who takes part"), .multiple = true, .options = "appointment_guests",
     .hint = N_("They are reminded of it. The client is not written to.")},
    {.name = "notice", .kind = FIELD_CHOICE, .label = N_("Reminder"), .required = true, .choices = notice_choices, .missing = N_("Choose when.")},
    {.name = "anyway", .kind = FIELD_CHECK, .label = N_("Both shall take place")},
    {.name = "version", .kind = FIELD_HIDDEN, .label = N_("Version"), .max = 12},
    {0},
};
const struct form_spec appointment_form = {.fields = appointment_fields};

static const struct field past_fields[] = {
    {.name = "kind", .kind = FIELD_CHOICE, .label = N_("Kind"), .choices = kind_choices},
    {.name = "status", .kind = FIELD_CHOICE, .label = N_("Status"), .choices = status_choices},
    {0},
};
const struct form_spec appointment_past_filters = {.fields = past_fields};
const struct list_spec appointment_past_spec = {.query = Q_appointment_past_list, .page_size = 50, .filename = "appointments"};

static const struct field call_off_fields[] = {
    {.name = "reason", .kind = FIELD_TEXT, .label = N_("Why"), .required = true, .max = 500, .missing = N_("Say why, so that the others know.")},
    {0},
};
const struct form_spec call_off_form = {.fields = call_off_fields};
/* clang-format on */

static const char cannot_change[] = N_(
    "This appointment is over or was called off. Make a new one if it is to take place after all.");

static bool shown_again(const struct ctx *ctx) {
    return ctx->response->status == err_status(ERR_INVALID);
}

static bool changeable(const struct ctx *ctx, enum query query) {
    return appointment_changeable(ctx_column(ctx, query, "status"),
                                  (time_t)rows_long(ctx_rows(ctx, query), 0, "ends_epoch"),
                                  clock_now());
}

/* ── Pages ── */

enum err agenda_prepare(struct ctx *ctx) {
    if (text_equal(params_get(ctx->request->query, "who"), "me"))
        ctx_set(ctx, "mine", "true");
    return OK;
}

enum err agenda_page(struct ctx *ctx) {
    model_set_bool(ctx->page, "only_mine", ctx_get(ctx, "mine") != NULL);
    return OK;
}

enum err appointment_page(struct ctx *ctx) {
    model_set_bool(ctx->page, "changeable",
                   ctx_can(ctx, "leads:write") && changeable(ctx, Q_appointment));
    return OK;
}

/* ── The form ── */

static enum appointment_verdict judge(const struct ctx *ctx, time_t *starts, time_t *ends) {
    const struct appointment_wish wish = {
        form_value(ctx->form, "date"), form_value(ctx->form, "from"),
        form_value(ctx->form, "until"), form_value(ctx->form, "timezone")};
    return appointment_judge(&wish, clock_now(), starts, ends);
}

static bool people_plausible(struct ctx *ctx) {
    const char *people = form_value(ctx->form, "people");
    while (people && *people) {
        size_t size = strcspn(people, ",");
        if (!text_is_uuid(arena_strndup(ctx->arena, people, size)))
            return false;
        people += size + (people[size] == ',');
    }
    return true;
}

enum err appointment_prepare(struct ctx *ctx) {
    time_t starts, ends;
    char text[WHEN_TEXT_SIZE];
    ctx_set(ctx, "myself", messages_text(N_("Myself")));
    if (!people_plausible(ctx))
        form_error(ctx->form, "people", N_("Choose one of the listed options."));
    if (judge(ctx, &starts, &ends) != APPOINTMENT_OK)
        return OK;
    when_text(starts, text);
    ctx_set(ctx, "starts_at", arena_strdup(ctx->arena, text));
    when_text(ends, text);
    ctx_set(ctx, "ends_at", arena_strdup(ctx->arena, text));
    return OK;
}

/* On the next full hour tomorrow, for an hour, as most are; and the reader is there. */
static void preset(struct ctx *ctx) {
    const char *zone = session_get(&ctx->session, "timezone");
    char date[WHEN_DATE_SIZE], hour[WHEN_TIME_SIZE];
    if (when_local(clock_now() + 86400, zone, date, hour))
        form_set(ctx->form, "date", date);
    form_set(ctx->form, "from", "10:00");
    form_set(ctx->form, "until", "11:00");
    form_set(ctx->form, "timezone", zone);
    form_set(ctx->form, "kind", "viewing");
    form_set(ctx->form, "notice", "60");
    form_set(ctx->form, "people", session_get(&ctx->session, "user_id"));
}

/* Puts what is wrong with the times beside their fields; also when the form is shown again for
 * another field's sake. */
static void check(struct ctx *ctx) {
    time_t starts, ends;
    enum appointment_verdict verdict = judge(ctx, &starts, &ends);
    if (appointment_verdict_field(verdict))
        form_error(ctx->form, appointment_verdict_field(verdict),
                   appointment_verdict_sentence(verdict));
}

enum err appointment_form_page(struct ctx *ctx) {
    bool edit = ctx_rows(ctx, Q_appointment)->nrows > 0;
    if (edit && !changeable(ctx, Q_appointment))
        return ctx_fail(ctx, ERR_CONFLICT, cannot_change);
    if (shown_again(ctx))
        check(ctx);
    else if (!edit)
        preset(ctx);
    model_set_bool(ctx->page, "overlapping", ctx_rows(ctx, Q_appointment_overlaps)->nrows > 0);
    return OK;
}

static enum err check_all(struct ctx *ctx) {
    check(ctx);
    if (form_valid(ctx->form) && ctx_rows(ctx, Q_appointment_overlaps)->nrows > 0 &&
        !text_equal(form_value(ctx->form, "anyway"), "true"))
        form_error(ctx->form, "anyway",
                   N_("There is something else at that time. Tick this to keep both, or choose "
                      "another time."));
    return form_valid(ctx->form) ? OK : ERR_INVALID;
}

static enum err write_one(struct ctx *ctx, enum query query, const char *notice) {
    enum err err = ctx_run(ctx, query);
    if (err)
        return err;
    if (query == Q_appointment_insert)
        ctx_set(ctx, "id", ctx_column(ctx, query, "id"));
    err = ctx_run(ctx, Q_appointment_people_set);
    return err ? err : ctx_redirect(ctx, "/appointments/{id}", notice);
}

enum err appointment_insert_post(struct ctx *ctx) {
    enum err err = check_all(ctx);
    return err ? err : write_one(ctx, Q_appointment_insert, N_("The appointment is made."));
}

enum err appointment_update_post(struct ctx *ctx) {
    if (!changeable(ctx, Q_appointment_lock))
        return ctx_fail(ctx, ERR_CONFLICT, cannot_change);
    enum err err = check_all(ctx);
    if (err)
        return err;
    const char *current = ctx_column(ctx, Q_appointment_lock, "version");
    if (!text_equal(form_value(ctx->form, "version"), current)) {
        form_set(ctx->form, "version", current); /* saving once more goes through */
        return ctx_field_error(
            ctx, NULL,
            N_("Somebody changed this appointment in the meantime. What you typed is still here: "
               "look at the appointment as it is now, then save again."));
    }
    return write_one(ctx, Q_appointment_update, N_("Appointment saved. The others are told."));
}

enum err appointment_call_off_post(struct ctx *ctx) {
    if (!changeable(ctx, Q_appointment_lock))
        return ctx_fail(ctx, ERR_CONFLICT, cannot_change);
    enum err err = ctx_run(ctx, Q_appointment_call_off);
    return err ? err
               : ctx_redirect(ctx, "/appointments/{id}",
                              N_("Called off. The others are told; please tell the client."));
}

/* ── The calendar file ── */

enum err appointment_file(struct ctx *ctx) {
    const struct rows *row = ctx_rows(ctx, Q_appointment);
    const char *url = arena_printf(ctx->arena, "%s/appointments/%s", ctx->site->config->base_url,
                                   rows_get(row, 0, "id"));
    const char *client = rows_get(row, 0, "client"); /* NULL: of a lead that is not the reader's any more */
    const struct ics_event event = {
        .uid = rows_get(row, 0, "id"),
        .organizer = session_get(&ctx->session, "programme_name"),
        .organizer_mail = session_get(&ctx->session, "support_email"),
        .sequence = rows_long(row, 0, "sequence"),
        .changed = (time_t)rows_long(row, 0, "updated_epoch"),
        .starts = (time_t)rows_long(row, 0, "starts_epoch"),
        .ends = (time_t)rows_long(row, 0, "ends_epoch"),
        .title = rows_get(row, 0, "title"),
        .place = rows_get(row, 0, "place"),
        .about = client ? arena_printf(ctx->arena, _("With %s"), client) : NULL,
        .url = url,
        .cancelled = text_equal(rows_get(row, 0, "status"), "called_off"),
        .notice = rows_long(row, 0, "notice"),
    };
    ics_write(&event, ctx->response->body);
    response_type(ctx->response, event.cancelled ? "text/calendar; charset=utf-8; method=CANCEL"
                                                 : "text/calendar; charset=utf-8; method=PUBLISH");
    response_header(ctx->response, "Content-Disposition",
                    "attachment; filename=\"appointment.ics\"");
    return OK;
}
