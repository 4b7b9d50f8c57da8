#include "app/commands.h"
#include "config.h"

int cmd_version(int argc, char **argv) {
    static const char usage[] = "Usage: tessera version\nPrints the version.\n";
    int status;
    if (command_no_arguments(argc, argv, usage, &status))
        return status;
    printf("tessera %s\n", PACKAGE_VERSION);
    return EXIT_SUCCESS;
}
