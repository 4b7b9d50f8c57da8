/*
 * cards.h - business cards: somebody photographs one, it is read, and the quick form for a new lead stands filled in for
 * them to correct.
 *
 * Photo -> page that shows how far it is -> /leads/new?card=…, with the picture beside the form. Reading is a job (card.read):
 * tesseract in a process of its own (jobs/child.h). When nothing could be read the form is empty and says so. A card is its
 * taker's alone until a lead was made of it (sql/migrations/0016_work.sql).
 */
#ifndef TESSERA_DOMAIN_CARDS_CARDS_H
#define TESSERA_DOMAIN_CARDS_CARDS_H

#include "domain/cards/card_rules.h"
#include "http/page.h"
#include "jobs/job.h"

extern const struct form_spec card_form;

enum err card_insert_post(struct ctx *ctx) CHECKED;
/* How far it is; leads on to the form once it is read. */
enum err card_page(struct ctx *ctx) CHECKED;

/* Of the quick form: fills it from the row of Q_card_found, when there is one. Adds `photo` {href, failed}: the picture, and a
 * sentence when it could not be read. */
void card_fill(struct ctx *ctx);

enum err card_read(struct job *job) CHECKED;

#endif
