#include "db/listen.h"
#include "core/clock.h"
#include "core/log.h"
#include "db/db_internal.h"

enum { RETRY_US = 1000000 };

struct listener {
    char *conninfo;
    char *statement;
    PGconn *conn;
    PGnotify *notice; /* handed out last */
    int64_t tried_us;
};

struct listener *listener_new(const char *conninfo, const char *channel) {
    char statement[128];
    struct listener *listener = calloc(1, sizeof *listener);
    snprintf(statement, sizeof statement, "LISTEN \"%s\"", channel);
    if (listener == NULL || (listener->conninfo = strdup(conninfo)) == NULL ||
        (listener->statement = strdup(statement)) == NULL)
        abort();
    listener->tried_us = -RETRY_US;
    return listener;
}

static void forget_notice(struct listener *listener) {
    PQfreemem(listener->notice);
    listener->notice = NULL;
}

static void disconnect(struct listener *listener) {
    PQfinish(listener->conn);
    listener->conn = NULL;
}

void listener_free(struct listener *listener) {
    if (listener == NULL)
        return;
    forget_notice(listener);
    disconnect(listener);
    free(listener->conninfo);
    free(listener->statement);
    free(listener);
}

int listener_fd(const struct listener *listener) {
    return listener->conn != NULL ? PQsocket(listener->conn) : -1;
}

/* A peer that vanished without a word is noticed by the kernel within half a minute. */
static bool connect_now(struct listener *listener) {
    char timeout[16];
    snprintf(timeout, sizeof timeout, "%d", CONNECT_TIMEOUT_SECONDS);
    const char *const keys[] = {"connect_timeout",
                                "application_name",
                                "keepalives_idle",
                                "keepalives_interval",
                                "keepalives_count",
                                "dbname",
                                NULL};
    const char *const values[] = {timeout, "tessera listener", "15", "5",
                                  "3",     listener->conninfo, NULL};
    listener->tried_us = clock_monotonic_us();
    listener->conn = PQconnectdbParams(keys, values, 1);
    PGresult *result = PQstatus(listener->conn) == CONNECTION_OK
                           ? PQexec(listener->conn, listener->statement)
                           : NULL;
    bool listening = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    if (!listening) {
        log_event(LOG_WARN, "listener_away", "reason", "%s", PQerrorMessage(listener->conn), NULL);
        disconnect(listener);
    }
    return listening;
}

enum heard listener_next(struct listener *listener, const char **payload) {
    forget_notice(listener);
    if (listener->conn == NULL) {
        if (clock_monotonic_us() - listener->tried_us < RETRY_US)
            return HEARD_NOTHING;
        return connect_now(listener) ? HEARD_CONNECTED : HEARD_NOTHING;
    }
    if (!PQconsumeInput(listener->conn) || PQstatus(listener->conn) != CONNECTION_OK) {
        log_event(LOG_WARN, "listener_lost", "reason", "%s", PQerrorMessage(listener->conn), NULL);
        disconnect(listener);
        return HEARD_NOTHING;
    }
    listener->notice = PQnotifies(listener->conn);
    if (listener->notice == NULL)
        return HEARD_NOTHING;
    *payload = listener->notice->extra;
    return HEARD_NOTICE;
}
