/*
 * page.h - what a page is, and what runs it.
 *
 * A page is a URL, a permission, statements and a template. Everything it shows comes back in one round trip:
 * app.session_open() and the page's statements travel together, and row-level security does the rest. What is to be
 * computed before (parameters) or after (a chart, a link) is a small function. The same rows answer as
 * HTML, JSON and, for lists, CSV and XLSX.
 *
 * A form is a page that shows it and a POST that takes it: validate (no database), open a transaction, load, check
 * the permission, decide, write, commit, redirect (303). When something is wrong the page is shown again with
 * every error beside its field and with what was typed. A form whose token is not this session's changes nothing; if a
 * page of ours sent it, it is shown again (403) or, to whoever is signed out, handed back by the error page (401).
 */
#ifndef TESSERA_HTTP_PAGE_H
#define TESSERA_HTTP_PAGE_H

#include "core/config.h"
#include "db/db.h"
#include "http/fcgi.h"
#include "http/form.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "http/session.h"
#include "view/model.h"
#include "view/mustache.h"
#include <stdbool.h>

struct ctx;
typedef enum err page_fn(struct ctx *ctx);

enum { ROUTE_QUERIES_MAX = 16 };

enum who { ANYBODY, PARTNERS, STAFF }; /* a page that exists for one audience only is 404 for the other */

/* How a list is searched, sorted, cut into pages and exported. Its statement has :limit, sorts, and optional
 * lines for the filters, :after_key and :after_id; it returns id and, as _sort_key, {sort_key}. */
struct list_spec {
    enum query query;
    int page_size;
    const char *filename; /* of the export, without ".csv" or ".xlsx" */
    const char *const *carried; /* parameters, set by prepare, that stand in the list's addresses beside the filters; ended
                                 * by NULL; or NULL */
    /* Writes the export's lines for these rows, and with header the first line; NULL: the statement's columns are the
     * export's. The page's own statements have their rows while header is wanted. */
    void (*csv)(struct ctx *ctx, const struct rows *rows, bool header, struct buf *out);
};

struct route {
    enum method method;
    const char *pattern;
    const char *permission; /* NULL: everybody; "": everybody who is signed in */
    enum who who;
    const char *template;                /* NULL for a POST, and for pages that answer by themselves */
    enum query show[ROUTE_QUERIES_MAX];  /* statements; ended by Q_NONE */
    const struct form_spec *form;        /* POST: what is sent. GET: the form that is shown, or a list's filters */
    const char *fill;                    /* GET: name of the one-row statement whose row fills the form */
    const char *again;                   /* POST: pattern of the page to show again when something is wrong */
    const struct list_spec *list;        /* GET */
    page_fn *prepare;                    /* before the statements: sets parameters with ctx_set() */
    page_fn *absent;                     /* GET: where a row isn't there: leads on to where it is, or ERR_NOT_FOUND */
    page_fn *decide;                     /* GET: after them: adds to the model. POST: decides and writes */
    bool alone;                          /* POST: decide opens its own batches (sign-in hashes in between) */
    bool takes_files;                    /* POST: the body may be as long as upload_limit; when it is longer, the
                                          * error stands at the form's field "file", and is 413 where there is none */
    bool takes_tables;                   /* POST that takes files: as long as import_limit */
    bool machine;                        /* POST: without a form token, for machines. What gives them the right is in the
                                          * request itself (a signature, a signed address) and checked by the handler */
    bool quiet;                          /* asked for by pages themselves: leaves the idle time of the session as it is */
};

struct nav_item {
    const char *group; /* heading; gettext message id; NULL: no heading */
    const char *label; /* "": no entry of its own; its pages belong to the item before it */
    const char *href;
    const char *icon;
    const char *permission;
    enum who who;
};

/* What waits behind a navigation item: a statement of one row and one number, 0 to 100, that every page asks for. */
struct nav_badge {
    const char *href; /* of the item */
    enum query query;
};

