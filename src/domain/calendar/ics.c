#include "domain/calendar/ics.h"

#include "core/text.h"
#include <string.h>

enum { LINE_OCTETS = 75, VALUE_MAX = 64 << 10 };

void ics_escape(const char *text, struct buf *out) {
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\\' || *c == ',' || *c == ';') {
            buf_putc(out, '\\');
            buf_putc(out, *c);
        } else if (*c == '\n') {
            buf_puts(out, "\\n");
        } else if ((unsigned char)*c >= ' ' ? *c != 0x7F : *c == '\t') {
            buf_putc(out, *c);
        }
    }
}

void ics_fold(const char *line, struct buf *out) {
    size_t left = strlen(line);
    size_t room = LINE_OCTETS;
    while (left > 0) {
        size_t step = text_utf8_next(line, left);
        step = step > 0 ? step : 1;
        if (step > room) {
            buf_puts(out, "\r\n ");
            room = LINE_OCTETS - 1; /* the blank counts */
        }
        buf_append(out, line, step);
        line += step;
        left -= step;
        room -= step;
    }
    buf_puts(out, "\r\n");
}

/* "NAME:" and a TEXT value; nothing for an empty one. */
static void put_text(struct buf *out, const char *name, const char *value) {
    struct buf line;
    if (text_blank(value))
        return;
    buf_init(&line, VALUE_MAX);
    buf_printf(&line, "%s:", name);
    ics_escape(value, &line);
    ics_fold(buf_text(&line), out);
    buf_free(&line);
}

static void put_time(struct buf *out, const char *name, time_t at) {
    struct tm utc = {.tm_year = 0};
    char text[20] = "";
    (void)gmtime_r(&at, &utc);
    (void)strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc);
    buf_printf(out, "%s:%s\r\n", name, text);
}

static void put_alarm(struct buf *out, const struct ics_event *event) {
    buf_printf(out, "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT%ldM\r\n", event->notice);
    put_text(out, "DESCRIPTION", event->title);
    buf_puts(out, "END:VALARM\r\n");
}

/* A parameter's value stands in quotes and may hold no quote (RFC 5545, 3.2). */
static void put_organizer(struct buf *out, const char *name, const char *mail) {
    struct buf line;
    if (text_blank(mail))
        return;
    buf_init(&line, VALUE_MAX);
    buf_puts(&line, "ORGANIZER");
    if (!text_blank(name)) {
        buf_puts(&line, ";CN=\"");
        for (const char *c = name; *c != '\0'; c++)
            if (*c != '"' && (unsigned char)*c >= ' ' && *c != 0x7F)
                buf_putc(&line, *c);
        buf_putc(&line, '"');
    }
    buf_printf(&line, ":mailto:%s", mail);
    ics_fold(buf_text(&line), out);
    buf_free(&line);
}

void ics_write(const struct ics_event *event, struct buf *out) {
    buf_puts(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Tessera//Partner "
                  "portal//EN\r\nCALSCALE:GREGORIAN\r\n");
    buf_printf(out, "METHOD:%s\r\nBEGIN:VEVENT\r\n", event->cancelled ? "CANCEL" : "PUBLISH");
    put_text(out, "UID", event->uid);
    buf_printf(out, "SEQUENCE:%ld\r\nSTATUS:%s\r\n", event->sequence,
               event->cancelled ? "CANCELLED" : "CONFIRMED");
    put_time(out, "DTSTAMP", event->changed);
    put_time(out, "LAST-MODIFIED", event->changed);
    put_time(out, "DTSTART", event->starts);
    put_time(out, "DTEND", event->ends);
    put_organizer(out, event->organizer, event->organizer_mail);
    put_text(out, "SUMMARY", event->title);
    put_text(out, "LOCATION", event->place);
    put_text(out, "DESCRIPTION", event->about);
    if (event->url !=
        NULL) { /* a URI, which is not escaped; ours hold nothing that would need it */
        struct buf line;
        buf_init(&line, VALUE_MAX);
        buf_printf(&line, "URL:%s", event->url);
        ics_fold(buf_text(&line), out);
        buf_free(&line);
    }
    if (event->notice > 0 && !event->cancelled)
        put_alarm(out, event);
    buf_puts(out, "END:VEVENT\r\nEND:VCALENDAR\r\n");
}
