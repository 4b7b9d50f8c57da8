#include "domain/scoring/score_rules.h"

#include "core/text.h"
#include <math.h>
#include <stdlib.h>

enum side { REACH, BUDGET, FINANCING, MOVE_IN, WISHES, WORDS, SOURCE, PARTNER };

/* The first level of each side is its best; the last is where a lead stands of which nothing better
 * is known. */
static const struct level {
    enum side side;
    long points;
    const char *code;
} levels[] = {
    {REACH, 14, "reach.both"},
    {REACH, 10, "reach.phone"},
    {REACH, 6, "reach.email"},
    {BUDGET, 14, "budget.range"},
    {BUDGET, 10, "budget.one"},
    {BUDGET, 0, "budget.none"},
    {FINANCING, 12, "financing.cash"},
    {FINANCING, 8, "financing.mortgage"},
    {FINANCING, 2, "financing.undecided"},
    {FINANCING, 0, "financing.none"},
    {MOVE_IN, 14, "move_in.soon"},
    {MOVE_IN, 10, "move_in.half_year"},
    {MOVE_IN, 6, "move_in.year"},
    {MOVE_IN, 3, "move_in.later"},
    {MOVE_IN, 0, "move_in.none"},
    {WISHES, 14, "wishes.all"},
    {WISHES, 9, "wishes.two"},
    {WISHES, 5, "wishes.one"},
    {WISHES, 0, "wishes.none"},
    {WORDS, 6, "words.long"},
    {WORDS, 3, "words.short"},
    {WORDS, 0, "words.none"},
    {SOURCE, 14, "source.referral"},
    {SOURCE, 12, "source.walk_in"},
    {SOURCE, 9, "source.event"},
    {SOURCE, 9, "source.phone"},
    {SOURCE, 7, "source.email"},
    {SOURCE, 7, "source.website"},
    {SOURCE, 4, "source.social"},
    {SOURCE, 4, "source.api"},
    {SOURCE, 3, "source.import"},
    {SOURCE, 4, "source.other"},
    {PARTNER, 12, "partner.strong"},
    {PARTNER, 8, "partner.fair"},
    {PARTNER, 3, "partner.weak"},
    {PARTNER, 6, "partner.new"},
};
#define LEVELS (sizeof levels / sizeof *levels)
_Static_assert(LEVELS <= SCORE_LEVELS_MAX, "a model has room for every level");

size_t score_levels(void) {
    return LEVELS;
}

const char *score_level_code(size_t level) {
    return levels[level].code;
}

size_t score_level_side(size_t level) {
    return levels[level].side;
}

/* ── Where a lead stands ── */

static size_t first_of(enum side side) {
    size_t i = 0;
    while (levels[i].side != side)
        i++;
    return i;
}

static size_t last_of(enum side side) {
    size_t i = first_of(side);
    while (i + 1 < LEVELS && levels[i + 1].side == side)
        i++;
    return i;
}

static size_t nth(enum side side, long n) {
    return first_of(side) + (size_t)n;
}

/* By a value that is the second half of the code. */
static size_t named(enum side side, const char *value) {
    for (size_t i = first_of(side); value && i <= last_of(side); i++)
        if (text_equal(strchr(levels[i].code, '.') + 1, value))
            return i;
    return last_of(side);
}

static long clamped(long n, long most) {
    return n < 0 ? 0 : n > most ? most : n;
}

static size_t move_in_level(const struct score_facts *facts) {
    enum { SOON = 90, HALF_YEAR = 182, YEAR = 365 };
    long days = facts->move_in_days;
    if (!facts->has_move_in || days < 0)
        return last_of(MOVE_IN);
    return nth(MOVE_IN, days <= SOON ? 0 : days <= HALF_YEAR ? 1 : days <= YEAR ? 2 : 3);
}

static size_t words_level(const struct score_facts *facts) {
    enum { LONG = 60, SHORT = 10 };
    return nth(WORDS, facts->letters >= LONG ? 0 : facts->letters >= SHORT ? 1 : 2);
}

