/* Text, escaping, indentation. An indentation goes before each line of a template's own text;
 * values with several lines are left alone. */
#include "view/markup.h"
#include "view/mustache_internal.h"

static void put(struct render *render, const char *text, size_t size) {
    buf_append(render->out, text, size);
    if (buf_overflowed(render->out))
        render->err = ERR_TOO_LARGE;
}

static void start_line(struct render *render) {
    if (render->indent_size == 0 || !render->line_start)
        return;
    put(render, render->indent, render->indent_size);
    render->line_start = false;
}

void render_text(struct render *render, const struct template *template, const struct op *op) {
    const char *text = template->source + op->a;
    size_t size = op->b;
    if (render->indent_size == 0) {
        put(render, text, size);
        return;
    }
    while (size > 0) {
        const char *newline = memchr(text, '\n', size);
        size_t line = newline != NULL ? (size_t)(newline - text) + 1 : size;
        start_line(render);
        put(render, text, line);
        render->line_start = newline != NULL;
        text += line;
        size -= line;
    }
}

void render_verbatim(struct render *render, const char *text, size_t size) {
    if (size == 0)
        return;
    start_line(render);
    put(render, text, size);
}

void render_escaped(struct render *render, const char *text) {
    if (*text == '\0')
        return;
    start_line(render);
    markup_escape(render->out, text);
    if (buf_overflowed(render->out))
        render->err = ERR_TOO_LARGE;
}

size_t render_indent(struct render *render, const struct place *place) {
    size_t before = render->indent_size;
    if (render->options->markup)
        return before;
    if (place->indent_size > INDENT_MAX - before) {
        render->err = ERR_TOO_LARGE;
        return before;
    }
    memcpy(render->indent + before, place->indent, place->indent_size);
    render->indent_size += place->indent_size;
    if (place->own_line)
        render->line_start = true;
    else if (place->indent_size > 0)
        render->line_start = false; /* the blanks have been put out as text */
    return before;
}

void render_unindent(struct render *render, size_t before) {
    render->indent_size = before;
}
