/*
 * mustache.h - templates by the mustache specification (github.com/mustache/spec, 1.4: the core
 * files and the optional inheritance, dynamic names and lambdas), compiled once to a flat program.
 *
 * Beyond the specification:
 *   facets   the last part of a dotted name may ask a scalar for a form of itself: see facets.h
 *   {{#t}}   the text inside is a gettext message id, variables included; its translation renders.
 *            White space at its ends is no part of the id, and a run of it that holds a line break
 *            counts as one blank, so that a long sentence may be wrapped.
 *   {{.x}}   x of the current value only, without looking further out: {{#tags}}{{.label}}{{/tags}}
 *   false    for sections are also the empty text and the number zero
 *   blocks   inside an argument belong to the template in which the argument is written
 *   '        is escaped (&#39;) like & < > and "
 *
 * Ownership: a set owns its templates. A set is read-only once loaded and is replaced whole on
 * reload. Rendering takes its scratch memory from the set, so a set serves one thread (as each
 * worker has one).
 *
 * Limits: nesting of partials 64, of sections in a template 64, of contexts 256; a template 1 MiB;
 * a set 64 MiB of templates; 10 million section bodies per rendering. Templates are UTF-8.
 */
#ifndef TESSERA_VIEW_MUSTACHE_H
#define TESSERA_VIEW_MUSTACHE_H

#include "core/buf.h"
#include "core/err.h"
#include "view/model.h"
#include <stdbool.h>
#include <stddef.h>

struct template_set;

struct render_options {
    const char *locale;   /* "en-IN"; NULL: "en" */
    const char *timezone; /* IANA name; NULL: "UTC" */
    const char *currency; /* for .money where the row has no `currency`; NULL: "USD" */
    /* The page is markup, in which blanks at the beginning of a line mean nothing: partials and
     * blocks are not indented like the place where they are put in. */
    bool markup;
};

/* An empty set; templates are added by name, or a whole directory: templates/leads/show.mustache is
 * "leads/show" (files and directories whose names start with a dot are passed over). A later
 * template of the same name replaces the earlier one. On failure (ERR_INVALID: malformed;
 * ERR_TOO_LARGE; ERR_NOT_FOUND: no such directory or an unreadable file) a sentence stands in
 * error, "leads/show:12:5: …" with line and column where it is about a place; without a name in
 * front if the template's is "". */
struct template_set *template_set_new(void) __attribute__((returns_nonnull));
void template_set_free(struct template_set *set);
enum err template_set_add(struct template_set *set, const char *name, const char *source,
                          size_t size, char *error, size_t error_size) CHECKED;
enum err template_set_load(struct template_set *set, const char *directory, char *error,
                           size_t error_size) CHECKED;
bool template_set_has(const struct template_set *set, const char *name);

/* ERR_NOT_FOUND: no such template. ERR_TOO_LARGE: out overflowed, nesting too deep or another
 * limit. Unknown names and missing partials render as nothing (as the specification has it).
 * options NULL: all defaults. What was written before a failure stays in out. */
enum err template_render(const struct template_set *set, const char *name,
                         const struct model *model, const struct render_options *options,
                         struct buf *out) CHECKED;

/*
 * Every variable, section and partial that a template uses, in order, for the check that each name
 * is a column of the page's statements. {{#t}} itself is not reported, what stands in it is.
 * Dynamic names are a USE_PARTIAL or USE_PARENT whose name starts with '*'. What stands in a
 * USE_PARENT's blocks renders in the context of the parent's block of that name.
 */
enum template_use_kind {
    USE_VARIABLE,
    USE_RAW,
    USE_SECTION,
    USE_INVERTED,
    USE_SECTION_END, /* of a USE_SECTION or USE_INVERTED */
    USE_PARTIAL,
    USE_PARENT,
    USE_PARENT_END,
    USE_BLOCK,
    USE_BLOCK_END
};
struct template_use {
    enum template_use_kind kind;
    const char *name; /* whole dotted name; for an end that of what ends */
    int line;
};
typedef void template_use_fn(void *context, const struct template_use *use);
enum err template_uses(const struct template_set *set, const char *name, template_use_fn *fn,
                       void *context) CHECKED;

#endif
