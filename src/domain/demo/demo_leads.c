#include "domain/demo/demo_leads.h"
#include "domain/demo/demo_line.h"

enum { LIFES_AT_ONCE = 500 };

bool demo_pass_lines(void *context, struct buf *out) {
    struct demo_pass *pass = context;
    for (int i = 0; i < LIFES_AT_ONCE && pass->next < pass->stop; i++) {
        struct demo_life life;
        demo_life_make(pass->world, pass->next++, &life);
        pass->write(pass, &life, out);
    }
    return pass->next < pass->stop;
}

/* What a lead looks like; kept apart from its life, which other passes need without this. */
struct look {
    struct demo_random random;
    const struct demo_life *life;
    const struct demo_partner *partner;
    const struct demo_place *place;
    const char *source;
    const char *area;
    const char *property;
    long bedrooms; /* -1: none, as with a plot */
    const char *amenity;
    char phone_e164[24];
};

static const char *const sources[] = {"website", "referral", "phone",  "social", "event",
                                      "email",   "walk_in",  "import", "api",    "other"};
static const char *const amenities[] = {
    "Pool, gym",
    "Covered parking",
    "Sea view, balcony",
    "Garden, maid's room",
    "Close to a school",
    "Close to the metro",
    "Pets allowed, park nearby",
    "Study, fibre internet",
    "High floor, lift",
    "Clubhouse, playground",
};
static const char *const business_amenities[] = {
    "Parking for visitors", "Corner, two roads", "Loading bay",
    "Close to the metro",   "Room to extend",
};
static const char *const campaigns[] = {"autumn-open-house", "first-home", "golden-visa",
                                        "weekend-viewings", "off-plan-launch"};

static void look_begin(struct look *look, const struct demo_world *world,
                       const struct demo_life *life) {
    static const int source_odds[] = {24, 21, 13, 13, 8, 8, 6, 3, 3, 1};
    static const char *const properties[] = {"apartment", "villa",  "townhouse", "plot",
                                             "office",    "retail", "warehouse"};
    static const int property_odds[] = {52, 19, 15, 5, 5, 3, 1};
    *look = (struct look){.life = life, .partner = &world->partners[life->partner]};
    look->random = demo_random_of(world->options->seed, STREAM_LOOK, (uint64_t)life->number);
    look->place = demo_place(look->partner->region);
    look->source = sources[demo_random_weighted(&look->random, source_odds, 10)];
    look->area = demo_word(&look->place->areas, &look->random);
    look->property = properties[demo_random_weighted(&look->random, property_odds, 7)];
    look->bedrooms = demo_random_between(&look->random, 0, 4);
    if (look->property == properties[1] || look->property == properties[2])
        look->bedrooms = demo_random_between(&look->random, 2, 6);
    else if (look->property != properties[0])
        look->bedrooms = -1;
    look->amenity = look->bedrooms < 0 ? demo_random_one_of(&look->random, business_amenities)
                                       : demo_random_one_of(&look->random, amenities);
}

/* A number of the demo has its country code, so its E.164 form is the same without blanks. */
static void keep_digits(const char *phone, char *out) {
    for (; *phone; phone++)
        if (*phone == '+' || (*phone >= '0' && *phone <= '9'))
            *out++ = *phone;
    *out = '\0';
}

static void write_client(struct demo_line *line, struct look *look) {
    static const char *const hosts[] = {"mail.example", "post.example", "inbox.example",
                                        "letters.example", "quickmail.example"};
    struct demo_person person = demo_person(look->partner->region, &look->random);
    char name[64], mailbox[40], email[80], phone[24];
    bool has_email = !demo_random_chance(&look->random, 0.12);
    bool has_phone = !has_email || !demo_random_chance(&look->random, 0.15);
    snprintf(name, sizeof name, "%s %s", person.first, person.last);
    demo_mailbox(&person, mailbox, sizeof mailbox);
    if (demo_random_chance(&look->random, 0.6))
        snprintf(email, sizeof email, "%s%ld@%s", mailbox,
                 demo_random_between(&look->random, 1, 99),
                 demo_random_one_of(&look->random, hosts));
    else
        snprintf(email, sizeof email, "%s@%s", mailbox, demo_random_one_of(&look->random, hosts));
    demo_phone(look->partner->region, &look->random, phone, sizeof phone);
    demo_plain(line, name);
    demo_plain(line, has_email ? email : NULL);
    demo_plain(line, has_phone ? phone : NULL);
    if (has_phone)
        keep_digits(phone, look->phone_e164);
    demo_plain(line, demo_word(&look->place->towns, &look->random));
}

