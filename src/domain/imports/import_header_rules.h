/*
 * import_header_rules.h - which field of a lead a column means, by what is written above it. Pure.
 *
 * People, spreadsheets and other programmes write "E-mail", "EMAIL_ADDRESS", "Email 1 - Value" or "clientEmail" and mean
 * the same. What cannot be told is left to the person.
 */
#ifndef TESSERA_DOMAIN_IMPORTS_IMPORT_HEADER_RULES_H
#define TESSERA_DOMAIN_IMPORTS_IMPORT_HEADER_RULES_H

#include "core/arena.h"
#include <stdbool.h>
#include <stddef.h>

/* A header as words: "clientEmail_Address (1)" -> "client email address 1". "" when no letter is left. */
const char *import_header_plain(struct arena *arena, const char *header) __attribute__((returns_nonnull));

/* How sure a guess is. */
enum { IMPORT_UNSURE = 0, IMPORT_PART = 99, IMPORT_SURE = 100 };

/* Name of the lead form's field that plain words mean: NULL when none is meant that we know, "" when it is one to be left out
 * (an id, a status, somebody else's name). *certainty: IMPORT_SURE where the words are those that we know, IMPORT_PART
 * where they mean a part of it (a first name). */
const char *import_header_field(const char *plain, int *certainty);

/* Several columns may go into this field: first and last name, two columns of remarks. With what between them; NULL: only
 * one column may. */
const char *import_field_joint(const char *field);

/* True when the first row names the columns: no cell of it looks like an address, a number or a date, and at least one
 * is a word. cells: NUL-terminated. */
bool import_is_header(const char *const *cells, size_t count);

/* Gives each field that takes one column to the column that means it most; others that wanted it get NULL. fields and
 * certainties: of every column, as import_header_field() and the partner's own memory have them. */
void import_settle_fields(const char **fields, const int *certainties, size_t count);

#endif
