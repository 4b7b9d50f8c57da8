/*
 * nurture.h - sequences of mails that new clients get by themselves: staff write, preview, try and switch them on.
 *
 * Who is enrolled, when the next step is due and what ends a sequence is decided in the database
 * (sql/migrations/0011_nurture.sql); the daemon takes the steps (job nurture.step).
 */
#ifndef TESSERA_DOMAIN_NURTURE_NURTURE_H
#define TESSERA_DOMAIN_NURTURE_NURTURE_H

#include "http/page.h"

extern const struct form_spec sequence_filters, sequence_form, sequence_step_form, sequence_switch_form, sequence_move_form;
extern const struct list_spec sequence_list_spec;

enum err sequence_new_prepare(struct ctx *ctx) CHECKED;
enum err sequence_insert_post(struct ctx *ctx) CHECKED;
enum err sequence_update_post(struct ctx *ctx) CHECKED;
enum err sequence_switch_post(struct ctx *ctx) CHECKED;
enum err sequence_delete_post(struct ctx *ctx) CHECKED;

enum err sequence_step_prepare(struct ctx *ctx) CHECKED;
enum err sequence_step_insert_post(struct ctx *ctx) CHECKED;
enum err sequence_step_update_post(struct ctx *ctx) CHECKED;
enum err sequence_step_delete_post(struct ctx *ctx) CHECKED;
enum err sequence_step_move_post(struct ctx *ctx) CHECKED;
enum err sequence_step_try_post(struct ctx *ctx) CHECKED; /* mails it to whoever asks */

enum err nurture_end_post(struct ctx *ctx) CHECKED; /* for one lead */

#endif
