/*
 * Reminders and appointments from the form to the notification: what is asked for, what the queue
 * does with it when its time comes, is moved, or comes twice, and who sees and hears of it.
 */
#include "core/text.h"
#include "domain/calendar/when_rules.h"
#include "domain/choices/choices.h"
#include "tests/support/one_portal.h"
#include "tests/support/unit.h"
#include "tests/support/workday.h"
#include <stdio.h>
#include <stdlib.h>

static int post(enum site_who who, const char *path, const char *form) {
    return SITE_POST(portal, who, path, form)->status;
}

#define SALES_ID  A("13")
#define OWNER_ID  A("11")
#define AGENT_ID  C("11")
#define REMINDERS "/leads/" A("21") "/reminders"
#define MEET      "/leads/" A("24") "/appointments"

/* ── Reminders ── */

static void a_reminder_is_told_once(void **state) {
    (void)state;
    assert_int_equal(post(SALES, REMINDERS, "when=tomorrow&note=Call+them"), 303);
    assert_int_equal(
        workday_count(
            "jobs WHERE kind = 'reminder.due' AND key LIKE 'reminder:%%' AND state = 'ready'"
            " AND run_at = (SELECT due_at FROM reminders WHERE note = 'Call them') AND run_at > "
            "now()"),
        1);
    workday_work_all();
    assert_int_equal(workday_told(SALES_ID, "reminder.due"), 0);
    workday_time_comes("reminder.due");
    workday_work_all();
    assert_int_equal(workday_told(SALES_ID, "reminder.due"), 1);
    assert_int_equal(workday_count("notifications"), 1);
    assert_string_equal(site_value(portal, "SELECT href FROM notifications"),
                        "/leads/" A("21") "#reminders");
    /* the same job comes again: an admin's retry, a daemon that died after its work */
    site_sql(portal, "SELECT app.job_add('reminder.due', jsonb_build_object('reminder', id, 'due', "
                     "due_at)) FROM reminders WHERE note = 'Call them'");
    workday_work_all();
    assert_int_equal(workday_count("events"), 1);
    assert_int_equal(workday_count("jobs WHERE kind NOT LIKE 'send.%%'"), 0);
}

/* Nobody's clock stands still for a daemon that is down. */
static void a_late_daemon_tells_late(void **state) {
    (void)state;
    assert_int_equal(post(SALES, REMINDERS, "when=tomorrow&note=Late"), 303);
    site_sql(portal, "UPDATE reminders SET due_at = now() - interval '3 days' WHERE note = 'Late'");
    workday_work_all();
    workday_work_all();
    assert_int_equal(workday_told(SALES_ID, "reminder.due"), 1);
}

static void a_moved_reminder_is_told_at_its_new_time_only(void **state) {
    (void)state;
    struct job jobs[WORKDAY_JOBS];
    assert_int_equal(post(SALES, REMINDERS, "when=tomorrow&note=Move+me"), 303);
    const char *id = site_value(portal, "SELECT id FROM reminders WHERE note = 'Move me'");
    const char *snooze = arena_printf(site_arena(portal), "/reminders/%s/snooze", id);
    assert_int_equal(post(SALES, snooze, "when=next_week"), 303);
    assert_int_equal(workday_count("jobs WHERE kind = 'reminder.due'"), 1);
    assert_int_equal(
        workday_count("jobs j JOIN reminders r ON j.key = 'reminder:' || r.id WHERE j.run_at "
                      "= r.due_at AND r.due_at > now() + interval '20 hours'"),
        1);

    /* moved while the daemon has it in its hands: the old time is dropped, the new one stands */
    workday_time_comes("reminder.due");
    size_t n = workday_claim(jobs);
    assert_int_equal(n, 1);
    assert_int_equal(post(SALES, snooze, "when=three_days"), 303);
    workday_work(jobs, n);
    workday_work_all();
    assert_int_equal(workday_count("events"), 0);
    assert_int_equal(
        workday_count("jobs j JOIN reminders r ON j.key = 'reminder:' || r.id WHERE j.run_at "
                      "= r.due_at AND j.state = 'ready'"),
        1);
    workday_time_comes("reminder.due");
    workday_work_all();
    assert_int_equal(workday_told(SALES_ID, "reminder.due"), 1);

    /* told, then put off: it comes again, once */
    assert_int_equal(post(SALES, snooze, "when=hour"), 303);
    workday_time_comes("reminder.due");
    workday_work_all();
    assert_int_equal(workday_told(SALES_ID, "reminder.due"), 2);
}

