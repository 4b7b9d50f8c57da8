#include "core/log.h"
#include "core/text.h"
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <unistd.h>

enum {
    LINE_MAX_BYTES = 4096, /* what a pipe takes in one piece */
    VALUE_MAX_BYTES = 1024,
    PROCESS_MAX_BYTES = 128,
    REQUEST_MAX_BYTES = 64
};

static const char cut_mark[] = " cut=true";
static const char *const level_names[] = {"debug", "info", "warn", "error"};
static enum log_level threshold = LOG_INFO;
static char process_pairs[PROCESS_MAX_BYTES + 1];
static char request[REQUEST_MAX_BYTES + 1];

struct line {
    char bytes[LINE_MAX_BYTES];
    size_t len;
    size_t complete; /* length up to the end of the last pair that went in whole */
    bool full;
};

void log_set_level(enum log_level level) {
    threshold = level;
}

bool log_level_find(const char *name, enum log_level *out) {
    for (size_t i = 0; i < sizeof level_names / sizeof *level_names; i++) {
        if (text_equal(name, level_names[i])) {
            *out = (enum log_level)i;
            return true;
        }
    }
    return false;
}

static void copy_cut(char *out, size_t max, const char *text) {
    size_t size = text != NULL ? strnlen(text, max) : 0;
    if (size > 0)
        memcpy(out, text, size);
    out[size] = '\0';
}

void log_set_process(const char *pairs) {
    copy_cut(process_pairs, PROCESS_MAX_BYTES, pairs);
}

void log_set_request(const char *request_id) {
    copy_cut(request, REQUEST_MAX_BYTES, request_id);
}

static void put(struct line *line, const char *bytes, size_t size) {
    /* Room stays for the mark and the newline. */
    if (line->full || size > sizeof line->bytes - sizeof cut_mark - line->len) {
        line->full = true;
        return;
    }
    memcpy(line->bytes + line->len, bytes, size);
    line->len += size;
}

static void puts_line(struct line *line, const char *text) {
    put(line, text, strlen(text));
}

/* Characters that could end a line or reorder what a terminal shows: C0, DEL, C1, U+2028-202E,
 * U+2066-2069. */
static bool unsafe(const unsigned char *at, size_t length) {
    if (length == 1)
        return at[0] < 0x20 || at[0] == 0x7F;
    if (length == 2)
        return at[0] == 0xC2 && at[1] < 0xA0;
    if (length == 3 && at[0] == 0xE2)
        return (at[1] == 0x80 && at[2] >= 0xA8 && at[2] <= 0xAE) ||
               (at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9);
    return false;
}

static void put_escaped(struct line *line, const char *at, size_t length) {
    char code[5];
    for (size_t i = 0; i < length; i++) {
        snprintf(code, sizeof code, "\\x%02x", (unsigned char)at[i]);
        put(line, code, 4);
    }
}

static void put_quoted(struct line *line, const char *value, size_t size) {
    put(line, "\"", 1);
    while (size > 0) {
        size_t length = text_utf8_next(value, size);
        size_t step = length > 0 ? length : 1;
        if (*value == '\n')
            put(line, "\\n", 2);
        else if (*value == '"' || *value == '\\')
            put(line, (char[]){'\\', *value}, 2);
        else if (length == 0 || unsafe((const unsigned char *)value, length))
            put_escaped(line, value, step);
        else
            put(line, value, length);
        value += step;
        size -= step;
    }
    put(line, "\"", 1);
}

static bool plain(const char *value, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (value[i] <= ' ' || value[i] >= 0x7F || strchr("\"\\=", value[i]) != NULL)
            return false;
    }
    return size > 0;
}

static void put_value(struct line *line, const char *value) {
    size_t size = strnlen(value, VALUE_MAX_BYTES + 1);
    bool cut = size > VALUE_MAX_BYTES;
    if (cut)
        size = VALUE_MAX_BYTES;
    /* A cut must not leave half a character. */
    while (cut && size > 0 && ((unsigned char)value[size] & 0xC0) == 0x80)
        size--;

    if (plain(value, size))
        put(line, value, size);
    else
        put_quoted(line, value, size);
    if (cut)
        puts_line(line, "...");
}

static void put_pair(struct line *line, const char *key, const char *value) {
    put(line, " ", 1);
    puts_line(line, key);
    put(line, "=", 1);
    put_value(line, value);
    if (!line->full)
        line->complete = line->len;
}

