/* Workbooks become CSV, and what is none becomes a sentence. */
#include "domain/imports/import_workbook.h"
#include "tests/support/unit.h"
#include "tests/support/workbook.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct buf zip;
static struct spool spool;

static int begin(void **state) {
    (void)state;
    buf_init(&zip, 64 << 20);
    spool = (struct spool){.fd = -1};
    return 0;
}

static int end(void **state) {
    (void)state;
    buf_free(&zip);
    spool_close(&spool);
    return 0;
}

static const char *directory(void) {
    const char *own = getenv("TMPDIR");
    return own ? own : "/tmp";
}

static enum import_trouble read_zip(const char **text) {
    return import_workbook_read(zip.data, zip.len, directory(), &spool, text);
}

static void assert_csv(const char *const *sheets, const char *csv) {
    const char *text;
    workbook_make(&zip, sheets);
    assert_int_equal(read_zip(&text), TROUBLE_NONE);
    char *copy = strndup(text, spool.size);
    assert_string_equal(copy, csv);
    free(copy);
    spool_close(&spool);
    buf_clear(&zip);
}

#define SHEETS(...) (const char *const[]){__VA_ARGS__, NULL}
#define TEXT(at, text) "<c r=\"" at "\" t=\"inlineStr\"><is><t>" text "</t></is></c>"

static void cells(void **state) {
    (void)state;
    assert_csv(SHEETS("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row>"
                      "<row r=\"2\"><c r=\"A2\" t=\"s\"><v>2</v></c><c r=\"B2\" t=\"s\"><v>3</v></c></row>"),
               "sep=,\n\"Name\",\"Email\"\n\"Zo\xC3\xAB\",\"=1+1\"\n");
    assert_csv(SHEETS("<row r=\"1\">" TEXT("A1", "say \"hi\", you") TEXT("B1", "a;b\tc&#10;d &lt;html&gt;") "</row>"),
               "sep=,\n\"say \"\"hi\"\", you\",\"a;b\tc\nd <html>\"\n");
    assert_csv(SHEETS("<row r=\"1\"><c r=\"A1\" t=\"b\"><v>1</v></c><c r=\"B1\" t=\"e\"><v>#N/A</v></c><c r=\"C1\"><v>7</v></c></row>"), "sep=,\nTRUE,\"#N/A\",7\n");
}