static void done_and_deleted_are_silent(void **state) {
    (void)state;
    assert_int_equal(post(SALES, REMINDERS, "when=tomorrow&note=Done"), 303);
    const char *id = site_value(portal, "SELECT id FROM reminders WHERE note = 'Done'");
    assert_int_equal(post(SALES, arena_printf(site_arena(portal), "/reminders/%s/done", id), ""),
                     303);
    assert_int_equal(workday_count("jobs WHERE kind NOT LIKE 'send.%%'"), 0);
    assert_int_equal(post(SALES, arena_printf(site_arena(portal), "/reminders/%s/reopen", id), ""),
                     303);
    assert_int_equal(workday_count("jobs WHERE kind NOT LIKE 'send.%%'"), 1);
    assert_int_equal(
        post(SALES, arena_printf(site_arena(portal), "/reminders/%s/delete", id), "back=lead"),
        303);
    assert_int_equal(workday_count("jobs WHERE kind NOT LIKE 'send.%%'"), 0);
    assert_int_equal(workday_count("reminders WHERE note = 'Done'"), 0);
    assert_int_equal(post(SALES, REMINDERS, "when=tomorrow"), 303);
    site_sql(portal, "DELETE FROM leads WHERE id = '" A("21") "'");
    assert_int_equal(workday_count("jobs WHERE kind NOT LIKE 'send.%%'"),
                     0); /* gone with its lead */
}

static void reminders_go_to_colleagues_who_can_do_something(void **state) {
    (void)state;
    assert_int_equal(post(OWNER, REMINDERS, "when=tomorrow&note=Yours&user_id=" A("14")), 303);
    assert_string_equal(site_value(portal, "SELECT user_id FROM reminders WHERE note = 'Yours'"),
                        A("14"));
    static const char *const others[] = {A("15") /* reads only */,
                                         A("17") /* not there yet */,
                                         A("18") /* gone */,
                                         B("13"),
                                         C("11"),
                                         NOBODY};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const struct site_answer *answer = SITE_POST(
            portal, OWNER, REMINDERS,
            arena_printf(site_arena(portal), "when=tomorrow&note=Theirs&user_id=%s", others[i]));
        assert_int_equal(answer->status, 422);
        assert_contains(answer->body, "This person cannot be reminded");
        assert_contains(answer->body, ">Theirs</textarea>"); /* what was typed is still there */
    }
    /* whoever left does not leave it undone */
    workday_time_comes("reminder.due");
    site_sql(portal, "UPDATE users SET status = 'disabled' WHERE id = '" A("14") "'");
    workday_work_all();
    assert_int_equal(workday_told(OWNER_ID, "reminder.due"), 1);
    assert_int_equal(workday_told(A("14"), "reminder.due"), 0);
}

static void handed_over_when_it_is_due_already(void **state) {
    (void)state;
    site_sql(portal, "UPDATE reminders SET told_at = now() WHERE id = '" A("32") "'");
    assert_int_equal(
        post(OWNER, "/reminders/" A("32"),
             "when=exact&date=@TOMORROW@&time=9:00&note=Call+Alder32&user_id=" A("14")),
        303);
    workday_time_comes("reminder.due");
    workday_work_all();
    assert_int_equal(workday_told(A("14"), "reminder.due"), 1);
}

