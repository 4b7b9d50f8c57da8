/* The cookie that remembers clicks, and who is credited. */
#include "core/crypto.h"
#include "core/text.h"
#include "domain/links/attribution_rules.h"
#include "tests/support/unit.h"
#include <stdio.h>

enum { DAY = 86400, NOW = 1795521600, RUNS = 2000 };
#define SECRET "a secret of the portal's own", 28
#define ALDER  "aaaaaaaa-0000-4000-8000-000000000071"
#define BIRCH  "bbbbbbbb-1234-4567-89ab-cdef01234567"

static uint64_t number(void) {
    uint64_t random;
    crypto_random(&random, sizeof random);
    return random;
}

static void random_touch(struct touch *touch) {
    uint8_t id[16];
    char hex[33];
    crypto_random(id, sizeof id);
    crypto_hex(id, sizeof id, hex);
    snprintf(touch->link, sizeof touch->link, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
             hex + 16, hex + 20);
    touch->at = (int64_t)(1 + number() % 4294967295u);
}

static void same(const struct attribution *a, const struct attribution *b) {
    assert_string_equal(a->first.link, b->first.link);
    assert_string_equal(a->last.link, b->last.link);
    assert_true(a->first.at == b->first.at && a->last.at == b->last.at);
}

/* ── Cookie ── */

static void what_is_written_is_read(void **state) {
    (void)state;
    for (int i = 0; i < RUNS; i++) {
        struct attribution written, read;
        char text[ATTRIBUTION_TEXT_SIZE];
        random_touch(&written.first);
        random_touch(&written.last);
        attribution_encode(&written, SECRET, text);
        assert_int_equal(strlen(text), ATTRIBUTION_TEXT_SIZE - 1);
        assert_true(attribution_decode(text, SECRET, &read));
        same(&written, &read);
        assert_true(text_is_uuid(read.first.link));
    }
}

static void nothing_else_is_read(void **state) {
    struct attribution written = {{ALDER, NOW - DAY}, {BIRCH, NOW}}, read;
    char text[ATTRIBUTION_TEXT_SIZE], bent[ATTRIBUTION_TEXT_SIZE + 2];
    (void)state;
    attribution_encode(&written, SECRET, text);
    for (size_t at = 0; at < ATTRIBUTION_TEXT_SIZE - 1; at++)
        for (int c = 1; c < 256; c++) { /* any other byte at any place */
            memcpy(bent, text, sizeof text);
            if (bent[at] == (char)c)
                continue;
            bent[at] = (char)c;
            if (attribution_decode(bent, SECRET, &read))
                fail_msg("byte %zu may be %d", at, c);
            assert_true(read.first.at == 0 && read.last.at == 0);
        }
    snprintf(bent, sizeof bent, "%sA", text);
    assert_false(attribution_decode(bent, SECRET, &read));
    memcpy(bent, text, sizeof text);
    bent[ATTRIBUTION_TEXT_SIZE - 2] = '\0';
    assert_false(attribution_decode(bent, SECRET, &read));
    assert_false(attribution_decode("", SECRET, &read));
    assert_false(attribution_decode(NULL, SECRET, &read));
    assert_false(attribution_decode(text, "another secret of a portal's", 28, &read));
    assert_true(attribution_decode(text, SECRET, &read));
}

/* Whatever is signed for another purpose of the same secret is no cookie. */
static void parts_do_not_recombine(void **state) {
    struct attribution one = {{ALDER, NOW}, {ALDER, NOW}}, other = {{BIRCH, NOW}, {BIRCH, NOW}},
                       read;
    char a[ATTRIBUTION_TEXT_SIZE], b[ATTRIBUTION_TEXT_SIZE];
    (void)state;
    attribution_encode(&one, SECRET, a);
    attribution_encode(&other, SECRET, b);
    memcpy(a + 55, b + 55, ATTRIBUTION_TEXT_SIZE - 55);
    assert_false(attribution_decode(a, SECRET, &read));
}

/* ── Touches ── */

