#include "view/chart_internal.h"
#include "view/markup.h"
#include "view/messages.h"
#include <math.h>
#include <unicode/ustring.h>

enum {
    ABOVE = 8,      /* px over the highest gridline, for half of its number */
    BELOW = 24,     /* px under the lowest, for the labels */
    GRIDLINES = 4,  /* or about so many */
    LETTER = 7,     /* px that a letter takes, about */
    LABEL_GAP = 12, /* px between labels */
    WIDE = 560,     /* px that a chart has beside a sidebar, about … */
    NARROW = 224    /* … and on a phone, less what the first label takes by beginning at the edge */
};

/* What is beyond these cannot be told from the edge or from nothing, and would upset the scale. */
static const double largest = 1e15;
static const double smallest_span = 1e-9;

const char *chart_fill(size_t series) {
    static const char *const fills[CHART_SERIES_MAX] = {
        "fill-chart-1", "fill-chart-2", "fill-chart-3", "fill-chart-4", "fill-chart-5"};
    return fills[series % CHART_SERIES_MAX];
}

int chart_height(const struct chart *chart) {
    return chart->height > CHART_HEIGHT_MIN ? chart->height : CHART_HEIGHT_MIN;
}

double chart_value(const struct chart *chart, size_t series, size_t point) {
    double value = chart->series[series].values[point];
    return isfinite(value) ? fmax(fmin(value, largest), -largest) : 0;
}

static bool is_whole(double value) {
    return fabs(value - round(value)) < smallest_span;
}

/* The next of 1, 2, 2.5, 5, 10, … times a power of ten; a whole number where whole things are
 * counted. */
static double round_step(double rough, bool whole) {
    static const double steps[] = {1, 2, 2.5, 5};
    if (whole && rough < 1)
        return 1;
    double power = pow(10, floor(log10(rough)));
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        double step = steps[i] * power;
        if (rough <= step && (!whole || is_whole(step)))
            return step;
    }
    return 10 * power;
}

struct chart_scale chart_scale(const struct chart *chart) {
    double low = 0;
    double high = 0;
    bool whole = true;
    for (size_t series = 0; series < chart->nseries; series++) {
        for (size_t point = 0; point < chart->points; point++) {
            double value = chart_value(chart, series, point);
            low = fmin(low, value);
            high = fmax(high, value);
            whole = whole && is_whole(value);
        }
    }
    struct chart_scale scale = {.top = ABOVE, .bottom = chart_height(chart) - BELOW};
    bool flat = high - low < smallest_span;
    scale.step = flat ? 1 : round_step((high - low) / GRIDLINES, whole);
    scale.low = floor(low / scale.step) * scale.step;
    scale.high = flat ? GRIDLINES : ceil(high / scale.step) * scale.step;
    return scale;
}

double chart_y(const struct chart_scale *scale, double value) {
    double share = (value - scale->low) / (scale->high - scale->low);
    return scale->bottom - share * (scale->bottom - scale->top);
}

double chart_baseline(const struct chart_scale *scale) {
    return chart_y(scale, fmin(fmax(0, scale->low), scale->high));
}

void chart_put(struct buf *out, const char *before, double value, int decimals) {
    static const double powers[] = {1, 10, 100, 1000, 10000};
    char text[32];
    char *at = text + sizeof text;
    double scaled = nearbyint(fabs(value) * powers[decimals]);
    uint64_t left = scaled < largest ? (uint64_t)scaled : (uint64_t)largest;
    bool negative = value < 0 && left > 0;
    for (int i = 0; i <= decimals || left > 0; i++, left /= 10) {
        if (i == decimals && decimals > 0)
            *--at = '.';
        *--at = (char)('0' + left % 10);
    }
    if (negative)
        *--at = '-';
    buf_puts(out, before);
    buf_append(out, at, (size_t)(text + sizeof text - at));
}

void chart_number(double value, enum form form, const char *locale, struct buf *out) {
    const struct formatter *formatter = formatter_get(form, locale, "");
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[64];
    char text[3 * 64 + 1];
    if (formatter->number == NULL)
        return;
    unumf_formatDouble(formatter->number, value, formatter->result, &status);
    int32_t length = unumf_resultToString(formatter->result, wide, 64, &status);
    u_strToUTF8(text, sizeof text, NULL, wide, length, &status);
    if (U_SUCCESS(status))
        markup_escape(out, text);
}

