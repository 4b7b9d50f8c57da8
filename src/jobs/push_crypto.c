#include "jobs/push_crypto.h"
#include "core/crypto.h"
#include "core/log.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <unistd.h>

enum { CEK_SIZE = 16, NONCE_SIZE = 12, TAG_SIZE = 16, DELIMITER = 1, VAPID_MAX = 4096 };

struct push_key {
    EVP_PKEY *pkey;
};

static _Noreturn void die(const char *what) {
    log_event(LOG_ERROR, "crypto_failed", "what", "%s", what, NULL);
    abort();
}

/* ── Keys ── */

static struct push_key *key_of(EVP_PKEY *pkey) {
    struct push_key *key = malloc(sizeof *key);
    if (key == NULL)
        abort();
    key->pkey = pkey;
    return key;
}

struct push_key *push_key_make(void) {
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    if (pkey == NULL)
        die("P-256");
    return key_of(pkey);
}

/* scalar NULL: a public key. NULL when the point is not on the curve, or the two do not belong together. */
static EVP_PKEY *pkey_of(const uint8_t *scalar, const uint8_t point[PUSH_POINT_SIZE]) {
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *number = scalar != NULL ? BN_bin2bn(scalar, PUSH_SCALAR_SIZE, NULL) : NULL;
    if (context == NULL || build == NULL || !OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) ||
        !OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, PUSH_POINT_SIZE) ||
        (number != NULL && !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, number)))
        die("EC parameters");
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    if (params == NULL || EVP_PKEY_fromdata_init(context) != 1)
        die("EC parameters");
    bool fine = EVP_PKEY_fromdata(context, &pkey, scalar != NULL ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) == 1;
    EVP_PKEY_CTX_free(context);
    context = fine ? EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL) : NULL;
    fine = fine && context != NULL && EVP_PKEY_public_check(context) == 1 && (scalar == NULL || EVP_PKEY_pairwise_check(context) == 1);
    if (!fine) {
        EVP_PKEY_free(pkey);
        pkey = NULL;
    }
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_clear_free(number);
    return pkey;
}

struct push_key *push_key_of(const uint8_t scalar[PUSH_SCALAR_SIZE], const uint8_t point[PUSH_POINT_SIZE]) {
    EVP_PKEY *pkey = pkey_of(scalar, point);
    return pkey != NULL ? key_of(pkey) : NULL;
}

static bool is_p256(const EVP_PKEY *pkey) {
    char group[32];
    size_t size;
    return pkey != NULL && EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, &size) == 1 &&
           strcmp(group, "prime256v1") == 0;
}

struct push_key *push_key_load(const char *path) {
    FILE *file = fopen(path, "re");
    EVP_PKEY *pkey = file != NULL ? PEM_read_PrivateKey(file, NULL, NULL, (void *)(uintptr_t) "") : NULL;
    if (file != NULL)
        fclose(file);
    if (is_p256(pkey))
        return key_of(pkey);
    EVP_PKEY_free(pkey);
    log_event(LOG_ERROR, "secret_missing", "file", "%s", path, "reason", "%s", file == NULL ? strerror(errno) : "no key of P-256", NULL);
    return NULL;
}

bool push_key_save(const struct push_key *key, const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file == NULL) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    bool written = PEM_write_PKCS8PrivateKey(file, key->pkey, NULL, NULL, 0, NULL, NULL) == 1;
    return fclose(file) == 0 && written;
}

void push_key_free(struct push_key *key) {
    if (key != NULL)
        EVP_PKEY_free(key->pkey);
    free(key);
}

void push_key_point(const struct push_key *key, uint8_t out[PUSH_POINT_SIZE]) {
    size_t size;
    if (EVP_PKEY_get_octet_string_param(key->pkey, OSSL_PKEY_PARAM_PUB_KEY, out, PUSH_POINT_SIZE, &size) != 1 || size != PUSH_POINT_SIZE)
        die("public point");
}

void push_key_text(const struct push_key *key, char out[PUSH_PUBLIC_TEXT_SIZE]) {
    uint8_t point[PUSH_POINT_SIZE];
    push_key_point(key, point);
    crypto_base64url(point, sizeof point, out);
}

bool push_reader_read(const char *p256dh, const char *auth, struct push_reader *out) {
    return crypto_base64url_read(p256dh, out->point, sizeof out->point) == sizeof out->point && out->point[0] == 4 &&
           crypto_base64url_read(auth, out->auth, sizeof out->auth) == sizeof out->auth;
}

