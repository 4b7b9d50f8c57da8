#include "core/text.h"
#include "domain/demo/demo_life.h"

enum { HARBOUR = 0, HARBOUR_OPEN = 30, HARBOUR_CAPACITY = 50 };

static bool is_open(const char *status) {
    return text_equal(status, "sent") || text_equal(status, "accepted") ||
           text_equal(status, "in_progress");
}

static bool life_is_open(const struct demo_life *life) {
    return life->stage <= STAGE_ACTIVE;
}

/* What became of a share that was accepted. */
static void share_end(struct demo_share *share, const struct demo_life *life, bool winner,
                      struct demo_random *random, time_t until) {
    time_t begun = share->accepted_at + (time_t)demo_random_wait(random, 3 * DAY);
    share->status = begun < until ? "in_progress" : "accepted";
    if (life_is_open(life))
        return;
    if (life->stage == STAGE_WON && winner) {
        share->status = "closed";
        share->closed_at = life->closed_at;
    } else {
        share->status = "revoked";
    }
}

static void share_answer(struct demo_share *share, const struct demo_life *life, bool winner,
                         struct demo_random *random, time_t until) {
    static const int odds[] = {80, 13, 7};
    size_t answer = demo_random_weighted(random, odds, 3);
    time_t at = share->shared_at + 600 + (time_t)demo_random_wait(random, DAY * 0.55);
    time_t end = life_is_open(life) ? until : life->stage_at;
    bool expired = share->shared_at + 7 * DAY < until;
    share->status = "sent";
    if (answer == 0 && at < end) {
        share->accepted_at = at;
        share_end(share, life, winner, random, until);
    } else if (answer == 1 && at < end) {
        share->status = "rejected";
    } else if (expired) {
        share->status = "expired";
    } else if (!life_is_open(life)) {
        share->status = "revoked";
    }
}

/* A partner takes no more than it can, and none once it is gone. */
static void share_count(struct demo_share *share, struct demo_partner *partner) {
    if (!is_open(share->status))
        return;
    if (partner->left != 0) {
        share->status = "revoked";
    } else if (partner->open == partner->open_max) {
        share->status = "rejected";
        share->accepted_at = 0;
    } else {
        partner->open++;
    }
}

/* taken: the partner that has it already, or SIZE_MAX. */
static bool share_make(struct demo_world *world, const struct demo_life *life, size_t taken,
                       bool winner, struct demo_random *random, struct demo_share *share) {
    enum demo_region region = world->partners[life->partner].region;
    time_t until = world->options->until;
    *share = (struct demo_share){.status = NULL};
    demo_random_uuid(random, share->id);
    share->shared_at =
        demo_life_reached(life, STAGE_QUALIFIED) + demo_random_between(random, 1800, 2 * DAY);
    if (share->shared_at >= (life_is_open(life) ? until : life->stage_at))
        return false;
    share->partner = demo_odds_pick(world, &world->takers[region], random, share->shared_at);
    if (share->partner == SIZE_MAX || share->partner == life->partner || share->partner == taken)
        return false;
    share_answer(share, life, winner, random, until);
    share_count(share, &world->partners[share->partner]);
    return true;
}

size_t demo_shares_make(struct demo_world *world, const struct demo_life *life,
                        struct demo_share shares[DEMO_SHARES_MAX]) {
    static const int odds[] = {20, 64, 16};
    struct demo_random random =
        demo_random_of(world->options->seed, STREAM_SHARE, (uint64_t)life->number);
    size_t wanted =
        demo_life_reached(life, STAGE_QUALIFIED) == 0 ? 0 : demo_random_weighted(&random, odds, 3);
    size_t count = 0;
    bool won = false;
    for (size_t i = 0; i < wanted; i++) {
        size_t taken = count > 0 ? shares[0].partner : SIZE_MAX;
        if (!share_make(world, life, taken, !won, &random, &shares[count]))
            continue;
        won = won || shares[count].closed_at != 0;
        count++;
    }
    return count;
}

static void capacity_fit(struct demo_partner *partner, size_t index, uint64_t seed) {
    struct demo_random random = demo_random_of(seed, STREAM_SHARE, ~(uint64_t)index);
    double used = 0.4 + 0.55 * demo_random_unit(&random);
    long wanted = (long)((double)partner->open / used);
    partner->capacity = wanted < 5 ? 5 : (wanted + 4) / 5 * 5;
    if (!demo_kinds[partner->type].takes_leads)
        partner->capacity = 0;
    if (index == HARBOUR)
        partner->capacity = HARBOUR_CAPACITY;
}

void demo_capacity_make(struct demo_world *world) {
    world->partners[HARBOUR].open_max = HARBOUR_OPEN;
    demo_world_recount(world);
    for (long number = 0; number < world->options->leads; number++) {
        struct demo_life life;
        struct demo_share shares[DEMO_SHARES_MAX];
        demo_life_make(world, number, &life);
        demo_shares_make(world, &life, shares);
    }
    for (size_t i = 0; i < world->npartners; i++)
        capacity_fit(&world->partners[i], i, world->options->seed);
}
