#include "app/supervisor_parts.h"
#include "core/log.h"
#include <signal.h>

static size_t count_empty(const struct supervisor *supervisor, const struct supervisor_pool *pool) {
    size_t count = 0;
    for (size_t i = 0; i < supervisor->nplaces; i++) {
        const struct place *place = &supervisor->places[i];
        count += place->pool == pool && place->state == PLACE_EMPTY;
    }
    return count;
}

/* False while the workers of an earlier reload have not left yet. */
static bool reload_begin(struct supervisor *supervisor) {
    for (size_t i = 0; i < supervisor->npools; i++) {
        if (count_empty(supervisor, &supervisor->pools[i]) < supervisor->pools[i].workers)
            return false;
    }
    supervisor_notify("RELOADING=1");
    supervisor->generation++;
    log_event(LOG_INFO, "reload", "generation", "%u", supervisor->generation, NULL);
    for (size_t i = 0; i < supervisor->npools; i++) {
        size_t wanted = supervisor->pools[i].workers;
        for (size_t j = 0; j < supervisor->nplaces && wanted > 0; j++) {
            struct place *place = &supervisor->places[j];
            if (place->pool != &supervisor->pools[i] || place->state != PLACE_EMPTY)
                continue;
            place->role = ROLE_FRESH;
            place->failures = 0;
            place_start(supervisor, place);
            wanted--;
        }
    }
    return true;
}

static void retire(struct supervisor *supervisor, struct place *place) {
    if (place->state == PLACE_RUNNING) {
        place->role = ROLE_RETIRED;
        kill(place->pid, SIGHUP);
    } else if (place->state == PLACE_WAITING) {
        place_empty(supervisor, place);
    }
}

static void reload_end(struct supervisor *supervisor, bool done) {
    supervisor->reloading = false;
    scoreboard_reloaded(supervisor->board, done);
    supervisor_notify("READY=1");
}

void reload_fail(struct supervisor *supervisor) {
    if (!supervisor->reloading)
        return;
    for (size_t i = 0; i < supervisor->nplaces; i++) {
        if (supervisor->places[i].role == ROLE_FRESH)
            retire(supervisor, &supervisor->places[i]);
    }
    log_event(LOG_ERROR, "reload_failed", "why", "%s",
              "a new worker ended before it was ready; the old ones go on", NULL);
    reload_end(supervisor, false);
}

static void reload_commit(struct supervisor *supervisor) {
    for (size_t i = 0; i < supervisor->nplaces; i++) {
        struct place *place = &supervisor->places[i];
        if (place->role == ROLE_FRESH) {
            place->role = ROLE_CURRENT;
        } else if (place->role == ROLE_CURRENT && place->state != PLACE_EMPTY) {
            scoreboard_restarted(scoreboard_slot(supervisor->board, place->number),
                                 WORKER_RELOADED);
            retire(supervisor, place);
        }
    }
    log_event(LOG_INFO, "reload_done", "generation", "%u", supervisor->generation, NULL);
    reload_end(supervisor, true);
}

void reload_step(struct supervisor *supervisor) {
    if (supervisor->stopping)
        return;
    if (supervisor->reload_wanted && !supervisor->reloading) {
        supervisor->reloading = reload_begin(supervisor);
        supervisor->reload_wanted = !supervisor->reloading;
        return;
    }
    if (!supervisor->reloading)
        return;
    for (size_t i = 0; i < supervisor->nplaces; i++) {
        const struct place *place = &supervisor->places[i];
        if (place->role == ROLE_FRESH && place->state != PLACE_EMPTY &&
            !place_ready(supervisor, place))
            return;
    }
    reload_commit(supervisor);
}