/* Each side has its own, and a colleague's is no one else's to change. */
static void the_two_sides_do_not_see_each_others(void **state) {
    (void)state;
    const char *partner = SITE_GET(portal, OWNER, "/leads/" A("21"))->body;
    assert_contains(partner, "Call Alder31");
    assert_lacks(partner, "STAFF-NOTES");
    const char *staff = SITE_GET(portal, AGENT, "/leads/" A("21"))->body;
    assert_contains(staff, "STAFF-NOTES-Alder");
    assert_lacks(staff, "Call Alder31");
    assert_int_equal(SITE_GET(portal, AGENT, "/reminders/" A("31"))->status, 404);
    assert_int_equal(SITE_GET(portal, OWNER, "/reminders/" C("31"))->status, 404);
    assert_int_equal(post(OWNER, "/reminders/" C("31") "/done", ""), 404);
    assert_int_equal(post(COLLEAGUE, "/reminders/" A("31") "/done", ""), 404);
    assert_int_equal(post(FINANCE, "/reminders/" C("31") "/done", ""), 403);
    assert_int_equal(post(ADMIN, "/reminders/" C("31") "/done", ""), 303); /* who made it */
}

static void groups_of_my_reminders(void **state) {
    (void)state;
    const char *page = SITE_GET(portal, SALES, "/reminders.json")->body;
    assert_contains(page, "\"code\":\"overdue\"");
    assert_contains(page, "\"code\":\"later\"");
    assert_lacks(page, "\"code\":\"given\"");
    assert_contains(SITE_GET(portal, OWNER, "/reminders.json")->body, "\"code\":\"given\"");
    const char *dashboard = SITE_GET(portal, SALES, "/dashboard")->body;
    assert_contains(dashboard, "Call Alder32");
    assert_lacks(dashboard, "Call Alder31"); /* in three days */
    assert_lacks(SITE_GET(portal, OWNER, "/dashboard")->body, "Call Alder32");
}

static void bad_reminders_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *form, *says;
    } cases[] = {
        {"when=exact", "Choose the day."},
        {"when=exact&date=2020-01-01&time=10:00", "This time has passed."},
        {"when=exact&date=2199-01-01", "within the next two years"},
        {"when=exact&date=@TOMORROW@&time=25:00", "is not a time of day"},
        {"when=exact&date=2026-02-30", "There is no day"},
        {"when=never", "Choose one of the listed"},
        {"note=x", "Choose when."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct site_answer *answer = SITE_POST(portal, SALES, REMINDERS, cases[i].form);
        assert_int_equal(answer->status, 422);
        assert_contains(answer->body, cases[i].says);
    }
    assert_int_equal(workday_count("jobs WHERE kind NOT LIKE 'send.%%'"), 0);
}

/* ── Appointments ── */

#define WHEN_ "&date=@TOMORROW@&from=10:00&until=11:00&timezone=Asia%2FDubai&notice=60"
#define FORM  "kind=viewing&title=Tower+A&place=Marina" WHEN_ "&people=" A("13")

static const char *made(void) {
    const char *id = site_value(
        portal,
        "SELECT id FROM appointments WHERE title LIKE 'Tower%%' ORDER BY created_at DESC LIMIT 1");
    assert_non_null(id);
    return id;
}

static const char *at(const char *more) {
    return arena_printf(site_arena(portal), "/appointments/%s%s", made(), more);
}

static void a_new_appointment_is_told_to_the_others(void **state) {
    (void)state;
    assert_int_equal(post(SALES, MEET, FORM), 303);
    workday_work_all();
    assert_int_equal(workday_told(SALES_ID, "appointment.new"), 0); /* who made it */
    assert_int_equal(workday_told(AGENT_ID, "appointment.new"),
                     1); /* nobody of staff has a hand in the lead yet: all who work on leads */
    assert_int_equal(workday_told(C("14"), "appointment.new"), 1);
    assert_int_equal(workday_told(C("13"), "appointment.new"), 0);  /* support only reads */
    assert_int_equal(workday_told(OWNER_ID, "appointment.new"), 0); /* this side's hand is in it */
    assert_int_equal(
        workday_count(
            "notifications n JOIN users u ON u.id = n.user_id WHERE u.partner_id = '" B("01") "'"),
        0);
    assert_int_equal(workday_count("events WHERE data::text ~ 'Tower|Alder|Marina'"),
                     0); /* ids and times, no words */
}

