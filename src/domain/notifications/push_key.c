#include "domain/notifications/push_key.h"
#include "core/crypto.h"
#include "core/log.h"
#include "core/text.h"
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

enum { POINT_SIZE = 65, ENCODED_SIZE = 4 * ((POINT_SIZE + 2) / 3) + 1 };

static bool point_of(const EVP_PKEY *key, uint8_t point[POINT_SIZE]) {
    char group[32];
    size_t size = 0;
    return key &&
           EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group,
                                          NULL) == 1 &&
           text_equal(group, "prime256v1") &&
           EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, POINT_SIZE,
                                           &size) == 1 &&
           size == POINT_SIZE;
}

static bool read_key(const char *path, char *out) {
    FILE *file = fopen(path, "r");
    const char *why = file ? "it holds no key of P-256" : strerror(errno);
    EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;
    uint8_t point[POINT_SIZE];
    char text[ENCODED_SIZE];
    bool fine = point_of(key, point);
    if (fine) {
        crypto_base64url(point, sizeof point, text);
        memcpy(out, text, PUSH_KEY_TEXT_SIZE + 1);
    } else
        log_event(LOG_ERROR, "push_key_unusable", "file", "%s", path, "reason", "%s", why, NULL);
    EVP_PKEY_free(key);
    if (file)
        fclose(file);
    return fine;
}

bool push_key_public(const char *path, char *out) {
    static char kept[PUSH_KEY_TEXT_SIZE + 1];
    if (!*path || (!*kept && !read_key(path, kept)))
        return false;
    memcpy(out, kept, sizeof kept);
    return true;
}
