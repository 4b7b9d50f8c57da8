/*
 * The demo: the same seed makes the same rows, what it makes hangs together, and a demo is there as
 * a whole or not at all.
 */
#include "core/buf.h"
#include "core/text.h"
#include "domain/demo/demo.h"
#include "domain/demo/demo_pdf.h"
#include "domain/demo/demo_training.h"
#include "tests/support/scratch.h"
#include "tests/support/unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FEW_LEADS = 400, MANY_LEADS = 50000 };

static struct scratch scratch; /* of the test that runs */
static char texts[4096], files[64], error[1024];
static enum demo_outcome outcome;

static struct demo_options options(long leads) {
    return (struct demo_options){
        .seed = DEMO_SEED,
        .partners = DEMO_PARTNERS,
        .leads = leads,
        .until = 1795132800, /* 2026-11-20 */
        .texts = texts,
        .cost = {19456, 2, 1},
    };
}

static enum err seed_into(const char *conninfo, const struct demo_options *what) {
    struct db *db = db_new(conninfo, 0);
    enum err err = demo_seed(db, what, NULL, &outcome, error, sizeof error);
    db_free(db);
    return err;
}

static void seed(const struct demo_options *what) {
    if (seed_into(scratch.owner, what) != OK)
        fail_msg("%s", error);
}

static int group_setup(void **state) {
    (void)state;
    snprintf(texts, sizeof texts, "%s", scratch_source("sql/seed"));
    snprintf(files, sizeof files, "/tmp/test_seed.XXXXXX");
    assert_non_null(mkdtemp(files));
    return 0;
}

static int group_teardown(void **state) {
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", files);
    return system(command);
}

static int setup(void **state) {
    (void)state;
    scratch_open(&scratch, true);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    scratch_close(&scratch);
    return 0;
}

/* Every row of every table, but for the hour at which it was written, salts, and numbers of
 * sequences. */
static void digest(PGconn *conn, char *out, size_t size) {
    static const char sql[] =
        "SELECT string_agg(format('SELECT %L AS t, md5(coalesce(string_agg(r, chr(10) ORDER BY r), "
        "'''')) AS d FROM "
        "(SELECT (to_jsonb(x) - ''password_hash'' %s)::text AS r FROM public.%I AS x) AS y', "
        "tablename, "
        "CASE tablename WHEN 'lead_history' THEN '- ''id''' WHEN 'asset_downloads' THEN '- ''id''' "
        "WHEN 'lead_merge_rows' THEN '- ''key'' - ''number''' "
        "WHEN 'programme' THEN '- ''updated_at''' WHEN 'outbox' THEN '- ''created_at'' - ''send_at''' ELSE '' END, tablename), ' UNION ALL ') "
        "FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('audit', "
        "'schema_migrations', 'job_schedules', 'jobs', 'overlap_secret')";
    PGresult *result = PQexec(conn, sql);
    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    snprintf(out, size, "%s",
             scratch_text(conn, "SELECT string_agg(t || '=' || d, ' ' ORDER BY t) FROM (%s) AS z",
                          PQgetvalue(result, 0, 0)));
    PQclear(result);
}

static void same_seed_makes_the_same_rows(void **state) {
    static char first[8192], second[8192], third[8192];
    struct scratch other, another;
    (void)state;
    struct demo_options what = options(FEW_LEADS);
    seed(&what);
    assert_int_equal(outcome, DEMO_MADE);
    scratch_open(&other, true);
    assert_int_equal(seed_into(other.owner, &what), OK);
    digest(scratch.conn, first, sizeof first);
    digest(other.conn, second, sizeof second);
    assert_string_equal(first, second);
    scratch_close(&other);

    scratch_open(&another, true);
    what.seed++;
    assert_int_equal(seed_into(another.owner, &what), OK);
    digest(another.conn, third, sizeof third);
    assert_string_not_equal(first, third);
    scratch_close(&another);
}

