/*
 * notifications.h - what people are told: the list behind the bell, and how each one wants to hear
 * of what.
 *
 * Who hears of an event is decided in the database (app.event_fan_out); here one's own
 * notifications are shown, read, and one's own choices made. Opening a notification is a POST,
 * because it marks it as read: what fetches pages ahead reads nobody's notifications. A mail or a
 * push links to /notifications/{id}, which changes nothing and leads to the page; its script then
 * says that somebody is looking (static/js/notifications.js).
 */
#ifndef TESSERA_DOMAIN_NOTIFICATIONS_NOTIFICATIONS_H
#define TESSERA_DOMAIN_NOTIFICATIONS_NOTIFICATIONS_H

#include "http/page.h"

extern const struct form_spec notification_filters, notification_read_form,
    notification_read_all_form, notification_settings_form, push_form;
extern const struct list_spec notification_list_spec;

enum err notification_list_page(struct ctx *ctx) CHECKED;
enum err notification_follow(struct ctx *ctx) CHECKED; /* GET: on to what it is about */
enum err notification_open_post(struct ctx *ctx) CHECKED;
enum err notification_read_post(struct ctx *ctx) CHECKED;
enum err notification_read_all_post(struct ctx *ctx) CHECKED;

enum err notification_settings_page(struct ctx *ctx) CHECKED;
enum err notification_settings_post(struct ctx *ctx) CHECKED;
enum err notification_reset_post(struct ctx *ctx) CHECKED;

enum err push_key(struct ctx *ctx) CHECKED; /* 404 where the portal sends no push */
enum err push_post(struct ctx *ctx) CHECKED;
enum err push_delete_post(struct ctx *ctx) CHECKED;

#endif
