/* Conversations as people have them: through the whole portal, with a database and a file store. */
#include "core/crypto.h"
#include "domain/files/files.h"
#include "tests/http/http_test.h"
#include "tests/support/one_portal.h"
#include <jansson.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define ROW(letters, row) letters "-0000-4000-8000-000000000" row
#define AR(row)           ROW("aaaaaaaa", row)
#define BR(row)           ROW("bbbbbbbb", row)
#define THREAD            "/messages/" AR("501") /* about lead 24: the owner's 511, staff's 512 and the note 513 */
#define CHAT              "/messages/" AR("502")
#define SHARE             "/messages/" AR("503")
#define PNG               "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0"
#define PDF               "%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF"

static PGconn *listener;

static int open_all(void **state) {
    open_portal(state);
    listener = PQconnectdb(getenv("TESSERA_TEST_DATABASE"));
    PQclear(PQexec(listener, "LISTEN live"));
    return PQstatus(listener) != CONNECTION_OK;
}

static int close_all(void **state) {
    PQfinish(listener);
    return close_portal(state);
}

static int begin(void **state) {
    restore(state);
    site_sql(portal, "DELETE FROM push_subscriptions"); /* mails are what is counted here */
    /* what site.sql has in the future was written a minute ago, everybody has read it, and nobody waits to be told */
    site_sql(portal, "UPDATE messages SET created_at = created_at - interval '1 hour 10 minutes';"
                     "UPDATE thread_sides SET last_at = last_at - interval '1 hour 10 minutes';"
                     "UPDATE thread_people SET unread = 0, told = false; DELETE FROM events; DELETE FROM jobs WHERE kind = 'notify.fan_out'");
    return 0;
}

/* ── Sending ── */

static void write_text(enum site_who who, const char *thread, const char *text) {
    const char *path = arena_printf(site_arena(portal), "%s/upload", thread);
    const struct site_answer *answer = SEND_PARTS(who, path, {"text", NULL, text, 0});
    if (answer->status != 303)
        fail_msg("%s: %d %s", path, answer->status, answer->body);
}

static void write_note(enum site_who who, const char *thread, const char *text) {
    const char *path = arena_printf(site_arena(portal), "%s/upload", thread);
    assert_int_equal(SEND_PARTS(who, path, {"text", NULL, text, 0}, {"staff_only", NULL, "true", 0})->status, 303);
}

static const char *page(enum site_who who, const char *path) {
    const struct site_answer *answer = SITE_GET(portal, who, path);
    if (answer->status != 200)
        fail_msg("%s as %s: %d", path, site_who_name(who), answer->status);
    return answer->body;
}

static json_t *json_of(enum site_who who, const char *path) {
    const struct site_answer *answer = SITE_ASK(portal, .who = who, .path = path, .accept = "application/json");
    assert_int_equal(answer->status, 200);
    json_t *json = json_loads(answer->body, 0, NULL);
    assert_non_null(json);
    return json;
}

/* ── Files ── */

static void a_message_carries_its_files(void **state) {
    (void)state;
    struct site_answer *answer = SEND_PARTS(OWNER, THREAD "/upload", {"text", NULL, "Here they are", 0}, {"files", "..\\..\\plan.html", PNG, sizeof PNG - 1},
                                      {"files", "offer.pdf", PDF, 0}, {"files", "", "", 0});
    assert_int_equal(answer->status, 303);
    assert_contains(site_header(portal, answer, "Location"), THREAD "#m-");
    assert_value("plan.html.png image/png 29, offer.pdf application/pdf 32",
                 "SELECT string_agg(concat_ws(' ', f.name, f.type, f.size), ', ' ORDER BY l.position) FROM messages m JOIN message_files l ON l.message_id = m.id"
                 " JOIN files f ON f.id = l.file_id WHERE m.text = 'Here they are'");
    const char *id = site_value(portal, "SELECT id FROM files WHERE name = 'offer.pdf'"), *picture = site_value(portal, "SELECT id FROM files WHERE name = 'plan.html.png'");
    const char *path = arena_printf(site_arena(portal), "/files/%s", id);

    /* the content lies under its hash */
    char sha256[2 * SHA256_SIZE + 1], below[FILE_PATH_SIZE];
    file_hash(PDF, sizeof PDF - 1, sha256);
    file_path(sha256, below);
    struct stat info;
    assert_int_equal(stat(arena_printf(site_arena(portal), "%s/%s", site_config(portal)->files, below), &info), 0);
    assert_int_equal(info.st_size, sizeof PDF - 1);

    static const enum site_who readers[] = {OWNER, SALES, VIEWER, COLLEAGUE, AGENT, SUPPORT, ADMIN}, others[] = {STRANGER, FINANCE};
    for (size_t i = 0; i < COUNT(readers); i++) {
        answer = SITE_GET(portal, readers[i], path);
        assert_int_equal(answer->status, 200);
        assert_string_equal(site_header(portal, answer, "X-Accel-Redirect"), arena_printf(site_arena(portal), "/protected/%s", below));
        assert_string_equal(site_header(portal, answer, "Content-Type"), "application/pdf");
        assert_contains(site_header(portal, answer, "Content-Disposition"), "attachment; filename=\"offer.pdf\"");
        assert_int_equal(answer->size, 0);
    }
    for (size_t i = 0; i < COUNT(others); i++) {
        answer = SITE_GET(portal, others[i], path);
        assert_int_equal(answer->status, 404);
        assert_null(site_header(portal, answer, "X-Accel-Redirect"));
    }
    answer = SITE_GET(portal, OWNER, arena_printf(site_arena(portal), "/files/%s", picture));
    assert_contains(site_header(portal, answer, "Content-Disposition"), "inline; filename=\"plan.html.png\"");
    assert_contains(page(AGENT, THREAD), path);
}

