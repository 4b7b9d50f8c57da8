#include "core/log.h"
#include "tests/support/forked.h"
#include "tests/support/unit.h"
#include <errno.h>

static char err[32768];

static void logged(void (*run)(void *), void *context) {
    assert_int_equal(forked_run(run, context, err, sizeof err), 0);
}

static size_t count_lines(void) {
    size_t lines = 0;
    for (const char *at = err; *at != '\0'; at++)
        lines += *at == '\n';
    return lines;
}

static void log_kinds(void *context) {
    (void)context;
    log_event(LOG_INFO, "kinds", "s", "%s", "text", "d", "%d", -3, "u", "%u", 3u, "x", "%x", 255u,
              "ld", "%ld", -4L, "lu", "%lu", 4UL, "zu", "%zu", (size_t)5, "lld", "%lld", -6LL,
              "llu", "%llu", 6ULL, "f", "%f", 1.5, "f1", "%.1f", 2.25, "fixed", "fixed", "around",
              "%d ms", 12, "null", "%s", NULL, NULL);
}

static void test_every_conversion(void **state) {
    (void)state;
    logged(log_kinds, NULL);
    assert_contains(err,
                    " level=info event=kinds s=text d=-3 u=3 x=ff ld=-4 lu=4 zu=5 lld=-6 llu=6 "
                    "f=1.500000 f1=2.2 fixed=fixed around=\"12 ms\" null=\"\"\n");
    assert_int_equal(count_lines(), 1);
}

static void log_bare(void *context) {
    (void)context;
    log_event(LOG_WARN, "bare", NULL);
}

static void test_timestamp(void **state) {
    (void)state;
    logged(log_bare, NULL);
    static const char shape[] = "ts=0000-00-00T00:00:00.000Z level=warn event=bare\n";
    assert_int_equal(strlen(err), sizeof shape - 1);
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        if (shape[i] == '0')
            assert_in_range(err[i], '0', '9');
        else
            assert_int_equal(err[i], shape[i]);
    }
}

static void log_value(void *context) {
    log_event(LOG_INFO, "value", "v", "%s", (const char *)context, "end", "%d", 1, NULL);
}

static void assert_value(const char *value, const char *expected) {
    char copy[256];
    char line[256];
    snprintf(copy, sizeof copy, "%s", value);
    logged(log_value, copy);
    snprintf(line, sizeof line, "event=value v=%s end=1\n", expected);
    assert_contains(err, line);
    assert_int_equal(count_lines(), 1);
}

static void test_values_cannot_forge(void **state) {
    (void)state;
    assert_value("plain/{id}", "plain/{id}");
    assert_value("", "\"\"");
    assert_value("two words", "\"two words\"");
    assert_value("a=b", "\"a=b\"");
    assert_value("x\nts=2026-01-01T00:00:00.000Z level=info event=forged",
                 "\"x\\nts=2026-01-01T00:00:00.000Z level=info event=forged\"");
    assert_value("say \"hi\" end=2", "\"say \\\"hi\\\" end=2\"");
    assert_value("back\\slash", "\"back\\\\slash\"");
    assert_value("\\\" end=2", "\"\\\\\\\" end=2\"");
    assert_value("\r\t\x1B[2J\x7F", "\"\\x0d\\x09\\x1b[2J\\x7f\"");
    assert_value("50% %s %n", "\"50% %s %n\"");
}

static void test_text_that_is_not_ascii(void **state) {
    (void)state;
    assert_value("caf\xC3\xA9", "\"caf\xC3\xA9\"");
    assert_value("\xC2\x85 next line", "\"\\xc2\\x85 next line\"");
    assert_value("\xE2\x80\xA8 separator", "\"\\xe2\\x80\\xa8 separator\"");
    assert_value("\xE2\x80\xAE override", "\"\\xe2\\x80\\xae override\"");
    assert_value("\xE2\x81\xA6 isolate", "\"\\xe2\\x81\\xa6 isolate\"");
    assert_value("\xE2\x82\xAC euro", "\"\xE2\x82\xAC euro\"");
    assert_value("\xFF\xC3 broken", "\"\\xff\\xc3 broken\"");
    assert_value("half \xE2\x82", "\"half \\xe2\\x82\"");
}

static void log_levels(void *context) {
    (void)context;
    log_event(LOG_DEBUG, "quiet", NULL);
    log_set_level(LOG_ERROR);
    log_event(LOG_WARN, "quiet", NULL);
    log_event(LOG_ERROR, "loud", NULL);
    log_set_level(LOG_DEBUG);
    log_event(LOG_DEBUG, "loud", NULL);
}