bool chart_open(const struct chart *chart, int height, bool axis, struct buf *out) {
    buf_printf(out, "<svg role=\"img\" direction=\"ltr\" height=\"%d\"", height);
    /* The axis' numbers stand left of the drawing, in a margin: x is a share of what is right of
     * it. */
    buf_puts(out, axis && chart->points > 0
                      ? " class=\"ml-10 w-[calc(100%-2.5rem)] overflow-visible\"><title>"
                      : " class=\"w-full\"><title>");
    markup_escape(out, chart->title);
    buf_puts(out, "</title>");
    if (chart->points > 0)
        return true;
    buf_printf(out, "<text x=\"50%%\" y=\"%d\" text-anchor=\"middle\" font-size=\"12\"",
               height / 2);
    buf_puts(out, " class=\"fill-muted-foreground\">");
    markup_escape(out, _("There is nothing to show yet."));
    buf_puts(out, "</text></svg>");
    return false;
}

void chart_gridlines(const struct chart *chart, const struct chart_scale *scale, struct buf *out) {
    int lines = (int)lround((scale->high - scale->low) / scale->step);
    buf_puts(out, "<g class=\"stroke-border\" shape-rendering=\"crispEdges\">");
    for (int i = 0; i <= lines; i++) {
        double y = chart_y(scale, scale->low + i * scale->step);
        chart_put(out, "<line x1=\"0\" x2=\"100%\" y1=\"", y, 1);
        chart_put(out, "\" y2=\"", y, 1);
        buf_puts(out, "\"/>");
    }
    buf_puts(out, "</g><g class=\"fill-muted-foreground\" font-size=\"12\" text-anchor=\"end\">");
    for (int i = 0; i <= lines; i++) {
        double value = scale->low + i * scale->step;
        chart_put(out, "<text x=\"-8\" y=\"", chart_y(scale, value) + 4, 1);
        buf_puts(out, "\">");
        chart_number(fabs(value) < scale->step / 2 ? 0 : value, FORM_COMPACT, chart->locale, out);
        buf_puts(out, "</text>");
    }
    buf_puts(out, "</g>");
}

/* Every how many points there is room for a label. */
static size_t label_stride(const struct chart *chart, size_t width) {
    size_t longest = 0;
    for (size_t i = 0; i < chart->points; i++) {
        size_t length = strlen(chart->labels[i]);
        longest = length > longest ? length : longest;
    }
    size_t wanted = chart->points * (longest * LETTER + LABEL_GAP);
    return wanted / width + (wanted % width > 0);
}

void chart_labels(const struct chart *chart, double (*x)(const struct chart *chart, size_t point),
                  const char *(*anchor)(const struct chart *chart, size_t point), struct buf *out) {
    size_t wide = label_stride(chart, WIDE);
    size_t narrow = label_stride(chart, NARROW);
    narrow = (narrow + wide - 1) / wide * wide; /* a phone shows some of the others' labels */
    int height = chart_height(chart);
    buf_puts(out, "<g class=\"fill-muted-foreground\" font-size=\"12\">");
    for (size_t i = 0; i < chart->points; i += wide) {
        chart_put(out, "<text x=\"", x(chart, i), 2);
        buf_printf(out, "%%\" y=\"%d\" text-anchor=\"%s\"", height - 6, anchor(chart, i));
        buf_puts(out, i % narrow != 0 ? " class=\"max-sm:hidden\">" : ">");
        markup_escape(out, chart->labels[i]);
        buf_puts(out, "</text>");
    }
    buf_puts(out, "</g>");
}

void chart_note(const struct chart *chart, size_t series, size_t point, struct buf *out) {
    if (chart->notes != NULL) {
        markup_escape(out, chart->notes[series * chart->points + point]);
        return;
    }
    markup_escape(out, chart->labels[point]);
    buf_puts(out, " · ");
    if (chart->series[series].label != NULL) {
        markup_escape(out, chart->series[series].label);
        buf_putc(out, ' ');
    }
    chart_number(chart_value(chart, series, point), FORM_NUMBER, chart->locale, out);
}
