#include "domain/leads/lead_rules.h"
#include "tests/domain/stage_matrix.h"
#include "tests/support/unit.h"

/* ── The matrix as rows, as the database would return them ── */

enum { FROM, TO, STAFF_ONLY, REASON, VALUE, COLUMNS };
static const struct column columns[COLUMNS] = {{"from_stage", COLUMN_TEXT}, {"to_stage", COLUMN_TEXT}, {"staff_only", COLUMN_BOOL},
                                               {"needs_reason", COLUMN_BOOL}, {"needs_value", COLUMN_BOOL}};

static const char *cell(const void *source, size_t row, size_t col) {
    (void)source;
    size_t from = row / LEAD_STAGES, to = row % LEAD_STAGES;
    char what = matrix[LEAD_STAFF][from][to];
    switch (col) {
    case FROM: /* what staff may not, nobody may: that is no row, or one that names no stage */
        return what == '.' ? "nowhere" : lead_stage_code((enum lead_stage)from);
    case TO:
        return lead_stage_code((enum lead_stage)to);
    case STAFF_ONLY:
        return matrix[LEAD_PARTNER][from][to] == '.' ? "t" : "f";
    case REASON:
        return what == 'r' ? "t" : "f";
    default:
        return what == 'v' ? "t" : "f";
    }
}

static struct lead_moves moves;

static int read_moves(void **state) {
    (void)state;
    const struct rows rows = {.name = "stage_moves", .nrows = (size_t)LEAD_STAGES * LEAD_STAGES, .ncols = COLUMNS, .cols = columns, .cell = cell};
    lead_moves_read(&moves, &rows);
    return 0;
}

static void every_cell_of_the_matrix(void **state) {
    (void)state;
    for (int actor = LEAD_PARTNER; actor <= LEAD_STAFF; actor++) {
        for (int from = 0; from < LEAD_STAGES; from++) {
            char line[LEAD_STAGES + 1];
            matrix_line(&moves, (enum lead_stage)from, (enum lead_actor)actor, line);
            if (strcmp(line, matrix[actor][from]) != 0)
                fail_msg("%s, %s: \"%s\" and not \"%s\"", actor == LEAD_STAFF ? "staff" : "partner",
                         lead_stage_code((enum lead_stage)from), line, matrix[actor][from]);
        }
    }
}

static void judged_as_the_matrix_says(void **state) {
    (void)state;
    static const struct lead_reason because = {.text = "because"}, blank = {.text = " \n"};
    for (int actor = LEAD_PARTNER; actor <= LEAD_STAFF; actor++)
        for (int from = 0; from < LEAD_STAGES; from++)
            for (int to = 0; to < LEAD_STAGES; to++) {
                enum lead_stage f = (enum lead_stage)from, t = (enum lead_stage)to;
                enum lead_actor a = (enum lead_actor)actor;
                enum lead_verdict given = lead_move_judge(&moves, f, t, a, &because, "100.00");
                enum lead_verdict bare = lead_move_judge(&moves, f, t, a, &blank, "0.00");
                bool staff_may = matrix[LEAD_STAFF][from][to] != '.';
                switch (matrix[actor][from][to]) {
                case '.':
                    assert_int_equal(given, from == to  ? LEAD_MOVE_SAME
                                            : staff_may ? LEAD_MOVE_STAFF_ONLY
                                                        : LEAD_MOVE_NEVER);
                    assert_int_equal(bare, given);
                    break;
                case 'y':
                    assert_int_equal(given, LEAD_MOVE_OK);
                    assert_int_equal(bare, LEAD_MOVE_OK);
                    break;
                case 'r':
                    assert_int_equal(given, LEAD_MOVE_OK);
                    assert_int_equal(bare, LEAD_MOVE_NO_REASON);
                    break;
                default:
                    assert_int_equal(given, LEAD_MOVE_OK);
                    assert_int_equal(bare, LEAD_MOVE_NO_VALUE);
                }
            }
}

static void a_listed_reason_is_enough_where_it_belongs(void **state) {
    (void)state;
    const struct lead_reason listed = {.code = "lost_price", .stage = "lost"}, unknown = {.code = "no_such"};
    assert_int_equal(lead_move_judge(&moves, LEAD_NEW, LEAD_LOST, LEAD_PARTNER, &listed, NULL), LEAD_MOVE_OK);
    assert_int_equal(lead_move_judge(&moves, LEAD_NEW, LEAD_DORMANT, LEAD_PARTNER, &listed, NULL), LEAD_MOVE_WRONG_REASON);
    assert_int_equal(lead_move_judge(&moves, LEAD_NEW, LEAD_LOST, LEAD_PARTNER, &unknown, NULL), LEAD_MOVE_WRONG_REASON);
}

