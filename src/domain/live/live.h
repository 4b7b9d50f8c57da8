/*
 * live.h - open pages hear what has changed: the door to it. What is said there: jobs/live.h.
 */
#ifndef TESSERA_DOMAIN_LIVE_LIVE_H
#define TESSERA_DOMAIN_LIVE_LIVE_H

#include "http/page.h"

/* GET /events: hands the request over to nginx (X-Accel-Redirect), which holds the stream. The channels are those of the
 * session's scope and permissions; their ids never leave the machine. */
enum err live_events(struct ctx *ctx) CHECKED;

#endif
