/*
 * demo_pdf.h - a plain document as PDF 1.4: A4, Helvetica, a coloured head, numbered pages.
 *
 * The source is ASCII text: "# title" and a line with the subtitle come first, then "## headings",
 * "- items" and paragraphs, one to a line. What else the text holds is printed as it is. Internal
 * to the demo.
 */
#ifndef TESSERA_DOMAIN_DEMO_DEMO_PDF_H
#define TESSERA_DOMAIN_DEMO_DEMO_PDF_H

#include "core/buf.h"

void demo_pdf_write(struct buf *out, const char *source);

#endif