struct args {
    va_list list;
};

/*
 * Formats the one argument that the conversion asks for. It is read here and not by vsnprintf(),
 * after which a va_list could not be used for the next pair.
 */
static bool format_argument(char *out, size_t size, const char *conversion, size_t length,
                            struct args *args) {
    static const char *const names[] = {"s", "d", "u", "x", "ld", "lu", "zu", "lld", "llu", "f"};
    size_t which = 0;
    size_t count = sizeof names / sizeof *names;
    while (which < count &&
           (strlen(names[which]) != length || strncmp(names[which], conversion, length) != 0))
        which++;

    const char *text;
    switch (which) {
    case 0:
        text = va_arg(args->list, const char *);
        snprintf(out, size, "%s", text != NULL ? text : "");
        return true;
    case 1:
        snprintf(out, size, "%d", va_arg(args->list, int));
        return true;
    case 2:
        snprintf(out, size, "%u", va_arg(args->list, unsigned));
        return true;
    case 3:
        snprintf(out, size, "%x", va_arg(args->list, unsigned));
        return true;
    case 4:
        snprintf(out, size, "%ld", va_arg(args->list, long));
        return true;
    case 5:
        snprintf(out, size, "%lu", va_arg(args->list, unsigned long));
        return true;
    case 6:
        snprintf(out, size, "%zu", va_arg(args->list, size_t));
        return true;
    case 7:
        snprintf(out, size, "%lld", va_arg(args->list, long long));
        return true;
    case 8:
        snprintf(out, size, "%llu", va_arg(args->list, unsigned long long));
        return true;
    case 9:
        snprintf(out, size, "%f", va_arg(args->list, double));
        return true;
    default:
        break;
    }
    if (length == 3 && conversion[0] == '.' && conversion[1] >= '0' && conversion[1] <= '9' &&
        conversion[2] == 'f') {
        snprintf(out, size, "%.*f", conversion[1] - '0', va_arg(args->list, double));
        return true;
    }
    return false;
}

/* "%d ms" and its argument -> "12 ms". False for a conversion that is not in the list. */
static bool format_value(char *out, size_t size, const char *format, struct args *args) {
    const char *percent = strchr(format, '%');
    if (percent == NULL) {
        snprintf(out, size, "%s", format);
        return true;
    }
    const char *conversion = percent + 1;
    size_t length = strcspn(conversion, "sduxf");
    if (conversion[length] == '\0' || strchr(conversion + length, '%') != NULL)
        return false;
    length++;

    int prefix = (int)(percent - format);
    snprintf(out, size, "%.*s", prefix, format);
    size_t used = strlen(out);
    if (!format_argument(out + used, size - used, conversion, length, args))
        return false;
    used = strlen(out);
    snprintf(out + used, size - used, "%s", conversion + length);
    return true;
}

static void put_head(struct line *line, enum log_level level, const char *event) {
    struct timespec now;
    struct tm utc;
    char stamp[32];
    char head[96];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(head, sizeof head, "ts=%s.%03ldZ level=%s event=%s", stamp, now.tv_nsec / 1000000,
             level_names[level], event);
    puts_line(line, head);
    if (process_pairs[0] != '\0') {
        put(line, " ", 1);
        puts_line(line, process_pairs);
    }
    line->complete = line->len;
    if (request[0] != '\0')
        put_pair(line, "request", request);
}

static void line_write(struct line *line) {
    if (line->full) {
        line->len = line->complete;
        memcpy(line->bytes + line->len, cut_mark, sizeof cut_mark - 1);
        line->len += sizeof cut_mark - 1;
    }
    line->bytes[line->len++] = '\n';
    ssize_t written;
    do
        written = write(STDERR_FILENO, line->bytes, line->len);
    while (written < 0 && errno == EINTR);
}

void log_event(enum log_level level, const char *event, ...) {
    if (level < threshold)
        return;
    int saved = errno;
    struct line line = {.len = 0};
    put_head(&line, level, event);

    struct args args;
    va_start(args.list, event);
    const char *key;
    while ((key = va_arg(args.list, const char *)) != NULL) {
        const char *format = va_arg(args.list, const char *);
        char value[2 * VALUE_MAX_BYTES];
        if (format == NULL || !format_value(value, sizeof value, format, &args)) {
            put_pair(&line, "log_misuse", key);
            break;
        }
        put_pair(&line, key, value);
    }
    va_end(args.list);
    line_write(&line);
    errno = saved;
}
