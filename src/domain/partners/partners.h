/*
 * partners.h - partners as an admin keeps them, a partner's own profile, and the people of either side.
 *
 * People are kept in three places by the same handlers: /team (a partner's owner), /admin/partners/{id}/people (staff)
 * and /admin/staff. A statement about a person names the partner
 * (for the first and the last place it is the session's own, NULL for staff); policies decide the rest.
 */
#ifndef TESSERA_DOMAIN_PARTNERS_PARTNERS_H
#define TESSERA_DOMAIN_PARTNERS_PARTNERS_H

#include "http/page.h"

extern const struct form_spec partner_filters, partner_form, partner_status_form, profile_form;
extern const struct form_spec member_invite_form, member_form, member_status_form, staff_invite_form, staff_form;
extern const struct list_spec partner_list_spec;

enum err partner_new_prepare(struct ctx *ctx) CHECKED; /* sensible values in an empty form */
enum err partner_insert_post(struct ctx *ctx) CHECKED;
enum err partner_update_post(struct ctx *ctx) CHECKED;
enum err partner_status_post(struct ctx *ctx) CHECKED;
enum err partner_delete_post(struct ctx *ctx) CHECKED;
enum err partner_show(struct ctx *ctx) CHECKED; /* adds `dependents`: what hangs on it, in words */
enum err profile_post(struct ctx *ctx) CHECKED;

enum err members_of_team(struct ctx *ctx) CHECKED;    /* prepare */
enum err members_of_partner(struct ctx *ctx) CHECKED; /* prepare: partner_id = {id} */
enum err members_of_staff(struct ctx *ctx) CHECKED;   /* prepare */
enum err member_page(struct ctx *ctx) CHECKED;        /* adds people_href and member_href, where the list and the person are */
enum err member_insert_post(struct ctx *ctx) CHECKED;
enum err member_update_post(struct ctx *ctx) CHECKED;
enum err member_status_post(struct ctx *ctx) CHECKED;
enum err member_invite_post(struct ctx *ctx) CHECKED; /* once more */
enum err member_delete_post(struct ctx *ctx) CHECKED;

#endif
