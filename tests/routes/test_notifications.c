/*
 * The list behind the bell, what each notification says to whom, what reading changes, and one's own settings.
 */
#include "core/text.h"
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include "view/labels.h"
#include <stdio.h>
#include <stdlib.h>

static const char *json_of(enum site_who who, const char *path) {
    struct site_answer *answer = SITE_ASK(portal, .who = who, .path = path, .accept = "application/json");
    assert_int_equal(answer->status, 200);
    return answer->body;
}

static const char *page_of(enum site_who who, const char *path) {
    struct site_answer *answer = SITE_GET(portal, who, path);
    assert_int_equal(answer->status, 200);
    return answer->body;
}

/* The value at a path of PostgreSQL's kind in a JSON text: "{notification_list,0,text}". */
static const char *value_at(const char *json, const char *path) {
    return site_value(portal, "SELECT $json$%s$json$::jsonb #>> '%s'", json, path);
}

static long number(const char *text) {
    return strtol(text, NULL, 10);
}

static void tell(enum site_who who, const char *type, const char *lead, const char *actor, const char *data) {
    site_sql(portal,
             "INSERT INTO notifications (user_id, type, lead_id, partner_id, actor_id, by_staff, href, data) VALUES ('%s', '%s', nullif('%s', '')::uuid,"
             " '" A("01") "', nullif('%s', '')::uuid, coalesce((SELECT partner_id IS NULL FROM users WHERE id = nullif('%s', '')::uuid), false), '/leads', '%s')",
             site_who_id(who), type, lead, actor, actor, data);
}

/* ── What they say ── */

