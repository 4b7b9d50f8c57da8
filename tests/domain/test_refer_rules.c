/* Public forms: what each type asks for, and when a form was opened. */
#include "core/text.h"
#include "domain/refer/refer_rules.h"
#include "tests/support/unit.h"
#include <stdio.h>

enum { NOW = 1795521600 };
#define SECRET "a secret of the portal's own", 28
static const uint8_t some[OPENED_RANDOM] = {1, 2, 3, 4, 5, 6, 7, 255};

static void types_ask_for_what_they_need(void **state) {
    (void)state;
    assert_int_equal(refer_groups("broker", true), REFER_BUDGET | REFER_PROPERTY);
    assert_int_equal(refer_groups("channel", true), REFER_BUDGET | REFER_PROPERTY);
    assert_int_equal(refer_groups("service_provider", false), 0); /* never property or money */
    assert_int_equal(refer_groups("banker", false), REFER_PROPERTY | REFER_LOAN);
    assert_int_equal(refer_groups("law", false), REFER_PROPERTY);
    assert_int_equal(refer_groups("made_up_later", true), REFER_BUDGET | REFER_PROPERTY);
    assert_int_equal(refer_group_of("budget_max"), REFER_BUDGET);
    assert_int_equal(refer_group_of("bedrooms"), REFER_PROPERTY);
    assert_int_equal(refer_group_of("loan_stage"), REFER_LOAN);
    assert_int_equal(refer_group_of("client_name"), 0);
}

static enum opened_verdict judge(const char *text, const char *type, int64_t now) {
    char nonce[NONCE_SIZE];
    return opened_judge(text, type, now, SECRET, nonce);
}

static void forms_have_their_time(void **state) {
    char opened[OPENED_SIZE], nonce[NONCE_SIZE];
    (void)state;
    opened_write("broker", NOW, some, SECRET, opened);
    assert_int_equal(judge(opened, "broker", NOW), OPENED_QUICK);
    assert_int_equal(judge(opened, "broker", NOW + OPENED_MIN - 1), OPENED_QUICK);
    assert_int_equal(judge(opened, "broker", NOW + OPENED_MIN), OPENED_FINE);
    assert_int_equal(judge(opened, "broker", NOW + OPENED_MAX), OPENED_FINE);
    assert_int_equal(judge(opened, "broker", NOW + OPENED_MAX + 1), OPENED_STALE);
    assert_int_equal(judge(opened, "broker", NOW - 100),
                     OPENED_QUICK); /* a clock that was set back */
    assert_int_equal(opened_judge(opened, "broker", NOW + 10, SECRET, nonce), OPENED_FINE);
    assert_string_equal(nonce, "01020304050607ff");
}

static void forms_are_not_forged(void **state) {
    char opened[OPENED_SIZE], bent[OPENED_SIZE + 2], nonce[NONCE_SIZE];
    (void)state;
    opened_write("broker", NOW, some, SECRET, opened);
    for (size_t at = 0; opened[at]; at++)
        for (int c = 1; c < 256; c++) {
            memcpy(bent, opened, sizeof opened);
            if (bent[at] == (char)c)
                continue;
            bent[at] = (char)c;
            enum opened_verdict verdict = opened_judge(bent, "broker", NOW + 10, SECRET, nonce);
            if (verdict != OPENED_FORGED || *nonce)
                fail_msg("byte %zu may be %d", at, c);
        }
    assert_int_equal(judge(opened, "agency", NOW + 10), OPENED_FORGED); /* of another form */
    assert_int_equal(
        opened_judge(opened, "broker", NOW + 10, "another secret of a portal's", 28, nonce),
        OPENED_FORGED);
    static const char *const none[] = {"",
                                       "-",
                                       "--",
                                       "x",
                                       "6b0a-01020304050607ff-",
                                       "999999999999999999999999-01020304050607ff-a"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(judge(none[i], "broker", NOW), OPENED_FORGED);
    assert_int_equal(judge(NULL, "broker", NOW), OPENED_FORGED);
    snprintf(bent, sizeof bent, "%sA", opened);
    assert_int_equal(judge(bent, "broker", NOW + 10), OPENED_FORGED);
    assert_null(opened_sentence(OPENED_FINE));
    assert_true(opened_sentence(OPENED_QUICK) && opened_sentence(OPENED_STALE) &&
                opened_sentence(OPENED_FORGED));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_ask_for_what_they_need),
        cmocka_unit_test(forms_have_their_time),
        cmocka_unit_test(forms_are_not_forged),
    };
    return cmocka_run_group_tests_name("domain: referral form rules", tests, NULL, NULL);
}
