#include "view/facets_internal.h"
#include <unicode/ucasemap.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

enum { UPPER_MAX = 1024 * 1024 }; /* bytes of text that .upper takes */

/* ICU's macros mix signed and unsigned bytes. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"

/* The character at *at, which moves on; negative where the bytes are no UTF-8. */
static UChar32 next_character(const char *text, int32_t *at) {
    UChar32 c;
    U8_NEXT(text, *at, -1, c);
    return c;
}

static int32_t append_character(char *out, int32_t used, UChar32 c) {
    U8_APPEND_UNSAFE(out, used, c);
    return used;
}

#pragma GCC diagnostic pop

/* The first letter or digit of each of the first two words, as capitals. */
static struct facet_result initials(struct arena *arena, const char *value) {
    char *out = arena_alloc(arena, 2 * U8_MAX_LENGTH + 1);
    int32_t used = 0;
    int letters = 0;
    bool in_word = false;
    for (int32_t at = 0; value[at] != '\0' && letters < 2;) {
        UChar32 c = next_character(value, &at);
        if (c >= 0 && u_isUWhiteSpace(c)) {
            in_word = false;
        } else if (c >= 0 && !in_word && u_isalnum(c)) {
            used = append_character(out, used, u_toupper(c));
            letters++;
            in_word = true;
        }
    }
    return facet_text(out);
}

static struct facet_result upper(struct arena *arena, const char *value, const char *locale) {
    size_t size = strlen(value);
    if (size > UPPER_MAX)
        return facet_text(value);
    UErrorCode status = U_ZERO_ERROR;
    UCaseMap *map = ucasemap_open(locale != NULL ? locale : "en", 0, &status);
    /* One letter may become three (ﬃ -> FFI). */
    size_t cap = size * 3 + 1;
    char *out = arena_alloc(arena, cap);
    ucasemap_utf8ToUpper(map, out, (int32_t)cap, value, (int32_t)size, &status);
    ucasemap_close(map);
    return facet_text(U_SUCCESS(status) ? out : value);
}

struct facet_result facet_of_text(struct arena *arena, const char *value, enum form form,
                                  const char *locale) {
    return form == FORM_INITIALS ? initials(arena, value) : upper(arena, value, locale);
}
