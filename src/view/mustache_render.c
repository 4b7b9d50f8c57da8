#include "view/mustache_internal.h"

/* ---- sections ---- */

static void run_body(struct render *render, const struct template *template, uint32_t pc,
                     const struct arguments *arguments) {
    if (++render->bodies > BODIES_MAX)
        render->err = ERR_TOO_LARGE;
    render_run(render, template, pc + 1, template->ops[pc].b, arguments);
}

static void run_body_in(struct render *render, const struct template *template, uint32_t pc,
                        const struct arguments *arguments, struct value context) {
    if (!render_push(render, context))
        return;
    run_body(render, template, pc, arguments);
    render->nframes--;
}

static void run_list(struct render *render, const struct template *template, uint32_t pc,
                     const struct arguments *arguments, const struct model_list *list) {
    for (size_t i = 0; i < list->count && render->err == OK; i++)
        run_body_in(render, template, pc, arguments, list->items[i]);
}

static void run_rows(struct render *render, const struct template *template, uint32_t pc,
                     const struct arguments *arguments, const struct rows *rows) {
    struct value row = {.kind = VALUE_ROW, .rows = rows};
    if (rows->nrows == 0 || !render_push(render, row))
        return;
    struct frame *frame = &render->frames[render->nframes - 1];
    for (size_t i = 0; i < rows->nrows && render->err == OK; i++) {
        frame->value.n = i;
        run_body(render, template, pc, arguments);
    }
    render->nframes--;
}

static void run_section(struct render *render, const struct template *template, uint32_t pc,
                        const struct arguments *arguments) {
    const struct op *op = &template->ops[pc];
    struct value value = render_lookup(render, &template->names[op->a], true);
    if (!value_truthy(value))
        return;
    switch (value.kind) {
    case VALUE_LIST:
        run_list(render, template, pc, arguments, value.list);
        break;
    case VALUE_ROWS:
        run_rows(render, template, pc, arguments, value.rows);
        break;
    case VALUE_LAMBDA:
        render_lambda_section(render, value.lambda, &template->inners[op->c], arguments);
        break;
    case VALUE_BOOL:
        run_body(render, template, pc, arguments);
        break;
    default:
        run_body_in(render, template, pc, arguments, value);
    }
}

static void run_inverted(struct render *render, const struct template *template, uint32_t pc,
                         const struct arguments *arguments) {
    if (!value_truthy(render_lookup(render, &template->names[template->ops[pc].a], true)))
        run_body(render, template, pc, arguments);
}

/* ---- variables ---- */

static void run_variable(struct render *render, const struct name *name, bool escape) {
    struct value value = render_lookup(render, name, false);
    switch (value.kind) {
    case VALUE_TEXT:
    case VALUE_SVG:
        if (escape)
            render_escaped(render, value.text);
        else
            render_verbatim(render, value.text, strlen(value.text));
        break;
    case VALUE_BOOL:
        render_escaped(render, value.n != 0 ? "true" : "false");
        break;
    case VALUE_LAMBDA:
        render_lambda_variable(render, value.lambda, escape);
        break;
    default:
        break;
    }
}

/* ---- partials, parents and blocks ---- */

static const struct template *named(struct render *render, const struct name *name) {
    if (!name->dynamic)
        return template_set_find(render->set, name->whole, name->hash);
    struct value value = render_lookup(render, name, false);
    if (value.kind != VALUE_TEXT)
        return NULL;
    return template_set_find(render->set, value.text, value_hash(value.text));
}

static void run_indented(struct render *render, const struct template *template, uint32_t from,
                         uint32_t to, const struct place *place,
                         const struct arguments *arguments) {
    if (++render->partials > PARTIALS_MAX)
        render->err = ERR_TOO_LARGE;
    size_t before = render_indent(render, place);
    render_run(render, template, from, to, arguments);
    render_unindent(render, before);
    render->partials--;
}

static void run_partial(struct render *render, const struct template *template, uint32_t pc,
                        const struct arguments *arguments) {
    const struct op *op = &template->ops[pc];
    const struct template *partial = named(render, &template->names[op->a]);
    if (partial != NULL)
        run_indented(render, partial, 0, partial->nops, &template->places[op->c], arguments);
}

static void run_parent(struct render *render, const struct template *template, uint32_t pc,
                       const struct arguments *outer) {
    const struct op *op = &template->ops[pc];
    const struct template *parent = named(render, &template->names[op->a]);
    struct arguments given = {.template = template, .parent = pc, .outer = outer};
    if (parent != NULL)
        run_indented(render, parent, 0, parent->nops, &template->places[op->c], &given);
}

