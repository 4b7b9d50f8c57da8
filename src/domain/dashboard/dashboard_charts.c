/* What the server draws: the trend, and how far the leads have come. */
#include "core/text.h"
#include "domain/dashboard/dashboard_parts.h"
#include "view/chart.h"
#include "view/labels.h"
#include "view/messages.h"

enum { TREND_HEIGHT = 240, SVG_MAX = 128 << 10, FUNNEL_STAGES = 5 };

static const char *month_word(struct ctx *ctx, const char *day) {
    static const char *const months[] = {N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"),
                                         N_("May"), N_("Jun"), N_("Jul"), N_("Aug"),
                                         N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec")};
    long month = 1;
    (void)text_to_long(arena_strndup(ctx->arena, day + 5 + (day[5] == '0'), day[5] == '0' ? 1 : 2),
                       1, 12, &month);
    return messages_text(months[month - 1]);
}

/* "22 Oct" for days and weeks, "Oct" for months */
static const char *bucket_label(struct ctx *ctx, const struct period *period, const char *day) {
    if (period->bucket_days == 0)
        return month_word(ctx, day);
    return arena_printf(ctx->arena, "%s %s", day[8] == '0' ? day + 9 : day + 8,
                        month_word(ctx, day));
}

static void set_svg(struct ctx *ctx, struct model *model, const char *name,
                    void (*draw)(const void *what, struct buf *out), const void *what) {
    struct buf svg;
    buf_init(&svg, SVG_MAX);
    draw(what, &svg);
    model_set_svg(model, name, arena_strdup(ctx->arena, buf_text(&svg)));
    buf_free(&svg);
}

static void draw_area(const void *what, struct buf *out) {
    chart_area(what, out);
}

static void draw_funnel(const void *what, struct buf *out) {
    chart_funnel(what, out);
}

struct spark {
    const double *values;
    size_t points;
};

static void draw_spark(const void *what, struct buf *out) {
    const struct spark *spark = what;
    chart_spark(spark->values, spark->points, out);
}

/* ── Trend ── */

struct trend_values {
    double created[BUCKETS_MAX], won[BUCKETS_MAX];
    const char *texts[3][BUCKETS_MAX]; /* the same as the database wrote them */
};

/* The statement leaves out buckets in which nothing happened. */
static void read_trend(const struct period *period, const struct rows *rows,
                       struct trend_values *values) {
    static const char *const columns[] = {"created", "won", "won_value"};
    double *const series[] = {values->created, values->won, NULL};
    for (size_t i = 0; i < rows->nrows; i++) {
        size_t at = period_bucket(period, rows_get(rows, i, "day"));
        for (size_t s = 0; at < period->nbuckets && s < 3; s++) {
            values->texts[s][at] = rows_get(rows, i, columns[s]);
            if (series[s])
                series[s][at] = strtod(values->texts[s][at], NULL);
        }
    }
}

static void put_trend_rows(struct ctx *ctx, const struct period *period,
                           const struct trend_values *values) {
    static const char *const names[] = {"created", "won", "won_value"};
    struct model_list *list = model_set_list(ctx->page, "trend");
    for (size_t i = 0; i < period->nbuckets; i++) {
        struct model *row = model_list_add(list);
        model_set_typed(row, "day", arena_strdup(ctx->arena, period->buckets[i]), COLUMN_DATE);
        model_set_typed(row, "last", arena_strdup(ctx->arena, period->lasts[i]), COLUMN_DATE);
        for (size_t s = 0; s < 3; s++)
            model_set_typed(row, names[s], values->texts[s][i] ? values->texts[s][i] : "0",
                            s == 2 ? COLUMN_NUMERIC : COLUMN_INT);
    }
}

void trend_show(struct ctx *ctx, const struct period *period, const struct sparks *sparks) {
    struct trend_values *values = arena_alloc(ctx->arena, sizeof *values);
    read_trend(period, ctx_rows(ctx, Q_dashboard_trend), values);
    put_trend_rows(ctx, period, values);

    const char *labels[BUCKETS_MAX];
    const char *notes[2 * BUCKETS_MAX];
    size_t n = period->nbuckets;
    for (size_t i = 0; i < n; i++) {
        labels[i] = bucket_label(ctx, period, period->buckets[i]);
        notes[i] = arena_printf(ctx->arena, _("%s: %.0f new"), labels[i], values->created[i]);
        notes[n + i] = arena_printf(ctx->arena, _("%s: %.0f won"), labels[i], values->won[i]);
    }
    const struct chart_series series[] = {{_("New leads"), values->created},
                                          {_("Won"), values->won}};
    const struct chart chart = {.title = _("New and won leads over time"),
                                .labels = labels,
                                .notes = notes,
                                .points = n,
                                .series = series,
                                .nseries = 2,
                                .height = TREND_HEIGHT,
                                .locale = ctx_locale(ctx)};
    set_svg(ctx, ctx->page, "trend_svg", draw_area, &chart);
    set_svg(ctx, sparks->created, "spark_svg", draw_spark, &(struct spark){values->created, n});
    set_svg(ctx, sparks->won, "spark_svg", draw_spark, &(struct spark){values->won, n});
    model_set_bool(ctx->page, "by_day", period->bucket_days == 1);
    model_set_bool(ctx->page, "by_week", period->bucket_days == 7);
    model_set_bool(ctx->page, "by_month", period->bucket_days == 0);
}

/* ── Funnel ── */

/* A lead that stands at a stage has been through those before it; so this many have come at least
 * so far. */
static void count_reached(const struct rows *rows, double reached[FUNNEL_STAGES]) {
    double sum = 0;
    for (size_t i = FUNNEL_STAGES; i-- > 0;) {
        sum += (double)rows_long(rows, i, "leads");
        reached[i] = sum;
    }
}

void funnel_show(struct ctx *ctx) {
    const struct rows *rows = ctx_rows(ctx, Q_dashboard_stages);
    double reached[FUNNEL_STAGES];
    const char *labels[FUNNEL_STAGES];
    struct model_list *stages = model_set_list(ctx->page, "stages");
    long all = 0;
    for (size_t i = 0; i < rows->nrows; i++)
        all += rows_long(rows, i, "leads");
    model_set_bool(ctx->page, "no_leads", all == 0);
    if (rows->nrows < FUNNEL_STAGES)
        return;
    count_reached(rows, reached);
    for (size_t i = 0; i < rows->nrows; i++) {
        const char *stage = rows_get(rows, i, "stage");
        struct model *entry = model_list_add(stages);
        model_set_text(entry, "stage", stage);
        model_set_typed(entry, "leads", rows_get(rows, i, "leads"), COLUMN_INT);
        model_set_typed(entry, "value", rows_get(rows, i, "value"), COLUMN_NUMERIC);
        model_set_text(
            entry, "href",
            ctx_can(ctx, "leads:read") ? arena_printf(ctx->arena, "/leads?stage=%s", stage) : NULL);
        bool on_the_way = i < FUNNEL_STAGES;
        model_set_typed(entry, "reached", on_the_way ? arena_printf(ctx->arena, "%.0f", reached[i]) : NULL, COLUMN_INT);
        model_set_text(entry, "reached_href",
                       on_the_way && reached[i] > 0 && ctx_can(ctx, "leads:read")
                           ? arena_printf(ctx->arena, "/leads?reached=%s", stage)
                           : NULL);
        if (on_the_way)
            labels[i] = label_of(stage) ? messages_text(label_of(stage)) : stage;
    }
    const struct chart_series series = {_("Leads"), reached};
    const struct chart chart = {.title = _("How far open and won leads have come"),
                                .labels = labels,
                                .points = FUNNEL_STAGES,
                                .series = &series,
                                .nseries = 1,
                                .locale = ctx_locale(ctx)};
    set_svg(ctx, ctx->page, "funnel_svg", draw_funnel, &chart);
}
