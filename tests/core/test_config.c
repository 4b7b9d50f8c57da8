#include "core/config.h"
#include "tests/support/unit.h"
#include <unistd.h>

extern char **environ;

static char path[] = "/tmp/tessera-test-config-XXXXXX";
static char error[512];
static struct config config;

/* Variables of whoever runs the tests must not decide how they end. */
static int setup_group(void **state) {
    (void)state;
    for (char **at = environ; *at != NULL;) {
        char name[128];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(*at, "="), *at);
        if (strncmp(name, "TESSERA_", 8) == 0 && unsetenv(name) == 0)
            at = environ;
        else
            at++;
    }
    int fd = mkstemp(path);
    if (fd < 0)
        return -1;
    close(fd);
    return 0;
}

static int teardown_group(void **state) {
    (void)state;
    return unlink(path);
}

static void write_bytes(const char *bytes, size_t size) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static enum err load(const char *text) {
    write_bytes(text, strlen(text));
    error[0] = '\0';
    return config_load(path, &config, error, sizeof error);
}

static void assert_loads(const char *text) {
    if (load(text) != OK)
        fail_msg("%s", error);
}

/* The sentence begins with the file, then line, then rest. */
static void assert_refused(const char *text, const char *rest) {
    char whole[512];
    if (load(text) == OK)
        fail_msg("accepted: %s", text);
    snprintf(whole, sizeof whole, "%s:%s", path, rest);
    assert_string_equal(error, whole);
    assert_null(config.base_url);
}

static void test_defaults(void **state) {
    (void)state;
    assert_int_equal(config_load(NULL, &config, error, sizeof error), OK);
    assert_string_equal(config.base_url, "http://127.0.0.1:8080");
    assert_string_equal(config.log_level, "info");
    assert_string_equal(config.secret_file, TESSERA_SYSCONFDIR "/secret");
    assert_string_equal(config.templates, TESSERA_DATADIR "/templates");
    assert_string_equal(config.files, TESSERA_LOCALSTATEDIR "/files");
    assert_int_equal(config.workers, 4);
    assert_int_equal(config.auth_workers, 2);
    assert_int_equal(config.requests_per_worker, 10000);
    assert_int_equal(config.request_deadline, 15);
    assert_int_equal(config.statement_timeout, 8000);
    assert_int_equal(config.session_idle, 12 * 3600);
    assert_int_equal(config.session_absolute, 14 * 86400);
    assert_int_equal(config.body_limit, 1 << 20);
    assert_int_equal(config.upload_limit, 64 << 20);
    assert_int_equal(config.import_limit, 64 << 20);
    assert_int_equal(config.login_tries_account, 10);
    assert_int_equal(config.login_tries_address, 50);
    assert_int_equal(config.login_window, 900);
    assert_int_equal(config.argon2.memory, 19456);
    assert_int_equal(config.argon2.passes, 2);
    assert_int_equal(config.argon2.lanes, 1);
    assert_true(config.secure_cookies);
    assert_false(config.development);
    config_free(&config);
}

static void test_file_is_read(void **state) {
    (void)state;
    assert_loads("# a comment\n\n  workers=7  \n\tbase_url =\thttps://partners.example:8443\n"
                 "database = host=/run/db dbname=portal # not a comment\r\n"
                 "development = true\nargon2_memory = 65536");
    assert_int_equal(config.workers, 7);
    assert_string_equal(config.base_url, "https://partners.example:8443");
    assert_string_equal(config.database, "host=/run/db dbname=portal # not a comment");
    assert_true(config.development);
    assert_int_equal(config.argon2.memory, 65536);
    config_free(&config);
    assert_loads("");
    config_free(&config);
}

