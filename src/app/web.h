/*
 * web.h - one worker of `tessera web`: what it loads once, and how it answers.
 */
#ifndef TESSERA_APP_WEB_H
#define TESSERA_APP_WEB_H

#include "core/config.h"
#include "http/fcgi.h"
#include "http/page.h"

struct web;

/* Loads templates, asset names and the secret, and makes the router. NULL with a logged reason. config must outlive
 * it. board and slot may be NULL. Connects to nothing: that happens with the first request. */
struct web *web_new(const struct config *config, struct scoreboard *board, struct scoreboard_slot *slot) CHECKED;
void web_free(struct web *web);
/* For fcgi_serve(): context is the struct web. What requests have put off (clicks on links) is written when none
 * waits, by web_done() when there is much of it, and by web_free(). */
void web_handle(void *context, struct fcgi_request *request, struct response *response);
void web_done(void *context, const struct fcgi_result *result);
int web_idle(void *context);
const struct site *web_site(const struct web *web);

#endif
