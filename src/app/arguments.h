/*
 * arguments.h - options of a command: `--name VALUE`, `--name=VALUE` and `--name` alone.
 */
#ifndef TESSERA_APP_ARGUMENTS_H
#define TESSERA_APP_ARGUMENTS_H

#include "core/err.h"
#include <stdbool.h>
#include <stddef.h>

struct argument {
    const char *name;   /* "--count" */
    const char **value; /* where its value goes, or */
    bool *given;        /* what becomes true when it is there */
};

/*
 * Reads argv[1] and on; every argument must be an option of the list, none twice. False after it
 * said on standard error what is wrong, with usage; the command then returns EXIT_USAGE. command
 * is its name for messages.
 */
bool arguments_read(const char *command, int argc, char **argv, const struct argument *list,
                    size_t count, const char *usage) CHECKED;

/* A number that an option gave; false after it said what is wanted. */
bool argument_number(const char *command, const char *name, const char *value, long min, long max,
                     long *out) CHECKED;

#endif
