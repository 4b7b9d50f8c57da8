/*
 * Who is the same client: keys, registrations, pairs; two leads that become one and two again, to the last row; and what a
 * partner never learns of all this.
 */
#include "core/text.h"
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#define PAIR "cccccccc-0000-4000-8000-000000000701"
#define A_NOTE "aaaaaaaa-0000-4000-8000-000000000561" /* on lead 24 of each */
#define B_NOTE "bbbbbbbb-0000-4000-8000-000000000561"
#define B_CALL "bbbbbbbb-0000-4000-8000-000000000562"

static int begin(void **state) {
    site_sql(portal, "DROP TABLE IF EXISTS visits, looks"); /* of a test that failed */
    return restore(state);
}

static void assert_none(const char *query) {
    assert_value("0", query);
}

/* ── Keys ── */

static void keys_of_addresses(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"Nina.Rao+flat@GMail.com", "ninarao@gmail.com"},   {"nina.rao@googlemail.com", "ninarao@gmail.com"},
        {" nina.rao@client.example ", "nina.rao@client.example"}, {"Nina+x@outlook.com", "nina@outlook.com"},
        {"nina.rao@outlook.com", "nina.rao@outlook.com"},   {"nina+x@client.example", "nina+x@client.example"},
        {"n-i.n_a@pm.me", "nina@proton.me"},                {"a@me.com", "a@icloud.com"},
        {"+tag@gmail.com", "+tag@gmail.com"},               {"...@gmail.com", "...@gmail.com"},
        {"no address", "no address"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(site_value(portal, "SELECT app.email_key('%s')", rows[i][0]), rows[i][1]);
    assert_value("(null)", "SELECT app.email_key(NULL)");
}

/* Five thousand addresses out of what makes a difference: a key's key is itself, letters' case says nothing. */
#define DRAWN                                                                                                                   \
    "(SELECT (SELECT string_agg(substr('aAbB.+-_1@', 1 + floor(random() * 10 + i * 0)::integer, 1), '') FROM generate_series(1, 1 + g % 9) AS i) || '@' || "      \
    "(ARRAY['gmail.com', 'GoogleMail.com', 'outlook.com', 'pm.me', 'ME.com', 'client.example', ''])[1 + g % 7] AS a FROM generate_series(1, 5000) AS g) AS d"

static void a_key_of_a_key_is_itself(void **state) {
    (void)state;
    site_sql(portal, "SELECT setseed(0.5)");
    assert_none("SELECT count(*) FROM " DRAWN " WHERE app.email_key(app.email_key(a)) IS DISTINCT FROM app.email_key(a)");
    assert_none("SELECT count(*) FROM " DRAWN " WHERE app.email_key(upper(a)) IS DISTINCT FROM app.email_key(lower(a))");
    assert_none("SELECT count(*) FROM " DRAWN " WHERE app.email_key(a) ~ '[A-Z]'");
    assert_none("SELECT count(*) FROM leads WHERE email_key IS DISTINCT FROM app.email_key(client_email)");
}

static void more_in_common_is_never_less(void **state) {
    (void)state;
#define GRID "generate_series(0, 1, 0.1) AS n, generate_series(0, 1, 0.1) AS p, (VALUES (true), (false)) AS e(e), (VALUES (true), (false)) AS f(f), (VALUES (true), (false)) AS o(o)"
    assert_none("SELECT count(*) FROM " GRID " WHERE app.duplicate_strength(e, f, n, p, o) NOT BETWEEN 0 AND 100");
    assert_none("SELECT count(*) FROM " GRID ", generate_series(n, 1, 0.1) AS m WHERE app.duplicate_strength(e, f, m, p, o) < app.duplicate_strength(e, f, n, p, o)");
    assert_none("SELECT count(*) FROM " GRID " WHERE app.duplicate_strength(true, f, n, p, o) < app.duplicate_strength(e, f, n, p, o)"
                " OR app.duplicate_strength(e, true, n, p, o) < app.duplicate_strength(e, f, n, p, o)");
}

