/*
 * markup.h - text inside HTML and SVG.
 */
#ifndef TESSERA_VIEW_MARKUP_H
#define TESSERA_VIEW_MARKUP_H

#include "core/buf.h"

/* Appends text with & < > " and ' as entities: safe in elements and in quoted attributes. */
void markup_escape(struct buf *out, const char *text);
/* The same entities are characters again, in place; returns text. For what a template rendered and no browser shows: mail,
 * the subject of one, JSON. */
char *markup_unescape(char *text);

#endif
