#include "app/commands.h"

/* --help is answered even where the settings are broken. */
int cmd_config(int argc, char **argv) {
    static const char usage[] =
        "Usage: tessera config [--config FILE]\n"
        "Prints every setting with what it is for and the value now in force, as a file that\n"
        "--config reads back. The output may hold the password of a database connection.\n";
    if (command_help(argc, argv, usage))
        return EXIT_SUCCESS;

    struct config config;
    command_config(&argc, argv, &config);
    int status;
    if (!command_no_arguments(argc, argv, usage, &status))
        config_print(&config, stdout);
    config_free(&config);
    return status;
}
