/* The calendar file, by RFC 5545. (An independent reader has its say in
 * tests/e2e/calendar.test.mjs.) */
#include "core/text.h"
#include "domain/calendar/ics.h"
#include "tests/support/unit.h"
#include <stdio.h>
#include <stdlib.h>

enum { STARTS = 1795662000 /* 2026-11-26 03:00 UTC */, MAX = 1 << 20 };

static uint64_t seed = 20261125;

static size_t draw(size_t below) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(seed >> 33) % below;
}

/* What a reader does (section 3.1): a line break and a blank after it were not there. */
static void unfold(const char *text, struct buf *out) {
    for (const char *c = text; *c; c++) {
        if (strncmp(c, "\r\n ", 3) == 0)
            c += 2;
        else
            buf_putc(out, *c);
    }
}

/* And with a TEXT value (3.3.11). */
static void unescape(const char *text, struct buf *out) {
    for (const char *c = text; *c; c++) {
        if (*c == '\\' && c[1])
            buf_putc(out, *++c == 'n' || *c == 'N' ? '\n' : *c);
        else
            buf_putc(out, *c);
    }
}

/* Every line ends with CRLF, has at most 75 octets and is whole UTF-8 by itself. */
static void check_lines(const char *text) {
    while (*text) {
        const char *end = strstr(text, "\r\n");
        assert_non_null(end);
        assert_in_range(end - text, 0, 75);
        assert_null(memchr(text, '\n', (size_t)(end - text)));
        assert_true(text_utf8_valid(text, (size_t)(end - text)));
        text = end + 2;
    }
}

static void draw_text(struct buf *out, size_t pieces, bool lines) {
    static const char *const parts[] = {"a", "B", "7", " ",  ",", ";",  "\\",      ":",  "\"",
                                        "é", "ن", "न", "楼", "🏠", "\n", "e\u0301", "\t", "word "};
    for (size_t i = 0; i < pieces; i++) {
        const char *part = parts[draw(sizeof parts / sizeof *parts)];
        buf_puts(out, *part == '\n' && !lines ? "-" : part);
    }
}

static void unfolding_undoes_folding(void **state) {
    (void)state;
    for (int i = 0; i < 3000; i++) {
        struct buf line, folded, back;
        buf_init(&line, MAX);
        buf_init(&folded, MAX);
        buf_init(&back, MAX);
        draw_text(&line, draw(400), false);
        ics_fold(buf_text(&line), &folded);
        check_lines(buf_text(&folded));
        unfold(buf_text(&folded), &back);
        assert_string_equal(buf_text(&back) + back.len - 2, "\r\n");
        assert_int_equal(back.len, line.len + 2);
        assert_memory_equal(buf_text(&back), buf_text(&line), line.len);
        buf_free(&line);
        buf_free(&folded);
        buf_free(&back);
    }
}

static void folds_where_it_must(void **state) {
    (void)state;
    char line[81];
    struct buf out;
    memset(line, 'x', 80);
    for (size_t size = 73; size <= 80; size++) {
        line[size] = '\0';
        buf_init(&out, MAX);
        ics_fold(line, &out);
        assert_int_equal(out.len, size + 2 + (size > 75 ? 3 : 0));
        if (size > 75)
            assert_memory_equal(buf_text(&out) + 75, "\r\n x", 4);
        line[size] = 'x';
        buf_free(&out);
    }
}

static void unescaping_undoes_escaping(void **state) {
    (void)state;
    for (int i = 0; i < 3000; i++) {
        struct buf text, escaped, back;
        buf_init(&text, MAX);
        buf_init(&escaped, MAX);
        buf_init(&back, MAX);
        draw_text(&text, draw(60), true);
        ics_escape(buf_text(&text), &escaped);
        assert_null(strchr(buf_text(&escaped), '\n'));
        unescape(buf_text(&escaped), &back);
        assert_string_equal(buf_text(&back), buf_text(&text));
        buf_free(&text);
        buf_free(&escaped);
        buf_free(&back);
    }
}

static void controls_are_left_out(void **state) {
    (void)state;
    struct buf out;
    buf_init(&out, MAX);
    ics_escape("a\r\nBEGIN:VALARM\x01\x7f,b", &out);
    assert_string_equal(buf_text(&out), "a\\nBEGIN:VALARM\\,b");
    buf_free(&out);
}

static char *written(const struct ics_event *event) {
    static char text[1 << 16];
    struct buf out;
    buf_init(&out, MAX);
    ics_write(event, &out);
    check_lines(buf_text(&out));
    snprintf(text, sizeof text, "%s", buf_text(&out));
    buf_free(&out);
    return text;
}

static void the_whole_file(void **state) {
    (void)state;
    const struct ics_event event = {.uid = "0b5c",
                                    .organizer = "Meridian \"Partners\", Dubai",
                                    .organizer_mail = "support@meridian.example",
                                    .sequence = 2,
                                    .changed = STARTS - 3600,
                                    .starts = STARTS,
                                    .ends = STARTS + 5400,
                                    .title = "Viewing; 2nd, with lift",
                                    .place = "1 Marina Road",
                                    .about = "With Tarek\nBring keys",
                                    .url = "https://partners.example/appointments/0b5c",
                                    .notice = 60};
    assert_string_equal(
        written(&event),
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Tessera//Partner "
        "portal//EN\r\nCALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n"
        "BEGIN:VEVENT\r\nUID:0b5c\r\nSEQUENCE:2\r\nSTATUS:CONFIRMED\r\nDTSTAMP:"
        "20261126T020000Z\r\nLAST-MODIFIED:20261126T020000Z\r\n"
        "DTSTART:20261126T030000Z\r\nDTEND:20261126T043000Z\r\n"
        "ORGANIZER;CN=\"Meridian Partners, Dubai\":mailto:support@meridian.example\r\nSUMMARY:Viewing\\; 2nd\\, with "
        "lift\r\nLOCATION:1 Marina Road\r\n"
        "DESCRIPTION:With Tarek\\nBring keys\r\nURL:https://partners.example/appointments/0b5c\r\n"
        "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT60M\r\nDESCRIPTION:Viewing\\; 2nd\\, with "
        "lift\r\nEND:VALARM\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n");
}

static void called_off(void **state) {
    (void)state;
    const struct ics_event event = {.uid = "0b5c",
                                    .sequence = 3,
                                    .changed = STARTS,
                                    .starts = STARTS,
                                    .ends = STARTS + 60,
                                    .title = "Call",
                                    .cancelled = true,
                                    .notice = 15};
    const char *text = written(&event);
    assert_contains(text, "METHOD:CANCEL\r\n");
    assert_contains(text, "STATUS:CANCELLED\r\n");
    assert_contains(text, "SEQUENCE:3\r\n");
    assert_lacks(text, "ORGANIZER");
    assert_lacks(text, "VALARM");
    assert_lacks(text, "LOCATION");
    assert_lacks(text, "URL");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unfolding_undoes_folding),
        cmocka_unit_test(folds_where_it_must),
        cmocka_unit_test(unescaping_undoes_escaping),
        cmocka_unit_test(controls_are_left_out),
        cmocka_unit_test(the_whole_file),
        cmocka_unit_test(called_off),
    };
    return cmocka_run_group_tests_name("calendar: file", tests, NULL, NULL);
}
