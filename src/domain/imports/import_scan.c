#include "domain/imports/import_scan.h"

#include "core/text.h"
#include "domain/imports/import_dialect_rules.h"
#include "domain/imports/import_header_rules.h"
#include "view/messages.h"
#include <jansson.h>
#include <string.h>

enum { SAMPLE_LETTERS = 40 };

struct scanning {
    struct arena *arena;
    struct import_scan *scan;
    import_piece_fn *sink;
    void *context;
    struct import_reader
        *reader; /* NULL until the first piece, which says what stands between cells */
};

/* ── Columns ── */

static const char *shortened(struct arena *arena, const char *cell) {
    size_t size = strlen(cell), at = 0;
    for (size_t letters = 0; at < size && letters < SAMPLE_LETTERS; letters++) {
        size_t step = text_utf8_next(cell + at, size - at);
        at += step > 0 ? step : 1;
    }
    char *text =
        at < size ? arena_printf(arena, "%.*s…", (int)at, cell) : arena_strdup(arena, cell);
    for (char *c = text; *c; c++)
        *c = *c == '\n' || *c == '\t' ? ' ' : *c;
    return text;
}

static void take_sample(struct arena *arena, struct import_column *column, const char *cell) {
    if (column->nsamples == IMPORT_SAMPLES)
        return;
    const char *sample = shortened(arena, import_plain(cell));
    for (size_t i = 0; i < column->nsamples; i++)
        if (text_equal(column->samples[i], sample))
            return;
    column->samples[column->nsamples++] = sample;
}

static bool is_phone(const char *cell) {
    size_t digits = 0;
    for (const char *c = cell; *c; c++) {
        if (*c >= '0' && *c <= '9')
            digits++;
        else if (!strchr("+ ()-./", *c))
            return false;
    }
    return digits >= 7 && digits <= 15;
}

static void look_at(struct arena *arena, struct import_column *column, const char *cell) {
    if (*cell == '\0')
        return;
    cell = import_plain(cell);
    column->filled++;
    take_sample(arena, column, cell);
    column->emails += strchr(cell, '@') != NULL;
    column->phones += is_phone(cell);
    import_dates_look(&column->dates, cell);
    import_numbers_look(&column->numbers, cell);
}

static bool begin_table(struct scanning *scanning, const struct import_row *row) {
    struct import_scan *scan = scanning->scan;
    scan->has_header = import_is_header(row->cells, row->count);
    for (size_t i = 0; i < row->count; i++) {
        scan->columns[i].header = scan->has_header ? shortened(scanning->arena, row->cells[i]) : "";
        if (*row->cells[i] != '\0')
            scan->ncolumns = i + 1;
    }
    return scan->has_header;
}

static bool take_row(void *context, const struct import_row *row) {
    struct scanning *scanning = context;
    struct import_scan *scan = scanning->scan;
    bool first = scan->ncolumns == 0;
    if (first && begin_table(scanning, row))
        return true;
    if (++scan->rows > IMPORT_ROWS_MAX) {
        scan->trouble = TROUBLE_ROWS;
        return false;
    }
    for (size_t i = 0; i < row->count; i++) {
        /* a header says how many there are; without one the widest row does */
        if (i >= scan->ncolumns && !scan->has_header && *row->cells[i] != '\0')
            scan->ncolumns = i + 1;
        look_at(scanning->arena, &scan->columns[i], row->cells[i]);
    }
    return true;
}

/* ── The text ── */

static enum import_trouble begin_text(struct scanning *scanning, const char **text, size_t *size) {
    size_t skip = 0;
    scanning->scan->delimiter = import_delimiter_of(*text, *size, &skip);
    scanning->reader = import_reader_new(scanning->scan->delimiter, 0, take_row, scanning);
    *text += skip;
    *size -= skip;
    return TROUBLE_NONE;
}

static enum import_trouble take_piece(void *context, const char *text, size_t size) {
    struct scanning *scanning = context;
    if (scanning->reader == NULL)
        (void)begin_text(scanning, &text, &size);
    enum import_trouble trouble = scanning->sink != NULL && size > 0
                                      ? scanning->sink(scanning->context, text, size)
                                      : TROUBLE_NONE;
    return trouble != TROUBLE_NONE ? trouble : import_reader_feed(scanning->reader, text, size);
}

