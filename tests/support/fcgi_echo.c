#include "tests/support/fcgi_echo.h"
#include "core/text.h"
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

static bool next_piece(void *context, struct buf *out) {
    struct fcgi_echo *echo = context;
    char line[64];
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    if (echo->pieces < 0) {
        if (echo->pieces-- < -1) {
            out->overflowed = true;
            return true;
        }
    } else {
        echo->pieces--;
    }
    for (int i = 0; i < ECHO_PIECE / (int)sizeof line; i++)
        buf_append(out, line, sizeof line);
    return echo->pieces != 0;
}

static void hold(struct fcgi_echo *echo, bool forever) {
    char byte;
    echo->counts->holding++;
    while (forever)
        pause();
    while (read(echo->gate[0], &byte, 1) < 0 && errno == EINTR) {
    }
}

static void answer_body(struct fcgi_echo *echo, struct fcgi_request *request,
                        struct response *response) {
    const void *body;
    size_t size;
    enum err err = request->read_body(request, echo->arena, ECHO_LIMIT, &body, &size);
    response->status = err_status(err);
    if (err == OK)
        buf_append(&echo->body, body, size);
}

/* A body that is too large for memory goes through a file, which nobody can find. */
static void answer_spool(struct fcgi_echo *echo, struct fcgi_request *request, struct response *response) {
    const void *body;
    size_t size;
    const char *directory = getenv("TMPDIR");
    request->spool = directory != NULL ? directory : "/tmp";
    size_t before = arena_used(echo->arena);
    enum err err = request->read_body(request, echo->arena, (size_t)ECHO_SPOOL_LIMIT, &body, &size);
    response->status = err_status(err);
    unsigned long sum = 0;
    for (size_t i = 0; err == OK && i < size; i++)
        sum = sum * 31 + ((const unsigned char *)body)[i];
    buf_printf(&echo->body, "size=%zu sum=%lu memory=%zu", size, sum, arena_used(echo->arena) - before);
}

static const char *const seen[] = {"REQUEST_METHOD", "REQUEST_URI", "QUERY_STRING", "REMOTE_ADDR",
                                   "TESSERA_REQUEST_ID", "HTTP_PROXY", "HTTP_X_OWN", "HTTPS"};

static void answer(struct fcgi_echo *echo, const char *uri, struct fcgi_request *request,
                   struct response *response) {
    long status;
    if (text_starts(uri, "/status/") && text_to_long(uri + 8, 0, 999, &status)) {
        response->status = (int)status;
        response_header(response, "X-Test", "yes");
        response_type(response, "text/plain");
        buf_puts(&echo->body, "status");
    } else if (text_equal(uri, "/echo")) {
        answer_body(echo, request, response);
    } else if (text_equal(uri, "/spool")) {
        answer_spool(echo, request, response);
    } else if (text_equal(uri, "/env")) {
        response_header(response, "X-Type", request->env(request->env_context, "CONTENT_TYPE"));
    } else if (text_starts(uri, "/seen")) {
        for (size_t i = 0; i < sizeof seen / sizeof *seen; i++) {
            const char *value = request->env(request->env_context, seen[i]);
            buf_printf(&echo->body, "%s=%s\n", seen[i], value != NULL ? value : "(none)");
        }
    } else if (text_equal(uri, "/file")) {
        response_header(response, "X-Accel-Redirect", "/protected/a%20file.txt");
        response_type(response, "text/plain");
    } else if (text_equal(uri, "/stream") || text_equal(uri, "/broken")) {
        echo->pieces = text_equal(uri, "/stream") ? ECHO_PIECES : -1;
        response->stream = next_piece;
        response->stream_context = echo;
    } else if (text_starts(uri, "/huge")) {
        if (text_equal(uri, "/huge-stream"))
            response->stream = next_piece;
        response->stream_context = echo;
        for (int i = 0; i < 2 * ECHO_LIMIT; i++)
            buf_putc(&echo->body, 'h');
    } else if (text_equal(uri, "/crash")) {
        abort();
    } else {
        if (text_equal(uri, "/hold") || text_equal(uri, "/stuck"))
            hold(echo, text_equal(uri, "/stuck"));
        buf_printf(&echo->body, "pid=%ld generation=%u", (long)getpid(), echo->generation);
    }
}

static void handle(void *context, struct fcgi_request *request, struct response *response) {
    struct fcgi_echo *echo = context;
    const char *uri = request->env(request->env_context, "REQUEST_URI");
    arena_reset(echo->arena);
    buf_clear(&echo->body);
    response_init(response, echo->arena, &echo->body);
    if (echo->slot != NULL)
        scoreboard_request(echo->slot, uri, "0123456789abcdef0123456789abcdef");
    answer(echo, uri != NULL ? uri : "/", request, response);
}

static void done(void *context, const struct fcgi_result *result) {
    const struct fcgi_echo *echo = context;
    if (result->sent)
        echo->counts->sent++;
    else
        echo->counts->lost++;
}

static int idle(void *context) {
    const struct fcgi_echo *echo = context;
    echo->counts->idle++;
    return echo->counts->again - 1;
}

void fcgi_echo_init(struct fcgi_echo *echo) {
    *echo = (struct fcgi_echo){.app = {.handle = handle, .done = done, .idle = idle, .context = echo}};
    echo->arena = arena_new(2 * ECHO_LIMIT);
    buf_init(&echo->body, ECHO_LIMIT);
    void *memory = mmap(NULL, sizeof *echo->counts, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED || pipe(echo->gate) != 0)
        abort();
    echo->counts = memory;
}

void fcgi_echo_free(struct fcgi_echo *echo) {
    arena_free(echo->arena);
    buf_free(&echo->body);
    munmap(echo->counts, sizeof *echo->counts);
    close(echo->gate[0]);
    close(echo->gate[1]);
}

void fcgi_echo_release(const struct fcgi_echo *echo, int count) {
    for (int i = 0; i < count; i++) {
        if (write(echo->gate[1], "g", 1) != 1)
            abort();
    }
}
