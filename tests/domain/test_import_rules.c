/* What is guessed about a file: kind, encoding, separators, headers, days, amounts. */
#include "core/text.h"
#include "domain/choices/choices.h"
#include "domain/imports/import_dialect_rules.h"
#include "domain/imports/import_header_rules.h"
#include "domain/imports/import_plan.h"
#include "domain/imports/import_value_rules.h"
#include "domain/leads/leads.h"
#include "tests/support/unit.h"

static struct arena *arena;

static int setup(void **state) {
    (void)state;
    arena = arena_new(8 << 20);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

/* ── What it is ── */

#define BYTES(text) text, sizeof text - 1

static void kinds(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        enum import_kind kind;
    } files[] = {
        {BYTES(""), IMPORT_EMPTY},
        {BYTES("Name,Email\r\n"), IMPORT_TEXT},
        {BYTES("\xEF\xBB\xBFName;Email\r\n"), IMPORT_TEXT},
        {BYTES("\xFF\xFEN\0a\0m\0e\0"), IMPORT_TEXT},
        {BYTES("N\0a\0m\0e\0,\0E\0"), IMPORT_TEXT},
        {BYTES("\0N\0a\0m\0e\0,\0E"), IMPORT_TEXT},
        {BYTES("PK\x03\x04\x14\0\x06\0[Content_Types].xml"), IMPORT_WORKBOOK},
        {BYTES("PK\x03\x04\x14\0\x08\0xl/workbook.xml"), IMPORT_WORKBOOK},
        {BYTES("PK\x03\x04\0mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
         IMPORT_ODS},
        {BYTES("PK\x03\x04\x14\0\x06\0holiday.jpg"), IMPORT_ARCHIVE},
        {BYTES("\x1F\x8B\x08\0\0"), IMPORT_ARCHIVE},
        {BYTES("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1...."), IMPORT_OLD_WORKBOOK},
        {BYTES("%PDF-1.7\n"), IMPORT_DOCUMENT},
        {BYTES("\x89PNG\r\n\x1A\n"), IMPORT_PICTURE},
        {BYTES("\xFF\xD8\xFF\xE0"), IMPORT_PICTURE},
        {BYTES("<html><table>"), IMPORT_MARKUP},
        {BYTES("\x7F"
               "ELF\x02\x01\x01\0\0\0\0\0"),
         IMPORT_BINARY},
        {BYTES("a,b\0c\n1,2\n"), IMPORT_BINARY},
        {BYTES("\x01\x02\x03\x04\x05\x06\x07\x08 text"), IMPORT_BINARY},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        assert_int_equal(import_kind_of(files[i].bytes, files[i].size), files[i].kind);
        assert_int_equal(import_kind_sentence(files[i].kind) == NULL,
                         files[i].kind == IMPORT_TEXT || files[i].kind == IMPORT_WORKBOOK);
    }
}

static void encodings(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *charset;
        size_t skip;
        bool mixed;
    } files[] = {
        {BYTES("Name\n"), "UTF-8", 0, false},
        {BYTES("Zo\xC3\xAB\n"), "UTF-8", 0, false},
        {BYTES("\xEF\xBB\xBFZo\xC3\xAB\n"), "UTF-8", 3, false},
        {BYTES("\xEF\xBB\xBFZo\xEB\n"), "UTF-8", 3, true},
        {BYTES("Zo\xEB\n"), "windows-1252", 0, false},
        {BYTES("Zo\xEB Zo\xC3\xAB\n"), "windows-1252", 0, true},
        {BYTES("\xFF\xFEZ\0"), "UTF-16LE", 2, false},
        {BYTES("\xFE\xFF\0Z"), "UTF-16BE", 2, false},
        {BYTES("N\0a\0m\0e\0"), "UTF-16LE", 0, false},
        {BYTES("\0N\0a\0m\0e"), "UTF-16BE", 0, false},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct import_encoding found = import_encoding_of(files[i].bytes, files[i].size);
        assert_string_equal(found.charset, files[i].charset);
        assert_int_equal(found.skip, files[i].skip);
        assert_int_equal(found.mixed, files[i].mixed);
        assert_non_null(import_charset_find(found.charset));
    }
    assert_int_equal(import_encoding_of(BYTES("ab\xEB\xC3\xAB")).odd, 2);
    assert_null(import_charset_find("UTF-7"));
    assert_null(import_charset_find(NULL));
}

