/*
 * qr.h - QR codes (ISO/IEC 18004) by libqrencode, as SVG and as PNG.
 *
 * Black on white whatever the theme, with the quiet zone of four modules that readers need and error
 * correction level Q, so that a quarter of a printed code may be dirty or torn.
 */
#ifndef TESSERA_VIEW_QR_H
#define TESSERA_VIEW_QR_H

#include "core/buf.h"
#include <stdbool.h>

enum { QR_QUIET = 4 /* modules */, QR_PNG_MODULE = 16 /* px */ };

/* A whole SVG document, one unit a module. False when text is too long for a code (over 1,600 bytes). */
bool qr_svg(const char *text, struct buf *out) __attribute__((warn_unused_result));
/* A grey PNG, QR_PNG_MODULE px a module: sharp on a business card and on a poster. */
bool qr_png(const char *text, struct buf *out) __attribute__((warn_unused_result));

#endif
