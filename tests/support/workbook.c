#include "tests/support/workbook.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static const char content_types[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
    "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
    "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
    "<Default Extension=\"xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
    "<Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>"
    "<Override PartName=\"/xl/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/>"
    "<Override PartName=\"/xl/sharedStrings.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml\"/>"
    "</Types>";

#define RELATIONS "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define RELATIONSHIPS "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
#define MAIN "http://schemas.openxmlformats.org/spreadsheetml/2006/main"

static const char relations[] = RELATIONSHIPS "<Relationship Id=\"rId1\" Type=\"" RELATIONS "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";

static const char styles[] =
    "<styleSheet xmlns=\"" MAIN "\"><numFmts count=\"2\"><numFmt numFmtId=\"164\" formatCode=\"[$-409]d\\-mmm\\-yyyy;@\"/>"
    "<numFmt numFmtId=\"165\" formatCode=\"#,##0.00\\ &quot;dirham&quot;\"/></numFmts>"
    "<cellXfs count=\"4\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\" applyNumberFormat=\"1\"/><xf numFmtId=\"164\" applyNumberFormat=\"1\"/>"
    "<xf numFmtId=\"165\" applyNumberFormat=\"1\"/></cellXfs></styleSheet>";

static const char shared[] =
    "<sst xmlns=\"" MAIN "\" count=\"4\" uniqueCount=\"4\"><si><t>Name</t></si><si><t>Email</t></si>"
    "<si><r><t>Zo</t></r><r><rPr><b/></rPr><t>\xC3\xAB</t></r></si><si><t>=1+1</t></si></sst>";

/* ── The archive ── */

static void put(struct buf *zip, uint32_t n, int bytes) {
    for (; bytes-- > 0; n >>= 8)
        buf_putc(zip, (char)(n & 0xFF));
}

static uint32_t crc(uint32_t sum, const char *bytes, size_t size) {
    sum = ~sum;
    for (size_t i = 0; i < size; i++) {
        sum ^= (uint8_t)bytes[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320U : 0);
    }
    return ~sum;
}

enum { STORED = 0, DEFLATED = 8, ENTRIES_MAX = 16 };

struct archive {
    struct buf *zip;
    struct entry {
        char name[64];
        uint32_t method, crc, packed, unpacked, at;
    } entries[ENTRIES_MAX];
    size_t count;
};

static void put_facts(struct buf *zip, const struct entry *entry) {
    put(zip, 20, 2);
    put(zip, 0, 2);
    put(zip, entry->method, 2);
    put(zip, 0x5A210000, 4);
    put(zip, entry->crc, 4);
    put(zip, entry->packed, 4);
    put(zip, entry->unpacked, 4);
    put(zip, (uint32_t)strlen(entry->name), 2);
    put(zip, 0, 2);
}

static void add_packed(struct archive *archive, struct entry entry, const char *bytes) {
    entry.at = (uint32_t)archive->zip->len;
    archive->entries[archive->count++] = entry;
    put(archive->zip, 0x04034B50, 4);
    put_facts(archive->zip, &entry);
    buf_puts(archive->zip, entry.name);
    buf_append(archive->zip, bytes, entry.packed);
}

static void add(struct archive *archive, const char *name, const char *text) {
    uint32_t size = (uint32_t)strlen(text);
    struct entry entry = {.method = STORED, .crc = crc(0, text, size), .packed = size, .unpacked = size};
    snprintf(entry.name, sizeof entry.name, "%s", name);
    add_packed(archive, entry, text);
}

static void end(struct archive *archive) {
    struct buf *zip = archive->zip;
    uint32_t at = (uint32_t)zip->len;
    for (size_t i = 0; i < archive->count; i++) {
        put(zip, 0x02014B50, 4);
        put(zip, 20, 2);
        put_facts(zip, &archive->entries[i]);
        put(zip, 0, 4); /* comment, disk */
        put(zip, 0, 2);
        put(zip, 0, 4);
        put(zip, archive->entries[i].at, 4);
        buf_puts(zip, archive->entries[i].name);
    }
    uint32_t size = (uint32_t)zip->len - at;
    put(zip, 0x06054B50, 4);
    put(zip, 0, 4);
    put(zip, (uint32_t)archive->count, 2);
    put(zip, (uint32_t)archive->count, 2);
    put(zip, size, 4);
    put(zip, at, 4);
    put(zip, 0, 2);
}

void workbook_zip(struct buf *zip, const struct workbook_part *parts, size_t count) {
    struct archive archive = {.zip = zip};
    for (size_t i = 0; i < count; i++)
        add(&archive, parts[i].path, parts[i].text);
    end(&archive);
}

/* ── The book ── */

