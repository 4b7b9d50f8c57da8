/*
 * transfer.h - requests to other machines, many at a time in one thread: HTTP and SMTP through libcurl; the only user of it.
 *
 * A set of transfers shares connections: a mail server or a provider is spoken to over connections that stay open. What
 * hangs has a deadline of its own and keeps nobody else waiting. Everything a request names is copied.
 *
 * done is called from transfers_wait(), once for each request, whatever happened. It may begin further ones.
 */
#ifndef TESSERA_JOBS_TRANSFER_H
#define TESSERA_JOBS_TRANSFER_H

#include "core/buf.h"
#include <stdbool.h>
#include <stddef.h>

struct transfers;

/* How far an SMTP session came: what a refusal is about. */
enum smtp_stage {
    SMTP_SESSION, /* greeting, TLS, login: the server itself */
    SMTP_SENDER,  /* MAIL FROM */
    SMTP_TO,      /* RCPT TO: this address */
    SMTP_MESSAGE  /* DATA: what is in it */
};

struct transfer_result {
    bool reached;      /* a connection stood (TLS and login included); false: nothing of ours arrived */
    bool answered;     /* the other side said something; false: it could not be reached, or not in time */
    long status;       /* HTTP status, or SMTP reply code; 0 without an answer */
    enum smtp_stage stage;
    long retry_after;  /* seconds that an HTTP answer asks us to stay away; 0: it does not */
    const char *body;  /* of the answer, NUL-terminated; its first 64 KiB. For SMTP: the last reply line */
    size_t size;
    const char *error; /* libcurl's words when it was not answered, else "" */
    double seconds;
};
typedef void transfer_done_fn(void *context, const struct transfer_result *result);

struct http_call {
    const char *method; /* NULL: GET, or POST where there is a body */
    const char *url;
    const char *socket;         /* path of a unix socket to go through; NULL: none */
    const char *const *headers; /* "Name: value", ended by NULL; NULL: none */
    const void *body;
    size_t size;
    const char *user, *password; /* HTTP basic; NULL: none */
    long timeout_ms;             /* 0: 20,000 */
    bool public_only;            /* refuse private, loopback and link-local addresses (the URL is somebody else's) */
};

/* A whole message (RFC 5322, CRLF), given to one recipient's server or our relay. */
struct smtp_call {
    const char *url;             /* "smtp://relay.example:587", "smtps://…"; STARTTLS is asked for, and needed unless plain */
    const char *user, *password; /* NULL: none */
    bool plain;                  /* without TLS, for a relay on this machine */
    const char *from;            /* envelope addresses, bare */
    const char *to;
    const char *message;
    size_t size;
    long timeout_ms; /* 0: 60,000 */
};

/* ca_file: PEM file of the authorities that are believed; NULL: the system's. */
struct transfers *transfers_new(const char *ca_file) __attribute__((returns_nonnull));
/* Those under way are given up without a word. */
void transfers_free(struct transfers *transfers);
size_t transfers_running(const struct transfers *transfers);

void transfer_http(struct transfers *transfers, const struct http_call *call, transfer_done_fn *done, void *context);
void transfer_smtp(struct transfers *transfers, const struct smtp_call *call, transfer_done_fn *done, void *context);

/* Appends "name=value" to an urlencoded form. */
void transfer_form_field(struct buf *form, const char *name, const char *value);

/* Moves everything on; returns when something happened, one of the descriptors is readable (negative ones are passed
 * over), or the time is over. */
void transfers_wait(struct transfers *transfers, const int *fds, size_t nfds, long timeout_ms);

#endif
