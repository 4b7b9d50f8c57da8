/* Secrets in files. */
#include "core/log.h"
#include "core/secret.h"
#include "tests/support/unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/tessera-secret-XXXXXX";

static void put(const char *text, size_t size) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static int setup(void **state) {
    (void)state;
    log_set_level(LOG_ERROR + 1);
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int teardown(void **state) {
    (void)state;
    return unlink(path);
}

static void texts(void **state) {
    (void)state;
    char out[SECRET_TEXT_MAX];
    put("  pass word \r\nsecond line\n", 26);
    assert_true(secret_text_load(path, out));
    assert_string_equal(out, "pass word");
    put("x", 1);
    assert_true(secret_text_load(path, out));
    assert_string_equal(out, "x");
    put("\nx", 2);
    assert_false(secret_text_load(path, out));
    put("", 0);
    assert_false(secret_text_load(path, out));
    char *much = calloc(1, SECRET_TEXT_MAX);
    memset(much, 'x', SECRET_TEXT_MAX);
    put(much, SECRET_TEXT_MAX);
    assert_false(secret_text_load(path, out));
    put(much, SECRET_TEXT_MAX - 1);
    assert_true(secret_text_load(path, out));
    free(much);
    assert_false(secret_text_load("/nowhere/at/all", out));
}

static void keys(void **state) {
    (void)state;
    uint8_t key[SHA256_SIZE], again[SHA256_SIZE], one[SHA256_SIZE], other[SHA256_SIZE];
    put("0123456789012345678901234567890", 31);
    assert_false(secret_key_load(path, key));
    put("01234567890123456789012345678901", 32);
    assert_true(secret_key_load(path, key));
    assert_true(secret_key_load(path, again));
    assert_memory_equal(key, again, sizeof key);
    secret_key_for(key, "one", one);
    secret_key_for(key, "other", other);
    assert_memory_not_equal(one, other, sizeof one);
    assert_memory_not_equal(one, key, sizeof one);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(texts), cmocka_unit_test(keys)};
    return cmocka_run_group_tests_name("core: secrets", tests, setup, teardown);
}
