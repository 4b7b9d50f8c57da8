#include "domain/demo/demo_leads.h"
#include "domain/demo/demo_line.h"

void demo_history_write(struct demo_pass *pass, const struct demo_life *life, struct buf *out) {
    const char *partner = pass->world->partners[life->partner].id;
    enum demo_stage from = STAGE_NEW;
    for (size_t i = 0; i <= life->nsteps; i++) {
        struct demo_step first = {STAGE_NEW, life->created, life->by, NULL};
        const struct demo_step *step = i == 0 ? &first : &life->steps[i - 1];
        struct demo_line line = demo_line_begin(out);
        demo_plain(&line, life->id);
        demo_plain(&line, partner);
        demo_time(&line, step->at);
        demo_plain(&line, step->by != NULL ? step->by->id : NULL);
        demo_plain(&line, i == 0 ? "created" : "stage");
        demo_plain(&line, i == 0 ? NULL : demo_stage_codes[from]);
        demo_plain(&line, demo_stage_codes[step->to]);
        demo_plain(&line, step->reason);
        demo_line_end(&line);
        from = step->to;
        pass->rows++;
    }
}

void demo_shares_write(struct demo_pass *pass, const struct demo_life *life, struct buf *out) {
    struct demo_share shares[DEMO_SHARES_MAX];
    size_t count = demo_shares_make(pass->world, life, shares);
    for (size_t i = 0; i < count; i++) {
        const struct demo_partner *partner = &pass->world->partners[shares[i].partner];
        const struct demo_kind *kind = &demo_kinds[partner->type];
        struct demo_line line = demo_line_begin(out);
        demo_plain(&line, shares[i].id);
        demo_plain(&line, life->id);
        demo_plain(&line, partner->id);
        demo_plain(&line, shares[i].status);
        demo_bool(&line, kind->contact);
        demo_bool(&line, kind->budget);
        demo_bool(&line, kind->requirements);
        demo_time(&line, shares[i].shared_at);
        demo_time(&line, shares[i].accepted_at);
        demo_time(&line, shares[i].closed_at);
        demo_line_end(&line);
        pass->rows++;
    }
}
