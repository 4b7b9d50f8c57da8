/* What people write down about a lead, and business cards: through the whole portal, with a database and a file store. */
#include "core/crypto.h"
#include "domain/files/files.h"
#include "tests/http/http_test.h"
#include "tests/support/one_portal.h"
#include "tests/support/workday.h"
#include <jansson.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#define AR(row) "aaaaaaaa-0000-4000-8000-000000000" row
#define BR(row) "bbbbbbbb-0000-4000-8000-000000000" row
#define LEAD    "/leads/" A("24") /* the owner's note 561 with a picture, staff's call 562, staff's own note 563 with a recording */
#define UPLOAD  LEAD "/activities/upload"
#define PNG     "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0"
#define HUGE    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xFF\xFF\0\0\xFF\xFF\10\2\0\0\0"
#define OGG     "OggS\0\2\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\1\23OpusHead\1\1\0\0\x80\xBB\0\0\0\0\0"

static PGconn *listener;

static int open_all(void **state) {
    open_portal_and_day(state);
    listener = PQconnectdb(getenv("TESSERA_TEST_DATABASE"));
    PQclear(PQexec(listener, "LISTEN live"));
    return PQstatus(listener) != CONNECTION_OK;
}

static int close_all(void **state) {
    PQfinish(listener);
    return close_portal_and_day(state);
}

static int begin(void **state) {
    restore_and_clean(state);
    /* what site.sql has in the future was written a minute ago */
    site_sql(portal, "UPDATE messages SET created_at = created_at - interval '1 hour 10 minutes';"
                     "SET session_replication_role = replica; UPDATE activities SET created_at = now() - interval '1 minute'; RESET session_replication_role");
    return 0;
}

/* ── Asking ── */

static struct site_answer *write_down(enum site_who who, const char *form, int status) {
    struct site_answer *answer = SITE_POST(portal, who, UPLOAD, form);
    if (answer->status != status)
        fail_msg("%s: %d and not %d\n%.3000s", form, answer->status, status, answer->body);
    return answer;
}

static const char *page(enum site_who who, const char *path) {
    const struct site_answer *answer = SITE_GET(portal, who, path);
    if (answer->status != 200)
        fail_msg("%s as %s: %d", path, site_who_name(who), answer->status);
    return answer->body;
}

static const char *as_json(enum site_who who, const char *path) {
    const struct site_answer *answer = SITE_ASK(portal, .who = who, .path = path, .accept = "application/json");
    assert_int_equal(answer->status, 200);
    return answer->body;
}

/* What open pages were told since this was asked last: "scope topic id" lines. */
static const char *told_live(void) {
    struct buf lines;
    buf_init(&lines, 64 * 1024);
    PQconsumeInput(listener);
    for (PGnotify *heard; (heard = PQnotifies(listener)) != NULL; PQconsumeInput(listener)) {
        buf_printf(&lines, "%s\n", heard->extra);
        PQfreemem(heard);
    }
    const char *text = arena_strdup(site_arena(portal), buf_text(&lines));
    buf_free(&lines);
    return text;
}

/* ── What staff keep to themselves ── */

/* Headers, but for those of the request itself. */
static const char *lasting(const struct site_answer *answer) {
    const char *cut = strstr(answer->headers, "X-Request-Id");
    return cut ? arena_strndup(site_arena(portal), answer->headers, (size_t)(cut - answer->headers)) : answer->headers;
}