/* What is refused is said beside the field, the text stays, and nothing is kept. */
static void hostile_files_are_refused(void **state) {
    (void)state;
    static char large[(10 << 20) + 1];
    memset(large, 'a', sizeof large);
    static const struct {
        struct part parts[8];
        const char *says;
    } cases[] = {
        {{{"files", "holiday.png", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>1</script></svg>", 0}}, "“holiday.png” is not of a kind"},
        {{{"files", "page.txt", "<!doctype html><script>alert(1)</script>", 0}}, "“page.txt” is not of a kind"},
        {{{"files", "run.pdf", "\x7f" "ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\x3e\0\1\0\0\0", 24}}, "“run.pdf” is not of a kind"},
        {{{"files", "all.docx", "PK\3\4\24\0\0\0\10\0\0\0\0\0\0\0\0\0\4\0\0\0\xff\xff\xff\xff\1\0\0\0a\3\0\0\0", 36}}, "“all.docx” is not of a kind"},
        {{{"files", "nothing.pdf", "", 0}}, "“nothing.pdf” is empty."},
        {{{"files", "<b>.pdf", "", 0}}, "“&lt;b&gt;.pdf” is empty."},
        {{{"files", "{max}.pdf", "", 0}}, "“{max}.pdf” is empty."},
        {{{"files", "large.txt", large, sizeof large}}, "“large.txt” is larger than 10 MB."},
        {{{"files", "1.pdf", PDF, 0}, {"files", "2.pdf", PDF, 0}, {"files", "3.pdf", PDF, 0}, {"files", "4.pdf", PDF, 0}, {"files", "5.pdf", PDF, 0}, {"files", "6.pdf", PDF, 0}},
         "send at most 5 files at once"},
        {{{"files", "fine.pdf", PDF, 0}, {"files", "bad.pdf", "#!/bin/sh\n", 0}}, "“bad.pdf” is not of a kind"},
    };
    const char *before = site_digest(portal);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct part parts[10] = {{"text", NULL, "What I typed <i>", 0}};
        memcpy(parts + 1, cases[i].parts, sizeof cases[i].parts);
        const struct site_answer *answer = send_parts(OWNER, THREAD "/upload", NULL, parts);
        assert_int_equal(answer->status, 422);
        assert_contains(answer->body, cases[i].says);
        assert_contains(answer->body, "id=\"f-files-error\"");
        assert_contains(answer->body, "What I typed &lt;i&gt;</textarea>");
        assert_int_equal(send_parts(OWNER, THREAD "/upload", "application/json", parts)->status, 422);
    }
    assert_string_equal(site_digest(portal), before);
    /* more than the route takes at all */
    site_config(portal)->upload_limit = 1 << 20;
    const struct site_answer *refused = SEND_PARTS(OWNER, THREAD "/upload", {"files", "large.txt", large, sizeof large});
    assert_int_equal(refused->status, 422);
    assert_contains(refused->body, "What was sent is larger than 1 MB");
    assert_contains(refused->body, "id=\"f-files-error\"");
    site_config(portal)->upload_limit = 64 << 20;
    /* a file that was fine has to be chosen again all the same */
    refused = SEND_PARTS(OWNER, THREAD "/upload", {"text", NULL, large, 5001}, {"files", "fine.pdf", PDF, 0});
    assert_int_equal(refused->status, 422);
    assert_contains(refused->body, "Choose the files once more");
    assert_null(strstr(SEND_PARTS(OWNER, THREAD "/upload", {"text", NULL, large, 5001}, {"files", "", "", 0})->body, "Choose the files once more"));
    /* a text under the field's name is no file, and nothing at all is no message */
    assert_int_equal(SEND_PARTS(OWNER, THREAD "/upload", {"files", NULL, "abc", 0})->status, 422);
    assert_contains(SEND_PARTS(OWNER, THREAD "/upload", {"text", NULL, " \n ", 0})->body, "Write something, or choose a file.");
    assert_string_equal(site_digest(portal), before);
    assert_int_equal(SEND_PARTS(OWNER, THREAD "/upload", {"files", "only.pdf", PDF, 0})->status, 303);
}

/* ── What only staff see ── */

static void notes_of_staff_leave_no_mark_at_the_partners(void **state) {
    (void)state;
    static const char *const paths[] = {"/messages", "/messages.json", "/messages.csv", THREAD, THREAD ".json", "/messages?show=unread", "/messages?q=note", "/messages.json?q=note-of-staff",
                                        "/messages.json?q=secret", "/leads/" A("24"), "/leads/" A("23"), "/leads/" A("23") ".json", "/messages/about/lead/" A("23"), "/dashboard"};
    char *before[COUNT(paths)];
    page(OWNER, THREAD); /* nothing is unread */
    for (size_t i = 0; i < COUNT(paths); i++)
        before[i] = strdup(page(OWNER, paths[i]));
    PQconsumeInput(listener);
    for (PGnotify *heard; (heard = PQnotifies(listener)) != NULL; PQconsumeInput(listener))
        PQfreemem(heard);
    write_note(AGENT, THREAD, "A secret about the price");
    write_note(AGENT, "/messages/" AR("504"), "Another secret");
    write_note(AGENT, CHAT, "A secret in the chat");
    struct site_answer *with_file = SEND_PARTS(AGENT, THREAD "/upload", {"staff_only", NULL, "true", 0}, {"files", "secret.pdf", PDF, 0});
    assert_int_equal(with_file->status, 303);
    assert_int_equal(SEND_PARTS(AGENT, "/messages/about/lead/" A("22") "/upload", {"text", NULL, "A secret that begins it", 0}, {"staff_only", NULL, "true", 0})->status, 303);

    for (size_t i = 0; i < COUNT(paths); i++) {
        const char *after = page(OWNER, paths[i]);
        if (strstr(after, "ecret") && !strstr(paths[i], "q="))
            fail_msg("%s shows a note", paths[i]);
        /* but for the id of the request and for times in words, nothing has changed */
        assert_int_equal(strlen(after), strlen(before[i]));
        free(before[i]);
    }
    const char *begun = site_value(portal, "SELECT id FROM threads WHERE lead_id = '" A("22") "'");
    assert_int_equal(SITE_GET(portal, OWNER, arena_printf(site_arena(portal), "/messages/%s", begun))->status, 404);
    assert_int_equal(SITE_GET(portal, OWNER, "/messages/" AR("504"))->status, 404);
    assert_int_equal(SITE_GET(portal, OWNER, "/messages/about/lead/" A("23"))->status, 200);
    const char *file = site_value(portal, "SELECT id FROM files WHERE name = 'secret.pdf'");
    assert_int_equal(SITE_GET(portal, OWNER, arena_printf(site_arena(portal), "/files/%s", file))->status, 404);
    assert_int_equal(SITE_GET(portal, AGENT, arena_printf(site_arena(portal), "/files/%s", file))->status, 200);
    assert_value("0", "SELECT count(*) FROM thread_people p JOIN users u ON u.id = p.user_id WHERE u.partner_id IS NOT NULL AND p.unread > 0");
    assert_value("0", "SELECT count(*) FROM events e, users u WHERE e.type = 'message.new' AND u.id = ANY (e.users) AND u.partner_id IS NOT NULL");
    PQconsumeInput(listener);
    size_t staff = 0;
    for (PGnotify *heard; (heard = PQnotifies(listener));) {
        if (strstr(heard->extra, "partner:") || strstr(heard->extra, "user:" "aaaaaaaa"))
            fail_msg("live: %s", heard->extra);
        staff += strncmp(heard->extra, "staff messages", 14) == 0;
        PQfreemem(heard);
    }
    assert_int_equal(staff, 5);
    assert_contains(page(AGENT, THREAD), "A secret about the price");
    assert_contains(page(SUPPORT, "/messages?q=secret"), "A secret in the chat");

    /* the partner begins the conversation that has only notes so far, and sees its own words alone */
    const struct site_answer *answer = SEND_PARTS(OWNER, "/messages/about/lead/" A("22") "/upload", {"text", NULL, "My first question", 0});
    assert_int_equal(answer->status, 303);
    assert_contains(site_header(portal, answer, "Location"), begun);
    const char *thread = page(OWNER, arena_printf(site_arena(portal), "/messages/%s", begun));
    assert_contains(thread, "My first question");
    assert_lacks(thread, "secret");
    /* a partner cannot write notes */
    assert_int_equal(SEND_PARTS(OWNER, THREAD "/upload", {"text", NULL, "No note of mine", 0}, {"staff_only", NULL, "true", 0})->status, 303);
    assert_value("f", "SELECT staff_only FROM messages WHERE text = 'No note of mine'");
}

/* ── Unread ── */

static long unread_of(enum site_who who, const char *thread) {
    json_t *json = json_of(who, "/messages"), *row;
    long unread = -1;
    size_t i;
    json_array_foreach(json_object_get(json, "thread_list"), i, row) {
        if (strcmp(json_string_value(json_object_get(row, "id")), thread) == 0)
            unread = (long)json_integer_value(json_object_get(row, "unread"));
    }
    json_decref(json);
    return unread;
}

static void reading_is_remembered_for_each(void **state) {
    (void)state;
    page(OWNER, THREAD);
    page(AGENT, THREAD);
    write_text(AGENT, THREAD, "First");
    write_text(AGENT, THREAD, "Second");
    assert_int_equal(unread_of(OWNER, AR("501")), 2);
    assert_int_equal(unread_of(VIEWER, AR("501")), 2);
    assert_int_equal(unread_of(AGENT, AR("501")), 0);
    assert_contains(page(OWNER, "/messages?show=unread"), THREAD "#new");
    /* an older part, or somebody else's look, is no reading of it */
    page(OWNER, THREAD "?before=" AR("512"));
    page(VIEWER, THREAD);
    assert_int_equal(unread_of(VIEWER, AR("501")), 0);
    assert_int_equal(unread_of(OWNER, AR("501")), 2);
    const char *thread = page(OWNER, THREAD);
    const char *mark = strstr(thread, "id=\"new\"");
    assert_non_null(mark);
    assert_non_null(strstr(mark, "First"));
    assert_null(strstr(mark, "On Saturday"));
    assert_int_equal(unread_of(OWNER, AR("501")), 0);
    assert_null(strstr(page(OWNER, THREAD), "id=\"new\""));
    assert_lacks(page(OWNER, "/messages?show=unread"), THREAD);

    write_text(AGENT, THREAD, "Third");
    write_text(AGENT, CHAT, "Fourth");
    char seen[128];
    snprintf(seen, sizeof seen, "until=%s", site_value(portal, "SELECT to_char(max(last_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD%%20HH24:MI:SS.US%%2B00') FROM thread_sides"));
    assert_contains(page(OWNER, "/messages"), "name=\"until\" value=\"20");
    write_text(AGENT, CHAT, "Fifth, while the list stood there");
    assert_int_equal(SITE_POST(portal, OWNER, "/messages/read", seen)->status, 303);
    assert_int_equal(unread_of(OWNER, AR("501")), 0);
    assert_int_equal(unread_of(OWNER, AR("502")), 2);
    assert_string_equal(site_value(portal, "SELECT string_agg(subject_id::text, ' ') FROM notifications WHERE user_id = '" AR("011") "' AND type = 'message.new' AND read_at IS NULL AND subject_id = '" AR("501") "'") ? "left" : "none", "none");
    assert_int_equal(SITE_POST(portal, OWNER, "/messages/read", "until=2100-01-01")->status, 303);
    assert_int_equal(unread_of(OWNER, AR("502")), 0);
    assert_int_equal(unread_of(SALES, AR("501")), 3);
}

/* ── Who is told ── */

static const char *told(const char *thread) {
    const char *names = site_value(portal, "SELECT string_agg(u.email, ' ' ORDER BY u.email) FROM events e, users u WHERE e.type = 'message.new' AND e.subject_id = '%s' AND u.id = ANY (e.users)", thread);
    site_sql(portal, "DELETE FROM events WHERE type = 'message.new'");
    return names ? names : "";
}

static void those_are_told_who_take_part(void **state) {
    (void)state;
    /* nobody of staff has written: all who can answer, and who may see leads. The author's colleagues have it to read, and
     * are not written to about each other */
    assert_int_equal(SEND_PARTS(SALES, "/messages/about/lead/" A("21") "/upload", {"text", NULL, "Anybody there?", 0})->status, 303);
    const char *thread = site_value(portal, "SELECT id FROM threads WHERE lead_id = '" A("21") "'"), *path = arena_printf(site_arena(portal), "/messages/%s", thread);
    assert_string_equal(told(thread), "admin@staff.example agent2@staff.example agent@staff.example support@staff.example");
    assert_value("5", "SELECT count(*) FROM thread_people p JOIN threads t ON t.id = p.thread_id WHERE t.lead_id = '" A("21") "' AND p.unread = 1"
                      " AND p.user_id::text LIKE 'aaaaaaaa%'");
    /* an answer goes to the partner's people, and not to the rest of staff */
    write_text(AGENT, path, "I am");
    assert_string_equal(told(thread), "owner2@alder.example owner@alder.example sales2@alder.example sales@alder.example viewer2@alder.example viewer@alder.example");
    assert_value("2", "SELECT unread FROM thread_people WHERE user_id = '" A("11") "' AND thread_id = (SELECT id FROM threads WHERE lead_id = '" A("21") "')");
    page(AGENT, path);
    page(SUPPORT, path);
    page(OWNER, path);
    /* from now on the agent alone is asked, and notes go to those of staff who take part */
    write_text(SALES, path, "Good");
    assert_string_equal(told(thread), "agent@staff.example");
    write_note(SUPPORT, path, "I look after this while Agnes is away");
    assert_string_equal(told(thread), "");
    page(AGENT, path);
    write_note(SUPPORT, path, "Done");
    assert_string_equal(told(thread), "agent@staff.example");
    /* whoever lost the right to see leads hears nothing of them */
    page(OWNER, path);
    page(SALES, path);
    site_sql(portal, "INSERT INTO user_permissions VALUES ('" A("11") "', 'leads:read', false)");
    write_text(AGENT, path, "More");
    assert_string_equal(told(thread), "sales@alder.example support@staff.example");
    assert_int_equal(SITE_GET(portal, OWNER, path)->status, 303); /* signed out with it */
    /* finance takes part in chats only */
    write_text(SALES, CHAT, "When are we paid?");
    assert_contains(told(AR("502")), "finance@staff.example");
}

static void a_burst_is_one_reason_to_look(void **state) {
    (void)state;
    site_sql(portal, "DELETE FROM notifications; DELETE FROM events; DELETE FROM jobs; DELETE FROM outbox");
    page(OWNER, THREAD);
    for (int i = 0; i < 5; i++)
        write_text(AGENT, THREAD, "One more thing");
    assert_value("1", "SELECT count(*) FROM events WHERE type = 'message.new' AND '" A("11") "' = ANY (users)");
    assert_value("1", "SELECT count(*) FROM jobs WHERE kind = 'notify.fan_out' AND state = 'ready'");
    site_sql(portal, "SELECT app.event_fan_out(id) FROM events WHERE type = 'message.new'");
    assert_value("1", "SELECT count(*) FROM outbox WHERE user_id = '" A("11") "' AND channel = 'email'");
    assert_value("1", "SELECT count(*) FROM notifications WHERE user_id = '" A("11") "' AND read_at IS NULL");
    assert_value("0", "SELECT count(*) FROM notifications WHERE href LIKE '%flat%' OR data::text LIKE '%thing%'");
    page(OWNER, THREAD);
    assert_value("0", "SELECT count(*) FROM notifications WHERE user_id = '" A("11") "' AND read_at IS NULL");
    write_text(AGENT, THREAD, "After it was read");
    assert_value("2", "SELECT count(*) FROM events WHERE type = 'message.new' AND '" A("11") "' = ANY (users)");
}

/* ── Putting right ── */

static void what_was_changed_leaves_a_trace(void **state) {
    (void)state;
    static const char own[] = THREAD "/" AR("511");
    assert_contains(page(OWNER, THREAD), THREAD "/" AR("511") "/edit");
    assert_lacks(page(SALES, THREAD), "/edit\"");
    assert_contains(page(OWNER, THREAD "/" AR("511") "/edit"), "When can we see the flat?");
    assert_int_equal(SITE_POST(portal, OWNER, arena_printf(site_arena(portal), "%s/edit", own), "text=")->status, 303); /* it has a file */
    assert_int_equal(SITE_POST(portal, OWNER, arena_printf(site_arena(portal), "%s/edit", own), "text=When+then%3F")->status, 303);
    const char *partner = page(SALES, THREAD), *agent = page(AGENT, THREAD), *admin = page(ADMIN, THREAD);
    assert_contains(partner, "When then?");
    assert_contains(partner, "edited");
    assert_lacks(partner, "When can we see");
    assert_lacks(agent, "When can we see");
    assert_contains(admin, "When can we see the flat?");

    assert_int_equal(SITE_POST(portal, OWNER, arena_printf(site_arena(portal), "%s/delete", own), "")->status, 303);
    partner = page(SALES, THREAD);
    assert_contains(partner, "Deleted by Olive Alder");
    assert_lacks(partner, "When then?");
    assert_lacks(partner, AR("551"));
    assert_contains(page(ADMIN, THREAD), "When then?");
    assert_contains(page(ADMIN, THREAD), "/files/" AR("551"));
    assert_lacks(page(AGENT, THREAD), "/files/" AR("551"));
    assert_int_equal(SITE_GET(portal, OWNER, "/files/" AR("551"))->status, 404);
    assert_int_equal(SITE_GET(portal, AGENT, "/files/" AR("551"))->status, 404);
    assert_int_equal(SITE_GET(portal, ADMIN, "/files/" AR("551"))->status, 200);
    assert_contains(page(OWNER, "/messages.json?q=when"), "\"count\":0");
    assert_int_equal(SITE_POST(portal, OWNER, arena_printf(site_arena(portal), "%s/edit", own), "text=Back")->status, 404);
    assert_value("messages.edit messages.edit messages.delete",
                 "SELECT string_agg(action, ' ' ORDER BY at) FROM audit WHERE entity = '" AR("511") "'");
    assert_value("0", "SELECT count(*) FROM audit WHERE details::text LIKE '%When%'");
}

static void after_a_quarter_of_an_hour_it_stays(void **state) {
    (void)state;
    site_sql(portal, "UPDATE messages SET created_at = now() - interval '14 minutes' WHERE id = '" AR("511") "'");
    assert_int_equal(SITE_GET(portal, OWNER, THREAD "/" AR("511") "/edit")->status, 200);
    site_sql(portal, "UPDATE messages SET created_at = now() - interval '15 minutes' WHERE id = '" AR("511") "'");
    const struct site_answer *answer = SITE_GET(portal, OWNER, THREAD "/" AR("511") "/edit");
    assert_int_equal(answer->status, 403);
    assert_contains(answer->body, "fifteen minutes");
    assert_int_equal(SITE_POST(portal, OWNER, THREAD "/" AR("511") "/edit", "text=Late")->status, 403);
    assert_int_equal(SITE_POST(portal, OWNER, THREAD "/" AR("511") "/delete", "")->status, 403);
    assert_lacks(page(OWNER, THREAD), "/edit\"");
    /* a message of one thread is not found under another */
    assert_int_equal(SITE_GET(portal, OWNER, CHAT "/" AR("511") "/edit")->status, 404);
}

/* ── Too much ── */

static void thirty_messages_are_enough_for_five_minutes(void **state) {
    (void)state;
    for (int i = 0; i < 30; i++)
        write_text(OWNER, CHAT, "And");
    const struct site_answer *answer = SEND_PARTS(OWNER, CHAT "/upload", {"text", NULL, "The last straw", 0});
    assert_int_equal(answer->status, 422);
    assert_contains(answer->body, "thirty messages within five minutes");
    assert_contains(answer->body, "The last straw</textarea>");
    answer = send_parts(OWNER, CHAT "/upload", "application/json", (const struct part[]){{"text", NULL, "x", 0}, {NULL, NULL, NULL, 0}});
    assert_int_equal(answer->status, 429);
    assert_contains(answer->body, "thirty messages");
    write_text(SALES, CHAT, "Others go on");
    site_sql(portal, "UPDATE throttle SET started_at = now() - interval '6 minutes' WHERE key LIKE 'messages:%%'");
    write_text(OWNER, CHAT, "Later it works again");
}

/* ── Long threads and searches ── */

static void a_long_thread_is_read_page_by_page(void **state) {
    (void)state;
    site_sql(portal, "INSERT INTO messages (thread_id, partner_id, author_id, by_staff, text, created_at) SELECT '" AR("502") "', '" A("01") "', '" A("11") "', false,"
                     " 'Number ' || n || '.', now() + interval '2 hours' + make_interval(secs => n / 3) FROM generate_series(1, 200) AS n");
    json_t *seen = json_object(), *row;
    const char *next = CHAT;
    size_t pages = 0, i;
    for (; next; pages++) {
        assert_in_range(pages, 0, 20);
        json_t *json = json_of(OWNER, next);
        json_array_foreach(json_object_get(json, "thread_messages"), i, row) {
            const char *id = json_string_value(json_object_get(row, "id"));
            assert_null(json_object_get(seen, id));
            json_object_set_new(seen, id, json_true());
        }
        const char *href = json_string_value(json_object_get(json, "earlier_href"));
        next = href ? arena_strdup(site_arena(portal), href) : NULL;
        json_decref(json);
    }
    assert_int_equal(json_object_size(seen), 201);
    assert_int_equal(pages, 7);
    json_decref(seen);

    /* what was searched for stands on the page that its link opens; from there it goes on to the newest */
    json_t *json = json_of(OWNER, "/messages?q=number+57.");
    json_t *thread = json_array_get(json_object_get(json, "thread_list"), 0);
    const char *found = arena_strdup(site_arena(portal), json_string_value(json_object_get(thread, "found_id")));
    next = arena_printf(site_arena(portal), CHAT "?at=%s", found);
    json_decref(json);
    for (pages = 0; next; pages++) {
        assert_in_range(pages, 0, 20);
        json = json_of(OWNER, next);
        bool there = false;
        json_array_foreach(json_object_get(json, "thread_messages"), i, row)
            there = there || strcmp(json_string_value(json_object_get(row, "id")), found) == 0;
        assert_true(pages > 0 || there);
        const char *href = json_string_value(json_object_get(json, "later_href"));
        next = href ? arena_strdup(site_arena(portal), href) : NULL;
        json_decref(json);
    }
    assert_true(pages > 3);
    /* cursors that name nothing of this thread show nothing, and fail nothing */
    assert_int_equal(SITE_GET(portal, OWNER, CHAT "?before=" NOBODY)->status, 200);
    assert_int_equal(SITE_GET(portal, OWNER, CHAT "?at=" BR("521"))->status, 200);
    assert_int_equal(SITE_GET(portal, OWNER, CHAT "?at='")->status, 200);
}

static void searches_find_words_clients_and_partners(void **state) {
    (void)state;
    static const struct {
        enum site_who who;
        const char *query, *count;
    } cases[] = {
        {OWNER, "SATURDAY", "1"}, {OWNER, "saturday", "1"}, {OWNER, "%25", "0"}, {OWNER, "client+active", "2"}, {OWNER, "zebulon", "0"}, {OWNER, "note-of", "0"}, {OWNER, "documents", "1"},
        {AGENT, "note-of", "4"}, {AGENT, "alder+homes", "4"}, {AGENT, "zebulon+realty", "4"}, {FINANCE, "saturday", "0"}, {FINANCE, "documents", "2"}, {STRANGER, "alder", "0"}, {OWNER, "alder+homes", "0"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *path = arena_printf(site_arena(portal), "/messages.json?q=%s", cases[i].query), *count = arena_printf(site_arena(portal), "\"count\":%s,", cases[i].count);
        const char *body = page(cases[i].who, path);
        if (!strstr(body, count))
            fail_msg("%s as %s: %s", path, site_who_name(cases[i].who), body);
    }
    assert_contains(page(AGENT, "/messages.json?show=waiting"), "\"count\":2,"); /* both chats */
    assert_contains(page(AGENT, "/messages.json?partner=" B("01")), "\"count\":4,");
    assert_contains(page(OWNER, "/messages.json?partner=" B("01")), "\"count\":0,");
    assert_contains(page(OWNER, "/messages.json?kind=share"), "\"count\":1,");
}

/* ── Beginnings and ends ── */

static void a_conversation_begins_once(void **state) {
    (void)state;
    static const char about[] = "/messages/about/lead/" A("25");
    assert_int_equal(SITE_GET(portal, OWNER, about)->status, 200);
    assert_int_equal(SEND_PARTS(OWNER, "/messages/about/lead/" A("25") "/upload", {"text", NULL, "One", 0})->status, 303);
    assert_int_equal(SEND_PARTS(AGENT, "/messages/about/lead/" A("25") "/upload", {"text", NULL, "Two", 0})->status, 303);
    assert_value("1 2", "SELECT concat_ws(' ', count(DISTINCT t.id), count(*)) FROM threads t JOIN messages m ON m.thread_id = t.id WHERE t.lead_id = '" A("25") "'");
    const struct site_answer *answer = SITE_GET(portal, OWNER, about);
    assert_int_equal(answer->status, 303);
    assert_contains(site_header(portal, answer, "Location"), "/messages/");
    /* a refused first message leaves no thread behind */
    assert_int_equal(SEND_PARTS(OWNER, "/messages/about/lead/" A("26") "/upload", {"text", NULL, "", 0})->status, 422);
    assert_value("0", "SELECT count(*) FROM threads WHERE lead_id = '" A("26") "'");
    static const char *const nothing[] = {"/messages/about/lead/" B("21"), "/messages/about/partner/" B("01"), "/messages/about/share/" B("91"), "/messages/about/dispute/" A("21"),
                                          "/messages/about/%27/" A("21"), "/messages/about/lead/" NOBODY, "/messages/about/share/" A("21")};
    for (size_t i = 0; i < COUNT(nothing); i++) {
        assert_int_equal(SITE_GET(portal, OWNER, nothing[i])->status, 404);
        assert_int_equal(SEND_PARTS(OWNER, arena_printf(site_arena(portal), "%s/upload", nothing[i]), {"text", NULL, "x", 0})->status, 404);
    }
    assert_int_equal(SITE_GET(portal, OWNER, "/messages/about/partner/" A("01"))->status, 303);
    assert_int_equal(SITE_GET(portal, AGENT, "/messages/about/partner/" EMPTY_DESK)->status, 200);
    assert_int_equal(SEND_PARTS(AGENT, "/messages/about/partner/" EMPTY_DESK "/upload", {"text", NULL, "Welcome", 0})->status, 303);
}

/* What a client no longer shares is gone with the share: messages, files, marks. */
static void staff_are_told_when_nobody_hears_them(void **state) {
    (void)state;
    assert_lacks(page(AGENT, CHAT), "Nobody of this partner can sign in");
    site_sql(portal, "UPDATE partners SET status = 'inactive' WHERE id = '" AR("001") "'");
    assert_contains(page(AGENT, CHAT), "Nobody of this partner can sign in");
}

static void a_revoked_share_takes_its_conversation_along(void **state) {
    (void)state;
    page(OWNER, SHARE);
    assert_int_equal(SEND_PARTS(AGENT, SHARE "/upload", {"text", NULL, "Her number", 0}, {"files", "card.png", PNG, sizeof PNG - 1})->status, 303);
    const char *file = arena_printf(site_arena(portal), "/files/%s", site_value(portal, "SELECT id FROM files WHERE name = 'card.png'"));
    assert_int_equal(SITE_GET(portal, OWNER, file)->status, 200);
    assert_int_equal(unread_of(OWNER, AR("503")), 1);
    static const char *const ended[] = {"revoked", "rejected", "expired"};
    for (size_t i = 0; i < COUNT(ended); i++) {
        site_sql(portal, "UPDATE lead_shares SET status = '%s' WHERE id = '" A("91") "'", ended[i]);
        assert_int_equal(SITE_GET(portal, OWNER, SHARE)->status, 404);
        assert_int_equal(SITE_GET(portal, OWNER, file)->status, 404);
        assert_int_equal(unread_of(OWNER, AR("503")), -1);
        assert_contains(page(OWNER, "/messages.json?q=her+number"), "\"count\":0,");
        assert_int_equal(SEND_PARTS(OWNER, SHARE "/upload", {"text", NULL, "x", 0})->status, 404);
        assert_int_equal(SEND_PARTS(OWNER, "/messages/about/share/" A("91") "/upload", {"text", NULL, "x", 0})->status, 404);
        assert_int_equal(SITE_GET(portal, AGENT, SHARE)->status, 200);
    }
    site_sql(portal, "DELETE FROM events WHERE type = 'message.new'");
    write_text(AGENT, SHARE, "Only for colleagues now");
    assert_value("0", "SELECT count(*) FROM events e, users u WHERE e.type = 'message.new' AND u.id = ANY (e.users) AND u.partner_id IS NOT NULL");
}

static void links_are_safe_and_text_is_text(void **state) {
    (void)state;
    write_text(OWNER, THREAD, "See https://plans.example/a?b=1&c='x' <script>alert(1)</script>\n\njavascript:alert(1) http://bank.example@evil.example/");
    const char *body = page(AGENT, THREAD);
    assert_contains(body, "<a class=\"link\" href=\"https://plans.example/a?b=1&amp;c=&#39;x\" target=\"_blank\" rel=\"noopener nofollow\">");
    assert_contains(body, "&lt;script&gt;alert(1)&lt;/script&gt;</p><p>javascript:alert(1) http://bank.example@evil.example/</p>");
    assert_lacks(body, "<script>alert");
    assert_contains(page(AGENT, "/leads/" A("24")), "https://plans.example/");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_message_carries_its_files, begin),
        cmocka_unit_test_setup(hostile_files_are_refused, begin),
        cmocka_unit_test_setup(notes_of_staff_leave_no_mark_at_the_partners, begin),
        cmocka_unit_test_setup(reading_is_remembered_for_each, begin),
        cmocka_unit_test_setup(those_are_told_who_take_part, begin),
        cmocka_unit_test_setup(a_burst_is_one_reason_to_look, begin),
        cmocka_unit_test_setup(what_was_changed_leaves_a_trace, begin),
        cmocka_unit_test_setup(after_a_quarter_of_an_hour_it_stays, begin),
        cmocka_unit_test_setup(thirty_messages_are_enough_for_five_minutes, begin),
        cmocka_unit_test_setup(a_long_thread_is_read_page_by_page, begin),
        cmocka_unit_test_setup(searches_find_words_clients_and_partners, begin),
        cmocka_unit_test_setup(a_conversation_begins_once, begin),
        cmocka_unit_test_setup(staff_are_told_when_nobody_hears_them, begin),
        cmocka_unit_test_setup(a_revoked_share_takes_its_conversation_along, begin),
        cmocka_unit_test_setup(links_are_safe_and_text_is_text, begin),
    };
    return cmocka_run_group_tests_name("messages: pages", tests, open_all, close_all);
}
