/*
 * load.c - asks a server on this machine for pages, as many signed-in people would, and says how
 * long they waited.
 *
 * Steady (--every): each connection belongs to one person, stays open, and asks for a page at fixed
 * moments, the first of them at random. A wait is counted from the moment at which the page should
 * have been asked for, so that a server that stalls pays for everybody who would have come
 * meanwhile. Flat out (without --every): each connection asks again as soon as it was answered,
 * each time as the next person.
 *
 * One line comes out, of name=value pairs; times are in milliseconds.
 */
#include "answer.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 20000,
    SECONDS_MAX = 600,
    REQUEST_MAX = 4096,
    PATIENCE_SECONDS = 20, /* for what is still on its way at the end */
    EVENTS = 256
};

struct connection {
    int fd;
    size_t person;
    size_t page;
    int64_t phase_us; /* steady: its moment within each period */
    int64_t due_us;   /* and when its next page is to be asked for */
    int64_t asked_us;
    bool busy;
    char request[REQUEST_MAX]; /* what is on its way out */
    size_t request_size, sent;
    struct answer answer;
};

struct settings {
    struct sockaddr_in address;
    size_t connections;
    double seconds, warm_seconds, every;
    bool gzip;
    const char *agent; /* User-Agent; NULL: none is said */
    char **people; /* cookies */
    size_t npeople;
    char **paths;
    size_t npaths;
};

struct load {
    struct settings settings;
    int epoll_fd, timer_fd;
    struct connection *connections;
    struct connection **schedule; /* steady: by phase */
    size_t next;                  /* steady: how many pages have fallen due */
    size_t next_person;           /* flat out */
    size_t busy;
    int64_t start_us, count_from_us, end_us, every_us;
    uint32_t *waits_us;
    size_t nwaits, waits_cap;
    uint64_t statuses[ANSWER_STATUS_MAX];
    uint64_t errors, bytes;
};

static _Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

static _Noreturn void die(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(EXIT_FAILURE);
}

static void *allocate(void *old, size_t count, size_t size) {
    void *memory = reallocarray(old, count, size);
    if (memory == NULL)
        die("There is not enough memory.");
    return memory;
}

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- connections ---- */

static void watch(struct load *load, struct connection *connection, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = connection};
    if (epoll_ctl(load->epoll_fd, EPOLL_CTL_MOD, connection->fd, &event) != 0)
        die("epoll: %s", strerror(errno));
}

static void connection_open(struct load *load, struct connection *connection) {
    int on = 1;
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->fd < 0 || connect(connection->fd, (struct sockaddr *)&load->settings.address,
                                      sizeof(struct sockaddr_in)) != 0)
        die("There is no connection: %s", strerror(errno));
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(connection->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, connection->fd, &event) != 0)
        die("epoll: %s", strerror(errno));
}

static void wait_note(struct load *load, const struct connection *connection) {
    int64_t now = now_us();
    if (connection->asked_us < load->count_from_us)
        return;
    if (load->nwaits == load->waits_cap) {
        load->waits_cap = load->waits_cap > 0 ? 2 * load->waits_cap : 65536;
        load->waits_us = allocate(load->waits_us, load->waits_cap, sizeof *load->waits_us);
    }
    load->waits_us[load->nwaits++] = (uint32_t)(now - connection->asked_us);
    load->statuses[connection->answer.status]++;
}

static void connection_finish(struct load *load, struct connection *connection) {
    connection->busy = false;
    load->busy--;
}

/* What breaks is counted, and the connection made again. The person tries the next page at its
 * time; what fell due meanwhile counts as broken, too. */
static void connection_break(struct load *load, struct connection *connection) {
    if (connection->busy) {
        load->errors++;
        connection_finish(load, connection);
    }
    for (int64_t now = now_us(); load->every_us > 0 && connection->due_us <= now;
         connection->due_us += load->every_us)
        load->errors++;
    close(connection->fd);
    connection_open(load, connection);
}

static void request_send(struct load *load, struct connection *connection) {
    size_t left = connection->request_size - connection->sent;
    ssize_t sent = send(connection->fd, connection->request + connection->sent, left, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) {
        connection_break(load, connection);
        return;
    }
    connection->sent += sent > 0 ? (size_t)sent : 0;
    if (sent != (ssize_t)left)
        watch(load, connection, EPOLLIN | EPOLLOUT);
}

static void ask(struct load *load, struct connection *connection, int64_t asked_us) {
    const struct settings *settings = &load->settings;
    int size = snprintf(connection->request, REQUEST_MAX,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: %s\r\n%s%s%s%s\r\n",
                        settings->paths[connection->page], settings->people[connection->person],
                        settings->gzip ? "Accept-Encoding: gzip\r\n" : "",
                        settings->agent != NULL ? "User-Agent: " : "",
                        settings->agent != NULL ? settings->agent : "",
                        settings->agent != NULL ? "\r\n" : "");
    if (size >= REQUEST_MAX)
        die("A path is too long.");
    connection->page = (connection->page + 1) % settings->npaths;
    connection->request_size = (size_t)size;
    connection->sent = 0;
    answer_begin(&connection->answer);
    connection->asked_us = asked_us;
    connection->busy = true;
    load->busy++;
    request_send(load, connection);
}

