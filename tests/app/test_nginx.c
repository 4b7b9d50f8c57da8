/* The site in nginx/, with a real nginx in front of a supervisor and the echo application. */
#include "tests/support/http_client.h"
#include "tests/support/supervised.h"
#include "tests/support/unit.h"
#include "tests/support/wait.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BURST = 5 };

static struct supervised s;
static pid_t nginx;
static int port;
static bool missing; /* nginx isn't installed: everything is skipped */
static char metrics[128];

static int free_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (const struct sockaddr *)&address, size) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        abort();
    close(fd);
    return ntohs(address.sin_port);
}

static void shell(const char *command) {
    fflush(NULL);
    if (system(command) != 0) {
        fprintf(stderr, "failed: %s\n", command);
        abort();
    }
}

/* The same steps that the head of nginx/tessera.conf.in describes. */
static void configure(void) {
    const char *source = getenv("srcdir");
    char *command;
    port = free_port();
    int size = asprintf(
        &command,
        "set -eu; d='%s'; mkdir -p \"$d/log\" \"$d/files\" \"$d/static\"\n"
        "for f in '%s'/nginx/*.conf '%s'/nginx/*.conf.in; do\n"
        "  sed -e 's|@PORT@|%d|g' -e \"s|@SOCKETS@|$d|g\" -e 's|@STATIC@|static|g'"
        "      -e 's|@FILES@|files|g' -e 's|@LOG@|log|g' -e 's|@AUTH_RATE@|1r/m|g'"
        "      -e 's|@AUTH_BURST@|%d|g' -e \"s|@MODULES@|$(dirname \"$(ls /usr/lib/nginx/modules/ngx_nchan_module.so /usr/share/nginx/modules/ngx_nchan_module.so 2>/dev/null | head -n 1)\")|g\" \"$f\" >\"$d/$(basename \"$f\" .in)\"\n"
        "done\n"
        "if grep -n '@[A-Z_]*@' \"$d\"/*.conf; then exit 1; fi\n"
        "echo 'Back in a moment <!--# echo var=\"request_id\" -->' >\"$d/static/unavailable.html\"\n"
        "echo 'body{}' >\"$d/static/app.0123456789.css\"\n"
        "printf x | gzip >\"$d/static/app.0123456789.css.gz\"\n"
        "echo '{}' >\"$d/static/manifest.json\"\n"
        "echo secret >\"$d/files/a file.txt\"\n",
        s.folder, source != NULL ? source : ".", source != NULL ? source : ".", port, BURST);
    if (size < 0)
        abort();
    shell(command);
    free(command);
}

static void start_nginx(void) {
    char prefix[80];
    char config[96];
    char log[96];
    snprintf(prefix, sizeof prefix, "%s/", s.folder);
    snprintf(config, sizeof config, "%s/nginx.conf", s.folder);
    snprintf(log, sizeof log, "%s/log/nginx.log", s.folder);
    fflush(NULL);
    nginx = fork();
    if (nginx == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        execlp("nginx", "nginx", "-p", prefix, "-c", config, "-e", log, "-g",
               geteuid() == 0 ? "daemon off; user root;" : "daemon off;", (char *)NULL);
        _exit(127);
    }
}

