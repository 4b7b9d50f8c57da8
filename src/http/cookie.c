#include "core/i18n.h"
#include "http/form_data.h"

_Static_assert(REQUEST_FIELDS_MAX == 256, "a sentence below says so");

static bool is_token(char c) {
    return c > ' ' && c < 0x7F && strchr("()<>@,;:\\\"/[]?={}", c) == NULL;
}

/* cookie-octet of RFC 6265 section 4.1.1 */
static bool is_cookie_octet(char c) {
    return c > ' ' && c < 0x7F && c != '"' && c != ',' && c != ';' && c != '\\';
}

static bool all(const char *from, const char *to, bool (*is)(char c)) {
    for (; from < to; from++) {
        if (!is(*from))
            return false;
    }
    return true;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* Adds the pair between from and to, unless it is malformed. */
static void take_pair(struct params *out, const char *from, const char *to) {
    while (from < to && is_blank(*from))
        from++;
    while (to > from && is_blank(to[-1]))
        to--;
    const char *equals = memchr(from, '=', (size_t)(to - from));
    if (equals == NULL || equals == from || equals - from > REQUEST_NAME_MAX)
        return;
    const char *value = equals + 1;
    if (to - value >= 2 && *value == '"' && to[-1] == '"') {
        value++;
        to--;
    }
    if (!all(from, equals, is_token) || !all(value, to, is_cookie_octet))
        return;
    params_add(out, arena_strndup(out->arena, from, (size_t)(equals - from)),
               arena_strndup(out->arena, value, (size_t)(to - value)));
}

enum err cookie_parse(const char *header, struct params *out, const char **reason) {
    for (const char *at = header; *at != '\0';) {
        const char *to = at + strcspn(at, ";");
        if (out->count >= REQUEST_FIELDS_MAX) {
            *reason =
                N_("More than 256 cookies were sent. Clear this site's cookies, then try again.");
            return ERR_BAD_REQUEST;
        }
        take_pair(out, at, to);
        at = *to == ';' ? to + 1 : to;
    }
    return OK;
}
