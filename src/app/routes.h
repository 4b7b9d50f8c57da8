/*
 * routes.h - every URL of the portal, with who may reach it.
 */
#ifndef TESSERA_APP_ROUTES_H
#define TESSERA_APP_ROUTES_H

#include "http/page.h"

extern const struct route routes[];
extern const size_t routes_count;
extern const struct nav_item navigation[]; /* ended by an item without a label */
extern const struct nav_badge navigation_badges[]; /* ended by one without an href */

#endif
