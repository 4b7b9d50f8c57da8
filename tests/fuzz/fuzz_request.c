/*
 * A whole request: "NAME=value" lines as a FastCGI record has them, an empty line, a body. It is
 * parsed, routed and answered with a redirect to itself.
 */
#include "fuzz.h"
#include "http/form_data.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"

static const char *env(void *context, const char *name) {
    return params_get(context, name);
}

static const struct {
    const char *pattern;
    enum method method;
} routes[] = {
    {"/", METHOD_GET},           {"/leads", METHOD_GET},           {"/leads", METHOD_POST},
    {"/leads/new", METHOD_GET},  {"/leads/{id}", METHOD_GET},      {"/leads/{id}/edit", METHOD_GET},
    {"/a/{b}/{c}", METHOD_POST}, {"/api/{what}/{id}", METHOD_GET},
};

static const char *pattern_of(size_t i) {
    return routes[i].pattern;
}

static enum method method_of(size_t i) {
    return routes[i].method;
}

/* Takes the lines up to the empty one; returns where the body starts. */
static const char *read_lines(struct arena *arena, const char *at, const char *end,
                              struct params *out) {
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        line_end = line_end != NULL ? line_end : end;
        char *line = arena_strndup(arena, at, (size_t)(line_end - at));
        at = line_end < end ? line_end + 1 : end;
        char *equals = strchr(line, '=');
        if (*line == '\0')
            break;
        if (equals != NULL) {
            *equals = '\0';
            params_add(out, line, equals + 1);
        }
    }
    return at;
}

static void check_request(const struct request *request) {
    MUST(request->path[0] == '/' && strlen(request->path) <= REQUEST_PATH_MAX);
    MUST(fuzz_is_clean(request->path) && header_safe(request->path));
    MUST(strstr(request->path, "/../") == NULL);
    MUST(fuzz_is_clean(request->user_agent) && strlen(request->user_agent) <= 512);
    MUST(fuzz_is_clean(request->method_name) && fuzz_is_clean(request->content_type));
    MUST(strlen(request->id) == 32 && strspn(request->id, "0123456789abcdef") == 32);
    MUST(strspn(request->address, "0123456789abcdefABCDEF.:") == strlen(request->address));
    fuzz_check_params(request->query, REQUEST_FIELDS_MAX, REQUEST_NAME_MAX);
    fuzz_check_params(request->form, REQUEST_FIELDS_MAX, REQUEST_NAME_MAX);
    fuzz_check_params(request->cookies, REQUEST_FIELDS_MAX, REQUEST_NAME_MAX);
}

static void answer(const struct router *router, const struct request *request) {
    struct params *params = params_new(request->arena);
    struct router_match match =
        router_find(router, request->method, request->path, request->arena, params);
    MUST(match.verdict == ROUTE_FOUND || params->count == 0);
    MUST(match.verdict != ROUTE_FOUND || match.route < sizeof routes / sizeof *routes);
    MUST(match.verdict != ROUTE_METHOD || match.allow != NULL);
    for (size_t i = 0; i < params->count; i++)
        MUST(params->items[i].value[0] != '\0' && strchr(params->items[i].value, '/') == NULL);

    struct response response;
    response_init(&response, request->arena, NULL);
    response_redirect(&response, match.verdict == ROUTE_SLASH ? match.path : request->path);
    const char *location = buf_text(&response.headers) + strlen("Location: ");
    MUST(location[0] == '/' && location[1] != '/' && location[1] != '\\');
    MUST(strstr(location, "\r\n") == location + strlen(location) - 2);
    response_free(&response);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct router *router;
    if (router == NULL)
        router = router_new(sizeof routes / sizeof *routes, pattern_of, method_of);
    struct arena *arena = fuzz_arena();
    struct params *lines = params_new(arena);
    const char *end = (const char *)data + size;
    const char *body = read_lines(arena, (const char *)data, end, lines);
    struct request *request = NULL;
    const char *reason = NULL;
    enum err err = request_parse(arena, env, lines, &request, &reason);
    MUST((err == OK) == (reason == NULL));
    MUST(err == OK || err == ERR_BAD_REQUEST);
    check_request(request);
    if (err != OK)
        return 0;
    err = request_parse_body(request, body, (size_t)(end - body), &reason);
    MUST((err == OK) == (reason == NULL));
    MUST(err == OK || err == ERR_BAD_REQUEST || err == ERR_MEDIA_TYPE);
    check_request(request);
    answer(router, request);
    return 0;
}
