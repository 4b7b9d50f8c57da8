#include "jobs/mail.h"
#include "core/clock.h"
#include "core/secret.h"
#include "core/text.h"
#include "jobs/mail_content.h"
#include "jobs/mail_message.h"
#include "jobs/mail_reply.h"
#include "jobs/outgoing.h"
#include "jobs/unsubscribe.h"

/* An id for whatever has one: "id@domain of mail_from". */
static const char *message_id(const struct send_job *job, const char *id) {
    return arena_printf(job->job.arena, "%s%s", id, strrchr(send_config(job->sender)->mail_from, '@'));
}

/* Each reader's conversations are their own; what they are about is no secret to be kept from them, but long. */
static const char *conversation_id(const struct send_job *job, const struct outgoing *out) {
    uint8_t digest[SHA256_SIZE];
    char hex[2 * SHA256_SIZE + 1];
    const char *text = arena_printf(job->job.arena, "%s %s", out->thread, out->recipient);
    crypto_sha256(text, strlen(text), digest);
    crypto_hex(digest, sizeof digest, hex);
    return message_id(job, arena_printf(job->job.arena, "about-%.32s", hex));
}

/* OK with *link NULL where the mail is of no kind that can be ended. */
static enum err unsubscribe_link(struct send_job *job, const struct outgoing *out, const char **link) {
    uint8_t key[SHA256_SIZE];
    char token[UNSUBSCRIBE_TOKEN_SIZE];
    *link = NULL;
    if (out->category == NULL)
        return OK;
    if (!secret_key_load(send_config(job->sender)->secret_file, key) || !unsubscribe_token(key, out->id, token))
        return job_explain(&job->job, ERR_INTERNAL, "The portal's secret, which signs the link to unsubscribe, can't be read.");
    *link = outgoing_link(job, arena_printf(job->job.arena, "/unsubscribe/%s", token));
    return OK;
}

static enum err write_message(struct send_job *job, const struct outgoing *out, const struct mail_content *content, const char *unsubscribe,
                              struct buf *head, struct buf *text) {
    const struct config *config = send_config(job->sender);
    const struct mail_message message = {
        .from_name = out->programme,
        .from = config->mail_from,
        .to_name = out->user_name,
        .to = out->recipient,
        .reply_to = out->support_email,
        .subject = content->subject,
        .date = clock_now(),
        .message_id = message_id(job, out->id),
        .conversation = out->thread != NULL ? conversation_id(job, out) : NULL,
        .earlier = out->thread != NULL && out->earlier_id != NULL ? message_id(job, out->earlier_id) : NULL,
        .unsubscribe = unsubscribe,
        .text = content->text,
        .html = content->html,
    };
    enum err err = mail_message_write(&message, head, text);
    if (err == ERR_INVALID)
        return job_explain(&job->job, err, mail_address_fits(out->recipient) ? "The mail has an address or link in it that is none."
                                                                             : "The recipient's address is none.");
    return err == ERR_TOO_LARGE ? job_explain(&job->job, err, "The mail is too long.") : err;
}

/* ── The relay ── */

static void suppress(struct send_job *job, const char *detail) {
    static const enum query query[] = {Q_send_suppress};
    const struct rows *rows;
    params_set(job->job.params, "channel", "email");
    params_set(job->job.params, "detail", detail);
    if (send_load(job, query, 1, &rows) != OK)
        return; /* the next mail to it will be refused as well */
}

static void done(void *context, const struct transfer_result *result) {
    struct send_job *job = context;
    struct arena *arena = job->job.arena;
    const char *reply = mail_reply_text(arena, result);
    switch (mail_judge(result)) {
    case MAIL_TAKEN:
        outgoing_sent(job, NULL);
        return;
    case MAIL_AGAIN:
        send_again(job, arena_printf(arena, "The mail server did not take it this time: %s", reply));
        return;
    case MAIL_RELAY_AWAY:
        send_later(job, arena_printf(arena, "The mail server is away or does not let us in: %s", reply), 0);
        return;
    case MAIL_NO_ADDRESS:
        suppress(job, reply);
        send_refuse(job, arena_printf(arena, "There is no such address: %s", reply));
        return;
    case MAIL_REFUSED:
        break;
    }
    send_refuse(job, arena_printf(arena, "The mail server refused it: %s", reply));
}

static void give_to_relay(struct send_job *job, const struct outgoing *out, const struct buf *text) {
    const struct config *config = send_config(job->sender);
    char password[SECRET_TEXT_MAX] = "";
    if (*config->smtp_password_file != '\0' && !secret_text_load(config->smtp_password_file, password)) {
        send_later(job, "The file with the mail server's password can't be read.", 0);
        return;
    }
    params_set(job->job.params, "recipient", out->recipient);
    const struct smtp_call call = {
        .url = config->smtp_url,
        .user = *config->smtp_user != '\0' ? config->smtp_user : NULL,
        .password = password,
        .plain = config->smtp_plain,
        .from = config->mail_from,
        .to = out->recipient,
        .message = text->data,
        .size = text->len,
    };
    transfer_smtp(send_transfers(job->sender), &call, done, job);
}

void mail_begin(struct sender *sender, struct send_job *job) {
    (void)sender;
    struct mail_content content;
    struct buf head, text;
    const char *unsubscribe;
    if (text_equal(send_config(job->sender)->mail_delivery, "off")) {
        send_later(job, "mail_delivery is off.", 60);
        return;
    }
    struct outgoing *out = outgoing_open(job);
    if (out == NULL)
        return;
    enum err err = unsubscribe_link(job, out, &unsubscribe);
    if (err != OK) {
        outgoing_failed(job, err);
        return;
    }
    if (!mail_content_make(job, out, unsubscribe, &content))
        return;
    buf_init(&head, MAIL_MESSAGE_MAX);
    buf_init(&text, MAIL_MESSAGE_MAX);
    err = write_message(job, out, &content, unsubscribe, &head, &text);
    if (err != OK)
        outgoing_failed(job, err);
    else if (outgoing_is_caught(job))
        outgoing_caught(job, content.subject, arena_strdup(job->job.arena, buf_text(&head)), content.text, content.html);
    else
        give_to_relay(job, out, &text);
    buf_free(&head);
    buf_free(&text);
}
