#include "domain/calendar/appointment_rules.h"

#include "core/i18n.h"
#include "core/text.h"

static const struct {
    const char *field, *sentence;
} refusals[] = {
    [APPOINTMENT_OK] = {NULL, NULL},
    [APPOINTMENT_UNKNOWN] = {NULL, NULL},
    [APPOINTMENT_PAST] = {"date", N_("This time has passed. Choose a later one.")},
    [APPOINTMENT_TOO_FAR] = {"date", N_("Choose a day within the next two years.")},
    [APPOINTMENT_ENDS_FIRST] = {"until", N_("It ends before it begins. Choose a later end.")},
    [APPOINTMENT_START_SKIPPED] =
        {"from", N_("Clocks go forward over this hour that day. Choose another one.")},
    [APPOINTMENT_END_SKIPPED] =
        {"until", N_("Clocks go forward over this hour that day. Choose another one.")},
    [APPOINTMENT_NO_ZONE] = {"timezone", N_("Choose one of the listed time zones.")},
};

enum appointment_verdict appointment_judge(const struct appointment_wish *wish, time_t now,
                                           time_t *starts, time_t *ends) {
    enum when_verdict start = when_instant(wish->date, wish->from, wish->zone, starts);
    enum when_verdict end = when_instant(wish->date, wish->until, wish->zone, ends);
    if (start == WHEN_UNREADABLE || end == WHEN_UNREADABLE)
        return APPOINTMENT_UNKNOWN;
    if (start == WHEN_NO_ZONE)
        return APPOINTMENT_NO_ZONE;
    if (start == WHEN_SKIPPED)
        return APPOINTMENT_START_SKIPPED;
    if (end == WHEN_SKIPPED)
        return APPOINTMENT_END_SKIPPED;
    if (*ends <= *starts)
        return APPOINTMENT_ENDS_FIRST;
    if (*starts <= now)
        return APPOINTMENT_PAST;
    return *starts - now > APPOINTMENT_FARTHEST * (time_t)86400 ? APPOINTMENT_TOO_FAR
                                                                : APPOINTMENT_OK;
}

const char *appointment_verdict_field(enum appointment_verdict verdict) {
    return refusals[verdict].field;
}

const char *appointment_verdict_sentence(enum appointment_verdict verdict) {
    return refusals[verdict].sentence;
}

bool appointment_changeable(const char *status, time_t ends, time_t now) {
    return text_equal(status, "planned") && ends > now;
}