static int stop_nginx(void) {
    int status;
    kill(nginx, SIGQUIT);
    waitpid(nginx, &status, 0);
    nginx = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int get_status(const char *target) {
    struct http_answer answer = http_request(port, "GET", target, "", NULL);
    int status = answer.status;
    http_answer_free(&answer);
    return status;
}

static int setup(void **state) {
    (void)state;
    missing = system("command -v nginx >/dev/null") != 0;
    if (missing)
        return 0;
    supervised_init(&s);
    configure();
    snprintf(metrics, sizeof metrics, "%s/metrics.sock", s.folder);
    s.pools[0].workers = 2;
    s.options.backoff_ms = 1;
    supervised_start(&s);
    start_nginx();
    return WAIT_FOR(get_status("/") == 200) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    char command[128];
    if (missing)
        return 0;
    int status = nginx > 0 ? stop_nginx() : 0;
    if (s.pid > 0)
        supervised_stop(&s, SIGTERM);
    snprintf(command, sizeof command, "rm -rf '%s'/*", s.folder);
    shell(command);
    supervised_free(&s);
    return status;
}

static struct http_answer get(const char *target) {
    if (missing)
        skip();
    return http_request(port, "GET", target, "", NULL);
}

static bool is_hex32(const char *text) {
    return text != NULL && strlen(text) == 32 && strspn(text, "0123456789abcdef") == 32;
}

/* On every answer, whoever made it. */
static void check_headers(const struct http_answer *answer) {
    static const char *const once[] = {
        "Content-Security-Policy",    "X-Content-Type-Options",     "Referrer-Policy",
        "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "X-Request-Id"};
    for (size_t i = 0; i < sizeof once / sizeof *once; i++) {
        if (http_header_count(answer, once[i]) != 1)
            fail_msg("%s stands there %zu times in\n%s", once[i], http_header_count(answer, once[i]),
                     answer->head);
    }
    const char *policy = http_header(answer, "Content-Security-Policy");
    assert_contains(policy, "default-src 'none'");
    assert_contains(policy, "frame-ancestors 'none'");
    assert_lacks(policy, "unsafe");
    assert_true(is_hex32(http_header(answer, "X-Request-Id")));
    assert_int_equal(http_header_count(answer, "Strict-Transport-Security"), 0); /* plain HTTP */
    assert_string_equal(http_header(answer, "Server"), "nginx");                 /* no version */
}

static void check_page(const char *target, int status) {
    struct http_answer answer = get(target);
    if (answer.status != status)
        fail_msg("%s: %d instead of %d", target, answer.status, status);
    check_headers(&answer);
    http_answer_free(&answer);
}

/* Microphone, position and what was just recorded: on the page of a lead and nowhere else. */
static void test_devices_are_for_the_page_of_a_lead(void **state) {
    (void)state;
#define LEAD "/leads/0e9cd3c2-7a50-4a0e-9d3b-6f1f2a3b4c5d"
    static const struct {
        const char *target;
        bool allowed;
    } pages[] = {
        {LEAD, true}, {LEAD "?show=calls", true}, {LEAD "/activities/new", true}, {LEAD "/activities/upload", true},
        {LEAD "/edit", false}, {LEAD "x", false}, {"/leads", false}, {"/leads/new", false}, {"/leads?back=" LEAD, false},
        {"/x" LEAD, false}, {"/", false}, {"/login", false},
    };
#undef LEAD
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct http_answer answer = get(pages[i].target);
        bool recorded = strstr(http_header(&answer, "Content-Security-Policy"), "blob:") != NULL;
        const char *devices = http_header(&answer, "Permissions-Policy"); /* until the next header is asked for */
        bool microphone = strstr(devices, "microphone=(self)") != NULL, position = strstr(devices, "geolocation=(self)") != NULL;
        if (microphone != pages[i].allowed || position != pages[i].allowed || recorded != pages[i].allowed)
            fail_msg("%s: %s, blob: %d", pages[i].target, devices, recorded);
        assert_contains(devices, "camera=()");
        http_answer_free(&answer);
    }
}

static void test_headers_are_on_every_answer(void **state) {
    (void)state;
    check_page("/", 200);
    check_page("/status/303", 303);
    check_page("/status/404", 404);
    check_page("/status/500", 500);
    check_page("/login", 200);
    check_page("/reset/0123456789", 200);
    check_page("/healthz", 200);
    check_page("/static/app.0123456789.css", 200);
    check_page("/static/manifest.json", 200);
    check_page("/static/nothing.css", 404);
    check_page("/static/", 403);
    check_page("/favicon.ico", 204);
    check_page("/file", 200);
    check_page("/protected/a%20file.txt", 404);
    check_page("/_error/500", 404);
    check_page("/_unavailable", 404);
    check_page("/metrics", 404);
    check_page("/%6detrics", 404);
    check_page("//metrics", 404);
    check_page("/x/../metrics", 404);
    check_page("/%00", 400);
}

static void test_what_a_worker_is_told(void **state) {
    (void)state;
    if (missing)
        skip();
    struct http_answer answer =
        http_request(port, "GET", "/seen?q=a%20b", "Proxy: http://evil.example\r\nX-Own: 1\r\n"
                     "X-Request-Id: mine\r\n", NULL);
    assert_contains(answer.body, "REQUEST_METHOD=GET\n");
    assert_contains(answer.body, "REQUEST_URI=/seen?q=a%20b\n");
    assert_contains(answer.body, "QUERY_STRING=q=a%20b\n");
    assert_contains(answer.body, "REMOTE_ADDR=127.0.0.1\n");
    assert_contains(answer.body, "HTTP_X_OWN=1\n");
    assert_contains(answer.body, "HTTP_PROXY=(none)\n");
    assert_contains(answer.body, "HTTPS=(none)\n");
    char line[64];
    snprintf(line, sizeof line, "TESSERA_REQUEST_ID=%s\n", http_header(&answer, "X-Request-Id"));
    assert_contains(answer.body, line);
    http_answer_free(&answer);
}

static void test_static_files(void **state) {
    (void)state;
    struct http_answer answer = get("/static/app.0123456789.css");
    assert_string_equal(http_header(&answer, "Content-Type"), "text/css");
    assert_string_equal(http_header(&answer, "Cache-Control"),
                        "public, max-age=31536000, immutable");
    assert_string_equal(answer.body, "body{}\n");
    http_answer_free(&answer);

    answer = http_request(port, "GET", "/static/app.0123456789.css", "Accept-Encoding: gzip\r\n",
                          NULL);
    assert_string_equal(http_header(&answer, "Content-Encoding"), "gzip");
    http_answer_free(&answer);

    answer = get("/static/manifest.json");
    assert_string_equal(http_header(&answer, "Cache-Control"), "no-cache");
    http_answer_free(&answer);

    answer = get("/static/missing.0123456789.css");
    assert_int_equal(http_header_count(&answer, "Cache-Control"), 0);
    http_answer_free(&answer);

    answer = http_request(port, "POST", "/static/manifest.json", "", "x");
    assert_int_equal(answer.status, 405);
    http_answer_free(&answer);
}

static void test_protected_file(void **state) {
    (void)state;
    struct http_answer answer = get("/file");
    assert_string_equal(answer.body, "secret\n");
    assert_string_equal(http_header(&answer, "Content-Type"), "text/plain");
    assert_lacks(http_header(&answer, "Content-Security-Policy"), "script-src");
    http_answer_free(&answer);
}

static void test_bodies(void **state) {
    (void)state;
    if (missing)
        skip();
    enum { MIB = 1024 * 1024 };
    char *body = malloc(2 * MIB + 1);
    assert_non_null(body);
    memset(body, 'b', 2 * MIB);
    body[2 * MIB] = '\0';
    struct http_answer answer = http_request(port, "POST", "/seen/upload", "", body);
    assert_int_equal(answer.status, 200);
    http_answer_free(&answer);

    char *large = malloc(66 * MIB + 1);
    assert_non_null(large);
    memset(large, 't', 66 * MIB);
    large[66 * MIB] = '\0';
    static const char *const takers[] = {"/seen/upload", "/seen/import"};
    for (size_t i = 0; i < sizeof takers / sizeof *takers; i++) {
        answer = http_request(port, "POST", takers[i], "", large);
        assert_int_equal(answer.status, 413);
        http_answer_free(&answer);
        answer = http_request(port, "POST", takers[i], "", large + 2 * MIB);
        assert_int_equal(answer.status, 200);
        http_answer_free(&answer);
        char chunked[200];
        int size = snprintf(chunked, sizeof chunked,
                            "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                            takers[i]);
        answer = http_send(NULL, port, chunked, (size_t)size);
        assert_int_equal(answer.status, 411); /* nobody knows how long it will be */
        assert_contains(answer.body, "pid=");
        http_answer_free(&answer);
    }
    free(large);

    answer = http_request(port, "POST", "/echo", "", body);
    assert_int_equal(answer.status, 413);
    assert_contains(answer.body, "pid="); /* a worker's page, not nginx's */
    check_headers(&answer);
    http_answer_free(&answer);

    body[MIB / 2] = '\0';
    answer = http_request(port, "POST", "/echo", "", body);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, body);
    http_answer_free(&answer);
    free(body);
}

static void test_chunked_body_has_a_length(void **state) {
    (void)state;
    if (missing)
        skip();
    static const char request[] = "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                  "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    struct http_answer answer = http_send(NULL, port, request, sizeof request - 1);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, "hello");
    http_answer_free(&answer);
}

