/* Who clicked, from where, and what is left of it. */
#include "domain/links/click_rules.h"
#include "tests/support/unit.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define CHROME                                                                                     \
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "             \
    "Chrome/126.0.0.0 Mobile Safari/537.36"

static void people_and_machines(void **state) {
    static const char *const people[] = {
        CHROME,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
        "Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
        "Mozilla/5.0 (Linux; Android 12; CUBOT_X50) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/120.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 11; Cubot Note 20) AppleWebKit/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 "
        "[LinkedInApp]/9.29",
        "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Mobile Safari/537.36 Instagram "
        "300.0.0.0 Android",
        "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)",
        "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1) Presto/2.8 Version/11.10",
    };
    static const char *const machines[] = {
        "",
        "-",
        "curl/7.88.1",
        "Wget/1.21",
        "python-requests/2.31",
        "Go-http-client/2.0",
        "okhttp/4.12",
        "Java/17",
        "axios/1.6",
        "WhatsApp/2.23.20.0",
        "TelegramBot (like TwitterBot)",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0)",
        "Mozilla/5.0 (Macintosh) AppleWebKit/600 (KHTML, like Gecko) Version/8 Safari/600 "
        "(Applebot/0.1)",
        "Mozilla/5.0 (compatible; YandexBot/3.0)",
        "Mozilla/5.0 (compatible; Baiduspider/2.0)",
        "Mozilla/5.0 (compatible; SomeCrawler)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.0)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "HeadlessChrome/126.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/100 Safari/537.36 "
        "BingPreview/1.0b",
        "Mozilla/5.0 (X11; Linux) Chrome/126 Safari Chrome-Lighthouse",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "LinkedInBot/1.0",
        "Mozilla/5.0 (cubot crawler)",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(people); i++)
        if (click_judge(false, people[i], NULL) != CLICK_PERSON)
            fail_msg("is a person: %s", people[i]);
    for (size_t i = 0; i < COUNT(machines); i++)
        for (int head = 0; head < 2; head++)
            if (click_judge(head, machines[i], NULL) != CLICK_ROBOT)
                fail_msg("is a machine: %s", machines[i]);
}

static void browsers_that_only_look_ahead(void **state) {
    static const char *const ahead[] = {"prefetch", "prefetch;prerender", "Prefetch", "preview",
                                        "prerender"};
    (void)state;
    for (size_t i = 0; i < COUNT(ahead); i++)
        assert_int_equal(click_judge(false, CHROME, ahead[i]), CLICK_PREFETCH);
    assert_int_equal(click_judge(false, CHROME, ""), CLICK_PERSON);
    assert_int_equal(click_judge(false, CHROME, "navigation"), CLICK_PERSON);
    assert_int_equal(click_judge(true, CHROME, NULL), CLICK_CHECK);
    assert_int_equal(click_judge(true, CHROME, "prefetch"), CLICK_CHECK);
    for (int kind = 0; kind < CLICK_KINDS; kind++)
        assert_true(strlen(click_kind_code((enum click_kind)kind)) > 0);
}

static void only_the_host_is_kept(void **state) {
    static const struct {
        const char *referrer, *host; /* NULL: none */
    } cases[] = {
        {"https://News.example/page?secret=1#x", "news.example"},
        {"http://a.example:8080/", "a.example:8080"},
        {"HTTPS://a.example", "a.example"},
        {"https://a.example?x", "a.example"},
        {"android-app://com.mail.example/", "com.mail.example"},
        {"https://portal.example/leads", NULL}, /* our own */
        {"https://user:pass@a.example/", NULL},
        {"https://a b.example/", NULL},
        {"https://a\".example/", NULL},
        {"https://a,b}.example/", NULL},
        {"https://NULL.example/", "null.example"},
        {"https:///x", NULL},
        {"about:blank", NULL},
        {"//a.example/", NULL},
        {"", NULL},
        {NULL, NULL},
        {"https://b\xC3\xBC.example/", NULL},
        {"https://"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         ".example/",
         NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char host[REFERRER_SIZE] = "";
        bool told = referrer_host(cases[i].referrer, "portal.example", host);
        if (told != (cases[i].host != NULL))
            fail_msg("%s: %d", cases[i].referrer ? cases[i].referrer : "NULL", told);
        if (told)
            assert_string_equal(host, cases[i].host);
    }
}

static void visitors_are_known_for_a_day(void **state) {
    uint8_t a[VISITOR_SIZE], b[VISITOR_SIZE];
    const time_t noon = 1795521600;
    (void)state;
    visitor_hash("secret", 6, noon, "192.0.2.1", CHROME, a);
    visitor_hash("secret", 6, noon + 11 * 3600, "192.0.2.1", CHROME, b);
    assert_memory_equal(a, b, VISITOR_SIZE);
    visitor_hash("secret", 6, noon + 12 * 3600, "192.0.2.1", CHROME, b); /* tomorrow */
    assert_memory_not_equal(a, b, VISITOR_SIZE);
    visitor_hash("secret", 6, noon, "192.0.2.2", CHROME, b);
    assert_memory_not_equal(a, b, VISITOR_SIZE);
    visitor_hash("secret", 6, noon, "192.0.2.1", "Mozilla/5.0", b);
    assert_memory_not_equal(a, b, VISITOR_SIZE);
    visitor_hash("another", 7, noon, "192.0.2.1", CHROME, b);
    assert_memory_not_equal(a, b, VISITOR_SIZE);
    static char longer[5000]; /* longer than any header is let through */
    memset(longer, 'x', sizeof longer - 1);
    visitor_hash("secret", 6, noon, "192.0.2.1", longer, a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_and_machines),
        cmocka_unit_test(browsers_that_only_look_ahead),
        cmocka_unit_test(only_the_host_is_kept),
        cmocka_unit_test(visitors_are_known_for_a_day),
    };
    return cmocka_run_group_tests_name("domain: click rules", tests, NULL, NULL);
}
