#include "domain/imports/import_workbook_read.h"

#include "core/text.h"
#include "domain/imports/import_workbook_rules.h"
#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zip.h>

enum {
    UNPACKED_MAX = 512 << 20, /* bytes of all parts together, */
    UNPACKED_FREE = 64 << 20, /* … of which a small workbook may have so many, */
    UNPACKED_TIMES = 100,     /* and a larger one so many times its own: spreadsheets save twenty */
    TOKEN_MAX = 256 * 1024,   /* … of one tag or comment: expat begins each again with every piece that comes */
    WORDS_MAX = 192 << 20,    /* … of what cells share */
    VALUE_MAX = 1 << 20,      /* … of one cell; the reader of CSV says which it was */
    STYLES_MAX = 1 << 20,
    PIECE = 64 * 1024,
    SHEETS_MAX = 256,
    NAME_ROOM = 128
};

struct format {
    long id;
    bool day;
};

struct book {
    zip_t *zip;
    XML_Parser parser; /* of the part that is being read */
    enum workbook_outcome outcome;
    size_t unpacked, unpacked_max;
    size_t quiet; /* bytes since expat last told of something */
    XML_StartElementHandler on_start; /* of the part */
    XML_EndElementHandler on_end;
    bool from_1904;
    char folder[NAME_ROOM], main[NAME_ROOM];

    /* what is looked for among the relations of a part */
    const char *type, *id;
    char target[NAME_ROOM];

    char sheets[SHEETS_MAX][NAME_ROOM]; /* ids */
    size_t nsheets;

    struct buf formats; /* struct format */
    struct buf days;    /* of each style of cells: does it show days? */
    bool in_cell_styles;

    struct buf words, word_ends; /* size_t */

    bool collecting, phonetic, in_cell;
    struct buf value;
    char type_of_cell[16];
    size_t style;
    long row, column; /* of the cell; from 1, from 0 */

    struct buf csv;
    int fd;
    bool begun;
    long line, cell; /* where the next byte of csv stands */
};

static void fail(struct book *book, enum workbook_outcome outcome) {
    if (book->outcome == WORKBOOK_READ)
        book->outcome = outcome;
    if (book->parser != NULL)
        (void)XML_StopParser(book->parser, XML_FALSE);
}

/* ── Parts ── */

static const char *local(const char *name) {
    const char *colon = strrchr(name, ':');
    return colon != NULL ? colon + 1 : name;
}

static const char *attribute(const char **attributes, const char *name) {
    for (; *attributes != NULL; attributes += 2)
        if (text_equal(local(attributes[0]), name))
            return attributes[1];
    return NULL;
}

static long number_of(const char *text, long otherwise) {
    char *end;
    long number = text != NULL ? strtol(text, &end, 10) : 0;
    return text != NULL && end != text && *end == '\0' ? number : otherwise;
}

/* No part of a workbook has one, and entities are the oldest bomb of all. */
static void XMLCALL on_doctype(void *context, const char *name, const char *system,
                               const char *public, int internal) {
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    fail(context, WORKBOOK_BROKEN);
}

static void XMLCALL on_text(void *context, const char *text, int size) {
    struct book *book = context;
    book->quiet = 0;
    if (!book->collecting || book->phonetic)
        return;
    buf_append(&book->value, text, (size_t)size);
    if (buf_overflowed(&book->value))
        fail(book, WORKBOOK_TOO_LARGE);
}

static void XMLCALL on_start(void *context, const char *name, const char **attributes) {
    struct book *book = context;
    book->quiet = 0;
    book->on_start(book, name, attributes);
}

static void XMLCALL on_end(void *context, const char *name) {
    struct book *book = context;
    book->quiet = 0;
    if (book->on_end != NULL)
        book->on_end(book, name);
}

/* Comments, instructions, blanks around the root. */
static void XMLCALL on_other(void *context, const char *text, int size) {
    struct book *book = context;
    (void)text;
    (void)size;
    book->quiet = 0;
}

static bool parse_piece(struct book *book, zip_file_t *file) {
    void *piece = XML_GetBuffer(book->parser, PIECE);
    zip_int64_t n = piece != NULL ? zip_fread(file, piece, PIECE) : -1;
    if (n >= 0) {
        book->unpacked += (size_t)n;
        book->quiet += (size_t)n;
    }
    if (piece == NULL || book->unpacked > book->unpacked_max)
        fail(book, WORKBOOK_TOO_LARGE);
    else if (n < 0)
        fail(book, WORKBOOK_BROKEN);
    else if (XML_ParseBuffer(book->parser, (int)n, n == 0) != XML_STATUS_OK)
        fail(book, XML_GetErrorCode(book->parser) == XML_ERROR_NO_MEMORY ? WORKBOOK_TOO_LARGE
                                                                         : WORKBOOK_BROKEN);
    else if (book->quiet > TOKEN_MAX)
        fail(book, WORKBOOK_BROKEN);
    return n > 0 && book->outcome == WORKBOOK_READ;
}

