#include "http/response.h"
#include "core/log.h"
#include "core/text.h"
#include "http/form_data.h"

enum { LOCATION_MAX = 8 * 1024 /* bytes, encoded */ };

static _Noreturn void response_die(const char *why, const char *name) {
    log_event(LOG_ERROR, "response_failed", "why", "%s", why, "header", "%s", name, NULL);
    abort();
}

void response_init(struct response *response, struct arena *arena, struct buf *body) {
    *response = (struct response){.arena = arena, .status = 200, .body = body};
    buf_init(&response->headers, RESPONSE_HEADERS_MAX);
}

void response_free(struct response *response) {
    buf_free(&response->headers);
}

static bool is_token(const char *text) {
    return *text != '\0' && text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                              "0123456789!#$%&'*+-.^_`|~")] == '\0';
}

void response_header(struct response *response, const char *name, const char *value) {
    if (!is_token(name))
        response_die("not a header name", name);
    if (!header_safe(value))
        response_die("control character in a value", name);
    buf_puts(&response->headers, name);
    buf_puts(&response->headers, ": ");
    buf_puts(&response->headers, value);
    buf_puts(&response->headers, "\r\n");
    if (buf_overflowed(&response->headers))
        response_die("headers too long", name);
    if (text_equal_nocase(name, "Content-Type"))
        response->has_type = true;
}

void response_type(struct response *response, const char *content_type) {
    response_header(response, "Content-Type", content_type);
}

/* Browsers read "//host" and "/\host" as another site, and drop tabs and line ends before they
 * look. */
static bool is_local_path(const char *location) {
    return location[0] == '/' && location[1] != '/' && location[1] != '\\' && header_safe(location);
}

void response_redirect(struct response *response, const char *location) {
    const char *encoded = "/";
    if (location != NULL && is_local_path(location)) {
        /* '%' stays, so that what is encoded already isn't encoded twice. */
        encoded = percent_encode_except(response->arena, location, "/?#[]@!$&'()*+,;=:%");
        if (strlen(encoded) > LOCATION_MAX)
            encoded = "/";
    }
    response->status = 303;
    response_header(response, "Location", encoded);
}

void response_forward(struct response *response, const char *location) {
    bool whole = text_starts(location, "https://") || text_starts(location, "http://");
    bool fine = (whole || is_local_path(location)) && strlen(location) <= LOCATION_MAX;
    for (const char *c = location; fine && *c != '\0'; c++)
        fine = *c > ' ' && *c < 0x7F;
    response->status = 302;
    response_header(response, "Location", fine ? location : "/");
}

void response_cookie(struct response *response, const char *name, const char *value, long max_age,
                     bool secure) {
    if (!is_token(name))
        response_die("not a cookie name", name);
    if ((text_starts(name, "__Host-") || text_starts(name, "__Secure-")) && !secure)
        response_die("browsers drop this cookie without Secure", name);
    if (strpbrk(value, " \",;\\") != NULL || !header_safe(value))
        response_die("not a cookie value", name);
    const char *age = max_age < 0 ? "" : arena_printf(response->arena, "; Max-Age=%ld", max_age);
    response_header(response, "Set-Cookie",
                    arena_printf(response->arena, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s", name,
                                 value, secure ? "; Secure" : "", age));
}

/* The name for clients that know no filename*: ASCII, with '_' for everything that needs care. */
static char *ascii_name(struct arena *arena, const char *name) {
    char *out = arena_strdup(arena, name);
    size_t length = 0;
    for (; *name != '\0'; name++) {
        unsigned char c = (unsigned char)*name;
        if ((c & 0xC0) == 0x80)
            continue;
        out[length++] = c >= 0x20 && c < 0x7F && strchr("\"\\%", c) == NULL ? *name : '_';
    }
    out[length] = '\0';
    return out;
}

const char *response_disposition(struct arena *arena, const char *filename, bool inline_view) {
    const char *name = upload_base_name(arena, filename);
    if (*name == '\0')
        name = "download";
    return arena_printf(arena, "%s; filename=\"%s\"; filename*=UTF-8''%s",
                        inline_view ? "inline" : "attachment", ascii_name(arena, name),
                        percent_encode(arena, name));
}

/* An SVG or HTML file shown inline would run its scripts as the portal's own. */
static bool is_passive(const char *content_type) {
    static const char *const types[] = {"image/png",  "image/jpeg",      "image/gif", "image/webp",
                                        "image/avif", "application/pdf", "text/plain"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        size_t size = strlen(types[i]);
        if (text_starts(content_type, types[i]) &&
            (content_type[size] == '\0' || content_type[size] == ';'))
            return true;
    }
    return text_starts(content_type, "video/") || text_starts(content_type, "audio/");
}

void response_file(struct response *response, const char *internal_path, const char *content_type,
                   const char *filename, bool inline_view) {
    if (internal_path[0] != '/' || strstr(internal_path, "/../") != NULL ||
        text_ends(internal_path, "/.."))
        response_die("not an internal path", internal_path);
    response_header(response, "X-Accel-Redirect",
                    percent_encode_except(response->arena, internal_path, "/"));
    response_type(response, content_type);
    response_header(
        response, "Content-Disposition",
        response_disposition(response->arena, filename, inline_view && is_passive(content_type)));
}

const char *response_reason(int status) {
    static const struct {
        int status;
        const char *reason;
    } table[] = {
        {200, "OK"},
        {204, "No Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].status == status)
            return table[i].reason;
    return "";
}
