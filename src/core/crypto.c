#include "core/crypto.h"
#include "core/log.h"
#include "core/text.h"
#include <argon2.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

enum { SALT_SIZE = 16, HASH_SIZE = 32 };

static _Noreturn void crypto_die(const char *what) {
    log_event(LOG_ERROR, "crypto_failed", "what", "%s", what, NULL);
    abort();
}

void crypto_start_small(void) {
    if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS | OPENSSL_INIT_NO_ADD_ALL_CIPHERS |
                                OPENSSL_INIT_NO_ADD_ALL_DIGESTS,
                            NULL) != 1)
        crypto_die("start");
}

/* Fetched once: looking the algorithm up costs more than hashing a token. */
static const EVP_MD *sha256(void) {
    static EVP_MD *md;
    if (md == NULL)
        md = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (md == NULL)
        crypto_die("sha256");
    return md;
}

void crypto_random(void *out, size_t size) {
    if (size > INT_MAX || RAND_priv_bytes(out, (int)size) != 1)
        crypto_die("random");
}

void crypto_sha256(const void *data, size_t size, uint8_t out[SHA256_SIZE]) {
    if (EVP_Digest(data, size, out, NULL, sha256(), NULL) != 1)
        crypto_die("sha256");
}

/* Likewise: HMAC() looks its algorithm up with every call. */
static EVP_MAC_CTX *hmac_sha256(void) {
    static EVP_MAC_CTX *mac;
    if (mac != NULL)
        return mac;
    OSSL_PARAM digest[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){"SHA256"}, 0),
        OSSL_PARAM_construct_end()};
    EVP_MAC *fetched = EVP_MAC_fetch(NULL, "HMAC", NULL);
    mac = EVP_MAC_CTX_new(fetched);
    EVP_MAC_free(fetched);
    if (mac == NULL || EVP_MAC_CTX_set_params(mac, digest) != 1)
        crypto_die("hmac");
    return mac;
}

void crypto_hmac_sha256(const void *key, size_t key_size, const void *data, size_t size,
                        uint8_t out[SHA256_SIZE]) {
    EVP_MAC_CTX *mac = hmac_sha256();
    size_t written;
    if (EVP_MAC_init(mac, key, key_size, NULL) != 1 || EVP_MAC_update(mac, data, size) != 1 ||
        EVP_MAC_final(mac, out, &written, SHA256_SIZE) != 1)
        crypto_die("hmac");
}

bool crypto_equal(const void *a, const void *b, size_t size) {
    return CRYPTO_memcmp(a, b, size) == 0;
}

void crypto_base64url(const void *data, size_t size, char *out) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const uint8_t *bytes = data;
    for (; size >= 3; bytes += 3, size -= 3) {
        *out++ = alphabet[bytes[0] >> 2];
        *out++ = alphabet[(bytes[0] & 0x03) << 4 | bytes[1] >> 4];
        *out++ = alphabet[(bytes[1] & 0x0F) << 2 | bytes[2] >> 6];
        *out++ = alphabet[bytes[2] & 0x3F];
    }
    if (size > 0) {
        unsigned second = size == 2 ? bytes[1] : 0;
        *out++ = alphabet[bytes[0] >> 2];
        *out++ = alphabet[(bytes[0] & 0x03u) << 4 | second >> 4];
        if (size == 2)
            *out++ = alphabet[(second & 0x0F) << 2];
    }
    *out = '\0';
}

static int base64_digit(char c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' || c == '+' ? 62 : c == '_' || c == '/' ? 63 : -1;
}

/* Bits that are left over must be zero, so that each value has one spelling. */
size_t crypto_base64url_read(const char *text, uint8_t *out, size_t size) {
    size_t length = strlen(text), written = 0;
    uint32_t bits = 0;
    int held = 0;
    while (length > 0 && text[length - 1] == '=')
        length--;
    if (length % 4 == 1)
        return 0;
    for (size_t i = 0; i < length; i++) {
        int value = base64_digit(text[i]);
        if (value < 0)
            return 0;
        bits = (bits << 6 | (uint32_t)value) & 0xFFFFFF;
        held += 6;
        if (held < 8)
            continue;
        if (written == size)
            return 0;
        held -= 8;
        out[written++] = (uint8_t)(bits >> held);
    }
    return held > 0 && (bits & ((1u << held) - 1)) != 0 ? 0 : written;
}

void crypto_hex(const void *data, size_t size, char *out) {
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 0x0F];
    }
    *out = '\0';
}

void crypto_token(char out[TOKEN_TEXT_SIZE]) {
    uint8_t secret[TOKEN_SIZE];
    crypto_random(secret, sizeof secret);
    crypto_base64url(secret, sizeof secret, out);
    OPENSSL_cleanse(secret, sizeof secret);
}

bool crypto_password_hash(const char *password, const struct argon2_cost *cost,
                          char out[PASSWORD_HASH_SIZE]) {
    uint8_t salt[SALT_SIZE];
    crypto_random(salt, sizeof salt);
    int result =
        argon2id_hash_encoded(cost->passes, cost->memory, cost->lanes, password, strlen(password),
                              salt, sizeof salt, HASH_SIZE, out, PASSWORD_HASH_SIZE);
    if (result == ARGON2_MEMORY_ALLOCATION_ERROR || result == ARGON2_THREAD_FAIL)
        return false;
    if (result != ARGON2_OK)
        crypto_die(argon2_error_message(result));
    return true;
}

bool crypto_password_verify(const char *password, const char *encoded) {
    int result = argon2id_verify(encoded, password, strlen(password));
    if (result != ARGON2_OK && result != ARGON2_VERIFY_MISMATCH)
        log_event(LOG_ERROR, "password_unverifiable", "why", "%s", argon2_error_message(result),
                  NULL);
    return result == ARGON2_OK;
}

/* Reads "<name>=<digits>" at *at and moves behind it and its separator; 0 when it isn't there. */
static long encoded_number(const char **at, const char *name) {
    size_t length = strlen(name);
    if (strncmp(*at, name, length) != 0)
        return 0;
    const char *digits = *at + length;
    size_t count = strspn(digits, "0123456789");
    char text[16];
    if (count == 0 || count >= sizeof text || digits[count] == '\0')
        return 0;
    memcpy(text, digits, count);
    text[count] = '\0';
    *at = digits + count + 1;
    long number = 0;
    text_to_long(text, 0, UINT32_MAX, &number);
    return number;
}

bool crypto_password_outdated(const char *encoded, const struct argon2_cost *cost) {
    static const char prefix[] = "$argon2id$";
    if (!text_starts(encoded, prefix))
        return true;
    const char *at = encoded + sizeof prefix - 1;
    if (encoded_number(&at, "v=") < ARGON2_VERSION_NUMBER)
        return true;
    long memory = encoded_number(&at, "m=");
    long passes = encoded_number(&at, "t=");
    long lanes = encoded_number(&at, "p=");
    return memory < (long)cost->memory || passes < (long)cost->passes || lanes < (long)cost->lanes;
}
