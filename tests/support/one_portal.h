/*
 * one_portal.h - the portal of a program all of whose tests share one and begin with the same rows:
 *
 *   cmocka_unit_test_setup(test, restore) …
 *   cmocka_run_group_tests(tests, open_portal, close_portal)
 *
 * and the same with the job daemon of workday.h at hand.
 */
#ifndef TESSERA_TESTS_ONE_PORTAL_H
#define TESSERA_TESTS_ONE_PORTAL_H

#include "tests/support/site.h"

extern struct site_portal *portal;

int open_portal(void **state);
int close_portal(void **state);
int restore(void **state);

int open_portal_and_day(void **state);
int close_portal_and_day(void **state);
int restore_and_clean(void **state);

/* The one value of a query, "(null)" for NULL and for no row. */
void assert_value(const char *expected, const char *query);
/* The answer to a form; fails with its page when its status is another one. */
struct site_answer *posted(enum site_who who, const char *path, const char *form, int status);

/* A form with files, as browsers send it: whatever they are, they are said to be image/png. */
struct part {
    const char *field, *filename, *data; /* filename NULL: a field of text */
    size_t size;                         /* 0: strlen */
};
/* accept NULL: a browser's; ended by a part without a field. */
struct site_answer *send_parts(enum site_who who, const char *path, const char *accept,
                               const struct part *parts);
#define SEND_PARTS(who, path, ...)                                                                       \
    send_parts((who), (path), NULL, (const struct part[]){__VA_ARGS__, {NULL, NULL, NULL, 0}})

#endif
