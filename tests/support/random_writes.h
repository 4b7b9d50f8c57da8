/*
 * random_writes.h - for tests of totals that the database keeps: random statements of the test's
 * own kinds, several writers at once, and tampering that a recount must find. What went wrong is
 * named with the seed, $TEST_SEED, by which it comes again.
 */
#ifndef TESSERA_TESTS_RANDOM_WRITES_H
#define TESSERA_TESTS_RANDOM_WRITES_H

#include "domain/demo/demo_random.h"
#include <libpq-fe.h>
#include <stddef.h>

/* One statement, made by one of the kinds. */
struct step {
    struct demo_random random;
    char sql[2048];
};

struct step_kind {
    int odds;
    void (*make)(struct step *step);
};

enum { STEP_ROWS_SIZE = 96 };

uint64_t writes_seed(void); /* 1 unless $TEST_SEED says otherwise */
struct step step_first(enum demo_stream stream, uint64_t number);
void step_make(struct step *step, const struct step_kind *kinds, size_t count);

long step_below(struct step *step, size_t limit); /* 0 … limit - 1 */
/* What ids are made of; never the same twice. Lives until the next call. */
const char *step_fresh(struct step *step);
/* A condition for some of the rows, or none: those whose id ends in one of a few digits. Returns
 * out. */
const char *step_some(struct step *step, char out[STEP_ROWS_SIZE]);

/* Fails unless the recount, `differences` with a row for each, finds nothing; then it names what
 * was written before. */
void writes_are_exact(PGconn *conn, const char *differences, const char *written);
/* As many processes, each of which calls write with its number and a connection of its own; every
 * one of them must end well. */
void writers_at_once(int count, void (*write)(PGconn *mine, uint64_t number));
/* Each statement makes a difference, which the query `repair` puts right. */
void tampering_is_found(PGconn *conn, const char *const *wrongs, size_t count,
                        const char *differences, const char *repair);

#endif
