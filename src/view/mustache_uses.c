/* Which names a template uses, read off its program. */
#include "view/mustache_internal.h"

struct walk {
    struct {
        uint32_t end;            /* the op after a body */
        struct template_use use; /* what is reported there */
    } open[SECTIONS_MAX];
    size_t depth;
    template_use_fn *fn;
    void *context;
};

static void report(const struct walk *walk, struct template_use use, enum template_use_kind kind) {
    use.kind = kind;
    walk->fn(walk->context, &use);
}

static void enter(struct walk *walk, uint32_t end, struct template_use use,
                  enum template_use_kind kind, enum template_use_kind end_kind) {
    report(walk, use, kind);
    use.kind = end_kind;
    walk->open[walk->depth].end = end;
    walk->open[walk->depth].use = use;
    walk->depth++;
}

static void visit(struct walk *walk, const struct op *op, struct template_use use) {
    switch ((enum op_code)op->code) {
    case OP_TEXT:
    case OP_MESSAGE:
        break;
    case OP_VARIABLE:
        report(walk, use, USE_VARIABLE);
        break;
    case OP_RAW:
        report(walk, use, USE_RAW);
        break;
    case OP_SECTION:
        enter(walk, op->b, use, USE_SECTION, USE_SECTION_END);
        break;
    case OP_INVERTED:
        enter(walk, op->b, use, USE_INVERTED, USE_SECTION_END);
        break;
    case OP_PARTIAL:
        report(walk, use, USE_PARTIAL);
        break;
    case OP_PARENT:
        enter(walk, op->b, use, USE_PARENT, USE_PARENT_END);
        break;
    case OP_ARGUMENT:
    case OP_BLOCK:
        enter(walk, op->b, use, USE_BLOCK, USE_BLOCK_END);
        break;
    }
}

enum err template_uses(const struct template_set *set, const char *name, template_use_fn *fn,
                       void *context) {
    const struct template *template = template_set_find(set, name, value_hash(name));
    if (template == NULL)
        return ERR_NOT_FOUND;
    struct walk walk = {.fn = fn, .context = context};
    for (uint32_t pc = 0; pc <= template->nops; pc++) {
        while (walk.depth > 0 && walk.open[walk.depth - 1].end == pc) {
            walk.depth--;
            fn(context, &walk.open[walk.depth].use);
        }
        if (pc == template->nops)
            break;
        const struct op *op = &template->ops[pc];
        const char *whole = op->code == OP_TEXT ? "" : template->names[op->a].whole;
        visit(&walk, op, (struct template_use){.name = whole, .line = (int)op->line});
    }
    return OK;
}
