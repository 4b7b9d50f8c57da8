#include "http/session.h"

#include "core/crypto.h"
#include "core/text.h"

static const char letters[] = "vps"; /* by enum audience */

const char *session_cookie_name(bool secure) {
    return secure ? "__Host-session" : "session";
}

/* A letter and base64url; nothing else is hashed or sent to the database. */
static bool cookie_plausible(const char *cookie) {
    if (!cookie || strlen(cookie) != TOKEN_TEXT_SIZE || !strchr(letters, cookie[0]))
        return false;
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return strspn(cookie + 1, alphabet) == TOKEN_TEXT_SIZE - 1;
}

static const char *hash_of(struct arena *arena, const char *cookie) {
    uint8_t digest[SHA256_SIZE];
    crypto_sha256(cookie + 1, strlen(cookie + 1), digest);
    char *hex = arena_alloc(arena, 2 * SHA256_SIZE + 1);
    crypto_hex(digest, sizeof digest, hex);
    return hex;
}

void session_read(struct session *session, const struct request *request, bool secure) {
    *session = (struct session){.cookie = "", .token_hash = "", .audience = AUDIENCE_VISITOR};
    const char *cookie = params_get(request->cookies, session_cookie_name(secure));
    if (!cookie_plausible(cookie))
        return;
    session->cookie = cookie;
    session->audience = (enum audience)(strchr(letters, cookie[0]) - letters);
    if (session->audience != AUDIENCE_VISITOR)
        session->token_hash = hash_of(request->arena, cookie);
}

void session_confirm(struct session *session, const struct rows *row) {
    session->row = row;
    session->signed_in = rows_get(row, 0, "user_id") != NULL;
}

const char *session_get(const struct session *session, const char *column) {
    return session->row ? rows_get(session->row, 0, column) : NULL;
}

bool session_can(const struct session *session, const char *permission) {
    if (!permission)
        return true;
    if (!session->signed_in)
        return false;
    const char *granted = session_get(session, "permissions");
    if (!*permission || text_equal(granted, " * "))
        return true;
    size_t size = strlen(permission);
    for (const char *at = granted; at && (at = strstr(at, permission)); at++)
        if (at > granted && at[-1] == ' ' && at[size] == ' ')
            return true;
    return false;
}

void session_make(struct arena *arena, enum audience audience, const char **cookie,
                  const char **token_hash) {
    char token[TOKEN_TEXT_SIZE];
    crypto_token(token);
    *cookie = arena_printf(arena, "%c%s", letters[audience], token);
    *token_hash = hash_of(arena, *cookie);
}

void session_send(struct response *response, const char *cookie, long max_age, bool secure) {
    response_cookie(response, session_cookie_name(secure), cookie, max_age, secure);
}

void session_for_form(struct session *session, struct arena *arena, struct response *response,
                      bool secure) {
    if (session->signed_in || (*session->cookie && session->audience == AUDIENCE_VISITOR))
        return;
    const char *unused;
    session_make(arena, AUDIENCE_VISITOR, &session->cookie, &unused);
    session->audience = AUDIENCE_VISITOR;
    session->token_hash = "";
    session_send(response, session->cookie, -1, secure);
}

const char *session_csrf(const struct session *session, struct arena *arena, const void *secret,
                         size_t secret_size) {
    if (!*session->cookie)
        return "";
    uint8_t mac[SHA256_SIZE];
    crypto_hmac_sha256(secret, secret_size, session->cookie, strlen(session->cookie), mac);
    char *text = arena_alloc(arena, TOKEN_TEXT_SIZE);
    crypto_base64url(mac, sizeof mac, text);
    return text;
}

bool session_csrf_valid(const struct session *session, const struct request *request,
                        const char *token, const void *secret, size_t secret_size) {
    /* Fetch Metadata: browsers say where a form came from, and pages cannot change what they say.
     */
    if (request->fetch_site && strcmp(request->fetch_site, "same-origin") != 0 &&
        strcmp(request->fetch_site, "none") != 0)
        return false;
    const char *expected = session_csrf(session, request->arena, secret, secret_size);
    return token && *expected && strlen(token) == strlen(expected) &&
           crypto_equal(token, expected, strlen(expected));
}