static void notice_is_given_at_its_time_and_moves_with_it(void **state) {
    (void)state;
    struct job jobs[WORKDAY_JOBS];
    assert_int_equal(post(SALES, MEET, FORM), 303);
    workday_work_all();
    assert_int_equal(
        workday_count("jobs j JOIN appointments a ON j.key = 'appointment:' || a.id WHERE "
                      "j.run_at = a.starts_at - interval '1 hour'"),
        1);
    workday_time_comes("appointment.soon");
    size_t n = workday_claim(jobs);
    assert_int_equal(n, 1);
    assert_int_equal(post(SALES, at("/edit"),
                          "version=1&kind=viewing&title=Tower+B&place=Marina&date=@TOMORROW@&from="
                          "15:00&until=16:00&timezone=Asia%2FDubai&notice=15&people=" A(
                              "13") "," AGENT_ID "&people=" A("14")),
                     303);
    workday_work(jobs, n);
    workday_work_all();
    assert_int_equal(workday_told(SALES_ID, "appointment.soon"), 0);
    assert_int_equal(
        workday_count("jobs j JOIN appointments a ON j.key = 'appointment:' || a.id WHERE "
                      "j.run_at = a.starts_at - interval '15 minutes'"),
        1);
    assert_int_equal(workday_count("appointment_people WHERE appointment_id = '%s'", made()),
                     2); /* a partner does not ask staff */
    workday_time_comes("appointment.soon");
    workday_work_all();
    workday_work_all();
    assert_int_equal(workday_told(SALES_ID, "appointment.soon"), 1);
    assert_int_equal(workday_told(A("14"), "appointment.soon"), 1);
    assert_int_equal(workday_told(AGENT_ID, "appointment.soon"), 0);
    assert_int_equal(workday_told(AGENT_ID, "appointment.changed"), 1);
    assert_string_equal(
        site_value(portal,
                   "SELECT data ? 'starts_at' FROM events WHERE type = 'appointment.changed'"),
        "t");
    site_sql(portal,
             "SELECT app.job_add('appointment.soon', jsonb_build_object('appointment', id, 'at', "
             "starts_at - interval '15 minutes')) FROM appointments WHERE id = '%s'",
             made());
    workday_work_all();
    assert_int_equal(workday_told(SALES_ID, "appointment.soon"), 1);
}

static void no_notice_of_what_is_over_or_not_wanted(void **state) {
    (void)state;
    assert_int_equal(post(SALES, MEET,
                          "kind=call&title=Tower+C&date=@TOMORROW@&from=10:00&until=11:00&timezone="
                          "UTC&notice=0&people=" A("13")),
                     303);
    assert_int_equal(workday_count("jobs WHERE kind = 'appointment.soon'"), 0);
    /* the daemon was down until it was over */
    site_sql(portal, "UPDATE appointments SET notice = 15 WHERE id = '%s'", made());
    assert_int_equal(workday_count("jobs WHERE kind = 'appointment.soon'"), 1);
    site_sql(portal,
             "SET session_replication_role = replica; UPDATE appointments SET starts_at = now() - "
             "interval '3 hours', ends_at = now() - interval '2 hours' WHERE id = '%s'; "
             "SET session_replication_role = origin; "
             "UPDATE jobs SET run_at = now(), payload = payload || jsonb_build_object('at', now() "
             "- interval '3 hours 15 minutes') WHERE kind = 'appointment.soon'",
             made());
    workday_work_all();
    assert_int_equal(workday_told(SALES_ID, "appointment.soon"), 0);
    assert_int_equal(workday_count("jobs WHERE kind NOT LIKE 'send.%%'"), 0);
}

static void called_off_with_a_reason(void **state) {
    (void)state;
    assert_int_equal(post(SALES, MEET, FORM), 303);
    assert_int_equal(post(SALES, at("/call-off"), ""), 422);
    assert_int_equal(post(SALES, at("/call-off"), "reason=The+client+is+ill"), 303);
    assert_int_equal(workday_count("jobs WHERE kind = 'appointment.soon'"), 0);
    workday_work_all();
    assert_int_equal(workday_told(AGENT_ID, "appointment.changed"), 1);
    assert_string_equal(
        site_value(portal, "SELECT data::text FROM events WHERE type = 'appointment.changed'"),
        "{\"cancelled\": true}");
    assert_contains(SITE_GET(portal, OWNER, at(""))->body, "The client is ill");
    assert_int_equal(post(SALES, at("/call-off"), "reason=Again"), 409);
    assert_int_equal(post(SALES, at("/edit"), FORM "&version=2"), 409);
    assert_int_equal(SITE_GET(portal, SALES, at("/edit"))->status, 409);
    assert_int_equal(post(SALES, "/appointments/" A("42") "/edit", FORM "&version=1"),
                     409); /* over */
}

