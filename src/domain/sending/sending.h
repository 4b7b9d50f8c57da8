/*
 * sending.h - the pages around what leaves the portal: the way out of mails, addresses that get nothing, what providers
 * report back, and, while the portal is developed, what was caught instead of sent.
 */
#ifndef TESSERA_DOMAIN_SENDING_SENDING_H
#define TESSERA_DOMAIN_SENDING_SENDING_H

#include "http/page.h"

extern const struct form_spec unsubscribe_form, suppression_filters, caught_filters;
extern const struct list_spec suppression_list_spec, caught_list_spec;

/* The token of the address becomes :outbox_id; of a forged one, nothing does. */
enum err unsubscribe_prepare(struct ctx *ctx) CHECKED;
enum err unsubscribe_page(struct ctx *ctx) CHECKED;
/* From the page, or by one click of a mail program (RFC 8058), which is answered and not sent elsewhere. */
enum err unsubscribe_post(struct ctx *ctx) CHECKED;

enum err suppression_page(struct ctx *ctx) CHECKED;
enum err suppression_lift_post(struct ctx *ctx) CHECKED;
/* Signed by the provider (report_rules.h), else 403; 404 while no provider is set up. */
enum err mail_webhook_post(struct ctx *ctx) CHECKED;

/* 404 unless mail_delivery is "catch". */
enum err caught_prepare(struct ctx *ctx) CHECKED;
/* A mail's HTML as it is, in a sandbox without scripts and without a network. */
enum err caught_html(struct ctx *ctx) CHECKED;

#endif
