#include "app/commands.h"
#include "core/text.h"
#include "jobs/push_crypto.h"
#include <errno.h>
#include <unistd.h>

static const char usage[] = "Usage: tessera push-key [--config FILE]\n"
                            "Makes the key by which push services know this portal (VAPID), in the file that push_key_file\n"
                            "names, unless it is there already, and prints its public half. Whoever replaces the key ends\n"
                            "every subscription that was made with it.\n";

static int complain(const char *path, const char *why) {
    fprintf(stderr, "tessera push-key: %s: %s\n", path, why);
    return EXIT_FAILURE;
}

static int make(const char *path) {
    struct push_key *key = push_key_make();
    bool made = push_key_save(key, path);
    int why = errno;
    push_key_free(key);
    return made || why == EEXIST ? EXIT_SUCCESS : complain(path, strerror(why));
}

static int show(const char *path) {
    char text[PUSH_PUBLIC_TEXT_SIZE];
    struct push_key *key = push_key_load(path);
    if (key == NULL)
        return complain(path, "holds no key of P-256");
    push_key_text(key, text);
    puts(text);
    push_key_free(key);
    return EXIT_SUCCESS;
}

int cmd_push_key(int argc, char **argv) {
    struct config config;
    int status;
    if (command_help(argc, argv, usage))
        return EXIT_SUCCESS;
    command_config(&argc, argv, &config);
    if (!command_no_arguments(argc, argv, usage, &status)) {
        if (text_blank(config.push_key_file))
            status = complain("push_key_file", "is not set; name a file in the settings first");
        else if (access(config.push_key_file, F_OK) != 0)
            status = make(config.push_key_file);
        if (status == EXIT_SUCCESS)
            status = show(config.push_key_file);
    }
    config_free(&config);
    return status;
}
