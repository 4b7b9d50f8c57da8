/* A Content-Type on the first line, a multipart body behind it. */
#include "fuzz.h"
#include "http/form_data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *bytes = (const char *)data;
    const char *line_end = size > 0 ? memchr(bytes, '\n', size) : NULL;
    if (line_end == NULL || memchr(bytes, '\0', (size_t)(line_end - bytes)) != NULL)
        return 0;
    struct arena *arena = fuzz_arena();
    const char *type = arena_strndup(arena, bytes, (size_t)(line_end - bytes));
    const char *boundary = header_parameter(arena, type, "boundary");
    if (boundary == NULL)
        return 0;

    const char *body = line_end + 1;
    const char *end = bytes + size;
    struct params *fields = params_new(arena);
    struct upload *uploads = NULL;
    size_t nuploads = 0;
    const char *reason = NULL;
    enum err err = multipart_parse(arena, boundary, body, (size_t)(end - body), fields, &uploads,
                                   &nuploads, &reason);
    MUST((err == OK) == (reason == NULL));
    MUST(err == OK || err == ERR_BAD_REQUEST);
    MUST(nuploads + fields->count <= REQUEST_FIELDS_MAX);
    fuzz_check_params(fields, REQUEST_FIELDS_MAX, REQUEST_NAME_MAX);
    for (size_t i = 0; i < nuploads; i++) {
        const char *from = uploads[i].data;
        MUST(from >= body && from <= end && uploads[i].size <= (size_t)(end - from));
        MUST(fuzz_is_clean(uploads[i].field) && fuzz_is_clean(uploads[i].filename));
        MUST(header_safe(uploads[i].filename) && strpbrk(uploads[i].filename, "/\\") == NULL);
        MUST(header_safe(uploads[i].type) || strchr(uploads[i].type, '\t') != NULL);
    }
    return 0;
}
