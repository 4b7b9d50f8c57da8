/*
 * demo_random.h - numbers that look random and are the same every time.
 *
 * SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA
 * 2014). Every thing of the demo has a stream of its own, found by what it is and its number, so
 * that it can be made again without making all before it. Not for secrets.
 */
#ifndef TESSERA_DOMAIN_DEMO_DEMO_RANDOM_H
#define TESSERA_DOMAIN_DEMO_DEMO_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct demo_random {
    uint64_t state;
};

enum demo_stream {
    STREAM_PARTNER = 1,
    STREAM_USER,
    STREAM_LIFE,
    STREAM_LOOK,
    STREAM_SHARE,
    STREAM_LEDGER,
    STREAM_COURSE,
    STREAM_PROGRESS,
    STREAM_ASSET,
    STREAM_DOWNLOAD
};

enum { DEMO_UUID_SIZE = 37 };

struct demo_random demo_random_of(uint64_t seed, enum demo_stream stream, uint64_t number);
uint64_t demo_random_next(struct demo_random *random);
size_t demo_random_below(struct demo_random *random, size_t limit);        /* 0 … limit - 1 */
long demo_random_between(struct demo_random *random, long low, long high); /* both included */
double demo_random_unit(struct demo_random *random);                       /* [0, 1) */
bool demo_random_chance(struct demo_random *random, double probability);
/* Of an exponential and of a normal distribution (mean 0, deviation 1). */
double demo_random_wait(struct demo_random *random, double mean);
double demo_random_normal(struct demo_random *random);
/* Index of one of count weights, with their odds. */
size_t demo_random_weighted(struct demo_random *random, const int *weights, size_t count);
void demo_random_uuid(struct demo_random *random, char out[DEMO_UUID_SIZE]); /* version 4 */

#define demo_random_one_of(random, list)                                                           \
    ((list)[demo_random_below(random, sizeof(list) / sizeof *(list))])

#endif
