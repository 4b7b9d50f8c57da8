/* A mail as text: what servers and mail programs must be able to read, and what nobody may put into it. */
#include "core/text.h"
#include "jobs/mail_encode.h"
#include "jobs/mail_message.h"
#include "tests/support/unit.h"

static struct buf head, out;

static int setup(void **state) {
    (void)state;
    buf_init(&head, MAIL_MESSAGE_MAX);
    buf_init(&out, MAIL_MESSAGE_MAX);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    buf_free(&head);
    buf_free(&out);
    return 0;
}

static const struct mail_message plain = {
    .from_name = "Tessera",
    .from = "portal@partners.example",
    .to_name = "Olive Alder",
    .to = "owner@alder.example",
    .reply_to = "help@partners.example",
    .subject = "A lead moved",
    .date = 1795541405, /* 24 November 2026 */
    .message_id = "0f0e0d0c-0000-4000-8000-000000000001@partners.example",
    .text = "It moved.\n",
};

static const char *written(const struct mail_message *message) {
    buf_clear(&head);
    buf_clear(&out);
    assert_int_equal(mail_message_write(message, &head, &out), OK);
    return buf_text(&out);
}

/* ASCII, CRLF, no line over 78 bytes. */
static void assert_travels(const char *text) {
    size_t line = 0;
    for (const char *c = text; *c != '\0'; c++) {
        assert_true((unsigned char)*c < 0x80);
        if (*c == '\n')
            assert_true(c > text && c[-1] == '\r');
        if (*c == '\r')
            assert_true(c[1] == '\n');
        line = *c == '\n' ? 0 : line + 1;
        if (line > 79) /* CR included */
            fail_msg("a line is too long: %.100s", c - 79);
    }
}

static void a_plain_mail(void **state) {
    (void)state;
    assert_string_equal(written(&plain), "Date: Tue, 24 Nov 2026 17:30:05 +0000\r\n"
                                         "From: Tessera <portal@partners.example>\r\n"
                                         "To: Olive Alder <owner@alder.example>\r\n"
                                         "Reply-To: help@partners.example\r\n"
                                         "Subject: A lead moved\r\n"
                                         "Message-ID: <0f0e0d0c-0000-4000-8000-000000000001@partners.example>\r\n"
                                         "Auto-Submitted: auto-generated\r\n"
                                         "X-Auto-Response-Suppress: All\r\n"
                                         "MIME-Version: 1.0\r\n"
                                         "Content-Type: text/plain; charset=utf-8\r\n"
                                         "Content-Transfer-Encoding: quoted-printable\r\n"
                                         "\r\n"
                                         "It moved.\r\n");
    assert_true(text_starts(buf_text(&out), buf_text(&head)));
}

static void conversations_and_the_way_out(void **state) {
    (void)state;
    struct mail_message message = plain;
    message.conversation = "about-1@partners.example";
    assert_contains(written(&message), "In-Reply-To: <about-1@partners.example>\r\nReferences: <about-1@partners.example>\r\n");
    message.earlier = "0f0e0d0c-0000-4000-8000-000000000000@partners.example";
    message.unsubscribe = "https://partners.example/unsubscribe/abc";
    const char *text = written(&message);
    assert_contains(text, "In-Reply-To: <0f0e0d0c-0000-4000-8000-000000000000@partners.example>\r\n");
    assert_contains(text, "References: <about-1@partners.example>\r\n <0f0e0d0c-0000-4000-8000-000000000000@partners.example>\r\n");
    assert_contains(text, "List-Unsubscribe:\r\n <https://partners.example/unsubscribe/abc>\r\n"
                          "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
}

static void html_is_an_alternative(void **state) {
    (void)state;
    struct mail_message message = plain;
    message.html = "<p>It moved: 100 % = all\n<p>ü";
    const char *text = written(&message), *boundary = strstr(text, "boundary=\"");
    assert_non_null(boundary);
    char mark[64];
    snprintf(mark, sizeof mark, "--%.*s", (int)strcspn(boundary + 10, "\""), boundary + 10);
    const char *first = strstr(text, mark), *second = strstr(first + 1, mark), *last = strstr(second + 1, mark);
    assert_true(first < strstr(text, "text/plain") && strstr(text, "text/plain") < second);
    assert_true(second < strstr(text, "text/html") && strstr(text, "text/html") < last);
    assert_true(text_starts(last + strlen(mark), "--\r\n"));
    assert_contains(text, "100 % =3D all\r\n<p>=C3=BC\r\n");
    assert_travels(text);
}

/* Whatever stands in a name or a subject, the header has the same lines. */
static void nothing_becomes_a_header(void **state) {
    (void)state;
    static const char *const evil[] = {"x\r\nBcc: a@b.example", "x\nBcc: a@b.example", "x\rBcc: a@b.example", "\r\n\r\nbody",
                                       "x\r\n Bcc: a@b.example", "\"x\" <a@b.example>, y", "=?UTF-8?Q?x=0D=0ABcc:_a@b.example?=",
                                       "\x01\x02\x7f", "\\", "\"", "a,b;c:d", "ü\r\nBcc: a@b.example", ""};
    for (size_t i = 0; i < sizeof evil / sizeof *evil; i++) {
        struct mail_message message = plain;
        message.subject = message.to_name = message.from_name = evil[i];
        assert_travels(written(&message));
        size_t fields = 0;
        for (const char *line = buf_text(&head); *line != '\0'; line = strchr(line, '\n') + 1) {
            fields += *line != ' ';
            assert_false(text_starts(line, "Bcc"));
            assert_false(*line == '\r');
        }
        assert_int_equal(fields, 9);
    }
}

static void addresses_that_are_none(void **state) {
    (void)state;
    static const char *const fine[] = {"a@b", "a.b+c@d-e.example", "o'neill@x.example", "_=?^@x.example"};
    static const char *const wrong[] = {"", "a", "a@", "@b", "a b@c", "a@b c", "a@b\r\nRCPT TO:<x@y>", "<a@b>", "a@b>", "a,b@c", "a..b@c", ".a@b",
                                        "a.@b", "a@.b", "a@b.", "\"a b\"@c", "ü@x.example", "a@ü.example", "a@b\n"};
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        assert_true(mail_address_fits(fine[i]));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct mail_message to = plain, id = plain;
        assert_false(mail_address_fits(wrong[i]));
        to.to = wrong[i];
        id.message_id = wrong[i];
        buf_clear(&head);
        assert_int_equal(mail_message_write(&to, &head, &out), ERR_INVALID);
        assert_int_equal(mail_message_write(&id, &head, &out), ERR_INVALID);
    }
    assert_false(mail_address_fits(NULL));
    struct mail_message link = plain;
    link.unsubscribe = "https://x.example/a>\r\nBcc: b";
    assert_int_equal(mail_message_write(&link, &head, &out), ERR_INVALID);
}

