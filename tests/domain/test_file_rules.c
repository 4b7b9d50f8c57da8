/* Which files are taken, and what they are called. */
#include "core/text.h"
#include "domain/files/file_rules.h"
#include "tests/http/http_test.h"

#define DOCX "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

static void types_come_from_the_content(void **state) {
    (void)state;
    static const struct {
        const char *sniffed, *name, *type;
        unsigned kinds;
    } cases[] = {
        {"image/png", "a.png", "image/png", FILE_PICTURE},
        {"image/png", "a.exe", "image/png", FILE_PICTURE},
        {"image/png", "a.png", NULL, FILE_DOCUMENT},
        {"image/svg+xml", "a.png", NULL, ~0U},
        {"text/html", "a.txt", NULL, ~0U},
        {"application/zip", "a.docx", NULL, ~0U},
        {DOCX, "a.zip", DOCX, FILE_DOCUMENT},
        {"application/pdf", "", "application/pdf", FILE_DOCUMENT},
        {"text/plain", "a.txt", "text/plain", FILE_DOCUMENT},
        {"text/plain", "a.CSV", "text/csv", FILE_DOCUMENT},
        {"text/plain", "a.html", "text/plain", FILE_DOCUMENT},
        /* a letter that begins like a program, and programs */
        {"text/x-c", "letter.txt", "text/plain", FILE_DOCUMENT},
        {"text/x-c", "prices.csv", "text/csv", FILE_DOCUMENT},
        {"text/x-c", "main.c", NULL, ~0U},
        {"text/x-shellscript", "run.sh", NULL, ~0U},
        {"text/x-shellscript", "run", NULL, ~0U},
        {"application/x-pie-executable", "a.pdf", NULL, ~0U},
        {"application/vnd.microsoft.portable-executable", "a.pdf", NULL, ~0U},
        {"application/octet-stream", "a.png", NULL, ~0U},
        {"audio/x-m4a", "memo.m4a", "audio/mp4", FILE_AUDIO},
        {"video/webm", "memo.webm", "video/webm", FILE_AUDIO},
        {"video/webm", "memo.webm", NULL, FILE_PICTURE | FILE_DOCUMENT},
        {NULL, "a.png", NULL, ~0U},
        {"", "", NULL, ~0U},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *type = file_type_of(cases[i].sniffed, cases[i].name, cases[i].kinds);
        if (!text_equal(type, cases[i].type))
            fail_msg("%s called %s: %s", cases[i].sniffed, cases[i].name, type ? type : "refused");
    }
}

static void pictures_alone_are_shown(void **state) {
    (void)state;
    assert_true(file_type_shown("image/png"));
    assert_true(file_type_shown("image/jpeg"));
    assert_false(file_type_shown("image/svg+xml"));
    assert_false(file_type_shown("image/heic"));
    assert_false(file_type_shown("application/pdf"));
    assert_false(file_type_shown("text/html"));
    assert_false(file_type_shown(NULL));
    /* what iPhones record comes as video/mp4, what other browsers record as video/webm */
    assert_true(file_type_heard("audio/mpeg") && file_type_heard("video/mp4") && file_type_heard("video/webm"));
    assert_false(file_type_heard("image/png"));
    assert_false(file_type_heard(NULL));
}

