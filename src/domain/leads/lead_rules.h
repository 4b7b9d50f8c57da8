/*
 * lead_rules.h - what may happen to a lead. Pure: no database, no HTTP.
 *
 * Stages, in the order of the work:
 *
 *   new -> intake (the client confirmed) -> qualified -> active -> won | lost
 *
 * and beside it dormant (sleeps; may be woken) and declined (the client opted out). Open: new,
 * intake, qualified, active. Closed: won, lost, declined.
 *
 * Which moves there are, who may make them and what they ask for are rows of stage_moves, which the
 * database enforces by itself (app.leads_move()). Here they are read and asked, so that a page
 * offers what is allowed and a refusal stands beside its field: partners walk their own leads forward
 * one step at a time, win an active one, set any open one dormant or lost and wake a dormant one;
 * staff also skip stages, take a step back, record that a client opted out, and reopen what was
 * closed. What is no row does not happen, for anybody.
 *
 * Some moves ask for something: a reason where others will want to know why (lost, dormant,
 * declined, back, reopened), a value above zero where money follows (won).
 */
#ifndef TESSERA_DOMAIN_LEADS_LEAD_RULES_H
#define TESSERA_DOMAIN_LEADS_LEAD_RULES_H

#include "core/rows.h"
#include <stdbool.h>
#include <stddef.h>

enum lead_stage {
    LEAD_NEW,
    LEAD_INTAKE,
    LEAD_QUALIFIED,
    LEAD_ACTIVE,
    LEAD_WON,
    LEAD_LOST,
    LEAD_DORMANT,
    LEAD_DECLINED,
    LEAD_STAGES
};

enum lead_actor { LEAD_PARTNER, LEAD_STAFF };

/* Bits of a move. */
enum { LEAD_NEEDS_REASON = 1, LEAD_NEEDS_VALUE = 2 };

enum lead_verdict {
    LEAD_MOVE_OK,
    LEAD_MOVE_SAME,       /* it stands there already */
    LEAD_MOVE_NEVER,      /* nobody may */
    LEAD_MOVE_STAFF_ONLY, /* not this actor */
    LEAD_MOVE_WRONG_REASON, /* one of another stage */
    LEAD_MOVE_NO_REASON,
    LEAD_MOVE_NO_VALUE
};

/* The rows of stage_moves. */
struct lead_moves {
    bool exists[LEAD_STAGES][LEAD_STAGES]; /* [from][to] */
    bool staff_only[LEAD_STAGES][LEAD_STAGES];
    unsigned needs[LEAD_STAGES][LEAD_STAGES];
};

/* What somebody said why. */
struct lead_reason {
    const char *text;  /* NULL or blank: nothing */
    const char *code;  /* of stage_reasons; NULL: none chosen */
    const char *stage; /* that the code belongs to; NULL: there is no such code */
};

const char *lead_stage_code(enum lead_stage stage);             /* "new" */
bool lead_stage_find(const char *code, enum lead_stage *stage); /* false: no such stage, or NULL */
bool lead_stage_is_open(enum lead_stage stage);
/* Where leads stand that are open or won and have come at least so far, as an array of PostgreSQL's: "{active,won}". Of a
 * stage beside the way (lost, dormant, declined) none: "{}". */
const char *lead_stages_from(enum lead_stage stage);
bool lead_stage_is_closed(enum lead_stage stage);

/* Columns from_stage, to_stage, staff_only, needs_reason, needs_value. Unknown stages are passed over. */
void lead_moves_read(struct lead_moves *moves, const struct rows *rows);
/* True when actor may move a lead so; *needs (may be NULL) gets what the move asks for. */
bool lead_move_allowed(const struct lead_moves *moves, enum lead_stage from, enum lead_stage to,
                       enum lead_actor actor, unsigned *needs);
/* The whole question, as app.leads_move() answers it. value: a cleaned decimal, or NULL. */
enum lead_verdict lead_move_judge(const struct lead_moves *moves, enum lead_stage from,
                                  enum lead_stage to, enum lead_actor actor,
                                  const struct lead_reason *reason, const char *value);
/* For a refusal: the form field that it is about, and a sentence (gettext message id). */
const char *lead_verdict_field(enum lead_verdict verdict);
const char *lead_verdict_sentence(enum lead_verdict verdict);

/* Money hangs on a closed lead: partners read it, staff alone correct it. */
bool lead_editable(enum lead_stage stage, enum lead_actor actor);

/* One of the two is enough. */
bool lead_reachable(const char *email, const char *phone);
/* False only when both are given and min is above max. Cleaned decimals ("1250000.50"), exact. */
bool lead_budget_fits(const char *min, const char *max);
bool lead_value_positive(const char *value);

/* What was typed, as the search column has it: of a phone number the digits without what one dials before it, so that
 * "050 123 4567", "+971 50 123 4567" and "00971501234567" all find one written in any of these ways. Anything else stays.
 * out has room for the text. */
void lead_search_text(const char *typed, char *out);

/* A column as a person calls it ("client_email" -> "email"; gettext message id), for "edited:
 * email, budget". NULL: not worth a mention. Several columns may share one word. */
const char *lead_field_word(const char *column);
/* How many days a lead may rest in an open stage before somebody should look at it; 0 for the
 * others. */
long lead_patience(enum lead_stage stage);
/* One sentence (gettext message id) about what to do with a lead that waits in this stage. */
const char *lead_next_step(enum lead_stage stage);

#endif
