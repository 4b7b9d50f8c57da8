#include "http/request.h"
#include "core/crypto.h"
#include "core/i18n.h"
#include "core/text.h"
#include "http/form_data.h"
#include <arpa/inet.h>

enum { ID_BYTES = 16, USER_AGENT_MAX = 512, HEADER_MAX = 1024 /* bytes */ };
_Static_assert(REQUEST_PATH_MAX == 2048 && REQUEST_QUERY_MAX == 8192, "sentences below say so");

struct source {
    request_env_fn *env;
    void *context;
};

static const char *lookup(const struct source *source, const char *name) {
    return source->env(source->context, name);
}

/* At most max bytes of a header, with '?' for what is not printable UTF-8, so that it can be logged
 * and stored; NULL when absent. */
static const char *clean_header(struct arena *arena, const char *value, size_t max) {
    if (value == NULL)
        return NULL;
    size_t size = strlen(value);
    char *out = arena_alloc(arena, (size < max ? size : max) + 1);
    size_t length = 0;
    while (size > 0) {
        size_t step = text_utf8_next(value, size);
        bool printable = step > 1 || (step == 1 && (unsigned char)*value >= 0x20 && *value != 0x7F);
        if (length + (printable ? step : 1) > max)
            break;
        if (printable)
            memcpy(out + length, value, step);
        else
            out[length] = '?';
        length += printable ? step : 1;
        step = step > 0 ? step : 1;
        value += step;
        size -= step;
    }
    out[length] = '\0';
    return out;
}

static const char *clean_header_or(struct arena *arena, const char *value, size_t max,
                                   const char *otherwise) {
    const char *clean = clean_header(arena, value, max);
    return clean != NULL ? clean : otherwise;
}

static const char *read_id(struct arena *arena, const char *sent) {
    if (sent != NULL && strlen(sent) == 2 * ID_BYTES &&
        strspn(sent, "0123456789abcdef") == 2 * ID_BYTES)
        return arena_strdup(arena, sent);
    unsigned char random[ID_BYTES];
    char *id = arena_alloc(arena, 2 * ID_BYTES + 1);
    crypto_random(random, sizeof random);
    crypto_hex(random, sizeof random, id);
    return id;
}

/* Whatever isn't an address (a unix socket, a forged header) must not reach an inet column. */
static const char *read_address(struct arena *arena, const char *sent) {
    unsigned char bytes[sizeof(struct in6_addr)];
    bool valid = sent != NULL &&
                 (inet_pton(AF_INET, sent, bytes) == 1 || inet_pton(AF_INET6, sent, bytes) == 1);
    return valid ? arena_strdup(arena, sent) : "0.0.0.0";
}

static enum method read_method(const char *name) {
    if (text_equal(name, "GET"))
        return METHOD_GET;
    if (text_equal(name, "HEAD"))
        return METHOD_HEAD;
    return text_equal(name, "POST") ? METHOD_POST : METHOD_OTHER;
}

/* Names that browsers have given it over the years; the first is the standard's. */
static const char *read_purpose(struct arena *arena, const struct source *source) {
    static const char *const names[] = {"HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ"};
    const char *purpose = NULL;
    for (size_t i = 0; purpose == NULL && i < sizeof names / sizeof *names; i++)
        purpose = clean_header(arena, lookup(source, names[i]), 64);
    return purpose;
}

/* All that can be had without understanding the address. */
static struct request *read_headers(struct arena *arena, const struct source *source) {
    struct request *request = arena_alloc(arena, sizeof *request);
    const char *method = lookup(source, "REQUEST_METHOD");
    *request = (struct request){
        .arena = arena,
        .method = read_method(method),
        .method_name = clean_header_or(arena, method, 32, ""),
        .path = "/",
        .raw_query = "",
        .query = params_new(arena),
        .form = params_new(arena),
        .cookies = params_new(arena),
        .id = read_id(arena, lookup(source, "TESSERA_REQUEST_ID")),
        .address = read_address(arena, lookup(source, "REMOTE_ADDR")),
        .user_agent = clean_header_or(arena, lookup(source, "HTTP_USER_AGENT"), USER_AGENT_MAX, ""),
        .origin = clean_header(arena, lookup(source, "HTTP_ORIGIN"), HEADER_MAX),
        .fetch_site = clean_header(arena, lookup(source, "HTTP_SEC_FETCH_SITE"), 32),
        .referrer = clean_header(arena, lookup(source, "HTTP_REFERER"), HEADER_MAX),
        .purpose = read_purpose(arena, source),
        .content_type = clean_header_or(arena, lookup(source, "CONTENT_TYPE"), HEADER_MAX, ""),
        .if_none_match = clean_header(arena, lookup(source, "HTTP_IF_NONE_MATCH"), HEADER_MAX),
        .htmx = text_equal(lookup(source, "HTTP_HX_REQUEST"), "true"),
        .quiet = text_equal(lookup(source, "HTTP_X_LIVE"), "true"),
        .answer = answer_negotiate(lookup(source, "HTTP_ACCEPT")),
    };
    return request;
}