/* Statements that count what must not be. */
static const char *const contradictions[] = {
    "SELECT count(*) FROM app.rollup_differences()",
    "SELECT count(*) FROM app.rollup_link_differences()",
    "SELECT count(*) FROM lead_attribution a JOIN leads l ON l.id = a.lead_id WHERE a.last_at >= l.created_at OR a.first_at > a.last_at",
    "SELECT count(*) FROM link_clicks c JOIN referral_links l ON l.id = c.link_id WHERE c.at < l.created_at OR c.at >= '2026-11-20' OR c.at > l.archived_at",
    "SELECT count(*) FROM leads WHERE created_at >= '2026-11-20' OR stage_at >= '2026-11-20'",
    "SELECT count(*) FROM leads WHERE closed_at <= created_at OR stage_at < created_at OR "
    "updated_at <> stage_at",
    "SELECT count(*) FROM leads l JOIN partners p ON p.id = l.partner_id WHERE l.created_at < "
    "p.created_at",
    "SELECT count(*) FROM leads l JOIN partners p ON p.id = l.partner_id WHERE l.currency <> "
    "p.currency",
    "SELECT count(*) FROM leads l JOIN users u ON u.id = l.created_by WHERE u.partner_id <> "
    "l.partner_id "
    "OR u.status = 'invited' OR u.role = 'viewer'",
    "SELECT count(*) FROM leads WHERE (stage IN ('lost', 'dormant', 'declined')) <> (stage_reason "
    "IS NOT NULL)",
    "SELECT count(*) FROM leads WHERE budget_min > estimated_value OR budget_max < estimated_value",
    "SELECT count(*) FROM leads WHERE client_email NOT LIKE '%.example'",
    "SELECT count(*) FROM users WHERE email NOT LIKE '%.example'",
    /* the history of each lead begins with created and ends where the lead stands */
    "SELECT count(*) FROM leads l JOIN LATERAL (SELECT count(*) FILTER (WHERE kind = 'created' AND "
    "at = l.created_at) "
    "AS births, max(at) AS latest, (array_agg(to_stage ORDER BY at DESC))[1] AS stage, count(*) AS "
    "lines FROM "
    "lead_history h WHERE h.lead_id = l.id AND h.partner_id = l.partner_id) AS h ON true "
    "WHERE l.merged_into IS NULL AND (h.births <> 1 OR h.latest <> l.stage_at OR h.stage <> l.stage OR h.lines <> l.version)",
    "SELECT count(*) FROM (SELECT from_stage, lag(to_stage) OVER (PARTITION BY lead_id, partner_id ORDER BY "
    "at) AS before "
    "FROM lead_history) AS h WHERE from_stage IS DISTINCT FROM before",
    "SELECT count(*) FROM lead_shares s JOIN leads l ON l.id = s.lead_id WHERE s.shared_at < "
    "l.created_at "
    "OR s.partner_id = l.partner_id OR s.accepted_at < s.shared_at OR s.closed_at < s.accepted_at",
    "SELECT count(*) FROM lead_shares WHERE (status = 'closed') <> (closed_at IS NOT NULL) OR "
    "(status IN "
    "('accepted', 'in_progress', 'closed') AND accepted_at IS NULL) OR (status IN ('sent', "
    "'rejected') AND "
    "accepted_at IS NOT NULL)",
    "SELECT count(*) FROM lead_shares s JOIN leads l ON l.id = s.lead_id WHERE (s.status = "
    "'closed' AND l.stage <> "
    "'won') OR (s.status IN ('sent', 'accepted', 'in_progress') AND l.stage NOT IN ('new', "
    "'intake', 'qualified', "
    "'active'))",
    "SELECT count(*) FROM rollup_shares r JOIN partners p ON p.id = r.scope WHERE r.open > "
    "p.capacity",
    "SELECT count(*) FROM ledger_entries e JOIN partners p ON p.id = e.partner_id JOIN "
    "partner_types t ON t.code = "
    "p.type WHERE e.currency <> p.currency OR t.payer = 'none' OR (t.payer = 'partner') <> (e.kind "
    "= 'fee')",
    "SELECT count(*) FROM ledger_entries WHERE rate IS NOT NULL AND abs(amount) <> round(base * "
    "rate / 100, 2)",
    "SELECT count(*) FROM ledger_entries e JOIN leads l ON l.id = e.lead_id WHERE l.stage <> 'won' "
    "OR e.created_at < "
    "l.closed_at OR e.state_at < e.created_at OR e.month <> date_trunc('month', e.created_at)",
    "SELECT count(*) FROM partners p JOIN partner_types t ON t.code = p.type WHERE "
    "NOT p.is_house AND p.commission_percent NOT BETWEEN "
    "t.commission_min AND t.commission_max",
    "SELECT count(*) FROM module_progress p JOIN course_modules m ON m.id = p.module_id WHERE "
    "p.status = 'completed' "
    "AND (p.score < m.pass_mark OR (m.kind = 'quiz') <> (p.score IS NOT NULL))",
    /* modules are taken in order */
    "SELECT count(*) FROM module_progress p JOIN course_modules m ON m.id = p.module_id JOIN "
    "course_modules b ON "
    "b.course_id = m.course_id AND b.position < m.position LEFT JOIN module_progress q ON "
    "q.module_id = b.id AND "
    "q.user_id = p.user_id WHERE q.status IS DISTINCT FROM 'completed'",
    "SELECT count(*) FROM module_progress p JOIN users u ON u.id = p.user_id WHERE u.status = "
    "'invited' OR "
    "p.updated_at < u.created_at OR p.partner_id <> u.partner_id",
    "SELECT count(*) FROM assets a WHERE downloads <> (SELECT count(*) FROM asset_downloads d "
    "WHERE d.asset_id = a.id)",
    "SELECT count(*) FROM asset_downloads d JOIN assets a ON a.id = d.asset_id JOIN partners p ON "
    "p.id = d.partner_id "
    "WHERE NOT coalesce(p.tier = ANY (a.tiers), true) OR NOT coalesce(p.type = ANY "
    "(a.partner_types), true) OR "
    "d.at < a.published_at OR d.at >= '2026-11-20'",
    "SELECT count(*) FROM (SELECT id FROM partners UNION ALL SELECT id FROM users UNION ALL SELECT "
    "id FROM leads UNION "
    "ALL SELECT id FROM lead_shares UNION ALL SELECT id FROM ledger_entries UNION ALL SELECT id "
    "FROM courses UNION ALL "
    "SELECT id FROM course_modules UNION ALL SELECT id FROM quiz_questions UNION ALL SELECT id "
    "FROM assets) AS i "
    "GROUP BY id HAVING count(*) > 1",
    /* conversations: after what they are about, by people who were there, last words where they belong */
    "SELECT count(*) FROM messages m JOIN threads t ON t.id = m.thread_id JOIN leads l ON l.id = t.lead_id "
    "WHERE t.kind = 'lead' AND m.created_at < l.created_at",
    "SELECT count(*) FROM messages m JOIN users u ON u.id = m.author_id WHERE m.created_at < u.created_at OR "
    "u.partner_id IS DISTINCT FROM CASE WHEN NOT m.by_staff THEN m.partner_id END",
    "SELECT count(*) FROM thread_sides s WHERE last_at <> (SELECT max(created_at) FROM messages m WHERE "
    "m.thread_id = s.id AND (s.side = 'staff' OR NOT m.staff_only))",
    "SELECT count(*) FROM messages WHERE text LIKE '%{client}%'",
    /* what was written down: in the lead's time, by people of its side, and only staff keep something to themselves; what came
     * along with another partner's lead stays that partner's */
    "SELECT count(*) FROM activities a JOIN leads l ON l.id = a.lead_id JOIN users u ON u.id = a.author_id "
    "WHERE NOT EXISTS (SELECT FROM lead_merge_rows r WHERE r.relation = 'activities' AND r.key ->> 'id' = a.id::text) AND (a.at < l.created_at OR "
    "a.created_at >= '2026-11-20' OR a.at < u.created_at OR a.partner_id <> l.partner_id OR "
    "u.partner_id IS DISTINCT FROM CASE WHEN NOT a.by_staff THEN a.partner_id END)",
    "SELECT count(*) FROM users WHERE last_sign_in_at >= '2026-11-20' OR created_at > '2026-11-20'",
};

