/*
 * demo_pictures.h - the library's own pictures, and a thumbnail for each type of material. Internal
 * to the demo.
 */
#ifndef TESSERA_DOMAIN_DEMO_DEMO_PICTURES_H
#define TESSERA_DOMAIN_DEMO_DEMO_PICTURES_H

#include "domain/demo/demo_draw.h"

struct demo_picture {
    int width, height;
    void (*draw)(struct buf *out, struct demo_random random);
};

extern const struct demo_picture picture_logo, picture_logo_white, picture_mark, picture_badge,
    picture_banner, picture_skyscraper, picture_open_house, picture_post, picture_question,
    picture_story;

void picture_write(struct buf *out, const struct demo_picture *picture, const char *title,
                   struct demo_random random);

/* 640 x 400. The picture itself, or for a document (NULL) a drawing of its type. */
void picture_thumbnail(struct buf *out, const char *type, const struct demo_picture *picture,
                       const char *title, struct demo_random random);

#endif
