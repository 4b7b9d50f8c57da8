/*
 * stage_matrix.h - the moves of a lead as they are meant to be. stage_moves has the same (test_stages), and the rules are
 * tested on it (test_lead_rules).
 *
 * From (line) to (column), in the order new intake qualified active won lost dormant declined:
 *   .  refused      y  allowed      r  allowed with a reason      v  allowed with a value
 */
#ifndef TESSERA_TESTS_STAGE_MATRIX_H
#define TESSERA_TESTS_STAGE_MATRIX_H

#include "domain/leads/lead_rules.h"

static const char *const matrix[2][LEAD_STAGES] = {
    [LEAD_PARTNER] =
        {
            [LEAD_NEW] = ".y...rr.",
            [LEAD_INTAKE] = "..y..rr.",
            [LEAD_QUALIFIED] = "...y.rr.",
            [LEAD_ACTIVE] = "....vrr.",
            [LEAD_WON] = "........",
            [LEAD_LOST] = "........",
            [LEAD_DORMANT] = "..y..r..",
            [LEAD_DECLINED] = "........",
        },
    [LEAD_STAFF] =
        {
            [LEAD_NEW] = ".yyy.rrr",
            [LEAD_INTAKE] = "r.yy.rrr",
            [LEAD_QUALIFIED] = ".r.y.rrr",
            [LEAD_ACTIVE] = "..r.vrrr",
            [LEAD_WON] = "...r....",
            [LEAD_LOST] = "..r.....",
            [LEAD_DORMANT] = "..y..r.r",
            [LEAD_DECLINED] = "r.......",
        },
};

/* One line of it, as the moves have it. out has room for LEAD_STAGES + 1. */
static void matrix_line(const struct lead_moves *moves, enum lead_stage from, enum lead_actor actor, char *out) {
    for (int to = 0; to < LEAD_STAGES; to++) {
        unsigned needs = 99;
        bool may = lead_move_allowed(moves, from, (enum lead_stage)to, actor, &needs);
        *out++ = (char)(!may                         ? '.'
                        : needs == 0                 ? 'y'
                        : needs == LEAD_NEEDS_REASON ? 'r'
                        : needs == LEAD_NEEDS_VALUE  ? 'v'
                                                     : '?');
    }
    *out = '\0';
}

#endif
