#include "domain/imports/import_table.h"

#include "core/text.h"
#include "domain/imports/import_dialect_rules.h"
#include <string.h>
#include <unicode/ucnv.h>

enum { PIECE = 64 * 1024 /* bytes of input at a time */, OUT = 3 * PIECE + 16, PIVOT = 4096 };

struct decoder {
    UConverter *from, *to;
    import_piece_fn *piece;
    void *context;
    bool wide;    /* a NUL in it would be a letter's half; none may come out */
    bool windows; /* its unused bytes come out as controls of ISO 8859 */
    bool after_cr;
    char *text; /* what is handed on */
};

static bool is_odd_control(const char *at, size_t left) {
    return left >= 2 && (unsigned char)at[0] == 0xC2 && (unsigned char)at[1] >= 0x80 &&
           (unsigned char)at[1] <= 0x9F;
}

/* Settles line ends and control characters, and hands the text on. */
static enum import_trouble hand_on(struct decoder *decoder, const char *text, size_t size) {
    size_t length = 0;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        bool follows = c == '\n' && decoder->after_cr;
        decoder->after_cr = c == '\r';
        if (c == '\0')
            return TROUBLE_NUL;
        if (decoder->windows && is_odd_control(text + i, size - i))
            return TROUBLE_CHARSET;
        if (follows)
            continue;
        bool control = ((unsigned char)c < 0x20 && c != '\t' && c != '\n') || c == 0x7F;
        decoder->text[length++] = c == '\r' ? '\n' : control ? ' ' : c;
    }
    return length > 0 ? decoder->piece(decoder->context, decoder->text, length) : TROUBLE_NONE;
}

static enum import_trouble decode_all(struct decoder *decoder, const char *bytes, size_t size) {
    char *out = malloc(OUT);
    UChar *pivot = malloc(PIVOT * sizeof *pivot);
    if (out == NULL || pivot == NULL)
        abort();
    UChar *pivot_from = pivot, *pivot_to = pivot;
    const char *at = bytes, *end = bytes + size;
    enum import_trouble trouble = TROUBLE_NONE;
    UErrorCode status = U_ZERO_ERROR;
    do {
        const char *until = end - at > PIECE ? at + PIECE : end;
        char *target = out;
        status = U_ZERO_ERROR;
        ucnv_convertEx(decoder->to, decoder->from, &target, out + OUT, &at, until, pivot,
                       &pivot_from, &pivot_to, pivot + PIVOT, false, until == end, &status);
        if (U_FAILURE(status) && status != U_BUFFER_OVERFLOW_ERROR)
            trouble = TROUBLE_CHARSET;
        else
            trouble = hand_on(decoder, out, (size_t)(target - out));
    } while (trouble == TROUBLE_NONE && (at < end || status == U_BUFFER_OVERFLOW_ERROR));
    free(out);
    free(pivot);
    return trouble;
}

enum import_trouble import_decode(const char *charset, const char *bytes, size_t size,
                                  import_piece_fn *piece, void *context) {
    UErrorCode status = U_ZERO_ERROR;
    struct decoder decoder = {
        .piece = piece, .context = context, .windows = text_starts(charset, "windows-")};
    decoder.from = ucnv_open(charset, &status);
    decoder.to = ucnv_open("UTF-8", &status);
    decoder.text = malloc(OUT);
    if (decoder.text == NULL)
        abort();
    ucnv_setToUCallBack(decoder.from, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    enum import_trouble trouble =
        U_SUCCESS(status) ? decode_all(&decoder, bytes, size) : TROUBLE_CHARSET;
    ucnv_close(decoder.from);
    ucnv_close(decoder.to);
    free(decoder.text);
    return trouble;
}
