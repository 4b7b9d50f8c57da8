/*
 * dashboard_parts.h - the parts of the page, each a function that adds to its model.
 */
#ifndef TESSERA_DOMAIN_DASHBOARD_DASHBOARD_PARTS_H
#define TESSERA_DOMAIN_DASHBOARD_DASHBOARD_PARTS_H

#include "domain/dashboard/dashboard_rules.h"
#include "http/page.h"

/* The tiles that get a small line beside their figure. */
struct sparks {
    struct model *created, *won;
};

/* dashboard_figures.c: `figures`, each with where it leads and how it compares */
void figures_show(struct ctx *ctx, const struct period *period, struct sparks *sparks);
/* dashboard_charts.c: `trend` and `trend_svg`, and the sparks; `stages` and `funnel_svg` */
void trend_show(struct ctx *ctx, const struct period *period, const struct sparks *sparks);
void funnel_show(struct ctx *ctx);
/* dashboard_duties.c: `duties`, `capacity` */
void duties_show(struct ctx *ctx);
void capacity_show(struct ctx *ctx);

#endif