static void write_money(struct demo_line *line, struct look *look) {
    static const char *const financing[] = {"cash", "mortgage", "undecided"};
    static const int odds[] = {34, 48, 18};
    static const char *const payments[][3] = {
        {"Cash within 30 days", "20/80 on handover", "Payment plan over construction"},
        {"Mortgage, pre-approved", "Mortgage, bank not chosen yet", "Mortgage over 20 years"},
        {"Instalments over two years", NULL, NULL},
    };
    long value = look->life->value;
    size_t way = demo_random_weighted(&look->random, odds, 3);
    bool known = !demo_random_chance(&look->random, 0.1);
    const char *payment = payments[way][demo_random_below(&look->random, 3)];
    demo_plain(line, look->place->currency);
    demo_long(line, value);
    demo_long_or_null(line, known ? value / 100 * demo_random_between(&look->random, 70, 90) : -1);
    demo_long_or_null(line,
                      known ? value / 100 * demo_random_between(&look->random, 102, 125) : -1);
    demo_plain(line, known ? financing[way] : NULL);
    demo_plain(line, known && demo_random_chance(&look->random, 0.7) ? payment : NULL);
}

static void write_wishes(struct demo_line *line, struct look *look) {
    char areas[120];
    const char *second = demo_word(&look->place->areas, &look->random);
    bool two = demo_random_chance(&look->random, 0.4) && second != look->area;
    snprintf(areas, sizeof areas, "%s%s%s", look->area, two ? "; " : "", two ? second : "");
    long size = look->bedrooms < 0
                    ? demo_random_between(&look->random, 8, 60) * 100
                    : 450 + look->bedrooms * 350 + demo_random_between(&look->random, 0, 8) * 50;
    time_t move_in = look->life->created + demo_random_between(&look->random, 30, 420) * DAY;
    demo_plain(line, look->property);
    demo_plain(line, areas);
    demo_long_or_null(line, look->bedrooms);
    demo_long_or_null(line, demo_random_chance(&look->random, 0.85) ? size : -1);
    demo_plain(line, demo_random_chance(&look->random, 0.8) ? look->amenity : NULL);
    demo_date(line, demo_random_chance(&look->random, 0.75) ? move_in : 0);
}

static void write_description(struct demo_line *line, struct look *look) {
    static const char *const openings[] = {
        "Looking for", "Wants to see", "Asked about", "Has set their mind on", "Would like",
    };
    static const char *const wishes[] = {
        "Wants to move before the school year begins.",
        "Buys to let and asks about the yield.",
        "First home; needs the steps explained once, calmly.",
        "Can view on weekends only.",
        "Has seen two show flats and liked neither.",
        "Prefers to write rather than talk on the phone.",
        "Parents will move in as well, so no stairs.",
        "Relocating for work; the company pays the first month.",
        "Compares with renting and wants the numbers side by side.",
        "Ready to sign once the bank has answered.",
    };
    static const char *const business_wishes[] = {
        "Wants the numbers of the last three years before a viewing.",
        "The lease of the present place ends in spring.",
        "Two partners decide; both want to see it.",
        "Asks what may be built there, in writing.",
        "Would take a tenant over.",
    };
    static const char *const services[] = {
        "needs the flat furnished before the family arrives",
        "wants a second offer for the mortgage",
        "needs the move done over one weekend",
        "asked for a survey before signing",
    };
    char text[300], home[80];
    if (look->bedrooms > 0)
        snprintf(home, sizeof home, "a %ld-bedroom %s", look->bedrooms, look->property);
    else
        snprintf(home, sizeof home, "%s %s",
                 look->bedrooms == 0               ? "a studio"
                 : strchr("ao", look->property[0]) ? "an"
                                                   : "a",
                 look->bedrooms == 0 ? "apartment" : look->property);
    if (look->partner->type == TYPE_SERVICE_PROVIDER)
        snprintf(text, sizeof text, "Bought %s in %s and %s.", home, look->area,
                 demo_random_one_of(&look->random, services));
    else
        snprintf(text, sizeof text, "%s %s in %s. %s", demo_random_one_of(&look->random, openings),
                 home, look->area,
                 look->bedrooms < 0 ? demo_random_one_of(&look->random, business_wishes)
                                    : demo_random_one_of(&look->random, wishes));
    demo_text(line, demo_random_chance(&look->random, 0.1) ? "" : text);
}

