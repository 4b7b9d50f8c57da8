/*
 * import_workbook_read.h - the cells of a workbook, row after row, through libzip and expat.
 */
#ifndef TESSERA_DOMAIN_IMPORTS_IMPORT_WORKBOOK_READ_H
#define TESSERA_DOMAIN_IMPORTS_IMPORT_WORKBOOK_READ_H

#include <stddef.h>

enum workbook_outcome { WORKBOOK_READ, WORKBOOK_EMPTY, WORKBOOK_BROKEN, WORKBOOK_TOO_LARGE };

/* Writes CSV (UTF-8, a first line "sep=,") to fd: the first sheet that is shown and has something in it. Rows keep their
 * numbers, formulas are their results. Unpacks at most 512 MB, and no more than a hundred times what was sent (or 64 MB);
 * holds in memory the words that cells share. A tag or comment of more than 256 kB is broken. */
enum workbook_outcome workbook_read(const void *bytes, size_t size, int fd);

#endif
