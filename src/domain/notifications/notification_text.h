/*
 * notification_text.h - what a notification says, as plain text: for the subject of a mail, an SMS,
 * a push, JSON.
 *
 * A row of the statements notification_one or notification_list holds ids and, read through its
 * reader's eyes, names; the template that it names (templates/notification/<type>.mustache) makes
 * one sentence of it. Pages may show that template itself: {{> *template}}.
 */
#ifndef TESSERA_DOMAIN_NOTIFICATIONS_NOTIFICATION_TEXT_H
#define TESSERA_DOMAIN_NOTIFICATIONS_NOTIFICATION_TEXT_H

#include "core/rows.h"
#include "view/mustache.h"

/* One line in the arena, nothing escaped, in the language, time zone and currency of options. A
 * type whose template is missing is logged and says "Something new". Never NULL. */
const char *notification_text(const struct template_set *templates, const struct rows *rows,
                              size_t row, const struct render_options *options, struct arena *arena)
    __attribute__((returns_nonnull));

#endif
