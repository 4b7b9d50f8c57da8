/*
 * xlsx.h - rows as an Office Open XML workbook (ECMA-376), written while they come.
 *
 * The archive is libarchive's: it writes zip files to a stream that nobody can seek in, so that memory stays
 * the same however many rows there are and no file lies anywhere in between. (libxlsxwriter's constant memory
 * is a temporary file.) A sheet that is full is followed by another.
 *
 * Texts are inline strings, which no spreadsheet reads as formulas; one that looks like a formula is marked as
 * quoted besides, so that it stays a text when somebody edits the cell. Numbers are numbers. Times are UTC.
 * Columns whose names start with '_' are left out.
 *
 * A process writes one workbook at a time; beginning another puts aside one that was not finished.
 */
#ifndef TESSERA_VIEW_XLSX_H
#define TESSERA_VIEW_XLSX_H

#include "core/buf.h"
#include "core/rows.h"

enum { XLSX_SHEET_ROWS = 1048576 /* of a sheet, its head included: what spreadsheets take */ };

/* Each appends to out what is ready so far. An archive that cannot be written marks out as overflowed. The
 * columns are those of the first rows. sheet_rows: XLSX_SHEET_ROWS, or fewer for a test. */
void xlsx_begin(const struct rows *rows, size_t sheet_rows, struct buf *out);
void xlsx_rows(const struct rows *rows, struct buf *out);
void xlsx_end(struct buf *out);

#endif
