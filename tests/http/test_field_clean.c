#include "http_test.h"

#include "core/text.h"
#include "http/field_clean.h"

static const struct choice colours[] = {{"red", "Red"}, {"sea_green", NULL}, {NULL, NULL}};

static const struct field text_field = {.name = "t", .kind = FIELD_TEXT, .min = 2, .max = 8};
static const struct field area_field = {.name = "a", .kind = FIELD_AREA, .max = 12};
static const struct field email_field = {.name = "e", .kind = FIELD_EMAIL};
static const struct field phone_field = {.name = "p", .kind = FIELD_PHONE};
static const struct field url_field = {.name = "u", .kind = FIELD_URL};
static const struct field password_field = {.name = "w", .kind = FIELD_PASSWORD, .min = 10};
static const struct field money_field = {.name = "m", .kind = FIELD_MONEY};
static const struct field percent_field = {.name = "c", .kind = FIELD_PERCENT};
static const struct field int_field = {.name = "i", .kind = FIELD_INT, .min = -5, .max = 120};
static const struct field any_int_field = {.name = "n", .kind = FIELD_INT};
static const struct field date_field = {.name = "d", .kind = FIELD_DATE};
static const struct field time_field = {.name = "z", .kind = FIELD_TIME};
static const struct field choice_field = {.name = "o", .kind = FIELD_CHOICE, .choices = colours};
static const struct field several_field = {
    .name = "s", .kind = FIELD_CHOICE, .choices = colours, .multiple = true};
static const struct field row_field = {.name = "r", .kind = FIELD_CHOICE, .options = "rows"};
static const struct field check_field = {.name = "k", .kind = FIELD_CHECK};
static const struct field uuid_field = {.name = "x", .kind = FIELD_UUID};
static const struct field hidden_field = {.name = "h", .kind = FIELD_HIDDEN, .max = 6};

struct expected {
    const struct field *field;
    const char *in;
    const char *out;  /* NULL: empty or wrong */
    const char *says; /* part of the complaint; NULL: none */
};

static void check(struct arena *arena, const struct expected *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct complaint complaint = {0};
        const char *out = field_clean(arena, cases[i].field, cases[i].in, &complaint);
        const char *message = complaint.message;
        bool right = cases[i].says == NULL ? message == NULL
                                           : message != NULL && strstr(message, cases[i].says);
        if (!right || !text_equal(out, cases[i].out))
            fail_msg("%s \"%s\" gave \"%s\", %s", cases[i].field->name, cases[i].in,
                     out != NULL ? out : "nothing", message != NULL ? message : "no complaint");
    }
}

static void cleans_text(void **state) {
    static const struct expected cases[] = {
        {&text_field, "", NULL, NULL},
        {&text_field, " \t\r\n", NULL, NULL},
        {&text_field, "\u200B\uFEFF\u00A0", NULL, NULL},
        {&text_field, "  Mira  ", "Mira", NULL},
        {&text_field, "a  b", "a  b", NULL},
        {&text_field, "a\r\nb\tc\nd", "a b c d", NULL},
        {&text_field, "\u00A0\u202AMira\u202C\u3000", "Mira", NULL},
        {&text_field, "नमस्ते", "नमस्ते", NULL},
        {&text_field, "x", NULL, "too short"},
        {&text_field, "12345678", "12345678", NULL},
        {&text_field, "123456789", NULL, "at most"},
        {&text_field, "éééééééé", "éééééééé", NULL},
        {&text_field, "ééééééééé", NULL, "at most"},
        {&area_field, "one\r\ntwo\rx\ny", "one\ntwo\nx\ny", NULL},
        {&area_field, "\r\n one \r\n", "one", NULL},
        {&area_field, "a\tb", "a\tb", NULL},
        {&area_field, "1\r\n2\r\n3\r\n4\r\n5\r\n6", "1\n2\n3\n4\n5\n6", NULL},
        {&area_field, "1234567890123", NULL, "at most"},
        {&password_field, "  spaces at the ends  ", "  spaces at the ends  ", NULL},
        {&password_field, "short", NULL, "at least"},
        {&password_field, "", NULL, NULL},
        {&password_field, "          ", "          ", NULL},
        {&hidden_field, " as is", " as is", NULL},
        {&hidden_field, "a\nb", NULL, "listed"},
        {&hidden_field, "1234567", NULL, "at most"},
    };
    check(*state, cases, COUNT(cases));
}

