#include "domain/dashboard/dashboard_rules.h"

#include "core/text.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DAY_SECONDS = 86400, WEEK = 7, LICENCE_NOTICE = 30 };

static const struct {
    const char *code;
    int days; /* 0: months */
    int months;
    int bucket_days;
} kinds[PERIODS] = {
    [PERIOD_30_DAYS] = {"30d", 30, 1, 1},
    [PERIOD_90_DAYS] = {"90d", 90, 3, WEEK},
    [PERIOD_12_MONTHS] = {"12m", 0, 12, 0},
};

const char *period_code(enum period_kind kind) {
    return kinds[kind].code;
}

enum period_kind period_find(const char *code) {
    for (int i = 0; i < PERIODS; i++)
        if (text_equal(code, kinds[i].code))
            return (enum period_kind)i;
    return PERIOD_30_DAYS;
}

static void put_day(char out[DAY_SIZE], time_t time) {
    struct tm tm;
    if (!gmtime_r(&time, &tm) || strftime(out, DAY_SIZE, "%Y-%m-%d", &tm) == 0)
        out[0] = '\0';
}

/* Midnight of the first day of the month that lies so many months before that of time. */
static time_t month_before(time_t time, int months) {
    struct tm tm;
    if (!gmtime_r(&time, &tm))
        return time;
    struct tm first = {.tm_year = tm.tm_year, .tm_mon = tm.tm_mon - months, .tm_mday = 1};
    return timegm(&first);
}

/* The same day so many months earlier; the last of that month where there is no such day. */
static time_t day_months_before(time_t time, int months) {
    struct tm tm;
    time_t first = month_before(time, months), next = month_before(time, months - 1);
    if (!gmtime_r(&time, &tm))
        return time;
    time_t day = first + (tm.tm_mday - 1) * (time_t)DAY_SECONDS;
    return day < next ? day : next - DAY_SECONDS;
}

static void make_buckets(struct period *period, time_t from, time_t until) {
    time_t start = from;
    while (start <= until && period->nbuckets < BUCKETS_MAX) {
        time_t next = period->bucket_days > 0 ? start + period->bucket_days * (time_t)DAY_SECONDS
                                              : month_before(start, -1);
        char *first = period->buckets[period->nbuckets], *last = period->lasts[period->nbuckets++];
        put_day(first, start);
        if (period->bucket_days == 1)
            memcpy(last, first, DAY_SIZE);
        else
            put_day(last, next - DAY_SECONDS < until ? next - DAY_SECONDS : until);
        start = next;
    }
}

void period_make(enum period_kind kind, time_t now, struct period *out) {
    time_t until = now - now % DAY_SECONDS;
    int days = kinds[kind].days, months = kinds[kind].months;
    time_t from =
        days > 0 ? until - (days - 1) * (time_t)DAY_SECONDS : month_before(until, months - 1);
    time_t before_from = days > 0 ? from - days * (time_t)DAY_SECONDS : month_before(from, months);
    time_t before_until = days > 0 ? from - DAY_SECONDS : day_months_before(until, months);

    *out = (struct period){.kind = kind, .bucket_days = kinds[kind].bucket_days};
    put_day(out->from, from);
    put_day(out->until, until);
    put_day(out->before_from, before_from);
    put_day(out->before_until, before_until);
    put_day(out->month_from, month_before(until, months - 1));
    put_day(out->before_month_from, month_before(until, 2 * months - 1));
    make_buckets(out, from, until);
}

size_t period_bucket(const struct period *period, const char *day) {
    size_t i = 0;
    while (i < period->nbuckets && !text_equal(period->buckets[i], day))
        i++;
    return i;
}

/* Text with a sign and no more digits than are worth reading: one decimal below ten, unless it is a
 * zero. */
static void put_change(struct change *change, double by, const char *unit) {
    double tenths = round(fmin(fabs(by), 1e9) * 10);
    bool whole = tenths >= 100 || fmod(tenths, 10) == 0;
    (void)snprintf(change->text, sizeof change->text, "%s%.*f%s", by < 0 ? "\u2212" : "+",
                   whole ? 0 : 1, tenths / 10, unit);
}

static struct change change_of(double by, const char *unit) {
    struct change change = {.trend = by < 0 ? TREND_DOWN : TREND_UP};
    if (fabs(by) < 0.05)
        return (struct change){.trend = TREND_SAME};
    put_change(&change, by, unit);
    return change;
}

struct change change_in_percent(double now, double before) {
    if (before > 0)
        return change_of((now - before) / before * 100, "%");
    return (struct change){.trend = now > 0 ? TREND_NEW : TREND_NONE};
}

struct change change_in_points(double now, double before) {
    if (now < 0 || before < 0)
        return (struct change){.trend = TREND_NONE};
    return change_of((now - before) * 100, "");
}

double conversion_of(long won, long lost) {
    return won + lost > 0 ? (double)won / (double)(won + lost) : -1;
}

/* How far beyond its patience a lead is, in per cent: what makes it urgent. */
static long urgency(const struct waiting_lead *lead) {
    return lead->days * 100 / lead->patience;
}

static void put(struct duty out[DUTIES_MAX], size_t *n, enum duty_kind kind, size_t row) {
    if (*n < DUTIES_MAX)
        out[(*n)++] = (struct duty){.kind = kind, .row = row};
}

/* The waiting lead that comes next after the one that was put last; NULL: nobody has waited too
 * long. */
static const struct waiting_lead *next_lead(const struct duty_facts *facts,
                                            const struct waiting_lead *last) {
    const struct waiting_lead *next = NULL;
    for (size_t i = 0; i < facts->nwaiting; i++) {
        const struct waiting_lead *lead = &facts->waiting[i];
        bool later = !last || urgency(lead) < urgency(last) ||
                     (urgency(lead) == urgency(last) && lead > last);
        if (lead->days >= lead->patience && later && (!next || urgency(lead) > urgency(next)))
            next = lead;
    }
    return next;
}

size_t duties_find(const struct duty_facts *facts, struct duty out[DUTIES_MAX]) {
    size_t n = 0;
    bool profile = facts->may_write_profile && facts->profile_incomplete;
    bool licence =
        facts->may_write_profile && facts->licence_known && facts->licence_days <= LICENCE_NOTICE;
    /* The agenda takes no place from what comes once, and leads take what is then left. */
    size_t once = (size_t)facts->course_unfinished + (size_t)profile;
    if (facts->may_write_leads && facts->leads == 0)
        put(out, &n, DUTY_FIRST_LEAD, 0);
    for (size_t i = 0;
         i < facts->nagenda && i < AGENDA_DUTIES_MAX && n + once + (size_t)licence < DUTIES_MAX;
         i++)
        put(out, &n, DUTY_AGENDA, i);
    if (licence)
        put(out, &n, DUTY_LICENCE, 0);
    const struct waiting_lead *lead = facts->may_write_leads ? next_lead(facts, NULL) : NULL;
    for (; lead && n + once < DUTIES_MAX; lead = next_lead(facts, lead))
        put(out, &n, DUTY_LEAD, lead->row);
    if (facts->course_unfinished)
        put(out, &n, DUTY_COURSE, 0);
    if (profile)
        put(out, &n, DUTY_PROFILE, 0);
    return n;
}
