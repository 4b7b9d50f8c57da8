#include "app/web.h"

#include "app/routes.h"
#include "core/log.h"
#include "core/secret.h"
#include "domain/links/clicks.h"
#include "view/messages.h"
#include <jansson.h>

enum {
    REQUEST_ARENA_MAX = 64 << 20, /* an upload and what becomes of it */
    BODY_MAX = 8 << 20,           /* of a page */
    COMMON_ARENA_MAX = 1 << 20,
    PATH_MAX_SIZE = 4096
};

struct web {
    struct site site;
    struct arena *arena; /* of the request at hand */
    struct buf body;
    struct arena *common; /* of what all pages show */
};

static const char *route_pattern(size_t i) {
    return routes[i].pattern;
}

static enum method route_method(size_t i) {
    return routes[i].method;
}

/* The names that templates use for the front end's hashed files; NULL if they aren't known. */
static const struct model *load_assets(const char *static_dir, struct arena *arena) {
    static const struct {
        const char *name, *file;
    } used[] = {{"css", "app.css"},     {"app", "app.js"},          {"theme", "theme.js"},      {"board", "board.js"},
                {"icons", "icons.svg"}, {"favicon_svg", "favicon.svg"}, {"inter_latin_woff2", "inter-latin.woff2"}};
    char path[PATH_MAX_SIZE];
    snprintf(path, sizeof path, "%s/dist/manifest.json", static_dir);
    json_error_t problem;
    json_t *manifest = json_load_file(path, 0, &problem);
    if (!manifest) {
        log_event(LOG_ERROR, "assets_missing", "file", "%s", path, "reason", "%s", problem.text,
                  NULL);
        return NULL;
    }
    struct model *assets = model_new(arena, NULL);
    for (size_t i = 0; i < sizeof used / sizeof *used; i++) {
        const char *url = json_string_value(json_object_get(manifest, used[i].file));
        model_set_text(assets, used[i].name, url ? arena_strdup(arena, url) : NULL);
    }
    json_decref(manifest);
    return assets;
}

struct web *web_new(const struct config *config, struct scoreboard *board,
                    struct scoreboard_slot *slot) {
    struct web *web = calloc(1, sizeof *web);
    if (!web)
        abort();
    messages_open(config->locale_dir);

    char error[1024];
    struct template_set *templates = template_set_new();
    bool loaded = template_set_load(templates, config->templates, error, sizeof error) == OK;
    if (!loaded)
        log_event(LOG_ERROR, "templates_broken", "reason", "%s", error, NULL);
    web->common = arena_new(COMMON_ARENA_MAX);
    const struct model *assets = load_assets(config->static_dir, web->common);
    web->site = (struct site){.config = config,
                              .templates = templates,
                              .routes = routes,
                              .nroutes = routes_count,
                              .nav = navigation,
                              .badges = navigation_badges,
                              .assets = assets,
                              .board = board,
                              .slot = slot};
    if (!loaded || !assets || !secret_key_load(config->secret_file, web->site.secret)) {
        web_free(web);
        return NULL;
    }
    web->site.router = router_new(routes_count, route_pattern, route_method);
    web->site.db = db_new(config->database, config->statement_timeout);
    web->arena = arena_new(REQUEST_ARENA_MAX);
    buf_init(&web->body, BODY_MAX);
    return web;
}

void web_free(struct web *web) {
    if (!web)
        return;
    if (web->site.db)
        (void)web_idle(web);
    template_set_free(web->site.templates);
    if (web->site.router)
        router_free(web->site.router);
    db_free(web->site.db);
    arena_free(web->arena);
    buf_free(&web->body);
    arena_free(web->common);
    free(web);
}

void web_handle(void *context, struct fcgi_request *request, struct response *response) {
    struct web *web = context;
    db_reset(web->site.db); /* a stream may have left its last portion */
    arena_reset(web->arena);
    buf_clear(&web->body);
    response_init(response, web->arena, &web->body);
    (void)page_answer(&web->site, web->arena, request, response);
}

void web_done(void *context, const struct fcgi_result *result) {
    (void)result;
    if (clicks_due())
        (void)web_idle(context);
}

int web_idle(void *context) {
    struct web *web = context;
    return clicks_waiting() > 0 ? clicks_write(web->site.db, web->arena) : -1;
}

const struct site *web_site(const struct web *web) {
    return &web->site;
}
