/*
 * router.h - which route a method and a path mean.
 *
 * Patterns are literal segments and {name} segments ("/leads/{id}/edit"); literals win over names, and
 * a literal that leads nowhere gives way to the name beside it. An empty segment is never found.
 * A path with a slash too many at its end is redirected (308 for what has a body, 301 otherwise) when the
 * path without it exists. HEAD is GET without a body.
 */
#ifndef TESSERA_HTTP_ROUTER_H
#define TESSERA_HTTP_ROUTER_H

#include "core/params.h"
#include "http/request.h"
#include <stddef.h>

struct router;

/* pattern(i) and method(i) describe route i; the texts must outlive the router. Aborts on two equal routes
 * (names don't tell routes apart) and on a pattern or a method that can't be served. */
struct router *router_new(size_t count, const char *(*pattern)(size_t i), enum method (*method)(size_t i))
    __attribute__((returns_nonnull));
void router_free(struct router *router);

enum router_verdict { ROUTE_FOUND, ROUTE_NOT_FOUND, ROUTE_METHOD, ROUTE_SLASH };

struct router_match {
    enum router_verdict verdict;
    size_t route;      /* ROUTE_FOUND: index */
    const char *allow; /* ROUTE_METHOD: "GET, HEAD, POST" */
    const char *path;  /* ROUTE_SLASH: where to go, percent-encoded, without query */
};
/* path is decoded. Path parameters are added to params. Only what is found is allocated. */
struct router_match router_find(const struct router *router, enum method method, const char *path,
                                struct arena *arena, struct params *params);

#endif
