/*
 * clicks.h - clicks on their way into the database.
 *
 * A redirect only notes its click in the worker's memory. They are written in bundles by one
 * statement, when no request waits, or, under load, right behind an answer that was sent: every
 * CLICKS_BUNDLE clicks, and no later than a second after the oldest. Whoever ends in order (drained,
 * recycled, reloaded) writes what it has; a worker that is killed loses what it had noted in its last
 * second, CLICKS_BUNDLE clicks at most. While the database is away they are kept, up to CLICKS_MAX;
 * then the oldest give way, and the log says how many.
 *
 * One buffer per process.
 */
#ifndef TESSERA_DOMAIN_LINKS_CLICKS_H
#define TESSERA_DOMAIN_LINKS_CLICKS_H

#include "db/db.h"
#include "domain/links/click_rules.h"
#include <stdbool.h>
#include <stdint.h>

enum { CLICKS_BUNDLE = 256, CLICKS_MAX = 2048 };

struct click {
    char link[37];    /* UUID */
    int64_t at_us;    /* microseconds since 1970 */
    int64_t noted_us; /* by clock_monotonic_us() */
    enum click_kind kind;
    uint8_t visitor[VISITOR_SIZE];
    char referrer[REFERRER_SIZE]; /* "": none */
};

/* Copied. */
void clicks_note(const struct click *click);
size_t clicks_waiting(void);
/* True when they should be written before the next request. */
bool clicks_due(void);
/* Writes what waits, with db and arena idle. Returns after how many milliseconds it should be called
 * again: negative when nothing waits, a second when the database was away. */
int clicks_write(struct db *db, struct arena *arena);

#endif