static void numbers_and_days(void **state) {
    (void)state;
    static const struct {
        const char *value, *look, *csv;
    } cases[] = {
        {"971501234567", "0", "971501234567"},
        {"1250000.5", "3", "1250000.5"}, /* "AED" and "dirham" hold a d, and are no days */
        {"0.1", "0", "0.1"},
        {"1E6", "0", "1000000"},
        {"-12.25", "0", "-12.25"},
        {"1.23E20", "0", "1.23e+20"},
        {"46387", "1", "2026-12-31"},
        {"46387.75", "2", "2026-12-31"},
        {"1", "1", "1900-01-01"},
        {"61", "1", "1900-03-01"},
        {"2958465", "1", "9999-12-31"},
        {"2958466", "1", "2958466"}, /* no day that has a name */
        {"0.5", "1", "0.5"},
        {"-3", "1", "-3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char sheet[256], csv[64];
        snprintf(sheet, sizeof sheet, "<row r=\"1\"><c r=\"A1\" s=\"%s\"><v>%s</v></c></row>", cases[i].look, cases[i].value);
        snprintf(csv, sizeof csv, "sep=,\n%s\n", cases[i].csv);
        assert_csv(SHEETS(sheet), csv);
    }
}

static void formulas_by_their_results(void **state) {
    (void)state;
    assert_csv(SHEETS("<row r=\"1\"><c r=\"A1\"><f>20+22</f><v>42</v></c><c r=\"B1\" t=\"str\"><f>\"a\"&amp;\"b\"</f><v>ab</v></c>"
                      "<c r=\"C1\" s=\"1\"><f>TODAY()</f><v>46387</v></c><c r=\"D1\" t=\"b\"><f>1=1</f><v>1</v></c></row>"),
               "sep=,\n42,\"ab\",2026-12-31,TRUE\n");
}

static void rows_keep_their_numbers(void **state) {
    (void)state;
    assert_csv(SHEETS("<row r=\"2\">" TEXT("B2", "x") "</row><row r=\"4\">" TEXT("A4", "y") "</row>"), "sep=,\n\n,\"x\"\n\n\"y\"\n");
    assert_csv(SHEETS("", "<row r=\"1\">" TEXT("A1", "second") "</row>", "<row r=\"1\">" TEXT("A1", "third") "</row>"), "sep=,\n\"second\"\n");
}

/* As other programs than spreadsheets write: elements with a prefix, texts in the cells, no styles, no addresses, paths from the
 * root, days from 1904, sheets that nobody sees. */
static void other_writers(void **state) {
    (void)state;
    static const struct workbook_part parts[] = {
        {"_rels/.rels", "<Relationships><Relationship Id='a' Type='http://x/extended-properties' Target='app.xml'/>"
                        "<Relationship Id='b' Type='http://x/officeDocument' Target='/book/book2.xml'/></Relationships>"},
        {"book/book2.xml", "<x:workbook xmlns:x='m' xmlns:r='r'><x:workbookPr date1904='true'/><x:sheets><x:sheet name='1' sheetId='1' state='hidden' r:id='h'/>"
                           "<x:sheet name='2' sheetId='2' state='visible' r:id='s'/></x:sheets></x:workbook>"},
        {"book/_rels/book2.xml.rels", "<Relationships><Relationship Id='h' Type='t/worksheet' Target='/hidden.xml'/>"
                                      "<Relationship Id='s' Type='t/worksheet' Target='one.xml'/><Relationship Id='y' Type='t/styles' Target='/styles.xml'/></Relationships>"},
        {"styles.xml", "<styleSheet><cellStyleXfs><xf numFmtId='0'/></cellStyleXfs><cellXfs><xf/><xf numFmtId='14'/></cellXfs></styleSheet>"},
        {"hidden.xml", "<worksheet><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>"},
        {"book/one.xml", "<x:worksheet xmlns:x='m'><x:sheetData><x:row><x:c t='str'><x:v>a</x:v></x:c><x:c/><x:c s='1'><x:v>44925</x:v></x:c><x:c t='d'><x:v>2026-12-31T00:00:00</x:v></x:c></x:row>"
                         "<x:row><x:c t='inlineStr'><x:is><x:r><x:t>x_x000D_&#10;</x:t></x:r><x:rPh><x:t>ignored</x:t></x:rPh><x:r><x:t>y</x:t></x:r></x:is></x:c></x:row>"
                         "</x:sheetData><x:v>not a cell's</x:v></x:worksheet>"},
    };
    const char *text;
    workbook_zip(&zip, parts, sizeof parts / sizeof *parts);
    assert_int_equal(read_zip(&text), TROUBLE_NONE);
    static const char csv[] = "sep=,\n\"a\",,2026-12-31,\"2026-12-31\"\n\"x\ny\"\n";
    assert_int_equal(spool.size, sizeof csv - 1);
    assert_memory_equal(text, csv, sizeof csv - 1);
}

static void broken_parts(void **state) {
    (void)state;
    static const char rels[] = "<a><Relationship Id='s' Type='t/worksheet' Target='s.xml'/><Relationship Id='w' Type='t/sharedStrings' Target='w.xml'/></a>";
    static const struct workbook_part good[] = {{"_rels/.rels", "<a><Relationship Id='b' Type='t/officeDocument' Target='b.xml'/></a>"},
                                                {"b.xml", "<workbook><sheets><sheet id='s'/></sheets></workbook>"},
                                                {"_rels/b.xml.rels", rels},
                                                {"w.xml", "<sst><si><t>x</t></si></sst>"},
                                                {"s.xml", "<worksheet><row><c t='s'><v>0</v></c></row></worksheet>"}};
    static const struct {
        size_t part;
        const char *text;
    } cases[] = {
        {0, "<a/>"},
        {0, "<a><Relationship Id='b' Type='t/officeDocument' Target='elsewhere.xml'/></a>"},
        {0, "<a><Relationship Id='b' Type='officeDocument' Target='b.xml'/></a>"},
        {1, "<workbook><sheets><sheet id='missing'/></sheets></workbook>"},
        {2, "<a><Relationship Id='s' Type='t/worksheet' Target='../../etc/passwd'/></a>"},
        {3, "<!DOCTYPE sst [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><sst><si><t>&b;</t></si></sst>"},
        {3, "<sst></sst>"},
        {3, "<sst><si><t>\xFF</t></si></sst>"},
        {4, "<worksheet><row><c t='s'><v>1</v></c></row></worksheet>"},
        {4, "<worksheet><row><c t='s'><v>-1</v></c></row></worksheet>"},
        {4, "<worksheet><row><c t='s'><v>0</v></c></row>"},
        {4, "<worksheet><c><v>0</v></c></worksheet>"},
        {4, "<worksheet><row r='2'/><row r='2'/></worksheet>"},
        {4, "<worksheet><row><c r='B1'/><c r='B1'/></row></worksheet>"},
    };
    enum { PARTS = sizeof good / sizeof *good };
    const char *text;
    for (size_t i = 0; i <= sizeof cases / sizeof *cases; i++) {
        struct workbook_part parts[PARTS];
        memcpy(parts, good, sizeof good);
        if (i > 0)
            parts[cases[i - 1].part].text = cases[i - 1].text;
        workbook_zip(&zip, parts, PARTS);
        enum import_trouble trouble = read_zip(&text);
        if (trouble != (i > 0 ? TROUBLE_WORKBOOK : TROUBLE_NONE))
            fail_msg("%zu: %s: %d", i, i > 0 ? cases[i - 1].text : "as it was", trouble);
        spool_close(&spool);
        buf_clear(&zip);
    }
    struct workbook_part longer[PARTS];
    memcpy(longer, good, sizeof good);
    longer[PARTS - 1].text = "<worksheet><row r='1048577'/></worksheet>"; /* more than any sheet has */
    workbook_zip(&zip, longer, PARTS);
    assert_int_equal(read_zip(&text), TROUBLE_UNPACKED);
}

static void nothing_in_it(void **state) {
    (void)state;
    const char *text;
    workbook_make(&zip, SHEETS("", ""));
    assert_int_equal(read_zip(&text), TROUBLE_EMPTY);
}

/* Whatever is cut off or overwritten: an answer, and never anybody's memory. */
static void broken_ones(void **state) {
    (void)state;
    const char *text;
    workbook_make(&zip, SHEETS("<row r=\"1\">" TEXT("A1", "x") "</row>"));
    size_t whole = zip.len;
    for (size_t size = 0; size < whole; size += 1 + whole / 60) {
        zip.len = size;
        assert_int_not_equal(read_zip(&text), TROUBLE_NONE);
        spool_close(&spool);
    }
    zip.len = whole;
    srandom(7);
    for (int i = 0; i < 60; i++) {
        size_t at = (size_t)random() % whole;
        char was = zip.data[at];
        zip.data[at] = (char)random();
        (void)read_zip(&text);
        spool_close(&spool);
        zip.data[at] = was;
    }
    assert_int_equal(read_zip(&text), TROUBLE_NONE);
}

static void cells_where_none_can_be(void **state) {
    (void)state;
    static const char *const places[] = {"A0", "1", "A", "", "XFE1", "A1048577", "AAAAAAAAAA1", "A99999999999", "a1", "A-1"};
    const char *text;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char sheet[256];
        snprintf(sheet, sizeof sheet, "<row><c r=\"%s\"><v>1</v></c></row>", places[i]);
        workbook_make(&zip, SHEETS(sheet));
        assert_int_equal(read_zip(&text), TROUBLE_WORKBOOK);
        spool_close(&spool);
        buf_clear(&zip);
    }
    /* the last cell there can be: a million empty lines before it are no harm */
    workbook_make(&zip, SHEETS("<row r=\"1048576\">" TEXT("XFD1048576", "x") "</row>"));
    assert_int_equal(read_zip(&text), TROUBLE_NONE);
    assert_in_range(spool.size, 1048576, 1048576 + 16384 + 64);
}

