/*
 * labels.h - codes as people read them: lead stages, roles, partner types, entry states, …
 *
 * One table; a code that is not in it is shown with its first letter raised and underscores as
 * blanks. A code means the same wherever it stands ("active" of a lead, a partner and a user), so
 * it has one label and one tone.
 */
#ifndef TESSERA_VIEW_LABELS_H
#define TESSERA_VIEW_LABELS_H

const char *label_of(const char *code); /* gettext message id, or NULL when not in the table */
/* Badge variant: success, warning, destructive, info, secondary or outline; "secondary" when not in
 * the table. */
const char *tone_of(const char *code) __attribute__((returns_nonnull));

#endif
