/*
 * log.h - one line per event, in logfmt, on standard error.
 *
 *   ts=2026-11-20T09:41:07.123Z level=info event=request status=200 route=/leads/{id} ms=3.1
 *
 * Values are quoted where needed and control characters are escaped, so that nothing a client sends
 * can forge a line. Never log a secret, a token, or a client's contact data. Lines are written with
 * one write(2) each, so that processes which share the descriptor do not mix theirs.
 */
#ifndef TESSERA_CORE_LOG_H
#define TESSERA_CORE_LOG_H

#include <stdbool.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_set_level(enum log_level level); /* default LOG_INFO */
/* The level called name ("debug", "info", "warn", "error"); false if there is none. */
bool log_level_find(const char *name, enum log_level *out);
/* Text that every later line of this process carries, e.g. "worker=3"; copied; NULL for none. */
void log_set_process(const char *pairs);
/* Id that every line carries until it is changed; copied, cut at 64 bytes; NULL for none. */
void log_set_request(const char *request_id);

/*
 * log_event(LOG_INFO, "worker_started", "pid", "%d", pid, "pool", "%s", "web", NULL):
 * pairs of a key and a printf format with at most one conversion, then NULL. Conversions are
 * %s %d %u %x %ld %lu %zu %lld %llu %f and %.Nf, without widths and flags; a NULL string is empty.
 * Another conversion ends the line with log_misuse=<key>: the arguments behind it can't be read.
 * A value is cut at 1024 bytes, a line at 4096 (it then ends with cut=true). errno is preserved.
 */
void log_event(enum log_level level, const char *event, ...) __attribute__((sentinel));

#endif
