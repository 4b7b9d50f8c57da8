/*
 * response.h - what goes back: a status, a few headers, a body.
 *
 * Header values are checked: a control character in one is a bug of ours and aborts, as are headers
 * that pass RESPONSE_HEADERS_MAX together.
 *
 * Owner: whoever calls response_init() calls response_free() when the answer was sent.
 */
#ifndef TESSERA_HTTP_RESPONSE_H
#define TESSERA_HTTP_RESPONSE_H

#include "core/arena.h"
#include "core/buf.h"
#include <stdbool.h>

enum { RESPONSE_HEADERS_MAX = 32 * 1024 /* bytes */ };

struct response {
    struct arena *arena;
    int status; /* 200 until set */
    struct buf headers; /* "Name: value\r\n" lines */
    struct buf *body;   /* the worker's, cleared for each request */
    bool has_type;      /* a Content-Type stands in headers; otherwise send text/html; charset=utf-8 */
    /* Called repeatedly after the body was sent, to stream more with constant memory; NULL: no stream.
     * Fills out with the next piece; false when there is no more. */
    bool (*stream)(void *context, struct buf *out);
    void *stream_context;
};

void response_init(struct response *response, struct arena *arena, struct buf *body);
void response_free(struct response *response); /* the headers only; the body is the worker's */
void response_header(struct response *response, const char *name, const char *value);
void response_type(struct response *response, const char *content_type);
/* 303 See Other. location must be a path on this site ("/…", not "//…", "/\\…" or one with control
 * characters); anything else becomes "/". Bytes that can't stand in a header are percent-encoded. */
void response_redirect(struct response *response, const char *location);
/* 302 Found to a whole address, maybe of another site: the caller answers for where that is. Printable
 * ASCII that starts with http://, https:// or one '/'; anything else becomes "/". */
void response_forward(struct response *response, const char *location);
void response_cookie(struct response *response, const char *name, const char *value, long max_age,
                     bool secure); /* HttpOnly; SameSite=Lax; Path=/; max_age < 0: session, 0: delete */
/* "attachment; filename="…"; filename*=UTF-8''…" (RFC 6266): base name only, never empty. */
const char *response_disposition(struct arena *arena, const char *filename, bool inline_view)
    __attribute__((returns_nonnull));
/* X-Accel-Redirect to the protected files, as an attachment named filename. internal_path is not
 * encoded, starts with '/' and has no "..". inline_view is honoured for types that run no script
 * (pictures but SVG, PDF, audio, video, plain text). */
void response_file(struct response *response, const char *internal_path, const char *content_type,
                   const char *filename, bool inline_view);

/* Reason phrase (RFC 9110 section 15); "" for a status that the portal never sends. */
const char *response_reason(int status) __attribute__((returns_nonnull));

#endif
