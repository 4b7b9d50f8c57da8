/*
 * session.h - who is asking.
 *
 * The cookie holds "<audience letter><256-bit token>"; the database holds the token's SHA-256 only. The letter
 * merely chooses the database role that the request's statements run under: app.session_open() finds no
 * session when the user's audience is another one, so a forged letter is the same as no cookie.
 *
 * CSRF: every form carries HMAC-SHA256(portal's secret, cookie). A visitor without a session gets a random
 * cookie of the same shape (letter v) for this purpose alone.
 */
#ifndef TESSERA_HTTP_SESSION_H
#define TESSERA_HTTP_SESSION_H

#include "core/arena.h"
#include "core/rows.h"
#include "db/db.h"
#include "http/request.h"
#include "http/response.h"
#include <stdbool.h>

struct session {
    const char *cookie;     /* as sent or as made; "" when there is none */
    const char *token_hash; /* hex; "" when there is none */
    enum audience audience; /* by the cookie's letter, until the database confirmed it */
    bool signed_in;
    const struct rows *row; /* what app.session_open() returned; NULL before */
};

/* "__Host-session", and "session" where cookies may travel without TLS. */
const char *session_cookie_name(bool secure) __attribute__((returns_nonnull));
/* Reads the cookie. Never fails: whatever isn't a cookie of ours is no cookie. */
void session_read(struct session *session, const struct request *request, bool secure);
/* Takes what the database said. */
void session_confirm(struct session *session, const struct rows *row);
/* A column of the session's row ("user_id", "partner_id", "theme"); NULL when there is none. */
const char *session_get(const struct session *session, const char *column);

/* The one permission check: permission NULL allows everybody, "" everybody who is signed in. */
bool session_can(const struct session *session, const char *permission);

/* A cookie value for a fresh session and the hash that the database keeps. */
void session_make(struct arena *arena, enum audience audience, const char **cookie, const char **token_hash);
void session_send(struct response *response, const char *cookie, long max_age, bool secure);
/* Makes sure that a visitor has a cookie to hang the CSRF token on. */
void session_for_form(struct session *session, struct arena *arena, struct response *response, bool secure);

const char *session_csrf(const struct session *session, struct arena *arena, const void *secret, size_t secret_size)
    __attribute__((returns_nonnull)); /* "" without a cookie */
/* True when token is this session's and the browser does not say that another site sent the form. */
bool session_csrf_valid(const struct session *session, const struct request *request, const char *token,
                        const void *secret, size_t secret_size);

#endif
