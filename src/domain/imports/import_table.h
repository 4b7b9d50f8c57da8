/*
 * import_table.h - a file as rows of cells: bytes in any of the encodings to UTF-8 (ICU), and that to rows (libcsv).
 *
 * Both take their input in pieces of any size and keep no more of it than one row. Whatever comes in, they end: a row, a
 * cell and a table have limits, and what breaks one is a trouble with a sentence for a person, not an error of ours.
 */
#ifndef TESSERA_DOMAIN_IMPORTS_IMPORT_TABLE_H
#define TESSERA_DOMAIN_IMPORTS_IMPORT_TABLE_H

#include "core/arena.h"
#include <stdbool.h>
#include <stddef.h>

enum {
    IMPORT_COLUMNS_MAX = 100,
    IMPORT_CELL_MAX = 32 * 1024, /* bytes; a spreadsheet's cell holds no more */
    IMPORT_ROWS_MAX = 200000
};

enum import_trouble {
    TROUBLE_NONE,
    TROUBLE_STOPPED, /* the row function wanted no more */
    TROUBLE_CHARSET, /* bytes that are no letters in this encoding */
    TROUBLE_MIXED,   /* several encodings in one file */
    TROUBLE_NUL,
    TROUBLE_COLUMNS, /* count: how many */
    TROUBLE_CELL,
    TROUBLE_QUOTE, /* opened and never closed */
    TROUBLE_ROWS,
    TROUBLE_EMPTY,  /* nothing but blank lines */
    TROUBLE_HEADER, /* names of columns and no row beneath them */
    TROUBLE_WORKBOOK, /* that cannot be read */
    TROUBLE_UNPACKED, /* that is far larger than it looks */
    TROUBLE_BUSY,     /* others are being read */
    TROUBLE_STORE     /* ours: the text could not be kept */
};
/* A sentence in the reader's language; row and count where it names them. NULL for TROUBLE_NONE and TROUBLE_STOPPED. */
const char *import_trouble_sentence(struct arena *arena, enum import_trouble trouble, long row, long count);

/* ── Bytes to text ── */

/* Valid UTF-8 without NUL; line ends are '\n', other control characters blanks. */
typedef enum import_trouble import_piece_fn(void *context, const char *text, size_t size);
/* charset: one that import_charset_find() knows. Ends with what piece answers, if that is a trouble. */
enum import_trouble import_decode(const char *charset, const char *bytes, size_t size, import_piece_fn *piece, void *context);

/* ── Text to rows ── */

struct import_row {
    long number; /* as a spreadsheet counts: blank lines, too; the first is 1 */
    size_t count;
    const char *const *cells; /* NUL-terminated; until the function returns */
};
/* False: no further row. Blank lines are not told of. */
typedef bool import_row_fn(void *context, const struct import_row *row);

struct import_reader;
/* line: rows before the first byte that is fed. Not NULL; import_reader_free() it. */
struct import_reader *import_reader_new(char delimiter, long line, import_row_fn *fn, void *context) __attribute__((returns_nonnull));
void import_reader_free(struct import_reader *reader);
enum import_trouble import_reader_feed(struct import_reader *reader, const char *text, size_t size);
enum import_trouble import_reader_end(struct import_reader *reader); /* after the last piece */
/* Of the last whole row: bytes fed up to its end, and its number; after a trouble the number of the row that it is in. A
 * new reader goes on from there. */
size_t import_reader_position(const struct import_reader *reader);
long import_reader_line(const struct import_reader *reader);
long import_reader_count(const struct import_reader *reader); /* TROUBLE_COLUMNS: how many there were */

#endif
