#include "core/i18n.h"
#include "core/text.h"
#include "domain/files/files.h"
#include "domain/messages/messages.h"

enum { PAGE_SIZE = 30, TEXT_MAX = 5000 /* characters, as messages.text has it */ };

/* clang-format off */
static const struct choice kind_choices[] = {{"lead", N_("About a lead")}, {"share", N_("About a shared lead")},
                                             {"partner", N_("With the programme")}, {NULL, NULL}};
static const struct choice show_choices[] = {{"unread", N_("Unread")}, {"waiting", N_("Waiting for staff")}, {NULL, NULL}};
static const struct field filter_fields[] = {
    {.name = "q", .kind = FIELD_TEXT, .label = N_("Search"), .max = 100},
    {.name = "kind", .kind = FIELD_CHOICE, .label = N_("Conversation"), .choices = kind_choices},
    {.name = "show", .kind = FIELD_CHOICE, .label = N_("Show"), .choices = show_choices},
    {.name = "partner", .kind = FIELD_UUID, .label = N_("Partner")},
    {0},
};
const struct form_spec thread_filters = {.fields = filter_fields};
const struct list_spec thread_list_spec = {.query = Q_thread_list, .page_size = 30, .filename = "messages"};

static const struct field read_fields[] = {
    {.name = "until", .kind = FIELD_HIDDEN, .label = N_("Until"), .required = true, .max = 64},
    {0},
};
const struct form_spec threads_read_form = {.fields = read_fields};

static const struct field message_fields[] = {
    {.name = "text", .kind = FIELD_AREA, .label = N_("Message"), .max = TEXT_MAX, .rows = 4},
    {.name = "files", .kind = FIELD_FILE, .label = N_("Files"), .multiple = true,
     .accept = FILES_ACCEPT_PICTURES "," FILES_ACCEPT_DOCUMENTS "," FILES_ACCEPT_AUDIO,
     .size_max = FILE_SIZE_MAX, .count_max = FILES_AT_ONCE, .hint = N_("Up to five, 10 MB each: pictures, PDF, office documents, text, recordings.")},
    {.name = "staff_only", .kind = FIELD_CHECK, .label = N_("Note for staff: the partner does not see it")},
    {0},
};
const struct form_spec message_form = {.fields = message_fields};
static const struct field edit_fields[] = {
    {.name = "text", .kind = FIELD_AREA, .label = N_("Message"), .max = TEXT_MAX, .rows = 6},
    {0},
};
const struct form_spec message_edit_form = {.fields = edit_fields};

static const struct file_policy files_of_messages = {
    .kinds = FILE_PICTURE | FILE_DOCUMENT | FILE_AUDIO,
    .size_max = FILE_SIZE_MAX,
    .count_max = FILES_AT_ONCE,
    .refusal = N_("“{value}” is not of a kind that is taken here: pictures, PDF, office documents, plain text and recordings are."),
};
/* clang-format on */

static const char too_late[] = N_("A message can be changed for fifteen minutes. Write another one instead.");

static bool is_staff(const struct ctx *ctx) {
    return ctx->session.audience == AUDIENCE_STAFF;
}

/* ── List ── */

enum err thread_list_prepare(struct ctx *ctx) {
    const char *show = form_value(ctx->form, "show");
    if (text_equal(show, "unread"))
        ctx_set(ctx, "unread", "true");
    if (text_equal(show, "waiting"))
        ctx_set(ctx, "waiting", "true");
    ctx_set(ctx, "filtered", form_value(ctx->form, "q") ? "true" : "false");
    return OK;
}

enum err thread_list_page(struct ctx *ctx) {
    model_set_bool(ctx->page, "staff", is_staff(ctx));
    return OK;
}

enum err threads_read_post(struct ctx *ctx) {
    enum err err = ctx_run(ctx, Q_threads_read);
    return err ? err : ctx_redirect(ctx, "/messages", N_("Everything is marked as read."));
}

/* ── One thread ── */

enum err thread_prepare(struct ctx *ctx) {
    static const char *const cursors[] = {"before", "at"};
    bool at_end = true;
    for (size_t i = 0; i < sizeof cursors / sizeof *cursors && at_end; i++) {
        const char *id = params_get(ctx->request->query, cursors[i]);
        if (!id || !text_is_uuid(id))
            continue;
        ctx_set(ctx, cursors[i], id);
        at_end = false;
    }
    ctx_set(ctx, "at_end", at_end ? "true" : "false");
    return OK;
}

static const char *href_of(struct ctx *ctx, const char *cursor, const char *id) {
    return arena_printf(ctx->arena, "/messages/%s?%s=%s", ctx_column(ctx, Q_thread, "id"), cursor, id);
}