/* Whatever the table comes to hold one day, these stay true. */
static void closed_stays_closed_unless_staff_reopens(void **state) {
    (void)state;
    for (int from = 0; from < LEAD_STAGES; from++) {
        if (!lead_stage_is_closed((enum lead_stage)from))
            continue;
        for (int to = 0; to < LEAD_STAGES; to++) {
            enum lead_stage t = (enum lead_stage)to;
            unsigned needs = 0;
            assert_false(lead_move_allowed(&moves, (enum lead_stage)from, t, LEAD_PARTNER, NULL));
            if (!lead_move_allowed(&moves, (enum lead_stage)from, t, LEAD_STAFF, &needs))
                continue;
            assert_true(lead_stage_is_open(t));
            assert_true(needs & LEAD_NEEDS_REASON);
        }
    }
}

static void partners_may_nothing_that_staff_may_not(void **state) {
    (void)state;
    for (int from = 0; from < LEAD_STAGES; from++)
        for (int to = 0; to < LEAD_STAGES; to++) {
            enum lead_stage f = (enum lead_stage)from, t = (enum lead_stage)to;
            if (lead_move_allowed(&moves, f, t, LEAD_PARTNER, NULL))
                assert_true(lead_move_allowed(&moves, f, t, LEAD_STAFF, NULL));
            assert_false(lead_move_allowed(&moves, f, f, LEAD_STAFF, NULL));
        }
}

static void every_open_lead_can_end_and_every_stage_is_reached(void **state) {
    (void)state;
    bool reached[LEAD_STAGES] = {[LEAD_NEW] = true};
    for (int round = 0; round < LEAD_STAGES; round++)
        for (int from = 0; from < LEAD_STAGES; from++)
            for (int to = 0; to < LEAD_STAGES; to++)
                if (reached[from] &&
                    lead_move_allowed(&moves, (enum lead_stage)from, (enum lead_stage)to, LEAD_STAFF, NULL))
                    reached[to] = true;
    for (int stage = 0; stage < LEAD_STAGES; stage++) {
        assert_true(reached[stage]);
        if (lead_stage_is_open((enum lead_stage)stage)) {
            assert_true(lead_move_allowed(&moves, (enum lead_stage)stage, LEAD_LOST, LEAD_PARTNER, NULL));
            assert_true(
                lead_move_allowed(&moves, (enum lead_stage)stage, LEAD_DORMANT, LEAD_PARTNER, NULL));
            assert_true(lead_move_allowed(&moves, (enum lead_stage)stage, LEAD_DECLINED, LEAD_STAFF, NULL));
            assert_false(lead_stage_is_closed((enum lead_stage)stage));
        }
    }
}

static void a_lead_has_been_through_the_stages_before(void **state) {
    (void)state;
    assert_string_equal(lead_stages_from(LEAD_NEW), "{new,intake,qualified,active,won}");
    assert_string_equal(lead_stages_from(LEAD_ACTIVE), "{active,won}");
    assert_string_equal(lead_stages_from(LEAD_WON), "{won}");
    for (int stage = LEAD_LOST; stage < LEAD_STAGES; stage++) /* beside the way */
        assert_string_equal(lead_stages_from((enum lead_stage)stage), "{}");
}

static void stages_have_their_codes(void **state) {
    (void)state;
    for (int i = 0; i < LEAD_STAGES; i++) {
        enum lead_stage found = LEAD_STAGES;
        assert_true(lead_stage_find(lead_stage_code((enum lead_stage)i), &found));
        assert_int_equal(found, i);
    }
    enum lead_stage untouched = LEAD_LOST;
    assert_false(lead_stage_find("New", &untouched));
    assert_false(lead_stage_find("", &untouched));
    assert_false(lead_stage_find(NULL, &untouched));
    assert_int_equal(untouched, LEAD_LOST);
}

static void refusals_say_what_to_do(void **state) {
    (void)state;
    assert_null(lead_verdict_sentence(LEAD_MOVE_OK));
    for (int v = LEAD_MOVE_SAME; v <= LEAD_MOVE_NO_VALUE; v++)
        assert_non_null(lead_verdict_sentence((enum lead_verdict)v));
    assert_string_equal(lead_verdict_field(LEAD_MOVE_NO_REASON), "reason");
    assert_string_equal(lead_verdict_field(LEAD_MOVE_WRONG_REASON), "reason_code");
    assert_string_equal(lead_verdict_field(LEAD_MOVE_NO_VALUE), "estimated_value");
    assert_string_equal(lead_verdict_field(LEAD_MOVE_NEVER), "stage");
    assert_string_equal(lead_verdict_field(LEAD_MOVE_STAFF_ONLY), "stage");
}

static void one_way_to_reach_a_client_is_enough(void **state) {
    (void)state;
    assert_true(lead_reachable("a@b.example", NULL));
    assert_true(lead_reachable(NULL, "+971501234567"));
    assert_true(lead_reachable("a@b.example", "+971501234567"));
    assert_false(lead_reachable(NULL, NULL));
    assert_false(lead_reachable("", "  "));
}

