/*
 * message_rules.h - what somebody wrote, taken apart for a page: paragraphs, and in them the addresses that
 * become links. Pure: no database, no HTTP, no markup; a template escapes the pieces.
 *
 * A link is what begins with http:// or https:// (no other scheme), at the beginning of a word, with a
 * host and without a user's name before it, which is how addresses pretend to be others. It is shown as
 * what it is: its text is its address. It ends before white space, quotes, <, >, characters that are not
 * seen or change the direction, and without the punctuation of the sentence that it stands in.
 */
#ifndef TESSERA_DOMAIN_MESSAGES_MESSAGE_RULES_H
#define TESSERA_DOMAIN_MESSAGES_MESSAGE_RULES_H

#include "core/arena.h"
#include <stdbool.h>
#include <stddef.h>

enum { MESSAGE_LINK_MAX = 2000 /* bytes; what is longer stays text */ };

struct message_piece {
    const char *text; /* never empty */
    bool link;        /* the text is an address that may be followed */
};
struct message_paragraph {
    struct message_piece *pieces;
    size_t count;
};

/* Paragraphs stand apart by lines that are empty or blank; line ends within one stay. Together the pieces
 * are the text, but for what stands between paragraphs. text: valid UTF-8, or NULL for none. Returns how
 * many; *out is in the arena. */
size_t message_paragraphs(struct arena *arena, const char *text, struct message_paragraph **out);

/* Bytes of the link that text begins with; 0 when it begins with none. */
size_t message_link(const char *text);

#endif
