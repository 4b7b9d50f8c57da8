/*
 * stop.h - a daemon's process is asked to leave: it finishes what it has begun, gives the rest back and ends with status 0.
 * The descriptor wakes whoever waits in poll().
 */
#ifndef TESSERA_JOBS_STOP_H
#define TESSERA_JOBS_STOP_H

#include <stdbool.h>

void stop_open(void); /* in each process, before it first waits */
void stop_ask(void);  /* async-signal-safe */
bool stop_asked(void);
int stop_fd(void); /* readable once it was asked */

#endif
