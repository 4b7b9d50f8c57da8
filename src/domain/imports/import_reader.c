#include "domain/imports/import_table.h"

#include "core/buf.h"
#include "view/messages.h"
#include <csv.h>
#include <string.h>

enum {
    ROW_MAX = 1 << 20, /* bytes of a row's cells together */
    GROWTH = 4096,     /* of libcsv's buffer for one cell */
    STRICT = CSV_REPALL_NL | CSV_STRICT | CSV_STRICT_FINI
};

struct import_reader {
    struct csv_parser parser;
    import_row_fn *fn;
    void *context;
    struct buf text; /* the row's cells, a NUL behind each */
    size_t starts[IMPORT_COLUMNS_MAX];
    size_t count; /* cells of the row, also those that are too many */
    size_t fed, position;
    long line;
    bool stopped;
    enum import_trouble trouble;
    long trouble_line, columns;
};

/* In the row that is being read. */
static enum import_trouble note(struct import_reader *reader, enum import_trouble trouble) {
    if (reader->trouble == TROUBLE_NONE) {
        reader->trouble = trouble;
        reader->trouble_line = reader->line + 1;
        reader->columns = (long)reader->count;
    }
    return reader->trouble;
}

static void take_cell(void *cell, size_t size, void *context) {
    struct import_reader *reader = context;
    if (reader->count < IMPORT_COLUMNS_MAX) {
        reader->starts[reader->count] = reader->text.len;
        buf_append(&reader->text, size > 0 ? cell : "", size);
        buf_putc(&reader->text, '\0');
    }
    reader->count++;
    if (size > IMPORT_CELL_MAX || buf_overflowed(&reader->text))
        (void)note(reader, TROUBLE_CELL);
}

static void hand_on(struct import_reader *reader) {
    const char *cells[IMPORT_COLUMNS_MAX];
    bool blank = true;
    for (size_t i = 0; i < reader->count; i++) {
        cells[i] = buf_text(&reader->text) + reader->starts[i];
        blank = blank && *cells[i] == '\0';
    }
    struct import_row row = {reader->line, reader->count, cells};
    if (!blank && !reader->fn(reader->context, &row))
        reader->stopped = true;
}

/* Also told of blank lines, which have no cells. */
static void take_row(int end, void *context) {
    struct import_reader *reader = context;
    (void)end;
    if (reader->count > IMPORT_COLUMNS_MAX)
        (void)note(reader, TROUBLE_COLUMNS);
    reader->line++;
    if (reader->trouble == TROUBLE_NONE && reader->count > 0)
        hand_on(reader);
    reader->count = 0;
    buf_clear(&reader->text);
}

struct import_reader *import_reader_new(char delimiter, long line, import_row_fn *fn,
                                        void *context) {
    struct import_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL || csv_init(&reader->parser, STRICT) != 0)
        abort();
    csv_set_delim(&reader->parser, (unsigned char)delimiter);
    csv_set_blk_size(&reader->parser, GROWTH);
    buf_init(&reader->text, ROW_MAX);
    reader->line = line;
    reader->fn = fn;
    reader->context = context;
    return reader;
}

void import_reader_free(struct import_reader *reader) {
    if (reader == NULL)
        return;
    csv_free(&reader->parser);
    buf_free(&reader->text);
    free(reader);
}

static enum import_trouble outcome(const struct import_reader *reader) {
    return reader->trouble != TROUBLE_NONE ? reader->trouble
           : reader->stopped               ? TROUBLE_STOPPED
                                           : TROUBLE_NONE;
}

/* libcsv's strictness keeps text behind a closing quotation mark from swallowing the rows that
 * follow. A mark inside a cell that does not begin with one is an inch, and goes in by itself
 * without it. False: the first kind. */
static bool parse(struct import_reader *reader, const char *text, size_t size) {
    size_t done = 0;
    while (true) {
        done += csv_parse(&reader->parser, text + done, size - done, take_cell, take_row, reader);
        if (done == size)
            return true;
        if (csv_error(&reader->parser) != CSV_EPARSE)
            abort(); /* no memory */
        if (reader->parser.quoted)
            return false;
        (void)csv_set_opts(&reader->parser, CSV_REPALL_NL);
        done += csv_parse(&reader->parser, text + done, 1, take_cell, take_row, reader);
        (void)csv_set_opts(&reader->parser, STRICT);
    }
}