/* The OP_ARGUMENT of that name directly inside a parent tag, or 0 (which is never one). */
static uint32_t argument_of(const struct arguments *given, const struct name *name) {
    const struct template *template = given->template;
    uint32_t end = template->ops[given->parent].b;
    for (uint32_t pc = given->parent + 1; pc < end;) {
        const struct op *op = &template->ops[pc];
        const struct name *other = &template->names[op->a];
        if (op->code == OP_ARGUMENT && other->hash == name->hash &&
            strcmp(other->whole, name->whole) == 0)
            return pc;
        pc = op->b > pc && op->code != OP_TEXT ? op->b : pc + 1;
    }
    return 0;
}

static void run_block(struct render *render, const struct template *template, uint32_t pc,
                      const struct arguments *arguments) {
    const struct op *op = &template->ops[pc];
    const struct arguments *from = NULL;
    uint32_t argument = 0;
    for (const struct arguments *given = arguments; given != NULL; given = given->outer) {
        uint32_t found = argument_of(given, &template->names[op->a]);
        if (found != 0) {
            argument = found;
            from = given; /* the outermost has the last word */
        }
    }
    if (from == NULL) {
        run_body(render, template, pc, arguments);
        return;
    }
    /* What stands in an argument belongs to the template that wrote it, so its own blocks are
     * replaced by what was given to that template. */
    run_indented(render, from->template, argument + 1, from->template->ops[argument].b,
                 &template->places[op->c], from->outer);
}

/* ---- programs ---- */

static uint32_t run_op(struct render *render, const struct template *template, uint32_t pc,
                       const struct arguments *arguments) {
    const struct op *op = &template->ops[pc];
    switch ((enum op_code)op->code) {
    case OP_TEXT:
        render_text(render, template, op);
        return pc + 1;
    case OP_VARIABLE:
    case OP_RAW:
        run_variable(render, &template->names[op->a], op->code == OP_VARIABLE);
        return pc + 1;
    case OP_PARTIAL:
        run_partial(render, template, pc, arguments);
        return pc + 1;
    case OP_SECTION:
        run_section(render, template, pc, arguments);
        break;
    case OP_INVERTED:
        run_inverted(render, template, pc, arguments);
        break;
    case OP_MESSAGE:
        render_message(render, template, pc, arguments);
        break;
    case OP_PARENT:
        run_parent(render, template, pc, arguments);
        break;
    case OP_BLOCK:
        run_block(render, template, pc, arguments);
        break;
    case OP_ARGUMENT: /* met only where its parent looks for it */
        break;
    }
    return op->b;
}

void render_run(struct render *render, const struct template *template, uint32_t from, uint32_t to,
                const struct arguments *arguments) {
    if (++render->runs > RUNS_MAX)
        render->err = ERR_TOO_LARGE;
    while (from < to && render->err == OK)
        from = run_op(render, template, from, arguments);
    render->runs--;
}

void render_template(struct render *render, const struct template *template,
                     const struct arguments *arguments) {
    render_run(render, template, 0, template->nops, arguments);
}

/* The model inside, those around it further out. */
static void push_models(struct render *render, const struct model *model) {
    if (model->outer != NULL)
        push_models(render, model->outer);
    struct value value = {.kind = VALUE_OBJECT, .object = model};
    render_push(render, model->root.kind != VALUE_MISSING ? model->root : value);
}

enum err template_render(const struct template_set *set, const char *name,
                         const struct model *model, const struct render_options *options,
                         struct buf *out) {
    static const struct render_options usual;
    const struct template *template = template_set_find(set, name, value_hash(name));
    if (template == NULL)
        return ERR_NOT_FOUND;

    struct render render; /* not zeroed as a whole: most of it is room for deep pages */
    render.set = set;
    render.options = options != NULL ? options : &usual;
    render.workshop = set->workshop;
    render.out = out;
    render.err = OK;
    render.partials = 0;
    render.runs = 0;
    render.bodies = 0;
    render.nframes = 0;
    render.indent_size = 0;
    render.line_start = false;
    memset(render.columns, 0, sizeof render.columns);
    memset(render.json, 0, sizeof render.json);

    set->workshop->active++;
    push_models(&render, model);
    render_template(&render, template, NULL);
    if (--set->workshop->active == 0)
        arena_reset(set->workshop->values);
    return render.err;
}