static void read_part(struct book *book, const char *path, XML_StartElementHandler start,
                      XML_EndElementHandler end) {
    zip_file_t *file = zip_fopen(book->zip, path, ZIP_FL_NOCASE);
    if (file == NULL) {
        fail(book, WORKBOOK_BROKEN);
        return;
    }
    book->parser = XML_ParserCreate(NULL);
    if (book->parser == NULL) {
        fail(book, WORKBOOK_TOO_LARGE);
        (void)zip_fclose(file);
        return;
    }
    book->on_start = start;
    book->on_end = end;
    book->quiet = 0;
    XML_SetUserData(book->parser, book);
    XML_SetElementHandler(book->parser, on_start, on_end);
    XML_SetCharacterDataHandler(book->parser, on_text);
    XML_SetDefaultHandler(book->parser, on_other);
    XML_SetStartDoctypeDeclHandler(book->parser, on_doctype);
    while (parse_piece(book, file))
        ;
    XML_ParserFree(book->parser);
    book->parser = NULL;
    (void)zip_fclose(file);
}

/* ── Which part is where ── */

static void XMLCALL start_relation(void *context, const char *name, const char **attributes) {
    struct book *book = context;
    const char *type = attribute(attributes, "Type"), *id = attribute(attributes, "Id"),
               *target = attribute(attributes, "Target");
    if (!text_equal(local(name), "Relationship") || type == NULL || id == NULL || target == NULL)
        return;
    if (book->id != NULL ? !text_equal(id, book->id) : !text_equal(strrchr(type, '/'), book->type))
        return;
    const char *folder = *target == '/' ? "" : book->folder;
    int size = snprintf(book->target, sizeof book->target, "%s%s", folder,
                        *target == '/' ? target + 1 : target);
    if (size >= (int)sizeof book->target)
        fail(book, WORKBOOK_BROKEN);
}

/* The last part of the relation's type, or its id; "" when there is none. */
static const char *find_part(struct book *book, const char *type, const char *id) {
    char path[3 * NAME_ROOM];
    snprintf(path, sizeof path, "%s_rels/%s.rels", book->folder, book->main);
    book->type = type;
    book->id = id;
    *book->target = '\0';
    read_part(book, path, start_relation, NULL);
    return book->target;
}

static void find_main(struct book *book) {
    char path[NAME_ROOM];
    snprintf(path, sizeof path, "%s", find_part(book, "/officeDocument", NULL));
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    snprintf(book->main, sizeof book->main, "%s", name);
    snprintf(book->folder, sizeof book->folder, "%.*s", (int)(name - path), path);
    if (*name == '\0')
        fail(book, WORKBOOK_BROKEN);
}

/* ── The book ── */

static void XMLCALL start_book(void *context, const char *name, const char **attributes) {
    struct book *book = context;
    name = local(name);
    if (text_equal(name, "workbookPr")) {
        const char *from_1904 = attribute(attributes, "date1904");
        book->from_1904 = text_equal(from_1904, "1") || text_equal(from_1904, "true");
    }
    const char *id = attribute(attributes, "id"), *state = attribute(attributes, "state");
    bool shown = state == NULL || text_equal(state, "visible");
    if (!text_equal(name, "sheet") || id == NULL || !shown || book->nsheets == SHEETS_MAX)
        return;
    char *kept = book->sheets[book->nsheets++];
    if (snprintf(kept, NAME_ROOM, "%s", id) >= NAME_ROOM)
        fail(book, WORKBOOK_BROKEN);
}

static void add_format(struct book *book, const char **attributes) {
    const char *code = attribute(attributes, "formatCode");
    struct format format = {.id = number_of(attribute(attributes, "numFmtId"), -1),
                            .day = workbook_is_day(0, code != NULL ? code : "")};
    buf_append(&book->formats, &format, sizeof format);
}

static void add_style(struct book *book, const char **attributes) {
    long id = number_of(attribute(attributes, "numFmtId"), 0);
    bool day = workbook_is_day(id, NULL);
    for (size_t at = 0; at < book->formats.len; at += sizeof(struct format)) {
        struct format format;
        memcpy(&format, book->formats.data + at, sizeof format);
        if (format.id == id)
            day = format.day;
    }
    buf_putc(&book->days, day ? 1 : 0);
}

