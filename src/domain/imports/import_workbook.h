/*
 * import_workbook.h - a workbook (.xlsx) as CSV text.
 *
 * A workbook is compressed XML that anybody may have made. So it is read in a process of its own that may use only so much
 * memory, time (the more the larger it is) and space on the disk and has none of the worker's connections; what it is killed for
 * costs its sender a sentence and nobody else anything. The worker waits for it: so few are read at once.
 */
#ifndef TESSERA_DOMAIN_IMPORTS_IMPORT_WORKBOOK_H
#define TESSERA_DOMAIN_IMPORTS_IMPORT_WORKBOOK_H

#include "domain/imports/import_table.h"
#include "http/spool.h"

/* One workbook at a time for each person, and two for all of them: TROUBLE_BUSY says that others are at it. directory: where the
 * file of turns lies. Until import_workbook_turn_end(), or the end of the process. *turn is -1 unless it is one's own. */
enum import_trouble import_workbook_turn(const char *directory, const char *person, int *turn);
void import_workbook_turn_end(int *turn);

/* The first sheet with something in it: days as 2026-12-31, numbers with a decimal point, formulas by their results; rows keep
 * their numbers. The text lies in out, a file without a name in directory, until spool_close(). */
enum import_trouble import_workbook_read(const void *bytes, size_t size, const char *directory, struct spool *out, const char **text);

#endif
