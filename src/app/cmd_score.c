#include "app/arguments.h"
#include "app/commands.h"
#include "app/operation.h"
#include "core/text.h"
#include "domain/scoring/scoring.h"

static const char usage[] =
    "Usage: tessera score train [--config FILE]\n"
    "       tessera score list [--config FILE]\n"
    "       tessera score use --version N|rule [--config FILE]\n"
    "Scores of leads are made by a fixed rule, until a model does better (docs/scoring.md).\n"
    "\n"
    "train learns from closed leads, of which there must be 500, tries the model on the newest\n"
    "fifth of them, which it has not seen, and keeps it as a new version. It judges from then on\n"
    "when it tells won leads from lost ones better than the rule does (AUC), and else the rule\n"
    "does. list shows every version. use chooses one by hand.\n";

enum { EXAMPLES_MIN = 500, EXAMPLES_MAX = 200000, HELD_OUT = 5 /* every fifth */ };

static int complain(const char *sentence) {
    fprintf(stderr, "tessera score: %s\n", sentence);
    return EXIT_FAILURE;
}

/* ---- train ---- */

struct examples {
    struct score_facts *facts;
    bool *won;
    double *by_rule, *by_model;
    size_t count, learned; /* from the first of them; the rest is held out */
};

static void examples_read(struct arena *arena, const struct rows *rows, struct examples *out) {
    out->count = rows->nrows;
    out->learned = rows->nrows - rows->nrows / HELD_OUT;
    out->facts = arena_alloc(arena, out->count * sizeof *out->facts);
    out->won = arena_alloc(arena, out->count * sizeof *out->won);
    out->by_rule = arena_alloc(arena, out->count * sizeof *out->by_rule);
    out->by_model = arena_alloc(arena, out->count * sizeof *out->by_model);
    for (size_t i = 0; i < out->count; i++) {
        struct score score;
        score_facts_read(rows, i, &out->facts[i]);
        out->won[i] = rows_true(rows, i, "won");
        score_by_rule(&out->facts[i], &score);
        out->by_rule[i] = (double)score.points;
    }
}

static size_t count_won(const struct examples *examples, size_t from, size_t to) {
    size_t count = 0;
    for (size_t i = from; i < to; i++)
        count += examples->won[i];
    return count;
}

static bool both_outcomes(const struct examples *examples, size_t from, size_t to) {
    size_t count = count_won(examples, from, to);
    return count > 0 && count < to - from;
}

static double auc_of(const struct examples *examples, const double *scores) {
    return score_auc(scores + examples->learned, examples->won + examples->learned,
                     examples->count - examples->learned);
}

static enum err use(struct operation *operation, const char *version, bool *found) {
    const struct rows *rows;
    params_set(operation->params, "version", version);
    enum err err = operation_run(operation, Q_operator_score_use, &rows);
    *found = err == OK && rows_true(rows, 0, "found");
    return err;
}

