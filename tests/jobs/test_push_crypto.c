/*
 * Web Push. The published vectors lie in ../shared/contracts/webpush beside the tree; where they are not, those tests are
 * skipped. tests/sending has our messages read by another implementation.
 */
#include "core/crypto.h"
#include "core/text.h"
#include "jobs/push_crypto.h"
#include "tests/support/unit.h"
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

static json_t *vectors;

static int setup(void **state) {
    (void)state;
    char path[4096];
    snprintf(path, sizeof path, "%s/../shared/contracts/webpush/rfc8291-vectors.json", getenv("srcdir"));
    const char *other = getenv("TESSERA_CONTRACTS");
    if (other != NULL)
        snprintf(path, sizeof path, "%s/webpush/rfc8291-vectors.json", other);
    vectors = json_load_file(path, 0, NULL);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    json_decref(vectors);
    return 0;
}

static size_t bytes(const json_t *vector, const char *name, uint8_t *out, size_t size) {
    const char *text = json_string_value(json_object_get(vector, name));
    assert_non_null(text);
    size_t n = crypto_base64url_read(text, out, size);
    assert_true(n > 0);
    return n;
}

/* The sender's point stands in the payload, behind salt, size and its own length. */
static void expect_payload(const json_t *vector, const char *reader_point, size_t record, size_t padding) {
    enum { MAX = 1 << 16 };
    static uint8_t payload[MAX];
    uint8_t scalar[PUSH_SCALAR_SIZE], salt[PUSH_SALT_SIZE];
    struct push_reader reader;
    const char *text = json_string_value(json_object_get(vector, "plaintext"));
    size_t size = bytes(vector, "payload", payload, sizeof payload);
    assert_true(push_reader_read(reader_point, json_string_value(json_object_get(vector, "auth")), &reader));
    assert_int_equal(bytes(vector, "sender_priv", scalar, sizeof scalar), sizeof scalar);
    assert_int_equal(bytes(vector, "salt", salt, sizeof salt), sizeof salt);
    struct push_key *sender = push_key_of(scalar, payload + PUSH_SALT_SIZE + 5);
    assert_non_null(sender);
    struct buf out;
    buf_init(&out, MAX);
    const struct push_record shape = {.size = record, .padding = padding};
    assert_true(push_encrypt(&out, &reader, sender, salt, &shape, text, strlen(text)));
    assert_int_equal(out.len, size);
    assert_memory_equal(out.data, payload, size);
    buf_free(&out);
    push_key_free(sender);
}

static void published_messages(void **state) {
    (void)state;
    if (vectors == NULL) {
        print_message("The published vectors are not beside this tree.\n");
        skip();
    }
    size_t i, count = 0;
    json_t *vector;
    json_array_foreach(json_object_get(vectors, "encrypt"), i, vector) {
        expect_payload(vector, json_string_value(json_object_get(vector, "recv_pub")), (size_t)json_integer_value(json_object_get(vector, "rs")),
                       (size_t)json_integer_value(json_object_get(vector, "pad")));
        count++;
    }
    assert_int_equal(count, 3);
}

static void the_example_of_the_rfc(void **state) {
    (void)state;
    if (vectors == NULL)
        skip();
    const json_t *example = json_object_get(vectors, "rfc8291_section5");
    expect_payload(example, json_string_value(json_object_get(example, "recv_pub")), PUSH_RECORD_SIZE, 0);
}

/* A browser's side of it, as far as the test needs one: keys of its own and their texts. */
static void reader_of(const struct push_key *key, struct push_reader *out) {
    push_key_point(key, out->point);
    crypto_random(out->auth, sizeof out->auth);
}

static void no_message_is_like_another(void **state) {
    (void)state;
    struct push_key *browser = push_key_make(), *sender = push_key_make();
    struct push_reader reader;
    uint8_t salt[PUSH_SALT_SIZE];
    reader_of(browser, &reader);
    struct buf a, b;
    buf_init(&a, 8192);
    buf_init(&b, 8192);
    const struct push_record record = {.size = PUSH_RECORD_SIZE};
    crypto_random(salt, sizeof salt);
    assert_true(push_encrypt(&a, &reader, sender, salt, &record, "secret", 6));
    crypto_random(salt, sizeof salt);
    assert_true(push_encrypt(&b, &reader, sender, salt, &record, "secret", 6));
    assert_int_equal(a.len, 86 + 6 + 1 + 16);
    assert_int_equal(a.len, b.len);
    assert_memory_not_equal(a.data + 86, b.data + 86, a.len - 86);
    assert_null(memmem(a.data, a.len, "secret", 6));
    buf_free(&a);
    buf_free(&b);
    push_key_free(browser);
    push_key_free(sender);
}

