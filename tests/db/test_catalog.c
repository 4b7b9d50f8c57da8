#include "core/text.h"
#include "db/compose.h"
#include "tests/support/forked.h"
#include "tests/support/unit.h"
#include <signal.h>
#include <sys/wait.h>

static const struct query_sort sorts[] = {
    {"newest", "l.created_at", true, "timestamptz", "l.id"},
    {"name", "lower(name)", false, "", "id"},
    {"best", "similarity(name, :search)", true, "real", "id"},
};

static const struct query_info list = {
    .name = "lead_list",
    .rows = QUERY_MANY,
    .sql = "SELECT id, {sort_key} AS sort_key FROM leads l WHERE true\n"
           "  AND stage = :stage --? stage\n"
           "  AND value >= :min --? min\n"
           "  AND {keyset} --? after_key\n"
           "  AND old <> :stage --? stage\n"
           "ORDER BY {order} LIMIT :limit",
    .sorts = sorts,
    .nsorts = 3,
};

/* Names that have a value, each followed by a blank: "stage limit ". */
static const char *value_of(void *context, const char *name) {
    char padded[64];
    snprintf(padded, sizeof padded, "%s ", name);
    return strstr(context, padded) != NULL ? "x" : NULL;
}

static int setup(void **state) {
    *state = arena_new(1 << 20);
    return 0;
}

static int teardown(void **state) {
    arena_free(*state);
    return 0;
}

static struct statement compose(struct arena *arena, const struct query_info *info,
                                const char *sort, const char *present) {
    struct statement statement;
    compose_statement(arena, info, sort != NULL ? query_sort(info, sort) : NULL, value_of,
                      arena_strdup(arena, present), &statement);
    return statement;
}

static struct statement compose_sql(struct arena *arena, const char *sql, const char *present) {
    const struct query_info info = {.name = "one_off", .rows = QUERY_ONE, .sql = sql};
    return compose(arena, &info, NULL, present);
}

static void assert_params(const struct statement *statement, const char *expected) {
    char names[512] = "";
    for (size_t i = 0; i < statement->nparams; i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s ", statement->params[i]);
    }
    assert_string_equal(names, expected);
}

static void test_lines_without_their_parameter_are_left_out(void **state) {
    struct statement none = compose(*state, &list, NULL, "");
    assert_string_equal(none.sql,
                        "SELECT id, (l.created_at)::text AS sort_key FROM leads l WHERE true\n"
                        "ORDER BY l.created_at DESC, l.id DESC LIMIT $1");
    assert_params(&none, "limit ");
    assert_string_equal(none.name, "lead_list.newest.0");

    struct statement some = compose(*state, &list, NULL, "min limit ");
    assert_string_equal(some.sql,
                        "SELECT id, (l.created_at)::text AS sort_key FROM leads l WHERE true\n"
                        "  AND value >= $1 \n"
                        "ORDER BY l.created_at DESC, l.id DESC LIMIT $2");
    assert_params(&some, "min limit ");
    assert_string_equal(some.name, "lead_list.newest.2");
}

static void test_a_parameter_used_twice_is_one(void **state) {
    struct statement all = compose(*state, &list, "newest", "stage min after_key after_id limit ");
    assert_string_equal(all.sql,
                        "SELECT id, (l.created_at)::text AS sort_key FROM leads l WHERE true\n"
                        "  AND stage = $1 \n"
                        "  AND value >= $2 \n"
                        "  AND (l.created_at, l.id) < ($3::timestamptz, $4::uuid) \n"
                        "  AND old <> $1 \n"
                        "ORDER BY l.created_at DESC, l.id DESC LIMIT $5");
    assert_params(&all, "stage min after_key after_id limit ");
    assert_string_equal(all.name, "lead_list.newest.7");
}

static void test_ascending_sort_without_type(void **state) {
    struct statement statement = compose(*state, &list, "name", "after_key ");
    assert_contains(statement.sql, "SELECT id, (lower(name))::text AS sort_key");
    assert_contains(statement.sql, "AND (lower(name), id) > ($1, $2::uuid) \n");
    assert_contains(statement.sql, "ORDER BY lower(name) ASC, id ASC LIMIT $3");
    assert_string_equal(statement.name, "lead_list.name.4");
}

static void test_sort_by_a_parameter(void **state) {
    struct statement statement = compose(*state, &list, "best", "after_key ");
    assert_contains(statement.sql, "(similarity(name, $1))::text");
    assert_contains(statement.sql, "(similarity(name, $1), id) < ($2::real, $3::uuid)");
    assert_contains(statement.sql, "ORDER BY similarity(name, $1) DESC, id DESC");
    assert_params(&statement, "search after_key after_id limit ");
}

