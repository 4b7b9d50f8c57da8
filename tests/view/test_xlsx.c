/* The workbook, read back as a zip reader reads it. */
#include "tests/support/unit.h"
#include "tests/view/table.h"
#include "view/xlsx.h"
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>

enum { PARTS_MAX = 16, FILE_MAX = 64 << 20 };

static struct buf file;
static struct {
    char path[64];
    char *text;
} parts[PARTS_MAX];
static size_t nparts;

static int set_up(void **state) {
    (void)state;
    buf_init(&file, FILE_MAX);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    buf_free(&file);
    for (size_t i = 0; i < nparts; i++)
        free(parts[i].text);
    nparts = 0;
    return 0;
}

static void unpack(void) {
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    archive_read_support_format_zip(archive);
    assert_int_equal(archive_read_open_memory(archive, file.data, file.len), ARCHIVE_OK);
    while (archive_read_next_header(archive, &entry) == ARCHIVE_OK) {
        struct buf text;
        char bytes[4096];
        la_ssize_t size;
        buf_init(&text, FILE_MAX);
        while ((size = archive_read_data(archive, bytes, sizeof bytes)) > 0)
            buf_append(&text, bytes, (size_t)size);
        assert_int_equal(size, 0);
        assert_true(nparts < PARTS_MAX);
        snprintf(parts[nparts].path, sizeof parts[nparts].path, "%s", archive_entry_pathname(entry));
        parts[nparts++].text = strdup(buf_text(&text));
        buf_free(&text);
    }
    assert_string_equal(archive_error_string(archive) ? archive_error_string(archive) : "", "");
    archive_read_free(archive);
}

static const char *part(const char *path) {
    for (size_t i = 0; i < nparts; i++)
        if (strcmp(parts[i].path, path) == 0)
            return parts[i].text;
    fail_msg("there is no part %s", path);
    return NULL;
}

static void write_all(const struct rows *rows, size_t sheet_rows) {
    xlsx_begin(rows, sheet_rows, &file);
    xlsx_rows(rows, &file);
    xlsx_end(&file);
    assert_false(buf_overflowed(&file));
    unpack();
}

static const struct column cols[] = {{"name", COLUMN_TEXT}, {"value", COLUMN_NUMERIC}, {"_key", COLUMN_TEXT},
                                     {"open", COLUMN_BOOL}, {"at", COLUMN_TIMESTAMP},  {"day", COLUMN_DATE}};
static const char *const cells[] = {
    "Ahmed & <Sons>", "12500.50", "hidden", "t",  "2026-11-20 12:00:00+00", "2026-11-20",
    "two\nlines",     NULL,       "hidden", "f",  NULL,                     "1899-01-01",
    "x\x01y\xEF\xBF\xBF", "NaN",  "hidden", NULL, "infinity",               "infinity",
    "z",              "12345678901234567890", "hidden", "t", "1900-01-01 00:00:00+00", NULL,
};
TABLE(table, cols, cells, .one = false);

static void values_keep_their_types(void **state) {
    (void)state;
    write_all(&table, XLSX_SHEET_ROWS);
    assert_int_equal(nparts, 6);
    assert_string_equal(parts[0].path, "[Content_Types].xml");
    const char *sheet = part("xl/worksheets/sheet1.xml");
    assert_contains(sheet, ">Ahmed &amp; &lt;Sons&gt;</t>");
    assert_contains(sheet, "<c><v>12500.50</v></c>");
    assert_contains(sheet, "<c t=\"b\"><v>1</v></c><c s=\"2\"><v>46346.50000000</v></c><c s=\"3\"><v>46346</v></c>");
    assert_contains(sheet, ">two\nlines</t></is></c><c/><c t=\"b\"><v>0</v></c><c/>");
    assert_contains(sheet, ">xy</t>");
    assert_contains(sheet, ">NaN</t>");
    assert_contains(sheet, ">infinity</t>");
    assert_contains(sheet, ">1899-01-01</t>");
    assert_contains(sheet, ">12345678901234567890</t>"); /* a number would lose digits */
    assert_lacks(sheet, "hidden");
    assert_lacks(sheet, "_key");
    assert_contains(part("xl/workbook.xml"), "<sheet name=\"1\" sheetId=\"1\" r:id=\"sheet1\"/></sheets>");
}

static void nothing_is_a_formula(void **state) {
    (void)state;
    static const struct column one[] = {{"=x", COLUMN_TEXT}};
    static const char *const texts[] = {"=1+1", "+971 50", "-2+3", "@SUM(A1)", "\tx", "a=b"};
    TABLE(formulas, one, texts, .one = false);
    write_all(&formulas, XLSX_SHEET_ROWS);
    const char *sheet = part("xl/worksheets/sheet1.xml");
    assert_lacks(sheet, "<f");
    assert_lacks(sheet, "<v>");
    for (size_t i = 0; i < 5; i++) {
        char cell[128];
        snprintf(cell, sizeof cell, "<c s=\"4\" t=\"inlineStr\"><is><t xml:space=\"preserve\">%s</t></is></c>", texts[i]);
        assert_contains(sheet, cell);
    }
    assert_contains(sheet, "<c s=\"0\" t=\"inlineStr\"><is><t xml:space=\"preserve\">a=b</t>");
}

static void a_full_sheet_is_followed_by_another(void **state) {
    (void)state;
    write_all(&table, 2); /* a head and one row each */
    assert_int_equal(nparts, 9);
    assert_contains(part("xl/worksheets/sheet4.xml"), ">z</t>");
    assert_contains(part("xl/worksheets/sheet4.xml"), ">name</t>");
    assert_contains(part("xl/workbook.xml"), "r:id=\"sheet4\"");
    assert_contains(part("xl/_rels/workbook.xml.rels"), "worksheets/sheet4.xml");
}

/* What comes out after each portion is gone from memory; a workbook that nobody ended is put aside. */
static void it_comes_in_pieces(void **state) {
    (void)state;
    struct buf piece;
    buf_init(&piece, FILE_MAX);
    xlsx_begin(&table, XLSX_SHEET_ROWS, &piece);
    xlsx_rows(&table, &piece);
    buf_clear(&piece);
    xlsx_begin(&table, XLSX_SHEET_ROWS, &piece);
    size_t most = 0;
    for (int i = 0; i < 2000; i++) {
        buf_append(&file, buf_text(&piece), piece.len);
        buf_clear(&piece);
        xlsx_rows(&table, &piece);
        most = piece.len > most ? piece.len : most;
    }
    xlsx_end(&piece);
    buf_append(&file, buf_text(&piece), piece.len);
    buf_free(&piece);
    assert_true(most < 128 << 10);
    unpack();
    const char *sheet = part("xl/worksheets/sheet1.xml");
    size_t rows = 0;
    for (const char *at = strstr(sheet, "<row>"); at; at = strstr(at + 1, "<row>"))
        rows++;
    assert_int_equal(rows, 1 + 2000 * 4);
}

static void what_does_not_fit_is_no_workbook(void **state) {
    (void)state;
    struct buf small;
    buf_init(&small, 100);
    xlsx_begin(&table, XLSX_SHEET_ROWS, &small);
    xlsx_rows(&table, &small);
    xlsx_end(&small);
    assert_true(buf_overflowed(&small));
    buf_free(&small);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(values_keep_their_types),
        TEST(nothing_is_a_formula),
        TEST(a_full_sheet_is_followed_by_another),
        TEST(it_comes_in_pieces),
        TEST(what_does_not_fit_is_no_workbook),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
