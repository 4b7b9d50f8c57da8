#include "core/text.h"
#include "domain/demo/demo_pictures.h"

enum { WIDTH = 640, HEIGHT = 400 };

static const char *const dark[2] = {DEEP, "#123f4c"};

static void sheet(struct buf *out, double x, double y, double width, double height) {
    draw_box(out, x + 6, y + 8, width, height, 6, STONE);
    draw_box(out, x, y, width, height, 6, WHITE);
}

static void draw_flyer_type(struct buf *out, const char *title, struct demo_random random) {
    draw_box(out, 0, 0, WIDTH, HEIGHT, 0, MINT);
    sheet(out, 190, 34, 260, 336);
    draw_box(out, 190, 34, 260, 150, 6, TEAL);
    draw_skyline(out, 190, 184, 260, 78, dark, random);
    draw_mark(out, 208, 50, 26, true);
    draw_words(out, 212, 214, 18, true, INK, 24, title);
    draw_greek(out, 212, 268, 216, 6, STONE);
}

static void draw_email_type(struct buf *out, const char *title, struct demo_random random) {
    (void)random;
    draw_box(out, 0, 0, WIDTH, HEIGHT, 0, "#dfe9ee");
    draw_box(out, 130, 150, 380, 206, 10, TEAL);
    sheet(out, 160, 44, 320, 230);
    draw_words(out, 186, 86, 19, true, INK, 28, title);
    draw_greek(out, 186, 132, 268, 8, STONE);
    draw_path(out, "#1b6173", "none", 0,
              "M130 200v146a10 10 0 0 0 10 10h360a10 10 0 0 0 10-10V200L320 300z");
}

static void draw_proposal_type(struct buf *out, const char *title, struct demo_random random) {
    (void)random;
    draw_box(out, 0, 0, WIDTH, HEIGHT, 0, DEEP);
    draw_box(out, 214, 46, 250, 320, 6, "#5f7f88");
    draw_box(out, 200, 36, 250, 320, 6, WHITE);
    draw_box(out, 200, 36, 18, 320, 6, CLAY);
    draw_words(out, 238, 84, 20, true, INK, 20, title);
    for (int i = 0; i < 4; i++) {
        draw_greek(out, 238, 180 + i * 30, 110, 1, STONE);
        draw_greek(out, 380, 180 + i * 30, 48, 1, MINT);
    }
    draw_path(out, "none", INK, 2, "M238 326c14-22 20 10 34-6s16-10 26 2 24-8 40-2");
}

static void draw_one_pager_type(struct buf *out, const char *title, struct demo_random random) {
    static const char *const colours[] = {TEAL, CLAY, MINT};
    (void)random;
    draw_box(out, 0, 0, WIDTH, HEIGHT, 0, STONE);
    draw_box(out, 106, 36, 428, 328, 6, WHITE);
    draw_mark(out, 130, 58, 30, false);
    draw_words(out, 176, 80, 21, true, INK, 26, title);
    for (int i = 0; i < 3; i++) {
        draw_disc(out, 178 + i * 132, 160, 26, colours[i]);
        draw_greek(out, 138 + i * 132, 206, 92, 5, STONE);
    }
    draw_box(out, 130, 300, 380, 40, 6, PAPER);
    draw_greek(out, 150, 317, 240, 1, TEAL);
}

static void draw_case_study_type(struct buf *out, const char *title, struct demo_random random) {
    draw_box(out, 0, 0, WIDTH, HEIGHT, 0, PAPER);
    draw_box(out, 0, 0, 270, HEIGHT, 0, TEAL);
    draw_disc(out, 150, 120, 54, SAND);
    draw_skyline(out, 0, HEIGHT, 270, 230, dark, random);
    draw_path(out, CLAY, "none", 0,
              "M312 118v-26q0-34 30-40v14q-14 4-14 18h14v34zM352 118v-26q0-34 30-40v14q-14 4-14 "
              "18h14v34z");
    draw_words(out, 312, 166, 25, true, INK, 22, title);
    draw_greek(out, 312, 262, 276, 7, STONE);
}

static void draw_guide_type(struct buf *out, const char *title, struct demo_random random) {
    (void)random;
    draw_box(out, 0, 0, WIDTH, HEIGHT, 0, MINT);
    draw_box(out, 60, 50, 330, 120, 22, WHITE);
    draw_path(out, WHITE, "none", 0, "M100 160v44l48-44z");
    draw_words(out, 86, 98, 23, true, INK, 24, title);
    draw_box(out, 250, 214, 330, 126, 22, TEAL);
    draw_path(out, TEAL, "none", 0, "M540 330v44l-48-44z");
    draw_greek(out, 278, 244, 270, 5, "#4f8391");
}

static void draw_price_list_type(struct buf *out, const char *title, struct demo_random random) {
    draw_box(out, 0, 0, WIDTH, HEIGHT, 0, "#efe7d6");
    draw_box(out, 80, 40, 480, 320, 8, WHITE);
    draw_box(out, 80, 40, 480, 60, 8, TEAL);
    draw_words(out, 104, 78, 21, true, WHITE, 38, title);
    for (int row = 0; row < 7; row++) {
        double y = 122 + row * 34;
        draw_greek(out, 104, y, 60, 1, STONE);
        draw_greek(out, 196, y, 40, 1, STONE);
        draw_box(out, 280, y - 6, 60 + 150 * demo_random_unit(&random), 16, 3,
                 row % 3 == 1 ? CLAY : MINT);
        draw_greek(out, 510, y, 30, 1, INK);
    }
}

/* A document, as one might hold it. */
static void draw_document(struct buf *out, const char *type, const char *title,
                          struct demo_random random) {
    static const struct {
        const char *type;
        void (*draw)(struct buf *out, const char *title, struct demo_random random);
    } kinds[] = {
        {"flyer", draw_flyer_type},           {"email", draw_email_type},
        {"proposal", draw_proposal_type},     {"one_pager", draw_one_pager_type},
        {"case_study", draw_case_study_type}, {"objection_guide", draw_guide_type},
        {"price_list", draw_price_list_type},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (text_equal(kinds[i].type, type))
            kinds[i].draw(out, title, random);
    }
}

/* A picture as large as it fits, on the colour of its type. */
static void draw_picture(struct buf *out, const char *type, const struct demo_picture *picture,
                         struct demo_random random) {
    enum { MARGIN = 44 };
    const char *ground = text_equal(type, "logo")     ? PAPER
                         : text_equal(type, "banner") ? SAND
                                                      : CLAY;
    double across = (double)(WIDTH - 2 * MARGIN) / picture->width;
    double down = (double)(HEIGHT - 2 * MARGIN) / picture->height;
    double scale = across < down ? across : down;
    double x = (WIDTH - picture->width * scale) / 2;
    double y = (HEIGHT - picture->height * scale) / 2;
    draw_box(out, 0, 0, WIDTH, HEIGHT, 0, ground);
    if (!text_equal(type, "logo"))
        draw_box(out, x - 6, y - 6, picture->width * scale + 12, picture->height * scale + 12, 4,
                 WHITE);
    buf_printf(out, "<g transform=\"translate(%g %g) scale(%g)\">\n", x, y, scale);
    picture->draw(out, random);
    buf_puts(out, "</g>\n");
}

void picture_thumbnail(struct buf *out, const char *type, const struct demo_picture *picture,
                       const char *title, struct demo_random random) {
    draw_begin(out, WIDTH, HEIGHT, title);
    if (picture != NULL)
        draw_picture(out, type, picture, random);
    else
        draw_document(out, type, title, random);
    draw_end(out);
}
