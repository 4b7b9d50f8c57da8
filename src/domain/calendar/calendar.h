/*
 * calendar.h - what people have before them: follow-up reminders on a lead, and appointments with
 * the client (agenda, what was, one appointment, its calendar file).
 *
 * Whose they are is row-level security's business: appointments are seen by whoever sees the lead,
 * reminders by the side that made them. Jobs speak up in time (migration 0007). Here: what the
 * forms hold, when something may be (the rules beside this file), and the warning when something
 * else is at that time.
 */
#ifndef TESSERA_DOMAIN_CALENDAR_CALENDAR_H
#define TESSERA_DOMAIN_CALENDAR_CALENDAR_H

#include "http/page.h"

/* ── Reminders ── */

extern const struct form_spec reminder_form, reminder_snooze_form, reminder_back_form;

enum err reminder_prepare(struct ctx *ctx) CHECKED; /* how the list of people calls the reader */
/* Adds `quick`: {code, at, checked}, the choices with the hour that each means. */
enum err reminder_form_page(struct ctx *ctx) CHECKED;
enum err reminder_insert_post(struct ctx *ctx) CHECKED;
enum err reminder_update_post(struct ctx *ctx) CHECKED;
enum err reminder_snooze_post(struct ctx *ctx) CHECKED;
enum err reminder_done_post(struct ctx *ctx) CHECKED;
enum err reminder_reopen_post(struct ctx *ctx) CHECKED;
enum err reminder_delete_post(struct ctx *ctx) CHECKED;

/* ── Appointments ── */

extern const struct form_spec appointment_form, appointment_past_filters, call_off_form;
extern const struct list_spec appointment_past_spec;

enum err agenda_prepare(struct ctx *ctx) CHECKED;   /* ?who=me narrows to the reader's own */
enum err agenda_page(struct ctx *ctx) CHECKED;      /* adds `only_mine` */
enum err appointment_page(struct ctx *ctx) CHECKED; /* adds `changeable` */
/* Of the forms: works out when it would be, so that the statements can look what else is then. */
enum err appointment_prepare(struct ctx *ctx) CHECKED;
enum err appointment_form_page(struct ctx *ctx) CHECKED; /* adds `overlapping` */
enum err appointment_insert_post(struct ctx *ctx) CHECKED;
enum err appointment_update_post(struct ctx *ctx) CHECKED;
enum err appointment_call_off_post(struct ctx *ctx) CHECKED;
enum err appointment_file(struct ctx *ctx) CHECKED; /* text/calendar */

#endif
