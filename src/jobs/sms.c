#include "jobs/sms.h"
#include "core/secret.h"
#include "core/text.h"
#include "jobs/outgoing.h"
#include "jobs/sms_text.h"
#include <jansson.h>

enum { FORM_MAX = 64 << 10 };

/* Twilio's codes for numbers that never will: not one, not reachable by SMS, asked to be left alone, a landline. */
static bool is_about_number(long code) {
    return code == 21211 || code == 21217 || code == 21610 || code == 21612 || code == 21614;
}

static void suppress(struct send_job *job, const char *why) {
    static const enum query query[] = {Q_send_suppress};
    const struct rows *rows;
    params_set(job->job.params, "channel", "sms");
    params_set(job->job.params, "detail", why);
    if (send_load(job, query, 1, &rows) != OK)
        return; /* the next one to it will be refused as well */
}

static void refused(struct send_job *job, const struct transfer_result *result, json_t *answer) {
    struct arena *arena = job->job.arena;
    long code = (long)json_integer_value(json_object_get(answer, "code"));
    const char *why = arena_printf(arena, "The SMS provider refused it: %ld, code %ld.", result->status, code);
    if (is_about_number(code))
        suppress(job, why);
    json_decref(answer);
    if (result->status == 401 || result->status == 403 || result->status == 404) /* whoever we are to them, not this SMS */
        send_later(job, arena_printf(arena, "The SMS provider does not let us in: %ld.", result->status), 0);
    else
        send_refuse(job, why);
}

static void done(void *context, const struct transfer_result *result) {
    struct send_job *job = context;
    struct arena *arena = job->job.arena;
    if (!result->answered) {
        const char *why = arena_printf(arena, "The SMS provider did not answer: %s", result->error);
        if (result->reached)
            send_again(job, why);
        else
            send_later(job, why, 0);
        return;
    }
    if (result->status == 429 || result->status >= 500) {
        const char *why = arena_printf(arena, "The SMS provider wants to be left alone for a while: %ld.", result->status);
        if (result->status == 429)
            send_later(job, why, result->retry_after);
        else
            send_again(job, why);
        return;
    }
    json_t *answer = json_loads(result->body, 0, NULL);
    if (result->status >= 300) {
        refused(job, result, answer);
        return;
    }
    const char *sid = json_string_value(json_object_get(answer, "sid"));
    const char *kept = sid != NULL ? arena_strdup(arena, sid) : NULL;
    json_decref(answer);
    outgoing_sent(job, kept);
}

static void give_to_provider(struct send_job *job, const struct outgoing *out, const char *text) {
    const struct config *config = send_config(job->sender);
    static const char *const headers[] = {"Content-Type: application/x-www-form-urlencoded", "Accept: application/json", NULL};
    char token[SECRET_TEXT_MAX];
    if (!secret_text_load(config->sms_token_file, token)) {
        send_later(job, "The file with the SMS provider's token can't be read.", 0);
        return;
    }
    struct buf form;
    buf_init(&form, FORM_MAX);
    transfer_form_field(&form, "To", out->recipient);
    transfer_form_field(&form, text_starts(config->sms_from, "MG") ? "MessagingServiceSid" : "From", config->sms_from);
    transfer_form_field(&form, "Body", text);
    if (*config->sms_callback != '\0')
        transfer_form_field(&form, "StatusCallback", config->sms_callback);
    size_t base = strlen(config->sms_url) - (text_ends(config->sms_url, "/") ? 1 : 0);
    const struct http_call call = {
        .url = arena_printf(job->job.arena, "%.*s/2010-04-01/Accounts/%s/Messages.json", (int)base, config->sms_url, config->sms_account),
        .headers = headers,
        .body = buf_text(&form),
        .size = form.len,
        .user = config->sms_account,
        .password = token,
    };
    params_set(job->job.params, "recipient", out->recipient);
    transfer_http(send_transfers(job->sender), &call, done, job);
    buf_free(&form);
}

void sms_begin(struct sender *sender, struct send_job *job) {
    const struct config *config = send_config(sender);
    struct told told;
    struct outgoing *out = outgoing_open(job);
    bool set_up = *config->sms_url != '\0' && *config->sms_account != '\0' && *config->sms_token_file != '\0' && *config->sms_from != '\0';
    if (out == NULL)
        return;
    if (!set_up && !outgoing_is_caught(job)) {
        outgoing_ended(job, "cancelled", "SMS are not set up.");
        return;
    }
    const char *sentence = out->body, *link = NULL;
    if (*out->body == '\0') {
        if (!outgoing_tell_one(job, out, &told))
            return;
        sentence = arena_printf(job->job.arena, "%s: %s", out->programme, told.sentence);
        link = outgoing_link(job, told.href);
    }
    const char *text = sms_text(job->job.arena, sentence, link, (size_t)config->sms_parts);
    if (outgoing_is_caught(job))
        outgoing_caught(job, "", "", text, NULL);
    else
        give_to_provider(job, out, text);
}
