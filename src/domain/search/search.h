/*
 * search.h - one field that finds leads, partners and people by name, mail or phone.
 *
 * What is found is what the reader may open: the statements run under row-level security, and nothing counts what is
 * hidden. The page and the suggestions under the field show the same, the suggestions less of it.
 *
 * Both get `groups` ([{label, more_href, items: [{id, href, title, note, icon, stage, badge}]}]; stage of a lead, badge the
 * role or status of the others), `found`, `typed` (NULL when nothing was), and links to the lists that search on:
 * `all_href`, `leads_href`, `messages_href` (NULL where the reader may not).
 */
#ifndef TESSERA_DOMAIN_SEARCH_SEARCH_H
#define TESSERA_DOMAIN_SEARCH_SEARCH_H

#include "http/page.h"

extern const struct form_spec search_form;

enum err search_prepare(struct ctx *ctx) CHECKED;  /* of the page */
enum err suggest_prepare(struct ctx *ctx) CHECKED; /* of the suggestions */
enum err search_page(struct ctx *ctx) CHECKED;

#endif