static void each_says_one_plain_sentence(void **state) {
    (void)state;
    static const struct {
        enum site_who reader;
        const char *type, *lead, *actor, *data, *text;
    } said[] = {
        {OWNER, "lead.stage", A("23"), A("13"), "{\"to\": \"qualified\"}", "Sam Alder moved Alder client qualified to Qualified"},
        {OWNER, "lead.stage", A("23"), C("11"), "{\"to\": \"won\"}", "Tessera staff moved Alder client qualified to Won"},
        {OWNER, "lead.stage", A("23"), "", "{\"to\": \"intake\"}", "Alder client qualified moved to Intake"},
        {AGENT, "lead.stage", A("23"), C("14"), "{\"to\": \"active\"}", "Ada Staff moved Alder client qualified to Active"},
        /* another partner's client and colleague are nobody to this reader */
        {OWNER, "lead.stage", B("23"), B("13"), "{\"to\": \"qualified\"}", "A lead moved to Qualified"},
        {OWNER, "lead.stage", B("23"), C("11"), "{\"to\": \"qualified\"}", "Tessera staff moved a lead to Qualified"},
        {FINANCE, "lead.stage", A("23"), A("13"), "{\"to\": \"won\"}", "Sam Alder moved a lead to Won"},
        /* who has left is not named as staff */
        {OWNER, "lead.stage", A("23"), NOBODY, "{\"to\": \"won\"}", "Alder client qualified moved to Won"},
        {AGENT, "lead.created", A("21"), A("13"), "{}", "Alder Homes sent a new lead: Alder client new"},
        {AGENT, "lead.created", NOBODY, "", "{}", "Alder Homes sent a new lead"},
        {AGENT, "lead.imported", "", A("13"), "{\"rows\": 1200}", "Alder Homes sent a file with new leads: 1,200"},
        {OWNER, "import.finished", "", "", "{\"state\": \"imported\", \"rows\": 1200}", "Your import is finished: 1,200 leads"},
        {OWNER, "import.finished", "", "", "{\"state\": \"failed\"}", "Your import did not work; nothing was imported"},
        {OWNER, "lead.won", A("25"), "", "{}", "The deal with Alder client won is won"},
        {OWNER, "lead.declined", A("28"), "", "{}", "Alder client declined opted out"},
        {OWNER, "lead.declined", "", "", "{}", "A client opted out"},
        {OWNER, "share.new", B("24"), "", "{}", "Tessera shared a lead with you"},
        {AGENT, "share.status", A("24"), "", "{\"to\": \"rejected\"}", "Alder Homes turned Alder client active down"},
        {AGENT, "share.status", A("24"), "", "{\"to\": \"expired\"}", "Alder client active, shared with Alder Homes, is now Expired"},
        {OWNER, "message.new", A("24"), C("11"), "{}", "Tessera staff wrote about Alder client active"},
        {OWNER, "message.new", "", A("13"), "{}", "Sam Alder sent you a message"},
        {OWNER, "reminder.due", "", "", "{}", "A reminder of yours is due"},
        {OWNER, "appointment.new", A("24"), "", "{\"starts_at\": \"2026-11-25 06:30:00+00\"}", "New appointment with Alder client active: 25 Nov 2026, 06:30"},
        {OWNER, "appointment.changed", A("24"), "", "{\"cancelled\": true}", "The appointment with Alder client active was called off"},
        {OWNER, "appointment.soon", "", "", "{}", "An appointment of yours is close"},
        {OWNER, "commission.new", A("25"), "", "{\"amount\": 12500.50, \"currency\": \"INR\"}", "You have a commission of ₹12,500.50 for Alder client won"},
        {OWNER, "commission.new", "", "", "{\"amount\": -200, \"currency\": \"USD\"}", "Your commissions were corrected by -$200"},
        {OWNER, "commission.state", "", "", "{\"amount\": 750000, \"currency\": \"USD\", \"to\": \"approved\"}", "Your commission of $750,000 is now Approved"},
        {OWNER, "payout.sent", "", "", "{\"amount\": 1000, \"currency\": \"SGD\"}", "A payout of SGD 1,000 is on its way to you"},
        {OWNER, "certificate.earned", "", A("13"), "{}", "Sam Alder earned a certificate"},
        {OWNER, "certificate.expiring", "", "", "{\"expires_on\": \"2026-12-31\"}", "A certificate runs out on 31 Dec 2026"},
        {OWNER, "announcement.new", "", C("14"), "{}", "There was news from Tessera, which has ended or was withdrawn"},
        {OWNER, "partner.status", "", "", "{\"status_to\": \"suspended\"}", "Your partnership is now Suspended"},
        {OWNER, "partner.status", "", "", "{\"tier_to\": \"gold\"}", "You are now a Gold partner"},
        {OWNER, "account.password", "", "", "{}", "Your password was changed"},
        {OWNER, "account.role", "", "", "{\"to\": \"sales\"}", "Your role is now Sales"},
        {ADMIN, "job.dead", "", "", "{\"kind\": \"send.email\"}", "A job was put aside after its last try: send.email"},
    };
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        site_sql(portal, "DELETE FROM notifications");
        tell(said[i].reader, said[i].type, said[i].lead, said[i].actor, said[i].data);
        const char *text = value_at(json_of(said[i].reader, "/notifications"), "{notification_list,0,text}");
        char *plain = arena_strdup(site_arena(portal), text);
        for (char *nbsp; (nbsp = strstr(plain, "\u00a0")) != NULL;) { /* between a currency and its figure */
            nbsp[0] = ' ';
            memmove(nbsp + 1, nbsp + 2, strlen(nbsp + 2) + 1);
        }
        if (strcmp(plain, said[i].text) != 0)
            fail_msg("%s to the %s: \"%s\", expected \"%s\"", said[i].type, site_who_name(said[i].reader), plain, said[i].text);
    }
}

/* What it is called is read where it stands, as long as its reader may read it there. */
static void titles_are_read_with_the_readers_eyes(void **state) {
    (void)state;
    static const struct {
        enum site_who reader;
        const char *type, *lead, *subject, *text;
    } said[] = {
        {SALES, "reminder.due", A("21"), A("32"), "Reminder about Alder client new: Call Alder32"},
        {SALES, "reminder.due", A("21"), C("31"), "Your reminder about Alder client new is due"}, /* staff's */
        {SALES, "reminder.due", A("21"), B("32"), "Your reminder about Alder client new is due"},
        {OWNER, "announcement.new", "", C("56"), "News from Tessera: News for all"},
        {OWNER, "announcement.new", "", C("57"), "There was news from Tessera, which has ended or was withdrawn"}, /* a draft */
        {OWNER, "announcement.new", "", B("56"), "There was news from Tessera, which has ended or was withdrawn"}, /* for others */
    };
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        site_sql(portal, "DELETE FROM notifications");
        tell(said[i].reader, said[i].type, said[i].lead, "", "{}");
        site_sql(portal, "UPDATE notifications SET subject_id = '%s'", said[i].subject);
        assert_string_equal(value_at(json_of(said[i].reader, "/notifications"), "{notification_list,0,text}"), said[i].text);
    }
}