static void hashes_are_those_of_rfc_4231(void **state) {
    (void)state;
    assert_value("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
                 "SELECT encode(app.hmac_sha256(decode(repeat('0b', 20), 'hex'), 'Hi There'), 'hex')");
    assert_value("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                 "SELECT encode(app.hmac_sha256('Jefe', 'what do ya want for nothing?'), 'hex')");
    assert_value("773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
                 "SELECT encode(app.hmac_sha256(decode(repeat('aa', 20), 'hex'), decode(repeat('dd', 50), 'hex')), 'hex')");
}

/* ── Registrations ── */

#define SEND "name=x&client_name=Nora+New&description=A+flat&consent=true&client_email="

static const char *sent_lead(const struct site_answer *answer) {
    assert_int_equal(answer->status, 303);
    const char *location = site_header(portal, answer, "Location");
    assert_non_null(location);
    return location;
}

static void the_first_one_holds(void **state) {
    (void)state;
    site_sql(portal, "UPDATE programme SET protection_days = 60");
    const char *lead = sent_lead(SITE_POST(portal, OWNER, "/leads", SEND "nora.new%40gmail.com&client_phone=050+777+8888"));
    assert_value("held 60 +971507778888", "SELECT registration || ' ' || (protected_until::date - created_at::date) || ' ' || phone_e164 FROM leads WHERE client_name = 'Nora New'");
    assert_contains(SITE_GET(portal, OWNER, lead)->body, "Protected until");

    /* the other partner is told that we know the client, and not a word more */
    const struct site_answer *answer = SITE_POST(portal, STRANGER, "/leads", SEND "NoraNew%2Bx%40googlemail.com");
    const struct site_answer *page = SITE_GET(portal, STRANGER, sent_lead(answer));
    assert_contains(page->body, "We already know this client");
    assert_null(strstr(page->body, "aaaaaaaa-"));
    assert_null(strstr(page->body, "Alder"));
    assert_null(strstr(page->body, "rotected until"));
    assert_value("known open", "SELECT l.registration || ' ' || c.state FROM leads l JOIN lead_claims c ON c.lead_id = l.id WHERE l.client_name = 'Nora New' AND l.protected_until IS NULL");
    assert_contains(SITE_GET(portal, STRANGER, "/overlap")->body, "Nora New");
    assert_null(strstr(SITE_GET(portal, OWNER, "/overlap")->body, "Nora New"));

    /* by phone as well; one's own again is no claim */
    sent_lead(SITE_POST(portal, STRANGER, "/leads", SEND "other%40client.example&client_phone=%2B971-50-7778888"));
    sent_lead(SITE_POST(portal, OWNER, "/leads", SEND "nora.new%40gmail.com"));
    assert_value("again held known known", "SELECT string_agg(registration, ' ' ORDER BY registration) FROM leads WHERE client_name = 'Nora New'");

    /* a client who opted out, and a registration that ran out, hold nobody back */
    site_sql(portal, "UPDATE leads SET stage = 'declined' WHERE registration = 'held' AND client_name = 'Nora New'");
    sent_lead(SITE_POST(portal, STRANGER, "/leads", SEND "nora.new%40gmail.com"));
    assert_value("2", "SELECT count(*) FROM leads WHERE registration = 'held' AND client_name = 'Nora New'");
}

/* A registration that nothing can be compared with, of a client whom nobody can reach, is none. */
static void a_number_that_no_phone_has_is_refused(void **state) {
    static const char *const rows[][2] = {
        {"%2B971501234567 ext 9", "+971501234567 #9 +971501234567"},
        {"\u0660\u0665\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667", "0501234567 +971501234567"},
        {"%2B971 (0)50 123 4567", "+971 (0)50 123 4567 +971501234567"},
    };
    (void)state;
    static const char *const wrong[] = {"%2B971501234567890123", "05012345678901"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *form = arena_printf(site_arena(portal), SEND "&client_phone=%s", wrong[i]);
        const struct site_answer *answer = SITE_POST(portal, OWNER, "/leads", form);
        assert_int_equal(answer->status, 422);
        assert_contains(answer->body, "No phone has this number");
    }
    assert_none("SELECT count(*) FROM leads WHERE client_name = 'Nora New'");
    /* where there is an address as well, it is kept as it was written */
    sent_lead(SITE_POST(portal, OWNER, "/leads", SEND "nora.new%40gmail.com&client_phone=%2B971501234567890123"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        site_restore(portal);
        sent_lead(SITE_POST(portal, OWNER, "/leads", arena_printf(site_arena(portal), SEND "&client_phone=%s", rows[i][0])));
        assert_value(rows[i][1], "SELECT client_phone || ' ' || phone_e164 FROM leads WHERE client_name = 'Nora New'");
    }
}

#define NORA(partner) "(SELECT registration FROM leads WHERE client_name = 'Nora New' AND partner_id = '" partner "')"

/* Who was declined is free: whoever registers the client then keeps them, also when the first lead is opened again. */
static void a_lead_that_is_opened_again_takes_nobody_away(void **state) {
    (void)state;
    for (int undo = 0; undo < 2; undo++) {
        site_restore(portal);
        const char *id = sent_lead(SITE_POST(portal, OWNER, "/leads", SEND "nora.new%40gmail.com")) + strlen("/leads/");
        id = arena_printf(site_arena(portal), "%.36s", id);
        site_sql(portal, "INSERT INTO lead_claims (lead_id, partner_id, client_name, state, decided_at) VALUES ('%s', '" A("01") "', 'x', 'accepted', now())", id);
        const char *decline = arena_printf(site_arena(portal), "/leads/%s/stage", id);
        assert_int_equal(SITE_POST(portal, AGENT, decline, "stage=declined&reason_code=declined_opted_out&reason=x&version=1")->status, 303);
        sent_lead(SITE_POST(portal, STRANGER, "/leads", SEND "nora.new%40gmail.com"));
        assert_value("held", "SELECT " NORA(B("01")));
        const char *way = arena_printf(site_arena(portal), "/leads/%s/%s", id, undo ? "undo" : "stage");
        const char *form = undo ? "version=2" : "stage=new&reason=x&version=2";
        assert_int_equal(SITE_POST(portal, AGENT, way, form)->status, 303);
        assert_value("new", "SELECT stage FROM leads WHERE client_name = 'Nora New' AND partner_id = '" A("01") "'");
        assert_value("known held", "SELECT concat_ws(' ', " NORA(A("01")) ", " NORA(B("01")) ")");
        assert_value("open", "SELECT state FROM lead_claims WHERE partner_id = '" A("01") "' AND client_name = 'Nora New'");
        site_sql(portal, "SELECT app.duplicates_find()");
        assert_value("known held", "SELECT concat_ws(' ', " NORA(A("01")) ", " NORA(B("01")) ")");
        assert_value("1", "SELECT count(*) FROM duplicate_pairs p JOIN leads l ON l.id = p.first_id WHERE l.client_name = 'Nora New' AND p.state = 'open'");
    }
    /* and where nobody came meanwhile it is held as before */
    site_restore(portal);
    const char *lead = sent_lead(SITE_POST(portal, OWNER, "/leads", SEND "nora.new%40gmail.com"));
    const char *path = arena_printf(site_arena(portal), "%.43s/stage", lead);
    assert_int_equal(SITE_POST(portal, AGENT, path, "stage=declined&reason_code=declined_opted_out&reason=x&version=1")->status, 303);
    assert_int_equal(SITE_POST(portal, AGENT, path, "stage=new&reason=x&version=2")->status, 303);
    assert_value("held", "SELECT " NORA(A("01")));
    assert_value("0", "SELECT count(*) FROM lead_claims WHERE client_name = 'Nora New'");
}

static void two_at_once_are_put_right(void **state) {
    (void)state;
    site_sql(portal, "UPDATE leads SET client_email = 'same@client.example', registration = 'held', protected_until = now() + interval '9 days' WHERE id IN ('" A("21") "', '" B("22") "');"
                     "UPDATE leads SET registration = 'held', protected_until = now() + interval '9 days' WHERE id IN ('" A("21") "', '" B("22") "');"
                     "DELETE FROM lead_claims; DELETE FROM duplicate_pairs; DELETE FROM events; DELETE FROM duplicate_queue;"
                     "INSERT INTO duplicate_queue VALUES ('" A("21") "'), ('" B("22") "')");
    site_sql(portal, "SELECT app.duplicates_find()");
    assert_value("known", "SELECT registration FROM leads WHERE id = '" A("21") "'"); /* Zebulon's came a day earlier */
    assert_value("held", "SELECT registration FROM leads WHERE id = '" B("22") "'");
    assert_value(B("22") " email,place", "SELECT first_id || ' ' || array_to_string(reasons, ',') FROM duplicate_pairs");
    assert_value("1", "SELECT count(*) FROM events WHERE type = 'duplicate.found' AND lead_id = '" A("21") "'");
    site_sql(portal, "INSERT INTO duplicate_queue VALUES ('" A("21") "'); SELECT app.duplicates_find()");
    assert_value("1 1", "SELECT (SELECT count(*) FROM duplicate_pairs) || ' ' || (SELECT count(*) FROM events WHERE type = 'duplicate.found')");
}

static void two_clients_stay_two(void **state) {
    (void)state;
    site_sql(portal, "INSERT INTO duplicate_pairs (id, first_id, second_id, reasons, strength) VALUES ('" PAIR "', '" B("22") "', '" A("21") "', '{email}', 90);"
                     "UPDATE leads SET registration = 'known', protected_until = NULL WHERE id = '" A("21") "'; DELETE FROM duplicate_pairs WHERE id <> '" PAIR "';"
                     "INSERT INTO lead_claims (lead_id, partner_id, client_name) VALUES ('" A("21") "', '" A("01") "', 'x')");
    assert_contains(SITE_GET(portal, AGENT, "/leads/" A("21"))->body, "Perhaps the same as");
    assert_null(strstr(SITE_GET(portal, OWNER, "/leads/" A("21"))->body, "Perhaps the same as"));
    assert_int_equal(SITE_POST(portal, AGENT, "/admin/duplicates/" PAIR "/apart", "")->status, 303);
    assert_value("held accepted", "SELECT l.registration || ' ' || c.state FROM leads l JOIN lead_claims c ON c.lead_id = l.id WHERE l.id = '" A("21") "'");
    site_sql(portal, "UPDATE leads SET client_email = 'same@client.example' WHERE id IN ('" A("21") "', '" B("22") "'); SELECT app.duplicates_find()");
    assert_value("apart", "SELECT state FROM duplicate_pairs WHERE id = '" PAIR "'"); /* remembered */
    assert_null(strstr(SITE_GET(portal, AGENT, "/leads/" A("21"))->body, "Perhaps the same as"));
}

/* ── Two become one, and two again ── */

/* Every row of every table, but for what may only go on: versions, what calendars go by (RFC 5545: SEQUENCE), and what tells of the merge itself. */
static void keep_all_rows(void) {
    site_sql(portal, "CREATE SCHEMA IF NOT EXISTS kept; DROP TABLE IF EXISTS kept.before; CREATE TABLE kept.before (t text, r jsonb);"
                     "DO $$ DECLARE n text; BEGIN FOR n IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'jobs' LOOP"
                     " EXECUTE format('INSERT INTO kept.before SELECT %%L, to_jsonb(x) - %%L::text[] FROM public.%%I AS x', n, CASE n WHEN 'appointments' THEN '{version,sequence,updated_at}' ELSE '{version}' END, n); END LOOP; END $$");
}

static void assert_all_rows_are_back(void) {
    site_sql(portal, "DROP TABLE IF EXISTS kept.after; CREATE TABLE kept.after (t text, r jsonb);"
                     "DO $$ DECLARE n text; BEGIN FOR n IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'jobs' LOOP"
                     " EXECUTE format('INSERT INTO kept.after SELECT %%L, to_jsonb(x) - %%L::text[] FROM public.%%I AS x', n, CASE n WHEN 'appointments' THEN '{version,sequence,updated_at}' ELSE '{version}' END, n); END LOOP; END $$");
    const char *lost = site_value(portal, "SELECT string_agg(t || ' ' || r, E'\\n') FROM (SELECT * FROM kept.before WHERE t NOT LIKE 'rollup%%' AND t NOT IN ('sessions', 'throttle')"
                                          " EXCEPT SELECT * FROM kept.after) AS d");
    if (lost)
        fail_msg("not as before: %s", lost);
    assert_none("SELECT count(*) FROM app.rollup_differences()");
}

static void pair_up(const char *first, const char *second) {
    site_sql(portal, "DELETE FROM lead_merges; DELETE FROM duplicate_pairs; INSERT INTO duplicate_pairs (id, first_id, second_id, reasons, strength) VALUES ('" PAIR "', '%s', '%s', '{email}', 90)", first, second);
}

static const char *merge(const char *fields) {
    const char *form = site_value(portal, "SELECT '%s&first_version=' || a.version || '&second_version=' || b.version FROM duplicate_pairs p"
                                          " JOIN leads a ON a.id = p.first_id JOIN leads b ON b.id = p.second_id WHERE p.id = '" PAIR "'", fields);
    const struct site_answer *answer = SITE_POST(portal, AGENT, "/admin/duplicates/" PAIR "/merge", form);
    assert_int_equal(answer->status, 303);
    return site_header(portal, answer, "Location");
}

static void undo(const char *address, int status) {
    char path[128];
    snprintf(path, sizeof path, "%s/undo", address);
    assert_int_equal(SITE_POST(portal, AGENT, path, "")->status, status);
}

/* A share of each with the same partner, conversations of both, a reminder of staff, mails that run for both; and what the partners have before them. */
static void fill(const char *a, const char *b) {
    site_sql(portal, "DELETE FROM threads WHERE lead_id IN ('%s', '%s') AND kind = 'lead';"
                     "INSERT INTO lead_shares (lead_id, partner_id, consent_contact, consent_budget, consent_requirements) SELECT l, '" EMPTY_DESK "', true, true, true FROM unnest('{%s,%s}'::uuid[]) AS l;"
                     "INSERT INTO threads (kind, partner_id, lead_id, shown) SELECT 'lead', partner_id, id, true FROM leads WHERE id IN ('%s', '%s');"
                     "INSERT INTO messages (thread_id, partner_id, by_staff, text) SELECT id, partner_id, true, 'About it' FROM threads WHERE kind = 'lead' AND lead_id IN ('%s', '%s');"
                     "INSERT INTO reminders (lead_id, user_id, due_at, note) SELECT l, '" C("11") "', now() + interval '1 day', 'Ask' FROM unnest('{%s,%s}'::uuid[]) AS l;"
                     "INSERT INTO ledger_entries (partner_id, lead_id, kind, amount, currency, month) SELECT partner_id, id, 'earned', 10, 'AED', date_trunc('month', now()) FROM leads WHERE id IN ('%s', '%s');"
                     "INSERT INTO enrolments (sequence_id, lead_id, partner_id, next_at) SELECT '" C("96") "', id, partner_id, now() + interval '1 day' FROM leads WHERE id IN ('%s', '%s')"
                     " ON CONFLICT DO NOTHING", a, b, a, b, a, b, a, b, a, b, a, b, a, b);
    site_sql(portal, "INSERT INTO reminders (lead_id, partner_id, user_id, due_at, note) SELECT l.id, l.partner_id, (SELECT u.id FROM users u WHERE u.partner_id = l.partner_id ORDER BY u.id LIMIT 1), now() + interval '1 day', 'Ring'"
                     "  FROM leads l WHERE l.id IN ('%s', '%s');"
                     "INSERT INTO appointments (lead_id, partner_id, kind, title, starts_at, ends_at, timezone) SELECT l.id, l.partner_id, 'viewing', 'See it', now() + d, now() + d + interval '1 hour', 'UTC'"
                     "  FROM leads l, unnest('{2 days,-2 days}'::interval[]) AS d WHERE l.id IN ('%s', '%s')", a, b, a, b);
}

static void merged_and_undone_to_the_last_row(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{A("21"), B("21")}, {B("24"), A("24")}, {A("25"), B("25")}, {A("21"), A("24")}, {A("25"), A("22")}, {B("28"), A("27")}};
    static const char *const fields[] = {"keep=first", "keep=second", "keep=first&client_name=second&client_email=second&client_phone=second&estimated_value=second&staff_notes=second&description=second",
                                         "keep=second&client_name=first&source=first&temperature=first"};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs * 2; i++) {
        const char *const *pair = pairs[i / 2];
        site_restore(portal);
        fill(pair[0], pair[1]);
        pair_up(pair[0], pair[1]);
        keep_all_rows();
        const char *address = merge(fields[i % 4]);
        bool first = strstr(fields[i % 4], "keep=first") != NULL;
        const char *kept = pair[first ? 0 : 1], *gone = pair[first ? 1 : 0];
        assert_string_equal(site_value(portal, "SELECT merged_into FROM leads WHERE id = '%s'", gone), kept);
        assert_string_equal(site_value(portal, "SELECT (SELECT count(*) FROM ledger_entries WHERE lead_id = '%s') + (SELECT count(*) FROM lead_history WHERE lead_id = '%s')"
                                               " + (SELECT count(*) FROM threads WHERE lead_id = '%s') + (SELECT count(*) FROM reminders WHERE lead_id = '%s' AND partner_id IS NULL)", gone, gone, gone, gone), "0");
        assert_string_equal(site_value(portal, "SELECT count(*) FROM threads WHERE kind = 'lead' AND lead_id = '%s' AND NOT merged", kept), "1");
        /* the other partner has nothing before it any more with a client who is not its own */
        assert_string_equal(site_value(portal, "SELECT (SELECT count(*) FROM reminders WHERE lead_id = '%s' AND done_at IS NULL)"
                                               " + (SELECT count(*) FROM appointments WHERE lead_id = '%s' AND status = 'planned' AND ends_at > now())", gone, gone), "0");
        assert_string_equal(site_value(portal, "SELECT count(*) <= 1 FROM enrolments WHERE lead_id IN ('%s', '%s') AND ended_at IS NULL", kept, gone), "t");
        assert_none("SELECT count(*) FROM app.rollup_differences()");
        undo(address, 303);
        assert_all_rows_are_back();
        undo(address, 409);
    }
}

