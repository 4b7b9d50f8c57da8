/* Codes and what they may be called, UTM addresses (with the cases of ../shared/contracts/utm where
 * they are), landing sites, the days of a link's page. */
#include "core/buf.h"
#include "core/crypto.h"
#include "core/text.h"
#include "domain/links/link_rules.h"
#include "tests/support/unit.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct arena *arena;

static int open_arena(void **state) {
    (void)state;
    arena = arena_new(8 << 20);
    return 0;
}

static int close_arena(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

/* ── Codes ── */

static void aliases_are_judged(void **state) {
    static const struct {
        const char *code;
        enum alias_verdict verdict;
    } cases[] = {
        {"harbour-spring", ALIAS_FINE},
        {"abc", ALIAS_FINE},
        {"2026", ALIAS_FINE},
        {"a-b-c", ALIAS_FINE},
        {"administer", ALIAS_FINE},
        {"my-admin", ALIAS_FINE},
        {"abcdefghijklmnopqrstuvwxyzabcdefghijklmn", ALIAS_FINE},
        {"abcdefghijklmnopqrstuvwxyzabcdefghijklmno", ALIAS_LENGTH},
        {"", ALIAS_LENGTH},
        {"ab", ALIAS_LENGTH},
        {"Harbour", ALIAS_LETTERS},
        {"har bour", ALIAS_LETTERS},
        {"h\xC3\xA4user", ALIAS_LETTERS},
        {"a/b/c", ALIAS_LETTERS},
        {"a.b.c", ALIAS_LETTERS},
        {"\xD0\xB0\xD0\xB4min", ALIAS_LETTERS}, /* Cyrillic */
        {"-abc", ALIAS_HYPHENS},
        {"abc-", ALIAS_HYPHENS},
        {"a--c", ALIAS_HYPHENS},
        {"---", ALIAS_HYPHENS},
        {"admin", ALIAS_RESERVED},
        {"adm1n", ALIAS_RESERVED},
        {"adrnin", ALIAS_RESERVED},
        {"l0gin", ALIAS_RESERVED},
        {"1ogin", ALIAS_RESERVED},
        {"log-in", ALIAS_RESERVED},
        {"te55era", ALIAS_RESERVED},
        {"vvvvvv", ALIAS_RESERVED},
        {"a-d-m-i-n", ALIAS_RESERVED},
        {"off1c1al", ALIAS_RESERVED},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum alias_verdict verdict = alias_judge(cases[i].code);
        if (verdict != cases[i].verdict)
            fail_msg("\"%s\" is %d and not %d", cases[i].code, verdict, cases[i].verdict);
        assert_int_equal(alias_sentence(verdict) == NULL, verdict == ALIAS_FINE);
    }
}

static void what_is_typed_is_folded(void **state) {
    char code[CODE_SIZE];
    (void)state;
    alias_fold("Harbour Spring_2026", code);
    assert_string_equal(code, "harbour-spring-2026");
    assert_true(code_read("HARBOUR-Spring", code));
    assert_string_equal(code, "harbour-spring");
    static const char *const none[] = {
        "",           "ab",   "a--b",   "-abc",
        "ab\xC3\xA9", "abc.", "abc/..", "abcdefghijklmnopqrstuvwxyzabcdefghijklmno"};
    for (size_t i = 0; i < COUNT(none); i++)
        assert_false(code_read(none[i], code));
}

static void look_alikes_have_one_skeleton(void **state) {
    static const char *const pairs[][2] = {
        {"harb0ur", "harbour"},  {"spr1ng", "spring"}, {"spr1ng", "sprlng"}, {"rnodern", "modem"},
        {"vvater", "water"},     {"5ale", "sale"},     {"8ank", "bank"},     {"2oom", "zoom"},
        {"har-bour", "harbour"}, {"a-b-c", "abc"}};
    char a[CODE_SIZE], b[CODE_SIZE];
    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        code_skeleton(pairs[i][0], a);
        code_skeleton(pairs[i][1], b);
        assert_string_equal(a, b);
    }
    code_skeleton("harbour", a);
    code_skeleton("harvest", b);
    assert_string_not_equal(a, b);
}

/* A skeleton is its own skeleton, whatever comes in. */
static void skeletons_are_stable(void **state) {
    static const char alphabet[] = "abimnorsvwz01258-";
    (void)state;
    for (int n = 0; n < 20000; n++) {
        uint8_t random[12];
        char code[13], once[CODE_SIZE], twice[CODE_SIZE];
        crypto_random(random, sizeof random);
        for (size_t i = 0; i < 12; i++)
            code[i] = alphabet[random[i] % (sizeof alphabet - 1)];
        code[12] = '\0';
        code_skeleton(code, once);
        assert_int_equal(once[strspn(once, "abmnorsvwzl")], '\0');
        assert_true(strlen(once) <= strlen(code));
        code_skeleton(once, twice);
        assert_true(strlen(twice) <= strlen(once)); /* "vvrn" may close up further, never open */
    }
}

