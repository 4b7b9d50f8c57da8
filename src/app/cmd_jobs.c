#include "app/commands.h"
#include "app/job_kinds.h"
#include "app/supervisor.h"
#include "core/log.h"
#include "core/text.h"
#include "jobs/live.h"
#include "jobs/send.h"
#include "jobs/stop.h"
#include "jobs/work.h"
#include <signal.h>

enum { ARGUMENTS_MAX = 7 };

struct launch {
    int argc;
    char *argv[ARGUMENTS_MAX + 1];
};

/* What a process is at stands on the scoreboard, so that the parent ends what takes too long. */
static void note_work(void *context, const struct job_kind *kind, const char *id) {
    struct scoreboard_slot *slot = context;
    if (kind == NULL) {
        scoreboard_end(slot, 200, 0);
        return;
    }
    scoreboard_begin(slot);
    scoreboard_request(slot, kind->kind, id);
}

/* A message to open pages is to the live process what a request is to others. */
static void note_live(void *context, bool taken) {
    struct scoreboard_slot *slot = context;
    scoreboard_begin(slot);
    scoreboard_end(slot, taken ? 200 : 503, 0);
}

/* Reload means: read everything again, as in cmd_web.c. */
static int worker_main(void *context, const struct supervisor_worker *worker) {
    const struct launch *launch = context;
    char process[64];
    snprintf(process, sizeof process, "pool=%s worker=%zu", worker->pool, worker->number);
    log_set_process(process);

    struct config config;
    int argc = launch->argc;
    char *argv[ARGUMENTS_MAX + 1];
    memcpy(argv, launch->argv, sizeof argv);
    command_config(&argc, argv, &config);
    sigset_t none;
    sigemptyset(&none);
    stop_open();
    sigprocmask(SIG_SETMASK, &none, NULL);
    scoreboard_ready(worker->slot);
    int status;
    if (text_equal(worker->pool, "send"))
        status = send_run(&config, job_kinds, job_kinds_count);
    else if (text_equal(worker->pool, "live"))
        status = live_run(&config, note_live, worker->slot);
    else
        status = work_run(&config, job_kinds, job_kinds_count, note_work, worker->slot);
    config_free(&config);
    return status;
}

int cmd_jobs(int argc, char **argv) {
    static const char usage[] =
        "Usage: tessera jobs [--config FILE]\n"
        "Does what happens by itself: a few processes work in the database, one sends mail\n"
        "and the like, one tells open pages what has changed. Several daemons on several machines share the queue. SIGTERM finishes\n"
        "what was begun and ends; SIGHUP reads the settings again.\n";
    if (command_help(argc, argv, usage))
        return EXIT_SUCCESS;
    if (argc > ARGUMENTS_MAX) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    struct launch launch = {.argc = argc};
    memcpy(launch.argv, argv, (size_t)argc * sizeof *argv);

    struct config config;
    command_config(&argc, argv, &config);
    int status;
    if (command_no_arguments(argc, argv, usage, &status)) {
        config_free(&config);
        return status;
    }
    const struct supervisor_pool pools[] = {
        {.name = "work", .workers = (size_t)config.job_workers, .no_socket = true},
        {.name = "send", .workers = 1, .no_socket = true},
        {.name = "live", .workers = 1, .no_socket = true},
    };
    const struct supervisor_options options = {
        .status_file = config.jobs_status_file,
        .worker_main = worker_main,
        .context = &launch,
        .deadline_ms = config.job_deadline * 1000,
        .stop_ms = 30000,
    };
    status = supervisor_run(pools, sizeof pools / sizeof *pools, &options);
    config_free(&config);
    return status;
}
