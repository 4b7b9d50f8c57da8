#include "app/arguments.h"
#include "core/text.h"

static bool refuse(const char *command, const char *usage, const char *argument, const char *why) {
    fprintf(stderr, "tessera %s: %s %s.\n%s", command, argument, why, usage);
    return false;
}

static const struct argument *argument_find(const struct argument *list, size_t count,
                                            const char *text, size_t length) {
    for (size_t i = 0; i < count; i++) {
        if (strlen(list[i].name) == length && strncmp(list[i].name, text, length) == 0)
            return &list[i];
    }
    return NULL;
}

bool arguments_read(const char *command, int argc, char **argv, const struct argument *list,
                    size_t count, const char *usage) {
    for (int i = 1; i < argc; i++) {
        const char *text = argv[i];
        size_t length = strcspn(text, "=");
        const struct argument *argument = argument_find(list, count, text, length);
        if (argument == NULL)
            return refuse(command, usage, text, "is not understood");
        if (argument->value == NULL) {
            if (text[length] == '=')
                return refuse(command, usage, argument->name, "takes no value");
            *argument->given = true;
            continue;
        }
        if (*argument->value != NULL)
            return refuse(command, usage, argument->name, "is there twice");
        if (text[length] == '=')
            *argument->value = text + length + 1;
        else if (i + 1 < argc)
            *argument->value = argv[++i];
        else
            return refuse(command, usage, argument->name, "needs a value after it");
    }
    return true;
}

bool argument_number(const char *command, const char *name, const char *value, long min, long max,
                     long *out) {
    if (text_to_long(value, min, max, out))
        return true;
    fprintf(stderr, "tessera %s: %s is a whole number from %ld to %ld.\n", command, name, min, max);
    return false;
}
