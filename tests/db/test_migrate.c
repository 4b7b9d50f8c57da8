/*
 * Migrations against a real PostgreSQL: every refusal leaves the database as it was.
 */
#include "db/migrate.h"
#include "tests/support/scratch.h"
#include "tests/support/unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct scratch scratch;
static char folder[64];
static char error[1024];
static size_t applied;

static void put(const char *name, const char *sql) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(sql, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void take_away(const char *name) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(unlink(path), 0);
}

static enum err run(bool dry_run) {
    *error = '\0';
    applied = 99;
    return migrate(scratch.owner, folder, dry_run, &applied, error, sizeof error);
}

static int setup(void **state) {
    (void)state;
    scratch_open(&scratch, false);
    snprintf(folder, sizeof folder, "/tmp/test_migrate.XXXXXX");
    assert_non_null(mkdtemp(folder));
    put("0001_first.sql", "CREATE TABLE one (n integer);\nINSERT INTO one VALUES (1);\n");
    put("0002_second.sql", "CREATE TABLE two (n integer);\n");
    return 0;
}

static int teardown(void **state) {
    char command[128];
    (void)state;
    scratch_close(&scratch);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static bool table_exists(const char *name) {
    return scratch_long(scratch.conn, "SELECT count(*) FROM pg_class WHERE relname = '%s'", name) >
           0;
}

static long entries(void) {
    return scratch_long(scratch.conn, "SELECT count(*) FROM schema_migrations");
}

static void applies_each_once_in_order(void **state) {
    (void)state;
    assert_int_equal(run(false), OK);
    assert_int_equal(applied, 2);
    assert_string_equal(
        scratch_text(scratch.conn,
                     "SELECT string_agg(version || ' ' || name, ', ' ORDER BY applied_at, version) "
                     "FROM schema_migrations WHERE length(checksum) = 64"),
        "1 0001_first.sql, 2 0002_second.sql");

    assert_int_equal(run(false), OK);
    assert_int_equal(applied, 0);
    assert_int_equal(scratch_long(scratch.conn, "SELECT count(*) FROM one"), 1);

    put("0003_third.sql", "INSERT INTO two VALUES (3);");
    assert_int_equal(run(false), OK);
    assert_int_equal(applied, 1);
    assert_int_equal(scratch_long(scratch.conn, "SELECT n FROM two"), 3);
}

static void dry_run_changes_nothing(void **state) {
    (void)state;
    assert_int_equal(run(true), OK);
    assert_int_equal(applied, 2);
    assert_false(table_exists("one"));
    assert_int_equal(run(false), OK);
    assert_int_equal(run(true), OK);
    assert_int_equal(applied, 0);
}

static void edited_file_is_refused(void **state) {
    (void)state;
    assert_int_equal(run(false), OK);
    put("0001_first.sql", "CREATE TABLE one (n integer);\n-- and a comment\n");
    put("0003_third.sql", "CREATE TABLE three ();");
    assert_int_equal(run(false), ERR_CONFLICT);
    assert_contains(error, "0001_first.sql was changed after it was applied");
    assert_false(table_exists("three"));
    assert_int_equal(entries(), 2);
}

static void failing_file_leaves_nothing_behind(void **state) {
    (void)state;
    put("0003_third.sql", "CREATE TABLE three (n integer);\nINSERT INTO three VALUES ('x');\n");
    put("0004_fourth.sql", "CREATE TABLE four ();");
    assert_int_equal(run(false), ERR_INTERNAL);
    assert_contains(error, "0003_third.sql");
    assert_contains(error, "invalid input syntax");
    assert_true(table_exists("two"));
    assert_false(table_exists("three"));
    assert_false(table_exists("four"));
    assert_int_equal(entries(), 2);

    put("0003_third.sql", "CREATE TABLE three (n integer);");
    assert_int_equal(run(false), OK);
    assert_int_equal(applied, 2);
}

static void gaps_and_duplicates_are_refused(void **state) {
    (void)state;
    put("0004_fourth.sql", "CREATE TABLE four ();");
    assert_int_equal(run(false), ERR_INTERNAL);
    assert_contains(error, "0004_fourth.sql: expected number 0003 here");
    assert_false(table_exists("one"));
    take_away("0004_fourth.sql");
    put("0002_again.sql", "CREATE TABLE again ();");
    assert_int_equal(run(false), ERR_INTERNAL);
    assert_contains(error, "expected number 0003 here");
}

static void missing_file_is_refused(void **state) {
    (void)state;
    assert_int_equal(run(false), OK);
    take_away("0002_second.sql");
    assert_int_equal(run(false), ERR_CONFLICT);
    assert_contains(error, "0002_second.sql was applied to this database, but its file is missing");
}

static void folder_without_migrations_is_refused(void **state) {
    (void)state;
    take_away("0001_first.sql");
    take_away("0002_second.sql");
    put("README.md", "no migration");
    assert_int_equal(run(false), ERR_INTERNAL);
    assert_contains(error, "no migrations here");
    assert_int_not_equal(migrate(scratch.owner, "/nonexistent", false, NULL, error, sizeof error),
                         OK);
    assert_contains(error, "/nonexistent");
}

static void database_away_is_said(void **state) {
    (void)state;
    assert_int_equal(
        migrate("host=/nonexistent dbname=x", folder, false, NULL, error, sizeof error),
        ERR_UNAVAILABLE);
    assert_contains(error, "cannot be reached");
}

/* Each exits with how many it applied, or with 100. */
static pid_t start_runner(void) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        enum err err = run(false);
        _exit(err == OK ? (int)applied : 100);
    }
    return pid;
}

/* The first of them waits for a lock that this test holds, and the others for the first. */
static void runners_wait_for_each_other(void **state) {
    enum { RUNNERS = 4 };
    (void)state;
    scratch_run(scratch.conn, "CREATE TABLE gate ()");
    put("0003_third.sql", "LOCK TABLE gate; CREATE TABLE three ();");
    scratch_run(scratch.conn, "BEGIN; LOCK TABLE gate");
    pid_t pids[RUNNERS];
    for (int i = 0; i < RUNNERS; i++)
        pids[i] = start_runner();
    while (scratch_long(scratch.conn, "SELECT count(*) FROM pg_locks WHERE NOT granted") <
           RUNNERS) {
    }
    scratch_run(scratch.conn, "COMMIT");
    int sum = 0;
    for (int i = 0; i < RUNNERS; i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status));
        sum += WEXITSTATUS(status);
    }
    assert_int_equal(sum, 3);
    assert_int_equal(entries(), 3);
}

static void schema_of_the_portal_applies(void **state) {
    (void)state;
    assert_int_equal(migrate(scratch.owner, scratch_source("sql/migrations"), false, &applied,
                             error, sizeof error),
                     OK);
    assert_true(applied >= 3);
    assert_int_equal(migrate(scratch.owner, scratch_source("sql/migrations"), false, &applied,
                             error, sizeof error),
                     OK);
    assert_int_equal(applied, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(applies_each_once_in_order),
        TEST(dry_run_changes_nothing),
        TEST(edited_file_is_refused),
        TEST(failing_file_leaves_nothing_behind),
        TEST(gaps_and_duplicates_are_refused),
        TEST(missing_file_is_refused),
        TEST(folder_without_migrations_is_refused),
        TEST(database_away_is_said),
        TEST(runners_wait_for_each_other),
        TEST(schema_of_the_portal_applies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