static void cleans_emails(void **state) {
    static const char wrong[] = "not an email";
    static const struct expected cases[] = {
        {&email_field, " mira@harbour.example ", "mira@harbour.example", NULL},
        {&email_field, "Mira.Quill+x@Harbour.EXAMPLE", "Mira.Quill+x@harbour.example", NULL},
        {&email_field, "o'brien@a-b.example", "o'brien@a-b.example", NULL},
        {&email_field, "\u200Bmira@harbour.example\u200B", "mira@harbour.example", NULL},
        {&email_field, "a@localhost", "a@localhost", NULL},
        {&email_field, "mira", NULL, wrong},
        {&email_field, "@harbour.example", NULL, wrong},
        {&email_field, "mira@", NULL, wrong},
        {&email_field, "mira@@harbour.example", NULL, wrong},
        {&email_field, "mira@harbour..example", NULL, wrong},
        {&email_field, "mira@.harbour.example", NULL, wrong},
        {&email_field, "mira@harbour.example.", NULL, wrong},
        {&email_field, "mira@-harbour.example", NULL, wrong},
        {&email_field, "mira@harbour-.example", NULL, wrong},
        {&email_field, "mira quill@harbour.example", NULL, wrong},
        {&email_field, "Mira <mira@harbour.example>", NULL, wrong},
        {&email_field, "a@b.example, c@d.example", NULL, wrong},
        {&email_field, "mira@häfen.example", NULL, wrong},
        {&email_field, "a@123456789012345678901234567890123456789012345678901234567890123.example",
         "a@123456789012345678901234567890123456789012345678901234567890123.example", NULL},
        {&email_field, "a@1234567890123456789012345678901234567890123456789012345678901234.example",
         NULL, wrong},
    };
    check(*state, cases, COUNT(cases));

    struct complaint complaint = {0};
    char *address = arena_alloc(*state, 300);
    memset(address, 'a', 255);
    memcpy(address + 255 - 10, "@b.example", 10);
    assert_null(field_clean(*state, &email_field, address, &complaint));
    assert_int_equal(complaint.max, 254);
    assert_int_equal(complaint.count, 255);
    complaint = (struct complaint){0};
    assert_non_null(field_clean(*state, &email_field, address + 1, &complaint));
}

static void cleans_phones(void **state) {
    static const struct expected cases[] = {
        {&phone_field, " +971 50 123 4567 ", "+971 50 123 4567", NULL},
        {&phone_field, "(050) 123-4567", "(050) 123-4567", NULL},
        {&phone_field, "050.123.4567", "050.123.4567", NULL},
        {&phone_field, "\u202A+971501234567\u202C", "+971501234567", NULL},
        {&phone_field, "(+971) 50 123 4567", "(+971) 50 123 4567", NULL},
        {&phone_field, "12345", "12345", NULL},
        {&phone_field, "1234", NULL, "too short"},
        {&phone_field, "+", NULL, "too short"},
        {&phone_field, "12345678901234567890", "12345678901234567890", NULL},
        {&phone_field, "123456789012345678901", NULL, "too long"},
        {&phone_field, "call me", NULL, "not a phone"},
        {&phone_field, "050 123 4567 ext 2", "050 123 4567 #2", NULL},
        {&phone_field, "+971501234567 Ext. 123456", "+971501234567 #123456", NULL},
        {&phone_field, "+971501234567x9", "+971501234567#9", NULL},
        {&phone_field, "+971501234567 #9", "+971501234567 #9", NULL},
        {&phone_field, "+971501234567 ext 1234567", NULL, "not a phone"},
        {&phone_field, "+971501234567 ext", NULL, "not a phone"},
        {&phone_field, "ext 9", NULL, "too short"},
        {&phone_field, "+971501234567 text 9", NULL, "not a phone"},
        {&phone_field, "٠٥٠١٢٣٤٥٦٧", "0501234567", NULL},
        {&phone_field, "+۹۷۱ ۵۰ १२३ ４５６７", "+971 50 123 4567", NULL},
        {&phone_field, "٠٥٠١٢٣٤٥٦٧٪", NULL, "not a phone"},
        {&phone_field, "971+501234567", NULL, "not a phone"},
        {&phone_field, "+971 +50 1234567", NULL, "not a phone"},
    };
    check(*state, cases, COUNT(cases));
}

