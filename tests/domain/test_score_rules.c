#include "domain/scoring/scoring.h"
#include "tests/http/http_test.h"
#include <math.h>
#include <string.h>

static const struct score_facts best = {.email = true, .phone = true, .budgets = 2, .financing = "cash", .has_move_in = true, .move_in_days = 30,
                                        .wishes = 3, .letters = 200, .source = "referral", .partner_won = 9, .partner_closed = 10};

static long points_of(const struct score_facts *facts) {
    struct score score;
    score_by_rule(facts, &score);
    long sum = 0;
    for (size_t i = 0; i < SCORE_SIDES; i++)
        sum += score.reasons[i].points;
    assert_int_equal(sum, score.points); /* the reasons are the whole truth */
    return score.points;
}

static const char *code_of(const struct score_facts *facts, size_t side) {
    size_t levels[SCORE_SIDES];
    score_levels_of(facts, levels);
    return score_level_code(levels[side]);
}

static void best_has_a_hundred(void **state) {
    (void)state;
    assert_int_equal(points_of(&best), 100);
    static const struct score_facts bare = {.email = true, .source = "import"};
    assert_int_equal(points_of(&bare), 6 + 3 + 6); /* an address, a file, a partner of whom nothing is known */
    struct score score;
    score_by_rule(&bare, &score);
    long most = 0;
    for (size_t i = 0; i < SCORE_SIDES; i++)
        most += score.reasons[i].most;
    assert_int_equal(most, 100);
}

static void levels_stand_in_order(void **state) {
    (void)state;
    for (size_t i = 1; i < score_levels(); i++)
        assert_true(score_level_side(i) == score_level_side(i - 1) || score_level_side(i) == score_level_side(i - 1) + 1);
    assert_int_equal(score_level_side(score_levels() - 1), SCORE_SIDES - 1);
    assert_true(score_levels() <= SCORE_LEVELS_MAX);
    for (size_t i = 0; i < score_levels(); i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(score_level_code(i), score_level_code(j));
}

static void edges(void **state) {
    (void)state;
    enum { FINANCING = 2, MOVE_IN = 3, WORDS = 5, SOURCE = 6, PARTNER = 7 };
    static const struct {
        long days;
        const char *code;
    } days[] = {{-1, "move_in.none"}, {0, "move_in.soon"}, {90, "move_in.soon"}, {91, "move_in.half_year"}, {182, "move_in.half_year"},
                {183, "move_in.year"}, {365, "move_in.year"}, {366, "move_in.later"}, {100000, "move_in.later"}};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        struct score_facts facts = best;
        facts.move_in_days = days[i].days;
        assert_string_equal(code_of(&facts, MOVE_IN), days[i].code);
    }
    static const struct {
        long won, closed;
        const char *code;
    } records[] = {{4, 4, "partner.new"}, {0, 0, "partner.new"}, {0, 5, "partner.weak"}, {24, 100, "partner.weak"}, {25, 100, "partner.fair"},
                   {44, 100, "partner.fair"}, {45, 100, "partner.strong"}, {5, 5, "partner.strong"}};
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        struct score_facts facts = best;
        facts.partner_won = records[i].won;
        facts.partner_closed = records[i].closed;
        assert_string_equal(code_of(&facts, PARTNER), records[i].code);
    }
    struct score_facts odd = best;
    odd.financing = "barter";
    odd.source = NULL;
    odd.letters = 9;
    odd.budgets = 7;
    odd.wishes = -1;
    assert_string_equal(code_of(&odd, FINANCING), "financing.none");
    assert_string_equal(code_of(&odd, SOURCE), "source.other");
    assert_string_equal(code_of(&odd, WORDS), "words.none");
    assert_true(points_of(&odd) < 100);
}

/* Nothing that is known of a lead makes it worse than the same without it. */
static void more_is_never_less(void **state) {
    (void)state;
    uint64_t seed = 0x5c0;
    for (int i = 0; i < 2000; i++) {
        struct score_facts less = {.email = true, .budgets = (long)(test_random(&seed) % 2), .wishes = (long)(test_random(&seed) % 3),
                                   .letters = (long)(test_random(&seed) % 80), .source = "other"};
        struct score_facts more = less;
        more.phone = true;
        more.budgets++;
        more.wishes++;
        more.letters += 20;
        more.financing = "mortgage";
        more.has_move_in = true;
        more.move_in_days = (long)(test_random(&seed) % 500);
        assert_true(points_of(&more) >= points_of(&less));
    }
}

