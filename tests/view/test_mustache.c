/* What templates show: names, rows, facets, white space, blocks. The specification has its own
 * test. */
#include "tests/view/stage.h"
#include "tests/view/table.h"

static const struct column lead_cols[] = {
    {"name", COLUMN_TEXT},  {"value", COLUMN_NUMERIC}, {"currency", COLUMN_TEXT},
    {"note", COLUMN_TEXT},  {"hot", COLUMN_BOOL},      {"at", COLUMN_TIMESTAMP},
    {"extra", COLUMN_JSON},
};
static const char *const lead_cells[] = {
    "Amira <Nasser>",
    "1250000.00",
    "AED",
    "call",
    "t",
    "2026-11-20 09:41:07.123+00",
    "{\"tags\":[\"vip\",\"in_progress\"],\"agent\":{\"name\":\"Ravi\"}}",
    "Ben & Co",
    "-12.50",
    NULL,
    NULL,
    "f",
    NULL,
    "[1, [2]]",
};
TABLE(leads, lead_cols, lead_cells, .one = false);
TABLE(lead, lead_cols, lead_cells, .one = true);
static const struct rows no_leads = {.name = "none", .ncols = 1, .cols = lead_cols};
static const struct rows no_lead = {.name = "none", .one = true, .ncols = 1, .cols = lead_cols};

/* ---- names ---- */

static void test_rows(void **state) {
    struct stage *stage = *state;
    model_set_rows(stage->model, "leads", &leads);
    model_set_text(stage->model, "base", "/leads");
    stage_expect(stage, "{{#leads}}{{base}}: {{name}} {{value}} {{hot}};{{/leads}}",
                 "/leads: Amira &lt;Nasser&gt; 1250000.00 true;/leads: Ben &amp; Co -12.50 false;");
    model_set_rows(stage->model, "leads", &no_leads);
    stage_expect(stage, "{{#leads}}x{{/leads}}{{^leads}}none{{/leads}}", "none");
}

static void test_one_row_is_an_object(void **state) {
    struct stage *stage = *state;
    model_set_rows(stage->model, "lead", &lead);
    stage_expect(stage, "{{lead.name}} {{#lead}}{{note}}{{/lead}}", "Amira &lt;Nasser&gt; call");
    model_set_rows(stage->model, "lead", &no_lead);
    stage_expect(stage, "{{lead.name}}{{#lead}}x{{/lead}}{{^lead}}nobody{{/lead}}", "nobody");
}

static void test_null_hides_what_is_further_out(void **state) {
    struct stage *stage = *state;
    model_set_rows(stage->model, "leads", &leads);
    model_set_text(stage->model, "note", "OUTER");
    model_set_text(stage->model, "missing", "outer");
    stage_expect(stage, "{{#leads}}[{{note}}|{{missing}}]{{/leads}}", "[call|outer][|outer]");
}

static void test_json_cells_are_objects_and_lists(void **state) {
    struct stage *stage = *state;
    model_set_rows(stage->model, "leads", &leads);
    stage_expect(stage,
                 "{{#leads}}{{extra.agent.name}}{{#extra}}{{#tags}}<{{.label}}>{{/tags}}"
                 "{{#.}}({{.}}){{/.}}{{/extra}};{{/leads}}",
                 "Ravi<Vip><In progress>();(1)(2);");
}

static void test_broken_json_cell_is_nothing(void **state) {
    struct stage *stage = *state;
    static const char *const cells[] = {"{\"a\":", NULL};
    static const struct column cols[] = {{"extra", COLUMN_JSON}, {"other", COLUMN_JSON}};
    TABLE(broken, cols, cells, .one = true);
    model_set_rows(stage->model, "broken", &broken);
    stage_expect(stage, "[{{broken.extra.a}}{{#broken.extra}}x{{/broken.extra}}]", "[]");
}

static void test_outer_model_is_found_last(void **state) {
    struct stage *stage = *state;
    model_set_text(stage->model, "title", "portal");
    model_set_text(stage->model, "user", "Dana");
    stage->model = model_new(stage->arena, stage->model);
    model_set_text(stage->model, "title", "page");
    stage_expect(stage, "{{title}} {{user}}", "page Dana");
}

static void test_false_values(void **state) {
    struct stage *stage = *state;
    stage_json(stage, "{\"v\":[null,false,\"\",0,0.0,[],true,\"0\",1,-0.5,\" \",{},[0]]}");
    stage_expect(stage, "{{#v}}{{#.}}+{{/.}}{{^.}}-{{/.}}{{/v}}", "------+++++++");
    model_set_typed(stage->model, "zero", "0.00", COLUMN_NUMERIC);
    model_set_typed(stage->model, "nan", "NaN", COLUMN_NUMERIC);
    stage_expect(stage, "{{#zero}}x{{/zero}}{{#nan}}{{.}}{{/nan}}", "NaN");
}