/* A few closed leads say little about a partner. */
static size_t partner_level(const struct score_facts *facts) {
    enum { ENOUGH = 5 };
    if (facts->partner_closed < ENOUGH)
        return last_of(PARTNER);
    long won = 100 * facts->partner_won / facts->partner_closed;
    return nth(PARTNER, won >= 45 ? 0 : won >= 25 ? 1 : 2);
}

void score_levels_of(const struct score_facts *facts, size_t out[SCORE_SIDES]) {
    out[REACH] = nth(REACH, facts->email && facts->phone ? 0 : facts->phone ? 1 : 2);
    out[BUDGET] = nth(BUDGET, 2 - clamped(facts->budgets, 2));
    out[FINANCING] = named(FINANCING, facts->financing);
    out[MOVE_IN] = move_in_level(facts);
    out[WISHES] = nth(WISHES, 3 - clamped(facts->wishes, 3));
    out[WORDS] = words_level(facts);
    out[SOURCE] = named(SOURCE, facts->source);
    out[PARTNER] = partner_level(facts);
}

/* ── The rule ── */

void score_by_rule(const struct score_facts *facts, struct score *out) {
    size_t stands[SCORE_SIDES];
    score_levels_of(facts, stands);
    out->points = 0;
    for (size_t side = 0; side < SCORE_SIDES; side++) {
        const struct level *level = &levels[stands[side]];
        out->reasons[side] = (struct score_reason){level->code, level->points,
                                                   levels[first_of((enum side)side)].points};
        out->points += level->points;
    }
}

/* ── A model ── */

static double chance(double sum) {
    return 1 / (1 + exp(-sum));
}

double score_chance(const struct score_facts *facts, const struct score_model *model) {
    size_t stands[SCORE_SIDES];
    double sum = model->bias;
    score_levels_of(facts, stands);
    for (size_t side = 0; side < SCORE_SIDES; side++)
        sum += model->weights[stands[side]];
    return chance(sum);
}

/* What a level adds: by how much the chance falls when the lead is usual on that side and otherwise
 * as it is. */
void score_by_model(const struct score_facts *facts, const struct score_model *model,
                    struct score *out) {
    size_t stands[SCORE_SIDES];
    double all = score_chance(facts, model), sum = model->bias;
    score_levels_of(facts, stands);
    for (size_t side = 0; side < SCORE_SIDES; side++)
        sum += model->weights[stands[side]];
    for (size_t side = 0; side < SCORE_SIDES; side++)
        out->reasons[side] = (struct score_reason){
            levels[stands[side]].code,
            lround(100 * (all - chance(sum - model->weights[stands[side]]))), 0};
    out->points = lround(100 * all);
}

/* ── How well scores tell won leads from lost ones ── */

struct ranked {
    double score;
    bool won;
};

static int by_score(const void *a, const void *b) {
    double x = ((const struct ranked *)a)->score, y = ((const struct ranked *)b)->score;
    return (x > y) - (x < y);
}

double score_auc(const double *scores, const bool *won, size_t n) {
    struct ranked *ranked = calloc(n > 0 ? n : 1, sizeof *ranked);
    double nwon = 0, pairs = 0, below = 0; /* lost ones below */
    if (!ranked)
        abort();
    for (size_t i = 0; i < n; i++)
        ranked[i] = (struct ranked){scores[i], won[i]};
    qsort(ranked, n, sizeof *ranked, by_score);
    for (size_t i = 0, end; i < n; i = end) {
        double won_here = 0, lost_here = 0;
        for (end = i; end < n && !(ranked[end].score > ranked[i].score); end++)
            *(ranked[end].won ? &won_here : &lost_here) += 1;
        pairs += won_here * (below + lost_here / 2);
        below += lost_here;
        nwon += won_here;
    }
    free(ranked);
    return nwon > 0 && below > 0 ? pairs / (nwon * below) : 0.5;
}
