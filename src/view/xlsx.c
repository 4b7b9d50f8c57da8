#include "view/xlsx.h"

#include "core/text.h"
#include "view/facets_internal.h"
#include "view/value.h"
#include <archive.h>
#include <archive_entry.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

enum {
    ROW_MAX = 1 << 20,  /* bytes of one row's markup */
    CELL_MAX = 32767,   /* characters that a cell takes */
    DIGITS_MAX = 15,    /* that a spreadsheet's number keeps */
    DAY_SECONDS = 86400,
    EPOCH_SERIAL = 25569 /* 1970-01-01 in days as spreadsheets count them */
};

/* Indexes of styles_xml's cellXfs. */
enum style { STYLE_PLAIN, STYLE_HEAD, STYLE_TIME, STYLE_DAY, STYLE_QUOTED };

#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define PACKAGE "http://schemas.openxmlformats.org/package/2006/"
#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define SHEET_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml."

/* Sheets are what any part is that isn't named: how many there will be is not known when this is written. */
static const char types_xml[] = XML
    "<Types xmlns=\"" PACKAGE "content-types\">"
    "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
    "<Default Extension=\"xml\" ContentType=\"" SHEET_TYPE "worksheet+xml\"/>"
    "<Override PartName=\"/xl/workbook.xml\" ContentType=\"" SHEET_TYPE "sheet.main+xml\"/>"
    "<Override PartName=\"/xl/styles.xml\" ContentType=\"" SHEET_TYPE "styles+xml\"/></Types>";
static const char rels_xml[] = XML
    "<Relationships xmlns=\"" PACKAGE "relationships\"><Relationship Id=\"rId1\" Type=\"" OFFICE
    "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";
static const char styles_xml[] = XML
    "<styleSheet xmlns=\"" MAIN "\"><numFmts count=\"2\"><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\\ hh:mm\"/>"
    "<numFmt numFmtId=\"165\" formatCode=\"yyyy\\-mm\\-dd\"/></numFmts>"
    "<fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font><font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts>"
    "<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill></fills>"
    "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
    "<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>"
    "<cellXfs count=\"5\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>"
    "<xf numFmtId=\"0\" fontId=\"1\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\"/>"
    "<xf numFmtId=\"164\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>"
    "<xf numFmtId=\"165\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>"
    "<xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" quotePrefix=\"1\"/></cellXfs></styleSheet>";

/* The one workbook of the process. */
static struct {
    struct archive *archive; /* NULL: none is being written */
    struct buf *out;
    struct buf row;
    size_t sheets, rows_in_sheet, sheet_rows;
    bool failed;
} book;

static la_ssize_t take(struct archive *archive, void *context, const void *bytes, size_t size) {
    (void)archive;
    (void)context;
    buf_append(book.out, bytes, size);
    return (la_ssize_t)size;
}

static void need(bool done) {
    if (!done)
        book.failed = true;
    if (book.failed)
        book.out->overflowed = true;
}

static void put(const char *bytes, size_t size) {
    need(archive_write_data(book.archive, bytes, size) == (la_ssize_t)size);
}

static void begin_part(const char *path) {
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, path);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, time(NULL), 0);
    need(archive_write_header(book.archive, entry) == ARCHIVE_OK);
    archive_entry_free(entry);
}

static void put_part(const char *path, const char *text) {
    begin_part(path);
    put(text, strlen(text));
}

/* ── Cells ── */

static bool hidden(const struct rows *rows, size_t col) {
    return rows->cols[col].name[0] == '_';
}

/* As XML 1.0 has it: characters that it cannot hold are left out, and what a cell cannot. */
static void put_text(struct buf *out, const char *text) {
    size_t characters = 0;
    for (const char *c = text; *c != '\0'; c++) {
        unsigned char byte = (unsigned char)*c;
        if ((byte & 0xC0) != 0x80 && ++characters > CELL_MAX)
            return;
        if (byte == '&')
            buf_puts(out, "&amp;");
        else if (byte == '<')
            buf_puts(out, "&lt;");
        else if (byte == '>')
            buf_puts(out, "&gt;");
        else if (byte == '\r')
            buf_puts(out, "&#13;");
        else if (byte == 0xEF && ((unsigned char)c[1] == 0xBF) && ((unsigned char)c[2] >= 0xBE))
            c += 2; /* U+FFFE and U+FFFF */
        else if (byte >= ' ' || byte == '\t' || byte == '\n')
            buf_putc(out, *c);
    }
}