/* Two compositions share a name only when they are the same statement. */
static void test_names_are_unique_per_composition(void **state) {
    static const char *const conditions[] = {"stage ", "min ", "after_key "};
    struct statement seen[24];
    size_t count = 0;
    for (size_t sort = 0; sort < 3; sort++) {
        for (unsigned mask = 0; mask < 8; mask++) {
            char present[64] = "";
            for (unsigned bit = 0; bit < 3; bit++) {
                size_t used = strlen(present);
                snprintf(present + used, sizeof present - used, "%s",
                         mask & 1u << bit ? conditions[bit] : "");
            }
            seen[count++] = compose(*state, &list, sorts[sort].key, present);
        }
    }
    for (size_t i = 0; i < count; i++) {
        assert_true(strlen(seen[i].name) <= STATEMENT_NAME_MAX);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(seen[i].name, seen[j].name);
            assert_string_not_equal(seen[i].sql, seen[j].sql);
        }
    }
}

static void test_plain_statement_has_its_plain_name(void **state) {
    struct statement statement = compose_sql(*state, "SELECT :id", "");
    assert_string_equal(statement.name, "one_off");
    assert_string_equal(statement.sql, "SELECT $1");
    statement = compose_sql(*state, "SELECT 1\nWHERE :id --? id\n", "id ");
    assert_string_equal(statement.name, "one_off..1");
    statement = compose_sql(*state, "SELECT 1\nWHERE :id --? id\n", "");
    assert_string_equal(statement.name, "one_off..0");
    assert_string_equal(statement.sql, "SELECT 1\n");
}

static void test_what_is_not_code_is_left_alone(void **state) {
    static const char *const untouched[] = {
        "SELECT ':a {order} -- x' || 'it''s :b'",
        "SELECT E'\\':a' || e'\\\\' || 'c'",
        "SELECT 'back\\' || ':a'",
        "SELECT E'a''\\':b'",
        "SELECT \":a\"\":b\" AS \"{order}\"",
        "SELECT $$ :a ' $x$ $$, $tag$ :b $$ $tag$",
        "SELECT x::text, now()::date, f(a := 1), a[1:2]",
        "SELECT 'two\n :lines --? a\n'",
        "SELECT foo$bar, $1, 1 - -1, 4/2, '{}'::int[], 3 * 2",
        "SELECT '\xC3\xA9:a', \xC3\xA9tat::text",
        "SELECT ne':a'",
        "SELECT {notaslot",
        "SELECT a: b",
    };
    for (size_t i = 0; i < sizeof untouched / sizeof *untouched; i++) {
        struct statement statement = compose_sql(*state, untouched[i], "");
        assert_string_equal(statement.sql, untouched[i]);
        assert_int_equal(statement.nparams, 0);
    }
}

