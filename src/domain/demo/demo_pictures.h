/*
 * demo_pictures.h - the library's own pictures, and a thumbnail for each type of material. Internal
 * to the demo.
 */
#ifndef TESSERA_DOMAIN_DEMO_DEMO_PICTURES_H
#define TESSERA_DOMAIN_DEMO_DEMO_PICTURES_H

#include "domain/demo/demo_draw.h"

typedef void demo_picture_fn(struct buf *out, const char *title, struct demo_random random);

demo_picture_fn picture_logo;
demo_picture_fn picture_logo_white;
demo_picture_fn picture_mark;
demo_picture_fn picture_badge;
demo_picture_fn picture_banner;
demo_picture_fn picture_skyscraper;
demo_picture_fn picture_open_house;
demo_picture_fn picture_post;
demo_picture_fn picture_question;
demo_picture_fn picture_story;

/* 640 x 400; type as in assets.type. */
void picture_thumbnail(struct buf *out, const char *type, const char *title,
                       struct demo_random random);

#endif