/* ---- answers ---- */

static void ask_next_person(struct load *load, struct connection *connection) {
    int64_t now = now_us();
    if (now >= load->end_us)
        return;
    connection->person = load->next_person;
    load->next_person = (load->next_person + 1) % load->settings.npeople;
    ask(load, connection, now);
}

/* The pages that fell due while this connection waited; they wait as long as they have. */
static void ask_when_due(struct load *load, struct connection *connection) {
    int64_t now = now_us();
    if (connection->busy || connection->due_us > now || connection->due_us >= load->end_us)
        return;
    int64_t due = connection->due_us;
    connection->due_us += load->every_us;
    ask(load, connection, due);
}

static void answered(struct load *load, struct connection *connection) {
    wait_note(load, connection);
    connection_finish(load, connection);
    if (load->every_us > 0)
        ask_when_due(load, connection);
    else
        ask_next_person(load, connection);
}

static void receive(struct load *load, struct connection *connection) {
    static char bytes[256 * 1024];
    ssize_t size = recv(connection->fd, bytes, sizeof bytes, 0);
    if (size < 0 && errno == EAGAIN)
        return;
    if (size > 0 && connection->asked_us >= load->count_from_us)
        load->bytes += (uint64_t)size;
    ssize_t taken =
        size > 0 && connection->busy ? answer_take(&connection->answer, bytes, (size_t)size) : -1;
    if (taken < 0 || taken != size)
        connection_break(load, connection);
    else if (connection->answer.part == ANSWER_COMPLETE)
        answered(load, connection);
}

/* ---- the course of it ---- */

static void timer_set(struct load *load, int64_t at_us) {
    struct itimerspec at = {
        .it_value = {.tv_sec = at_us / 1000000, .tv_nsec = at_us % 1000000 * 1000}};
    timerfd_settime(load->timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

/* Everybody asks once in each period and always in the same order, so one number tells who is next,
 * and when. Who still waits for an answer asks again right after it, see answered(). */
static void steady_step(struct load *load) {
    size_t count = load->settings.connections;
    for (;;) {
        struct connection *connection = load->schedule[load->next % count];
        int64_t due =
            load->start_us + connection->phase_us + (int64_t)(load->next / count) * load->every_us;
        if (due > now_us()) {
            timer_set(load, due);
            return;
        }
        ask_when_due(load, connection);
        load->next++;
    }
}

static int by_phase(const void *a, const void *b) {
    const struct connection *const *left = a, *const *right = b;
    return ((*left)->phase_us > (*right)->phase_us) - ((*left)->phase_us < (*right)->phase_us);
}

static void steady_start(struct load *load) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    size_t count = load->settings.connections;
    load->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (load->timer_fd < 0 || epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, load->timer_fd, &event) != 0)
        die("timerfd: %s", strerror(errno));
    load->schedule = allocate(NULL, count, sizeof(struct connection *));
    for (size_t i = 0; i < count; i++) {
        struct connection *connection = &load->connections[i];
        connection->phase_us = (int64_t)(drand48() * (double)load->every_us);
        connection->due_us = load->start_us + connection->phase_us;
        load->schedule[i] = connection;
    }
    qsort(load->schedule, count, sizeof(struct connection *), by_phase);
    steady_step(load);
}

static void load_open(struct load *load) {
    const struct settings *settings = &load->settings;
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    load->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    load->connections = allocate(NULL, settings->connections, sizeof(struct connection));
    for (size_t i = 0; i < settings->connections; i++) {
        struct connection *connection = &load->connections[i];
        *connection =
            (struct connection){.person = i % settings->npeople, .page = i % settings->npaths};
        connection_open(load, connection);
    }
    load->every_us = (int64_t)(settings->every * 1e6);
    load->start_us = now_us();
    load->count_from_us = load->start_us + (int64_t)(settings->warm_seconds * 1e6);
    load->end_us = load->count_from_us + (int64_t)(settings->seconds * 1e6);
    if (load->every_us > 0)
        steady_start(load);
    else
        for (size_t i = 0; i < settings->connections; i++)
            ask_next_person(load, &load->connections[i]);
}

static void load_event(struct load *load, const struct epoll_event *event) {
    struct connection *connection = event->data.ptr;
    if (connection == NULL) {
        uint64_t times;
        if (read(load->timer_fd, &times, sizeof times) == (ssize_t)sizeof times)
            steady_step(load);
        return;
    }
    if (event->events & EPOLLOUT) {
        watch(load, connection, EPOLLIN);
        request_send(load, connection);
    }
    if (event->events & ~(uint32_t)EPOLLOUT)
        receive(load, connection);
}

