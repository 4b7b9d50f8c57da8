/* What stands on a business card, and how large its picture says it is. */
#include "core/text.h"
#include "domain/cards/card_rules.h"
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

static const char *shown(const char *text) {
    return text != NULL ? text : "(null)";
}

static void cards_are_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        struct card card;
    } cases[] = {
        {"Layla Haddad\nSales Director\n\nHarbour Realty LLC\n\nM: +971 50 123 4567\nlayla.haddad@harbour.example\nwww.harbour.example\n"
         "Office 1204, Marina Tower\nDubai, UAE\n",
         {.name = "Layla Haddad", .title = "Sales Director", .company = "Harbour Realty LLC", .phone = "+971 50 123 4567",
          .email = "layla.haddad@harbour.example", .website = "www.harbour.example", .address = "Office 1204, Marina Tower, Dubai, UAE"}},
        /* the firm above, marks around, a fax and two phones; a name in capitals */
        {"|| NORTHWIND TRADING CO. ||\n\n  JOHN P. O'NEIL \n Managing Partner\nTel. 020 7946 0018 | Fax 020 7946 0019\nMobile +44 7700 900123\nE-mail: J.ONEIL @northwind.example\n",
         {.name = "JOHN P. O'NEIL", .company = "NORTHWIND TRADING CO.", .title = "Managing Partner", .phone = "+44 7700 900123",
          .email = "j.oneil@northwind.example"}},
        /* of two lines that could be names, the one that the mail address is made of */
        {"Golden Gate\nPriya Raman\npraman@gg.example\n", {.name = "Priya Raman", .email = "praman@gg.example"}},
        {"Zoë Müller-Lüdenscheidt\n+49 30 901820\n", {.name = "Zoë Müller-Lüdenscheidt", .phone = "+49 30 901820"}},
        {"Omar bin Rashid\nhttps://Rashid.example/omar\n", {.name = "Omar bin Rashid", .website = "rashid.example"}},
        /* dots that a photo has lost */
        {"Rana Castellan\nrana.castellan@bluewater example\nwww.bluewater example\n",
         {.name = "Rana Castellan", .email = "rana.castellan@bluewater.example", .website = "www.bluewater.example"}},
        {"12345\n:::\n\n", {.name = NULL}},
        {"", {.name = NULL}},
        {"a@b\n@x.example\nx@.example\nx@y..example\nx@y.e\n", {.name = NULL}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct card got = card_of_text(arena, cases[i].text);
        const char *const pairs[][3] = {
            {"name", got.name, cases[i].card.name},       {"company", got.company, cases[i].card.company},
            {"title", got.title, cases[i].card.title},    {"email", got.email, cases[i].card.email},
            {"phone", got.phone, cases[i].card.phone},    {"website", got.website, cases[i].card.website},
            {"address", got.address, cases[i].card.address},
        };
        for (size_t p = 0; p < sizeof pairs / sizeof *pairs; p++) {
            bool asked = cases[i].card.address != NULL || strcmp(pairs[p][0], "address") != 0;
            if (asked && !text_equal(pairs[p][1], pairs[p][2]))
                fail_msg("card %zu: %s is \"%s\" and not \"%s\"", i, pairs[p][0], shown(pairs[p][1]), shown(pairs[p][2]));
        }
    }
}

static void nothing_is_nothing(void **state) {
    (void)state;
    struct card card = card_of_text(arena, "12\n--\n~ ~ ~\n");
    assert_false(card_useful(&card));
    card = card_of_text(arena, "reach me at x@y.example");
    assert_true(card_useful(&card));
}

