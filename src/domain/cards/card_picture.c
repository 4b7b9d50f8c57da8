#include "domain/cards/card_rules.h"
#include <stdint.h>
#include <string.h>

static unsigned long big(const uint8_t *at, size_t bytes) {
    unsigned long value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

static unsigned long little(const uint8_t *at, size_t bytes) {
    unsigned long value = 0;
    for (size_t i = bytes; i > 0; i--)
        value = value << 8 | at[i - 1];
    return value;
}

/* ISO/IEC 15948: the signature, then a chunk IHDR. */
static bool of_png(const uint8_t *data, size_t size, unsigned long *width, unsigned long *height) {
    if (size < 24 || memcmp(data, "\x89PNG\r\n\x1a\n", 8) != 0 || memcmp(data + 12, "IHDR", 4) != 0)
        return false;
    *width = big(data + 16, 4);
    *height = big(data + 20, 4);
    return true;
}

static bool of_gif(const uint8_t *data, size_t size, unsigned long *width, unsigned long *height) {
    if (size < 10 || (memcmp(data, "GIF87a", 6) != 0 && memcmp(data, "GIF89a", 6) != 0))
        return false;
    *width = little(data + 6, 2);
    *height = little(data + 8, 2);
    return true;
}

/* ITU T.81: segments, until one that starts a frame. */
static bool of_jpeg(const uint8_t *data, size_t size, unsigned long *width, unsigned long *height) {
    if (size < 4 || data[0] != 0xFF || data[1] != 0xD8)
        return false;
    for (size_t at = 2; at + 9 <= size && data[at] == 0xFF;) {
        uint8_t marker = data[at + 1];
        if (marker == 0xFF) { /* a fill byte */
            at++;
            continue;
        }
        bool frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
        if (frame) {
            *height = big(data + at + 5, 2);
            *width = big(data + at + 7, 2);
            return true;
        }
        unsigned long length = big(data + at + 2, 2);
        if (marker == 0xD9 || marker == 0xDA || length < 2)
            return false;
        at += 2 + length;
    }
    return false;
}

/* RFC 9649: RIFF with a chunk VP8X, VP8L or VP8. */
static bool of_webp(const uint8_t *data, size_t size, unsigned long *width, unsigned long *height) {
    if (size < 30 || memcmp(data, "RIFF", 4) != 0 || memcmp(data + 8, "WEBP", 4) != 0)
        return false;
    if (memcmp(data + 12, "VP8X", 4) == 0) {
        *width = little(data + 24, 3) + 1;
        *height = little(data + 27, 3) + 1;
    } else if (memcmp(data + 12, "VP8L", 4) == 0) {
        unsigned long bits = little(data + 21, 4);
        *width = (bits & 0x3FFF) + 1;
        *height = (bits >> 14 & 0x3FFF) + 1;
    } else if (memcmp(data + 12, "VP8 ", 4) == 0) {
        *width = little(data + 26, 2) & 0x3FFF;
        *height = little(data + 28, 2) & 0x3FFF;
    } else {
        return false;
    }
    return true;
}

bool card_picture_size(const void *data, size_t size, unsigned long *width, unsigned long *height) {
    return of_png(data, size, width, height) || of_jpeg(data, size, width, height) ||
           of_webp(data, size, width, height) || of_gif(data, size, width, height);
}

bool card_picture_fits(unsigned long width, unsigned long height) {
    return width > 0 && height > 0 && width <= CARD_SIDE_MAX && height <= CARD_SIDE_MAX &&
           width * height <= CARD_PIXELS_MAX;
}
