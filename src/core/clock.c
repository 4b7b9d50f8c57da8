#include "core/clock.h"

static time_t frozen_at;

time_t clock_now(void) {
    return frozen_at != 0 ? frozen_at : time(NULL);
}

void clock_freeze(time_t at) {
    frozen_at = at;
}

int64_t clock_wall_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_monotonic_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
