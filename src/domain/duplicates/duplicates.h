/*
 * duplicates.h - is this the same client? Keys, pairs that staff decide, merges and the way back, registrations and longer
 * protection, and the blind check for partners.
 *
 * What is compared, found, merged and undone happens in the database (sql/migrations/0018_duplicates.sql; docs/duplicates.md in
 * words). Here: forms, pages, and the phone number's E.164 form, which whoever writes a lead's client_phone writes beside it.
 */
#ifndef TESSERA_DOMAIN_DUPLICATES_DUPLICATES_H
#define TESSERA_DOMAIN_DUPLICATES_DUPLICATES_H

#include "domain/duplicates/duplicate_rules.h" /* other domains reach the rules */
#include "domain/duplicates/phone.h"           /* and the numbers from here */
#include "http/page.h"
#include "jobs/job.h"

extern const struct form_spec duplicate_filters, duplicate_merge_form, extension_filters, extension_form,
    extension_decide_form, overlap_form;
extern const struct list_spec duplicate_list_spec, merge_list_spec, extension_list_spec, overlap_log_spec;

/* ── Pairs and merges: staff ── */
enum err duplicate_list_prepare(struct ctx *ctx) CHECKED;
enum err duplicate_list_page(struct ctx *ctx) CHECKED;
enum err duplicate_tabs_page(struct ctx *ctx) CHECKED; /* of the other lists of this room: adds `tabs` */
/* Adds `pair` ({first, second}: the two leads) and `fields`: [{name, label, differs, first, second: {value, chosen}}]. */
enum err duplicate_pair_page(struct ctx *ctx) CHECKED;
enum err duplicate_merge_post(struct ctx *ctx) CHECKED;
enum err duplicate_apart_post(struct ctx *ctx) CHECKED;
enum err duplicate_reopen_post(struct ctx *ctx) CHECKED;
enum err merge_page(struct ctx *ctx) CHECKED;
enum err merge_undo_post(struct ctx *ctx) CHECKED;

/* ── Longer protection ── */
enum err extension_page(struct ctx *ctx) CHECKED;
enum err extension_ask_post(struct ctx *ctx) CHECKED;
enum err extension_decide_page(struct ctx *ctx) CHECKED;
enum err extension_decide_post(struct ctx *ctx) CHECKED;

/* ── Is this client free?: partners ── */
/* Adds overlap_code: the calling code of the partner's country, where it is sure what a number without one means. */
enum err overlap_page(struct ctx *ctx) CHECKED;
enum err overlap_post(struct ctx *ctx) CHECKED;

/* Sets phone_e164 for statements that write a lead, from the form's client_phone and the partner's region. In a POST's
 * transaction, once partner_id (staff) or id is known to be right. A number that no phone can have is refused where it is
 * the only way to reach the client. */
enum err lead_phone_set(struct ctx *ctx) CHECKED;

/* Job duplicates.phones: E.164 forms of a portion of old numbers; the next portion is a job of its own. */
enum err duplicate_phones_work(struct job *job) CHECKED;

#endif