static long seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static void bombs(void **state) {
    (void)state;
    const char *text;
    workbook_bomb(&zip, 1);
    assert_int_equal(read_zip(&text), TROUBLE_EMPTY); /* a small one is merely an empty sheet */
    spool_close(&spool);
    buf_clear(&zip);
#ifndef __SANITIZE_ADDRESS__ /* which cannot be limited */
    long began = seconds_now();
    struct rusage usage;
    workbook_bomb(&zip, 2000);
    assert_in_range(zip.len, 1 << 20, 16 << 20);
    assert_int_equal(read_zip(&text), TROUBLE_UNPACKED);
    assert_in_range(seconds_now() - began, 0, 20);
    getrusage(RUSAGE_CHILDREN, &usage);
    assert_in_range(usage.ru_maxrss, 1, 700 << 10); /* KiB */
    getrusage(RUSAGE_SELF, &usage);
    assert_in_range(usage.ru_maxrss, 1, 200 << 10);
#endif
}

/* As much as unpacks to a thousand times itself is refused long before what a large workbook may hold. */
static void small_bombs(void **state) {
    (void)state;
    const char *text;
    workbook_bomb(&zip, 100);
    assert_in_range(zip.len, 1, 1 << 20);
    assert_int_equal(read_zip(&text), TROUBLE_UNPACKED);
}

