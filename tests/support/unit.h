/*
 * unit.h - cmocka with the headers that it wants to be read before it, and a few helpers.
 */
#ifndef TESSERA_TESTS_UNIT_H
#define TESSERA_TESTS_UNIT_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

/* Fails unless text contains part; shows the text. */
#define assert_contains(text, part)                                                                \
    do {                                                                                           \
        const char *unit_text = (text);                                                            \
        const char *unit_part = (part);                                                            \
        if (strstr(unit_text, unit_part) == NULL)                                                  \
            fail_msg("\"%s\" does not contain \"%s\"", unit_text, unit_part);                      \
    } while (0)

#define assert_lacks(text, part)                                                                   \
    do {                                                                                           \
        const char *unit_text = (text);                                                            \
        const char *unit_part = (part);                                                            \
        if (strstr(unit_text, unit_part) != NULL)                                                  \
            fail_msg("\"%s\" contains \"%s\"", unit_text, unit_part);                              \
    } while (0)

#endif
