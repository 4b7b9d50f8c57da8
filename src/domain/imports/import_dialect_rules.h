/*
 * import_dialect_rules.h - what a file is that somebody sent as a table: text or not, in which encoding, with what between
 * its cells. Pure: bytes in, verdict out.
 *
 * Spreadsheets write CSV (RFC 4180) in their own ways: with `;` where the comma is the decimal point, with tabs as "Unicode
 * text" in UTF-16, in Windows' encoding of the country, with a byte order mark, with a first line "sep=;".
 */
#ifndef TESSERA_DOMAIN_IMPORTS_IMPORT_DIALECT_RULES_H
#define TESSERA_DOMAIN_IMPORTS_IMPORT_DIALECT_RULES_H

#include <stdbool.h>
#include <stddef.h>

enum import_kind {
    IMPORT_TEXT,
    IMPORT_EMPTY,
    IMPORT_WORKBOOK,     /* .xlsx */
    IMPORT_OLD_WORKBOOK, /* .xls, or any with a password */
    IMPORT_ODS,
    IMPORT_ARCHIVE,      /* zip, gzip, 7z, rar, xz, bzip2 */
    IMPORT_DOCUMENT,     /* PDF, RTF */
    IMPORT_PICTURE,
    IMPORT_MARKUP, /* HTML or XML, whatever its name ends in */
    IMPORT_BINARY
};
/* From the beginning of the file; 4 KiB are enough. */
enum import_kind import_kind_of(const char *bytes, size_t size);
/* A sentence (gettext message id) about what is no text and what to do; NULL for text
 * and workbooks. */
const char *import_kind_sentence(enum import_kind kind);

/* Names are ICU's converters. */
struct import_encoding {
    const char *charset; /* "UTF-8", "UTF-16LE", "UTF-16BE" or "windows-1252" */
    size_t skip;         /* bytes of the byte order mark */
    bool mixed;          /* some of it is UTF-8, some is not: charset is a guess that would spoil names */
    size_t odd;          /* mixed: where the first byte stands that is not UTF-8 */
};
/* Looks at the whole file: one letter can decide. */
struct import_encoding import_encoding_of(const char *bytes, size_t size);
/* The converter for a charset that a person chose, or NULL. */
const char *import_charset_find(const char *name);

/* What stands between cells: ',', ';', tab or '|'. text: UTF-8, the beginning of the file, 64 KiB are enough. *skip: bytes
 * of a first line "sep=;", which is not part of the table. One column has ','. */
char import_delimiter_of(const char *text, size_t size, size_t *skip);

#endif
