#include "domain/demo/demo_people.h"
#include "domain/demo/demo_line.h"

enum { LINES_AT_ONCE = 500 };

static const char *const statuses[] = {"active", "applied", "suspended", "inactive"};

static void partner_write(const struct demo_world *world, const struct demo_partner *partner,
                          struct buf *out) {
    const struct demo_user *contact = &world->users[partner->users];
    time_t until = world->options->until;
    time_t expiry = until + (partner->status == STATUS_SUSPENDED ? -30 : 400) * (time_t)DAY;
    char website[128];
    snprintf(website, sizeof website, "https://www.%s", partner->domain);
    struct demo_line line = demo_line_begin(out);
    demo_plain(&line, partner->id);
    demo_text(&line, partner->name);
    demo_plain(&line, demo_kinds[partner->type].code);
    demo_plain(&line, demo_place(partner->region)->code);
    demo_plain(&line, demo_tier_codes[partner->tier]);
    demo_plain(&line, statuses[partner->status]);
    demo_rate(&line, partner->rate);
    demo_long(&line, partner->capacity);
    demo_plain(&line, demo_place(partner->region)->currency);
    demo_text(&line, contact->name);
    demo_plain(&line, contact->email);
    demo_plain(&line, partner->phone);
    demo_plain(&line, website);
    demo_text(&line, partner->address);
    demo_plain(&line, partner->licence);
    demo_date(&line, *partner->licence != '\0' ? expiry : 0);
    demo_text(&line, partner->notes);
    demo_time(&line, partner->joined);
    demo_time(&line, partner->left != 0 ? partner->left : partner->joined);
    demo_line_end(&line);
}

bool demo_partners_write(void *context, struct buf *out) {
    struct demo_people *people = context;
    long count = (long)people->world->npartners;
    for (int i = 0; i < LINES_AT_ONCE && people->next < count; i++)
        partner_write(people->world, &people->world->partners[people->next++], out);
    return people->next < count;
}

static void user_write(const struct demo_people *people, const struct demo_user *user,
                       struct buf *out) {
    struct demo_line line = demo_line_begin(out);
    demo_plain(&line, user->id);
    demo_plain(&line, user->partner);
    demo_plain(&line, user->email);
    demo_text(&line, user->name);
    demo_plain(&line, user->role);
    demo_plain(&line, user->status);
    demo_plain(&line, user->password ? people->password_hash : NULL);
    demo_plain(&line, user->timezone);
    demo_time(&line, user->seen);
    demo_time(&line, user->created);
    demo_time(&line, user->seen != 0 ? user->seen : user->created);
    demo_line_end(&line);
}

bool demo_users_write(void *context, struct buf *out) {
    struct demo_people *people = context;
    long count = (long)people->world->nusers;
    for (int i = 0; i < LINES_AT_ONCE && people->next < count; i++)
        user_write(people, &people->world->users[people->next++], out);
    return people->next < count;
}