/* What a partner had before it with the client ends, is told of, and is there again after the way back. */
static void what_lay_ahead_ends(void **state) {
    (void)state;
#define AHEAD "SELECT string_agg(status || coalesce(' ' || reason, ''), ', ' ORDER BY starts_at) FROM appointments WHERE lead_id = '" B("21") "' AND title = 'See it'"
#define WAITING "SELECT count(*) FROM jobs j WHERE j.state = 'ready' AND (j.key IN (SELECT 'reminder:' || r.id FROM reminders r WHERE r.lead_id = '" B("21") "' AND r.note = 'Ring')" \
                " OR j.key IN (SELECT 'appointment:' || a.id FROM appointments a WHERE a.lead_id = '" B("21") "' AND a.title = 'See it'))"
    fill(A("21"), B("21"));
    pair_up(A("21"), B("21"));
    assert_value("2", WAITING);
    site_sql(portal, "DELETE FROM events");
    const char *address = merge("keep=first");
    assert_value("planned, called_off We already knew this client.", AHEAD);
    assert_none(WAITING);
    assert_value("{\"cancelled\": true}", "SELECT string_agg(data::text, ' ') FROM events WHERE type LIKE 'appointment.%%' AND partner_id = '" B("01") "'");
    assert_value("0 0", "SELECT (SELECT count(*) FROM reminders WHERE lead_id = '" A("21") "' AND note = 'Ring' AND done_at IS NOT NULL) || ' ' ||"
                 " (SELECT count(*) FROM appointments WHERE lead_id = '" A("21") "' AND status <> 'planned')");
    site_sql(portal, "DELETE FROM events");
    undo(address, 303);
    assert_value("planned, planned", AHEAD);
    assert_value("2", WAITING);
    assert_value("appointment.new", "SELECT string_agg(type, ' ') FROM events WHERE type LIKE 'appointment.%%' AND partner_id = '" B("01") "'");
}

