#include "domain/imports/import_dialect_rules.h"

#include "core/i18n.h"
#include "core/text.h"
#include <string.h>

enum {
    HEAD = 4096,            /* bytes that tell what a file is */
    RECORDS_LOOKED_AT = 64, /* for the delimiter */
    CONTROLS_PER_MILLE = 20 /* from here on it is no text */
};

/* ── What it is ── */

static const struct {
    const char *bytes;
    size_t size;
    enum import_kind kind;
} magic[] = {
#define MAGIC(text, kind)                                                                          \
    { text, sizeof text - 1, kind }
    MAGIC("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", IMPORT_OLD_WORKBOOK),
    MAGIC("%PDF-", IMPORT_DOCUMENT),
    MAGIC("{\\rtf", IMPORT_DOCUMENT),
    MAGIC("\x1F\x8B", IMPORT_ARCHIVE),
    MAGIC("7z\xBC\xAF\x27\x1C", IMPORT_ARCHIVE),
    MAGIC("Rar!\x1A\x07", IMPORT_ARCHIVE),
    MAGIC("\xFD\x37zXZ", IMPORT_ARCHIVE),
    MAGIC("BZh", IMPORT_ARCHIVE),
    MAGIC("\x89PNG", IMPORT_PICTURE),
    MAGIC("\xFF\xD8\xFF", IMPORT_PICTURE),
    MAGIC("GIF8", IMPORT_PICTURE),
    MAGIC("<", IMPORT_MARKUP),
#undef MAGIC
};

/* Spreadsheets are zip archives whose first entries say so. */
static enum import_kind kind_of_zip(const char *bytes, size_t size) {
    static const struct {
        const char *name;
        enum import_kind kind;
    } names[] = {{"[Content_Types].xml", IMPORT_WORKBOOK},
                 {"xl/", IMPORT_WORKBOOK},
                 {"application/vnd.oasis.opendocument.spreadsheet", IMPORT_ODS}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (memmem(bytes, size, names[i].name, strlen(names[i].name)))
            return names[i].kind;
    return IMPORT_ARCHIVE;
}

static bool has_mark(const char *bytes, size_t size) {
    return size >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0);
}

/* How many of the NULs stand at odd places, in percent; -1 where there are too few to be UTF-16 of
 * a western table. */
static int odd_nuls(const char *bytes, size_t size) {
    size_t nuls[2] = {0, 0};
    for (size_t i = 0; i < size; i++)
        if (bytes[i] == '\0')
            nuls[i % 2]++;
    size_t all = nuls[0] + nuls[1];
    return all * 4 > size ? (int)(nuls[1] * 100 / all) : -1;
}

static bool is_wide(const char *bytes, size_t size) {
    int odd = odd_nuls(bytes, size);
    return has_mark(bytes, size) || odd > 95 || (odd >= 0 && odd < 5);
}

static bool is_binary(const char *bytes, size_t size) {
    size_t controls = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == '\0')
            return true;
        controls += c < 0x20 && c != '\t' && c != '\n' && c != '\r';
    }
    return controls * 1000 > size * CONTROLS_PER_MILLE;
}

enum import_kind import_kind_of(const char *bytes, size_t size) {
    size = size < HEAD ? size : HEAD;
    if (size == 0)
        return IMPORT_EMPTY;
    if (size >= 4 && memcmp(bytes, "PK\x03\x04", 4) == 0)
        return kind_of_zip(bytes, size);
    for (size_t i = 0; i < sizeof magic / sizeof *magic; i++)
        if (size >= magic[i].size && memcmp(bytes, magic[i].bytes, magic[i].size) == 0)
            return magic[i].kind;
    return !is_wide(bytes, size) && is_binary(bytes, size) ? IMPORT_BINARY : IMPORT_TEXT;
}

const char *import_kind_sentence(enum import_kind kind) {
    switch (kind) {
    case IMPORT_EMPTY:
        return N_("This file is empty. Choose the file with your clients in it.");
    case IMPORT_ODS:
        return N_("This is an OpenDocument workbook. Save it as Excel (.xlsx) or CSV and send that "
                  "file.");
    case IMPORT_OLD_WORKBOOK:
        return N_("This is a workbook of an old kind, or one with a password. Save it as Excel "
                  "(.xlsx) or CSV and send that file.");
    case IMPORT_ARCHIVE:
        return N_("This is a compressed archive. Unpack it and send the CSV file in it.");
    case IMPORT_DOCUMENT:
        return N_("This is a document, not a table. Export the table itself as CSV.");
    case IMPORT_PICTURE:
        return N_("This is a picture. Export the table itself as CSV.");
    case IMPORT_MARKUP:
        return N_("This is a web page or XML, whatever its name says. Open it in a spreadsheet and "
                  "save it as CSV.");
    case IMPORT_BINARY:
        return N_("This is no text file. Export your table as CSV and send that.");
    case IMPORT_TEXT:
    case IMPORT_WORKBOOK:
        break;
    }
    return NULL;
}

/* ── Encoding ── */

