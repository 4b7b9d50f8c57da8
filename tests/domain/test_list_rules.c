/* Columns of the list of leads, and what an action on many leads leaves out. */
#include "core/arena.h"
#include "domain/leads/bulk_rules.h"
#include "domain/leads/lead_columns.h"
#include "tests/domain/stage_matrix.h"
#include "tests/support/unit.h"
#include <stdio.h>

static struct arena *arena;

static int open_arena(void **state) {
    (void)state;
    arena = arena_new(1 << 20);
    return 0;
}

static int close_arena(void **state) {
    (void)state;
    arena_free(arena);
    return 0;
}

static const char *codes(const struct lead_column *const *columns, size_t count) {
    const char *text = "";
    for (size_t i = 0; i < count; i++)
        text = arena_printf(arena, "%s%s%s", text, i ? "," : "", columns[i]->code);
    return text;
}

static const char *choose(const char *chosen, bool staff) {
    const struct lead_column *columns[LEAD_COLUMNS_MAX];
    size_t count = lead_columns_choose(chosen, staff, columns);
    return codes(columns, count);
}

static void columns_are_shown_in_the_order_chosen(void **state) {
    (void)state;
    assert_string_equal(choose("closed,stage,email", false), "closed,stage,email");
    assert_string_equal(choose("value,value,value", false), "value");
    assert_string_equal(choose("score,staff_notes,,value,", false), "value");
    assert_string_equal(choose("partner,stage", false), "stage");
    assert_string_equal(choose("partner,stage", true), "partner,stage");
    assert_string_equal(choose("stages", true), choose(NULL, true));
}

static void nothing_chosen_is_the_usual(void **state) {
    (void)state;
    static const char *const nothing[] = {NULL, "", ",", "password_hash"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        assert_string_equal(choose(nothing[i], false), "stage,next_at,source,value,created,updated");
        assert_string_equal(choose(nothing[i], true), "stage,partner,next_at,source,value,created,updated");
    }
    assert_string_equal(choose("partner", false), "stage,next_at,source,value,created,updated");
}

static void the_rest_is_what_is_not_chosen(void **state) {
    (void)state;
    const struct lead_column *chosen[LEAD_COLUMNS_MAX], *rest[LEAD_COLUMNS_MAX];
    size_t count = lead_columns_choose("value,stage", false, chosen);
    size_t left = lead_columns_rest(chosen, count, false, rest);
    assert_string_equal(codes(rest, left), "next_at,source,created,updated,email,phone,location,closed");
}

static void a_column_moves_by_one_place(void **state) {
    (void)state;
    assert_string_equal(lead_columns_move(arena, "a,stage,value,email", false, "value", -1), "value,stage,email");
    assert_string_equal(lead_columns_move(arena, "stage,value,email", false, "value", 1), "stage,email,value");
    assert_string_equal(lead_columns_move(arena, "stage,value,email", false, "stage", -1), "stage,value,email");
    assert_string_equal(lead_columns_move(arena, "stage,value,email", false, "email", 1), "stage,value,email");
    assert_string_equal(lead_columns_move(arena, "stage,value", false, "phone", 1), "stage,value");
    assert_string_equal(lead_columns_move(arena, "stage,value", false, NULL, 1), "stage,value");
}

static void an_amount_is_exported_with_its_currency(void **state) {
    (void)state;
    const struct lead_column *chosen[LEAD_COLUMNS_MAX];
    const char *names[LEAD_COLUMNS_MAX + 3];
    size_t count = lead_columns_choose("phone,value", false, chosen);
    assert_int_equal(lead_columns_export(chosen, count, names), 5);
    static const char *const expected[] = {"name", "phone", "currency", "value", "id"};
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(names[i], expected[i]);
}

static struct lead_moves moves_as_meant(void) {
    struct lead_moves moves = {.exists = {{false}}};
    for (int from = 0; from < LEAD_STAGES; from++) {
        for (int to = 0; to < LEAD_STAGES; to++) {
            char staff = matrix[LEAD_STAFF][from][to];
            moves.exists[from][to] = staff != '.';
            moves.staff_only[from][to] = matrix[LEAD_PARTNER][from][to] == '.';
            moves.needs[from][to] = staff == 'r' ? LEAD_NEEDS_REASON : staff == 'v' ? LEAD_NEEDS_VALUE : 0;
        }
        char line[LEAD_STAGES + 1];
        matrix_line(&moves, (enum lead_stage)from, LEAD_STAFF, line);
        assert_string_equal(line, matrix[LEAD_STAFF][from]);
    }
    return moves;
}

/* A lead among many is judged as if it were alone. */
static void every_move_is_judged_as_alone(void **state) {
    (void)state;
    const struct lead_moves moves = moves_as_meant();
    for (int actor = LEAD_PARTNER; actor <= LEAD_STAFF; actor++) {
        for (int from = 0; from < LEAD_STAGES; from++) {
            for (int to = 0; to < LEAD_STAGES; to++) {
                for (int worth = 0; worth < 2; worth++) {
                    bool reason = false;
                    unsigned needs = 0;
                    const char *refusal = bulk_move_refusal(&moves, (enum lead_stage)from, worth, (enum lead_stage)to, (enum lead_actor)actor, &reason);
                    bool allowed = lead_move_allowed(&moves, (enum lead_stage)from, (enum lead_stage)to, (enum lead_actor)actor, &needs);
                    bool done = allowed && (worth || !(needs & LEAD_NEEDS_VALUE));
                    assert_int_equal(refusal == NULL, done);
                    assert_int_equal(reason, allowed && (needs & LEAD_NEEDS_REASON));
                    if (refusal)
                        assert_string_not_equal(bulk_refusal_sentence(refusal), refusal);
                    if (from == to)
                        assert_string_equal(refusal, "same");
                }
            }
        }
    }
}

static void partners_edit_no_closed_leads(void **state) {
    (void)state;
    assert_null(bulk_edit_refusal(LEAD_NEW, LEAD_PARTNER));
    assert_null(bulk_edit_refusal(LEAD_DORMANT, LEAD_PARTNER));
    assert_string_equal(bulk_edit_refusal(LEAD_WON, LEAD_PARTNER), "closed");
    assert_null(bulk_edit_refusal(LEAD_WON, LEAD_STAFF));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_shown_in_the_order_chosen),
        cmocka_unit_test(nothing_chosen_is_the_usual),
        cmocka_unit_test(the_rest_is_what_is_not_chosen),
        cmocka_unit_test(a_column_moves_by_one_place),
        cmocka_unit_test(an_amount_is_exported_with_its_currency),
        cmocka_unit_test(every_move_is_judged_as_alone),
        cmocka_unit_test(partners_edit_no_closed_leads),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
