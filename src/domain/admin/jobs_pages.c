#include "core/i18n.h"
#include "domain/admin/admin.h"

static const struct choice state_choices[] = {
    {"ready", N_("Waiting")}, {"running", N_("Running")}, {"dead", N_("Put aside")}, {NULL, NULL}};
static const struct field filter_fields[] = {
    {.name = "state", .kind = FIELD_CHOICE, .label = N_("State"), .choices = state_choices},
    {.name = "kind", .kind = FIELD_CHOICE, .label = N_("Kind"), .options = "job_kind_options"},
    {0},
};
const struct form_spec job_filters = {.fields = filter_fields};
const struct list_spec job_list_spec = {.query = Q_job_list, .page_size = 50, .filename = "jobs"};

static const struct field revive_fields[] = {
    {.name = "kind", .kind = FIELD_HIDDEN, .label = N_("Kind"), .max = 64},
    {0},
};
const struct form_spec job_revive_form = {.fields = revive_fields};

/* It may have run, or been taken up, while somebody looked at it. */
static enum err answer(struct ctx *ctx, enum query query, const char *notice) {
    enum err err = ctx_run(ctx, query);
    if (err)
        return err;
    bool done = rows_true(ctx_rows(ctx, query), 0, "done");
    return ctx_redirect(ctx, "/admin/jobs",
                        done ? notice : N_("This job is not waiting any more."));
}

enum err job_retry_post(struct ctx *ctx) {
    return answer(ctx, Q_job_retry, N_("The job runs as soon as a daemon is free."));
}

enum err job_cancel_post(struct ctx *ctx) {
    return answer(ctx, Q_job_cancel, N_("The job is deleted."));
}

enum err jobs_revive_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_jobs_retry_dead);
    return err ? err
               : ctx_redirect(ctx, "/admin/jobs",
                              N_("They run again, as soon as a daemon is free."));
}