static void test_name_with_a_leading_dot_looks_no_further(void **state) {
    struct stage *stage = *state;
    stage_json(stage,
               "{\"label\":\"OUTER\",\"all\":[{\"label\":\"a\"},{}],\"codes\":[\"walk_in\"]}");
    stage_expect(stage, "{{#all}}[{{.label}}]{{/all}}{{#codes}}{{.label}}{{/codes}}",
                 "[a][]Walk-in");
}

static void test_escaping(void **state) {
    struct stage *stage = *state;
    model_set_text(stage->model, "text", "<a href='x' title=\"y\">&</a>");
    model_set_svg(stage->model, "chart_svg", "<svg/>");
    stage_expect(stage, "{{text}}",
                 "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;&lt;/a&gt;");
    stage_expect(stage, "{{{chart_svg}}}{{chart_svg}}", "<svg/>&lt;svg/&gt;");
}

static void test_objects_and_lists_print_nothing(void **state) {
    struct stage *stage = *state;
    stage_json(stage, "{\"o\":{\"a\":1},\"l\":[1,2]}");
    model_set_rows(stage->model, "leads", &leads);
    stage_expect(stage, "[{{o}}{{l}}{{leads}}{{{o}}}]", "[]");
}

/* ---- facets ---- */

static void test_currency_is_the_nearest(void **state) {
    struct stage *stage = *state;
    stage->options = (struct render_options){.locale = "en-IN", .currency = "SGD"};
    model_set_rows(stage->model, "leads", &leads);
    model_set_rows(stage->model, "lead", &lead);
    model_set_typed(stage->model, "total", "5000000.00", COLUMN_NUMERIC);
    stage_expect(stage, "{{total.money}} {{#leads}}{{value.money}};{{/leads}}",
                 "SGD\u00a050,00,000 AED\u00a012,50,000;-SGD\u00a012.50;");
    model_set_text(stage->model, "currency", "INR");
    stage_expect(stage, "{{total.money}} {{lead.value.money}} {{#lead}}{{total.money}}{{/lead}}",
                 "₹50,00,000 AED\u00a012,50,000 AED\u00a050,00,000");
}

static void test_facets_in_sections(void **state) {
    struct stage *stage = *state;
    stage_json(stage,
               "{\"stage\":\"won\",\"n\":2,\"note\":\"one\\r\\ntwo\\n\\nfour\\n\",\"none\":null}");
    stage_expect(stage,
                 "{{#stage.is_won}}won{{/stage.is_won}}{{^stage.is_lost}}!{{/stage.is_lost}}",
                 "won!");
    stage_expect(stage, "{{#n.positive}}up{{/n.positive}}{{#n.negative}}down{{/n.negative}}", "up");
    stage_expect(stage, "{{#note.lines}}<p>{{.}}</p>{{/note.lines}}",
                 "<p>one</p><p>two</p><p></p><p>four</p>");
    stage_expect(stage, "[{{none.label}}{{stage.nonsense}}{{stage.money}}{{n.ago}}]", "[]");
}

static void test_facet_of_a_facet(void **state) {
    struct stage *stage = *state;
    stage_json(stage, "{\"stage\":\"in_progress\",\"list\":[1]}");
    stage_expect(stage, "{{stage.label.upper}} {{list.count}} lead{{list.count.plural}}",
                 "IN PROGRESS 1 lead");
}

static void test_lists_know_their_length(void **state) {
    struct stage *stage = *state;
    stage_json(stage, "{\"empty\":[]}");
    model_set_rows(stage->model, "leads", &leads);
    stage_expect(
        stage,
        "{{#leads.any}}{{leads.count}} leads{{/leads.any}}{{^empty.any}}, none{{/empty.any}}",
        "2 leads, none");
}

/* ---- white space ---- */

static void test_standalone_lines_with_crlf(void **state) {
    struct stage *stage = *state;
    stage_json(stage, "{\"yes\":true,\"name\":\"x\"}");
    stage_add(stage, "part", "one\r\ntwo\r\n");
    stage_add(stage, "card", "<\r\n  {{$body}}\r\n  {{/body}}\r\n>\r\n");
    stage_expect(stage, "a\r\n  {{#yes}}\r\nb\r\n  {{/yes}}\r\nc\r\n", "a\r\nb\r\nc\r\n");
    stage_expect(stage, "a\r\n  {{! two\r\n lines }}\r\nb", "a\r\nb");
    stage_expect(stage, "a\r\n  {{> part}}\r\nb", "a\r\n  one\r\n  two\r\nb");
    stage_expect(
        stage,
        "{{<card}}\r\n{{$body}}\r\n      {{name}}\r\n        y\r\n{{/body}}\r\n{{/card}}\r\nz",
        "<\r\n  x\r\n    y\r\n>\r\nz");
    stage_expect(stage, "{{=<% %>=}}\r\n<%name%>\r\n", "x\r\n");
}

