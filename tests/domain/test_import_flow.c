/* Files on their way to becoming leads: pages, jobs and database together, the way people and
 * daemons go through them. */
#include "app/job_kinds.h"
#include "core/text.h"
#include "domain/imports/import_workbook.h"
#include "jobs/queue.h"
#include "tests/support/site.h"
#include "tests/support/unit.h"
#include "tests/support/workbook.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <utime.h>

static struct site_portal *portal;
static struct queue *queue;
static struct arena *jobs_arena;
static struct job_kind kinds[8];
static size_t nkinds;

static void open_queue(void) {
    queue = queue_new(getenv("TESSERA_TEST_JOBS_DATABASE"), 0, kinds, nkinds, JOB_WORK);
}

static int setup(void **state) {
    (void)state;
    portal = site_open();
    for (size_t i = 0; i < job_kinds_count; i++)
        if (text_starts(job_kinds[i].kind, "imports.")) {
            assert_true(nkinds < sizeof kinds / sizeof *kinds);
            kinds[nkinds++] = job_kinds[i];
        }
    jobs_arena = arena_new(64 << 20);
    open_queue();
    return 0;
}

static long files_kept(bool remove) {
    DIR *directory =
        opendir(arena_printf(site_arena(portal), "%s/imports", site_config(portal)->files));
    long count = 0;
    for (const struct dirent *entry; directory && (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        count++;
        if (remove)
            assert_int_equal(unlinkat(dirfd(directory), entry->d_name, 0), 0);
    }
    if (directory)
        closedir(directory);
    return count;
}

static int restore(void **state) {
    (void)state;
    (void)files_kept(true);
    site_restore(portal);
    site_sql(portal, "DELETE FROM jobs; DELETE FROM events; DELETE FROM lead_imports; DELETE FROM "
                     "lead_import_headers");
    return 0;
}

static int teardown(void **state) {
    (void)files_kept(true);
    (void)remove(arena_printf(site_arena(portal), "%s/imports", site_config(portal)->files));
    queue_free(queue);
    arena_free(jobs_arena);
    site_close(portal);
    (void)state;
    return 0;
}

/* ── The daemon ── */

static size_t claim(struct job *jobs, size_t max) {
    static const int room[] = {1, 1, 1, 1, 1, 1, 1, 1};
    const struct rows *rows;
    assert_int_equal(queue_claim(queue, jobs_arena, room, &rows), OK);
    assert_true(rows->nrows <= max);
    for (size_t i = 0; i < rows->nrows; i++)
        queue_job(queue, jobs_arena, rows, i, &jobs[i]);
    size_t count = rows->nrows;
    db_reset(queue_db(queue));
    return count;
}

static void work_on(struct job *job) {
    job->arena = jobs_arena;
    job->config = site_config(portal);
    queue_work(queue, job);
    db_reset(queue_db(queue));
}

/* Until there is nothing to do; how many jobs there were. */
static long work(void) {
    struct job jobs[8];
    long done = 0;
    for (size_t n; (n = claim(jobs, 8)) > 0;) {
        for (size_t i = 0; i < n; i++, done++)
            work_on(&jobs[i]);
        arena_reset(jobs_arena);
    }
    return done;
}

/* ── People ── */

static struct site_answer *send_bytes(enum site_who who, const char *partner, const char *charset,
                                      const char *bytes, size_t size) {
    struct buf body;
    buf_init(&body, 64 << 20);
    const char *const fields[][2] = {{"csrf", site_csrf(portal, site_session(portal, who))},
                                     {"partner_id", partner},
                                     {"charset", charset}};
    for (size_t i = 0; i < 3; i++)
        if (fields[i][1])
            buf_printf(&body, "--b\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n",
                       fields[i][0], fields[i][1]);
    buf_puts(
        &body,
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"clients.csv\"\r\n\r\n");
    buf_append(&body, bytes, size);
    buf_puts(&body, "\r\n--b--\r\n");
    struct site_answer *answer =
        SITE_ASK(portal, .who = who, .path = "/leads/import", .body = body.data,
                 .body_size = body.len, .type = "multipart/form-data; boundary=b");
    buf_free(&body);
    return answer;
}

static struct site_answer *send_file(enum site_who who, const char *text) {
    return send_bytes(who, NULL, NULL, text, strlen(text));
}

/* The id in "/leads/imports/<id>/columns". */
static const char *id_of(const struct site_answer *answer) {
    if (answer->status != 303)
        fail_msg("the file was refused: %.2000s",
                 strstr(answer->body, "<main") ? strstr(answer->body, "<main") : answer->body);
    const char *location = site_header(portal, answer, "Location");
    assert_true(text_starts(location, "/leads/imports/"));
    return arena_strndup(site_arena(portal), location + strlen("/leads/imports/"), 36);
}

static const char *path(const char *id, const char *rest) {
    return arena_printf(site_arena(portal), "/leads/imports/%s%s", id, rest);
}

static const char *column(const char *id, const char *name) {
    return site_value(portal, "SELECT %s FROM lead_imports WHERE id = '%s'", name, id);
}

static long count(const char *what) {
    return strtol(site_value(portal, "SELECT count(*) FROM %s", what), NULL, 10);
}

static const char *seen(const char *id) {
    return column(id, "concat_ws('.', version, good, bad, duplicates)");
}

static struct site_answer *commit(enum site_who who, const char *id, const char *more) {
    return SITE_POST(portal, who, path(id, "/commit"),
                     arena_printf(site_arena(portal), "seen=%s&%s", seen(id), more));
}

static const char name_and_email[] = "has_header=true&column-0=client_name&column-1=client_email";

/* Sent, mapped and checked. */
static const char *checked(enum site_who who, const char *text, const char *mapping) {
    const char *id = id_of(send_file(who, text));
    assert_int_equal(SITE_POST(portal, who, path(id, "/columns"), mapping)->status, 303);
    assert_true(work() > 0);
    assert_string_equal(column(id, "state"), "checked");
    return id;
}

static const char *people(int from, int to) {
    struct buf text;
    buf_init(&text, 32 << 20);
    buf_puts(&text, "Name,Email\n");
    for (int i = from; i <= to; i++)
        buf_printf(&text, "Person %d,person%d@list.example\n", i, i);
    const char *kept = arena_strdup(site_arena(portal), buf_text(&text));
    buf_free(&text);
    return kept;
}

/* ── From file to leads ── */

static const char list[] =
    "\xEF\xBB\xBF"
    "Client name;E-Mail;Mobile;Budget;Moving date;Property type;Notes;Lead owner\r\n"
    "Zo\xC3\xAB Z;zoe@list.example;050 111 2222;1.250.000,50;31/12/2027;Flat;\"Sea view; "
    "two\r\nspaces\";Me\r\n"
    "\r\n"
    "Ann;ann@list.example;;AED 500.000,00;01/02/2027;villa;=1+1;Me\r\n"
    "Bob;nowhere;;;;;;Me\r\n"
    ";c@list.example;;;;;;Me\r\n"
    "Zoe again;ZOE@LIST.example;;;;;;Me\r\n";

static void a_file_becomes_leads(void **state) {
    (void)state;
    const char *id = id_of(send_file(SALES, list));
    struct site_answer *answer = SITE_GET(portal, SALES, path(id, "/columns"));
    assert_int_equal(answer->status, 200);
    assert_contains(answer->body, "<option value=\"client_name\" selected>");
    assert_contains(answer->body, "<option value=\"budget_max\" selected>");
    assert_contains(answer->body, "<option value=\"comma\" selected>");
    assert_contains(answer->body, "<option value=\"dmy\" selected>");
    assert_contains(answer->body, "31 Dec 2027");
    assert_int_equal(SITE_GET(portal, SALES, path(id, ""))->status,
                     303); /* the columns come first */

    const char *mapping =
        "has_header=true&column-0=client_name&column-1=client_email&column-2=client_phone&column-3="
        "budget_max&numbers-3=comma&column-4=move_in_on"
        "&dates-4=dmy&column-5=property_type&column-6=description&column-7=&source=event";
    assert_int_equal(SITE_POST(portal, SALES, path(id, "/columns"), mapping)->status, 303);
    answer = SITE_GET(portal, SALES, path(id, ""));
    assert_contains(answer->body, "http-equiv=\"refresh\"");
    assert_contains(answer->body, "value=\"0\" max=\"5\"");
    assert_int_equal(work(), 1);
    assert_string_equal(column(id, "concat_ws(' ', state, rows, checked, good, bad, duplicates)"),
                        "checked 5 5 2 2 1");
    answer = SITE_GET(portal, SALES, path(id, ""));
    assert_contains(answer->body, "is not an email address");
    assert_contains(answer->body, "Enter the client&#39;s name.");
    assert_contains(answer->body, "The same email or phone as in row 2.");

    assert_int_equal(commit(SALES, id, "leave_out=true")->status,
                     422); /* nobody says that they agreed */
    assert_contains(commit(SALES, id, "consent=true")->body, "Some rows cannot be imported.");
    assert_int_equal(
        SITE_POST(portal, SALES, path(id, "/commit"), "seen=1.9.0.0&consent=true&leave_out=true")
            ->status,
        422);
    assert_string_equal(column(id, "state"), "checked");
    assert_int_equal(count("leads WHERE import_id IS NOT NULL"), 0);

    assert_int_equal(commit(SALES, id, "consent=true&leave_out=true")->status, 303);
    assert_true(work() > 0);
    assert_string_equal(column(id, "concat_ws(' ', state, imported)"), "imported 2");
    assert_string_equal(
        site_value(portal, "SELECT concat_ws('|', client_name, client_email, client_phone, "
                           "budget_max, move_in_on, property_type, description, source,"
                           " currency, stage, created_by, consent_at IS NOT NULL) FROM leads WHERE "
                           "client_email = 'zoe@list.example'"),
        "Zo\xC3\xAB Z|zoe@list.example|050 111 2222|1250000.50|2027-12-31|apartment|Sea view; "
        "two\nspaces|event|AED|new|" A("13") "|t");
    assert_string_equal(
        site_value(portal, "SELECT description FROM leads WHERE client_email = 'ann@list.example'"),
        "=1+1");
    assert_int_equal(count("lead_history h JOIN leads l ON l.id = h.lead_id WHERE l.import_id IS "
                           "NOT NULL AND h.user_id = '" A("13") "'"),
                     2);
    assert_int_equal(count("events WHERE type = 'lead.created'"), 0);
    assert_int_equal(
        count("events WHERE type = 'lead.imported' AND data ->> 'rows' = '2' AND actor_id = '" A(
            "13") "'"),
        1);
    assert_int_equal(
        count("events WHERE type = 'import.finished' AND users = ARRAY['" A("13") "'::uuid]"), 1);
    assert_int_equal(count("audit WHERE action = 'leads.import'"), 1);
    assert_string_equal(
        column(id, "consent_text"),
        "Every client in this file agreed that their details are passed on to this programme");
    assert_string_equal(site_value(portal, "SELECT count(*)::text FROM ((TABLE rollup_stage EXCEPT "
                                           "TABLE app.rollup_stage_recount) UNION ALL"
                                           " (TABLE app.rollup_stage_recount EXCEPT SELECT * FROM "
                                           "rollup_stage)) AS d WHERE leads <> 0"),
                        "0");
    assert_contains(
        SITE_GET(portal, SALES, arena_printf(site_arena(portal), "/leads?import=%s", id))->body,
        "ann@list.example");
    assert_int_equal(SITE_GET(portal, SALES, path(id, "/columns"))->status,
                     303); /* over: on to the result */
    assert_int_equal(SITE_POST(portal, SALES, path(id, "/cancel"), "")->status, 409);
}

/* What a spreadsheet itself keeps: days and amounts as numbers, a result where a formula is. */
static void a_workbook_becomes_leads(void **state) {
    (void)state;
#define TEXT(text) "<c t=\"inlineStr\"><is><t>" text "</t></is></c>"
    static const char sheet[] = "<row r=\"1\"><c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c>" TEXT("Mobile") TEXT("Budget") TEXT("Moving date") TEXT(
        "Notes") "</row><row r=\"3\"><c t=\"s\"><v>2</v></c>" TEXT("zoe@list.example") "<c><v>971501112222</v></c><c s=\"3\"><v>1250000.5</v></c>"
                 "<c s=\"2\"><v>46387</v></c><c t=\"s\"><v>3</v></c></row>"
                 "<row r=\"4\">" TEXT("Bob") "<c t=\"e\"><f>A1/0</f><v>#DIV/0!</v></c></row>";
    struct buf zip;
    buf_init(&zip, 1 << 20);
    workbook_make(&zip, (const char *const[]){"", sheet, NULL});
    const char *id = id_of(send_bytes(SALES, NULL, "UTF-16LE", zip.data, zip.len)); /* the encoding is of no use */
    struct site_answer *answer = SITE_GET(portal, SALES, path(id, "/columns"));
    assert_contains(answer->body, "<option value=\"budget_max\" selected>");
    assert_contains(answer->body, "<option value=\"ymd\" selected>");
    const char *mapping = "has_header=true&column-0=client_name&column-1=client_email&column-2=client_phone&column-3=budget_max&numbers-3=point&"
                          "column-4=move_in_on&dates-4=ymd&column-5=description";
    assert_int_equal(SITE_POST(portal, SALES, path(id, "/columns"), mapping)->status, 303);
    (void)work();
    assert_string_equal(site_value(portal, "SELECT string_agg(number || ':' || status, ' ' ORDER BY number) FROM lead_import_rows WHERE import_id = '%s'", id), "3:good 4:problem");
    answer = SITE_GET(portal, SALES, path(id, ""));
    assert_contains(answer->body, "of the first sheet");
    assert_contains(answer->body, "#DIV/0!");
    assert_int_equal(commit(SALES, id, "consent=true&leave_out=true")->status, 303);
    (void)work();
    assert_string_equal(site_value(portal, "SELECT concat_ws('|', client_name, client_phone, budget_max, move_in_on, description) FROM leads WHERE import_id = '%s'", id),
                        "Zo\xC3\xAB|971501112222|1250000.50|2026-12-31|=1+1");
    answer = send_bytes(SALES, NULL, NULL, zip.data, zip.len);
    assert_int_equal(answer->status, 422);
    assert_contains(answer->body, "Nothing is imported twice");
    buf_free(&zip);
#undef TEXT
}

/* A worker waits while a workbook is read: not all of them, and nobody waits for their turn. */
static void few_workbooks_at_once(void **state) {
    (void)state;
    const char *files = site_config(portal)->files;
    int first, second;
    struct buf zip;
    buf_init(&zip, 1 << 20);
    workbook_make(&zip, (const char *const[]){"<row><c t=\"s\"><v>0</v></c></row><row><c t=\"s\"><v>2</v></c></row>", NULL});
    assert_int_equal(import_workbook_turn(files, "somebody", &first), TROUBLE_NONE);
    assert_int_equal(import_workbook_turn(files, "somebody else", &second), TROUBLE_NONE);
    struct site_answer *answer = send_bytes(SALES, NULL, NULL, zip.data, zip.len);
    assert_int_equal(answer->status, 422);
    assert_contains(answer->body, "Another workbook is being read just now.");
    (void)id_of(send_file(SALES, people(1, 3))); /* as text it is no trouble */
    import_workbook_turn_end(&first);
    (void)id_of(send_bytes(SALES, NULL, NULL, zip.data, zip.len));
    assert_int_equal(import_workbook_turn(files, "a third", &first), TROUBLE_NONE); /* it was given back */
    import_workbook_turn_end(&first);
    import_workbook_turn_end(&second);
    buf_free(&zip);
}

/* What is wrong is told with what stands in the file, not with what was made of it. */
static void problems_name_what_the_file_says(void **state) {
    (void)state;
    const char *id = checked(SALES,
                             "Name,Email,Day,Kind,Where\nBob,bob@list.example,31/02/2027,Castle,a\n",
                             "has_header=true&column-0=client_name&column-1=client_email&column-2=move_in_on&dates-2=dmy&column-3=property_type");
    struct site_answer *answer = SITE_GET(portal, SALES, path(id, ""));
    assert_contains(answer->body, "There is no day 31/02/2027 in the calendar.");
    assert_contains(answer->body, "\u201CCastle\u201D is none of the options for \u201CProperty type\u201D.");
    /* staff see how many there are of each, and no client's words */
    answer = SITE_GET(portal, AGENT, path(id, ""));
    assert_contains(answer->body, "There is no day \u2026 in the calendar.");
    assert_lacks(answer->body, "Castle");
}

/* The summary names the same bounds as the rows do; what differs from row to row it leaves open. */
static void the_summary_names_the_bounds(void **state) {
    (void)state;
    const char *id = checked(SALES, arena_printf(site_arena(portal), "Name,Email,Rooms\n%0121d,a@list.example,\n%0125d,b@list.example,\nBob,c@list.example,999\n", 7, 7),
                             "has_header=true&column-0=client_name&column-1=client_email&column-2=bedrooms");
    const char *body = SITE_GET(portal, AGENT, path(id, ""))->body; /* staff see the summary alone */
    assert_contains(body, "takes at most 120 characters. This has \u2026.");
    assert_contains(body, "Write a whole number from 0 to 50.");
    assert_lacks(body, "This has 12");
    assert_string_equal(column(id, "jsonb_array_length(summary)"), "2");
}

/* What was left out comes back as it was, with why, harmless in a spreadsheet; corrected, it is
 * taken. */
static void refused_rows_can_be_corrected(void **state) {
    (void)state;
    const char *id =
        checked(SALES,
                "Name,Email,Phone\n=cmd|'x'!A0,nowhere,+971 50 1\n\"two, "
                "\"\"words\"\"\",x@,\nFine,fine@list.example,\n",
                "has_header=true&column-0=client_name&column-1=client_email&column-2=client_phone");
    assert_int_equal(commit(SALES, id, "consent=true&leave_out=true")->status, 303);
    (void)work();
    struct site_answer *csv = SITE_GET(portal, SALES, path(id, "/rows.csv"));
    assert_int_equal(csv->status, 200);
    assert_contains(site_header(portal, csv, "Content-Type"), "text/csv");
    assert_contains(csv->body, "Name,Email,Phone,Why it was refused\r\n");
    assert_contains(csv->body,
                    "'=cmd|'x'!A0,nowhere,'+971 50 1,\u201Cnowhere\u201D is not an email address.");
    assert_contains(csv->body, "\r\n\"two, \"\"words\"\"\",x@,,");
    assert_lacks(csv->body, "fine@list.example");

    char *corrected = arena_strdup(site_arena(portal), csv->body);
    memcpy(strstr(corrected, "nowhere,"), "no@a.io,", 8);
    id = checked(SALES, corrected,
                 "has_header=true&column-0=client_name&column-1=client_email&column-2=client_phone&"
                 "column-3=");
    assert_string_equal(column(id, "concat_ws(' ', good, bad)"), "1 1");
    assert_string_equal(
        site_value(portal,
                   "SELECT lead ->> 'client_name' || '|' || (lead ->> 'client_phone') FROM "
                   "lead_import_rows WHERE import_id = '%s' AND status = 'good'",
                   id),
        "=cmd|'x'!A0|+971 50 1");
}

/* Many rows with as much in a cell as it takes, and rows as wide as they may be: all of them come back, piece by piece. */
static void long_rows_come_back(void **state) {
    (void)state;
    enum { LONG = 1100, LETTERS = 9000, WIDE = 3, CELLS = 31, CELL = 32 * 1024 - 2 };
    char *letters = arena_alloc(site_arena(portal), CELL + 1), *marks = arena_alloc(site_arena(portal), CELL + 1);
    memset(letters, 'y', CELL);
    memset(marks, '"', CELL);
    letters[CELL] = marks[CELL] = '\0';
    struct buf text;
    buf_init(&text, 32 << 20);
    buf_puts(&text, "Name,Email,Wants");
    for (int i = 0; i < CELLS; i++)
        buf_printf(&text, ",More %d", i);
    buf_puts(&text, "\n");
    for (int i = 0; i < LONG; i++)
        buf_printf(&text, "Person %d,long%d@list.example,%.*s\n", i, i, LETTERS, letters);
    for (int i = 0; i < WIDE; i++) {
        buf_printf(&text, "Wide %d,,", i);
        for (int c = 0; c < CELLS; c++)
            buf_printf(&text, ",\"%s%s\"", marks, marks); /* each of them twice */
        buf_puts(&text, "\n");
    }
    assert_false(buf_overflowed(&text));
    const char *id = checked(SALES, text.data, "has_header=true&column-0=client_name&column-1=client_email&column-2=description");
    buf_free(&text);
    assert_string_equal(column(id, "bad"), arena_printf(site_arena(portal), "%d", LONG + WIDE));
    struct site_answer *answer = SITE_GET(portal, SALES, path(id, "/rows.csv"));
    assert_int_equal(answer->status, 200);
    assert_false(answer->broken_off);
    assert_in_range(answer->largest, 1, 4 << 20);
    assert_in_range(answer->size, LONG * LETTERS + WIDE * CELLS * 2 * CELL, 64 << 20);
    long lines = 0;
    for (const char *c = answer->body; *c; c++)
        lines += *c == '\n';
    assert_int_equal(lines, 1 + LONG + WIDE);
    for (int row = 0; row < LONG; row += 99)
        assert_contains(answer->body, arena_printf(site_arena(portal), "\r\nPerson %d,long%d@list.example,yyy", row, row));
}

static void the_same_file_twice(void **state) {
    (void)state;
    const char *text = people(1, 3);
    const char *id = checked(SALES, text, name_and_email);
    struct site_answer *answer = send_file(OWNER, text); /* a colleague */
    assert_int_equal(answer->status, 422);
    assert_contains(answer->body, "This very file is here already.");
    assert_contains(answer->body, path(id, ""));
    assert_int_equal(commit(SALES, id, "consent=true")->status, 303);
    (void)work();
    answer = send_file(SALES, text);
    assert_int_equal(answer->status, 422);
    assert_contains(answer->body, "Nothing is imported twice.");
    assert_int_equal(count("leads WHERE client_email LIKE '%@list.example'"), 3);
    assert_int_equal(files_kept(false), 1);

    (void)id_of(send_file(STRANGER,
                          text)); /* to another partner it is new, and says nothing of the first */
    id = checked(STRANGER, people(7, 9), name_and_email);
    assert_string_equal(column(id, "duplicates"), "0");
}

/* ── Duplicates ── */

static void duplicates(void **state) {
    (void)state;
    site_sql(portal, "UPDATE leads SET phone_e164 = replace(client_phone, ' ', '')");
    const char *text =
        "Name,Email,Phone\n"
        "New one,NEW@alder-client.example,\n"         /* a lead of theirs, in other letters */
        "By phone,p@list.example,00971503004021\n"    /* the same, by +971 50 300 4021 */
        "Local,l@list.example,050 300 4022\n"         /* without the country */
        "Fresh,f@list.example,050 999 0001\n"         /* 5 */
        "Fresh too,F@LIST.example,\n"                 /* of row 5 */
        "Phone too,x@list.example,+971-50-999-0001\n" /* of row 5 */
        "Of another,new@zebulon-client.example,\n";   /* another partner's: no duplicate, not even a
                                                         hint */
    const char *id =
        checked(SALES, text,
                "has_header=true&column-0=client_name&column-1=client_email&column-2=client_phone");
    assert_string_equal(
        site_value(portal,
                   "SELECT string_agg(number || ':' || status || coalesce(':' || same_row, '') || "
                   "CASE WHEN same_lead IS NOT NULL THEN ':lead' ELSE '' END,"
                   " ' ' ORDER BY number) FROM lead_import_rows WHERE import_id = '%s'",
                   id),
        "2:duplicate:lead 3:duplicate:lead 4:duplicate:lead 5:good 6:duplicate:5 7:duplicate:5 "
        "8:good");
    assert_contains(SITE_GET(portal, SALES, path(id, ""))->body, "/leads/" A("21"));
    assert_int_equal(commit(SALES, id, "consent=true")->status, 422);
    assert_int_equal(commit(SALES, id, "consent=true&with_duplicates=true")->status,
                     303); /* nothing is left out */
    (void)work();
    assert_string_equal(column(id, "imported"), "7");
}

/* What each row is registered as: what it would be had somebody sent it alone, after those before it. */
static void registrations(void **state) {
    (void)state;
    site_sql(portal, "UPDATE leads SET registration = 'held', protected_until = now() + interval '9 days', created_at = now() - interval '1 day' WHERE id IN ('" A("21") "', '" B("21") "');"
                     "UPDATE leads SET registration = 'held', protected_until = now() - interval '1 day' WHERE id = '" B("22") "'");
    char text[1024];
    snprintf(text, sizeof text, "Name,Email,Phone\nNew,first@list.example,050 999 0001\nOurs already,%s,\nTheirs,%s,\nTheirs no more,%s,\n"
             "As row 2,FIRST@list.example,050 999 0002\nAs row 6,other@list.example,050 999 0002\n",
             site_value(portal, "SELECT client_email FROM leads WHERE id = '" A("21") "'"), site_value(portal, "SELECT client_email FROM leads WHERE id = '" B("21") "'"),
             site_value(portal, "SELECT client_email FROM leads WHERE id = '" B("22") "'"));
    const char *id = checked(SALES, text, "has_header=true&column-0=client_name&column-1=client_email&column-2=client_phone");
    assert_int_equal(commit(SALES, id, "consent=true&with_duplicates=true")->status, 303);
    (void)work();
    assert_string_equal(site_value(portal, "SELECT string_agg(client_name || ' ' || registration, ', ' ORDER BY created_at DESC) FROM leads WHERE import_id = '%s'", id),
                        "New held, Ours already again, Theirs known, Theirs no more held, As row 2 again, As row 6 held");
    assert_string_equal(site_value(portal, "SELECT string_agg(client_name, ', ') FROM lead_claims WHERE lead_id IN (SELECT id FROM leads WHERE import_id = '%s')", id), "Theirs");
    assert_string_equal(site_value(portal, "SELECT count(*) FROM leads l, programme g WHERE l.import_id = '%s' AND l.protected_until = l.created_at + make_interval(days => g.protection_days)", id), "3");
}

/* Between the look and the commit some of them came by another way. */
static void clients_that_came_meanwhile(void **state) {
    (void)state;
    const char *id = checked(SALES, people(1, 5), name_and_email);
    assert_int_equal(commit(SALES, id, "consent=true")->status, 303);
    site_sql(portal,
             "INSERT INTO leads (partner_id, client_name, client_email, currency) VALUES ('" A(
                 "01") "', 'x', 'Person2@list.example', 'AED')");
    (void)work();
    assert_string_equal(column(id, "concat_ws(' ', state, good, duplicates)"), "checked 4 1");
    assert_null(column(id, "consent_at"));
    assert_int_equal(count("leads WHERE import_id IS NOT NULL"), 0);
    assert_contains(SITE_GET(portal, SALES, path(id, ""))->body, "in the meantime");
    assert_int_equal(commit(SALES, id, "consent=true&leave_out=true")->status, 303);
    (void)work();
    assert_string_equal(column(id, "concat_ws(' ', state, imported)"), "imported 4");
}

/* ── Files that are no tables ── */

static void refused(enum site_who who, const char *what, const char *bytes, size_t size,
                    const char *sentence) {
    struct site_answer *answer = send_bytes(who, NULL, NULL, bytes, size);
    if (answer->status != 422 || !strstr(answer->body, sentence))
        print_error("%s: %d\n", what, answer->status);
    assert_int_equal(answer->status, 422);
    assert_contains(answer->body, sentence);
    assert_contains(answer->body,
                    "id=\"f-file-error\""); /* beside the file, and the way to it stays */
    assert_contains(answer->body, "action=\"/leads/import\"");
    site_forget(portal);
}

static void hostile_files(void **state) {
    (void)state;
    enum { LARGE = 3 << 20 };
    char *large = calloc(1, LARGE);
    assert_non_null(large);
    refused(SALES, "empty", "", 0, "This file is empty.");
    refused(SALES, "blank", "\r\n \r\n", 5, "nothing in this file but blank lines");
    refused(SALES, "header", "Name,Email\r\n", 12, "has no row beneath");
    refused(SALES, "xlsx", "PK\x03\x04\x14\0\x06\0\x08\0[Content_Types].xml", 29,
            "This workbook cannot be read.");
    struct buf zip;
    buf_init(&zip, 16 << 20);
    workbook_bomb(&zip, 1500);
    refused(SALES, "a bomb", zip.data, zip.len, "There is more in this workbook than can be unpacked");
    buf_clear(&zip);
    workbook_make(&zip, (const char *const[]){"", NULL});
    refused(SALES, "an empty sheet", zip.data, zip.len, "nothing in this file but blank lines");
    buf_free(&zip);
    refused(SALES, "ods", "PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", 58,
            "OpenDocument workbook");
    refused(SALES, "xls", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8, "workbook of an old kind");
    refused(SALES, "gzip", "\x1F\x8B\x08\0\0\0\0\0", 8,
            "compressed archive"); /* never unpacked */
    refused(SALES, "html", "<table><tr><td>Name</td></tr></table>", 37, "web page or XML");
    refused(SALES, "zeros", large, LARGE, "This is no text file.");
    refused(SALES, "nul", "Name,Email\na\0b,c@d.example\n", 27, "This is no text file.");
    refused(SALES, "mixed", "Name\nZo\xEB\nZo\xC3\xAB\n", 14, "another encoding");
    memset(large, 'x', LARGE);
    refused(SALES, "one line", large, LARGE, "Row 1 holds a text of more than");
    memcpy(large, "Name,Email\na,\"", 14);
    for (size_t i = 14; i < LARGE; i++)
        large[i] = i % 80 == 0 ? '\n' : 'y';
    refused(SALES, "one cell", large, LARGE, "Row 2 holds a text of more than");
    for (size_t i = 0; i < 30000; i++)
        memcpy(large + 2 * i, "a,", 2);
    refused(SALES, "columns", large, 60000, "Row 1 has 30001 columns. At most 100");
    refused(SALES, "quote", "Name,Email\n\"a,b\n", 16, "never closed");
    free(large);
    assert_int_equal(count("lead_imports"), 0);
    assert_int_equal(files_kept(false), 0); /* nothing of them stays */

    assert_contains(SITE_POST(portal, SALES, "/leads/import", "charset=UTF-8")->body,
                    "Choose the file with your clients in it.");
    long limit = site_config(portal)->import_limit;
    site_config(portal)->import_limit = 2 << 20;
    struct site_answer *answer = send_file(SALES, people(1, 100000));
    site_config(portal)->import_limit = limit;
    assert_int_equal(answer->status, 422);
    assert_contains(answer->body, "What was sent is larger than 2 MB");
    assert_contains(answer->body, "id=\"f-file-error\"");
    assert_int_equal(send_file(VISITOR, people(1, 100000))->status, 401);
}

static void too_many_rows(void **state) {
    (void)state;
    struct site_answer *answer = send_file(SALES, people(1, 200001));
    assert_int_equal(answer->status, 422);
    assert_contains(answer->body, "more than 200000 rows");
}

static void columns_that_make_no_leads(void **state) {
    (void)state;
    const char *id = id_of(send_file(SALES, "What,Who,Where,When\na,b,c@d.example,03/04/2027\n"));
    static const char *const wrong[][2] = {
        {"has_header=true", "Choose the column with the client&#39;s name."},
        {"has_header=true&column-0=client_name",
         "Choose a column with email addresses or phone numbers"},
        {"has_header=true&column-0=client_name&column-1=client_email&column-2=client_email",
         "Two columns are meant for the same field"},
        {"has_header=true&column-0=client_name&column-2=nonsense",
         "Choose a column with email addresses or phone numbers"},
        {"has_header=true&column-0=client_name&column-2=client_email&source=nonsense",
         "Choose one of the listed options."},
        {"has_header=true&column-0=client_name&column-2=consent",
         "Choose a column with email addresses or phone numbers"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct site_answer *answer = SITE_POST(portal, SALES, path(id, "/columns"), wrong[i][0]);
        assert_int_equal(answer->status, 422);
        assert_contains(answer->body, wrong[i][1]);
        assert_true(i == 0 ||
                    strstr(answer->body,
                           "<option value=\"client_name\" selected>")); /* what was chosen stays */
    }
    assert_string_equal(column(id, "state"), "new");
    /* the day is read as the person says */
    assert_int_equal(SITE_POST(portal, SALES, path(id, "/columns"),
                               "has_header=true&column-0=client_name&column-1=client_name&column-2="
                               "client_email&column-3=move_in_on&dates-3=mdy")
                         ->status,
                     303);
    (void)work();
    assert_string_equal(site_value(portal,
                                   "SELECT concat_ws('|', lead ->> 'client_name', lead ->> "
                                   "'move_in_on') FROM lead_import_rows WHERE import_id = '%s'",
                                   id),
                        "a b|2027-03-04");
    assert_int_equal(
        SITE_POST(portal, SALES, path(id, "/columns"), "column-0=client_name&column-2=client_email")
            ->status,
        303); /* the first row is a client, too */
    (void)work();
    assert_string_equal(column(id, "concat_ws(' ', state, version, rows, checked)"),
                        "checked 2 2 2");
}

static void money_in_rows(void **state) {
    (void)state;
    const char *id = checked(SALES,
                             "Name,Email,Budget,Currency\n"
                             "a,a@l.example,\"INR 12,50,000\",\n"
                             "b,b@l.example,\"EUR 5\",USD\n"
                             "c,c@l.example,5,eur\n"
                             "d,d@l.example,5,XYZ\n"
                             "e,e@l.example,9.71501E+11,\n"
                             "f,f@l.example,99999999999999.99,\n"
                             "g,g@l.example,100000000000000,\n"
                             "h,h@l.example,5,AED,slipped\n",
                             "has_header=true&column-0=client_name&column-1=client_email&column-2="
                             "budget_max&column-3=currency&currency=AED");
    assert_string_equal(
        site_value(portal,
                   "SELECT string_agg(number || coalesce(':' || (lead ->> 'currency') || ':' || "
                   "(lead ->> 'budget_max'), '!'), ' ' ORDER BY number)"
                   " FROM lead_import_rows WHERE import_id = '%s'",
                   id),
        "2:INR:1250000 3! 4:EUR:5 5! 6! 7:AED:99999999999999.99 8! 9!");
    assert_int_equal(commit(SALES, id, "consent=true&leave_out=true")->status, 303);
    (void)work();
    assert_string_equal(column(id, "concat_ws(' ', state, imported)"),
                        "imported 3"); /* no row that the form takes breaks the statement */
}

static void headers_are_remembered(void **state) {
    (void)state;
    (void)checked(SALES, "Favourite,Colour\nAnn,a@l.example\n", name_and_email);
    const char *id = id_of(send_file(OWNER, "colour,FAVOURITE\nb@l.example,Bob\n"));
    const char *body = SITE_GET(portal, OWNER, path(id, "/columns"))->body;
    const char *first = strstr(body, "name=\"column-0\""),
               *second = strstr(body, "name=\"column-1\"");
    assert_true(strstr(first, "<option value=\"client_email\" selected>") < second);
    assert_non_null(strstr(second, "<option value=\"client_name\" selected>"));
    id = id_of(send_file(STRANGER, "colour,FAVOURITE\nblue,Bob\n")); /* by them, not by everybody */
    assert_lacks(SITE_GET(portal, STRANGER, path(id, "/columns"))->body,
                 "<option value=\"client_name\" selected>");
}

/* ── Whose ── */

static void what_others_see(void **state) {
    (void)state;
    const char *id =
        checked(SALES, "Name,Email\nSecret Client,secret@list.example\nBad Client,nowhere\n",
                name_and_email);
    static const char *const pages[] = {"", "/rows", "/rows.csv", "/columns"};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(SITE_GET(portal, STRANGER, path(id, pages[i]))->status, 404);
    assert_int_equal(commit(STRANGER, id, "consent=true&leave_out=true")->status, 404);
    assert_int_equal(SITE_POST(portal, STRANGER, path(id, "/cancel"), "")->status, 404);
    assert_lacks(SITE_GET(portal, STRANGER, "/leads/imports")->body, id);

    struct site_answer *answer =
        SITE_GET(portal, AGENT, path(id, "")); /* staff: numbers, no clients who have not agreed */
    assert_int_equal(answer->status, 200);
    assert_lacks(answer->body, "Secret Client");
    assert_lacks(answer->body, "Bad Client");
    assert_lacks(SITE_GET(portal, AGENT, path(id, "/rows.csv"))->body, "Client");
    assert_int_equal(commit(AGENT, id, "consent=true&leave_out=true")->status, 404);
    assert_int_equal(SITE_GET(portal, VIEWER, path(id, ""))->status, 200);
    assert_lacks(SITE_GET(portal, VIEWER, path(id, ""))->body, "Bad Client");
    assert_int_equal(SITE_GET(portal, VIEWER, path(id, "/rows"))->status, 403);
    assert_int_equal(SITE_GET(portal, OWNER, path(id, "/rows"))->status,
                     200); /* a colleague goes on with it */

    const char *file = site_value(portal, "SELECT file FROM lead_imports WHERE id = '%s'", id);
    assert_int_equal(
        SITE_GET(portal, SALES, arena_printf(site_arena(portal), "/protected/%s", file))->status,
        404);
    assert_lacks(
        SITE_ASK(portal, .who = SALES, .path = path(id, ""), .accept = "application/json")->body,
        file);
}

static void staff_import_for_a_partner(void **state) {
    (void)state;
    const char *text = people(1, 2);
    assert_contains(send_bytes(AGENT, NULL, NULL, text, strlen(text))->body,
                    "Choose the partner who brought the clients.");
    assert_int_equal(send_bytes(AGENT, C("99"), NULL, text, strlen(text))->status, 422);
    const char *id = id_of(send_bytes(AGENT, A("01"), NULL, text, strlen(text)));
    assert_int_equal(SITE_POST(portal, AGENT, path(id, "/columns"), name_and_email)->status, 303);
    (void)work();
    assert_int_equal(commit(AGENT, id, "consent=true")->status, 303);
    (void)work();
    assert_int_equal(count("leads WHERE partner_id = '" A("01") "' AND created_by = '" C(
                         "11") "' AND import_id IS NOT NULL"),
                     2);
    /* what a partner sends is the partner's, whatever it says */
    id = id_of(send_bytes(SALES, B("01"), NULL, "Name,Email\nq,q@l.example\n", 25));
    assert_string_equal(column(id, "partner_id"), A("01"));
    /* and from a suspended one nothing is taken */
    site_sql(portal, "UPDATE partners SET status = 'suspended' WHERE id = '" A("01") "'");
    assert_contains(send_file(SALES, people(3, 4))->body, "Your partnership is suspended");
    assert_int_equal(files_kept(false), 2);
}

/* ── What is killed, cancelled, tried again ── */

static void a_check_goes_on_where_it_was(void **state) {
    (void)state;
    struct job jobs[8];
    const char *id = id_of(send_file(SALES, people(1, 5000)));
    assert_int_equal(SITE_POST(portal, SALES, path(id, "/columns"), name_and_email)->status, 303);
    assert_int_equal(claim(jobs, 8), 1);
    work_on(&jobs[0]); /* the first portion */
    assert_string_equal(column(id, "concat_ws(' ', state, checked)"), "checking 2000");
    assert_contains(SITE_GET(portal, SALES, path(id, ""))->body, "2,000 of 5,000");

    assert_int_equal(claim(jobs, 8), 1);
    queue_free(queue); /* the daemon dies with the second one in its hands */
    open_queue();
    while (count("jobs WHERE state = 'running'") > 0)
        (void)queue_tick(queue); /* until PostgreSQL has seen it, too */
    assert_string_equal(column(id, "checked"), "2000");
    (void)work();
    assert_string_equal(column(id, "concat_ws(' ', state, checked, good)"), "checked 5000 5000");
    assert_string_equal(
        site_value(portal,
                   "SELECT concat_ws(' ', count(*), count(DISTINCT number), min(number), "
                   "max(number)) FROM lead_import_rows WHERE import_id = '%s'",
                   id),
        "5000 5000 2 5001");
}

static void another_mapping_meanwhile(void **state) {
    (void)state;
    struct job jobs[8];
    const char *id = id_of(send_file(SALES, people(1, 3000)));
    assert_int_equal(SITE_POST(portal, SALES, path(id, "/columns"), name_and_email)->status, 303);
    assert_int_equal(claim(jobs, 8), 1);
    assert_int_equal(SITE_POST(portal, SALES, path(id, "/columns"),
                               "has_header=true&column-0=description&column-1=client_email&column-"
                               "1=client_email&column-0=client_name")
                         ->status,
                     422);
    assert_int_equal(
        SITE_POST(portal, SALES, path(id, "/columns"),
                  "has_header=true&column-1=client_email&column-0=client_name&source=phone")
            ->status,
        303);
    work_on(&jobs[0]); /* the old check finds that it is not wanted */
    assert_string_equal(column(id, "checked"), "0");
    (void)work();
    assert_string_equal(column(id, "concat_ws(' ', state, version, checked, good)"),
                        "checked 2 3000 3000");
    assert_int_equal(count("lead_import_rows WHERE lead ->> 'source' = 'phone'"), 3000);
}

static void a_commit_is_whole_or_nothing(void **state) {
    (void)state;
    struct job jobs[8];
    const char *id = checked(SALES, people(1, 300), name_and_email);
    assert_int_equal(commit(SALES, id, "consent=true")->status, 303);
    assert_int_equal(commit(SALES, id, "consent=true")->status, 409); /* twice is once */
    site_sql(portal,
             "CREATE FUNCTION public.break_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
             "NEW.client_name = 'Person 200' THEN RAISE 'broken'; END IF; RETURN NEW; END $$;"
             "CREATE TRIGGER break_it BEFORE INSERT ON leads FOR EACH ROW EXECUTE FUNCTION "
             "public.break_it()");
    for (int attempt = 1; attempt <= 5; attempt++) {
        site_sql(portal, "UPDATE jobs SET run_at = now()");
        assert_int_equal(claim(jobs, 8), 1);
        work_on(&jobs[0]);
        assert_int_equal(count("leads WHERE import_id IS NOT NULL"), 0);
        assert_int_equal(count("lead_import_rows WHERE status = 'good'"), 300);
    }
    assert_string_equal(column(id, "state"),
                        "failed"); /* after its last try, and the person is told */
    assert_contains(SITE_GET(portal, SALES, path(id, ""))->body, "Nothing was imported.");
    assert_int_equal(count("events WHERE type = 'import.finished' AND data ->> 'state' = 'failed'"),
                     1);
    site_sql(portal, "DROP TRIGGER break_it ON leads; DROP FUNCTION public.break_it()");
    site_sql(portal, "UPDATE jobs SET state = 'ready', attempts = 0, run_at = now() WHERE state = "
                     "'dead'"); /* as an admin does */
    (void)work();
    assert_string_equal(column(id, "concat_ws(' ', state, imported)"), "imported 300");
}

static void cancelled(void **state) {
    (void)state;
    const char *text = people(1, 10);
    const char *id = checked(SALES, text, name_and_email);
    assert_int_equal(SITE_POST(portal, SALES, path(id, "/cancel"), "")->status, 303);
    assert_int_equal(count("lead_import_rows"), 0);
    assert_lacks(SITE_GET(portal, SALES, "/leads/imports")->body, id);
    assert_int_equal(SITE_GET(portal, SALES, path(id, ""))->status, 200);
    assert_int_equal(commit(SALES, id, "consent=true")->status, 409);
    (void)id_of(send_file(SALES, text)); /* may be sent again */
}

/* Files go when nobody wants them; those of the last hour stay, whoever they may belong to. */
static void files_go(void **state) {
    (void)state;
    const char *id = checked(SALES, people(1, 3), name_and_email);
    const char *file =
        arena_printf(site_arena(portal), "%s/%s", site_config(portal)->files, column(id, "file"));
    (void)id_of(send_file(SALES, people(4, 5)));
    assert_int_equal(files_kept(false), 2);
    assert_int_equal(commit(SALES, id, "consent=true")->status, 303);
    (void)work();
    assert_int_equal(files_kept(false), 2);
    struct utimbuf old = {.actime = 1, .modtime = 1};
    assert_int_equal(utime(file, &old), 0);
    site_sql(portal, "SELECT app.job_add('imports.tidy')");
    (void)work();
    assert_int_equal(files_kept(false), 1);

    site_sql(portal,
             "ALTER TABLE lead_imports DISABLE TRIGGER change; UPDATE lead_imports SET updated_at "
             "= now() - interval '15 days' WHERE state = 'new';"
             "ALTER TABLE lead_imports ENABLE TRIGGER change; SELECT app.job_add('imports.tidy')");
    (void)work();
    assert_int_equal(count("lead_imports WHERE state = 'cancelled'"),
                     1); /* nobody went on with it */
}

static void a_lost_file_is_said(void **state) {
    (void)state;
    const char *id = id_of(send_file(SALES, people(1, 3)));
    assert_int_equal(SITE_POST(portal, SALES, path(id, "/columns"), name_and_email)->status, 303);
    (void)files_kept(true);
    (void)work();
    assert_string_equal(column(id, "state"),
                        "checking"); /* another machine may have it: tried again */
    assert_int_equal(count("jobs WHERE kind = 'imports.check' AND last_error LIKE '%file store%'"),
                     1);
}

int main(void) {
#define FLOW(test) cmocka_unit_test_setup(test, restore)
    const struct CMUnitTest tests[] = {
        FLOW(a_file_becomes_leads),
        FLOW(a_workbook_becomes_leads),
        FLOW(few_workbooks_at_once),
        FLOW(problems_name_what_the_file_says),
        FLOW(the_summary_names_the_bounds),
        FLOW(refused_rows_can_be_corrected),
        FLOW(long_rows_come_back),
        FLOW(the_same_file_twice),
        FLOW(registrations),
        FLOW(duplicates),
        FLOW(clients_that_came_meanwhile),
        FLOW(hostile_files),
        FLOW(too_many_rows),
        FLOW(columns_that_make_no_leads),
        FLOW(money_in_rows),
        FLOW(headers_are_remembered),
        FLOW(what_others_see),
        FLOW(staff_import_for_a_partner),
        FLOW(a_check_goes_on_where_it_was),
        FLOW(another_mapping_meanwhile),
        FLOW(a_commit_is_whole_or_nothing),
        FLOW(cancelled),
        FLOW(files_go),
        FLOW(a_lost_file_is_said),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
