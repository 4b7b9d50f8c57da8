/*
 * model.h - what a page shows: names with values, lists, objects and tables of rows.
 *
 * The same model is rendered as HTML by a template, as JSON and (its one list) as CSV; there is one
 * set of values and so one place where permission and consent are decided. Everything lives in the
 * arena that the model was made with; strings and rows are referred to, not copied.
 *
 * A model may have an outer model ("the chrome": who is signed in, navigation, CSRF token).
 * Templates find names in the inner one first, then in the outer one; JSON and CSV show the inner
 * one only.
 */
#ifndef TESSERA_VIEW_MODEL_H
#define TESSERA_VIEW_MODEL_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/rows.h"
#include <stdbool.h>

struct model;
struct model_list;

struct model *model_new(struct arena *arena, const struct model *outer)
    __attribute__((returns_nonnull));

/* Each replaces an earlier value of that name. A NULL text is a null. Names may hold no dot. */
void model_set_text(struct model *model, const char *name, const char *text);
/* A text that views read as the given type, so that its facets work: "12500.00", COLUMN_NUMERIC. */
void model_set_typed(struct model *model, const char *name, const char *text,
                     enum column_type type);
void model_set_bool(struct model *model, const char *name, bool value);
void model_set_int(struct model *model, const char *name, long value);
/* Markup that the server itself made (a chart): {{{name}}} prints it as it is. Only names ending in
 * "_svg" are allowed, which is also all that the template check lets a triple mustache name. */
void model_set_svg(struct model *model, const char *name, const char *markup);
/* JSON text: objects and lists as templates expect them. False if it does not parse. */
bool model_set_json(struct model *model, const char *name, const char *json);
/* A value that is worked out where the template asks for it. text: what stands between the
 * section's tags, not rendered; NULL where the template uses the value as a variable. The answer is
 * mustache text in the arena (or constant) and is rendered in the place's context: a section's with
 * the delimiters in force there, a variable's with the usual ones. NULL is nothing. */
typedef const char *model_lambda_fn(void *context, struct arena *arena, const char *text);
void model_set_lambda(struct model *model, const char *name, model_lambda_fn *fn, void *context);
/* rows->one: an object (a null when there is no row); otherwise a list of objects. */
void model_set_rows(struct model *model, const char *name, const struct rows *rows);
/* An object that was made before; it may have several names, or be shared by models. */
void model_set_model(struct model *model, const char *name, const struct model *object);
struct model *model_set_object(struct model *model, const char *name)
    __attribute__((returns_nonnull));
struct model_list *model_set_list(struct model *model, const char *name)
    __attribute__((returns_nonnull));
struct model *model_list_add(struct model_list *list) __attribute__((returns_nonnull));

/* A whole JSON document (size bytes) as a model. NULL, with a sentence in error, if it does not
 * parse. A document that is no object is what {{.}} stands for. */
struct model *model_from_json(struct arena *arena, const struct model *outer, const char *json,
                              size_t size, char *error, size_t error_size);

/* The inner model as one JSON object. Integers and booleans as such; numerics as JSON numbers
 * written exactly (NaN and the infinities as null); timestamps in RFC 3339; names in snake_case as
 * they are; what was given as JSON is copied as it stands. Names that start with '_', markup and
 * lambdas are left out. */
void model_to_json(const struct model *model, struct buf *out);

/* RFC 4180 with a header line and CRLF; a cell that a spreadsheet would read as a formula (= + - @, also
 * at full width, tab or CR first, unless it is a number) is preceded by an apostrophe. Columns whose names start
 * with '_' are left out. Booleans are true and false, timestamps RFC 3339. */
void rows_to_csv_header(const struct rows *rows, struct buf *out);
void rows_to_csv(const struct rows *rows, struct buf *out);
/* Does it begin as a formula would? The signs at full width (U+FF1D and the like) count in some spreadsheets. */
bool csv_sign_begins(const char *text);
/* One cell by the same rules, for tables whose columns no statement knows. */
void csv_put(struct buf *out, const char *text, bool first);

#endif
