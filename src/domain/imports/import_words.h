/*
 * import_words.h - rows of an import in words, as two pages show them. For src/domain/imports only.
 */
#ifndef TESSERA_DOMAIN_IMPORTS_IMPORT_WORDS_H
#define TESSERA_DOMAIN_IMPORTS_IMPORT_WORDS_H

#include "http/page.h"

/* Rows of lead_import_rows (number, status, cells, problems, same_row, same_lead) as a list of name: {number, name, contact,
 * status, reasons[{text, href}]}. mapping: of their import. */
void import_rows_show(struct ctx *ctx, const char *name, const struct rows *rows, size_t count, const char *mapping);
/* What is said about one row, sentences joined by blanks. */
const char *import_row_reasons(struct arena *arena, const struct rows *rows, size_t row) __attribute__((returns_nonnull));
/* The summary of an import as a list of name: {rows, first, text}. */
void import_summary_show(struct ctx *ctx, const char *name, const char *summary);

#endif
