/* What a provider reports: JSON of our own comes out, with addresses that are some, or nothing. */
#include "domain/sending/report_rules.h"
#include "fuzz.h"
#include "jobs/mail_message.h"
#include <jansson.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena *arena = fuzz_arena();
    if (size > 65536)
        return 0;
    const char *text = arena_strndup(arena, (const char *)data, size);
    MUST(!report_authentic("a secret", text, data, size, 1800000000));
    MUST(!report_signed(text, "1800000000", text, data, size, 1800000000));
    const char *reports = report_read(arena, data, size);
    if (reports == NULL)
        return 0;
    json_t *list = json_loads(reports, 0, NULL), *report;
    MUST(json_is_array(list));
    size_t i;
    json_array_foreach(list, i, report) {
        const char *outbox = json_string_value(json_object_get(report, "outbox"));
        MUST(mail_address_fits(json_string_value(json_object_get(report, "address"))));
        MUST(json_is_string(json_object_get(report, "id")) && json_is_string(json_object_get(report, "kind")));
        MUST(strchr(json_string_value(json_object_get(report, "detail")), '@') == NULL);
        MUST(outbox == NULL || text_is_uuid(outbox));
    }
    json_decref(list);
    return 0;
}
