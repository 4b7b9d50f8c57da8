/* Names to values: the context stack, rows by column, JSON in cells, facets of scalars. */
#include "core/log.h"
#include "view/mustache_internal.h"

static const struct value missing = {.kind = VALUE_MISSING};

/* ---- rows ---- */

/* Computed once per rendering. NULL: too many tables to keep them. */
static const struct columns *columns_of(struct render *render, const struct rows *rows) {
    size_t slot = ((uintptr_t)rows->cols >> 4) % COLUMN_SLOTS;
    for (size_t tries = 0; tries < 4; tries++, slot = (slot + 1) % COLUMN_SLOTS) {
        struct columns *columns = &render->columns[slot];
        if (columns->cols == rows->cols)
            return columns;
        if (columns->cols != NULL)
            continue;
        uint32_t *hashes = arena_array(render->workshop->values, rows->ncols, sizeof *hashes);
        for (size_t col = 0; col < rows->ncols; col++) {
            hashes[col] = value_hash(rows->cols[col].name);
            name_index_add(&columns->index, hashes[col], col);
        }
        columns->cols = rows->cols;
        columns->hashes = hashes;
        return columns;
    }
    return NULL;
}

/* A JSON cell becomes the object or list that it holds, once per rendering. */
static struct value settle_json(struct render *render, struct value value) {
    size_t slot = ((uintptr_t)value.text >> 3) % JSON_SLOTS;
    if (render->json[slot].text == value.text)
        return render->json[slot].value;

    char error[128];
    struct value parsed = {.kind = VALUE_NULL};
    size_t size = strlen(value.text);
    if (size > JSON_CELL_MAX || arena_used(render->workshop->values) > SCRATCH_STOP)
        render->err = ERR_TOO_LARGE;
    else if (!value_parse_json(render->workshop->values, value.text, size, &parsed, error,
                               sizeof error))
        log_event(LOG_WARN, "json_cell_malformed", "why", "%s", error, NULL);
    render->json[slot].text = value.text;
    render->json[slot].value = parsed;
    return parsed;
}

static inline struct value settle(struct render *render, struct value value) {
    return value.kind == VALUE_TEXT && value.type == COLUMN_JSON ? settle_json(render, value)
                                                                 : value;
}

static struct value row_get(struct render *render, const struct frame *row,
                            const struct part *part) {
    const struct rows *rows = row->value.rows;
    const struct columns *columns = row->columns;
    size_t col = columns != NULL ? name_index_first(&columns->index, part->hash, rows->ncols) : 0;
    for (; col < rows->ncols; col++) {
        if (columns != NULL && columns->hashes[col] != part->hash)
            continue;
        if (strcmp(rows->cols[col].name, part->text) == 0)
            return settle(render, value_of_cell(rows, row->value.n, col));
    }
    return missing;
}

static struct frame frame_of(struct render *render, struct value value) {
    struct frame frame = {.value = value};
    if (value.kind == VALUE_OBJECT) {
        frame.mask = value.object->index.mask;
    } else if (value.kind == VALUE_ROW) {
        frame.columns = columns_of(render, value.rows);
        frame.mask = frame.columns != NULL ? frame.columns->index.mask : UINT64_MAX;
    }
    return frame;
}

bool render_push(struct render *render, struct value value) {
    if (render->nframes == CONTEXTS_MAX) {
        render->err = ERR_TOO_LARGE;
        return false;
    }
    render->frames[render->nframes++] = frame_of(render, value);
    return true;
}

/* ---- names ---- */

static struct value member(struct render *render, const struct frame *of, const struct part *part) {
    if ((of->mask & name_mask(part->hash)) == 0)
        return missing;
    if (of->value.kind == VALUE_OBJECT)
        return settle(render, model_get(of->value.object, part->text, part->hash));
    if (of->value.kind == VALUE_ROW)
        return row_get(render, of, part);
    return missing;
}

static struct value outward(struct render *render, const struct part *part) {
    uint64_t bit = name_mask(part->hash);
    for (size_t i = render->nframes; i > 0; i--) {
        if ((render->frames[i - 1].mask & bit) == 0)
            continue;
        struct value value = member(render, &render->frames[i - 1], part);
        if (value.kind != VALUE_MISSING)
            return value;
    }
    return missing;
}