static void cleans_urls(void **state) {
    static const struct expected cases[] = {
        {&url_field, "https://www.harbour.example", "https://www.harbour.example", NULL},
        {&url_field, " HTTP://WWW.Harbour.Example/A?b=C#d ", "http://www.harbour.example/A?b=C#d",
         NULL},
        {&url_field, "https://harbour.example:8443/", "https://harbour.example:8443/", NULL},
        {&url_field, "https://[2001:DB8::1]:80/x", "https://[2001:db8::1]:80/x", NULL},
        {&url_field, "https://häfen.example/é", "https://häfen.example/é", NULL},
        {&url_field, "https://harbour.example?x=1", "https://harbour.example?x=1", NULL},
        {&url_field, "www.harbour.example", NULL, "Start it with"},
        {&url_field, "ftp://harbour.example", NULL, "Start it with"},
        {&url_field, "javascript:alert(1)", NULL, "Start it with"},
        {&url_field, "https:/harbour.example", NULL, "Start it with"},
        {&url_field, "https://", NULL, "not a web"},
        {&url_field, "https:///path", NULL, "not a web"},
        {&url_field, "https://:80", NULL, "not a web"},
        {&url_field, "https://a b.example", NULL, "not a web"},
        {&url_field, "https://a.example/x y", NULL, "not a web"},
        {&url_field, "https://a.example/\"><b", NULL, "not a web"},
        {&url_field, "https://a..example", NULL, "not a web"},
        {&url_field, "https://a.example:99999", NULL, "not a web"},
        {&url_field, "https://a.example:", NULL, "not a web"},
        {&url_field, "https://a.example:80x", NULL, "not a web"},
        {&url_field, "https://a_b.example", NULL, "not a web"},
        {&url_field, "https://[::1", NULL, "not a web"},
        {&url_field, "https://[]", NULL, "not a web"},
        {&url_field, "https://[::1]x", NULL, "not a web"},
        {&url_field, "https://bank.example@evil.example/", NULL, "without a user"},
    };
    check(*state, cases, COUNT(cases));
}

static void cleans_numbers(void **state) {
    static const struct expected cases[] = {
        {&money_field, " 1,250,000.50 ", "1250000.50", NULL},
        {&money_field, "\u00A01 250 000\u00A0", "1250000", NULL},
        {&money_field, "1.250", NULL, "two amounts"},
        {&money_field, "ten", NULL, "not an amount"},
        {&money_field, "1.234", NULL, "two amounts"},
        {&money_field, "0.555", NULL, "two decimals"},
        {&money_field, "9999999999999999", NULL, "larger"},
        {&percent_field, "12.5 %", "12.5", NULL},
        {&percent_field, "120", NULL, "0 to 100"},
        {&percent_field, "x", NULL, "percentage"},
        {&percent_field, "1.2345", NULL, "three decimals"},
        {&int_field, " 7 ", "7", NULL},
        {&int_field, "-5", "-5", NULL},
        {&int_field, "007", "7", NULL},
        {&int_field, "-6", NULL, "from {min} to {max}"},
        {&int_field, "121", NULL, "from {min} to {max}"},
        {&int_field, "99999999999999999999", NULL, "from {min} to {max}"},
        {&int_field, "1.5", NULL, "not a whole"},
        {&int_field, "-", NULL, "not a whole"},
        {&int_field, "+5", NULL, "not a whole"},
        {&int_field, "five", NULL, "not a whole"},
        {&any_int_field, "2147483647", "2147483647", NULL},
        {&any_int_field, "2147483648", NULL, "from {min} to {max}"},
        {&any_int_field, "-2147483648", "-2147483648", NULL},
    };
    check(*state, cases, COUNT(cases));
}

static void cleans_dates(void **state) {
    static const struct expected cases[] = {
        {&date_field, " 2026-11-20 ", "2026-11-20", NULL},
        {&date_field, "2024-02-29", "2024-02-29", NULL},
        {&date_field, "2000-02-29", "2000-02-29", NULL},
        {&date_field, "2023-02-29", NULL, "no day"},
        {&date_field, "2100-02-29", NULL, "no day"},
        {&date_field, "2026-02-30", NULL, "no day"},
        {&date_field, "2026-04-31", NULL, "no day"},
        {&date_field, "2026-13-01", NULL, "no day"},
        {&date_field, "2026-00-10", NULL, "no day"},
        {&date_field, "2026-01-00", NULL, "no day"},
        {&date_field, "0024-05-01", NULL, "Check the year"},
        {&date_field, "1899-12-31", NULL, "Check the year"},
        {&date_field, "1900-01-01", "1900-01-01", NULL},
        {&date_field, "2199-12-31", "2199-12-31", NULL},
        {&date_field, "2200-01-01", NULL, "Check the year"},
        {&date_field, "20.11.2026", NULL, "year-month-day"},
        {&date_field, "2026-1-1", NULL, "year-month-day"},
        {&date_field, "2026-11-2x", NULL, "year-month-day"},
        {&date_field, "2026-11--1", NULL, "year-month-day"},
        {&date_field, "-026-11-01", NULL, "year-month-day"},
        {&date_field, "12026-11-01", NULL, "year-month-day"},
        {&date_field, "tomorrow", NULL, "year-month-day"},
    };
    check(*state, cases, COUNT(cases));
}

