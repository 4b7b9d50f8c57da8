/* Files as spreadsheets write them, and as nobody should: bytes to text, text to rows, the first
 * look at both. */
#include "core/buf.h"
#include "core/text.h"
#include "domain/imports/import_dialect_rules.h"
#include "domain/imports/import_scan.h"
#include "tests/support/unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <unicode/ucnv.h>

static struct arena *arena;

static int setup(void **state) {
    (void)state;
    arena = arena_new(64 << 20);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

/* ── Reading into one text: "2[a][b]" for each row ── */

struct seen {
    struct buf text;
    long stop_after; /* rows; 0: never */
    long rows;
};

static bool see(void *context, const struct import_row *row) {
    struct seen *seen = context;
    buf_printf(&seen->text, "%ld", row->number);
    for (size_t i = 0; i < row->count; i++)
        buf_printf(&seen->text, "[%s]", row->cells[i]);
    buf_putc(&seen->text, '\n');
    return ++seen->rows != seen->stop_after;
}

static enum import_trouble read_rows(const char *text, char delimiter, struct seen *seen,
                                     size_t piece, long *line) {
    struct import_reader *reader = import_reader_new(delimiter, 0, see, seen);
    enum import_trouble trouble = TROUBLE_NONE;
    size_t size = strlen(text);
    for (size_t at = 0; at < size && trouble == TROUBLE_NONE; at += piece)
        trouble = import_reader_feed(reader, text + at, size - at < piece ? size - at : piece);
    if (trouble == TROUBLE_NONE)
        trouble = import_reader_end(reader);
    if (line != NULL)
        *line = import_reader_line(reader);
    import_reader_free(reader);
    return trouble;
}

static void rows(void **state) {
    (void)state;
    static const struct {
        const char *text;
        char delimiter;
        const char *rows;
    } files[] = {
        {"a,b\n1,2\n", ',', "1[a][b]\n2[1][2]\n"},
        {"a,b\n1,2", ',', "1[a][b]\n2[1][2]\n"},
        {"a;b\n\"x;y\";2\n", ';', "1[a][b]\n2[x;y][2]\n"},
        {"a\tb\n 1 \t 2 \n", '\t', "1[a][b]\n2[1][2]\n"},
        {"\n\na\n\n\nb\n\n", ',', "3[a]\n6[b]\n"},
        {"\"say \"\"hi\"\"\",x\n", ',', "1[say \"hi\"][x]\n"},
        {"\"two\nlines\",x\ny\n", ',', "1[two\nlines][x]\n2[y]\n"},
        {"5\" pipe,b\nc\n", ',', "1[5\" pipe][b]\n2[c]\n"},
        {",,\n,x\n", ',', "2[][x]\n"},
        {"=cmd|' /C calc'!A0,+1\n", ',', "1[=cmd|' /C calc'!A0][+1]\n"},
        {"", ',', ""},
        {"\n", ',', ""},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        for (size_t piece = 1; piece < 40; piece += 3) {
            struct seen seen = {.rows = 0};
            buf_init(&seen.text, 1 << 16);
            assert_int_equal(read_rows(files[i].text, files[i].delimiter, &seen, piece, NULL),
                             TROUBLE_NONE);
            assert_string_equal(buf_text(&seen.text), files[i].rows);
            buf_free(&seen.text);
        }
    }
}

static const char *repeat(const char *text, size_t times) {
    struct buf buf;
    buf_init(&buf, 256 << 20);
    for (size_t i = 0; i < times; i++)
        buf_puts(&buf, text);
    const char *kept = arena_strdup(arena, buf_text(&buf));
    buf_free(&buf);
    return kept;
}

static void what_breaks_a_limit(void **state) {
    (void)state;
    const struct {
        const char *text;
        enum import_trouble trouble;
        long line;
    } files[] = {
        {"a,b\n1,\"never closed\n2,3\n", TROUBLE_QUOTE, 2},
        {"a,b\n1,2\n\"closed\" and more,3\n4,5\n", TROUBLE_QUOTE, 3},
        {arena_printf(arena, "a\nb\n%s\n", repeat("x", 40000)), TROUBLE_CELL, 3},
        {arena_printf(arena, "a\n\"%s\n", repeat("x\n", 60000)), TROUBLE_CELL, 2},
        {arena_printf(arena, "a\n%s", repeat("word,", 10000)), TROUBLE_COLUMNS, 2},
        {repeat("x", 5 << 20), TROUBLE_CELL, 1}, /* one line without an end */
        {repeat("\"", 3 << 20), TROUBLE_CELL, 1},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct seen seen = {.rows = 0};
        long line = 0;
        buf_init(&seen.text, 1 << 20);
        assert_int_equal(read_rows(files[i].text, ',', &seen, 64 * 1024, &line), files[i].trouble);
        assert_int_equal(line, files[i].line);
        assert_non_null(import_trouble_sentence(arena, files[i].trouble, line, 0));
        buf_free(&seen.text);
    }
}

/* ── The first look ── */

static bool scan(const void *bytes, size_t size, struct import_scan *out) {
    return import_scan(arena, bytes, size, NULL, NULL, NULL, out);
}

static void a_first_look(void **state) {
    (void)state;
    static const char file[] = "\xEF\xBB\xBF"
                               "Name;E-Mail;Move in;Budget;;\r\n"
                               "Zo\xC3\xAB;zoe@a.example;31/12/2026;1.250,50;;\r\n"
                               "\r\n"
                               "Ann;ann@a.example;01/02/2027;2.000,00;;\r\n"
                               "Ann;bob@a.example;01/02/2027;\"3.000\";;\r\n";
    struct import_scan out;
    assert_true(scan(file, sizeof file - 1, &out));
    assert_string_equal(out.charset, "UTF-8");
    assert_int_equal(out.delimiter, ';');
    assert_true(out.has_header);
    assert_int_equal(out.rows, 3);
    assert_int_equal(out.ncolumns, 4); /* empty ones at the end are none */
    assert_string_equal(out.columns[1].header, "E-Mail");
    assert_int_equal(out.columns[0].nsamples, 2);
    assert_string_equal(out.columns[0].samples[0], "Zo\xC3\xAB");
    assert_int_equal(out.columns[1].emails, 3);
    assert_int_equal(out.columns[2].dates.only[DATES_DMY], 1);
    assert_contains(import_columns_json(arena, &out), "\"style\":\"comma\"");
    assert_contains(import_columns_json(arena, &out), "\"order\":\"dmy\",\"certain\":true");

    static const char bare[] = "Ann,ann@a.example\nBob,bob@a.example,extra\n";
    assert_true(scan(bare, sizeof bare - 1, &out));
    assert_false(out.has_header);
    assert_int_equal(out.rows, 2);
    assert_int_equal(out.ncolumns, 3);
}

static void files_that_are_no_table(void **state) {
    (void)state;
    const struct {
        const char *bytes;
        size_t size;
        const char *says;
    } files[] = {
        {"", 0, "is empty"},
        {"\r\n\r\n  \r\n", 8, "nothing in this file but blank lines"},
        {"\xEF\xBB\xBF", 3, "nothing in this file but blank lines"},
        {"Name,Email\r\n", 12, "no row beneath"},
        {"Name,Email\r\n,\r\n", 15, "no row beneath"},
        {"PK\x03\x04 xl/", 8, "workbook"},
        {"%PDF-1.4", 8, "document"},
        {"Name,Email\na\0b,c\n", 17, "no text file"},
        {"Name\nZo\xEB\nZo\xC3\xAB\n", 14, "Row 2 is written in another encoding"},
        {"Name\nZo\x81\n", 9, "cannot be read"},
        {"\xFF\xFEN\0a\0\0\xD8x\0", 10, "cannot be read"},
        {"\xFF\xFEN\0a", 5, "cannot be read"},
        {"N\nx,\"y\n", 7, "never closed"},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct import_scan out;
        assert_false(scan(files[i].bytes, files[i].size, &out));
        assert_contains(out.sentence, files[i].says);
    }
    struct import_scan out;
    const char *wide = arena_printf(arena, "%s\n1\n", repeat("col,", 10000));
    assert_false(scan(wide, strlen(wide), &out));
    assert_contains(out.sentence, "Row 1 has 10001 columns");
    char *whole = malloc(200000);
    int size = snprintf(whole, 200000, "Name,Email\n%s", repeat("Ann,ann@a.example\n", 9000));
    memcpy(whole + size, "b\0c,d\n", 6);
    assert_false(scan(whole, (size_t)size + 6, &out));
    assert_contains(out.sentence, "no text file");
    free(whole);
}

static void a_chosen_encoding(void **state) {
    (void)state;
    struct import_scan out;
    static const char arabic[] = "Name\n\xE3\xCD\xE3\xCF\n"; /* Windows-1256 */
    assert_true(import_scan(arena, arabic, sizeof arabic - 1, "windows-1256", NULL, NULL, &out));
    assert_string_equal(out.columns[0].samples[0], "محمد");
    assert_false(import_scan(arena, arabic, sizeof arabic - 1, "UTF-8", NULL, NULL, &out));
    assert_contains(out.sentence, "cannot be read");
}

/* ── Properties ── */

static unsigned long seed = 20261124;

static unsigned random_below(unsigned n) {
    seed = seed * 6364136223846793005UL + 1442695040888963407UL;
    return (unsigned)(seed >> 33) % n;
}

/* Words as people write them, and what needs quoting; nothing that a spreadsheet would trim. */
static const char *random_cell(void) {
    static const char *const pieces[] = {"Ann", "Zoë",        "Müller",     "a, b",     "c;d",
                                         "e|f", "\"quoted\"", "two\nlines", "5\" pipe", "x\ty",
                                         "€ 5", "=1+1",       "é",          "O'Neil"};
    const char *cell = "";
    for (unsigned n = random_below(4); n > 0; n--)
        cell = arena_printf(arena, "%s%s%s", cell, *cell ? " " : "",
                            pieces[random_below(sizeof pieces / sizeof *pieces)]);
    return cell;
}

static void write_cell(struct buf *out, const char *cell, char delimiter) {
    char special[] = {delimiter, '"', '\n', '\t', '\0'};
    if (!strpbrk(cell, special) && random_below(3) > 0) {
        buf_puts(out, cell);
        return;
    }
    buf_putc(out, '"');
    for (; *cell; cell++) {
        if (*cell == '"')
            buf_putc(out, '"');
        buf_putc(out, *cell);
    }
    buf_putc(out, '"');
}

struct table {
    struct buf file;   /* UTF-8, '\n' */
    struct buf expect; /* as see() has it */
    char delimiter;
};

static void make_table(struct table *table) {
    static const char delimiters[] = ",;\t|";
    unsigned columns = 2 + random_below(6), lines = 1 + random_below(12);
    table->delimiter = delimiters[random_below(4)];
    buf_init(&table->file, 1 << 20);
    buf_init(&table->expect, 1 << 20);
    long number = 0;
    for (unsigned line = 0; line <= lines; line++) {
        if (line > 0 && random_below(5) == 0) {
            buf_putc(&table->file, '\n');
            number++;
        }
        buf_printf(&table->expect, "%ld", ++number);
        for (unsigned column = 0; column < columns; column++) {
            const char *cell = line == 0     ? arena_printf(arena, "Column %c", 'A' + (int)column)
                               : column == 0 ? arena_printf(arena, "Clïent %u", line)
                                             : random_cell();
            if (column > 0)
                buf_putc(&table->file, table->delimiter);
            write_cell(&table->file, cell, table->delimiter);
            buf_printf(&table->expect, "[%s]", cell);
        }
        buf_putc(&table->file, '\n');
        buf_putc(&table->expect, '\n');
    }
}

/* The same in another encoding and with other line ends. */
static const char *encode(const struct buf *text, const char *charset, const char *mark,
                          size_t mark_size, const char *line_end, size_t *size) {
    struct buf ended;
    buf_init(&ended, 4 << 20);
    for (size_t i = 0; i < text->len; i++)
        if (text->data[i] == '\n')
            buf_puts(&ended, line_end);
        else
            buf_putc(&ended, text->data[i]);
    char *out = arena_alloc(arena, mark_size + 4 * ended.len + 16);
    memcpy(out, mark, mark_size);
    UErrorCode status = U_ZERO_ERROR;
    int32_t length = ucnv_convert(charset, "UTF-8", out + mark_size, (int32_t)(4 * ended.len + 8),
                                  buf_text(&ended), (int32_t)ended.len, &status);
    assert_true(U_SUCCESS(status));
    *size = mark_size + (size_t)length;
    buf_free(&ended);
    return out;
}

static enum import_trouble collect(void *context, const char *text, size_t size) {
    buf_append(context, text, size);
    return TROUBLE_NONE;
}

static void whatever_was_written_is_read(void **state) {
    (void)state;
    static const struct {
        const char *charset, *mark;
        size_t mark_size;
    } encodings_used[] = {{"UTF-8", "", 0},
                          {"UTF-8", "\xEF\xBB\xBF", 3},
                          {"UTF-16LE", "\xFF\xFE", 2},
                          {"UTF-16BE", "\xFE\xFF", 2},
                          {"windows-1252", "", 0}};
    static const char *const line_ends[] = {"\n", "\r\n", "\r"};
    for (int round = 0; round < 600; round++) {
        struct table table;
        struct import_scan out;
        make_table(&table);
        unsigned e = random_below(5);
        size_t size;
        const char *bytes = encode(&table.file, encodings_used[e].charset, encodings_used[e].mark,
                                   encodings_used[e].mark_size, line_ends[random_below(3)], &size);
        struct buf kept;
        buf_init(&kept, 1 << 20);
        assert_true(import_scan(arena, bytes, size, NULL, collect, &kept, &out));
        assert_string_equal(out.charset, encodings_used[e].charset);
        assert_int_equal(out.delimiter, table.delimiter);
        assert_string_equal(buf_text(&kept),
                            buf_text(&table.file)); /* what is kept is one encoding, one line end */
        struct seen seen = {.rows = 0};
        buf_init(&seen.text, 1 << 20);
        assert_int_equal(
            read_rows(buf_text(&kept), out.delimiter, &seen, 1 + random_below(50), NULL),
            TROUBLE_NONE);
        assert_string_equal(buf_text(&seen.text), buf_text(&table.expect));
        buf_free(&seen.text);
        buf_free(&kept);
        buf_free(&table.file);
        buf_free(&table.expect);
        arena_reset(arena);
    }
}

/* A check that goes on from where its last portion ended sees every row once, with its number. */
static void portions_join(void **state) {
    (void)state;
    for (int round = 0; round < 300; round++) {
        struct table table;
        make_table(&table);
        struct seen seen = {.rows = 0};
        buf_init(&seen.text, 1 << 20);
        size_t position = 0;
        long line = 0;
        enum import_trouble trouble = TROUBLE_STOPPED;
        while (trouble == TROUBLE_STOPPED) {
            seen.stop_after = seen.rows + 1 + random_below(3);
            struct import_reader *reader = import_reader_new(table.delimiter, line, see, &seen);
            trouble = import_reader_feed(reader, buf_text(&table.file) + position,
                                         table.file.len - position);
            if (trouble == TROUBLE_NONE)
                trouble = import_reader_end(reader);
            position += import_reader_position(reader);
            line = import_reader_line(reader);
            import_reader_free(reader);
        }
        assert_int_equal(trouble, TROUBLE_NONE);
        assert_int_equal(position, table.file.len);
        assert_string_equal(buf_text(&seen.text), buf_text(&table.expect));
        buf_free(&seen.text);
        buf_free(&table.file);
        buf_free(&table.expect);
        arena_reset(arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows),
        cmocka_unit_test(what_breaks_a_limit),
        cmocka_unit_test(a_first_look),
        cmocka_unit_test(files_that_are_no_table),
        cmocka_unit_test(a_chosen_encoding),
        cmocka_unit_test(whatever_was_written_is_read),
        cmocka_unit_test(portions_join),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
