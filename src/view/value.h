/*
 * value.h - one value as templates, JSON and CSV meet it, and what a model is made of.
 *
 * For the files of view/ only: handlers use model.h. A value is small and passed by copy; what it
 * points to belongs to the model's arena or, for rows, to whoever made them.
 */
#ifndef TESSERA_VIEW_VALUE_H
#define TESSERA_VIEW_VALUE_H

#include "core/arena.h"
#include "core/rows.h"
#include "view/model.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum value_kind {
    VALUE_MISSING, /* no such name: a look-up goes on further out */
    VALUE_NULL,    /* there is such a name, with nothing in it */
    VALUE_BOOL,
    VALUE_TEXT, /* with a column type */
    VALUE_SVG,
    VALUE_OBJECT,
    VALUE_LIST,
    VALUE_ROWS,
    VALUE_ROW,
    VALUE_LAMBDA
};

struct lambda {
    model_lambda_fn *fn;
    void *context;
};

struct value {
    enum value_kind kind;
    enum column_type type; /* VALUE_TEXT */
    size_t n;              /* VALUE_BOOL: 0 or 1; VALUE_ROW: which row */
    union {
        const char *text;
        const struct model *object;
        const struct model_list *list;
        const struct rows *rows;
        const struct lambda *lambda;
    };
};

/* Where among names in order one of a hash may stand first. Most look-ups ask somewhere in vain before they find, and a name
 * is mostly new where it is set: then one bit says no. */
struct name_index {
    uint64_t mask;     /* name_mask() of all of them */
    uint8_t first[64]; /* by the bit of the mask, where that is set; UINT8_MAX: there or further on */
};

struct model {
    struct arena *arena;
    const struct model *outer;
    const char *json;  /* the text that it was parsed from, where it came as JSON */
    struct value root; /* a JSON document that is no object; otherwise VALUE_MISSING */
    const char **names;
    uint32_t *hashes; /* of the names: a look-up compares these first */
    struct name_index index;
    struct value *values;
    size_t count;
    size_t cap;
};

struct model_list {
    struct arena *arena;
    const char *json;
    struct value *items;
    size_t count;
    size_t cap;
};

uint32_t value_hash(const char *text);
static inline uint64_t name_mask(uint32_t hash) {
    return UINT64_C(1) << (hash >> 26);
}
/* The next name, the at-th, has that hash. */
static inline void name_index_add(struct name_index *index, uint32_t hash, size_t at) {
    if ((index->mask & name_mask(hash)) == 0)
        index->first[hash >> 26] = at < UINT8_MAX ? (uint8_t)at : UINT8_MAX;
    index->mask |= name_mask(hash);
}
/* From where to look for a name of that hash among count of them; count: it is not there. */
static inline size_t name_index_first(const struct name_index *index, uint32_t hash, size_t count) {
    return (index->mask & name_mask(hash)) != 0 ? index->first[hash >> 26] : count;
}
struct value value_of_text(const char *text, enum column_type type); /* NULL: VALUE_NULL */
struct value value_of_bool(bool value);
struct value value_of_cell(const struct rows *rows, size_t row, size_t col);
/* Rows as a template sees them: a list, one row, or null. */
struct value value_of_rows(const struct rows *rows);
/* False, null, nothing, an empty list, an empty text and the number zero are false. */
bool value_truthy(struct value value);
/* A decimal number by the grammar of RFC 8259, as PostgreSQL writes them too; its NaN and Infinity
 * are none. */
bool value_is_number(const char *text);

/* Without its outer models. VALUE_MISSING when it has no such name. */
struct value model_get(const struct model *model, const char *name, uint32_t hash);
void model_append(struct model *model, const char *name, struct value value);
struct model_list *model_list_new(struct arena *arena) __attribute__((returns_nonnull));
void model_list_append(struct model_list *list, struct value value);

/* Any JSON document as a value in the arena. False, with a sentence in error, if it is none. */
bool value_parse_json(struct arena *arena, const char *json, size_t size, struct value *out,
                      char *error, size_t error_size);

#endif