static void names_are_made_safe(void **state) {
    struct arena *arena = *state;
    static const struct {
        const char *name, *type, *clean;
    } cases[] = {
        {"plan.png", "image/png", "plan.png"},
        {"Plan der Wohnung.PNG", "image/png", "Plan der Wohnung.png"},
        {"photo.jpeg", "image/jpeg", "photo.jpeg"},
        {"مخطط.pdf", "application/pdf", "مخطط.pdf"},
        {"", "application/pdf", "file.pdf"},
        {".", "application/pdf", "file.pdf"},
        {"...", "application/pdf", "file.pdf"},
        {".pdf", "application/pdf", "pdf.pdf"},
        {".htaccess", "text/plain", "htaccess.txt"},
        {"a.", "text/plain", "a.txt"},
        {"a. . .", "text/plain", "a.txt"},
        {"  a \t b  .txt", "text/plain", "a b.txt"},
        /* the ending says what it is */
        {"photo.html", "image/png", "photo.html.png"},
        {"invoice.pdf.exe", "application/pdf", "invoice.pdf.exe.pdf"},
        {"run.bat", "text/plain", "run.bat.txt"},
        {"noending", "text/csv", "noending.csv"},
        {"a.b c", "text/plain", "a.b c.txt"},
        {"x.unheard-of-ending", "text/plain", "x.unheard-of-ending.txt"},
        /* paths, devices, what Windows refuses */
        {"../../etc/passwd", "text/plain", "_.._etc_passwd.txt"},
        {"C:\\temp\\a.txt", "text/plain", "C__temp_a.txt"},
        {"a<b>:\"|?*.txt", "text/plain", "a_b______.txt"},
        {"con", "text/plain", "_con.txt"},
        {"NUL.txt", "text/plain", "_NUL.txt"},
        {"aux.pdf.txt", "text/plain", "_aux.pdf.txt"},
        {"com7", "text/plain", "_com7.txt"},
        {"LPT1.log", "text/plain", "_LPT1.log"},
        {"comma", "text/plain", "comma.txt"},
        {"com", "text/plain", "com.txt"},
        {"con-artist.txt", "text/plain", "con-artist.txt"},
        /* what is not seen, and what turns round */
        {"a\r\nb\x01.txt", "text/plain", "a b.txt"},
        {"photo\xE2\x80\xAEgnp.exe", "image/png", "photognp.exe.png"},
        {"a\xE2\x80\x8B\xEF\xBB\xBF.txt", "text/plain", "a.txt"},
        {"a\xC2\xA0\xE3\x80\x80z.txt", "text/plain", "a z.txt"},
        {"\xC2\x85\xC2\xAD.txt", "text/plain", "txt.txt"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *clean = file_name_clean(arena, cases[i].name, cases[i].type);
        if (!text_equal(clean, cases[i].clean))
            fail_msg("%s becomes %s and not %s", cases[i].name, clean, cases[i].clean);
    }
}

static void long_names_are_cut_before_their_ending(void **state) {
    struct arena *arena = *state;
    char name[1024];
    for (size_t size = 1; size < 400; size++) {
        for (size_t i = 0; i < size; i++) /* ä, of two bytes */
            memcpy(name + 2 * i, "\xC3\xA4", 2);
        memcpy(name + 2 * size, ".docx", sizeof ".docx");
        const char *clean = file_name_clean(arena, name, DOCX);
        assert_true(strlen(clean) <= FILE_NAME_MAX);
        assert_true(text_ends(clean, "\xC3\xA4.docx"));
        assert_true(text_utf8_valid(clean, strlen(clean)));
    }
}

/* Whatever a name is made of, what comes out is one that every system takes. */
static void any_name_becomes_a_safe_one(void **state) {
    struct arena *arena = *state;
    static const char *const parts[] = {
        ".",    "..", "/",    "\\",           "a",    "é",    "\xF0\x9F\x98\x80", " ",  "\t",   "\n",
        "\x7F", "%",  "\"",   "\xE2\x80\xAE", "con",  "nul",  ".exe",             "|",  ".png", ".txt",
        "\x01", "*",  "\xC2\x80", "﻿",          "=cmd", "name", "-",                ";",  "'",    "{value}"};
    uint64_t seed = 20261124;
    for (int round = 0; round < 20000; round++) {
        char name[256] = "";
        size_t size = 0;
        for (size_t n = test_random(&seed) % 12; n > 0; n--) {
            const char *part = parts[test_random(&seed) % COUNT(parts)];
            memcpy(name + size, part, strlen(part) + 1);
            size += strlen(part);
        }
        const char *clean = file_name_clean(arena, name, "image/png");
        size_t length = strlen(clean);
        bool fine = length > 4 && length <= FILE_NAME_MAX && text_ends(clean, ".png") &&
                    clean[0] != '.' && clean[0] != ' ' && !strpbrk(clean, "/\\<>:\"|?*") &&
                    !text_has_control(clean, length) && !strpbrk(clean, "\t\r\n") &&
                    text_utf8_valid(clean, length) && !strstr(clean, "\xE2\x80\xAE");
        if (!fine)
            fail_msg("%s becomes %s", name, clean);
        /* and is one already */
        assert_string_equal(file_name_clean(arena, clean, "image/png"), clean);
        if (round % 1000 == 0)
            arena_reset(arena);
    }
}

static void content_lies_under_its_hash(void **state) {
    (void)state;
    char path[FILE_PATH_SIZE];
    file_path("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", path);
    assert_string_equal(path,
                        "store/e3/b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_come_from_the_content),
        cmocka_unit_test(pictures_alone_are_shown),
        cmocka_unit_test_setup_teardown(names_are_made_safe, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(long_names_are_cut_before_their_ending, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(any_name_becomes_a_safe_one, arena_setup, arena_teardown),
        cmocka_unit_test(content_lies_under_its_hash),
    };
    return cmocka_run_group_tests_name("files: rules", tests, NULL, NULL);
}