static void rows_hang_together(void **state) {
    (void)state;
    struct demo_options what = options(DEMO_LEADS);
    seed(&what);
    for (size_t i = 0; i < sizeof contradictions / sizeof *contradictions; i++) {
        long found = scratch_long(scratch.conn, "%s", contradictions[i]);
        if (found != 0)
            fail_msg("%ld rows: %s", found, contradictions[i]);
    }
    assert_int_equal(scratch_long(scratch.conn, "SELECT count(*) FROM leads l JOIN partners p ON p.id = l.partner_id WHERE NOT p.is_house"), DEMO_LEADS);
    assert_int_equal(scratch_long(scratch.conn, "SELECT count(*) FROM partners WHERE NOT is_house"), DEMO_PARTNERS);
    /* whatever a page can show is there */
    static const struct {
        const char *column;
        long wanted;
    } variety[] = {{"stage FROM leads", 8},         {"source FROM leads", 10},
                   {"type FROM partners", 9},       {"status FROM partners", 4},
                   {"region FROM partners", 3},     {"tier FROM partners", 3},
                   {"status FROM users", 3},        {"role FROM users", 7},
                   {"status FROM lead_shares", 7},  {"state FROM ledger_entries", 6},
                   {"kind FROM ledger_entries", 6}, {"kind FROM course_modules", 3},
                   {"type FROM assets", 10},
                   {"kind FROM threads", 3},        {"type FROM files", 5},
                   {"staff_only FROM messages", 2}, {"kind FROM activities", 4},
                   {"internal FROM activities", 2}};
    for (size_t i = 0; i < sizeof variety / sizeof *variety; i++) {
        long found = scratch_long(scratch.conn, "SELECT count(DISTINCT v) FROM (SELECT %s) AS x(v)",
                                  variety[i].column);
        if (found != variety[i].wanted)
            fail_msg("%s: %ld values", variety[i].column, found);
    }
}