static void test_levels(void **state) {
    (void)state;
    logged(log_levels, NULL);
    assert_int_equal(count_lines(), 2);
    assert_lacks(err, "quiet");
    assert_contains(err, "level=error event=loud");
    assert_contains(err, "level=debug event=loud");
    enum log_level level = LOG_INFO;
    assert_true(log_level_find("error", &level));
    assert_int_equal(level, LOG_ERROR);
    assert_false(log_level_find("ERROR", &level));
    assert_false(log_level_find("", &level));
    assert_false(log_level_find(NULL, &level));
    assert_int_equal(level, LOG_ERROR);
}

static void log_context(void *context) {
    (void)context;
    char id[] = "r-1 \"x\"";
    log_set_process("worker=3");
    log_set_request(id);
    id[0] = 'q';
    log_event(LOG_INFO, "first", "a", "%d", 1, NULL);
    log_set_request("0123456789012345678901234567890123456789012345678901234567890123456789");
    log_event(LOG_INFO, "second", NULL);
    log_set_request(NULL);
    log_set_process(NULL);
    log_event(LOG_INFO, "third", NULL);
}

static void test_process_and_request(void **state) {
    (void)state;
    logged(log_context, NULL);
    assert_contains(err, "event=first worker=3 request=\"r-1 \\\"x\\\"\" a=1\n");
    assert_contains(err, "event=second worker=3 request="
                         "0123456789012345678901234567890123456789012345678901234567890123\n");
    assert_contains(err, "event=third\n");
}

static void log_long_value(void *context) {
    char value[3000];
    memset(value, 'a', sizeof value);
    value[sizeof value - 1] = '\0';
    memcpy(value + 1022, "\xE2\x82\xAC", 3);
    (void)context;
    log_event(LOG_INFO, "long", "v", "%s", value, "end", "%d", 1, NULL);
}

static void test_long_value_is_cut_between_characters(void **state) {
    (void)state;
    logged(log_long_value, NULL);
    assert_contains(err, "aaa... end=1\n");
    assert_int_equal(strspn(strstr(err, "v=") + 2, "a"), 1022);
}

static void log_long_line(void *context) {
    char value[1025];
    memset(value, '\n', sizeof value);
    value[sizeof value - 1] = '\0';
    (void)context;
    log_event(LOG_INFO, "long", "a", "%s", "kept", "b", "%s", value, "c", "%s", value, "d", "%s",
              value, "e", "%s", "lost", NULL);
    log_event(LOG_INFO, "next", NULL);
}

static void test_long_line_is_cut_between_pairs(void **state) {
    (void)state;
    logged(log_long_line, NULL);
    assert_int_equal(count_lines(), 2);
    assert_true(strchr(err, '\n') - err < 4096);
    assert_contains(err, "event=long a=kept b=\"\\n");
    assert_contains(err, "\\n\" cut=true\nts=");
    assert_lacks(err, "lost");
}

static void log_misused(void *context) {
    log_event(LOG_ERROR, "misused", "good", "%d", 1, "bad", (const char *)context, 2, "never", "%s",
              "read", NULL);
}

static void test_unreadable_conversions_end_the_line(void **state) {
    (void)state;
    static const char *const formats[] = {"%p", "%5d",  "%-d", "%*d",  "%d %d", "%n", "%%",
                                          "%",  "%hhd", "%Lf", "%.*s", "%.12f", "%c"};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        char format[16];
        snprintf(format, sizeof format, "%s", formats[i]);
        logged(log_misused, format);
        assert_contains(err, "event=misused good=1 log_misuse=bad\n");
    }
}

static void log_with_errno(void *context) {
    (void)context;
    errno = ENOENT;
    log_event(LOG_INFO, "errno", NULL);
    log_event(LOG_INFO, "kept", "errno", "%d", errno == ENOENT, NULL);
}

static void test_errno_is_preserved(void **state) {
    (void)state;
    logged(log_with_errno, NULL);
    assert_contains(err, "event=kept errno=1\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_conversion),
        cmocka_unit_test(test_timestamp),
        cmocka_unit_test(test_values_cannot_forge),
        cmocka_unit_test(test_text_that_is_not_ascii),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_process_and_request),
        cmocka_unit_test(test_long_value_is_cut_between_characters),
        cmocka_unit_test(test_long_line_is_cut_between_pairs),
        cmocka_unit_test(test_unreadable_conversions_end_the_line),
        cmocka_unit_test(test_errno_is_preserved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
