#include "view/mustache_emit.h"
#include <stdarg.h>

#define SPACES " \t\r\n"

static bool is_space(char c) {
    return c != '\0' && strchr(SPACES, c) != NULL;
}

/* ---- errors ---- */

void emit_fail(struct compiler *c, size_t at, const char *format, ...) {
    if (c->failed)
        return;
    c->failed = true;
    int line = 1;
    int column = 1;
    for (size_t i = 0; i < at; i++) {
        unsigned char byte = (unsigned char)c->job->source[i];
        if (byte == '\n') {
            line++;
            column = 1;
        } else if ((byte & 0xc0) != 0x80) { /* characters, not bytes */
            column++;
        }
    }
    char why[256];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    const char *name = c->job->name;
    snprintf(c->job->error, c->job->error_size, "%s%s%d:%d: %s", name, name[0] != '\0' ? ":" : "",
             line, column, why);
}

const char *emit_tag_name(const struct compiler *c, const struct tag *tag) {
    return c->job->source + tag->name;
}

/* ---- growing tables ---- */

static void *grow(void *old, uint32_t count, uint32_t *cap, size_t size) {
    if (count < *cap)
        return old;
    *cap = *cap > 0 ? *cap * 2 : 64;
    void *table = reallocarray(old, *cap, size);
    if (table == NULL)
        abort();
    return table;
}

static uint32_t line_of(struct compiler *c, size_t at) {
    for (; c->line_from < at; c->line_from++) {
        if (c->job->source[c->line_from] == '\n')
            c->line++;
    }
    return c->line;
}

uint32_t emit_op(struct compiler *c, enum op_code code, size_t at, uint32_t a) {
    c->ops = grow(c->ops, c->nops, &c->cap_ops, sizeof *c->ops);
    c->ops[c->nops] = (struct op){.code = code & 0xff, .line = line_of(c, at) & 0xffffff, .a = a};
    return c->nops++;
}

uint32_t emit_place(struct compiler *c, struct place place) {
    c->places = grow(c->places, c->nplaces, &c->cap_places, sizeof *c->places);
    c->places[c->nplaces] = place;
    return c->nplaces++;
}

uint32_t emit_inner(struct compiler *c, struct inner inner) {
    c->inners = grow(c->inners, c->ninners, &c->cap_inners, sizeof *c->inners);
    c->inners[c->ninners] = inner;
    return c->ninners++;
}

/* ---- text ---- */

static void append_text(struct compiler *c, size_t from, size_t size) {
    if (size == 0)
        return;
    struct op *last = c->nops > c->label ? &c->ops[c->nops - 1] : NULL;
    if (last != NULL && last->code == OP_TEXT && last->a + last->b == from) {
        last->b += (uint32_t)size;
        return;
    }
    uint32_t op = emit_op(c, OP_TEXT, from, (uint32_t)from);
    c->ops[op].b = (uint32_t)size;
}

/* Where a line's text begins once the dedentation is taken off. */
static size_t dedented(const struct compiler *c, size_t line, size_t end) {
    size_t blanks = scan_blanks(&c->scanner, line) - line;
    size_t off = blanks < c->dedent ? blanks : c->dedent;
    return line + off < end ? line + off : end;
}

void emit_text(struct compiler *c, size_t from, size_t to, bool fresh) {
    if (emit_inside(c, IN_PARENT)) /* only its blocks count */
        return;
    if (c->dedent == 0) {
        append_text(c, from, to - from);
        return;
    }
    const char *source = c->job->source;
    while (from < to) {
        const char *newline = memchr(source + from, '\n', to - from);
        size_t end = newline != NULL ? (size_t)(newline - source) + 1 : to;
        size_t start = fresh ? dedented(c, from, end) : from;
        append_text(c, start, end - start);
        from = end;
        fresh = true;
    }
}

struct place emit_indentation(struct compiler *c, size_t from, size_t to, bool own_line) {
    from = dedented(c, from, to);
    return (struct place){.indent = arena_strndup(c->job->arena, c->job->source + from, to - from),
                          .indent_size = (uint32_t)(to - from),
                          .own_line = own_line};
}

/* ---- names ---- */

/* Splits "a.b.c", which lives as long as the program; a name may start with a dot, which looks no
 * further than the current value. */