static void the_calendar_file_follows(void **state) {
    (void)state;
    assert_int_equal(post(SALES, MEET, FORM), 303);
    const struct site_answer *file = SITE_GET(portal, VIEWER, at("/calendar"));
    assert_string_equal(site_header(portal, file, "Content-Type"),
                        "text/calendar; charset=utf-8; method=PUBLISH");
    assert_contains(site_header(portal, file, "Content-Disposition"), "appointment.ics");
    assert_contains(file->body,
                    arena_printf(site_arena(portal), "UID:%s\r\nSEQUENCE:0\r\n", made()));
    assert_contains(file->body, "T060000Z\r\nDTEND:"); /* ten in Dubai */
    assert_int_equal(post(SALES, at("/edit"),
                          "kind=viewing&title=Tower+A2&place=Marina&notice=60&date=@TOMORROW@&from="
                          "10:00&until=11:00&timezone=Asia%2FDubai&version=1"),
                     303);
    assert_contains(SITE_GET(portal, VIEWER, at("/calendar"))->body,
                    "SEQUENCE:0\r\n"); /* another title moves nothing */
    assert_int_equal(post(SALES, at("/edit"),
                          "kind=viewing&title=Tower+A2&place=Marina&notice=60&date=@TOMORROW@&from="
                          "11:00&until=12:00&timezone=Asia%2FDubai&version=2"),
                     303);
    assert_contains(SITE_GET(portal, VIEWER, at("/calendar"))->body, "SEQUENCE:1\r\n");
    assert_int_equal(post(SALES, at("/call-off"), "reason=Ill"), 303);
    const struct site_answer *off = SITE_GET(portal, AGENT, at("/calendar"));
    assert_contains(off->body, "METHOD:CANCEL\r\n");
    assert_contains(
        off->body,
        arena_printf(site_arena(portal), "UID:%s\r\nSEQUENCE:2\r\nSTATUS:CANCELLED\r\n", made()));
}

static void double_booking_is_warned_of(void **state) {
    (void)state;
    assert_int_equal(post(SALES, MEET, FORM), 303);
    static const char same_person[] = "kind=call&title=Tower+other&date=@TOMORROW@&from=10:30&"
                                      "until=10:45&timezone=Asia%2FDubai&notice=0&people=" A("13");
    const struct site_answer *warned =
        SITE_POST(portal, OWNER, "/leads/" A("23") "/appointments", same_person);
    assert_int_equal(warned->status, 422);
    assert_contains(warned->body, "There is something else at that time");
    assert_contains(warned->body, "Tower A</a>");
    assert_contains(warned->body, "value=\"Tower other\"");
    assert_int_equal(workday_count("appointments WHERE title = 'Tower other'"), 0);
    assert_int_equal(post(OWNER, "/leads/" A("23") "/appointments",
                          arena_printf(site_arena(portal), "%s&anyway=true", same_person)),
                     303);
    /* somebody else at the same time; the same one right after; the same lead, though, counts */
    assert_int_equal(post(OWNER, "/leads/" A("22") "/appointments",
                          "kind=call&title=Tower+1&date=@TOMORROW@&from=10:00&until=11:00&timezone="
                          "Asia%2FDubai&notice=0&people=" A("14")),
                     303);
    assert_int_equal(post(OWNER, "/leads/" A("23") "/appointments",
                          "kind=call&title=Tower+2&date=@TOMORROW@&from=11:00&until=12:00&timezone="
                          "Asia%2FDubai&notice=0&people=" A("13")),
                     303);
    assert_int_equal(post(OWNER, MEET,
                          "kind=call&title=Tower+3&date=@TOMORROW@&from=10:59&until=11:30&timezone="
                          "Asia%2FDubai&notice=0&people=" A("15")),
                     422);
    /* moved within its own time it is in nobody's way */
    site_sql(portal,
             "DELETE FROM appointments WHERE title IN ('Tower 1', 'Tower 2', 'Tower other')");
    assert_int_equal(post(SALES, at("/edit"),
                          "kind=viewing&title=Tower+A&date=@TOMORROW@&from=10:15&until=11:15&"
                          "timezone=Asia%2FDubai&notice=60&version=1&people=" A("13")),
                     303);
}

