/*
 * clock.h - time, so that tests can hold it still.
 */
#ifndef TESSERA_CORE_CLOCK_H
#define TESSERA_CORE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Seconds since the epoch; the value given to clock_freeze() while the clock is frozen. */
time_t clock_now(void);
void clock_freeze(time_t at); /* 0 lets it run again; for tests */
/* Milliseconds since the epoch; never frozen. */
int64_t clock_wall_ms(void);
/* Microseconds of a clock that only goes forward; never frozen. */
int64_t clock_monotonic_us(void);

#endif
