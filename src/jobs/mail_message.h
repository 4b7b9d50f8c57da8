/*
 * mail_message.h - one mail as the text that a server takes: RFC 5322 with MIME (RFC 2045 to 2047), text and HTML as
 * alternatives, every byte of it ASCII and no line longer than 78.
 *
 * Pure. Nothing that stands in a message can become a header: texts are encoded, and addresses, ids and links that could
 * break out of their place are refused. What makes a mail part of a conversation is In-Reply-To and References; what lets
 * one leave a list with one click is RFC 2369 with RFC 8058. Signing (DKIM) is the relay's.
 */
#ifndef TESSERA_JOBS_MAIL_MESSAGE_H
#define TESSERA_JOBS_MAIL_MESSAGE_H

#include "core/buf.h"
#include "core/err.h"
#include <stdbool.h>
#include <time.h>

enum { MAIL_MESSAGE_MAX = 2 << 20 /* bytes */ };

struct mail_message {
    const char *from_name; /* names and subject: any UTF-8; NULL or "": none */
    const char *from;      /* bare address */
    const char *to_name;
    const char *to;
    const char *reply_to; /* bare address; NULL or "": none */
    const char *subject;
    time_t date;
    const char *message_id;     /* "id@domain", the same whenever the same mail is sent again */
    const char *conversation;   /* "id@domain" that all mails of a conversation refer to; NULL: none */
    const char *earlier;        /* message id of the one before in it; NULL: there is none */
    const char *unsubscribe;    /* link that ends such mail when something is posted to it; NULL: there is none */
    const char *text;           /* line ends LF or CRLF */
    const char *html;           /* NULL: none */
};

/* A mailbox that can be written to as it stands: ASCII, local part and domain within their limits, no quoting. */
bool mail_address_fits(const char *address);
/* Appends the header (head) and the whole message (out) with CRLF. ERR_INVALID: an address, id or link is none;
 * ERR_TOO_LARGE: out overflowed. */
enum err mail_message_write(const struct mail_message *message, struct buf *head, struct buf *out) CHECKED;

#endif