static void load_run(struct load *load) {
    struct epoll_event events[EVENTS];
    int64_t give_up_us = load->end_us + PATIENCE_SECONDS * INT64_C(1000000);
    for (int64_t now = now_us(); now < load->end_us || (load->busy > 0 && now < give_up_us);
         now = now_us()) {
        int count = epoll_wait(load->epoll_fd, events, EVENTS, 100);
        for (int i = 0; i < count; i++)
            load_event(load, &events[i]);
    }
    load->errors += load->busy; /* never answered */
}

/* ---- what came out ---- */

static int by_size(const void *a, const void *b) {
    const uint32_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* The wait that this part of all did not exceed. */
static double percentile(const struct load *load, double part) {
    if (load->nwaits == 0)
        return 0;
    size_t rank = (size_t)(part * (double)load->nwaits);
    return load->waits_us[rank < load->nwaits ? rank : load->nwaits - 1] / 1000.0;
}

static void report(struct load *load) {
    qsort(load->waits_us, load->nwaits, sizeof *load->waits_us, by_size);
    double seconds = load->settings.seconds;
    printf("pages=%zu rate=%.1f p50=%.2f p95=%.2f p99=%.2f max=%.2f kilobytes=%.1f errors=%llu",
           load->nwaits, (double)load->nwaits / seconds, percentile(load, 0.50),
           percentile(load, 0.95), percentile(load, 0.99), percentile(load, 1.0),
           load->nwaits > 0 ? (double)load->bytes / (double)load->nwaits / 1024 : 0,
           (unsigned long long)load->errors);
    for (size_t i = 0; i < ANSWER_STATUS_MAX; i++)
        if (load->statuses[i] > 0)
            printf(" status_%zu=%llu", i, (unsigned long long)load->statuses[i]);
    putchar('\n');
}

/* ---- the command line ---- */

static const char usage[] =
    "Usage: load --port N --people FILE --connections N --seconds S [OPTION…] PATH…\n"
    "  --people FILE  cookies, one to a line, as `tessera user sessions` writes them\n"
    "  --every S      each connection asks for a page every S seconds; without it, as soon as it "
    "was answered\n"
    "  --warm S       seconds before counting begins (1)\n"
    "  --gzip         ask for compressed pages, as browsers do\n"
    "  --agent TEXT   the browser's name\n";

static double number(const char *text, double min, double max) {
    char *end;
    double value = strtod(text, &end);
    if (*text == '\0' || *end != '\0' || !(value >= min && value <= max))
        die("%s is no number from %g to %g.", text, min, max);
    return value;
}

static void read_people(struct settings *settings, const char *path) {
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t cap = 0;
    if (file == NULL)
        die("%s: %s", path, strerror(errno));
    while (getline(&line, &cap, file) > 0) {
        line[strcspn(line, "\r\n")] = '\0';
        settings->people = allocate(settings->people, settings->npeople + 1, sizeof(char *));
        if ((settings->people[settings->npeople++] = strdup(line)) == NULL)
            die("There is not enough memory.");
    }
    free(line);
    fclose(file);
}

static void read_options(int argc, char **argv, struct settings *settings) {
    static const struct option options[] = {
        {"port", 1, NULL, 'p'},        {"people", 1, NULL, 'f'},
        {"connections", 1, NULL, 'c'}, {"seconds", 1, NULL, 's'},
        {"every", 1, NULL, 'e'},       {"warm", 1, NULL, 'w'},
        {"gzip", 0, NULL, 'z'},        {"agent", 1, NULL, 'a'},
        {0}};
    *settings = (struct settings){.warm_seconds = 1};
    settings->address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (option) {
        case 'p':
            settings->address.sin_port = htons((uint16_t)number(optarg, 1, 65535));
            break;
        case 'f':
            read_people(settings, optarg);
            break;
        case 'c':
            settings->connections = (size_t)number(optarg, 1, CONNECTIONS_MAX);
            break;
        case 's':
            settings->seconds = number(optarg, 0.1, SECONDS_MAX);
            break;
        case 'e':
            settings->every = number(optarg, 0.01, SECONDS_MAX);
            break;
        case 'w':
            settings->warm_seconds = number(optarg, 0, SECONDS_MAX);
            break;
        case 'a':
            settings->agent = optarg;
            break;
        case 'z':
            settings->gzip = true;
            break;
        default:
            fputs(usage, stderr);
            exit(2);
        }
    }
    settings->paths = argv + optind;
    settings->npaths = (size_t)(argc - optind);
    bool complete =
        settings->address.sin_port != 0 && settings->npeople > 0 && settings->connections > 0;
    if (!complete || settings->seconds <= 0 || settings->npaths == 0) {
        fputs(usage, stderr);
        exit(2);
    }
}

int main(int argc, char **argv) {
    struct load load = {.timer_fd = -1};
    read_options(argc, argv, &load.settings);
    srand48(1);
    load_open(&load);
    load_run(&load);
    report(&load);
    return load.nwaits > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
