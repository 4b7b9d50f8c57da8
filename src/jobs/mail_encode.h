/*
 * mail_encode.h - any text as the ASCII of a mail: header values (RFC 2047, folded as RFC 5322 has it) and bodies
 * (quoted-printable, RFC 2045).
 *
 * Pure. Control characters of a header's text become blanks, so that none ends the header.
 */
#ifndef TESSERA_JOBS_MAIL_ENCODE_H
#define TESSERA_JOBS_MAIL_ENCODE_H

#include "core/buf.h"

/* "Name: text" with its line end. */
void mail_encode_header(struct buf *out, const char *name, const char *text);
/* "Name: person <address>"; person NULL or "": the address alone. */
void mail_encode_address(struct buf *out, const char *name, const char *person, const char *address);
/* Line ends become CRLF; ends with one. */
void mail_encode_body(struct buf *out, const char *text);

#endif
