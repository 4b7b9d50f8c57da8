/* QR codes: SVG and PNG hold exactly the modules that the library made, with a quiet zone around
 * them. */
#include "tests/support/unit.h"
#include "view/qr.h"
#include <png.h>
#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>

#define URL "https://partners.example/r/harbour-spring"

static struct buf out;

static int setup(void **state) {
    (void)state;
    buf_init(&out, 4 << 20);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    buf_free(&out);
    return 0;
}

static bool dark(const QRcode *code, int x, int y) {
    return x >= 0 && y >= 0 && x < code->width && y < code->width &&
           (code->data[y * code->width + x] & 1);
}

static void svg_has_every_module(void **state) {
    (void)state;
    QRcode *code = QRcode_encodeString8bit(URL, 0, QR_ECLEVEL_Q);
    char *modules = calloc((size_t)(code->width * code->width), 1), size[64];
    assert_true(qr_svg(URL, &out));
    const char *svg = buf_text(&out), *at = strstr(svg, "<path d=\"");
    snprintf(size, sizeof size, "viewBox=\"0 0 %d %d\"", code->width + 2 * QR_QUIET,
             code->width + 2 * QR_QUIET);
    assert_contains(svg, size);
    assert_lacks(svg, "style");
    int x, y, wide, back, used;
    for (at += 9; sscanf(at, "M%d %dh%dv1h-%dz%n", &x, &y, &wide, &back, &used) == 4; at += used) {
        assert_int_equal(wide, back);
        for (int i = 0; i < wide; i++)
            modules[(y - QR_QUIET) * code->width + x - QR_QUIET + i]++;
    }
    assert_string_equal(at, "\"/></svg>\n");
    for (y = 0; y < code->width; y++)
        for (x = 0; x < code->width; x++)
            assert_int_equal(modules[y * code->width + x], dark(code, x, y));
    free(modules);
    QRcode_free(code);
}

static void png_has_every_module(void **state) {
    (void)state;
    QRcode *code = QRcode_encodeString8bit(URL, 0, QR_ECLEVEL_Q);
    assert_true(qr_png(URL, &out));
    png_image image = {.version = PNG_IMAGE_VERSION};
    assert_true(png_image_begin_read_from_memory(&image, buf_text(&out), out.len));
    image.format = PNG_FORMAT_GRAY;
    int size = (code->width + 2 * QR_QUIET) * QR_PNG_MODULE;
    assert_int_equal(image.width, size);
    assert_int_equal(image.height, size);
    uint8_t *pixels = malloc(PNG_IMAGE_SIZE(image));
    assert_true(png_image_finish_read(&image, NULL, pixels, 0, NULL));
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++) {
            bool is = dark(code, x / QR_PNG_MODULE - QR_QUIET, y / QR_PNG_MODULE - QR_QUIET);
            if (pixels[y * size + x] != (is ? 0 : 255))
                fail_msg("the pixel at %d, %d is %d", x, y, pixels[y * size + x]);
        }
    assert_true(out.len < 16384);
    free(pixels);
    QRcode_free(code);
}

static void too_long_is_said(void **state) {
    static char text[4000];
    (void)state;
    memset(text, 'a', sizeof text - 1);
    assert_false(qr_svg(text, &out));
    assert_false(qr_png(text, &out));
    assert_int_equal(out.len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(svg_has_every_module, setup, teardown),
        cmocka_unit_test_setup_teardown(png_has_every_module, setup, teardown),
        cmocka_unit_test_setup_teardown(too_long_is_said, setup, teardown),
    };
    return cmocka_run_group_tests_name("view: QR codes", tests, NULL, NULL);
}
