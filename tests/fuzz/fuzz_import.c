/* A file that somebody sends as a table; its first byte says whether an encoding was chosen. From
 * bytes to what the database is given. */
#include "core/buf.h"
#include "domain/imports/import_dialect_rules.h"
#include "domain/imports/import_header_rules.h"
#include "domain/imports/import_lead.h"
#include "domain/imports/import_scan.h"
#include "fuzz.h"
#include <jansson.h>

struct second_look {
    struct arena *arena;
    struct import_source source;
    struct buf json;
    long rows, number;
};

static enum import_trouble keep(void *context, const char *text, size_t size) {
    for (size_t i = 0; i < size; i++)
        MUST((unsigned char)text[i] >= 0x20 || text[i] == '\n' || text[i] == '\t');
    buf_append(context, text, size);
    return TROUBLE_NONE;
}

/* Every row is JSON with as many cells as it has. */
static bool look_again(void *context, const struct import_row *row) {
    struct second_look *look = context;
    MUST(row->number > look->number && row->count > 0 && row->count <= IMPORT_COLUMNS_MAX);
    look->number = row->number;
    look->rows++;
    for (size_t i = 0; i < row->count; i++)
        MUST(fuzz_is_clean(row->cells[i]) && strlen(row->cells[i]) <= IMPORT_CELL_MAX);
    buf_clear(&look->json);
    import_lead_write(look->arena, &look->source, row, &look->json);
    arena_reset(look->arena);
    json_t *json = json_loads(buf_text(&look->json), 0, NULL);
    MUST(json != NULL);
    MUST(json_integer_value(json_object_get(json, "number")) == row->number);
    MUST(json_array_size(json_object_get(json, "cells")) == row->count);
    MUST((json_object_get(json, "lead") != NULL) ==
         (json_array_size(json_object_get(json, "problems")) == 0));
    json_decref(json);
    return true;
}

static void guess(struct arena *arena, const struct import_scan *scan, struct import_plan *plan) {
    const char *fields[IMPORT_COLUMNS_MAX];
    int certainties[IMPORT_COLUMNS_MAX];
    for (size_t i = 0; i < scan->ncolumns; i++)
        fields[i] = import_header_field(import_header_plain(arena, scan->columns[i].header),
                                        &certainties[i]);
    import_settle_fields(fields, certainties, scan->ncolumns);
    plan->count = scan->ncolumns;
    for (size_t i = 0; i < scan->ncolumns; i++) {
        bool certain;
        plan->targets[i] = (struct import_target){
            .field = import_field(fields[i]),
            .dates = import_dates_decide(&scan->columns[i].dates, &certain),
            .numbers = import_numbers_decide(&scan->columns[i].numbers, &certain)};
    }
    struct import_plan again;
    MUST(import_plan_read(import_plan_json(arena, plan), &again) && again.count == plan->count);
}

static void read_again(struct arena *arena, const struct import_scan *scan,
                       const struct buf *kept) {
    static struct arena *rows;
    struct import_plan plan;
    struct second_look look = {.arena = rows = rows != NULL ? rows : arena_new(8 << 20)};
    guess(arena, scan, &plan);
    look.source = (struct import_source){.plan = &plan,
                                         .constants = params_new(arena),
                                         .columns = plan.count,
                                         .currencies = " AED EUR INR "};
    buf_init(&look.json, 8 << 20);
    struct import_reader *reader = import_reader_new(scan->delimiter, 0, look_again, &look);
    MUST(import_reader_feed(reader, buf_text(kept), kept->len) == TROUBLE_NONE);
    MUST(import_reader_end(reader) == TROUBLE_NONE);
    MUST(import_reader_position(reader) == kept->len);
    MUST(look.rows == scan->rows + scan->has_header);
    import_reader_free(reader);
    buf_free(&look.json);
    json_t *columns = json_loads(import_columns_json(arena, scan), 0, NULL);
    MUST(json_array_size(columns) == scan->ncolumns);
    json_decref(columns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const charsets[] = {"UTF-8", "UTF-16LE", "windows-1252", "windows-1256",
                                           "gb18030"};
    struct arena *arena = fuzz_arena();
    if (size == 0)
        return 0;
    const char *charset = data[0] >= '0' && data[0] < '5' ? charsets[data[0] - '0'] : NULL;
    struct import_scan scan;
    struct buf kept;
    buf_init(&kept, 8 << 20);
    if (import_scan(arena, (const char *)data + 1, size - 1, charset, keep, &kept, &scan)) {
        MUST(text_utf8_valid(buf_text(&kept), kept.len));
        MUST(scan.rows > 0 && scan.ncolumns > 0 && scan.ncolumns <= IMPORT_COLUMNS_MAX);
        read_again(arena, &scan, &kept);
    } else {
        MUST(scan.sentence != NULL);
    }
    buf_free(&kept);
    return 0;
}
