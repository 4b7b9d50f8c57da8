#include "core/text.h"
#include "domain/demo/demo_world.h"

#define ENDINGS(...) ((const char *const[]){__VA_ARGS__})
enum { ENDINGS_COUNT = 8 };

/* clang-format off */
const struct demo_kind demo_kinds[DEMO_TYPES] = {
    [TYPE_CHANNEL] = {"channel", PAYER_PLATFORM, 12, 22, 0, true, false, true, true,
        ENDINGS("Realty", "Introductions", "Referrals", "Homes", "Network", "Connections", "Circle", "Alliance")},
    [TYPE_DEVELOPER] = {"developer", PAYER_PARTNER, 6, 12, 0, true, true, true, true,
        ENDINGS("Developments", "Developers", "Projects", "Estates", "Builders", "Communities", "Land", "Residences")},
    [TYPE_BROKER] = {"broker", PAYER_PLATFORM, 17, 24, 40, true, true, true, true,
        ENDINGS("Brokers", "Brokerage", "Property", "Lettings", "Sales", "Property House", "Real Estate", "Brokerage House")},
    [TYPE_RERA_AGENT] = {"rera_agent", PAYER_PLATFORM, 12, 18, 0, true, true, true, true,
        ENDINGS("Property Desk", "Realtors", "Property Advisors", "Home Agents", "Property Agents", "Housing", "Nivas", "Griha")},
    [TYPE_SERVICE_PROVIDER] = {"service_provider", PAYER_PLATFORM, 7, 13, 0, true, true, false, true,
        ENDINGS("Interiors", "Home Finance", "Movers", "Conveyancing", "Home Loans", "Furnishings", "Inspections", "Design Studio")},
    [TYPE_AGENCY] = {"agency", PAYER_PLATFORM, 8, 14, 0, false, true, true, true,
        ENDINGS("Media", "Agency", "Creative", "Digital", "Studio", "Marketing", "Communications", "Brand House")},
    [TYPE_BANKER] = {"banker", PAYER_NONE, 0, 0, 0, false, true, false, true,
        ENDINGS("Private Bankers", "Private Bank", "Wealth", "Family Office", "Capital", "Private Clients", "Trust", "Advisory")},
    [TYPE_LAW] = {"law", PAYER_NONE, 0, 0, 0, false, true, false, true,
        ENDINGS("Advocates", "Solicitors", "Law", "Legal", "Chambers", "Law Chambers", "Law Corporation", "Counsel")},
    [TYPE_AGENT] = {"agent", PAYER_PLATFORM, 25, 40, 0, true, true, true, true,
        ENDINGS("Estate Agents", "Agents", "Property Agency", "Estates Desk", "Home Brokers", "Homes Agency", "Landed Homes", "City Homes")},
};
const char *const demo_tier_codes[DEMO_TIERS] = {"bronze", "silver", "gold"};

