/*
 * pages.c - answers pages in this process as a worker does, so that a profiler sees nothing else.
 *
 *   TESSERA_CONFIG=… pages --people FILE [--count N] /leads
 *
 * The portal's database must run. Each page is asked for by the next person of the file that
 * `tessera user sessions` wrote. What is answered goes nowhere; its size and status are checked.
 * tests/bench/profile calls it.
 */
#include "app/web.h"
#include "core/config.h"
#include "core/log.h"
#include "core/text.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { PEOPLE_MAX = 2000, COOKIE_MAX = 256, COUNT_MAX = 1000000, WARM = 8 };

struct asked {
    const char *path;
    char cookie[COOKIE_MAX];
};

struct pages {
    struct config config;
    struct web *web;
    struct arena *arena;
    char (*people)[COOKIE_MAX];
    size_t npeople;
};

static _Noreturn void die(const char *what, const char *why) {
    fprintf(stderr, "pages: %s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

static const char *env(void *context, const char *name) {
    const struct asked *asked = context;
    const struct {
        const char *name, *value;
    } all[] = {
        {"REQUEST_METHOD", "GET"},
        {"REQUEST_URI", asked->path},
        {"HTTP_COOKIE", asked->cookie},
        {"HTTP_ACCEPT", "text/html"},
        {"HTTP_USER_AGENT", "load"},
        {"REMOTE_ADDR", "127.0.0.1"},
        {"TESSERA_REQUEST_ID", "0123456789abcdef0123456789abcdef"},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (text_equal(name, all[i].name))
            return all[i].value;
    return NULL;
}

static void read_people(struct pages *pages, const char *path) {
    FILE *file = fopen(path, "r");
    if (!file || !(pages->people = calloc(PEOPLE_MAX, COOKIE_MAX)))
        die(path, strerror(errno));
    char line[COOKIE_MAX];
    while (pages->npeople < PEOPLE_MAX && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        memcpy(pages->people[pages->npeople++], line, sizeof line);
    }
    fclose(file);
    if (pages->npeople == 0)
        die(path, "nobody is signed in");
}

/* The bytes of one page. */
static size_t ask(struct pages *pages, const char *path, size_t number) {
    struct asked asked = {.path = path};
    memcpy(asked.cookie, pages->people[number % pages->npeople], COOKIE_MAX);
    struct fcgi_request request = {.env = env, .env_context = &asked};
    struct response response = {.status = 0};
    web_handle(pages->web, &request, &response);
    if (response.status != 200)
        die(path, "the answer was not the page");
    size_t size = response.body->len;
    response_free(&response);
    return size;
}

/* What is counted: a profiler is told this name. */
__attribute__((noinline)) void answer_pages(struct pages *pages, const char *path, size_t count,
                                            size_t *bytes);

void answer_pages(struct pages *pages, const char *path, size_t count, size_t *bytes) {
    for (size_t i = 0; i < count; i++)
        *bytes += ask(pages, path, WARM + i);
}

int main(int argc, char **argv) {
    struct pages pages = {.npeople = 0};
    long count = 100;
    int at = 1;
    for (; at + 1 < argc && text_starts(argv[at], "--"); at += 2) {
        if (text_equal(argv[at], "--people"))
            read_people(&pages, argv[at + 1]);
        else if (!text_equal(argv[at], "--count") ||
                 !text_to_long(argv[at + 1], 1, COUNT_MAX, &count))
            break;
    }
    if (at != argc - 1 || pages.npeople == 0) {
        fputs("Usage: pages --people FILE [--count N] /PATH\n", stderr);
        return 2;
    }
    char error[512];
    if (config_load(getenv("TESSERA_CONFIG"), &pages.config, error, sizeof error) != OK)
        die("configuration", error);
    if (!(pages.web = web_new(&pages.config, NULL, NULL)))
        die("the portal", "can't be opened");
    size_t bytes = 0;
    for (size_t i = 0; i < WARM; i++)
        (void)ask(&pages, argv[at], i);
    answer_pages(&pages, argv[at], (size_t)count, &bytes);
    printf("pages=%ld bytes=%zu\n", count, bytes / (size_t)count);
    web_free(pages.web);
    config_free(&pages.config);
    free(pages.people);
    return EXIT_SUCCESS;
}
