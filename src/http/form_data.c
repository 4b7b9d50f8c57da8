#include "http/form_data.h"
#include "core/i18n.h"
#include "core/text.h"

_Static_assert(REQUEST_NAME_MAX == 128, "a sentence below says so");

const char *value_refusal(const char *bytes, size_t size) {
    if (memchr(bytes, '\0', size) != NULL)
        return N_("What was sent holds a NUL byte. Only text is taken here.");
    if (!text_utf8_valid(bytes, size))
        return N_("What was sent is not written in UTF-8. Only text is taken here.");
    if (text_has_control(bytes, size))
        return N_("What was sent holds control characters. Only text is taken here.");
    return NULL;
}

const char *name_refusal(const char *bytes, size_t size) {
    if (size > REQUEST_NAME_MAX)
        return N_("The name of a field is longer than 128 bytes.");
    const char *reason = value_refusal(bytes, size);
    for (size_t i = 0; reason == NULL && i < size; i++) {
        if ((unsigned char)bytes[i] < 0x20)
            reason = N_("The name of a field holds control characters.");
    }
    return reason;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

char *percent_decode_bytes(struct arena *arena, const char *bytes, size_t size, bool plus,
                           size_t *decoded) {
    char *text = arena_alloc(arena, size + 1);
    size_t length = 0;
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '+' && plus) {
            text[length++] = ' ';
        } else if (bytes[i] == '%') {
            int high = size - i > 2 ? hex_digit(bytes[i + 1]) : -1;
            int low = size - i > 2 ? hex_digit(bytes[i + 2]) : -1;
            if (high < 0 || low < 0)
                return NULL;
            text[length++] = (char)(unsigned char)(high * 16 + low);
            i += 2;
        } else {
            text[length++] = bytes[i];
        }
    }
    text[length] = '\0';
    *decoded = length;
    return text;
}

char *percent_decode(struct arena *arena, const char *bytes, size_t size, bool plus) {
    size_t length = 0;
    char *text = percent_decode_bytes(arena, bytes, size, plus, &length);
    return text != NULL && text_utf8_valid(text, length) ? text : NULL;
}

static bool is_unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

char *percent_encode_except(struct arena *arena, const char *text, const char *keep) {
    static const char digits[] = "0123456789ABCDEF";
    size_t length = 0;
    char *out = arena_alloc(arena, strlen(text) * 3 + 1);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (is_unreserved(*text) || strchr(keep, *text) != NULL) {
            out[length++] = *text;
        } else {
            out[length++] = '%';
            out[length++] = digits[c >> 4];
            out[length++] = digits[c & 15];
        }
    }
    out[length] = '\0';
    return out;
}

char *percent_encode(struct arena *arena, const char *text) {
    return percent_encode_except(arena, text, "");
}
