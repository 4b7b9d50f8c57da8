#include "jobs/slack.h"
#include "core/secret.h"
#include "core/text.h"
#include "jobs/outgoing.h"
#include "view/messages.h"
#include <jansson.h>

enum { TEXT_MAX = 3000 /* of a section */ };

void slack_escape(struct buf *out, const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '&')
            buf_puts(out, "&amp;");
        else if (*text == '<')
            buf_puts(out, "&lt;");
        else if (*text == '>')
            buf_puts(out, "&gt;");
        else
            buf_putc(out, *text);
    }
}

static const char *escaped(struct arena *arena, const char *text) {
    struct buf out;
    buf_init(&out, TEXT_MAX);
    slack_escape(&out, text);
    const char *copy = arena_strdup(arena, buf_text(&out));
    buf_free(&out);
    return copy;
}

/* What it says, as plain text: lines of mail/ops without its link, which becomes a link of mrkdwn. */
static enum err say(struct send_job *job, const struct outgoing *out, const char **text, const char **link) {
    const struct rows *rows;
    static const enum query query[] = {Q_send_ops};
    json_t *data = json_loads(out->data, 0, NULL);
    long long event = json_integer_value(json_object_get(data, "event"));
    json_decref(data);
    params_set(job->job.params, "event", arena_printf(job->job.arena, "%lld", event));
    enum err err = send_load(job, query, 1, &rows);
    if (err != OK || rows->nrows == 0)
        return err != OK ? err : ERR_NOT_FOUND;
    struct model *model = model_new(job->job.arena, NULL);
    model_set_text(model, "programme", out->programme);
    model_set_rows(model, "send_ops", rows);
    *link = outgoing_link(job, rows_get(rows, 0, "href"));
    return outgoing_render(job, out, "mail/ops_slack", model, text);
}

static void done(void *context, const struct transfer_result *result) {
    struct send_job *job = context;
    struct arena *arena = job->job.arena;
    if (!result->answered) {
        const char *why = arena_printf(arena, "Slack did not answer: %s", result->error);
        if (result->reached)
            send_again(job, why);
        else
            send_later(job, why, 0);
    } else if (result->status == 429) {
        send_later(job, "Slack wants to be left alone for a while.", result->retry_after);
    } else if (result->status >= 500) {
        send_again(job, arena_printf(arena, "Slack has trouble of its own: %ld.", result->status));
    } else if (result->status >= 300) {
        send_refuse(job, arena_printf(arena, "Slack refused it: %ld %.60s", result->status, result->body));
    } else {
        outgoing_sent(job, NULL);
    }
}

static void post(struct send_job *job, const char *text, const char *link) {
    static const char *const headers[] = {"Content-Type: application/json; charset=utf-8", NULL};
    char url[SECRET_TEXT_MAX];
    if (!secret_text_load(send_config(job->sender)->slack_url_file, url)) {
        send_later(job, "The file with Slack's address can't be read.", 0);
        return;
    }
    const char *label = escaped(job->job.arena, _("Open it in the portal"));
    const char *mrkdwn = arena_printf(job->job.arena, "%s\n<%s|%s>", escaped(job->job.arena, text), link, label);
    json_t *message = json_pack("{s:s, s:b, s:b, s:[{s:s, s:{s:s, s:s}}]}", "text", escaped(job->job.arena, text), "unfurl_links", 0,
                                "unfurl_media", 0, "blocks", "type", "section", "text", "type", "mrkdwn", "text", mrkdwn);
    char *body = message != NULL ? json_dumps(message, JSON_COMPACT) : NULL;
    if (body == NULL)
        abort();
    const struct http_call call = {.url = url, .headers = headers, .body = body, .size = strlen(body)};
    transfer_http(send_transfers(job->sender), &call, done, job);
    free(body);
    json_decref(message);
}

void slack_begin(struct sender *sender, struct send_job *job) {
    const char *text, *link;
    struct outgoing *out = outgoing_open(job);
    if (out == NULL)
        return;
    if (*send_config(sender)->slack_url_file == '\0' && !outgoing_is_caught(job)) {
        outgoing_ended(job, "cancelled", "Slack is not set up.");
        return;
    }
    enum err err = say(job, out, &text, &link);
    if (err == ERR_NOT_FOUND)
        outgoing_ended(job, "cancelled", "What it is about is not there any more.");
    else if (err != OK)
        outgoing_failed(job, err);
    else if (outgoing_is_caught(job))
        outgoing_caught(job, "", "", arena_printf(job->job.arena, "%s\n%s", text, link), NULL);
    else
        post(job, text, link);
}