static void an_internal_note_leaves_no_mark(void **state) {
    (void)state;
    static const char *const places[] = {LEAD, "/leads", "/dashboard", "/messages", "/notifications", "/appointments", LEAD "?show=notes", LEAD "?show=files"};
    enum { PLACES = sizeof places / sizeof *places };
    const char *before[PLACES], *headers[PLACES];
    for (size_t i = 0; i < PLACES; i++) {
        const struct site_answer *answer = SITE_ASK(portal, .who = OWNER, .path = places[i], .accept = "application/json");
        before[i] = answer->body;
        headers[i] = lasting(answer);
    }
    (void)told_live();
    assert_int_equal(SEND_PARTS(AGENT, UPLOAD, {"kind", NULL, "call", 0}, {"call_outcome", NULL, "reached", 0}, {"text", NULL, "SECRET-OF-STAFF", 0},
                          {"seen_by", NULL, "internal", 0}, {"place", NULL, "SECRET-OF-STAFF", 0}, {"attachments", "SECRET-OF-STAFF.png", PNG, sizeof PNG - 1})
                         ->status, 303);
    assert_lacks(told_live(), "partner:");
    const char *id = site_value(portal, "SELECT id FROM activities WHERE text = 'SECRET-OF-STAFF'");
    const char *file = site_value(portal, "SELECT id FROM files WHERE name = 'SECRET-OF-STAFF.png'");
    assert_int_equal(SITE_POST(portal, AGENT, arena_printf(site_arena(portal), LEAD "/activities/%s/edit", id), "text=SECRET-OF-STAFF+2")->status, 303);
    assert_lacks(told_live(), "partner:");
    workday_work_all();
    for (size_t i = 0; i < PLACES; i++) {
        const struct site_answer *answer = SITE_ASK(portal, .who = OWNER, .path = places[i], .accept = "application/json");
        assert_string_equal(answer->body, before[i]);
        assert_string_equal(lasting(answer), headers[i]);
        assert_lacks(page(OWNER, places[i]), "OF-STAFF");
    }
    assert_int_equal(SITE_GET(portal, OWNER, arena_printf(site_arena(portal), "/files/%s", file))->status, 404);
    assert_int_equal(SITE_GET(portal, OWNER, arena_printf(site_arena(portal), LEAD "?entry=%s", id))->status, 200);
    assert_value("0", "SELECT count(*) FROM events WHERE type LIKE 'activity.%'");
    assert_value("0", "SELECT count(*) FROM audit WHERE action = 'activities.edit' AND partner_id IS NOT NULL");
    /* and it is there for staff, marked as what it is */
    assert_contains(page(AGENT, LEAD), "SECRET-OF-STAFF 2");
    assert_contains(page(SUPPORT, LEAD), "Staff only");
    assert_int_equal(SITE_GET(portal, SUPPORT, arena_printf(site_arena(portal), "/files/%s", file))->status, 200);
}

static void staff_share_only_what_they_say(void **state) {
    (void)state;
    write_down(AGENT, "kind=note&text=Said+nothing+of+readers", 303);
    write_down(AGENT, "kind=note&text=For+both&seen_by=shared", 303);
    write_down(OWNER, "kind=note&text=Of+the+partner&seen_by=internal", 303); /* a partner keeps nothing from staff here */
    assert_value("Said nothing of readers t t, For both f t, Of the partner f f",
                 "SELECT string_agg(concat_ws(' ', text, internal, by_staff), ', ' ORDER BY created_at) FROM activities WHERE created_at > now() - interval '30 seconds'");
    assert_lacks(page(OWNER, LEAD), "Said nothing of readers");
    assert_contains(page(OWNER, LEAD), "For both");
    assert_lacks(page(OWNER, LEAD), "Agnes"); /* staff's names are not the partner's to know */
    assert_contains(page(AGENT, LEAD), "Of the partner");
}

static void who_hears_of_it(void **state) {
    (void)state;
    write_down(AGENT, "kind=call&call_outcome=reached&text=Hello&seen_by=shared", 303);
    assert_contains(told_live(), "partner:" A("01") " activities " A("24"));
    workday_work_all();
    assert_int_equal(workday_told(A("13"), "activity.shared"), 1); /* brought the lead */
    assert_int_equal(workday_told(A("11"), "activity.shared"), 1); /* wrote before */
    assert_int_equal(workday_told(A("15"), "activity.shared"), 0);
    assert_int_equal(workday_told(B("13"), "activity.shared"), 0);
    assert_int_equal(workday_told(C("11"), "activity.shared"), 0);
    assert_value("", "SELECT coalesce(string_agg(e.data::text, ''), '') FROM events e WHERE e.data::text LIKE '%Hello%'");
    const char *bell = page(SALES, "/notifications");
    assert_contains(bell, "wrote something down about Alder client active");
    /* a second one is no news while the first has not been read */
    write_down(AGENT, "kind=note&text=And+more&seen_by=shared", 303);
    workday_work_all();
    assert_int_equal(workday_told(A("13"), "activity.shared"), 1);
    /* the partner's own reaches the staff who work on the lead, by their choice of channels */
    write_down(OWNER, "kind=note&text=From+us", 303);
    workday_work_all();
    assert_int_equal(workday_told(C("11"), "activity.partner"), 1);
    assert_int_equal(workday_told(C("14"), "activity.partner"), 0);
    assert_int_equal(workday_told(A("13"), "activity.partner"), 0);
}

