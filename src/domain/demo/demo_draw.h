/*
 * demo_draw.h - pictures as SVG: what the library of the demo is made of. Only presentation
 * attributes, so that they show under the portal's Content-Security-Policy too. Internal to the
 * demo.
 */
#ifndef TESSERA_DOMAIN_DEMO_DEMO_DRAW_H
#define TESSERA_DOMAIN_DEMO_DEMO_DRAW_H

#include "core/buf.h"
#include "domain/demo/demo_random.h"
#include <stdbool.h>

/* Colours of the invented programme. */
#define TEAL  "#0f4c5c"
#define DEEP  "#0a3440"
#define SAND  "#e9d8a6"
#define CLAY  "#ca6702"
#define MINT  "#94d2bd"
#define INK   "#12232e"
#define PAPER "#faf7f2"
#define STONE "#d9d4ca"
#define WHITE "#ffffff"

void draw_begin(struct buf *out, int width, int height, const char *title);
void draw_end(struct buf *out);
void draw_box(struct buf *out, double x, double y, double width, double height, double radius,
              const char *fill);
void draw_disc(struct buf *out, double x, double y, double radius, const char *fill);
void draw_path(struct buf *out, const char *fill, const char *stroke, double width, const char *d);
/* Lines of text broken at words, none longer than limit characters; returns the y behind them. */
double draw_words(struct buf *out, double x, double y, double size, bool bold, const char *fill,
                  size_t limit, const char *text);
/* Grey bars where a text would be. */
void draw_greek(struct buf *out, double x, double y, double width, int lines, const char *fill);
/* The programme's mark: four tiles. */
void draw_mark(struct buf *out, double x, double y, double size, bool white);
/* The mark with the programme's name to the right; size is the mark's. */
void draw_logo(struct buf *out, double x, double y, double size, bool white);
/* Houses on a ground line at y, from x to x + width. */
void draw_skyline(struct buf *out, double x, double y, double width, double height,
                  const char *const fills[2], struct demo_random random);

#endif
