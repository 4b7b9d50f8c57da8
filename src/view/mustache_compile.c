#include "view/mustache_emit.h"

/* Text from the present position to `to`. */
static void text_until(struct compiler *c, size_t to) {
    emit_text(c, c->scanner.pos, to, c->scanner.fresh);
}

/* The text before a tag, without the blanks in front of one that has its line to itself; then on.
 */
static void text_and_past(struct compiler *c, const struct tag *tag, bool own_line) {
    text_until(c, own_line ? tag->line_start : tag->start);
    scan_past(&c->scanner, tag, own_line);
}

static bool has_own_line(const struct tag *tag) {
    return tag->blank_before && tag->blank_after;
}

/* ---- opening tags ---- */

static struct element *open_element(struct compiler *c, enum element_kind kind, uint32_t op,
                                    const struct tag *tag) {
    if (c->nelements == SECTIONS_MAX) {
        emit_fail(c, tag->start, "sections are nested deeper than %d", SECTIONS_MAX);
        return NULL;
    }
    struct element *element = &c->elements[c->nelements++];
    *element = (struct element){.kind = kind,
                                .op = op,
                                .tag = *tag,
                                .inner = c->scanner.pos,
                                .delimiters = c->scanner.delimiters,
                                .indent_op = NO_OP};
    c->label = c->nops;
    return element;
}

static bool is_message(const struct compiler *c, const struct tag *tag) {
    return tag->kind == '#' && tag->name_size == 1 && *emit_tag_name(c, tag) == 't';
}

static void open_section(struct compiler *c, const struct tag *tag) {
    text_and_past(c, tag, has_own_line(tag));
    uint32_t name = emit_name(c, tag);
    bool message = is_message(c, tag);
    enum op_code code = message ? OP_MESSAGE : tag->kind == '^' ? OP_INVERTED : OP_SECTION;
    uint32_t op = emit_op(c, code, tag->start, name);
    open_element(c, message ? IN_MESSAGE : IN_SECTION, op, tag);
}

/* Whether a parent has its lines to itself is known only at its end; the blanks before it wait. */
static void open_parent(struct compiler *c, const struct tag *tag) {
    uint32_t indent_op = NO_OP;
    size_t text_end = tag->blank_before ? tag->line_start : tag->start;
    text_until(c, text_end);
    if (tag->blank_before) {
        c->label = c->nops;
        emit_text(c, text_end, tag->start, true);
        indent_op = c->nops > c->label ? c->nops - 1 : NO_OP;
    }
    scan_past(&c->scanner, tag, false);
    uint32_t name = emit_template_name(c, tag);
    struct element *element =
        open_element(c, IN_PARENT, emit_op(c, OP_PARENT, tag->start, name), tag);
    if (element != NULL)
        element->indent_op = indent_op;
}

/* The blanks at the start of the first line that has anything else, as [*from, *to). */
static void first_indentation(const struct compiler *c, size_t *from, size_t *to) {
    const char *source = c->job->source;
    size_t line = c->scanner.pos;
    size_t text = scan_blanks(&c->scanner, line);
    while (text < c->job->size && (source[text] == '\n' || source[text] == '\r')) {
        line = source[text] == '\n' ? text + 1 : line;
        text = scan_blanks(&c->scanner, text + 1);
    }
    *from = line <= text ? line : text;
    *to = text;
}

/* An argument: its own indentation is taken off, that of the place where it goes is put on. */
static void open_argument(struct compiler *c, const struct tag *tag) {
    size_t before = c->dedent;
    scan_past(&c->scanner, tag, tag->blank_after);
    uint32_t op = emit_op(c, OP_ARGUMENT, tag->start, emit_block_name(c, tag));
    struct element *element = open_element(c, IN_ARGUMENT, op, tag);
    if (element == NULL)
        return;
    element->dedent_before = before;
    if (tag->blank_after) {
        size_t from;
        size_t to;
        first_indentation(c, &from, &to);
        c->dedent = to - from;
    }
}

