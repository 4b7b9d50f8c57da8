#include "domain/leads/lead_columns.h"

#include "core/i18n.h"
#include "core/text.h"

static const struct lead_column columns[LEAD_COLUMNS_MAX] = {
    {"stage", N_("Stage"), "col_stage", false, true, false, false},
    {"partner", N_("Partner"), "col_partner", true, true, false, false},
    {"next_at", N_("Next step"), "col_next", false, true, false, false},
    {"source", N_("Source"), "col_source", false, true, false, false},
    {"value", N_("Value"), "col_value", false, true, true, true},
    {"created", N_("Created"), "col_created", false, true, true, false},
    {"updated", N_("Updated"), "col_updated", false, true, true, false},
    {"email", N_("Email"), "col_email", false, false, false, false},
    {"phone", N_("Phone"), "col_phone", false, false, false, false},
    {"location", N_("Location"), "col_location", false, false, false, false},
    {"closed", N_("Closed"), "col_closed", false, false, false, false},
    {"score", N_("Score"), "col_score", true, false, false, true},
};

static const struct lead_column *find(const char *code, size_t size) {
    for (size_t i = 0; i < LEAD_COLUMNS_MAX; i++)
        if (strlen(columns[i].code) == size && memcmp(columns[i].code, code, size) == 0)
            return &columns[i];
    return NULL;
}

static bool among(const struct lead_column *column, const struct lead_column *const *list, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (list[i] == column)
            return true;
    return false;
}

size_t lead_columns_choose(const char *chosen, bool staff, const struct lead_column *out[LEAD_COLUMNS_MAX]) {
    size_t count = 0;
    for (const char *at = chosen; at && *at; at += strcspn(at, ","), at += *at == ',') {
        const struct lead_column *column = find(at, strcspn(at, ","));
        if (column && (staff || !column->for_staff) && !among(column, out, count))
            out[count++] = column;
    }
    bool any = count > 0;
    for (size_t i = 0; i < LEAD_COLUMNS_MAX && !any; i++)
        if (columns[i].usual && (staff || !columns[i].for_staff))
            out[count++] = &columns[i];
    return count;
}

size_t lead_columns_rest(const struct lead_column *const *chosen, size_t count, bool staff,
                         const struct lead_column *out[LEAD_COLUMNS_MAX]) {
    size_t rest = 0;
    for (size_t i = 0; i < LEAD_COLUMNS_MAX; i++)
        if ((staff || !columns[i].for_staff) && !among(&columns[i], chosen, count))
            out[rest++] = &columns[i];
    return rest;
}

const char *lead_columns_move(struct arena *arena, const char *chosen, bool staff, const char *code, int by) {
    const struct lead_column *list[LEAD_COLUMNS_MAX];
    size_t count = lead_columns_choose(chosen, staff, list);
    for (size_t i = 0; i < count && code; i++) {
        size_t to = by < 0 ? i - 1 : i + 1;
        if (!text_equal(list[i]->code, code) || to >= count) /* before the first is a very large number */
            continue;
        const struct lead_column *other = list[to];
        list[to] = list[i];
        list[i] = other;
        break;
    }
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        text = arena_printf(arena, "%s%s%s", text, i ? "," : "", list[i]->code);
    return text;
}

size_t lead_columns_export(const struct lead_column *const *chosen, size_t count,
                           const char *out[LEAD_COLUMNS_MAX + 3]) {
    size_t n = 0;
    out[n++] = "name";
    for (size_t i = 0; i < count; i++) {
        if (chosen[i]->figures)
            out[n++] = "currency";
        out[n++] = chosen[i]->code;
    }
    out[n++] = "id";
    return n;
}
