/*
 * forked.h - runs a function in a child process and keeps what it wrote to standard error: for code
 * that aborts, and for the log.
 */
#ifndef TESSERA_TESTS_FORKED_H
#define TESSERA_TESTS_FORKED_H

#include <stddef.h>

/*
 * Returns the status as from waitpid(). What the child wrote is in err, cut at size - 1 bytes, with
 * a NUL. A child that returns exits with 0.
 */
int forked_run(void (*run)(void *context), void *context, char *err, size_t size);

#endif