static void budgets_are_compared_exactly(void **state) {
    (void)state;
    assert_true(lead_budget_fits(NULL, NULL));
    assert_true(lead_budget_fits("5", NULL));
    assert_true(lead_budget_fits(NULL, "5"));
    assert_true(lead_budget_fits("5", "5"));
    assert_true(lead_budget_fits("5", "5.00"));
    assert_true(lead_budget_fits("5.10", "5.1"));
    assert_true(lead_budget_fits("0", "0.01"));
    assert_true(lead_budget_fits("9", "10"));
    assert_true(lead_budget_fits("007", "8"));
    assert_false(lead_budget_fits("10", "9"));
    assert_false(lead_budget_fits("5.01", "5"));
    assert_false(lead_budget_fits("5.1", "5.09"));
    assert_false(lead_budget_fits("0.01", "0"));
    /* beyond what a double tells apart */
    assert_false(lead_budget_fits("999999999999999.99", "999999999999999.98"));
    assert_true(lead_budget_fits("999999999999999.98", "999999999999999.99"));
}

static void a_value_is_more_than_nothing(void **state) {
    (void)state;
    assert_true(lead_value_positive("0.01"));
    assert_true(lead_value_positive("1250000"));
    assert_true(lead_value_positive("100.00"));
    assert_false(lead_value_positive("0"));
    assert_false(lead_value_positive("0.00"));
    assert_false(lead_value_positive(""));
    assert_false(lead_value_positive(NULL));
    assert_false(lead_value_positive("-5"));
}

static void assert_searched(const char *typed, const char *expected) {
    char out[64];
    lead_search_text(typed, out);
    assert_string_equal(out, expected);
}

static void phone_numbers_are_searched_without_blanks(void **state) {
    (void)state;
    assert_searched("+971 50 123-45.67", "971501234567");
    assert_searched("00971 50 123-45.67", "971501234567");
    assert_searched("(050) 123", "50123");
    assert_searched("0567", "567");
    assert_searched("056", "056"); /* too little is left to look for */
    assert_searched("0007123", "0007123");
    assert_searched("007", "007");
    assert_searched("Layla Haddad", "Layla Haddad");
    assert_searched("villa 3", "villa 3");
    assert_searched("1 2", "1 2"); /* two digits are no number */
    assert_searched("", "");
}

static void partners_leave_closed_leads_as_they_are(void **state) {
    (void)state;
    for (int i = 0; i < LEAD_STAGES; i++) {
        enum lead_stage stage = (enum lead_stage)i;
        assert_true(lead_editable(stage, LEAD_STAFF));
        assert_int_equal(lead_editable(stage, LEAD_PARTNER), !lead_stage_is_closed(stage));
    }
}

static void columns_have_words(void **state) {
    (void)state;
    assert_string_equal(lead_field_word("client_email"), "email");
    assert_string_equal(lead_field_word("budget_min"), lead_field_word("budget_max"));
    assert_null(lead_field_word("staff_notes"));
    assert_null(lead_field_word("score"));
    assert_null(lead_field_word(NULL));
}

static void what_to_do_next_is_said_for_open_stages_only(void **state) {
    (void)state;
    for (int i = 0; i < LEAD_STAGES; i++)
        assert_int_equal(lead_next_step((enum lead_stage)i) != NULL,
                         lead_stage_is_open((enum lead_stage)i));
    for (int i = 0; i < LEAD_STAGES; i++)
        assert_int_equal(lead_patience((enum lead_stage)i) > 0,
                         lead_stage_is_open((enum lead_stage)i));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_of_the_matrix),
        cmocka_unit_test(judged_as_the_matrix_says),
        cmocka_unit_test(a_listed_reason_is_enough_where_it_belongs),
        cmocka_unit_test(closed_stays_closed_unless_staff_reopens),
        cmocka_unit_test(partners_may_nothing_that_staff_may_not),
        cmocka_unit_test(every_open_lead_can_end_and_every_stage_is_reached),
        cmocka_unit_test(a_lead_has_been_through_the_stages_before),
        cmocka_unit_test(stages_have_their_codes),
        cmocka_unit_test(refusals_say_what_to_do),
        cmocka_unit_test(one_way_to_reach_a_client_is_enough),
        cmocka_unit_test(budgets_are_compared_exactly),
        cmocka_unit_test(a_value_is_more_than_nothing),
        cmocka_unit_test(phone_numbers_are_searched_without_blanks),
        cmocka_unit_test(partners_leave_closed_leads_as_they_are),
        cmocka_unit_test(columns_have_words),
        cmocka_unit_test(what_to_do_next_is_said_for_open_stages_only),
    };
    return cmocka_run_group_tests(tests, read_moves, NULL);
}
