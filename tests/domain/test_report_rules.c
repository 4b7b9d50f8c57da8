/* What mail providers report: whose word it is, and what it says. */
#include "core/buf.h"
#include "core/crypto.h"
#include "core/text.h"
#include "domain/sending/report_rules.h"
#include "tests/support/unit.h"
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>

static struct arena *arena;

static int setup(void **state) {
    (void)state;
    arena = arena_new(16 << 20);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

enum { NOW = 1795541405 };

static const char *base64(const void *data, size_t size) {
    char *text = arena_alloc(arena, 4 * size + 8);
    crypto_base64url(data, size, text);
    return text;
}

static EVP_PKEY *key;

static const char *public_key(void) {
    uint8_t *der = NULL;
    int size = i2d_PUBKEY(key, &der);
    const char *text = base64(der, (size_t)size);
    OPENSSL_free(der);
    return text;
}

static const char *signature(const char *timestamp, const char *body) {
    uint8_t out[160];
    size_t size = sizeof out;
    const char *text = arena_printf(arena, "%s%s", timestamp, body);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(context, out, &size, (const uint8_t *)text, strlen(text)), 1);
    EVP_MD_CTX_free(context);
    return base64(out, size);
}

static void signed_reports(void **state) {
    (void)state;
    static const char body[] = "[{\"event\":\"bounce\"}]\r\n";
    key = EVP_EC_gen("P-256");
    const char *at = arena_printf(arena, "%d", NOW), *right = signature(at, body), *pub = public_key();
    size_t size = strlen(body);
    assert_true(report_signed(pub, at, right, body, size, NOW + 3600));
    assert_false(report_signed(pub, at, right, body, size - 1, NOW));
    assert_false(report_signed(pub, arena_printf(arena, "%d", NOW + 1), right, body, size, NOW));
    assert_false(report_signed(pub, at, signature(at, "other"), body, size, NOW));
    assert_false(report_signed(pub, at, right, body, size, NOW + REPORT_AGE_MAX + 1));
    assert_false(report_signed(pub, at, right, body, size, NOW - REPORT_AGE_MAX - 1));
    assert_false(report_signed(pub, NULL, right, body, size, NOW));
    assert_false(report_signed(pub, at, NULL, body, size, NOW));
    assert_false(report_signed(pub, at, "", body, size, NOW));
    assert_false(report_signed(pub, at, "AAAA", body, size, NOW));
    assert_false(report_signed("", at, right, body, size, NOW));
    assert_false(report_signed("bm90IGEga2V5", at, right, body, size, NOW));
    EVP_PKEY *ours = key;
    key = EVP_EC_gen("P-256");
    assert_false(report_signed(public_key(), at, right, body, size, NOW));
    EVP_PKEY_free(key);
    EVP_PKEY_free(ours);
}

