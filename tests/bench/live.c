/*
 * live.c - keeps many pages' streams open and says how long news takes to reach them.
 *
 *   live --port N --database CONNINFO --people FILE --pages N --nginx PID
 *
 * Every latency begins when the statement is sent, its COMMIT included, and ends when the bytes are read here. One line comes out for each thing that
 * was measured, of name=value pairs; times are in milliseconds. Ends by itself.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    PAGES_MAX = 30000,
    PEOPLE_MAX = 5000,
    OPENING_AT_ONCE = 64,
    BROADCASTS = 20,
    SINGLES = 2000,
    PATIENCE_US = 30000000,
    QUIET_US = 3000000 /* nothing comes any more of what was said before */
};

struct person {
    char cookie[128];
    char id[40], partner[40], lead[40];
};

struct stream {
    int fd;
    size_t person;
    bool open;
    char tail[8]; /* the end of what was read, where a message may begin */
    size_t messages;
    int64_t last_us;
};

static struct person people[PEOPLE_MAX];
static size_t npeople;
static struct stream streams[PAGES_MAX];
static size_t npages;
static int port, epoll;
static PGconn *conn;
static long nginx_pid;
static int64_t started_us;
static double samples[PAGES_MAX > SINGLES ? PAGES_MAX : SINGLES];

static _Noreturn void die(const char *what) {
    fprintf(stderr, "live: %s: %s\n", what, errno ? strerror(errno) : "");
    exit(1);
}

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ── Streams ── */

static void open_stream(struct stream *stream) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    stream->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (stream->fd < 0 || connect(stream->fd, (struct sockaddr *)&address, sizeof address) != 0)
        die("connect");
    char request[512];
    int size = snprintf(request, sizeof request,
                        "GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\nCookie: %s\r\n\r\n",
                        people[stream->person].cookie);
    if (write(stream->fd, request, (size_t)size) != size)
        die("write");
    fcntl(stream->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = stream};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, stream->fd, &event) != 0)
        die("epoll_ctl");
}

/* A message begins with "data: {"; a ping has other data. */
static void take(struct stream *stream) {
    static char bytes[65536];
    static const char sign[] = "data: {";
    size_t kept = strlen(stream->tail);
    memcpy(bytes, stream->tail, kept);
    ssize_t got = read(stream->fd, bytes + kept, sizeof bytes - kept - 1);
    if (got <= 0) {
        if (got < 0 && errno == EAGAIN)
            return;
        die("a stream ended");
    }
    size_t size = kept + (size_t)got;
    bytes[size] = '\0';
    if (!stream->open && strncmp(bytes, "HTTP/1.1 200", 12) != 0) {
        fprintf(stderr, "live: %.*s\n", (int)strcspn(bytes, "\r"), bytes);
        exit(1);
    }
    stream->open = true;
    stream->last_us = now_us();
    const char *at = bytes;
    const char *end = bytes;
    for (; (at = strstr(at, sign)) != NULL; at += sizeof sign - 1) {
        stream->messages++;
        end = at + sizeof sign - 1;
    }
    size_t rest = (size_t)(bytes + size - end);
    size_t keep = rest < sizeof sign - 2 ? rest : sizeof sign - 2;
    memcpy(stream->tail, bytes + size - keep, keep);
    stream->tail[keep] = '\0';
}

/* Reads what comes for so long; how many streams had something. */
static int pump(int64_t us) {
    struct epoll_event events[256];
    int n = epoll_wait(epoll, events, 256, (int)(us / 1000));
    for (int i = 0; i < n; i++)
        take(events[i].data.ptr);
    return n;
}

static void settle(void) {
    while (pump(QUIET_US) > 0) {
        int64_t until = now_us() + QUIET_US;
        bool any = false;
        while (now_us() < until)
            any = pump(100000) > 0 || any;
        if (!any)
            return;
    }
}

static void open_all(void) {
    int64_t from = now_us();
    size_t begun = 0, open = 0;
    while (open < npages) {
        for (; begun < npages && begun - open < OPENING_AT_ONCE; begun++) {
            streams[begun].person = begun % npeople;
            open_stream(&streams[begun]);
        }
        pump(1000);
        while (open < begun && streams[open].open)
            open++;
        if (now_us() - from > 10 * PATIENCE_US)
            die("the streams don't open");
    }
    printf("opened pages=%zu seconds=%.1f\n", npages, (double)(now_us() - from) / 1e6);
}

/* ── Memory ── */

static long pss_kib(long pid) {
    char path[64], line[256];
    long kib = -1;
    snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", pid);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "Pss:", 4) == 0)
            kib = strtol(line + 4, NULL, 10);
    }
    if (file != NULL)
        fclose(file);
    return kib;
}

/* ── The database ── */

static PGresult *run(const char *sql) {
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        fprintf(stderr, "live: %s", PQerrorMessage(conn));
        exit(1);
    }
    return result;
}