static void bad_appointments_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *form, *says;
    } cases[] = {
        {"kind=viewing&title=Tower&date=@TOMORROW@&from=11:00&until=10:00&timezone=UTC&notice=60",
         "It ends before it begins."},
        {"kind=viewing&title=Tower&date=@TOMORROW@&from=11:00&until=11:00&timezone=UTC&notice=60",
         "It ends before it begins."},
        {"kind=viewing&title=Tower&date=2020-02-02&from=11:00&until=12:00&timezone=UTC&notice=60",
         "This time has passed."},
        {"kind=viewing&title=Tower&date=2199-02-02&from=11:00&until=12:00&timezone=UTC&notice=60",
         "within the next two years"},
        {"kind=viewing&title=Tower&date=@TOMORROW@&from=11:00&until=12:00&timezone=Mars%2FOlympus&"
         "notice=60",
         "Choose one of the listed"},
        {"kind=viewing&title=Tower&date=@TOMORROW@&from=11:00&until=12:00&timezone=UTC&notice=61",
         "Choose one of the listed"},
        {"kind=party&title=Tower&date=@TOMORROW@&from=11:00&until=12:00&timezone=UTC&notice=60",
         "Choose one of the listed"},
        {"kind=viewing&title=Tower&date=@TOMORROW@&from=11:00&until=12:00&timezone=UTC&notice=60&"
         "people=abc",
         "Choose one of the listed"},
        {"kind=viewing&date=@TOMORROW@&from=11:00&until=12:00&timezone=UTC&notice=60",
         "Give it a title."},
        {"title=Tower", "Choose the kind."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct site_answer *answer = SITE_POST(portal, SALES, MEET, cases[i].form);
        if (answer->status != 422)
            fail_msg("%s: %d", cases[i].form, answer->status);
        assert_contains(answer->body, cases[i].says);
    }
    assert_int_equal(workday_count("appointments WHERE title = 'Tower'"), 0);
    /* the database holds where the form would not */
    assert_string_equal(site_value(portal, "SELECT 'refused' WHERE NOT EXISTS (SELECT FROM "
                                           "appointments WHERE timezone = 'Mars/Olympus')"),
                        "refused");
}

static void only_ones_own_people_are_asked(void **state) {
    (void)state;
    assert_int_equal(post(SALES, MEET,
                          "kind=viewing&title=Tower" WHEN_ "&people=" A("13") "&people=" B(
                              "13") "&people=" AGENT_ID "&people=" A("17")),
                     303);
    assert_string_equal(site_value(portal,
                                   "SELECT string_agg(user_id::text, ',') FROM appointment_people "
                                   "WHERE appointment_id = '%s'",
                                   made()),
                        SALES_ID);
    /* staff may ask the partner's people; the partner sees that somebody of staff is there, not who
     */
    assert_int_equal(post(AGENT, at("/edit"),
                          "kind=viewing&title=Tower" WHEN_
                          "&version=1&people=" A("13") "&people=" AGENT_ID "&people=" B("13")),
                     303);
    assert_int_equal(workday_count("appointment_people WHERE appointment_id = '%s'", made()), 2);
    const char *page = SITE_GET(portal, SALES, at(""))->body;
    assert_contains(page, "Somebody of the programme");
    assert_lacks(page, "Agnes");
    /* and does not take them off */
    assert_int_equal(post(SALES, at("/edit"), "kind=viewing&title=Tower" WHEN_ "&version=2"), 303);
    assert_string_equal(site_value(portal,
                                   "SELECT string_agg(user_id::text, ',') FROM appointment_people "
                                   "WHERE appointment_id = '%s'",
                                   made()),
                        AGENT_ID);
}