static void made_codes_are_fine_and_differ(void **state) {
    char code[CODE_RANDOM + 1], last[CODE_RANDOM + 1] = "", skeleton[CODE_SIZE];
    (void)state;
    for (int n = 0; n < 5000; n++) {
        uint8_t random[CODE_RANDOM];
        crypto_random(random, sizeof random);
        code_make(random, code);
        assert_int_equal(alias_judge(code), ALIAS_FINE);
        assert_int_equal(code[strcspn(code, "aeiou015")], '\0');
        code_skeleton(code, skeleton);
        assert_string_equal(skeleton, code);
        assert_string_not_equal(code, last);
        memcpy(last, code, sizeof last);
    }
}

/* ── UTM ── */

static const char *with(const char *base, const char *source, const char *medium,
                        const char *campaign) {
    const char *values[UTM_NAMES] = {source, medium, campaign};
    return utm_url(arena, base, values);
}

static void parameters_stand_where_they_belong(void **state) {
    (void)state;
    assert_string_equal(with("https://a.example", "s", "m", "c"),
                        "https://a.example?utm_source=s&utm_medium=m&utm_campaign=c");
    assert_string_equal(with("https://a.example/?", "s", NULL, NULL),
                        "https://a.example/?utm_source=s");
    assert_string_equal(with("https://a.example/?x=1&", "s", "", "c"),
                        "https://a.example/?x=1&utm_source=s&utm_campaign=c");
    assert_string_equal(with("https://a.example/?x#y?z", "s", NULL, NULL),
                        "https://a.example/?x&utm_source=s#y?z");
    assert_string_equal(with("/p#?q", "s", NULL, NULL), "/p?utm_source=s#?q");
    assert_string_equal(with("/", NULL, NULL, NULL), "/");
    /* what the page's owner wrote stays */
    assert_string_equal(with("/p?utm_source=own&a=1", "s", "m", NULL),
                        "/p?utm_source=own&a=1&utm_medium=m");
    assert_string_equal(with("/p?my_utm_source=own", "s", NULL, NULL),
                        "/p?my_utm_source=own&utm_source=s");
    /* nothing comes out that a header could not hold */
    assert_string_equal(with("/caf\xC3\xA9", "a\r\nb", "<\">", "%"),
                        "/caf%C3%A9?utm_source=a%0D%0Ab&utm_medium=%3C%22%3E&utm_campaign=%25");
}

static void cases_of_the_contract(void **state) {
    const char *shared = getenv("TESSERA_SHARED"), *source = getenv("srcdir");
    const char *path = shared
                           ? arena_printf(arena, "%s/contracts/utm/utm-parameters.json", shared)
                           : arena_printf(arena, "%s/../shared/contracts/utm/utm-parameters.json",
                                          source ? source : ".");
    (void)state;
    json_t *contract = json_load_file(path, 0, NULL), *one;
    if (!contract) {
        print_message("the contract of UTM parameters is not at %s\n", path);
        skip();
    }
    size_t i, cases = 0;
    json_array_foreach(json_object_get(contract, "cases"), i, one) {
        const char *values[UTM_NAMES];
        for (size_t n = 0; n < UTM_NAMES; n++)
            values[n] =
                json_string_value(json_object_get(json_object_get(one, "params"), utm_names[n]));
        assert_string_equal(utm_url(arena, json_string_value(json_object_get(one, "base")), values),
                            json_string_value(json_object_get(one, "url")));
        cases++;
    }
    assert_true(cases >= 3);
    json_array_foreach(json_object_get(contract, "parameters"), i, one) {
        size_t n = 0;
        while (n < UTM_NAMES &&
               !text_equal(utm_names[n], json_string_value(json_object_get(one, "name"))))
            n++;
        assert_true(n < UTM_NAMES);
        assert_int_equal(n < 3, json_is_true(json_object_get(one, "required")));
    }
    json_decref(contract);
}

static void campaigns_are_made_from_names(void **state) {
    (void)state;
    assert_string_equal(utm_slug(arena, "Spring in the Marina!"), "spring-in-the-marina");
    assert_string_equal(utm_slug(arena, "  2026 -- Fair "), "2026-fair");
    assert_string_equal(utm_slug(arena, "\xD8\xB1\xD8\xA8\xD9\x8A\xD8\xB9"), "referral");
    assert_string_equal(utm_slug(arena, ""), "referral");
}

static void destinations_by_target(void **state) {
    static const char *const utm[UTM_NAMES] = {"partner", "referral", "spring"};
    (void)state;
    assert_string_equal(link_destination(arena, "programme", "", "", "abc", utm),
                        "/?utm_source=partner&utm_medium=referral&utm_campaign=spring");
    assert_string_equal(
        link_destination(arena, "form", "broker", "", "abc", utm),
        "/refer/broker?code=abc&utm_source=partner&utm_medium=referral&utm_campaign=spring");
    assert_string_equal(
        link_destination(arena, "landing", "", "https://a.example/x#y", "abc", utm),
        "https://a.example/x?utm_source=partner&utm_medium=referral&utm_campaign=spring#y");
}

/* ── Landing sites ── */