static void XMLCALL start_style(void *context, const char *name, const char **attributes) {
    struct book *book = context;
    name = local(name);
    if (text_equal(name, "cellXfs"))
        book->in_cell_styles = true;
    else if (text_equal(name, "numFmt"))
        add_format(book, attributes);
    else if (text_equal(name, "xf") && book->in_cell_styles)
        add_style(book, attributes);
    if (buf_overflowed(&book->formats) || buf_overflowed(&book->days))
        fail(book, WORKBOOK_TOO_LARGE);
}

static void XMLCALL end_style(void *context, const char *name) {
    struct book *book = context;
    if (text_equal(local(name), "cellXfs"))
        book->in_cell_styles = false;
}

/* Text stands in t, in pieces where it changes its look; what stands in rPh is how it is spoken. */
static void start_text(struct book *book, const char *name) {
    if (text_equal(name, "rPh"))
        book->phonetic = true;
    else if (text_equal(name, "t"))
        book->collecting = true;
}

static void end_text(struct book *book, const char *name) {
    if (text_equal(name, "rPh"))
        book->phonetic = false;
    else if (text_equal(name, "t"))
        book->collecting = false;
}

static void XMLCALL start_word(void *context, const char *name, const char **attributes) {
    (void)attributes;
    struct book *book = context;
    name = local(name);
    if (text_equal(name, "si"))
        buf_clear(&book->value);
    start_text(book, name);
}

static void XMLCALL end_word(void *context, const char *name) {
    struct book *book = context;
    name = local(name);
    end_text(book, name);
    if (!text_equal(name, "si"))
        return;
    buf_append(&book->words, buf_text(&book->value), book->value.len);
    buf_append(&book->word_ends, &book->words.len, sizeof book->words.len);
    if (buf_overflowed(&book->words) || buf_overflowed(&book->word_ends))
        fail(book, WORKBOOK_TOO_LARGE);
}

/* ── Cells ── */

static void write_out(struct book *book) {
    for (size_t at = 0; at < book->csv.len;) {
        ssize_t n = write(book->fd, book->csv.data + at, book->csv.len - at);
        if (n <= 0) { /* the file's limit, or the disk is full */
            fail(book, WORKBOOK_TOO_LARGE);
            break;
        }
        at += (size_t)n;
    }
    buf_clear(&book->csv);
}

static void go_to_cell(struct book *book) {
    if (!book->begun)
        buf_puts(&book->csv, "sep=,\n");
    book->begun = true;
    for (; book->line < book->row; book->line++, book->cell = 0)
        buf_putc(&book->csv, '\n');
    for (; book->cell < book->column; book->cell++)
        buf_putc(&book->csv, ',');
}

static void put_word(struct book *book) {
    size_t start = 0, end;
    long number = number_of(buf_text(&book->value), -1),
         count = (long)(book->word_ends.len / sizeof end);
    if (number < 0 || number >= count) {
        fail(book, WORKBOOK_BROKEN);
        return;
    }
    const char *ends = book->word_ends.data + (size_t)number * sizeof end;
    memcpy(&end, ends, sizeof end);
    if (number > 0)
        memcpy(&start, ends - sizeof start, sizeof start);
    if (end > start)
        workbook_put_text(&book->csv, book->words.data + start, end - start);
}

static void put_cell(struct book *book) {
    const char *type = book->type_of_cell, *value = buf_text(&book->value);
    enum { ISO_DAY = 10 };
    if (*value == '\0')
        return;
    go_to_cell(book);
    if (text_equal(type, "s"))
        put_word(book);
    else if (text_equal(type, "b"))
        buf_puts(&book->csv, text_equal(value, "1") ? "TRUE" : "FALSE");
    else if (text_equal(type, "d"))
        workbook_put_text(&book->csv, value, book->value.len < ISO_DAY ? book->value.len : ISO_DAY);
    else if (*type == '\0' || text_equal(type, "n"))
        workbook_put_number(&book->csv, value,
                            book->style < book->days.len && book->days.data[book->style],
                            book->from_1904);
    else
        workbook_put_text(&book->csv, value, book->value.len);
    if (book->csv.len >= PIECE)
        write_out(book);
}

static void start_row(struct book *book, const char **attributes) {
    long row = number_of(attribute(attributes, "r"), book->row + 1);
    if (row <= book->row || row > WORKBOOK_ROWS)
        fail(book, row > WORKBOOK_ROWS ? WORKBOOK_TOO_LARGE : WORKBOOK_BROKEN);
    book->row = row;
    book->column = -1;
}