static void put_string(struct buf *out, const char *text, enum style style) {
    buf_printf(out, "<c s=\"%d\" t=\"inlineStr\"><is><t xml:space=\"preserve\">", (int)style);
    put_text(out, text);
    buf_puts(out, "</t></is></c>");
}

static long two_digits(const char *at) {
    return (at[0] - '0') * 10 + at[1] - '0';
}

/* Days since 1970-01-01 of a day in RFC 3339's writing. */
static long day_number(const char *iso) {
    struct tm tm = {.tm_year = (int)(two_digits(iso) * 100 + two_digits(iso + 2) - 1900),
                    .tm_mon = (int)two_digits(iso + 5) - 1,
                    .tm_mday = (int)two_digits(iso + 8)};
    return (long)(timegm(&tm) / DAY_SECONDS);
}

/* False for what is no time that spreadsheets count (before 1900, infinity). */
static bool put_time(struct buf *out, const char *text, bool day_only) {
    char iso[64];
    if (!time_to_iso(text, iso, sizeof iso) || strlen(iso) < 10 || iso[4] != '-' || strcmp(iso, "1900-03-01") < 0)
        return false;
    long serial = day_number(iso) + EPOCH_SERIAL;
    if (day_only || strlen(iso) < 19)
        buf_printf(out, "<c s=\"%d\"><v>%ld</v></c>", (int)STYLE_DAY, serial);
    else
        buf_printf(out, "<c s=\"%d\"><v>%.8f</v></c>", (int)STYLE_TIME,
                   (double)serial + (double)(two_digits(iso + 11) * 3600 + two_digits(iso + 14) * 60 +
                                             two_digits(iso + 17)) / DAY_SECONDS);
    return true;
}

static void put_cell(struct buf *out, const struct value *value) {
    if (value->kind == VALUE_BOOL) {
        buf_printf(out, "<c t=\"b\"><v>%d</v></c>", value->n != 0);
        return;
    }
    if (value->kind != VALUE_TEXT || value->text[0] == '\0') {
        buf_puts(out, "<c/>");
        return;
    }
    bool number = value->type == COLUMN_INT || value->type == COLUMN_NUMERIC;
    if (number && value_is_number(value->text) && strlen(value->text) <= DIGITS_MAX) {
        buf_printf(out, "<c><v>%s</v></c>", value->text);
        return;
    }
    bool time = value->type == COLUMN_TIMESTAMP || value->type == COLUMN_DATE;
    if (time && put_time(out, value->text, value->type == COLUMN_DATE))
        return;
    put_string(out, value->text, strchr("=+-@\t\r", value->text[0]) ? STYLE_QUOTED : STYLE_PLAIN);
}

/* ── Sheets ── */

static int width_of(enum column_type type) {
    return type == COLUMN_TIMESTAMP ? 17 : type == COLUMN_DATE ? 12 : type == COLUMN_INT || type == COLUMN_NUMERIC ? 14 : 26;
}

static void put_row(void) {
    need(!buf_overflowed(&book.row));
    put(buf_text(&book.row), book.row.len);
    buf_clear(&book.row);
    book.rows_in_sheet++;
}

static void begin_sheet(const struct rows *rows) {
    char path[64];
    snprintf(path, sizeof path, "xl/worksheets/sheet%zu.xml", ++book.sheets);
    begin_part(path);
    book.rows_in_sheet = 0;
    buf_puts(&book.row, XML "<worksheet xmlns=\"" MAIN "\"><sheetViews><sheetView workbookViewId=\"0\">"
             "<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><cols>");
    size_t shown = 0;
    for (size_t col = 0; col < rows->ncols; col++)
        if (!hidden(rows, col) && ++shown > 0)
            buf_printf(&book.row, "<col min=\"%zu\" max=\"%zu\" width=\"%d\" customWidth=\"1\"/>", shown, shown,
                       width_of(rows->cols[col].type));
    buf_puts(&book.row, "</cols><sheetData><row>");
    for (size_t col = 0; col < rows->ncols; col++)
        if (!hidden(rows, col))
            put_string(&book.row, rows->cols[col].name, STYLE_HEAD);
    buf_puts(&book.row, "</row>");
    put_row();
}

