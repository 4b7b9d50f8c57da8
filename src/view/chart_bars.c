#include "view/chart_internal.h"
#include "view/markup.h"
#include <math.h>

enum {
    FUNNEL_ROW = 44, /* px: words, then a bar */
    FUNNEL_WORDS = 14,
    FUNNEL_BAR = 22,
    FUNNEL_THICK = 10
};

static const double group_share = 0.7;  /* of a point's width that its columns take … */
static const double column_widest = 12; /* … but none takes more than this, in % of the chart */
static const double column_gap_share = 0.12; /* of a column that stays empty beside it */

/* ---- columns ---- */

static double band(const struct chart *chart) {
    return 100.0 / (double)chart->points;
}

static double middle(const struct chart *chart, size_t point) {
    return ((double)point + 0.5) * band(chart);
}

static const char *anchor_middle(const struct chart *chart, size_t point) {
    (void)chart, (void)point;
    return "middle";
}

static void column(const struct chart *chart, const struct chart_scale *scale, size_t series,
                   size_t point, struct buf *out) {
    double value = chart_value(chart, series, point);
    double width = fmin(band(chart) * group_share / (double)chart->nseries, column_widest);
    double left = middle(chart, point) + ((double)series - (double)chart->nseries / 2) * width;
    double zero = chart_baseline(scale);
    double y = chart_y(scale, value);
    double height = fabs(zero - y);
    if (value > 0 || value < 0)
        height = fmax(height, 1); /* something is more than nothing */
    chart_put(out, "<rect x=\"", left + width * column_gap_share / 2, 2);
    chart_put(out, "%\" y=\"", value < 0 ? zero : zero - height, 1);
    chart_put(out, "\" width=\"", width * (1 - column_gap_share), 2);
    chart_put(out, "%\" height=\"", height, 1);
    buf_puts(out, "\" rx=\"2\"><title>");
    chart_note(chart, series, point, out);
    buf_puts(out, "</title></rect>");
}

void chart_columns(const struct chart *chart, struct buf *out) {
    struct chart_scale scale = chart_scale(chart);
    if (!chart_open(chart, chart_height(chart), true, out))
        return;
    chart_gridlines(chart, &scale, out);
    for (size_t series = 0; series < chart->nseries; series++) {
        buf_printf(out, "<g class=\"%s\">", chart_fill(series));
        for (size_t point = 0; point < chart->points; point++)
            column(chart, &scale, series, point, out);
        buf_puts(out, "</g>");
    }
    chart_labels(chart, middle, anchor_middle, out);
    buf_puts(out, "</svg>");
}

/* ---- funnel ---- */

static double largest(const struct chart *chart) {
    double most = 0;
    for (size_t i = 0; i < chart->points; i++)
        most = fmax(most, chart_value(chart, 0, i));
    return most;
}

static void funnel_words(const struct chart *chart, size_t point, int top, struct buf *out) {
    double first = chart_value(chart, 0, 0);
    double value = chart_value(chart, 0, point);
    buf_printf(out, "<text x=\"0\" y=\"%d\" class=\"fill-foreground\">", top + FUNNEL_WORDS);
    markup_escape(out, chart->labels[point]);
    buf_printf(out, "</text><text x=\"100%%\" y=\"%d\" text-anchor=\"end\"", top + FUNNEL_WORDS);
    buf_puts(out, " class=\"fill-muted-foreground\">");
    chart_number(value, FORM_NUMBER, chart->locale, out);
    if (point > 0 && first > 0) {
        buf_puts(out, " · ");
        chart_number(round(value / first * 100) / 100, FORM_PERCENT, chart->locale, out);
    }
    buf_puts(out, "</text>");
}

static void funnel_bar(const struct chart *chart, size_t point, int top, double most,
                       struct buf *out) {
    double share = most > 0 ? fmax(chart_value(chart, 0, point), 0) / most * 100 : 0;
    int y = top + FUNNEL_BAR;
    int round_end = FUNNEL_THICK / 2;
    buf_printf(out,
               "<rect y=\"%d\" width=\"100%%\" height=\"%d\" rx=\"%d\" class=\"fill-border\"/>", y,
               FUNNEL_THICK, round_end);
    if (share > 0)
        buf_printf(out, "<rect y=\"%d\" width=\"%.2f%%\" height=\"%d\" rx=\"%d\" class=\"%s\"/>", y,
                   share, FUNNEL_THICK, round_end, chart_fill(0));
}

void chart_funnel(const struct chart *chart, struct buf *out) {
    int height = (int)chart->points * FUNNEL_ROW;
    if (!chart_open(chart, height > 0 ? height : CHART_HEIGHT_MIN, false, out))
        return;
    double most = largest(chart);
    buf_puts(out, "<g font-size=\"12\">");
    for (size_t point = 0; point < chart->points; point++) {
        int top = (int)point * FUNNEL_ROW;
        buf_puts(out, "<g><title>");
        chart_note(chart, 0, point, out);
        buf_puts(out, "</title>");
        funnel_words(chart, point, top, out);
        funnel_bar(chart, point, top, most, out);
        buf_puts(out, "</g>");
    }
    buf_puts(out, "</g></svg>");
}
