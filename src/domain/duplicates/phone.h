/*
 * phone.h - a phone number as everybody on earth would dial it.
 *
 * E.164 (ITU-T E.164): "+", country code and number, at most fifteen digits, nothing else. The work is libphonenumber's; this is
 * its only user, a thin shim in C++ (phone.cc) behind a contract in C. The library's tables are read once per process, at the
 * first call (about 10 ms).
 *
 * Ownership: out is the caller's. Errors: false, and out is "". Never throws.
 */
#ifndef TESSERA_DOMAIN_DUPLICATES_PHONE_H
#define TESSERA_DOMAIN_DUPLICATES_PHONE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { PHONE_E164_SIZE = 17 /* "+", fifteen digits, NUL */ };

/*
 * typed: as somebody wrote it, NULL for none. region: ISO 3166-1 alpha-2 of whoever wrote it ("AE"), for numbers without a
 * country code; NULL or unknown: such numbers have no E.164 form. True when it can be a number of its country by its length;
 * whether anybody has it, nobody knows. What is E.164 already stays the same, in any region.
 */
bool phone_to_e164(const char *typed, const char *region, char out[PHONE_E164_SIZE]);
/* The calling code of a region whose people dial a 0 before their own country's numbers (971 for "AE"); 0: they do not. */
int phone_zero_code(const char *region);

#ifdef __cplusplus
}
#endif

#endif