static void begin(struct archive *archive, size_t sheets) {
    struct buf book, parts;
    buf_init(&book, 1 << 16);
    buf_init(&parts, 1 << 16);
    buf_puts(&book, "<workbook xmlns=\"" MAIN "\" xmlns:r=\"" RELATIONS "\"><sheets>");
    buf_puts(&parts, RELATIONSHIPS);
    for (size_t i = 1; i <= sheets; i++) {
        buf_printf(&book, "<sheet name=\"Sheet%zu\" sheetId=\"%zu\" r:id=\"rId%zu\"/>", i, i, i);
        buf_printf(&parts, "<Relationship Id=\"rId%zu\" Type=\"" RELATIONS "/worksheet\" Target=\"worksheets/sheet%zu.xml\"/>", i, i);
    }
    buf_puts(&book, "</sheets></workbook>");
    buf_puts(&parts, "<Relationship Id=\"rId98\" Type=\"" RELATIONS "/styles\" Target=\"styles.xml\"/>"
                     "<Relationship Id=\"rId99\" Type=\"" RELATIONS "/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>");
    add(archive, "[Content_Types].xml", content_types);
    add(archive, "_rels/.rels", relations);
    add(archive, "xl/workbook.xml", book.data);
    add(archive, "xl/_rels/workbook.xml.rels", parts.data);
    add(archive, "xl/styles.xml", styles);
    add(archive, "xl/sharedStrings.xml", shared);
    buf_free(&book);
    buf_free(&parts);
}

#define SHEET_HEAD "<worksheet xmlns=\"" MAIN "\"><sheetData>"
#define SHEET_FOOT "</sheetData></worksheet>"

void workbook_make(struct buf *zip, const char *const *sheets) {
    struct archive archive = {.zip = zip};
    size_t count = 0;
    while (sheets[count] != NULL)
        count++;
    begin(&archive, count);
    for (size_t i = 0; i < count; i++) {
        size_t room = strlen(sheets[i]) + sizeof SHEET_HEAD SHEET_FOOT;
        char *xml = malloc(room), name[64];
        if (xml == NULL)
            abort();
        snprintf(xml, room, "%s%s%s", SHEET_HEAD, sheets[i], SHEET_FOOT);
        snprintf(name, sizeof name, "xl/worksheets/sheet%zu.xml", i + 1);
        add(&archive, name, xml);
        free(xml);
    }
    end(&archive);
}

/* Bits from the lowest one of each byte on, as RFC 1951 wants them. */
struct bits {
    struct buf out;
    uint32_t held;
    int count;
};

static void put_bits(struct bits *bits, uint32_t value, int count) {
    bits->held |= value << bits->count;
    for (bits->count += count; bits->count >= 8; bits->count -= 8, bits->held >>= 8)
        buf_putc(&bits->out, (char)(bits->held & 0xFF));
}

static void put_code(struct bits *bits, uint32_t code, int count) { /* Huffman's come the other way round */
    while (count-- > 0)
        put_bits(bits, code >> count & 1, 1);
}

void workbook_bomb(struct buf *zip, size_t mb) {
    enum { REPEATED = 258 };
    static const char blanks[REPEATED + 1] = {[0 ... REPEATED - 1] = ' '};
    struct archive archive = {.zip = zip};
    struct bits bits = {.held = 0};
    struct entry entry = {.name = "xl/worksheets/sheet1.xml", .method = DEFLATED};
    size_t repeats = mb * 1024 * 1024 / REPEATED;
    begin(&archive, 1);
    buf_init(&bits.out, 64 << 20);
    put_bits(&bits, 1, 1); /* the last block */
    put_bits(&bits, 1, 2); /* with the fixed codes */
    for (const char *c = SHEET_HEAD " "; *c; c++)
        put_code(&bits, 0x30U + (uint8_t)*c, 8);
    for (size_t i = 0; i < repeats; i++) {
        put_code(&bits, 0xC5, 8); /* 258 bytes … */
        put_code(&bits, 0, 5);    /* … as the one before */
    }
    for (const char *c = SHEET_FOOT; *c; c++)
        put_code(&bits, 0x30U + (uint8_t)*c, 8);
    put_code(&bits, 0, 7);
    put_bits(&bits, 0, 7);
    entry.crc = crc(0, SHEET_HEAD " ", sizeof SHEET_HEAD);
    for (size_t i = 0; i < repeats && mb < 4; i++) /* of a large one nobody comes to read it */
        entry.crc = crc(entry.crc, blanks, REPEATED);
    entry.crc = crc(entry.crc, SHEET_FOOT, sizeof SHEET_FOOT - 1);
    entry.packed = (uint32_t)bits.out.len;
    entry.unpacked = (uint32_t)(sizeof SHEET_HEAD + repeats * REPEATED + sizeof SHEET_FOOT - 1);
    add_packed(&archive, entry, bits.out.data);
    end(&archive);
    buf_free(&bits.out);
}