static void authentic_reports(void **state) {
    (void)state;
    static const char body[] = "[]", secret[] = "a secret of theirs and ours";
    uint8_t mac[SHA256_SIZE];
    char hex[2 * SHA256_SIZE + 1];
    const char *text = arena_printf(arena, "%d.%s", NOW, body);
    crypto_hmac_sha256(secret, strlen(secret), text, strlen(text), mac);
    crypto_hex(mac, sizeof mac, hex);
    const char *header = arena_printf(arena, "t=%d,v1=%s", NOW, hex);
    assert_true(report_authentic(secret, header, body, 2, NOW));
    assert_false(report_authentic("another", header, body, 2, NOW));
    assert_false(report_authentic(secret, header, "[1]", 3, NOW));
    assert_false(report_authentic(secret, header, body, 2, NOW + REPORT_AGE_MAX + 1));
    assert_false(report_authentic(secret, arena_printf(arena, "t=%d,v1=%s", NOW + 1, hex), body, 2, NOW));
    assert_false(report_authentic(secret, arena_printf(arena, "t=%d,v1=%.63s", NOW, hex), body, 2, NOW));
    static const char *const none[] = {"", "t=", "t=1", "t=1,v1=", "v1=1", "t=99999999999999999999999999,v1=0", "t=-1,v1=00"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(report_authentic(secret, none[i], body, 2, NOW));
    assert_false(report_authentic(secret, NULL, body, 2, NOW));
}

static const char *read_text(const char *body) {
    return report_read(arena, body, strlen(body));
}

/* Events as SendGrid documents them. */
static void sendgrids_events(void **state) {
    (void)state;
    const char *reports = read_text(
        "[{\"email\":\"a@x.example\",\"event\":\"bounce\",\"type\":\"bounce\",\"reason\":\"550 <a@x.example> unknown\",\"sg_event_id\":\"e1\","
        "\"smtp-id\":\"<0f1e2d3c-4b5a-4678-8abc-def012345678@partners.example>\",\"status\":\"5.1.1\"},"
        "{\"email\":\"b@x.example\",\"event\":\"bounce\",\"type\":\"blocked\",\"reason\":\"spam\",\"sg_event_id\":\"e2\"},"
        "{\"email\":\"c@x.example\",\"event\":\"spamreport\",\"sg_event_id\":\"e3\"},"
        "{\"email\":\"d@x.example\",\"event\":\"group_unsubscribe\",\"sg_event_id\":\"e4\",\"asm_group_id\":10},"
        "{\"email\":\"e@x.example\",\"event\":\"dropped\",\"reason\":\"Bounced Address\",\"sg_event_id\":\"e5\"},"
        "{\"email\":\"f@x.example\",\"event\":\"delivered\",\"sg_event_id\":\"e6\"},"
        "{\"email\":\"g@x.example\",\"event\":\"open\",\"sg_event_id\":\"e7\"},"
        "{\"email\":\"no address\",\"event\":\"bounce\",\"sg_event_id\":\"e8\"},"
        "{\"event\":\"bounce\",\"sg_event_id\":\"e9\"}, 7, null, \"x\"]");
    assert_string_equal(reports,
                        "[{\"id\":\"e1\",\"kind\":\"bounce\",\"address\":\"a@x.example\",\"detail\":\"550 … unknown\",\"outbox\":\"0f1e2d3c-4b5a-4678-8abc-def012345678\"},"
                        "{\"id\":\"e2\",\"kind\":\"failed\",\"address\":\"b@x.example\",\"detail\":\"spam\"},"
                        "{\"id\":\"e3\",\"kind\":\"complaint\",\"address\":\"c@x.example\",\"detail\":\"\"},"
                        "{\"id\":\"e4\",\"kind\":\"unsubscribe\",\"address\":\"d@x.example\",\"detail\":\"\"},"
                        "{\"id\":\"e5\",\"kind\":\"bounce\",\"address\":\"e@x.example\",\"detail\":\"Bounced Address\"}]");
}

static void anybodys_events(void **state) {
    (void)state;
    assert_string_equal(read_text("[{\"id\":\"1\",\"event\":\"complaint\",\"address\":\"a@x.example\",\"message_id\":\"<x@y>\"}]"),
                        "[{\"id\":\"1\",\"kind\":\"complaint\",\"address\":\"a@x.example\",\"detail\":\"\"}]");
    /* without an id, the same event has the same */
    const char *one = read_text("[{\"event\":\"bounce\",\"email\":\"a@x.example\"}]");
    assert_string_equal(one, read_text("[ {\"email\":\"a@x.example\", \"event\":\"bounce\"} ]"));
    assert_string_not_equal(one, read_text("[{\"event\":\"bounce\",\"email\":\"b@x.example\"}]"));
    assert_string_equal(read_text("[]"), "[]");
}

static void what_is_no_list(void **state) {
    (void)state;
    static const char *const bodies[] = {"", "{}", "null", "[", "[{]", "\"x\"", "[\"\\u0000\"]"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        assert_null(read_text(bodies[i]));
    struct buf many;
    buf_init(&many, 1 << 20);
    buf_putc(&many, '[');
    for (int i = 0; i < 10001; i++)
        buf_puts(&many, i > 0 ? ",1" : "1");
    buf_putc(&many, ']');
    assert_null(read_text(buf_text(&many)));
    buf_free(&many);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signed_reports),  cmocka_unit_test(authentic_reports), cmocka_unit_test(sendgrids_events),
        cmocka_unit_test(anybodys_events), cmocka_unit_test(what_is_no_list),
    };
    return cmocka_run_group_tests_name("sending: reports", tests, setup, teardown);
}