static void touches_are_forgotten_each_by_itself(void **state) {
    static const struct {
        int64_t first, last;
        const char *first_left, *last_left; /* NULL: forgotten */
    } cases[] = {
        {NOW - DAY, NOW - 60, ALDER, BIRCH},      {NOW - 90 * DAY + 1, NOW, ALDER, BIRCH},
        {NOW - 90 * DAY, NOW - 60, BIRCH, BIRCH}, {NOW - 200 * DAY, NOW - 91 * DAY, NULL, NULL},
        {NOW - DAY, NOW + 60, NULL, NULL}, /* from the future */
        {NOW + 60, NOW - DAY, BIRCH, BIRCH},      {0, 0, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct attribution attribution = {{ALDER, cases[i].first}, {BIRCH, cases[i].last}};
        attribution_limit(&attribution, NOW, 90);
        assert_int_equal(attribution.last.at > 0, cases[i].last_left != NULL);
        assert_int_equal(attribution.first.at > 0, cases[i].first_left != NULL);
        if (cases[i].last_left) {
            assert_string_equal(attribution.last.link, cases[i].last_left);
            assert_string_equal(attribution.first.link, cases[i].first_left);
        }
    }
}

static void a_click_is_the_last_one(void **state) {
    struct attribution attribution = {.first.at = 0};
    (void)state;
    attribution_touch(&attribution, ALDER, NOW, 90);
    assert_string_equal(attribution.first.link, ALDER);
    assert_string_equal(attribution.last.link, ALDER);
    attribution_touch(&attribution, BIRCH, NOW + DAY, 90);
    assert_string_equal(attribution.first.link, ALDER);
    assert_true(attribution.first.at == NOW);
    assert_string_equal(attribution.last.link, BIRCH);
    attribution_touch(&attribution, ALDER, NOW + 90 * DAY + 60,
                      90); /* the first is too old by now */
    assert_string_equal(attribution.first.link, BIRCH);
    assert_string_equal(attribution.last.link, ALDER);
    attribution_touch(&attribution, BIRCH, NOW + 400 * DAY, 90);
    assert_string_equal(attribution.first.link, BIRCH);
    assert_true(attribution.first.at == NOW + 400 * DAY);
}

/* Whatever happens, the first is not after the last, and neither is outside of the window. */
static void order_holds(void **state) {
    struct attribution attribution = {.first.at = 0};
    int64_t now = NOW;
    (void)state;
    for (int i = 0; i < RUNS; i++) {
        now += (int64_t)(number() % (uint64_t)(60 * DAY));
        attribution_touch(&attribution, number() % 2 ? ALDER : BIRCH, now, 90);
        assert_true(attribution.first.at <= attribution.last.at && attribution.last.at == now);
        assert_true(attribution.first.at > now - 90 * DAY);
    }
}

/* ── Credit ── */

static void the_right_one_is_credited(void **state) {
    enum { NONE, TAKES, REFUSES };
    static const struct {
        int code, first, last;
        bool prefer_first;
        const char *credited;
    } cases[] = {
        {NONE, NONE, NONE, false, NULL},         {NONE, NONE, NONE, true, NULL},
        {TAKES, NONE, NONE, false, "code"},      {TAKES, NONE, NONE, true, "code"},
        {NONE, TAKES, TAKES, false, "last"},     {NONE, TAKES, TAKES, true, "first"},
        {TAKES, TAKES, TAKES, false, "code"},    {TAKES, TAKES, TAKES, true, "first"},
        {REFUSES, TAKES, TAKES, false, "first"}, {REFUSES, TAKES, TAKES, true, "first"},
        {TAKES, REFUSES, TAKES, true, "code"},   {NONE, REFUSES, TAKES, true, "last"},
        {NONE, TAKES, REFUSES, false, "first"},  {NONE, REFUSES, REFUSES, false, NULL},
        {REFUSES, NONE, NONE, false, NULL},      {REFUSES, REFUSES, TAKES, false, NULL},
        {NONE, NONE, TAKES, false, "last"},      {NONE, NONE, TAKES, true, "last"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct attribution_source code = {cases[i].code != NONE ? "code" : NULL,
                                                cases[i].code == TAKES};
        const struct attribution_source first = {cases[i].first != NONE ? "first" : NULL,
                                                 cases[i].first == TAKES};
        const struct attribution_source last = {cases[i].last != NONE ? "last" : NULL,
                                                cases[i].last == TAKES};
        const char *credited = attribution_judge(&code, &first, &last, cases[i].prefer_first);
        if (!text_equal(credited, cases[i].credited))
            fail_msg("case %zu credits %s", i, credited ? credited : "nobody");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(nothing_else_is_read),
        cmocka_unit_test(parts_do_not_recombine),
        cmocka_unit_test(touches_are_forgotten_each_by_itself),
        cmocka_unit_test(a_click_is_the_last_one),
        cmocka_unit_test(order_holds),
        cmocka_unit_test(the_right_one_is_credited),
    };
    return cmocka_run_group_tests_name("domain: attribution rules", tests, NULL, NULL);
}
