#include "domain/imports/import_plan.h"

#include "core/text.h"
#include "domain/imports/import_header_rules.h"
#include "domain/leads/leads.h"
#include <jansson.h>
#include <string.h>

enum { FIELDS_MAX = 32 };

/* Who agreed and whose lead it is are said once for the whole file; a draft or a card is what a person had begun with. */
static bool is_of_no_row(const char *name) {
    return text_equal(name, "consent") || text_equal(name, "partner_id") || text_equal(name, "draft") || text_equal(name, "card_id");
}

const struct field *import_fields(void) {
    static struct field fields[FIELDS_MAX];
    size_t count = 0;
    if (fields[0].name)
        return fields;
    for (const struct field *field = lead_full_form.fields; field->name; field++) {
        if (is_of_no_row(field->name))
            continue;
        if (count + 1 == FIELDS_MAX)
            abort();
        fields[count++] = *field;
    }
    return fields;
}

const struct field *import_field(const char *name) {
    for (const struct field *field = import_fields(); field->name; field++)
        if (text_equal(field->name, name))
            return field;
    return NULL;
}

static bool fills(const struct import_plan *plan, const char *name) {
    for (size_t i = 0; i < plan->count; i++)
        if (plan->targets[i].field && text_equal(plan->targets[i].field->name, name))
            return true;
    return false;
}

enum import_fault import_plan_judge(const struct import_plan *plan, size_t *column) {
    for (size_t i = 1; i < plan->count; i++) {
        const struct field *field = plan->targets[i].field;
        for (size_t j = 0; field && !import_field_joint(field->name) && j < i; j++) {
            if (plan->targets[j].field == field) {
                *column = i;
                return PLAN_TWICE;
            }
        }
    }
    if (!fills(plan, "client_name"))
        return PLAN_NO_NAME;
    return fills(plan, "client_email") || fills(plan, "client_phone") ? PLAN_FINE : PLAN_NO_CONTACT;
}

static void read_target(const json_t *json, struct import_target *target) {
    *target = (struct import_target){
        .field = import_field(json_string_value(json_object_get(json, "field")))};
    (void)import_dates_find(json_string_value(json_object_get(json, "dates")), &target->dates);
    (void)import_numbers_find(json_string_value(json_object_get(json, "numbers")),
                              &target->numbers);
}

bool import_plan_read(const char *json, struct import_plan *plan) {
    json_t *targets = json ? json_loads(json, 0, NULL) : NULL, *target;
    size_t i, count = json_array_size(targets);
    *plan = (struct import_plan){.count = count <= IMPORT_COLUMNS_MAX ? count : IMPORT_COLUMNS_MAX};
    json_array_foreach(targets, i, target) {
        if (i < plan->count)
            read_target(target, &plan->targets[i]);
    }
    json_decref(targets);
    return count > 0 && count <= IMPORT_COLUMNS_MAX;
}

const char *import_plan_json(struct arena *arena, const struct import_plan *plan) {
    json_t *targets = json_array();
    for (size_t i = 0; i < plan->count; i++) {
        const struct import_target *target = &plan->targets[i];
        json_array_append_new(targets, json_pack("{s:s, s:s, s:s}", "field",
                                                 target->field ? target->field->name : "", "dates",
                                                 import_dates_code(target->dates), "numbers",
                                                 import_numbers_code(target->numbers)));
    }
    char *text = json_dumps(targets, JSON_COMPACT);
    const char *kept = arena_strdup(arena, text ? text : "[]");
    free(text);
    json_decref(targets);
    return kept;
}