static void accounts_of_the_documentation_open(void **state) {
    static const char *const emails[] = {"owner@harbour.example",   "sales@harbour.example",
                                         "viewer@harbour.example",  "owner@skyline.example",
                                         "agent@tessera.example",   "finance@tessera.example",
                                         "support@tessera.example", "admin@tessera.example"};
    (void)state;
    struct demo_options what = options(FEW_LEADS);
    seed(&what);
    for (size_t i = 0; i < sizeof emails / sizeof *emails; i++) {
        const char *hash = scratch_text(
            scratch.conn,
            "SELECT password_hash FROM users WHERE email = '%s' AND status = 'active'", emails[i]);
        assert_true(crypto_password_verify(DEMO_PASSWORD, hash));
        const char *role =
            scratch_text(scratch.conn, "SELECT role FROM users WHERE email = '%s'", emails[i]);
        assert_true(text_starts(emails[i], role) && emails[i][strlen(role)] == '@');
    }
    assert_int_equal(
        scratch_long(scratch.conn, "SELECT count(*) FROM users WHERE password_hash IS NOT NULL"),
        8);
    assert_string_equal(
        scratch_text(
            scratch.conn,
            "SELECT p.name || p.type || p.region || p.tier FROM partners p JOIN users u ON "
            "u.partner_id = p.id WHERE u.email = 'owner@harbour.example'"),
        "Harbour RealtychannelAEsilver");
}

static void protection_is_back(void) {
    assert_int_equal(
        scratch_long(scratch.conn,
                     "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relrowsecurity "
                     "AND NOT relforcerowsecurity"),
        0);
    assert_int_equal(
        scratch_long(scratch.conn, "SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'"), 0);
}

static void second_seed_changes_nothing(void **state) {
    static char before[8192], after[8192];
    (void)state;
    struct demo_options what = options(FEW_LEADS);
    seed(&what);
    protection_is_back();
    scratch_run(scratch.conn, "DELETE FROM outbox; UPDATE partners SET notes = 'edited'");
    digest(scratch.conn, before, sizeof before);
    seed(&what);
    assert_int_equal(outcome, DEMO_WAS_THERE);

    /* another scale is fine as long as nobody asked for it */
    what.leads = DEMO_LEADS;
    seed(&what);
    assert_int_equal(outcome, DEMO_WAS_THERE);
    what.asked = true;
    assert_int_equal(seed_into(scratch.owner, &what), ERR_CONFLICT);
    assert_contains(
        error,
        "another demo (seed=6 partners=40 leads=400; wanted: seed=6 partners=40 leads=2000)");
    digest(scratch.conn, after, sizeof after);
    assert_string_equal(before, after);
}

static void database_in_use_is_refused(void **state) {
    (void)state;
    scratch_run(scratch.conn,
                "INSERT INTO partners (name, type, region, commission_percent, currency) "
                "VALUES ('Real One', 'channel', 'AE', 15, 'AED')");
    struct demo_options what = options(FEW_LEADS);
    assert_int_equal(seed_into(scratch.owner, &what), ERR_CONFLICT);
    assert_contains(error, "partners of its own");
    assert_int_equal(scratch_long(scratch.conn, "SELECT count(*) FROM users"), 0);
}

