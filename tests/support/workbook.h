/*
 * workbook.h - workbooks (.xlsx) as a spreadsheet writes them, and such as nobody should send.
 */
#ifndef TESSERA_TESTS_WORKBOOK_H
#define TESSERA_TESTS_WORKBOOK_H

#include "core/buf.h"

struct workbook_part {
    const char *path, *text;
};
void workbook_zip(struct buf *zip, const struct workbook_part *parts, size_t count);

/* Formats of cells, for s="…" */
enum { LOOK_GENERAL, LOOK_DATE, LOOK_OWN_DATE, LOOK_MONEY };

/* sheets: what stands in <sheetData> of each, ending in NULL. Words for t="s" are those of workbook.c: Name, Email, Zoë, =1+1. */
void workbook_make(struct buf *zip, const char *const *sheets);
/* The same with a sheet that is mb megabytes of nothing, compressed to a hundredth. */
void workbook_bomb(struct buf *zip, size_t mb);

#endif
