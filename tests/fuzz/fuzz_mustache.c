/*
 * A template: whatever it says, it is refused with a place in it or renders within the limits. The
 * model is always the same and has every kind of value.
 */
#include "fuzz.h"
#include "view/mustache.h"

enum { PAGE_MAX = 64 * 1024 };

static const char *const cells[] = {
    "Harbour <Realty>",
    "1250000.00",
    "AED",
    "2026-11-20 09:41:07.123+00",
    "t",
    "{\"a\":[1,{\"b\":2}]}",
    "Skyline",
    "-3.50",
    NULL,
    "infinity",
    "f",
    "[",
};
static const struct column cols[] = {
    {"name", COLUMN_TEXT},    {"amount", COLUMN_NUMERIC}, {"currency", COLUMN_TEXT},
    {"at", COLUMN_TIMESTAMP}, {"open", COLUMN_BOOL},      {"extra", COLUMN_JSON},
};
enum { COLUMNS = sizeof cols / sizeof cols[0] };

static const char *cell(const void *source, size_t row, size_t col) {
    const char *const *all = source;
    return all[row * COLUMNS + col];
}

static const struct rows rows = {
    .name = "rows", .nrows = 2, .ncols = COLUMNS, .cols = cols, .source = cells, .cell = cell};
static const struct rows one = {.name = "one",
                                .one = true,
                                .nrows = 1,
                                .ncols = COLUMNS,
                                .cols = cols,
                                .source = cells,
                                .cell = cell};

static const char *echo(void *context, struct arena *arena, const char *text) {
    (void)context, (void)arena;
    return text != NULL ? text : "{{name}}";
}

static const struct model *whole_model(struct arena *arena) {
    struct model *outer = model_new(arena, NULL);
    model_set_text(outer, "currency", "INR");
    model_set_text(outer, "self", "self");
    struct model *model = model_new(arena, outer);
    model_set_rows(model, "r", &rows);
    model_set_rows(model, "o", &one);
    model_set_text(model, "name", "O'Neil & <Sons>");
    model_set_text(model, "text", "one\ntwo\r\nthree\n");
    model_set_text(model, "none", NULL);
    model_set_text(model, "date", "2026-11-20");
    model_set_text(model, "stage", "in_progress");
    model_set_int(model, "n", 3);
    model_set_bool(model, "yes", true);
    model_set_svg(model, "a_svg", "<svg/>");
    model_set_lambda(model, "l", echo, NULL);
    if (!model_set_json(model, "j", "{\"list\":[1,[2,\"x\"],{\"k\":null}],\"n\":1.5}"))
        abort();
    model_set_text(model_list_add(model_set_list(model, "list")), "name", "listed");
    return model;
}

static void add(struct template_set *set, const char *name, const char *source) {
    char error[256];
    if (template_set_add(set, name, source, strlen(source), error, sizeof error) != OK)
        abort();
}

static void count_use(void *context, const struct template_use *use) {
    size_t *uses = context;
    MUST(use->name != NULL && use->line > 0);
    ++*uses;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = fuzz_arena();
    struct template_set *set = template_set_new();
    char error[256] = "";
    add(set, "p", "  p:\n{{name}}\n{{$b}}\n    default\n{{/b}}\n");
    add(set, "q", "{{<p}}{{$b}}\n  from q\n  {{$c}}c{{/c}}\n{{/b}}{{/p}}");
    enum err err = template_set_add(set, "self", (const char *)data, size, error, sizeof error);
    MUST(err == OK || err == ERR_INVALID);
    MUST((err == OK) == (error[0] == '\0'));
    if (err == OK) {
        struct buf page;
        size_t uses = 0;
        buf_init(&page, PAGE_MAX);
        err = template_render(set, "self", whole_model(arena), NULL, &page);
        MUST(err == OK || err == ERR_TOO_LARGE);
        MUST(text_utf8_valid(buf_text(&page), page.len));
        MUST(template_uses(set, "self", count_use, &uses) == OK);
        buf_free(&page);
    }
    template_set_free(set);
    return 0;
}
