/* One link: its address and QR code, and the days that were chosen, drawn. */
#include "core/clock.h"
#include "core/crypto.h"
#include "core/i18n.h"
#include "core/text.h"
#include "domain/links/links.h"
#include "view/chart.h"
#include "view/facets.h"
#include "view/messages.h"
#include "view/qr.h"

enum { TREND_HEIGHT = 220, SVG_MAX = 256 << 10, STEPS = 4, VERSION_BYTES = 4 };

static const char *url_of(struct ctx *ctx, const char *code) {
    return arena_printf(ctx->arena, "%s/r/%s", ctx->site->config->base_url, code);
}

/* ── QR codes ── */

/* A code never changes, so neither does its picture: it is named by what is in it. */
static const char *qr_href(struct ctx *ctx, const char *url, const char *ending) {
    uint8_t digest[SHA256_SIZE];
    char hex[2 * VERSION_BYTES + 1];
    crypto_sha256(url, strlen(url), digest);
    crypto_hex(digest, VERSION_BYTES, hex);
    return arena_printf(ctx->arena, "/links/%s/qr.%s?v=%s", ctx_column(ctx, Q_link_get, "id"),
                        ending, hex);
}

static enum err answer_qr(struct ctx *ctx, const char *type, const char *ending,
                          bool (*draw)(const char *text, struct buf *out)) {
    const char *code = ctx_column(ctx, Q_link_code, "code");
    if (!draw(url_of(ctx, code), ctx->response->body))
        return ERR_INTERNAL;
    response_type(ctx->response, type);
    response_header(ctx->response, "Cache-Control", "private, max-age=31536000, immutable");
    response_header(
        ctx->response, "Content-Disposition",
        response_disposition(ctx->arena, arena_printf(ctx->arena, "qr-%s.%s", code, ending), true));
    return OK;
}

enum err link_qr_svg(struct ctx *ctx) {
    return answer_qr(ctx, "image/svg+xml", "svg", qr_svg);
}

enum err link_qr_png(struct ctx *ctx) {
    return answer_qr(ctx, "image/png", "png", qr_png);
}

/* ── The chosen days ── */

static struct link_range range_of(const struct ctx *ctx) {
    struct link_range range;
    link_range_make(form_value(ctx->form, "from"), form_value(ctx->form, "to"), clock_now(),
                    &range);
    return range;
}

enum err link_page_prepare(struct ctx *ctx) {
    (void)form_take(ctx->form, ctx->request->query); /* what makes no sense are the usual days */
    struct link_range range = range_of(ctx);
    ctx_set(ctx, "from", arena_strdup(ctx->arena, range.from));
    ctx_set(ctx, "to", arena_strdup(ctx->arena, range.to));
    ctx_set(ctx, "bucket", range.bucket);
    return OK;
}

static void show_periods(struct ctx *ctx, const struct link_range *range) {
    static const struct {
        int days;
        const char *label;
    } periods[] = {{30, N_("30 days")}, {90, N_("90 days")}, {365, N_("12 months")}};
    struct link_range today;
    link_range_make(NULL, NULL, clock_now(), &today);
    struct model_list *list = model_set_list(ctx->page, "periods");
    for (size_t i = 0; i < sizeof periods / sizeof *periods; i++) {
        struct link_range one;
        link_range_make(NULL, NULL, clock_now() - (time_t)(periods[i].days - RANGE_DAYS) * 86400,
                        &one);
        struct model *period = model_list_add(list);
        model_set_text(period, "label", messages_text(periods[i].label));
        model_set_text(period, "href",
                       periods[i].days == RANGE_DAYS
                           ? arena_strdup(ctx->arena, ctx->request->path)
                           : arena_printf(ctx->arena, "%s?from=%s", ctx->request->path, one.from));
        model_set_bool(period, "current",
                       range->days == periods[i].days && text_equal(range->to, today.to));
    }
    model_set_typed(ctx->page, "from", arena_strdup(ctx->arena, range->from), COLUMN_DATE);
    model_set_typed(ctx->page, "to", arena_strdup(ctx->arena, range->to), COLUMN_DATE);
    model_set_bool(ctx->page, "by_day", text_equal(range->bucket, "day"));
    model_set_bool(ctx->page, "by_week", text_equal(range->bucket, "week"));
    model_set_bool(ctx->page, "by_month", text_equal(range->bucket, "month"));
}

static void set_svg(struct ctx *ctx, const char *name,
                    void (*draw)(const struct chart *chart, struct buf *out),
                    const struct chart *chart) {
    struct buf svg;
    buf_init(&svg, SVG_MAX);
    draw(chart, &svg);
    model_set_svg(ctx->page, name, arena_strdup(ctx->arena, buf_text(&svg)));
    buf_free(&svg);
}

