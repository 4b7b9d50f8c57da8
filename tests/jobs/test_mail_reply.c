/* What a mail server's answer means for a mail. */
#include "jobs/mail_reply.h"
#include "tests/support/unit.h"

static void verdicts(void **state) {
    (void)state;
    static const struct {
        struct transfer_result result;
        enum mail_verdict verdict;
    } table[] = {
        {{.reached = true, .answered = true, .status = 250, .stage = SMTP_MESSAGE, .body = "250 2.0.0 taken"}, MAIL_TAKEN},
        {{.error = "Connection refused"}, MAIL_RELAY_AWAY},
        {{.reached = true, .error = "response reading failed"}, MAIL_AGAIN},
        {{.answered = true, .status = 421, .stage = SMTP_SESSION, .body = "421 busy"}, MAIL_RELAY_AWAY},
        {{.answered = true, .status = 535, .stage = SMTP_SESSION, .body = "535 5.7.8 no"}, MAIL_RELAY_AWAY},
        {{.answered = true, .status = 550, .stage = SMTP_SENDER, .body = "550 5.7.1 relaying denied"}, MAIL_RELAY_AWAY},
        {{.answered = true, .status = 451, .stage = SMTP_SENDER, .body = "451 later"}, MAIL_RELAY_AWAY},
        {{.answered = true, .status = 552, .stage = SMTP_SENDER, .body = "552 5.3.4 too big"}, MAIL_REFUSED},
        {{.answered = true, .status = 450, .stage = SMTP_TO, .body = "450 4.2.0 greylisted"}, MAIL_AGAIN},
        {{.answered = true, .status = 421, .stage = SMTP_TO, .body = "421 closing"}, MAIL_AGAIN},
        {{.answered = true, .status = 550, .stage = SMTP_TO, .body = "550 5.1.1 <a@b.example> unknown"}, MAIL_NO_ADDRESS},
        {{.answered = true, .status = 550, .stage = SMTP_TO, .body = "550 no such user"}, MAIL_NO_ADDRESS},
        {{.answered = true, .status = 550, .stage = SMTP_TO, .body = "550 5.1.10 null MX"}, MAIL_NO_ADDRESS},
        {{.answered = true, .status = 550, .stage = SMTP_TO, .body = "550 5.2.1 disabled"}, MAIL_NO_ADDRESS},
        {{.answered = true, .status = 552, .stage = SMTP_TO, .body = "552 5.2.2 mailbox full"}, MAIL_REFUSED},
        {{.answered = true, .status = 550, .stage = SMTP_TO, .body = "550 5.7.1 we do not want you"}, MAIL_REFUSED},
        {{.answered = true, .status = 550, .stage = SMTP_TO, .body = "550 5.1.7 bad sender"}, MAIL_REFUSED},
        {{.answered = true, .status = 554, .stage = SMTP_TO, .body = "554 spam"}, MAIL_REFUSED},
        {{.answered = true, .status = 451, .stage = SMTP_MESSAGE, .body = "451 local error"}, MAIL_AGAIN},
        {{.answered = true, .status = 554, .stage = SMTP_MESSAGE, .body = "554 5.1.1 spam all the same"}, MAIL_REFUSED},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (mail_judge(&table[i].result) != table[i].verdict)
            fail_msg("%s: %d", table[i].result.body ? table[i].result.body : table[i].result.error, mail_judge(&table[i].result));
}

static void reasons_hold_no_address(void **state) {
    (void)state;
    struct arena *arena = arena_new(1 << 16);
    assert_string_equal(mail_without_addresses(arena, "550 5.1.1 <a@b.example>: no such user"), "550 5.1.1 … no such user");
    assert_string_equal(mail_without_addresses(arena, "a@b c@d\r\n e"), "… …\r\n e");
    assert_string_equal(mail_without_addresses(arena, "plain words"), "plain words");
    assert_string_equal(mail_without_addresses(arena, ""), "");
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts),
        cmocka_unit_test(reasons_hold_no_address),
    };
    return cmocka_run_group_tests_name("jobs: answers of mail servers", tests, NULL, NULL);
}
