/* What libmagic says of real and of hostile contents, and the store on a real disk. */
#include "core/buf.h"
#include "core/text.h"
#include "domain/files/files.h"
#include "tests/http/http_test.h"
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *walk) {
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static int make_folder(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/tessera-store-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state) {
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ── What it is ── */

enum { ENTRY_SIZE = 60 /* bytes, compressed */ };

/* One entry of a ZIP archive as it stands in the file; claimed: how large it says that it becomes. */
static void zip_entry(struct buf *zip, const char *name, uint32_t claimed) {
    static const char head[18] = "PK\3\4\24\0\0\0\10\0\0\0\0\0\0\0\0";
    size_t size = strlen(name);
    buf_append(zip, head, sizeof head);
    for (int i = 0; i < 2; i++) {
        uint32_t n = i == 0 ? ENTRY_SIZE : claimed;
        for (int shift = 0; shift < 32; shift += 8)
            buf_putc(zip, (char)(n >> shift & 0xFF));
    }
    buf_putc(zip, (char)size);
    buf_append(zip, "\0\0\0", 3);
    buf_puts(zip, name);
    for (int i = 0; i < ENTRY_SIZE; i++)
        buf_putc(zip, '\0');
}

#define BYTES(text) text, sizeof(text) - 1

static void contents_are_known(void **state) {
    (void)state;
    static const struct {
        const char *data;
        size_t size;
        const char *type;
    } cases[] = {
        {BYTES("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0"), "image/png"},
        {BYTES("\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xd9"), "image/jpeg"},
        {BYTES("GIF89a\1\0\1\0\x80\0\0"), "image/gif"},
        {BYTES("RIFF\x1a\0\0\0WEBPVP8 \x0e\0\0\0\0\0\0\0"), "image/webp"},
        {BYTES("%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF"), "application/pdf"},
        {BYTES("Dear Anna,\n\nSaturday is fine.\n"), "text/plain"},
        {BYTES("a,b,c\n1,2,3\n4,5,6\n"), "text/csv"},
        {BYTES("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"), "text/calendar"},
        {BYTES("OggS\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\x13OpusHead\1\1\0\0"), "audio/ogg"},
        /* refused, whatever they are called */
        {BYTES("<svg xmlns=\"http://www.w3.org/2000/svg\"><script>1</script></svg>"), NULL},
        {BYTES("<!doctype html><script>alert(1)</script>"), NULL},
        {BYTES("hello\n<html><body><script>alert(1)</script></body></html>"), NULL},
        {BYTES("#!/bin/sh\nrm -rf /\n"), NULL},
        {BYTES("\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3e\0\1\0\0\0"), NULL},
        {BYTES("MZ\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
               "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x40\0\0\0PE\0\0\x4c\1"), NULL},
        {BYTES("\x1f\x8b\10\0\0\0\0\0\0\3"), NULL},
        {BYTES("\0\0\0\0\0\0\0\0"), NULL},
        {BYTES("\1\2\3\4\5\6\7\x80\x90"), NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *exact = malloc(cases[i].size); /* so that sanitizers see a read behind its end */
        assert_non_null(exact);
        memcpy(exact, cases[i].data, cases[i].size);
        const char *sniffed = file_sniff(exact, cases[i].size);
        const char *type = file_type_of(sniffed, "a.png", ~0U);
        if (!text_equal(type, cases[i].type))
            fail_msg("case %zu is %s, taken as %s", i, sniffed, type ? type : "nothing");
        free(exact);
    }
}

static void office_documents_are_known_by_their_entries(void **state) {
    (void)state;
    static const struct {
        const char *entries[4], *type;
    } cases[] = {
        {{"[Content_Types].xml", "_rels/.rels", "word/document.xml"},
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
        {{"docProps/app.xml", "docProps/core.xml", "xl/theme/theme1.xml", "xl/workbook.xml"},
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        {{"holiday.jpg"}, NULL},
        {{"setup.exe", "word/document.xml"}, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct buf zip;
        buf_init(&zip, 4096);
        for (size_t e = 0; e < 4 && cases[i].entries[e]; e++)
            zip_entry(&zip, cases[i].entries[e], 400);
        const char *type = file_type_of(file_sniff(zip.data, zip.len), "a.docx", ~0U);
        if (!text_equal(type, cases[i].type))
            fail_msg("%s … is taken as %s", cases[i].entries[0], type ? type : "nothing");
        buf_free(&zip);
    }
}

static long memory(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss; /* KiB */
}

/* Entries that say they become four gigabytes each: nobody asks them to. */
static void bombs_are_not_opened(void **state) {
    (void)state;
    struct buf zip;
    buf_init(&zip, 1 << 20);
    zip_entry(&zip, "[Content_Types].xml", 100);
    zip_entry(&zip, "_rels/.rels", 100);
    for (int i = 0; i < 1000; i++)
        zip_entry(&zip, "word/document.xml", UINT32_MAX - 1);
    long before = memory();
    assert_non_null(file_type_of(file_sniff(zip.data, zip.len), "a.docx", FILE_DOCUMENT));
    assert_true(memory() - before < 32 * 1024);
    buf_free(&zip);
}

/* Cut, turned round and mixed: an answer every time. */
static void any_bytes_get_an_answer(void **state) {
    (void)state;
    static const char *const heads[] = {"\x89PNG\r\n\x1a\n", "%PDF-", "PK\3\4", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "RIFF", "OggS", "GIF89a", "<html", "\x1f\x8b", "From "};
    uint64_t seed = 20261124;
    for (int round = 0; round < 400; round++) {
        size_t size = 1 + test_random(&seed) % 3000;
        char *data = malloc(size);
        assert_non_null(data);
        for (size_t i = 0; i < size; i++)
            data[i] = (char)(test_random(&seed) >> 24);
        const char *head = heads[test_random(&seed) % COUNT(heads)];
        memcpy(data, head, strlen(head) < size ? strlen(head) : size);
        assert_non_null(file_sniff(data, size));
        free(data);
    }
}

/* ── Where it lies ── */

static const char *path_of(const char *sha256) {
    static char path[256];
    char below[FILE_PATH_SIZE];
    file_path(sha256, below);
    snprintf(path, sizeof path, "%s/%s", folder, below);
    return path;
}

static size_t count_files(const char *sha256) {
    char path[256];
    snprintf(path, sizeof path, "%s/store/%.2s", folder, sha256);
    DIR *dir = opendir(path);
    size_t count = 0;
    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;)
        count += entry->d_name[0] != '.';
    if (dir != NULL)
        closedir(dir);
    return count;
}

static void the_same_content_lies_there_once(void **state) {
    (void)state;
    char sha256[2 * SHA256_SIZE + 1], data[10000];
    memset(data, 'x', sizeof data);
    file_hash(data, sizeof data, sha256);
    assert_int_equal(strlen(sha256), 64);
    for (int i = 0; i < 3; i++)
        assert_int_equal(file_store_write(folder, sha256, data, sizeof data), OK);
    assert_int_equal(count_files(sha256), 1);
    struct stat info;
    assert_int_equal(stat(path_of(sha256), &info), 0);
    assert_int_equal(info.st_size, sizeof data);
    assert_int_equal(info.st_mode & 0111, 0); /* nobody runs it */
}

/* What a machine that went down in the middle left behind is put right with the next upload. */
static void half_a_file_is_written_again(void **state) {
    (void)state;
    char sha256[2 * SHA256_SIZE + 1];
    static const char data[] = "a whole text";
    file_hash(data, sizeof data, sha256);
    assert_int_equal(file_store_write(folder, sha256, data, sizeof data), OK);
    assert_int_equal(truncate(path_of(sha256), 3), 0);
    assert_int_equal(file_store_write(folder, sha256, data, sizeof data), OK);
    struct stat info;
    assert_int_equal(stat(path_of(sha256), &info), 0);
    assert_int_equal(info.st_size, sizeof data);
}

static void a_store_that_is_not_there_is_said(void **state) {
    (void)state;
    char sha256[2 * SHA256_SIZE + 1];
    file_hash("x", 1, sha256);
    assert_int_equal(file_store_write("/nonexistent/place", sha256, "x", 1), ERR_UNAVAILABLE);
    assert_int_equal(errno, ENOENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contents_are_known),
        cmocka_unit_test(office_documents_are_known_by_their_entries),
        cmocka_unit_test(bombs_are_not_opened),
        cmocka_unit_test(any_bytes_get_an_answer),
        cmocka_unit_test_setup_teardown(the_same_content_lies_there_once, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(half_a_file_is_written_again, make_folder, remove_folder),
        cmocka_unit_test(a_store_that_is_not_there_is_said),
    };
    return cmocka_run_group_tests_name("files: store", tests, NULL, NULL);
}
