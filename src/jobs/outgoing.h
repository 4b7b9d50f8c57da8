/*
 * outgoing.h - a row of the outbox on its way out, whatever its channel: opened, put into words, ended.
 *
 * What is said of a notification is read now, through the eyes of whom it is for (send_load_each_as): what they may no
 * longer see is in no message that waited. Everything lives in the job's arena.
 */
#ifndef TESSERA_JOBS_OUTGOING_H
#define TESSERA_JOBS_OUTGOING_H

#include "jobs/send.h"
#include "view/model.h"

struct outgoing {
    const char *id;
    const char *channel, *template, *recipient;
    const char *subject, *body; /* as the portal wrote them; "" where a template does */
    const char *user_id, *user_name; /* NULL: somebody without an account */
    enum audience audience;
    const char *locale, *timezone;
    const char *notification_id; /* or NULL */
    const char *data;            /* JSON */
    const char *category, *label; /* what `unsubscribe` ends, and what people call it; or NULL */
    const char *thread, *earlier_id; /* or NULL */
    const char *endpoint, *p256dh, *auth;       /* push; or NULL */
    bool urgent;
    const char *programme, *support_email;
};

/* One notification in words. href: by way of the notification, so that it counts as read once somebody looks. */
struct told {
    const char *sentence; /* plain text, one line */
    const char *type, *href, *at;
};

/* The row of the job's payload. NULL: there is nothing (more) to send, and the job has ended. */
struct outgoing *outgoing_open(struct send_job *job);
/* Of these notifications those that their reader may still see, in order. *count: how many. ERR_INVALID: one of them can't
 * be put into words, job->why says it. */
enum err outgoing_tell(struct send_job *job, const struct outgoing *out, const char *const *ids, size_t nids, struct told *told,
                       size_t *count) CHECKED;
/* A template as plain text, or as the HTML that it is. ERR_INVALID, explained, when it can't be. */
enum err outgoing_render(struct send_job *job, const struct outgoing *out, const char *template, const struct model *model,
                         const char **text) CHECKED;
enum err outgoing_render_html(struct send_job *job, const struct outgoing *out, const char *template, const struct model *model,
                              const char **html) CHECKED;
/* "/leads/…" with the portal's address in front. */
const char *outgoing_link(const struct send_job *job, const char *href);
/* The notification of a row that is about one. False: the job has ended (cancelled, refused or to be tried again). */
bool outgoing_tell_one(struct send_job *job, const struct outgoing *out, struct told *told);

/* Ends of the job: it left (provider_id: what the other side calls it, or NULL); it won't ("cancelled", "suppressed");
 * an error of ours (tried again, or refused where it would be the same each time). */
void outgoing_sent(struct send_job *job, const char *provider_id);
void outgoing_ended(struct send_job *job, const char *state, const char *why);
void outgoing_failed(struct send_job *job, enum err err);
/* mail_delivery is "catch": kept in the database for developers. html NULL: none. */
void outgoing_caught(struct send_job *job, const char *subject, const char *head, const char *text, const char *html);
bool outgoing_is_caught(const struct send_job *job);

#endif
