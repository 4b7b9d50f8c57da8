/*
 * field_clean.h - one value against one field: what is kept of it, or what is wrong with it.
 *
 * Pure. Everything lives in the arena.
 */
#ifndef TESSERA_HTTP_FIELD_CLEAN_H
#define TESSERA_HTTP_FIELD_CLEAN_H

#include "core/arena.h"
#include "http/form.h"

/*
 * A sentence in the making. message is a gettext message id in which {label}, {the_label}, {value},
 * {min}, {max} and {count} stand for what is filled in when it is shown, in the reader's language.
 */
struct complaint {
    const char *message; /* NULL: nothing is wrong */
    const char *value;
    long min, max, count;
};

/* Cleaned value, or NULL when sent is empty (complaint untouched) or wrong (complaint set). */
const char *field_clean(struct arena *arena, const struct field *field, const char *sent,
                        struct complaint *complaint);
/* The longest text that the field takes, in characters; 0 for kinds that are not bounded by length.
 */
long field_longest(const struct field *field);
/* Text without the blanks and invisible characters (Unicode's too) that copying leaves at its ends.
 */
char *field_trim(struct arena *arena, const char *text);

/* For addresses people can be reached at (field_contact.c): cleaned, or NULL with complaint set. */
const char *clean_email(struct arena *arena, const char *text, struct complaint *complaint);
const char *clean_phone(struct arena *arena, const char *text, struct complaint *complaint);
const char *clean_url(struct arena *arena, const char *text, struct complaint *complaint);

#endif
