#include "db/migrate.h"

#include "core/buf.h"
#include "core/crypto.h"
#include "core/text.h"
#include <dirent.h>
#include <errno.h>
#include <libpq-fe.h>
#include <stdarg.h>

enum { MIGRATIONS_MAX = 1000, MIGRATION_SIZE_MAX = 8 << 20, VERSION_DIGITS = 4 };

struct migration {
    long version;
    char *name; /* file name */
    struct buf sql;
    char checksum[2 * SHA256_SIZE + 1];
};

struct runner {
    PGconn *conn;
    struct migration *migrations;
    size_t count;
    char *error;
    size_t error_size;
};

static enum err fail(struct runner *runner, enum err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static enum err fail(struct runner *runner, enum err err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(runner->error, runner->error_size, format, args);
    va_end(args);
    return err;
}

/* ── Files ── */

static int is_migration(const struct dirent *entry) {
    return text_ends(entry->d_name, ".sql") &&
           strspn(entry->d_name, "0123456789") == VERSION_DIGITS &&
           entry->d_name[VERSION_DIGITS] == '_';
}

static enum err read_migration(struct runner *runner, const char *directory, const char *name,
                               struct migration *m) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "r");
    if (!file)
        return fail(runner, ERR_INTERNAL, "%s: %s", path, strerror(errno));
    char chunk[8192];
    size_t n;
    buf_init(&m->sql, MIGRATION_SIZE_MAX);
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
        buf_append(&m->sql, chunk, n);
    bool bad = ferror(file) || buf_overflowed(&m->sql);
    fclose(file);
    if (bad)
        return fail(runner, ERR_INTERNAL, "%s: cannot be read, or is larger than %d bytes", path,
                    MIGRATION_SIZE_MAX);
    m->name = strdup(name);
    if (!m->name)
        abort();
    m->version = strtol(name, NULL, 10);
    uint8_t digest[SHA256_SIZE];
    crypto_sha256(m->sql.data, m->sql.len, digest);
    crypto_hex(digest, sizeof digest, m->checksum);
    return OK;
}

static enum err read_directory(struct runner *runner, const char *directory) {
    struct dirent **entries;
    int n = scandir(directory, &entries, is_migration, alphasort);
    if (n < 0)
        return fail(runner, ERR_INTERNAL, "%s: %s", directory, strerror(errno));
    runner->migrations = calloc((size_t)n + 1, sizeof *runner->migrations);
    if (!runner->migrations)
        abort();
    enum err err = OK;
    for (int i = 0; i < n; i++) {
        if (!err)
            err = read_migration(runner, directory, entries[i]->d_name,
                                 &runner->migrations[runner->count++]);
        free(entries[i]);
    }
    free(entries);
    for (size_t i = 0; !err && i < runner->count; i++)
        if (runner->migrations[i].version != (long)i + 1)
            err = fail(runner, ERR_INTERNAL,
                       "%s/%s: expected number %04zu here; numbers go up by one without gaps",
                       directory, runner->migrations[i].name, i + 1);
    return err;
}

/* ── Database ── */

static enum err execute(struct runner *runner, const char *what, const char *sql) {
    PGresult *result = PQexec(runner->conn, sql);
    ExecStatusType status = PQresultStatus(result);
    enum err err = OK;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        err = fail(runner, ERR_INTERNAL, "%s: %s", what, PQresultErrorMessage(result));
    PQclear(result);
    return err;
}

static enum err check_applied(struct runner *runner, size_t *applied) {
    PGresult *result = PQexec(
        runner->conn, "SELECT version, name, checksum FROM schema_migrations ORDER BY version");
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        enum err err =
            fail(runner, ERR_INTERNAL, "schema_migrations: %s", PQresultErrorMessage(result));
        PQclear(result);
        return err;
    }
    enum err err = OK;
    int n = PQntuples(result);
    for (int i = 0; i < n && !err; i++) {
        const char *name = PQgetvalue(result, i, 1);
        if ((size_t)i >= runner->count)
            err = fail(runner, ERR_CONFLICT,
                       "%s was applied to this database, but its file is missing: is this an older "
                       "tessera?",
                       name);
        else if (strcmp(PQgetvalue(result, i, 2), runner->migrations[i].checksum) != 0)
            err = fail(runner, ERR_CONFLICT,
                       "%s was changed after it was applied. Put it back as it was and write a new "
                       "migration instead.",
                       name);
    }
    PQclear(result);
    *applied = (size_t)n;
    return err;
}

static enum err apply(struct runner *runner, const struct migration *m) {
    enum err err = execute(runner, m->name, "BEGIN");
    if (!err)
        err = execute(runner, m->name, buf_text(&m->sql));
    if (!err) {
        char version[16];
        snprintf(version, sizeof version, "%ld", m->version);
        const char *values[] = {version, m->name, m->checksum};
        PGresult *result = PQexecParams(
            runner->conn,
            "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)", 3, NULL,
            values, NULL, NULL, 0);
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            err = fail(runner, ERR_INTERNAL, "%s: %s", m->name, PQresultErrorMessage(result));
        PQclear(result);
    }
    if (!err)
        return execute(runner, m->name, "COMMIT");
    PQclear(PQexec(runner->conn, "ROLLBACK"));
    return err;
}

static void quiet(void *context, const PGresult *result) {
    (void)context;
    (void)result;
}

static enum err run(struct runner *runner, const char *conninfo, bool dry_run, size_t *applied) {
    runner->conn = PQconnectdb(conninfo);
    if (PQstatus(runner->conn) != CONNECTION_OK)
        return fail(runner, ERR_UNAVAILABLE, "the database cannot be reached: %s",
                    PQerrorMessage(runner->conn));
    PQsetNoticeReceiver(runner->conn, quiet, NULL);
    /* any constant will do, so long as every runner takes the same */
    enum err err = execute(runner, "lock", "SELECT pg_advisory_lock(7355608)");
    if (!err)
        err = execute(runner, "schema_migrations",
                      "CREATE TABLE IF NOT EXISTS schema_migrations (version integer PRIMARY KEY, "
                      "name text NOT NULL, "
                      "checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())");
    size_t done = 0;
    if (!err)
        err = check_applied(runner, &done);
    for (size_t i = done; i < runner->count && !err; i++) {
        printf("%s %s\n", dry_run ? "would apply" : "applying", runner->migrations[i].name);
        if (!dry_run)
            err = apply(runner, &runner->migrations[i]);
    }
    if (!err && applied)
        *applied = runner->count - done;
    return err;
}

enum err migrate(const char *conninfo, const char *directory, bool dry_run, size_t *applied,
                 char *error, size_t error_size) {
    struct runner runner = {.error = error, .error_size = error_size};
    enum err err = read_directory(&runner, directory);
    if (!err && runner.count == 0)
        err = fail(&runner, ERR_INTERNAL, "%s: no migrations here", directory);
    if (!err)
        err = run(&runner, conninfo, dry_run, applied);
    PQfinish(runner.conn);
    for (size_t i = 0; i < runner.count; i++) {
        free(runner.migrations[i].name);
        buf_free(&runner.migrations[i].sql);
    }
    free(runner.migrations);
    return err;
}
