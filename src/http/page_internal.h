/*
 * page_internal.h - what the files of the page machinery share: page.c (the course of a request), ctx.c (what
 * handlers call), chrome.c (what surrounds every page), error_page.c and list.c.
 */
#ifndef TESSERA_HTTP_PAGE_INTERNAL_H
#define TESSERA_HTTP_PAGE_INTERNAL_H

#include "http/page.h"

/* Statement parameter by name: what was set, then the form, then what every batch needs. */
const char *ctx_value(void *context, const char *name);
/* app.session_open() and the route's statements, as one batch. */
enum err ctx_load(struct ctx *ctx, enum batch_kind kind, const enum query *queries, const struct query_sort *list_sort) CHECKED;

/* Fills ctx->chrome: programme, user, partner, navigation, CSRF token, assets, notice. */
void chrome_fill(struct ctx *ctx);
/* Renders a template with the page and its chrome into the response. */
enum err chrome_render(struct ctx *ctx, const char *template) CHECKED;

/* Turns an error into an answer: a page, problem+json (RFC 9457), or the way to the sign-in page. */
void error_answer(struct ctx *ctx, enum err err);

/* List: parameters before the statement runs, what the template shows after, and the export as CSV or XLSX. */
const struct query_sort *list_prepare(struct ctx *ctx);
void list_show(struct ctx *ctx);
void list_export(struct ctx *ctx);

#endif
