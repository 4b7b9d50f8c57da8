#include "view/chart_internal.h"
#include "view/value.h"
#include <math.h>

enum {
    DOTS_MAX = 31, /* more points than that are a line only */
    SPARK_WIDTH = 96,
    SPARK_HEIGHT = 32,
    SPARK_EDGE = 3 /* px, so that the line's thickness isn't cut */
};

static const char *stroke_of(size_t series) {
    static const char *const strokes[CHART_SERIES_MAX] = {
        "stroke-chart-1", "stroke-chart-2", "stroke-chart-3", "stroke-chart-4", "stroke-chart-5"};
    return strokes[series % CHART_SERIES_MAX];
}

/* ---- lines with areas ---- */

static double across(const struct chart *chart, size_t point) {
    return chart->points > 1 ? (double)point * 100 / (double)(chart->points - 1) : 50;
}

/* The outermost labels stay inside the chart. */
static const char *anchor(const struct chart *chart, size_t point) {
    if (chart->points == 1)
        return "middle";
    return point == 0 ? "start" : point == chart->points - 1 ? "end" : "middle";
}

/* Ids are the page's: the same chart always has the same, another chart another. */
static uint32_t chart_id(const struct chart *chart) {
    uint32_t id = value_hash(chart->title);
    for (size_t series = 0; series < chart->nseries; series++) {
        for (size_t point = 0; point < chart->points; point++) {
            double value = chart_value(chart, series, point);
            uint64_t bits;
            memcpy(&bits, &value, sizeof bits);
            id = (id ^ (uint32_t)(bits ^ bits >> 32)) * 16777619u;
        }
    }
    return id;
}

/* A tinted rectangle, clipped to what is under the line: a clip path may be given in shares of the
 * rectangle, where a polygon's own points can't be. */
static void area(const struct chart *chart, const struct chart_scale *scale, size_t series,
                 uint32_t id, struct buf *out) {
    double tall = scale->bottom - scale->top;
    double zero = (chart_baseline(scale) - scale->top) / tall;
    buf_printf(out, "<clipPath id=\"area-%08x-%zu\" clipPathUnits=\"objectBoundingBox\">", id,
               series);
    chart_put(out, "<polygon points=\"0,", zero, 4);
    for (size_t point = 0; point < chart->points; point++) {
        double y = chart_y(scale, chart_value(chart, series, point));
        chart_put(out, " ", across(chart, point) / 100, 4);
        chart_put(out, ",", (y - scale->top) / tall, 4);
    }
    chart_put(out, " 1,", zero, 4);
    chart_put(out, "\"/></clipPath><rect y=\"", scale->top, 1);
    chart_put(out, "\" width=\"100%\" height=\"", tall, 1);
    buf_printf(out, "\" fill-opacity=\"0.12\" clip-path=\"url(#area-%08x-%zu)\" class=\"%s\"/>", id, series,
               chart_fill(series));
}

static void line(const struct chart *chart, const struct chart_scale *scale, size_t series,
                 struct buf *out) {
    buf_printf(out, "<g class=\"%s\" stroke-width=\"2\" stroke-linecap=\"round\">",
               stroke_of(series));
    for (size_t point = 1; point < chart->points; point++) {
        chart_put(out, "<line x1=\"", across(chart, point - 1), 2);
        chart_put(out, "%\" y1=\"", chart_y(scale, chart_value(chart, series, point - 1)), 1);
        chart_put(out, "\" x2=\"", across(chart, point), 2);
        chart_put(out, "%\" y2=\"", chart_y(scale, chart_value(chart, series, point)), 1);
        buf_puts(out, "\"/>");
    }
    buf_puts(out, "</g>");
    if (chart->points > DOTS_MAX)
        return;
    buf_printf(out, "<g class=\"%s\">", chart_fill(series));
    for (size_t point = 0; point < chart->points; point++) {
        chart_put(out, "<circle cx=\"", across(chart, point), 2);
        chart_put(out, "%\" cy=\"", chart_y(scale, chart_value(chart, series, point)), 1);
        buf_puts(out, "\" r=\"3\"/>");
    }
    buf_puts(out, "</g>");
}

/* Bands from top to bottom that tell every series' value of their point. */
static void hints(const struct chart *chart, const struct chart_scale *scale, struct buf *out) {
    double wide = chart->points > 1 ? 100 / (double)(chart->points - 1) : 100;
    buf_puts(out, "<g fill=\"none\" pointer-events=\"all\">");
    for (size_t point = 0; point < chart->points; point++) {
        double left = fmax(across(chart, point) - wide / 2, 0);
        double right = fmin(across(chart, point) + wide / 2, 100);
        chart_put(out, "<rect x=\"", left, 2);
        chart_put(out, "%\" y=\"", scale->top, 1);
        chart_put(out, "\" width=\"", right - left, 2);
        chart_put(out, "%\" height=\"", scale->bottom - scale->top, 1);
        buf_puts(out, "\"><title>");
        for (size_t series = 0; series < chart->nseries; series++) {
            if (series > 0)
                buf_putc(out, '\n');
            chart_note(chart, series, point, out);
        }
        buf_puts(out, "</title></rect>");
    }
    buf_puts(out, "</g>");
}

void chart_area(const struct chart *chart, struct buf *out) {
    struct chart_scale scale = chart_scale(chart);
    if (!chart_open(chart, chart_height(chart), true, out))
        return;
    chart_gridlines(chart, &scale, out);
    uint32_t id = chart_id(chart);
    for (size_t series = 0; series < chart->nseries; series++)
        area(chart, &scale, series, id, out);
    for (size_t series = 0; series < chart->nseries; series++)
        line(chart, &scale, series, out);
    chart_labels(chart, across, anchor, out);
    hints(chart, &scale, out);
    buf_puts(out, "</svg>");
}

/* ---- sparks ---- */

void chart_spark(const double *values, size_t points, struct buf *out) {
    if (points < 2)
        return;
    const struct chart_series series = {.values = values};
    const struct chart chart = {.points = points, .series = &series, .nseries = 1};
    double low = chart_value(&chart, 0, 0);
    double high = low;
    for (size_t i = 1; i < points; i++) {
        low = fmin(low, chart_value(&chart, 0, i));
        high = fmax(high, chart_value(&chart, 0, i));
    }
    buf_printf(out, "<svg class=\"shrink-0\" width=\"%d\" height=\"%d\" aria-hidden=\"true\">",
               SPARK_WIDTH, SPARK_HEIGHT);
    buf_puts(out, "<polyline class=\"stroke-chart-1\" fill=\"none\" stroke-width=\"2\""
                  " stroke-linecap=\"round\" stroke-linejoin=\"round\" points=\"");
    double wide = SPARK_WIDTH - 2 * SPARK_EDGE;
    double tall = SPARK_HEIGHT - 2 * SPARK_EDGE;
    for (size_t i = 0; i < points; i++) {
        double share = high > low ? (chart_value(&chart, 0, i) - low) / (high - low) : 0.5;
        double x = SPARK_EDGE + wide * (double)i / (double)(points - 1);
        chart_put(out, i > 0 ? " " : "", x, 1);
        chart_put(out, ",", SPARK_EDGE + tall * (1 - share), 1);
    }
    buf_puts(out, "\"/></svg>");
}
