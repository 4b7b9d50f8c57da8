/*
 * messages.h - conversations: the list of them, one with its messages and files, writing, putting right,
 * deleting.
 *
 * A thread is about something: a lead, a share of one, or nothing but the partner itself (its chat with
 * the programme). thread_kinds (0006_messages.sql) has the kinds and the permissions that take part in
 * them; another one (disputes) is another line there. Whose threads somebody sees, which messages in
 * them (notes of staff are for staff), and whether one may still be changed, row-level security says.
 *
 * A thread begins with its first message, sent to /messages/about/{kind}/{id}/upload. The addresses that
 * take messages end in /upload because files come along.
 */
#ifndef TESSERA_DOMAIN_MESSAGES_MESSAGES_H
#define TESSERA_DOMAIN_MESSAGES_MESSAGES_H

#include "domain/messages/message_rules.h"
#include "http/page.h"

extern const struct form_spec thread_filters, threads_read_form, message_form, message_edit_form;
extern const struct list_spec thread_list_spec;

enum err thread_list_prepare(struct ctx *ctx) CHECKED;
enum err thread_list_page(struct ctx *ctx) CHECKED; /* adds `staff`, `filter` */
enum err threads_read_post(struct ctx *ctx) CHECKED;

/* Shows the end of a thread, or with ?before= or ?at= (a message) an older part. Adds `staff` and
 * earlier_href, later_href, newest_href; the messages as messages_show() has them. */
enum err thread_prepare(struct ctx *ctx) CHECKED;
enum err thread_page(struct ctx *ctx) CHECKED;
/* The page that begins a thread; leads to the thread where there is one. */
enum err thread_subject_page(struct ctx *ctx) CHECKED;

enum err thread_begin_post(struct ctx *ctx) CHECKED;
enum err message_insert_post(struct ctx *ctx) CHECKED;
enum err message_edit_page(struct ctx *ctx) CHECKED;
enum err message_edit_post(struct ctx *ctx) CHECKED;
enum err message_delete_post(struct ctx *ctx) CHECKED;

/* Sets a list of messages, oldest first, from rows of thread_messages or lead_messages (newest first),
 * the first `count` of them: {id, at, author, mine, by_staff, staff_only, edited_at, deleted, edit_href, text,
 * first_new, files [{name, href, type, size, picture, audio}], earlier [{at, text}]} and, for templates only,
 * _paragraphs [{pieces [{text, href}]}]. unread: so many of others' at the end are new. */
void messages_show(struct ctx *ctx, const char *name, const struct rows *rows, size_t count, long unread);

/* Parts of it, for what else people write: `_paragraphs` of a text, `files` of a column that holds them as JSON (NULL: none),
 * and a name for whoever wrote row (columns author, by_staff). */
void message_text_show(struct ctx *ctx, struct model *model, const char *text);
void message_files_show(struct ctx *ctx, struct model *model, const char *json);
const char *message_author(struct ctx *ctx, const struct rows *rows, size_t row) __attribute__((returns_nonnull));

#endif
