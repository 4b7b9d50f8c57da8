/*
 * dashboard.h - what a partner, or the programme's staff, looks at first.
 *
 * The same page for both: app.scope() in its statements is the partner or the programme. Everything
 * comes from rollups and look-ups by index.
 */
#ifndef TESSERA_DOMAIN_DASHBOARD_DASHBOARD_H
#define TESSERA_DOMAIN_DASHBOARD_DASHBOARD_H

#include "http/page.h"

extern const struct form_spec dashboard_form; /* period, currency */

enum err dashboard_prepare(struct ctx *ctx) CHECKED; /* the statements' days */
/* Adds periods, currencies, figures, trend and its chart, stages and their funnel, capacity,
 * events, duties. */
enum err dashboard_page(struct ctx *ctx) CHECKED;

#endif
