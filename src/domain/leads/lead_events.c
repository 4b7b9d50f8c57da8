#include "core/text.h"
#include "domain/leads/leads.h"
#include "view/labels.h"
#include "view/messages.h"
#include <stdlib.h>

enum { WORDS_MAX = 1024 /* bytes */ };

static const char *stage_word(const char *stage) {
    const char *label = stage ? label_of(stage) : NULL;
    return label ? messages_text(label) : stage;
}

/* "client_email,budget_min,budget_max" -> "email, budget" */
static const char *edited_words(struct arena *arena, const char *fields) {
    struct buf words;
    buf_init(&words, WORDS_MAX);
    const char *last = NULL;
    for (const char *at = fields; at && *at; at += strcspn(at, ","), at += *at == ',') {
        const char *word = lead_field_word(arena_strndup(arena, at, strcspn(at, ",")));
        if (!word || text_equal(word, last)) /* columns of one word stand beside each other */
            continue;
        buf_printf(&words, "%s%s", words.len ? ", " : "", messages_text(word));
        last = word;
    }
    const char *text = words.len ? arena_strdup(arena, buf_text(&words)) : NULL;
    buf_free(&words);
    return text;
}

/* Of many leads at once. */
static const char *together_title(struct arena *arena, const struct rows *rows, size_t row) {
    if (rows_long(rows, row, "bulk_size") < 0)
        return _("Put back together");
    if (text_equal(rows_get(rows, row, "kind"), "stage"))
        return arena_printf(arena, _("Moved to %s together"), stage_word(rows_get(rows, row, "to_stage")));
    return arena_printf(arena, _("Edited together: %s"), edited_words(arena, rows_get(rows, row, "fields")));
}

/* About protection; NULL: none of these. */
static const char *extension_title(struct arena *arena, const char *kind, long days) {
    const char *more = arena_printf(arena, messages_plural("%ld day", "%ld days", days), days);
    if (text_equal(kind, "extension_asked"))
        return arena_printf(arena, _("Longer protection asked for: %s"), more);
    if (text_equal(kind, "extension_granted"))
        return arena_printf(arena, _("Longer protection granted: %s"), more);
    return text_equal(kind, "extension_refused") ? _("Longer protection refused") : NULL;
}

const char *lead_event_title(struct arena *arena, const char *kind, const struct rows *rows, size_t row) {
    if (rows_get(rows, row, "bulk_size"))
        return together_title(arena, rows, row);
    if (text_equal(kind, "created"))
        return _("Lead created");
    if (text_equal(kind, "stage") && rows_true(rows, row, "undone"))
        return arena_printf(arena, _("Undone: back from %s to %s"),
                            stage_word(rows_get(rows, row, "from_stage")),
                            stage_word(rows_get(rows, row, "to_stage")));
    if (text_equal(kind, "stage"))
        return arena_printf(arena, _("Moved from %s to %s"),
                            stage_word(rows_get(rows, row, "from_stage")),
                            stage_word(rows_get(rows, row, "to_stage")));
    if (text_equal(kind, "merged"))
        return _("Another lead of this client went into this one");
    if (text_equal(kind, "unmerged"))
        return _("Undone: two leads of this client again");
    const char *extension = extension_title(arena, kind, rows_long(rows, row, "days"));
    if (extension)
        return extension;
    const char *words = edited_words(arena, rows_get(rows, row, "fields"));
    return words ? arena_printf(arena, _("Edited: %s"), words) : _("Edited");
}

const char *lead_event_tone(const char *kind, const char *stage) {
    if (text_equal(kind, "created"))
        return "info";
    return text_equal(kind, "stage") && stage ? tone_of(stage) : NULL;
}

void lead_events_show(struct ctx *ctx, const char *name, const struct rows *rows) {
    messages_use(ctx_locale(ctx));
    const char *programme = session_get(&ctx->session, "programme_name");
    struct model_list *list = model_set_list(ctx->page, name);
    for (size_t i = 0; i < rows->nrows; i++) {
        struct model *event = model_list_add(list);
        const char *lead = rows_get(rows, i, "lead_id");
        model_set_typed(event, "at", rows_get(rows, i, "at"), COLUMN_TIMESTAMP);
        const char *kind = rows_get(rows, i, "kind");
        model_set_text(event, "title", lead_event_title(ctx->arena, kind, rows, i));
        model_set_text(event, "note", rows_get(rows, i, "reason"));
        model_set_text(
            event, "actor",
            rows_true(rows, i, "by_staff")
                ? arena_printf(ctx->arena, _("%s staff"), programme ? programme : "Tessera")
                : rows_get(rows, i, "actor"));
        model_set_text(event, "tone", lead_event_tone(kind, rows_get(rows, i, "to_stage")));
        long size = labs(rows_long(rows, i, "bulk_size"));
        const char *bulk = rows_get(rows, i, "bulk_id");
        model_set_text(event, "client",
                       size > 1 ? arena_printf(ctx->arena, messages_plural("%ld lead", "%ld leads", size), size)
                                : rows_get(rows, i, "client"));
        model_set_text(event, "href",
                       size > 1 ? "/leads?sort=updated_desc&view=all"
                       : lead   ? arena_printf(ctx->arena, "/leads/%s", lead)
                                : NULL);
        model_set_bool(event, "together", rows_true(rows, i, "together"));
        model_set_text(event, "bulk_href", bulk ? arena_printf(ctx->arena, "/leads/bulk/%s", bulk) : NULL);
    }
}
