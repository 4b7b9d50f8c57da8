/*
 * params.h - names with text values, in order, names repeatable: a parsed query string or form
 * body, path parameters, what a handler hands to a statement.
 *
 * Lives in an arena. Names and values are NUL-terminated, valid UTF-8.
 */
#ifndef TESSERA_CORE_PARAMS_H
#define TESSERA_CORE_PARAMS_H

#include "core/arena.h"
#include <stddef.h>

struct param {
    const char *name;
    const char *value; /* NULL means SQL NULL */
};

struct params {
    struct arena *arena;
    struct param *items;
    size_t count;
    size_t cap;
};

struct params *params_new(struct arena *arena) __attribute__((returns_nonnull));
/* Adds a pair; name and value are not copied. */
void params_add(struct params *params, const char *name, const char *value);
/* Replaces the first pair of that name, or adds one. */
void params_set(struct params *params, const char *name, const char *value);
/* First value of that name, or NULL. params may be NULL. */
const char *params_get(const struct params *params, const char *name);
/* First pair of that name, or NULL: tells "absent" from "NULL". */
const struct param *params_find(const struct params *params, const char *name);

#endif
