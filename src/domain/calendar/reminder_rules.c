#include "domain/calendar/reminder_rules.h"

#include "core/i18n.h"
#include "core/text.h"

static const struct {
    const char *field, *sentence;
} refusals[] = {
    [REMINDER_OK] = {NULL, NULL},
    [REMINDER_NO_DATE] = {"date", N_("Choose the day.")},
    [REMINDER_PAST] = {"date", N_("This time has passed. Choose a later one.")},
    [REMINDER_TOO_FAR] = {"date", N_("Choose a day within the next two years.")},
    [REMINDER_SKIPPED] = {"time",
                          N_("Clocks go forward over this hour that day. Choose another one.")},
    [REMINDER_NO_WAY] = {"when", N_("Choose one of the listed times.")},
};

static enum reminder_verdict judge_exact(const struct reminder_wish *wish, const char *zone,
                                         time_t *due) {
    if (wish->date == NULL)
        return REMINDER_NO_DATE;
    switch (when_instant(wish->date, wish->time != NULL ? wish->time : "09:00", zone, due)) {
    case WHEN_OK:
        return REMINDER_OK;
    case WHEN_SKIPPED:
        return REMINDER_SKIPPED;
    case WHEN_NO_ZONE:
    case WHEN_UNREADABLE:
        break;
    }
    return REMINDER_NO_WAY;
}

enum reminder_verdict reminder_judge(const struct reminder_wish *wish, const char *zone, time_t now,
                                     time_t *due) {
    enum when_quick quick;
    if (when_quick_find(wish->when, &quick))
        return when_quick_at(quick, now, zone, due) ? REMINDER_OK : REMINDER_NO_WAY;
    if (!text_equal(wish->when, "exact"))
        return REMINDER_NO_WAY;
    enum reminder_verdict verdict = judge_exact(wish, zone, due);
    if (verdict != REMINDER_OK)
        return verdict;
    if (*due <= now)
        return REMINDER_PAST;
    return *due - now > REMINDER_FARTHEST * (time_t)86400 ? REMINDER_TOO_FAR : REMINDER_OK;
}

const char *reminder_verdict_field(enum reminder_verdict verdict) {
    return refusals[verdict].field;
}

const char *reminder_verdict_sentence(enum reminder_verdict verdict) {
    return refusals[verdict].sentence;
}
