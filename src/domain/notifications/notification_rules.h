/*
 * notification_rules.h - what is decided about notifications without asking the database. Pure.
 */
#ifndef TESSERA_DOMAIN_NOTIFICATIONS_NOTIFICATION_RULES_H
#define TESSERA_DOMAIN_NOTIFICATIONS_NOTIFICATION_RULES_H

#include "core/arena.h"
#include <stdbool.h>

/* Lucide's name for what stands beside a notification of a category. */
const char *notification_icon(const char *category) __attribute__((returns_nonnull));
/* Where a mail's or a push's link leads: href with ?n=<id> (before a #fragment), by which the page
 * knows what was come for. */
const char *notification_href(struct arena *arena, const char *href, const char *id)
    __attribute__((returns_nonnull));
/* The list to go back to, as the form sent it: "/notifications" and its query, or just that when it
 * is anything else. */
const char *notification_back(const char *sent) __attribute__((returns_nonnull));

/* "+971 50 123-4567" or "00971…" as E.164: "+971501234567". NULL when it doesn't say its country or
 * isn't 7 to 15 digits. */
const char *phone_e164(struct arena *arena, const char *typed);
/* What is wrong with quiet hours ("22:00", or NULL for not given), as a gettext message id; NULL:
 * nothing. */
const char *quiet_hours_problem(const char *from, const char *to);

enum channel { CHANNEL_EMAIL, CHANNEL_PUSH, CHANNEL_SMS, CHANNELS };
/* May value be chosen for that channel? */
bool channel_takes(enum channel channel, const char *value);

#endif