/* Staff may decide for the one who came later: then that registration holds, and the first partner is told. */
static void the_claim_that_stays_holds(void **state) {
    (void)state;
    site_sql(portal, "UPDATE leads SET registration = 'held', protected_until = now() + interval '9 days' WHERE id = '" B("21") "';"
                     "UPDATE leads SET registration = 'known', protected_until = NULL WHERE id = '" A("21") "'; DELETE FROM lead_claims; DELETE FROM events;"
                     "INSERT INTO lead_claims (lead_id, partner_id, client_name) VALUES ('" A("21") "', '" A("01") "', 'Nora')");
    pair_up(B("21"), A("21"));
    keep_all_rows();
    const char *address = merge("keep=second");
    assert_value("held t", "SELECT registration || ' ' || (protected_until IS NOT NULL)::text::char FROM leads WHERE id = '" A("21") "'");
    assert_value("accepted refused", "SELECT string_agg(state, ' ' ORDER BY state) FROM lead_claims");
    assert_value(A("01") " true " B("01") " false", "SELECT string_agg(partner_id || ' ' || (data ->> 'accepted'), ' ' ORDER BY partner_id) FROM events WHERE type = 'claim.decided'");
    assert_contains(SITE_GET(portal, STRANGER, "/overlap")->body, "Known before");
    undo(address, 303);
    assert_all_rows_are_back();
    assert_value("open", "SELECT string_agg(state, ' ') FROM lead_claims");
}

