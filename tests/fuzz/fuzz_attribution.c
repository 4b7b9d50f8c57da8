/*
 * The attribution cookie and the note of when a form was opened: nothing that comes in is taken
 * unless it was written with our secret, and what is written is read again as it was. The first
 * byte chooses.
 */
#include "domain/links/attribution_rules.h"
#include "domain/links/link_rules.h"
#include "domain/refer/refer_rules.h"
#include "fuzz.h"

#define SECRET "the fuzzers' secret, 32 bytes and", 32

static void any_text(const char *text) {
    struct attribution attribution;
    char again[ATTRIBUTION_TEXT_SIZE], code[CODE_SIZE], nonce[NONCE_SIZE];
    if (attribution_decode(text, SECRET, &attribution)) {
        attribution_encode(&attribution, SECRET, again);
        MUST(text_equal(again, text));
        MUST(text_is_uuid(attribution.first.link) && text_is_uuid(attribution.last.link));
        MUST(attribution.first.at > 0 && attribution.last.at > 0);
    } else {
        MUST(attribution.first.at == 0 && attribution.last.at == 0);
    }
    if (opened_judge(text, "broker", 1795521600, SECRET, nonce) == OPENED_FORGED)
        MUST(nonce[0] == '\0');
    if (code_read(text, code)) {
        char twice[CODE_SIZE];
        MUST(code_read(code, twice) && text_equal(code, twice));
        MUST(strlen(code) >= CODE_MIN && strlen(code) <= CODE_MAX);
        code_skeleton(code, twice);
        MUST(strlen(twice) <= strlen(code));
    }
}

/* Bytes as a payload: written with our secret they are read as they are. */
static void any_touches(const uint8_t *data, size_t size) {
    struct attribution written = {.first = {.at = 1}, .last = {.at = 1}}, read;
    struct touch *const touches[] = {&written.first, &written.last};
    static const char digits[] = "0123456789abcdef";
    char text[ATTRIBUTION_TEXT_SIZE];
    for (size_t t = 0; t < 2; t++) {
        size_t at = 0;
        for (size_t i = 0; i < 36; i++)
            touches[t]->link[i] = i == 8 || i == 13 || i == 18 || i == 23
                                      ? '-'
                                      : digits[size > 0 ? data[(t * 32 + at++) % size] % 16 : 0];
        touches[t]->at = 1 + (size > 0 ? data[t % size] * INT64_C(16000000) : 0);
    }
    attribution_encode(&written, SECRET, text);
    MUST(attribution_decode(text, SECRET, &read));
    MUST(text_equal(read.first.link, written.first.link) &&
         text_equal(read.last.link, written.last.link));
    MUST(read.first.at == written.first.at && read.last.at == written.last.at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 0 && data[0] % 4 == 0)
        any_touches(data + 1, size - 1);
    else
        any_text(
            arena_strndup(fuzz_arena(), (const char *)data, strnlen((const char *)data, size)));
    return 0;
}