static void delimiters(void **state) {
    (void)state;
    static const struct {
        const char *text;
        char delimiter;
        size_t skip;
    } files[] = {
        {"name,email\nA,b\n", ',', 0},
        {"name;email\nA;b\n", ';', 0},
        {"name\temail\nA\tb\n", '\t', 0},
        {"name|email\nA|b\n", '|', 0},
        {"name;price\nA;1,5\nB;2,5\n", ';', 0},
        {"\"Name, first\";Email\n\"x, y\";b\n", ';', 0},
        {"\"a;b;c\",d\n\"e;f;g\",h\n", ',', 0},
        {"\"a\n;;;;\",b\n1,2\n", ',', 0},
        {"sep=;\r\na,b;c\r\n", ';', 7},
        {"sep=\t\na\tb\n", '\t', 6},
        {"SEP=|\na|b\n", '|', 6},
        {"only\none\n", ',', 0},
        {"", ',', 0},
        {"\n\n\na;b\n", ';', 0},
        {"5\" pipe;b\n1;2\n", ';', 0},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        size_t skip = 99;
        assert_int_equal(import_delimiter_of(files[i].text, strlen(files[i].text), &skip),
                         files[i].delimiter);
        assert_int_equal(skip, files[i].skip);
    }
}

/* ── Headers ── */

static void headers(void **state) {
    (void)state;
    static const struct {
        const char *header, *plain, *field;
    } known[] = {
        {"Client name", "client name", "client_name"},
        {"CLIENT_NAME", "client name", "client_name"},
        {"clientName", "client name", "client_name"},
        {"  Client's name ", "client s name", "client_name"},
        {"E-mail", "e mail", "client_email"},
        {"E\u2011Mail", "e mail", "client_email"},
        {"E\u00A0mail", "e mail", "client_email"},
        {"Email 1 - Value", "email 1 value", "client_email"},
        {"Email address of the client", "email address of the client", "client_email"},
        {"Mobile No.", "mobile no", "client_phone"},
        {"Phone (with country code)", "phone with country code", "client_phone"},
        {"Budget (AED)", "budget aed", "budget_max"},
        {"Min. Budget", "min budget", "budget_min"},
        {"Budget from", "budget from", "budget_min"},
        {"Move-in date", "move in date", "move_in_on"},
        {"BHK", "bhk", "bedrooms"},
        {"الاسم", "الاسم", "client_name"},
        {"First Name", "first name", "client_name"},
        {"Created Date", "created date", ""},
        {"Lead owner", "lead owner", ""},
        {"Record ID", "record id", ""},
        {"Why it was refused", "why it was refused", ""},
        {"Size", "size", "size_min"},
        {"Size (sq ft)", "size sq ft", "size_min"},
        {"Unit size", "unit size", "size_min"},
        {"Built-up area", "built up area", "size_min"},
        {"Shoe size", "shoe size", NULL},
        {"Family size", "family size", NULL},
        {"Favourite colour", "favourite colour", NULL},
        {"42", "", NULL},
        {"---", "", NULL},
        {"", "", NULL},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        int certainty = -1;
        const char *plain = import_header_plain(arena, known[i].header);
        assert_string_equal(plain, known[i].plain);
        const char *field = import_header_field(plain, &certainty);
        if (known[i].field)
            assert_string_equal(field, known[i].field);
        else
            assert_null(field);
        assert_int_equal(certainty > IMPORT_UNSURE, known[i].field != NULL);
    }
}

/* Every label of the form itself is understood: our own export and example files come back. */
static void headers_know_the_form(void **state) {
    (void)state;
    for (const struct field *field = lead_full_form.fields; field->name; field++) {
        int certainty;
        if (!import_field(field->name))
            continue;
        const char *found =
            import_header_field(import_header_plain(arena, field->label), &certainty);
        if (!text_equal(found, field->name))
            print_error("%s is taken for %s\n", field->label, found ? found : "nothing");
        assert_string_equal(found, field->name);
        found = import_header_field(import_header_plain(arena, field->name), &certainty);
        assert_string_equal(found, field->name);
    }
}

