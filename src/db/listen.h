/*
 * listen.h - a connection that does nothing but hear what others NOTIFY.
 *
 * What is said while there is no connection is not heard: listener_next() tells of each new connection first, so that
 * whoever listens can look for itself what it has missed.
 */
#ifndef TESSERA_DB_LISTEN_H
#define TESSERA_DB_LISTEN_H

#include <stdbool.h>

struct listener;

struct listener *listener_new(const char *conninfo, const char *channel) __attribute__((returns_nonnull));
void listener_free(struct listener *listener);
/* To wait on for reading; -1 while there is no connection, in which case listener_next() is to be called again within a
 * second. */
int listener_fd(const struct listener *listener);

enum heard { HEARD_NOTHING, HEARD_CONNECTED, HEARD_NOTICE };
/* The next thing heard, without waiting. *payload (of a notice) lives until the next call. */
enum heard listener_next(struct listener *listener, const char **payload);

#endif
