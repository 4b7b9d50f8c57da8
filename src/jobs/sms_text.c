#include "jobs/sms_text.h"
#include "core/text.h"
#include <stdint.h>

enum { PLAIN_ONE = 160, PLAIN_EACH = 153, OTHER_ONE = 70, OTHER_EACH = 67 };

/* Beyond the letters, figures and signs that the alphabet shares with ASCII. */
static const uint16_t others[] = {
    0xA3, 0xA5, 0xE8, 0xE9, 0xF9, 0xEC, 0xF2, 0xC7, 0xD8, 0xF8, 0xC5, 0xE5, 0x394, 0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3,
    0x398, 0x39E, 0xC6, 0xE6, 0xDF, 0xC9, 0xA4, 0xA1, 0xC4, 0xD6, 0xD1, 0xDC, 0xA7, 0xBF, 0xE4, 0xF6, 0xF1, 0xFC, 0xE0,
};

/* The code point that text begins with; *size: its bytes. */
static uint32_t code_point(const char *text, size_t *size) {
    const unsigned char *b = (const unsigned char *)text;
    *size = text_utf8_next(text, strlen(text));
    switch (*size) {
    case 2:
        return (uint32_t)(b[0] & 0x1F) << 6 | (b[1] & 0x3F);
    case 3:
        return (uint32_t)(b[0] & 0x0F) << 12 | (uint32_t)(b[1] & 0x3F) << 6 | (b[2] & 0x3F);
    case 4:
        return (uint32_t)(b[0] & 0x07) << 18 | (uint32_t)(b[1] & 0x3F) << 12 | (uint32_t)(b[2] & 0x3F) << 6 | (b[3] & 0x3F);
    default:
        *size = 1;
        return b[0];
    }
}

/* Septets of a character; 0: it is not of the alphabet. */
static size_t plain_width(uint32_t c) {
    if (c == 0x20AC || (c < 0x80 && c != 0 && strchr("^{}\\[]~|", (int)c) != NULL))
        return 2;
    if (c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7F && c != '`'))
        return 1;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (others[i] == c)
            return 1;
    }
    return 0;
}

bool sms_is_plain(const char *text) {
    size_t size;
    for (; *text != '\0'; text += size) {
        if (plain_width(code_point(text, &size)) == 0)
            return false;
    }
    return true;
}

size_t sms_parts(const char *text) {
    bool plain = sms_is_plain(text);
    size_t all = 0, parts = 1, used = 0, size, each = plain ? PLAIN_EACH : OTHER_EACH;
    for (; *text != '\0'; text += size) {
        uint32_t c = code_point(text, &size);
        size_t width = plain ? plain_width(c) : c > 0xFFFF ? 2 : 1;
        all += width;
        if (used + width > each) {
            parts++;
            used = 0;
        }
        used += width;
    }
    if (all == 0)
        return 0;
    return all <= (plain ? PLAIN_ONE : OTHER_ONE) ? 1 : parts;
}

/* Signs that a text gets from a word processor, which would make it one of 70 characters. */
static const char *plainly(struct arena *arena, const char *text) {
    static const struct {
        uint32_t c;
        const char *plain;
    } table[] = {{0x2018, "'"}, {0x2019, "'"}, {0x201A, "'"}, {0x201C, "\""}, {0x201D, "\""}, {0x201E, "\""},
                 {0x2013, "-"}, {0x2014, "-"}, {0x2026, "..."}, {0xA0, " "},  {0x202F, " "},  {0x2009, " "}};
    char *out = arena_alloc(arena, strlen(text) + 1), *end = out; /* none of them is longer than what it stands for */
    size_t size;
    for (; *text != '\0'; text += size) {
        uint32_t c = code_point(text, &size);
        const char *plain = NULL;
        for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
            if (table[i].c == c)
                plain = table[i].plain;
        }
        size_t length = plain != NULL ? strlen(plain) : size;
        memcpy(end, plain != NULL ? plain : text, length);
        end += length;
    }
    *end = '\0';
    return out;
}

/* One character or, where blanks are not far, one word less. */
static size_t shorter(const char *text, size_t size) {
    while (size > 0 && ((unsigned char)text[--size] & 0xC0) == 0x80)
        ;
    return size;
}

static size_t at_a_blank(const char *text, size_t size) {
    size_t at = size;
    while (at > 0 && text[at] != ' ')
        at--;
    return at > size / 2 ? at : size;
}

static const char *joined(struct arena *arena, const char *sentence, size_t size, bool cut, const char *link) {
    return arena_printf(arena, "%.*s%s%s%s", (int)size, sentence, cut ? "..." : "", link != NULL && size > 0 ? " " : "",
                        link != NULL ? link : "");
}

const char *sms_text(struct arena *arena, const char *sentence, const char *link, size_t parts) {
    sentence = plainly(arena, sentence);
    size_t size = strlen(sentence);
    const char *text = joined(arena, sentence, size, false, link);
    while (size > 0 && sms_parts(text) > parts) {
        size = shorter(sentence, size);
        size_t kept = at_a_blank(sentence, size);
        text = joined(arena, sentence, kept, kept > 0, link);
        size = kept < size && sms_parts(text) > parts ? kept : size;
    }
    return text;
}
