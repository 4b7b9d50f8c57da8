/*
 * slack.h - the job send.slack: an ops alert, posted to an incoming webhook of Slack or whoever speaks like it.
 *
 * It takes about one message a second. One at a time is sent, and 429 makes the kind rest as long as it says.
 */
#ifndef TESSERA_JOBS_SLACK_H
#define TESSERA_JOBS_SLACK_H

#include "core/buf.h"
#include "jobs/send.h"

void slack_begin(struct sender *sender, struct send_job *job);
/* Appends text with the three characters that mean something in mrkdwn as entities. */
void slack_escape(struct buf *out, const char *text);

#endif
