#include "domain/notifications/notification_text.h"
#include "core/log.h"
#include "core/text.h"
#include "view/markup.h"
#include "view/messages.h"
#include <ctype.h>

enum { TEXT_MAX = 4096 /* bytes */ };

/* Templates are written over several lines; what they say is one. */
static char *one_line(char *text) {
    char *out = text;
    for (const char *in = text; *in; in++) {
        bool blank = isspace((unsigned char)*in);
        if (!blank || (out > text && out[-1] != ' '))
            *out++ = blank ? ' ' : *in;
    }
    *out = '\0';
    return text_trim(text);
}

const char *notification_text(const struct template_set *templates, const struct rows *rows,
                              size_t row, const struct render_options *options,
                              struct arena *arena) {
    struct model *model = model_new(arena, NULL);
    for (size_t col = 0; col < rows->ncols; col++)
        model_set_typed(model, rows->cols[col].name, rows_cell(rows, row, col),
                        rows->cols[col].type);
    const char *template = rows_get(rows, row, "template");
    struct buf out;
    buf_init(&out, TEXT_MAX);
    enum err err = template_render(templates, template ? template : "", model, options, &out);
    const char *text = err ? "" : one_line(markup_unescape(arena_strdup(arena, buf_text(&out))));
    buf_free(&out);
    if (*text)
        return text;
    log_event(LOG_ERROR, "notification_unsaid", "template", "%s", template ? template : "-",
              "error", "%s", err_name(err), NULL);
    messages_use(options->locale);
    return _("Something new");
}
