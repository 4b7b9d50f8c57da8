#include "domain/duplicates/duplicate_rules.h"
#include "core/arena.h"
#include "core/text.h"
#include "domain/duplicates/phone.h"
#include "tests/support/unit.h"
#include <stdlib.h>

static struct arena *arena;

static int begin(void **state) {
    (void)state;
    arena = arena_new(1 << 20);
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

/* ── Numbers ── */

static void numbers_become_e164(void **state) {
    (void)state;
    static const struct {
        const char *typed, *region, *e164; /* NULL: none */
    } rows[] = {
        {"+971 50 123 4567", "AE", "+971501234567"},
        {"050 123 4567", "AE", "+971501234567"},
        {"(050) 123-4567", "AE", "+971501234567"},
        {"00971 50 123 4567", "AE", "+971501234567"},
        {"98765 43210", "IN", "+919876543210"},
        {"098765-43210", "IN", "+919876543210"},
        {"+91 98765 43210", "SG", "+919876543210"},
        {"9123 4567", "SG", "+6591234567"},
        {"+44 (0)20 7946 0018", "AE", "+442079460018"},
        {"050 123 4567", NULL, NULL},
        {"050 123 4567", "ZZ", NULL},
        {"123", "AE", NULL},
        {"+1", "AE", NULL},
        {"call me", "AE", NULL},
        {"", "AE", NULL},
        {NULL, "AE", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[PHONE_E164_SIZE] = "left";
        bool found = phone_to_e164(rows[i].typed, rows[i].region, out);
        assert_int_equal(found, rows[i].e164 != NULL);
        assert_string_equal(out, rows[i].e164 ? rows[i].e164 : "");
    }
}

/* Whatever is typed: the result fits, is a number, and is its own E.164 form everywhere. */
static void a_number_of_a_number_is_itself(void **state) {
    (void)state;
    static const char letters[] = "0123456789+()-. /x;ext#*abc";
    static const char *const regions[] = {"AE", "IN", "SG", "GB", NULL};
    srandom(7);
    size_t found = 0;
    for (int i = 0; i < 20000; i++) {
        char typed[24], once[PHONE_E164_SIZE], twice[PHONE_E164_SIZE];
        size_t size = (size_t)random() % (sizeof typed - 1);
        for (size_t c = 0; c < size; c++)
            typed[c] = letters[(size_t)random() % (i % 2 ? 10 : sizeof letters - 1)];
        typed[size] = '\0';
        if (!phone_to_e164(typed, regions[i % 5], once))
            continue;
        found++;
        assert_true(once[0] == '+' && strspn(once + 1, "0123456789") == strlen(once) - 1);
        assert_true(phone_to_e164(once, regions[(i + 1) % 5], twice));
        assert_string_equal(once, twice);
    }
    assert_true(found > 1000);
}

/* ── Merging field by field ── */

static const char *all_first(const void *context, const char *field) {
    (void)context;
    (void)field;
    return "first";
}

static const char *name_and_phone(const void *context, const char *field) {
    (void)context;
    return text_equal(field, "client_name") || text_equal(field, "client_phone") ? "second" : NULL;
}

static void columns_are_those_of_the_other_side(void **state) {
    (void)state;
    assert_string_equal(merge_columns(arena, MERGE_FIRST, all_first, NULL), "");
    assert_string_equal(merge_columns(arena, MERGE_FIRST, name_and_phone, NULL), "client_name,client_phone,phone_e164");
    assert_string_equal(merge_columns(arena, MERGE_SECOND, name_and_phone, NULL), "");
    const char *all = merge_columns(arena, MERGE_SECOND, all_first, NULL);
    for (const struct merge_field *f = merge_fields; f->name; f++)
        assert_true(merge_took(all, f));
    assert_non_null(strstr(all, "currency,estimated_value,budget_min,budget_max"));
    assert_false(merge_took("client_names,mail", &merge_fields[0]));
    assert_false(merge_took(NULL, &merge_fields[0]));
}

static void who_says_something_is_heard(void **state) {
    (void)state;
    assert_int_equal(merge_side_default(MERGE_FIRST, "a", "b"), MERGE_FIRST);
    assert_int_equal(merge_side_default(MERGE_SECOND, "a", "b"), MERGE_SECOND);
    assert_int_equal(merge_side_default(MERGE_FIRST, "", "b"), MERGE_SECOND);
    assert_int_equal(merge_side_default(MERGE_SECOND, "a", NULL), MERGE_FIRST);
    assert_int_equal(merge_side_default(MERGE_SECOND, NULL, ""), MERGE_SECOND);
    assert_int_equal(merge_side_default(MERGE_SECOND, "1210000", "0"), MERGE_FIRST);
    enum merge_side side;
    assert_true(merge_side_find("second", &side) && side == MERGE_SECOND);
    assert_false(merge_side_find(NULL, &side));
    assert_false(merge_side_find("third", &side));
}

static void the_lead_with_more_to_it_stays(void **state) {
    (void)state;
    static const struct {
        struct merge_lead first, second; /* earns, in_force, value, stage */
        bool two_partners;
        enum merge_side stays;
    } rows[] = {
        {{false, false, "0", "new"}, {false, false, "0", "new"}, false, MERGE_FIRST},
        {{false, true, "1210000", "active"}, {true, false, "1210000", "lost"}, true, MERGE_SECOND},
        {{false, false, "1210000", "won"}, {false, true, "0", "new"}, true, MERGE_FIRST},
        {{false, false, "1210000", "won"}, {false, true, "0", "new"}, false, MERGE_FIRST},
        {{false, false, "1210000", "active"}, {false, true, "0", "new"}, true, MERGE_SECOND},
        {{false, false, "1210000", "active"}, {false, true, "0", "new"}, false, MERGE_FIRST},
        {{false, false, "1210000", "lost"}, {false, false, "0", "new"}, false, MERGE_SECOND},
        {{false, false, NULL, "dormant"}, {false, false, NULL, "lost"}, false, MERGE_FIRST},
        {{false, false, "0", "new"}, {false, false, "1210000", "new"}, false, MERGE_SECOND},
        {{false, false, "0", "new"}, {false, true, "0", "new"}, false, MERGE_SECOND},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(merge_keep_default(&rows[i].first, &rows[i].second, rows[i].two_partners), rows[i].stays);
}

static void longer_protection_is_for_who_holds_it(void **state) {
    (void)state;
    assert_null(extension_refusal("held", true, "new", false));
    assert_null(extension_refusal("held", true, "dormant", false));
    assert_non_null(extension_refusal("held", false, "new", false));
    assert_non_null(extension_refusal("held", true, "won", false));
    assert_non_null(extension_refusal("held", true, "declined", false));
    assert_non_null(extension_refusal("held", true, "new", true));
    assert_non_null(extension_refusal("known", true, "new", false));
    assert_non_null(extension_refusal(NULL, true, "new", false));
}

/* ── Hashes ── */

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define UPPER "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF"

static void lists_of_hashes(void **state) {
    (void)state;
    const char *list;
    assert_int_equal(overlap_parse(arena, " \n" UPPER ",\r\n;" HASH "\n", &list), OVERLAP_OK);
    assert_string_equal(list, "{" HASH "}"); /* the same one twice */
    assert_int_equal(overlap_parse(arena, HASH "\n" HASH "0", &list), OVERLAP_NOT_A_HASH);
    assert_null(list);
    assert_int_equal(overlap_parse(arena, "nina@client.example", &list), OVERLAP_NOT_A_HASH);
    assert_int_equal(overlap_parse(arena, NULL, &list), OVERLAP_NONE);
    assert_int_equal(overlap_parse(arena, " ,; \n", &list), OVERLAP_NONE);
    char many[OVERLAP_HASHES_MAX + 1][OVERLAP_HASH_SIZE + 2], *text = arena_alloc(arena, sizeof many + 1);
    for (int n = OVERLAP_HASHES_MAX; n <= OVERLAP_HASHES_MAX + 1; n++) {
        *text = '\0';
        for (int i = 0; i < n; i++)
            snprintf(text + i * (OVERLAP_HASH_SIZE + 1), OVERLAP_HASH_SIZE + 2, "%064x\n", (unsigned)i);
        assert_int_equal(overlap_parse(arena, text, &list), n > OVERLAP_HASHES_MAX ? OVERLAP_TOO_MANY : OVERLAP_OK);
    }
    for (enum overlap_verdict v = OVERLAP_NONE; v <= OVERLAP_TOO_MANY; v++)
        assert_non_null(overlap_sentence(v));
    assert_null(overlap_sentence(OVERLAP_OK));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_become_e164),
        cmocka_unit_test(a_number_of_a_number_is_itself),
        cmocka_unit_test(columns_are_those_of_the_other_side),
        cmocka_unit_test(who_says_something_is_heard),
        cmocka_unit_test(the_lead_with_more_to_it_stays),
        cmocka_unit_test(longer_protection_is_for_who_holds_it),
        cmocka_unit_test(lists_of_hashes),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
