#include "view/markup.h"
#include "core/text.h"

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

char *markup_unescape(char *text) {
    static const char characters[] = "&<>\"'";
    char *out = text;
    for (const char *in = text; *in != '\0';) {
        const char *c = *in == '&' ? characters : "";
        while (*c != '\0' && !text_starts(in, entity_of(*c)))
            c++;
        *out++ = *c != '\0' ? *c : *in;
        in += *c != '\0' ? strlen(entity_of(*c)) : 1;
    }
    *out = '\0';
    return text;
}