static const char *header(const char *text) {
    buf_clear(&out);
    mail_encode_header(&out, "Subject", text);
    return buf_text(&out);
}

static void subjects(void **state) {
    (void)state;
    assert_string_equal(header("A flat in Zürich"), "Subject: =?UTF-8?Q?A_flat_in_Z=C3=BCrich?=\r\n");
    assert_string_equal(header("会社"), "Subject: =?UTF-8?B?5Lya56S+?=\r\n");
    assert_string_equal(header(""), "Subject:\r\n");
    assert_string_equal(header("  =?UTF-8?Q?x?= y"), "Subject: =?UTF-8?B?PT9VVEYtOD9RP3g/PSB5?=\r\n");
    char longest[2000];
    for (size_t i = 0; i < sizeof longest - 1; i++)
        longest[i] = i % 9 == 8 ? ' ' : 'a';
    longest[sizeof longest - 1] = '\0';
    assert_travels(header(longest));
    assert_lacks(header(longest), "=?");
    memset(longest, 'w', 900);
    assert_travels(header(longest));
    static const char sharp[] = "ß";
    for (size_t i = 0; i + 2 < sizeof longest; i += 2)
        memcpy(longest + i, sharp, 2);
    longest[1998] = '\0';
    assert_travels(header(longest));
}

static const char *body(const char *text) {
    buf_clear(&out);
    mail_encode_body(&out, text);
    return buf_text(&out);
}

static void bodies(void **state) {
    (void)state;
    assert_string_equal(body("a\r\nb\nc\rd"), "a\r\nb\r\nc\r\nd\r\n");
    assert_string_equal(body("-- \nend \t"), "--=20\r\nend =09\r\n");
    assert_string_equal(body("From me\n.\n..x"), "=46rom me\r\n=2E\r\n=2E.x\r\n");
    assert_string_equal(body("a=b"), "a=3Db\r\n");
    assert_string_equal(body(""), "");
    char line[400];
    for (size_t n = 60; n < 160; n++) {
        memset(line, 'x', n);
        line[n] = '\0';
        assert_travels(body(line));
        line[n - 1] = '=';
        assert_travels(body(line));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_plain_mail, setup, teardown),
        cmocka_unit_test_setup_teardown(conversations_and_the_way_out, setup, teardown),
        cmocka_unit_test_setup_teardown(html_is_an_alternative, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_becomes_a_header, setup, teardown),
        cmocka_unit_test_setup_teardown(addresses_that_are_none, setup, teardown),
        cmocka_unit_test_setup_teardown(subjects, setup, teardown),
        cmocka_unit_test_setup_teardown(bodies, setup, teardown),
    };
    return cmocka_run_group_tests_name("jobs: mail as text", tests, NULL, NULL);
}
