#include "app/arguments.h"
#include "app/commands.h"
#include "core/clock.h"
#include "core/text.h"
#include "domain/demo/demo.h"

static const char usage[] =
    "Usage: tessera seed [--seed N] [--scale partners=N,leads=N] [--base YYYY-MM-DD] [--no-files]\n"
    "                    [--quiet] [--config FILE]\n"
    "Fills an empty database with a demo programme: partners, people, leads, commissions,\n"
    "courses and material. All of it is invented. The same seed, scale and base make the same\n"
    "rows. Where a demo is already, nothing happens.\n"
    "\n"
    "  --seed N      another demo of the same kind (6)\n"
    "  --scale LIST  how much; partners=40,leads=2000 if not given\n"
    "  --base DATE   the day on which the demo ends, at midnight UTC (now)\n"
    "  --no-files    make no files in the file store; downloads then fail\n"
    "  --quiet       say nothing when all is well\n";

struct call {
    const char *seed, *scale, *base;
    bool no_files, quiet;
};

static bool read_scale_part(char *part, struct demo_options *options) {
    char *value = strchr(part, '=');
    if (value != NULL)
        *value++ = '\0';
    if (value != NULL && text_equal(part, "partners"))
        return argument_number("seed", "--scale partners", value, DEMO_PARTNERS, DEMO_PARTNERS_MAX,
                               &options->partners);
    if (value != NULL && text_equal(part, "leads"))
        return argument_number("seed", "--scale leads", value, 0, DEMO_LEADS_MAX, &options->leads);
    fprintf(stderr, "tessera seed: --scale is a list like partners=1000,leads=50000.\n");
    return false;
}

static bool read_scale(const char *scale, struct demo_options *options) {
    char *copy = strdup(scale);
    bool fine = copy != NULL;
    for (char *part = copy; fine && part != NULL;) {
        char *comma = strchr(part, ',');
        if (comma != NULL)
            *comma++ = '\0';
        fine = read_scale_part(part, options);
        part = comma;
    }
    free(copy);
    return fine;
}

static bool read_base(const char *base, time_t *until) {
    struct tm tm = {.tm_year = 0};
    const char *end = strptime(base, "%Y-%m-%d", &tm);
    if (end == NULL || *end != '\0' || strlen(base) != 10) {
        fprintf(stderr, "tessera seed: --base is a date like 2026-11-20.\n");
        return false;
    }
    *until = timegm(&tm);
    return true;
}

static bool read_call(int argc, char **argv, struct call *call, struct demo_options *options) {
    const struct argument list[] = {
        {"--seed", &call->seed, NULL},   {"--scale", &call->scale, NULL},
        {"--base", &call->base, NULL},   {"--no-files", NULL, &call->no_files},
        {"--quiet", NULL, &call->quiet},
    };
    long seed = DEMO_SEED;
    if (!arguments_read("seed", argc, argv, list, sizeof list / sizeof *list, usage))
        return false;
    if (call->seed != NULL && !argument_number("seed", "--seed", call->seed, 0, 1000000000, &seed))
        return false;
    *options = (struct demo_options){
        .seed = (uint64_t)seed,
        .partners = DEMO_PARTNERS,
        .leads = DEMO_LEADS,
        .until = clock_now() / 3600 * 3600,
        .asked = call->seed != NULL || call->scale != NULL,
    };
    if (call->scale != NULL && !read_scale(call->scale, options))
        return false;
    return call->base == NULL || read_base(call->base, &options->until);
}

/* What the demo is made from lies beside the migrations. */
static void texts_find(const struct config *config, char *out, size_t size) {
    const char *slash = strrchr(config->migrations, '/');
    int length = slash != NULL ? (int)(slash - config->migrations) : 1;
    snprintf(out, size, "%.*s/seed", length, slash != NULL ? config->migrations : ".");
}

static int seed(const struct config *config, const struct call *call,
                struct demo_options *options) {
    char texts[4096], error[1024];
    texts_find(config, texts, sizeof texts);
    options->texts = texts;
    options->files = call->no_files ? NULL : config->files;
    options->cost = config->argon2;
    int64_t begun = clock_monotonic_us();
    struct db *db = db_new(config->database_owner, 0);
    enum demo_outcome outcome;
    enum err err =
        demo_seed(db, options, call->quiet ? NULL : stdout, &outcome, error, sizeof error);
    db_free(db);
    if (err != OK) {
        fprintf(stderr, "tessera seed: %s\n", error);
        return EXIT_FAILURE;
    }
    if (!call->quiet && outcome == DEMO_WAS_THERE)
        puts("A demo is there already; nothing was changed.");
    else if (!call->quiet)
        printf(
            "The demo is there after %.1f s: %ld partners, %ld leads. Every demo account has the "
            "password %s.\n",
            (double)(clock_monotonic_us() - begun) / 1e6, options->partners, options->leads,
            DEMO_PASSWORD);
    return EXIT_SUCCESS;
}

int cmd_seed(int argc, char **argv) {
    if (command_help(argc, argv, usage))
        return EXIT_SUCCESS;
    struct config config;
    struct demo_options options;
    struct call call = {.seed = NULL};
    command_config(&argc, argv, &config);
    int status = EXIT_USAGE;
    if (read_call(argc, argv, &call, &options))
        status = seed(&config, &call, &options);
    config_free(&config);
    return status;
}
