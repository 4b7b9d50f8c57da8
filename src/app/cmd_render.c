/*
 * cmd_render.c - renders one template with data from a JSON file: for authors of templates, and for
 * tests from outside.
 */
#include "app/commands.h"
#include "core/text.h"
#include "view/mustache.h"
#include <errno.h>

enum {
    DATA_MAX = 16 * 1024 * 1024,    /* bytes */
    PAGE_MAX = 256 * 1024 * 1024,   /* bytes */
    TEMPLATE_READ = 2 * 1024 * 1024 /* bytes; what is too long for a template is refused there */
};

/* A number in JSON takes two characters there and some forty bytes in a model. */
static const size_t model_max = (size_t)2 * 1024 * 1024 * 1024;

static const char usage[] =
    "Usage: tessera render TEMPLATE DATA.json [--partials DIR] [--locale TAG] [--timezone ZONE]\n"
    "                      [--currency CODE]\n"
    "\n"
    "Renders a mustache template with the values in DATA.json (- is standard input) and prints "
    "the\n"
    "result. {{> name}} is DIR/name.mustache.\n"
    "\n"
    "  --partials DIR    where partials are; without it there are none\n"
    "  --locale TAG      language and region of numbers and dates (en)\n"
    "  --timezone ZONE   time zone of times of day (UTC)\n"
    "  --currency CODE   of amounts without a currency beside them (USD)\n";

struct call {
    const char *template;
    const char *data;
    const char *partials;
    struct render_options options;
};

/* The place for an option's value, or NULL if there is no such option. */
static const char **option_place(struct call *call, const char *name) {
    if (text_equal(name, "--partials"))
        return &call->partials;
    if (text_equal(name, "--locale"))
        return &call->options.locale;
    if (text_equal(name, "--timezone"))
        return &call->options.timezone;
    if (text_equal(name, "--currency"))
        return &call->options.currency;
    return NULL;
}

static bool is_option(const char *argument) {
    return text_starts(argument, "--");
}

static bool read_call(int argc, char **argv, struct call *call) {
    *call = (struct call){.template = NULL};
    for (int i = 1; i < argc; i++) {
        if (is_option(argv[i])) {
            const char **place = option_place(call, argv[i]);
            if (place == NULL || i + 1 == argc) {
                fprintf(stderr, "tessera render: %s %s.\n", argv[i],
                        place == NULL ? "is no option of this command" : "needs a value after it");
                return false;
            }
            *place = argv[++i];
        } else if (call->template == NULL) {
            call->template = argv[i];
        } else if (call->data == NULL) {
            call->data = argv[i];
        } else {
            fprintf(stderr, "tessera render: \"%s\" is one argument too many.\n", argv[i]);
            return false;
        }
    }
    if (call->data == NULL)
        fputs("tessera render: name a template and a file with its data.\n", stderr);
    return call->data != NULL;
}

static bool read_file(const char *path, struct buf *out) {
    bool input = text_equal(path, "-");
    errno = 0;
    FILE *file = input ? stdin : fopen(path, "re");
    char piece[65536];
    size_t size = 0;
    while (file != NULL && (size = fread(piece, 1, sizeof piece, file)) > 0)
        buf_append(out, piece, size);
    bool failed = file == NULL || ferror(file);
    if (failed)
        fprintf(stderr, "tessera render: %s: %s.\n", path, strerror(errno));
    else if (buf_overflowed(out))
        fprintf(stderr, "tessera render: %s: this is longer than %zu MiB.\n", path,
                out->max / 1024 / 1024);
    if (file != NULL && !input)
        fclose(file);
    return !failed && !buf_overflowed(out);
}

/* A path that shows where it is and that no partial can have for a name. */
static const char *template_name(struct arena *arena, const char *path) {
    bool distinct = text_starts(path, "/") || text_starts(path, "./") || text_starts(path, "../");
    return distinct ? path : arena_printf(arena, "./%s", path);
}

static bool load_templates(const struct call *call, const char *name, struct template_set *set) {
    char error[512] = "";
    if (call->partials != NULL &&
        template_set_load(set, call->partials, error, sizeof error) != OK) {
        fprintf(stderr, "tessera render: %s\n", error);
        return false;
    }
    struct buf source;
    buf_init(&source, TEMPLATE_READ);
    bool done = read_file(call->template, &source);
    if (done &&
        template_set_add(set, name, buf_text(&source), source.len, error, sizeof error) != OK) {
        fprintf(stderr, "tessera render: %s\n", error);
        done = false;
    }
    buf_free(&source);
    return done;
}

static struct model *load_model(const struct call *call, struct arena *arena) {
    char error[512] = "";
    struct model *model = NULL;
    struct buf data;
    buf_init(&data, DATA_MAX);
    if (read_file(call->data, &data)) {
        model = model_from_json(arena, NULL, buf_text(&data), data.len, error, sizeof error);
        if (model == NULL)
            fprintf(stderr, "tessera render: %s:%s\n", call->data, error);
    }
    buf_free(&data);
    return model;
}

static bool render(const struct call *call, const char *name, const struct template_set *set,
                   const struct model *model) {
    struct buf page;
    buf_init(&page, PAGE_MAX);
    enum err err = template_render(set, name, model, &call->options, &page);
    if (err != OK)
        fprintf(stderr, "tessera render: %s: the result is too long, or nested too deep.\n",
                call->template);
    else
        fwrite(buf_text(&page), 1, page.len, stdout);
    buf_free(&page);
    return err == OK;
}

int cmd_render(int argc, char **argv) {
    if (command_help(argc, argv, usage))
        return EXIT_SUCCESS;
    struct call call;
    if (!read_call(argc, argv, &call)) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    struct template_set *set = template_set_new();
    struct arena *arena = arena_new(model_max);
    const char *name = template_name(arena, call.template);
    bool done = load_templates(&call, name, set);
    const struct model *model = done ? load_model(&call, arena) : NULL;
    done = model != NULL && render(&call, name, set, model);
    arena_free(arena);
    template_set_free(set);
    return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
