/* form_internal.h - what form.c keeps and form_model.c shows. */
#ifndef TESSERA_HTTP_FORM_INTERNAL_H
#define TESSERA_HTTP_FORM_INTERNAL_H

#include "http/field_clean.h"
#include "http/form.h"

/* One field's state, at the index of its description. */
struct slot {
    const char *shown; /* as typed or filled; NULL: nothing */
    const char *value; /* cleaned; NULL: empty or wrong */
    struct complaint complaint;
};

/* An error about the form as a whole. */
struct form_note {
    const char *message;
    struct form_note *next;
};

struct form {
    struct arena *arena;
    const struct form_spec *spec;
    size_t count;
    struct slot *slots;
    struct form_note *notes;
};

/* The complaint about the field as a sentence in the reader's language. */
const char *complaint_text(struct arena *arena, const struct complaint *complaint,
                           const struct field *field) __attribute__((returns_nonnull));
/* True when item is value, or for a field with `multiple` one of its comma-separated parts. */
bool choice_selected(const struct field *field, const char *value, const char *item);

#endif
