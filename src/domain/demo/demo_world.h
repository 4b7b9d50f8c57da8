/*
 * demo_world.h - the demo's partners and people, in memory: what leads, shares and money refer to.
 * Internal to the demo.
 */
#ifndef TESSERA_DOMAIN_DEMO_DEMO_WORLD_H
#define TESSERA_DOMAIN_DEMO_DEMO_WORLD_H

#include "domain/demo/demo.h"
#include "domain/demo/demo_random.h"
#include "domain/demo/demo_words.h"

enum demo_type {
    TYPE_CHANNEL,
    TYPE_DEVELOPER,
    TYPE_BROKER,
    TYPE_RERA_AGENT,
    TYPE_SERVICE_PROVIDER,
    TYPE_AGENCY,
    TYPE_BANKER,
    TYPE_LAW,
    TYPE_AGENT,
    DEMO_TYPES
};
enum demo_payer { PAYER_PLATFORM, PAYER_PARTNER, PAYER_NONE };

struct demo_kind {
    const char *code;
    enum demo_payer payer;
    long rate_low, rate_high;           /* per cent, of the partners of the demo */
    long platform_share;                /* per cent of the commission that the platform keeps */
    bool takes_leads;                   /* is handed leads to work on */
    bool contact, budget, requirements; /* what a share hands over */
    const char *const *endings;         /* of made-up names; every kind has its own */
};

enum demo_tier { TIER_BRONZE, TIER_SILVER, TIER_GOLD, DEMO_TIERS };
enum demo_status { STATUS_ACTIVE, STATUS_APPLIED, STATUS_SUSPENDED, STATUS_INACTIVE };

struct demo_partner {
    char id[DEMO_UUID_SIZE];
    char name[80];
    char domain[96];
    char phone[24];
    enum demo_type type;
    enum demo_region region;
    enum demo_tier tier;
    enum demo_status status;
    const char *address;
    const char *notes;
    char licence[48];
    long rate; /* thousandths of a per cent */
    time_t joined;
    time_t left;          /* 0: still there */
    size_t users, nusers; /* where its people begin */
    double leads, shares; /* how many it gets, in proportion to the others */
    bool growing;         /* gets more and more of them */
    long open_max;        /* so many open shares at once, and no more */
    long open;            /* counted while shares are made */
    long capacity;
};

struct demo_user {
    char id[DEMO_UUID_SIZE];
    char name[64];
    char email[128];
    const char *role;
    const char *status;
    const char *timezone;
    const char *partner; /* id; NULL: staff */
    bool password;       /* DEMO_PASSWORD opens it */
    time_t created;
    time_t seen; /* 0: never */
};

struct demo_odds { /* indexes of partners, and their weights added up */
    size_t *partners;
    double *sums;
    size_t count;
};

struct demo_world {
    const struct demo_options *options;
    struct demo_partner *partners;
    size_t npartners;
    struct demo_user *users; /* staff first */
    size_t nusers;
    struct demo_odds bringers;             /* of leads */
    struct demo_odds takers[DEMO_REGIONS]; /* of shares */
};

enum { DEMO_STAFF = 4, STAFF_AGENT = 0 };
enum { DAY = 86400, DEMO_DAYS = 548 /* eighteen months */ };

extern const struct demo_kind demo_kinds[DEMO_TYPES];
extern const char *const demo_tier_codes[DEMO_TIERS];

void demo_world_make(struct demo_world *world, const struct demo_options *options);
void demo_world_free(struct demo_world *world);
/* Sets the open shares of all partners back to 0. */
void demo_world_recount(struct demo_world *world);

/* A partner by its odds that was there at that time, or SIZE_MAX. */
size_t demo_odds_pick(const struct demo_world *world, const struct demo_odds *odds,
                      struct demo_random *random, time_t at);
/* Somebody of the partner who worked with leads at that time. */
const struct demo_user *demo_world_seller(const struct demo_world *world,
                                          const struct demo_partner *partner,
                                          struct demo_random *random, time_t at);
/* An hour at which people work, on the day of at in that region, or on Monday when it is a weekend
 * and mostly kept free. */
time_t demo_working_hour(enum demo_region region, struct demo_random *random, time_t at);

/* Partners without their people, by hand and made up; demo_partners.c. */
void demo_partner_known(struct demo_partner *partner, size_t index,
                        const struct demo_options *options);
void demo_partner_made_up(struct demo_partner *partner, size_t index,
                          const struct demo_options *options);
/* The people of a partner, as many as it has; demo_users.c */
enum { DEMO_TEAM_MAX = 6 };
void demo_team_make(const struct demo_partner *partner, size_t index,
                    const struct demo_options *options, struct demo_user *users);
void demo_staff_make(const struct demo_options *options, struct demo_user users[DEMO_STAFF]);
size_t demo_team_size(size_t index, struct demo_random *random);

#endif