static void start_cell(struct book *book, const char **attributes) {
    const char *at = attribute(attributes, "r"), *type = attribute(attributes, "t");
    long column = at != NULL ? workbook_column(at) : book->column + 1;
    if (column <= book->column || column >= WORKBOOK_COLUMNS || book->row == 0)
        fail(book, WORKBOOK_BROKEN);
    book->column = column;
    book->style = (size_t)number_of(attribute(attributes, "s"), 0);
    snprintf(book->type_of_cell, sizeof book->type_of_cell, "%s", type != NULL ? type : "");
    buf_clear(&book->value);
    book->in_cell = true;
}

static void XMLCALL start_of_sheet(void *context, const char *name, const char **attributes) {
    struct book *book = context;
    name = local(name);
    if (text_equal(name, "row"))
        start_row(book, attributes);
    else if (text_equal(name, "c"))
        start_cell(book, attributes);
    else if (book->in_cell && text_equal(name, "v"))
        book->collecting = true;
    else if (book->in_cell)
        start_text(book, name);
}

static void XMLCALL end_of_sheet(void *context, const char *name) {
    struct book *book = context;
    name = local(name);
    end_text(book, name);
    if (text_equal(name, "v"))
        book->collecting = false;
    if (!text_equal(name, "c"))
        return;
    book->in_cell = false;
    if (book->outcome == WORKBOOK_READ)
        put_cell(book);
}

static void read_sheets(struct book *book) {
    for (size_t i = 0; i < book->nsheets && !book->begun && book->outcome == WORKBOOK_READ; i++) {
        char path[NAME_ROOM];
        snprintf(path, sizeof path, "%s", find_part(book, NULL, book->sheets[i]));
        book->row = 0;
        book->line = 1;
        book->cell = 0;
        read_part(book, path, start_of_sheet, end_of_sheet);
    }
}

/* ── All of it ── */

static void read_optional(struct book *book, const char *type, XML_StartElementHandler start,
                          XML_EndElementHandler end) {
    char path[NAME_ROOM];
    snprintf(path, sizeof path, "%s", find_part(book, type, NULL));
    if (*path != '\0' && book->outcome == WORKBOOK_READ)
        read_part(book, path, start, end);
    book->collecting = book->phonetic = false;
}

static void read_book(struct book *book) {
    char path[3 * NAME_ROOM];
    find_main(book);
    if (book->outcome != WORKBOOK_READ)
        return;
    snprintf(path, sizeof path, "%s%s", book->folder, book->main);
    read_part(book, path, start_book, NULL);
    read_optional(book, "/styles", start_style, end_style);
    read_optional(book, "/sharedStrings", start_word, end_word);
    if (book->outcome == WORKBOOK_READ)
        read_sheets(book);
    if (book->begun)
        buf_putc(&book->csv, '\n');
    write_out(book);
    if (!book->begun)
        fail(book, WORKBOOK_EMPTY);
}

static void open_buffers(struct book *book) {
    buf_init(&book->formats, STYLES_MAX);
    buf_init(&book->days, STYLES_MAX);
    buf_init(&book->words, WORDS_MAX);
    buf_init(&book->word_ends, WORDS_MAX);
    buf_init(&book->value, VALUE_MAX);
    buf_init(&book->csv, 4 * VALUE_MAX);
}

static void close_buffers(struct book *book) {
    buf_free(&book->formats);
    buf_free(&book->days);
    buf_free(&book->words);
    buf_free(&book->word_ends);
    buf_free(&book->value);
    buf_free(&book->csv);
}

static size_t most_unpacked(size_t size) {
    size_t most = size < UNPACKED_MAX / UNPACKED_TIMES ? size * UNPACKED_TIMES : UNPACKED_MAX;
    return most > UNPACKED_FREE ? most : UNPACKED_FREE;
}

enum workbook_outcome workbook_read(const void *bytes, size_t size, int fd) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(bytes, size, 0, &error);
    zip_t *zip = source != NULL ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    if (zip == NULL) {
        zip_source_free(source);
        zip_error_fini(&error);
        return WORKBOOK_BROKEN;
    }
    static struct book book; /* large */
    book = (struct book){.zip = zip, .fd = fd, .outcome = WORKBOOK_READ, .unpacked_max = most_unpacked(size)};
    open_buffers(&book);
    read_book(&book);
    close_buffers(&book);
    zip_discard(zip);
    return book.outcome;
}
