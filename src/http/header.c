/* header.c - parameters of header values (RFC 9110 section 5.6.6), read as browsers write them. */
#include "core/text.h"
#include "http/form_data.h"

bool header_safe(const char *text) {
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return false;
    }
    return true;
}

static const char *skip_blanks(const char *at) {
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

/* A backslash escapes only a quote or itself: old browsers send Windows paths as they are. */
static bool is_escape(const char *at) {
    return at[0] == '\\' && (at[1] == '"' || at[1] == '\\');
}

/* Reads a quoted string that starts at *at into out, moves *at behind it; false if it never ends.
 */
static bool read_quoted(const char **at, char *out) {
    const char *from = *at + 1;
    while (*from != '"') {
        if (is_escape(from))
            from++;
        if (*from == '\0')
            return false;
        *out++ = *from++;
    }
    *out = '\0';
    *at = from + 1;
    return true;
}

static void read_plain(const char **at, char *out) {
    size_t size = strcspn(*at, ";");
    const char *from = *at;
    *at += size;
    while (size > 0 && (from[size - 1] == ' ' || from[size - 1] == '\t'))
        size--;
    memcpy(out, from, size);
    out[size] = '\0';
}

/* Moves to the ';' before the next parameter, over quoted strings; NULL at the end. */
static const char *next_parameter(const char *at) {
    bool quoted = false;
    for (; *at != '\0'; at++) {
        if (quoted && is_escape(at))
            at++;
        else if (*at == '"')
            quoted = !quoted;
        else if (*at == ';' && !quoted)
            return at;
    }
    return NULL;
}

char *header_parameter(struct arena *arena, const char *header, const char *name) {
    size_t name_size = strlen(name);
    const char *at = next_parameter(header);
    while (at != NULL) {
        at = skip_blanks(at + 1);
        size_t size = strcspn(at, "=; \t\"");
        bool wanted = size == name_size;
        for (size_t i = 0; wanted && i < size; i++) {
            char lower = at[i] >= 'A' && at[i] <= 'Z' ? (char)(at[i] - 'A' + 'a') : at[i];
            wanted = lower == name[i];
        }
        const char *value = skip_blanks(at + size);
        if (wanted && *value == '=') {
            value = skip_blanks(value + 1);
            char *out = arena_alloc(arena, strlen(value) + 1);
            if (*value == '"')
                return read_quoted(&value, out) ? out : NULL;
            read_plain(&value, out);
            return out;
        }
        at = next_parameter(at);
    }
    return NULL;
}
