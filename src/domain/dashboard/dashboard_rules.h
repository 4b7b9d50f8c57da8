/*
 * dashboard_rules.h - periods, comparisons and what to do next. Pure: no database, no HTTP, no
 * clock.
 *
 * Days are UTC, as the rollups count them. A period ends today; the one it is compared with is as
 * long and ends the day before it begins. Commission is known by month only, so it has months of
 * its own: this month and as many before it as the period is long.
 */
#ifndef TESSERA_DOMAIN_DASHBOARD_DASHBOARD_RULES_H
#define TESSERA_DOMAIN_DASHBOARD_DASHBOARD_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum {
    DAY_SIZE = 11 /* "2026-11-20" with its NUL */,
    BUCKETS_MAX = 31,
    DUTIES_MAX = 5,
    AGENDA_DUTIES_MAX = 3 /* of the person's own reminders and appointments */
};

enum period_kind { PERIOD_30_DAYS, PERIOD_90_DAYS, PERIOD_12_MONTHS, PERIODS };

struct period {
    enum period_kind kind;
    char from[DAY_SIZE], until[DAY_SIZE]; /* both count */
    char before_from[DAY_SIZE], before_until[DAY_SIZE];
    char month_from[DAY_SIZE], before_month_from[DAY_SIZE]; /* first days of months */
    int bucket_days; /* of the chart: 1, 7, or 0 for months */
    size_t nbuckets;
    char buckets[BUCKETS_MAX][DAY_SIZE]; /* first day of each */
    char lasts[BUCKETS_MAX][DAY_SIZE];   /* and last */
};

const char *period_code(enum period_kind kind); /* "30d", "90d", "12m" */
/* An unknown code, or NULL, is the first. */
enum period_kind period_find(const char *code);
void period_make(enum period_kind kind, time_t now, struct period *out);
/* Which bucket begins on this day; nbuckets when none does. */
size_t period_bucket(const struct period *period, const char *day);

/* ── Comparison with the period before ── */

enum trend {
    TREND_NONE,
    TREND_SAME,
    TREND_UP,
    TREND_DOWN,
    TREND_NEW /* nothing before, something now */
};

struct change {
    enum trend trend;
    char text[24]; /* "+12%", "−3.2" (a real minus); "" for TREND_NONE, TREND_SAME and TREND_NEW */
};

/* By how many per cent now differs from before; both at least 0. */
struct change change_in_percent(double now, double before);
/* Between two shares (0.375), in percentage points. Unknown shares (below 0): TREND_NONE. */
struct change change_in_points(double now, double before);
/* won / (won + lost); below 0 when nothing was closed. */
double conversion_of(long won, long lost);

/* ── What to do next ── */

enum duty_kind { DUTY_FIRST_LEAD, DUTY_AGENDA, DUTY_LICENCE, DUTY_LEAD, DUTY_COURSE, DUTY_PROFILE };

struct waiting_lead {
    long days;
    long patience; /* days that it may rest in its stage before it is worth a mention; at least 1 */
    size_t row;    /* where it came from, for the caller */
};

struct duty_facts {
    long leads;     /* ever */
    size_t nagenda; /* the person's own reminders that are due and today's appointments, by time */
    bool may_write_leads, may_write_profile;
    bool profile_incomplete;
    bool course_unfinished;
    bool licence_known;
    long licence_days; /* until it expires; negative: since */
    const struct waiting_lead *waiting;
    size_t nwaiting;
};

struct duty {
    enum duty_kind kind;
    size_t row; /* DUTY_LEAD: of the waiting lead; DUTY_AGENDA: in the agenda */
};

/* The most urgent first; returns how many, at most DUTIES_MAX. */
size_t duties_find(const struct duty_facts *facts, struct duty out[DUTIES_MAX]);

#endif