/* What a worker has for all requests. */
struct site {
    const struct config *config;
    struct template_set *templates;
    struct db *db;
    struct router *router;
    const struct route *routes;
    size_t nroutes;
    const struct nav_item *nav; /* ended by an item without a label */
    const struct nav_badge *badges; /* ended by one without an href; NULL: there are none */
    const struct model *assets; /* css, app, theme, icons -> URL */
    uint8_t secret[SHA256_SIZE];
    struct scoreboard *board;     /* of all workers; NULL in tests */
    struct scoreboard_slot *slot; /* this worker's; NULL in tests */
};

struct ctx {
    const struct site *site;
    struct arena *arena;
    struct request *request;
    struct response *response;
    const struct fcgi_request *fcgi;
    const struct route *route;
    struct params *params; /* of the path, and what prepare and decide set */
    struct form *form;     /* NULL where the route has none */
    struct session session;
    struct batch *batch;   /* the last one that ran */
    struct model *page;    /* what this page shows: all of it is in the JSON answer */
    struct model *chrome;  /* around it: user, navigation, form; for templates only */
    int64_t begun_ms;      /* wall clock; the statements see all that was committed before */
    const char *const *columns; /* of a list's export: which, in this order; NULL: all */
    size_t ncolumns;
    const char *list_query; /* of a list, for decide: its filters, sort and what is carried, as they stand in its address */
    const char *sorry;     /* a sentence for the error page that says more than the error's own; or NULL */
    const char *retry_after; /* seconds, of a limit that is longer than a minute; or NULL */
    const char *undo, *undo_version; /* ctx_offer_undo(); or NULL */
};

/* Answers one request; never fails (an error is a page). The arena was reset by the caller and must stay as it is
 * until the response was sent. Returns the route's pattern, for logs and the scoreboard; "-" when there was none. */
const char *page_answer(const struct site *site, struct arena *arena, struct fcgi_request *fcgi, struct response *response)
    __attribute__((returns_nonnull));

/* ── For prepare and decide ── */

void ctx_set(struct ctx *ctx, const char *name, const char *value); /* a statement parameter; not copied */
const char *ctx_get(const struct ctx *ctx, const char *name);       /* parameter, form value, or NULL */
/* Rows of a statement of this page; an empty table when it is not among them. */
const struct rows *ctx_rows(const struct ctx *ctx, enum query query) __attribute__((returns_nonnull));
const char *ctx_column(const struct ctx *ctx, enum query query, const char *column); /* row 0; or NULL */
bool ctx_can(const struct ctx *ctx, const char *permission);
const char *ctx_locale(const struct ctx *ctx);
/* A header of the request by its FastCGI name ("HTTP_X_SIGNATURE"), as it was sent; NULL when absent. */
const char *ctx_header(const struct ctx *ctx, const char *name);

/* Runs one statement inside the POST's transaction; its rows are found with ctx_rows(). A conflict that the
 * form knows becomes an error beside its field (ERR_INVALID). */
enum err ctx_run(struct ctx *ctx, enum query query) CHECKED;
/* For routes that stand alone: one statement as a transaction of its own, after app.session_open(). */
enum err ctx_run_alone(struct ctx *ctx, enum query query) CHECKED;
/* Puts an error beside a field and answers ERR_INVALID. message: gettext message id. */
enum err ctx_field_error(struct ctx *ctx, const char *field, const char *message);
/* Answers ERR with a sentence that says more. */
enum err ctx_fail(struct ctx *ctx, enum err err, const char *sentence);
/* 303 to a path made of pattern with {name} replaced by parameters, with a notice shown there (NULL: none). */
enum err ctx_redirect(struct ctx *ctx, const char *pattern, const char *notice);
/* The same to where the form was sent from, its field `back`; to pattern where there is none. */
enum err ctx_redirect_back(struct ctx *ctx, const char *pattern, const char *notice);
/* The notice of the redirect that follows has a button that posts version (of what was changed) to pattern, an
 * address that ends in "/undo". */
void ctx_offer_undo(struct ctx *ctx, const char *pattern, const char *version);
/* path with the filters of the page's form as they are, and then more; NULL: nothing more. */
const char *ctx_filters_href(struct ctx *ctx, const char *path, const struct params *more) __attribute__((returns_nonnull));

#endif