/* The moment at which it was sent. */
static int64_t commit(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int64_t commit(const char *format, ...) {
    char sql[512];
    va_list args;
    va_start(args, format);
    vsnprintf(sql, sizeof sql, format, args);
    va_end(args);
    int64_t sent = now_us();
    PQclear(run(sql));
    return sent;
}

static void read_people(const char *path) {
    char line[256], sql[512];
    FILE *file = fopen(path, "re");
    if (file == NULL)
        die(path);
    while (npeople < PEOPLE_MAX && fgets(line, sizeof line, file) != NULL) {
        struct person *person = &people[npeople];
        line[strcspn(line, "\n")] = '\0';
        snprintf(person->cookie, sizeof person->cookie, "%.120s", line);
        const char *token = strchr(line, '=');
        if (token == NULL || strlen(token) < 3)
            continue;
        snprintf(sql, sizeof sql,
                 "SELECT u.id, u.partner_id, (SELECT l.id FROM leads l WHERE l.partner_id = u.partner_id LIMIT 1)"
                 "  FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = sha256('%.64s'::bytea)",
                 token + 2);
        PGresult *found = run(sql);
        if (PQntuples(found) == 1 && *PQgetvalue(found, 0, 2) != '\0') {
            snprintf(person->id, sizeof person->id, "%s", PQgetvalue(found, 0, 0));
            snprintf(person->partner, sizeof person->partner, "%s", PQgetvalue(found, 0, 1));
            snprintf(person->lead, sizeof person->lead, "%s", PQgetvalue(found, 0, 2));
            npeople++;
        }
        PQclear(found);
    }
    fclose(file);
    if (npeople == 0)
        die("nobody is signed in");
}

/* ── What is measured ── */

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_samples(const char *name, size_t n) {
    qsort(samples, n, sizeof *samples, by_size);
    printf("%s n=%zu p50=%.1f p95=%.1f p99=%.1f max=%.1f\n", name, n, samples[n / 2], samples[n * 95 / 100], samples[n * 99 / 100],
           samples[n - 1]);
    fflush(stdout);
}

/* Until so many streams have one message more than before; how long the last of them took. */
static double wait_for(const size_t *before, const struct person *only, size_t count, int64_t from) {
    for (;;) {
        size_t have = 0;
        int64_t last = from;
        for (size_t i = 0; i < npages; i++) {
            if ((only == NULL || &people[streams[i].person] == only) && streams[i].messages > before[i]) {
                have++;
                last = streams[i].last_us > last ? streams[i].last_us : last;
            }
        }
        if (have >= count)
            return (double)(last - from) / 1000;
        if (now_us() - from > PATIENCE_US)
            die("news did not come");
        pump(50000);
    }
}

static size_t before[PAGES_MAX];

static void note(void) {
    for (size_t i = 0; i < npages; i++)
        before[i] = streams[i].messages;
}

static void broadcast(void) {
    size_t n = 0;
    for (int round = 0; round < BROADCASTS; round++) {
        note();
        int64_t from = commit("SELECT pg_notify('live', 'all announcements')");
        samples[n++] = wait_for(before, NULL, npages, from);
        int64_t until = now_us() + 300000;
        while (now_us() < until)
            pump(50000);
    }
    print_samples("broadcast_last_page", n);
    note();
    int64_t from = commit("SELECT pg_notify('live', 'all announcements')");
    (void)wait_for(before, NULL, npages, from);
    for (size_t i = 0; i < npages; i++)
        samples[i] = (double)(streams[i].last_us - from) / 1000;
    print_samples("broadcast_each_page", npages);
}

/* One after the other, each to somebody else. */
static void singles(const char *name, bool leads) {
    for (size_t n = 0; n < SINGLES; n++) {
        size_t i = (n * 7919) % npages;
        const struct person *person = &people[streams[i].person];
        int64_t from;
        note();
        if (leads)
            from = commit("UPDATE leads SET description = 'bench %zu' WHERE id = '%s'", n, person->lead);
        else
            from = commit("SELECT pg_notify('live', 'user:%s notifications')", person->id);
        samples[n] = wait_for(before, person, 1, from);
    }
    print_samples(name, SINGLES);
}

static void usage(void) {
    fputs("Usage: live --port N --database CONNINFO --people FILE --pages N --nginx PID\n", stderr);
    exit(2);
}

int main(int argc, char **argv) {
    static const struct option options[] = {{"port", 1, NULL, 'p'}, {"database", 1, NULL, 'd'}, {"people", 1, NULL, 'f'}, {"pages", 1, NULL, 'n'},
                                            {"nginx", 1, NULL, 'x'}, {NULL, 0, NULL, 0}};
    const char *database = NULL, *file = NULL;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (c) {
        case 'p': port = (int)strtol(optarg, NULL, 10); break;
        case 'd': database = optarg; break;
        case 'f': file = optarg; break;
        case 'n': npages = (size_t)strtol(optarg, NULL, 10); break;
        case 'x': nginx_pid = strtol(optarg, NULL, 10); break;
        default: usage();
        }
    }
    if (port == 0 || database == NULL || file == NULL || npages == 0 || npages > PAGES_MAX)
        usage();
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    started_us = now_us();
    epoll = epoll_create1(EPOLL_CLOEXEC);
    conn = PQconnectdb(database);
    if (PQstatus(conn) != CONNECTION_OK)
        die(PQerrorMessage(conn));
    read_people(file);
    long empty = pss_kib(nginx_pid);
    open_all();
    settle();
    long full = pss_kib(nginx_pid);
    printf("memory nginx_kib_before=%ld nginx_kib_with=%ld kib_per_page=%.2f\n", empty, full, (double)(full - empty) / (double)npages);
    fflush(stdout);
    broadcast();
    singles("personal", false);
    singles("lead_moved", true);
    printf("memory_after nginx_kib=%ld\n", pss_kib(nginx_pid));
    PQfinish(conn);
    return 0;
}
