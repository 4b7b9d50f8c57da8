/*
 * announcements.h - news from the programme: for those who read it, and for those who write it.
 *
 * Who may read one is row-level security's business (a partner: what is out, not over, and meant
 * for its type, tier and region). It is written as a draft, looked at together with the number of
 * people that it reaches, and then published; a job tells them (migration 0007).
 */
#ifndef TESSERA_DOMAIN_ANNOUNCEMENTS_ANNOUNCEMENTS_H
#define TESSERA_DOMAIN_ANNOUNCEMENTS_ANNOUNCEMENTS_H

#include "http/page.h"

extern const struct list_spec announcement_list_spec, announcement_admin_spec;
extern const struct form_spec announcement_read_form, announcement_filters, announcement_form,
    announcement_publish_form;

enum err announcement_read_post(struct ctx *ctx) CHECKED;

enum err announcement_form_page(struct ctx *ctx) CHECKED; /* adds `out` */
enum err announcement_preview(
    struct ctx *ctx) CHECKED; /* adds `may_publish`, `may_withdraw`, `may_delete` */
enum err announcement_insert_post(struct ctx *ctx) CHECKED;
enum err announcement_update_post(struct ctx *ctx) CHECKED;
enum err announcement_publish_post(struct ctx *ctx) CHECKED;
enum err announcement_withdraw_post(struct ctx *ctx) CHECKED;
enum err announcement_delete_post(struct ctx *ctx) CHECKED;

#endif
