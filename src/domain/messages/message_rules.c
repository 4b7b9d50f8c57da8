#include "domain/messages/message_rules.h"
#include "core/text.h"
#include <string.h>

/* ---- links ---- */

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t scheme_of(const char *text) {
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (strncasecmp(text, schemes[i], strlen(schemes[i])) == 0)
            return strlen(schemes[i]);
    }
    return 0;
}

/* Bytes of the character at text when an address goes on with it, else 0. */
static size_t address_step(const char *text) {
    size_t step = *text != '\0' ? text_utf8_next(text, strnlen(text, 4)) : 0;
    if (step == 0)
        return 0;
    uint32_t point = text_code_point(text, step);
    bool ends = point <= 0x20 || text_point_blank(point) || text_point_unseen(point) ||
                (point < 0x80 && strchr("<>\"`\\^{|}", (int)point) != NULL);
    return ends ? 0 : step;
}

/* Marks that end a sentence or a quotation rather than an address. */
static bool is_closing(uint32_t point) {
    return (point < 0x80 && strchr(".,;:!?'*_~", (int)point) != NULL) || point == 0xBB ||
           (point >= 0x2018 && point <= 0x201F) || point == 0x2026 || point == 0x203A ||
           point == 0x60C || point == 0x61B || point == 0x61F || point == 0x964 ||
           (point >= 0x3001 && point <= 0x3002) || point == 0xFF0C || point == 0xFF01;
}

/* A bracket that was opened outside of the address is closed outside as well. */
static bool is_loose_bracket(const char *text, size_t size) {
    static const char brackets[] = "()[]";
    const char *close = strchr(brackets, text[size - 1]);
    if (close == NULL || (close - brackets) % 2 == 0)
        return false;
    long open = 0;
    for (size_t i = 0; i < size; i++)
        open += (text[i] == close[-1]) - (text[i] == close[0]);
    return open < 0;
}

static size_t last_character(const char *text, size_t size) {
    size_t at = size - 1;
    while (at > 0 && ((unsigned char)text[at] & 0xC0) == 0x80)
        at--;
    return at;
}

static size_t without_closing(const char *text, size_t size) {
    while (size > 0) {
        size_t last = last_character(text, size);
        if (is_loose_bracket(text, size))
            size--;
        else if (is_closing(text_code_point(text + last, size - last)))
            size = last;
        else
            break;
    }
    return size;
}

/* Host and maybe a port; a name and an @ before them make an address look like another one. */
static bool is_authority(const char *text, size_t size) {
    if (size == 0 || memchr(text, '@', size) != NULL)
        return false;
    return is_word(text[0]) || (unsigned char)text[0] >= 0x80;
}

size_t message_link(const char *text) {
    size_t scheme = scheme_of(text);
    if (scheme == 0)
        return 0;
    size_t size = scheme;
    for (size_t step; (step = address_step(text + size)) > 0; size += step)
        if (size > MESSAGE_LINK_MAX)
            return 0;
    size = without_closing(text, size);
    if (size <= scheme || size > MESSAGE_LINK_MAX)
        return 0;
    size_t host = strcspn(text + scheme, "/?#");
    return is_authority(text + scheme, host < size - scheme ? host : size - scheme) ? size : 0;
}

/* ---- paragraphs ---- */

struct pieces {
    struct arena *arena;
    struct message_piece *items;
    size_t count, cap;
};

static void add_piece(struct pieces *pieces, const char *text, size_t size, bool link) {
    if (size == 0)
        return;
    if (pieces->count == pieces->cap) {
        size_t cap = pieces->cap > 0 ? 2 * pieces->cap : 4;
        struct message_piece *items = arena_array(pieces->arena, cap, sizeof *items);
        if (pieces->count > 0)
            memcpy(items, pieces->items, pieces->count * sizeof *items);
        pieces->items = items;
        pieces->cap = cap;
    }
    pieces->items[pieces->count++] =
        (struct message_piece){arena_strndup(pieces->arena, text, size), link};
}

static struct message_paragraph split(struct arena *arena, const char *text, size_t size) {
    struct pieces pieces = {.arena = arena};
    const char *own = arena_strndup(arena, text, size); /* a link ends with its paragraph */
    size_t from = 0;
    for (size_t at = 0; own[at] != '\0';) {
        bool begins = (own[at] == 'h' || own[at] == 'H') && (at == 0 || !is_word(own[at - 1]));
        size_t link = begins ? message_link(own + at) : 0;
        if (link == 0) {
            at++;
            continue;
        }
        add_piece(&pieces, own + from, at - from, false);
        add_piece(&pieces, own + at, link, true);
        from = at += link;
    }
    add_piece(&pieces, own + from, strlen(own + from), false);
    return (struct message_paragraph){pieces.items, pieces.count};
}

static bool is_blank_line(const char *line) {
    line += strspn(line, " \t\r");
    return *line == '\n' || *line == '\0';
}

/* Bytes of the line, with its end. */
static size_t line_size(const char *line) {
    size_t size = strcspn(line, "\n");
    return size + (line[size] == '\n');
}

/* Bytes until a blank line or the end, without the last line end. */
static size_t paragraph_size(const char *text) {
    size_t size = 0;
    while (text[size] != '\0' && !is_blank_line(text + size))
        size += line_size(text + size);
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r'))
        size--;
    return size;
}

static const char *skip_blank_lines(const char *text) {
    while (*text != '\0' && is_blank_line(text))
        text += line_size(text);
    return text;
}

size_t message_paragraphs(struct arena *arena, const char *text, struct message_paragraph **out) {
    size_t count = 0;
    text = text != NULL ? skip_blank_lines(text) : "";
    for (const char *at = text; *at != '\0'; at = skip_blank_lines(at + paragraph_size(at)))
        count++;
    struct message_paragraph *all = arena_array(arena, count + 1, sizeof *all);
    for (size_t i = 0; i < count; i++) {
        size_t size = paragraph_size(text);
        all[i] = split(arena, text, size);
        text = skip_blank_lines(text + size);
    }
    *out = all;
    return count;
}
