#include "core/secret.h"
#include "core/log.h"
#include "core/text.h"
#include <errno.h>

static size_t read_file(const char *path, char *out, size_t size) {
    FILE *file = fopen(path, "rbe");
    size_t n = file != NULL ? fread(out, 1, size, file) : 0;
    if (file != NULL)
        fclose(file);
    return n;
}

static bool missing(const char *path, const char *reason) {
    log_event(LOG_ERROR, "secret_missing", "file", "%s", path, "reason", "%s", reason, NULL);
    return false;
}

bool secret_key_load(const char *path, uint8_t key[SHA256_SIZE]) {
    char bytes[4096];
    errno = 0;
    size_t n = read_file(path, bytes, sizeof bytes);
    if (n < 32)
        return missing(path, errno != 0 ? strerror(errno) : "shorter than 32 bytes");
    crypto_sha256(bytes, n, key);
    return true;
}

bool secret_text_load(const char *path, char out[SECRET_TEXT_MAX]) {
    char bytes[SECRET_TEXT_MAX + 1];
    errno = 0;
    size_t n = read_file(path, bytes, SECRET_TEXT_MAX);
    bytes[n] = '\0';
    bytes[strcspn(bytes, "\r\n")] = '\0';
    const char *text = text_trim(bytes);
    if (*text == '\0' || n == SECRET_TEXT_MAX)
        return missing(path, errno != 0 ? strerror(errno) : n > 0 ? "too long, or its first line is empty" : "empty");
    memcpy(out, text, strlen(text) + 1);
    return true;
}

void secret_key_for(const uint8_t key[SHA256_SIZE], const char *purpose, uint8_t out[SHA256_SIZE]) {
    crypto_hmac_sha256(key, SHA256_SIZE, purpose, strlen(purpose), out);
}
