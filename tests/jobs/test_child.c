/* Programs that are run with little trust: what they say, and that they end. */
#include "jobs/child.h"
#include "core/clock.h"
#include "tests/support/unit.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct child_limits roomy = {.seconds = 20, .memory = 256L << 20};

static enum child_end run(char *script, const char *input, const struct child_limits *limits, struct buf *out) {
    static char shell[] = "sh", flag[] = "-c";
    char *const argv[] = {shell, flag, script, NULL};
    char path[] = "/tmp/test_child.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    assert_int_equal(write(fd, input, strlen(input)), (ssize_t)strlen(input));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    buf_init(out, 64 * 1024);
    enum child_end end = child_run(argv, fd, limits, out);
    close(fd);
    return end;
}

static void expect(enum child_end end, const char *said, const char *script, const char *input, const struct child_limits *limits) {
    struct buf out;
    char *copy = strdup(script);
    enum child_end got = run(copy, input, limits, &out);
    if (got != end || (said != NULL && strcmp(buf_text(&out), said) != 0))
        fail_msg("%s: %d \"%s\"", script, (int)got, buf_text(&out));
    free(copy);
    buf_free(&out);
}

static void what_it_says_is_heard(void **state) {
    (void)state;
    expect(CHILD_DONE, "hello\n", "cat", "hello\n", &roomy);
    expect(CHILD_DONE, "", "true", "", &roomy);
    expect(CHILD_FAILED, "half", "printf half; exit 3", "", &roomy);
    expect(CHILD_FAILED, NULL, "kill -SEGV $$", "", &roomy);
    expect(CHILD_FAILED, NULL, "yes", "", &roomy); /* more than there is room for */
    expect(CHILD_MISSING, "", "exec no-such-program", "", &roomy);
    struct buf out;
    static char nothing[] = "no-such-program-at-all";
    char *const argv[] = {nothing, NULL};
    buf_init(&out, 100);
    assert_int_equal(child_run(argv, 0, &roomy, &out), CHILD_MISSING);
    buf_free(&out);
}

static void it_has_nothing_of_ours(void **state) {
    (void)state;
    setenv("SECRET_OF_OURS", "x", 1);
    int ours = open("/dev/null", O_RDONLY);
    expect(CHILD_DONE, "none\n", "echo ${SECRET_OF_OURS:-none}", "", &roomy);
    expect(CHILD_DONE, "0 1 2 ", "for f in /proc/self/fd/*; do n=${f##*/}; [ -e /proc/$$/fd/$n ] && [ $n -lt 10 ] && printf '%s ' $n; done; true", "", &roomy);
    expect(CHILD_FAILED, NULL, "trap '' XFSZ; echo x > /tmp/test_child_written || exit 1", "", &roomy);
    unlink("/tmp/test_child_written");
    close(ours);
}

static void it_ends(void **state) {
    (void)state;
    const struct child_limits brief = {.seconds = 1, .memory = 256L << 20};
    int64_t begun = clock_monotonic_us();
    expect(CHILD_SLOW, NULL, "while :; do :; done", "", &brief);
    expect(CHILD_SLOW, NULL, "sleep 600", "", &brief);
    expect(CHILD_SLOW, "begun", "printf begun; exec >&-; sleep 600", "", &brief); /* silent, but still there */
    expect(CHILD_SLOW, NULL, "sleep 600 & sleep 600", "", &brief);
    assert_true(clock_monotonic_us() - begun < 20 * 1000000LL);
    /* more memory than it may have: it is told no, and fails */
    const struct child_limits small = {.seconds = 20, .memory = 32L << 20};
    expect(CHILD_FAILED, NULL, "perl -e '$x = \"x\" x (256 << 20)'", "", &small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_says_is_heard),
        cmocka_unit_test(it_has_nothing_of_ours),
        cmocka_unit_test(it_ends),
    };
    return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
