#include "app/commands.h"
#include "app/supervisor.h"
#include "app/web.h"
#include "core/crypto.h"
#include "core/log.h"
#include "core/text.h"
#include <malloc.h>

/* Larger blocks go back to the system when they are freed. Left to itself glibc keeps them after the first one: each
 * sign-in worker would stay as large as a password's hash makes it, 19 MiB. */
enum { KEPT_BLOCK_MAX = 256 * 1024 };

struct launch {
    int argc;
    char **argv;
};

/* Reload means: read everything again, the settings too, but for what only the parent uses. */
static int worker_main(void *context, const struct supervisor_worker *worker) {
    struct launch *launch = context;
    crypto_start_small();
    (void)mallopt(M_MMAP_THRESHOLD, KEPT_BLOCK_MAX);
    (void)mallopt(M_TRIM_THRESHOLD, KEPT_BLOCK_MAX);
    char process[64];
    snprintf(process, sizeof process, "pool=%s worker=%zu", worker->pool, worker->number);
    log_set_process(process);

    struct config config;
    int argc = launch->argc;
    char *argv[8];
    if (argc > 7)
        return EXIT_FAILURE;
    memcpy(argv, launch->argv, ((size_t)argc + 1) * sizeof *argv);
    command_config(&argc, argv, &config);
    struct web *web = web_new(&config, worker->board, worker->slot);
    if (!web) {
        config_free(&config);
        return EXIT_FAILURE;
    }
    const struct fcgi_app app = {.handle = web_handle, .done = web_done, .idle = web_idle, .context = web};
    int ended = fcgi_serve(worker->listen_fd, &app, worker->slot, config.requests_per_worker);
    web_free(web);
    config_free(&config);
    return ended < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int cmd_web(int argc, char **argv) {
    static const char usage[] = "Usage: tessera web [--config FILE]\n"
                                "Serves FastCGI from pre-forked workers: pages on one socket, "
                                "sign-in on another. SIGTERM answers\n"
                                "what was accepted and ends; SIGHUP reloads settings and templates "
                                "without losing a request.\n";
    if (command_help(argc, argv, usage))
        return EXIT_SUCCESS;
    struct launch launch = {.argc = argc};
    char *copy[8] = {NULL};
    if (argc > 7) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    memcpy(copy, argv, (size_t)argc * sizeof *copy);
    launch.argv = copy;

    struct config config;
    command_config(&argc, argv, &config);
    int status;
    if (command_no_arguments(argc, argv, usage, &status)) {
        config_free(&config);
        return status;
    }
    const struct supervisor_pool pools[] = {
        {.name = "web", .socket = config.socket, .workers = (size_t)config.workers},
        {.name = "auth", .socket = config.auth_socket, .workers = (size_t)config.auth_workers},
    };
    const struct supervisor_options options = {
        .status_file = config.status_file,
        .worker_main = worker_main,
        .context = &launch,
        .deadline_ms = config.request_deadline * 1000,
    };
    status = supervisor_run(pools, sizeof pools / sizeof *pools, &options);
    config_free(&config);
    return status;
}