static void cleans_times(void **state) {
    static const struct expected cases[] = {
        {&time_field, "09:30", "09:30", NULL},
        {&time_field, " 9:30 ", "09:30", NULL},
        {&time_field, "16.05", "16:05", NULL},
        {&time_field, "00:00", "00:00", NULL},
        {&time_field, "23:59:00", "23:59", NULL},
        {&time_field, "", NULL, NULL},
        {&time_field, "24:00", NULL, "time of day"},
        {&time_field, "12:60", NULL, "time of day"},
        {&time_field, "12:5", NULL, "time of day"},
        {&time_field, "12:30:15", NULL, "time of day"},
        {&time_field, "-1:30", NULL, "time of day"},
        {&time_field, "123:00", NULL, "time of day"},
        {&time_field, ":30", NULL, "time of day"},
        {&time_field, "9", NULL, "time of day"},
        {&time_field, "nine", NULL, "time of day"},
        {&time_field, "12:3x", NULL, "time of day"},
    };
    check(*state, cases, COUNT(cases));
}

static void cleans_choices(void **state) {
    static const struct expected cases[] = {
        {&choice_field, "red", "red", NULL},
        {&choice_field, "", NULL, NULL},
        {&choice_field, "Red", NULL, "listed"},
        {&choice_field, "blue", NULL, "listed"},
        {&choice_field, "red,sea_green", NULL, "listed"},
        {&several_field, "red,sea_green", "red,sea_green", NULL},
        {&several_field, "sea_green, red ,,red", "sea_green,red", NULL},
        {&several_field, ",,", NULL, NULL},
        {&several_field, "red,blue", NULL, "listed"},
        {&row_field, "anything", "anything", NULL},
        {&uuid_field, "0B5C8E2E-1A5D-4C1B-9B8D-2B1F5A3C7D90",
         "0b5c8e2e-1a5d-4c1b-9b8d-2b1f5a3c7d90", NULL},
        {&uuid_field, "0b5c8e2e", NULL, "listed"},
        {&check_field, "true", "true", NULL},
        {&check_field, "on", "true", NULL},
        {&check_field, "1", "true", NULL},
        {&check_field, "False", "false", NULL},
        {&check_field, "0", "false", NULL},
        {&check_field, "off", "false", NULL},
        {&check_field, "", NULL, NULL},
    };
    check(*state, cases, COUNT(cases));

    struct complaint complaint = {0};
    char *choice = arena_alloc(*state, 202);
    memset(choice, 'x', 201);
    assert_null(field_clean(*state, &row_field, choice, &complaint));
    assert_non_null(complaint.message);
}

/* Whatever is cleaned is taken again, and stays as it is. */
static void cleaning_is_settled(void **state) {
    static const struct field *const fields[] = {
        &text_field,  &area_field,    &email_field,  &phone_field,   &url_field,  &money_field,
        &int_field,   &percent_field, &date_field,   &choice_field,  &uuid_field, &several_field,
        &check_field, &any_int_field, &hidden_field, &password_field};
    static const char *const pieces[] = {"1",   "250", ",",       ".", " ",      "-",   "@",
                                         "a",   "E",   "http://", "/", "\r\n",   ":",   "2024",
                                         "-02", "-29", "red",     "%", "\u00A0", "true"};
    uint64_t seed = 0xC1EA;
    size_t taken = 0;
    for (int i = 0; i < 40000; i++) {
        const struct field *field = fields[test_random(&seed) % COUNT(fields)];
        const char *text = "";
        for (uint64_t n = 1 + test_random(&seed) % 6; n > 0; n--)
            text = arena_printf(*state, "%s%s", text, pieces[test_random(&seed) % COUNT(pieces)]);
        struct complaint complaint = {0};
        const char *once = field_clean(*state, field, text, &complaint);
        assert_true(once == NULL || complaint.message == NULL);
        if (once != NULL) {
            const char *twice = field_clean(*state, field, once, &complaint);
            if (!text_equal(once, twice))
                fail_msg("%s \"%s\" became \"%s\", then \"%s\"", field->name, text, once,
                         twice != NULL ? twice : "nothing");
            taken++;
        }
        arena_reset(*state);
    }
    assert_in_range(taken, 4000, 39000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cleans_text, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(cleans_emails, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(cleans_phones, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(cleans_urls, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(cleans_numbers, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(cleans_dates, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(cleans_times, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(cleans_choices, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(cleaning_is_settled, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
