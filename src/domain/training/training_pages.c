#include "core/i18n.h"
#include "core/text.h"
#include "domain/training/training.h"
#include <jansson.h>

/* What was chosen for a question when the quiz was sent; NULL when nothing was. */
static const char *chosen_for(const struct ctx *ctx, const char *question_id) {
    return params_get(ctx->request->form, arena_printf(ctx->arena, "q-%s", question_id));
}

static void add_options(struct ctx *ctx, struct model *question, const char *options,
                        const char *chosen) {
    struct model_list *list = model_set_list(question, "options");
    json_t *parsed = json_loads(options, 0, NULL), *option;
    size_t i;
    json_array_foreach(parsed, i, option) {
        struct model *entry = model_list_add(list);
        const char *number = arena_printf(
            ctx->arena, "%lld", (long long)json_integer_value(json_object_get(option, "number")));
        model_set_text(entry, "number", number);
        model_set_text(
            entry, "text",
            arena_strdup(ctx->arena, json_string_value(json_object_get(option, "text"))));
        model_set_bool(entry, "chosen", text_equal(number, chosen));
    }
    json_decref(parsed);
}

static const char not_open_yet[] = N_("Finish the modules before this one first.");

enum err module_show(struct ctx *ctx) {
    /* A module that is not open yet exists, but shows nothing of itself. */
    if (!rows_true(ctx_rows(ctx, Q_module), 0, "open"))
        return ctx_fail(ctx, ERR_FORBIDDEN, not_open_yet);
    const struct rows *rows = ctx_rows(ctx, Q_module_questions);
    struct model_list *questions = model_set_list(ctx->page, "questions");
    bool sent = ctx->request->method == METHOD_POST;
    for (size_t i = 0; i < rows->nrows; i++) {
        static const char *const copied[] = {"id", "position", "prompt", "answer_text",
                                             "explanation"};
        struct model *question = model_list_add(questions);
        for (size_t c = 0; c < sizeof copied / sizeof *copied; c++)
            model_set_text(question, copied[c], rows_get(rows, i, copied[c]));
        const char *chosen = chosen_for(ctx, rows_get(rows, i, "id"));
        model_set_bool(question, "missing", sent && !chosen);
        add_options(ctx, question, rows_get(rows, i, "options"), chosen);
    }
    return OK;
}

static enum err send_file(struct ctx *ctx, enum query query, const char *content_type) {
    if (!rows_true(ctx_rows(ctx, query), 0, "open"))
        return ctx_fail(ctx, ERR_FORBIDDEN, not_open_yet);
    const char *file = ctx_column(ctx, query, "file");
    response_file(ctx->response, arena_printf(ctx->arena, "/protected/%s", file), content_type,
                  file, true);
    return OK;
}

enum err module_video(struct ctx *ctx) {
    return send_file(ctx, Q_module_video, "video/webm");
}

enum err module_captions(struct ctx *ctx) {
    return send_file(ctx, Q_module_captions, "text/vtt; charset=utf-8");
}

enum err module_complete_post(struct ctx *ctx) {
    const char *next = ctx_column(ctx, Q_module, "next_id"),
               *course = ctx_column(ctx, Q_module, "course_id");
    enum err err = ctx_run(ctx, Q_module_complete);
    if (err)
        return err;
    ctx_set(ctx, "next", next);
    ctx_set(ctx, "course", course);
    return ctx_redirect(ctx, next ? "/training/modules/{next}" : "/training/{course}",
                        next ? N_("Done. On to the next.") : N_("Done. That was the last module."));
}

/* Answers come as fields named q-<question id>; what isn't one of this quiz's questions is passed
 * over. */
enum err quiz_post(struct ctx *ctx) {
    const struct rows *questions = ctx_rows(ctx, Q_module_questions);
    json_t *answers = json_object();
    for (size_t i = 0; i < questions->nrows; i++) {
        const char *id = rows_get(questions, i, "id");
        const char *chosen = chosen_for(ctx, id);
        if (chosen)
            json_object_set_new(answers, id, json_string(chosen));
    }
    char *text = json_dumps(answers, JSON_COMPACT);
    ctx_set(ctx, "answers", arena_strdup(ctx->arena, text));
    free(text);
    size_t given = json_object_size(answers);
    json_decref(answers);
    if (given < questions->nrows)
        return ctx_fail(
            ctx, ERR_INVALID,
            N_("Answer every question, then send the quiz again. Nothing was counted as a try."));

    enum err err = ctx_run(ctx, Q_quiz_grade);
    if (err)
        return err;
    bool passed = rows_true(ctx_rows(ctx, Q_quiz_grade), 0, "passed");
    return ctx_redirect(ctx, passed ? "/training/modules/{id}" : "/training/modules/{id}?again=1",
                        passed
                            ? N_("Passed. Well done.")
                            : N_("Not passed this time. Read it through once more and try again."));
}