static void write_origin(struct demo_line *line, struct look *look) {
    bool tagged = strcmp(look->source, "website") == 0 || strcmp(look->source, "social") == 0;
    tagged = demo_random_chance(&look->random, 0.7) && tagged;
    bool social = strcmp(look->source, "social") == 0;
    demo_plain(line, !tagged ? NULL : social ? "instagram" : "newsletter");
    demo_plain(line, !tagged ? NULL : social ? "social" : "email");
    demo_plain(line, tagged ? demo_random_one_of(&look->random, campaigns) : NULL);
    demo_time(line, look->life->created);
}

/* What only staff see. */
static void write_judgement(struct demo_line *line, struct look *look) {
    static const char *const temperatures[] = {"cold", "warm", "hot"};
    static const char *const notes[] = {
        "",
        "",
        "",
        "Called back within the hour; good talk.",
        "Speaks for the whole family.",
        "Send the payment plan again before Thursday.",
        "Knows the area well, don't oversell.",
    };
    bool judged = look->life->stage != STAGE_NEW;
    long score = demo_random_between(&look->random, 18, 74) + 8 * (long)look->partner->tier;
    if (look->life->stage >= STAGE_LOST)
        score /= 2;
    demo_plain(line, demo_random_one_of(&look->random, notes));
    demo_long_or_null(line, judged ? score : -1);
    demo_plain(line, judged ? temperatures[score < 35 ? 0 : score < 65 ? 1 : 2] : NULL);
}

/* As the trigger that is off while the demo is made would have it; who came later is written by statements. */
static void write_registration(struct demo_line *line, const struct look *look, time_t until) {
    enum { PROTECTED_DAYS = 90 };
    time_t ends = look->life->created + PROTECTED_DAYS * DAY;
    demo_plain(line, *look->phone_e164 ? look->phone_e164 : NULL);
    demo_plain(line, ends > until ? "held" : "none");
    demo_time(line, ends > until ? ends : 0);
}

void demo_lead_write(struct demo_pass *pass, const struct demo_life *life, struct buf *out) {
    struct look look;
    look_begin(&look, pass->world, life);
    struct demo_line line = demo_line_begin(out);
    demo_plain(&line, life->id);
    demo_plain(&line, look.partner->id);
    demo_plain(&line, life->by->id);
    write_client(&line, &look);
    demo_plain(&line, demo_stage_codes[life->stage]);
    demo_plain(&line, life->reason);
    demo_time(&line, life->stage_at);
    demo_plain(&line, look.source);
    write_money(&line, &look);
    write_wishes(&line, &look);
    write_description(&line, &look);
    write_origin(&line, &look);
    write_judgement(&line, &look);
    demo_long(&line, 1 + (long)life->nsteps);
    demo_time(&line, life->created);
    demo_time(&line, life->stage_at);
    demo_time(&line, life->closed_at);
    write_registration(&line, &look, pass->world->options->until);
    demo_line_end(&line);
    pass->rows++;
}