static void auc(void **state) {
    (void)state;
    static const bool won[] = {false, false, true, true};
    assert_true(score_auc((const double[]){1, 2, 3, 4}, won, 4) > 0.999);
    assert_true(score_auc((const double[]){4, 3, 2, 1}, won, 4) < 0.001);
    assert_true(score_auc((const double[]){1, 1, 1, 1}, won, 4) == 0.5);
    assert_true(score_auc((const double[]){1, 3, 3, 4}, won, 4) == 0.875); /* three pairs and a tie of four */
    assert_true(score_auc((const double[]){1, 2, 3, 4}, (const bool[]){true, true, true, true}, 4) == 0.5);
    assert_true(score_auc(NULL, NULL, 0) == 0.5);
}

/* ── Learning ── */

enum { MANY = 3000 };

/* A world in which cash and social media decide, against what the rule believes. */
static void draw(uint64_t *seed, struct score_facts *facts, bool *won) {
    static const char *const financing[] = {NULL, "cash", "mortgage", "undecided"}, *const sources[] = {"social", "referral", "email"};
    *facts = (struct score_facts){.email = true, .phone = test_random(seed) % 2 == 0, .financing = financing[test_random(seed) % 4],
                                  .source = sources[test_random(seed) % 3], .wishes = (long)(test_random(seed) % 4)};
    long chance = 10 + (facts->financing && strcmp(facts->financing, "cash") == 0 ? 45 : 0) + (strcmp(facts->source, "social") == 0 ? 35 : 0);
    *won = (long)(test_random(seed) % 100) < chance;
}

static double auc_of(const struct score_facts *facts, const bool *won, const struct score_model *model) {
    static double scores[MANY];
    for (size_t i = 0; i < MANY; i++) {
        struct score score;
        score_by_rule(&facts[i], &score);
        scores[i] = model ? score_chance(&facts[i], model) : (double)score.points;
    }
    return score_auc(scores, won, MANY);
}

static void learns_what_decides(void **state) {
    static struct score_facts facts[MANY], others[MANY];
    static bool won[MANY], others_won[MANY];
    struct score_model model, again;
    uint64_t seed = 0x1ead;
    for (size_t i = 0; i < MANY; i++)
        draw(&seed, &facts[i], &won[i]);
    for (size_t i = 0; i < MANY; i++)
        draw(&seed, &others[i], &others_won[i]);
    assert_true(score_train(facts, won, MANY, &model));
    assert_true(score_train(facts, won, MANY, &again));
    assert_memory_equal(&model, &again, sizeof model);
    double learned = auc_of(others, others_won, &model), rule = auc_of(others, others_won, NULL);
    if (!(learned > 0.72 && learned > rule + 0.1))
        fail_msg("AUC %.3f, the rule's %.3f", learned, rule);

    struct score score;
    const struct score_facts cash = {.email = true, .financing = "cash", .source = "social"}, none = {.email = true, .source = "email"};
    score_by_model(&cash, &model, &score);
    assert_in_range(score.points, 80, 100);
    assert_string_equal(score.reasons[2].code, "financing.cash");
    assert_true(score.reasons[2].points > 15 && score.reasons[6].points > 10);
    assert_int_equal(score.reasons[2].most, 0);
    score_by_model(&none, &model, &score);
    assert_in_range(score.points, 0, 20);
    assert_true(score.reasons[6].points < 0);

    const char *text = score_model_write(*state, &model);
    assert_true(score_model_read(text, &again));
    for (size_t i = 0; i < 50; i++)
        assert_true(fabs(score_chance(&facts[i], &again) - score_chance(&facts[i], &model)) < 0.0001);
}

static void nothing_to_learn(void **state) {
    (void)state;
    static const struct score_facts facts[4];
    struct score_model model;
    assert_false(score_train(facts, (const bool[]){true, true, true, true}, 4, &model));
    assert_false(score_train(facts, NULL, 0, &model));
    assert_true(score_train(facts, (const bool[]){true, false, true, true}, 4, &model)); /* all the same: the share of won ones */
    assert_false(score_model_read(NULL, &model));
    assert_false(score_model_read("[]", &model));
    assert_false(score_model_read("{\"bias\": \"1\"}", &model));
    assert_true(score_model_read("{\"bias\": 1, \"words.long\": \"x\", \"unknown\": 3}", &model));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(best_has_a_hundred),
        cmocka_unit_test(levels_stand_in_order),
        cmocka_unit_test(edges),
        cmocka_unit_test(more_is_never_less),
        cmocka_unit_test(auc),
        cmocka_unit_test_setup_teardown(learns_what_decides, arena_setup, arena_teardown),
        cmocka_unit_test(nothing_to_learn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