static void test_code_beside_literals_is_seen(void **state) {
    static const struct {
        const char *sql;
        const char *expected;
        const char *params;
    } cases[] = {
        {"SELECT ':a'||:b", "SELECT ':a'||$1", "b "},
        {"SELECT 'it''s'||:b", "SELECT 'it''s'||$1", "b "},
        {"SELECT 'x\\'||:b", "SELECT 'x\\'||$1", "b "},
        {"SELECT E'x\\''||:b", "SELECT E'x\\''||$1", "b "},
        {"SELECT \"c\":b", "SELECT \"c\"$1", "b "},
        {"SELECT $q$ :a $q$||:b", "SELECT $q$ :a $q$||$1", "b "},
        {"SELECT a$b$:c", "SELECT a$b$$1", "c "},
        {"SELECT :a::text::uuid, :b_2+:a", "SELECT $1::text::uuid, $2+$1", "a b_2 "},
        {"SELECT (:a),:b]", "SELECT ($1),$2]", "a b "},
        {"SELECT 1 -- :a 'x\n, :b", "SELECT 1  \n, $1", "b "},
        {"SELECT 1/* :a ' /* :c */ */, :b", "SELECT 1 , $1", "b "},
        {"SELECT 1/**/:b", "SELECT 1 $1", "b "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct statement statement = compose_sql(*state, cases[i].sql, "");
        assert_string_equal(statement.sql, cases[i].expected);
        assert_params(&statement, cases[i].params);
    }
}

/* sqlgen refuses these, but they must not read past their end either. */
static void test_unclosed_pieces_end_with_the_statement(void **state) {
    static const char *const unclosed[] = {
        "SELECT 'a", "SELECT E'a\\", "SELECT \"a", "SELECT $x$ a",
        "SELECT $x", "SELECT :",     "SELECT {",   "SELECT $",
    };
    for (size_t i = 0; i < sizeof unclosed / sizeof *unclosed; i++)
        assert_string_equal(compose_sql(*state, unclosed[i], "").sql, unclosed[i]);
    assert_string_equal(compose_sql(*state, "SELECT 1 /* a", "").sql, "SELECT 1  ");
    assert_string_equal(compose_sql(*state, "", "").sql, "");
}

static void test_conditions_within_literals_are_text(void **state) {
    static const char sql[] = "SELECT 'a --? b\n' AS c,\n 1 --? d\n";
    struct statement statement = compose_sql(*state, sql, "d ");
    assert_string_equal(statement.sql, "SELECT 'a --? b\n' AS c,\n 1 \n");
    assert_string_equal(compose_sql(*state, sql, "b ").sql, "SELECT 'a --? b\n' AS c,\n");
}

static void test_sorts_by_key(void **state) {
    (void)state;
    assert_ptr_equal(query_sort(&list, "name"), &sorts[1]);
    assert_null(query_sort(&list, "nam"));
    assert_null(query_sort(&list, NULL));
    assert_null(query_sort(&list, "lower(name)"));
}

static void test_catalogue_by_name_and_number(void **state) {
    (void)state;
    assert_int_equal(query_by_name("no_such_query"), Q_NONE);
    assert_int_equal(query_by_name(""), Q_NONE);
    assert_int_equal(query_by_name(NULL), Q_NONE);
    for (int i = Q_NONE + 1; i < Q_COUNT; i++) {
        const struct query_info *info = query_info((enum query)i);
        assert_int_equal(query_by_name(info->name), i);
    }
}

static const char *always(void *context, const char *name) {
    (void)context;
    return name;
}

static const char *never(void *context, const char *name) {
    (void)context;
    (void)name;
    return NULL;
}

static void test_whole_catalogue_composes(void **state) {
    for (int i = Q_NONE + 1; i < Q_COUNT; i++) {
        const struct query_info *info = query_info((enum query)i);
        for (size_t sort = 0; sort < (info->nsorts > 0 ? info->nsorts : 1); sort++) {
            const struct query_sort *chosen = info->nsorts > 0 ? &info->sorts[sort] : NULL;
            struct statement statement;
            arena_reset(*state);
            statement_compose(*state, (enum query)i, chosen, always, NULL, &statement);
            assert_true(text_starts(statement.name, info->name));
            statement_compose(*state, (enum query)i, chosen, never, NULL, &statement);
            assert_false(text_blank(statement.sql));
        }
    }
}

static void info_of_none(void *context) {
    (void)context;
    (void)query_info(Q_NONE);
}

static void slot_without_sort(void *context) {
    (void)context;
    (void)compose_sql(arena_new(4096), "SELECT 1 ORDER BY {order}", "");
}

static void too_many_params(void *context) {
    char sql[1024] = "SELECT 0";
    (void)context;
    for (int i = 0; i <= STATEMENT_PARAMS_MAX; i++) {
        size_t used = strlen(sql);
        snprintf(sql + used, sizeof sql - used, ", :p%d", i);
    }
    (void)compose_sql(arena_new(1 << 20), sql, "");
}

static void test_our_own_mistakes_abort(void **state) {
    (void)state;
    static void (*const mistakes[])(void *) = {info_of_none, slot_without_sort, too_many_params};
    static const char *const events[] = {"query_unknown", "no sort to put", "too many parameters"};
    char err[512];
    for (size_t i = 0; i < 3; i++) {
        int status = forked_run(mistakes[i], NULL, err, sizeof err);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGABRT);
        assert_contains(err, events[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_lines_without_their_parameter_are_left_out, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_a_parameter_used_twice_is_one, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ascending_sort_without_type, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sort_by_a_parameter, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names_are_unique_per_composition, setup, teardown),
        cmocka_unit_test_setup_teardown(test_plain_statement_has_its_plain_name, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_not_code_is_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_code_beside_literals_is_seen, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unclosed_pieces_end_with_the_statement, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_conditions_within_literals_are_text, setup, teardown),
        cmocka_unit_test(test_sorts_by_key),
        cmocka_unit_test(test_catalogue_by_name_and_number),
        cmocka_unit_test_setup_teardown(test_whole_catalogue_composes, setup, teardown),
        cmocka_unit_test(test_our_own_mistakes_abort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