struct utf8_count {
    size_t letters; /* well-formed sequences of more than one byte */
    size_t odd;     /* bytes that belong to none */
    size_t first;   /* where the first odd one is */
};

static struct utf8_count count_utf8(const char *bytes, size_t size) {
    struct utf8_count count = {0};
    for (size_t i = 0; i < size;) {
        if ((unsigned char)bytes[i] < 0x80) {
            i++;
            continue;
        }
        size_t step = text_utf8_next(bytes + i, size - i);
        if (step > 0)
            count.letters++;
        else if (count.odd++ == 0)
            count.first = i;
        i += step > 0 ? step : 1;
    }
    return count;
}

struct import_encoding import_encoding_of(const char *bytes, size_t size) {
    if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        struct utf8_count count = count_utf8(bytes + 3, size - 3);
        return (struct import_encoding){"UTF-8", 3, count.odd > 0, count.first + 3};
    }
    if (has_mark(bytes, size))
        return (struct import_encoding){(unsigned char)bytes[0] == 0xFF ? "UTF-16LE" : "UTF-16BE",
                                        2, false, 0};
    size_t head = size < HEAD ? size : HEAD;
    if (is_wide(bytes, head))
        return (struct import_encoding){odd_nuls(bytes, head) > 50 ? "UTF-16LE" : "UTF-16BE", 0,
                                        false, 0};
    struct utf8_count count = count_utf8(bytes, size);
    if (count.odd == 0)
        return (struct import_encoding){"UTF-8", 0, false, 0};
    return (struct import_encoding){"windows-1252", 0, count.letters > 0, count.first};
}

const char *import_charset_find(const char *name) {
    static const char *const charsets[] = {"UTF-8",        "UTF-16LE",     "UTF-16BE",
                                           "windows-1252", "windows-1250", "windows-1251",
                                           "windows-1254", "windows-1256", "ISO-8859-15",
                                           "macintosh",    "gb18030",      "Big5"};
    for (size_t i = 0; name && i < sizeof charsets / sizeof *charsets; i++)
        if (strcmp(charsets[i], name) == 0)
            return charsets[i];
    return NULL;
}

/* ── What stands between cells ── */

static const char delimiters[] = ",;\t|";
enum { DELIMITERS = sizeof delimiters - 1 };

struct record_counts {
    unsigned fields[DELIMITERS][RECORDS_LOOKED_AT]; /* separators in each record */
    size_t records;
};

/* Counts what stands outside quotation marks; those that open a cell stand at its beginning, for
 * whichever delimiter. */
static void count_separators(const char *text, size_t size, struct record_counts *counts) {
    bool quoted = false, begins = true, any = false;
    unsigned now[DELIMITERS] = {0};
    for (size_t i = 0; i <= size && counts->records < RECORDS_LOOKED_AT; i++) {
        char c = i < size ? text[i] : '\n';
        const char *which = c != '\0' ? strchr(delimiters, c) : NULL;
        if (quoted) {
            quoted = c != '"';
            continue;
        }
        if (c == '"' && begins) {
            quoted = true;
        } else if (which) {
            now[which - delimiters]++;
        } else if (c == '\n' || c == '\r') {
            for (size_t d = 0; any && d < DELIMITERS; d++)
                counts->fields[d][counts->records] = now[d];
            counts->records += any;
            memset(now, 0, sizeof now);
            any = false;
            begins = true;
            continue;
        }
        any = true;
        begins = which != NULL || (begins && c == ' ') ||
                 c == '"'; /* a quote that closed may open again: "" */
    }
}

/* How well a delimiter explains the records: those with as many cells as the first one, and then
 * how many cells. */
static unsigned long score_of(const struct record_counts *counts, size_t delimiter) {
    const unsigned *fields = counts->fields[delimiter];
    if (counts->records == 0 || fields[0] == 0)
        return 0;
    unsigned long same = 0;
    for (size_t r = 0; r < counts->records; r++)
        same += fields[r] == fields[0];
    unsigned cells = fields[0] < 999 ? fields[0] : 999;
    return same * 1000 / counts->records * 1000 + cells;
}

static bool is_sep_line(const char *text, size_t size, char *delimiter, size_t *skip) {
    if (size < 5 || strncasecmp(text, "sep=", 4) != 0 || text[4] == '\0' ||
        !strchr(delimiters, text[4]))
        return false;
    size_t end = 5;
    if (end < size && text[end] == '\r')
        end++;
    if (end < size && text[end] == '\n')
        end++;
    if (end == 5 && size > 5)
        return false;
    *delimiter = text[4];
    *skip = end;
    return true;
}

char import_delimiter_of(const char *text, size_t size, size_t *skip) {
    char best = ',';
    *skip = 0;
    if (is_sep_line(text, size, &best, skip))
        return best;
    struct record_counts counts = {.records = 0};
    count_separators(text, size, &counts);
    unsigned long best_score = 0;
    for (size_t d = 0; d < DELIMITERS; d++) {
        unsigned long score = score_of(&counts, d);
        if (score > best_score) {
            best_score = score;
            best = delimiters[d];
        }
    }
    return best;
}
