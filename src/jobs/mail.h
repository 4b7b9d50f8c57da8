/*
 * mail.h - the job send.email: one row of the outbox as a mail, given to the relay.
 *
 * Its Message-ID is <id of the row @ domain of mail_from>, so that a mail which was sent and not noted (the process was
 * killed in between) is, when it is sent again, the same mail: mailboxes and people see that it is.
 */
#ifndef TESSERA_JOBS_MAIL_H
#define TESSERA_JOBS_MAIL_H

#include "jobs/send.h"

void mail_begin(struct sender *sender, struct send_job *job);

#endif