static bool refuse(struct scanning *scanning, enum import_trouble trouble, long row, long count) {
    scanning->scan->trouble = trouble;
    scanning->scan->sentence = import_trouble_sentence(scanning->arena, trouble, row, count);
    return false;
}

static bool is_blank(const struct import_scan *scan) {
    return scan->ncolumns == 0;
}

static bool finish(struct scanning *scanning, enum import_trouble trouble) {
    struct import_reader *reader = scanning->reader;
    struct import_scan *scan = scanning->scan;
    if (trouble == TROUBLE_NONE && reader != NULL)
        trouble = import_reader_end(reader);
    if (trouble == TROUBLE_STOPPED)
        trouble = scan->trouble;
    if (trouble == TROUBLE_NONE && is_blank(scan))
        trouble = TROUBLE_EMPTY;
    if (trouble == TROUBLE_NONE && scan->rows == 0)
        trouble = TROUBLE_HEADER;
    return trouble == TROUBLE_NONE ||
           refuse(scanning, trouble, reader ? import_reader_line(reader) : 1,
                  reader ? import_reader_count(reader) : 0);
}

/* Lines up to a byte, for a sentence about it. */
static long line_of(const char *bytes, size_t at) {
    long line = 1;
    for (size_t i = 0; i < at; i++)
        line += bytes[i] == '\n' || (bytes[i] == '\r' && bytes[i + 1] != '\n');
    return line;
}

bool import_scan(struct arena *arena, const char *bytes, size_t size, const char *charset,
                 import_piece_fn *sink, void *context, struct import_scan *out) {
    *out = (struct import_scan){.columns =
                                    arena_array(arena, IMPORT_COLUMNS_MAX, sizeof *out->columns)};
    struct scanning scanning = {.arena = arena, .scan = out, .sink = sink, .context = context};
    for (size_t i = 0; i < IMPORT_COLUMNS_MAX; i++)
        out->columns[i].header = "";
    enum import_kind kind = import_kind_of(bytes, size);
    if (kind == IMPORT_WORKBOOK)
        return refuse(&scanning, TROUBLE_WORKBOOK, 0, 0); /* import_workbook.h makes text of it */
    if (kind != IMPORT_TEXT) {
        out->sentence = messages_text(import_kind_sentence(kind));
        return false;
    }
    struct import_encoding encoding = import_encoding_of(bytes, size);
    if (charset == NULL && encoding.mixed)
        return refuse(&scanning, TROUBLE_MIXED, line_of(bytes, encoding.odd), 0);
    out->charset = charset != NULL ? charset : encoding.charset;
    enum import_trouble trouble = import_decode(out->charset, bytes + encoding.skip,
                                                size - encoding.skip, take_piece, &scanning);
    bool fine = finish(&scanning, trouble);
    import_reader_free(scanning.reader);
    return fine;
}

/* ── For the database ── */

static json_t *dates_json(const struct import_dates_seen *seen) {
    bool certain = false;
    enum import_dates order = import_dates_decide(seen, &certain);
    return json_pack("{s:s, s:b, s:I}", "order", import_dates_code(order), "certain", certain,
                     "cells", (json_int_t)seen->cells);
}

static json_t *numbers_json(const struct import_numbers_seen *seen) {
    bool certain = false;
    enum import_numbers style = import_numbers_decide(seen, &certain);
    return json_pack("{s:s, s:b, s:I}", "style", import_numbers_code(style), "certain", certain,
                     "cells", (json_int_t)seen->cells);
}

const char *import_columns_json(struct arena *arena, const struct import_scan *scan) {
    json_t *columns = json_array();
    for (size_t i = 0; i < scan->ncolumns; i++) {
        const struct import_column *column = &scan->columns[i];
        json_t *samples = json_array();
        for (size_t s = 0; s < column->nsamples; s++)
            json_array_append_new(samples, json_string(column->samples[s]));
        json_array_append_new(
            columns,
            json_pack("{s:s, s:o, s:I, s:I, s:I, s:o, s:o}", "header", column->header, "samples",
                      samples, "filled", (json_int_t)column->filled, "emails",
                      (json_int_t)column->emails, "phones", (json_int_t)column->phones, "dates",
                      dates_json(&column->dates), "numbers", numbers_json(&column->numbers)));
    }
    char *text = json_dumps(columns, JSON_COMPACT);
    const char *kept = arena_strdup(arena, text != NULL ? text : "[]");
    free(text);
    json_decref(columns);
    return kept;
}
