/*
 * demo_leads.h - the lines of leads, of their history, of shares and of the ledger, in portions.
 * Internal to the demo.
 *
 * Each pass makes the lives of the leads again from the seed instead of keeping them: a million
 * take a second or two and no memory.
 */
#ifndef TESSERA_DOMAIN_DEMO_DEMO_LEADS_H
#define TESSERA_DOMAIN_DEMO_DEMO_LEADS_H

#include "core/buf.h"
#include "domain/demo/demo_life.h"

/* What one COPY after another goes through: leads number 0 to end - 1, stopping at `stop` each
 * time. */
struct demo_pass {
    struct demo_world *world;
    long next;
    long stop; /* where the portion ends */
    long rows; /* written so far */
    void (*write)(struct demo_pass *pass, const struct demo_life *life, struct buf *out);
};

/* For db_copy(): some lines, true while there are more in the portion. */
bool demo_pass_lines(void *pass, struct buf *out);

void demo_lead_write(struct demo_pass *pass, const struct demo_life *life, struct buf *out);
void demo_history_write(struct demo_pass *pass, const struct demo_life *life, struct buf *out);
void demo_shares_write(struct demo_pass *pass, const struct demo_life *life, struct buf *out);
void demo_ledger_write(struct demo_pass *pass, const struct demo_life *life, struct buf *out);

#endif
