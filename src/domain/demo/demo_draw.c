#include "domain/demo/demo_draw.h"
#include <string.h>

static void put_escaped(struct buf *out, const char *text, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '&')
            buf_puts(out, "&amp;");
        else if (text[i] == '<')
            buf_puts(out, "&lt;");
        else
            buf_putc(out, text[i]);
    }
}

void draw_begin(struct buf *out, int width, int height, const char *title) {
    buf_printf(out,
               "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
               "height=\"%d\" font-family=\"Inter, Helvetica, Arial, sans-serif\">\n<title>",
               width, height, width, height);
    put_escaped(out, title, strlen(title));
    buf_puts(out, "</title>\n");
}

void draw_end(struct buf *out) {
    buf_puts(out, "</svg>\n");
}

void draw_box(struct buf *out, double x, double y, double width, double height, double radius,
              const char *fill) {
    buf_printf(out, "<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" rx=\"%g\" fill=\"%s\"/>\n",
               x, y, width, height, radius, fill);
}

void draw_disc(struct buf *out, double x, double y, double radius, const char *fill) {
    buf_printf(out, "<circle cx=\"%g\" cy=\"%g\" r=\"%g\" fill=\"%s\"/>\n", x, y, radius, fill);
}

void draw_path(struct buf *out, const char *fill, const char *stroke, double width, const char *d) {
    buf_printf(out, "<path d=\"%s\" fill=\"%s\" stroke=\"%s\" stroke-width=\"%g\"/>\n", d, fill,
               stroke, width);
}

/* Characters of the next line: as many words as fit, at least one. */
static size_t line_length(const char *text, size_t limit) {
    size_t fits = 0;
    size_t at = 0;
    while (text[at] != '\0') {
        size_t end = at + strcspn(text + at, " ");
        if (end > limit && fits > 0)
            break;
        fits = end;
        at = end + strspn(text + end, " ");
    }
    return fits;
}

double draw_words(struct buf *out, double x, double y, double size, bool bold, const char *fill,
                  size_t limit, const char *text) {
    while (*text != '\0') {
        size_t length = line_length(text, limit);
        buf_printf(out, "<text x=\"%g\" y=\"%g\" font-size=\"%g\" font-weight=\"%d\" fill=\"%s\">",
                   x, y, size, bold ? 700 : 400, fill);
        put_escaped(out, text, length);
        buf_puts(out, "</text>\n");
        text += length + strspn(text + length, " ");
        y += size * 1.25;
    }
    return y;
}

void draw_greek(struct buf *out, double x, double y, double width, int lines, const char *fill) {
    static const double lengths[] = {1, 0.94, 0.98, 0.88, 0.6};
    for (int i = 0; i < lines; i++)
        draw_box(out, x, y + i * 13, width * lengths[(i + (lines < 5)) % 5], 5, 2.5, fill);
}

void draw_mark(struct buf *out, double x, double y, double size, bool white) {
    double tile = size * 0.47;
    double far = size - tile;
    char path[160];
    draw_box(out, x, y, tile, tile, size * 0.04, white ? WHITE : TEAL);
    snprintf(path, sizeof path, "M%g %gh%ga%g %g 0 0 1 -%g %gz", x + far, y, tile, tile, tile, tile,
             tile);
    draw_path(out, white ? WHITE : CLAY, "none", 0, path);
    snprintf(path, sizeof path, "M%g %gv-%ga%g %g 0 0 1 %g %gz", x, y + size, tile, tile, tile,
             tile, tile);
    draw_path(out, white ? WHITE : MINT, "none", 0, path);
    draw_box(out, x + far, y + far, tile, tile, size * 0.04, white ? WHITE : SAND);
}

void draw_logo(struct buf *out, double x, double y, double size, bool white) {
    draw_mark(out, x, y, size, white);
    double left = x + size * 1.3;
    draw_words(out, left, y + size * 0.52, size * 0.56, true, white ? WHITE : INK, 40, "Meridian");
    draw_words(out, left + 1, y + size * 0.93, size * 0.3, false, white ? WHITE : TEAL, 40,
               "Partners");
}

static void draw_windows(struct buf *out, double x, double y, double width, double height) {
    char path[64];
    for (double row = y + 14; row + 12 < y + height; row += 22) {
        snprintf(path, sizeof path, "M%g %gH%g", x + 9, row, x + width - 8);
        buf_printf(out,
                   "<path d=\"%s\" stroke=\"%s\" stroke-opacity=\".55\" stroke-width=\"7\" "
                   "stroke-dasharray=\"7 7\"/>\n",
                   path, SAND);
    }
}

void draw_skyline(struct buf *out, double x, double y, double width, double height,
                  const char *const fills[2], struct demo_random random) {
    double end = x + width;
    for (int i = 0; x < end; i++) {
        double wide = (double)demo_random_between(&random, 38, 84);
        double high = height * (0.35 + 0.65 * demo_random_unit(&random));
        if (x + wide > end)
            wide = end - x;
        draw_box(out, x, y - high, wide, high, 0, fills[i % 2]);
        if (wide > 30)
            draw_windows(out, x, y - high, wide, high);
        x += wide + (double)demo_random_between(&random, 0, 6);
    }
}
