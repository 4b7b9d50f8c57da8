/*
 * report_rules.h - what a mail provider reports back: whether it is really its word, and what it says.
 *
 * Pure. Two ways of signing are understood:
 *   ECDSA   as SendGrid's signed event webhook does it: P-256 and SHA-256 over timestamp and body
 *   HMAC    anybody's: header "t=<seconds>,v1=<hex of HMAC-SHA256(secret, t "." body)>"
 * The body is a list of events in SendGrid's form, or of {id, event, email, reason, message_id} with event one of bounce,
 * complaint, unsubscribe and failed.
 */
#ifndef TESSERA_DOMAIN_SENDING_REPORT_RULES_H
#define TESSERA_DOMAIN_SENDING_REPORT_RULES_H

#include "core/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/* Providers report again for days what was not taken; what is older than this is somebody's copy. */
enum { REPORT_AGE_MAX = 7 * 24 * 60 * 60 /* seconds; ids are remembered for longer */ };

/* key: base64 of a SubjectPublicKeyInfo; signature: base64 of the DER form. False for whatever isn't right, NULL included. */
bool report_signed(const char *key, const char *timestamp, const char *signature, const void *body, size_t size, time_t now);
bool report_authentic(const char *secret, const char *header, const void *body, size_t size, time_t now);

/* JSON for app.mail_reports(): [{id, kind, address, detail, outbox}]. NULL when the body is no list of events; events of
 * other kinds are left out, as are addresses that are none. */
const char *report_read(struct arena *arena, const void *body, size_t size);

#endif
