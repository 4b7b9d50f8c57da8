#include "core/crypto.h"
#include "core/text.h"
#include "tests/support/unit.h"
#include <sys/resource.h>

static void test_base64url_vectors(void **state) {
    (void)state;
    /* RFC 4648 section 10, without padding */
    static const char *const vectors[][2] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"},
    };
    char out[16];
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        crypto_base64url(vectors[i][0], strlen(vectors[i][0]), out);
        assert_string_equal(out, vectors[i][1]);
    }
    crypto_base64url("\xFB\xEF\xBE\xFF\xFF", 5, out);
    assert_string_equal(out, "----__8");
}

static void test_hex(void **state) {
    (void)state;
    char out[9];
    crypto_hex("", 0, out);
    assert_string_equal(out, "");
    crypto_hex("\x00\x9A\xBC\xFF", 4, out);
    assert_string_equal(out, "009abcff");
}

static void test_sha256_vectors(void **state) {
    (void)state;
    /* FIPS 180-4 examples */
    uint8_t digest[SHA256_SIZE];
    char hex[2 * SHA256_SIZE + 1];
    crypto_sha256("abc", 3, digest);
    crypto_hex(digest, sizeof digest, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    crypto_sha256("", 0, digest);
    crypto_hex(digest, sizeof digest, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void assert_hmac(const void *key, size_t key_size, const void *data, size_t size,
                        const char *expected) {
    uint8_t mac[SHA256_SIZE];
    char hex[2 * SHA256_SIZE + 1];
    crypto_hmac_sha256(key, key_size, data, size, mac);
    crypto_hex(mac, sizeof mac, hex);
    assert_string_equal(hex, expected);
}

static void test_hmac_vectors(void **state) {
    (void)state;
    /* RFC 4231, cases 1, 2, 3, 6 and 7 */
    static const char case6[] = "Test Using Larger Than Block-Size Key - Hash Key First";
    static const char case7[] =
        "This is a test using a larger than block-size key and a larger than "
        "block-size data. The key needs to be hashed before being used by "
        "the HMAC algorithm.";
    uint8_t key[131];
    uint8_t data[50];
    memset(key, 0x0b, 20);
    assert_hmac(key, 20, "Hi There", 8,
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    assert_hmac("Jefe", 4, "what do ya want for nothing?", 28,
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    memset(data, 0xdd, sizeof data);
    assert_hmac(key, 20, data, sizeof data,
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    assert_hmac(key, 131, case6, sizeof case6 - 1,
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    assert_hmac(key, 131, case7, sizeof case7 - 1,
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

static void test_equal(void **state) {
    (void)state;
    assert_true(crypto_equal("abc", "abc", 3));
    assert_false(crypto_equal("abc", "abd", 3));
    assert_true(crypto_equal("abc", "abd", 2));
    assert_true(crypto_equal("", "", 0));
}

static void test_tokens(void **state) {
    (void)state;
    char seen[64][TOKEN_TEXT_SIZE];
    for (size_t i = 0; i < 64; i++) {
        crypto_token(seen[i]);
        assert_int_equal(strlen(seen[i]), TOKEN_TEXT_SIZE - 1);
        assert_int_equal(strspn(seen[i], "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                         "0123456789-_"),
                         TOKEN_TEXT_SIZE - 1);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(seen[i], seen[j]);
    }
}

static void test_random_fills_everything(void **state) {
    (void)state;
    uint8_t any[64] = {0};
    for (int round = 0; round < 8; round++) {
        uint8_t bytes[64] = {0};
        crypto_random(bytes, sizeof bytes);
        for (size_t i = 0; i < sizeof bytes; i++)
            any[i] |= bytes[i];
    }
    for (size_t i = 0; i < sizeof any; i++)
        assert_int_not_equal(any[i], 0);
    crypto_random(any, 0);
}

/* As cheap as argon2 allows: what is tested is not the cost. */
static const struct argon2_cost cheap = {.memory = 64, .passes = 1, .lanes = 1};

static void test_password_roundtrip(void **state) {
    (void)state;
    char first[PASSWORD_HASH_SIZE];
    char second[PASSWORD_HASH_SIZE];
    assert_true(crypto_password_hash("correct horse", &cheap, first));
    assert_true(crypto_password_hash("correct horse", &cheap, second));
    assert_true(text_starts(first, "$argon2id$v=19$m=64,t=1,p=1$"));
    assert_string_not_equal(first, second);
    assert_true(crypto_password_verify("correct horse", first));
    assert_true(crypto_password_verify("correct horse", second));
    assert_false(crypto_password_verify("correct horsf", first));
    assert_false(crypto_password_verify("correct horse ", first));
    assert_false(crypto_password_verify("", first));
}

static void test_password_of_any_text(void **state) {
    (void)state;
    char encoded[PASSWORD_HASH_SIZE];
    char longest[2001];
    memset(longest, 'x', 2000);
    longest[2000] = '\0';
    assert_true(crypto_password_hash(longest, &cheap, encoded));
    assert_true(crypto_password_verify(longest, encoded));
    longest[1999] = 'y';
    assert_false(crypto_password_verify(longest, encoded));
    assert_true(crypto_password_hash("\xD9\x83\xD9\x84\xD9\x85\xD8\xA9", &cheap, encoded));
    assert_true(crypto_password_verify("\xD9\x83\xD9\x84\xD9\x85\xD8\xA9", encoded));
}

static void test_broken_encodings_do_not_verify(void **state) {
    (void)state;
    static const char *const broken[] = {
        "",
        "plain",
        "$argon2id$",
        "$argon2id$v=19$m=64,t=1,p=1$",
        "$argon2id$v=19$m=64,t=1,p=1$c2FsdA",
        "$argon2id$v=19$m=64,t=0,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        assert_false(crypto_password_verify("plain", broken[i]));
}

/* The largest cost that config.c accepts still fits. */
static void test_longest_encoding_fits(void **state) {
    (void)state;
    char text[PASSWORD_HASH_SIZE];
    int length = snprintf(text, sizeof text, "$argon2id$v=19$m=%u,t=%u,p=%u$%022d$%043d",
                          UINT32_MAX, UINT32_MAX, UINT32_MAX, 0, 0);
    assert_in_range(length, 1, PASSWORD_HASH_SIZE - 1);
}

static void test_outdated(void **state) {
    (void)state;
    char encoded[PASSWORD_HASH_SIZE];
    const struct argon2_cost cost = {.memory = 128, .passes = 2, .lanes = 1};
    assert_true(crypto_password_hash("x", &cost, encoded));
    assert_false(crypto_password_outdated(encoded, &cost));
    assert_false(crypto_password_outdated(encoded, &cheap));
    assert_true(crypto_password_outdated(encoded, &(struct argon2_cost){129, 2, 1}));
    assert_true(crypto_password_outdated(encoded, &(struct argon2_cost){128, 3, 1}));
    assert_true(crypto_password_outdated(encoded, &(struct argon2_cost){128, 2, 2}));
    /* more of one thing does not make up for less of another */
    assert_true(crypto_password_outdated(encoded, &(struct argon2_cost){64, 3, 1}));
}

static void test_other_schemes_are_outdated(void **state) {
    (void)state;
    static const char *const others[] = {
        "",
        "$2b$12$abcdefghijklmnopqrstuv",
        "$argon2i$v=19$m=65536,t=9,p=4$c2FsdHNhbHQ$aGFzaA",
        "$argon2id$v=16$m=65536,t=9,p=4$c2FsdHNhbHQ$aGFzaA",
        "$argon2id$m=65536,t=9,p=4$c2FsdHNhbHQ$aGFzaA",
        "$argon2id$v=19$",
        "$argon2id$v=19$m=,t=,p=$",
        "$argon2id$v=19$t=9,m=65536,p=4$c2FsdHNhbHQ$aGFzaA",
        "$argon2id$v=19$m=99999999999999999999,t=9,p=4$c2FsdHNhbHQ$aGFzaA",
    };
    assert_true(crypto_password_outdated(NULL, &cheap));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (!crypto_password_outdated(others[i], &cheap))
            fail_msg("%s", others[i]);
    }
    assert_false(
        crypto_password_outdated("$argon2id$v=19$m=65536,t=9,p=4$c2FsdHNhbHQ$aGFzaA", &cheap));
}

static void test_hash_without_memory_says_so(void **state) {
    (void)state;
    char encoded[PASSWORD_HASH_SIZE];
    const struct argon2_cost huge = {.memory = UINT32_MAX, .passes = 1, .lanes = 1};
#if defined(__SANITIZE_ADDRESS__)
    (void)encoded;
    (void)huge;
    skip(); /* its allocator ends the program where others return NULL */
#else
    struct rlimit before;
    getrlimit(RLIMIT_AS, &before);
    const struct rlimit small = {512u * 1024 * 1024, before.rlim_max};
    setrlimit(RLIMIT_AS, &small);
    bool done = crypto_password_hash("x", &huge, encoded);
    setrlimit(RLIMIT_AS, &before);
    assert_false(done);
#endif
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64url_vectors),
        cmocka_unit_test(test_hex),
        cmocka_unit_test(test_sha256_vectors),
        cmocka_unit_test(test_hmac_vectors),
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_random_fills_everything),
        cmocka_unit_test(test_password_roundtrip),
        cmocka_unit_test(test_password_of_any_text),
        cmocka_unit_test(test_broken_encodings_do_not_verify),
        cmocka_unit_test(test_longest_encoding_fits),
        cmocka_unit_test(test_outdated),
        cmocka_unit_test(test_other_schemes_are_outdated),
        cmocka_unit_test(test_hash_without_memory_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
