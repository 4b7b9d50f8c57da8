/*
 * demo.h - a programme to look at: invented partners, people, leads, money, courses and material.
 *
 * The same seed, scale and moment make the same rows, ids included; only password hashes, audit
 * rows and the numbers of sequences differ. Everything is written in one transaction: a demo is
 * there as a whole or not at all. While it runs the tables are locked, so a portal that is open
 * waits. programme.demo_seed says which demo a database holds; a database with partners of its own
 * is refused.
 *
 * The first 40 partners and their people are hand-made and always the same; a larger scale adds
 * made-up ones, each with an active owner.
 */
#ifndef TESSERA_DOMAIN_DEMO_DEMO_H
#define TESSERA_DOMAIN_DEMO_DEMO_H

#include "core/crypto.h"
#include "core/err.h"
#include "db/db.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

enum {
    DEMO_SEED = 6,      /* a partner that is looked at first, with a little of everything */
    DEMO_PARTNERS = 40, /* also the smallest scale */
    DEMO_LEADS = 2000,
    DEMO_PARTNERS_MAX = 1000000,
    DEMO_LEADS_MAX = 100000000
};
#define DEMO_PASSWORD "tessera-demo"

struct demo_options {
    uint64_t seed;
    long partners; /* DEMO_PARTNERS to DEMO_PARTNERS_MAX */
    long leads;    /* 0 to DEMO_LEADS_MAX */
    time_t until;  /* nothing happens later than this */
    bool asked; /* seed or scale were asked for, so another demo that is there already is no good */
    const char *texts;       /* directory of training.txt and of the files that are copied */
    const char *files;       /* the file store, where material is made; NULL: make none */
    struct argon2_cost cost; /* of the demo accounts' password */
};

enum demo_outcome { DEMO_MADE, DEMO_WAS_THERE };

/*
 * db: of the owner. progress: a line per table, with rows and seconds; NULL for none. On failure a
 * sentence is in error: ERR_CONFLICT when the database holds something else, ERR_NOT_FOUND when a
 * file can't be read or written.
 */
enum err demo_seed(struct db *db, const struct demo_options *options, FILE *progress,
                   enum demo_outcome *outcome, char *error, size_t error_size) CHECKED;

#endif