static void one_column_for_one_field(void **state) {
    (void)state;
    const char *fields[] = {"client_email", "client_email", "client_name", "client_name",
                            NULL,           "description",  "description", ""};
    const int sure[] = {10, IMPORT_SURE, IMPORT_PART, IMPORT_PART, 0, IMPORT_SURE, 5, IMPORT_SURE};
    import_settle_fields(fields, sure, 8);
    assert_null(fields[0]);
    assert_string_equal(fields[1], "client_email");
    assert_string_equal(fields[2], "client_name"); /* first and last name */
    assert_string_equal(fields[3], "client_name");
    assert_null(fields[4]);
    assert_string_equal(fields[5], "description");
    assert_string_equal(fields[6], "description");
    assert_string_equal(fields[7], "");

    const char *whole[] = {"client_name", "client_name", "client_name"};
    const int whole_sure[] = {IMPORT_PART, IMPORT_SURE, IMPORT_PART};
    import_settle_fields(whole, whole_sure, 3);
    assert_null(whole[0]); /* a full name needs no parts */
    assert_string_equal(whole[1], "client_name");
    assert_null(whole[2]);
}

static void first_rows(void **state) {
    (void)state;
    const char *names[] = {"Name", "Email", "", "Phone 2"};
    const char *client[] = {"Ann Alder", "ann@alder.example", "0501234567"};
    const char *dates[] = {"Ann", "31/12/2026"};
    const char *blank[] = {"", " "};
    assert_true(import_is_header(names, 4));
    assert_false(import_is_header(client, 3));
    assert_false(import_is_header(dates, 2));
    assert_false(import_is_header(blank, 2));
}

/* ── Days ── */

static void days(void **state) {
    (void)state;
    static const struct {
        const char *cell;
        enum import_dates order;
        const char *day;
    } cells[] = {
        {"31/12/2026", DATES_DMY, "2026-12-31"},
        {"12/31/2026", DATES_MDY, "2026-12-31"},
        {"12/31/2026", DATES_DMY, NULL},
        {"31/12/2026", DATES_MDY, NULL},
        {"2026-12-31", DATES_YMD, "2026-12-31"},
        {"2026-12-31", DATES_DMY, NULL},
        {"2026/2/3", DATES_YMD, "2026-02-03"},
        {"20261231", DATES_YMD, "2026-12-31"},
        {"2026-12-31T00:00:00Z", DATES_YMD, "2026-12-31"},
        {"2026-12-31 14:30:00", DATES_YMD, "2026-12-31"},
        {"12/31/2026 2:30 PM", DATES_MDY, "2026-12-31"},
        {"1.2.26", DATES_DMY, "2026-02-01"},
        {"1.2.71", DATES_DMY, "1971-02-01"},
        {"3 Dec 2026", DATES_DMY, "2026-12-03"},
        {"December 3, 2026", DATES_DMY, "2026-12-03"},
        {"December 3rd, 2026", DATES_MDY, "2026-12-03"},
        {"3-Dec-26", DATES_MDY, "2026-12-03"},
        {"03/04/2026", DATES_DMY, "2026-04-03"},
        {"03/04/2026", DATES_MDY, "2026-03-04"},
        {"30/02/2026", DATES_DMY, "2026-02-30"}, /* the form says that there is no such day */
        {"31/12-2026", DATES_DMY, NULL},
        {"31/12", DATES_DMY, NULL},
        {"0/12/2026", DATES_DMY, NULL},
        {"1/13/2026", DATES_DMY, NULL},
        {"tomorrow", DATES_DMY, NULL},
        {"12 34 5678 9", DATES_DMY, NULL},
        {"", DATES_DMY, NULL},
        {"050 123 4567", DATES_DMY, NULL},
    };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        const char *day = import_date(arena, cells[i].cell, cells[i].order);
        if (!text_equal(day, cells[i].day))
            print_error("\"%s\" by %s is %s\n", cells[i].cell, import_dates_code(cells[i].order),
                        day ? day : "no day");
        assert_true(text_equal(day, cells[i].day));
    }
}

static enum import_dates order_of(const char *const *cells, bool *certain) {
    struct import_dates_seen seen = {.cells = 0};
    for (; *cells; cells++)
        import_dates_look(&seen, *cells);
    return import_dates_decide(&seen, certain);
}

