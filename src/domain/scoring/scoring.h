/*
 * scoring.h - scores of leads: the job that judges them, and what is learned from closed ones.
 *
 * Scores and their reasons are for staff alone (sql/migrations/0015_scoring.sql); partners' pages,
 * files and events never hold them. The pages are those of the leads' room.
 */
#ifndef TESSERA_DOMAIN_SCORING_SCORING_H
#define TESSERA_DOMAIN_SCORING_SCORING_H

#include "core/arena.h"
#include "core/rows.h"
#include "domain/scoring/score_rules.h"
#include "jobs/job.h"

/* scores.make: a portion of the leads whose score is stale, then the next job. */
enum err scores_work(struct job *job) CHECKED;

/* Facts as statements return them; they live as long as the rows. */
void score_facts_read(const struct rows *rows, size_t row, struct score_facts *out);

/* Fits a model (L2-regularised logistic regression by liblinear; the same examples give the same
 * one). False when all have one outcome, or memory ran out. */
bool score_train(const struct score_facts *facts, const bool *won, size_t n,
                 struct score_model *out) CHECKED;

/* As score_models.weights; a level that the text doesn't name weighs nothing. False: it is no such
 * text. */
const char *score_model_write(struct arena *arena, const struct score_model *model)
    __attribute__((returns_nonnull));
bool score_model_read(const char *text, struct score_model *out) CHECKED;

#endif
