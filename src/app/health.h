/*
 * health.h - what machines ask: /healthz (the worker lives), /readyz (and reaches the database), /metrics.
 */
#ifndef TESSERA_APP_HEALTH_H
#define TESSERA_APP_HEALTH_H

#include "http/page.h"

enum err health_live(struct ctx *ctx) CHECKED;
enum err health_ready(struct ctx *ctx) CHECKED;
enum err health_error(struct ctx *ctx) CHECKED;   /* answers with the error whose status the path names */
enum err health_metrics(struct ctx *ctx) CHECKED; /* nginx keeps it from the public */

#endif
