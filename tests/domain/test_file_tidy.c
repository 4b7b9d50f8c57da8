/* Content that nobody refers to leaves the file store; what somebody is about to link does not. On a real disk and database. */
#include "domain/files/files.h"
#include "tests/http/http_test.h"
#include "tests/support/site.h"
#include "tests/support/workday.h"
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <utime.h>

static struct site_portal *portal;
static PGconn *other; /* whoever hands something over at the same moment */

static int open_portal(void **state) {
    (void)state;
    portal = site_open();
    workday_open(portal);
    other = PQconnectdb(getenv("TESSERA_TEST_DATABASE"));
    return PQstatus(other) != CONNECTION_OK;
}

static int close_portal(void **state) {
    (void)state;
    PQfinish(other);
    workday_close();
    site_close(portal);
    return 0;
}

static int restore(void **state) {
    (void)state;
    site_restore(portal);
    workday_clean();
    return 0;
}

/* ── The store ── */

static const char *hash_of(const char *text) {
    char *hash = arena_alloc(site_arena(portal), 2 * SHA256_SIZE + 1);
    file_hash(text, strlen(text), hash);
    return hash;
}

static const char *path_of(const char *text) {
    char below[FILE_PATH_SIZE];
    file_path(hash_of(text), below);
    return arena_printf(site_arena(portal), "%s/%s", site_config(portal)->files, below);
}

static void make_old(const char *path) {
    struct utimbuf old = {.actime = 1, .modtime = 1};
    assert_int_equal(utime(path, &old), 0);
}

static void lies_there(const char *text) {
    assert_int_equal(file_store_write(site_config(portal)->files, hash_of(text), text, strlen(text)), OK);
    make_old(path_of(text));
}

static bool is_there(const char *text) {
    return access(path_of(text), F_OK) == 0;
}

static void names_it(const char *id, const char *text) {
    site_sql(portal, "INSERT INTO files (id, sha256, size, type, name, created_at) VALUES ('%s', '\\x%s', %zu, 'text/plain', 'a.txt', now() - interval '3 days')", id, hash_of(text), strlen(text));
}

static void tidy(void) {
    site_sql(portal, "SELECT app.job_add('files.tidy')");
    workday_work_all();
    assert_int_equal(workday_count("jobs WHERE kind = 'files.tidy' AND state IN ('ready', 'running', 'dead')"), 0);
}

static void say(const char *statement) {
    PGresult *result = PQexec(other, statement);
    assert_true(PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK);
    PQclear(result);
}

/* ── What goes and what stays ── */

static void nobodys_content_goes(void **state) {
    (void)state;
    static const char young[] = "young", old[] = "old", named[] = "named";
    lies_there(old);
    lies_there(named);
    names_it(A("99"), named);
    lies_there(young);
    assert_int_equal(utime(path_of(young), NULL), 0);
    const char *half = arena_printf(site_arena(portal), "%s.4711", path_of(named)), *strange = arena_printf(site_arena(portal), "%s.txt", path_of(named));
    assert_int_equal(link(path_of(named), half), 0);
    assert_int_equal(link(path_of(named), strange), 0);
    tidy();
    assert_false(is_there(old));
    assert_true(is_there(named));
    assert_true(is_there(young)); /* somebody may still be at it */
    assert_int_equal(access(half, F_OK), -1);
    assert_int_equal(access(strange, F_OK), 0); /* not ours */
    assert_int_equal(unlink(strange), 0);
}

/* A row goes when the last link to it does, whichever room it was in. */
static void a_row_without_a_link_goes(void **state) {
    (void)state;
    long before = workday_count("files");
    names_it(A("98"), "card");
    names_it(A("99"), "picture");
    lies_there("card");
    lies_there("picture");
    site_sql(portal, "INSERT INTO cards (user_id, file_id, created_at) VALUES ('" C("11") "', '" A("98") "', now() - interval '25 hours');"
                     "INSERT INTO activities (id, lead_id, partner_id, by_staff, kind, text) VALUES ('" A("99") "', '" A("24") "', '" A("01") "', false, 'note', 'x');"
                     "INSERT INTO activity_files VALUES ('" A("99") "', '" A("99") "', 1);"
                     "SELECT app.job_add('cards.housekeeping'), app.job_add('files.unlink')");
    workday_work_all();
    tidy();
    assert_int_equal(workday_count("files"), before + 1);
    assert_false(is_there("card"));
    assert_true(is_there("picture"));
    site_sql(portal, "DELETE FROM activities WHERE id = '" A("99") "'; SELECT app.job_add('files.unlink')");
    workday_work_all();
    tidy();
    assert_int_equal(workday_count("files"), before);
    assert_false(is_there("picture"));
}

static void what_is_being_linked_stays(void **state) {
    (void)state;
    lies_there("same");
    say(arena_printf(site_arena(portal), "BEGIN; SELECT app.file_hold('%s')", hash_of("same")));
    tidy();
    assert_true(is_there("same"));
    say("ROLLBACK");
    tidy();
    assert_false(is_there("same"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nobodys_content_goes, restore),
        cmocka_unit_test_setup(a_row_without_a_link_goes, restore),
        cmocka_unit_test_setup(what_is_being_linked_stays, restore),
    };
    return cmocka_run_group_tests_name("file tidy", tests, open_portal, close_portal);
}
