#include "view/value.h"
#include <ctype.h>

/* Eight bytes at a time: a page asks for the hashes of hundreds of names. */
uint32_t value_hash(const char *text) {
    const uint64_t odd = UINT64_C(0x9E3779B97F4A7C15);
    size_t size = strlen(text);
    uint64_t hash = size;
    for (; size >= sizeof hash; size -= sizeof hash, text += sizeof hash) {
        uint64_t word;
        memcpy(&word, text, sizeof word);
        hash = (hash ^ word) * odd;
        hash ^= hash >> 32;
    }
    uint64_t rest = 0;
    for (size_t i = 0; i < size; i++)
        rest = rest << 8 | (unsigned char)text[i];
    hash = (hash ^ rest) * odd;
    return (uint32_t)(hash >> 32);
}

struct value value_of_text(const char *text, enum column_type type) {
    if (text == NULL)
        return (struct value){.kind = VALUE_NULL};
    if (type == COLUMN_BOOL)
        return value_of_bool(text[0] == 't');
    return (struct value){.kind = VALUE_TEXT, .type = type, .text = text};
}

struct value value_of_bool(bool value) {
    return (struct value){.kind = VALUE_BOOL, .n = value};
}

struct value value_of_cell(const struct rows *rows, size_t row, size_t col) {
    return value_of_text(rows_cell(rows, row, col), rows->cols[col].type);
}

struct value value_of_rows(const struct rows *rows) {
    if (!rows->one)
        return (struct value){.kind = VALUE_ROWS, .rows = rows};
    if (rows->nrows == 0)
        return (struct value){.kind = VALUE_NULL};
    return (struct value){.kind = VALUE_ROW, .rows = rows, .n = 0};
}

static bool number_is_zero(const char *text) {
    for (; *text != '\0' && *text != 'e' && *text != 'E'; text++) {
        if (*text != '0' && *text != '.' && *text != '-')
            return false;
    }
    return true;
}

static bool text_truthy(const struct value *value) {
    if (value->type == COLUMN_INT || value->type == COLUMN_NUMERIC)
        return !number_is_zero(value->text);
    return value->text[0] != '\0';
}

bool value_truthy(struct value value) {
    switch (value.kind) {
    case VALUE_MISSING:
    case VALUE_NULL:
        return false;
    case VALUE_BOOL:
        return value.n != 0;
    case VALUE_TEXT:
        return text_truthy(&value);
    case VALUE_LIST:
        return value.list->count > 0;
    case VALUE_ROWS:
        return value.rows->nrows > 0;
    case VALUE_SVG:
        return value.text[0] != '\0';
    case VALUE_OBJECT:
    case VALUE_ROW:
    case VALUE_LAMBDA:
        return true;
    }
    return false;
}

static const char *digits(const char *text) {
    while (isdigit((unsigned char)*text))
        text++;
    return text;
}

bool value_is_number(const char *text) {
    const char *start = text[0] == '-' ? text + 1 : text;
    const char *end = digits(start);
    if (end == start || (start[0] == '0' && end != start + 1))
        return false;
    if (*end == '.') {
        start = end + 1;
        end = digits(start);
        if (end == start)
            return false;
    }
    if (*end == 'e' || *end == 'E') {
        start = end[1] == '+' || end[1] == '-' ? end + 2 : end + 1;
        end = digits(start);
        if (end == start)
            return false;
    }
    return *end == '\0';
}
