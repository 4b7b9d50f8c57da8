/*
 * auth.h - signing in and out, passwords, one-time links, one's own account.
 *
 * These are the only pages that hash passwords; nginx sends their POSTs to the login pool, so that a storm of
 * sign-ins never starves the pages. An unknown account and a wrong password take the same time and get the
 * same words.
 */
#ifndef TESSERA_DOMAIN_AUTH_AUTH_H
#define TESSERA_DOMAIN_AUTH_AUTH_H

#include "http/page.h"

extern const struct form_spec login_form, forgot_form, reset_form, invitation_form, account_form, password_form, theme_form;

enum err login_show_prepare(struct ctx *ctx) CHECKED;
enum err login_show(struct ctx *ctx) CHECKED; /* whoever is signed in already goes on */
enum err login_post(struct ctx *ctx) CHECKED;
enum err logout_post(struct ctx *ctx) CHECKED;

enum err forgot_post(struct ctx *ctx) CHECKED;
enum err reset_prepare(struct ctx *ctx) CHECKED; /* {token} -> what the statements take */
enum err invitation_prepare(struct ctx *ctx) CHECKED;
enum err link_show(struct ctx *ctx) CHECKED; /* 404 with a reason when the link is used up or expired */
enum err reset_post(struct ctx *ctx) CHECKED;
enum err invitation_post(struct ctx *ctx) CHECKED;

enum err account_post(struct ctx *ctx) CHECKED;
enum err account_password_post(struct ctx *ctx) CHECKED;
enum err theme_post(struct ctx *ctx) CHECKED;
enum err session_delete_post(struct ctx *ctx) CHECKED;
enum err sessions_delete_post(struct ctx *ctx) CHECKED; /* sign out everywhere */

/* For whoever invites: sets link_token_hash, mail_subject and mail_body for the statement `invite`. name: of the invited. */
enum err invitation_mail(struct ctx *ctx, const char *name) CHECKED;

#endif