static void order_of_days(void **state) {
    (void)state;
    bool certain;
    assert_int_equal(order_of((const char *const[]){"01/02/2026", "13/02/2026", NULL}, &certain),
                     DATES_DMY);
    assert_true(certain);
    assert_int_equal(order_of((const char *const[]){"01/02/2026", "02/13/2026", NULL}, &certain),
                     DATES_MDY);
    assert_true(certain);
    assert_int_equal(order_of((const char *const[]){"01/02/2026", "03/04/2026", NULL}, &certain),
                     DATES_DMY);
    assert_false(certain); /* nothing decides: the person does */
    assert_int_equal(
        order_of((const char *const[]){"13/02/2026", "14/02/2026", "02/13/2026", NULL}, &certain),
        DATES_DMY);
    assert_false(certain);
    assert_int_equal(order_of((const char *const[]){"2026-02-01", NULL}, &certain), DATES_YMD);
    assert_true(certain);
    assert_int_equal(order_of((const char *const[]){"01/01/2026", "3 Dec 2026", NULL}, &certain),
                     DATES_DMY);
    assert_true(certain); /* one day in any order */
    (void)order_of((const char *const[]){"hello", NULL}, &certain);
    assert_true(certain);
}

/* Property: whatever day is written in an order is read back in it, and one beyond the twelfth
 * decides the column. */
static void days_come_back(void **state) {
    (void)state;
    static const char *const written[] = {"%02d/%02d/%04d", "%d.%d.%04d", "%d-%d-%04d",
                                          "%02d / %02d / %04d"};
    for (int month = 1; month <= 12; month++) {
        for (int day = 1; day <= 31; day++) {
            const char *iso = arena_printf(arena, "2027-%02d-%02d", month, day);
            for (size_t w = 0; w < 4; w++) {
                char dmy[64], mdy[64];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
                snprintf(dmy, sizeof dmy, written[w], day, month, 2027);
                snprintf(mdy, sizeof mdy, written[w], month, day, 2027);
#pragma GCC diagnostic pop
                assert_string_equal(import_date(arena, dmy, DATES_DMY), iso);
                assert_string_equal(import_date(arena, mdy, DATES_MDY), iso);
                struct import_dates_seen seen = {.cells = 0};
                bool certain;
                import_dates_look(&seen, mdy);
                enum import_dates order = import_dates_decide(&seen, &certain);
                assert_int_equal(certain, day > 12 || day == month);
                assert_true(day <= 12 || order == DATES_MDY);
            }
        }
        arena_reset(arena);
    }
}

/* ── Amounts ── */

static void amounts(void **state) {
    (void)state;
    static const struct {
        const char *cell;
        enum import_numbers style;
        const char *amount, *currency;
    } cells[] = {
        {"1.250.000,50", NUMBERS_COMMA, "1.250.000,50", NULL}, /* the form reads these by itself */
        {"12,50,000", NUMBERS_POINT, "12,50,000", NULL},
        {"1250", NUMBERS_POINT, "1250", NULL},
        {"1.250", NUMBERS_COMMA, "1250", NULL},
        {"1,250", NUMBERS_POINT, "1250", NULL},
        {"1.250", NUMBERS_POINT, "1.25", NULL},
        {"1.255", NUMBERS_POINT, "1.255", NULL},
        {"1,250", NUMBERS_COMMA, "1.25", NULL},
        {"AED 1,250,000", NUMBERS_POINT, "1,250,000", "AED"},
        {"1.250.000 €", NUMBERS_COMMA, "1.250.000", "EUR"},
        {"₹12,50,000", NUMBERS_POINT, "12,50,000", "INR"},
        {"Rs. 500", NUMBERS_POINT, "500", "INR"},
        {"US$ 5", NUMBERS_POINT, "5", "USD"},
        {"$5", NUMBERS_POINT, "5", NULL},
        {"5\u00A0AED", NUMBERS_POINT, "5", "AED"},
        {"1.5M", NUMBERS_POINT, "1.5M", NULL}, /* millions are for the person to write out */
        {"-5", NUMBERS_POINT, "-5", NULL},
        {"a lot", NUMBERS_POINT, "a lot", NULL},
        {"AED", NUMBERS_POINT, "", "AED"},
        {"", NUMBERS_POINT, "", NULL},
    };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        const char *currency = "?";
        assert_string_equal(import_amount(arena, cells[i].cell, cells[i].style, &currency),
                            cells[i].amount);
        assert_true(text_equal(currency, cells[i].currency));
    }
}

