#include "domain/files/file_rules.h"
#include "core/buf.h"
#include "core/text.h"
#include <stdio.h>
#include <string.h>

static const char plain_text[] = "text/plain", csv[] = "text/csv";

/* clang-format off */
static const struct known {
    const char *sniffed;
    const char *type;    /* as it is kept; NULL: the same */
    const char *endings; /* blanks around each; the first is given to a file that has none of them */
    unsigned kinds;
} known[] = {
    {"image/png", NULL, " png ", FILE_PICTURE},
    {"image/jpeg", NULL, " jpg jpeg ", FILE_PICTURE},
    {"image/gif", NULL, " gif ", FILE_PICTURE},
    {"image/webp", NULL, " webp ", FILE_PICTURE},
    {"image/heic", NULL, " heic heif ", FILE_PICTURE},
    {"image/heif", NULL, " heif heic ", FILE_PICTURE},
    {"application/pdf", NULL, " pdf ", FILE_DOCUMENT},
    {plain_text, NULL, " txt md log ", FILE_DOCUMENT},
    {csv, NULL, " csv ", FILE_DOCUMENT},
    {"text/rtf", "application/rtf", " rtf ", FILE_DOCUMENT},
    {"application/rtf", NULL, " rtf ", FILE_DOCUMENT},
    {"text/calendar", NULL, " ics ", FILE_DOCUMENT},
    {"text/vcard", NULL, " vcf ", FILE_DOCUMENT},
    {"application/msword", NULL, " doc ", FILE_DOCUMENT},
    {"application/vnd.ms-excel", NULL, " xls ", FILE_DOCUMENT},
    {"application/vnd.ms-powerpoint", NULL, " ppt ", FILE_DOCUMENT},
    {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", NULL, " docx ", FILE_DOCUMENT},
    {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", NULL, " xlsx ", FILE_DOCUMENT},
    {"application/vnd.openxmlformats-officedocument.presentationml.presentation", NULL, " pptx ", FILE_DOCUMENT},
    {"application/vnd.oasis.opendocument.text", NULL, " odt ", FILE_DOCUMENT},
    {"application/vnd.oasis.opendocument.spreadsheet", NULL, " ods ", FILE_DOCUMENT},
    {"application/vnd.oasis.opendocument.presentation", NULL, " odp ", FILE_DOCUMENT},
    {"audio/mpeg", NULL, " mp3 ", FILE_AUDIO},
    {"audio/x-m4a", "audio/mp4", " m4a ", FILE_AUDIO},
    {"audio/mp4", NULL, " m4a ", FILE_AUDIO},
    {"audio/x-wav", "audio/wav", " wav ", FILE_AUDIO},
    {"audio/wav", NULL, " wav ", FILE_AUDIO},
    {"audio/ogg", NULL, " ogg oga opus ", FILE_AUDIO},
    {"video/webm", NULL, " webm ", FILE_AUDIO | FILE_VIDEO},
    {"video/mp4", NULL, " mp4 m4a m4v ", FILE_AUDIO | FILE_VIDEO},
};
/* clang-format on */
enum { KNOWN = sizeof known / sizeof *known, ENDING_MAX = 8 };

/* ---- types ---- */

/* What stands behind the last dot, in lower case; "" when it is nothing that an ending is. */
static void ending_of(const char *name, char out[ENDING_MAX + 1]) {
    const char *dot = strrchr(name, '.');
    size_t size = dot != NULL ? strlen(dot + 1) : 0;
    *out = '\0';
    if (size == 0 || size > ENDING_MAX)
        return;
    for (size_t i = 0; i <= size; i++)
        out[i] = dot[1 + i] >= 'A' && dot[1 + i] <= 'Z' ? (char)(dot[1 + i] - 'A' + 'a')
                                                        : dot[1 + i];
}

static bool has_ending(const char *endings, const char *name) {
    char ending[ENDING_MAX + 1], spaced[ENDING_MAX + 3];
    ending_of(name, ending);
    snprintf(spaced, sizeof spaced, " %s ", ending);
    return *ending != '\0' && strchr(ending, ' ') == NULL && strstr(endings, spaced) != NULL;
}

/* A letter that looks like a program to libmagic ("#include everything in the price") is still a
 * letter where its name says so; it is given out as text in any case. */
static const char *text_of(const char *sniffed, const char *name) {
    bool texts = text_starts(sniffed, "text/x-") && has_ending(" txt md log csv ", name);
    const char *type = texts ? plain_text : sniffed;
    return text_equal(type, plain_text) && has_ending(" csv ", name) ? csv : type;
}

static const struct known *known_find(const char *sniffed) {
    for (size_t i = 0; i < KNOWN; i++) {
        if (text_equal(known[i].sniffed, sniffed))
            return &known[i];
    }
    return NULL;
}

static const struct known *known_of_type(const char *type) {
    for (size_t i = 0; i < KNOWN; i++) {
        if (text_equal(known[i].type != NULL ? known[i].type : known[i].sniffed, type))
            return &known[i];
    }
    return NULL;
}

const char *file_type_of(const char *sniffed, const char *name, unsigned kinds) {
    const struct known *found = sniffed != NULL ? known_find(text_of(sniffed, name)) : NULL;
    if (found == NULL || (found->kinds & kinds) == 0)
        return NULL;
    return found->type != NULL ? found->type : found->sniffed;
}

bool file_type_shown(const char *type) {
    static const char *const shown[] = {"image/png", "image/jpeg", "image/gif", "image/webp"};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        if (text_equal(type, shown[i]))
            return true;
    }
    return false;
}

bool file_type_heard(const char *type) {
    return text_starts(type, "audio/") || text_equal(type, "video/webm") || text_equal(type, "video/mp4");
}

/* ---- names ---- */

static void put_clean(struct buf *out, const char *name) {
    bool gap = false;
    for (size_t step; *name != '\0'; name += step) {
        step = text_utf8_next(name, strlen(name));
        uint32_t point = step > 0 ? text_code_point(name, step) : '_';
        step = step > 0 ? step : 1;
        if (text_point_unseen(point))
            continue;
        if (text_point_blank(point) || point == '\n' || point == '\r') {
            gap = true;
            continue;
        }
        if (out->len == 0 && point == '.')
            continue;
        if (gap && out->len > 0)
            buf_putc(out, ' ');
        gap = false;
        if (point < 0x80)
            buf_putc(out, strchr("<>:\"/\\|?*", (int)point) != NULL ? '_' : (char)point);
        else
            buf_append(out, name, step);
    }
}

/* CON, NUL, COM1 … with or without an ending are devices to Windows. */
static bool is_device(const char *name) {
    static const char *const devices[] = {"con", "prn", "aux", "nul"};
    size_t size = strcspn(name, ".");
    char stem[8] = "";
    if (size < sizeof stem)
        memcpy(stem, name, size);
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        if (text_equal_nocase(stem, devices[i]))
            return true;
    }
    bool port = size == 4 && stem[3] >= '0' && stem[3] <= '9';
    stem[3] = '\0';
    return port && (text_equal_nocase(stem, "com") || text_equal_nocase(stem, "lpt"));
}

