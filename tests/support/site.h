/*
 * site.h - the whole portal inside a test program, on the test's own database.
 *
 * site_open() loads templates, routes and the rows of site.sql; requests are answered in this
 * process, as a worker answers them, by web_handle(). The database is the one that
 * tests/support/with-postgres hands over, so programs that use this stand in DB_TESTS.
 *
 *   struct site_answer *answer = SITE_ASK(portal, .who = OWNER, .path = "/leads");
 *   assert_int_equal(answer->status, 200);
 *
 * Ids: A("11") is partner A's row 11 of site.sql, B("11") partner B's, C("11") one of the
 * programme's own. Failures of the set-up end the program with a sentence.
 */
#ifndef TESSERA_TESTS_SITE_H
#define TESSERA_TESTS_SITE_H

#include "app/web.h"
#include "core/arena.h"
#include "core/config.h"
#include <stdbool.h>
#include <stddef.h>

#define A(row)     "aaaaaaaa-0000-4000-8000-0000000000" row
#define B(row)     "bbbbbbbb-0000-4000-8000-0000000000" row
#define C(row)     "cccccccc-0000-4000-8000-0000000000" row
#define EMPTY_DESK "dddddddd-0000-4000-8000-000000000001" /* a partner that nothing hangs on */
#define NOBODY     "eeeeeeee-0000-4000-8000-000000000001" /* no row has this id */

#define SITE_PASSWORD "tessera-demo" /* of everybody in site.sql */

/* Who asks. OWNER, SALES and VIEWER belong to partner A, STRANGER is partner B's owner. */
enum site_who {
    VISITOR,
    OWNER,
    SALES,
    VIEWER,
    STRANGER,
    AGENT,
    FINANCE,
    SUPPORT,
    ADMIN,
    COLLEAGUE, /* A's second owner */
    SITE_WHO_COUNT
};
const char *site_who_name(enum site_who who);
const char *site_who_id(enum site_who who);    /* user id; "" for a visitor */
const char *site_who_email(enum site_who who); /* "" for a visitor */

struct site_portal;

struct site_ask {
    enum site_who who;
    const char *method;     /* NULL: GET, or POST where a form or a body is sent */
    const char *path;       /* with the query, as it stands in the request line */
    const char *form;       /* urlencoded fields, @TOMORROW@ for that date; "" sends just the CSRF
                             * token. NULL: no form */
    const char *accept;     /* NULL: a browser's */
    const char *cookie;     /* whole Cookie header instead of the session's of who; "" sends none */
    const char *csrf;       /* instead of the right one; "" sends none */
    const void *body;       /* sent as it is, instead of form */
    size_t body_size;       /* bytes */
    const char *type;       /* Content-Type; NULL: that of a form */
    const char *fetch_site; /* Sec-Fetch-Site; NULL: none */
    const char *address;    /* of the client; NULL: 192.0.2.1 */
    const char *const *env; /* more of FastCGI's variables: name, value, …, NULL. NULL: none */
    const char *user_agent; /* NULL: one of ours */
    const struct site *site; /* instead of the portal's own routes, templates … */
    void (*before_stream)(struct site_portal *portal); /* called when a stream is about to begin */
};

struct site_answer {
    int status;
    const char *headers; /* "Name: value\r\n" lines */
    const char *body;    /* with what was streamed; NUL-terminated */
    size_t size;         /* bytes of body */
    bool broken_off;     /* the body did not fit, or a stream ended in the middle */
    size_t largest;      /* bytes of the body, or of a stream's piece */
};

struct site_portal *site_open(void);
void site_close(struct site_portal *portal);
struct config *
site_config(struct site_portal *portal); /* may be changed; limits are in force at once */
struct web *site_web(struct site_portal *portal);
struct arena *site_arena(struct site_portal *portal); /* lives until site_restore() */

/* All rows as they were after site_open(), everybody signed in; earlier answers are gone. */
void site_restore(struct site_portal *portal);
/* Sixty more leads and ledger entries for each of the two partners: site_more.sql. */
void site_add_rows(struct site_portal *portal);
/* Earlier answers are gone, rows stay. */
void site_forget(struct site_portal *portal);

/* The answer lives until site_restore() or site_forget(). */
struct site_answer *site_ask(struct site_portal *portal, const struct site_ask *ask);
#define SITE_ASK(portal, ...)    site_ask((portal), &(struct site_ask){__VA_ARGS__})
#define SITE_GET(portal, by, at) SITE_ASK(portal, .who = (by), .path = (at))
#define SITE_POST(portal, by, at, fields)                                                          \
    SITE_ASK(portal, .who = (by), .path = (at), .form = (fields))

/* Value of the first header of that name, or NULL. */
const char *site_header(struct site_portal *portal, const struct site_answer *answer,
                        const char *name);
/* Value of a cookie that the answer sets ("" when it deletes it), or NULL. */
const char *site_cookie(struct site_portal *portal, const struct site_answer *answer,
                        const char *name);

const char *site_session(struct site_portal *portal, enum site_who who); /* cookie value */
/* The CSRF token that belongs to a session or visitor cookie's value. */
const char *site_csrf(struct site_portal *portal, const char *cookie_value);

/* A connection (libpq's PGconn) under the job daemon's role; the same with every call, closed by site_close(). */
struct pg_conn *site_daemon(struct site_portal *portal);

/* What a referral form of that type has written into it when it is opened; at: seconds since 1970. "{opened}" in a
 * form stands for one of ten seconds ago. */
const char *site_opened(struct site_portal *portal, const char *type, int64_t at);

/* ── The database, as its superuser ── */

/* Runs statements. */
void site_sql(struct site_portal *portal, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The one value of a query; NULL for NULL and for no row. Lives like an answer. */
const char *site_value(struct site_portal *portal, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A digest of every row of every table; two are equal when nothing was written in between. */
const char *site_digest(struct site_portal *portal);

#endif
