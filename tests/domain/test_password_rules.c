#include "domain/auth/password_rules.h"
#include "tests/support/unit.h"
#include <stdlib.h>

#define E "anna.alder@alder.example"
#define N "Anna Alder"

static const struct {
    const char *password;
    enum password_verdict verdict;
} table[] = {
    /* length counts characters, not bytes */
    {"", PASSWORD_SHORT},
    {"nine char", PASSWORD_SHORT},
    {"ten chars!", PASSWORD_FINE},
    {"\xC3\xBC\xC3\xA4\xC3\xB6\xC3\x9F\xC3\xA9", PASSWORD_SHORT}, /* five, in ten bytes */
    {"\xE4\xB8\x89\xE5\x80\x8B\xE7\xB6\xA0\xE8\x89\xB2\xE7\x9A\x84\xE7\x93\xB6\xE5\xAD\x90\xE7\xAB"
     "\x99\xE5\x9C\xA8\xE7\x89\x86\xE4\xB8\x8A",
     PASSWORD_FINE},
    /* the common ones, also in disguise */
    {"password12", PASSWORD_COMMON},
    {"PASSWORD1234", PASSWORD_COMMON},
    {"P@ssw0rd2024!", PASSWORD_COMMON},
    {"!!!dr4g0n!!!", PASSWORD_COMMON},
    {"2024Welcome!", PASSWORD_COMMON},
    {"qwertyuiop", PASSWORD_COMMON},
    {"QwErTyUiOp1!", PASSWORD_COMMON},
    {"passwordpassword", PASSWORD_COMMON},
    {"$up3rm4n2024", PASSWORD_COMMON},
    {"iloveyou....", PASSWORD_COMMON},
    {"tessera2024", PASSWORD_COMMON},
    {"1q2w3e4r5t6y7u", PASSWORD_FINE}, /* no word and no sequence: length has to do */
    /* nothing but digits and signs, sequences, repetitions */
    {"1234567890", PASSWORD_COMMON},
    {"0987654321", PASSWORD_COMMON},
    {"20240101123", PASSWORD_COMMON},
    {"!!!!!!!!!!!!", PASSWORD_COMMON},
    {"aaaaaaaaaaaa", PASSWORD_COMMON},
    {"abcdefghijkl", PASSWORD_COMMON},
    {"zyxwvutsrqpo", PASSWORD_COMMON},
    {"abcabcabcabc", PASSWORD_COMMON},
    {"a1a1a1a1a1a1", PASSWORD_COMMON},
    {"abcdefgh1234", PASSWORD_COMMON},
    /* what everybody can see */
    {"anna.alder@alder.example", PASSWORD_PERSONAL},
    {"anna.alder12", PASSWORD_PERSONAL},
    {"ANNA.ALDER!!", PASSWORD_PERSONAL},
    {"4nna.4lder2024", PASSWORD_PERSONAL},
    {"annaalder99", PASSWORD_PERSONAL},
    {"12345alder678", PASSWORD_PERSONAL},
    {"alder trees burn slowly", PASSWORD_FINE}, /* a word of it in a long one is no harm */
    /* and what is meant to be taken */
    {"correct horse battery staple", PASSWORD_FINE},
    {"seven green bottles", PASSWORD_FINE},
    {"my password is long enough", PASSWORD_FINE},
    {"' OR 1=1 -- x", PASSWORD_FINE},
    {"Regen-\xC3\xBC"
     "ber-Z\xC3\xBCrich",
     PASSWORD_FINE},
};

static void the_table_holds(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        enum password_verdict verdict = password_judge(table[i].password, E, N);
        if (verdict != table[i].verdict)
            fail_msg("\"%s\" is judged %d, expected %d", table[i].password, verdict,
                     table[i].verdict);
    }
}

static void the_longest_is_200_characters(void **state) {
    (void)state;
    char *password = calloc(1, 4 * PASSWORD_MAX + 8);
    for (int wide = 0; wide < 2; wide++)
        for (int length = PASSWORD_MAX; length <= PASSWORD_MAX + 1; length++) {
            char *end = password;
            for (int i = 0; i < length; i++) {
                const char *c = wide    ? (i % 3   ? "\xF0\x9F\x98\x80"
                                           : i % 7 ? "\xF0\x9F\x8D\x80"
                                                   : "\xF0\x9F\x90\x80")
                                : i % 3 ? "x"
                                : i % 7 ? "k"
                                        : "f";
                memcpy(end, c, strlen(c));
                end += strlen(c);
            }
            *end = '\0';
            assert_int_equal(password_judge(password, E, N),
                             length > PASSWORD_MAX ? PASSWORD_LONG : PASSWORD_FINE);
        }
    free(password);
}

static void nobody_need_be_known(void **state) {
    (void)state;
    assert_int_equal(password_judge("anna.alder12", NULL, NULL), PASSWORD_FINE);
    assert_int_equal(password_judge("anna.alder12", "", ""), PASSWORD_FINE);
    assert_int_equal(password_judge("password1234", NULL, NULL), PASSWORD_COMMON);
    assert_int_equal(password_judge("abc of gardening", "abc@x.example", "A B C"),
                     PASSWORD_FINE); /* too short to mean anything */
    char name[600];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(password_judge("seven green bottles", name, name), PASSWORD_FINE);
}

static void every_refusal_says_what_to_do(void **state) {
    (void)state;
    assert_null(password_sentence(PASSWORD_FINE));
    for (int verdict = PASSWORD_SHORT; verdict <= PASSWORD_PERSONAL; verdict++)
        assert_true(strlen(password_sentence((enum password_verdict)verdict)) > 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_holds),
        cmocka_unit_test(the_longest_is_200_characters),
        cmocka_unit_test(nobody_need_be_known),
        cmocka_unit_test(every_refusal_says_what_to_do),
    };
    return cmocka_run_group_tests_name("domain: password rules", tests, NULL, NULL);
}