/* The first bytes of a text, without a part of a character at the end. */
static size_t cut_at(const char *text, size_t size, size_t most) {
    if (size <= most)
        return size;
    while (most > 0 && ((unsigned char)text[most] & 0xC0) == 0x80)
        most--;
    return most;
}

static size_t without_tail(const char *text, size_t size) {
    while (size > 0 && (text[size - 1] == '.' || text[size - 1] == ' '))
        size--;
    return size;
}

const char *file_name_clean(struct arena *arena, const char *name, const char *type) {
    const struct known *found = known_of_type(type);
    const char *endings = found != NULL ? found->endings : " bin ";
    struct buf clean;
    buf_init(&clean, 8 * 1024);
    put_clean(&clean, name);
    const char *text = buf_text(&clean);
    size_t size = without_tail(text, strlen(text));
    char *whole = arena_strndup(arena, text, size);
    buf_free(&clean);

    char ending[ENDING_MAX + 1];
    if (has_ending(endings, whole)) {
        ending_of(whole, ending);
        size -= strlen(ending) + 1;
    } else {
        snprintf(ending, sizeof ending, "%.*s", (int)strcspn(endings + 1, " "), endings + 1);
    }
    size = without_tail(whole, cut_at(whole, size, FILE_NAME_MAX - 2 - strlen(ending)));
    const char *stem = size > 0 ? arena_strndup(arena, whole, size) : "file";
    return arena_printf(arena, "%s%s.%s", is_device(stem) ? "_" : "", stem, ending);
}

void file_path(const char *sha256, char out[FILE_PATH_SIZE]) {
    snprintf(out, FILE_PATH_SIZE, "store/%.2s/%.62s", sha256, sha256 + 2);
}
