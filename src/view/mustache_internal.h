/*
 * mustache_internal.h - what the engine's files share.
 *
 *   mustache_scan.c     finds the next tag and tells whether it has its line to itself
 *   mustache_compile.c  turns tags into a flat program
 *   mustache_set.c      templates by name; uses of names
 *   mustache_render.c   runs a program
 *   mustache_lookup.c   names to values: the context stack, rows, facets
 *   mustache_output.c   text, escaping, indentation
 *   mustache_message.c  {{#t}} and lambdas: programs made while rendering
 */
#ifndef TESSERA_VIEW_MUSTACHE_INTERNAL_H
#define TESSERA_VIEW_MUSTACHE_INTERNAL_H

#include "core/arena.h"
#include "view/facets_internal.h"
#include "view/mustache.h"
#include "view/value.h"
#include <stdint.h>

enum {
    TEMPLATE_MAX = 1024 * 1024,      /* bytes */
    SET_MAX = 64 * 1024 * 1024,      /* bytes of templates */
    SCRATCH_MAX = 256 * 1024 * 1024, /* bytes that a rendering's values may take … */
    SCRATCH_STOP = 64 * 1024 * 1024, /* … and where it stops: there is room for one JSON text */
    JSON_CELL_MAX = 1024 * 1024,     /* bytes of JSON in one cell that a template looks into */
    SECTIONS_MAX = 64,
    PARTIALS_MAX = 64,
    CONTEXTS_MAX = 256,
    RUNS_MAX = 512,                /* sections, partials and blocks inside each other */
    BODIES_MAX = 10 * 1000 * 1000, /* section bodies in one rendering */
    PARTS_MAX = 16,                /* of a dotted name */
    DELIMITER_MAX = 15,            /* bytes */
    INDENT_MAX = 512,              /* bytes */
    LOCALES_MAX = 16               /* whose translations are kept */
};

/* Of a tag. Sections refer to those they stand between, so they live as long as the program. */
struct delimiters {
    char open[DELIMITER_MAX + 1];
    char close[DELIMITER_MAX + 1];
};

/* ---- scanning ---- */

struct scanner {
    const char *source;
    size_t size;
    size_t pos;
    size_t line_start; /* of the line that pos is on */
    bool line_used;    /* a tag stands on that line before pos */
    bool fresh;        /* pos is at the start of a line */
    const struct delimiters *delimiters; /* in use; further ones are kept in */
    struct arena *arena;
    size_t error_at;
    const char *error; /* NULL while all is well */
};

struct tag {
    char kind;    /* one of # ^ / > < $ ! = and, for variables, 'v' (escaped) or '&' */
    size_t start; /* of the opening delimiter */
    size_t end;   /* after the closing one */
    size_t name;
    size_t name_size;
    size_t line_start;
    bool blank_before; /* nothing but blanks since the line's start */
    bool blank_after;  /* nothing but blanks up to the line's end */
    size_t next_line;  /* after the line break, or the end of the source */
};

/* False at the end of the source and on an error. Does not move on: that is scan_past()'s. */
bool scan_tag(struct scanner *scanner, struct tag *tag);
/* own_line: the rest of the tag's line goes with it. */
void scan_past(struct scanner *scanner, const struct tag *tag, bool own_line);
size_t scan_blanks(const struct scanner *scanner, size_t from); /* where they end */

/* ---- programs ---- */

struct part {
    const char *text;
    uint32_t hash;
    enum form form; /* the facet of that name, if there is one */
};

struct name {
    const char *whole;
    uint32_t hash; /* of whole: templates and blocks are found by it */
    const struct part *parts;
    uint32_t nparts; /* 0: "." */
    bool here;       /* starts with a dot: at the current value only */
    bool dynamic;    /* "*name": the value is the partial's name */
};

enum op_code {
    OP_TEXT,     /* a: offset, b: size in the source */
    OP_VARIABLE, /* a: name; escaped */
    OP_RAW,      /* a: name */
    OP_SECTION,  /* a: name, b: op after its body, c: inner */
    OP_INVERTED, /* a: name, b */
    OP_MESSAGE,  /* a: name, b, c: inner */
    OP_PARTIAL,  /* a: name, c: place */
    OP_PARENT,   /* a: name, b, c: place; in its body only OP_ARGUMENTs count */
    OP_ARGUMENT, /* a: name, b: what a block of the parent is replaced by */
    OP_BLOCK     /* a: name, b, c: place; the body is what stands there by default */
};

