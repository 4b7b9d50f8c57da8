/* JSON texts become values of the arena, so that templates meet one kind of object only. */
#include "view/value.h"
#include <jansson.h>

static struct value value_of_json(struct arena *arena, json_t *json, const char *text);

static void fill_object(struct model *model, json_t *json) {
    const char *key;
    json_t *member;
    json_object_foreach(json, key, member) {
        struct value value = value_of_json(model->arena, member, NULL);
        model_append(model, arena_strdup(model->arena, key), value);
    }
}

static struct model_list *list_of_json(struct arena *arena, const json_t *json) {
    struct model_list *list = model_list_new(arena);
    for (size_t i = 0; i < json_array_size(json); i++)
        model_list_append(list, value_of_json(arena, json_array_get(json, i), NULL));
    return list;
}

/* The shortest text that reads back as the same number. */
static struct value real_of_json(struct arena *arena, double number) {
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        double back = strtod(text, NULL);
        if (memcmp(&back, &number, sizeof back) == 0)
            break;
    }
    return value_of_text(arena_strdup(arena, text), COLUMN_NUMERIC);
}

/* text: what an object or a list was parsed from, kept so that a JSON answer shows it exactly. */
static struct value value_of_json(struct arena *arena, json_t *json, const char *text) {
    switch (json_typeof(json)) {
    case JSON_OBJECT: {
        struct model *object = model_new(arena, NULL);
        object->json = text;
        fill_object(object, json);
        return (struct value){.kind = VALUE_OBJECT, .object = object};
    }
    case JSON_ARRAY: {
        struct model_list *list = list_of_json(arena, json);
        list->json = text;
        return (struct value){.kind = VALUE_LIST, .list = list};
    }
    case JSON_STRING: {
        size_t size = json_string_length(json);
        return value_of_text(arena_strndup(arena, json_string_value(json), size), COLUMN_TEXT);
    }
    case JSON_INTEGER:
        return value_of_text(arena_printf(arena, "%lld", (long long)json_integer_value(json)),
                             COLUMN_INT);
    case JSON_REAL:
        return real_of_json(arena, json_real_value(json));
    case JSON_TRUE:
    case JSON_FALSE:
        return value_of_bool(json_is_true(json));
    case JSON_NULL:
        break;
    }
    return (struct value){.kind = VALUE_NULL};
}

static json_t *load(const char *text, size_t size, char *error, size_t error_size) {
    json_error_t why;
    json_t *json = json_loadb(text, size, JSON_DECODE_ANY, &why);
    /* A whole number beyond 64 bits is still a number. */
    if (json == NULL && json_error_code(&why) == json_error_numeric_overflow)
        json = json_loadb(text, size, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, &why);
    if (json == NULL)
        snprintf(error, error_size, "%d:%d: this is not JSON: %s", why.line, why.column, why.text);
    return json;
}

bool value_parse_json(struct arena *arena, const char *text, size_t size, struct value *out,
                      char *error, size_t error_size) {
    json_t *json = load(text, size, error, error_size);
    if (json == NULL)
        return false;
    *out = value_of_json(arena, json, arena_strndup(arena, text, size));
    json_decref(json);
    return true;
}

struct model *model_from_json(struct arena *arena, const struct model *outer, const char *text,
                              size_t size, char *error, size_t error_size) {
    json_t *json = load(text, size, error, error_size);
    if (json == NULL)
        return NULL;
    struct model *model = model_new(arena, outer);
    if (json_is_object(json))
        fill_object(model, json);
    else
        model->root = value_of_json(arena, json, NULL);
    json_decref(json);
    return model;
}