static void test_lines_that_are_refused(void **state) {
    (void)state;
    assert_refused("workers 7\n", "1: This line is not `key = value`.");
    assert_refused("# x\n\nworker = 7\n",
                   "3: There is no setting \"worker\"; `tessera config` shows them all.");
    assert_refused("= 7\n", "1: There is no setting \"\"; `tessera config` shows them all.");
    assert_refused("workers = 1\nsocket = /s\nworkers = 2\n",
                   "3: workers is set in line 1 already.");
    assert_refused("\nfiles =\n", "2: files must be given; it is empty.");
    assert_refused("files = a\x01z\n", "1: files must be one line of UTF-8 text.");
    assert_refused("files = a\xFFz\n", "1: files must be one line of UTF-8 text.");
}

static void test_nul_is_refused(void **state) {
    (void)state;
    char sentence[128];
    write_bytes("workers = 1\nfiles = a\0b\n", 23);
    assert_int_equal(config_load(path, &config, error, sizeof error), ERR_INVALID);
    snprintf(sentence, sizeof sentence, "%s:2: This line holds a NUL byte.", path);
    assert_string_equal(error, sentence);
}

static void test_values_that_are_refused(void **state) {
    (void)state;
    static const char workers[] = "1: workers must be a whole number from 1 to 512 (processes).";
    assert_refused("workers = 0\n", workers);
    assert_refused("workers = 513\n", workers);
    assert_refused("workers = four\n", workers);
    assert_refused("workers = 4x\n", workers);
    assert_refused("workers =\n", workers);
    assert_refused("workers = 99999999999999999999\n", workers);
    assert_refused("development = yes\n", "1: development must be true or false.");
    assert_refused("log_level = loud\n", "1: log_level must be debug, info, warn or error.");
    assert_refused("\nargon2_memory = 19455\n",
                   "2: argon2_memory must be a whole number from 19456 to 4194304 (KiB).");
    assert_refused("argon2_passes = 1\n",
                   "1: argon2_passes must be a whole number from 2 to 100 (passes).");
}

static void test_base_url(void **state) {
    (void)state;
    static const char *const good[] = {
        "http://localhost",
        "https://partners.example",
        "https://[::1]:8443",
        "http://10.0.0.1:80",
    };
    static const char *const bad[] = {
        "partners.example",
        "ftp://partners.example",
        "https://",
        "https://partners.example/",
        "https://partners.example/x",
        "https://a.example:",
        "https://a.example:0",
        "https://a.example:65536",
        "https://a.example:8x",
        "https://a b.example",
        "https://u@a.example",
        "https://a.example?x",
        "https://[::1",
        "https://[",
        "https://a.example#x",
        "HTTPS://a.example",
    };
    char text[128];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        snprintf(text, sizeof text, "base_url = %s\n", good[i]);
        assert_loads(text);
        config_free(&config);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text, "base_url = %s\n", bad[i]);
        assert_refused(text,
                       "1: base_url must be http:// or https:// and a host name, maybe with a "
                       "port, without a slash at the end.");
    }
}

static void test_insecure_cookies_only_on_this_machine(void **state) {
    (void)state;
    static const char *const good[] = {"http://localhost", "http://localhost:3000",
                                       "http://127.0.0.1:8080"};
    static const char *const bad[] = {
        "https://partners.example",
        "http://partners.example",
        "https://localhost",
        "http://localhost.example",
        "http://127.0.0.1.example:8080",
        "http://127.0.0.10",
        "http://localhos",
        "http://10.0.0.1",
    };
    char text[128];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        snprintf(text, sizeof text, "secure_cookies = false\nbase_url = %s\n", good[i]);
        assert_loads(text);
        assert_false(config.secure_cookies);
        config_free(&config);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        snprintf(text, sizeof text, "base_url = %s\nsecure_cookies = false\n", bad[i]);
        assert_refused(text,
                       "2: secure_cookies must be true, unless base_url is http://localhost or "
                       "http://127.0.0.1.");
    }
}

