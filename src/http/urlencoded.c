#include "core/i18n.h"
#include "core/text.h"
#include "http/form_data.h"

_Static_assert(REQUEST_FIELDS_MAX == 256, "a sentence below says so");

/* Decodes one side of a pair; NULL with *reason set. */
static char *decode(struct arena *arena, const char *bytes, size_t size,
                    const char *(*refusal)(const char *bytes, size_t size), const char **reason) {
    size_t length = 0;
    char *text = percent_decode_bytes(arena, bytes, size, true, &length);
    if (text == NULL) {
        *reason = N_("A percent sign in what was sent is not followed by two hexadecimal digits.");
        return NULL;
    }
    *reason = refusal(text, length);
    return *reason == NULL ? text : NULL;
}

enum err urlencoded_parse(const char *bytes, size_t size, struct params *out, const char **reason) {
    const char *end = bytes + size;
    while (bytes < end) {
        const char *ampersand = memchr(bytes, '&', (size_t)(end - bytes));
        const char *pair_end = ampersand != NULL ? ampersand : end;
        const char *equals = memchr(bytes, '=', (size_t)(pair_end - bytes));
        const char *name_end = equals != NULL ? equals : pair_end;
        const char *value_start = equals != NULL ? equals + 1 : pair_end;

        if (pair_end > bytes) {
            if (out->count >= REQUEST_FIELDS_MAX) {
                *reason = N_("More than 256 fields were sent at once.");
                return ERR_BAD_REQUEST;
            }
            char *name =
                decode(out->arena, bytes, (size_t)(name_end - bytes), name_refusal, reason);
            if (name == NULL)
                return ERR_BAD_REQUEST;
            char *value = decode(out->arena, value_start, (size_t)(pair_end - value_start),
                                 value_refusal, reason);
            if (value == NULL)
                return ERR_BAD_REQUEST;
            params_add(out, name, value);
        }
        bytes = pair_end < end ? pair_end + 1 : end;
    }
    return OK;
}
