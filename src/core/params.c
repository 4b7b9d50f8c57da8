#include "core/params.h"
#include "core/text.h"

enum { FIRST_CAP = 8 };

struct params *params_new(struct arena *arena) {
    struct params *params = arena_alloc(arena, sizeof *params);
    params->arena = arena;
    return params;
}

void params_add(struct params *params, const char *name, const char *value) {
    if (params->count == params->cap) {
        size_t cap = params->cap > 0 ? params->cap * 2 : FIRST_CAP;
        struct param *items = arena_array(params->arena, cap, sizeof *items);
        if (params->count > 0)
            memcpy(items, params->items, params->count * sizeof *items);
        params->items = items;
        params->cap = cap;
    }
    params->items[params->count++] = (struct param){name, value};
}

const struct param *params_find(const struct params *params, const char *name) {
    for (size_t i = 0; params != NULL && i < params->count; i++) {
        if (text_equal(params->items[i].name, name))
            return &params->items[i];
    }
    return NULL;
}

void params_set(struct params *params, const char *name, const char *value) {
    const struct param *found = params_find(params, name);
    if (found != NULL)
        params->items[found - params->items].value = value;
    else
        params_add(params, name, value);
}

const char *params_get(const struct params *params, const char *name) {
    const struct param *found = params_find(params, name);
    return found != NULL ? found->value : NULL;
}