/* ── Entries ── */

static void what_is_kept(void **state) {
    (void)state;
    write_down(SALES, "kind=call&direction=in&call_outcome=interested&meeting_outcome=no_show&minutes=12&text=Yes&place=Caf%C3%A9&latitude=25.0805&longitude=55.1403000001", 303);
    assert_value("call in interested 12 Yes Café 25.08050 55.14030 f",
                 "SELECT concat_ws(' ', kind, direction, outcome, minutes, text, place, latitude, longitude, CASE WHEN by_staff THEN 't' ELSE 'f' END) FROM activities WHERE text = 'Yes'");
    /* what belongs to another kind is left out, not refused */
    write_down(SALES, "kind=note&direction=in&call_outcome=interested&minutes=12&text=No", 303);
    assert_value("1", "SELECT count(*) FROM activities WHERE text = 'No' AND direction IS NULL AND outcome IS NULL AND minutes IS NULL");
    write_down(SALES, "kind=call&call_outcome=no_answer", 303);
    struct site_answer *answer = write_down(SALES, "kind=mail&text=Old&date=2026-01-02&time=10%3A00", 303);
    assert_contains(site_header(portal, answer, "Location"), LEAD "?entry=");
    /* and what is to be done next, in the same breath: a reminder of their own */
    write_down(SALES, "kind=note&text=Call+again&remind=three_days", 303);
    assert_value("t", "SELECT user_id = '" A("13") "' AND partner_id = '" A("01") "' AND created_by = user_id AND due_at BETWEEN now() + interval '2 days' AND now() + interval '4 days'"
                      " FROM reminders WHERE lead_id = '" A("24") "' AND done_at IS NULL");
    write_down(AGENT, "kind=note&text=Call+too&remind=tomorrow", 303);
    assert_value("1", "SELECT count(*) FROM reminders WHERE lead_id = '" A("24") "' AND partner_id IS NULL AND user_id = '" C("11") "'");
    const char *body = page(SALES, LEAD);
    assert_contains(body, "The client called");
    assert_contains(body, "12 min");
    assert_contains(body, "https://www.openstreetmap.org/?mlat=25.08050&amp;mlon=55.14030#map=17/25.08050/55.14030");
}

static void what_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *form, *field;
    } wrong[] = {
        {"kind=note", "text"},
        {"kind=note&text=+++", "text"},
        {"kind=visit&text=x", "kind"},
        {"text=x", "kind"},
        {"kind=call&call_outcome=took_place", "call_outcome"},
        {"kind=call&minutes=0&text=x", "minutes"},
        {"kind=call&minutes=1441&text=x", "minutes"},
        {"kind=note&text=x&date=2198-01-01", "date"},
        {"kind=note&text=x&date=1999-01-01", "date"},
        {"kind=note&text=x&latitude=91&longitude=0", "place"},
        {"kind=note&text=x&latitude=91", "place"},
        {"kind=note&text=x&latitude=%27%3BDROP&longitude=0", "place"},
        {"kind=note&text=x&seen_by=nobody", "seen_by"},
        {"kind=note&text=x&remind=never", "remind"},
    };
    const char *before = site_digest(portal);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *body = write_down(AGENT, wrong[i].form, 422)->body;
        if (!strstr(body, arena_printf(site_arena(portal), "id=\"f-%s-error\"", wrong[i].field)))
            fail_msg("%s: no error beside %s", wrong[i].form, wrong[i].field);
    }
    assert_contains(write_down(AGENT, "kind=mail&text=Kept&date=2198-01-01&seen_by=shared", 422)->body, ">Kept</textarea>");
    char *longest = malloc(5100);
    memset(longest, 'a', 5099);
    memcpy(longest, "kind=note&text=", 15);
    longest[5016] = '\0';
    write_down(OWNER, longest, 422);
    free(longest);
    assert_string_equal(before, site_digest(portal));
    for (int i = 0; i < 60; i++)
        write_down(COLLEAGUE, "kind=note&text=Again", 303);
    assert_contains(write_down(COLLEAGUE, "kind=note&text=Once+more", 422)->body, "Wait a moment");
}

