#include "domain/demo/demo_pictures.h"

static const char *const dark[2] = {DEEP, "#123f4c"};
static const char *const light[2] = {"#c9ded7", "#b7d3ca"};

static void paint_logo(struct buf *out, struct demo_random random) {
    (void)random;
    draw_logo(out, 40, 40, 160, false);
}

const struct demo_picture picture_logo = {720, 240, paint_logo};

static void paint_logo_white(struct buf *out, struct demo_random random) {
    (void)random;
    draw_box(out, 0, 0, 720, 240, 0, DEEP);
    draw_logo(out, 40, 40, 160, true);
}

const struct demo_picture picture_logo_white = {720, 240, paint_logo_white};

static void paint_mark(struct buf *out, struct demo_random random) {
    (void)random;
    draw_mark(out, 64, 64, 384, false);
}

const struct demo_picture picture_mark = {512, 512, paint_mark};

static void paint_badge(struct buf *out, struct demo_random random) {
    (void)random;
    draw_box(out, 4, 4, 632, 212, 24, PAPER);
    draw_path(out, "none", TEAL, 4,
              "M28 4h584a24 24 0 0 1 24 24v164a24 24 0 0 1-24 24H28a24 24 0 0 1-24-24V28a24 24 0 "
              "0 1 24-24z");
    draw_mark(out, 44, 50, 120, false);
    draw_words(out, 204, 102, 44, true, INK, 40, "Trusted partner");
    draw_words(out, 206, 148, 28, false, TEAL, 40, "of the Meridian programme");
}

const struct demo_picture picture_badge = {640, 220, paint_badge};

static void paint_banner(struct buf *out, struct demo_random random) {
    draw_box(out, 0, 0, 1200, 300, 0, TEAL);
    draw_disc(out, 905, 150, 86, CLAY);
    draw_skyline(out, 640, 300, 560, 190, dark, random);
    draw_logo(out, 56, 44, 54, true);
    draw_words(out, 56, 180, 44, true, WHITE, 28, "A home that fits, found together");
}

const struct demo_picture picture_banner = {1200, 300, paint_banner};

static void paint_skyscraper(struct buf *out, struct demo_random random) {
    draw_box(out, 0, 0, 300, 600, 0, SAND);
    draw_disc(out, 214, 306, 52, CLAY);
    draw_skyline(out, 0, 600, 300, 320, dark, random);
    draw_mark(out, 32, 32, 64, false);
    draw_words(out, 32, 150, 32, true, INK, 14, "Questions first. Keys later.");
}

const struct demo_picture picture_skyscraper = {300, 600, paint_skyscraper};

static void paint_open_house(struct buf *out, struct demo_random random) {
    draw_box(out, 0, 0, 1200, 628, 0, PAPER);
    draw_skyline(out, 0, 628, 1200, 250, light, random);
    draw_box(out, 80, 80, 620, 400, 28, TEAL);
    draw_words(out, 128, 190, 72, true, WHITE, 14, "Open house weekend");
    draw_words(out, 130, 376, 32, false, SAND, 34, "Saturday and Sunday, ten to six");
    draw_words(out, 130, 424, 32, false, SAND, 34, "[building], [area]");
    draw_logo(out, 800, 96, 96, false);
}

const struct demo_picture picture_open_house = {1200, 628, paint_open_house};

static void paint_post(struct buf *out, struct demo_random random) {
    draw_box(out, 0, 0, 1080, 1080, 0, MINT);
    draw_disc(out, 790, 360, 150, PAPER);
    draw_skyline(out, 0, 1080, 1080, 560, dark, random);
    draw_words(out, 90, 210, 104, true, INK, 10, "New this week");
    draw_words(out, 94, 440, 44, false, INK, 30, "Three homes you can see on Saturday");
    draw_box(out, 0, 900, 1080, 180, 0, DEEP);
    draw_logo(out, 90, 948, 84, true);
}

const struct demo_picture picture_post = {1080, 1080, paint_post};

static void paint_question(struct buf *out, struct demo_random random) {
    (void)random;
    draw_box(out, 0, 0, 1080, 1080, 0, CLAY);
    draw_box(out, 90, 150, 900, 560, 56, PAPER);
    draw_path(out, PAPER, "none", 0, "M220 690v150l150-150z");
    draw_words(out, 160, 310, 96, true, INK, 16, "What would you ask a neighbour?");
    draw_words(out, 164, 640, 44, false, TEAL, 40, "Ask us. We'll find out.");
    draw_logo(out, 620, 880, 84, true);
}

const struct demo_picture picture_question = {1080, 1080, paint_question};

static void paint_story(struct buf *out, struct demo_random random) {
    draw_box(out, 0, 0, 1080, 1920, 0, DEEP);
    draw_disc(out, 640, 1200, 290, CLAY);
    draw_skyline(out, 0, 1920, 1080, 900, dark, random);
    draw_words(out, 110, 420, 120, true, WHITE, 14, "See it on Saturday");
    draw_words(out, 114, 720, 52, false, SAND, 30, "Write to me, I'll keep you a time.");
    draw_logo(out, 110, 180, 96, true);
}

const struct demo_picture picture_story = {1080, 1920, paint_story};

void picture_write(struct buf *out, const struct demo_picture *picture, const char *title,
                   struct demo_random random) {
    draw_begin(out, picture->width, picture->height, title);
    picture->draw(out, random);
    draw_end(out);
}
