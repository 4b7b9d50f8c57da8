/*
 * score_rules.h - how promising a lead is, from 0 to 100, and why. Pure.
 *
 * A lead is looked at from eight sides. On each it stands on exactly one level, which has a code
 * ("move_in.soon"). By the rule each level has its points, and the best levels together have 100;
 * by a model each has a weight that was learned from closed leads. Either way the reasons are the
 * eight levels, with what each of them adds. docs/scoring.md is for people.
 */
#ifndef TESSERA_DOMAIN_SCORING_SCORE_RULES_H
#define TESSERA_DOMAIN_SCORING_SCORE_RULES_H

#include <stdbool.h>
#include <stddef.h>

enum { SCORE_SIDES = 8, SCORE_LEVELS_MAX = 48 };

/* What was known when the lead came, before anything was decided. */
struct score_facts {
    bool email, phone;
    long budgets;          /* how many of the two ends of the range */
    const char *financing; /* as leads.financing, or NULL */
    bool has_move_in;
    long move_in_days;                /* from the day that the lead came; with has_move_in */
    long wishes;                      /* of: kind of property, places, size or bedrooms */
    long letters;                     /* of the description */
    const char *source;               /* as leads.source */
    long partner_won, partner_closed; /* of the partner's leads until the day before */
};

struct score_reason {
    const char *code; /* of the level */
    long points; /* by the rule 0 to most; by a model how far it moves the score from the usual,
                    maybe below 0 */
    long most;   /* by the rule what the best level of this side has; 0 by a model */
};

struct score {
    long points; /* 0 to 100 */
    struct score_reason reasons[SCORE_SIDES];
};

/* Weights by level, in the order of score_level_code(); 0 is the usual of its side. */
struct score_model {
    double bias; /* of a lead that is usual on every side */
    double weights[SCORE_LEVELS_MAX];
};

size_t score_levels(void);
const char *score_level_code(size_t level);
size_t score_level_side(size_t level);
/* The lead's level on each side, as indexes. */
void score_levels_of(const struct score_facts *facts, size_t levels[SCORE_SIDES]);

void score_by_rule(const struct score_facts *facts, struct score *out);
void score_by_model(const struct score_facts *facts, const struct score_model *model,
                    struct score *out);
/* How likely the model takes it that the lead is won. */
double score_chance(const struct score_facts *facts, const struct score_model *model);

/* The share of pairs of a won and a lost lead in which the won one has the higher score; a tie
 * counts half. 0.5 when there are only such or only such. Sorts copies; n may be 0. */
double score_auc(const double *scores, const bool *won, size_t n);

#endif
