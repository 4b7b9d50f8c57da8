/*
 * form_data.h - the parsers of what a browser sends: application/x-www-form-urlencoded (WHATWG URL,
 * section 5), multipart/form-data (RFC 7578) and the Cookie header (RFC 6265, section 4.2.1).
 *
 * All are pure, bounded by the limits in request.h and fuzzed. Names and values come out as valid UTF-8
 * without NUL; control characters other than tab, CR and LF are refused.
 */
#ifndef TESSERA_HTTP_FORM_DATA_H
#define TESSERA_HTTP_FORM_DATA_H

#include "core/err.h"
#include "core/params.h"
#include "http/request.h"
#include <stddef.h>

/* NULL when the bytes may be a value: valid UTF-8, no NUL, no control characters but tab, CR and LF.
 * Otherwise the sentence that says what is wrong (gettext message id). */
const char *value_refusal(const char *bytes, size_t size);
/* The same for a name: no control characters at all, at most REQUEST_NAME_MAX bytes. */
const char *name_refusal(const char *bytes, size_t size);

/* Decodes %XX (and '+' as a blank when plus is set) into the arena. NULL: malformed, NUL or bad UTF-8. */
char *percent_decode(struct arena *arena, const char *bytes, size_t size, bool plus);
/* The same without a look at what comes out; *decoded is its size without the NUL. NULL: malformed. */
char *percent_decode_bytes(struct arena *arena, const char *bytes, size_t size, bool plus,
                           size_t *decoded);
/* Encodes all but unreserved characters (RFC 3986 section 2.3). */
char *percent_encode(struct arena *arena, const char *text) __attribute__((returns_nonnull));
/* The same, but the characters of keep stay, too. */
char *percent_encode_except(struct arena *arena, const char *text, const char *keep)
    __attribute__((returns_nonnull));

/* All parsers: ERR_BAD_REQUEST with *reason set to a sentence (gettext message id). */
enum err urlencoded_parse(const char *bytes, size_t size, struct params *out, const char **reason) CHECKED;
/* boundary: from the Content-Type, 1 to 70 characters. Parts with a filename go to uploads, whose data
 * stays where it is in bytes; a file field that was left empty is an upload without name and data.
 * ERR_TOO_LARGE: the fields hold more than REQUEST_TEXT_MAX. */
enum err multipart_parse(struct arena *arena, const char *boundary, const char *bytes, size_t size,
                         struct params *fields, struct upload **uploads, size_t *nuploads,
                         const char **reason) CHECKED;
/* Last part of a path as Windows or Unix write it, control characters as '_'. */
char *upload_base_name(struct arena *arena, const char *path) __attribute__((returns_nonnull));
/* False when a control character is in it, tab and line ends included. */
bool header_safe(const char *text);
/* Value of a parameter of a header ("multipart/form-data; boundary=x"), unquoted; NULL when absent. */
char *header_parameter(struct arena *arena, const char *header, const char *name);
/* Pairs that are malformed are passed over, as user agents send what other sites left behind. */
enum err cookie_parse(const char *header, struct params *out, const char **reason) CHECKED;

#endif
