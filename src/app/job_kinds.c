/*
 * job_kinds.c - every kind of job, and what does it: a statement, or a function where it needs more than the database.
 *
 *   WORK(kind, at once, tries, first wait in seconds, statement)
 *   WORK_IN_C(kind, at once, tries, first wait, function)
 *   SEND(kind, at once, tries, first wait, function)
 */
#include "app/job_kinds.h"
#include "domain/cards/cards.h"
#include "domain/duplicates/duplicates.h"
#include "domain/files/files.h"
#include "jobs/mail.h"
#include "jobs/push.h"
#include "jobs/slack.h"
#include "jobs/sms.h"

#include "domain/imports/imports.h"
#include "domain/scoring/scoring.h"

#define WORK(name, n, t, s, q)      {.kind = name, .pool = JOB_WORK, .at_once = n, .tries = t, .wait = s, .statement = q}
#define WORK_IN_C(name, n, t, s, f) {.kind = name, .pool = JOB_WORK, .at_once = n, .tries = t, .wait = s, .work = f}
#define SEND(name, n, t, s, f)      {.kind = name, .pool = JOB_SEND, .at_once = n, .tries = t, .wait = s, .begin = f}

/* clang-format off */
const struct job_kind job_kinds[] = {
    WORK("notify.fan_out", 20, 8, 2, Q_work_fan_out),
    WORK("digests.make", 1, 5, 60, Q_work_digests),
    WORK("nurture.step", 20, 8, 10, Q_work_nurture_step),
    WORK("lead.bulk", 1, 8, 5, Q_work_bulk),
    WORK("bulk.housekeeping", 1, 5, 60, Q_work_bulk_housekeeping),
    WORK("daily.housekeeping", 1, 5, 60, Q_work_housekeeping),

    /* leads from files */
    WORK_IN_C("imports.check", 1, 5, 2, import_check_work),
    WORK("imports.commit", 1, 5, 5, Q_work_import_commit),
    WORK_IN_C("imports.tidy", 1, 5, 60, import_tidy_work),
    WORK_IN_C("scores.make", 1, 8, 5, scores_work),
    /* what leaves the portal; a mail's tries cover a day, and those that our relay is away for are not counted */
    SEND("send.email", 8, 14, 60, mail_begin),
    SEND("send.sms", 8, 8, 30, sms_begin),
    SEND("send.push", 32, 8, 30, push_begin),
    SEND("send.slack", 1, 8, 30, slack_begin),
    WORK("sending.housekeeping", 1, 5, 60, Q_work_sending_housekeeping),
    WORK("duplicates.find", 1, 8, 5, Q_work_duplicates_find),
    WORK_IN_C("duplicates.phones", 1, 8, 30, duplicate_phones_work),
    WORK("duplicates.housekeeping", 1, 5, 60, Q_work_duplicates_housekeeping),
    WORK("reminder.due", 20, 8, 2, Q_work_reminder),
    WORK("appointment.soon", 20, 8, 2, Q_work_appointment),
    WORK("announcement.tell", 1, 8, 2, Q_work_announcement),
    WORK("links.tidy", 1, 5, 60, Q_work_links_tidy),

    /* business cards: one at a time, because reading one takes a processor for some seconds */
    WORK_IN_C("card.read", 1, 3, 5, card_read),
    WORK("cards.housekeeping", 1, 5, 60, Q_work_cards_housekeeping),

    /* what was handed over and is nobody's any more */
    WORK("files.unlink", 1, 5, 60, Q_work_files_unlink),
    WORK_IN_C("files.tidy", 1, 5, 60, files_tidy_work),
};
/* clang-format on */
const size_t job_kinds_count = sizeof job_kinds / sizeof *job_kinds;
