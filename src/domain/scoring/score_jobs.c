#include "core/buf.h"
#include "core/text.h"
#include "domain/scoring/scoring.h"

enum { PORTION = 500, TEXT_MAX = 1 << 20 };

void score_facts_read(const struct rows *rows, size_t row, struct score_facts *out) {
    *out = (struct score_facts){
        .email = rows_true(rows, row, "email"),
        .phone = rows_true(rows, row, "phone"),
        .budgets = rows_long(rows, row, "budgets"),
        .financing = rows_get(rows, row, "financing"),
        .has_move_in = rows_get(rows, row, "move_in_days") != NULL,
        .move_in_days = rows_long(rows, row, "move_in_days"),
        .wishes = rows_long(rows, row, "wishes"),
        .letters = rows_long(rows, row, "letters"),
        .source = rows_get(rows, row, "source"),
        .partner_won = rows_long(rows, row, "partner_won"),
        .partner_closed = rows_long(rows, row, "partner_closed"),
    };
}

/* Codes and figures: nothing in it needs to be escaped. */
static void put_score(struct buf *out, const char *lead, const struct score *score) {
    buf_printf(out, "%s{\"lead\":\"%s\",\"score\":%ld,\"reasons\":[", out->len > 1 ? "," : "", lead,
               score->points);
    for (size_t i = 0; i < SCORE_SIDES; i++)
        buf_printf(out, "%s{\"code\":\"%s\",\"points\":%ld,\"most\":%ld}", i > 0 ? "," : "",
                   score->reasons[i].code, score->reasons[i].points, score->reasons[i].most);
    buf_puts(out, "]}");
}

static const char *judge(struct arena *arena, const struct rows *leads,
                         const struct score_model *model) {
    struct buf out;
    buf_init(&out, TEXT_MAX);
    buf_putc(&out, '[');
    for (size_t i = 0; i < leads->nrows; i++) {
        struct score_facts facts;
        struct score score;
        score_facts_read(leads, i, &facts);
        if (model)
            score_by_model(&facts, model, &score);
        else
            score_by_rule(&facts, &score);
        put_score(&out, rows_get(leads, i, "lead_id"), &score);
    }
    buf_putc(&out, ']');
    const char *text = buf_overflowed(&out) ? NULL : arena_strdup(arena, buf_text(&out));
    buf_free(&out);
    return text;
}

enum err scores_work(struct job *job) {
    struct score_model learned;
    enum err err = job_run(job, Q_score_model);
    if (err)
        return err;
    bool by_model = job->rows->nrows > 0;
    params_set(job->params, "model", rows_get(job->rows, 0, "version"));
    if (by_model && !score_model_read(rows_get(job->rows, 0, "weights"), &learned))
        return job_explain(job, ERR_INVALID, "The weights of the model in force cannot be read.");
    params_set(job->params, "limit", arena_printf(job->arena, "%d", PORTION));
    err = job_run(job, Q_scores_next);
    if (err || job->rows->nrows == 0)
        return err;
    const char *scores = judge(job->arena, job->rows, by_model ? &learned : NULL);
    if (!scores)
        return job_explain(job, ERR_INVALID, "A portion of scores is larger than it can be.");
    params_set(job->params, "scores", scores);
    return job_run(job, Q_scores_keep);
}
