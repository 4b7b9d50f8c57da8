/* Translations: through a small catalogue in GNU gettext's binary form, written here. */
#include "core/clock.h"
#include "tests/view/stage.h"
#include "view/facets.h"
#include "view/messages.h"
#include <sys/stat.h>
#include <unistd.h>

struct message {
    const char *id; /* "one\0many" for a plural; in order of bytes */
    size_t id_size;
    const char *text;
    size_t text_size;
};

#define MESSAGE(id_, text_)                                                                        \
    { .id = id_, .id_size = sizeof id_ - 1, .text = text_, .text_size = sizeof text_ - 1 }

static const struct message german[] = {
    MESSAGE("", "Content-Type: text/plain; charset=UTF-8\n"
                "Plural-Forms: nplurals=2; plural=(n != 1);\n"),
    MESSAGE("%ld day ago\0%ld days ago", "vor %ld Tag\0vor %ld Tagen"),
    MESSAGE("Broken {{name}}", "Kaputt {{name"),
    MESSAGE("Hello {{name}}, you have {{n}} leads.", "{{n}} Anfragen für {{name}}."),
    MESSAGE("In progress", "In Arbeit"),
    MESSAGE("Outer {{#t}}Save{{/t}}", "Außen {{#t}}Save{{/t}}"),
    MESSAGE("Save", "Speichern"),
    MESSAGE("Show <%name%>", "<%name%> zeigen"),
};
enum { MESSAGES = sizeof german / sizeof german[0] };

static char root[] = "/tmp/tessera-locale-XXXXXX";

static void put_number(FILE *file, size_t number) {
    uint32_t word = (uint32_t)number;
    assert_int_equal(fwrite(&word, sizeof word, 1, file), 1);
}

/* Header, table of ids, table of texts, then the strings, each with its NUL. */
static void write_catalogue(const char *path) {
    enum { HEADER = 28, ENTRY = 8 };
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    const size_t header[] = {0x950412de, 0, MESSAGES, HEADER, HEADER + ENTRY * MESSAGES, 0, 0};
    for (size_t i = 0; i < sizeof header / sizeof header[0]; i++)
        put_number(file, header[i]);
    size_t at = HEADER + 2 * ENTRY * (size_t)MESSAGES;
    for (size_t i = 0; i < MESSAGES; at += german[i++].id_size + 1) {
        put_number(file, german[i].id_size);
        put_number(file, at);
    }
    for (size_t i = 0; i < MESSAGES; at += german[i++].text_size + 1) {
        put_number(file, german[i].text_size);
        put_number(file, at);
    }
    for (size_t i = 0; i < MESSAGES; i++)
        assert_int_equal(fwrite(german[i].id, german[i].id_size + 1, 1, file), 1);
    for (size_t i = 0; i < MESSAGES; i++)
        assert_int_equal(fwrite(german[i].text, german[i].text_size + 1, 1, file), 1);
    assert_int_equal(fclose(file), 0);
}

static const char *below(const char *name, char out[128]) {
    snprintf(out, 128, "%s/%s", root, name);
    return out;
}

static int make_catalogue(void **state) {
    (void)state;
    char path[128];
    assert_non_null(mkdtemp(root));
    assert_int_equal(mkdir(below("de", path), 0700), 0);
    assert_int_equal(mkdir(below("de/LC_MESSAGES", path), 0700), 0);
    write_catalogue(below("de/LC_MESSAGES/tessera.mo", path));
    messages_open(root);
    return 0;
}

static int remove_catalogue(void **state) {
    (void)state;
    char path[128];
    unlink(below("de/LC_MESSAGES/tessera.mo", path));
    rmdir(below("de/LC_MESSAGES", path));
    rmdir(below("de", path));
    return rmdir(root);
}

static void test_languages_change(void **state) {
    (void)state;
    messages_use("en");
    assert_string_equal(messages_text("Save"), "Save");
    messages_use("de-AT"); /* falls back to de */
    assert_string_equal(messages_text("Save"), "Speichern");
    assert_string_equal(messages_text("Nobody translated this"), "Nobody translated this");
    assert_string_equal(messages_text(""), "");
    messages_use("hi-IN");
    assert_string_equal(messages_text("Save"), "Save");
    messages_use("de");
    assert_string_equal(messages_text("Save"), "Speichern");
    messages_use(NULL);
    assert_string_equal(messages_text("Save"), "Save");
}

