/*
 * ics.h - one appointment as a calendar file (iCalendar, RFC 5545; methods by RFC 5546). Pure.
 *
 * Times are UTC, so a calendar needs no zone of ours to place them. The same uid with a higher
 * sequence replaces what a calendar took over before; a cancelled one takes it off again.
 */
#ifndef TESSERA_DOMAIN_CALENDAR_ICS_H
#define TESSERA_DOMAIN_CALENDAR_ICS_H

#include "core/buf.h"
#include <stdbool.h>
#include <time.h>

struct ics_event {
    const char *uid; /* never changes */
    const char *organizer; /* whose calendar it comes from, and their address: RFC 5546 wants one in both methods; */
    const char *organizer_mail; /* without the address, none is written */
    long sequence;
    time_t changed; /* DTSTAMP and LAST-MODIFIED */
    time_t starts, ends;
    const char *title;
    const char *place; /* NULL or "": none */
    const char *about; /* NULL or "": none; lines end with '\n' */
    const char *url;   /* of the page that shows it; NULL: none */
    bool cancelled;
    long notice; /* minutes before, for an alarm; 0: none */
};

/* Appends the whole file, lines ended by CRLF and folded. */
void ics_write(const struct ics_event *event, struct buf *out);

/* Appends text as a TEXT value: backslash, comma and semicolon escaped, line ends as "\n", other
 * control characters left out. */
void ics_escape(const char *text, struct buf *out);
/* Appends a content line with its CRLF, folded so that no line is longer than 75 octets; no UTF-8
 * sequence is cut. line: well-formed UTF-8 without line ends. */
void ics_fold(const char *line, struct buf *out);

#endif