/* A tag or a comment without an end would be read from its beginning with every piece that comes. */
static void endless_tokens(void **state) {
    (void)state;
    static const struct {
        const char *begin, *end;
        char filler;
    } tokens[] = {{"<!--", "-->", 'x'}, {"<row r=\"1\" foo=\"", "\"/>", 'x'}, {"<", "/>", 'x'}, {"<?foo ", "?>", 'x'}, {"<row ", "/>", ' '}};
    enum { SHORT = 128 * 1024, LONG = 512 * 1024 };
    const char *text;
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
        for (int is_long = 0; is_long < 2; is_long++) {
            struct buf sheet;
            buf_init(&sheet, 1 << 20);
            buf_puts(&sheet, tokens[i].begin);
            for (int n = is_long ? LONG : SHORT; n > 0; n--)
                buf_putc(&sheet, tokens[i].filler);
            buf_printf(&sheet, "%s<row r=\"2\">" TEXT("A2", "x") "</row>", tokens[i].end);
            workbook_make(&zip, SHEETS(sheet.data));
            enum import_trouble trouble = read_zip(&text);
            if (trouble != (is_long ? TROUBLE_WORKBOOK : TROUBLE_NONE))
                fail_msg("%s%s: %d", is_long ? "long " : "", tokens[i].begin, trouble);
            spool_close(&spool);
            buf_clear(&zip);
            buf_free(&sheet);
        }
}

/* In any part, and before its first tag. */
static void endless_comments_elsewhere(void **state) {
    (void)state;
    struct buf styles;
    buf_init(&styles, 1 << 20);
    buf_puts(&styles, "<!--");
    for (int n = 0; n < 512 * 1024; n++)
        buf_putc(&styles, 'x');
    buf_puts(&styles, "--><styleSheet/>");
    const struct workbook_part parts[] = {{"_rels/.rels", "<a><Relationship Id='b' Type='t/officeDocument' Target='b.xml'/></a>"},
                                          {"b.xml", "<workbook><sheets><sheet id='s'/></sheets></workbook>"},
                                          {"_rels/b.xml.rels", "<a><Relationship Id='s' Type='t/worksheet' Target='s.xml'/><Relationship Id='y' Type='t/styles' Target='y.xml'/></a>"},
                                          {"y.xml", styles.data},
                                          {"s.xml", "<worksheet><row><c><v>0</v></c></row></worksheet>"}};
    const char *text;
    workbook_zip(&zip, parts, sizeof parts / sizeof *parts);
    assert_int_equal(read_zip(&text), TROUBLE_WORKBOOK);
    buf_free(&styles);
}

/* One for each person, two for all. */
static void turns(void **state) {
    (void)state;
    int ann, bob, other;
    assert_int_equal(import_workbook_turn(directory(), "ann", &ann), TROUBLE_NONE);
    assert_int_equal(import_workbook_turn(directory(), "ann", &other), TROUBLE_BUSY);
    assert_int_equal(other, -1);
    assert_int_equal(import_workbook_turn(directory(), "bob", &bob), TROUBLE_NONE);
    assert_int_equal(import_workbook_turn(directory(), "eve", &other), TROUBLE_BUSY);
    import_workbook_turn_end(&ann);
    assert_int_equal(import_workbook_turn(directory(), "bob", &other), TROUBLE_BUSY);
    assert_int_equal(import_workbook_turn(directory(), "eve", &other), TROUBLE_NONE);
    import_workbook_turn_end(&bob);
    import_workbook_turn_end(&other);
    import_workbook_turn_end(&other);
    assert_int_equal(import_workbook_turn("/nonexistent", "ann", &other), TROUBLE_STORE);
}

/* A million rows of the widest kind: the text is cut, not the disk filled. */
static void more_text_than_fits(void **state) {
    (void)state;
#ifndef __SANITIZE_ADDRESS__
    struct buf sheet;
    buf_init(&sheet, 64 << 20);
    for (int i = 1; i <= 20000; i++)
        buf_printf(&sheet, "<row r=\"%d\"><c r=\"XFD%d\"><v>1</v></c></row>", i, i);
    const char *text;
    workbook_make(&zip, SHEETS(sheet.data));
    assert_int_equal(read_zip(&text), TROUBLE_UNPACKED);
    buf_free(&sheet);
#endif
}

static size_t open_files(void) {
    DIR *list = opendir("/proc/self/fd");
    assert_non_null(list);
    size_t count = 0;
    while (readdir(list) != NULL)
        count++;
    closedir(list);
    return count;
}

static void nothing_is_left(void **state) {
    (void)state;
    const char *text;
    size_t before = open_files();
    workbook_make(&zip, SHEETS("<row r=\"1\">" TEXT("A1", "x") "</row>"));
    for (int i = 0; i < 5; i++) {
        (void)read_zip(&text);
        spool_close(&spool);
    }
    assert_int_equal(open_files(), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* and no child */
    assert_int_equal(import_workbook_read(zip.data, zip.len, "/nonexistent", &spool, &text), TROUBLE_STORE);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(cells),         TEST(numbers_and_days),        TEST(formulas_by_their_results), TEST(rows_keep_their_numbers),
        TEST(other_writers), TEST(broken_parts), TEST(nothing_in_it), TEST(broken_ones),             TEST(cells_where_none_can_be),   TEST(bombs),
        TEST(small_bombs), TEST(endless_tokens), TEST(endless_comments_elsewhere), TEST(turns),
        TEST(more_text_than_fits), TEST(nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