static const struct known {
    const char *name, *domain;
    enum demo_type type;
    enum demo_region region;
    enum demo_tier tier;
    enum demo_status status;
    int months; /* since it joined */
    int leads, shares; /* to be expected at the usual scale */
    const char *notes;
} known[DEMO_PARTNERS] = {
    {"Harbour Realty", "harbour", TYPE_CHANNEL, REGION_AE, TIER_SILVER, STATUS_ACTIVE, 27, 275, 640,
     "Close to gold. Layla answers faster by phone than by mail."},
    {"Skyline Developments", "skyline", TYPE_DEVELOPER, REGION_AE, TIER_GOLD, STATUS_ACTIVE, 25, 84, 120,
     "Two towers on sale in Business Bay; wants mortgage-ready buyers."},
    {"Palm & Pier Introductions", "palmandpier", TYPE_CHANNEL, REGION_AE, TIER_BRONZE, STATUS_ACTIVE, 14, 62, 40, ""},
    {"Saffron Gate Partners", "saffrongate", TYPE_CHANNEL, REGION_AE, TIER_GOLD, STATUS_ACTIVE, 31, 118, 70,
     "Brings families from India; consent always in order."},
    {"Dune House Referrals", "dunehouse", TYPE_CHANNEL, REGION_AE, TIER_BRONZE, STATUS_SUSPENDED, 20, 40, 20,
     "Suspended until the bank details are confirmed."},
    {"Blue Lantern Homes", "bluelantern", TYPE_CHANNEL, REGION_AE, TIER_SILVER, STATUS_ACTIVE, 19, 74, 46, ""},
    {"Coral Terrace Developments", "coralterrace", TYPE_DEVELOPER, REGION_AE, TIER_SILVER, STATUS_ACTIVE, 22, 46, 78, ""},
    {"Northern Oasis Estates", "northernoasis", TYPE_DEVELOPER, REGION_AE, TIER_BRONZE, STATUS_ACTIVE, 11, 25, 44,
     "New project in Ras Al Khaimah from the spring."},
    {"Ninth Arch Builders", "ninetharch", TYPE_DEVELOPER, REGION_AE, TIER_BRONZE, STATUS_APPLIED, 0, 0, 0,
     "Waiting for the trade licence."},
    {"Falconway Brokers", "falconway", TYPE_BROKER, REGION_AE, TIER_GOLD, STATUS_ACTIVE, 33, 112, 96, ""},
    {"Creekstone Brokerage", "creekstone", TYPE_BROKER, REGION_AE, TIER_SILVER, STATUS_ACTIVE, 21, 78, 66, ""},
    {"Ivory Gate Property", "ivorygate", TYPE_BROKER, REGION_AE, TIER_BRONZE, STATUS_ACTIVE, 9, 36, 30, ""},
    {"Amberline Brokers", "amberline", TYPE_BROKER, REGION_AE, TIER_BRONZE, STATUS_INACTIVE, 29, 34, 24,
     "Closed its Sharjah office; may come back."},
    {"Keystone Home Finance", "keystonefinance", TYPE_SERVICE_PROVIDER, REGION_AE, TIER_SILVER, STATUS_ACTIVE, 18, 42, 58, ""},
    {"Olive Branch Interiors", "olivebranch", TYPE_SERVICE_PROVIDER, REGION_AE, TIER_BRONZE, STATUS_ACTIVE, 12, 24, 26, ""},
    {"Swift Dhow Movers", "swiftdhow", TYPE_SERVICE_PROVIDER, REGION_AE, TIER_BRONZE, STATUS_ACTIVE, 7, 16, 18, ""},
    {"Meem Street Media", "meemstreet", TYPE_AGENCY, REGION_AE, TIER_SILVER, STATUS_ACTIVE, 17, 58, 0, ""},
    {"Paper Kite Agency", "paperkite", TYPE_AGENCY, REGION_AE, TIER_BRONZE, STATUS_ACTIVE, 10, 30, 0, ""},
    {"Banyan Bridge Realty", "banyanbridge", TYPE_CHANNEL, REGION_IN, TIER_GOLD, STATUS_ACTIVE, 30, 122, 90, ""},
    {"Monsoon Homes Network", "monsoonhomes", TYPE_CHANNEL, REGION_IN, TIER_SILVER, STATUS_ACTIVE, 23, 84, 58, ""},
    {"Peacock Lane Partners", "peacocklane", TYPE_CHANNEL, REGION_IN, TIER_BRONZE, STATUS_ACTIVE, 13, 44, 30, ""},
    {"Tamarind Square", "tamarindsquare", TYPE_CHANNEL, REGION_IN, TIER_BRONZE, STATUS_APPLIED, 0, 0, 0, ""},
    {"Lotus Ridge Developers", "lotusridge", TYPE_DEVELOPER, REGION_IN, TIER_SILVER, STATUS_ACTIVE, 24, 52, 84, ""},
    {"Indigo Courtyard Projects", "indigocourtyard", TYPE_DEVELOPER, REGION_IN, TIER_BRONZE, STATUS_ACTIVE, 15, 30, 46, ""},
    {"Kaveri Property Desk", "kaveridesk", TYPE_RERA_AGENT, REGION_IN, TIER_SILVER, STATUS_ACTIVE, 20, 68, 62, ""},
    {"Sundial Realtors", "sundial", TYPE_RERA_AGENT, REGION_IN, TIER_GOLD, STATUS_ACTIVE, 28, 86, 74, ""},
    {"Mangrove Home Agents", "mangrove", TYPE_RERA_AGENT, REGION_IN, TIER_BRONZE, STATUS_ACTIVE, 8, 28, 24, ""},
    {"Nilgiri Door Realtors", "nilgiridoor", TYPE_RERA_AGENT, REGION_IN, TIER_BRONZE, STATUS_SUSPENDED, 16, 22, 18,
     "RERA registration has run out; renewal is filed."},
    {"Clearpath Home Loans", "clearpath", TYPE_SERVICE_PROVIDER, REGION_IN, TIER_SILVER, STATUS_ACTIVE, 19, 40, 48, ""},
    {"Cardamom Digital", "cardamom", TYPE_AGENCY, REGION_IN, TIER_BRONZE, STATUS_ACTIVE, 12, 34, 0, ""},
    {"Raffia Private Bankers", "raffia", TYPE_BANKER, REGION_SG, TIER_BRONZE, STATUS_ACTIVE, 21, 28, 0,
     "Lunch with Desmond every quarter; next one is due."},
    {"Straits Lantern Wealth", "straitslantern", TYPE_BANKER, REGION_SG, TIER_BRONZE, STATUS_ACTIVE, 16, 22, 0, ""},
    {"Orchid Quay Private Bank", "orchidquay", TYPE_BANKER, REGION_SG, TIER_BRONZE, STATUS_INACTIVE, 26, 12, 0, ""},
    {"Merbau & Heron Advocates", "merbauheron", TYPE_LAW, REGION_SG, TIER_BRONZE, STATUS_ACTIVE, 18, 24, 0, ""},
    {"Quill Street Law", "quillstreet", TYPE_LAW, REGION_SG, TIER_BRONZE, STATUS_APPLIED, 0, 0, 0, ""},
    {"Kopi Corner Creative", "kopicorner", TYPE_AGENCY, REGION_SG, TIER_SILVER, STATUS_ACTIVE, 22, 46, 0, ""},
    {"Tembusu Media", "tembusu", TYPE_AGENCY, REGION_SG, TIER_BRONZE, STATUS_APPLIED, 0, 0, 0, ""},
    {"Kingfisher Estate Agents", "kingfisher", TYPE_AGENT, REGION_SG, TIER_GOLD, STATUS_ACTIVE, 29, 92, 72, ""},
    {"Lantern Bay Agents", "lanternbay", TYPE_AGENT, REGION_SG, TIER_SILVER, STATUS_ACTIVE, 18, 58, 50, ""},
    {"Rain Tree Property Agency", "raintree", TYPE_AGENT, REGION_SG, TIER_BRONZE, STATUS_INACTIVE, 24, 20, 16, ""},
};

