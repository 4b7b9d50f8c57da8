#include "core/text.h"
#include "domain/imports/import_words.h"
#include "domain/imports/imports.h"
#include "view/messages.h"
#include <limits.h>

enum err import_list_prepare(struct ctx *ctx) {
    if (ctx->session.audience == AUDIENCE_STAFF)
        ctx_set(ctx, "staff", "true");
    return OK;
}

enum err import_list_page(struct ctx *ctx) {
    model_set_bool(ctx->page, "staff", ctx->session.audience == AUDIENCE_STAFF);
    return OK;
}

/* ── One import ── */

/* What the person agrees to: this look at these rows. */
static const char *look_of(struct ctx *ctx, enum query query) {
    return arena_printf(ctx->arena, "%s.%s.%s.%s", ctx_column(ctx, query, "version"),
                        ctx_column(ctx, query, "good"), ctx_column(ctx, query, "bad"),
                        ctx_column(ctx, query, "duplicates"));
}

static const char *delimiter_word(const char *charset, const char *delimiter) {
    if (text_equal(charset, "XLSX"))
        return NULL;
    switch (*delimiter) {
    case ';':
        return _("semicolons");
    case '\t':
        return _("tabs");
    case '|':
        return _("bars");
    default:
        return _("commas");
    }
}

enum err import_page(struct ctx *ctx) {
    const struct rows *import = ctx_rows(ctx, Q_import_get);
    if (text_equal(rows_get(import, 0, "state"), "new") && rows_true(import, 0, "may_go_on"))
        return ctx_redirect(ctx, "/leads/imports/{id}/columns", NULL);
    long good = rows_long(import, 0, "good"), duplicates = rows_long(import, 0, "duplicates");
    form_set(ctx->form, "seen", look_of(ctx, Q_import_get));
    model_set_bool(ctx->page, "staff", ctx->session.audience == AUDIENCE_STAFF);
    model_set_text(ctx->page, "delimiter_word", delimiter_word(rows_get(import, 0, "charset"), rows_get(import, 0, "delimiter")));
    model_set_int(ctx->page, "refused", rows_long(import, 0, "bad") + duplicates);
    model_set_int(ctx->page, "left_out",
                  rows_long(import, 0, "rows") - rows_long(import, 0, "imported"));
    model_set_bool(ctx->page, "importable", good + duplicates > 0);
    const char *problem = rows_get(import, 0, "problem");
    model_set_text(ctx->page, "import_problem", problem ? messages_text(problem) : NULL);
    import_summary_show(ctx, "problems", rows_get(import, 0, "summary"));
    import_rows_show(ctx, "row_list", ctx_rows(ctx, Q_import_first_rows), SIZE_MAX,
                     rows_get(import, 0, "mapping"));
    return OK;
}

/* ── Going on with it ── */

/* What is left out is left out because the person says so, never by itself. */
static enum err check_choice(struct ctx *ctx, long good, long bad, long duplicates,
                             bool with_duplicates) {
    bool leaves_out = bad > 0 || (duplicates > 0 && !with_duplicates);
    if (good + (with_duplicates ? duplicates : 0) == 0)
        return ctx_field_error(
            ctx, NULL,
            N_("There is no row that could be imported. Correct the file and send it again."));
    if (leaves_out && !text_equal(form_value(ctx->form, "leave_out"), "true"))
        return ctx_field_error(ctx, "leave_out",
                               N_("Some rows cannot be imported. Tick this box to leave them out, "
                                  "or correct the file and send it again."));
    return OK;
}

enum err import_commit_post(struct ctx *ctx) {
    const struct rows *import = ctx_rows(ctx, Q_import_lock);
    if (!text_equal(rows_get(import, 0, "state"), "checked"))
        return ERR_CONFLICT; /* somebody was quicker, perhaps with a second click */
    if (!text_equal(form_value(ctx->form, "seen"), look_of(ctx, Q_import_lock)))
        return ctx_field_error(
            ctx, NULL,
            N_("The numbers have changed since you looked. Look at them again, then import."));
    long good = rows_long(import, 0, "good"), duplicates = rows_long(import, 0, "duplicates");
    bool with_duplicates = text_equal(form_value(ctx->form, "with_duplicates"), "true");
    enum err err =
        check_choice(ctx, good, rows_long(import, 0, "bad"), duplicates, with_duplicates);
    if (err)
        return err;
    const struct field *consent = import_commit_form.fields;
    while (!text_equal(consent->name, "consent"))
        consent++;
    ctx_set(ctx, "consent_text", messages_text(consent->label));
    ctx_set(ctx, "confirmed",
            arena_printf(ctx->arena, "%ld", good + (with_duplicates ? duplicates : 0)));
    err = ctx_run(ctx, Q_import_start);
    return err ? err : ctx_redirect(ctx, "/leads/imports/{id}", NULL);
}

enum err import_cancel_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_import_cancel);
    return err ? err
               : ctx_redirect(ctx, "/leads/imports",
                              N_("The import was cancelled; what the file held is deleted."));
}
