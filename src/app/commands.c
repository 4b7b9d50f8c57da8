#include "app/commands.h"
#include "core/log.h"
#include "core/text.h"
#include <unistd.h>

static const char default_file[] = TESSERA_SYSCONFDIR "/tessera.conf";

static _Noreturn void config_refuse(const char *sentence) {
    fprintf(stderr, "tessera: %s\n", sentence);
    exit(EXIT_USAGE);
}

static void arguments_remove(int *argc, char **argv, int at, int count) {
    for (int i = at; i + count <= *argc; i++)
        argv[i] = argv[i + count];
    *argc -= count;
}

/* The file named by --config, which leaves argv; NULL where there is no such option. */
static const char *config_option(int *argc, char **argv) {
    static const char joined[] = "--config=";
    for (int i = 1; i < *argc && !text_equal(argv[i], "--"); i++) {
        const char *file = NULL;
        if (text_equal(argv[i], "--config")) {
            file = argv[i + 1];
            if (file == NULL)
                config_refuse("--config needs the name of a file.");
            arguments_remove(argc, argv, i, 2);
        } else if (text_starts(argv[i], joined)) {
            file = argv[i] + sizeof joined - 1;
            arguments_remove(argc, argv, i, 1);
        }
        if (file != NULL)
            return file;
    }
    return NULL;
}

void command_config(int *argc, char **argv, struct config *out) {
    const char *file = config_option(argc, argv);
    if (file == NULL)
        file = getenv("TESSERA_CONFIG");
    if (file == NULL && access(default_file, F_OK) == 0)
        file = default_file;

    char error[1024];
    if (config_load(file, out, error, sizeof error) != OK)
        config_refuse(error);
    enum log_level level;
    if (log_level_find(out->log_level, &level))
        log_set_level(level);
}

bool command_help(int argc, char **argv, const char *usage) {
    for (int i = 1; i < argc && !text_equal(argv[i], "--"); i++) {
        if (text_equal(argv[i], "--help") || text_equal(argv[i], "-h")) {
            fputs(usage, stdout);
            return true;
        }
    }
    return false;
}

bool command_no_arguments(int argc, char **argv, const char *usage, int *status) {
    *status = EXIT_SUCCESS;
    if (command_help(argc, argv, usage))
        return true;
    if (argc < 2)
        return false;
    fprintf(stderr, "tessera %s: \"%s\" is not understood.\n%s", argv[0], argv[1], usage);
    *status = EXIT_USAGE;
    return true;
}
