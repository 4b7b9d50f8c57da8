/*
 * statements.c - prints, as a script for pgbench, exactly what a page sends to the database.
 *
 *   statements [--staff] /dashboard '/leads?stage=new' > page.sql
 *
 * The statements come out of the same route, the same prepare function and the same composer as
 * when a worker answers, in one pipeline, under the same role. Each page opens the session of
 * another person: bench.people has a number and TOKENS token hashes to a row (:groups rows), read
 * once in TOKENS pages because pgbench can't choose from a list of texts. The parameters' values go
 * into the script's first line, as options for pgbench. pgbench knows no NULL, so an absent value
 * is nullif(:nothing, '-').
 */
#include "app/routes.h"
#include "core/text.h"
#include "db/catalog.h"
#include "http/page_internal.h"
#include <stdlib.h>

enum { TOKENS = 16, ARENA_MAX = 16 << 20, DEFINITIONS_MAX = 64 };

struct page {
    struct ctx ctx;
    struct config config;
    struct site site;
    struct buf script;
    struct buf options;
    const char *defined[DEFINITIONS_MAX];
    size_t ndefined;
};

static _Noreturn void die(const char *what, const char *why) {
    fprintf(stderr, "statements: %s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

/* ---- the request ---- */

static const char *env(void *context, const char *name) {
    if (text_equal(name, "REQUEST_METHOD"))
        return "GET";
    return text_equal(name, "REQUEST_URI") ? context : NULL;
}

static const char *route_pattern(size_t i) {
    return routes[i].pattern;
}

static enum method route_method(size_t i) {
    return routes[i].method;
}

static void page_open(struct page *page, struct arena *arena, enum audience audience,
                      char *address) {
    struct ctx *ctx = &page->ctx;
    const char *reason = NULL;
    page->config = (struct config){.session_idle = 43200};
    page->site = (struct site){.config = &page->config, .routes = routes, .nroutes = routes_count};
    page->site.router = router_new(routes_count, route_pattern, route_method);
    *ctx = (struct ctx){.site = &page->site, .arena = arena, .params = params_new(arena)};
    ctx->chrome = model_new(arena, NULL);
    ctx->page = model_new(arena, ctx->chrome);
    if (request_parse(arena, env, address, &ctx->request, &reason) != OK)
        die(address, reason);
    struct router_match match =
        router_find(page->site.router, METHOD_GET, ctx->request->path, arena, ctx->params);
    if (match.verdict != ROUTE_FOUND)
        die(address, "no such page");
    ctx->route = &routes[match.route];
    ctx->session = (struct session){.cookie = "", .token_hash = "", .audience = audience};
    if (ctx->route->form)
        ctx->form = form_new(arena, ctx->route->form);
    if (ctx->route->list)
        (void)form_take(ctx->form, ctx->request->query);
}

/* ---- the script ---- */

/* A value becomes a variable that the options define; of the same name for the same statement's
 * parameter. */
static void put_value(struct page *page, const char *name, const char *value) {
    if (!value) {
        buf_puts(&page->script, "nullif(:nothing, '-')");
        return;
    }
    if (strpbrk(value, " '\"\\$`\n"))
        die(name, "its value can't be put on a command line");
    buf_printf(&page->script, ":%s", name);
    for (size_t i = 0; i < page->ndefined; i++)
        if (text_equal(page->defined[i], name))
            return;
    if (page->ndefined == DEFINITIONS_MAX)
        die(name, "too many parameters");
    page->defined[page->ndefined++] = name;
    buf_printf(&page->options, " -D %s=%s", name, value);
}

/* $n in a composed statement becomes the n-th value; token: number of the hash that stands for the
 * session's. */
static void put_statement(struct page *page, const struct statement *statement, int token) {
    for (const char *at = statement->sql; *at; at++) {
        if (*at != '$' || at[1] < '0' || at[1] > '9') {
            buf_putc(&page->script, *at);
            continue;
        }
        char *end;
        const char *name = statement->params[strtoul(at + 1, &end, 10) - 1];
        if (text_equal(name, "session_token_hash"))
            buf_printf(&page->script, ":t%d", token);
        else
            put_value(page, name,
                      text_equal(name, "request_id") ? "0123456789abcdef0123456789abcdef"
                                                     : ctx_value(&page->ctx, name));
        at = end - 1;
    }
    buf_puts(&page->script, ";\n");
}

static void put_query(struct page *page, enum query query, const struct query_sort *sort,
                      int token) {
    struct statement statement;
    statement_compose(page->ctx.arena, query, sort, ctx_value, &page->ctx, &statement);
    put_statement(page, &statement, token);
}

static void put_people(struct page *page) {
    struct buf *script = &page->script;
    buf_puts(script, "\\if :left = 0\n\\set n random(1, :groups)\nSELECT ");
    for (int i = 0; i < TOKENS; i++)
        buf_printf(script, "%st%d", i > 0 ? ", " : "", i);
    buf_printf(
        script,
        " FROM bench.people WHERE n = :n \\gset\n\\set left %d\n\\endif\n\\set left :left - 1\n",
        TOKENS);
    buf_puts(&page->options, " -D left=0 -D nothing=-");
}

/* In the order of ctx_load(). */
static void put_page(struct page *page) {
    struct ctx *ctx = &page->ctx;
    const struct query_sort *sort = ctx->route->list ? list_prepare(ctx) : NULL;
    if (ctx->route->prepare && ctx->route->prepare(ctx) != OK)
        die(ctx->request->path, "it can't be prepared");
    buf_printf(&page->script, "\\startpipeline\n%s;\n", batch_role_sql(ctx->session.audience));
    for (int i = 0; i < TOKENS; i++) {
        buf_printf(&page->script, "\\%s :left = %d\n", i == 0 ? "if" : "elif", i);
        put_query(page, Q_session, NULL, i);
    }
    buf_puts(&page->script, "\\endif\n");
    for (size_t i = 0; i < ROUTE_QUERIES_MAX && ctx->route->show[i]; i++)
        put_query(page, ctx->route->show[i], NULL, 0);
    if (sort)
        put_query(page, ctx->route->list->query, sort, 0);
    buf_puts(&page->script, "\\endpipeline\n");
}

int main(int argc, char **argv) {
    bool staff = argc > 1 && text_equal(argv[1], "--staff");
    if (argc != (staff ? 3 : 2)) {
        fputs("Usage: statements [--staff] /PATH[?QUERY]\n", stderr);
        return 2;
    }
    struct page page = {.ndefined = 0};
    struct arena *arena = arena_new(ARENA_MAX);
    buf_init(&page.script, ARENA_MAX);
    buf_init(&page.options, ARENA_MAX);
    page_open(&page, arena, staff ? AUDIENCE_STAFF : AUDIENCE_PARTNER, argv[argc - 1]);
    put_people(&page);
    put_page(&page);
    printf("-- pgbench -n -M prepared%s\n%s", buf_text(&page.options), buf_text(&page.script));
    buf_free(&page.script);
    buf_free(&page.options);
    router_free(page.site.router);
    arena_free(arena);
    return EXIT_SUCCESS;
}
