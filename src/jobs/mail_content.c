#include "jobs/mail_content.h"
#include "core/text.h"
#include <jansson.h>

enum { DIGEST_MAX = 100, DATA_MEMBERS_MAX = 32 };

/* Mails that show a row which no reader's eyes are needed for: members of `data` are the statement's parameters. */
static const struct {
    const char *template;
    enum query query;
} sources[] = {
    {"ops", Q_send_ops},
};

/* ── The model ── */

static struct model *model_of(const struct send_job *job, const struct outgoing *out, const char *unsubscribe) {
    struct model *model = model_new(job->job.arena, NULL);
    model_set_text(model, "programme", out->programme);
    model_set_text(model, "support_email", text_blank(out->support_email) ? NULL : out->support_email);
    model_set_text(model, "name", out->user_name);
    model_set_text(model, "template", out->template);
    model_set_text(model, "locale", out->locale);
    model_set_text(model, "unsubscribe", unsubscribe);
    model_set_text(model, "kind", out->label);
    model_set_text(model, "settings", out->user_id != NULL ? outgoing_link(job, "/account/notifications") : NULL);
    (void)model_set_json(model, "data", out->data);
    return model;
}

static bool end(struct send_job *job, enum err err) {
    if (err != OK)
        outgoing_failed(job, err);
    return err == OK;
}

static bool add_event(struct send_job *job, const struct outgoing *out, struct model *model) {
    struct told told;
    if (!outgoing_tell_one(job, out, &told))
        return false;
    model_set_text(model, "sentence", told.sentence);
    model_set_text(model, "link", outgoing_link(job, told.href));
    return true;
}

/* The ids in data.notifications. */
static size_t read_ids(struct send_job *job, const char *data, const char *ids[DIGEST_MAX]) {
    json_t *object = json_loads(data, 0, NULL), *item;
    size_t i, count = 0;
    json_array_foreach(json_object_get(object, "notifications"), i, item) {
        if (count < DIGEST_MAX && text_is_uuid(json_string_value(item)))
            ids[count++] = arena_strdup(job->job.arena, json_string_value(item));
    }
    json_decref(object);
    return count;
}

static bool add_digest(struct send_job *job, const struct outgoing *out, struct model *model) {
    const char *ids[DIGEST_MAX];
    struct told *told = arena_array(job->job.arena, DIGEST_MAX, sizeof *told);
    size_t count = 0, nids = read_ids(job, out->data, ids);
    if (out->user_id == NULL)
        return end(job, job_explain(&job->job, ERR_INVALID, "A digest is for somebody with an account."));
    if (!end(job, outgoing_tell(job, out, ids, nids, told, &count)))
        return false;
    if (count == 0) {
        outgoing_ended(job, "cancelled", "What it is about is not there any more, or not theirs to see.");
        return false;
    }
    struct model_list *items = model_set_list(model, "items");
    for (size_t i = 0; i < count; i++) {
        struct model *item = model_list_add(items);
        model_set_text(item, "sentence", told[i].sentence);
        model_set_text(item, "link", outgoing_link(job, told[i].href));
        model_set_typed(item, "at", told[i].at, COLUMN_TIMESTAMP);
    }
    model_set_int(model, "count", (long)count);
    model_set_text(model, "link", outgoing_link(job, "/notifications"));
    return true;
}

static void add_params(struct send_job *job, const char *data) {
    json_t *object = json_loads(data, 0, NULL), *value;
    const char *name;
    size_t count = 0;
    json_object_foreach(object, name, value) {
        char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        if (count++ < DATA_MEMBERS_MAX && params_find(job->job.params, name) == NULL)
            params_add(job->job.params, arena_strdup(job->job.arena, name),
                       arena_strdup(job->job.arena, text != NULL ? text : json_string_value(value)));
        free(text);
    }
    json_decref(object);
}

