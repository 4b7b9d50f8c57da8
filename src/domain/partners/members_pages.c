#include "core/i18n.h"
#include "core/text.h"
#include "domain/auth/auth.h"
#include "domain/partners/partners.h"

/* ── Forms ── */

static const struct choice partner_roles[] = {
    {"owner", NULL}, {"sales", NULL}, {"viewer", NULL}, {NULL, NULL}};
static const struct choice staff_roles[] = {
    {"agent", NULL}, {"finance", NULL}, {"support", NULL}, {"admin", NULL}, {NULL, NULL}};

#define NAME_FIELD                                                                                 \
    {                                                                                              \
        .name = "name", .kind = FIELD_TEXT, .label = N_("Name"), .required = true, .max = 120,     \
        .autocomplete = "name", .missing = N_("Enter the person's name.")                          \
    }
#define EMAIL_FIELD                                                                                \
    {                                                                                              \
        .name = "email", .kind = FIELD_EMAIL, .label = N_("Email"), .required = true,              \
        .autocomplete = "email", .hint = N_("The invitation goes there."),                         \
        .missing = N_("Enter the person's email address.")                                         \
    }
#define ROLE_FIELD(of)                                                                             \
    {                                                                                              \
        .name = "role", .kind = FIELD_CHOICE, .label = N_("Role"), .required = true,               \
        .choices = of, .missing = N_("Choose a role.")                                             \
    }

static const struct form_conflict email_taken[] = {
    {"users_email_key", "email", N_("There is an account with this address already.")}, {0}};

static const struct field member_invite_fields[] = {
    EMAIL_FIELD, NAME_FIELD, ROLE_FIELD(partner_roles), {0}};
const struct form_spec member_invite_form = {.fields = member_invite_fields,
                                             .conflicts = email_taken};
static const struct field staff_invite_fields[] = {
    EMAIL_FIELD, NAME_FIELD, ROLE_FIELD(staff_roles), {0}};
const struct form_spec staff_invite_form = {.fields = staff_invite_fields,
                                            .conflicts = email_taken};

static const struct field member_fields[] = {NAME_FIELD, ROLE_FIELD(partner_roles), {0}};
const struct form_spec member_form = {.fields = member_fields};
static const struct field staff_fields[] = {NAME_FIELD, ROLE_FIELD(staff_roles), {0}};
const struct form_spec staff_form = {.fields = staff_fields};

static const struct choice status_choices[] = {{"active", NULL}, {"disabled", NULL}, {NULL, NULL}};
static const struct field status_fields[] = {{.name = "status",
                                              .kind = FIELD_CHOICE,
                                              .label = N_("Status"),
                                              .required = true,
                                              .choices = status_choices},
                                             {0}};
const struct form_spec member_status_form = {.fields = status_fields};

/* ── Whose people ── */

/* list: address of the list of people; below: of one person, without the person's id. */
static enum err people_at(struct ctx *ctx, const char *list, const char *below) {
    const char *user = ctx_get(ctx, "user_id");
    ctx_set(ctx, "people_href", list);
    ctx_set(ctx, "member_href", user ? arena_printf(ctx->arena, "%s/%s", below, user) : NULL);
    return OK;
}

enum err members_of_team(struct ctx *ctx) {
    return people_at(ctx, "/team", "/team");
}

enum err members_of_partner(struct ctx *ctx) {
    const char *id = ctx_get(ctx, "id");
    ctx_set(ctx, "partner_id", id);
    return people_at(ctx, arena_printf(ctx->arena, "/admin/partners/%s", id),
                     arena_printf(ctx->arena, "/admin/partners/%s/people", id));
}

enum err members_of_staff(struct ctx *ctx) {
    return people_at(ctx, "/admin/staff", "/admin/staff");
}

enum err member_page(struct ctx *ctx) {
    model_set_text(ctx->chrome, "people_href", ctx_get(ctx, "people_href"));
    model_set_text(ctx->chrome, "member_href", ctx_get(ctx, "member_href"));
    return OK;
}

/* ── What is done with them ── */

static enum err back_to_list(struct ctx *ctx, enum err err, const char *notice) {
    return err ? err : ctx_redirect(ctx, ctx_get(ctx, "people_href"), notice);
}

static enum err send_invitation(struct ctx *ctx, const char *name) {
    enum err err = invitation_mail(ctx, name);
    return err ? err : ctx_run(ctx, Q_member_invite);
}

enum err member_insert_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_member_insert);
    if (err)
        return err;
    ctx_set(ctx, "user_id", ctx_column(ctx, Q_member_insert, "user_id"));
    err = send_invitation(ctx, ctx_column(ctx, Q_member_insert, "name"));
    return back_to_list(ctx, err, N_("The invitation is on its way."));
}

enum err member_invite_post(struct ctx *ctx) {
    enum err err = send_invitation(ctx, ctx_column(ctx, Q_member, "name"));
    return back_to_list(ctx, err,
                        N_("A new invitation is on its way. The earlier link no longer works."));
}

/* Policies let some see what they may not change: then a statement writes nothing. */
static enum err wrote(struct ctx *ctx, enum err err, enum query query) {
    return !err && ctx_rows(ctx, query)->nrows == 0 ? ERR_NOT_FOUND : err;
}

enum err member_update_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_member_update);
    return back_to_list(ctx, wrote(ctx, err, Q_member_update), N_("Saved."));
}

enum err member_status_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_member_status_set);
    bool disabled = text_equal(ctx_get(ctx, "status"), "disabled");
    return back_to_list(ctx, wrote(ctx, err, Q_member_status_set),
                        disabled ? N_("Disabled, and signed out everywhere.")
                                 : N_("Enabled again."));
}

enum err member_delete_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_member_delete);
    return back_to_list(ctx, wrote(ctx, err, Q_member_delete), N_("The invitation is taken back."));
}
