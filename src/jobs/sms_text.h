/*
 * sms_text.h - how long a text is as an SMS, and a text that is short enough.
 *
 * Pure. A text of the GSM 7-bit alphabet (3GPP TS 23.038) has 160 characters in one part and 153 in each of several, where
 * those of its extension table count as two; any other text has 70 and 67 UTF-16 code units. No character is cut in two.
 */
#ifndef TESSERA_JOBS_SMS_TEXT_H
#define TESSERA_JOBS_SMS_TEXT_H

#include "core/arena.h"
#include <stdbool.h>
#include <stddef.h>

/* Whether every character is of the GSM 7-bit alphabet. */
bool sms_is_plain(const char *text);
/* In how many parts it travels; 0 for no text. */
size_t sms_parts(const char *text);
/* "sentence link" with typographic quotes and dashes made plain; the sentence is cut, at a blank where there is one, until
 * the whole has at most so many parts. A link that is too long for that by itself stands alone. link NULL: none. */
const char *sms_text(struct arena *arena, const char *sentence, const char *link, size_t parts) __attribute__((returns_nonnull));

#endif