static void test_malformed_requests(void **state) {
    (void)state;
    if (missing)
        skip();
    static char request[80000];
    struct http_answer answer = http_send(NULL, port, "\x16\x03\x01\r\n\r\n", 7);
    assert_int_equal(answer.status, 400);
    check_headers(&answer);
    http_answer_free(&answer);

    memset(request, 'a', sizeof request);
    memcpy(request, "GET /", 5);
    answer = http_send(NULL, port, request, sizeof request);
    assert_int_equal(answer.status, 400);
    check_headers(&answer);
    http_answer_free(&answer);

    memcpy(request, "GET / HTTP/1.1\r\nHost: x\r\nX: ", 29);
    answer = http_send(NULL, port, request, sizeof request);
    assert_int_equal(answer.status, 400);
    check_headers(&answer);
    http_answer_free(&answer);
}

static int post_login(const char *path) {
    struct http_answer answer = http_request(port, "POST", path, "", "a=b");
    int status = answer.status;
    http_answer_free(&answer);
    return status;
}

static void test_sign_in_has_its_pool_and_its_limit(void **state) {
    (void)state;
    if (missing)
        skip();
    struct http_answer answer = http_request(port, "POST", "/login", "", "a=b");
    assert_int_equal(strtol(answer.body + 4, NULL, 10), supervised_worker(&s, "auth", 0));
    http_answer_free(&answer);
    answer = get("/login");
    assert_int_not_equal(strtol(answer.body + 4, NULL, 10), supervised_worker(&s, "auth", 0));
    http_answer_free(&answer);

    static const char *const paths[] = {"/forgot", "/account/password", "/reset/x", "/invitation/x",
                                        "//login"};
    for (int i = 0; i < BURST; i++)
        assert_int_equal(post_login(paths[i]), 200);
    answer = http_request(port, "POST", "/reset/secret-token", "", "a=b");
    assert_int_equal(answer.status, 429);
    assert_contains(answer.body, "pid=");
    check_headers(&answer);
    http_answer_free(&answer);
    assert_int_equal(get_status("/login"), 200); /* looking is free */
    assert_int_equal(post_login("/leads"), 200); /* and so is everything else */
}