static void test_plurals(void **state) {
    (void)state;
    messages_use("en");
    assert_string_equal(messages_plural("%ld day ago", "%ld days ago", 1), "%ld day ago");
    assert_string_equal(messages_plural("%ld day ago", "%ld days ago", 0), "%ld days ago");
    messages_use("de");
    assert_string_equal(messages_plural("%ld day ago", "%ld days ago", 1), "vor %ld Tag");
    assert_string_equal(messages_plural("%ld day ago", "%ld days ago", 2), "vor %ld Tagen");
}

static void test_facets_are_translated(void **state) {
    struct stage *stage = *state;
    stage->options.locale = "de";
    stage_json(stage, "{\"stage\":\"in_progress\",\"at\":\"2026-11-17 09:00:00+00\"}");
    clock_freeze(1795167667);
    stage_expect(stage, "{{stage.label}} {{at.ago}}", "In Arbeit vor 3 Tagen");
    clock_freeze(0);
}

static void test_sentences_in_templates(void **state) {
    struct stage *stage = *state;
    stage_json(stage, "{\"name\":\"A&B\",\"n\":3}");
    stage_add(stage, "main",
              "{{#t}}Save{{/t}} [{{#t}}\n  Hello {{name}},\n  you have {{n}} leads.\n{{/t}}]");
    for (int again = 0; again < 2; again++) {
        stage->options.locale = "de";
        assert_int_equal(stage_render(stage, "main"), OK);
        assert_string_equal(buf_text(&stage->page), "Speichern [3 Anfragen für A&amp;B.]");
        stage->options.locale = "en";
        assert_int_equal(stage_render(stage, "main"), OK);
        assert_string_equal(buf_text(&stage->page),
                            "Save [\n  Hello A&amp;B,\n  you have 3 leads.\n]");
    }
}

static void test_sentences_in_other_delimiters(void **state) {
    struct stage *stage = *state;
    stage_json(stage, "{\"name\":\"x\"}");
    stage->options.locale = "de";
    stage_expect(stage, "{{=<% %>=}}<%#t%>Show <%name%><%/t%>", "x zeigen");
}

static void test_broken_translation_shows_the_original(void **state) {
    struct stage *stage = *state;
    stage_json(stage, "{\"name\":\"x\"}");
    stage->options.locale = "de";
    stage_expect(stage, "{{#t}}Broken {{name}}{{/t}}", "Broken x");
}

static void test_sentence_inside_a_sentence(void **state) {
    struct stage *stage = *state;
    stage->options.locale = "de";
    stage_expect(stage, "{{#t}}Outer {{#t}}Save{{/t}}{{/t}}", "Außen Speichern");
}

static void test_more_languages_than_are_kept(void **state) {
    struct stage *stage = *state;
    char locale[16];
    stage->options.locale = locale;
    stage_add(stage, "main", "{{#t}}Save{{/t}}");
    for (int i = 0; i < 40; i++) {
        snprintf(locale, sizeof locale, "x%c-AT", 'a' + i % 26);
        assert_int_equal(stage_render(stage, "main"), OK);
        assert_string_equal(buf_text(&stage->page), "Save");
    }
    snprintf(locale, sizeof locale, "de");
    assert_int_equal(stage_render(stage, "main"), OK);
    assert_string_equal(buf_text(&stage->page), "Speichern");
}

static void test_inverted_sentence_is_nothing_special(void **state) {
    struct stage *stage = *state;
    stage_expect(stage, "{{^t}}x{{/t}}", "x");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_languages_change),
        cmocka_unit_test(test_plurals),
        STAGE_TEST(test_facets_are_translated),
        STAGE_TEST(test_sentences_in_templates),
        STAGE_TEST(test_sentences_in_other_delimiters),
        STAGE_TEST(test_broken_translation_shows_the_original),
        STAGE_TEST(test_sentence_inside_a_sentence),
        STAGE_TEST(test_more_languages_than_are_kept),
        STAGE_TEST(test_inverted_sentence_is_nothing_special),
    };
    return cmocka_run_group_tests(tests, make_catalogue, remove_catalogue);
}
