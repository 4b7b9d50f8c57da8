/*
 * push.h - the job send.push: a notification to one browser of its reader's (RFC 8030), which only that browser can read.
 *
 * The text is a JSON object {title, body, href, type, tag}; the service worker shows it. A push service that knows the
 * subscription no more (404, 410) ends it.
 */
#ifndef TESSERA_JOBS_PUSH_H
#define TESSERA_JOBS_PUSH_H

#include "jobs/send.h"

void push_begin(struct sender *sender, struct send_job *job);

#endif