static void end_sheet(void) {
    static const char end[] = "</sheetData></worksheet>";
    put(end, sizeof end - 1);
}

static void put_aside(void) {
    if (book.archive == NULL)
        return;
    (void)archive_write_close(book.archive); /* one that is only freed keeps what it compresses with */
    archive_write_free(book.archive);
    book.archive = NULL;
}

void xlsx_begin(const struct rows *rows, size_t sheet_rows, struct buf *out) {
    struct buf nowhere;
    buf_init(&nowhere, 1);
    book.out = &nowhere;
    put_aside();
    buf_free(&nowhere);
    book.out = out;
    book.failed = false;
    book.sheets = 0;
    book.sheet_rows = sheet_rows;
    if (book.row.max == 0)
        buf_init(&book.row, ROW_MAX);
    buf_clear(&book.row);
    book.archive = archive_write_new();
    if (book.archive == NULL)
        abort();
    /* The sizes of parts are not known before they end; without zip64 every reader understands how they are told. */
    need(archive_write_set_format_zip(book.archive) == ARCHIVE_OK &&
         archive_write_set_options(book.archive, "zip:!zip64,zip:compression=deflate") == ARCHIVE_OK &&
         archive_write_set_bytes_in_last_block(book.archive, 1) == ARCHIVE_OK &&
         archive_write_open(book.archive, NULL, NULL, take, NULL) == ARCHIVE_OK);
    put_part("[Content_Types].xml", types_xml);
    put_part("_rels/.rels", rels_xml);
    put_part("xl/styles.xml", styles_xml);
    begin_sheet(rows);
}

void xlsx_rows(const struct rows *rows, struct buf *out) {
    book.out = out;
    for (size_t row = 0; row < rows->nrows && !book.failed; row++) {
        if (book.rows_in_sheet == book.sheet_rows) {
            end_sheet();
            begin_sheet(rows);
        }
        buf_puts(&book.row, "<row>");
        for (size_t col = 0; col < rows->ncols; col++) {
            if (hidden(rows, col))
                continue;
            struct value value = value_of_cell(rows, row, col);
            put_cell(&book.row, &value);
        }
        buf_puts(&book.row, "</row>");
        put_row();
    }
    need(true);
}

/* Now that it is known how many sheets there are. */
static void put_workbook(void) {
    struct buf sheets, rels;
    buf_init(&sheets, ROW_MAX);
    buf_init(&rels, ROW_MAX);
    buf_puts(&sheets, XML "<workbook xmlns=\"" MAIN "\" xmlns:r=\"" OFFICE "\"><sheets>");
    buf_puts(&rels, XML "<Relationships xmlns=\"" PACKAGE "relationships\">"
             "<Relationship Id=\"styles\" Type=\"" OFFICE "/styles\" Target=\"styles.xml\"/>");
    for (size_t i = 1; i <= book.sheets; i++) {
        buf_printf(&sheets, "<sheet name=\"%zu\" sheetId=\"%zu\" r:id=\"sheet%zu\"/>", i, i, i);
        buf_printf(&rels, "<Relationship Id=\"sheet%zu\" Type=\"" OFFICE "/worksheet\" Target=\"worksheets/sheet%zu.xml\"/>", i, i);
    }
    buf_puts(&sheets, "</sheets></workbook>");
    buf_puts(&rels, "</Relationships>");
    put_part("xl/workbook.xml", buf_text(&sheets));
    put_part("xl/_rels/workbook.xml.rels", buf_text(&rels));
    buf_free(&sheets);
    buf_free(&rels);
}

void xlsx_end(struct buf *out) {
    book.out = out;
    end_sheet();
    put_workbook();
    need(archive_write_close(book.archive) == ARCHIVE_OK);
    archive_write_free(book.archive);
    book.archive = NULL;
}
