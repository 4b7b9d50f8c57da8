#include "core/text.h"
#include <stdint.h>

/* Bytes of the well-formed sequence at the start of bytes, 0 if there is none. */
static size_t utf8_sequence(const unsigned char *bytes, size_t size) {
    unsigned char lead = bytes[0];
    unsigned char low = 0x80; /* bounds of the second byte (RFC 3629 section 4) */
    unsigned char high = 0xBF;
    size_t length;

    if (lead >= 0x01 && lead <= 0x7F)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        if (lead == 0xE0)
            low = 0xA0;
        else if (lead == 0xED)
            high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        if (lead == 0xF0)
            low = 0x90;
        else if (lead == 0xF4)
            high = 0x8F;
    } else {
        return 0;
    }
    if (size < length || bytes[1] < low || bytes[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    }
    return length;
}

size_t text_utf8_next(const char *bytes, size_t size) {
    return size > 0 ? utf8_sequence((const unsigned char *)bytes, size) : 0;
}

bool text_utf8_valid(const char *bytes, size_t size) {
    while (size > 0) {
        size_t length = utf8_sequence((const unsigned char *)bytes, size);
        if (length == 0)
            return false;
        bytes += length;
        size -= length;
    }
    return true;
}

size_t text_utf8_length(const char *text) {
    size_t count = 0;
    for (; *text != '\0'; text++) {
        if (((unsigned char)*text & 0xC0) != 0x80)
            count++;
    }
    return count;
}

uint32_t text_code_point(const char *bytes, size_t size) {
    unsigned char lead = (unsigned char)bytes[0];
    uint32_t point = size == 1 ? lead : lead & (0x7FU >> size);
    for (size_t i = 1; i < size; i++)
        point = point << 6 | ((unsigned char)bytes[i] & 0x3FU);
    return point;
}

bool text_point_blank(uint32_t point) {
    return point == ' ' || point == '\t' || point == 0xA0 || point == 0x1680 ||
           (point >= 0x2000 && point <= 0x200A) || point == 0x202F || point == 0x205F ||
           point == 0x3000;
}

bool text_point_unseen(uint32_t point) {
    return (point < 0x20 && point != '\t' && point != '\n' && point != '\r') ||
           (point >= 0x7F && point < 0xA0) || point == 0xAD || point == 0x61C ||
           (point >= 0x200B && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
           (point >= 0x2060 && point <= 0x206F) || point == 0xFEFF ||
           (point >= 0xFFF0 && point <= 0xFFFB) || point >= 0xE0000;
}

bool text_has_control(const char *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F)
            return true;
    }
    return false;
}

static char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_equal_nocase(const char *a, const char *b) {
    if (a == NULL || b == NULL)
        return a == b;
    for (; ascii_lower(*a) == ascii_lower(*b); a++, b++) {
        if (*a == '\0')
            return true;
    }
    return false;
}

bool text_starts(const char *text, const char *prefix) {
    return text != NULL && strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_ends(const char *text, const char *suffix) {
    if (text == NULL)
        return false;
    size_t length = strlen(text);
    size_t tail = strlen(suffix);
    return length >= tail && memcmp(text + length - tail, suffix, tail) == 0;
}

static bool ascii_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool text_blank(const char *text) {
    for (; text != NULL && *text != '\0'; text++) {
        if (!ascii_space(*text))
            return false;
    }
    return true;
}

char *text_trim(char *text) {
    while (ascii_space(*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && ascii_space(text[length - 1]))
        length--;
    text[length] = '\0';
    return text;
}

bool text_to_long(const char *text, long min, long max, long *out) {
    if (text == NULL)
        return false;
    bool negative = *text == '-';
    if (negative)
        text++;
    if (*text == '\0')
        return false;

    long number = 0;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        int digit = negative ? '0' - *text : *text - '0';
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, digit, &number))
            return false;
    }
    if (number < min || number > max)
        return false;
    *out = number;
    return true;
}

static bool ascii_hex(char c) {
    return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

bool text_is_uuid(const char *text) {
    if (text == NULL)
        return false;
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !ascii_hex(text[i]))
            return false;
    }
    return text[36] == '\0';
}