/* nginx matched its locations on a path without these; one that still has them would be read here
 * as another page than there. */
static bool has_dot_segment(const char *path) {
    for (const char *at = path; *at != '\0';) {
        const char *segment = at + 1;
        size_t size = strcspn(segment, "/");
        if ((size == 1 && segment[0] == '.') ||
            (size == 2 && segment[0] == '.' && segment[1] == '.'))
            return true;
        at = segment + size;
    }
    return false;
}

static bool has_encoded_slash(const char *raw, size_t size) {
    for (size_t i = 0; i + 2 < size; i++) {
        if (raw[i] == '%' && raw[i + 1] == '2' && (raw[i + 2] == 'F' || raw[i + 2] == 'f'))
            return true;
    }
    return false;
}

static enum err read_path(struct request *request, const char *raw, size_t size,
                          const char **reason) {
    if (size > 3 * (size_t)REQUEST_PATH_MAX) {
        *reason = N_("The address is longer than 2,048 bytes.");
        return ERR_BAD_REQUEST;
    }
    char *path = percent_decode(request->arena, raw, size, false);
    if (path == NULL || path[0] != '/' || !header_safe(path) || memchr(raw, '#', size) != NULL) {
        *reason =
            N_("The address is not written as addresses are. Check it for a mistyped character.");
        return ERR_BAD_REQUEST;
    }
    if (strlen(path) > REQUEST_PATH_MAX) {
        *reason = N_("The address is longer than 2,048 bytes.");
        return ERR_BAD_REQUEST;
    }
    if (has_dot_segment(path) || has_encoded_slash(raw, size)) {
        *reason = N_("The address holds “.”, “..” or an encoded slash, which no page here has.");
        return ERR_BAD_REQUEST;
    }
    request->path = path;
    return OK;
}

static enum err read_query(struct request *request, const char *raw, const char **reason) {
    if (strlen(raw) > REQUEST_QUERY_MAX) {
        *reason = N_("The part of the address behind “?” is longer than 8,192 bytes.");
        return ERR_BAD_REQUEST;
    }
    if (!header_safe(raw)) {
        *reason = N_("The address holds control characters.");
        return ERR_BAD_REQUEST;
    }
    enum err err = urlencoded_parse(raw, strlen(raw), request->query, reason);
    if (err == OK)
        request->raw_query = arena_strdup(request->arena, raw);
    return err;
}

/* The path without ending, if it has that ending behind a name; otherwise NULL. */
static const char *cut_ending(struct arena *arena, const char *path, const char *ending) {
    if (!text_ends(path, ending))
        return NULL;
    size_t size = strlen(path) - strlen(ending);
    return path[size - 1] != '/' ? arena_strndup(arena, path, size) : NULL;
}

static void decide_answer(struct request *request) {
    if (text_starts(request->path, "/api/") && request->answer == ANSWER_HTML)
        request->answer = ANSWER_JSON;
    if (request->method != METHOD_GET && request->method != METHOD_HEAD)
        return;
    static const struct {
        const char *ending;
        enum answer answer;
    } endings[] = {{".csv", ANSWER_CSV}, {".json", ANSWER_JSON}, {".xlsx", ANSWER_XLSX}};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const char *path = cut_ending(request->arena, request->path, endings[i].ending);
        if (path == NULL)
            continue;
        request->path = path;
        request->answer = endings[i].answer;
        return;
    }
}

enum err request_parse(struct arena *arena, request_env_fn *env, void *context,
                       struct request **out, const char **reason) {
    struct source source = {env, context};
    struct request *request = read_headers(arena, &source);
    *out = request;

    /* REQUEST_URI is what the client sent, path and query; DOCUMENT_URI is there when nginx
     * rewrote. */
    const char *uri = lookup(&source, "REQUEST_URI");
    const char *query = "";
    if (uri != NULL) {
        query = uri + strcspn(uri, "?");
        query += *query == '?';
    } else {
        uri = lookup(&source, "DOCUMENT_URI");
        query = lookup(&source, "QUERY_STRING");
    }
    if (request->method_name[0] == '\0' || uri == NULL) {
        *reason = N_("The request has no method or no address.");
        return ERR_BAD_REQUEST;
    }
    enum err err = read_path(request, uri, strcspn(uri, "?"), reason);
    if (err != OK)
        return err;
    decide_answer(request);
    err = read_query(request, query != NULL ? query : "", reason);
    if (err != OK)
        return err;
    const char *cookies = lookup(&source, "HTTP_COOKIE");
    return cookies != NULL ? cookie_parse(cookies, request->cookies, reason) : OK;
}

bool request_is_from_us(const struct request *request) {
    return request->fetch_site && strcmp(request->fetch_site, "same-origin") == 0;
}