/* Whatever is missing of who, whom and what: one line that says something, and nothing that isn't the reader's. */
static void each_type_says_something_whatever_is_missing(void **state) {
    (void)state;
    static const char *const leads[] = {"", A("24"), B("24")}, *const actors[] = {"", A("13"), B("13"), C("11")};
    site_sql(portal, "DELETE FROM notifications; UPDATE leads SET client_name = 'O''Hara & <b>Sons</b>' WHERE id = '" A("24") "'");
    for (size_t l = 0; l < 3; l++)
        for (size_t a = 0; a < 4; a++)
            site_sql(portal,
                     "INSERT INTO notifications (user_id, type, lead_id, actor_id, by_staff, href, data) SELECT u.id, t.code, nullif('%s', '')::uuid, nullif('%s', '')::uuid, %s, '/leads',"
                     " '{\"to\": \"won\", \"amount\": 10, \"currency\": \"AED\"}' FROM event_types t, users u WHERE u.id IN ('" A("11") "', '" C("12") "')",
                     leads[l], actors[a], a == 3 ? "true" : "false");
    static const enum site_who readers[] = {OWNER, FINANCE};
    for (size_t r = 0; r < 2; r++) {
        const char *path = "/notifications";
        long seen = 0;
        for (const char *next = path; next;) {
            const char *json = json_of(readers[r], next);
            const char *wrong = site_value(portal,
                                           "SELECT n ->> 'type' || ': ' || (n ->> 'text') FROM jsonb_array_elements($json$%s$json$::jsonb -> 'notification_list') AS n"
                                           " WHERE coalesce(n ->> 'text', '') !~ '^[A-Z][^\\n]{5,120}[^ .]$' OR n ->> 'text' ~ '%s  |&#|&[a-z]+;|Something new' LIMIT 1",
                                           json, readers[r] == OWNER ? "Zebulon|" : ""); /* staff know everybody's people */
            if (wrong)
                fail_msg("to the %s: %s", site_who_name(readers[r]), wrong);
            seen += number(site_value(portal, "SELECT jsonb_array_length($json$%s$json$::jsonb -> 'notification_list')", json));
            next = value_at(json, "{list,next_href}");
        }
        assert_int_equal(seen, 12 * number(site_value(portal, "SELECT count(*) FROM event_types")));
    }
    /* the same, as a page: escaped once */
    site_sql(portal, "DELETE FROM notifications");
    tell(OWNER, "lead.declined", A("24"), "", "{}");
    assert_contains(page_of(OWNER, "/notifications"), ">O&#39;Hara &amp; &lt;b&gt;Sons&lt;/b&gt; opted out</button>");
}

static void every_type_has_its_label(void **state) {
    (void)state;
    const char *list = site_value(portal, "SELECT string_agg(code || '=' || label, '|' ORDER BY position) FROM event_types");
    char *copy = arena_strdup(site_arena(portal), list), *rest = NULL;
    for (char *item = strtok_r(copy, "|", &rest); item; item = strtok_r(NULL, "|", &rest)) {
        char *label = strchr(item, '=');
        *label++ = '\0';
        if (!text_equal(label_of(item), label))
            fail_msg("%s: src/view/labels.c says \"%s\", event_types \"%s\"", item, label_of(item), label);
    }
}

/* ── The list ── */

