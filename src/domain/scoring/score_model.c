#include "core/buf.h"
#include "core/text.h"
#include "domain/scoring/scoring.h"
#include <jansson.h>
#include <linear.h>
#include <stdlib.h>

/* ── Learning ── */

static void say_nothing(const char *text) {
    (void)text;
}

/* One row for each lead: its levels, each once, and the end. liblinear counts features from 1. */
static bool describe(const struct score_facts *facts, size_t n, struct feature_node **nodes,
                     struct feature_node ***rows) {
    enum { ROW = SCORE_SIDES + 1 };
    *nodes = calloc(n * ROW, sizeof **nodes);
    *rows = calloc(n, sizeof **rows);
    if (!*nodes || !*rows)
        return false;
    for (size_t i = 0; i < n; i++) {
        size_t levels[SCORE_SIDES];
        struct feature_node *row = (*rows)[i] = *nodes + i * ROW;
        score_levels_of(&facts[i], levels); /* in rising order, as liblinear wants them */
        for (size_t side = 0; side < SCORE_SIDES; side++)
            row[side] = (struct feature_node){(int)levels[side] + 1, 1};
        row[SCORE_SIDES].index = -1;
    }
    return true;
}

/* The usual of a side, over all leads, becomes 0, so that a weight says what a level adds to it. */
static void centre(const struct score_facts *facts, size_t n, struct score_model *model) {
    double usual[SCORE_SIDES] = {0};
    for (size_t i = 0; i < n; i++) {
        size_t levels[SCORE_SIDES];
        score_levels_of(&facts[i], levels);
        for (size_t side = 0; side < SCORE_SIDES; side++)
            usual[side] += model->weights[levels[side]] / (double)n;
    }
    for (size_t level = 0; level < score_levels(); level++)
        model->weights[level] -= usual[score_level_side(level)];
    for (size_t side = 0; side < SCORE_SIDES; side++)
        model->bias += usual[side];
}

static void take(const struct model *learned, struct score_model *out) {
    double sign =
        learned->label[0] == 1 ? 1 : -1; /* the weights are those of the label that came first */
    *out = (struct score_model){0};
    for (size_t level = 0; level < score_levels(); level++)
        out->weights[level] = sign * learned->w[level];
    out->bias = sign * learned->w[score_levels()];
}

static bool fit(struct feature_node **rows, double *labels, size_t n, struct score_model *out) {
    static const struct parameter parameter = {.solver_type = L2R_LR, .C = 0.1, .eps = 0.001};
    struct problem problem = {
        .l = (int)n, .n = (int)score_levels() + 1, .y = labels, .x = rows, .bias = -1};
    set_print_string_function(say_nothing);
    struct model *learned =
        check_parameter(&problem, &parameter) ? NULL : train(&problem, &parameter);
    if (!learned || learned->nr_class != 2) {
        free_and_destroy_model(&learned);
        return false;
    }
    take(learned, out);
    free_and_destroy_model(&learned);
    return true;
}

bool score_train(const struct score_facts *facts, const bool *won, size_t n,
                 struct score_model *out) {
    struct feature_node *nodes = NULL, **rows = NULL;
    double *labels = calloc(n > 0 ? n : 1, sizeof *labels);
    size_t nwon = 0;
    for (size_t i = 0; labels && i < n; i++) {
        labels[i] = won[i] ? 1 : 0;
        nwon += won[i];
    }
    bool fine = labels && nwon > 0 && nwon < n && describe(facts, n, &nodes, &rows) &&
                fit(rows, labels, n, out);
    if (fine)
        centre(facts, n, out);
    free(rows);
    free(nodes);
    free(labels);
    return fine;
}

/* ── As text ── */

const char *score_model_write(struct arena *arena, const struct score_model *model) {
    enum { TEXT_MAX = 8192 };
    struct buf text;
    buf_init(&text, TEXT_MAX);
    buf_printf(&text, "{\"bias\":%.6f", model->bias);
    for (size_t level = 0; level < score_levels(); level++)
        buf_printf(&text, ",\"%s\":%.6f", score_level_code(level), model->weights[level]);
    buf_puts(&text, "}");
    const char *kept = arena_strdup(arena, buf_text(&text));
    buf_free(&text);
    return kept;
}

bool score_model_read(const char *text, struct score_model *out) {
    json_t *object = text ? json_loads(text, 0, NULL) : NULL;
    bool fine = json_is_number(json_object_get(object, "bias"));
    *out = (struct score_model){0};
    out->bias = json_number_value(json_object_get(object, "bias"));
    for (size_t level = 0; level < score_levels(); level++)
        out->weights[level] = json_number_value(json_object_get(object, score_level_code(level)));
    json_decref(object);
    return fine;
}