/* Whatever a picture makes tesseract say: it ends, and what comes out is whole characters. */
static void noise_does_no_harm(void **state) {
    (void)state;
    char noise[3 * CARD_TEXT_MAX];
    for (unsigned seed = 1; seed < 200; seed++) {
        unsigned next = seed;
        size_t size = 0;
        while (size + 4 < sizeof noise) {
            static const char *const pieces[] = {"a", "B", " ", "\n", "@", ".", "7", "+", "(", "é", "√", "www.", "LLC", "x@y.example", "-", "\t"};
            next = next * 1103515245u + 12345u;
            const char *piece = pieces[(next >> 16) % (sizeof pieces / sizeof *pieces)];
            if (size + strlen(piece) + 1 >= sizeof noise)
                break;
            memcpy(noise + size, piece, strlen(piece));
            size += strlen(piece);
        }
        noise[size] = '\0';
        struct card card = card_of_text(arena, noise);
        const char *const parts[] = {card.name, card.company, card.title, card.email, card.phone, card.website, card.address};
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            if (parts[i] == NULL)
                continue;
            assert_true(text_utf8_valid(parts[i], strlen(parts[i])));
            assert_true(strlen(parts[i]) <= 600);
        }
        arena_reset(arena);
    }
}

static void sizes(void **state) {
    (void)state;
    static const struct {
        const char *data;
        size_t size;
        unsigned long width, height; /* 0: can't be found */
    } pictures[] = {
        {"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\4\0\0\0\3\0\10\2\0\0\0", 29, 1024, 768},
        {"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\4\0", 20, 0, 0},
        {"GIF89a\x40\1\xF0\0", 10, 320, 240},
        {"\xFF\xD8\xFF\xE0\0\4ab\xFF\xFF\xC0\0\x11\x08\x03\0\x04\0\3", 20, 1024, 768},
        {"\xFF\xD8\xFF\xE0\xFF\xFF" "ab\xFF\xC0\0\x11\x08\x03\0\x04\0\3", 20, 0, 0}, /* a segment that is longer than the file */
        {"\xFF\xD8\xFF\xE0\0\0ab\xFF\xC0\0\x11\x08\x03\0\x04\0\3", 20, 0, 0},
        {"\xFF\xD8\xFF\xDA\0\4ab\xFF\xC0\0\x11\x08\x03\0\x04\0\3", 20, 0, 0}, /* data begins before a frame */
        {"RIFF\0\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0\x7F\x02\0\xDF\x01\0", 30, 640, 480},
        {"RIFF\0\0\0\0WEBPVP8 \n\0\0\0\0\0\0\x9D\x01\x2A\x80\x02\xE0\x01", 30, 640, 480},
        {"RIFF\0\0\0\0WEBPVP8L\n\0\0\0\x2F\x7F\xC2\x77\0\0\0\0\0\0", 30, 640, 480},
        {"RIFF\0\0\0\0WAVEfmt ", 16, 0, 0},
        {"%PDF-1.7 and more than enough bytes", 34, 0, 0},
        {"", 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        unsigned long width = 0, height = 0;
        bool found = card_picture_size(pictures[i].data, pictures[i].size, &width, &height);
        if (found != (pictures[i].width > 0) || (found && (width != pictures[i].width || height != pictures[i].height)))
            fail_msg("picture %zu: %lu x %lu", i, width, height);
        /* and no byte beyond the end is looked at: valgrind and ASan would say */
        for (size_t less = 0; less < pictures[i].size; less++) {
            char *part = malloc(less + 1);
            memcpy(part, pictures[i].data, less);
            (void)card_picture_size(part, less, &width, &height);
            free(part);
        }
    }
    assert_true(card_picture_fits(8160, 6120)); /* fifty megapixels */
    assert_false(card_picture_fits(0, 100));
    assert_false(card_picture_fits(8001, 8001));
    assert_false(card_picture_fits(16001, 10));
    assert_false(card_picture_fits(4294967295UL, 4294967295UL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cards_are_read),
        cmocka_unit_test(nothing_is_nothing),
        cmocka_unit_test(noise_does_no_harm),
        cmocka_unit_test(sizes),
    };
    return cmocka_run_group_tests_name("card rules", tests, setup, teardown);
}
