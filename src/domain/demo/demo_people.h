/*
 * demo_people.h - the lines of partners and users. Internal to the demo.
 */
#ifndef TESSERA_DOMAIN_DEMO_DEMO_PEOPLE_H
#define TESSERA_DOMAIN_DEMO_DEMO_PEOPLE_H

#include "core/buf.h"
#include "domain/demo/demo_world.h"

struct demo_people {
    const struct demo_world *world;
    char password_hash[PASSWORD_HASH_SIZE];
    long next; /* begin with 0; afterwards how many there were */
};

/* For db_copy(). */
bool demo_partners_write(void *people, struct buf *out);
bool demo_users_write(void *people, struct buf *out);

#endif
