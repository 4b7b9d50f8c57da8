/*
 * mail_reply.h - what a mail server's answer means for a mail.
 *
 * Pure. Codes of RFC 5321, and the enhanced ones of RFC 3463 where the server says them ("550 5.1.1 …"): they tell an
 * address that isn't there from a server that does not want this mail.
 */
#ifndef TESSERA_JOBS_MAIL_REPLY_H
#define TESSERA_JOBS_MAIL_REPLY_H

#include "core/arena.h"
#include "jobs/transfer.h"

enum mail_verdict {
    MAIL_TAKEN,
    MAIL_AGAIN,      /* not now: greylisting, a full mailbox, a connection that broke in the middle */
    MAIL_RELAY_AWAY, /* our relay is down, busy, or does not let us in: says nothing about this mail */
    MAIL_REFUSED,    /* never this mail */
    MAIL_NO_ADDRESS  /* never to this address */
};

enum mail_verdict mail_judge(const struct transfer_result *result);
/* A text for people who have no business with addresses: words that hold an @ are ellipses. */
const char *mail_without_addresses(struct arena *arena, const char *text) __attribute__((returns_nonnull));
/* The same of what the server said last, or of why it said nothing. */
const char *mail_reply_text(struct arena *arena, const struct transfer_result *result) __attribute__((returns_nonnull));

#endif