/* A statement's row, where the template has one. Its rows live until this returns to the caller of begin(). */
static bool add_row(struct send_job *job, const struct outgoing *out, struct model *model) {
    const struct rows *rows;
    size_t i = 0, count = sizeof sources / sizeof *sources;
    while (i < count && !text_equal(sources[i].template, out->template))
        i++;
    if (i == count)
        return true;
    add_params(job, out->data);
    if (!end(job, send_load(job, &sources[i].query, 1, &rows)))
        return false;
    if (rows->nrows == 0) {
        outgoing_ended(job, "cancelled", "What it is about is not there any more.");
        return false;
    }
    model_set_rows(model, query_info(sources[i].query)->name, rows);
    const char *href = rows_get(rows, 0, "href");
    model_set_text(model, "link", href != NULL ? outgoing_link(job, href) : NULL);
    return true;
}

/* ── What the portal wrote ── */

static bool is_link(const char *text) {
    return (text_starts(text, "https://") || text_starts(text, "http://")) && strpbrk(text, " \n") == NULL;
}

/* Paragraphs are parted by empty lines; one that is an address and nothing else becomes a button. */
static void add_paragraphs(struct send_job *job, const char *body, struct model *model) {
    struct model_list *paragraphs = model_set_list(model, "paragraphs");
    while (*body != '\0') {
        const char *gap = strstr(body, "\n\n");
        size_t size = gap != NULL ? (size_t)(gap - body) : strlen(body);
        char *text = text_trim(arena_strndup(job->job.arena, body, size));
        body += size + (gap != NULL ? 2 : 0);
        if (*text == '\0')
            continue;
        struct model *paragraph = model_list_add(paragraphs);
        model_set_text(paragraph, "text", is_link(text) ? NULL : text);
        model_set_text(paragraph, "link", is_link(text) ? text : NULL);
    }
}

/* ── Both parts ── */

static bool add_what_it_shows(struct send_job *job, const struct outgoing *out, struct model *model) {
    if (*out->body != '\0') {
        add_paragraphs(job, out->body, model);
        return true;
    }
    if (text_equal(out->template, "event"))
        return add_event(job, out, model);
    if (text_equal(out->template, "digest"))
        return add_digest(job, out, model);
    return add_row(job, out, model);
}

/* The first line is the subject. */
static void split_subject(struct arena *arena, const char *whole, struct mail_content *content) {
    whole += strspn(whole, " \r\n");
    size_t line = strcspn(whole, "\n");
    content->subject = text_trim(arena_strndup(arena, whole, line));
    content->text = arena_printf(arena, "%s\n", text_trim(arena_strdup(arena, whole + line)));
}

/* As it stands; one that can be ended says how. */
static enum err written_text(struct send_job *job, const struct outgoing *out, struct model *model, const char *unsubscribe,
                             struct mail_content *content) {
    content->subject = out->subject;
    content->text = out->body;
    if (unsubscribe == NULL)
        return OK;
    model_set_text(model, "body", out->body);
    return outgoing_render(job, out, "mail/written", model, &content->text);
}

static enum err render_text(struct send_job *job, const struct outgoing *out, struct model *model, const char *unsubscribe,
                            struct mail_content *content) {
    const char *whole, *name = arena_printf(job->job.arena, "mail/%s", out->template);
    if (*out->body != '\0')
        return written_text(job, out, model, unsubscribe, content);
    if (!template_set_has(send_templates(job->sender), name))
        return job_explain(&job->job, ERR_INVALID, arena_printf(job->job.arena, "There is no template %.90s.", name));
    enum err err = outgoing_render(job, out, name, model, &whole);
    if (err == OK)
        split_subject(job->job.arena, whole, content);
    return err;
}

static enum err render_html(struct send_job *job, const struct outgoing *out, struct model *model, struct mail_content *content) {
    const char *name = *out->body != '\0' ? "html/written" : arena_printf(job->job.arena, "html/%s", out->template);
    content->html = NULL;
    if (!template_set_has(send_templates(job->sender), name))
        return OK;
    model_set_text(model, "subject", content->subject);
    return outgoing_render_html(job, out, name, model, &content->html);
}

bool mail_content_make(struct send_job *job, const struct outgoing *out, const char *unsubscribe, struct mail_content *content) {
    struct model *model = model_of(job, out, unsubscribe);
    if (!add_what_it_shows(job, out, model))
        return false;
    enum err err = render_text(job, out, model, unsubscribe, content);
    if (err == OK)
        err = render_html(job, out, model, content);
    return end(job, err);
}