static void one_puts_right_ones_own_for_a_while(void **state) {
    (void)state;
#define OWN LEAD "/activities/" AR("561")
    assert_contains(page(OWNER, LEAD), OWN "/edit");
    assert_lacks(page(COLLEAGUE, LEAD), OWN "/edit");
    assert_int_equal(SITE_POST(portal, OWNER, OWN "/edit", "text=Put+right&place=Lake")->status, 303);
    assert_value("Put right Lake t", "SELECT concat_ws(' ', text, place, CASE WHEN edited_at IS NOT NULL THEN 't' END) FROM activities WHERE id = '" AR("561") "'");
    assert_contains(page(AGENT, LEAD), "edited");
    assert_lacks(page(AGENT, LEAD), "They like the lake");
    assert_contains(page(ADMIN, LEAD), "They like the lake"); /* the trace, for whoever reads the audit */
    assert_lacks(as_json(COLLEAGUE, LEAD), "They like the lake");
    /* not another's, not on another lead's page, not after a quarter of an hour */
    assert_int_equal(SITE_POST(portal, COLLEAGUE, OWN "/edit", "text=x")->status, 404);
    assert_int_equal(SITE_POST(portal, OWNER, "/leads/" A("21") "/activities/" AR("561") "/edit", "text=x")->status, 404);
    site_sql(portal, "SET session_replication_role = replica; UPDATE activities SET created_at = now() - interval '16 minutes' WHERE id = '" AR("561") "'; RESET session_replication_role");
    assert_int_equal(SITE_POST(portal, OWNER, OWN "/edit", "text=x")->status, 403);
    assert_int_equal(SITE_POST(portal, OWNER, OWN "/delete", "")->status, 403);
    assert_lacks(page(OWNER, LEAD), OWN "/edit");
}

static void what_is_deleted_leaves_a_trace(void **state) {
    (void)state;
    assert_int_equal(SITE_GET(portal, OWNER, "/files/" AR("553"))->status, 200);
    assert_int_equal(SITE_POST(portal, OWNER, OWN "/delete", "")->status, 303);
    const char *body = page(COLLEAGUE, LEAD);
    assert_contains(body, "Deleted by Olive Alder");
    assert_lacks(body, "They like the lake");
    assert_lacks(body, "Lake of");
    assert_lacks(as_json(COLLEAGUE, LEAD), "lake-Alder.png");
    assert_int_equal(SITE_GET(portal, COLLEAGUE, "/files/" AR("553"))->status, 404);
    assert_int_equal(SITE_GET(portal, AGENT, "/files/" AR("553"))->status, 404);
    assert_int_equal(SITE_GET(portal, ADMIN, "/files/" AR("553"))->status, 200);
    assert_contains(page(ADMIN, LEAD), "They like the lake");
    assert_int_equal(SITE_POST(portal, OWNER, OWN "/edit", "text=Back")->status, 404);
#undef OWN
}

/* ── Files ── */