static void somebody_was_quicker(void **state) {
    (void)state;
    assert_int_equal(post(SALES, MEET, FORM), 303);
    assert_int_equal(post(SALES, at("/edit"), FORM "&version=1"), 303);
    const struct site_answer *late = SITE_POST(portal, OWNER, at("/edit"), FORM "&version=1");
    assert_int_equal(late->status, 422);
    assert_contains(late->body, "Somebody changed this appointment in the meantime");
    assert_contains(late->body, "name=\"version\" value=\"2\"");
}

static void whoever_is_asked_later_hears_of_it(void **state) {
    (void)state;
    assert_int_equal(post(SALES, MEET, FORM), 303);
    workday_work_all();
    assert_int_equal(workday_told(A("14"), "appointment.new"), 0);
    assert_int_equal(post(SALES, at("/edit"), FORM "&people=" A("14") "&version=1"), 303);
    workday_work_all();
    assert_int_equal(workday_told(A("14"), "appointment.new"), 1);
    assert_int_equal(workday_count("events"), 2); /* the others knew, and nothing else has changed */
}

/* Forms are read by ICU, pages and jobs by PostgreSQL: both must mean the same hour, most of all
 * where clocks change. */
static void both_time_zone_libraries_agree(void **state) {
    (void)state;
    static const char *const days[] = {"2026-10-25", "2026-11-01", "2027-03-14", "2027-03-28",
                                       "2027-04-04", "2027-10-03", "2027-06-30", "2026-12-31"};
    for (const struct choice *zone = timezone_choices; zone->value; zone++)
        for (size_t d = 0; d < sizeof days / sizeof *days; d++)
            for (int half = 0; half < 48; half++) {
                char clock[WHEN_TIME_SIZE];
                time_t ours = 0;
                snprintf(clock, sizeof clock, "%02d:%02d", half / 2, half % 2 * 30);
                assert_true(when_instant(days[d], clock, zone->value, &ours) != WHEN_NO_ZONE);
                long theirs = strtol(
                    site_value(
                        portal,
                        "SELECT extract(epoch FROM timestamp '%s %s' AT TIME ZONE '%s')::bigint",
                        days[d], clock, zone->value),
                    NULL, 10);
                if (theirs != ours)
                    fail_msg("%s %s in %s: %ld and %ld", days[d], clock, zone->value, (long)ours,
                             theirs);
                site_forget(portal);
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_reminder_is_told_once, restore_and_clean),
        cmocka_unit_test_setup(a_late_daemon_tells_late, restore_and_clean),
        cmocka_unit_test_setup(a_moved_reminder_is_told_at_its_new_time_only, restore_and_clean),
        cmocka_unit_test_setup(done_and_deleted_are_silent, restore_and_clean),
        cmocka_unit_test_setup(reminders_go_to_colleagues_who_can_do_something, restore_and_clean),
        cmocka_unit_test_setup(handed_over_when_it_is_due_already, restore_and_clean),
        cmocka_unit_test_setup(the_two_sides_do_not_see_each_others, restore_and_clean),
        cmocka_unit_test_setup(groups_of_my_reminders, restore_and_clean),
        cmocka_unit_test_setup(bad_reminders_are_refused, restore_and_clean),
        cmocka_unit_test_setup(a_new_appointment_is_told_to_the_others, restore_and_clean),
        cmocka_unit_test_setup(notice_is_given_at_its_time_and_moves_with_it, restore_and_clean),
        cmocka_unit_test_setup(no_notice_of_what_is_over_or_not_wanted, restore_and_clean),
        cmocka_unit_test_setup(called_off_with_a_reason, restore_and_clean),
        cmocka_unit_test_setup(the_calendar_file_follows, restore_and_clean),
        cmocka_unit_test_setup(double_booking_is_warned_of, restore_and_clean),
        cmocka_unit_test_setup(bad_appointments_are_refused, restore_and_clean),
        cmocka_unit_test_setup(only_ones_own_people_are_asked, restore_and_clean),
        cmocka_unit_test_setup(somebody_was_quicker, restore_and_clean),
        cmocka_unit_test_setup(whoever_is_asked_later_hears_of_it, restore_and_clean),
        cmocka_unit_test_setup(both_time_zone_libraries_agree, restore_and_clean),
    };
    return cmocka_run_group_tests_name("routes: calendar", tests, open_portal_and_day, close_portal_and_day);
}
