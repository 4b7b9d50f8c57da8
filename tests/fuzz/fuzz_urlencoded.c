/* Query strings and urlencoded forms: what is read can be written and is then read again the same.
 */
#include "core/buf.h"
#include "fuzz.h"
#include "http/form_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = fuzz_arena();
    struct params *params = params_new(arena);
    const char *reason = NULL;
    enum err err = urlencoded_parse((const char *)data, size, params, &reason);
    MUST((err == OK) == (reason == NULL));
    MUST(err == OK || err == ERR_BAD_REQUEST);
    fuzz_check_params(params, REQUEST_FIELDS_MAX, REQUEST_NAME_MAX);
    if (err != OK)
        return 0;

    struct buf body;
    buf_init(&body, (size_t)1024 * 1024);
    for (size_t i = 0; i < params->count; i++)
        buf_printf(&body, "%s=%s&", percent_encode(arena, params->items[i].name),
                   percent_encode(arena, params->items[i].value));
    struct params *again = params_new(arena);
    MUST(urlencoded_parse(buf_text(&body), body.len, again, &reason) == OK);
    MUST(again->count == params->count);
    for (size_t i = 0; i < params->count; i++) {
        MUST(text_equal(again->items[i].name, params->items[i].name));
        MUST(text_equal(again->items[i].value, params->items[i].value));
    }
    buf_free(&body);
    return 0;
}