static void entries_carry_files(void **state) {
    (void)state;
    assert_int_equal(SEND_PARTS(OWNER, UPLOAD, {"kind", NULL, "note", 0}, {"attachments", "..\\..\\house.html", PNG, sizeof PNG - 1}, {"voice", "memo.exe", OGG, sizeof OGG - 1})->status, 303);
    assert_value("house.html.png image/png 1, memo.exe.ogg audio/ogg 2",
                 "SELECT string_agg(concat_ws(' ', f.name, f.type, l.position), ', ' ORDER BY l.position) FROM activities a JOIN activity_files l ON l.activity_id = a.id"
                 " JOIN files f ON f.id = l.file_id WHERE a.text = '' AND a.kind = 'note'");
    const char *memo = site_value(portal, "SELECT id FROM files WHERE name = 'memo.exe.ogg'");
    const char *path = arena_printf(site_arena(portal), "/files/%s", memo);
    const struct site_answer *answer = SITE_GET(portal, COLLEAGUE, path);
    assert_contains(site_header(portal, answer, "X-Accel-Redirect"), "/protected/store/");
    assert_contains(site_header(portal, answer, "Content-Disposition"), "attachment");
    assert_contains(page(COLLEAGUE, LEAD), arena_printf(site_arena(portal), "<audio controls preload=\"none\" src=\"%s\"", path));
    assert_int_equal(SITE_GET(portal, STRANGER, path)->status, 404);
    assert_int_equal(SITE_GET(portal, FINANCE, path)->status, 404);
    assert_int_equal(SITE_GET(portal, VISITOR, path)->status, 303);
    /* wrong ones: by their content, by their number */
    assert_int_equal(SEND_PARTS(OWNER, UPLOAD, {"kind", NULL, "note", 0}, {"attachments", "x.png", "<html><script>1</script>", 0})->status, 422);
    assert_int_equal(SEND_PARTS(OWNER, UPLOAD, {"kind", NULL, "note", 0}, {"voice", "x.webm", PNG, sizeof PNG - 1})->status, 422);
    assert_int_equal(SEND_PARTS(OWNER, UPLOAD, {"kind", NULL, "note", 0}, {"voice", "a.ogg", OGG, sizeof OGG - 1}, {"voice", "b.ogg", OGG, sizeof OGG - 1})->status, 422);
    site_sql(portal, "SET session_replication_role = replica;"
                     "INSERT INTO activities (id, lead_id, partner_id, by_staff, kind, text) SELECT md5(n::text)::uuid, '" A("24") "', '" A("01") "', false, 'note', 'many' FROM generate_series(1, 300) AS n;"
                     "INSERT INTO activity_files SELECT md5(n::text)::uuid, '" AR("553") "', 1 FROM generate_series(1, 300) AS n; RESET session_replication_role");
    assert_int_equal(SEND_PARTS(OWNER, UPLOAD, {"kind", NULL, "note", 0}, {"attachments", "x.png", PNG, sizeof PNG - 1})->status, 422);
}

/* ── The time line ── */

static size_t number(const char *text) {
    return (size_t)strtoul(text ? text : "", NULL, 10);
}

/* All ids of a time line, following its pages; how many pages. */
static int walk(enum site_who who, const char *first, json_t *seen) {
    const char *next = first;
    int pages = 0;
    char last[64] = "9999";
    for (; next != NULL; pages++) {
        assert_true(pages < 20);
        json_t *json = json_loads(as_json(who, next), 0, NULL), *row;
        size_t i;
        json_array_foreach(json_object_get(json, "lead_timeline"), i, row) {
            const char *id = json_string_value(json_object_get(row, "id")), *at = json_string_value(json_object_get(row, "at"));
            assert_null(json_object_get(seen, id));
            assert_true(strcmp(at, last) <= 0);
            snprintf(last, sizeof last, "%s", at);
            json_object_set_new(seen, id, json_true());
        }
        const char *older = json_string_value(json_object_get(json, "older_href"));
        next = older ? arena_strndup(site_arena(portal), older, strcspn(older, "#")) : NULL;
        json_decref(json);
    }
    return pages;
}

