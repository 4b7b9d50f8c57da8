#include "http_test.h"

#include "core/buf.h"
#include "core/text.h"
#include "http/form_data.h"

#define PART(disposition)  "Content-Disposition: form-data; " disposition "\r\n"
#define FIELD(name, value) "--b\r\n" PART("name=\"" name "\"") "\r\n" value "\r\n"
#define END                "--b--\r\n"

struct outcome {
    enum err err;
    const char *reason;
    const char *text; /* "field=value;" and "field:filename:type:data;" */
};

static struct outcome parse_bytes(struct arena *arena, const char *boundary, const char *bytes,
                                  size_t size) {
    struct params *fields = params_new(arena);
    struct upload *uploads = NULL;
    size_t nuploads = 0;
    struct outcome outcome = {.reason = NULL, .text = ""};
    /* A copy of just that size, so that the sanitizers see a read behind its end. */
    char *exact = malloc(size > 0 ? size : 1);
    assert_non_null(exact);
    memcpy(exact, bytes, size);
    outcome.err =
        multipart_parse(arena, boundary, exact, size, fields, &uploads, &nuploads, &outcome.reason);
    for (size_t i = 0; i < fields->count; i++)
        outcome.text = arena_printf(arena, "%s%s=%s;", outcome.text, fields->items[i].name,
                                    fields->items[i].value);
    for (size_t i = 0; i < nuploads; i++)
        outcome.text = arena_printf(arena, "%s%s:%s:%s:%.*s;", outcome.text, uploads[i].field,
                                    uploads[i].filename, uploads[i].type, (int)uploads[i].size,
                                    (const char *)uploads[i].data);
    free(exact);
    return outcome;
}

static struct outcome parse(struct arena *arena, const char *body) {
    return parse_bytes(arena, "b", body, strlen(body));
}

