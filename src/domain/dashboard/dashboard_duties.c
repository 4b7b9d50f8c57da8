/* What to do next, and how much room there is. */
#include "core/text.h"
#include "domain/dashboard/dashboard_parts.h"
#include "domain/leads/leads.h"
#include "view/labels.h"
#include "view/messages.h"

enum { WAITING_MAX = 4, FULL_SOON = 80 /* per cent */ };

static void put_duty(struct model_list *list, const char *icon, const char *href, const char *title,
                     const char *note) {
    struct model *entry = model_list_add(list);
    model_set_text(entry, "icon", icon);
    model_set_text(entry, "href", href);
    model_set_text(entry, "title", title);
    model_set_text(entry, "note", note);
    model_set_text(entry, "at", NULL);
    model_set_bool(entry, "overdue", false);
}

static void put_lead(struct ctx *ctx, struct model_list *list, size_t row) {
    const struct rows *rows = ctx_rows(ctx, Q_dashboard_waiting);
    const char *code = rows_get(rows, row, "stage");
    enum lead_stage stage = LEAD_NEW;
    (void)lead_stage_find(code, &stage);
    const char *label = label_of(code);
    long days = rows_long(rows, row, "days");
    const char *waits =
        arena_printf(ctx->arena, messages_plural("%ld day", "%ld days", days), days);
    put_duty(list, "user", arena_printf(ctx->arena, "/leads/%s", rows_get(rows, row, "id")),
             arena_printf(ctx->arena, _("%s has waited %s in %s"), rows_get(rows, row, "client"),
                          waits, label ? messages_text(label) : code),
             messages_text(lead_next_step(stage)));
}

/* What the person asked to be reminded of, or has in the calendar. A reminder without a note is
 * about the client. */
static void put_agenda(struct ctx *ctx, struct model_list *list, size_t row) {
    const struct rows *rows = ctx_rows(ctx, Q_dashboard_agenda);
    bool reminder = text_equal(rows_get(rows, row, "kind"), "reminder");
    const char *title = rows_get(rows, row, "title"), *client = rows_get(rows, row, "client");
    const char *href =
        reminder ? arena_printf(ctx->arena, "/leads/%s#reminders", rows_get(rows, row, "lead_id"))
                 : arena_printf(ctx->arena, "/appointments/%s", rows_get(rows, row, "id"));
    struct model *entry = model_list_add(list);
    model_set_text(entry, "icon", reminder ? "bell" : "calendar");
    model_set_text(entry, "href", href);
    model_set_text(entry, "title", text_blank(title) ? client : title);
    model_set_text(entry, "note", text_blank(title) ? NULL : client);
    model_set_typed(entry, "at", rows_get(rows, row, "at"), COLUMN_TIMESTAMP);
    model_set_bool(entry, "overdue", rows_true(rows, row, "overdue"));
}

static void put_course(struct ctx *ctx, struct model_list *list) {
    const struct rows *rows = ctx_rows(ctx, Q_dashboard_duties);
    long others = rows_long(rows, 0, "course_others");
    put_duty(list, "graduation-cap",
             arena_printf(ctx->arena, "/training/%s", rows_get(rows, 0, "course_id")),
             arena_printf(ctx->arena, _("Finish “%s”"), rows_get(rows, 0, "course_title")),
             others > 0 ? arena_printf(ctx->arena,
                                       messages_plural("Required, like %ld more course.",
                                                       "Required, like %ld more courses.", others),
                                       others)
                        : _("A required course."));
}

static void put_licence(struct ctx *ctx, struct model_list *list) {
    long days = rows_long(ctx_rows(ctx, Q_dashboard_duties), 0, "licence_days");
    const char *title = days < 0
                            ? _("Your licence has expired")
                            : arena_printf(ctx->arena,
                                           messages_plural("Your licence ends in %ld day",
                                                           "Your licence ends in %ld days", days),
                                           days);
    put_duty(list, "file-text", "/profile", title,
             _("Enter the new number and date in your profile."));
}

