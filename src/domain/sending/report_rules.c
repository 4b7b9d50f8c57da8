#include "domain/sending/report_rules.h"
#include "core/buf.h"
#include "core/crypto.h"
#include "core/text.h"
#include "jobs/mail_message.h"
#include "jobs/mail_reply.h"
#include <jansson.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

enum { KEY_MAX = 256, SIGNATURE_MAX = 160, EVENTS_MAX = 10000, UUID_SIZE = 36, ID_MAX = 150 };

/* ── Whose word it is ── */

static bool is_recent(const char *timestamp, time_t now) {
    long at;
    return text_to_long(timestamp, 0, LONG_MAX / 2, &at) && at > (long)now - REPORT_AGE_MAX && at < (long)now + REPORT_AGE_MAX;
}

bool report_signed(const char *key, const char *timestamp, const char *signature, const void *body, size_t size, time_t now) {
    uint8_t der[KEY_MAX], sig[SIGNATURE_MAX];
    if (key == NULL || timestamp == NULL || signature == NULL || !is_recent(timestamp, now))
        return false;
    size_t der_size = crypto_base64url_read(key, der, sizeof der), sig_size = crypto_base64url_read(signature, sig, sizeof sig);
    const uint8_t *at = der;
    EVP_PKEY *pkey = der_size > 0 && sig_size > 0 ? d2i_PUBKEY(NULL, &at, (long)der_size) : NULL;
    if (pkey == NULL)
        return false;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool right = context != NULL && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, pkey) == 1 &&
                 EVP_DigestVerifyUpdate(context, timestamp, strlen(timestamp)) == 1 && EVP_DigestVerifyUpdate(context, body, size) == 1 &&
                 EVP_DigestVerifyFinal(context, sig, sig_size) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(pkey);
    return right;
}

bool report_authentic(const char *secret, const char *header, const void *body, size_t size, time_t now) {
    char timestamp[24], wanted[2 * SHA256_SIZE + 1];
    uint8_t mac[SHA256_SIZE];
    if (secret == NULL || header == NULL || !text_starts(header, "t="))
        return false;
    size_t digits = strspn(header + 2, "0123456789");
    if (digits == 0 || digits >= sizeof timestamp || !text_starts(header + 2 + digits, ",v1="))
        return false;
    const char *given = header + 2 + digits + 4;
    snprintf(timestamp, sizeof timestamp, "%.*s", (int)digits, header + 2);
    struct buf signed_text;
    buf_init(&signed_text, size + sizeof timestamp + 1);
    buf_printf(&signed_text, "%s.", timestamp);
    buf_append(&signed_text, body, size);
    crypto_hmac_sha256(secret, strlen(secret), buf_text(&signed_text), signed_text.len, mac);
    buf_free(&signed_text);
    crypto_hex(mac, sizeof mac, wanted);
    return strlen(given) == strlen(wanted) && crypto_equal(given, wanted, strlen(wanted)) && is_recent(timestamp, now);
}

/* ── What it says ── */

static const char *member(const json_t *event, const char *name, const char *other) {
    const char *text = json_string_value(json_object_get(event, name));
    return text != NULL ? text : json_string_value(json_object_get(event, other));
}

/* A provider that did not even try says why: it knows the address from before. */
static const char *kind_of_drop(const char *reason) {
    if (text_starts(reason, "Bounced") || text_equal(reason, "Invalid"))
        return "bounce";
    if (text_starts(reason, "Spam Report"))
        return "complaint";
    return text_starts(reason, "Unsubscribed") ? "unsubscribe" : "failed";
}

/* NULL: nothing that we act upon (delivered, opened, deferred …). */
static const char *kind_of(const json_t *event) {
    static const struct {
        const char *event, *kind;
    } table[] = {{"complaint", "complaint"}, {"spamreport", "complaint"},          {"unsubscribe", "unsubscribe"},
                 {"failed", "failed"},       {"group_unsubscribe", "unsubscribe"}};
    const char *name = member(event, "event", "event");
    if (text_equal(name, "bounce")) /* "blocked" is a server that did not want this mail */
        return text_equal(member(event, "type", "type"), "blocked") ? "failed" : "bounce";
    if (text_equal(name, "dropped"))
        return kind_of_drop(member(event, "reason", "reason"));
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (text_equal(name, table[i].event))
            return table[i].kind;
    }
    return NULL;
}

/* Our Message-ID is <id of the outbox row@…>. NULL: it is none of ours. */
static const char *outbox_of(struct arena *arena, const json_t *event) {
    const char *id = member(event, "smtp-id", "message_id");
    if (id == NULL)
        return NULL;
    id += *id == '<';
    if (strlen(id) <= UUID_SIZE || id[UUID_SIZE] != '@')
        return NULL;
    const char *uuid = arena_strndup(arena, id, UUID_SIZE);
    return text_is_uuid(uuid) ? uuid : NULL;
}

/* What comes without an id is known by what it says. */
static const char *id_of(struct arena *arena, const json_t *event) {
    const char *id = member(event, "sg_event_id", "id");
    if (id != NULL && *id != '\0' && strlen(id) <= ID_MAX)
        return id;
    uint8_t digest[SHA256_SIZE];
    char *hex = arena_alloc(arena, 2 * SHA256_SIZE + 1), *text = json_dumps(event, JSON_COMPACT | JSON_SORT_KEYS);
    if (text == NULL)
        abort();
    crypto_sha256(text, strlen(text), digest);
    crypto_hex(digest, sizeof digest, hex);
    free(text);
    return hex;
}

static void add(struct arena *arena, json_t *reports, const json_t *event) {
    const char *kind = json_is_object(event) ? kind_of(event) : NULL, *address = member(event, "email", "address");
    if (kind == NULL || !mail_address_fits(address))
        return;
    const char *detail = member(event, "reason", "detail");
    const char *outbox = outbox_of(arena, event);
    json_t *report = json_pack("{s:s, s:s, s:s, s:s}", "id", id_of(arena, event), "kind", kind, "address", address, "detail",
                               mail_without_addresses(arena, detail != NULL ? detail : ""));
    if (report == NULL)
        abort();
    if (outbox != NULL)
        json_object_set_new(report, "outbox", json_string(outbox));
    json_array_append_new(reports, report);
}

const char *report_read(struct arena *arena, const void *body, size_t size) {
    json_t *events = json_loadb(body, size, 0, NULL);
    if (!json_is_array(events) || json_array_size(events) > EVENTS_MAX) {
        json_decref(events);
        return NULL;
    }
    json_t *reports = json_array();
    for (size_t i = 0; i < json_array_size(events); i++)
        add(arena, reports, json_array_get(events, i));
    char *text = json_dumps(reports, JSON_COMPACT);
    json_decref(events);
    json_decref(reports);
    if (text == NULL)
        abort();
    const char *copy = arena_strdup(arena, text);
    free(text);
    return copy;
}
