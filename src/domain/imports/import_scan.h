/*
 * import_scan.h - the first look at a file: what it is, its columns with samples, what days and amounts in them look like.
 *
 * The text goes to a sink as UTF-8 meanwhile: what is kept is read later without a thought about encodings. Memory does not
 * grow with the file.
 */
#ifndef TESSERA_DOMAIN_IMPORTS_IMPORT_SCAN_H
#define TESSERA_DOMAIN_IMPORTS_IMPORT_SCAN_H

#include "domain/imports/import_table.h"
#include "domain/imports/import_value_rules.h"

enum { IMPORT_SAMPLES = 3 };

struct import_column {
    const char *header; /* "" where the file names none */
    const char *samples[IMPORT_SAMPLES]; /* first values that differ, shortened */
    size_t nsamples;
    long filled; /* rows with something in it */
    long emails, phones; /* that look like such */
    struct import_dates_seen dates;
    struct import_numbers_seen numbers;
};

struct import_scan {
    const char *charset;
    char delimiter;
    bool has_header;
    long rows; /* with something in them, the header left out */
    size_t ncolumns;
    struct import_column *columns;
    /* When it is no table: why, and where. sentence: for a person. */
    enum import_trouble trouble;
    const char *sentence;
};

/* charset: what a person says it is; NULL: to be found out. sink may be NULL. False: out->sentence says why. All in arena. */
bool import_scan(struct arena *arena, const char *bytes, size_t size, const char *charset, import_piece_fn *sink, void *context,
                 struct import_scan *out) __attribute__((warn_unused_result));

/* The columns as JSON for the database: [{header, samples, filled, emails, phones, dates: {order, certain, cells}, numbers:
 * {style, certain, cells}}]. */
const char *import_columns_json(struct arena *arena, const struct import_scan *scan) __attribute__((returns_nonnull));

#endif