static const char *const first_words[] = {
    "Acacia", "Agate", "Alder", "Amber", "Anchor", "Aspen", "Azure", "Basalt", "Beacon", "Birch", "Bramble", "Bronze",
    "Cedar", "Cinder", "Citrine", "Cobalt", "Copper", "Crescent", "Cypress", "Damask", "Delta", "Ebony", "Ember", "Fern",
    "Flint", "Garnet", "Ginger", "Granite", "Hazel", "Heather", "Hibiscus", "Iris", "Ivy", "Jade", "Jasmine", "Juniper",
    "Laurel", "Linden", "Magnolia", "Maple", "Mimosa", "Mint", "Myrtle", "Nutmeg", "Oak", "Onyx", "Opal", "Pearl", "Pine",
    "Poppy", "Quartz", "Rosewood", "Rowan", "Sable", "Sandal", "Sienna", "Slate", "Teak", "Topaz", "Willow"};
static const char *const second_words[] = {
    "Arcade", "Avenue", "Bay", "Bridge", "Causeway", "Channel", "Cliff", "Cloister", "Corner", "Cove", "Crest", "Crossing",
    "Field", "Fountain", "Gallery", "Garden", "Grove", "Haven", "Heights", "Hill", "Hollow", "Island", "Junction", "Key",
    "Lagoon", "Meadow", "Mill", "Orchard", "Outlook", "Passage", "Plaza", "Point", "Quarter", "Ridge", "Spring", "Summit",
    "Terrace", "Vale", "Wharf", "Yard"};
/* clang-format on */

enum {
    FIRST = sizeof first_words / sizeof *first_words,
    SECOND = sizeof second_words / sizeof *second_words,
    NAMES = FIRST * SECOND * ENDINGS_COUNT,
    STRIDE = 7919 /* prime, so it visits every name once */
};

static void set_dates(struct demo_partner *partner, long days, struct demo_random *random,
                      time_t until) {
    partner->joined = until - days * DAY - demo_random_between(random, 0, 20 * DAY);
    if (partner->status == STATUS_APPLIED)
        partner->joined = until - demo_random_between(random, 6 * 3600, 14 * DAY);
    if (partner->status == STATUS_SUSPENDED)
        partner->left = until - demo_random_between(random, 15, 40) * DAY;
    if (partner->status == STATUS_INACTIVE)
        partner->left = until - demo_random_between(random, 120, 220) * DAY;
}

