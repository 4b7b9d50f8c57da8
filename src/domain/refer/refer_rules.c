#include "domain/refer/refer_rules.h"

#include "core/crypto.h"
#include "core/i18n.h"
#include "core/text.h"
#include <stdio.h>
#include <string.h>

enum { MAC_TEXT = 43 /* base64url of SHA256_SIZE bytes */, TYPE_MAX = 32 };

/* ── Fields ── */

unsigned refer_groups(const char *type, bool takes_budget) {
    unsigned groups = takes_budget ? REFER_BUDGET : 0;
    /* services never see what a client buys, or with what */
    if (!text_equal(type, "service_provider"))
        groups |= REFER_PROPERTY;
    if (text_equal(type, "banker"))
        groups |= REFER_LOAN;
    return groups;
}

unsigned refer_group_of(const char *field) {
    static const struct {
        const char *field;
        unsigned group;
    } groups[] = {
        {"budget_min", REFER_BUDGET},   {"budget_max", REFER_BUDGET},
        {"financing", REFER_BUDGET},    {"property_type", REFER_PROPERTY},
        {"locations", REFER_PROPERTY},  {"bedrooms", REFER_PROPERTY},
        {"move_in_on", REFER_PROPERTY}, {"loan_stage", REFER_LOAN},
    };
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (strcmp(groups[i].field, field) == 0)
            return groups[i].group;
    return 0;
}

/* ── When it was opened ── */

static void sign(const char *type, const char *time_and_nonce, const void *secret,
                 size_t secret_size, char out[MAC_TEXT + 1]) {
    char message[256];
    uint8_t mac[SHA256_SIZE];
    int size =
        snprintf(message, sizeof message, "referral form %.*s %s", TYPE_MAX, type, time_and_nonce);
    crypto_hmac_sha256(secret, secret_size, message, (size_t)size, mac);
    crypto_base64url(mac, sizeof mac, out);
}

void opened_write(const char *type, int64_t now, const uint8_t random[OPENED_RANDOM],
                  const void *secret, size_t secret_size, char out[OPENED_SIZE]) {
    char nonce[NONCE_SIZE], mac[MAC_TEXT + 1];
    crypto_hex(random, OPENED_RANDOM, nonce);
    snprintf(out, OPENED_SIZE, "%llx-%s", (unsigned long long)now, nonce);
    sign(type, out, secret, secret_size, mac);
    size_t size = strlen(out);
    snprintf(out + size, OPENED_SIZE - size, "-%s", mac);
}

/* Hex digits up to the hyphen; false when there is anything else. */
static bool read_time(const char *text, size_t size, int64_t *out) {
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) {
        int digit = text[i] >= '0' && text[i] <= '9'   ? text[i] - '0'
                    : text[i] >= 'a' && text[i] <= 'f' ? text[i] - 'a' + 10
                                                       : -1;
        if (digit < 0)
            return false;
        value = value << 4 | (uint64_t)digit;
    }
    *out = (int64_t)value;
    return size > 0 && size <= 15;
}

enum opened_verdict opened_judge(const char *text, const char *type, int64_t now,
                                 const void *secret, size_t secret_size, char nonce[NONCE_SIZE]) {
    char signed_part[OPENED_SIZE], mac[MAC_TEXT + 1];
    int64_t opened;
    nonce[0] = '\0';
    size_t size = text != NULL ? strlen(text) : 0,
           time_size = text != NULL ? strcspn(text, "-") : 0;
    size_t part = time_size + 1 + NONCE_SIZE - 1;
    if (size >= OPENED_SIZE || size != part + 1 + MAC_TEXT || !read_time(text, time_size, &opened))
        return OPENED_FORGED;
    memcpy(signed_part, text, part);
    signed_part[part] = '\0';
    sign(type, signed_part, secret, secret_size, mac);
    if (text[part] != '-' || !crypto_equal(text + part + 1, mac, MAC_TEXT))
        return OPENED_FORGED;
    memcpy(nonce, text + time_size + 1, NONCE_SIZE - 1);
    nonce[NONCE_SIZE - 1] = '\0';
    if (now - opened > OPENED_MAX)
        return OPENED_STALE;
    return now - opened < OPENED_MIN ? OPENED_QUICK : OPENED_FINE;
}

const char *opened_sentence(enum opened_verdict verdict) {
    switch (verdict) {
    case OPENED_QUICK:
        return N_("That was very quick. Please look at it once more, then send it.");
    case OPENED_STALE:
        return N_("This form was open for more than a day. Everything is still here: please send "
                  "it again.");
    case OPENED_FORGED:
        return N_(
            "Please send it once more: the page had to be renewed. Everything is still here.");
    case OPENED_FINE:
        break;
    }
    return NULL;
}
