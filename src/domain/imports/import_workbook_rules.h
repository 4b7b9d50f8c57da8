/*
 * import_workbook_rules.h - what a cell of a workbook (.xlsx, ECMA-376 part 1) says, written as CSV. Pure.
 */
#ifndef TESSERA_DOMAIN_IMPORTS_IMPORT_WORKBOOK_RULES_H
#define TESSERA_DOMAIN_IMPORTS_IMPORT_WORKBOOK_RULES_H

#include "core/buf.h"
#include <stdbool.h>

enum { WORKBOOK_ROWS = 1048576, WORKBOOK_COLUMNS = 16384 };

/* Does a number in this format stand for a day? code: what the workbook says of the format, NULL for those every one has. */
bool workbook_is_day(long id, const char *code);

/* "AB12" -> 27; -1 for what is no cell's address. */
long workbook_column(const char *address);

/* Between quotes. */
void workbook_put_text(struct buf *csv, const char *text, size_t size);
/* 1250000.5, or 2026-12-31 for a day; as text what is no number. from_1904: the day 0 of old Macintoshes. */
void workbook_put_number(struct buf *csv, const char *value, bool day, bool from_1904);

#endif