static void the_time_line_holds_everything_once(void **state) {
    (void)state;
    /* many at the very same moment, across a page's end */
    site_sql(portal, "SET session_replication_role = replica;"
                     "INSERT INTO activities (id, lead_id, partner_id, by_staff, kind, text, at) SELECT gen_random_uuid(), '" A("24") "', '" A("01") "', false, 'note', 'n' || n,"
                     " now() - make_interval(hours => n / 20) FROM generate_series(1, 70) AS n;"
                     "INSERT INTO lead_history (lead_id, partner_id, at, kind, fields) SELECT '" A("24") "', '" A("01") "', now() - make_interval(hours => n / 20), 'edited', '{bedrooms}' FROM generate_series(1, 30) AS n;"
                     "RESET session_replication_role");
    json_t *seen = json_object();
    assert_int_equal(walk(OWNER, LEAD, seen), 5);
    size_t all = json_object_size(seen);
    assert_int_equal(all, number(site_value(portal,
        "SELECT (SELECT count(*) FROM activities WHERE lead_id = '" A("24") "' AND NOT internal) + (SELECT count(*) FROM lead_history WHERE lead_id = '" A("24") "')"
        " + (SELECT count(*) FROM messages m JOIN threads t ON t.id = m.thread_id WHERE t.kind = 'lead' AND t.lead_id = '" A("24") "' AND NOT m.staff_only)"
        " + (SELECT count(*) FROM appointments WHERE lead_id = '" A("24") "' AND starts_at <= now())")));
    json_decref(seen);
    seen = json_object();
    (void)walk(AGENT, LEAD, seen); /* with the share's conversation, the note of staff, and what is internal */
    assert_int_equal(json_object_size(seen), all + 3);
    json_decref(seen);
    seen = json_object();
    (void)walk(OWNER, LEAD "?show=changes", seen);
    assert_int_equal(json_object_size(seen), number(site_value(portal, "SELECT count(*) FROM lead_history WHERE lead_id = '" A("24") "'")));
    json_decref(seen);
}

static void it_is_narrowed(void **state) {
    (void)state;
    static const struct {
        const char *show, *has, *lacks;
    } shows[] = {
        {"notes", "They like the lake", "Asked about the lake"}, {"calls", "Asked about the lake", "They like the lake"},
        {"messages", "When can we see the flat", "They like the lake"}, {"files", "plan-Alder.png", "Asked about the lake"},
        {"meetings", "Meeting at Alder", "They like the lake"}, {"changes", "Lead created", "They like the lake"},
    };
    for (size_t i = 0; i < sizeof shows / sizeof *shows; i++) {
        json_t *json = json_loads(as_json(OWNER, arena_printf(site_arena(portal), LEAD "?show=%s", shows[i].show)), 0, NULL);
        char *line = json_dumps(json_object_get(json, "lead_timeline"), 0);
        if (!strstr(line, shows[i].has) || strstr(line, shows[i].lacks))
            fail_msg("show=%s: %s", shows[i].show, line);
        free(line);
        json_decref(json);
    }
    static const char *const odd[] = {"?show=everything", "?before=", "?before=1", "?before=99999999999999999.z", "?before=99999999999999999.1", "?before=0.0", "?before=%27.1",
                                      "?entry=x", "?entry=" BR("561"), "?entry=" AR("563"), "?show=notes&before=1795593600000000.1"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        const struct site_answer *answer = SITE_GET(portal, OWNER, arena_printf(site_arena(portal), LEAD "%s", odd[i]));
        assert_int_equal(answer->status, 200);
        assert_lacks(answer->body, "Zebulon");
    }
}

/* ── Business cards ── */

