#include "domain/demo/demo_leads.h"
#include "domain/demo/demo_line.h"

struct entry {
    const struct demo_partner *partner;
    const char *kind;
    const char *state; /* NULL: by its age */
    long cents;
    long base; /* cents; -1: none */
    long rate; /* thousandths of a per cent; with base */
    const char *note;
    time_t created;
};

struct ledger {
    struct demo_pass *pass;
    const struct demo_life *life;
    struct buf *out;
    struct demo_random random;
};

static const long override_rates[DEMO_TIERS] = {0, 1500, 2500};

/* Half away from zero; a base is never negative. */
static long share_of(long cents, long rate) {
    return (cents * rate + 50000) / 100000;
}

/* Who is paid when: finance approves within ten days, pays with the run of the next month. */
static const char *state_by_age(time_t age, time_t *since) {
    static const struct {
        int days;
        const char *state;
    } states[] = {{45, "paid"}, {25, "payable"}, {10, "approved"}, {0, "pending"}};
    for (size_t i = 0;; i++) {
        if (age >= states[i].days * (time_t)DAY || states[i].days == 0) {
            *since = states[i].days * (time_t)DAY;
            return states[i].state;
        }
    }
}

static void entry_write(struct ledger *ledger, const struct entry *entry) {
    time_t until = ledger->pass->world->options->until;
    char id[DEMO_UUID_SIZE];
    demo_random_uuid(&ledger->random, id);
    if (entry->created >= until)
        return;
    time_t since;
    const char *state = state_by_age(until - entry->created, &since);
    if (entry->state != NULL) {
        state = entry->state;
        since = (until - entry->created) / 2;
    }
    struct demo_line line = demo_line_begin(ledger->out);
    demo_plain(&line, id);
    demo_plain(&line, entry->partner->id);
    demo_plain(&line, ledger->life->id);
    demo_plain(&line, entry->kind);
    demo_plain(&line, state);
    demo_cents(&line, entry->cents);
    demo_plain(&line, demo_place(entry->partner->region)->currency);
    if (entry->base < 0) {
        demo_plain(&line, NULL);
        demo_plain(&line, NULL);
    } else {
        demo_cents(&line, entry->base);
        demo_rate(&line, entry->rate);
    }
    demo_plain(&line, entry->note);
    demo_month(&line, entry->created);
    demo_time(&line, entry->created);
    demo_time(&line, entry->created + since);
    demo_line_end(&line);
    ledger->pass->rows++;
}

static void write_extras(struct ledger *ledger, const struct entry *earned) {
    const struct demo_partner *partner = earned->partner;
    struct entry extra = *earned;
    if (demo_kinds[partner->type].platform_share > 0) {
        extra.kind = "split";
        extra.base = earned->cents;
        extra.rate = demo_kinds[partner->type].platform_share * 1000;
        extra.cents = -share_of(extra.base, extra.rate);
        extra.note = "Share of the platform";
        entry_write(ledger, &extra);
    }
    if (partner->type == TYPE_AGENCY && override_rates[partner->tier] > 0) {
        extra.kind = "override";
        extra.base = earned->base;
        extra.rate = override_rates[partner->tier];
        extra.cents = share_of(extra.base, extra.rate);
        extra.note = partner->tier == TIER_GOLD ? "Gold override" : "Silver override";
        entry_write(ledger, &extra);
    }
}

/* What happens to a few of them later. */
static void write_corrections(struct ledger *ledger, const struct entry *earned) {
    struct entry extra = *earned;
    extra.base = -1;
    extra.state = NULL;
    if (earned->state == NULL && demo_random_chance(&ledger->random, 0.04)) {
        extra.kind = "clawback";
        extra.cents = -earned->cents;
        extra.note = "Buyer withdrew within the cooling-off period";
        extra.created += demo_random_between(&ledger->random, 20, 60) * DAY;
        entry_write(ledger, &extra);
    } else if (demo_random_chance(&ledger->random, 0.04)) {
        bool more = demo_random_chance(&ledger->random, 0.6);
        extra.kind = "adjustment";
        extra.cents = earned->cents / 100 * (more ? 2 : -1);
        extra.note = more ? "Campaign bonus" : "Agreement value corrected";
        extra.created += demo_random_between(&ledger->random, 3, 25) * DAY;
        entry_write(ledger, &extra);
    }
}

static void write_earned(struct ledger *ledger) {
    static const char *const states[] = {NULL, "disputed", "reversed"};
    static const int odds[] = {96, 2, 2};
    const struct demo_life *life = ledger->life;
    const struct demo_partner *partner = &ledger->pass->world->partners[life->partner];
    if (demo_kinds[partner->type].payer != PAYER_PLATFORM)
        return;
    struct entry earned = {
        .partner = partner,
        .kind = "earned",
        .state = states[demo_random_weighted(&ledger->random, odds, 3)],
        .base = life->value * 100,
        .rate = partner->rate,
        .note = "",
        .created = life->closed_at + demo_random_between(&ledger->random, 3600, 2 * DAY),
    };
    earned.cents = share_of(earned.base, earned.rate);
    entry_write(ledger, &earned);
    write_extras(ledger, &earned);
    write_corrections(ledger, &earned);
}

/* Developers pay for the clients that they win. */
static void write_fees(struct ledger *ledger) {
    struct demo_share shares[DEMO_SHARES_MAX];
    size_t count = demo_shares_make(ledger->pass->world, ledger->life, shares);
    for (size_t i = 0; i < count; i++) {
        const struct demo_partner *partner = &ledger->pass->world->partners[shares[i].partner];
        if (shares[i].closed_at == 0 || demo_kinds[partner->type].payer != PAYER_PARTNER)
            continue;
        struct entry fee = {
            .partner = partner,
            .kind = "fee",
            .base = ledger->life->value * 100,
            .rate = partner->rate,
            .note = "Client won",
            .created = shares[i].closed_at + 7200,
        };
        fee.cents = -share_of(fee.base, fee.rate);
        entry_write(ledger, &fee);
    }
}

void demo_ledger_write(struct demo_pass *pass, const struct demo_life *life, struct buf *out) {
    struct ledger ledger = {.pass = pass, .life = life, .out = out};
    ledger.random =
        demo_random_of(pass->world->options->seed, STREAM_LEDGER, (uint64_t)life->number);
    if (life->stage == STAGE_WON)
        write_earned(&ledger);
    write_fees(&ledger);
}
