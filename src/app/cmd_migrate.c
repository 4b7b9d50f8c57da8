#include "app/arguments.h"
#include "app/commands.h"
#include "db/migrate.h"

int cmd_migrate(int argc, char **argv) {
    static const char usage[] =
        "Usage: tessera migrate [--dry-run] [--config FILE]\n"
        "Brings the database's schema up to date, as its owner. Every migration is applied once,\n"
        "in a transaction of its own; two runners wait for each other.\n"
        "\n"
        "  --dry-run   only say what would be applied\n";
    bool dry_run = false;
    const struct argument list[] = {{"--dry-run", NULL, &dry_run}};
    struct config config;
    if (command_help(argc, argv, usage))
        return EXIT_SUCCESS;
    command_config(&argc, argv, &config);

    int status = EXIT_USAGE;
    if (arguments_read("migrate", argc, argv, list, 1, usage)) {
        char error[1024] = "";
        size_t applied = 0;
        enum err err = migrate(config.database_owner, config.migrations, dry_run, &applied, error,
                               sizeof error);
        if (err != OK)
            fprintf(stderr, "tessera migrate: %s\n", error);
        else if (applied == 0)
            puts("The schema is up to date.");
        status = err == OK ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    config_free(&config);
    return status;
}