static void test_sessions_end_in_order(void **state) {
    (void)state;
    assert_refused("session_absolute = 60\nsession_idle = 61\n",
                   "2: session_idle must be at most session_absolute.");
    assert_loads("session_absolute = 60\nsession_idle = 60\n");
    config_free(&config);
    assert_int_equal(load("session_absolute = 3600\n"), ERR_INVALID);
    assert_string_equal(error, "session_idle must be at most session_absolute.");
}

static void test_environment_wins(void **state) {
    (void)state;
    setenv("TESSERA_WORKERS", "9", 1);
    setenv("TESSERA_BASE_URL", "https://env.example", 1);
    setenv("TESSERA_UNRELATED", "fine", 1);
    assert_loads("workers = 7\nauth_workers = 3\n");
    assert_int_equal(config.workers, 9);
    assert_int_equal(config.auth_workers, 3);
    assert_string_equal(config.base_url, "https://env.example");
    config_free(&config);

    setenv("TESSERA_WORKERS", "many", 1);
    assert_int_equal(load("workers = 7\n"), ERR_INVALID);
    assert_string_equal(
        error,
        "TESSERA_WORKERS in the environment must be a whole number from 1 to 512 (processes).");
    unsetenv("TESSERA_WORKERS");
    setenv("TESSERA_FILES", "two\nlines", 1);
    assert_int_equal(load(""), ERR_INVALID);
    assert_string_equal(error, "TESSERA_FILES in the environment must be one line of UTF-8 text.");
    unsetenv("TESSERA_FILES");
    unsetenv("TESSERA_BASE_URL");
    unsetenv("TESSERA_UNRELATED");
}

static void test_files_that_cannot_be_read(void **state) {
    (void)state;
    assert_int_equal(config_load("/nowhere/tessera.conf", &config, error, sizeof error),
                     ERR_NOT_FOUND);
    assert_string_equal(error, "/nowhere/tessera.conf can't be read: No such file or directory.");
    assert_int_equal(config_load("/", &config, error, sizeof error), ERR_NOT_FOUND);
    assert_string_equal(error, "/ can't be read: Is a directory.");
}

static char *printed(void) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    config_print(&config, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void test_print_is_a_file_that_loads(void **state) {
    (void)state;
    assert_loads("workers = 7\nsecure_cookies = false\nargon2_passes = 3\n"
                 "database = dbname=x password='a#b = c'\n");
    char *first = printed();
    config_free(&config);
    assert_contains(first, "\nworkers = 7\n");
    assert_contains(first, "# Default: 4 processes, from 1 to 512\n");
    assert_contains(first, "\ndatabase = dbname=x password='a#b = c'\n");

    assert_loads(first);
    char *second = printed();
    config_free(&config);
    assert_string_equal(first, second);
    free(first);
    free(second);
}

static void test_print_is_readable(void **state) {
    (void)state;
    assert_int_equal(config_load(NULL, &config, error, sizeof error), OK);
    char *text = printed();
    config_free(&config);
    size_t settings = 0;
    size_t documented = 0;
    for (char *line = text; line != NULL && *line != '\0';) {
        char *end = strchr(line, '\n');
        assert_non_null(end);
        assert_in_range(end - line, 0, 100);
        settings += line[0] >= 'a' && line[0] <= 'z';
        documented += strncmp(line, "# Default: ", 11) == 0;
        line = end + 1;
    }
    assert_true(settings > 20);
    assert_int_equal(documented, settings);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_file_is_read),
        cmocka_unit_test(test_lines_that_are_refused),
        cmocka_unit_test(test_nul_is_refused),
        cmocka_unit_test(test_values_that_are_refused),
        cmocka_unit_test(test_base_url),
        cmocka_unit_test(test_insecure_cookies_only_on_this_machine),
        cmocka_unit_test(test_sessions_end_in_order),
        cmocka_unit_test(test_environment_wins),
        cmocka_unit_test(test_files_that_cannot_be_read),
        cmocka_unit_test(test_print_is_a_file_that_loads),
        cmocka_unit_test(test_print_is_readable),
    };
    return cmocka_run_group_tests(tests, setup_group, teardown_group);
}
