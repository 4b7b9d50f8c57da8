/*
 * demo_words.h - what the demo's people, places and sentences are made of. All people and companies
 * are invented; places are real.
 */
#ifndef TESSERA_DOMAIN_DEMO_DEMO_WORDS_H
#define TESSERA_DOMAIN_DEMO_DEMO_WORDS_H

#include "domain/demo/demo_random.h"
#include <stddef.h>

enum demo_region { REGION_AE, REGION_IN, REGION_SG, DEMO_REGIONS };

struct demo_words {
    const char *const *list;
    size_t count;
};

struct demo_place {
    const char *code;
    const char *currency;
    const char *timezone;
    long offset;               /* seconds east of UTC */
    double median;             /* of a lead's value, in currency */
    double spread;             /* of its logarithm */
    long rounding;             /* values are multiples of this */
    struct demo_words towns;   /* where clients live */
    struct demo_words areas;   /* where they want to buy */
    struct demo_words streets; /* of partners */
};

const struct demo_place *demo_place(enum demo_region region);
const char *demo_word(const struct demo_words *words, struct demo_random *random);

struct demo_person {
    const char *first;
    const char *last;
};

/* Somebody who might well live there. */
struct demo_person demo_person(enum demo_region region, struct demo_random *random);
/* "+971 50 012 3456": the shape of the country's mobile numbers, in blocks that are seldom given
 * out. */
void demo_phone(enum demo_region region, struct demo_random *random, char *out, size_t size);
/* "First Last" to "first.last", letters a-z only. */
void demo_mailbox(const struct demo_person *person, char *out, size_t size);

#endif