/* True if the next thing in the source is a closing tag. */
static bool closes_at(const struct compiler *c, size_t at) {
    const char *open = c->scanner.delimiters->open;
    size_t size = strlen(open);
    if (c->job->size - at < size || memcmp(c->job->source + at, open, size) != 0)
        return false;
    at = scan_blanks(&c->scanner, at + size);
    return at < c->job->size && c->job->source[at] == '/';
}

/* A place for an argument. On a line of its own, what stands there by default shows the
 * indentation. */
static void open_block(struct compiler *c, const struct tag *tag) {
    bool own_line = has_own_line(tag);
    text_and_past(c, tag, own_line);
    size_t from = tag->line_start;
    size_t to = tag->blank_before ? tag->start : tag->line_start;
    if (own_line) {
        size_t first;
        size_t end;
        first_indentation(c, &first, &end);
        if (!closes_at(c, end)) {
            from = first;
            to = end;
        }
    }
    struct place place = emit_indentation(c, from, to, own_line);
    uint32_t op = emit_op(c, OP_BLOCK, tag->start, emit_block_name(c, tag));
    c->ops[op].c = emit_place(c, place);
    open_element(c, IN_BLOCK, op, tag);
}

/* ---- closing tags ---- */

static void close_section(struct compiler *c, const struct element *element,
                          const struct tag *tag) {
    bool own_line = has_own_line(tag);
    size_t end = own_line ? tag->line_start : tag->start;
    if (c->ops[element->op].code == OP_INVERTED)
        return;
    struct inner inner = {.text = c->job->source + element->inner,
                          .size = end > element->inner ? end - element->inner : 0,
                          .delimiters = element->delimiters,
                          .number = MESSAGE_UNNUMBERED};
    if (element->kind == IN_MESSAGE) {
        inner.id = emit_message_id(c->job->arena, inner.text, inner.size);
        if (c->job->nmessages != NULL)
            inner.number = (*c->job->nmessages)++;
    }
    c->ops[element->op].c = emit_inner(c, inner);
}

static void close_parent(struct compiler *c, const struct element *element, const struct tag *tag) {
    bool own_line = element->tag.blank_before && tag->blank_after;
    scan_past(&c->scanner, tag, own_line);
    struct place place = {.indent = ""};
    if (own_line) {
        /* Its blanks were put out as text; now they are an indentation instead. */
        if (element->indent_op != NO_OP)
            c->ops[element->indent_op].b = 0;
        place = emit_indentation(c, element->tag.line_start, element->tag.start, true);
    }
    c->ops[element->op].c = emit_place(c, place);
}

/* How a tag that is still open was written, for an error. */
static const char *opened_by(const struct compiler *c, const struct element *element, int *size) {
    const struct tag *tag = &element->tag;
    *size = (int)(tag->end - tag->start < 60 ? tag->end - tag->start : 60);
    return c->job->source + tag->start;
}

static bool same_name(struct compiler *c, const struct element *element, const struct tag *tag) {
    if (element->kind == IN_PARENT) {
        bool dynamic;
        const char *opened = c->names[c->ops[element->op].a].whole;
        return strcmp(emit_template_word(c, tag, &dynamic), opened) == 0;
    }
    return element->tag.name_size == tag->name_size &&
           memcmp(emit_tag_name(c, &element->tag), emit_tag_name(c, tag), tag->name_size) == 0;
}

static void close_tag(struct compiler *c, const struct tag *tag) {
    if (c->nelements == 0) {
        emit_fail(c, tag->start, "{{/%.*s}} closes nothing", (int)tag->name_size,
                  emit_tag_name(c, tag));
        return;
    }
    struct element element = c->elements[c->nelements - 1];
    if (!same_name(c, &element, tag)) {
        int size;
        const char *opened = opened_by(c, &element, &size);
        emit_fail(c, tag->start, "{{/%.*s}} stands where %.*s is to be closed", (int)tag->name_size,
                  emit_tag_name(c, tag), size, opened);
        return;
    }
    switch (element.kind) {
    case IN_SECTION:
    case IN_MESSAGE:
        close_section(c, &element, tag);
        text_and_past(c, tag, has_own_line(tag));
        break;
    case IN_BLOCK:
        text_and_past(c, tag, has_own_line(tag));
        break;
    case IN_ARGUMENT:
        text_until(c, tag->blank_before ? tag->line_start : tag->start);
        scan_past(&c->scanner, tag, has_own_line(tag));
        c->dedent = element.dedent_before;
        break;
    case IN_PARENT:
        close_parent(c, &element, tag);
        break;
    }
    c->nelements--;
    c->ops[element.op].b = c->nops;
    c->label = c->nops;
}