static void set_rest(struct demo_partner *partner, struct demo_random *random) {
    const struct demo_kind *kind = &demo_kinds[partner->type];
    long halves = demo_random_between(random, 2 * kind->rate_low, 2 * kind->rate_high);
    partner->rate = halves * 500;
    partner->address = demo_word(&demo_place(partner->region)->streets, random);
    demo_phone(partner->region, random, partner->phone, sizeof partner->phone);
    if (partner->type == TYPE_RERA_AGENT)
        snprintf(partner->licence, sizeof partner->licence, "RERA/AG/000/%06ld",
                 demo_random_between(random, 1, 999999));
    else if (partner->type == TYPE_BROKER)
        snprintf(partner->licence, sizeof partner->licence, "ORN 0%04ld",
                 demo_random_between(random, 0, 9999));
}

void demo_partner_known(struct demo_partner *partner, size_t index,
                        const struct demo_options *options) {
    struct demo_random random = demo_random_of(options->seed, STREAM_PARTNER, index);
    const struct known *from = &known[index];
    demo_random_uuid(&random, partner->id);
    snprintf(partner->name, sizeof partner->name, "%s", from->name);
    snprintf(partner->domain, sizeof partner->domain, "%s.example", from->domain);
    partner->type = from->type;
    partner->region = from->region;
    partner->tier = from->tier;
    partner->status = from->status;
    partner->leads = from->leads;
    partner->shares = from->shares;
    partner->notes = from->notes;
    set_dates(partner, 30L * from->months, &random, options->until);
    set_rest(partner, &random);
    if (index == 0) { /* the first to be looked at */
        partner->rate = 15000;
        partner->growing = true;
    }
}

static void set_kind(struct demo_partner *partner, struct demo_random *random) {
    static const int regions[DEMO_REGIONS] = {55, 33, 12};
    static const int types[DEMO_REGIONS][DEMO_TYPES] = {
        [REGION_AE] = {[TYPE_CHANNEL] = 40,
                       [TYPE_DEVELOPER] = 8,
                       [TYPE_BROKER] = 26,
                       [TYPE_SERVICE_PROVIDER] = 14,
                       [TYPE_AGENCY] = 12},
        [REGION_IN] = {[TYPE_CHANNEL] = 42,
                       [TYPE_DEVELOPER] = 8,
                       [TYPE_RERA_AGENT] = 30,
                       [TYPE_SERVICE_PROVIDER] = 10,
                       [TYPE_AGENCY] = 10},
        [REGION_SG] = {[TYPE_AGENCY] = 20, [TYPE_BANKER] = 15, [TYPE_LAW] = 15, [TYPE_AGENT] = 50},
    };
    static const int tiers[DEMO_TIERS] = {70, 22, 8};
    partner->region = (enum demo_region)demo_random_weighted(random, regions, DEMO_REGIONS);
    partner->type =
        (enum demo_type)demo_random_weighted(random, types[partner->region], DEMO_TYPES);
    partner->tier = (enum demo_tier)demo_random_weighted(random, tiers, DEMO_TIERS);
}

/* Every made-up name is another one: a different pair of words, or a different ending to it. */
static void set_name(struct demo_partner *partner, size_t number) {
    size_t at = number % NAMES * STRIDE % NAMES;
    const char *first = first_words[at % FIRST];
    const char *second = second_words[at / FIRST % SECOND];
    const char *ending = demo_kinds[partner->type].endings[at / FIRST / SECOND];
    int used = snprintf(partner->name, sizeof partner->name, "%s %s %s", first, second, ending);
    if (number >= NAMES)
        snprintf(partner->name + used, sizeof partner->name - (size_t)used, " %zu",
                 number / NAMES + 1);
    size_t length = 0;
    for (const char *c = partner->name; *c != '\0' && length < sizeof partner->domain - 9; c++) {
        if (*c != ' ')
            partner->domain[length++] = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
    }
    snprintf(partner->domain + length, sizeof partner->domain - length, ".example");
}

void demo_partner_made_up(struct demo_partner *partner, size_t index,
                          const struct demo_options *options) {
    struct demo_random random = demo_random_of(options->seed, STREAM_PARTNER, index);
    demo_random_uuid(&random, partner->id);
    set_kind(partner, &random);
    set_name(partner, index - DEMO_PARTNERS);
    partner->status = STATUS_ACTIVE;
    partner->notes = "";
    partner->leads = 0.15 + demo_random_wait(&random, 1);
    if (demo_kinds[partner->type].takes_leads)
        partner->shares = partner->leads;
    set_dates(partner, demo_random_between(&random, DEMO_DAYS, 1200), &random, options->until);
    set_rest(partner, &random);
}
