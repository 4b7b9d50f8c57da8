#include "jobs/outgoing.h"
#include "core/text.h"
#include "view/markup.h"
#include "view/messages.h"

enum { TEXT_MAX = 512 << 10, NAME_MAX_SIZE = 96 };

static const char *copy(struct send_job *job, const struct rows *rows, const char *column) {
    const char *value = rows_get(rows, 0, column);
    return value != NULL ? arena_strdup(job->job.arena, value) : NULL;
}

static enum audience audience_of(const char *name) {
    return text_equal(name, "staff") ? AUDIENCE_STAFF : text_equal(name, "partner") ? AUDIENCE_PARTNER : AUDIENCE_VISITOR;
}

static struct outgoing *read_row(struct send_job *job, const struct rows *rows) {
    struct outgoing *out = arena_alloc(job->job.arena, sizeof *out);
    *out = (struct outgoing){
        .id = params_get(job->job.params, "outbox"),
        .channel = copy(job, rows, "channel"),
        .template = copy(job, rows, "template"),
        .recipient = copy(job, rows, "recipient"),
        .subject = copy(job, rows, "subject"),
        .body = copy(job, rows, "body"),
        .user_id = copy(job, rows, "user_id"),
        .user_name = copy(job, rows, "user_name"),
        .audience = audience_of(rows_get(rows, 0, "audience")),
        .locale = copy(job, rows, "locale"),
        .timezone = copy(job, rows, "timezone"),
        .notification_id = copy(job, rows, "notification_id"),
        .data = copy(job, rows, "data"),
        .category = copy(job, rows, "category"),
        .label = copy(job, rows, "label"),
        .thread = copy(job, rows, "thread"),
        .earlier_id = copy(job, rows, "earlier_id"),
        .endpoint = copy(job, rows, "endpoint"),
        .p256dh = copy(job, rows, "p256dh"),
        .auth = copy(job, rows, "auth"),
        .urgent = rows_true(rows, 0, "urgent"),
        .programme = copy(job, rows, "programme_name"),
        .support_email = copy(job, rows, "support_email"),
    };
    return out;
}

struct outgoing *outgoing_open(struct send_job *job) {
    static const enum query open[] = {Q_send_open};
    const struct rows *rows;
    enum err err = send_load(job, open, 1, &rows);
    if (err != OK) {
        outgoing_failed(job, err);
        return NULL;
    }
    const char *verdict = rows_get(rows, 0, "verdict");
    if (text_equal(verdict, "send"))
        return read_row(job, rows);
    outgoing_ended(job, text_equal(verdict, "done") ? NULL : copy(job, rows, "verdict"), copy(job, rows, "why"));
    return NULL;
}

/* ── Words ── */

enum err outgoing_render_html(struct send_job *job, const struct outgoing *out, const char *template, const struct model *model,
                              const char **html) {
    const struct render_options options = {.locale = out->locale, .timezone = out->timezone};
    struct buf buf;
    buf_init(&buf, TEXT_MAX);
    messages_use(out->locale);
    enum err err = template_render(send_templates(job->sender), template, model, &options, &buf);
    if (err == OK && buf_overflowed(&buf))
        err = ERR_TOO_LARGE;
    *html = arena_strdup(job->job.arena, err == OK ? buf_text(&buf) : "");
    buf_free(&buf);
    if (err == OK)
        return OK;
    return job_explain(&job->job, ERR_INVALID,
                       arena_printf(job->job.arena, "The template %s could not be rendered (%s).", template, err_name(err)));
}

enum err outgoing_render(struct send_job *job, const struct outgoing *out, const char *template, const struct model *model,
                         const char **text) {
    const char *html;
    enum err err = outgoing_render_html(job, out, template, model, &html);
    *text = markup_unescape(arena_strdup(job->job.arena, html));
    return err;
}

const char *outgoing_link(const struct send_job *job, const char *href) {
    return arena_printf(job->job.arena, "%s%s", send_config(job->sender)->base_url, href);
}