static void what_was_worked_on_is_not_undone(void **state) {
    (void)state;
    pair_up(A("21"), A("24"));
    const char *address = merge("keep=first&client_name=second");
    assert_value("Alder client active", "SELECT client_name FROM leads WHERE id = '" A("21") "'");
    site_sql(portal, "INSERT INTO lead_history (lead_id, partner_id, kind) VALUES ('" A("21") "', '" A("01") "', 'edited')");
    assert_contains(SITE_GET(portal, AGENT, address)->body, "can no longer be undone");
    undo(address, 409);
    site_sql(portal, "DELETE FROM lead_history WHERE id = (SELECT max(id) FROM lead_history); UPDATE lead_merges SET undo_until = now()");
    undo(address, 409);
    site_sql(portal, "UPDATE lead_merges SET undo_until = now() + interval '1 day'");
    undo(address, 303);
    /* somebody was quicker */
    assert_int_equal(SITE_POST(portal, AGENT, "/admin/duplicates/" PAIR "/merge", "keep=first&first_version=1&second_version=1")->status, 409);
}

/* What the migration says of each column that names a lead; a new table must be decided upon, and follows meanwhile. */
static void no_table_is_forgotten(void **state) {
    (void)state;
#define UNDECIDED "SELECT string_agg(c.relation || '.' || c.column_name, ' ') FROM app.lead_columns() c LEFT JOIN lead_references r USING (relation, column_name) WHERE r.way IS NULL"
    const char *undecided = site_value(portal, "%s", UNDECIDED);
    if (undecided)
        fail_msg("app.lead_merge() has not been told what to do with %s: add rows to lead_references", undecided);
    site_sql(portal, "CREATE TABLE public.visits (id serial PRIMARY KEY, who uuid REFERENCES leads); CREATE TABLE public.looks (lead_id uuid PRIMARY KEY);"
                     "ALTER TABLE visits OWNER TO tessera_owner; ALTER TABLE looks OWNER TO tessera_owner;"
                     "INSERT INTO visits (who) VALUES ('" B("21") "'); INSERT INTO looks VALUES ('" B("21") "')");
    assert_value("looks.lead_id visits.who", UNDECIDED);
    pair_up(A("21"), B("21"));
    const char *address = merge("keep=first");
    assert_value(A("21") " " A("21"), "SELECT (SELECT who FROM visits) || ' ' || (SELECT lead_id FROM looks)");
    undo(address, 303);
    assert_value(B("21") " " B("21"), "SELECT (SELECT who FROM visits) || ' ' || (SELECT lead_id FROM looks)");
    site_sql(portal, "DROP TABLE visits, looks");
}

/* After a merge across partners neither learns of the other by any page, in any form. */
static void neither_partner_learns_of_the_other(void **state) {
    (void)state;
    static const char *const paths[] = {"/leads", "/leads.csv", "/leads?q=client", "/leads?sort=updated_desc", "/dashboard", "/commissions", "/commissions.csv", "/messages",
                                        "/notifications", "/reminders", "/appointments", "/overlap", "/leads/" A("21"), "/leads/" B("21")};
    fill(A("21"), B("21"));
    pair_up(A("21"), B("21"));
    merge("keep=first");
    site_sql(portal, "INSERT INTO messages (thread_id, partner_id, by_staff, text) SELECT id, partner_id, true, 'More' FROM threads WHERE kind = 'lead' AND lead_id = '" A("21") "'");
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        for (int json = 0; json < 2; json++) {
            const char *accept = json ? "application/json" : NULL;
            const struct site_answer *b = SITE_ASK(portal, .who = STRANGER, .path = paths[i], .accept = accept);
            bool asked_for = strstr(paths[i], A("21")) != NULL; /* an error page names what was asked for */
            if (!asked_for && (strstr(b->body, "aaaaaaaa-") || strstr(b->body, "Alder")))
                fail_msg("%s tells Zebulon of Alder: %.200s", paths[i], strstr(b->body, strstr(b->body, "aaaaaaaa-") ? "aaaaaaaa-" : "Alder"));
            const struct site_answer *a = SITE_ASK(portal, .who = OWNER, .path = paths[i], .accept = accept);
            asked_for = strstr(paths[i], B("21")) != NULL;
            if (!asked_for && (strstr(a->body, "bbbbbbbb-") || strstr(a->body, "Zebulon")))
                fail_msg("%s tells Alder of Zebulon", paths[i]);
            static const char *const words[] = {"email_key", "e164", "merged", "duplicate_", "duplicate."};
            for (size_t w = 0; w < sizeof words / sizeof *words; w++)
                if (strstr(a->body, words[w]))
                    fail_msg("%s speaks of duplicates: %.60s", paths[i], strstr(a->body, words[w]));
        }
    }
    assert_int_equal(SITE_GET(portal, STRANGER, "/leads/" B("21"))->status, 404);
    assert_int_equal(SITE_GET(portal, STRANGER, "/leads/" A("21"))->status, 404);
    assert_int_equal(SITE_GET(portal, AGENT, "/leads/" B("21"))->status, 303);
}

