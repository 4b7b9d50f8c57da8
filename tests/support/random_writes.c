#include "tests/support/random_writes.h"
#include "tests/support/scratch.h"
#include "tests/support/unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_KINDS = 32, MOST_WRITERS = 8 };

uint64_t writes_seed(void) {
    const char *given = getenv("TEST_SEED");
    return given != NULL ? strtoul(given, NULL, 10) : 1;
}

struct step step_first(enum demo_stream stream, uint64_t number) {
    return (struct step){.random = demo_random_of(writes_seed(), stream, number)};
}

void step_make(struct step *step, const struct step_kind *kinds, size_t count) {
    int odds[MOST_KINDS];
    assert_true(count <= MOST_KINDS);
    for (size_t i = 0; i < count; i++)
        odds[i] = kinds[i].odds;
    kinds[demo_random_weighted(&step->random, odds, count)].make(step);
}

long step_below(struct step *step, size_t limit) {
    return (long)demo_random_below(&step->random, limit);
}

const char *step_fresh(struct step *step) {
    static char text[DEMO_UUID_SIZE];
    demo_random_uuid(&step->random, text);
    return text;
}

const char *step_some(struct step *step, char out[STEP_ROWS_SIZE]) {
    static const char *const sets[] = {"0123", "4567", "89ab", "cdef", "05af", "0123456789abcdef",
                                       "x"};
    snprintf(out, STEP_ROWS_SIZE, "right(id::text, 1) = ANY (string_to_array('%s', NULL))",
             demo_random_one_of(&step->random, sets));
    return out;
}

static long count_of(PGconn *conn, const char *differences) {
    return scratch_long(conn, "SELECT count(*) FROM (%s) AS d", differences);
}

void writes_are_exact(PGconn *conn, const char *differences, const char *written) {
    long found = count_of(conn, differences);
    if (found != 0)
        fail_msg(
            "seed %lu: %ld differences after\n%s\n%s", (unsigned long)writes_seed(), found, written,
            scratch_text(conn, "SELECT string_agg(d::text, chr(10)) FROM (%s) AS d", differences));
}

static void write_apart(void (*write)(PGconn *mine, uint64_t number), uint64_t number) {
    PGconn *mine = scratch_connect(getenv("TESSERA_TEST_DATABASE"));
    write(mine, number);
    PQfinish(mine);
    _exit(0);
}

void writers_at_once(int count, void (*write)(PGconn *mine, uint64_t number)) {
    pid_t pids[MOST_WRITERS];
    assert_true(count <= MOST_WRITERS);
    for (int i = 0; i < count; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0)
            write_apart(write, (uint64_t)i);
    }
    for (int i = 0; i < count; i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
}

void tampering_is_found(PGconn *conn, const char *const *wrongs, size_t count,
                        const char *differences, const char *repair) {
    for (size_t i = 0; i < count; i++) {
        scratch_run(conn, "%s", wrongs[i]);
        if (count_of(conn, differences) == 0)
            fail_msg("not found: %s", wrongs[i]);
        scratch_run(conn, "%s", repair);
        if (count_of(conn, differences) != 0)
            fail_msg("not repaired: %s", wrongs[i]);
    }
}
