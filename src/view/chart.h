/*
 * chart.h - charts as SVG written by the server: presentation attributes only (the CSP forbids
 * inline style), % on the x axis and px on the y axis, no viewBox, so that text stays readable on a
 * phone.
 *
 * Colours are classes (fill-chart-1, stroke-chart-1, …) so that themes and partners' brands reach
 * them. Every chart has role="img" and a <title>; the template puts a legend above it (where there
 * are several series) and the same numbers in a table beneath it. Texts are escaped here.
 *
 * Numbers that are not finite count as zero. A chart without points says that there is nothing to
 * show.
 */
#ifndef TESSERA_VIEW_CHART_H
#define TESSERA_VIEW_CHART_H

#include "core/buf.h"
#include <stddef.h>

struct chart_series {
    const char *label;
    const double *values; /* as many as the chart has points */
};

enum { CHART_SERIES_MAX = 5, CHART_HEIGHT_MIN = 96 };

struct chart {
    const char *title;         /* said to a screen reader */
    const char *const *labels; /* x axis, one per point; long ones are thinned out */
    const char *const *notes;  /* tooltip per point and series [series * points + point], or NULL */
    size_t points;
    const struct chart_series *series;
    size_t nseries;     /* 1 to CHART_SERIES_MAX */
    int height;         /* px; at least CHART_HEIGHT_MIN; a funnel takes what it needs */
    const char *locale; /* of the numbers; NULL: "en" */
};

void chart_columns(const struct chart *chart, struct buf *out); /* grouped columns with gridlines */
void chart_area(const struct chart *chart, struct buf *out);    /* lines with tinted areas */
/* Horizontal bars, one per point, of the first series: label, number, share of the first point. */
void chart_funnel(const struct chart *chart, struct buf *out);
/* 96 x 32 px line without words, for beside a figure. Nothing for fewer than two points. */
void chart_spark(const double *values, size_t points, struct buf *out);

#endif