static void it_is_filtered_and_comes_in_pages(void **state) {
    (void)state;
    site_sql(portal, "DELETE FROM notifications;"
                     "INSERT INTO notifications (user_id, type, at, href, data, read_at) SELECT '" A("11") "', CASE n %% 3 WHEN 0 THEN 'payout.sent' ELSE 'lead.won' END,"
                     " now() - make_interval(hours => n), '/leads', '{}', CASE WHEN n > 40 THEN now() END FROM generate_series(1, 75) AS n");
    const char *json = json_of(OWNER, "/notifications");
    long seen = 0, pages = 0;
    for (const char *next = "/notifications"; next; pages++) {
        json = json_of(OWNER, next);
        seen += number(value_at(json, "{list,count}"));
        next = value_at(json, "{list,next_href}");
    }
    assert_int_equal(seen, 75);
    assert_int_equal(pages, 3);
    assert_string_equal(value_at(json_of(OWNER, "/notifications?unread=true&category=money"), "{list,count}"), "13");
    json = json_of(OWNER, "/notifications?unread=true");
    assert_contains(value_at(json, "{list,next_href}"), "unread=true");
    assert_lacks(page_of(OWNER, "/notifications?category=training"), "class=\"notification\"");
    assert_contains(page_of(OWNER, "/notifications?category=training"), "Nothing matches");
    assert_contains(page_of(SALES, "/notifications"), "Nothing to tell you yet");
    /* nonsense filters nothing */
    assert_contains(page_of(OWNER, "/notifications?category=zzz"), "One of the filters is not understood");
    assert_contains(page_of(OWNER, "/notifications?category=zzz"), "class=\"notification\"");
}

static void days_are_those_of_the_readers_clock(void **state) {
    (void)state;
    site_sql(portal, "UPDATE users SET timezone = 'Pacific/Kiritimati' WHERE id = '" A("11") "'; DELETE FROM notifications;"
                     "INSERT INTO notifications (user_id, type, at, href) SELECT '" A("11") "', 'lead.won',"
                     " ((now() AT TIME ZONE 'Pacific/Kiritimati')::date + t) AT TIME ZONE 'Pacific/Kiritimati', '/leads'"
                     "  FROM unnest(ARRAY['00:00', '-00:01', '-24:00', '-24:01']::interval[]) AS t");
    const char *body = page_of(OWNER, "/notifications");
    const char *today = strstr(body, "<h2>Today</h2>"), *yesterday = strstr(body, "<h2>Yesterday</h2>");
    assert_non_null(today);
    assert_non_null(yesterday);
    assert_null(strstr(today + 1, "<h2>Today</h2>"));
    int before = 0, in_yesterday = 0, later = 0;
    const char *third = strstr(yesterday + 1, "<h2>");
    assert_non_null(third);
    for (const char *at = strstr(body, "id=\"n-"); at; at = strstr(at + 1, "id=\"n-"))
        *(at < yesterday ? &before : at < third ? &in_yesterday : &later) += 1;
    assert_int_equal(before, 1);
    assert_int_equal(in_yesterday, 2);
    assert_int_equal(later, 1);
}

/* ── The bell ── */

static void the_bell_counts(void **state) {
    (void)state;
    assert_contains(page_of(OWNER, "/account"), "aria-label=\"Notifications, 1 unread\"");
    assert_contains(page_of(ADMIN, "/account"), "aria-label=\"Notifications\"");
    site_sql(portal, "INSERT INTO notifications (user_id, type, href) SELECT '" A("11") "', 'lead.won', '/leads' FROM generate_series(1, 98)");
    assert_contains(page_of(OWNER, "/account"), ">99</span>");
    site_sql(portal, "INSERT INTO notifications (user_id, type, href) SELECT '" A("11") "', 'lead.won', '/leads' FROM generate_series(1, 500)");
    assert_contains(page_of(OWNER, "/account"), ">99+</span>");
    assert_lacks(page_of(SALES, "/account"), "bell-count");
}

/* ── Reading ── */

static const char *unread(enum site_who who) {
    return site_value(portal, "SELECT count(*) FROM notifications WHERE user_id = '%s' AND read_at IS NULL", site_who_id(who));
}

static void following_a_link_changes_nothing(void **state) {
    (void)state;
    const char *before = site_digest(portal);
    struct site_answer *answer = SITE_GET(portal, OWNER, "/notifications/" A("97"));
    assert_int_equal(answer->status, 303);
    assert_string_equal(site_header(portal, answer, "Location"), "/leads/" A("23") "?n=" A("97"));
    assert_int_equal(SITE_GET(portal, OWNER, site_header(portal, answer, "Location"))->status, 200);
    assert_string_equal(site_digest(portal), before);
    assert_string_equal(unread(OWNER), "1");
    site_sql(portal, "UPDATE notifications SET href = '/admin/jobs?state=dead#last' WHERE id = '" A("97") "'");
    answer = SITE_GET(portal, OWNER, "/notifications/" A("97"));
    assert_string_equal(site_header(portal, answer, "Location"), "/admin/jobs?state=dead&n=" A("97") "#last");
}