static void sites_hold_what_lies_below_them(void **state) {
    static const struct {
        const char *site, *url;
        bool has;
    } cases[] = {
        {"https://a.example", "https://a.example", true},
        {"https://a.example", "https://a.example/", true},
        {"https://a.example", "https://a.example/x/y?z#w", true},
        {"https://a.example", "https://a.example?x", true},
        {"https://a.example", "https://a.example#x", true},
        {"https://a.example", "https://a.example.evil.example/", false},
        {"https://a.example", "https://a.example@evil.example/", false},
        {"https://a.example", "https://a.example:8443/", false},
        {"https://a.example", "https://a.example\\@evil.example/", false},
        {"https://a.example", "https://a.exampleevil/", false},
        {"https://a.example", "http://a.example/", false},
        {"https://a.example", "https://b.example/https://a.example/", false},
        {"https://a.example", "//a.example/", false},
        {"https://a.example", "javascript:https://a.example/", false},
        {"https://a.example/homes", "https://a.example/homes", true},
        {"https://a.example/homes", "https://a.example/homes/1", true},
        {"https://a.example/homes", "https://a.example/homes-of-others", false},
        {"https://a.example/homes", "https://a.example/", false},
        {"https://a.example/homes", "https://a.example/homes/../admin", false},
        {"https://a.example/homes", "https://a.example/homes/%2e%2E/admin", false},
        {"https://a.example/homes", "https://a.example/homes/.%2e/admin", false},
        {"https://a.example/homes", "https://a.example/homes/./1", false},
        {"https://a.example/homes", "https://a.example/homes/..a", true},
        {"https://a.example/homes", "https://a.example/homes?to=../admin", true},
        {"", "https://a.example/", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (site_has(cases[i].site, cases[i].url) != cases[i].has)
            fail_msg("%s below %s: %d expected", cases[i].url, cases[i].site, cases[i].has);
}

static void lists_of_sites_are_cleaned(void **state) {
    const char *why = NULL, *line = NULL;
    (void)state;
    assert_string_equal(sites_clean(arena,
                                    " HTTPS://WWW.A.example/ \r\n\r\nhttps://b.example/homes//\n",
                                    &why, &line),
                        "https://www.a.example\nhttps://b.example/homes");
    assert_string_equal(sites_clean(arena, NULL, &why, &line), "");
    static const char *const wrong[] = {"a.example",
                                        "ftp://a.example",
                                        "https://",
                                        "https://u:p@a.example",
                                        "https://a.example/?x=1",
                                        "https://a.example/#x",
                                        "javascript:alert(1)",
                                        "https://a b.example"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        const char *text =
            arena_printf(arena, "https://fine.example\n%s\nhttps://also.example", wrong[i]);
        assert_null(sites_clean(arena, text, &why, &line));
        assert_string_equal(line, wrong[i]);
        assert_non_null(why);
    }
    struct buf many;
    buf_init(&many, 1 << 16);
    for (int i = 0; i <= SITES_MAX; i++)
        buf_printf(&many, "https://s%d.example\n", i);
    assert_null(sites_clean(arena, buf_text(&many), &why, &line));
    buf_free(&many);
}

/* ── Days ── */

static void days_of_a_link(void **state) {
    static const struct {
        const char *from, *to, *first, *last, *bucket;
        int days;
    } cases[] = {
        {NULL, NULL, "2026-10-26", "2026-11-24", "day", 30},
        {"2026-11-24", NULL, "2026-11-24", "2026-11-24", "day", 1},
        {NULL, "2026-03-01", "2026-01-31", "2026-03-01", "day", 30},
        {"2026-11-20", "2026-11-10", "2026-11-10", "2026-11-20", "day", 11},
        {"2026-09-01", "2026-11-24", "2026-09-01", "2026-11-24", "week", 85},
        {"2025-11-25", NULL, "2025-11-25", "2026-11-24", "month", 365},
        {"1900-01-01", "2026-11-24", "2023-11-21", "2026-11-24", "month", RANGE_DAYS_MAX},
        {"2199-12-31", "1900-01-01", "2196-12-27", "2199-12-31", "month", RANGE_DAYS_MAX},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct link_range range;
        link_range_make(cases[i].from, cases[i].to, 1795564800 - 1,
                        &range); /* 2026-11-24 23:59:59 */
        assert_string_equal(range.from, cases[i].first);
        assert_string_equal(range.to, cases[i].last);
        assert_string_equal(range.bucket, cases[i].bucket);
        assert_int_equal(range.days, cases[i].days);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aliases_are_judged),
        cmocka_unit_test(what_is_typed_is_folded),
        cmocka_unit_test(look_alikes_have_one_skeleton),
        cmocka_unit_test(skeletons_are_stable),
        cmocka_unit_test(made_codes_are_fine_and_differ),
        cmocka_unit_test(parameters_stand_where_they_belong),
        cmocka_unit_test(cases_of_the_contract),
        cmocka_unit_test(campaigns_are_made_from_names),
        cmocka_unit_test(destinations_by_target),
        cmocka_unit_test(sites_hold_what_lies_below_them),
        cmocka_unit_test(lists_of_sites_are_cleaned),
        cmocka_unit_test(days_of_a_link),
    };
    return cmocka_run_group_tests_name("domain: link rules", tests, open_arena, close_arena);
}