static char *read_log(const char *name) {
    char path[128];
    static char text[65536];
    snprintf(path, sizeof path, "%s/log/%s", s.folder, name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return NULL;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void test_log_keeps_secrets_to_itself(void **state) {
    (void)state;
    if (missing)
        skip();
    get_status("/reset/secret-token-1?x=secret-query");
    get_status("/invitation/secret-token-2");
    get_status("/unsubscribe/secret-token-6");
    get_status("/leads?q=secret-query");
    for (int i = 0; i < BURST + 2; i++) /* refused ones take another way */
        post_login("/reset/secret-token-3");
    supervised_stop(&s, SIGTERM); /* and so do those that no worker answers */
    get_status("/reset/secret-token-4");
    get_status("/unsubscribe/secret-token-7");
    post_login("/invitation/secret-token-5");
    assert_int_equal(stop_nginx(), 0); /* which empties its buffers */
    assert_contains(read_log("access.log"), "\"GET /reset/-\" 200");
    assert_contains(read_log("access.log"), "\"GET /unsubscribe/-\" 200");
    assert_contains(read_log("access.log"), "\"GET /leads\" 200");
    assert_contains(read_log("access.log"), "\"POST /reset/-\" 429");
    assert_contains(read_log("access.log"), "\"POST /invitation/-\" 503");
    assert_lacks(read_log("access.log"), "secret");
    assert_lacks(read_log("nginx.log"), "secret-token");
}

static void test_no_worker(void **state) {
    (void)state;
    if (missing)
        skip();
    supervised_stop(&s, SIGTERM);
    struct http_answer answer = get("/dashboard");
    assert_int_equal(answer.status, 503);
    assert_string_equal(http_header(&answer, "Retry-After"), "5");
    assert_string_equal(http_header(&answer, "Content-Type"), "text/html; charset=utf-8");
    assert_string_equal(http_header(&answer, "Cache-Control"), "no-store");
    assert_contains(answer.body, "Back in a moment");
    assert_contains(answer.body, http_header(&answer, "X-Request-Id"));
    check_headers(&answer);
    http_answer_free(&answer);

    answer = http_request(port, "POST", "/api/leads", "Accept: application/json\r\n", "{}");
    assert_int_equal(answer.status, 503);
    assert_string_equal(http_header(&answer, "Retry-After"), "5");
    assert_string_equal(http_header(&answer, "Content-Type"), "application/problem+json");
    assert_contains(answer.body, http_header(&answer, "X-Request-Id"));
    check_headers(&answer);
    http_answer_free(&answer);
    assert_int_equal(get_status("/static/manifest.json"), 200);
    assert_int_equal(get_status("/static/missing.css"), 503); /* its page needs a worker */
}

static pid_t busy_worker(void) {
    struct scoreboard_worker worker;
    for (size_t slot = 0; slot < scoreboard_slots(s.board); slot++) {
        scoreboard_read(s.board, slot, &worker);
        if (worker.state == WORKER_BUSY)
            return worker.pid;
    }
    fail_msg("no worker is busy");
    return 0;
}

static pid_t hold(const char *method, const char *body) {
    int before = s.echo.counts->holding;
    fflush(NULL);
    pid_t client = fork();
    if (client == 0) {
        struct http_answer answer = http_request(port, method, "/hold", "", body);
        _exit(answer.status == 200 ? 0 : answer.status == 503 ? 1 : 2);
    }
    assert_true(WAIT_FOR(s.echo.counts->holding == before + 1));
    return client;
}

static void test_worker_of_a_get_dies_and_another_answers(void **state) {
    (void)state;
    if (missing)
        skip();
    int status;
    pid_t client = hold("GET", NULL);
    kill(busy_worker(), SIGKILL);
    assert_true(WAIT_FOR(s.echo.counts->holding == 2));
    fcgi_echo_release(&s.echo, 1);
    assert_int_equal(waitpid(client, &status, 0), client);
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_worker_of_a_post_dies_and_it_is_not_repeated(void **state) {
    (void)state;
    if (missing)
        skip();
    int status;
    pid_t client = hold("POST", "x");
    kill(busy_worker(), SIGKILL);
    assert_int_equal(waitpid(client, &status, 0), client);
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_int_equal(s.echo.counts->holding, 1);
}

static void test_metrics_are_on_their_socket(void **state) {
    (void)state;
    if (missing)
        skip();
    static const char request[] = "GET /metrics HTTP/1.0\r\n\r\n";
    static const char other[] = "GET /dashboard HTTP/1.0\r\n\r\n";
    struct http_answer answer = http_send(metrics, 0, request, sizeof request - 1);
    assert_int_equal(answer.status, 200);
    assert_contains(answer.body, "pid=");
    http_answer_free(&answer);
    answer = http_send(metrics, 0, other, sizeof other - 1);
    assert_int_equal(answer.status, 404);
    http_answer_free(&answer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_headers_are_on_every_answer),
        TEST(test_devices_are_for_the_page_of_a_lead),
        TEST(test_what_a_worker_is_told),
        TEST(test_static_files),
        TEST(test_protected_file),
        TEST(test_bodies),
        TEST(test_chunked_body_has_a_length),
        TEST(test_malformed_requests),
        TEST(test_sign_in_has_its_pool_and_its_limit),
        TEST(test_log_keeps_secrets_to_itself),
        TEST(test_no_worker),
        TEST(test_worker_of_a_get_dies_and_another_answers),
        TEST(test_worker_of_a_post_dies_and_it_is_not_repeated),
        TEST(test_metrics_are_on_their_socket),
    };
    return cmocka_run_group_tests_name("nginx", tests, NULL, NULL);
}
