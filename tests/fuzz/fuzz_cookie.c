/* The Cookie header: only whole pairs of characters that may stand in one come out. */
#include "fuzz.h"
#include "http/form_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = fuzz_arena();
    struct params *params = params_new(arena);
    const char *reason = NULL;
    const char *header = arena_strndup(arena, (const char *)data, size);
    enum err err = cookie_parse(header, params, &reason);
    MUST((err == OK) == (reason == NULL));
    MUST(err == OK || err == ERR_BAD_REQUEST);
    fuzz_check_params(params, REQUEST_FIELDS_MAX, REQUEST_NAME_MAX);
    for (size_t i = 0; i < params->count; i++) {
        MUST(params->items[i].name[0] != '\0');
        MUST(strpbrk(params->items[i].name, "=;, ") == NULL);
        MUST(strpbrk(params->items[i].value, ";, \"\\") == NULL);
    }
    return 0;
}
