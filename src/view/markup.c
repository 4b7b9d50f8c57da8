#include "view/markup.h"

static const char *entity_of(char c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    default:
        return "&#39;";
    }
}

void markup_escape(struct buf *out, const char *text) {
    static const bool special[256] = {
        ['\0'] = true, ['&'] = true, ['<'] = true, ['>'] = true, ['"'] = true, ['\''] = true};
    for (const char *run = text;; run = text) {
        while (!special[(unsigned char)*text])
            text++;
        buf_append(out, run, (size_t)(text - run));
        if (*text == '\0')
            return;
        buf_puts(out, entity_of(*text++));
    }
}
