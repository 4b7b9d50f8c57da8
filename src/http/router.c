/*
 * A trie of path segments, built once. A node's literal children are sorted, so that a lookup is
 * one binary search per segment; names of parameters are read from the pattern once the route is
 * known.
 */
#include "http/router.h"
#include "core/log.h"
#include "core/text.h"
#include "http/form_data.h"

enum { ROUTER_MAX = 4 * 1024 * 1024 /* bytes of memory */, NO_ROUTE = -1 };

struct segment {
    const char *text; /* not NUL-terminated */
    size_t size;
};

struct node {
    struct segment literal;
    struct node **literals; /* sorted by segment_compare() */
    size_t nliterals;
    size_t cap;
    struct node *any; /* {name} */
    long routes[METHOD_OTHER];
    const char *allow; /* NULL: no route ends here */
};

struct router {
    struct arena *arena;
    struct node *root;
    const char *(*pattern)(size_t i);
};

static _Noreturn void router_die(const char *why, const char *pattern) {
    log_event(LOG_ERROR, "router_failed", "why", "%s", why, "pattern", "%s", pattern, NULL);
    abort();
}

static int segment_compare(struct segment a, struct segment b) {
    int order = memcmp(a.text, b.text, a.size < b.size ? a.size : b.size);
    if (order != 0)
        return order;
    return (a.size > b.size) - (a.size < b.size);
}

/* The segment behind the '/' at path. */
static struct segment segment_at(const char *path) {
    return (struct segment){path + 1, strcspn(path + 1, "/")};
}

static bool is_name(struct segment segment) {
    return segment.size > 2 && segment.text[0] == '{' && segment.text[segment.size - 1] == '}';
}

static struct node *node_new(struct arena *arena, struct segment literal) {
    struct node *node = arena_alloc(arena, sizeof *node);
    *node = (struct node){.literal = literal};
    for (size_t i = 0; i < METHOD_OTHER; i++)
        node->routes[i] = NO_ROUTE;
    return node;
}

/* Index of the literal child, or where it would stand. */
static size_t literal_index(const struct node *node, struct segment segment, bool *found) {
    size_t low = 0;
    size_t high = node->nliterals;
    *found = false;
    while (low < high && !*found) {
        size_t middle = low + (high - low) / 2;
        int order = segment_compare(segment, node->literals[middle]->literal);
        *found = order == 0;
        if (order <= 0)
            high = middle;
        else
            low = middle + 1;
    }
    return high;
}

static void make_room(struct arena *arena, struct node *node) {
    if (node->nliterals < node->cap)
        return;
    node->cap = node->cap > 0 ? node->cap * 2 : 4;
    struct node **literals = arena_array(arena, node->cap, sizeof(struct node *));
    for (size_t i = 0; i < node->nliterals; i++)
        literals[i] = node->literals[i];
    node->literals = literals;
}

static struct node *child_get(struct arena *arena, struct node *node, struct segment segment) {
    if (is_name(segment)) {
        if (node->any == NULL)
            node->any = node_new(arena, segment);
        return node->any;
    }
    bool found = false;
    size_t index = literal_index(node, segment, &found);
    if (found)
        return node->literals[index];
    make_room(arena, node);
    for (size_t i = node->nliterals; i > index; i--)
        node->literals[i] = node->literals[i - 1];
    node->nliterals++;
    return node->literals[index] = node_new(arena, segment);
}

static bool is_pattern(const char *pattern) {
    if (text_equal(pattern, "/"))
        return true;
    if (pattern[0] != '/')
        return false;
    for (const char *at = pattern; *at != '\0';) {
        struct segment segment = segment_at(at);
        bool braces = memchr(segment.text, '{', segment.size) != NULL ||
                      memchr(segment.text, '}', segment.size) != NULL;
        if (segment.size == 0 || (braces && !is_name(segment)))
            return false;
        at = segment.text + segment.size;
    }
    return true;
}

