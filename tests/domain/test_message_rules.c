/*
 * What somebody wrote, as a page shows it: only what is an address becomes a link, and whatever was
 * written comes out as text.
 */
#include "core/text.h"
#include "domain/messages/message_rules.h"
#include "tests/http/http_test.h"
#include "view/mustache.h"
#include <stdio.h>
#include <stdlib.h>

static void addresses_are_found(void **state) {
    struct arena *arena = *state;
    static const struct {
        const char *text, *link; /* NULL: none */
    } cases[] = {
        {"see https://a.example/x?y=1&z=2#top now", "https://a.example/x?y=1&z=2#top"},
        {"http://a.example", "http://a.example"},
        {"HTTPS://A.example/", "HTTPS://A.example/"},
        {"https://a.example:8443/x", "https://a.example:8443/x"},
        {"https://münchen.example/straße", "https://münchen.example/straße"},
        {"(https://a.example/x)", "https://a.example/x"},
        {"https://a.example/x_(y)", "https://a.example/x_(y)"},
        {"(see https://a.example/x_(y))", "https://a.example/x_(y)"},
        {"[https://a.example/[1]]", "https://a.example/[1]"},
        {"https://a.example/x.", "https://a.example/x"},
        {"https://a.example/x, and", "https://a.example/x"},
        {"https://a.example/x?!", "https://a.example/x"},
        {"“https://a.example/x”", "https://a.example/x"},
        {"<https://a.example/x>", "https://a.example/x"},
        {"\"https://a.example/x\"", "https://a.example/x"},
        {"https://a.example/x\nmore", "https://a.example/x"},
        {"https://a.example/x\xC2\xA0more", "https://a.example/x"},
        {"https://a.example/x\xE2\x80\xAEgpj.exe", "https://a.example/x"},
        {"https://a.example/%3Cscript%3E", "https://a.example/%3Cscript%3E"},
        {"https://a.example/'onmouseover='x", "https://a.example/'onmouseover='x"},
        /* none */
        {"", NULL},
        {"https://", NULL},
        {"https:// a", NULL},
        {"https:///path", NULL},
        {"http://?x", NULL},
        {"https://.", NULL},
        {"https://bank.example@evil.example/", NULL},
        {"https://user:password@a.example/", NULL},
        {"https://-.example/", NULL},
        {"xhttps://a.example/", NULL},
        {"_https://a.example/", NULL},
        {"javascript:alert(1)", NULL},
        {"JaVaScRiPt://a.example/%0aalert(1)", NULL},
        {"data:text/html,<script>", NULL},
        {"vbscript:x", NULL},
        {"ftp://a.example/", NULL},
        {"file:///etc/passwd", NULL},
        {"//a.example/", NULL},
        {"mailto:a@b.example", NULL},
        {"www.a.example", NULL},
        {"https:\\\\a.example", NULL},
        {"https://\\evil.example", NULL},
        {"https://<b>", NULL},
        {"ht\xE2\x80\x8Btps://a.example/", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct message_paragraph *all;
        size_t count = message_paragraphs(arena, cases[i].text, &all);
        const char *found = NULL;
        for (size_t p = 0; p < count; p++)
            for (size_t n = 0; n < all[p].count; n++)
                if (all[p].pieces[n].link && !found)
                    found = all[p].pieces[n].text;
        if (!text_equal(found, cases[i].link))
            fail_msg("%s: %s", cases[i].text, found ? found : "no link");
    }
}

static void what_is_too_long_is_no_link(void **state) {
    (void)state;
    char text[MESSAGE_LINK_MAX + 200];
    memset(text, 'a', sizeof text);
    memcpy(text, "https://a.example/", 18);
    text[MESSAGE_LINK_MAX] = '\0';
    assert_int_equal(message_link(text), MESSAGE_LINK_MAX);
    text[MESSAGE_LINK_MAX] = 'a';
    text[MESSAGE_LINK_MAX + 1] = '\0';
    assert_int_equal(message_link(text), 0);
}

static void paragraphs_stand_apart_by_blank_lines(void **state) {
    struct arena *arena = *state;
    static const struct {
        const char *text, *shape; /* each paragraph between bars */
    } cases[] = {
        {"", ""},
        {"\n \n\t\n", ""},
        {"one", "|one|"},
        {"one\ntwo", "|one\ntwo|"},
        {"one\n\ntwo", "|one||two|"},
        {"one\r\n\r\ntwo\r\n", "|one||two|"},
        {"\n\none\n \t \n\n  two\n\n\n", "|one||  two|"},
        {"one\n\n\n\nhttps://a.example/\nthree", "|one||https://a.example/\nthree|"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct message_paragraph *all;
        size_t count = message_paragraphs(arena, cases[i].text, &all);
        const char *shape = "";
        for (size_t p = 0; p < count; p++) {
            shape = arena_printf(arena, "%s|", shape);
            for (size_t n = 0; n < all[p].count; n++)
                shape = arena_printf(arena, "%s%s", shape, all[p].pieces[n].text);
            shape = arena_printf(arena, "%s|", shape);
        }
        assert_string_equal(shape, cases[i].shape);
    }
    struct message_paragraph *none;
    assert_int_equal(message_paragraphs(arena, NULL, &none), 0);
}

/* ── Property: through the template ── */

/* What the page does with a message's text. */
static const char *rendered(struct arena *arena, const struct template_set *set, const char *text) {
    struct model *page = model_new(arena, NULL);
    struct model_list *list = model_set_list(page, "_paragraphs");
    struct message_paragraph *all;
    size_t count = message_paragraphs(arena, text, &all);
    for (size_t p = 0; p < count; p++) {
        struct model_list *pieces = model_set_list(model_list_add(list), "pieces");
        for (size_t i = 0; i < all[p].count; i++) {
            struct model *piece = model_list_add(pieces);
            model_set_text(piece, "text", all[p].pieces[i].text);
            model_set_text(piece, "href", all[p].pieces[i].link ? all[p].pieces[i].text : NULL);
        }
    }
    struct buf out;
    buf_init(&out, 1 << 20);
    assert_int_equal(template_render(set, "messages/text", page, NULL, &out), OK);
    const char *html = arena_strdup(arena, buf_text(&out));
    buf_free(&out);
    return html;
}

static const char *unescaped(struct arena *arena, const char *html) {
    static const struct {
        const char *entity;
        char c;
    } entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}};
    char *out = arena_strdup(arena, html), *to = out;
    while (*html) {
        size_t i = 0;
        while (i < COUNT(entities) && !text_starts(html, entities[i].entity))
            i++;
        *to++ = i < COUNT(entities) ? entities[i].c : *html;
        html += i < COUNT(entities) ? strlen(entities[i].entity) : 1;
    }
    *to = '\0';
    return out;
}

