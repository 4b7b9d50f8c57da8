#include "jobs/unsubscribe.h"
#include "core/secret.h"
#include "core/text.h"

enum { ID_SIZE = 16, MAC_SIZE = 16 };

static void sign(const uint8_t key[SHA256_SIZE], uint8_t token[ID_SIZE + MAC_SIZE]) {
    uint8_t own[SHA256_SIZE], mac[SHA256_SIZE];
    secret_key_for(key, "unsubscribe", own);
    crypto_hmac_sha256(own, sizeof own, token, ID_SIZE, mac);
    memcpy(token + ID_SIZE, mac, MAC_SIZE);
}

static unsigned digit(char c) {
    return (unsigned)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
}

bool unsubscribe_token(const uint8_t key[SHA256_SIZE], const char *outbox_id, char out[UNSUBSCRIBE_TOKEN_SIZE]) {
    uint8_t token[ID_SIZE + MAC_SIZE];
    if (!text_is_uuid(outbox_id))
        return false;
    size_t n = 0;
    for (const char *c = outbox_id; *c != '\0'; c++) {
        if (*c == '-')
            continue;
        token[n / 2] = (uint8_t)(n % 2 == 0 ? digit(*c) << 4 : token[n / 2] | digit(*c));
        n++;
    }
    sign(key, token);
    crypto_base64url(token, sizeof token, out);
    return true;
}

bool unsubscribe_read(const uint8_t key[SHA256_SIZE], const char *token, char outbox_id[UUID_TEXT_SIZE]) {
    uint8_t sent[ID_SIZE + MAC_SIZE], right[ID_SIZE + MAC_SIZE];
    if (token == NULL || crypto_base64url_read(token, sent, sizeof sent) != sizeof sent)
        return false;
    memcpy(right, sent, ID_SIZE);
    sign(key, right);
    if (!crypto_equal(sent, right, sizeof sent))
        return false;
    char hex[2 * ID_SIZE + 1];
    crypto_hex(sent, ID_SIZE, hex);
    snprintf(outbox_id, UUID_TEXT_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
    return true;
}