static void test_indentation_adds_up(void **state) {
    struct stage *stage = *state;
    stage_json(stage, "{\"lines\":\"1\\n2\",\"yes\":true}");
    stage_add(stage, "inner", "{{lines}}\n{{#yes}}\n  deep {{lines}}\n{{/yes}}\n");
    stage_add(stage, "outer", "<\n  {{> inner}}\n>\n");
    stage_expect(stage, "  {{> outer}}\nend\n", "  <\n    1\n2\n      deep 1\n2\n  >\nend\n");
}

/* Markup is not indented like the place where a partial or a block goes; what they hold stays as it is. */
static void test_markup_is_not_indented(void **state) {
    struct stage *stage = *state;
    stage->options.markup = true;
    stage_json(stage, "{\"a\": \"  x\\n  y\", \"list\": [1, 2]}");
    stage_add(stage, "row", "<td>\n  {{.}}</td>\n");
    stage_add(stage, "frame", "<main>\n\t{{$body}}{{/body}}\n</main>\n");
    stage_expect(stage,
                 "  {{<frame}}\n  {{$body}}\n<p>{{a}}\n   {{> row}}\n  {{/body}}\n  {{/frame}}\n"
                 "    {{#list}}\n   {{> row}}\n    {{/list}}\n",
                 "<main>\n\t<p>  x\n  y\n<td>\n  </td>\n\n</main>\n<td>\n  1</td>\n<td>\n  2</td>\n");
}

static void test_tag_in_text_keeps_its_line(void **state) {
    struct stage *stage = *state;
    stage_json(stage, "{\"yes\":true,\"no\":false}");
    stage_expect(stage, "a {{! c }}\n{{#yes}}{{/yes}}\n  {{#no}}x{{/no}} b\n", "a \n\n   b\n");
}

/* ---- inheritance ---- */

static void test_arguments_belong_where_they_are_written(void **state) {
    struct stage *stage = *state;
    stage_add(stage, "card", "[{{$title}}untitled{{/title}}: {{$body}}empty{{/body}}]");
    stage_expect(stage,
                 "{{<card}}{{$title}}outer{{/title}}{{$body}}"
                 "{{<card}}{{$title}}inner{{/title}}{{/card}}{{<card}}{{/card}}"
                 "{{/body}}{{/card}}",
                 "[outer: [inner: empty][untitled: empty]]");
}

static void test_block_in_its_own_argument_is_its_default(void **state) {
    struct stage *stage = *state;
    stage_add(stage, "card", "{{$a}}default{{/a}}");
    stage_expect(stage, "{{<card}}{{$a}}<{{$a}}again{{/a}}>{{/a}}{{/card}}", "<again>");
}

static void test_page_in_a_layout(void **state) {
    struct stage *stage = *state;
    model_set_rows(stage->model, "leads", &leads);
    model_set_text(stage->model, "site", "Tessera");
    stage_add(stage, "head", "<title>{{$title}}{{site}}{{/title}}</title>\n");
    stage_add(stage, "layout",
              "<html>\n  {{> head}}\n  <main>\n    {{$main}}\n    {{/main}}\n  </main>\n</html>\n");
    stage_expect(stage,
                 "{{<layout}}\n"
                 "  {{$title}}Leads{{/title}}\n"
                 "  {{$main}}\n"
                 "  <ul>\n"
                 "    {{#leads}}\n"
                 "    <li>{{name}}</li>\n"
                 "    {{/leads}}\n"
                 "  </ul>\n"
                 "  {{/main}}\n"
                 "{{/layout}}\n",
                 "<html>\n  <title>Leads</title>\n  <main>\n    <ul>\n"
                 "      <li>Amira &lt;Nasser&gt;</li>\n      <li>Ben &amp; Co</li>\n"
                 "    </ul>\n  </main>\n</html>\n");
}

static void test_parent_with_a_dynamic_name(void **state) {
    struct stage *stage = *state;
    stage_json(stage, "{\"kind\":\"card\",\"other\":\"nothing\"}");
    stage_add(stage, "card", "({{$a}}{{/a}})");
    stage_expect(stage, "{{<*kind}}{{$a}}x{{/a}}{{/*kind}}{{<* other}}{{/ *other}}", "(x)");
}