static void failure_leaves_nothing(void **state) {
    static char before[8192], after[8192];
    (void)state;
    struct demo_options what = options(FEW_LEADS);
    digest(scratch.conn, before, sizeof before);
    what.texts = "/nonexistent";
    assert_int_equal(seed_into(scratch.owner, &what), ERR_NOT_FOUND);
    assert_contains(error, "/nonexistent/training.txt can't be read");
    what.texts = texts;
    what.files = "/proc/self"; /* a place where no file can be made */
    assert_int_equal(seed_into(scratch.owner, &what), ERR_NOT_FOUND);
    assert_contains(error, "/proc/self/assets");
    what.files = NULL;

    /* the last table but a few refuses its rows */
    scratch_run(scratch.conn, "ALTER TABLE assets ADD CONSTRAINT never CHECK (false)");
    assert_int_not_equal(seed_into(scratch.owner, &what), OK);
    assert_contains(error, "seed_assets");
    digest(scratch.conn, after, sizeof after);
    assert_string_equal(before, after);
    protection_is_back();

    scratch_run(scratch.conn, "ALTER TABLE assets DROP CONSTRAINT never");
    seed(&what);
    assert_int_equal(outcome, DEMO_MADE);
}

static void files_are_what_rows_say(void **state) {
    (void)state;
    struct demo_options what = options(0);
    what.files = files;
    seed(&what);
    PGresult *result =
        PQexec(scratch.conn,
               "SELECT file, size FROM assets UNION ALL SELECT thumbnail, -1 FROM assets UNION ALL "
               "SELECT file, -1 FROM course_modules WHERE file IS NOT NULL UNION ALL "
               "SELECT captions, -1 FROM course_modules WHERE captions IS NOT NULL UNION ALL "
               "SELECT 'store/' || overlay(encode(sha256, 'hex') placing '/' from 3 for 0), size FROM files");
    assert_true(PQntuples(result) > 50);
    for (int i = 0; i < PQntuples(result); i++) {
        char path[512];
        struct stat info;
        long size = strtol(PQgetvalue(result, i, 1), NULL, 10);
        snprintf(path, sizeof path, "%s/%s", files, PQgetvalue(result, i, 0));
        if (stat(path, &info) != 0 || info.st_size == 0 || (size >= 0 && info.st_size != size))
            fail_msg("%s: %ld bytes expected", path, size);
    }
    PQclear(result);
}

static void keys_and_indexes_survive_a_large_seed(void **state) {
    static const char sql[] = "SELECT md5(string_agg(d, chr(10) ORDER BY d)) FROM (SELECT "
                              "pg_get_indexdef(indexrelid) AS d FROM pg_index "
                              "WHERE indrelid::regclass::text !~ '^pg_' UNION ALL SELECT "
                              "conrelid::regclass || conname || "
                              "pg_get_constraintdef(oid) || convalidated FROM pg_constraint) AS x";
    char before[64];
    (void)state;
    snprintf(before, sizeof before, "%s", scratch_text(scratch.conn, "%s", sql));
    struct demo_options what = options(MANY_LEADS);
    what.partners = 300;
    seed(&what);
    assert_string_equal(scratch_text(scratch.conn, "%s", sql), before);
    protection_is_back();
    assert_int_equal(scratch_long(scratch.conn, "SELECT count(*) FROM app.rollup_differences()"),
                     0);
    assert_int_equal(scratch_long(scratch.conn, "SELECT count(*) FROM leads l JOIN partners p ON p.id = l.partner_id WHERE NOT p.is_house"), MANY_LEADS);
    assert_int_equal(
        scratch_long(scratch.conn,
                     "SELECT count(*) FROM partners p WHERE status = 'active' AND NOT is_house AND NOT EXISTS "
                     "(SELECT FROM users u WHERE u.partner_id = p.id AND u.role = 'owner' "
                     "AND u.status = 'active')"),
        0);
    long harbour = scratch_long(
        scratch.conn, "SELECT count(*) FROM leads l JOIN partners p ON p.id = l.partner_id "
                      "WHERE p.name = 'Harbour Realty'");
    assert_in_range(harbour, 120, 260);
}

