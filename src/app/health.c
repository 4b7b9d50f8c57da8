#include "app/health.h"

#include "core/clock.h"
#include "core/text.h"
#include <errno.h>
#include <signal.h>
#include <unistd.h>

enum err health_live(struct ctx *ctx) {
    response_type(ctx->response, "text/plain; charset=utf-8");
    buf_puts(ctx->response->body, "ok\n");
    return OK;
}

enum err health_ready(struct ctx *ctx) {
    enum err err = ctx_run_alone(ctx, Q_ready);
    response_type(ctx->response, "text/plain; charset=utf-8");
    ctx->response->status = err ? 503 : 200;
    buf_puts(ctx->response->body, err ? "the database is away\n" : "ready\n");
    return OK;
}

enum err health_error(struct ctx *ctx) {
    long status;
    return text_to_long(ctx_get(ctx, "status"), 400, 599, &status) ? err_of_status((int)status)
                                                                   : ERR_NOT_FOUND;
}

enum { PATIENCE_SECONDS = 10 };

static void put_jobs(struct buf *out, const struct rows *rows, const char *name, const char *help,
                     const char *const columns[], size_t count) {
    buf_printf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
    for (size_t i = 0; i < rows->nrows; i++)
        for (size_t j = 0; j < count; j++) {
            buf_printf(out, "%s{kind=\"%s\"", name, rows_get(rows, i, "kind"));
            if (count > 1)
                buf_printf(out, ",state=\"%s\"", columns[j]);
            buf_printf(out, "} %s\n", rows_get(rows, i, columns[j]));
        }
}

static const char *no_value(void *context, const char *name) {
    (void)context;
    (void)name;
    return NULL;
}

/* Whoever asks: /metrics has no session. NULL while the database is away. */
static const struct rows *job_figures(struct ctx *ctx) {
    struct batch *batch = batch_new(ctx->site->db, ctx->arena, AUDIENCE_STAFF, BATCH_READ);
    (void)batch_add(batch, Q_metrics_reader, NULL, no_value, NULL);
    size_t figures = batch_add(batch, Q_metrics_jobs, NULL, no_value, NULL);
    return batch_run(batch) == OK ? batch_rows(batch, figures) : NULL;
}

/* The queue's figures, from the database. While it is away they are left out; who has just waited for it
 * in vain does not ask again at once, so that the other figures come without delay. */
static void jobs_metrics(struct ctx *ctx) {
    static const char *const states[] = {"ready", "waiting", "running", "dead"};
    static const char *const ages[] = {"oldest_seconds"};
    static int64_t away_until;
    struct buf *out = ctx->response->body;
    const struct rows *rows = NULL;
    if (clock_monotonic_us() >= away_until && !(rows = job_figures(ctx)))
        away_until = clock_monotonic_us() + PATIENCE_SECONDS * INT64_C(1000000);
    buf_printf(out,
               "# HELP tessera_jobs_known Whether the queue could be read.\n"
               "# TYPE tessera_jobs_known gauge\ntessera_jobs_known %d\n",
               rows != NULL);
    if (!rows)
        return;
    put_jobs(out, rows, "tessera_jobs", "Jobs in the queue, by kind and state.", states, 4);
    put_jobs(out, rows, "tessera_jobs_oldest_ready_seconds",
             "How long the job that is due longest has been waiting.", ages, 1);
}

/* Of the process that tells open pages what has changed, as the daemon's scoreboard knows it; how many pages are open nginx
 * knows (metrics.sock, /live). The board outlives a daemon that was killed, its process does not. */
static void live_metrics(struct ctx *ctx) {
    const char *path = ctx->site->config->jobs_status_file;
    struct scoreboard *board = access(path, R_OK) == 0 ? scoreboard_attach(path) : NULL;
    struct buf *out = ctx->response->body;
    uint64_t messages = 0;
    bool up = false;
    for (size_t i = 0; board && i < scoreboard_slots(board); i++) {
        struct scoreboard_worker worker;
        scoreboard_read(board, i, &worker);
        if (!text_equal(worker.pool, "live"))
            continue;
        messages += worker.done;
        up = up || (worker.pid > 0 && (kill(worker.pid, 0) == 0 || errno == EPERM));
    }
    scoreboard_close(board);
    buf_printf(out,
               "# HELP tessera_live_up Whether open pages are told of changes on this machine.\n"
               "# TYPE tessera_live_up gauge\ntessera_live_up %d\n"
               "# HELP tessera_live_messages_total Messages published to open pages.\n"
               "# TYPE tessera_live_messages_total counter\ntessera_live_messages_total %llu\n",
               up, (unsigned long long)messages);
}

enum err health_metrics(struct ctx *ctx) {
    response_type(ctx->response, "text/plain; version=0.0.4; charset=utf-8");
    if (ctx->site->board)
        scoreboard_metrics(ctx->site->board, ctx->response->body);
    jobs_metrics(ctx);
    live_metrics(ctx);
    return OK;
}
