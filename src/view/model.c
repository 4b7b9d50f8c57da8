#include "view/model.h"
#include "core/text.h"
#include "view/value.h"
#include <assert.h>

struct model *model_new(struct arena *arena, const struct model *outer) {
    struct model *model = arena_alloc(arena, sizeof *model);
    model->arena = arena;
    model->outer = outer;
    return model;
}

static size_t model_index(const struct model *model, const char *name, uint32_t hash) {
    for (size_t i = name_index_first(&model->index, hash, model->count); i < model->count; i++) {
        if (model->hashes[i] == hash && strcmp(model->names[i], name) == 0)
            return i;
    }
    return model->count;
}

struct value model_get(const struct model *model, const char *name, uint32_t hash) {
    size_t i = model_index(model, name, hash);
    return i < model->count ? model->values[i] : (struct value){.kind = VALUE_MISSING};
}

/* Memory of an arena is not given back, so a doubled array costs at most its own size again. */
static void *grown(struct arena *arena, const void *old, size_t count, size_t cap, size_t size) {
    char *copy = arena_array(arena, cap, size);
    if (count > 0)
        memcpy(copy, old, count * size);
    return copy;
}

static void append_hashed(struct model *model, const char *name, uint32_t hash,
                          struct value value) {
    if (model->count == model->cap) {
        size_t cap = model->cap > 0 ? model->cap * 2 : 8;
        model->names = grown(model->arena, model->names, model->count, cap, sizeof *model->names);
        model->hashes =
            grown(model->arena, model->hashes, model->count, cap, sizeof *model->hashes);
        model->values =
            grown(model->arena, model->values, model->count, cap, sizeof *model->values);
        model->cap = cap;
    }
    model->names[model->count] = name;
    model->hashes[model->count] = hash;
    model->values[model->count] = value;
    name_index_add(&model->index, hash, model->count);
    model->count++;
}

void model_append(struct model *model, const char *name, struct value value) {
    append_hashed(model, name, value_hash(name), value);
}

static void model_set(struct model *model, const char *name, struct value value) {
    assert(strchr(name, '.') == NULL);
    uint32_t hash = value_hash(name);
    size_t i = model_index(model, name, hash);
    if (i < model->count)
        model->values[i] = value;
    else
        append_hashed(model, name, hash, value);
}

void model_set_text(struct model *model, const char *name, const char *text) {
    model_set(model, name, value_of_text(text, COLUMN_TEXT));
}

void model_set_typed(struct model *model, const char *name, const char *text,
                     enum column_type type) {
    struct value value = value_of_text(text, type);
    if (value.kind == VALUE_TEXT && type == COLUMN_JSON) {
        if (!model_set_json(model, name, text))
            model_set(model, name, (struct value){.kind = VALUE_NULL});
        return;
    }
    model_set(model, name, value);
}

void model_set_bool(struct model *model, const char *name, bool value) {
    model_set(model, name, value_of_bool(value));
}

void model_set_int(struct model *model, const char *name, long value) {
    model_set(model, name, value_of_text(arena_long(model->arena, value), COLUMN_INT));
}

void model_set_svg(struct model *model, const char *name, const char *markup) {
    assert(text_ends(name, "_svg"));
    struct value value = value_of_text(markup, COLUMN_TEXT);
    if (value.kind == VALUE_TEXT)
        value.kind = VALUE_SVG;
    model_set(model, name, value);
}

void model_set_lambda(struct model *model, const char *name, model_lambda_fn *fn, void *context) {
    struct lambda *lambda = arena_alloc(model->arena, sizeof *lambda);
    *lambda = (struct lambda){.fn = fn, .context = context};
    model_set(model, name, (struct value){.kind = VALUE_LAMBDA, .lambda = lambda});
}

bool model_set_json(struct model *model, const char *name, const char *json) {
    struct value value;
    char error[128];
    if (!value_parse_json(model->arena, json, strlen(json), &value, error, sizeof error))
        return false;
    model_set(model, name, value);
    return true;
}

void model_set_rows(struct model *model, const char *name, const struct rows *rows) {
    model_set(model, name, value_of_rows(rows));
}

void model_set_model(struct model *model, const char *name, const struct model *object) {
    model_set(model, name, (struct value){.kind = VALUE_OBJECT, .object = object});
}

struct model *model_set_object(struct model *model, const char *name) {
    struct model *object = model_new(model->arena, NULL);
    model_set_model(model, name, object);
    return object;
}

struct model_list *model_list_new(struct arena *arena) {
    struct model_list *list = arena_alloc(arena, sizeof *list);
    list->arena = arena;
    return list;
}

void model_list_append(struct model_list *list, struct value value) {
    if (list->count == list->cap) {
        size_t cap = list->cap > 0 ? list->cap * 2 : 8;
        list->items = grown(list->arena, list->items, list->count, cap, sizeof *list->items);
        list->cap = cap;
    }
    list->items[list->count++] = value;
}

struct model_list *model_set_list(struct model *model, const char *name) {
    struct model_list *list = model_list_new(model->arena);
    model_set(model, name, (struct value){.kind = VALUE_LIST, .list = list});
    return list;
}

struct model *model_list_add(struct model_list *list) {
    struct model *object = model_new(list->arena, NULL);
    model_list_append(list, (struct value){.kind = VALUE_OBJECT, .object = object});
    return object;
}