/* ---- facets ---- */

/* The currency beside an amount, or the nearest further out. */
static const char *currency_near(struct render *render, const struct frame *beside) {
    static struct part part = {.text = "currency"};
    if (part.hash == 0)
        part.hash = value_hash(part.text);
    struct value value = beside != NULL ? member(render, beside, &part) : missing;
    if (value.kind == VALUE_MISSING)
        value = outward(render, &part);
    return value.kind == VALUE_TEXT ? value.text : NULL;
}

static struct value lines_of(struct arena *arena, const char *text) {
    struct model_list *list = model_list_new(arena);
    for (;;) {
        size_t size = strcspn(text, "\n");
        size_t shown = size > 0 && text[size - 1] == '\r' ? size - 1 : size;
        const char *line = arena_strndup(arena, text, shown);
        if (text[size] != '\0' || size > 0) /* a break at the end begins no further line */
            model_list_append(list, value_of_text(line, COLUMN_TEXT));
        if (text[size] == '\0')
            return (struct value){.kind = VALUE_LIST, .list = list};
        text += size + 1;
    }
}

static struct value list_facet(struct arena *arena, size_t count, enum form form) {
    if (form == FORM_ANY)
        return value_of_bool(count > 0);
    if (form == FORM_COUNT)
        return value_of_text(arena_printf(arena, "%zu", count), COLUMN_INT);
    return missing;
}

static struct value scalar_facet(struct render *render, struct arena *arena, struct value value,
                                 const struct frame *beside, const struct part *part) {
    const char *text = value.kind != VALUE_BOOL ? value.text : value.n != 0 ? "true" : "false";
    const char *currency = part->form == FORM_MONEY ? currency_near(render, beside) : NULL;
    struct facet_result result =
        facet_of_form(arena, text, value.type, part->form, part->text, currency, render->options);
    switch (result.kind) {
    case FACET_TEXT:
        return value_of_text(result.text, COLUMN_TEXT);
    case FACET_BOOL:
        return value_of_bool(result.truth);
    case FACET_LINES:
        return lines_of(arena, result.text);
    case FACET_NONE:
        break;
    }
    return missing;
}

/* One step along a dotted name. beside: what the value is a member of, or NULL. */
static struct value step(struct render *render, struct arena *arena, struct value value,
                         const struct frame *beside, const struct part *part) {
    switch (value.kind) {
    case VALUE_OBJECT:
    case VALUE_ROW: {
        struct frame frame = frame_of(render, value);
        return member(render, &frame, part);
    }
    case VALUE_LIST:
        return list_facet(arena, value.list->count, part->form);
    case VALUE_ROWS:
        return list_facet(arena, value.rows->nrows, part->form);
    case VALUE_TEXT:
    case VALUE_BOOL:
        return part->form == FORM_NONE ? missing : scalar_facet(render, arena, value, beside, part);
    case VALUE_MISSING:
    case VALUE_NULL:
    case VALUE_SVG:
    case VALUE_LAMBDA:
        break;
    }
    return missing;
}

struct value render_lookup(struct render *render, const struct name *name, bool keep) {
    struct arena *arena = keep ? render->workshop->values : render->workshop->texts;
    if (!keep && arena_used(arena) > 0)
        arena_reset(arena);
    if (keep && arena_used(arena) > SCRATCH_STOP)
        render->err = ERR_TOO_LARGE;

    struct value value;
    uint32_t next = 0;
    if (name->here) {
        value = settle(render, render->frames[render->nframes - 1].value);
    } else {
        value = outward(render, &name->parts[0]);
        next = 1;
    }
    struct frame beside = {.value = missing};
    for (; next < name->nparts; next++) {
        struct value inner =
            step(render, arena, value, next > 0 ? &beside : NULL, &name->parts[next]);
        if (next + 1 < name->nparts)
            beside = frame_of(render, value);
        value = inner;
    }
    return value;
}
