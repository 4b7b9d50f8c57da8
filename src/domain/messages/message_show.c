#include "core/i18n.h"
#include "core/text.h"
#include "domain/files/files.h"
#include "domain/messages/messages.h"
#include "view/messages.h"
#include <jansson.h>

const char *message_author(struct ctx *ctx, const struct rows *rows, size_t row) {
    const char *author = rows_get(rows, row, "author");
    if (author)
        return author;
    if (!rows_true(rows, row, "by_staff"))
        return messages_text(N_("Somebody who left"));
    const char *programme = session_get(&ctx->session, "programme_name");
    return arena_printf(ctx->arena, messages_text(N_("%s staff")), programme ? programme : "Tessera");
}

/* Links are pieces of their own; the template escapes all of them. */
void message_text_show(struct ctx *ctx, struct model *model, const char *text) {
    struct message_paragraph *paragraphs;
    size_t count = message_paragraphs(ctx->arena, text, &paragraphs);
    struct model_list *list = model_set_list(model, "_paragraphs");
    for (size_t p = 0; p < count; p++) {
        struct model_list *pieces = model_set_list(model_list_add(list), "pieces");
        for (size_t i = 0; i < paragraphs[p].count; i++) {
            const struct message_piece *piece = &paragraphs[p].pieces[i];
            struct model *entry = model_list_add(pieces);
            model_set_text(entry, "text", piece->text);
            model_set_text(entry, "href", piece->link ? piece->text : NULL);
        }
    }
}

static const char *member(struct ctx *ctx, const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? arena_strdup(ctx->arena, text) : "";
}

void message_files_show(struct ctx *ctx, struct model *model, const char *json) {
    struct model_list *list = model_set_list(model, "files");
    json_t *files = json ? json_loads(json, 0, NULL) : NULL, *file;
    size_t i;
    json_array_foreach(files, i, file) {
        struct model *entry = model_list_add(list);
        const char *type = member(ctx, file, "type");
        model_set_text(entry, "name", member(ctx, file, "name"));
        model_set_text(entry, "href",
                       arena_printf(ctx->arena, "/files/%s", member(ctx, file, "id")));
        model_set_text(entry, "type", type);
        model_set_int(entry, "size", (long)json_integer_value(json_object_get(file, "size")));
        model_set_bool(entry, "picture", file_type_shown(type));
        model_set_bool(entry, "audio", file_type_heard(type));
    }
    json_decref(files);
}

static void show_message(struct ctx *ctx, struct model *message, const struct rows *rows,
                         size_t row, bool first_new) {
    static const char *const flags[] = {"mine", "by_staff", "staff_only"};
    bool deleted = rows_get(rows, row, "deleted_at") != NULL;
    const char *text = rows_get(rows, row, "text"), *earlier = rows_get(rows, row, "earlier");
    const char *id = rows_get(rows, row, "id"), *thread = rows_get(rows, row, "thread_id");
    model_set_text(message, "id", id);
    model_set_typed(message, "at", rows_get(rows, row, "at"), COLUMN_TIMESTAMP);
    model_set_typed(message, "edited_at", deleted ? NULL : rows_get(rows, row, "edited_at"),
                    COLUMN_TIMESTAMP);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        model_set_bool(message, flags[i], rows_true(rows, row, flags[i]));
    model_set_text(message, "author", message_author(ctx, rows, row));
    model_set_text(message, "edit_href",
                   rows_true(rows, row, "editable")
                       ? arena_printf(ctx->arena, "/messages/%s/%s/edit", thread, id)
                       : NULL);
    model_set_bool(message, "deleted", deleted);
    model_set_bool(message, "first_new", first_new);
    model_set_text(message, "text", deleted ? NULL : text);
    message_text_show(ctx, message, text);
    message_files_show(ctx, message, rows_get(rows, row, "files"));
    if (!earlier || !model_set_json(message, "earlier", earlier))
        model_set_list(message, "earlier");
}

/* The oldest of the last `unread` messages that others wrote; count when nothing is new. */
static size_t first_new(const struct rows *rows, size_t count, long unread) {
    size_t found = count;
    for (size_t i = 0; i < count && unread > 0; i++) {
        if (rows_true(rows, i, "mine"))
            continue;
        found = i;
        unread--;
    }
    return found;
}

void messages_show(struct ctx *ctx, const char *name, const struct rows *rows, size_t count,
                   long unread) {
    messages_use(ctx_locale(ctx));
    struct model_list *list = model_set_list(ctx->page, name);
    size_t fresh = first_new(rows, count, unread);
    for (size_t i = count; i > 0; i--)
        show_message(ctx, model_list_add(list), rows, i - 1, i - 1 == fresh);
}