/* What the reader may not take is not offered, and not taken either. */
static void what_one_partner_typed_stays_with_it(void **state) {
    (void)state;
    static const char *const fields[] = {"client_name", "client_email", "client_phone", "estimated_value", "locations", "description"};
    pair_up(A("21"), B("21"));
    site_sql(portal, "UPDATE leads SET client_phone = NULL, phone_e164 = NULL, description = '' WHERE id = '" A("21") "'");
    const char *across = SITE_GET(portal, AGENT, "/admin/duplicates/" PAIR)->body;
    assert_contains(across, "Sent by two partners");
    assert_contains(across, "Looks for Zebulon");
    assert_contains(across, "name=\"staff_notes\"");
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        assert_lacks(across, arena_printf(site_arena(portal), "name=\"%s\"", fields[i]));
    merge("keep=first&client_name=second&client_email=second&client_phone=second&client_location=second&source=second&estimated_value=second&financing=second&locations=second"
          "&description=second&staff_notes=second");
    assert_value("updated_at version", "SELECT string_agg(n.key, ' ' ORDER BY n.key) FROM lead_merges m JOIN leads l ON l.id = m.kept_id, jsonb_each(to_jsonb(l)) AS n"
                 " WHERE n.value IS DISTINCT FROM m.kept_before -> n.key AND has_column_privilege('tessera_partner', 'leads', n.key, 'SELECT')");
    assert_value("STAFF-NOTES-Zebulon", "SELECT staff_notes FROM leads WHERE id = '" A("21") "'");

    pair_up(A("22"), A("24"));
    const char *within = SITE_GET(portal, AGENT, "/admin/duplicates/" PAIR)->body;
    assert_lacks(within, "Sent by two partners");
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (i < 4)
            assert_contains(within, arena_printf(site_arena(portal), "name=\"%s\"", fields[i]));
}

/* Notes, calls, files and past appointments of the partner whose lead went: staff read them with the lead that stayed. */
static void staff_find_what_stayed(void **state) {
    (void)state;
    static const char *const texts[] = {"They like the lake, says Zebulon", "Asked about the lake for Zebulon", "lake-Zebulon.png", "Seen with Zebulon"};
    site_sql(portal, "INSERT INTO appointments (lead_id, partner_id, kind, title, starts_at, ends_at, timezone)"
                     " VALUES ('" B("24") "', '" B("01") "', 'viewing', 'Seen with Zebulon', now() - interval '2 days', now() - interval '47 hours', 'UTC')");
    pair_up(A("24"), B("24"));
    const char *address = merge("keep=first");
    static const enum site_who staff[] = {AGENT, SUPPORT, ADMIN};
    for (size_t i = 0; i < sizeof staff / sizeof *staff; i++) {
        const char *page = SITE_GET(portal, staff[i], "/leads/" A("24"))->body;
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
            assert_contains(page, texts[t]);
        assert_contains(SITE_GET(portal, staff[i], "/leads/" A("24") "?show=files")->body, "lake-Zebulon.png");
        page = SITE_GET(portal, staff[i], "/leads/" A("24") "?entry=" B_NOTE)->body; /* shown from there on */
        assert_contains(page, texts[0]);
        page = SITE_GET(portal, staff[i], address)->body;
        assert_contains(page, "What stayed with");
        assert_contains(page, "Looks for Zebulon");
    }
    const char *page = SITE_GET(portal, AGENT, "/leads/" A("24"))->body;
    assert_null(strstr(page, "/activities/" B_CALL "/edit")); /* it is told, not gone on with */
    assert_lacks(SITE_GET(portal, OWNER, "/leads/" A("24"))->body, "Zebulon");
    assert_lacks(SITE_ASK(portal, .who = OWNER, .path = "/leads/" A("24"), .accept = "application/json")->body, "ebulon");
    undo(address, 303);
    page = SITE_GET(portal, AGENT, "/leads/" A("24"))->body;
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++)
        assert_lacks(page, texts[t]);
    assert_lacks(SITE_GET(portal, AGENT, address)->body, "What stayed with");
}

static void assert_leads_to(enum site_who who, const char *path, const char *location) {
    const struct site_answer *answer = SITE_GET(portal, who, path);
    assert_int_equal(answer->status, location ? 303 : 404);
    if (location)
        assert_string_equal(site_header(portal, answer, "Location"), location);
}

/* Links to the lead that went are good for whoever may read the one that stayed and knew both. */
static void the_old_address_leads_on(void **state) {
    (void)state;
    pair_up(A("21"), A("24"));
    const char *address = merge("keep=first");
    static const enum site_who may[] = {OWNER, SALES, VIEWER, AGENT, SUPPORT, ADMIN};
    for (size_t i = 0; i < sizeof may / sizeof *may; i++)
        assert_leads_to(may[i], "/leads/" A("24"), "/leads/" A("21"));
    assert_leads_to(OWNER, "/leads/" A("24") "?entry=" A_NOTE, "/leads/" A("21") "?entry=" A_NOTE);
    assert_contains(SITE_GET(portal, OWNER, "/leads/" A("21") "?entry=" A_NOTE)->body, "They like the lake");
    assert_leads_to(STRANGER, "/leads/" A("24"), NULL);
    assert_leads_to(OWNER, "/leads/" NOBODY, NULL);
    assert_int_equal(SITE_GET(portal, FINANCE, "/leads/" A("24"))->status, 403);
    const struct site_answer *visitor = SITE_GET(portal, VISITOR, "/leads/" A("24"));
    assert_true(text_starts(site_header(portal, visitor, "Location"), "/login"));
    undo(address, 303);
    assert_int_equal(SITE_GET(portal, OWNER, "/leads/" A("24"))->status, 200);

    pair_up(B("21"), A("21"));
    merge("keep=first");
    assert_leads_to(AGENT, "/leads/" A("21"), "/leads/" B("21"));
    assert_leads_to(OWNER, "/leads/" A("21"), NULL);
    assert_leads_to(STRANGER, "/leads/" A("21"), NULL);
}

#define MERGED   "Another lead of this client went into this one"
#define UNMERGED "Undone: two leads of this client again"