static void a_card_is_its_takers(void **state) {
    (void)state;
    struct site_answer *answer = SEND_PARTS(OWNER, "/leads/cards/upload", {"photo", "card.png", PNG, sizeof PNG - 1});
    assert_int_equal(answer->status, 303);
    const char *path = arena_strdup(site_arena(portal), site_header(portal, answer, "Location"));
    assert_contains(path, "/leads/cards/");
    assert_contains(page(OWNER, path), "Reading the card");
    const char *file = arena_printf(site_arena(portal), "/files/%s", site_value(portal, "SELECT file_id FROM cards WHERE id = '%s'", path + strlen("/leads/cards/")));
    assert_int_equal(SITE_GET(portal, OWNER, file)->status, 200);
    assert_int_equal(SITE_GET(portal, COLLEAGUE, path)->status, 404);
    assert_int_equal(SITE_GET(portal, COLLEAGUE, file)->status, 404);
    assert_int_equal(SITE_GET(portal, ADMIN, path)->status, 404);
    assert_int_equal(SEND_PARTS(OWNER, "/leads/cards/upload", {"photo", "huge.png", HUGE, sizeof HUGE - 1})->status, 422);
    assert_contains(SEND_PARTS(OWNER, "/leads/cards/upload", {"photo", "card.pdf", "%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF", 0})->body, "is not a picture");
    assert_int_equal(SEND_PARTS(OWNER, "/leads/cards/upload", {"photo", "", "", 0})->status, 422);

    /* one pixel says nothing, or there is no tesseract here: an empty form, a sentence, and the picture */
    workday_work_all();
    const char *body = page(OWNER, arena_printf(site_arena(portal), "/leads/new?card=%s", path + strlen("/leads/cards/")));
    assert_contains(body, "The card could not be read");
    assert_contains(body, file);
    assert_int_equal(SITE_GET(portal, OWNER, path)->status, 303);
    /* another's card fills nobody's form */
    assert_lacks(page(OWNER, "/leads/new?card=" BR("571")), "/files/");
    assert_int_equal(SITE_GET(portal, OWNER, "/leads/new?card=nonsense")->status, 200);
}

static void a_card_becomes_a_lead(void **state) {
    (void)state;
    site_sql(portal, "UPDATE cards SET state = 'read', fields = '{\"name\": \"Rana Card\", \"email\": \"rana@card.example\", \"phone\": \"+971 50 1\", \"company\": \"Card & Sons\"}'"
                     " WHERE id = '" AR("571") "'");
    const char *body = page(OWNER, "/leads/new?card=" AR("571"));
    assert_contains(body, "value=\"Rana Card\"");
    assert_contains(body, "value=\"rana@card.example\"");
    assert_contains(body, "Card &amp; Sons");
#define FORM "client_name=Rana+Card&client_email=rana%40card.example&description=A+flat&consent=true&card_id="
    assert_int_equal(SITE_POST(portal, COLLEAGUE, "/leads", FORM AR("571"))->status, 303); /* not theirs: a lead without it */
    assert_value("0", "SELECT count(*) FROM activity_files WHERE file_id = '" AR("555") "'");
    assert_contains(SITE_POST(portal, OWNER, "/leads", "client_name=&description=A+flat&card_id=" AR("571"))->body, "/files/" AR("555"));
    assert_int_equal(SITE_POST(portal, OWNER, "/leads", FORM AR("571"))->status, 303);
    assert_value("used Rana Card", "SELECT concat_ws(' ', c.state, l.client_name) FROM cards c JOIN leads l ON l.id = c.lead_id WHERE c.id = '" AR("571") "'");
    assert_int_equal(SITE_GET(portal, COLLEAGUE, "/files/" AR("555"))->status, 200); /* with the lead it is everybody's there */
    assert_value("0", "SELECT count(*) FROM events WHERE type LIKE 'activity.%'");      /* the lead itself is the news */
    /* a day later nothing is left of the others */
    site_sql(portal, "UPDATE cards SET created_at = now() - interval '25 hours'; SELECT app.cards_housekeeping()");
    assert_value("1", "SELECT count(*) FROM cards");
    assert_value("0", "SELECT count(*) FROM files WHERE id = '" BR("555") "'");
#undef FORM
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_internal_note_leaves_no_mark, begin),
        cmocka_unit_test_setup(staff_share_only_what_they_say, begin),
        cmocka_unit_test_setup(who_hears_of_it, begin),
        cmocka_unit_test_setup(what_is_kept, begin),
        cmocka_unit_test_setup(what_is_refused, begin),
        cmocka_unit_test_setup(one_puts_right_ones_own_for_a_while, begin),
        cmocka_unit_test_setup(what_is_deleted_leaves_a_trace, begin),
        cmocka_unit_test_setup(entries_carry_files, begin),
        cmocka_unit_test_setup(the_time_line_holds_everything_once, begin),
        cmocka_unit_test_setup(it_is_narrowed, begin),
        cmocka_unit_test_setup(a_card_is_its_takers, begin),
        cmocka_unit_test_setup(a_card_becomes_a_lead, begin),
    };
    return cmocka_run_group_tests_name("activities", tests, open_all, close_all);
}
