/*
 * card_rules.h - what stands on a business card: which lines of the text that was read from it are a name, a firm, an
 * address. And how large a picture is, before anything decodes it. Pure: no database, no HTTP, no files.
 *
 * It is a guess for a person to correct: what is not clear is left out rather than put into the wrong field. Mail
 * addresses, phone numbers and web addresses are known by their form; a name by what is left, by the mail address that
 * it belongs to, and by what it is not (a title, a firm, a street).
 */
#ifndef TESSERA_DOMAIN_CARD_RULES_H
#define TESSERA_DOMAIN_CARD_RULES_H

#include "core/arena.h"
#include <stdbool.h>
#include <stddef.h>

enum {
    CARD_TEXT_MAX = 8 * 1024,    /* bytes that are looked at */
    CARD_LINES_MAX = 60,
    CARD_PIXELS_MAX = 64000000,  /* width × height; a phone's largest photo has some fifty million */
    CARD_SIDE_MAX = 16000        /* pixels */
};

struct card {
    const char *name, *company, *title, *email, *phone, *website, *address; /* NULL: not found */
};

/* text: valid UTF-8, as it was read, lines from top to bottom. The card's parts are in the arena. */
struct card card_of_text(struct arena *arena, const char *text);
/* True when there is something that a form could be filled with. */
bool card_useful(const struct card *card);

/* Width and height as the picture's first bytes have them (PNG, JPEG, WebP, GIF); false when they can't be found.
 * What they say need not be true: whoever decodes it has limits of their own. */
bool card_picture_size(const void *data, size_t size, unsigned long *width, unsigned long *height);
bool card_picture_fits(unsigned long width, unsigned long height);

#endif
