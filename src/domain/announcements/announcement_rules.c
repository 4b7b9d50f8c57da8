#include "domain/announcements/announcement_rules.h"

#include "core/i18n.h"
#include "domain/calendar/when_rules.h"
#include <stddef.h>

static const struct {
    const char *field, *sentence;
} refusals[] = {
    [ANNOUNCEMENT_OK] = {NULL, NULL},
    [ANNOUNCEMENT_FOR_NOBODY] = {"to_partners",
                                 N_("Choose partners, staff or both: somebody has to read it.")},
    [ANNOUNCEMENT_PAST] =
        {"publish_on", N_("This time has passed. Choose a later one, or none to publish at once.")},
    [ANNOUNCEMENT_TOO_FAR] = {"publish_on", N_("Choose a day within the next two years.")},
    [ANNOUNCEMENT_SKIPPED] = {"publish_time",
                              N_("Clocks go forward over this hour that day. Choose another one.")},
    [ANNOUNCEMENT_HOUR_ALONE] = {"publish_on", N_("Choose the day that this hour is on.")},
    [ANNOUNCEMENT_ENDS_FIRST] = {"expires_on",
                                 N_("It would end before it comes out. Choose a later day.")},
    [ANNOUNCEMENT_NO_ZONE] = {NULL, N_("Choose a time zone in your account first.")},
};

static enum announcement_verdict judge_publish(const struct announcement_wish *wish, time_t now,
                                               time_t *publish) {
    if (wish->publish_on == NULL)
        return wish->publish_time == NULL ? ANNOUNCEMENT_OK : ANNOUNCEMENT_HOUR_ALONE;
    switch (when_instant(wish->publish_on,
                         wish->publish_time != NULL ? wish->publish_time : "09:00", wish->zone,
                         publish)) {
    case WHEN_OK:
        break;
    case WHEN_SKIPPED:
        return ANNOUNCEMENT_SKIPPED;
    case WHEN_NO_ZONE:
    case WHEN_UNREADABLE:
        return ANNOUNCEMENT_NO_ZONE;
    }
    if (*publish <= now)
        return ANNOUNCEMENT_PAST;
    return *publish - now > ANNOUNCEMENT_FARTHEST * (time_t)86400 ? ANNOUNCEMENT_TOO_FAR
                                                                  : ANNOUNCEMENT_OK;
}

/* The minute after 23:59, which where clocks change at midnight is an hour earlier or later. */
static enum announcement_verdict judge_end(const struct announcement_wish *wish, time_t from,
                                           time_t *expires) {
    if (wish->expires_on == NULL)
        return ANNOUNCEMENT_OK;
    enum when_verdict last = when_instant(wish->expires_on, "23:59", wish->zone, expires);
    if (last == WHEN_NO_ZONE || last == WHEN_UNREADABLE)
        return ANNOUNCEMENT_NO_ZONE;
    *expires += 60;
    return *expires <= from ? ANNOUNCEMENT_ENDS_FIRST : ANNOUNCEMENT_OK;
}

enum announcement_verdict announcement_judge(const struct announcement_wish *wish, time_t now,
                                             time_t *publish, time_t *expires) {
    *publish = *expires = 0;
    if (!wish->out) {
        if (!wish->to_partners && !wish->to_staff)
            return ANNOUNCEMENT_FOR_NOBODY;
        enum announcement_verdict verdict = judge_publish(wish, now, publish);
        if (verdict != ANNOUNCEMENT_OK)
            return verdict;
    }
    return judge_end(wish, *publish > now ? *publish : now, expires);
}

const char *announcement_verdict_field(enum announcement_verdict verdict) {
    return refusals[verdict].field;
}

const char *announcement_verdict_sentence(enum announcement_verdict verdict) {
    return refusals[verdict].sentence;
}