static int keep(struct operation *operation, const struct examples *examples,
                const struct score_model *model) {
    struct arena *arena = operation->arena;
    const struct rows *rows;
    double auc = auc_of(examples, examples->by_model),
           rule_auc = auc_of(examples, examples->by_rule);
    size_t held_out = examples->count - examples->learned;
    params_set(operation->params, "leads", arena_printf(arena, "%zu", examples->learned));
    params_set(operation->params, "held_out", arena_printf(arena, "%zu", held_out));
    params_set(operation->params, "auc", arena_printf(arena, "%.5f", auc));
    params_set(operation->params, "rule_auc", arena_printf(arena, "%.5f", rule_auc));
    params_set(operation->params, "weights", score_model_write(arena, model));
    if (operation_run(operation, Q_operator_score_insert, &rows) != OK)
        return EXIT_FAILURE;
    const char *version = rows_get(rows, 0, "version");
    bool better = auc > rule_auc, found;
    printf("Version %s learned from %zu closed leads (%zu won).\n", version, examples->learned,
           count_won(examples, 0, examples->learned));
    printf("On the %zu newest, held out: AUC %.3f, the rule's %.3f.\n", held_out, auc, rule_auc);
    puts(better ? "It is better than the rule and judges from now on."
                : "It is no better than the rule, which judges from now on.");
    return use(operation, better ? version : NULL, &found) == OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int score_train_run(struct operation *operation, const char *version) {
    (void)version;
    const struct rows *rows;
    struct examples examples;
    struct score_model model;
    params_set(operation->params, "limit", arena_printf(operation->arena, "%d", EXAMPLES_MAX));
    if (operation_run(operation, Q_operator_score_examples, &rows) != OK)
        return EXIT_FAILURE;
    if (rows->nrows < EXAMPLES_MIN)
        return complain(arena_printf(operation->arena,
                                     "There are %zu closed leads; to learn from them, %d are "
                                     "needed. The rule goes on judging.",
                                     rows->nrows, EXAMPLES_MIN));
    examples_read(operation->arena, rows, &examples);
    if (!both_outcomes(&examples, 0, examples.learned) ||
        !both_outcomes(&examples, examples.learned, examples.count))
        return complain("Among the older or the newer closed leads all have one outcome: nothing "
                        "can be learned or tried.");
    if (!score_train(examples.facts, examples.won, examples.learned, &model))
        return complain("There is not enough memory.");
    for (size_t i = 0; i < examples.count; i++)
        examples.by_model[i] = score_chance(&examples.facts[i], &model);
    return keep(operation, &examples, &model);
}

/* ---- list, use ---- */

static int score_list_run(struct operation *operation, const char *version) {
    (void)version;
    const struct rows *rows;
    if (operation_run(operation, Q_operator_score_models, &rows) != OK)
        return EXIT_FAILURE;
    bool by_rule = true;
    puts("version  made              learned from  tried on    AUC  rule's");
    for (size_t i = 0; i < rows->nrows; i++) {
        bool in_force = rows_true(rows, i, "in_force");
        by_rule = by_rule && !in_force;
        printf("%7s  %s  %12s  %8s  %.5s  %.5s%s\n", rows_get(rows, i, "version"),
               rows_get(rows, i, "created"), rows_get(rows, i, "leads"),
               rows_get(rows, i, "held_out"), rows_get(rows, i, "auc"),
               rows_get(rows, i, "rule_auc"), in_force ? "  in force" : "");
    }
    puts(by_rule ? "   rule  in force" : "   rule");
    return EXIT_SUCCESS;
}

static int score_use_run(struct operation *operation, const char *version) {
    bool found, rule = text_equal(version, "rule");
    long number = 0;
    if (!version || (!rule && !text_to_long(version, 1, 1000000000, &number)))
        return complain("use needs --version with a number that list shows, or rule.");
    if (use(operation, rule ? NULL : version, &found) != OK)
        return EXIT_FAILURE;
    return found ? EXIT_SUCCESS
                 : complain("There is no such version; `tessera score list` shows them.");
}

int cmd_score(int argc, char **argv) {
    static const struct {
        const char *name;
        int (*run)(struct operation *operation, const char *version);
    } actions[] = {{"train", score_train_run}, {"list", score_list_run}, {"use", score_use_run}};
    const char *version = NULL;
    const struct argument list[] = {{"--version", &version, NULL}};
    struct config config;
    if (command_help(argc, argv, usage))
        return EXIT_SUCCESS;
    command_config(&argc, argv, &config);
    int status = EXIT_USAGE;
    size_t i = 0;
    while (i < sizeof actions / sizeof *actions &&
           (argc < 2 || !text_equal(argv[1], actions[i].name)))
        i++;
    if (i == sizeof actions / sizeof *actions) {
        fputs(usage, stderr);
    } else if (arguments_read("score", argc - 1, argv + 1, list, 1, usage)) {
        struct operation operation;
        operation_open(&operation, "score", &config);
        status = actions[i].run(&operation, version);
        operation_close(&operation);
    }
    config_free(&config);
    return status;
}
