/*
 * text.h - small things done to NUL-terminated UTF-8.
 */
#ifndef TESSERA_CORE_TEXT_H
#define TESSERA_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Well-formed by RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF, no NUL. */
bool text_utf8_valid(const char *bytes, size_t size);
/* Bytes of the well-formed sequence that bytes begins with; 0 when it begins with none. */
size_t text_utf8_next(const char *bytes, size_t size);
size_t text_utf8_length(const char *text); /* code points; text must be valid */
/* The character that a well-formed sequence of that size is. */
uint32_t text_code_point(const char *bytes, size_t size);
/* White space of any script, but for line ends. */
bool text_point_blank(uint32_t point);
/* Characters that are not seen, or that turn the others round ("gnp.exe" shown as "exe.png"):
 * controls but for tab and line ends, joiners, marks of direction, tags. */
bool text_point_unseen(uint32_t point);
/* True if there is a C0 control other than tab, LF and CR (or DEL) among the bytes. */
bool text_has_control(const char *bytes, size_t size);

/* NULL equals only NULL. Names are looked up with it thousands of times a page, and mostly the first byte tells. */
static inline bool text_equal(const char *a, const char *b) {
    if (a == NULL || b == NULL)
        return a == b;
    return *a == *b && strcmp(a, b) == 0;
}
bool text_equal_nocase(const char *a, const char *b);   /* ASCII letters only */
bool text_starts(const char *text, const char *prefix); /* NULL text starts with nothing */
bool text_ends(const char *text, const char *suffix);
bool text_blank(const char *text); /* NULL, empty or ASCII white space only */
/* Cuts ASCII white space at both ends, in place; returns where the text now begins. */
char *text_trim(char *text);

/* Whole text as a number in [min, max]; else false, *out untouched. No sign '+', no blanks. */
bool text_to_long(const char *text, long min, long max, long *out);
bool text_is_uuid(const char *text); /* 8-4-4-4-12 hex digits, any case (RFC 9562) */

#endif