static void split(struct compiler *c, const struct tag *tag, const char *text, struct name *name) {
    struct part parts[PARTS_MAX];
    name->here = text[0] == '.';
    const char *rest = name->here ? text + 1 : text;
    if (name->here && *rest == '\0')
        return;
    for (;;) {
        size_t size = strcspn(rest, ".");
        if (size == 0 || name->nparts == PARTS_MAX) {
            emit_fail(c, tag->start,
                      "“%s” is no name: up to %d parts with single dots between them", text,
                      PARTS_MAX);
            return;
        }
        const char *part = rest[size] == '\0' ? rest : arena_strndup(c->job->arena, rest, size);
        parts[name->nparts++] =
            (struct part){.text = part, .hash = value_hash(part), .form = form_by_name(part)};
        rest += size;
        if (*rest == '\0')
            break;
        rest++;
    }
    struct part *kept = arena_array(c->job->arena, name->nparts, sizeof *kept);
    memcpy(kept, parts, name->nparts * sizeof *kept);
    name->parts = kept;
}

static const char *word(struct compiler *c, const struct tag *tag) {
    return arena_strndup(c->job->arena, emit_tag_name(c, tag), tag->name_size);
}

const char *emit_template_word(struct compiler *c, const struct tag *tag, bool *dynamic) {
    const char *text = emit_tag_name(c, tag);
    *dynamic = tag->name_size > 0 && text[0] == '*';
    if (!*dynamic)
        return word(c, tag);
    size_t skip = 1;
    while (skip < tag->name_size && is_space(text[skip]))
        skip++;
    char *name = arena_alloc(c->job->arena, tag->name_size - skip + 2);
    name[0] = '*';
    memcpy(name + 1, text + skip, tag->name_size - skip);
    return name;
}

static uint32_t add_name(struct compiler *c, const struct tag *tag, struct name name) {
    const char *text = name.dynamic ? name.whole + 1 : name.whole;
    if (*text == '\0')
        emit_fail(c, tag->start, "this tag has no name");
    else if (text[strcspn(text, SPACES)] != '\0')
        emit_fail(c, tag->start, "“%s” is no name: it holds a blank", text);
    name.hash = value_hash(name.whole);
    c->names = grow(c->names, c->nnames, &c->cap_names, sizeof *c->names);
    c->names[c->nnames] = name;
    return c->nnames++;
}

/* A template names most of its values more than once; they stand in the program once. */
static bool is_known(const struct compiler *c, const struct tag *tag, uint32_t *out) {
    const char *text = emit_tag_name(c, tag);
    for (uint32_t i = 0; i < c->nnames; i++) {
        const struct name *name = &c->names[i];
        if (name->nparts > 0 && !name->dynamic && strlen(name->whole) == tag->name_size &&
            memcmp(name->whole, text, tag->name_size) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

uint32_t emit_name(struct compiler *c, const struct tag *tag) {
    uint32_t known;
    if (is_known(c, tag, &known))
        return known;
    struct name name = {.whole = word(c, tag)};
    if (name.whole[0] != '\0')
        split(c, tag, name.whole, &name);
    return add_name(c, tag, name);
}

uint32_t emit_template_name(struct compiler *c, const struct tag *tag) {
    struct name name = {.nparts = 0};
    name.whole = emit_template_word(c, tag, &name.dynamic);
    if (name.dynamic && name.whole[1] != '\0')
        split(c, tag, name.whole + 1, &name);
    return add_name(c, tag, name);
}

uint32_t emit_block_name(struct compiler *c, const struct tag *tag) {
    return add_name(c, tag, (struct name){.whole = word(c, tag)});
}

/* White space at the ends is cut; a run of it with a line break in it becomes one blank. */
const char *emit_message_id(struct arena *arena, const char *text, size_t size) {
    char *id = arena_alloc(arena, size + 1);
    size_t used = 0;
    for (size_t i = 0; i < size;) {
        size_t end = i;
        while (end < size && is_space(text[end]))
            end++;
        bool broken = memchr(text + i, '\n', end - i) != NULL;
        if (end > i && used > 0 && end < size) {
            memcpy(id + used, broken ? " " : text + i, broken ? 1 : end - i);
            used += broken ? 1 : end - i;
        }
        while (end < size && !is_space(text[end]))
            id[used++] = text[end++];
        i = end;
    }
    return id;
}
