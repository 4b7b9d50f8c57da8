#include "tests/support/scratch.h"
#include "db/migrate.h"
#include "tests/support/unit.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SQL_MAX = 65536, TEXT_MAX = 65536 };

static const char *variable(const char *name) {
    const char *value = getenv(name);
    if (value == NULL)
        fail_msg("%s is not set: run this under tests/support/with-postgres", name);
    return value;
}

const char *scratch_source(const char *path) {
    static char whole[4096];
    snprintf(whole, sizeof whole, "%s/%s", variable("srcdir"), path);
    return whole;
}

static void ignore(void *context, const PGresult *result) {
    (void)context;
    (void)result;
}

PGconn *scratch_connect(const char *conninfo) {
    PGconn *conn = PQconnectdb(conninfo);
    if (PQstatus(conn) != CONNECTION_OK)
        fail_msg("%s: %s", conninfo, PQerrorMessage(conn));
    PQsetNoticeReceiver(conn, ignore, NULL);
    return conn;
}

static PGresult *execute(PGconn *conn, const char *format, va_list args) {
    static char sql[SQL_MAX];
    int length = vsnprintf(sql, sizeof sql, format, args);
    assert_in_range(length, 1, sizeof sql - 1);
    return PQexec(conn, sql);
}

static PGresult *demand(PGconn *conn, const char *format, va_list args) {
    PGresult *result = execute(conn, format, args);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fail_msg("%s\n%s", format, PQresultErrorMessage(result));
    return result;
}

void scratch_run(PGconn *conn, const char *format, ...) {
    va_list args;
    va_start(args, format);
    PQclear(demand(conn, format, args));
    va_end(args);
}

bool scratch_try(PGconn *conn, const char *format, ...) {
    va_list args;
    va_start(args, format);
    PGresult *result = execute(conn, format, args);
    va_end(args);
    ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

long scratch_long(PGconn *conn, const char *format, ...) {
    va_list args;
    va_start(args, format);
    PGresult *result = demand(conn, format, args);
    va_end(args);
    long value = PQntuples(result) > 0 ? strtol(PQgetvalue(result, 0, 0), NULL, 10) : 0;
    PQclear(result);
    return value;
}

const char *scratch_text(PGconn *conn, const char *format, ...) {
    static char text[TEXT_MAX];
    va_list args;
    va_start(args, format);
    PGresult *result = demand(conn, format, args);
    va_end(args);
    snprintf(text, sizeof text, "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return text;
}

static PGconn *superuser(void) {
    char conninfo[512];
    snprintf(conninfo, sizeof conninfo, "host=%s user=postgres dbname=postgres",
             variable("TESSERA_TEST_CLUSTER"));
    return scratch_connect(conninfo);
}

void scratch_open(struct scratch *scratch, bool migrated) {
    static int count;
    PGconn *conn = superuser();
    snprintf(scratch->name, sizeof scratch->name, "scratch_%ld_%d", (long)getpid(), ++count);
    scratch_run(conn, "CREATE DATABASE %s OWNER tessera_owner TEMPLATE template0", scratch->name);
    PQfinish(conn);
    snprintf(scratch->owner, sizeof scratch->owner, "host=%s dbname=%s user=tessera_owner",
             variable("TESSERA_TEST_CLUSTER"), scratch->name);
    char error[1024];
    if (migrated && migrate(scratch->owner, scratch_source("sql/migrations"), false, NULL, error,
                            sizeof error) != OK)
        fail_msg("%s", error);
    scratch->conn = scratch_connect(scratch->owner);
}

void scratch_close(struct scratch *scratch) {
    PQfinish(scratch->conn);
    PGconn *conn = superuser();
    scratch_run(conn, "DROP DATABASE %s WITH (FORCE)", scratch->name);
    PQfinish(conn);
}
