#include "core/i18n.h"
#include "core/text.h"
#include "domain/activities/activities.h"
#include "domain/leads/leads.h"
#include "domain/messages/messages.h"
#include "view/labels.h"
#include "view/messages.h"

enum { PAGE_SIZE = 25 };

static bool is_written(const char *type) {
    enum activity_kind kind;
    return activity_kind_find(type, &kind);
}

/* ── One row in words ── */

static const char *direction_title(struct arena *arena, const char *kind, const char *direction) {
    static const struct {
        const char *kind, *direction, *title;
    } titles[] = {
        {"call", "out", N_("Called the client")},   {"call", "in", N_("The client called")},
        {"mail", "out", N_("Wrote to the client")}, {"mail", "in", N_("The client wrote")},
        {"call", NULL, N_("Call")},                 {"mail", NULL, N_("Mail")},
        {"meeting", NULL, N_("Meeting")},           {"note", NULL, N_("Note")},
        {"message", NULL, N_("Message")},
    };
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (text_equal(titles[i].kind, kind) && text_equal(titles[i].direction, direction))
            return messages_text(titles[i].title);
    return arena_strdup(arena, kind);
}

static const char *label_in_words(const char *code) {
    const char *label = code ? label_of(code) : NULL;
    return label ? messages_text(label) : code;
}

static const char *title_of(struct arena *arena, const struct rows *rows, size_t row, const char *type) {
    if (text_equal(type, "appointment"))
        return arena_printf(arena, "%s: %s", label_in_words(rows_get(rows, row, "direction")),
                            rows_get(rows, row, "text"));
    if (is_written(type) || text_equal(type, "message"))
        return direction_title(arena, type, rows_get(rows, row, "direction"));
    return lead_event_title(arena, type, rows, row);
}

static const char *icon_of(const char *type, const char *direction) {
    static const struct {
        const char *type, *icon;
    } icons[] = {
        {"note", "sticky-note"},     {"mail", "mail"},         {"meeting", "users"},  {"message", "message-square"},
        {"appointment", "calendar"}, {"created", "user-plus"}, {"edited", "pencil"},  {"stage", "arrow-right"},
    };
    if (text_equal(type, "call"))
        return text_equal(direction, "in") ? "phone-incoming" : text_equal(direction, "out") ? "phone-outgoing" : "phone";
    for (size_t i = 0; i < sizeof icons / sizeof *icons; i++)
        if (text_equal(icons[i].type, type))
            return icons[i].icon;
    return "history";
}

/* ── What a row is ── */

static void show_place(struct ctx *ctx, struct model *entry, const struct rows *rows, size_t row, bool appointment) {
    const char *place = rows_get(rows, row, "place");
    const char *latitude = rows_get(rows, row, "latitude"), *longitude = rows_get(rows, row, "longitude");
    bool online = appointment && place && (text_starts(place, "http://") || text_starts(place, "https://"));
    model_set_text(entry, "place", text_blank(place) || online ? NULL : place);
    model_set_text(entry, "map_href", online ? NULL : activity_map_href(ctx->arena, place, latitude, longitude));
    model_set_text(entry, "latitude", latitude);
    model_set_text(entry, "longitude", longitude);
}

static const char *href_of(struct ctx *ctx, const struct rows *rows, size_t row, const char *type) {
    const char *id = rows_get(rows, row, "id");
    if (text_equal(type, "appointment"))
        return arena_printf(ctx->arena, "/appointments/%s", id);
    if (text_equal(type, "message"))
        return arena_printf(ctx->arena, "/messages/%s#m-%s", rows_get(rows, row, "thread_id"), id);
    const char *merge = rows_get(rows, row, "merge_id");
    return merge && ctx_can(ctx, "duplicates:read") ? arena_printf(ctx->arena, "/admin/merges/%s", merge) : NULL;
}

/* Paragraphs and files: of what somebody wrote. A history's reason and an appointment's title stand elsewhere. */
static void show_content(struct ctx *ctx, struct model *entry, const struct rows *rows, size_t row, const char *type,
                         bool deleted) {
    bool said = is_written(type) || text_equal(type, "message");
    const char *text = rows_get(rows, row, "text"), *earlier = rows_get(rows, row, "earlier");
    model_set_text(entry, "text", said && !deleted && !text_blank(text) ? text : NULL);
    model_set_text(entry, "note", !said && !text_equal(type, "appointment") ? text : NULL);
    message_text_show(ctx, entry, said && !deleted ? text : NULL);
    message_files_show(ctx, entry, rows_get(rows, row, "files"));
    if (!earlier || !model_set_json(entry, "earlier", earlier))
        model_set_list(entry, "earlier");
}