/* ── Encryption ── */

static bool shared_secret(const struct push_key *sender, const uint8_t point[PUSH_POINT_SIZE], uint8_t out[SHA256_SIZE]) {
    EVP_PKEY *peer = pkey_of(NULL, point);
    if (peer == NULL)
        return false;
    size_t size = SHA256_SIZE;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(sender->pkey, NULL);
    if (context == NULL || EVP_PKEY_derive_init(context) != 1 || EVP_PKEY_derive_set_peer(context, peer) != 1 ||
        EVP_PKEY_derive(context, out, &size) != 1 || size != SHA256_SIZE)
        die("ECDH");
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(peer);
    return true;
}

/* One step of HKDF (RFC 5869) is enough for what is asked of it here: at most 32 bytes. */
static void expand(const uint8_t key[SHA256_SIZE], const void *info, size_t size, uint8_t out[SHA256_SIZE]) {
    uint8_t block[256];
    if (size + 1 > sizeof block)
        abort();
    memcpy(block, info, size);
    block[size] = 1;
    crypto_hmac_sha256(key, SHA256_SIZE, block, size + 1, out);
}

struct content_key {
    uint8_t cek[CEK_SIZE], nonce[NONCE_SIZE];
};

/* RFC 8291 section 3.4. */
static bool derive(const struct push_reader *reader, const struct push_key *sender, const uint8_t salt[PUSH_SALT_SIZE],
                   struct content_key *out) {
    uint8_t secret[SHA256_SIZE], key[SHA256_SIZE], info[14 + 2 * PUSH_POINT_SIZE] = "WebPush: info";
    if (!shared_secret(sender, reader->point, secret))
        return false;
    memcpy(info + 14, reader->point, PUSH_POINT_SIZE);
    push_key_point(sender, info + 14 + PUSH_POINT_SIZE);
    crypto_hmac_sha256(reader->auth, PUSH_AUTH_SIZE, secret, sizeof secret, key);
    expand(key, info, sizeof info, secret); /* the input keying material of RFC 8188 */
    crypto_hmac_sha256(salt, PUSH_SALT_SIZE, secret, sizeof secret, key);
    expand(key, "Content-Encoding: aes128gcm", sizeof "Content-Encoding: aes128gcm", secret);
    memcpy(out->cek, secret, CEK_SIZE);
    expand(key, "Content-Encoding: nonce", sizeof "Content-Encoding: nonce", secret);
    memcpy(out->nonce, secret, NONCE_SIZE);
    OPENSSL_cleanse(secret, sizeof secret);
    OPENSSL_cleanse(key, sizeof key);
    return true;
}

struct gcm {
    EVP_CIPHER_CTX *context;
    struct buf *out;
};

static void seal(struct gcm *gcm, const uint8_t *bytes, size_t size) {
    uint8_t block[1024];
    while (size > 0) {
        int step = size < sizeof block ? (int)size : (int)sizeof block, written;
        if (EVP_EncryptUpdate(gcm->context, block, &written, bytes, step) != 1 || written != step)
            die("AES-GCM");
        buf_append(gcm->out, block, (size_t)step);
        bytes += step;
        size -= (size_t)step;
    }
}

/* One record: text, delimiter, padding. */
static void put_record(struct gcm *gcm, const struct content_key *key, size_t number, const uint8_t *text, size_t size, size_t padding,
                       bool last) {
    static const uint8_t zeros[256];
    uint8_t nonce[NONCE_SIZE], tag[TAG_SIZE];
    int written;
    memcpy(nonce, key->nonce, sizeof nonce);
    for (size_t i = 0; i < sizeof number; i++)
        nonce[NONCE_SIZE - 1 - i] ^= (uint8_t)(number >> 8 * i);
    if (EVP_EncryptInit_ex(gcm->context, EVP_aes_128_gcm(), NULL, key->cek, nonce) != 1)
        die("AES-GCM");
    seal(gcm, text, size);
    seal(gcm, (const uint8_t[]){last ? 2 : 1}, 1);
    for (; padding > 0; padding -= padding < sizeof zeros ? padding : sizeof zeros)
        seal(gcm, zeros, padding < sizeof zeros ? padding : sizeof zeros);
    if (EVP_EncryptFinal_ex(gcm->context, tag, &written) != 1 ||
        EVP_CIPHER_CTX_ctrl(gcm->context, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, tag) != 1)
        die("AES-GCM");
    buf_append(gcm->out, tag, sizeof tag);
}

