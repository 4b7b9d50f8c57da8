/*
 * import_value_rules.h - what people write into cells, turned into what the lead form takes. Pure.
 *
 * The form judges every value (src/http/form.h); this only brings local writing into the one form that it reads: days as
 * 2026-12-31, amounts as 1250000.50, choices as their codes. What is not understood stays as it is, for the form to refuse.
 *
 * 03/04/2026 is a day in April to one reader and in March to another. Which one wrote a column is decided once for the
 * column, by the days in it that can be read in one way only, and the person sees the decision.
 */
#ifndef TESSERA_DOMAIN_IMPORTS_IMPORT_VALUE_RULES_H
#define TESSERA_DOMAIN_IMPORTS_IMPORT_VALUE_RULES_H

#include "core/arena.h"
#include "http/form.h"
#include <stdbool.h>

/* ── Days ── */

enum import_dates { DATES_DMY, DATES_MDY, DATES_YMD, DATES_ORDERS };
const char *import_dates_code(enum import_dates dates); /* "dmy" */
bool import_dates_find(const char *code, enum import_dates *dates);

struct import_dates_seen {
    long only[DATES_ORDERS]; /* cells that are a day in that order and in no other */
    long either;             /* one day in one order, another in another */
    long cells;              /* with a day in any order */
};
void import_dates_look(struct import_dates_seen *seen, const char *cell);
/* The order that reads most of the column; day first where nothing decides. *certain: no cell speaks for another order, and
 * where the order matters at all, some cell speaks for this one. */
enum import_dates import_dates_decide(const struct import_dates_seen *seen, bool *certain);
/* "31/12/2026", "31.12.26", "31 Dec 2026", "2026-12-31T00:00" -> "2026-12-31"; NULL: no day in this order. Whether it is one
 * of the calendar is for the form to say; a day above 31 or a month above 12 is none. */
const char *import_date(struct arena *arena, const char *cell, enum import_dates dates);

/* ── Amounts ── */

enum import_numbers { NUMBERS_POINT, NUMBERS_COMMA, NUMBERS_STYLES }; /* 1,250.50 and 1.250,50 */
const char *import_numbers_code(enum import_numbers numbers);
bool import_numbers_find(const char *code, enum import_numbers *numbers);

struct import_numbers_seen {
    long only[NUMBERS_STYLES]; /* cells that make sense in this style only */
    long unsure;               /* 1.250 or 1,250 */
    long cells;
};
void import_numbers_look(struct import_numbers_seen *seen, const char *cell);
enum import_numbers import_numbers_decide(const struct import_numbers_seen *seen, bool *certain);
/* "AED 1.250" with NUMBERS_COMMA -> "1250"; cells that read in one way only may be of either style. currency gets the code
 * that stands beside the digits ("AED", "INR" for a rupee sign), or NULL. */
const char *import_amount(struct arena *arena, const char *cell, enum import_numbers numbers, const char **currency)
    __attribute__((returns_nonnull));
/* A whole number: "1,200" and "3.0" -> "1200", "3". */
const char *import_whole(struct arena *arena, const char *cell) __attribute__((returns_nonnull));

/* ── Choices, phones ── */

/* The code of a choice that is meant by its code, its label or a common word: "Flat" -> "apartment". */
const char *import_choice(const struct field *field, const char *cell) __attribute__((returns_nonnull));
/* A column of numbers that was saved as decimals: "971501234567.0" -> "971501234567". */
const char *import_phone(struct arena *arena, const char *cell) __attribute__((returns_nonnull));
/* "9.71501E+11": a spreadsheet has thrown digits of the number away; or it was a number that is no telephone's: "971501234567.5". */
bool import_phone_is_cut(const char *cell);
/* The cell without the apostrophe that keeps spreadsheets from reading it as a formula (our own exports write it). */
const char *import_plain(const char *cell) __attribute__((returns_nonnull));

#endif