static void show_entry(struct ctx *ctx, struct model *entry, const struct rows *rows, size_t row) {
    const char *type = rows_get(rows, row, "type"), *id = rows_get(rows, row, "id");
    bool deleted = rows_get(rows, row, "deleted_at") != NULL, internal = rows_true(rows, row, "internal");
    bool written = is_written(type), editable = rows_true(rows, row, "editable");
    bool somebody = rows_get(rows, row, "author") || rows_true(rows, row, "by_staff") || written || text_equal(type, "message");
    model_set_text(entry, "id", id);
    model_set_text(entry, "type", type);
    model_set_text(entry, "title", title_of(ctx->arena, rows, row, type));
    model_set_text(entry, "icon", icon_of(type, rows_get(rows, row, "direction")));
    model_set_text(entry, "tone", lead_event_tone(type, rows_get(rows, row, "to_stage")));
    model_set_typed(entry, "at", rows_get(rows, row, "at"), COLUMN_TIMESTAMP);
    model_set_typed(entry, "edited_at", deleted ? NULL : rows_get(rows, row, "edited_at"), COLUMN_TIMESTAMP);
    model_set_text(entry, "author", somebody ? message_author(ctx, rows, row) : NULL);
    model_set_bool(entry, "by_staff", rows_true(rows, row, "by_staff"));
    model_set_bool(entry, "internal", internal);
    /* said where it could be otherwise: of what staff wrote, to staff */
    model_set_bool(entry, "shared", ctx->session.audience == AUDIENCE_STAFF && rows_true(rows, row, "by_staff") &&
                                        !internal && !deleted && (written || text_equal(type, "message")));
    model_set_bool(entry, "quiet", !written && !text_equal(type, "message") && !text_equal(type, "appointment"));
    model_set_bool(entry, "deleted", deleted);
    model_set_text(entry, "outcome", deleted ? NULL : rows_get(rows, row, "outcome"));
    model_set_text(entry, "minutes", rows_get(rows, row, "minutes"));
    model_set_text(entry, "partner", rows_get(rows, row, "partner"));
    model_set_text(entry, "href", href_of(ctx, rows, row, type));
    const char *bulk = rows_get(rows, row, "bulk_id");
    model_set_bool(entry, "together", rows_true(rows, row, "together"));
    model_set_text(entry, "bulk_href", bulk ? arena_printf(ctx->arena, "/leads/bulk/%s", bulk) : NULL);
    model_set_text(entry, "edit_href", editable ? arena_printf(ctx->arena, "/leads/%s/activities/%s/edit",
                                                               ctx_column(ctx, Q_lead_get, "id"), id)
                                                : NULL);
    show_place(ctx, entry, rows, row, text_equal(type, "appointment"));
    show_content(ctx, entry, rows, row, type, deleted);
}

/* ── The whole ── */

static const char *page_href(struct ctx *ctx, const char *show, const char *before) {
    const char *id = ctx_column(ctx, Q_lead_get, "id");
    return arena_printf(ctx->arena, "/leads/%s%s%s%s%s#lead-timeline", id, show ? "?show=" : "", show ? show : "",
                        before ? (show ? "&before=" : "?before=") : "", before ? before : "");
}

static const char *show_now(const struct ctx *ctx) {
    const char *show = params_get(ctx->request->query, "show");
    return timeline_types(show) ? show : NULL;
}

static void show_filters(struct ctx *ctx) {
    static const struct {
        const char *show, *label;
    } filters[] = {
        {NULL, N_("All")},           {"notes", N_("Notes")},       {"calls", N_("Calls")}, {"mails", N_("Mails")},
        {"meetings", N_("Meetings")}, {"messages", N_("Messages")}, {"files", N_("Files")}, {"changes", N_("Changes")},
    };
    struct model_list *list = model_set_list(ctx->page, "shows");
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        if (text_equal(filters[i].show, "messages") && !ctx_can(ctx, "messages:read"))
            continue;
        struct model *filter = model_list_add(list);
        model_set_text(filter, "label", messages_text(filters[i].label));
        model_set_text(filter, "href", page_href(ctx, filters[i].show, NULL));
        model_set_bool(filter, "current", text_equal(filters[i].show, show_now(ctx)));
    }
}

void lead_timeline_show(struct ctx *ctx) {
    const struct rows *rows = ctx_rows(ctx, Q_lead_timeline);
    bool more = rows->nrows > PAGE_SIZE;
    size_t count = more ? PAGE_SIZE : rows->nrows;
    struct model_list *list = model_set_list(ctx->page, "lead_timeline");
    for (size_t i = 0; i < count; i++)
        show_entry(ctx, model_list_add(list), rows, i);
    bool somewhere = ctx_get(ctx, "before_us") || ctx_get(ctx, "from_entry");
    const char *last = more ? timeline_cursor(ctx->arena, rows_get(rows, count - 1, "_at_us"), rows_get(rows, count - 1, "id")) : NULL;
    model_set_text(ctx->page, "older_href", last ? page_href(ctx, show_now(ctx), last) : NULL);
    model_set_text(ctx->page, "newest_href", somewhere ? page_href(ctx, show_now(ctx), NULL) : NULL);
    model_set_bool(ctx->page, "narrowed", show_now(ctx) != NULL);
    show_filters(ctx);
}
