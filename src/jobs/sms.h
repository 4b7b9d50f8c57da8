/*
 * sms.h - the job send.sms: a notification as a short text with a link, given to Twilio or whoever speaks like it (POST
 * /2010-04-01/Accounts/{sid}/Messages.json). There is no key by which it would know a repetition: a process that is killed
 * between its yes and our note sends twice.
 */
#ifndef TESSERA_JOBS_SMS_H
#define TESSERA_JOBS_SMS_H

#include "jobs/send.h"

void sms_begin(struct sender *sender, struct send_job *job);

#endif
