/* Links that end mails: only ours are. */
#include "core/text.h"
#include "jobs/unsubscribe.h"
#include "tests/support/unit.h"

static const char id[] = "0f1e2d3c-4b5a-4678-8abc-def012345678";

static void there_and_back(void **state) {
    (void)state;
    uint8_t key[SHA256_SIZE] = {1};
    char token[UNSUBSCRIBE_TOKEN_SIZE], read[UUID_TEXT_SIZE];
    assert_true(unsubscribe_token(key, id, token));
    assert_int_equal(strlen(token), 43);
    assert_true(unsubscribe_read(key, token, read));
    assert_string_equal(read, id);
    assert_true(unsubscribe_token(key, "0F1E2D3C-4B5A-4678-8ABC-DEF012345678", token));
    assert_true(unsubscribe_read(key, token, read));
    assert_string_equal(read, id);
}

static void forgeries(void **state) {
    (void)state;
    uint8_t key[SHA256_SIZE] = {1}, other[SHA256_SIZE] = {2};
    char token[UNSUBSCRIBE_TOKEN_SIZE], read[UUID_TEXT_SIZE];
    assert_true(unsubscribe_token(key, id, token));
    assert_false(unsubscribe_read(other, token, read));
    for (size_t i = 0; token[i] != '\0'; i++) {
        char kept = token[i];
        token[i] = kept == 'A' ? 'B' : 'A';
        assert_false(unsubscribe_read(key, token, read));
        token[i] = kept;
    }
    token[42] = '\0';
    assert_false(unsubscribe_read(key, token, read));
    assert_false(unsubscribe_read(key, "", read));
    assert_false(unsubscribe_read(key, NULL, read));
    assert_false(unsubscribe_read(key, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", read));
    assert_false(unsubscribe_token(key, "not an id", token));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(there_and_back), cmocka_unit_test(forgeries)};
    return cmocka_run_group_tests_name("jobs: unsubscribe", tests, NULL, NULL);
}
