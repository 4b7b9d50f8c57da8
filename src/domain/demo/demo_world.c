#include "domain/demo/demo_world.h"

enum { TRIES = 40 };

static void *allocate(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (memory == NULL)
        abort();
    return memory;
}

/* At a larger scale the made-up partners share whatever the known ones leave over. */
static void weights_balance(struct demo_world *world) {
    double made_up = 0;
    for (size_t i = DEMO_PARTNERS; i < world->npartners; i++)
        made_up += world->partners[i].leads;
    long left = world->options->leads - DEMO_LEADS;
    double factor = left > 0 && made_up > 0 ? (double)left / made_up : 0;
    for (size_t i = DEMO_PARTNERS; i < world->npartners; i++) {
        struct demo_partner *partner = &world->partners[i];
        partner->leads *= factor;
        partner->shares *= factor * 0.8;
    }
}

static void odds_add(struct demo_odds *odds, size_t partner, double weight) {
    if (weight <= 0)
        return;
    odds->partners[odds->count] = partner;
    odds->sums[odds->count] = weight + (odds->count > 0 ? odds->sums[odds->count - 1] : 0);
    odds->count++;
}

static void odds_make(struct demo_world *world) {
    struct demo_odds *all[DEMO_REGIONS + 1] = {&world->bringers};
    for (size_t i = 0; i < DEMO_REGIONS; i++)
        all[i + 1] = &world->takers[i];
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        all[i]->partners = allocate(world->npartners, sizeof *all[i]->partners);
        all[i]->sums = allocate(world->npartners, sizeof *all[i]->sums);
    }
    for (size_t i = 0; i < world->npartners; i++) {
        const struct demo_partner *partner = &world->partners[i];
        odds_add(&world->bringers, i, partner->leads);
        if (demo_kinds[partner->type].takes_leads)
            odds_add(&world->takers[partner->region], i, partner->shares);
    }
}

static void partners_make(struct demo_world *world) {
    for (size_t i = 0; i < world->npartners; i++) {
        struct demo_partner *partner = &world->partners[i];
        if (i < DEMO_PARTNERS)
            demo_partner_known(partner, i, world->options);
        else
            demo_partner_made_up(partner, i, world->options);
        struct demo_random random = demo_random_of(world->options->seed, STREAM_USER, ~i);
        partner->users = world->nusers;
        partner->nusers = demo_team_size(i, &random);
        partner->open_max = DEMO_LEADS_MAX;
        world->nusers += partner->nusers;
    }
}

void demo_world_make(struct demo_world *world, const struct demo_options *options) {
    *world = (struct demo_world){
        .options = options, .npartners = (size_t)options->partners, .nusers = DEMO_STAFF};
    world->partners = allocate(world->npartners, sizeof *world->partners);
    partners_make(world);
    world->users = allocate(world->nusers, sizeof *world->users);
    demo_staff_make(options, world->users);
    for (size_t i = 0; i < world->npartners; i++)
        demo_team_make(&world->partners[i], i, options, &world->users[world->partners[i].users]);
    weights_balance(world);
    odds_make(world);
}

void demo_world_free(struct demo_world *world) {
    free(world->partners);
    free(world->users);
    free(world->bringers.partners);
    free(world->bringers.sums);
    for (size_t i = 0; i < DEMO_REGIONS; i++) {
        free(world->takers[i].partners);
        free(world->takers[i].sums);
    }
}

void demo_world_recount(struct demo_world *world) {
    for (size_t i = 0; i < world->npartners; i++)
        world->partners[i].open = 0;
}

static size_t odds_find(const struct demo_odds *odds, double at) {
    size_t low = 0;
    size_t high = odds->count - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (odds->sums[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return odds->partners[low];
}

/* From 0 when the demo begins to 1 when it ends. */
static double time_gone_by(const struct demo_world *world, time_t at) {
    return 1 - (double)(world->options->until - at) / (DEMO_DAYS * (double)DAY);
}

size_t demo_odds_pick(const struct demo_world *world, const struct demo_odds *odds,
                      struct demo_random *random, time_t at) {
    for (int i = 0; i < TRIES && odds->count > 0; i++) {
        double unit = demo_random_unit(random);
        size_t index = odds_find(odds, unit * odds->sums[odds->count - 1]);
        const struct demo_partner *partner = &world->partners[index];
        bool busy = partner->growing && !demo_random_chance(random, time_gone_by(world, at));
        if (!busy && partner->joined <= at && (partner->left == 0 || at < partner->left))
            return index;
    }
    return SIZE_MAX;
}

const struct demo_user *demo_world_seller(const struct demo_world *world,
                                          const struct demo_partner *partner,
                                          struct demo_random *random, time_t at) {
    const struct demo_user *owner = &world->users[partner->users];
    const struct demo_user *second = owner + 1;
    bool first = demo_random_chance(random, 0.5);
    if (first || partner->nusers < 2 || second->seen == 0 || second->created > at)
        return owner;
    return second;
}

time_t demo_working_hour(enum demo_region region, struct demo_random *random, time_t at) {
    long offset = demo_place(region)->offset;
    time_t day = (at + offset) / DAY;
    long weekday = (day + 4) % 7; /* 1 January 1970 was a Thursday; 0 is Sunday */
    bool weekend = weekday == 0 || weekday == 6;
    if (weekend && demo_random_chance(random, 0.7))
        day += weekday == 0 ? 1 : 2;
    long second = 8 * 3600 + demo_random_between(random, 0, 5 * 3600) +
                  demo_random_between(random, 0, 5 * 3600 + 1800);
    return day * DAY + second - offset;
}
