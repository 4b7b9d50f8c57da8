#include "core/text.h"
#include "domain/demo/demo_world.h"

/* People whom the documentation names; they sign in with DEMO_PASSWORD. */
struct account {
    const char *domain, *mailbox, *name, *role;
};

static const struct account partner_accounts[] = {
    {"harbour.example", "owner", "Layla Haddad", "owner"},
    {"harbour.example", "sales", "Omar Nasser", "sales"},
    {"harbour.example", "viewer", "Priya Menon", "viewer"},
    {"skyline.example", "owner", "Viktor Lindqvist", "owner"},
};
static const struct account staff_accounts[DEMO_STAFF] = {
    [STAFF_AGENT] = {"tessera.example", "agent", "Amina Rahman", "agent"},
    {"tessera.example", "finance", "Daniel Okafor", "finance"},
    {"tessera.example", "support", "Grace Lim", "support"},
    {"tessera.example", "admin", "Noor Al Amiri", "admin"},
};

static void set_account(struct demo_user *user, const struct account *account) {
    snprintf(user->name, sizeof user->name, "%s", account->name);
    snprintf(user->email, sizeof user->email, "%s@%s", account->mailbox, account->domain);
    user->role = account->role;
    user->status = "active";
    user->password = true;
}

static const struct account *account_find(const struct demo_partner *partner, size_t place) {
    for (size_t i = 0; i < sizeof partner_accounts / sizeof *partner_accounts; i++) {
        if (text_equal(partner_accounts[i].domain, partner->domain) && place-- == 0)
            return &partner_accounts[i];
    }
    return NULL;
}

/* People of one partner never share a mailbox. */
static void set_person(struct demo_user *user, const struct demo_partner *partner,
                       const struct demo_user *team, size_t place, struct demo_random *random) {
    bool taken;
    do {
        struct demo_person person = demo_person(partner->region, random);
        char mailbox[40];
        demo_mailbox(&person, mailbox, sizeof mailbox);
        snprintf(user->name, sizeof user->name, "%s %s", person.first, person.last);
        snprintf(user->email, sizeof user->email, "%.30s@%s", mailbox, partner->domain);
        taken = false;
        for (size_t i = 0; i < place; i++)
            taken = taken || text_equal(team[i].email, user->email);
    } while (taken);
}

static const char *status_of(const struct demo_partner *partner, size_t index, size_t place,
                             struct demo_random *random) {
    static const int odds[] = {80, 12, 8};
    static const char *const statuses[] = {"active", "invited", "disabled"};
    if (partner->status == STATUS_APPLIED)
        return "invited";
    if (partner->status == STATUS_INACTIVE)
        return "disabled";
    if (index == 0) /* the team that is looked at first shows each */
        return statuses[place < 4 ? 0 : DEMO_TEAM_MAX - place];
    return place == 0 ? "active" : statuses[demo_random_weighted(random, odds, 3)];
}

static void set_times(struct demo_user *user, const struct demo_partner *partner, size_t place,
                      struct demo_random *random, time_t until) {
    bool active = text_equal(user->status, "active");
    user->created = partner->joined + (time_t)place * demo_random_between(random, 3600, 5 * DAY);
    if (text_equal(user->status, "invited") || user->created > until)
        user->created = until - demo_random_between(random, 3600, 6 * DAY);
    if (user->created < partner->joined)
        user->created = partner->joined;
    if (active) {
        user->seen = until - (time_t)demo_random_wait(random, user->password ? DAY / 3 : 3 * DAY);
        if (user->seen < user->created)
            user->seen = 0;
    } else if (text_equal(user->status, "disabled")) {
        user->seen = user->created + (until - user->created) / 3;
    }
}

size_t demo_team_size(size_t index, struct demo_random *random) {
    if (index < 2)
        return DEMO_TEAM_MAX - index;
    if (index < DEMO_PARTNERS)
        return (size_t)demo_random_between(random, 1, DEMO_TEAM_MAX);
    return (size_t)demo_random_between(random, 1, 2);
}

void demo_team_make(const struct demo_partner *partner, size_t index,
                    const struct demo_options *options, struct demo_user *users) {
    for (size_t place = 0; place < partner->nusers; place++) {
        struct demo_random random =
            demo_random_of(options->seed, STREAM_USER, DEMO_STAFF + index * DEMO_TEAM_MAX + place);
        struct demo_user *user = &users[place];
        *user = (struct demo_user){.partner = partner->id,
                                   .timezone = demo_place(partner->region)->timezone};
        demo_random_uuid(&random, user->id);
        user->role = place == 0 ? "owner" : place == 2 ? "viewer" : "sales";
        const struct account *account = account_find(partner, place);
        if (account != NULL) {
            set_account(user, account);
        } else {
            set_person(user, partner, users, place, &random);
            user->status = status_of(partner, index, place, &random);
        }
        set_times(user, partner, place, &random, options->until);
    }
}

void demo_staff_make(const struct demo_options *options, struct demo_user users[DEMO_STAFF]) {
    for (size_t i = 0; i < DEMO_STAFF; i++) {
        struct demo_random random = demo_random_of(options->seed, STREAM_USER, i);
        users[i] = (struct demo_user){.timezone = "Asia/Dubai"};
        demo_random_uuid(&random, users[i].id);
        set_account(&users[i], &staff_accounts[i]);
        users[i].created = options->until - 1300 * (time_t)DAY;
        users[i].seen = options->until - (time_t)demo_random_wait(&random, DAY);
    }
}
