/*
 * links.h - referral links: the pages on which partners make them and see what they brought, the
 * redirect behind /r/{code}, and the cookie by which a later form knows which links somebody came by.
 *
 * The redirect is one read by the code's index, without a session; its click is written later
 * (clicks.h). Whose links somebody sees is row-level security's business.
 */
#ifndef TESSERA_DOMAIN_LINKS_LINKS_H
#define TESSERA_DOMAIN_LINKS_LINKS_H

#include "domain/links/attribution_rules.h"
#include "domain/links/link_rules.h"
#include "http/page.h"

/* ── Pages ── */

extern const struct form_spec link_filters, link_form, link_archive_form, link_range_form, click_filters;
extern const struct list_spec link_list_spec, click_list_spec;

enum err link_list_prepare(struct ctx *ctx) CHECKED;
enum err link_list_page(struct ctx *ctx) CHECKED; /* adds `staff` */
enum err link_form_page(struct ctx *ctx) CHECKED; /* of new and edit: adds `staff`, `link_base`, `sites` … */
enum err link_insert_post(struct ctx *ctx) CHECKED;
enum err link_update_post(struct ctx *ctx) CHECKED;
enum err link_archive_post(struct ctx *ctx) CHECKED;
enum err link_page_prepare(struct ctx *ctx) CHECKED;
/* Adds `url`, `qr_svg_href`, `qr_png_href`, the chosen days, `trend_svg`, `funnel_svg`, `steps`. */
enum err link_page(struct ctx *ctx) CHECKED;
enum err link_qr_svg(struct ctx *ctx) CHECKED;
enum err link_qr_png(struct ctx *ctx) CHECKED;
enum err click_list_prepare(struct ctx *ctx) CHECKED;
enum err click_list_page(struct ctx *ctx) CHECKED;

/* ── /r/{code} ── */

enum err link_redirect(struct ctx *ctx) CHECKED;

/* ── For forms and applications ── */

/* What the visitor's browser remembers within the protection window; nothing of it is certain but
 * that this portal wrote it. */
struct attribution attribution_of(const struct ctx *ctx, long protection_days);
/* A keyed hash of the client's address, for counting tries without keeping addresses; hex. */
const char *address_hash(struct ctx *ctx) __attribute__((returns_nonnull));

#endif