static size_t read_waiting(const struct rows *rows, struct waiting_lead out[WAITING_MAX]) {
    size_t n = 0;
    for (size_t i = 0; i < rows->nrows && n < WAITING_MAX; i++) {
        enum lead_stage stage;
        if (lead_stage_find(rows_get(rows, i, "stage"), &stage) && lead_stage_is_open(stage))
            out[n++] = (struct waiting_lead){
                .days = rows_long(rows, i, "days"), .patience = lead_patience(stage), .row = i};
    }
    return n;
}

static long leads_ever(const struct rows *stages) {
    long sum = 0;
    for (size_t i = 0; i < stages->nrows; i++)
        sum += rows_long(stages, i, "leads");
    return sum;
}

void duties_show(struct ctx *ctx) {
    const struct rows *own = ctx_rows(ctx, Q_dashboard_duties);
    struct waiting_lead waiting[WAITING_MAX] = {0};
    const struct duty_facts facts = {
        .leads = leads_ever(ctx_rows(ctx, Q_dashboard_stages)),
        .nagenda = ctx_rows(ctx, Q_dashboard_agenda)->nrows,
        .may_write_leads = ctx_can(ctx, "leads:write"),
        .may_write_profile = own->nrows > 0 && ctx_can(ctx, "profile:write"),
        .profile_incomplete = rows_true(own, 0, "profile_incomplete"),
        .course_unfinished = rows_get(own, 0, "course_id") != NULL && ctx_can(ctx, "training:read"),
        .licence_known = rows_get(own, 0, "licence_days") != NULL,
        .licence_days = rows_long(own, 0, "licence_days"),
        .nwaiting = read_waiting(ctx_rows(ctx, Q_dashboard_waiting), waiting),
        .waiting = waiting,
    };
    struct duty duties[DUTIES_MAX];
    size_t n = duties_find(&facts, duties);
    struct model_list *list = model_set_list(ctx->page, "duties");
    for (size_t i = 0; i < n; i++) {
        switch (duties[i].kind) {
        case DUTY_FIRST_LEAD:
            put_duty(list, "user-plus", "/leads/new", _("Send your first lead"),
                     _("A name, one way to reach them and what they want: a minute on the phone."));
            break;
        case DUTY_AGENDA:
            put_agenda(ctx, list, duties[i].row);
            break;
        case DUTY_LICENCE:
            put_licence(ctx, list);
            break;
        case DUTY_LEAD:
            put_lead(ctx, list, duties[i].row);
            break;
        case DUTY_COURSE:
            put_course(ctx, list);
            break;
        case DUTY_PROFILE:
            put_duty(list, "building-2", "/profile", _("Complete your company's profile"),
                     _("A phone number, an email or an address is missing."));
            break;
        }
    }
    model_set_bool(ctx->page, "has_duties", n > 0);
    model_set_bool(ctx->page, "show_duties", n > 0 || facts.may_write_leads);
}

void capacity_show(struct ctx *ctx) {
    const struct rows *rows = ctx_rows(ctx, Q_dashboard_capacity);
    long open = rows_long(rows, 0, "open"), capacity = rows_long(rows, 0, "capacity");
    if (rows->nrows == 0 || capacity == 0)
        return;
    struct model *meter = model_set_object(ctx->page, "capacity");
    model_set_int(meter, "value", open);
    model_set_int(meter, "max", capacity);
    model_set_int(meter, "high", capacity * FULL_SOON / 100);
    model_set_text(meter, "value_text", arena_printf(ctx->arena, _("%ld of %ld"), open, capacity));
    long room = capacity - open;
    model_set_text(
        meter, "note",
        room > 0
            ? arena_printf(ctx->arena,
                           messages_plural("Room for %ld more.", "Room for %ld more.", room), room)
            : _("Full: you get no new ones until one is closed."));
}