/* "22 Oct" of a date that is written "22 Oct 2026", and "October 2026" of a month. */
static const char *day_label(struct ctx *ctx, const char *day, bool month) {
    const struct render_options options = {.locale = ctx_locale(ctx)};
    struct facet_result result =
        facet_apply(ctx->arena, day, COLUMN_DATE, month ? "month" : "date", NULL, &options);
    const char *text = result.kind == FACET_TEXT ? result.text : day;
    size_t size = strlen(text);
    bool year_last =
        size > 5 && text[size - 5] == ' ' && strspn(text + size - 4, "0123456789") == 4;
    return !month && year_last ? arena_strndup(ctx->arena, text, size - 5) : text;
}

static void show_trend(struct ctx *ctx, bool months) {
    const struct rows *rows = ctx_rows(ctx, Q_link_days);
    size_t n = rows->nrows;
    const char **labels = arena_array(ctx->arena, n + 1, sizeof *labels);
    const char **notes = arena_array(ctx->arena, 2 * n + 1, sizeof *notes);
    double *clicks = arena_array(ctx->arena, n + 1, sizeof *clicks);
    double *visitors = arena_array(ctx->arena, n + 1, sizeof *visitors);
    for (size_t i = 0; i < n; i++) {
        labels[i] = day_label(ctx, rows_get(rows, i, "day"), months);
        clicks[i] = (double)rows_long(rows, i, "clicks");
        visitors[i] = (double)rows_long(rows, i, "visitors");
        notes[i] = arena_printf(ctx->arena, _("%s: %.0f clicks"), labels[i], clicks[i]);
        notes[n + i] = arena_printf(ctx->arena, _("%s: %.0f visitors"), labels[i], visitors[i]);
    }
    const struct chart_series series[] = {{_("Clicks"), clicks}, {_("Visitors"), visitors}};
    const struct chart chart = {.title = _("Clicks and visitors over time"),
                                .labels = labels,
                                .notes = notes,
                                .points = n,
                                .series = series,
                                .nseries = 2,
                                .height = TREND_HEIGHT,
                                .locale = ctx_locale(ctx)};
    set_svg(ctx, "trend_svg", chart_area, &chart);
}

static void show_funnel(struct ctx *ctx) {
    static const struct {
        const char *column, *label;
    } steps[STEPS] = {{"clicks", N_("Clicks")},
                      {"leads", N_("Leads")},
                      {"qualified", N_("Qualified")},
                      {"won", N_("Won")}};
    const struct rows *sums = ctx_rows(ctx, Q_link_sums);
    const char *labels[STEPS];
    double values[STEPS];
    struct model_list *list = model_set_list(ctx->page, "steps");
    for (size_t i = 0; i < STEPS; i++) {
        labels[i] = messages_text(steps[i].label);
        values[i] = (double)rows_long(sums, 0, steps[i].column);
        struct model *step = model_list_add(list);
        model_set_text(step, "label", labels[i]);
        model_set_typed(step, "count", rows_get(sums, 0, steps[i].column), COLUMN_INT);
        model_set_typed(step, "share",
                        i > 0 && values[i - 1] > 0
                            ? arena_printf(ctx->arena, "%.4f", values[i] / values[i - 1])
                            : NULL,
                        COLUMN_NUMERIC);
    }
    const struct chart_series series = {_("Number"), values};
    const struct chart chart = {.title = _("From the click to the deal"),
                                .labels = labels,
                                .points = STEPS,
                                .series = &series,
                                .nseries = 1,
                                .locale = ctx_locale(ctx)};
    set_svg(ctx, "funnel_svg", chart_funnel, &chart);
}

enum err link_page(struct ctx *ctx) {
    messages_use(ctx_locale(ctx));
    struct link_range range = range_of(ctx);
    const char *url = url_of(ctx, ctx_column(ctx, Q_link_get, "code"));
    const char *destination = ctx_column(ctx, Q_link_get, "destination");
    model_set_bool(ctx->page, "staff", ctx->session.audience == AUDIENCE_STAFF);
    model_set_text(ctx->page, "url", url);
    model_set_text(ctx->page, "destination_url",
                   *destination == '/'
                       ? arena_printf(ctx->arena, "%s%s", ctx->site->config->base_url, destination)
                       : destination);
    model_set_text(ctx->page, "qr_svg_href", qr_href(ctx, url, "svg"));
    model_set_text(ctx->page, "qr_png_href", qr_href(ctx, url, "png"));
    form_set(ctx->form, "from", range.from);
    form_set(ctx->form, "to", range.to);
    show_periods(ctx, &range);
    show_trend(ctx, text_equal(range.bucket, "month"));
    show_funnel(ctx);
    return OK;
}