/* ---- lambdas ---- */

static const char *twice(void *context, struct arena *arena, const char *text) {
    (void)context;
    return text != NULL ? arena_printf(arena, "%s%s", text, text) : "{{name}}";
}

static const char *malformed(void *context, struct arena *arena, const char *text) {
    (void)context, (void)arena, (void)text;
    return "{{#never closed";
}

/* A lambda may render another template of the same set while its own is under way. */
static const char *nested(void *context, struct arena *arena, const char *text) {
    (void)text;
    struct stage *stage = context;
    struct buf page;
    buf_init(&page, 1000);
    assert_int_equal(template_render(stage->set, "other", stage->model, NULL, &page), OK);
    const char *answer = arena_strdup(arena, buf_text(&page));
    buf_free(&page);
    return answer;
}

static void test_lambdas(void **state) {
    struct stage *stage = *state;
    model_set_text(stage->model, "name", "A&B");
    model_set_lambda(stage->model, "l", twice, NULL);
    model_set_lambda(stage->model, "bad", malformed, NULL);
    model_set_lambda(stage->model, "nested", nested, stage);
    model_set_rows(stage->model, "leads", &leads);
    stage_add(stage, "other", "{{#leads}}{{extra.agent.name}}{{/leads}}");
    stage_expect(stage, "{{#l}}<{{name}}>{{/l}}", "<A&amp;B><A&amp;B>");
    stage_expect(stage, "{{{l}}} [{{bad}}{{#bad}}x{{/bad}}]", "A&amp;B []");
    stage_expect(stage, "{{#leads}}{{extra.agent.name}}{{nested}}{{extra.agent.name}};{{/leads}}",
                 "RaviRaviRavi;Ravi;");
}

/* ---- uses ---- */

static void note_use(void *context, const struct template_use *use) {
    static const char *const kinds[] = {"var",  "raw", "sec",  "inv", "/sec",
                                        "part", "par", "/par", "blk", "/blk"};
    buf_printf(context, "%s %s %d\n", kinds[use->kind], use->name, use->line);
}

static void test_uses(void **state) {
    struct stage *stage = *state;
    struct buf uses;
    buf_init(&uses, 10000);
    stage_add(stage, "page",
              "{{a.b}}\n{{{x_svg}}}\n{{#list}}\n{{.}}{{^no}}{{/no}}\n{{/list}}\n"
              "{{> part}}{{> *dyn.name}}\n{{#t}}Hello {{name}}{{/t}}\n"
              "{{<layout}}{{$main}}{{m}}{{/main}}{{/layout}}{{$own}}{{/own}}");
    assert_int_equal(template_uses(stage->set, "page", note_use, &uses), OK);
    assert_string_equal(buf_text(&uses),
                        "var a.b 1\nraw x_svg 2\nsec list 3\nvar . 4\ninv no 4\n/sec no 4\n"
                        "/sec list 3\npart part 6\npart *dyn.name 6\nvar name 7\n"
                        "par layout 8\nblk main 8\nvar m 8\n/blk main 8\n/par layout 8\n"
                        "blk own 8\n/blk own 8\n");
    assert_int_equal(template_uses(stage->set, "absent", note_use, &uses), ERR_NOT_FOUND);
    buf_free(&uses);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STAGE_TEST(test_rows),
        STAGE_TEST(test_one_row_is_an_object),
        STAGE_TEST(test_null_hides_what_is_further_out),
        STAGE_TEST(test_json_cells_are_objects_and_lists),
        STAGE_TEST(test_broken_json_cell_is_nothing),
        STAGE_TEST(test_outer_model_is_found_last),
        STAGE_TEST(test_false_values),
        STAGE_TEST(test_name_with_a_leading_dot_looks_no_further),
        STAGE_TEST(test_escaping),
        STAGE_TEST(test_objects_and_lists_print_nothing),
        STAGE_TEST(test_currency_is_the_nearest),
        STAGE_TEST(test_facets_in_sections),
        STAGE_TEST(test_facet_of_a_facet),
        STAGE_TEST(test_lists_know_their_length),
        STAGE_TEST(test_standalone_lines_with_crlf),
        STAGE_TEST(test_indentation_adds_up),
        STAGE_TEST(test_markup_is_not_indented),
        STAGE_TEST(test_tag_in_text_keeps_its_line),
        STAGE_TEST(test_arguments_belong_where_they_are_written),
        STAGE_TEST(test_block_in_its_own_argument_is_its_default),
        STAGE_TEST(test_page_in_a_layout),
        STAGE_TEST(test_parent_with_a_dynamic_name),
        STAGE_TEST(test_lambdas),
        STAGE_TEST(test_uses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
