#include "domain/choices/choices.h"

#include "core/i18n.h"

const struct choice timezone_choices[] = {
    {"UTC", "UTC"},
    {"Asia/Dubai", N_("Dubai")},
    {"Asia/Kolkata", N_("India")},
    {"Asia/Singapore", N_("Singapore")},
    {"Europe/London", N_("London")},
    {"Europe/Berlin", N_("Berlin")},
    {"America/New_York", N_("New York")},
    {"America/Los_Angeles", N_("Los Angeles")},
    {"Australia/Sydney", N_("Sydney")},
    {NULL, NULL},
};

/* clang-format off */
const struct choice lead_source_choices[] = {{"referral", NULL}, {"website", NULL}, {"email", NULL},  {"phone", NULL},
                                               {"event", NULL},    {"social", NULL},  {"walk_in", NULL}, {"import", NULL},
                                               {"api", NULL},      {"other", NULL},   {NULL, NULL}};
const struct choice lead_financing_choices[] = {{"cash", NULL}, {"mortgage", NULL}, {"undecided", NULL}, {NULL, NULL}};
const struct choice lead_property_choices[] = {{"apartment", NULL}, {"villa", NULL},  {"townhouse", NULL}, {"plot", NULL},
                                               {"office", NULL},    {"retail", NULL}, {"warehouse", NULL}, {NULL, NULL}};
/* clang-format on */
