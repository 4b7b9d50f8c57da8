/* A workbook: the archive itself ("PK…"), or parts that are put into one, form feeds between: sheet, words, styles, book. */
#include "core/buf.h"
#include "domain/imports/import_workbook_read.h"
#include "fuzz.h"
#include "tests/support/workbook.h"
#include <sys/mman.h>
#include <unistd.h>

enum { PARTS = 6, TEXT_MAX = 4 << 20 };

static void pack(struct buf *zip, char *text) {
    static const char relations[] = "<a><Relationship Id='s' Type='t/worksheet' Target='s.xml'/>"
                                    "<Relationship Id='w' Type='t/sharedStrings' Target='w.xml'/>"
                                    "<Relationship Id='y' Type='t/styles' Target='y.xml'/></a>";
    struct workbook_part parts[PARTS] = {
        {"s.xml", "<a/>"},
        {"w.xml", "<a/>"},
        {"y.xml", "<a/>"},
        {"b.xml", "<a><sheet id='s'/></a>"},
        {"_rels/.rels", "<a><Relationship Id='b' Type='t/officeDocument' Target='b.xml'/></a>"},
        {"_rels/b.xml.rels", relations}};
    for (size_t i = 0; i < PARTS && text != NULL; i++) {
        parts[i].text = text;
        text = strchr(text, '\f');
        if (text != NULL)
            *text++ = '\0';
    }
    workbook_zip(zip, parts, PARTS);
}

/* What comes out is the reader's to judge (fuzz_import.c); here it has to be UTF-8 and a table. */
static void check(int fd, enum workbook_outcome outcome, const char *text, size_t size) {
    MUST(outcome <= WORKBOOK_TOO_LARGE);
    if (outcome != WORKBOOK_READ)
        return;
    MUST(size < TEXT_MAX && lseek(fd, 0, SEEK_END) == (off_t)size);
    MUST(size > 7 && memcmp(text, "sep=,\n", 6) == 0 && text[size - 1] == '\n');
    MUST(text_utf8_valid(text, size) && memchr(text, '\0', size) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char text[TEXT_MAX];
    struct arena *arena = fuzz_arena();
    struct buf zip;
    int fd = memfd_create("workbook", MFD_CLOEXEC);
    MUST(fd >= 0);
    buf_init(&zip, 1 << 20);
    if (size > 1 && memcmp(data, "PK", 2) == 0)
        buf_append(&zip, data, size);
    else
        pack(&zip, arena_strndup(arena, (const char *)data, size));
    enum workbook_outcome outcome = workbook_read(buf_text(&zip), zip.len, fd);
    ssize_t written = pread(fd, text, sizeof text, 0);
    MUST(written >= 0);
    check(fd, outcome, text, (size_t)written);
    close(fd);
    buf_free(&zip);
    return 0;
}