/* Line by line, because libcsv does not say where in its input a row ended: it ends with a line, if
 * at all. */
enum import_trouble import_reader_feed(struct import_reader *reader, const char *text,
                                       size_t size) {
    while (size > 0 && outcome(reader) == TROUBLE_NONE) {
        const char *end = memchr(text, '\n', size);
        size_t step = end != NULL ? (size_t)(end - text) + 1 : size;
        /* a line without an end is looked at before it has grown too large */
        step = step < IMPORT_CELL_MAX ? step : IMPORT_CELL_MAX;
        long line = reader->line;
        if (!parse(reader, text, step))
            return note(reader, TROUBLE_QUOTE);
        reader->fed += step;
        if (reader->line > line)
            reader->position = reader->fed;
        if (csv_get_buffer_size(&reader->parser) > 3 * IMPORT_CELL_MAX)
            return note(reader, TROUBLE_CELL);
        text += step;
        size -= step;
    }
    return outcome(reader);
}

enum import_trouble import_reader_end(struct import_reader *reader) {
    if (outcome(reader) != TROUBLE_NONE)
        return outcome(reader);
    if (csv_fini(&reader->parser, take_cell, take_row, reader) != 0)
        return note(reader, TROUBLE_QUOTE);
    reader->position = reader->fed;
    return outcome(reader);
}

size_t import_reader_position(const struct import_reader *reader) {
    return reader->position;
}

long import_reader_line(const struct import_reader *reader) {
    return reader->trouble != TROUBLE_NONE ? reader->trouble_line : reader->line;
}

long import_reader_count(const struct import_reader *reader) {
    return reader->columns;
}

const char *import_trouble_sentence(struct arena *arena, enum import_trouble trouble, long row,
                                    long count) {
    switch (trouble) {
    case TROUBLE_CHARSET:
        return _("The letters in this file cannot be read. Save it as CSV UTF-8, or say below how "
                 "it is written.");
    case TROUBLE_MIXED:
        return arena_printf(arena,
                            _("Row %ld is written in another encoding than rows before it. Save "
                              "the whole file once more as CSV UTF-8."),
                            row);
    case TROUBLE_NUL:
        return _("This is no text file. Export your table as CSV and send that.");
    case TROUBLE_COLUMNS:
        return arena_printf(arena,
                            _("Row %ld has %ld columns. At most %d are taken: leave out those that "
                              "are not needed."),
                            row, count, IMPORT_COLUMNS_MAX);
    case TROUBLE_CELL:
        return arena_printf(arena,
                            _("Row %ld holds a text of more than 32,000 letters. Perhaps a "
                              "quotation mark in it is never closed."),
                            row);
    case TROUBLE_QUOTE:
        return arena_printf(arena,
                            _("In row %ld a quotation mark is never closed, or text follows behind "
                              "it. Correct that row."),
                            row);
    case TROUBLE_ROWS:
        return arena_printf(arena, _("This file has more than %d rows. Split it."),
                            IMPORT_ROWS_MAX);
    case TROUBLE_EMPTY:
        return _("There is nothing in this file but blank lines. Choose the file with your clients "
                 "in it.");
    case TROUBLE_HEADER:
        return _("This file names its columns, but has no row beneath. Choose the file with your "
                 "clients in it.");
    case TROUBLE_WORKBOOK:
        return _("This workbook cannot be read. Open it, choose File, Save as, CSV UTF-8, and send "
                 "that file.");
    case TROUBLE_UNPACKED:
        return _("There is more in this workbook than can be unpacked here. Save the one sheet as "
                 "CSV UTF-8 and send that file.");
    case TROUBLE_BUSY:
        return _("Another workbook is being read just now. Please send this one again in a moment.");
    case TROUBLE_STORE:
        return _(
            "The file could not be kept. Please try again; if it happens again, write to support.");
    case TROUBLE_NONE:
    case TROUBLE_STOPPED:
        break;
    }
    return NULL;
}
