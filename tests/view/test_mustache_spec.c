/*
 * The mustache specification, case by case, from its own JSON files. They are not part of the
 * portal: where their folder is absent the program is skipped.
 */
#include "tests/support/unit.h"
#include "view/mustache.h"
#include <dirent.h>
#include <jansson.h>

enum { CASES_MAX = 1000, SKIPPED = 77, EXPECTED_CASES = 194 };

static struct CMUnitTest tests[CASES_MAX];
static size_t ncases;
static struct arena *names; /* of files and cases */

/* ---- the lambdas, which the specification gives as code in other languages ---- */

static const char *world(void *context, struct arena *arena, const char *text) {
    (void)context, (void)arena, (void)text;
    return "world";
}

static const char *planet(void *context, struct arena *arena, const char *text) {
    (void)context, (void)arena, (void)text;
    return "{{planet}}";
}

static const char *planet_with_bars(void *context, struct arena *arena, const char *text) {
    (void)context, (void)arena, (void)text;
    return "|planet| => {{planet}}";
}

static const char *count_calls(void *context, struct arena *arena, const char *text) {
    (void)text;
    int *calls = context;
    return arena_printf(arena, "%d", ++*calls);
}

static const char *greater(void *context, struct arena *arena, const char *text) {
    (void)context, (void)arena, (void)text;
    return ">";
}

static const char *is_raw(void *context, struct arena *arena, const char *text) {
    (void)context, (void)arena;
    return text != NULL && strcmp(text, "{{x}}") == 0 ? "yes" : "no";
}

static const char *around_planet(void *context, struct arena *arena, const char *text) {
    (void)context;
    return arena_printf(arena, "%s{{planet}}%s", text, text);
}

static const char *around_bars(void *context, struct arena *arena, const char *text) {
    (void)context;
    return arena_printf(arena, "%s{{planet}} => |planet|%s", text, text);
}

static const char *underlined(void *context, struct arena *arena, const char *text) {
    (void)context;
    return arena_printf(arena, "__%s__", text);
}

static const char *nothing(void *context, struct arena *arena, const char *text) {
    (void)context, (void)arena, (void)text;
    return NULL;
}

static int calls;

static const struct {
    const char *name;
    model_lambda_fn *fn;
    void *context;
} lambdas[] = {
    {"Interpolation", world, NULL},
    {"Interpolation - Expansion", planet, NULL},
    {"Interpolation - Alternate Delimiters", planet_with_bars, NULL},
    {"Interpolation - Multiple Calls", count_calls, &calls},
    {"Escaping", greater, NULL},
    {"Section", is_raw, NULL},
    {"Section - Expansion", around_planet, NULL},
    {"Section - Alternate Delimiters", around_bars, NULL},
    {"Section - Multiple Calls", underlined, NULL},
    {"Inverted Section", nothing, NULL},
};

static void add_lambda(struct model *model, const json_t *json) {
    const char *name = json_string_value(json_object_get(json, "name"));
    if (json_object_get(json_object_get(json, "data"), "lambda") == NULL)
        return;
    for (size_t i = 0; i < sizeof lambdas / sizeof lambdas[0]; i++) {
        if (strcmp(lambdas[i].name, name) == 0) {
            model_set_lambda(model, "lambda", lambdas[i].fn, lambdas[i].context);
            return;
        }
    }
    fail_msg("no C function stands for the lambda of “%s”", name);
}

/* ---- one case ---- */

static void add_template(struct template_set *set, const char *name, const json_t *text) {
    char error[256] = "";
    enum err err = template_set_add(set, name, json_string_value(text), json_string_length(text),
                                    error, sizeof error);
    if (err != OK)
        fail_msg("%s", error);
}

static struct template_set *templates_of(const json_t *json) {
    struct template_set *set = template_set_new();
    add_template(set, "", json_object_get(json, "template"));
    json_t *partials = json_object_get(json, "partials");
    const char *name;
    json_t *text;
    json_object_foreach(partials, name, text) add_template(set, name, text);
    return set;
}

static struct model *model_of(struct arena *arena, const json_t *json) {
    char error[256] = "";
    char *data = json_dumps(json_object_get(json, "data"), JSON_ENCODE_ANY);
    struct model *model = model_from_json(arena, NULL, data, strlen(data), error, sizeof error);
    free(data);
    if (model == NULL)
        fail_msg("%s", error);
    add_lambda(model, json);
    return model;
}

static void test_case(void **state) {
    const json_t *json = *state;
    struct arena *arena = arena_new(1024 * 1024);
    struct template_set *set = templates_of(json);
    struct buf out;
    buf_init(&out, 64 * 1024);

    enum err err = template_render(set, "", model_of(arena, json), NULL, &out);
    assert_int_equal(err, OK);
    assert_string_equal(buf_text(&out), json_string_value(json_object_get(json, "expected")));

    buf_free(&out);
    template_set_free(set);
    arena_free(arena);
}

/* ---- all of them ---- */

static void collect_file(const char *path, const char *file) {
    json_error_t why;
    json_t *json = json_load_file(path, 0, &why);
    if (json == NULL) {
        fprintf(stderr, "%s: %s\n", path, why.text);
        exit(EXIT_FAILURE);
    }
    size_t i;
    json_t *one;
    json_array_foreach(json_object_get(json, "tests"), i, one) {
        if (ncases == CASES_MAX)
            break;
        const char *name = json_string_value(json_object_get(one, "name"));
        tests[ncases++] = (struct CMUnitTest){.name = arena_printf(names, "%s: %s", file, name),
                                              .test_func = test_case,
                                              .initial_state = json_incref(one)};
    }
    json_decref(json);
}

static int is_json(const struct dirent *entry) {
    size_t length = strlen(entry->d_name);
    return length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0;
}

static void collect(const char *folder) {
    struct dirent **files = NULL;
    int count = scandir(folder, &files, is_json, alphasort);
    for (int i = 0; i < count; i++) {
        const char *file = files[i]->d_name;
        collect_file(arena_printf(names, "%s/%s", folder, file), file);
        free(files[i]);
    }
    free(files);
}

static const char *spec_folder(void) {
    const char *shared = getenv("TESSERA_SHARED");
    const char *source = getenv("srcdir");
    if (shared != NULL)
        return arena_printf(names, "%s/mustache-spec", shared);
    return arena_printf(names, "%s/../shared/mustache-spec", source != NULL ? source : ".");
}

int main(void) {
    names = arena_new(1024 * 1024);
    const char *folder = spec_folder();
    collect(folder);
    if (ncases == 0) {
        printf("SKIP: the mustache specification is not at %s\n", folder);
        return SKIPPED;
    }
    if (ncases < EXPECTED_CASES) {
        printf("only %zu of the specification's %d cases were found\n", ncases, EXPECTED_CASES);
        return EXIT_FAILURE;
    }
    int failed = _cmocka_run_group_tests("mustache specification", tests, ncases, NULL, NULL);
    for (size_t i = 0; i < ncases; i++)
        json_decref(tests[i].initial_state);
    arena_free(names);
    return failed;
}