enum err thread_page(struct ctx *ctx) {
    const struct rows *rows = ctx_rows(ctx, Q_thread_messages);
    bool more = rows->nrows > PAGE_SIZE;
    size_t count = more ? PAGE_SIZE : rows->nrows;
    const char *newest = count > 0 ? rows_get(rows, 0, "id") : NULL;
    bool at_end = text_equal(ctx_get(ctx, "at_end"), "true");
    bool later = !at_end && !text_equal(newest, ctx_column(ctx, Q_thread, "last_id"));
    messages_show(ctx, "thread_messages", rows, count,
                  at_end ? rows_long(ctx_rows(ctx, Q_thread_read), 0, "unread") : 0);
    model_set_bool(ctx->page, "staff", is_staff(ctx));
    model_set_text(ctx->page, "earlier_href",
                   more ? href_of(ctx, "before", rows_get(rows, count - 1, "id")) : NULL);
    model_set_text(ctx->page, "later_href", later && newest ? href_of(ctx, "at", newest) : NULL);
    model_set_text(ctx->page, "newest_href",
                   later ? arena_printf(ctx->arena, "/messages/%s", ctx_column(ctx, Q_thread, "id")) : NULL);
    return OK;
}

enum err thread_subject_page(struct ctx *ctx) {
    const char *thread = ctx_column(ctx, Q_thread_subject, "thread_id");
    bool shown_again = ctx->response->status == err_status(ERR_INVALID);
    model_set_bool(ctx->page, "staff", is_staff(ctx));
    if (!thread || shown_again)
        return OK;
    ctx_set(ctx, "thread_id", thread);
    return ctx_redirect(ctx, "/messages/{thread_id}", NULL);
}

/* ── Writing ── */

/* A person keeps what they typed and reads why; a program gets 429. */
static enum err held_back(struct ctx *ctx, enum err err) {
    if (err != ERR_THROTTLED || ctx->request->answer == ANSWER_JSON)
        return err;
    const char *sentence = arena_strdup(ctx->arena, ctx->sorry);
    ctx->sorry = NULL;
    return ctx_field_error(ctx, "text", sentence);
}

static enum err take_files(struct ctx *ctx, struct file_list *files) {
    enum err err = files_take(ctx, "files", &files_of_messages, files);
    if (err)
        return err;
    if (form_valid(ctx->form) && !form_value(ctx->form, "text") && files->count == 0)
        form_error(ctx->form, "text", N_("Write something, or choose a file."));
    return form_valid(ctx->form) ? OK : ERR_INVALID;
}

/* One message with its files into :thread_id, and on to where it stands. */
static enum err write_message(struct ctx *ctx, const struct file_list *files) {
    if (!is_staff(ctx))
        ctx_set(ctx, "staff_only", NULL); /* whatever was sent */
    enum err err = ctx_run(ctx, Q_message_insert);
    if (err)
        return held_back(ctx, err);
    const char *message = ctx_column(ctx, Q_message_insert, "id");
    if (!message)
        return ERR_NOT_FOUND;
    ctx_set(ctx, "message_id", message);
    for (size_t i = 0; i < files->count; i++)
        if ((err = files_keep(ctx, files, i, Q_message_attach)))
            return held_back(ctx, err);
    return ctx_redirect(ctx, "/messages/{thread_id}#m-{message_id}", NULL);
}

enum err message_insert_post(struct ctx *ctx) {
    struct file_list files;
    enum err err = take_files(ctx, &files);
    if (err)
        return err;
    ctx_set(ctx, "thread_id", ctx_get(ctx, "id"));
    return write_message(ctx, &files);
}

enum err thread_begin_post(struct ctx *ctx) {
    struct file_list files;
    enum err err = take_files(ctx, &files);
    if (!err)
        err = ctx_run(ctx, Q_thread_open);
    if (err)
        return err;
    ctx_set(ctx, "thread_id", ctx_column(ctx, Q_thread_open, "thread_id"));
    return write_message(ctx, &files);
}

/* ── Putting right ── */

static bool is_open(const struct ctx *ctx) {
    return rows_true(ctx_rows(ctx, Q_message_own), 0, "editable");
}

enum err message_edit_page(struct ctx *ctx) {
    return is_open(ctx) ? OK : ctx_fail(ctx, ERR_FORBIDDEN, too_late);
}

enum err message_edit_post(struct ctx *ctx) {
    if (!is_open(ctx))
        return ctx_fail(ctx, ERR_FORBIDDEN, too_late);
    if (!form_value(ctx->form, "text") && !rows_true(ctx_rows(ctx, Q_message_own), 0, "has_files"))
        return ctx_field_error(ctx, "text", N_("Write something. To take it back, delete it instead."));
    enum err err = ctx_run(ctx, Q_message_update);
    return err ? err : ctx_redirect(ctx, "/messages/{id}#m-{message_id}", N_("Message changed."));
}

enum err message_delete_post(struct ctx *ctx) {
    if (!is_open(ctx))
        return ctx_fail(ctx, ERR_FORBIDDEN, too_late);
    enum err err = ctx_run(ctx, Q_message_delete);
    return err ? err : ctx_redirect(ctx, "/messages/{id}#m-{message_id}", N_("Message deleted."));
}