/* RFC 8188 section 2.1. */
static void put_header(struct buf *out, const uint8_t salt[PUSH_SALT_SIZE], size_t size, const struct push_key *sender) {
    uint8_t point[PUSH_POINT_SIZE];
    const uint8_t numbers[5] = {(uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8), (uint8_t)size, PUSH_POINT_SIZE};
    push_key_point(sender, point);
    buf_append(out, salt, PUSH_SALT_SIZE);
    buf_append(out, numbers, sizeof numbers);
    buf_append(out, point, sizeof point);
}

bool push_encrypt(struct buf *out, const struct push_reader *reader, const struct push_key *sender,
                  const uint8_t salt[PUSH_SALT_SIZE], const struct push_record *record, const void *text, size_t size) {
    struct content_key key;
    if (record->size <= TAG_SIZE + DELIMITER || !derive(reader, sender, salt, &key))
        return false;
    struct gcm gcm = {.context = EVP_CIPHER_CTX_new(), .out = out};
    if (gcm.context == NULL)
        die("AES-GCM");
    put_header(out, salt, record->size, sender);
    size_t room = record->size - TAG_SIZE - DELIMITER, padding = record->padding;
    const uint8_t *at = text;
    bool last = false;
    for (size_t number = 0; !last; number++) {
        /* as much padding as leaves room for a byte of text, so that what is longer is not seen to be */
        size_t most = room > 1 ? room - 1 : 1, pad = padding < most ? padding : most;
        size_t part = size < room - pad ? size : room - pad;
        padding -= pad;
        size -= part;
        last = size == 0 && padding == 0;
        put_record(&gcm, &key, number, at, part, pad, last);
        at += part;
    }
    EVP_CIPHER_CTX_free(gcm.context);
    OPENSSL_cleanse(&key, sizeof key);
    return true;
}

/* ── VAPID ── */

static void put_base64url(struct buf *out, const void *data, size_t size) {
    char text[4 * ((VAPID_MAX + 2) / 3) + 1];
    if (size > VAPID_MAX)
        abort();
    crypto_base64url(data, size, text);
    buf_puts(out, text);
}

/* ES256 (RFC 7518 section 3.4): r and s, 32 bytes each. */
static void sign(const struct push_key *key, const char *text, uint8_t out[2 * PUSH_SCALAR_SIZE]) {
    uint8_t der[160];
    size_t size = sizeof der;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL || EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key->pkey) != 1 ||
        EVP_DigestSign(context, der, &size, (const uint8_t *)text, strlen(text)) != 1)
        die("ECDSA");
    EVP_MD_CTX_free(context);
    const uint8_t *at = der;
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)size);
    if (signature == NULL || BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, PUSH_SCALAR_SIZE) != PUSH_SCALAR_SIZE ||
        BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + PUSH_SCALAR_SIZE, PUSH_SCALAR_SIZE) != PUSH_SCALAR_SIZE)
        die("ECDSA");
    ECDSA_SIG_free(signature);
}

void push_vapid(struct buf *out, const struct push_key *key, const char *origin, const char *subject, time_t expires) {
    static const char head[] = "{\"typ\":\"JWT\",\"alg\":\"ES256\"}";
    struct buf token, claims;
    uint8_t signature[2 * PUSH_SCALAR_SIZE];
    char text[PUSH_PUBLIC_TEXT_SIZE];
    buf_init(&token, 2 * VAPID_MAX);
    buf_init(&claims, VAPID_MAX);
    buf_printf(&claims, "{\"aud\":\"%s\",\"exp\":%lld,\"sub\":\"%s\"}", origin, (long long)expires, subject);
    put_base64url(&token, head, sizeof head - 1);
    buf_putc(&token, '.');
    put_base64url(&token, buf_text(&claims), claims.len);
    sign(key, buf_text(&token), signature);
    buf_putc(&token, '.');
    put_base64url(&token, signature, sizeof signature);
    push_key_text(key, text);
    buf_printf(out, "vapid t=%s, k=%s", buf_text(&token), text);
    buf_free(&token);
    buf_free(&claims);
}
