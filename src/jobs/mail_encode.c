#include "jobs/mail_encode.h"
#include "core/text.h"

enum {
    LINE = 76,        /* characters of a line, without its end */
    WORD_MAX = 75,    /* of an encoded word, "=?UTF-8?Q?" and "?=" included */
    WORD_AROUND = 12, /* of which these are around */
    PLAIN_WORD_MAX = 70
};

static const char hex[] = "0123456789ABCDEF";

/* ── Header texts ── */

static bool is_control(char c) {
    return (unsigned char)c < 0x20 || c == 0x7F;
}

/* Bytes of the character that text begins with; what is no UTF-8 is a character for each byte. */
static size_t character(const char *text) {
    size_t size = text_utf8_next(text, strlen(text));
    return size > 0 ? size : 1;
}

static bool is_plain(const char *text) {
    size_t word = 0; /* with the blanks before it: a line can only begin there */
    for (const char *c = text; *c != '\0'; c++) {
        word = *c == ' ' && c > text && c[-1] != ' ' ? 1 : word + 1;
        if (is_control(*c) || (unsigned char)*c >= 0x80 || word > PLAIN_WORD_MAX || (c[0] == '=' && c[1] == '?'))
            return false;
    }
    return true;
}

static bool stands_for_itself(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c != '\0' && strchr("!*+-/", c) != NULL);
}

static size_t q_length(const char *text, size_t size) {
    size_t length = 0;
    for (size_t i = 0; i < size; i++)
        length += stands_for_itself(text[i]) || text[i] == ' ' || is_control(text[i]) ? 1 : 3;
    return length;
}

static void put_q(struct buf *out, const char *text, size_t size) {
    buf_puts(out, "=?UTF-8?Q?");
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (stands_for_itself(text[i]))
            buf_putc(out, text[i]);
        else if (text[i] == ' ' || is_control(text[i]))
            buf_putc(out, '_');
        else
            buf_printf(out, "=%c%c", hex[c >> 4], hex[c & 15]);
    }
    buf_puts(out, "?=");
}

static void put_base64(struct buf *out, const char *text, size_t size) {
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        unsigned char bytes[3] = {0};
        for (size_t k = 0; k < 3 && i + k < size; k++)
            bytes[k] = is_control(text[i + k]) ? ' ' : (unsigned char)text[i + k];
        buf_putc(out, alphabet[bytes[0] >> 2]);
        buf_putc(out, alphabet[(bytes[0] & 3) << 4 | bytes[1] >> 4]);
        buf_putc(out, i + 1 < size ? alphabet[(bytes[1] & 15) << 2 | bytes[2] >> 6] : '=');
        buf_putc(out, i + 2 < size ? alphabet[bytes[2] & 63] : '=');
    }
}

static void put_b(struct buf *out, const char *text, size_t size) {
    buf_puts(out, "=?UTF-8?B?");
    put_base64(out, text, size);
    buf_puts(out, "?=");
}

static size_t b_length(const char *text, size_t size) {
    (void)text;
    return (size + 2) / 3 * 4;
}

/* As many whole characters of text as an encoded word of so many characters holds. */
static size_t piece(const char *text, size_t room, size_t (*length)(const char *, size_t)) {
    size_t size = 0;
    while (text[size] != '\0') {
        size_t next = size + character(text + size);
        if (length(text, next) > room)
            break;
        size = next;
    }
    return size;
}

/* Encoded words, one to a line but for the first, whose line has begun already. Returns the last line's length. */
static size_t put_encoded(struct buf *out, const char *text, size_t column) {
    bool q = q_length(text, strlen(text)) <= b_length(text, strlen(text));
    while (*text != '\0') {
        size_t line = column < LINE ? LINE - column : 0;
        size_t room = line < WORD_MAX ? line : WORD_MAX;
        size_t size = room > WORD_AROUND ? piece(text, room - WORD_AROUND, q ? q_length : b_length) : 0;
        if (size > 0) {
            (q ? put_q : put_b)(out, text, size);
            column += WORD_AROUND + (q ? q_length : b_length)(text, size);
            text += size;
        }
        if (*text != '\0') {
            buf_puts(out, "\r\n ");
            column = 1;
        }
    }
    return column;
}

