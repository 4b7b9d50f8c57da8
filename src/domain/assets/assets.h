/*
 * assets.h - the library: search, thumbnails, downloads that are counted. Files are sent by nginx from the
 * protected folder; what may be had is decided by row-level security.
 */
#ifndef TESSERA_DOMAIN_ASSETS_ASSETS_H
#define TESSERA_DOMAIN_ASSETS_ASSETS_H

#include "http/page.h"

extern const struct form_spec asset_filters;
extern const struct list_spec asset_list_spec;

enum err asset_thumbnail(struct ctx *ctx) CHECKED;
enum err asset_download_post(struct ctx *ctx) CHECKED; /* a POST, because it counts */

#endif
