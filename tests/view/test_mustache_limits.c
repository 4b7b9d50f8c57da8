/* What the engine refuses: malformed templates, with the place, and whatever would go on too long.
 */
#include "tests/view/stage.h"

static void expect_error(struct stage *stage, const char *source, const char *expected) {
    char error[256] = "";
    enum err err =
        template_set_add(stage->set, "page", source, strlen(source), error, sizeof error);
    assert_int_equal(err, ERR_INVALID);
    assert_string_equal(error, expected);
    assert_false(template_set_has(stage->set, "page"));
}

static void test_malformed_templates(void **state) {
    struct stage *stage = *state;
    static const char *const cases[][2] = {
        {"a\n  {{name", "page:2:3: this tag is not closed"},
        {"é {{{name}}", "page:1:3: this tag is not closed"},
        {"{{! open", "page:1:1: this tag is not closed"},
        {"{{=<% %>", "page:1:1: this tag is not closed"},
        {"{{#a}}\n{{#b}}\n", "page:2:1: {{#b}} is never closed"},
        {"{{<a}}", "page:1:1: {{<a}} is never closed"},
        {"x{{/a}}", "page:1:2: {{/a}} closes nothing"},
        {"{{#a}}\r\n {{/b}}", "page:2:2: {{/b}} stands where {{#a}} is to be closed"},
        {"{{<*a}}{{/a}}", "page:1:8: {{/a}} stands where {{<*a}} is to be closed"},
        {"{{}}", "page:1:1: this tag has no name"},
        {"{{# }}", "page:1:1: this tag has no name"},
        {"{{> * }}", "page:1:1: this tag has no name"},
        {"{{first name}}", "page:1:1: “first name” is no name: it holds a blank"},
        {"{{a..b}}", "page:1:1: “a..b” is no name: up to 16 parts with single dots between them"},
        {"{{a.}}", "page:1:1: “a.” is no name: up to 16 parts with single dots between them"},
        {"{{=<%=}}", "page:1:1: a delimiter is 1 to 15 characters without blanks and equals signs"},
        {"{{= a b c =}}", "page:1:1: two delimiters are wanted, as in {{=<% %>=}}"},
        {"{{==}} ==}}",
         "page:1:1: a delimiter is 1 to 15 characters without blanks and equals signs"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_error(stage, cases[i][0], cases[i][1]);
}

static void test_template_without_a_name_has_only_the_place(void **state) {
    struct stage *stage = *state;
    char error[256] = "";
    assert_int_equal(template_set_add(stage->set, "", "{{", 2, error, sizeof error), ERR_INVALID);
    assert_string_equal(error, "1:1: this tag is not closed");
}

static void test_refused_template_leaves_the_old_one(void **state) {
    struct stage *stage = *state;
    char error[256];
    stage_add(stage, "main", "old");
    assert_int_equal(template_set_add(stage->set, "main", "{{", 2, error, sizeof error),
                     ERR_INVALID);
    assert_int_equal(stage_render(stage, "main"), OK);
    assert_string_equal(buf_text(&stage->page), "old");
}

static void test_text_that_is_not_utf8(void **state) {
    struct stage *stage = *state;
    char error[256];
    assert_int_equal(template_set_add(stage->set, "a", "\xff", 1, error, sizeof error),
                     ERR_INVALID);
    assert_int_equal(template_set_add(stage->set, "a", "x\0y", 3, error, sizeof error),
                     ERR_INVALID);
}

static void test_template_of_the_greatest_size(void **state) {
    struct stage *stage = *state;
    size_t size = (size_t)1024 * 1024;
    char error[256];
    char *text = arena_alloc(stage->arena, size + 1);
    memset(text, 'x', size + 1);
    assert_int_equal(template_set_add(stage->set, "a", text, size, error, sizeof error), OK);
    assert_int_equal(template_set_add(stage->set, "b", text, size + 1, error, sizeof error),
                     ERR_TOO_LARGE);
    assert_int_equal(stage_render(stage, "a"), OK);
    assert_int_equal(stage->page.len, size);
}

static const char *nested_sections(struct arena *arena, int depth) {
    struct buf text;
    buf_init(&text, 10000);
    for (int i = 0; i < depth; i++)
        buf_puts(&text, "{{#a}}");
    buf_puts(&text, "x");
    for (int i = 0; i < depth; i++)
        buf_puts(&text, "{{/a}}");
    const char *copy = arena_strdup(arena, buf_text(&text));
    buf_free(&text);
    return copy;
}

static void test_nesting_of_sections(void **state) {
    struct stage *stage = *state;
    model_set_bool(stage->model, "a", true);
    stage_expect(stage, nested_sections(stage->arena, 64), "x");
    expect_error(stage, nested_sections(stage->arena, 65),
                 "page:1:385: sections are nested deeper than 64");
}

static void test_nesting_of_partials(void **state) {
    struct stage *stage = *state;
    stage_add(stage, "loop", "x{{> loop}}");
    assert_int_equal(stage_render(stage, "loop"), ERR_TOO_LARGE);
    stage_add(stage, "parents", "x{{<parents}}{{$a}}{{/a}}{{/parents}}");
    assert_int_equal(stage_render(stage, "parents"), ERR_TOO_LARGE);

    char name[16];
    char source[32];
    for (int i = 0; i < 64; i++) {
        snprintf(name, sizeof name, "p%d", i);
        snprintf(source, sizeof source, "{{> p%d}}", i + 1);
        stage_add(stage, name, source);
    }
    stage_add(stage, "p64", "deep");
    assert_int_equal(stage_render(stage, "p0"), OK);
    assert_string_equal(buf_text(&stage->page), "deep");
    stage_add(stage, "p64", "{{> p65}}");
    stage_add(stage, "p65", "deeper");
    assert_int_equal(stage_render(stage, "p0"), ERR_TOO_LARGE);
}

static void test_nesting_of_contexts(void **state) {
    struct stage *stage = *state;
    stage_json(stage, "{\"o\":{\"x\":1}}");
    stage_add(stage, "loop",
              "{{#o}}{{#o}}{{#o}}{{#o}}{{#o}}{{> loop}}{{/o}}{{/o}}{{/o}}{{/o}}{{/o}}");
    assert_int_equal(stage_render(stage, "loop"), ERR_TOO_LARGE);
}

static void test_indentation_has_an_end(void **state) {
    struct stage *stage = *state;
    stage_add(stage, "wide", "                    {{> wide}}\n");
    assert_int_equal(stage_render(stage, "wide"), ERR_TOO_LARGE);
}

static void test_giant_page(void **state) {
    struct stage *stage = *state;
    stage_json(stage, "{\"l\":[1,2,3,4,5,6,7,8,9,0],\"text\":\"&&&&&&&&&&&&&&&&\"}");
    stage_add(stage, "text",
              "{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}0123456789{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}");
    assert_int_equal(stage_render(stage, "text"), ERR_TOO_LARGE);
    assert_true(stage->page.len <= stage->page.max);
    stage_add(stage, "value",
              "{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{text}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}");
    assert_int_equal(stage_render(stage, "value"), ERR_TOO_LARGE);
    /* The set is as good as before. */
    stage_expect(stage, "{{text}}",
                 "&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;"
                 "&amp;&amp;&amp;&amp;&amp;&amp;&amp;&amp;");
}

static void test_endless_page_without_a_byte(void **state) {
    struct stage *stage = *state;
    stage_json(stage, "{\"l\":[1,2,3,4,5,6,7,8,9,0]}");
    stage_add(stage, "idle",
              "{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}"
              "{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}");
    assert_int_equal(stage_render(stage, "idle"), ERR_TOO_LARGE);
}

static void test_absent_template(void **state) {
    struct stage *stage = *state;
    assert_int_equal(stage_render(stage, "absent"), ERR_NOT_FOUND);
    assert_false(template_set_has(stage->set, "absent"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_malformed_templates),
        STAGE_TEST(test_template_without_a_name_has_only_the_place),
        STAGE_TEST(test_refused_template_leaves_the_old_one),
        STAGE_TEST(test_text_that_is_not_utf8),
        STAGE_TEST(test_template_of_the_greatest_size),
        STAGE_TEST(test_nesting_of_sections),
        STAGE_TEST(test_nesting_of_partials),
        STAGE_TEST(test_nesting_of_contexts),
        STAGE_TEST(test_indentation_has_an_end),
        STAGE_TEST(test_giant_page),
        STAGE_TEST(test_endless_page_without_a_byte),
        STAGE_TEST(test_absent_template),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