static void the_history_tells_of_it(void **state) {
    (void)state;
    pair_up(A("21"), A("24"));
    const char *address = merge("keep=first");
    assert_contains(SITE_GET(portal, AGENT, "/leads/" A("21"))->body, arena_printf(site_arena(portal), "href=\"%s\">" MERGED, address));
    assert_contains(SITE_GET(portal, AGENT, "/dashboard")->body, MERGED);
    assert_contains(SITE_GET(portal, OWNER, "/leads/" A("21"))->body, MERGED);
    assert_lacks(SITE_GET(portal, OWNER, "/leads/" A("21"))->body, address);

    /* a second merge that is undone leaves the first one as it was: it can be undone, too */
    site_sql(portal, "UPDATE duplicate_pairs SET second_id = '" A("22") "', state = 'open', decided_at = NULL WHERE id = '" PAIR "'");
    undo(merge("keep=first"), 303);
    undo(address, 303);
    assert_contains(SITE_GET(portal, OWNER, "/leads/" A("21"))->body, UNMERGED);
    assert_contains(SITE_GET(portal, OWNER, "/leads/" A("24"))->body, UNMERGED);

    /* another partner's lead: for staff alone */
    pair_up(A("25"), B("25"));
    undo(merge("keep=first"), 303);
    merge("keep=first");
    static const char *const pages[] = {"/leads/" A("25"), "/leads/" A("25") "?show=changes", "/dashboard"};
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        assert_contains(SITE_GET(portal, AGENT, pages[i])->body, MERGED);
        assert_contains(SITE_GET(portal, AGENT, pages[i])->body, UNMERGED);
    }
    site_sql(portal, "DELETE FROM lead_history WHERE lead_id IN ('" A("21") "', '" A("22") "', '" A("24") "')");
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        assert_lacks(SITE_GET(portal, OWNER, pages[i])->body, MERGED);
        assert_lacks(SITE_GET(portal, OWNER, pages[i])->body, UNMERGED);
    }
    assert_lacks(SITE_GET(portal, STRANGER, "/dashboard")->body, UNMERGED);
}

/* The deal with money on it is not lost for a lead that was sent later. */
static void the_deal_is_what_stays(void **state) {
    (void)state;
#define KEEP(side) "name=\"keep\" value=\"" side "\" aria-describedby=\"c-keep\" checked"
#define VALUE(side) "name=\"estimated_value\" value=\"" side "\" aria-describedby=\"c-estimated_value\" checked"
    site_sql(portal, "UPDATE leads SET estimated_value = 0, registration = 'held', protected_until = now() + interval '9 days' WHERE id = '" A("21") "'");
    pair_up(A("25"), A("21"));
    const char *page = SITE_GET(portal, AGENT, "/admin/duplicates/" PAIR)->body;
    assert_contains(page, KEEP("first"));
    assert_contains(page, VALUE("first"));
    pair_up(A("21"), A("24"));
    page = SITE_GET(portal, AGENT, "/admin/duplicates/" PAIR)->body;
    assert_contains(page, KEEP("second"));
    assert_contains(page, VALUE("second"));
}

static void a_portion_ends_when_its_time_is_over(void **state) {
    (void)state;
    site_sql(portal, "DELETE FROM duplicate_queue; DELETE FROM jobs; INSERT INTO duplicate_queue VALUES ('" A("21") "'), ('" A("22") "'), ('" B("22") "')");
    assert_value("1", "SELECT app.duplicates_find(500, '0')");
    assert_value("2", "SELECT count(*) FROM duplicate_queue");
    assert_value("8", "SELECT priority FROM jobs WHERE kind = 'duplicates.find' AND state = 'ready'");
    assert_value("2", "SELECT app.duplicates_find()");
    assert_none("SELECT count(*) FROM duplicate_queue");
}

/* ── Longer protection ── */

static void longer_protection(void **state) {
    (void)state;
    site_sql(portal, "DELETE FROM extension_requests; DELETE FROM events");
    assert_int_equal(SITE_POST(portal, OWNER, "/leads/" A("21") "/extension", "days=30&reason=The+bank")->status, 303);
    assert_int_equal(SITE_POST(portal, OWNER, "/leads/" A("21") "/extension", "days=30&reason=The+bank")->status, 409);
    assert_int_equal(SITE_POST(portal, OWNER, "/leads/" A("28") "/extension", "days=30&reason=Declined")->status, 409);
    assert_int_equal(SITE_POST(portal, OWNER, "/leads/" A("22") "/extension", "days=31&reason=x")->status, 422);
    assert_value("extension.asked", "SELECT string_agg(type, ' ') FROM events");
    const char *before = site_value(portal, "SELECT protected_until FROM leads WHERE id = '" A("21") "'");
    const char *id = site_value(portal, "SELECT id FROM extension_requests");
    const char *path = arena_printf(site_arena(portal), "/admin/extensions/%s/decide", id);
    assert_int_equal(SITE_POST(portal, AGENT, path, "decision=granted&answer=x")->status, 422);
    assert_int_equal(SITE_POST(portal, AGENT, path, "decision=granted&days=10&answer=Fine")->status, 303);
    assert_int_equal(SITE_POST(portal, AGENT, path, "decision=refused&days=10")->status, 409);
    assert_string_equal(site_value(portal, "SELECT protected_until - '%s'::timestamptz FROM leads WHERE id = '" A("21") "'", before), "10 days");
    assert_value("extension.asked extension.decided", "SELECT string_agg(type, ' ' ORDER BY id) FROM events");
    site_sql(portal, "SELECT app.event_fan_out(id) FROM events");
    assert_value("extension.asked staff, extension.decided partner",
                 "SELECT string_agg(DISTINCT n.type || ' ' || CASE WHEN u.partner_id IS NULL THEN 'staff' ELSE 'partner' END, ', ') FROM notifications n JOIN users u ON u.id = n.user_id WHERE n.type LIKE 'extension%'");
    assert_contains(SITE_GET(portal, OWNER, "/leads/" A("21"))->body, "10 days more were granted");
    assert_value("extension_asked 30 The bank " A("11") ", extension_granted 10 Fine " C("11"),
                 "SELECT string_agg(concat_ws(' ', kind, days, reason, user_id), ', ' ORDER BY id) FROM lead_history WHERE kind LIKE 'extension%%'");
    assert_int_equal(SITE_POST(portal, OWNER, "/leads/" A("21") "/extension", "days=60&reason=Again")->status, 303);
    id = site_value(portal, "SELECT id FROM extension_requests WHERE state = 'open'");
    path = arena_printf(site_arena(portal), "/admin/extensions/%s/decide", id);
    assert_int_equal(SITE_POST(portal, AGENT, path, "decision=refused&answer=Enough")->status, 303);
    static const char *const told[] = {"Longer protection asked for: 30 days", "Longer protection granted: 10 days", "Longer protection asked for: 60 days",
                                       "Longer protection refused", "The bank", "Fine", "Enough"};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        assert_contains(SITE_GET(portal, OWNER, "/leads/" A("21") "?show=changes")->body, told[i]);
        assert_contains(SITE_GET(portal, AGENT, "/leads/" A("21") "?show=changes")->body, told[i]);
    }
    assert_contains(SITE_GET(portal, OWNER, "/notifications")->body, "stays registered for you for 10 days more");
}