/* Words as they are, on as many lines as they need. */
static size_t put_words(struct buf *out, const char *text, size_t column) {
    while (*text != '\0') {
        size_t blanks = strspn(text, " "), size = strcspn(text + blanks, " ");
        if (size == 0)
            break;
        if (column + blanks + size > LINE && blanks > 0) {
            buf_puts(out, "\r\n");
            column = 0;
        }
        buf_append(out, text, blanks + size);
        column += blanks + size;
        text += blanks + size;
    }
    return column;
}

void mail_encode_header(struct buf *out, const char *name, const char *text) {
    size_t column = strlen(name) + 1;
    buf_printf(out, "%s:", name);
    text += strspn(text, " \t\r\n");
    if (*text == '\0') {
        buf_puts(out, "\r\n");
        return;
    }
    if (!is_plain(text)) {
        buf_putc(out, ' ');
        put_encoded(out, text, column + 1);
    } else {
        size_t size = strcspn(text, " ");
        if (column + 1 + size > LINE)
            buf_puts(out, "\r\n");
        buf_putc(out, ' ');
        buf_append(out, text, size);
        put_words(out, text + size, column + 1 + size);
    }
    buf_puts(out, "\r\n");
}

/* Characters of a name between its quotation marks. */
static size_t quoted_size(const char *person) {
    size_t size = strlen(person);
    for (const char *c = person; *c != '\0'; c++)
        size += *c == '"' || *c == '\\';
    return size;
}

/* A person's name: as it is, quoted, or encoded. Returns the line's length after it. */
static size_t put_person(struct buf *out, const char *person, size_t column) {
    if (!is_plain(person) || quoted_size(person) > LINE - column - 4)
        return put_encoded(out, person, column);
    bool quoted = strpbrk(person, "()<>[]:;@\\,.\"") != NULL;
    size_t before = out->len;
    if (quoted)
        buf_putc(out, '"');
    for (const char *c = person; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            buf_putc(out, '\\');
        buf_putc(out, *c);
    }
    if (quoted)
        buf_putc(out, '"');
    return column + out->len - before;
}

void mail_encode_address(struct buf *out, const char *name, const char *person, const char *address) {
    buf_printf(out, "%s: ", name);
    if (text_blank(person)) {
        buf_printf(out, "%s\r\n", address);
        return;
    }
    size_t column = put_person(out, person + strspn(person, " \t\r\n"), strlen(name) + 2);
    if (column + strlen(address) + 3 > LINE)
        buf_puts(out, "\r\n");
    buf_printf(out, " <%s>\r\n", address);
}

/* ── Bodies ── */

/* Bytes of text that end its line; 0: it goes on. */
static size_t line_end(const char *text) {
    if (text[0] == '\r')
        return text[1] == '\n' ? 2 : 1;
    return text[0] == '\n' ? 1 : 0;
}

/* What may stand as it is: but no blank at a line's end, and neither a dot nor "From " at its beginning, which servers on
 * the way like to change. */
static bool is_literal(const char *text, bool first) {
    unsigned char c = (unsigned char)*text;
    if (c == ' ' || c == '\t')
        return text[1] != '\0' && line_end(text + 1) == 0;
    if (first && (c == '.' || text_starts(text, "From ")))
        return false;
    return c > ' ' && c < 0x7F && c != '=';
}

void mail_encode_body(struct buf *out, const char *text) {
    size_t column = 0;
    while (*text != '\0') {
        size_t end = line_end(text);
        if (end > 0) {
            buf_puts(out, "\r\n");
            column = 0;
            text += end;
            continue;
        }
        bool literal = is_literal(text, column == 0);
        size_t width = literal ? 1 : 3;
        if (column + width > LINE - 1 && !(line_end(text + 1) > 0 && column + width <= LINE)) {
            buf_puts(out, "=\r\n");
            column = 0;
            literal = is_literal(text, true);
            width = literal ? 1 : 3;
        }
        unsigned char c = (unsigned char)*text;
        if (literal)
            buf_putc(out, *text);
        else
            buf_printf(out, "=%c%c", hex[c >> 4], hex[c & 15]);
        column += width;
        text++;
    }
    if (column > 0)
        buf_puts(out, "\r\n");
}
