/*
 * live.h - the process that tells open pages what has changed.
 *
 * It LISTENs to 'live' and publishes to the nchan of its own machine's nginx, over the socket live_socket. Nothing is kept:
 * whenever something may have been missed - a new connection to PostgreSQL, a new worker of nginx, which has forgotten
 * everything, more at once than the queue takes - it cuts the streams of all sessions that ended within a day once more and
 * tells every page to look for itself (LIVE_REFRESH). Pages do without it; they are just not live.
 *
 * nginx is asked every second which of its workers answers. There should be one: nchan 1.3.6 with several loses subscribers
 * of channels whose worker died (event live_several_workers).
 */
#ifndef TESSERA_JOBS_LIVE_H
#define TESSERA_JOBS_LIVE_H

#include "core/config.h"

/* Told of each message whether nchan took it, for the scoreboard. */
typedef void live_note_fn(void *context, bool taken);

/* Until it is asked to stop. Its exit status. */
int live_run(const struct config *config, live_note_fn *note, void *context);

#endif