static void keys_that_are_none(void **state) {
    (void)state;
    struct push_reader reader;
    static const char good[] = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    assert_true(push_reader_read(good, "BTBZMqHH6r4Tts7J_aSIgg", &reader));
    assert_false(push_reader_read(good, "BTBZMqHH6r4Tts7J_aSI", &reader));
    assert_false(push_reader_read(good + 4, "BTBZMqHH6r4Tts7J_aSIgg", &reader));
    assert_false(push_reader_read("", "", &reader));
    assert_false(push_reader_read("not base64 at all", "x", &reader));
    /* the right length, but no point of the curve */
    assert_true(push_reader_read(good, "BTBZMqHH6r4Tts7J_aSIgg", &reader));
    reader.point[64] ^= 1;
    struct push_key *sender = push_key_make();
    uint8_t salt[PUSH_SALT_SIZE] = {0};
    struct buf out;
    buf_init(&out, 8192);
    const struct push_record record = {.size = PUSH_RECORD_SIZE};
    assert_false(push_encrypt(&out, &reader, sender, salt, &record, "x", 1));
    assert_int_equal(out.len, 0);
    uint8_t scalar[PUSH_SCALAR_SIZE] = {1}, point[PUSH_POINT_SIZE];
    push_key_point(sender, point);
    assert_null(push_key_of(scalar, point)); /* they do not belong together */
    buf_free(&out);
    push_key_free(sender);
}

static void keys_live_in_files(void **state) {
    (void)state;
    char path[] = "/tmp/tessera-push-XXXXXX";
    char first[PUSH_PUBLIC_TEXT_SIZE], again[PUSH_PUBLIC_TEXT_SIZE];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    struct push_key *key = push_key_make();
    assert_false(push_key_save(key, path)); /* it replaces nothing */
    unlink(path);
    assert_true(push_key_save(key, path));
    push_key_text(key, first);
    struct push_key *loaded = push_key_load(path);
    assert_non_null(loaded);
    push_key_text(loaded, again);
    assert_string_equal(first, again);
    assert_int_equal(strlen(first), 87);
    unlink(path);
    push_key_free(key);
    push_key_free(loaded);
}

/* The signature of a token, checked with the key that stands beside it. */
static void the_proof_is_signed(void **state) {
    (void)state;
    struct push_key *key = push_key_make();
    struct buf proof;
    buf_init(&proof, 8192);
    push_vapid(&proof, key, "https://push.example", "mailto:ops@partners.example", 1800000000);
    char *text = strdup(buf_text(&proof)), *comma = strchr(text, ',');
    assert_true(text_starts(text, "vapid t="));
    assert_non_null(comma);
    *comma = '\0';
    char *token = text + 8, *second = strrchr(token, '.');
    uint8_t raw[64], claims[512];
    assert_int_equal(crypto_base64url_read(second + 1, raw, sizeof raw), 64);
    *second = '\0';
    size_t n = crypto_base64url_read(strchr(token, '.') + 1, claims, sizeof claims - 1);
    claims[n] = '\0';
    assert_string_equal((char *)claims, "{\"aud\":\"https://push.example\",\"exp\":1800000000,\"sub\":\"mailto:ops@partners.example\"}");
    assert_true(text_starts(comma + 1, " k="));
    char public[PUSH_PUBLIC_TEXT_SIZE];
    push_key_text(key, public);
    assert_string_equal(comma + 4, public);
    free(text);
    buf_free(&proof);
    push_key_free(key);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_messages),  cmocka_unit_test(the_example_of_the_rfc), cmocka_unit_test(no_message_is_like_another),
        cmocka_unit_test(keys_that_are_none), cmocka_unit_test(keys_live_in_files),     cmocka_unit_test(the_proof_is_signed),
    };
    return cmocka_run_group_tests_name("jobs: push", tests, setup, teardown);
}
