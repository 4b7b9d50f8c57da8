/*
 * decimal.h - amounts and percentages as people type them, to the one form that PostgreSQL's
 * numeric reads.
 *
 * Exact: digits are moved, never computed with. Separators are understood only where there is one
 * way to read them. What comes back lives in the arena.
 */
#ifndef TESSERA_HTTP_DECIMAL_H
#define TESSERA_HTTP_DECIMAL_H

#include "core/arena.h"

enum decimal_verdict {
    DECIMAL_OK,
    DECIMAL_UNREADABLE,
    DECIMAL_AMBIGUOUS, /* "1.250": thousands to one reader, a decimal to another */
    DECIMAL_TOO_FINE,  /* more decimals than allowed */
    DECIMAL_TOO_LARGE
};

/* "1,250,000.50", "12,50,000", "1 250 000,5", "1'250" -> "1250000.50", "1250000", "1250000.50",
 * "1250". At most 14 digits before the point and 2 behind it; no sign, no currency. */
enum decimal_verdict decimal_amount(struct arena *arena, const char *text, const char **out);
/* "37.5", "37,5", "37.5 %" -> "37.5"; 0 to 100, at most 3 decimals. */
enum decimal_verdict decimal_percent(struct arena *arena, const char *text, const char **out);

#endif
