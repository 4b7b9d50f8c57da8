/*
 * main.c - the subcommands of `tessera`.
 */
#include "app/commands.h"
#include "core/text.h"
#include <errno.h>
#include <limits.h>
#include <unistd.h>

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *about;
};

/* The program beside this one, see web_main.c. */
static int become_web(int argc, char **argv) {
    (void)argc;
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - sizeof "-web");
    if (length < 0) {
        fprintf(stderr, "tessera: where this program stands could not be read: %s.\n", strerror(errno));
        return EXIT_FAILURE;
    }
    memcpy(path + length, "-web", sizeof "-web");
    argv[0] = path;
    execv(path, argv);
    fprintf(stderr, "tessera: %s could not be started: %s.\n", path, strerror(errno));
    return EXIT_FAILURE;
}

static const struct command commands[] = {
    {"config", cmd_config, "print every setting with its meaning and value"},
    {"render", cmd_render, "render a mustache template with data from a JSON file"},
    {"web", become_web, "serve the portal's pages over FastCGI"},
    {"migrate", cmd_migrate, "bring the database's schema up to date"},
    {"seed", cmd_seed, "fill an empty database with a demo programme"},
    {"user", cmd_user, "add, list and disable people, set passwords"},
    {"doctor", cmd_doctor, "look whether everything is as it should be"},
    {"score", cmd_score, "learn from closed leads how promising a new one is"},
    {"jobs", cmd_jobs, "do what happens by itself: mail, notifications, schedules"},
    {"mail", cmd_mail, "show the mail that the portal wrote"},
    {"push-key", cmd_push_key, "make the key of notifications in browsers, and show its public half"},
    {"version", cmd_version, "print the version"},
};

static void usage_print(FILE *out) {
    fputs("Usage: tessera COMMAND [--config FILE] [ARGUMENT…]\n\n", out);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].about);
    fputs("\n`tessera COMMAND --help` says more about a command.\n", out);
}

static const struct command *command_find(const char *name) {
    if (text_equal(name, "--version"))
        name = "version";
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (text_equal(commands[i].name, name))
            return &commands[i];
    }
    return NULL;
}

/* Output that didn't reach its reader, say on a full disk, is a failure of the command. */
static int output_finish(int status) {
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    fprintf(stderr, "tessera: the output could not be written: %s.\n", strerror(errno));
    return status != EXIT_SUCCESS ? status : EXIT_FAILURE;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        usage_print(stderr);
        return EXIT_USAGE;
    }
    if (text_equal(argv[1], "--help") || text_equal(argv[1], "-h") || text_equal(argv[1], "help")) {
        usage_print(stdout);
        return output_finish(EXIT_SUCCESS);
    }
    const struct command *command = command_find(argv[1]);
    if (command == NULL) {
        fprintf(stderr, "tessera: there is no command \"%s\"; `tessera --help` lists them.\n",
                argv[1]);
        return EXIT_USAGE;
    }
    return output_finish(command->run(argc - 1, argv + 1));
}
