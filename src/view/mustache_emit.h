/*
 * mustache_emit.h - what the compiler writes: ops, text, names, and the place of an error.
 *
 * mustache_compile.c decides what a tag means, mustache_emit.c puts it into the program.
 */
#ifndef TESSERA_VIEW_MUSTACHE_EMIT_H
#define TESSERA_VIEW_MUSTACHE_EMIT_H

#include "view/mustache_internal.h"

#define NO_OP UINT32_MAX

enum element_kind { IN_SECTION, IN_MESSAGE, IN_PARENT, IN_ARGUMENT, IN_BLOCK };

/* A section, parent or block that has been opened and not closed yet. */
struct element {
    enum element_kind kind;
    uint32_t op;
    struct tag tag; /* the one that opened it */
    size_t inner;   /* where what it encloses begins */
    const struct delimiters *delimiters;
    uint32_t indent_op;   /* IN_PARENT: the blanks before it, or NO_OP */
    size_t dedent_before; /* IN_ARGUMENT */
};

struct compiler {
    const struct compile_job *job;
    struct scanner scanner;
    bool failed;

    struct op *ops;
    struct name *names;
    struct inner *inners;
    struct place *places;
    uint32_t nops, nnames, ninners, nplaces;
    uint32_t cap_ops, cap_names, cap_inners, cap_places;
    uint32_t label; /* an op that something jumps to: text isn't joined across it */

    struct element elements[SECTIONS_MAX];
    size_t nelements;
    size_t dedent; /* blanks that are taken off each line inside an argument */

    size_t line_from; /* lines are counted on from here */
    uint32_t line;
};

/* Keeps the first error; at is an offset in the source. */
void emit_fail(struct compiler *c, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const char *emit_tag_name(const struct compiler *c, const struct tag *tag); /* not terminated */

uint32_t emit_op(struct compiler *c, enum op_code code, size_t at, uint32_t a); /* its index */
uint32_t emit_place(struct compiler *c, struct place place);
uint32_t emit_inner(struct compiler *c, struct inner inner);

/* The template's own text in [from, to); fresh: from is at the start of a line. */
void emit_text(struct compiler *c, size_t from, size_t to, bool fresh);
/* The blanks [from, to) at a line's start as an indentation. */
struct place emit_indentation(struct compiler *c, size_t from, size_t to, bool own_line);

uint32_t emit_name(struct compiler *c, const struct tag *tag);          /* of a value */
uint32_t emit_template_name(struct compiler *c, const struct tag *tag); /* maybe dynamic */
uint32_t emit_block_name(struct compiler *c, const struct tag *tag);
/* The whole name of a template; "{{> * name }}" is "*name". */
const char *emit_template_word(struct compiler *c, const struct tag *tag, bool *dynamic);
const char *emit_message_id(struct arena *arena, const char *text, size_t size);

static inline bool emit_inside(const struct compiler *c, enum element_kind kind) {
    return c->nelements > 0 && c->elements[c->nelements - 1].kind == kind;
}

#endif