struct op {
    uint32_t code : 8;
    uint32_t line : 24;
    uint32_t a;
    uint32_t b;
    uint32_t c;
};

/* What a section's tags enclose, for lambdas and messages. */
struct inner {
    const char *text;
    size_t size;
    const struct delimiters *delimiters;
    const char *id;  /* OP_MESSAGE: the message id */
    uint32_t number; /* OP_MESSAGE: its number within the set, or MESSAGE_UNNUMBERED */
};
#define MESSAGE_UNNUMBERED UINT32_MAX

/* Where other text is put in: its lines get this indentation. */
struct place {
    const char *indent;
    uint32_t indent_size;
    bool own_line; /* the first line too */
};

struct template {
    const char *name;
    uint32_t hash;
    const char *source;
    const struct op *ops;
    uint32_t nops;
    const struct name *names;
    const struct inner *inners;
    const struct place *places;
};

struct compile_job {
    struct arena *arena; /* the program's; source, name and delimiters must live as long */
    const char *name;
    const char *source;
    size_t size;
    const struct delimiters *delimiters; /* NULL: {{ and }} */
    uint32_t *nmessages;                 /* counts messages; NULL: they get no numbers */
    char *error;
    size_t error_size;
};
enum err template_compile(const struct compile_job *job, const struct template **out) CHECKED;

/* ---- sets ---- */

/* What rendering changes: scratch memory and the translations made so far. */
struct workshop {
    struct arena *values; /* of one rendering */
    struct arena *texts;  /* of one variable */
    unsigned active;      /* renderings under way: a lambda may start another */
    struct arena *programs;
    struct translations {
        char locale[32];
        const struct template **programs; /* by number of message; NULL: not asked yet */
    } translations[LOCALES_MAX];
    size_t ntranslations;
};

struct template_set {
    struct arena *arena;
    const struct template **table; /* open addressing, a power of two */
    size_t cap;
    size_t count;
    size_t size; /* bytes of sources */
    uint32_t nmessages;
    struct workshop *workshop;
};

const struct template *template_set_find(const struct template_set *set, const char *name,
                                         uint32_t hash);

/* ---- rendering ---- */

/* Hashes of a table's columns' names, and where to find one. */
struct columns {
    const struct column *cols;
    const uint32_t *hashes;
    struct name_index index;
};

struct frame {
    struct value value;
    const struct columns *columns; /* VALUE_ROW; NULL: too many tables to keep them */
    uint64_t mask;                 /* name_mask() of what it may have */
};

/* The blocks that a parent tag was given, and those given further out, which win. */
struct arguments {
    const struct template *template;
    uint32_t parent; /* its OP_PARENT */
    const struct arguments *outer;
};

enum { COLUMN_SLOTS = 64, JSON_SLOTS = 32 };

struct render {
    const struct template_set *set;
    const struct render_options *options;
    struct workshop *workshop;
    struct buf *out;
    enum err err;
    unsigned partials;
    unsigned runs;
    unsigned long bodies;

    size_t nframes;
    struct frame frames[CONTEXTS_MAX];

    size_t indent_size;
    bool line_start; /* kept only while there is an indentation */
    char indent[INDENT_MAX];

    struct columns columns[COLUMN_SLOTS];
    struct {
        const char *text;
        struct value value;
    } json[JSON_SLOTS];
};

void render_run(struct render *render, const struct template *template, uint32_t from, uint32_t to,
                const struct arguments *arguments);
/* A whole program made while rendering, in the present context. */
void render_template(struct render *render, const struct template *template,
                     const struct arguments *arguments);

bool render_push(struct render *render, struct value value); /* false: too deep */
/* keep: the value must outlive the next look-up (a section's does). */
struct value render_lookup(struct render *render, const struct name *name, bool keep);

void render_text(struct render *render, const struct template *template, const struct op *op);
void render_escaped(struct render *render, const char *text); /* a value */
void render_verbatim(struct render *render, const char *text, size_t size);
/* Adds to the indentation; returns what it was, for render_unindent(). */
size_t render_indent(struct render *render, const struct place *place);
void render_unindent(struct render *render, size_t before);

void render_message(struct render *render, const struct template *template, uint32_t pc,
                    const struct arguments *arguments);
void render_lambda_section(struct render *render, const struct lambda *lambda,
                           const struct inner *inner, const struct arguments *arguments);
void render_lambda_variable(struct render *render, const struct lambda *lambda, bool escape);

#endif
