/*
 * demo_life.h - what happens to a lead, from the day it came to where it stands now.
 *
 * Leads come in order of time, more of them as months go by. How one goes on is drawn step by step,
 * so that old ones are closed or dormant and young ones are open. What it looks like (client,
 * wishes) is demo_leads.c; who was handed it, demo_shares.c. Internal to the demo.
 */
#ifndef TESSERA_DOMAIN_DEMO_DEMO_LIFE_H
#define TESSERA_DOMAIN_DEMO_DEMO_LIFE_H

#include "domain/demo/demo_world.h"

enum demo_stage {
    STAGE_NEW,
    STAGE_INTAKE,
    STAGE_QUALIFIED,
    STAGE_ACTIVE,
    STAGE_WON,
    STAGE_LOST,
    STAGE_DORMANT,
    STAGE_DECLINED,
    DEMO_STAGES
};
extern const char *const demo_stage_codes[DEMO_STAGES];

struct demo_step {
    enum demo_stage to;
    time_t at;
    const struct demo_user *by; /* NULL: the client, by a link */
    const char *reason;         /* or NULL */
};

enum { DEMO_STEPS_MAX = 4 };

struct demo_life {
    long number;
    char id[DEMO_UUID_SIZE];
    size_t partner; /* who brought it */
    const struct demo_user *by;
    time_t created;
    long value; /* estimated, in whole units of the partner's currency */
    struct demo_step steps[DEMO_STEPS_MAX]; /* after it was new */
    size_t nsteps;
    enum demo_stage stage;
    time_t stage_at;
    time_t closed_at; /* 0 unless won or lost */
    const char *reason;
};

/* number counts from 0. */
void demo_life_make(const struct demo_world *world, long number, struct demo_life *life);
/* When it reached the stage, 0 if it never did. */
time_t demo_life_reached(const struct demo_life *life, enum demo_stage stage);

/* Who was handed the lead, what they made of it. */
struct demo_share {
    char id[DEMO_UUID_SIZE];
    size_t partner;
    const char *status;
    time_t shared_at;
    time_t accepted_at; /* 0: never */
    time_t closed_at;   /* 0: not closed */
};
enum { DEMO_SHARES_MAX = 2 };
/* Counts open shares in the world's partners, so lives come in order, after demo_world_recount().
 * Returns how many. */
size_t demo_shares_make(struct demo_world *world, const struct demo_life *life,
                        struct demo_share shares[DEMO_SHARES_MAX]);
/* Finds out how much the partners have to do and sets their capacity to fit. */
void demo_capacity_make(struct demo_world *world);

#endif
