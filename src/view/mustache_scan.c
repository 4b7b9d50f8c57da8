#include "view/mustache_internal.h"

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static bool is_space(char c) {
    return is_blank(c) || c == '\n' || c == '\r';
}

static bool scan_error(struct scanner *scanner, size_t at, const char *error) {
    scanner->error_at = at;
    scanner->error = error;
    return false;
}

/* Offset of text in the source, or size if it isn't there any more. */
static size_t find(const struct scanner *scanner, size_t from, const char *text) {
    const char *found = memmem(scanner->source + from, scanner->size - from, text, strlen(text));
    return found != NULL ? (size_t)(found - scanner->source) : scanner->size;
}

size_t scan_blanks(const struct scanner *scanner, size_t from) {
    while (from < scanner->size && is_blank(scanner->source[from]))
        from++;
    return from;
}

/* Cuts white space at both ends of [*start, *end). */
static void trim(const struct scanner *scanner, size_t *start, size_t *end) {
    while (*start < *end && is_space(scanner->source[*start]))
        ++*start;
    while (*end > *start && is_space(scanner->source[*end - 1]))
        --*end;
}

static bool copy_delimiter(const char *text, size_t size, char out[DELIMITER_MAX + 1]) {
    if (size == 0 || size > DELIMITER_MAX || memchr(text, '=', size) != NULL)
        return false;
    memcpy(out, text, size);
    out[size] = '\0';
    return true;
}

/* "<% %>" between the equals signs */
static bool set_delimiters(struct scanner *scanner, const struct tag *tag) {
    const char *text = scanner->source + tag->name;
    size_t open = 0;
    while (open < tag->name_size && !is_space(text[open]))
        open++;
    size_t close = open;
    while (close < tag->name_size && is_space(text[close]))
        close++;
    size_t rest = tag->name_size - close;
    for (size_t i = close; i < tag->name_size; i++) {
        if (is_space(text[i]))
            return scan_error(scanner, tag->start, "two delimiters are wanted, as in {{=<% %>=}}");
    }
    struct delimiters fresh;
    if (!copy_delimiter(text, open, fresh.open) || !copy_delimiter(text + close, rest, fresh.close))
        return scan_error(scanner, tag->start,
                          "a delimiter is 1 to 15 characters without blanks and equals signs");
    struct delimiters *kept = arena_alloc(scanner->arena, sizeof *kept);
    *kept = fresh;
    scanner->delimiters = kept;
    return true;
}

static bool is_usual(const struct delimiters *delimiters) {
    return strcmp(delimiters->open, "{{") == 0 && strcmp(delimiters->close, "}}") == 0;
}

/* Finds the tag's kind and what closes it. */
static bool scan_inside(struct scanner *scanner, struct tag *tag) {
    size_t inside = tag->start + strlen(scanner->delimiters->open);
    char first = inside < scanner->size ? scanner->source[inside] : '\0';
    char closing[DELIMITER_MAX + 2];
    const char *extra = "";
    tag->kind = 'v';
    if (first == '{' && is_usual(scanner->delimiters)) {
        tag->kind = '&';
        extra = "}";
        inside++;
    } else if (first == '=') {
        tag->kind = '=';
        extra = "=";
        inside++;
    } else if (first != '\0' && strchr("#^/><$!&", first) != NULL) {
        tag->kind = first;
        inside++;
    }
    snprintf(closing, sizeof closing, "%s%s", extra, scanner->delimiters->close);
    size_t end = find(scanner, inside, closing);
    if (end == scanner->size)
        return scan_error(scanner, tag->start, "this tag is not closed");
    tag->end = end + strlen(closing);
    tag->name = inside;
    trim(scanner, &tag->name, &end);
    tag->name_size = end - tag->name;
    return true;
}

static void scan_line(struct scanner *scanner, struct tag *tag) {
    const char *text = scanner->source;
    const char *line = memrchr(text + scanner->pos, '\n', tag->start - scanner->pos);
    if (line != NULL) {
        scanner->line_start = (size_t)(line - text) + 1;
        scanner->line_used = false;
    }
    tag->line_start = scanner->line_start;
    tag->blank_before =
        !scanner->line_used && scan_blanks(scanner, scanner->line_start) >= tag->start;

    size_t end = scan_blanks(scanner, tag->end);
    if (end + 1 < scanner->size && text[end] == '\r' && text[end + 1] == '\n')
        end++;
    tag->blank_after = end == scanner->size || text[end] == '\n';
    tag->next_line = end < scanner->size ? end + 1 : end;
}

bool scan_tag(struct scanner *scanner, struct tag *tag) {
    *tag = (struct tag){.start = find(scanner, scanner->pos, scanner->delimiters->open)};
    if (tag->start == scanner->size)
        return false;
    if (!scan_inside(scanner, tag))
        return false;
    scan_line(scanner, tag);
    return tag->kind != '=' || set_delimiters(scanner, tag);
}

void scan_past(struct scanner *scanner, const struct tag *tag, bool own_line) {
    scanner->pos = own_line ? tag->next_line : tag->end;
    scanner->fresh = own_line;
    scanner->line_used = !own_line;
    if (own_line)
        scanner->line_start = scanner->pos;
}
