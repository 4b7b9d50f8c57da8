/*
 * stage.h - a set of templates, an arena and a page, made before each test and freed after it.
 */
#ifndef TESSERA_TESTS_VIEW_STAGE_H
#define TESSERA_TESTS_VIEW_STAGE_H

#include "tests/support/unit.h"
#include "view/mustache.h"

struct stage {
    struct arena *arena;
    struct template_set *set;
    struct model *model;
    struct render_options options;
    struct buf page;
};

static inline int stage_set_up(void **state) {
    struct stage *stage = calloc(1, sizeof *stage);
    stage->arena = arena_new((size_t)64 * 1024 * 1024);
    stage->set = template_set_new();
    stage->model = model_new(stage->arena, NULL);
    buf_init(&stage->page, (size_t)1024 * 1024);
    *state = stage;
    return 0;
}

static inline int stage_tear_down(void **state) {
    struct stage *stage = *state;
    buf_free(&stage->page);
    template_set_free(stage->set);
    arena_free(stage->arena);
    free(stage);
    return 0;
}

static inline void stage_add(struct stage *stage, const char *name, const char *source) {
    char error[256] = "";
    enum err err = template_set_add(stage->set, name, source, strlen(source), error, sizeof error);
    if (err != OK)
        fail_msg("%s", error);
}

static inline void stage_json(struct stage *stage, const char *json) {
    char error[256];
    stage->model =
        model_from_json(stage->arena, stage->model, json, strlen(json), error, sizeof error);
    assert_non_null(stage->model);
}

static inline enum err stage_render(struct stage *stage, const char *name) {
    buf_clear(&stage->page);
    return template_render(stage->set, name, stage->model, &stage->options, &stage->page);
}

static inline void stage_expect(struct stage *stage, const char *source, const char *expected) {
    stage_add(stage, "main", source);
    assert_int_equal(stage_render(stage, "main"), OK);
    assert_string_equal(buf_text(&stage->page), expected);
}

#define STAGE_TEST(test) cmocka_unit_test_setup_teardown(test, stage_set_up, stage_tear_down)

#endif
