/*
 * mail_content.h - what a mail of the outbox says: subject, text and HTML, from the templates that it names.
 *
 * A mail is a template and, where it shows rows, a statement (the table in mail_content.c). templates/mail/NAME.mustache is
 * the text; its first line is the subject. static/mail/NAME.mustache is the HTML, whose styles the front end's build writes
 * into the elements; without it the mail goes as text alone. What the portal wrote itself (reset, invitation) is taken as it
 * stands and put into the frame of static/mail/written.mustache.
 *
 * Both see: programme, name (whom it is for), template, data (of the outbox row), support_email, kind and unsubscribe
 * (where it can be ended), settings (the page to choose on); and, by template,
 *   event    sentence, link            digest   items[{sentence, link, at}], count
 *   written  paragraphs[{text, link}]  others   the statement's row under its name, and link where the row has an href
 */
#ifndef TESSERA_JOBS_MAIL_CONTENT_H
#define TESSERA_JOBS_MAIL_CONTENT_H

#include "jobs/outgoing.h"

struct mail_content {
    const char *subject, *text;
    const char *html; /* NULL: none */
};

/* unsubscribe: link, or NULL. False: there is nothing to say, or it can't be said, and the job has ended. */
bool mail_content_make(struct send_job *job, const struct outgoing *out, const char *unsubscribe, struct mail_content *content);

#endif