static void style_of_amounts(void **state) {
    (void)state;
    static const struct {
        const char *cells[4];
        enum import_numbers style;
        bool certain;
    } columns[] = {
        {{"1,250.50", "1,250"}, NUMBERS_POINT, true},
        {{"1.250,50", "1.250"}, NUMBERS_COMMA, true},
        {{"1.250", "2.500"}, NUMBERS_POINT, false},
        {{"1250", "2500"}, NUMBERS_POINT, true},
        {{"1.250.000"}, NUMBERS_COMMA, true},
        {{"1,250,000"}, NUMBERS_POINT, true},
        {{"12,5"}, NUMBERS_COMMA, true},
        {{"12,5", "12.5"}, NUMBERS_POINT, false},
        {{"12,50,000"}, NUMBERS_POINT, true},
        {{"words"}, NUMBERS_POINT, true},
    };
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        struct import_numbers_seen seen = {.cells = 0};
        bool certain;
        for (size_t c = 0; c < 4 && columns[i].cells[c]; c++)
            import_numbers_look(&seen, columns[i].cells[c]);
        assert_int_equal(import_numbers_decide(&seen, &certain), columns[i].style);
        assert_int_equal(certain, columns[i].certain);
    }
}

/* ── The rest ── */

static void small_things(void **state) {
    (void)state;
    const struct field property = {
        .name = "property_type", .kind = FIELD_CHOICE, .choices = lead_property_choices};
    const struct field source = {
        .name = "source", .kind = FIELD_CHOICE, .choices = lead_source_choices};
    assert_string_equal(import_choice(&property, "villa"), "villa");
    assert_string_equal(import_choice(&property, "VILLA"), "villa");
    assert_string_equal(import_choice(&property, "Flat"), "apartment");
    assert_string_equal(import_choice(&source, "Walk-in"), "walk_in");
    assert_string_equal(import_choice(&source, "Social media"), "social");
    assert_string_equal(import_choice(&source, "flat"),
                        "flat"); /* no source; the form refuses it */
    assert_string_equal(import_whole(arena, "1,200"), "1200");
    assert_string_equal(import_whole(arena, "3.0"), "3");
    assert_string_equal(import_whole(arena, "3.5"), "3.5");
    assert_string_equal(import_whole(arena, "-3"), "-3");
    assert_string_equal(import_whole(arena, "three"), "three");
    assert_string_equal(import_phone(arena, "971501112296.0"), "971501112296");
    assert_string_equal(import_phone(arena, "+971501112296,00"), "+971501112296");
    static const char *const kept[] = {"971501112296", "971501112296.5", "+971 50 111 2296.0", "04.321.00", "050.0", "971501112296.", "971501112296.000", ""};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        assert_string_equal(import_phone(arena, kept[i]), kept[i]);
    assert_true(import_phone_is_cut("971501112296.5"));
    assert_false(import_phone_is_cut("04.321.55"));
    assert_false(import_phone_is_cut("050111.2296"));
    assert_true(import_phone_is_cut("9.71501E+11"));
    assert_true(import_phone_is_cut("9,71501E+11"));
    assert_false(import_phone_is_cut("+971 50 123 4567"));
    assert_false(import_phone_is_cut("e"));
    assert_string_equal(import_plain("'+971 50"), "+971 50");
    assert_string_equal(import_plain("'=1+1"), "=1+1");
    assert_string_equal(import_plain("'＝1+1"), "＝1+1");
    assert_string_equal(import_plain("'tis"), "'tis");
    assert_string_equal(import_plain("'"), "'");
    assert_string_equal(import_plain("=1+1"), "=1+1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds),
        cmocka_unit_test(encodings),
        cmocka_unit_test(delimiters),
        cmocka_unit_test(headers),
        cmocka_unit_test(headers_know_the_form),
        cmocka_unit_test(one_column_for_one_field),
        cmocka_unit_test(first_rows),
        cmocka_unit_test(days),
        cmocka_unit_test(order_of_days),
        cmocka_unit_test(days_come_back),
        cmocka_unit_test(amounts),
        cmocka_unit_test(style_of_amounts),
        cmocka_unit_test(small_things),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
