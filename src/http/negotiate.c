/* negotiate.c - which of the three representations a client likes best (RFC 9110 section 12.5.1).
 */
#include "core/text.h"
#include "http/request.h"

enum { Q_ONE = 1000 };

struct range {
    const char *text; /* "text/html", "text/<star>" or both stars; not NUL-terminated */
    size_t size;
    int q; /* thousandths */
};

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static const char *skip_blanks(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return at;
}

/* "1", "0.5", "0.125" in thousandths; a quality that can't be read counts as 1, as if absent. */
static int read_quality(const char *at, const char *end) {
    if (at == end || (*at != '0' && *at != '1'))
        return Q_ONE;
    int q = (*at++ - '0') * Q_ONE;
    if (at < end && *at == '.') {
        int unit = Q_ONE / 10;
        for (at++; at < end && *at >= '0' && *at <= '9'; at++, unit /= 10)
            q += (*at - '0') * unit;
    }
    return q < Q_ONE ? q : Q_ONE;
}

/* Reads one element of the header, between at and end. */
static struct range read_range(const char *at, const char *end) {
    at = skip_blanks(at, end);
    const char *type = at;
    while (at < end && *at != ';' && *at != ' ' && *at != '\t')
        at++;
    struct range range = {type, (size_t)(at - type), Q_ONE};
    while ((at = memchr(at, ';', (size_t)(end - at))) != NULL) {
        at = skip_blanks(at + 1, end);
        if (end - at >= 2 && lower(at[0]) == 'q' && at[1] == '=')
            range.q = read_quality(at + 2, end);
    }
    return range;
}

/* How exactly the range names the type: 3 itself, 2 "text/<star>", 1 both stars, 0 not at all. */
static int range_match(const struct range *range, const char *type) {
    if (range->size == 3 && memcmp(range->text, "*/*", 3) == 0)
        return 1;
    size_t slash = (size_t)(strchr(type, '/') - type);
    size_t i = 0;
    while (i < range->size && lower(range->text[i]) == type[i] && type[i] != '\0')
        i++;
    if (i == range->size && type[i] == '\0')
        return 3;
    return i == slash + 1 && range->size == slash + 2 && range->text[i] == '*' ? 2 : 0;
}

static int quality_of(const char *accept, const char *type) {
    int best = 0;
    int q = 0;
    for (const char *at = accept; *at != '\0';) {
        const char *end = at + strcspn(at, ",");
        struct range range = read_range(at, end);
        int match = range_match(&range, type);
        if (match > best) {
            best = match;
            q = range.q;
        }
        at = *end == ',' ? end + 1 : end;
    }
    return q;
}

enum answer answer_negotiate(const char *accept) {
    if (accept == NULL)
        return ANSWER_HTML;
    int html = quality_of(accept, "text/html");
    int json = quality_of(accept, "application/json");
    int csv = quality_of(accept, "text/csv");
    if (html == 0 && quality_of(accept, "text/event-stream") > 0)
        return ANSWER_JSON;
    if (csv > html && csv > json)
        return ANSWER_CSV;
    return json > html ? ANSWER_JSON : ANSWER_HTML;
}
