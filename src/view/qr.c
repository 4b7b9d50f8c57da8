#include "view/qr.h"

#include <png.h>
#include <qrencode.h>
#include <stdint.h>

static bool is_dark(const QRcode *code, int x, int y) {
    return code->data[y * code->width + x] & 1;
}

/* Each run of dark modules of a line is one rectangle of the path. */
static void put_runs(const QRcode *code, int y, struct buf *out) {
    for (int x = 0; x < code->width; x++) {
        int from = x;
        while (x < code->width && is_dark(code, x, y))
            x++;
        if (x > from)
            buf_printf(out, "M%d %dh%dv1h-%dz", from + QR_QUIET, y + QR_QUIET, x - from, x - from);
    }
}

bool qr_svg(const char *text, struct buf *out) {
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_Q);
    if (code == NULL)
        return false;
    int size = code->width + 2 * QR_QUIET;
    buf_printf(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
        "height=\"%d\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/>"
        "<path d=\"",
        size, size, 8 * size, 8 * size, size, size);
    for (int y = 0; y < code->width; y++)
        put_runs(code, y, out);
    buf_puts(out, "\"/></svg>\n");
    QRcode_free(code);
    return true;
}

static void paint(const QRcode *code, uint8_t *pixels, size_t size) {
    memset(pixels, 0xFF, size * size);
    for (size_t y = 0; y < size; y++)
        for (size_t x = 0; x < size; x++) {
            int row = (int)(y / QR_PNG_MODULE) - QR_QUIET,
                col = (int)(x / QR_PNG_MODULE) - QR_QUIET;
            if (row >= 0 && row < code->width && col >= 0 && col < code->width &&
                is_dark(code, col, row))
                pixels[y * size + x] = 0;
        }
}

static bool put_png(const uint8_t *pixels, size_t size, struct buf *out) {
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)size,
                       .height = (png_uint_32)size,
                       .format = PNG_FORMAT_GRAY};
    png_alloc_size_t bytes = PNG_IMAGE_PNG_SIZE_MAX(image);
    uint8_t *file = malloc(bytes);
    bool made = file != NULL && png_image_write_to_memory(&image, file, &bytes, 0, pixels, 0, NULL);
    if (made)
        buf_append(out, file, bytes);
    free(file);
    return made;
}

bool qr_png(const char *text, struct buf *out) {
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_Q);
    if (code == NULL)
        return false;
    size_t size = (size_t)(code->width + 2 * QR_QUIET) * QR_PNG_MODULE;
    uint8_t *pixels = malloc(size * size);
    if (pixels == NULL)
        abort();
    paint(code, pixels, size);
    bool made = put_png(pixels, size, out);
    free(pixels);
    QRcode_free(code);
    return made;
}
