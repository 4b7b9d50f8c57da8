/* Templates from a directory. */
#include "tests/view/stage.h"
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/tessera-templates-XXXXXX";

static const char *path_of(struct stage *stage, const char *name) {
    return arena_printf(stage->arena, "%s/%s", directory, name);
}

static void write_file(struct stage *stage, const char *name, const char *text, size_t size) {
    FILE *file = fopen(path_of(stage, name), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void write_text(struct stage *stage, const char *name, const char *text) {
    write_file(stage, name, text, strlen(text));
}

static const char *const files[] = {
    "home.mustache",   "leads/show.mustache", "leads/row.mustache", "notes.txt",
    ".draft.mustache", "bad.mustache",        "large.mustache",     NULL};

static int set_up(void **state) {
    stage_set_up(state);
    memcpy(directory + sizeof directory - 7, "XXXXXX", 6);
    assert_non_null(mkdtemp(directory));
    assert_int_equal(mkdir(path_of(*state, "leads"), 0700), 0);
    return 0;
}

static int tear_down(void **state) {
    for (size_t i = 0; files[i] != NULL; i++)
        unlink(path_of(*state, files[i]));
    assert_int_equal(rmdir(path_of(*state, "leads")), 0);
    assert_int_equal(rmdir(directory), 0);
    return stage_tear_down(state);
}

static enum err load(struct stage *stage, const char *from, char error[512]) {
    error[0] = '\0';
    return template_set_load(stage->set, from, error, 512);
}

static void test_names_are_paths(void **state) {
    struct stage *stage = *state;
    char error[512];
    write_text(stage, "home.mustache", "home {{> leads/show}}");
    write_text(stage, "leads/show.mustache", "show {{> leads/row}}");
    write_text(stage, "leads/row.mustache", "row");
    write_text(stage, "notes.txt", "{{");
    write_text(stage, ".draft.mustache", "{{");
    assert_int_equal(load(stage, directory, error), OK);
    assert_int_equal(stage_render(stage, "home"), OK);
    assert_string_equal(buf_text(&stage->page), "home show row");
    assert_true(template_set_has(stage->set, "leads/show"));
    assert_false(template_set_has(stage->set, "notes"));
    assert_false(template_set_has(stage->set, ".draft"));
}

static void test_slash_at_the_end_of_the_directory(void **state) {
    struct stage *stage = *state;
    char error[512];
    write_text(stage, "leads/row.mustache", "row");
    assert_int_equal(load(stage, arena_printf(stage->arena, "%s/", directory), error), OK);
    assert_true(template_set_has(stage->set, "leads/row"));
}

static void test_malformed_file(void **state) {
    struct stage *stage = *state;
    char error[512];
    write_text(stage, "bad.mustache", "fine\n{{#open}}");
    assert_int_equal(load(stage, directory, error), ERR_INVALID);
    assert_string_equal(error, "bad:2:1: {{#open}} is never closed");
}

static void test_oversized_file(void **state) {
    struct stage *stage = *state;
    char error[512];
    size_t size = (size_t)1024 * 1024 + 1;
    char *text = arena_alloc(stage->arena, size);
    memset(text, ' ', size);
    write_file(stage, "large.mustache", text, size);
    assert_int_equal(load(stage, directory, error), ERR_TOO_LARGE);
    assert_contains(error, "large: a template may be up to 1024 KiB long");
}

static void test_missing_directory(void **state) {
    struct stage *stage = *state;
    char error[512];
    assert_int_equal(load(stage, path_of(stage, "nowhere"), error), ERR_NOT_FOUND);
    assert_contains(error, "/nowhere: No such file or directory");
}

static void test_many_templates(void **state) {
    struct stage *stage = *state;
    for (int i = 0; i < 1000; i++) {
        const char *name = arena_printf(stage->arena, "t%d", i);
        stage_add(stage, name, name);
    }
    for (int i = 0; i < 1000; i++) {
        const char *name = arena_printf(stage->arena, "t%d", i);
        assert_int_equal(stage_render(stage, name), OK);
        assert_string_equal(buf_text(&stage->page), name);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names_are_paths, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_slash_at_the_end_of_the_directory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_malformed_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_oversized_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_missing_directory, set_up, tear_down),
        STAGE_TEST(test_many_templates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