static void more_time_does_not_take_a_client_back(void **state) {
    (void)state;
    site_sql(portal, "DELETE FROM extension_requests");
    sent_lead(SITE_POST(portal, OWNER, "/leads", SEND "late%40client.example"));
    const char *lead = site_value(portal, "SELECT id FROM leads WHERE client_email = 'late@client.example'");
    posted(OWNER, arena_printf(site_arena(portal), "/leads/%s/extension", lead), "days=30&reason=The+bank", 303);
    site_sql(portal, "UPDATE leads SET protected_until = now() - interval '1 second' WHERE id = '%s'", lead);
    sent_lead(SITE_POST(portal, STRANGER, "/leads", SEND "late%40client.example"));
    const char *path = arena_printf(site_arena(portal), "/admin/extensions/%s/decide", site_value(portal, "SELECT id FROM extension_requests"));
    assert_contains(posted(AGENT, path, "decision=granted&days=10&answer=Fine", 422)->body, "Another partner has registered this client");
    assert_value("1", "SELECT count(*) FROM leads WHERE client_email = 'late@client.example' AND registration = 'held' AND protected_until > now()");
    posted(AGENT, path, "decision=refused&answer=Too+late", 303);
}

/* ── The blind check ── */

static const char *hash_of(const char *partner, const char *key) {
    return site_value(portal, "SELECT encode(app.hmac_sha256(app.overlap_key('%s', (now() AT TIME ZONE 'UTC')::date), '%s'), 'hex')", partner, key);
}

static const char *asked(enum site_who who, const char *hash) {
    const struct site_answer *answer = SITE_POST(portal, who, "/overlap", arena_printf(site_arena(portal), "hashes=%s", hash));
    assert_int_equal(answer->status, 303);
    return strstr(SITE_GET(portal, who, site_header(portal, answer, "Location"))->body, "Protected until ") ? "taken" : "free";
}

static void free_or_taken(void **state) {
    (void)state;
    assert_string_equal(asked(OWNER, hash_of(A("01"), "new@zebulon-client.example")), "taken");
    assert_string_equal(asked(OWNER, hash_of(A("01"), "new@alder-client.example")), "taken");
    assert_string_equal(asked(OWNER, hash_of(A("01"), "nobody@client.example")), "free");
    assert_string_equal(asked(OWNER, hash_of(B("01"), "new@zebulon-client.example")), "free"); /* another partner's hash says nothing */
    assert_string_equal(asked(OWNER, hash_of(A("01"), "declined@zebulon-client.example")), "free"); /* who opted out is not answered for */
    site_sql(portal, "UPDATE leads SET protected_until = '2099-02-12 23:30+00' WHERE client_email = 'new@zebulon-client.example'");
    assert_string_equal(asked(OWNER, hash_of(A("01"), "new@zebulon-client.example")), "taken");
    assert_string_equal(site_value(portal, "SELECT answers -> 0 ->> 'until' FROM overlap_checks ORDER BY at DESC, id LIMIT 1"), "2099-02-12");
    site_sql(portal, "UPDATE leads SET consent_at = NULL WHERE client_email = 'intake@zebulon-client.example'");
    assert_string_equal(asked(OWNER, hash_of(A("01"), "intake@zebulon-client.example")), "free");
    site_sql(portal, "UPDATE leads SET protected_until = now() - interval '1 second' WHERE client_email = 'new@zebulon-client.example'");
    assert_string_equal(asked(OWNER, hash_of(A("01"), "new@zebulon-client.example")), "free");
    assert_int_equal(SITE_POST(portal, OWNER, "/overlap", "hashes=new%40zebulon-client.example")->status, 422);
    assert_value("8", "SELECT count(*) FROM overlap_checks WHERE partner_id = '" A("01") "' AND at > now() - interval '1 minute' AND user_id = '" A("11") "'");
    site_sql(portal, "UPDATE throttle SET tries = 20 WHERE key = 'overlap:" A("01") "'");
    const char *form = arena_printf(site_arena(portal), "hashes=%s", hash_of(A("01"), "x@client.example"));
    site_sql(portal, "INSERT INTO overlap_checks (partner_id, at, asked, taken, answers) SELECT '" A("01") "', now() - interval '20 minutes', 1, 0, '[]' FROM generate_series(1, 20);"
                     "DELETE FROM overlap_checks WHERE partner_id = '" A("01") "' AND at > now() - interval '20 minutes'");
    const struct site_answer *later = SITE_POST(portal, SALES, "/overlap", form);
    assert_int_equal(later->status, 429);
    assert_in_range(strtol(site_header(portal, later, "Retry-After"), NULL, 10), 2390, 2400); /* until the hour is over */
    assert_int_equal(SITE_POST(portal, STRANGER, "/overlap", form)->status, 303); /* each company has its own measure */
}

int main(void) {
#define TEST(function) cmocka_unit_test_setup(function, begin)
    const struct CMUnitTest tests[] = {
        TEST(keys_of_addresses),
        TEST(a_key_of_a_key_is_itself),
        TEST(more_in_common_is_never_less),
        TEST(hashes_are_those_of_rfc_4231),
        TEST(the_first_one_holds),
        TEST(a_number_that_no_phone_has_is_refused),
        TEST(a_lead_that_is_opened_again_takes_nobody_away),
        TEST(two_at_once_are_put_right),
        TEST(two_clients_stay_two),
        TEST(merged_and_undone_to_the_last_row),
        TEST(what_lay_ahead_ends),
        TEST(the_claim_that_stays_holds),
        TEST(what_was_worked_on_is_not_undone),
        TEST(no_table_is_forgotten),
        TEST(neither_partner_learns_of_the_other),
        TEST(what_one_partner_typed_stays_with_it),
        TEST(staff_find_what_stayed),
        TEST(the_old_address_leads_on),
        TEST(the_history_tells_of_it),
        TEST(the_deal_is_what_stays),
        TEST(a_portion_ends_when_its_time_is_over),
        TEST(longer_protection),
        TEST(more_time_does_not_take_a_client_back),
        TEST(free_or_taken),
    };
    return cmocka_run_group_tests(tests, open_portal, close_portal);
}
