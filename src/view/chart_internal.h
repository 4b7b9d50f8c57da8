/*
 * chart_internal.h - the frame that charts share: scale, gridlines, labels, texts.
 */
#ifndef TESSERA_VIEW_CHART_INTERNAL_H
#define TESSERA_VIEW_CHART_INTERNAL_H

#include "view/chart.h"
#include "view/facets_internal.h"

/* Values to px: low stands at bottom, high at top. */
struct chart_scale {
    double low;
    double high;
    double step; /* between gridlines */
    double top;
    double bottom;
};

const char *chart_fill(size_t series);       /* its class */
int chart_height(const struct chart *chart); /* px */
double chart_value(const struct chart *chart, size_t series, size_t point);
struct chart_scale chart_scale(const struct chart *chart);
double chart_y(const struct chart_scale *scale, double value);
/* Where zero is, or the end of the scale that is nearest to it. */
double chart_baseline(const struct chart_scale *scale);

/* <svg …><title>…</title>; the caller closes it. False, and the whole chart written, without
 * points. axis: with room for the numbers of chart_gridlines(). */
bool chart_open(const struct chart *chart, int height, bool axis, struct buf *out);
void chart_gridlines(const struct chart *chart, const struct chart_scale *scale, struct buf *out);
/* x: where a point's label stands, in % */
void chart_labels(const struct chart *chart, double (*x)(const struct chart *chart, size_t point),
                  const char *(*anchor)(const struct chart *chart, size_t point), struct buf *out);
/* What a pointer over one value is told: its note, or label, series and number. */
void chart_note(const struct chart *chart, size_t series, size_t point, struct buf *out);
/* Text, then a coordinate with that many decimals (up to 4). A chart has hundreds of them, and printf
 * takes many times as long. */
void chart_put(struct buf *out, const char *before, double value, int decimals);
void chart_number(double value, enum form form, const char *locale, struct buf *out);

#endif
