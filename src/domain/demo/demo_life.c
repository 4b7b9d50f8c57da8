#include "domain/demo/demo_life.h"
#include <math.h>

const char *const demo_stage_codes[DEMO_STAGES] = {"new", "intake", "qualified", "active",
                                                   "won", "lost",   "dormant",   "declined"};

static const char *const lost_reasons[] = {
    "Bought from another agent.",
    "Budget does not reach the area they want.",
    "The bank did not approve the mortgage.",
    "Decided to rent for another year.",
    "Chose a ready home over an off-plan one.",
    "Price expectation too far from the market.",
    "Moved to another country.",
};
static const char *const dormant_reasons[] = {
    "No answer after four calls.",         "Asked to be called again after the summer.",
    "Waiting for their own home to sell.", "Travelling until next quarter.",
    "Family decision postponed.",
};
static const char *const declined_reasons[] = {
    "Client opted out by the link.",
    "Client says the referral was a mistake.",
    "Already in touch with the sales office.",
};

enum { LONGEST = 3 /* times the usual wait; nobody is asked for a year how it stands */ };

/* What may follow an open stage: the odds, and how many days it takes. */
struct move {
    enum demo_stage to;
    int odds;
};
static const struct path {
    struct move moves[4];
    double at_least, mean; /* days */
} paths[] = {
    [STAGE_NEW] = {{{STAGE_INTAKE, 88}, {STAGE_DORMANT, 7}, {STAGE_DECLINED, 5}, {0}}, 0.02, 1.6},
    [STAGE_INTAKE] =
        {{{STAGE_QUALIFIED, 80}, {STAGE_LOST, 6}, {STAGE_DORMANT, 9}, {STAGE_DECLINED, 5}}, 0.1, 6},
    [STAGE_QUALIFIED] = {{{STAGE_ACTIVE, 81}, {STAGE_LOST, 10}, {STAGE_DORMANT, 9}, {0}}, 1, 15},
    [STAGE_ACTIVE] = {{{STAGE_WON, 50}, {STAGE_LOST, 37}, {STAGE_DORMANT, 13}, {0}}, 9, 52},
};

/* More of them as months go by. */
static time_t time_of_arrival(const struct demo_world *world, long number,
                              struct demo_random *random) {
    const struct demo_options *options = world->options;
    double part = ((double)number + demo_random_unit(random)) / (double)options->leads;
    double days = DEMO_DAYS * pow(part, 1 / 1.35);
    return options->until - (time_t)((DEMO_DAYS - days) * DAY);
}

static const struct demo_user *actor(const struct demo_world *world, const struct demo_life *life,
                                     enum demo_stage to, struct demo_random *random, time_t at) {
    bool theirs = demo_random_chance(random, to == STAGE_QUALIFIED ? 0.25 : 0.75);
    if (to == STAGE_INTAKE || to == STAGE_DECLINED)
        return NULL;
    if (!theirs)
        return &world->users[STAFF_AGENT];
    return demo_world_seller(world, &world->partners[life->partner], random, at);
}

static const char *reason_for(enum demo_stage stage, struct demo_random *random) {
    switch (stage) {
    case STAGE_LOST:
        return demo_random_one_of(random, lost_reasons);
    case STAGE_DORMANT:
        return demo_random_one_of(random, dormant_reasons);
    case STAGE_DECLINED:
        return demo_random_one_of(random, declined_reasons);
    default:
        return NULL;
    }
}

/* Partners of a higher tier bring better leads. */
static enum demo_stage next_stage(const struct path *path, enum demo_tier tier,
                                  struct demo_random *random) {
    int odds[4];
    for (size_t i = 0; i < 4; i++)
        odds[i] = path->moves[i].odds;
    odds[0] += 7 * (int)tier;
    return path->moves[demo_random_weighted(random, odds, 4)].to;
}

static bool life_goes_on(const struct demo_world *world, struct demo_life *life,
                         struct demo_random *random) {
    const struct demo_partner *partner = &world->partners[life->partner];
    const struct path *path = &paths[life->stage];
    enum demo_stage to = next_stage(path, partner->tier, random);
    double wait = demo_random_wait(random, path->mean);
    double days = path->at_least + (wait < LONGEST * path->mean ? wait : LONGEST * path->mean);
    if (to == STAGE_DORMANT)
        days += 21;
    time_t at = life->stage_at + (time_t)(days * DAY);
    if (days > 1)
        at = demo_working_hour(partner->region, random, at);
    if (at <= life->stage_at)
        at = life->stage_at + 3600;
    const struct demo_user *by = actor(world, life, to, random, at);
    const char *reason = reason_for(to, random);
    if (at >= world->options->until)
        return false;
    life->steps[life->nsteps++] = (struct demo_step){to, at, by, reason};
    life->stage = to;
    life->stage_at = at;
    life->reason = reason;
    if (to == STAGE_WON || to == STAGE_LOST)
        life->closed_at = at;
    return to <= STAGE_ACTIVE;
}

/* Rounded to three digits or so, as people name prices. */
static long value_of(const struct demo_partner *partner, struct demo_random *random) {
    const struct demo_place *place = demo_place(partner->region);
    double value = place->median * exp(place->spread * demo_random_normal(random));
    long rounding = place->rounding;
    if (partner->type == TYPE_SERVICE_PROVIDER) {
        value /= 40;
        rounding /= 20;
    }
    long rounded = lround(value / (double)rounding) * rounding;
    return rounded > 0 ? rounded : rounding;
}

void demo_life_make(const struct demo_world *world, long number, struct demo_life *life) {
    struct demo_random random = demo_random_of(world->options->seed, STREAM_LIFE, (uint64_t)number);
    *life = (struct demo_life){.number = number};
    demo_random_uuid(&random, life->id);
    time_t about = time_of_arrival(world, number, &random);
    life->partner = demo_odds_pick(world, &world->bringers, &random, about);
    if (life->partner == SIZE_MAX)
        life->partner = 0;
    const struct demo_partner *partner = &world->partners[life->partner];
    life->created = demo_working_hour(partner->region, &random, about);
    while (life->created >= world->options->until)
        life->created -= DAY;
    if (life->created < partner->joined)
        life->created = partner->joined;
    life->by = demo_world_seller(world, partner, &random, life->created);
    life->value = value_of(partner, &random);
    life->stage_at = life->created;
    while (life_goes_on(world, life, &random))
        ;
}

time_t demo_life_reached(const struct demo_life *life, enum demo_stage stage) {
    for (size_t i = 0; i < life->nsteps; i++) {
        if (life->steps[i].to == stage)
            return life->steps[i].at;
    }
    return 0;
}