static const char *allow_of(const struct node *node) {
    bool get = node->routes[METHOD_GET] != NO_ROUTE;
    bool head = get || node->routes[METHOD_HEAD] != NO_ROUTE;
    bool post = node->routes[METHOD_POST] != NO_ROUTE;
    if (post)
        return get ? "GET, HEAD, POST" : head ? "HEAD, POST" : "POST";
    return get ? "GET, HEAD" : "HEAD";
}

static void router_insert(struct router *router, size_t route, const char *pattern,
                          enum method method) {
    if (!is_pattern(pattern))
        router_die("not a pattern", pattern);
    if (method != METHOD_GET && method != METHOD_HEAD && method != METHOD_POST)
        router_die("not a method that routes take", pattern);
    struct node *node = router->root;
    for (const char *at = pattern; at[0] == '/' && at[1] != '\0';) {
        struct segment segment = segment_at(at);
        node = child_get(router->arena, node, segment);
        at = segment.text + segment.size;
    }
    if (node->routes[method] != NO_ROUTE)
        router_die("the same route twice", pattern);
    node->routes[method] = (long)route;
    node->allow = allow_of(node);
}

struct router *router_new(size_t count, const char *(*pattern)(size_t i),
                          enum method (*method)(size_t i)) {
    struct arena *arena = arena_new(ROUTER_MAX);
    struct router *router = arena_alloc(arena, sizeof *router);
    router->arena = arena;
    router->root = node_new(arena, (struct segment){"", 0});
    router->pattern = pattern;
    for (size_t i = 0; i < count; i++)
        router_insert(router, i, pattern(i), method(i));
    return router;
}

void router_free(struct router *router) {
    if (router != NULL)
        arena_free(router->arena);
}

/* Node of the path between at and end where a route ends, or NULL. As deep as the deepest pattern.
 */
static const struct node *node_find(const struct node *node, const char *at, const char *end) {
    if (at == end)
        return node->allow != NULL ? node : NULL;
    struct segment segment = segment_at(at);
    const char *next = segment.text + segment.size;
    if (segment.size == 0 || next > end)
        return NULL;
    bool found = false;
    size_t index = literal_index(node, segment, &found);
    const struct node *match = found ? node_find(node->literals[index], next, end) : NULL;
    if (match == NULL && node->any != NULL)
        match = node_find(node->any, next, end);
    return match;
}

static void bind(const char *pattern, const char *path, struct arena *arena,
                 struct params *params) {
    while (pattern[0] == '/' && pattern[1] != '\0') {
        struct segment name = segment_at(pattern);
        struct segment value = segment_at(path);
        if (is_name(name))
            params_add(params, arena_strndup(arena, name.text + 1, name.size - 2),
                       arena_strndup(arena, value.text, value.size));
        pattern = name.text + name.size;
        path = value.text + value.size;
    }
}

/* The path without a slash too many at its end, if a route is there. */
static struct router_match slash_match(const struct router *router, const char *path, size_t size,
                                       struct arena *arena) {
    if (size < 2 || path[size - 1] != '/' || node_find(router->root, path, path + size - 1) == NULL)
        return (struct router_match){.verdict = ROUTE_NOT_FOUND};
    const char *shorter = arena_strndup(arena, path, size - 1);
    return (struct router_match){.verdict = ROUTE_SLASH,
                                 .path = percent_encode_except(arena, shorter, "/")};
}

struct router_match router_find(const struct router *router, enum method method, const char *path,
                                struct arena *arena, struct params *params) {
    size_t size = strlen(path);
    const struct node *node = NULL;
    if (text_equal(path, "/"))
        node = router->root->allow != NULL ? router->root : NULL;
    else if (path[0] == '/')
        node = node_find(router->root, path, path + size);
    if (node == NULL)
        return slash_match(router, path, size, arena);

    long route = method < METHOD_OTHER ? node->routes[method] : NO_ROUTE;
    if (route == NO_ROUTE && method == METHOD_HEAD)
        route = node->routes[METHOD_GET];
    if (route == NO_ROUTE)
        return (struct router_match){.verdict = ROUTE_METHOD, .allow = node->allow};
    bind(router->pattern((size_t)route), path, arena, params);
    return (struct router_match){.verdict = ROUTE_FOUND, .route = (size_t)route};
}