/* ---- the whole ---- */

static void add_partial(struct compiler *c, const struct tag *tag) {
    bool own_line = has_own_line(tag);
    text_and_past(c, tag, own_line);
    struct place place = {.indent = ""};
    if (own_line)
        place = emit_indentation(c, tag->line_start, tag->start, true);
    uint32_t op = emit_op(c, OP_PARTIAL, tag->start, emit_template_name(c, tag));
    c->ops[op].c = emit_place(c, place);
}

static void add_variable(struct compiler *c, const struct tag *tag) {
    text_and_past(c, tag, false);
    emit_op(c, tag->kind == '&' ? OP_RAW : OP_VARIABLE, tag->start, emit_name(c, tag));
}

static void compile_tag(struct compiler *c, const struct tag *tag) {
    switch (tag->kind) {
    case '#':
    case '^':
        open_section(c, tag);
        break;
    case '<':
        open_parent(c, tag);
        break;
    case '$':
        if (emit_inside(c, IN_PARENT))
            open_argument(c, tag);
        else
            open_block(c, tag);
        break;
    case '/':
        close_tag(c, tag);
        break;
    case '>':
        add_partial(c, tag);
        break;
    case '!':
    case '=':
        text_and_past(c, tag, has_own_line(tag));
        break;
    default:
        add_variable(c, tag);
    }
}

static void compile_source(struct compiler *c) {
    struct tag tag;
    while (!c->failed && scan_tag(&c->scanner, &tag))
        compile_tag(c, &tag);
    if (c->failed)
        return;
    if (c->scanner.error != NULL) {
        emit_fail(c, c->scanner.error_at, "%s", c->scanner.error);
        return;
    }
    text_until(c, c->job->size);
    if (c->nelements > 0) {
        const struct element *element = &c->elements[c->nelements - 1];
        int size;
        const char *opened = opened_by(c, element, &size);
        emit_fail(c, element->tag.start, "%.*s is never closed", size, opened);
    }
}

/* The tables grow in memory of their own; a program takes what it needs of them. */
static const void *keep(struct compiler *c, const void *table, uint32_t count, size_t size) {
    void *kept = arena_array(c->job->arena, count, size);
    if (count > 0)
        memcpy(kept, table, count * size);
    return kept;
}

static const struct template *finish(struct compiler *c) {
    struct template *template = arena_alloc(c->job->arena, sizeof *template);
    *template = (struct template){.name = c->job->name,
                                  .hash = value_hash(c->job->name),
                                  .source = c->job->source,
                                  .ops = keep(c, c->ops, c->nops, sizeof *c->ops),
                                  .nops = c->nops,
                                  .names = keep(c, c->names, c->nnames, sizeof *c->names),
                                  .inners = keep(c, c->inners, c->ninners, sizeof *c->inners),
                                  .places = keep(c, c->places, c->nplaces, sizeof *c->places)};
    return template;
}

enum err template_compile(const struct compile_job *job, const struct template **out) {
    static const struct delimiters usual = {.open = "{{", .close = "}}"};
    if (job->size > TEMPLATE_MAX) {
        snprintf(job->error, job->error_size, "%s: a template may be up to %d bytes long",
                 job->name, TEMPLATE_MAX);
        return ERR_TOO_LARGE;
    }
    struct compiler c = {.job = job,
                         .scanner = {.source = job->source,
                                     .size = job->size,
                                     .fresh = true,
                                     .delimiters = job->delimiters != NULL ? job->delimiters : &usual,
                                     .arena = job->arena},
                         .line = 1};
    compile_source(&c);
    if (!c.failed)
        *out = finish(&c);
    free(c.ops);
    free(c.names);
    free(c.inners);
    free(c.places);
    return c.failed ? ERR_INVALID : OK;
}