/* The tag that html begins with, when it is one of those that a message may hold: its size, else 0. */
static size_t allowed_tag(const char *html) {
    static const char *const plain[] = {"<div class=\"message-text\">", "</div>", "<p>", "</p>", "</a>"};
    for (size_t i = 0; i < COUNT(plain); i++)
        if (text_starts(html, plain[i]))
            return strlen(plain[i]);
    static const char begin[] = "<a class=\"link\" href=\"", end[] = "\" target=\"_blank\" rel=\"noopener nofollow\">";
    if (!text_starts(html, begin))
        return 0;
    const char *href = html + sizeof begin - 1;
    size_t size = strcspn(href, "\"<>");
    bool safe = (strncasecmp(href, "http://", 7) == 0 || strncasecmp(href, "https://", 8) == 0) &&
                strcspn(href, " \t\r\n") >= size && text_starts(href + size, end);
    return safe ? sizeof begin - 1 + size + sizeof end - 1 : 0;
}

/* Text and tags apart: whether all tags are allowed ones, and the text without them. */
static const char *text_of(struct arena *arena, const char *html) {
    struct buf text;
    buf_init(&text, 1 << 20);
    while (*html) {
        size_t tag = *html == '<' ? allowed_tag(html) : 0;
        if ((*html == '<' && tag == 0) || *html == '>') {
            buf_free(&text);
            return NULL;
        }
        if (tag == 0)
            buf_putc(&text, *html);
        html += tag > 0 ? tag : 1;
    }
    const char *out = unescaped(arena, buf_text(&text));
    buf_free(&text);
    return out;
}

static const char *without_line_ends(struct arena *arena, const char *text) {
    char *out = arena_strdup(arena, text), *to = out;
    for (; *text; text++)
        if (!strchr("\r\n\t ", *text))
            *to++ = *text;
    *to = '\0';
    return out;
}

static void any_text_is_shown_as_text(void **state) {
    struct arena *arena = *state;
    static const char *const parts[] = {
        "https://", "http://", "HTTP://", "a.example", "/", "javascript:", "data:text/html,", "<script>alert(1)</script>", "</p></div>",
        "\"", "'", "&", "&lt;", "&#106;", "<", ">", "<a href=\"x\">", " onmouseover=\"x", "\n", "\n\n", "\r\n", " ", "\t", ".", ",", ")", "(", "]",
        "@", "\\", "%0a", "{{{csrf}}}", "{{name}}", "{{/pieces}}", "\xE2\x80\xAE", "\xE2\x80\x8B", "é", "\xF0\x9F\x98\x80", "”", "?q=", "#", ":80", "h", "x"};
    struct template_set *set = template_set_new();
    char error[256];
    const char *source = getenv("srcdir");
    assert_int_equal(template_set_load(set, arena_printf(arena, "%s/templates", source ? source : "."), error, sizeof error), OK);
    uint64_t seed = 20261124;
    size_t links = 0;
    for (int round = 0; round < 20000; round++) {
        arena_reset(arena);
        const char *text = "";
        for (size_t n = 1 + test_random(&seed) % 14; n > 0; n--)
            text = arena_printf(arena, "%s%s", text, parts[test_random(&seed) % COUNT(parts)]);
        const char *html = rendered(arena, set, text);
        const char *shown = text_of(arena, html);
        if (!shown)
            fail_msg("%s becomes %s", text, html);
        assert_string_equal(without_line_ends(arena, shown), without_line_ends(arena, text));
        links += strstr(html, "<a ") != NULL;
    }
    assert_true(links > 1000); /* else the test looked at none */
    template_set_free(set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(addresses_are_found, arena_setup, arena_teardown),
        cmocka_unit_test(what_is_too_long_is_no_link),
        cmocka_unit_test_setup_teardown(paragraphs_stand_apart_by_blank_lines, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(any_text_is_shown_as_text, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests_name("messages: rules", tests, NULL, NULL);
}