static void reads_parts(void **state) {
    static const struct {
        const char *in;
        const char *out;
    } cases[] = {
        {END, ""},
        {"--b--", ""},
        {"--b--  \t\r\n", ""},
        {FIELD("a", "1") END, "a=1;"},
        {FIELD("a", "1") "--b--", "a=1;"},
        {FIELD("a", "1") FIELD("b", "2") END, "a=1;b=2;"},
        {FIELD("a", "1") FIELD("a", "2") END, "a=1;a=2;"},
        {FIELD("a", "") END, "a=;"},
        {FIELD("a", "one\r\ntwo") END, "a=one\r\ntwo;"},
        {FIELD("a", "\r\n") END, "a=\r\n;"},
        {FIELD("a", "--") END, "a=--;"},
        {FIELD("a", "x\n--b\ny") END, "a=x\n--b\ny;"},
        {FIELD("caf\xc3\xa9", "\xe2\x82\xac") END, "café=€;"},
        {FIELD("with \\\"quote\\\"", "1") END, "with \"quote\"=1;"},
        {FIELD("with %22quote%22", "1") END, "with \"quote\"=1;"},
        {FIELD("100%25", "1") END, "100%25=1;"},
        /* preamble, epilogue, padding behind the boundary */
        {"This is a preamble.\r\n" FIELD("a", "1") END, "a=1;"},
        {"\r\n" FIELD("a", "1") END, "a=1;"},
        {"--bogus\r\n" FIELD("a", "1") END, "a=1;"},
        {FIELD("a", "1") END "epilogue \xff", "a=1;"},
        {FIELD("a", "1") END "--b\r\nanything", "a=1;"},
        {"--b \t\r\n" PART("name=a") "\r\n1\r\n--b-- ", "a=1;"},
        /* lines that only begin like the boundary */
        {FIELD("a", "x\r\n--bc\r\ny") END, "a=x\r\n--bc\r\ny;"},
        {FIELD("a", "x\r\n--b-\r\ny") END, "a=x\r\n--b-\r\ny;"},
        {FIELD("a", "x\r\n--b--c\r\ny") END, "a=x\r\n--b--c\r\ny;"},
        {FIELD("a", "x\r\n--b y") END, "a=x\r\n--b y;"},
        {FIELD("a", "x\r\n-\r\n--\r\n--") END, "a=x\r\n-\r\n--\r\n--;"},
        {FIELD("a", "x\r\r\n--bx") END, "a=x\r\r\n--bx;"},
        /* a part without a body (RFC 2046 leaves its CRLF to the delimiter) */
        {"--b\r\n" PART("name=a") "\r\n--b--", "a=;"},
        /* headers */
        {"--b\r\ncontent-disposition:form-data;name=a\r\n\r\n1\r\n" END, "a=1;"},
        {"--b\r\nX-Other: y\r\n" PART("name=a") "\r\n1\r\n" END, "a=1;"},
        {"--b\r\n" PART("name=a") "Content-Type: text/plain\r\n\r\n1\r\n" END, "a=1;"},
        {"--b\r\n" PART("name=a") "Content-Transfer-Encoding: 8BIT\r\n\r\n1\r\n" END, "a=1;"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct outcome outcome = parse(*state, cases[i].in);
        if (outcome.err != OK || strcmp(outcome.text, cases[i].out) != 0)
            fail_msg("case %zu gave \"%s\", %s", i, outcome.text,
                     outcome.reason != NULL ? outcome.reason : "OK");
    }
}

static void reads_files(void **state) {
    static const struct {
        const char *disposition;
        const char *filename;
    } cases[] = {
        {"name=f; filename=\"a.pdf\"", "a.pdf"},
        {"name=f; filename=a.pdf", "a.pdf"},
        {"name=f; filename=two words.pdf", "two words.pdf"},
        {"name=f; filename=\"\"", ""},
        {"filename=\"a.pdf\"; name=f", "a.pdf"},
        {"name=f; filename=\"/etc/passwd\"", "passwd"},
        {"name=f; filename=\"../../up.pdf\"", "up.pdf"},
        {"name=f; filename=\"C:\\Users\\Mira\\a.pdf\"", "a.pdf"},
        {"name=f; filename=\"\\\\\\\\host\\\\share\\\\a.pdf\"", "a.pdf"},
        {"name=f; filename=\"a%22b%22.pdf\"", "a\"b\".pdf"},
        {"name=f; filename=\"a\\\"b.pdf\"", "a\"b.pdf"},
        {"name=f; filename=\"100%.pdf\"", "100%.pdf"},
        {"name=f; filename=\"line%0D%0Aend.pdf\"", "line__end.pdf"},
        {"name=f; filename=\"a;b.pdf\"", "a;b.pdf"},
        {"name=f; filename=\"\xe0\xa4\xa8.pdf\"", "न.pdf"},
        {"name=f; filename*=UTF-8''%E2%82%AC.pdf", "€.pdf"},
        {"name=f; filename=\"x.pdf\"; filename*=utf-8'en'%E2%82%AC.pdf", "€.pdf"},
        {"name=f; filename=\"x.pdf\"; filename*=UTF-8''..%2Fup.pdf", "up.pdf"},
        {"name=f; filename=\"x.pdf\"; filename*=ISO-8859-1''%E9.pdf", "x.pdf"},
        {"name=f; filename=\"x.pdf\"; filename*=UTF-8''%FF.pdf", "x.pdf"},
        {"name=f; filename=\"x.pdf\"; filename*=UTF-8", "x.pdf"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *body = arena_printf(*state,
                                        "--b\r\nContent-Disposition: form-data; %s\r\n"
                                        "Content-Type: application/pdf\r\n\r\ndata\r\n" END,
                                        cases[i].disposition);
        const char *expected =
            arena_printf(*state, "f:%s:application/pdf:data;", cases[i].filename);
        struct outcome outcome = parse(*state, body);
        if (outcome.err != OK || strcmp(outcome.text, expected) != 0)
            fail_msg("%s gave \"%s\", %s", cases[i].disposition, outcome.text,
                     outcome.reason != NULL ? outcome.reason : "OK");
    }
}

static void file_data_is_any_bytes(void **state) {
    static const char head[] = "--b\r\n" PART("name=f; filename=x") "\r\n";
    static const char data[] = "\0\x01\xff\r\n--\r\n--c\r\n\r";
    static const char tail[] = "\r\n" END;
    struct params *fields = params_new(*state);
    struct upload *uploads = NULL;
    size_t nuploads = 0;
    const char *reason = NULL;
    struct buf body;
    buf_init(&body, 4096);
    buf_append(&body, head, sizeof head - 1);
    buf_append(&body, data, sizeof data - 1);
    buf_append(&body, tail, sizeof tail - 1);
    assert_int_equal(
        multipart_parse(*state, "b", body.data, body.len, fields, &uploads, &nuploads, &reason),
        OK);
    assert_int_equal(nuploads, 1);
    assert_int_equal(uploads[0].size, sizeof data - 1);
    assert_memory_equal(uploads[0].data, data, sizeof data - 1);
    assert_true((const char *)uploads[0].data == body.data + sizeof head - 1);
    assert_string_equal(uploads[0].type, "");
    buf_free(&body);
}

static void refuses_parts(void **state) {
    static const struct {
        const char *in;
        const char *says;
    } cases[] = {
        {"", "whole"},
        {"\r\n", "whole"},
        {"--b", "whole"},
        {"--b\r", "whole"},
        {"--b\r\n", "whole"},
        {"--b-", "whole"},
        {"--b\n" PART("name=a") "\r\n1\r\n", "whole"},
        {"no boundary at all", "whole"},
        {FIELD("a", "1"), "whole"},
        {FIELD("a", "1") "--b", "whole"},
        {FIELD("a", "1") "--bc--\r\n", "whole"},
        {"--b\r\n" PART("name=a"), "whole"},
        {"--b\r\n" PART("name=a") "\r\n", "whole"},
        {"--b\nContent-Disposition: form-data; name=a\n\n1\n--b--\n", "whole"},
        {"--b\r\n\r\nno headers\r\n" END, "which field"},
        {"--b\r\nContent-Type: text/plain\r\n\r\n1\r\n" END, "which field"},
        {"--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n" END, "which field"},
        {"--b\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n" END, "which field"},
        {"--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n" END, "which field"},
        {"--b\r\n" PART("name=a") PART("name=b") "\r\n1\r\n" END, "twice"},
        {"--b\r\n" PART("name=a") "no colon\r\n\r\n1\r\n" END, "headers"},
        {"--b\r\n" PART("name=a") ": nameless\r\n\r\n1\r\n" END, "headers"},
        {"--b\r\n" PART("name=a") " folded: x\r\n\r\n1\r\n" END, "headers"},
        {"--b\r\n" PART("name=a") "X: a\rb\r\n\r\n1\r\n" END, "headers"},
        {"--b\r\n" PART("name=a") "X: a\nb\r\n\r\n1\r\n" END, "headers"},
        {"--b\r\n" PART("name=a") "--b--\r\n", "headers"},
        {"--b\r\n" PART("name=a") "Content-Transfer-Encoding: base64\r\n\r\nMQ==\r\n" END,
         "encoded"},
        {"--b\r\n" PART("name=\"a\x01\"") "\r\n1\r\n" END, "control"},
        {"--b\r\n" PART("name=\"a%0Ab\"") "\r\n1\r\n" END, "control"},
        {"--b\r\n" PART("name=\"\xff\"") "\r\n1\r\n" END, "UTF-8"},
        {"--b\r\n" PART("name=f; filename=\"\xff\"") "\r\n1\r\n" END, "UTF-8"},
        {"--b\r\n" PART("name=f; filename*=x") "\r\n1\r\n" END, "Rename"},
        {FIELD("a", "\xff") END, "UTF-8"},
        {FIELD("a", "\x1b") END, "control"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct outcome outcome = parse(*state, cases[i].in);
        if (outcome.err != ERR_BAD_REQUEST || strstr(outcome.reason, cases[i].says) == NULL)
            fail_msg("case %zu gave \"%s\"", i, outcome.reason != NULL ? outcome.reason : "OK");
    }
}

static void refuses_nul(void **state) {
    static const char value[] = FIELD("a", "x\0y") END;
    static const char name[] = FIELD("a\0b", "x") END;
    assert_non_null(strstr(parse_bytes(*state, "b", value, sizeof value - 1).reason, "NUL"));
    assert_non_null(strstr(parse_bytes(*state, "b", name, sizeof name - 1).reason, "NUL"));
}

static void bounds_parts(void **state) {
    struct arena *arena = *state;
    char *name = arena_alloc(arena, 9001);
    memset(name, 'n', 9000);

    name[REQUEST_NAME_MAX] = '\0';
    static const char format[] = "--b\r\nContent-Disposition: form-data; name=%s\r\n\r\n1\r\n" END;
    assert_int_equal(parse(arena, arena_printf(arena, format, name)).err, OK);
    name[REQUEST_NAME_MAX] = 'n';
    name[REQUEST_NAME_MAX + 1] = '\0';
    assert_non_null(strstr(parse(arena, arena_printf(arena, format, name)).reason, "128"));
    name[REQUEST_NAME_MAX + 1] = 'n';

    static const char file[] = "--b\r\n" PART("name=f; filename=%s") "\r\n1\r\n" END;
    name[1020] = '\0'; /* as 255 characters of four bytes would be */
    assert_int_equal(parse(arena, arena_printf(arena, file, name)).err, OK);
    name[1020] = 'n';
    name[1021] = '\0';
    assert_non_null(strstr(parse(arena, arena_printf(arena, file, name)).reason, "255"));
    name[1021] = 'n';

    static const char other[] = "--b\r\n" PART("name=a") "X-Other: %s\r\n\r\n1\r\n" END;
    assert_non_null(strstr(parse(arena, arena_printf(arena, other, name)).reason, "too long"));
}

static void bounds_count(void **state) {
    struct buf body;
    buf_init(&body, 1024 * 1024);
    for (int i = 0; i < REQUEST_FIELDS_MAX; i++)
        buf_puts(&body,
                 i % 2 == 0 ? FIELD("a", "1") : "--b\r\n" PART("name=f; filename=x") "\r\n1\r\n");
    size_t full = body.len;
    buf_puts(&body, END);
    assert_int_equal(parse_bytes(*state, "b", body.data, body.len).err, OK);
    body.len = full;
    buf_puts(&body, FIELD("a", "1") END);
    assert_non_null(strstr(parse_bytes(*state, "b", body.data, body.len).reason, "More than 256"));
    buf_free(&body);
}

static void bounds_text(void **state) {
    struct buf body;
    buf_init(&body, (size_t)4 * 1024 * 1024);
    for (int field = 0; field < 3; field++) {
        buf_puts(&body, field < 2 ? "--b\r\n" PART("name=a") "\r\n"
                                  : "--b\r\n" PART("name=f; filename=x") "\r\n");
        for (int i = 0; i < REQUEST_TEXT_MAX / 2; i++)
            buf_putc(&body, 'x');
        buf_puts(&body, "\r\n");
    }
    size_t full = body.len;
    buf_puts(&body, END);
    assert_int_equal(parse_bytes(*state, "b", body.data, body.len).err, OK);
    body.len = full;
    buf_puts(&body, FIELD("c", "1") END);
    struct outcome outcome = parse_bytes(*state, "b", body.data, body.len);
    assert_int_equal(outcome.err, ERR_TOO_LARGE);
    assert_non_null(strstr(outcome.reason, "1 MB"));
    buf_free(&body);
}

static void knows_boundaries(void **state) {
    static const char longest[] =
        "0123456789012345678901234567890123456789012345678901234567890123456789";
    static const char *const good[] = {"b", "----WebKitFormBoundary7MA4YWxk", "'()+_,-./:=?",
                                       "with blank", longest};
    static const char *const bad[] = {
        "", "blank at end ", "new\nline", "quote\"", "caf\xc3\xa9", "semi;colon", NULL};
    for (size_t i = 0; i < COUNT(good); i++) {
        const char *body =
            arena_printf(*state, "--%s\r\n" PART("name=a") "\r\n1\r\n--%s--\r\n", good[i], good[i]);
        assert_string_equal(parse_bytes(*state, good[i], body, strlen(body)).text, "a=1;");
    }
    for (size_t i = 0; bad[i] != NULL; i++) {
        const char *body = arena_printf(*state, "--%s--\r\n", bad[i]);
        assert_int_equal(parse_bytes(*state, bad[i], body, strlen(body)).err, ERR_BAD_REQUEST);
    }
    const char *body = arena_printf(*state, "--%sx--\r\n", longest);
    assert_int_equal(
        parse_bytes(*state, arena_printf(*state, "%sx", longest), body, strlen(body)).err,
        ERR_BAD_REQUEST);
}

static const char sample[] =
    "preamble\r\n" FIELD("name", "Mira Quill") FIELD("text", "one\r\n--bc\r\ntwo") "--b\r\n" PART(
        "name=\"card\"; filename=\"C:\\card.png\"") "Content-Type: "
                                                    "image/png\r\n\r\n\x89PNG\r\n\r\n--\r\n" END
                                                    "epilogue";

/* However much of a valid body arrives, the answer is either all of it or a sentence. */
static void survives_truncation(void **state) {
    size_t whole = (size_t)(strstr(sample, "--b--") - sample) + 5;
    for (size_t size = 0; size < sizeof sample - 1; size++) {
        struct outcome outcome = parse_bytes(*state, "b", sample, size);
        bool complete = size == whole || size >= whole + 2;
        assert_int_equal(outcome.err, complete ? OK : ERR_BAD_REQUEST);
        assert_true(complete || strstr(outcome.reason, "whole") != NULL);
    }
}

/* Any byte changed, removed or doubled: all right or a sentence, and no text that isn't clean. */
static void survives_damage(void **state) {
    uint64_t seed = 0xB0DE;
    size_t good = 0;
    for (int i = 0; i < 20000; i++) {
        char body[sizeof sample + 1];
        size_t size = sizeof sample - 1;
        size_t at = test_random(&seed) % size;
        memcpy(body, sample, size);
        if (i % 3 == 0) {
            body[at] = (char)test_random(&seed);
        } else if (i % 3 == 1) {
            memmove(body + at, body + at + 1, size - at - 1);
            size--;
        } else {
            memmove(body + at + 1, body + at, size - at);
            size++;
        }
        struct outcome outcome = parse_bytes(*state, "b", body, size);
        assert_true(outcome.err == OK || outcome.err == ERR_BAD_REQUEST);
        assert_true((outcome.err == OK) == (outcome.reason == NULL));
        good += outcome.err == OK;
        arena_reset(*state);
    }
    assert_in_range(good, 1000, 19000);
}

/* Fields of random bytes around random boundaries come back as they were. */
static void written_comes_back(void **state) {
    uint64_t seed = 0x2046;
    for (int i = 0; i < 2000; i++) {
        size_t nparts = 1 + test_random(&seed) % 5;
        const char *expected = "";
        const char *boundary =
            arena_printf(*state, "x%llux", (unsigned long long)test_random(&seed));
        struct buf body;
        buf_init(&body, 65536);
        for (size_t part = 0; part < nparts; part++) {
            static const char alphabet[] = "ab \r\n-x";
            char value[40];
            size_t size = test_random(&seed) % (sizeof value - 1);
            for (size_t k = 0; k < size; k++)
                value[k] = alphabet[test_random(&seed) % (sizeof alphabet - 1)];
            value[size] = '\0';
            buf_printf(&body, "--%s\r\n" PART("name=n%zu") "\r\n%s\r\n", boundary, part, value);
            expected = arena_printf(*state, "%sn%zu=%s;", expected, part, value);
        }
        buf_printf(&body, "--%s--\r\n", boundary);
        struct outcome outcome = parse_bytes(*state, boundary, body.data, body.len);
        assert_int_equal(outcome.err, OK);
        assert_string_equal(outcome.text, expected);
        buf_free(&body);
        arena_reset(*state);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_parts, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(reads_files, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(file_data_is_any_bytes, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(refuses_parts, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(refuses_nul, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(bounds_parts, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(bounds_count, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(bounds_text, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(knows_boundaries, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(survives_truncation, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(survives_damage, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(written_comes_back, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
