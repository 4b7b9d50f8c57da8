/*
 * request.h - one HTTP request as the FastCGI record gave it, checked and bounded.
 *
 * request_parse() refuses what can't be meant well: a path or query that is not valid UTF-8 after
 * percent-decoding, NUL or control characters, overlong names, too many fields, and paths that another
 * server might read otherwise ("." and ".." segments, encoded slashes). All of it lives in the request's
 * arena.
 *
 * A GET or HEAD path that ends in ".csv", ".xlsx" or ".json" asks for that answer, and `path` is without the
 * ending: "/leads.csv" is the route "/leads", read as CSV.
 */
#ifndef TESSERA_HTTP_REQUEST_H
#define TESSERA_HTTP_REQUEST_H

#include "core/arena.h"
#include "core/err.h"
#include "core/params.h"
#include <stdbool.h>
#include <stddef.h>

enum {
    REQUEST_PATH_MAX = 2048, /* bytes, decoded */
    REQUEST_QUERY_MAX = 8192,
    REQUEST_FIELDS_MAX = 256, /* names in a query string, form or cookie header */
    REQUEST_NAME_MAX = 128,   /* bytes of a field's name */
    REQUEST_TEXT_MAX = 1 << 20 /* bytes of a multipart form's fields together, files left out */
};

enum method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_OTHER };

/* A file that came in a multipart body. Lives in the arena with the body. */
struct upload {
    const char *field;
    const char *filename; /* base name only; may be "" */
    const char *type;     /* as the client claims; never believed */
    const void *data;
    size_t size; /* bytes */
};

/* What the client would like to read; decided from Accept and, for /api and *.csv, from the path. An event stream is
 * asked for by a script, which gets its errors as JSON. */
enum answer { ANSWER_HTML, ANSWER_JSON, ANSWER_CSV, ANSWER_XLSX };

struct request {
    struct arena *arena;
    enum method method;
    const char *method_name; /* as sent, for the log */
    const char *path;        /* decoded, starts with '/' */
    const char *raw_query;   /* undecoded, without '?'; "" when there is none */
    struct params *query;
    struct params *form; /* empty until request_read_body() */
    struct upload *uploads;
    size_t nuploads;
    struct params *cookies;
    const char *id;            /* request id from nginx, or one made here: [0-9a-f]{32} */
    const char *address;       /* IPv4 or IPv6 of the client as nginx saw it; "0.0.0.0" when unknown */
    const char *user_agent;    /* "" when missing; cut at 512 bytes */
    const char *origin;        /* Origin header or NULL */
    const char *fetch_site;    /* Sec-Fetch-Site header or NULL */
    const char *referrer;      /* Referer header or NULL */
    const char *purpose;       /* what a browser fetches this for ("prefetch"), when it is no visit; or NULL */
    const char *content_type;  /* "" when there is none */
    const char *if_none_match; /* or NULL */
    bool htmx;                 /* HX-Request: true */
    bool quiet;                /* X-Live: true; the page asks by itself, nobody did anything */
    enum answer answer;
    const void *body; /* raw bytes; NULL until read */
    size_t body_size;
};

/* Environment lookup of the FastCGI record ("REQUEST_METHOD", "HTTP_COOKIE"); NULL when absent. */
typedef const char *request_env_fn(void *context, const char *name);

/* HTML, unless the Accept header (NULL: none) gives JSON or CSV a higher quality (RFC 9110, 12.5.1). */
enum answer answer_negotiate(const char *accept);

/* ERR_BAD_REQUEST with *reason set to a sentence for the error page (gettext message id). *out is always
 * set: what can't be read is left empty (path "/"), so that the error page has its id, address, answer. */
enum err request_parse(struct arena *arena, request_env_fn *env, void *context,
                       struct request **out, const char **reason) CHECKED;

/* Parses a body that was read whole, by its Content-Type: urlencoded or multipart into form and uploads;
 * application/json is kept raw. ERR_BAD_REQUEST, ERR_TOO_LARGE or ERR_MEDIA_TYPE, with *reason set. */
enum err request_parse_body(struct request *request, const void *body, size_t size,
                            const char **reason) CHECKED;

/* Fetch Metadata: the browser says that a page of this portal sent it, which no other page can make it say. */
bool request_is_from_us(const struct request *request);

#endif