/* A sentence is one line, however its template was written. */
static const char *one_line(struct arena *arena, const char *text) {
    char *line = arena_strdup(arena, text), *end = line;
    for (const char *c = line; *c != '\0'; c++) {
        bool blank = *c == ' ' || *c == '\n' || *c == '\r' || *c == '\t';
        if (!blank)
            *end++ = *c;
        else if (end > line && end[-1] != ' ')
            *end++ = ' ';
    }
    *end = '\0';
    return text_trim(line);
}

static enum err tell(struct send_job *job, const struct outgoing *out, const struct rows *rows, struct told *told) {
    struct arena *arena = job->job.arena;
    const char *template = rows_get(rows, 0, "template"), *sentence = "";
    if (template == NULL || !template_set_has(send_templates(job->sender), template)) {
        job->job.why = arena_printf(arena, "There is no template %.*s.", NAME_MAX_SIZE, template != NULL ? template : "(none)");
        return ERR_INVALID;
    }
    struct model *model = model_new(arena, NULL);
    for (size_t col = 0; col < rows->ncols; col++)
        model_set_typed(model, rows->cols[col].name, rows_cell(rows, 0, col), rows->cols[col].type);
    enum err err = outgoing_render(job, out, template, model, &sentence);
    *told = (struct told){.sentence = one_line(arena, sentence),
                          .type = arena_strdup(arena, rows_get(rows, 0, "type")),
                          .href = arena_printf(arena, "/notifications/%s", rows_get(rows, 0, "id")),
                          .at = arena_strdup(arena, rows_get(rows, 0, "at"))};
    if (err == OK && *told->sentence == '\0') {
        job->job.why = arena_printf(arena, "The template %.*s says nothing.", NAME_MAX_SIZE, template);
        return ERR_INVALID;
    }
    return err;
}

enum err outgoing_tell(struct send_job *job, const struct outgoing *out, const char *const *ids, size_t nids, struct told *told,
                       size_t *count) {
    const struct rows **rows = arena_array(job->job.arena, nids + 1, sizeof *rows);
    enum err err = send_load_each_as(job, out->user_id, out->audience, Q_notification_one, "notification_id", ids, nids, rows);
    *count = 0;
    for (size_t i = 0; err == OK && i < nids; i++) {
        if (rows[i]->nrows == 0)
            continue;
        err = tell(job, out, rows[i], &told[*count]);
        if (err == OK)
            (*count)++;
    }
    return err;
}

bool outgoing_tell_one(struct send_job *job, const struct outgoing *out, struct told *told) {
    size_t count = 0;
    bool about_one = out->user_id != NULL && out->notification_id != NULL;
    enum err err = about_one ? outgoing_tell(job, out, &out->notification_id, 1, told, &count)
                             : job_explain(&job->job, ERR_INVALID, "It is about no notification.");
    if (err != OK)
        outgoing_failed(job, err);
    else if (count == 0)
        outgoing_ended(job, "cancelled", "What it is about is not there any more, or not theirs to see.");
    return err == OK && count > 0;
}

/* ── Ends ── */

void outgoing_sent(struct send_job *job, const char *provider_id) {
    params_set(job->job.params, "provider_id", provider_id);
    send_end(job, Q_send_sent);
}

void outgoing_ended(struct send_job *job, const char *state, const char *why) {
    params_set(job->job.params, "state", state);
    params_set(job->job.params, "why", why);
    send_end(job, Q_send_ended);
}

void outgoing_failed(struct send_job *job, enum err err) {
    const char *why = !text_blank(job->job.why) ? job->job.why : err_sentence(err);
    if (err == ERR_UNAVAILABLE || err == ERR_CONFLICT || err == ERR_INTERNAL)
        send_again(job, why);
    else
        send_refuse(job, why);
}

void outgoing_caught(struct send_job *job, const char *subject, const char *head, const char *text, const char *html) {
    params_set(job->job.params, "subject", subject);
    params_set(job->job.params, "head", head);
    params_set(job->job.params, "body_text", text);
    params_set(job->job.params, "body_html", html);
    send_end(job, Q_send_caught);
}

bool outgoing_is_caught(const struct send_job *job) {
    return text_equal(send_config(job->sender)->mail_delivery, "catch");
}