/* ── Without a database ── */

static void courses_that_make_no_sense_are_refused(void **state) {
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"## quiz 5 Without a course\n", ":1: A module needs a course"},
        {"# Course\n## quiz five Title\n", ":2: \"five\" are not minutes."},
        {"# Course\n## quiz 5\n", ":2: Write: ## kind minutes title"},
        {"# Course\n## document 5 Title\n? Question\n", ":3: A question needs a quiz"},
        {"# Course\n## quiz 5 Title\n- option\n", ":3: An option needs a question"},
        {"# Course\n## quiz 5 Title\n? Question\n- one\n- two\n",
         "\"Question\" has no right answer."},
        {"Text of nobody\n", ":1: This line belongs to no module."},
    };
    char path[128];
    (void)state;
    snprintf(path, sizeof path, "%s/training.txt", files);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static struct demo_training training;
        struct arena *arena = arena_new(1 << 20);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(cases[i].text, file);
        fclose(file);
        assert_int_equal(demo_training_read(&training, path, 1, arena, error, sizeof error),
                         ERR_INVALID);
        assert_contains(error, cases[i].sentence);
        arena_free(arena);
    }
}

static void pdf_table_points_at_its_objects(void **state) {
    (void)state;
    struct buf source, pdf;
    buf_init(&source, 1 << 16);
    buf_init(&pdf, 1 << 20);
    buf_puts(&source, "# Title (with \\ brackets)\nSubtitle\n## Heading\n");
    for (int i = 0; i < 90; i++)
        buf_puts(&source,
                 "- An item that is long enough to be broken into two lines somewhere near "
                 "its end, or so one hopes.\n");
    demo_pdf_write(&pdf, buf_text(&source));
    const char *text = buf_text(&pdf);
    assert_true(text_starts(text, "%PDF-1.4\n"));
    assert_true(text_ends(text, "%%EOF\n"));
    assert_contains(text, "(Title \\(with \\\\ brackets\\)) Tj");
    assert_contains(text, "(Meridian Partners - page 3 of 3)");
    const char *end = strstr(text, "startxref\n");
    const char *table = text + strtol(end + strlen("startxref\n"), NULL, 10);
    assert_true(text_starts(table, "xref\n0 "));
    char *at;
    long count = strtol(table + strlen("xref\n0 "), &at, 10);
    assert_int_equal(count, 1 + 4 + 2 * 3);
    at += strlen("\n0000000000 65535 f \n");
    for (long i = 1; i < count; i++, at += 20) {
        char wanted[32];
        snprintf(wanted, sizeof wanted, "%ld 0 obj\n", i);
        assert_true(text_starts(text + strtol(at, NULL, 10), wanted));
    }
    buf_free(&source);
    buf_free(&pdf);
}

static void random_numbers_stay_the_same(void **state) {
    (void)state;
    struct demo_random random = demo_random_of(1, STREAM_LIFE, 2);
    struct demo_random again = random;
    char id[DEMO_UUID_SIZE];
    demo_random_uuid(&random, id);
    assert_true(text_is_uuid(id));
    assert_int_equal(id[14], '4');
    for (int i = 0; i < 100000; i++) {
        double unit = demo_random_unit(&again);
        assert_true(unit >= 0 && unit < 1);
        assert_in_range(demo_random_between(&again, 3, 5), 3, 5);
        assert_true(demo_random_wait(&again, 2) >= 0);
    }
    /* the reference output of SplitMix64 for the state 1234567 */
    struct demo_random reference = {1234567};
    assert_true(demo_random_next(&reference) == 6457827717110365317u);
    assert_true(demo_random_next(&reference) == 3203168211198807973u);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(same_seed_makes_the_same_rows),
        TEST(rows_hang_together),
        TEST(accounts_of_the_documentation_open),
        TEST(second_seed_changes_nothing),
        TEST(database_in_use_is_refused),
        TEST(failure_leaves_nothing),
        TEST(files_are_what_rows_say),
        TEST(keys_and_indexes_survive_a_large_seed),
        cmocka_unit_test(courses_that_make_no_sense_are_refused),
        cmocka_unit_test(pdf_table_points_at_its_objects),
        cmocka_unit_test(random_numbers_stay_the_same),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
