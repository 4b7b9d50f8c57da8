#include "core/i18n.h"
#include "core/text.h"
#include "domain/choices/choices.h"
#include "domain/nurture/nurture.h"

static const struct field filter_fields[] = {
    {.name = "q", .kind = FIELD_TEXT, .label = N_("Search"), .max = 100},
    {0},
};
const struct form_spec sequence_filters = {.fields = filter_fields};
const struct list_spec sequence_list_spec = {
    .query = Q_sequence_list, .page_size = 50, .filename = "sequences"};

static const struct choice stop_choices[] = {
    {"intake", NULL}, {"qualified", NULL}, {"active", NULL}, {"won", NULL}, {NULL, NULL}};

/* clang-format off */
static const struct field sequence_fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .label = N_("Name"), .required = true, .max = 80, .missing = N_("Give the sequence a name."),
     .hint = N_("For staff; clients never see it.")},
    {.name = "partner_type", .kind = FIELD_CHOICE, .label = N_("For leads of"), .options = "partner_type_options",
     .hint = N_("A sequence for one type goes before one for all.")},
    {.name = "source", .kind = FIELD_CHOICE, .label = N_("That came by"), .choices = lead_source_choices},
    {.name = "stop_stage", .kind = FIELD_CHOICE, .label = N_("Ends when the lead reaches"), .required = true, .choices = stop_choices,
     .hint = N_("It also ends when the lead is lost or rests, and when the client opts out.")},
    {.name = "version", .kind = FIELD_HIDDEN, .label = N_("Version"), .max = 12},
    {0},
};
static const struct form_conflict sequence_conflicts[] = {
    {"sequences_name_key", "name", N_("There is a sequence of this name already.")},
    {NULL, NULL, NULL},
};
const struct form_spec sequence_form = {.fields = sequence_fields, .conflicts = sequence_conflicts};

static const struct field step_fields[] = {
    {.name = "wait_hours", .kind = FIELD_INT, .label = N_("Hours to wait"), .required = true, .min = 0, .max = 8760,
     .hint = N_("After the step before; the first one, after the lead came. 24 is a day."), .missing = N_("Enter a number of hours, 0 for at once.")},
    {.name = "subject", .kind = FIELD_TEXT, .label = N_("Subject"), .required = true, .max = 120, .missing = N_("Enter the subject.")},
    {.name = "body", .kind = FIELD_AREA, .label = N_("Text"), .required = true, .max = 5000, .rows = 12, .missing = N_("Enter the text."),
     .hint = N_("{{client}}, {{partner}} and {{programme}} become their names. An empty line begins a paragraph.")},
    {0},
};
const struct form_spec sequence_step_form = {.fields = step_fields};

static const struct field switch_fields[] = {
    {.name = "enabled", .kind = FIELD_CHECK, .label = N_("Takes new leads")},
    {0},
};
const struct form_spec sequence_switch_form = {.fields = switch_fields};
static const struct field move_fields[] = {
    {.name = "down", .kind = FIELD_CHECK, .label = N_("Down")},
    {0},
};
const struct form_spec sequence_move_form = {.fields = move_fields};
/* clang-format on */

/* ── Sequences ── */

enum err sequence_new_prepare(struct ctx *ctx) {
    if (ctx->request->method != METHOD_POST)
        form_set(ctx->form, "stop_stage", "active");
    return OK;
}

enum err sequence_insert_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_sequence_insert);
    if (err)
        return err;
    ctx_set(ctx, "id", ctx_column(ctx, Q_sequence_insert, "id"));
    return ctx_redirect(ctx, "/admin/sequences/{id}", N_("Now write its first step."));
}

enum err sequence_update_post(struct ctx *ctx) {
    const char *current = ctx_column(ctx, Q_sequence, "version");
    if (!text_equal(form_value(ctx->form, "version"), current)) {
        form_set(ctx->form, "version", current); /* saving once more goes through */
        return ctx_field_error(ctx, NULL,
                               N_("Somebody changed this sequence in the meantime. What you typed "
                                  "is still here; look at it and save again."));
    }
    enum err err = ctx_run(ctx, Q_sequence_update);
    return err ? err : ctx_redirect(ctx, "/admin/sequences/{id}", N_("Saved."));
}

enum err sequence_switch_post(struct ctx *ctx) {
    bool on = text_equal(form_value(ctx->form, "enabled"), "true");
    enum err err = ctx_run(ctx, Q_sequence_switch);
    if (!err && ctx_rows(ctx, Q_sequence_switch)->nrows == 0)
        err = ctx_fail(ctx, ERR_INVALID, N_("Write a step first: there is nothing to send yet."));
    return err ? err
               : ctx_redirect(ctx, "/admin/sequences/{id}",
                              on ? N_("It is on: new leads that fit are taken in.")
                                 : N_("It is off: no new leads are taken in; those in it go on."));
}

enum err sequence_delete_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_sequence_delete);
    if (!err && ctx_rows(ctx, Q_sequence_delete)->nrows == 0)
        err = ctx_fail(ctx, ERR_INVALID,
                       N_("Leads have been through this sequence, so it stays as a record. Switch "
                          "it off instead."));
    return err ? err : ctx_redirect(ctx, "/admin/sequences", N_("The sequence is deleted."));
}

/* ── Steps ── */

enum err sequence_step_prepare(struct ctx *ctx) {
    if (ctx->request->method != METHOD_POST)
        form_set(ctx->form, "wait_hours", "24");
    return OK;
}

static enum err back(struct ctx *ctx, enum query query, const char *notice) {
    enum err err = ctx_run(ctx, query);
    if (!err && ctx_rows(ctx, query)->nrows == 0)
        err = ERR_NOT_FOUND; /* somebody deleted it meanwhile */
    return err ? err : ctx_redirect(ctx, "/admin/sequences/{id}", notice);
}

enum err sequence_step_insert_post(struct ctx *ctx) {
    return back(ctx, Q_sequence_step_insert, N_("The step is added."));
}

enum err sequence_step_update_post(struct ctx *ctx) {
    return back(ctx, Q_sequence_step_update, N_("The step is saved."));
}

enum err sequence_step_delete_post(struct ctx *ctx) {
    return back(ctx, Q_sequence_step_delete, N_("The step is deleted."));
}

enum err sequence_step_move_post(struct ctx *ctx) {
    return back(ctx, Q_sequence_step_move, NULL);
}

enum err sequence_step_try_post(struct ctx *ctx) {
    return back(ctx, Q_nurture_try, N_("The step is on its way to your own address."));
}

enum err nurture_end_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_nurture_end);
    if (err)
        return err;
    bool done = rows_true(ctx_rows(ctx, Q_nurture_end), 0, "done");
    return ctx_redirect(ctx, "/leads/{id}",
                        done ? N_("The client gets no more mail of the sequence.")
                             : N_("No sequence was running any more."));
}
