/*
 * leads.h - the leads' pages: list, quick and full form with their drafts, one lead with its history,
 * edit, stage, staff's notes.
 *
 * Whose leads somebody sees is row-level security's business. Here: what a form holds, which moves
 * are offered (lead_rules.h), and what is said when somebody else was quicker (the form is shown
 * again with what was typed and the version that now counts).
 */
#ifndef TESSERA_DOMAIN_LEADS_LEADS_H
#define TESSERA_DOMAIN_LEADS_LEADS_H

#include "domain/leads/lead_rules.h" /* other domains reach the rules from here */
#include "http/page.h"

extern const struct form_spec lead_filters, lead_quick_form, lead_full_form, lead_edit_form,
    lead_stage_form, lead_undo_form, lead_staff_form;
extern const struct form_spec share_filters;
extern const struct list_spec lead_list_spec, share_list_spec;

/* What one field cannot know by itself: beside the fields that it is about. sent: as form_take() had it. */
void lead_form_check(struct form *form, const struct params *sent);

enum err lead_list_prepare(struct ctx *ctx) CHECKED;
/* Those of the filters that statements know otherwise than they were typed. */
void lead_filters_set(struct ctx *ctx, const struct form *filters);
enum err lead_list_page(struct ctx *ctx) CHECKED; /* adds what lead_views_show() does */

/* The same leads and filters as columns of cards. ?column=won&after=…&key=… is that column alone, further down.
 * Adds what lead_views_show() does, `further` (it is such a column) and `columns`: {stage, count, more (there are
 * more than were counted), sums {currency, value}, moves (where its cards may go: value, label, needs_reason, needs_value),
 * moves_text (the same for the script), cards (rows of board_cards), next_href}. */
enum err lead_board_prepare(struct ctx *ctx) CHECKED;
enum err lead_board_page(struct ctx *ctx) CHECKED;

enum err lead_new_prepare(struct ctx *ctx) CHECKED;
enum err lead_form_page(struct ctx *ctx) CHECKED; /* of both forms and of edit */
enum err lead_insert_post(struct ctx *ctx) CHECKED;

/* Drafts: what was typed into either form and not sent, of the person alone. Nothing is validated,
 * and the client's agreement is never part of one. */
void lead_draft_prepare(struct ctx *ctx);                  /* which one is continued, by the address */
enum err lead_draft_sent(struct ctx *ctx) CHECKED;         /* the form's draft is done with */
enum err lead_draft_post(struct ctx *ctx) CHECKED;         /* `then` "full": goes on in the full form */
enum err lead_draft_discard_post(struct ctx *ctx) CHECKED;

/* What of the time line is asked for: ?show= (one of its filters), ?before= (a place in it), ?entry= (an activity that it
 * begins with). Anything else counts for nothing. */
enum err lead_prepare(struct ctx *ctx) CHECKED;
/* Adds what lead_offers_show() does, `editable`, `next` (the next reminder), the time line as
 * lead_timeline_show() has it. */
enum err lead_page(struct ctx *ctx) CHECKED;

/* A stage that a lead, or some of many, may go to. */
struct lead_offer {
    bool offered, perhaps; /* perhaps: some of the ways there ask for a reason, others don't */
    unsigned needs;        /* bits of lead_rules.h */
};
/* Adds `moves` {value, label, needs ("reason", "perhaps", "value"), selected}, `move_chosen`, `may_win`, `may_need_reason`, and
 * `reason_groups` {stage, label, reasons {value, words, selected}} of the stages on offer. chosen: a stage's code or NULL. The
 * page has stage_reasons. */
void lead_offers_show(struct ctx *ctx, const struct lead_offer offers[LEAD_STAGES], const char *chosen);
/* What the form's reason and reason_code say; the page has stage_reasons. */
struct lead_reason lead_reason_given(const struct ctx *ctx);

enum err lead_absent(struct ctx *ctx) CHECKED; /* leads on to the lead that this one went into */
enum err lead_update_post(struct ctx *ctx) CHECKED;
enum err lead_stage_post(struct ctx *ctx) CHECKED; /* 409 as JSON where somebody was quicker */
enum err lead_undo_post(struct ctx *ctx) CHECKED;
enum err lead_staff_post(struct ctx *ctx) CHECKED;

/* Rows of lead_history (at, kind, from_stage, to_stage, reason, fields, actor, by_staff; maybe
 * lead_id and client, days, bulk_size, together, bulk_id) as a list of events in words: {at, title, note, actor, tone, href, client,
 * together, bulk_href (of an action on many leads that the reader may look at)}. */
void lead_events_show(struct ctx *ctx, const char *name, const struct rows *rows);
/* One of them in words, and its tone. kind: as lead_history has it. */
const char *lead_event_title(struct arena *arena, const char *kind, const struct rows *rows, size_t row);
const char *lead_event_tone(const char *kind, const char *stage);

/* Sets `lead_timeline` from rows of that statement: {id, type, title, at, author, by_staff, internal, shared, note, tone, icon, outcome,
 * minutes, text, place, map_href, edited_at, deleted, edit_href, href, partner, files, earlier, _paragraphs}; and older_href,
 * newest_href, `shows` [{label, href, current}]. */
void lead_timeline_show(struct ctx *ctx);

/* For the files of this room. */
enum lead_actor lead_actor_of(const struct ctx *ctx);
/* What the table and the board have in common: `staff`, `more_filters` (how many beyond the first row are in use),
 * `table_href` and `board_href` (with the filters as they are), `on_board`. */
void lead_views_show(struct ctx *ctx, bool on_board);

#endif