static void opening_marks_it_as_read(void **state) {
    (void)state;
    struct site_answer *answer = SITE_POST(portal, OWNER, "/notifications/" A("97") "/open", "");
    assert_int_equal(answer->status, 303);
    assert_string_equal(site_header(portal, answer, "Location"), "/leads/" A("23"));
    assert_string_equal(unread(OWNER), "0");
    const char *when = site_value(portal, "SELECT read_at FROM notifications WHERE id = '" A("97") "'");
    assert_int_equal(SITE_POST(portal, OWNER, "/notifications/" A("97") "/open", "")->status, 303); /* again: read when it was */
    assert_string_equal(site_value(portal, "SELECT read_at FROM notifications WHERE id = '" A("97") "'"), when);
    assert_int_equal(SITE_POST(portal, OWNER, "/notifications/" B("97") "/open", "")->status, 404);
    assert_string_equal(unread(STRANGER), "1");
}

static void marking_goes_back_to_where_one_was(void **state) {
    (void)state;
    static const char *const samples[][2] = {{"back=%2Fnotifications%3Funread%3Dtrue", "/notifications?unread=true"},
                                             {"back=https%3A%2F%2Fevil.example", "/notifications"},
                                             {"back=%2Fnotificationsx", "/notifications"},
                                             {"back=%2Fnotifications%3F%7Bsession_token_hash%7D", "/notifications"},
                                             {"", "/notifications"}};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct site_answer *answer = SITE_POST(portal, OWNER, "/notifications/" A("97") "/read", samples[i][0]);
        assert_int_equal(answer->status, 303);
        assert_string_equal(site_header(portal, answer, "Location"), samples[i][1]);
    }
    assert_string_equal(unread(OWNER), "0");
}

static void marking_all_leaves_what_came_meanwhile(void **state) {
    (void)state;
    tell(OWNER, "lead.won", A("25"), "", "{}");
    const char *body = page_of(OWNER, "/notifications");
    const char *until = strstr(body, "name=\"until\" value=\"") + strlen("name=\"until\" value=\"");
    char *form = arena_printf(site_arena(portal), "until=%.*s", (int)strcspn(until, "\""), until);
    for (char *c = form; (c = strpbrk(c, "+ ")) != NULL;) /* urlencoded */
        if (*c == ' ') {
            *c = '+';
            c++;
        } else {
            form = arena_printf(site_arena(portal), "%.*s%%2B%s", (int)(c - form), form, c + 1);
            c = strstr(form, "%2B");
        }
    tell(OWNER, "payout.sent", "", "", "{}");
    assert_int_equal(SITE_POST(portal, OWNER, "/notifications/read", form)->status, 303);
    assert_string_equal(unread(OWNER), "1");
    assert_string_equal(unread(STRANGER), "1");
    assert_int_equal(SITE_POST(portal, OWNER, "/notifications/read", "until=yesterday+or+so")->status, 400);
    assert_int_equal(SITE_POST(portal, OWNER, "/notifications/read", "")->status, 422);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_says_one_plain_sentence, restore),
        cmocka_unit_test_setup(titles_are_read_with_the_readers_eyes, restore),
        cmocka_unit_test_setup(each_type_says_something_whatever_is_missing, restore),
        cmocka_unit_test_setup(every_type_has_its_label, restore),
        cmocka_unit_test_setup(it_is_filtered_and_comes_in_pages, restore),
        cmocka_unit_test_setup(days_are_those_of_the_readers_clock, restore),
        cmocka_unit_test_setup(the_bell_counts, restore),
        cmocka_unit_test_setup(following_a_link_changes_nothing, restore),
        cmocka_unit_test_setup(opening_marks_it_as_read, restore),
        cmocka_unit_test_setup(marking_goes_back_to_where_one_was, restore),
        cmocka_unit_test_setup(marking_all_leaves_what_came_meanwhile, restore),
    };
    return cmocka_run_group_tests_name("routes: notifications", tests, open_portal, close_portal);
}
